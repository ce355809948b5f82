// The lowered asynchronous ABI of WASI 0.3's world `middleware`, as far as the guests here use it.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))
#define TYPES "wasi:http/types@0.3.0"
#define HANDLER "wasi:http/handler@0.3.0"

// Answers of calls that do not wait.
#define BLOCKED (-1)
enum { COMPLETED = 0, DROPPED = 1, CANCELLED = 2 };
enum { EVENT_NONE = 0, EVENT_SUBTASK = 1, EVENT_STREAM_READ = 2, EVENT_STREAM_WRITE = 3, EVENT_FUTURE_READ = 4,
       EVENT_FUTURE_WRITE = 5, EVENT_CANCELLED = 6 };
// What the handler and its callback answer.
#define EXIT 0
#define YIELD 1
#define WAIT(set) (2 | (set) << 4)

IMPORT("$root", "[waitable-set-new]") int set_new(void);
IMPORT("$root", "[waitable-set-drop]") void set_drop(int set);
IMPORT("$root", "[waitable-join]") void set_join(int waitable, int set);
IMPORT("$root", "[subtask-drop]") void subtask_drop(int subtask);
IMPORT("$root", "[subtask-cancel]") int subtask_cancel(int subtask);
IMPORT("$root", "[context-get-0]") int context_get(void);
IMPORT("$root", "[context-set-0]") void context_set(int value);

IMPORT(TYPES, "[constructor]fields") int fields_new(void);
IMPORT(TYPES, "[method]fields.append")
void fields_append(int fields, const char *name, int name_size, const char *value, int value_size, void *result);
IMPORT(TYPES, "[method]fields.clone") int fields_clone(int fields);
IMPORT(TYPES, "[resource-drop]fields") void fields_drop(int fields);

IMPORT(TYPES, "[resource-drop]request") void request_drop(int request);
IMPORT(TYPES, "[method]request.get-path-with-query") void request_path(int request, void *result);
IMPORT(TYPES, "[method]request.get-headers") int request_headers(int request);
IMPORT(TYPES, "[static]request.consume-body") void request_consume(int request, int sent, int *result);
IMPORT(TYPES, "[future-new-0][static]request.consume-body") int64_t request_sent_new(void);
IMPORT(TYPES, "[async-lower][future-write-0][static]request.consume-body") int request_sent_write(int, const void *);
IMPORT(TYPES, "[future-drop-writable-0][static]request.consume-body") void request_sent_drop(int);
IMPORT(TYPES, "[async-lower][stream-read-1][static]request.consume-body") int body_read(int, void *, int size);
IMPORT(TYPES, "[stream-cancel-read-1][static]request.consume-body") int body_cancel(int);
IMPORT(TYPES, "[stream-drop-readable-1][static]request.consume-body") void body_drop(int);
IMPORT(TYPES, "[async-lower][future-read-2][static]request.consume-body") int trailers_read(int, void *result);
IMPORT(TYPES, "[future-drop-readable-2][static]request.consume-body") void trailers_drop(int);
IMPORT(TYPES, "[static]request.new")
void request_new(int headers, int some, int body, int trailers, int has_options, int options, int *result);
IMPORT(TYPES, "[method]request.set-path-with-query") int request_set_path(int, int some, const char *, int size);

IMPORT(TYPES, "[static]response.new") void response_new(int headers, int some, int body, int trailers, int *result);
IMPORT(TYPES, "[method]response.set-status-code") int response_set_status(int response, int status);
IMPORT(TYPES, "[method]response.get-status-code") int response_status(int response);
IMPORT(TYPES, "[method]response.get-headers") int response_headers(int response);
IMPORT(TYPES, "[static]response.consume-body") void response_consume(int response, int sent, int *result);
IMPORT(TYPES, "[stream-new-0][static]response.new") int64_t stream_new(void);
IMPORT(TYPES, "[async-lower][stream-write-0][static]response.new") int stream_write(int, const void *, int size);
IMPORT(TYPES, "[stream-drop-writable-0][static]response.new") void stream_drop(int);
IMPORT(TYPES, "[future-new-1][static]response.new") int64_t future_new(void);
IMPORT(TYPES, "[async-lower][future-write-1][static]response.new") int future_write(int, const void *);
IMPORT(TYPES, "[future-drop-writable-1][static]response.new") void future_drop(int);
IMPORT(TYPES, "[future-drop-readable-2][static]response.new") void sent_drop(int);
IMPORT(TYPES, "[async-lower][future-read-2][static]response.new") int sent_read(int, void *result);

