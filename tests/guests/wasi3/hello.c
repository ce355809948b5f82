#include "service.h"

int handle(int request) {
  request_drop(request);
  int headers = fields_new();
  add_header(headers, TEXT("content-type"), TEXT("text/plain"));
  return answer_now(200, headers, TEXT("Hello from C\n"));
}

int on_event(int event, int handle, int result) { return answer_event(event, handle); }
