/* To the next stage or another host, and what comes back: bodies stream in both directions at once. */
#include "bandstand.h"
#include "wasi.h"
#include <string.h>

enum { METHOD_GET = 0, METHOD_HEAD = 1, METHOD_OTHER = 9, SCHEME_HTTP = 0, SCHEME_HTTPS = 1 };

/* What a new response has. */
enum { STATUS_NEW = 200 };

/* Moves what can move now. Answers the pollable to wait for, or 0 at the end. */
static int32_t pump_step(bs_pump *pump);
static void pump_close(bs_pump *pump, bool whole);

static bool ended(uint8_t kind, int32_t error) {
  if (kind == 0) wasi_error_drop(error);
  return kind == 1;
}

static bool open_source(const wasi_result *consumed, bs_pump *pump) {
  wasi_result stream;
  if (consumed->failed) return false;
  wasi_incoming_body_stream(consumed->value, &stream);
  if (stream.failed) {
    wasi_incoming_body_drop(consumed->value);
    return false;
  }
  pump->in_body = consumed->value;
  pump->in = stream.value;
  return true;
}

static bool open_sink(const wasi_result *body, bs_pump *pump) {
  wasi_result stream;
  wasi_outgoing_body_write(body->value, &stream);
  pump->out_body = body->value;
  pump->out = stream.value;
  return !stream.failed;
}

static void pump_close(bs_pump *pump, bool whole) {
  wasi_http_result ignored;
  if (pump->in_body == 0) return;
  wasi_input_drop(pump->in);
  wasi_incoming_body_drop(pump->in_body);
  wasi_output_drop(pump->out);
  /* A body that did not come to its end is dropped, not finished: the reader must see that it is cut. */
  if (whole) wasi_outgoing_body_finish(pump->out_body, 0, 0, &ignored);
  else wasi_outgoing_body_drop(pump->out_body);
  pump->in_body = 0;
}

static int32_t pump_step(bs_pump *pump) {
  wasi_size_result size;
  wasi_result written;
  if (pump->in_body == 0) return 0;
  /* Some rounds at a time, so that a fast sender does not starve the other direction. */
  for (int round = 0; round < 32; round++) {
    wasi_output_check_write(pump->out, &size);
    if (size.failed) {
      ended(size.why.kind, size.why.error);
      pump_close(pump, false);
      return 0;
    }
    if (size.size == 0) break;
    if (pump->first.size > 0) {
      uint32_t part = size.size < pump->first.size ? (uint32_t)size.size : pump->first.size;
      wasi_output_write(pump->out, pump->first.data, part, &written);
      /* An error shows again, and is handled, at the next check. */
      if (written.failed) ended((uint8_t)written.value, written.error);
      pump->first.data += part;
      pump->first.size -= part;
      continue;
    }
    wasi_output_splice(pump->out, pump->in, size.size < 65536 ? (int64_t)size.size : 65536, &size);
    if (size.failed) {
      pump_close(pump, ended(size.why.kind, size.why.error));
      return 0;
    }
    if (size.size == 0) return wasi_input_subscribe(pump->in);
  }
  return wasi_output_subscribe(pump->out);
}

/* All that is left, where there is nothing else to wait for: a host that can moves it without coming back in between. */
static void pump_rest(bs_pump *pump) {
  wasi_size_result size;
  do wasi_output_blocking_splice(pump->out, pump->in, -1, &size);
  while (!size.failed);
  pump_close(pump, ended(size.why.kind, size.why.error));
}

/* Waits for either of two pollables (0: none) and gives both back. */
static void wait_for(int32_t one, int32_t other) {
  int32_t both[2] = {one != 0 ? one : other, other};
  wasi_list ready;
  if (both[0] == 0) return;
  void *mark = bandstand_mark();
  wasi_poll(both, one != 0 && other != 0 ? 2 : 1, &ready);
  bandstand_rewind(mark);
  if (one != 0) wasi_pollable_drop(one);
  if (other != 0) wasi_pollable_drop(other);
}

static bool send(int32_t outgoing, bs_response *response) {
  wasi_http_result sent;
  wasi_future_result answer;
  bs_pump *upload = &response->upload;
  wasi_outgoing_handle(outgoing, 0, 0, &sent);
  if (sent.failed) {
    pump_close(upload, false);
    return false;
  }
  wasi_future_get(sent.value, &answer);
  while (!answer.some) {
    int32_t pending = pump_step(upload);
    wait_for(wasi_future_subscribe(sent.value), pending);
    wasi_future_get(sent.value, &answer);
  }
  wasi_future_drop(sent.value);
  if ((uint8_t)answer.taken != 0 || (uint8_t)answer.failed != 0) {
    pump_close(upload, false);
    return false;
  }
  response->handle = answer.value;
  return true;
}

