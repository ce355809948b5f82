// Answers as the path says, in ways that the SDK does not.
#include <bandstand.h>
#include <wasi.h>

WASI_IMPORT("wasi:cli/exit@0.2.0", "exit") void wasi_exit(int32_t failed);

static bool is(bs_text a, bs_text b) { return bs_text_equal(a, b); }

static int32_t fields_with(bs_text name, bs_text value) {
  int32_t fields = wasi_fields_new();
  wasi_result result;
  wasi_fields_append(fields, name.data, name.size, value.data, value.size, &result);
  return fields;
}

static int32_t begin(int32_t response) {
  wasi_result body;
  wasi_response_body(response, &body);
  return body.value;
}

static void write(int32_t body, bs_text text) {
  wasi_result stream;
  wasi_size_result room;
  wasi_outgoing_body_write(body, &stream);
  wasi_output_check_write(stream.value, &room);
  wasi_output_write(stream.value, text.data, text.size, &room);
  wasi_output_drop(stream.value);
}

static void set(bs_request request, int32_t response) {
  wasi_outparam_set(request.outparam, 0, response, 0, 0, 0, 0, 0, 0);
}

void handle(bs_request request) {
  bs_text target = bs_request_target(request);
  wasi_http_result finished;
  if (is(target, BS_TEXT("/trailers"))) {
    int32_t response = wasi_response_new(wasi_fields_new()), body = begin(response);
    set(request, response);
    write(body, BS_TEXT("hello"));
    wasi_outgoing_body_finish(body, 1, fields_with(BS_TEXT("x-sum"), BS_TEXT("5")), &finished);
  } else if (is(target, BS_TEXT("/length"))) {
    // As for HEAD: the length of another answer, and no body, finished before and after it is given away.
    int32_t response = wasi_response_new(fields_with(BS_TEXT("content-length"), BS_TEXT("10"))), body = begin(response);
    set(request, response);
    wasi_outgoing_body_finish(body, 0, 0, &finished);
  } else if (is(target, BS_TEXT("/length-before"))) {
    int32_t response = wasi_response_new(fields_with(BS_TEXT("content-length"), BS_TEXT("10"))), body = begin(response);
    wasi_outgoing_body_finish(body, 0, 0, &finished);
    set(request, response);
  } else if (is(target, BS_TEXT("/unchanged"))) {
    int32_t response = wasi_response_new(fields_with(BS_TEXT("content-length"), BS_TEXT("10"))), body = begin(response);
    wasi_response_set_status(response, 304);
    wasi_outgoing_body_finish(body, 0, 0, &finished);
    set(request, response);
  } else if (is(target, BS_TEXT("/own-status"))) {
    // The largest that there is; what is none is refused.
    int32_t response = wasi_response_new(wasi_fields_new()), body = begin(response);
    if (wasi_response_set_status(response, 1000) != 0 && wasi_response_set_status(response, 199) != 0) {
      wasi_response_set_status(response, 999);
    }
    wasi_outgoing_body_finish(body, 0, 0, &finished);
    set(request, response);
  } else if (is(target, BS_TEXT("/held"))) {
    // Never finished, as from languages whose handles nobody gives back.
    int32_t response = wasi_response_new(wasi_fields_new()), body = begin(response);
    set(request, response);
    write(body, BS_TEXT("hello"));
  } else if (is(target, BS_TEXT("/held-short"))) {
    int32_t response = wasi_response_new(fields_with(BS_TEXT("content-length"), BS_TEXT("10"))), body = begin(response);
    set(request, response);
    write(body, BS_TEXT("hello"));
  } else if (is(target, BS_TEXT("/left")) || is(target, BS_TEXT("/failed"))) {
    // Ends itself once it has answered.
    int32_t response = wasi_response_new(wasi_fields_new()), body = begin(response);
    set(request, response);
    write(body, BS_TEXT("hello"));
    wasi_outgoing_body_finish(body, 0, 0, &finished);
    wasi_exit(is(target, BS_TEXT("/failed")));
  } else if (is(target, BS_TEXT("/left-before"))) {
    wasi_exit(0);
  } else if (is(target, BS_TEXT("/long-and-waits"))) {
    int32_t response = wasi_response_new(fields_with(BS_TEXT("content-length"), BS_TEXT("3"))), body = begin(response);
    set(request, response);
    write(body, BS_TEXT("hello"));
    int32_t later = wasi_clock_subscribe_duration(1000000);
    wasi_pollable_block(later);
    wasi_pollable_drop(later);
    wasi_outgoing_body_finish(body, 0, 0, &finished);
  } else if (is(target, BS_TEXT("/back"))) {
    // Gives back what it gets, and takes whatever comes of that for the end of it.
    int32_t response = wasi_response_new(wasi_fields_new()), body = begin(response);
    set(request, response);
    wasi_result got, in, out;
    wasi_bytes_result piece;
    wasi_size_result wrote;
    wasi_request_consume(request.handle, &got);
    wasi_incoming_body_stream(got.value, &in);
    wasi_outgoing_body_write(body, &out);
    for (;;) {
      void *mark = bandstand_mark();
      wasi_input_blocking_read(in.value, 4096, &piece);
      if (piece.failed) break;
      wasi_output_write(out.value, piece.data, piece.size, &wrote);
      wasi_output_blocking_flush(out.value, &wrote);
      bandstand_rewind(mark);
    }
    wasi_input_drop(in.value);
    wasi_output_drop(out.value);
    wasi_outgoing_body_finish(body, 0, 0, &finished);
  } else if (is(target, BS_TEXT("/dropped"))) {
    int32_t response = wasi_response_new(wasi_fields_new()), body = begin(response);
    set(request, response);
    write(body, BS_TEXT("hello"));
    wasi_outgoing_body_drop(body);
  }
}
