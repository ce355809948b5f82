// Does what it must not, by the second letter of the path.
#include "service.h"

static volatile int sink;

static void spin(void) {
  for (;;) sink++;
}

/** Answers with a body that never ends, and waits for room for more. */
static int flood(void) {
  int made[2];
  static int out;
  int64_t stream = stream_new(), trailers = future_new();
  response_new(fields_new(), 1, (int)stream, (int)trailers, made);
  answer(made[0]);
  out = stream >> 32;
  int set = set_new();
  set_join(out, set);
  context_set(set);
  while (stream_write(out, (void *)1024, 32 << 10) != BLOCKED) {}
  return WAIT(set);
}

int handle(int request) {
  struct { int some; char *text; int size; } path;
  request_path(request, &path);
  switch (path.text[1]) {
    case 's': spin();
    case 't': __builtin_trap();
    case 'n': return EXIT;
    case 'w': return WAIT(set_new());
    case 'y': return YIELD;
    case 'e': {
      answer_now(200, fields_new(), TEXT("late\n"));
      context_set(1);
      return YIELD;
    }
    case 'h': return WAIT(request);
    case 'c': return 5;
    case '2': {
      answer_now(200, fields_new(), TEXT("once\n"));
      answer_now(200, fields_new(), TEXT("twice\n"));
      return EXIT;
    }
    case 'f': return flood();
    case 'b': {
      int made[2];
      int64_t stream = stream_new(), trailers = future_new();
      response_new(fields_new(), 1, (int)stream, (int)trailers, made);
      answer(made[0]);
      stream_write(stream >> 32, "part", 4);
      return EXIT;
    }
    case 'm': stream_write((int)(stream_new() >> 32), (void *)0x7ffffff0, 4096); return EXIT;
    case 'd': task_cancel(); return EXIT;
    case 'r': task_return(7, 1, 0, 0, 0, 0, 0, 0); return EXIT;
    default: task_return(1, 33, 0, 0, 0, 0, 0, 0); return EXIT;
  }
}

int on_event(int event, int handle, int result) {
  int state = context_get();
  if (state == 1) spin();
  if (state != 0) {
    while (stream_write(handle, (void *)1024, 32 << 10) != BLOCKED) {}
    return WAIT(state);
  }
  return YIELD;
}
