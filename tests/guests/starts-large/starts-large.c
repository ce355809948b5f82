// Starts with 4 MiB that are not zero, none of it by code of its own; then fetches the URL in the header x-fetch, and answers with what came back.
#include <bandstand.h>

#define SIZE (4 << 20)
static volatile char much[SIZE] = {[0 ... SIZE - 1] = 1};

void handle(bs_request request) {
  bs_text url;
  bs_response response;
  if (much[0] == 0 || !bs_request_header(request, BS_TEXT("x-fetch"), &url) || !bs_fetch(url, &response)) {
    bs_answer(request, 502, bs_headers_new(), BS_TEXT("the fetch failed\n"));
    return;
  }
  bs_answer_with(request, &response, bs_response_status(&response), bs_response_headers(&response));
}
