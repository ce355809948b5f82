// Adds a header to the request and to the answer; both bodies pass by untouched.
#include "service.h"

static result next;

static int done(void) {
  if (next.is_error) {
    return answer_now(502, fields_new(), TEXT("the next stage did not answer\n"));
  }
  // The handle lies where error-code begins.
  int response = *(int *)((char *)&next + 8), body[2], made[2];
  int headers = fields_clone(response_headers(response)), status = response_status(response);
  add_header(headers, TEXT("x-middleware"), TEXT("c"));
  response_consume(response, read_well(), body);
  response_new(headers, 1, body[0], body[1], made);
  response_set_status(made[0], status);
  sent_drop(made[1]);
  answer(made[0]);
  return EXIT;
}

int handle(int request) {
  int body[2], made[2];
  struct { int some; char *text; int size; } path;
  int headers = fields_clone(request_headers(request));
  request_path(request, &path);
  add_header(headers, TEXT("x-from"), TEXT("middleware"));
  request_consume(request, read_well(), body);
  request_new(headers, 1, body[0], body[1], 0, 0, made);
  if (path.some) request_set_path(made[0], 1, path.text, path.size);
  sent_drop(made[1]);
  int called = next_handle(made[0], &next);
  if ((called & 15) == 2) return done();
  int set = set_new();
  set_join((unsigned)called >> 4, set);
  return WAIT(set);
}

int on_event(int event, int subtask, int state) {
  if (event != EVENT_SUBTASK) return answer_event(event, subtask);
  subtask_drop(subtask);
  return done();
}
