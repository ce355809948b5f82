// Asks itself what it was asked, by way of the gateway, and answers what came back.
#include <bandstand.h>
#include <string.h>

static char url[256] = "http://";

void handle(bs_request request) {
  bs_text authority = bs_request_authority(request), target = bs_request_target(request);
  if (authority.size + target.size > sizeof url - 7) __builtin_trap();
  memcpy(url + 7, authority.data, authority.size);
  memcpy(url + 7 + authority.size, target.data, target.size);
  bs_response response;
  if (bs_fetch((bs_text){url, 7 + authority.size + target.size}, &response)) {
    bs_answer_with(request, &response, bs_response_status(&response), bs_headers_new());
  } else {
    bs_answer(request, 502, bs_headers_new(), BS_TEXT("it goes round\n"));
  }
}
