// Draws a number, sends it on in x-drawn and shows it again in its answer: a guest that begins again in between must
// not draw another one, or the two would differ.
#include <bandstand.h>

__attribute__((import_module("wasi:random/random@0.2.0"), import_name("get-random-u64"))) uint64_t draw(void);

void handle(bs_request request) {
  static const char digits[] = "0123456789abcdef";
  char text[16];
  uint64_t drawn = draw();
  for (int i = 0; i < 16; i++) text[i] = digits[(drawn >> (60 - 4 * i)) & 15];
  bs_text number = {text, sizeof text};
  bs_headers onward = bs_request_headers(request);
  bs_headers_set(onward, BS_TEXT("x-drawn"), number);
  bs_response response;
  if (!bs_next(request, onward, &response)) __builtin_trap();
  bs_headers headers = bs_response_headers(&response);
  bs_headers_set(headers, BS_TEXT("x-drawn"), number);
  bs_answer_with(request, &response, bs_response_status(&response), headers);
}
