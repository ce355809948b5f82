// Asks the host again and again whether the hour is over, without ever waiting.
#include <bandstand.h>
#include <wasi.h>

WASI_POLL("[method]pollable.ready") int32_t wasi_pollable_ready(int32_t pollable);

void handle(bs_request request) {
  int32_t hour = wasi_clock_subscribe_duration(3600000000000);
  while (!wasi_pollable_ready(hour)) {}
  bs_answer(request, 200, bs_headers_new(), BS_TEXT("an hour later\n"));
}
