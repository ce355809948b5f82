// Fetches the URL that stands in the header x-fetch and answers with what came back.
#include <bandstand.h>

void handle(bs_request request) {
  bs_text url;
  bs_response response;
  if (!bs_request_header(request, BS_TEXT("x-fetch"), &url)) {
    bs_answer(request, 400, bs_headers_new(), BS_TEXT("x-fetch is missing\n"));
    return;
  }
  if (!bs_fetch(url, &response)) {
    bs_answer(request, 502, bs_headers_new(), BS_TEXT("the fetch failed\n"));
    return;
  }
  bs_answer_with(request, &response, bs_response_status(&response), bs_response_headers(&response));
}
