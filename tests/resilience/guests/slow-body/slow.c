// One byte every 50 ms, a thousand of them.
#include <bandstand.h>
#include <wasi.h>

void handle(bs_request request) {
  bs_writer answer = bs_answer_start(request, 200, bs_headers_new());
  for (int i = 0; i < 1000 && bs_write(&answer, BS_TEXT(".")); i++) {
    int32_t pause = wasi_clock_subscribe_duration(50000000);
    wasi_pollable_block(pause);
    wasi_pollable_drop(pause);
  }
  bs_finish(&answer);
}
