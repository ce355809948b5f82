// Answers that nothing changed, and how long another answer would be.
#include "service.h"

int handle(int request) {
  request_drop(request);
  int headers = fields_new(), made[2];
  add_header(headers, TEXT("content-length"), TEXT("10"));
  int64_t trailers = future_new();
  response_new(headers, 0, 0, (int)trailers, made);
  response_set_status(made[0], 304);
  sent_drop(made[1]);
  answer(made[0]);
  return answer_trailers(trailers >> 32, 0);
}

int on_event(int event, int handle, int result) { return answer_event(event, handle); }
