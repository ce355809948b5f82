// Writes as long as it may.
#include <bandstand.h>

static const char piece[4096] = "again and again";

void handle(bs_request request) {
  bs_writer answer = bs_answer_start(request, 200, bs_headers_new());
  while (bs_write(&answer, (bs_text){piece, sizeof piece})) {}
}
