/*
 * The functions of WASI 0.2 as a core module sees them (the lowered canonical ABI): handles are
 * int32_t, strings and lists are pointer and size, and what does not fit one result comes back
 * through the last pointer. Names are interface, resource, function.
 */
#ifndef BANDSTAND_WASI_H
#define BANDSTAND_WASI_H

#include <stdint.h>

#define WASI_IMPORT(module, name) __attribute__((import_module(module), import_name(name))) extern

#define WASI_IO(name) WASI_IMPORT("wasi:io/streams@0.2.0", name)
WASI_IO("[method]input-stream.read") void wasi_input_read(int32_t stream, int64_t size, void *result);
WASI_IO("[method]input-stream.blocking-read") void wasi_input_blocking_read(int32_t stream, int64_t size, void *result);
WASI_IO("[method]input-stream.subscribe") int32_t wasi_input_subscribe(int32_t stream);
WASI_IO("[resource-drop]input-stream") void wasi_input_drop(int32_t stream);
WASI_IO("[method]output-stream.check-write") void wasi_output_check_write(int32_t stream, void *result);
WASI_IO("[method]output-stream.write") void wasi_output_write(int32_t stream, const void *data, uint32_t size, void *result);
WASI_IO("[method]output-stream.blocking-flush") void wasi_output_blocking_flush(int32_t stream, void *result);
WASI_IO("[method]output-stream.splice") void wasi_output_splice(int32_t stream, int32_t source, int64_t size, void *result);
WASI_IO("[method]output-stream.blocking-splice") void wasi_output_blocking_splice(int32_t stream, int32_t source, int64_t size, void *result);
WASI_IO("[method]output-stream.subscribe") int32_t wasi_output_subscribe(int32_t stream);
WASI_IO("[resource-drop]output-stream") void wasi_output_drop(int32_t stream);

WASI_IMPORT("wasi:io/error@0.2.0", "[resource-drop]error") void wasi_error_drop(int32_t error);

#define WASI_POLL(name) WASI_IMPORT("wasi:io/poll@0.2.0", name)
WASI_POLL("poll") void wasi_poll(const int32_t *pollables, uint32_t count, void *result);
WASI_POLL("[method]pollable.block") void wasi_pollable_block(int32_t pollable);
WASI_POLL("[resource-drop]pollable") void wasi_pollable_drop(int32_t pollable);

#define WASI_HTTP(name) WASI_IMPORT("wasi:http/types@0.2.0", name)
WASI_HTTP("[constructor]fields") int32_t wasi_fields_new(void);
WASI_HTTP("[method]fields.get") void wasi_fields_get(int32_t fields, const char *name, uint32_t size, void *result);
WASI_HTTP("[method]fields.set") void wasi_fields_set(int32_t fields, const char *name, uint32_t size, const void *values, uint32_t count, void *result);
WASI_HTTP("[method]fields.append") void wasi_fields_append(int32_t fields, const char *name, uint32_t size, const char *value, uint32_t value_size, void *result);
WASI_HTTP("[method]fields.delete") void wasi_fields_delete(int32_t fields, const char *name, uint32_t size, void *result);
WASI_HTTP("[method]fields.entries") void wasi_fields_entries(int32_t fields, void *result);
WASI_HTTP("[method]fields.clone") int32_t wasi_fields_clone(int32_t fields);
WASI_HTTP("[resource-drop]fields") void wasi_fields_drop(int32_t fields);

WASI_HTTP("[method]incoming-request.method") void wasi_request_method(int32_t request, void *result);
WASI_HTTP("[method]incoming-request.path-with-query") void wasi_request_target(int32_t request, void *result);
WASI_HTTP("[method]incoming-request.scheme") void wasi_request_scheme(int32_t request, void *result);
WASI_HTTP("[method]incoming-request.authority") void wasi_request_authority(int32_t request, void *result);
WASI_HTTP("[method]incoming-request.headers") int32_t wasi_request_headers(int32_t request);
WASI_HTTP("[method]incoming-request.consume") void wasi_request_consume(int32_t request, void *result);
WASI_HTTP("[resource-drop]incoming-request") void wasi_request_drop(int32_t request);

