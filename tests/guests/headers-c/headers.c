// Reads method, path and five headers, and writes three: what a small filter or handler does with a request.
#include <bandstand.h>

void handle(bs_request request) {
  bs_text names[] = {BS_TEXT("host"), BS_TEXT("accept"), BS_TEXT("user-agent"), BS_TEXT("x-request-id"), BS_TEXT("x-user")};
  bs_text method = bs_request_method(request), path = bs_request_target(request), value, user = BS_TEXT("nobody");
  bs_headers asked = bs_request_headers(request);
  uint32_t seen = method.size + path.size;
  for (int i = 0; i < 5; i++) {
    if (!bs_headers_get(asked, names[i], &value)) continue;
    seen += value.size;
    user = value;
  }
  bs_headers headers = bs_headers_new();
  bs_headers_append(headers, BS_TEXT("content-type"), BS_TEXT("text/plain"));
  bs_headers_append(headers, BS_TEXT("cache-control"), seen > 0 ? BS_TEXT("no-store") : BS_TEXT("public"));
  bs_headers_append(headers, BS_TEXT("x-seen"), user);
  bs_answer_now(request, 200, headers, BS_TEXT("Hello from C\n"));
}
