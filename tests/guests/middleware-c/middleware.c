// Passes everything on and back, streaming in both directions, and adds one header to the answer.
#include <bandstand.h>

void handle(bs_request request) {
  bs_response response;
  if (!bs_next(request, bs_request_headers(request), &response)) {
    bs_answer(request, 502, bs_headers_new(), BS_TEXT("the next stage did not answer\n"));
    return;
  }
  bs_headers headers = bs_response_headers(&response);
  bs_headers_set(headers, BS_TEXT("x-middleware"), BS_TEXT("c"));
  bs_answer_with(request, &response, bs_response_status(&response), headers);
}
