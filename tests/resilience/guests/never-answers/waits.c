// Waits for a clock that rings in an hour.
#include <bandstand.h>
#include <wasi.h>

void handle(bs_request request) {
  wasi_pollable_block(wasi_clock_subscribe_duration(3600000000000));
}
