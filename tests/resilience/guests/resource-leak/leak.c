// Makes headers and never gives them back, a million of them; then answers.
#include <bandstand.h>

void handle(bs_request request) {
  for (int i = 0; i < 1000000; i++) bs_headers_new();
  bs_answer(request, 200, bs_headers_new(), BS_TEXT("a million handles\n"));
}
