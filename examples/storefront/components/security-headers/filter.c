// Adds the headers to every answer that tell a browser to trust it with less.
#include <bandstand.h>

static const bs_header added[] = {
    {BS_TEXT("content-security-policy"), BS_TEXT("default-src 'self'; frame-ancestors 'none'; base-uri 'none'")},
    {BS_TEXT("x-content-type-options"), BS_TEXT("nosniff")},
    {BS_TEXT("referrer-policy"), BS_TEXT("no-referrer")},
    {BS_TEXT("cross-origin-opener-policy"), BS_TEXT("same-origin")},
};

void handle(bs_request request) {
  bs_response response;
  if (!bs_next(request, bs_request_headers(request), &response)) {
    bs_answer(request, 502, bs_headers_new(), BS_TEXT("the next stage did not answer\n"));
    return;
  }
  bs_headers headers = bs_response_headers(&response);
  for (unsigned i = 0; i < sizeof added / sizeof *added; i++) bs_headers_set(headers, added[i].name, added[i].value);
  bs_answer_with(request, &response, bs_response_status(&response), headers);
}
