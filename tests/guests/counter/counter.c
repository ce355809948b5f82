// Counts its requests in its own memory: shows whether one sees the state of the one before.
#include <bandstand.h>

static uint32_t count;

void handle(bs_request request) {
  char text[12];
  uint32_t at = sizeof text, left = ++count;
  text[--at] = '\n';
  do text[--at] = (char)('0' + left % 10);
  while (left /= 10);
  bs_headers headers = bs_headers_new();
  bs_headers_set(headers, BS_TEXT("content-type"), BS_TEXT("text/plain"));
  bs_answer(request, 200, headers, (bs_text){text + at, sizeof text - at});
}
