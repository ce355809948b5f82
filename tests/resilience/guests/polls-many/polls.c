// Waits for a thousand clocks at a time, of which one is always over, again and again.
#include <bandstand.h>
#include <wasi.h>

void handle(bs_request request) {
  int32_t clocks[1000];
  wasi_list ready;
  for (int i = 0; i < 1000; i++) clocks[i] = wasi_clock_subscribe_duration(i == 999 ? 0 : 3600000000000);
  for (;;) {
    void *mark = bandstand_mark();
    wasi_poll(clocks, 1000, &ready);
    bandstand_rewind(mark);
  }
  bs_answer(request, 200, bs_headers_new(), BS_TEXT("never\n"));
}
