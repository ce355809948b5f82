// Makes clocks and never gives them back, a million of them; then answers.
#include <bandstand.h>
#include <wasi.h>

void handle(bs_request request) {
  for (int i = 0; i < 1000000; i++) wasi_clock_subscribe_duration(3600000000000);
  bs_answer(request, 200, bs_headers_new(), BS_TEXT("a million clocks\n"));
}
