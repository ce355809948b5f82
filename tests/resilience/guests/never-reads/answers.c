// Answers without having read a byte of what it was sent.
#include <bandstand.h>

void handle(bs_request request) {
  bs_answer(request, 200, bs_headers_new(), BS_TEXT("not interested\n"));
}
