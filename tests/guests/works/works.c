// Computes for as many tenths of a millisecond as the last part of the path says, about.
#include <bandstand.h>

static unsigned tenths(bs_text target) {
  unsigned found = 0;
  for (unsigned at = 0; at < target.size && target.data[at] != '?'; at++) {
    char c = target.data[at];
    found = c >= '0' && c <= '9' ? found * 10 + (c - '0') : 0;
  }
  return found;
}

void handle(bs_request request) {
  volatile unsigned state = 1;
  for (unsigned left = tenths(bs_request_target(request)) * 100000u; left > 0; left--) state = state * 1664525u + 1013904223u;
  bs_headers headers = bs_headers_new();
  bs_headers_append(headers, BS_TEXT("content-type"), BS_TEXT("text/plain"));
  bs_answer_now(request, 200, headers, BS_TEXT("done\n"));
}
