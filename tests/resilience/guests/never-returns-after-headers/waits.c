// Sends a head and a piece of the body, then waits for an hour.
#include <bandstand.h>
#include <wasi.h>

void handle(bs_request request) {
  bs_writer answer = bs_answer_start(request, 200, bs_headers_new());
  bs_write(&answer, BS_TEXT("the beginning\n"));
  wasi_pollable_block(wasi_clock_subscribe_duration(3600000000000));
}
