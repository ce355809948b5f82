/*
 * The SDK of Bandstand for components in C. Write one function:
 *
 *   #include <bandstand.h>
 *   void handle(bs_request request) {
 *     bs_answer(request, 200, bs_headers_new(), BS_TEXT("Hello\n"));
 *   }
 *
 * Every text that these functions return lives until `handle` returns; nothing needs to be freed.
 * Headers that are handed to a function belong to it from then on.
 */
#ifndef BANDSTAND_H
#define BANDSTAND_H

#include <stdbool.h>
#include <stdint.h>

/** Bytes with their number: not terminated, not checked to be UTF-8. */
typedef struct { const char *data; uint32_t size; } bs_text;
#define BS_TEXT(literal) ((bs_text){(literal), sizeof(literal) - 1})

typedef struct { int32_t handle, outparam; } bs_request;
typedef struct { int32_t handle; } bs_headers;
typedef struct { bs_text name, value; } bs_header;
/** A body that is written piece by piece. */
typedef struct { int32_t body, stream; } bs_writer;
/** Bytes on their way from one side to the other. */
typedef struct { int32_t in_body, in, out_body, out; bs_text first; } bs_pump;
/** What came back from the next stage or from a fetch; `upload` may still be on its way. `headless`: the next stage was asked by HEAD. */
typedef struct { int32_t handle; bs_pump upload; bool is_next, headless; } bs_response;

/** The author's function: answers the request, or passes it on and answers with what came back. */
void handle(bs_request request);

/* ---- the request ---- */
bs_text bs_request_method(bs_request request);
/** Path and query as they came: `/orders?page=2`. */
bs_text bs_request_target(bs_request request);
bs_text bs_request_authority(bs_request request);
/** The first value of a header; false where it is missing. */
bool bs_request_header(bs_request request, bs_text name, bs_text *value);
/** A copy of the headers that may be changed. */
bs_headers bs_request_headers(bs_request request);
/** The whole body; false where it is larger than `limit` bytes or broke off. */
bool bs_request_body(bs_request request, uint32_t limit, bs_text *body);

/* ---- headers ---- */
bs_headers bs_headers_new(void);
bool bs_headers_get(bs_headers headers, bs_text name, bs_text *value);
/** Replaces all values. False where the name or value is not allowed. */
bool bs_headers_set(bs_headers headers, bs_text name, bs_text value);
bool bs_headers_append(bs_headers headers, bs_text name, bs_text value);
bool bs_headers_delete(bs_headers headers, bs_text name);
/** For headers that were handed to no function; needed only where an instance serves many requests. */
void bs_headers_drop(bs_headers headers);
/** All of them in order; answers their number. */
uint32_t bs_headers_all(bs_headers headers, const bs_header **all);

/* ---- the answer: exactly one of these, once ---- */
void bs_answer(bs_request request, int status, bs_headers headers, bs_text body);
/** Like bs_answer for bodies up to 4 KiB, but never waits: a component without waiting calls starts faster. */
void bs_answer_now(bs_request request, int status, bs_headers headers, bs_text body);
/** Sends the head and leaves the body to be written. */
bs_writer bs_answer_start(bs_request request, int status, bs_headers headers);
/** Waits while the reader is slow; false once the reader has gone. */
bool bs_write(bs_writer *writer, bs_text piece);
void bs_finish(bs_writer *writer);
/** Answers with this response's body, streamed in both directions, under a status and headers of your choice. */
void bs_answer_with(bs_request request, bs_response *response, int status, bs_headers headers);

/* ---- onwards ---- */
/** Middleware: the request with these headers and its body to the next stage. False where that failed. */
bool bs_next(bs_request request, bs_headers headers, bs_response *response);
/** GET of a URL (`http://` or `https://`); the host must be listed among the component's capabilities. */
bool bs_fetch(bs_text url, bs_response *response);
int bs_response_status(const bs_response *response);
bs_headers bs_response_headers(const bs_response *response);

/* ---- around it ---- */
bool bs_config(bs_text name, bs_text *value);
/** Seconds since 1970. */
uint64_t bs_now(void);
/** One line to the component's log. */
void bs_log(bs_text line);
bool bs_text_equal(bs_text a, bs_text b);
/** Memory until `handle` returns. */
void *bs_allocate(uint32_t size);

#endif
