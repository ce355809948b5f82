// Computes for some milliseconds when it starts; then fetches the URL in the header x-fetch, and answers with what came back.
#include <bandstand.h>

static volatile unsigned found;

__attribute__((constructor)) static void compute(void) {
  for (unsigned i = 0; i < 20000000; i++) found = found * 31 + i;
}

void handle(bs_request request) {
  bs_text url;
  bs_response response;
  if (!bs_request_header(request, BS_TEXT("x-fetch"), &url) || !bs_fetch(url, &response)) {
    bs_answer(request, 502, bs_headers_new(), BS_TEXT("the fetch failed\n"));
    return;
  }
  bs_answer_with(request, &response, bs_response_status(&response), bs_response_headers(&response));
}
