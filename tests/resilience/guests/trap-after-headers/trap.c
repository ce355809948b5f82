// Sends a head and a piece of the body, then traps: the client must see that the body is cut.
#include <bandstand.h>

void handle(bs_request request) {
  bs_writer answer = bs_answer_start(request, 200, bs_headers_new());
  bs_write(&answer, BS_TEXT("the beginning\n"));
  __builtin_trap();
}
