// Answers with what it got: method, authority and target in one line, the headers one a line, an empty line, the body.
#include <bandstand.h>

static void line(bs_writer *answer, bs_text name, bs_text between, bs_text value) {
  bs_write(answer, name);
  bs_write(answer, between);
  bs_write(answer, value);
}

void handle(bs_request request) {
  bs_text body = {0, 0}, method = bs_request_method(request), target = bs_request_target(request);
  bs_text authority = bs_request_authority(request);
  bs_headers received = bs_request_headers(request);
  const bs_header *headers;
  uint32_t count = bs_headers_all(received, &headers);
  if (!bs_request_body(request, 1 << 24, &body)) {
    bs_answer(request, 413, bs_headers_new(), BS_TEXT("the body is too large or broke off\n"));
    return;
  }
  bs_headers_drop(received);
  bs_headers sent = bs_headers_new();
  bs_headers_set(sent, BS_TEXT("content-type"), BS_TEXT("text/plain"));
  bs_writer answer = bs_answer_start(request, 200, sent);
  line(&answer, method, BS_TEXT(" "), authority);
  line(&answer, BS_TEXT(""), BS_TEXT(" "), target);
  bs_write(&answer, BS_TEXT("\n"));
  for (uint32_t i = 0; i < count; i++) {
    line(&answer, headers[i].name, BS_TEXT(": "), headers[i].value);
    bs_write(&answer, BS_TEXT("\n"));
  }
  bs_write(&answer, BS_TEXT("\n"));
  bs_write(&answer, body);
  bs_finish(&answer);
}
