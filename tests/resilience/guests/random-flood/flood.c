// Asks for kilobytes of random bytes, again and again: each call costs the host far more than the guest.
#include <bandstand.h>
#include <wasi.h>

WASI_IMPORT("wasi:random/random@0.2.0", "get-random-bytes") void wasi_random_bytes(int64_t size, void *result);
void *bandstand_mark(void);
void bandstand_rewind(void *mark);

void handle(bs_request request) {
  bs_text bytes;
  for (;;) {
    void *mark = bandstand_mark();
    wasi_random_bytes(8000, &bytes);
    bandstand_rewind(mark);
  }
}