WASI_HTTP("[constructor]outgoing-request") int32_t wasi_outgoing_new(int32_t headers);
WASI_HTTP("[method]outgoing-request.body") void wasi_outgoing_body(int32_t request, void *result);
WASI_HTTP("[method]outgoing-request.set-method") int32_t wasi_outgoing_set_method(int32_t request, int32_t method, const char *text, uint32_t size);
WASI_HTTP("[method]outgoing-request.set-path-with-query") int32_t wasi_outgoing_set_target(int32_t request, int32_t some, const char *text, uint32_t size);
WASI_HTTP("[method]outgoing-request.set-scheme") int32_t wasi_outgoing_set_scheme(int32_t request, int32_t some, int32_t scheme, const char *text, uint32_t size);
WASI_HTTP("[method]outgoing-request.set-authority") int32_t wasi_outgoing_set_authority(int32_t request, int32_t some, const char *text, uint32_t size);
WASI_IMPORT("wasi:http/outgoing-handler@0.2.0", "handle") void wasi_outgoing_handle(int32_t request, int32_t some, int32_t options, void *result);

/* The error side of `response` is flattened into the seven parameters after `failed`. */
WASI_HTTP("[static]response-outparam.set") void wasi_outparam_set(int32_t outparam, int32_t failed, int32_t response_or_code, int32_t a, int64_t b, int32_t c, int32_t d, int32_t e, int32_t f);

WASI_HTTP("[constructor]outgoing-response") int32_t wasi_response_new(int32_t headers);
WASI_HTTP("[method]outgoing-response.set-status-code") int32_t wasi_response_set_status(int32_t response, int32_t status);
WASI_HTTP("[method]outgoing-response.body") void wasi_response_body(int32_t response, void *result);

WASI_HTTP("[method]outgoing-body.write") void wasi_outgoing_body_write(int32_t body, void *result);
WASI_HTTP("[static]outgoing-body.finish") void wasi_outgoing_body_finish(int32_t body, int32_t some, int32_t trailers, void *result);
WASI_HTTP("[resource-drop]outgoing-body") void wasi_outgoing_body_drop(int32_t body);

WASI_HTTP("[method]incoming-body.stream") void wasi_incoming_body_stream(int32_t body, void *result);
WASI_HTTP("[resource-drop]incoming-body") void wasi_incoming_body_drop(int32_t body);

WASI_HTTP("[method]future-incoming-response.subscribe") int32_t wasi_future_subscribe(int32_t future);
WASI_HTTP("[method]future-incoming-response.get") void wasi_future_get(int32_t future, void *result);
WASI_HTTP("[resource-drop]future-incoming-response") void wasi_future_drop(int32_t future);
WASI_HTTP("[method]incoming-response.status") int32_t wasi_incoming_status(int32_t response);
WASI_HTTP("[method]incoming-response.headers") int32_t wasi_incoming_headers(int32_t response);
WASI_HTTP("[method]incoming-response.consume") void wasi_incoming_consume(int32_t response, void *result);
WASI_HTTP("[resource-drop]incoming-response") void wasi_incoming_drop(int32_t response);

WASI_IMPORT("wasi:config/store@0.2.0-rc.1", "get") void wasi_config_get(const char *name, uint32_t size, void *result);
WASI_IMPORT("wasi:clocks/wall-clock@0.2.0", "now") void wasi_wall_clock_now(void *result);
WASI_IMPORT("wasi:clocks/monotonic-clock@0.2.0", "subscribe-duration") int32_t wasi_clock_subscribe_duration(int64_t nanoseconds);
WASI_IMPORT("wasi:cli/stderr@0.2.0", "get-stderr") int32_t wasi_stderr(void);

/* The results that come back through a pointer. `failed` is the discriminant: 0 is the good case. */
typedef struct { uint8_t failed; int32_t value; int32_t error; } wasi_result;             /* result<handle or _, …> */
typedef struct { uint8_t failed; uint8_t *data; uint32_t size; } wasi_bytes_result;         /* result<list<u8>, stream-error> */
typedef struct { uint8_t failed; union { uint64_t size; struct { uint8_t kind; int32_t error; } why; }; } wasi_size_result;
typedef struct { uint8_t some; const char *data; uint32_t size; } wasi_optional_text;
typedef struct { void *data; uint32_t size; } wasi_list;
/* result<_ or handle, error-code>: the payload is aligned to 8 bytes. */
typedef struct { uint8_t failed; int32_t padding; union { int32_t value; uint64_t room[4]; }; } wasi_http_result;
/* option<result<result<incoming-response, error-code>>> */
typedef struct { uint8_t some; uint64_t taken; uint64_t failed; union { int32_t value; uint64_t room[4]; }; } wasi_future_result;

/* Inside of the SDK: memory that the host took between the two is free again. */
void *bandstand_mark(void);
void bandstand_rewind(void *mark);
/* Inside of the SDK: the other one where this is no status. */
void bandstand_set_status(int32_t response, int status, int otherwise);

#endif
