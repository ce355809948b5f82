// Answers after a pause of 50 ms; several calls at a time. Counts those that are under way.
#include "service.h"

static int count, most;

int handle(int request) {
  request_drop(request);
  count++;
  if (count > most) most = count;
  int called = wait_for(50 * 1000 * 1000);
  int set = set_new();
  set_join((unsigned)called >> 4, set);
  context_set(set);
  return WAIT(set);
}

int on_event(int event, int subtask, int state) {
  if (event == EVENT_CANCELLED) {
    count--;
    task_cancel();
    return EXIT;
  }
  if (event != EVENT_SUBTASK) return answer_event(event, subtask);
  if (state != 2) __builtin_trap();
  subtask_drop(subtask);
  set_drop(context_get());
  static char digits[3];
  char found[] = {'0' + most / 10, '0' + most % 10, '\n'};
  for (int i = 0; i < 3; i++) digits[i] = found[i];
  count--;
  return answer_now(200, fields_new(), digits, sizeof digits);
}
