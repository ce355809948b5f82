/* Requests, headers and answers. */
#include "bandstand.h"
#include "wasi.h"
#include <string.h>

static const bs_text nothing = {"", 0};
static const bs_text methods[] = {
    BS_TEXT("GET"),     BS_TEXT("HEAD"),    BS_TEXT("POST"),  BS_TEXT("PUT"),   BS_TEXT("DELETE"),
    BS_TEXT("CONNECT"), BS_TEXT("OPTIONS"), BS_TEXT("TRACE"), BS_TEXT("PATCH"),
};

bool bs_text_equal(bs_text a, bs_text b) { return a.size == b.size && memcmp(a.data, b.data, a.size) == 0; }

bs_text bs_request_method(bs_request request) {
  struct { uint8_t kind; bs_text other; } method;
  wasi_request_method(request.handle, &method);
  return method.kind < 9 ? methods[method.kind] : method.other;
}

bs_text bs_request_target(bs_request request) {
  wasi_optional_text target;
  wasi_request_target(request.handle, &target);
  return target.some ? (bs_text){target.data, target.size} : BS_TEXT("/");
}

bs_text bs_request_authority(bs_request request) {
  wasi_optional_text authority;
  wasi_request_authority(request.handle, &authority);
  return authority.some ? (bs_text){authority.data, authority.size} : nothing;
}

bs_headers bs_request_headers(bs_request request) {
  int32_t fixed = wasi_request_headers(request.handle);
  bs_headers copy = {wasi_fields_clone(fixed)};
  wasi_fields_drop(fixed);
  return copy;
}

bool bs_request_header(bs_request request, bs_text name, bs_text *value) {
  bs_headers headers = {wasi_request_headers(request.handle)};
  bool found = bs_headers_get(headers, name, value);
  wasi_fields_drop(headers.handle);
  return found;
}

bool bs_request_body(bs_request request, uint32_t limit, bs_text *whole) {
  wasi_result body, stream;
  wasi_request_consume(request.handle, &body);
  if (body.failed) return false;
  wasi_incoming_body_stream(body.value, &stream);
  uint32_t used = 0, room = 0;
  char *data = NULL;
  bool good = !stream.failed;
  while (good) {
    wasi_bytes_result piece;
    wasi_input_blocking_read(stream.value, 65536, &piece);
    if (piece.failed) {
      good = (uint8_t)(uintptr_t)piece.data == 1; /* closed: the end; anything else: it broke off */
      if (!good) wasi_error_drop((int32_t)piece.size);
      break;
    }
    if (piece.size > limit - used) good = false;
    else if (used + piece.size > room) {
      room = (used + piece.size) * 2;
      char *larger = bs_allocate(room);
      memcpy(larger, data, used);
      data = larger;
    }
    if (good) memcpy(data + used, piece.data, piece.size), used += piece.size;
  }
  if (!stream.failed) wasi_input_drop(stream.value);
  wasi_incoming_body_drop(body.value);
  *whole = (bs_text){data, used};
  return good;
}

bs_headers bs_headers_new(void) { return (bs_headers){wasi_fields_new()}; }

void bs_headers_drop(bs_headers headers) { wasi_fields_drop(headers.handle); }

bool bs_headers_get(bs_headers headers, bs_text name, bs_text *value) {
  wasi_list values;
  wasi_fields_get(headers.handle, name.data, name.size, &values);
  if (values.size == 0) return false;
  *value = *(bs_text *)values.data;
  return true;
}

bool bs_headers_set(bs_headers headers, bs_text name, bs_text value) {
  uint8_t result[2];
  wasi_fields_set(headers.handle, name.data, name.size, &value, 1, result);
  return result[0] == 0;
}

bool bs_headers_append(bs_headers headers, bs_text name, bs_text value) {
  uint8_t result[2];
  wasi_fields_append(headers.handle, name.data, name.size, value.data, value.size, result);
  return result[0] == 0;
}

bool bs_headers_delete(bs_headers headers, bs_text name) {
  uint8_t result[2];
  wasi_fields_delete(headers.handle, name.data, name.size, result);
  return result[0] == 0;
}

uint32_t bs_headers_all(bs_headers headers, const bs_header **all) {
  wasi_list entries;
  wasi_fields_entries(headers.handle, &entries);
  *all = entries.data;
  return entries.size;
}

void bandstand_set_status(int32_t response, int status, int otherwise) {
  /* The host takes 200 to 999, and would see 65,736 as 200. */
  if (status >= 0 && status <= 999 && wasi_response_set_status(response, status) == 0) return;
  wasi_response_set_status(response, otherwise);
}

bs_writer bs_answer_start(bs_request request, int status, bs_headers headers) {
  wasi_result body, stream;
  wasi_request_drop(request.handle);
  int32_t response = wasi_response_new(headers.handle);
  /* What a new one has anyway. */
  if (status != 200) bandstand_set_status(response, status, 500);
  wasi_response_body(response, &body);
  wasi_outgoing_body_write(body.value, &stream);
  wasi_outparam_set(request.outparam, 0, response, 0, 0, 0, 0, 0, 0);
  return (bs_writer){body.value, stream.value};
}

void bs_finish(bs_writer *writer) {
  wasi_http_result ignored;
  wasi_output_drop(writer->stream);
  wasi_outgoing_body_finish(writer->body, 0, 0, &ignored);
}

void bs_answer_now(bs_request request, int status, bs_headers headers, bs_text body) {
  bs_writer writer = bs_answer_start(request, status, headers);
  wasi_size_result permit;
  wasi_result written;
  wasi_output_check_write(writer.stream, &permit);
  if (permit.failed || permit.size < body.size) __builtin_trap();
  wasi_output_write(writer.stream, body.data, body.size, &written);
  bs_finish(&writer);
}

bool bs_write(bs_writer *writer, bs_text piece) {
  while (piece.size > 0) {
    wasi_size_result permit;
    wasi_output_check_write(writer->stream, &permit);
    if (permit.failed) {
      if (permit.why.kind == 0) wasi_error_drop(permit.why.error);
      return false;
    }
    if (permit.size == 0) {
      int32_t writable = wasi_output_subscribe(writer->stream);
      wasi_pollable_block(writable);
      wasi_pollable_drop(writable);
      continue;
    }
    uint32_t size = permit.size < piece.size ? (uint32_t)permit.size : piece.size;
    wasi_result written;
    wasi_output_write(writer->stream, piece.data, size, &written);
    if (written.failed) {
      if ((uint8_t)written.value == 0) wasi_error_drop(written.error);
      return false;
    }
    piece.data += size;
    piece.size -= size;
  }
  return true;
}

void bs_answer(bs_request request, int status, bs_headers headers, bs_text body) {
  bs_writer writer = bs_answer_start(request, status, headers);
  bs_write(&writer, body);
  bs_finish(&writer);
}
