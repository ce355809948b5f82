// Reads the request's body, which has to be there as a whole, and answers then.
#include "service.h"

int handle(int request) {
  static char piece[1000];
  int in[2];
  request_consume(request, read_well(), in);
  for (int read = 0; (read & 15) != DROPPED;) {
    if ((read = body_read(in[0], piece, sizeof piece)) == BLOCKED) __builtin_trap();
  }
  body_drop(in[0]);
  trailers_drop(in[1]);
  return answer_now(200, fields_new(), TEXT("collected\n"));
}

int on_event(int event, int handle, int result) { return answer_event(event, handle); }
