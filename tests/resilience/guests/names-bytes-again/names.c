// Sets a header to a thousand values, each of them the same megabyte.
#include <bandstand.h>
#include <string.h>
#include <wasi.h>

static char text[1 << 20];
static bs_text values[1000];

void handle(bs_request request) {
  wasi_result ignored;
  memset(text, 'x', sizeof text);
  for (int i = 0; i < 1000; i++) values[i] = (bs_text){text, sizeof text};
  wasi_fields_set(wasi_fields_new(), "x", 1, values, 1000, &ignored);
  bs_answer(request, 200, bs_headers_new(), BS_TEXT("a gigabyte\n"));
}
