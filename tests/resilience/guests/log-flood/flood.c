// Writes 256 MiB to its log, with what could forge lines in it; then answers.
#include <bandstand.h>

static const char line[1024] = "\x1b[2J\r{\"level\":\"error\",\"message\":\"forged\"}";

void handle(bs_request request) {
  for (int i = 0; i < 262144; i++) bs_log((bs_text){line, sizeof line});
  bs_answer(request, 200, bs_headers_new(), BS_TEXT("logged\n"));
}
