// Hands the request on, and the answer back, without looking at either; answers /own itself.
#include "service.h"

static result next;

static int done(void) {
  if (next.is_error) __builtin_trap();
  answer(*(int *)((char *)&next + 8));
  return EXIT;
}

int handle(int request) {
  struct { int some; char *text; int size; } path;
  request_path(request, &path);
  if (path.size == 4 && path.text[1] == 'o') {
    request_drop(request);
    return answer_now(403, fields_new(), TEXT("own\n"));
  }
  int called = next_handle(request, &next);
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
