// Answers the first request of an instance and no other, as JavaScript engines do. Asked for /never, not even that one.
#include <bandstand.h>

static uint32_t count;

void handle(bs_request request) {
  bs_text target = bs_request_target(request);
  if (count++ > 0 || (target.size == 6 && target.data[1] == 'n')) return;
  bs_answer(request, 200, bs_headers_new(), BS_TEXT("once\n"));
}