/* Answers the kind of the method. */
static uint8_t set_method(int32_t outgoing, bs_request request) {
  struct { uint8_t kind; bs_text other; } method;
  wasi_request_method(request.handle, &method);
  /* What a new request has anyway. */
  if (method.kind == METHOD_GET) return METHOD_GET;
  bool other = method.kind == METHOD_OTHER;
  wasi_outgoing_set_method(outgoing, method.kind, other ? method.other.data : "", other ? method.other.size : 0);
  return method.kind;
}

bool bs_next(bs_request request, bs_headers headers, bs_response *response) {
  static const bs_text next = BS_TEXT("next.bandstand.internal");
  wasi_result consumed, sink;
  wasi_bytes_result piece;
  bs_text target = bs_request_target(request);
  int32_t outgoing = wasi_outgoing_new(headers.handle);
  memset(response, 0, sizeof *response);
  /* No scheme: the next stage sees that of the request in hand. */
  response->headless = set_method(outgoing, request) == METHOD_HEAD;
  response->is_next = true;
  wasi_outgoing_set_target(outgoing, 1, target.data, target.size);
  wasi_outgoing_set_authority(outgoing, 1, next.data, next.size);
  wasi_request_consume(request.handle, &consumed);
  bs_pump *upload = &response->upload;
  if (!open_source(&consumed, upload)) return send(outgoing, response);
  /* A request without a body must go on without one: an empty body would be framed. */
  wasi_input_read(upload->in, 65536, &piece);
  if (piece.failed) {
    ended((uint8_t)(uintptr_t)piece.data, (int32_t)piece.size);
    wasi_input_drop(upload->in);
    wasi_incoming_body_drop(upload->in_body);
    upload->in_body = 0;
    return send(outgoing, response);
  }
  upload->first = (bs_text){(char *)piece.data, piece.size};
  wasi_outgoing_body(outgoing, &sink);
  return open_sink(&sink, upload) && send(outgoing, response);
}

bool bs_fetch(bs_text url, bs_response *response) {
  bool secure = url.size > 8 && memcmp(url.data, "https://", 8) == 0;
  uint32_t start = secure ? 8 : 7, slash = start;
  memset(response, 0, sizeof *response);
  if (url.size <= start) return false;
  while (slash < url.size && url.data[slash] != '/') slash++;
  int32_t outgoing = wasi_outgoing_new(wasi_fields_new());
  bool all = slash == url.size;
  wasi_outgoing_set_target(outgoing, 1, all ? "/" : url.data + slash, all ? 1 : url.size - slash);
  wasi_outgoing_set_scheme(outgoing, 1, secure ? SCHEME_HTTPS : SCHEME_HTTP, "", 0);
  wasi_outgoing_set_authority(outgoing, 1, url.data + start, slash - start);
  return send(outgoing, response);
}

int bs_response_status(const bs_response *response) { return wasi_incoming_status(response->handle); }

bs_headers bs_response_headers(const bs_response *response) {
  int32_t fixed = wasi_incoming_headers(response->handle);
  bs_headers copy = {wasi_fields_clone(fixed)};
  wasi_fields_drop(fixed);
  return copy;
}

void bs_answer_with(bs_request request, bs_response *response, int status, bs_headers headers) {
  wasi_result consumed, sink;
  bs_pump download = {0};
  bool asked_head = response->is_next ? response->headless : bs_text_equal(bs_request_method(request), BS_TEXT("HEAD"));
  bool headless = asked_head || status == 204 || status == 304;
  wasi_incoming_consume(response->handle, &consumed);
  bool body = open_source(&consumed, &download) && !headless;
  wasi_incoming_drop(response->handle);
  wasi_request_drop(request.handle);
  int32_t outgoing = wasi_response_new(headers.handle);
  if (status != STATUS_NEW) bandstand_set_status(outgoing, status, 502);
  if (body) wasi_response_body(outgoing, &sink), open_sink(&sink, &download);
  /* The head goes out before the body: whoever reads the body has to be there to make room. */
  wasi_outparam_set(request.outparam, 0, outgoing, 0, 0, 0, 0, 0, 0);
  if (body && response->upload.in_body == 0) {
    pump_rest(&download);
  } else if (body) {
    for (int32_t down = pump_step(&download); down != 0; down = pump_step(&download)) {
      int32_t up = pump_step(&response->upload);
      if (up != 0) {
        wait_for(down, up);
        continue;
      }
      wasi_pollable_drop(down);
      pump_rest(&download);
      break;
    }
  } else if (download.in_body != 0) {
    wasi_input_drop(download.in);
    wasi_incoming_body_drop(download.in_body);
  }
  pump_close(&response->upload, false);
}