IMPORT(HANDLER, "[async-lower]handle") int next_handle(int request, void *result);
IMPORT("wasi:clocks/monotonic-clock@0.3.0", "[async-lower]wait-for") int wait_for(uint64_t nanoseconds);
IMPORT("[export]" HANDLER, "[task-return]handle")
void task_return(int is_error, int payload, int some, int64_t pointer, int size, int, int, int);
IMPORT("[export]$root", "[task-cancel]") void task_cancel(void);

#ifndef STACKFUL
EXPORT("[async-lift]" HANDLER "#handle") int handle(int request);
EXPORT("[callback][async-lift]" HANDLER "#handle") int on_event(int event, int handle, int result);
#endif

#define TEXT(text) text, sizeof(text) - 1

/** A `result` with an error-code beside something, as it lies in memory. */
typedef struct {
  uint8_t is_error;
  uint8_t gap[7];
  uint8_t is_some;
  uint8_t gap2[3];
  int handle;
  uint8_t rest[24];
} __attribute__((aligned(8))) result;

static const result ok;

static void add_header(int fields, const char *name, int name_size, const char *value, int value_size) {
  uint8_t failure[20] __attribute__((aligned(4)));
  fields_append(fields, name, name_size, value, value_size, failure);
}

static void answer(int response) { task_return(0, response, 0, 0, 0, 0, 0, 0); }

/** A future that says that a body was read. */
static int read_well(void) {
  int64_t both = request_sent_new();
  return (int)both;
}

static int answer_trailers(int trailers, int set) {
  if (future_write(trailers, &ok) == BLOCKED) {
    if (set == 0) set = set_new();
    set_join(trailers, set);
    context_set(set << 16 | trailers);
    return WAIT(set);
  }
  future_drop(trailers);
  return EXIT;
}

/** Answers with a body that is complete; answers what the handler or its callback has to. */
__attribute__((unused)) static int answer_now(int status, int headers, const char *body, int size) {
  int made[2];
  int64_t stream = stream_new(), trailers = future_new();
  int out = stream >> 32, end = trailers >> 32;
  response_new(headers, 1, (int)stream, (int)trailers, made);
  if (status != 200) response_set_status(made[0], status);
  sent_drop(made[1]);
  answer(made[0]);
  if (stream_write(out, body, size) == BLOCKED) {
    int set = set_new();
    set_join(out, set);
    context_set(set << 16 | end);
    return WAIT(set);
  }
  stream_drop(out);
  return answer_trailers(end, 0);
}

/** An event of an answer that had to wait. */
__attribute__((unused)) static int answer_event(int event, int handle) {
  int set = context_get() >> 16, end = context_get() & 0xffff;
  if (event == EVENT_STREAM_WRITE) {
    stream_drop(handle);
    return answer_trailers(end, set);
  }
  if (event != EVENT_FUTURE_WRITE) __builtin_trap();
  future_drop(handle);
  return EXIT;
}

static char heap[32 << 10];
static int heap_used;

EXPORT("cabi_realloc") void *cabi_realloc(void *old, int old_size, int align, int size) {
  heap_used = (heap_used + align - 1) & -align;
  if (heap_used + size > (int)sizeof heap) heap_used = 0;
  void *found = heap + heap_used;
  heap_used += size;
  return found;
}
