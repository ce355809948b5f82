// The smallest component: one page of memory, no waiting, no capability.
#include <bandstand.h>

void handle(bs_request request) {
  bs_headers headers = bs_headers_new();
  bs_headers_append(headers, BS_TEXT("content-type"), BS_TEXT("text/plain"));
  bs_answer_now(request, 200, headers, BS_TEXT("Hello from C\n"));
}
