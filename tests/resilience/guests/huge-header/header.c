// Answers with a header of 8 MiB.
#include <bandstand.h>

static char value[8 << 20];

void handle(bs_request request) {
  for (uint32_t i = 0; i < sizeof value; i++) value[i] = 'x';
  bs_headers headers = bs_headers_new();
  bs_headers_append(headers, BS_TEXT("x-huge"), (bs_text){value, sizeof value});
  bs_answer(request, 200, headers, BS_TEXT("with a header of 8 MiB\n"));
}
