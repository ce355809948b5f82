// Copies headers and changes each copy, ten thousand times, and keeps them all.
#include <bandstand.h>
#include <wasi.h>

void handle(bs_request request) {
  wasi_result ignored;
  int32_t headers = wasi_fields_new();
  for (int i = 0; i < 900; i++) wasi_fields_append(headers, "x", 1, "y", 1, &ignored);
  for (int i = 0; i < 9900; i++) {
    int32_t copy = wasi_fields_clone(headers);
    wasi_fields_append(copy, "z", 1, "y", 1, &ignored);
  }
  bs_answer(request, 200, bs_headers_new(), BS_TEXT("all of them\n"));
}
