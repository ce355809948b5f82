// Makes requests with targets of 64 kB, sends none of them, and keeps them all.
#include <bandstand.h>
#include <string.h>
#include <wasi.h>

static char target[65000];

void handle(bs_request request) {
  memset(target, '/', sizeof target);
  for (int i = 0; i < 4900; i++) {
    int32_t outgoing = wasi_outgoing_new(wasi_fields_new());
    target[1 + i % 1000] = (char)('a' + i % 26);
    wasi_outgoing_set_target(outgoing, 1, target, sizeof target);
  }
  bs_answer(request, 200, bs_headers_new(), BS_TEXT("all of them\n"));
}
