// Reads the first bytes of the request's body, gives the rest back as it is, and puts a trailer of its own behind it.
#include "service.h"

/** Held from the start on, and used by every call. */
static int kept;

EXPORT("_initialize") void initialize(void) { kept = fields_new(); }

int handle(int request) {
  int in[2], made[2];
  char first[2];
  add_header(kept, TEXT("x-count"), TEXT("1"));
  request_consume(request, read_well(), in);
  int read = body_read(in[0], first, 2);
  if (read != BLOCKED && (read & 15) == DROPPED) __builtin_trap();
  if (read == BLOCKED) body_cancel(in[0]);
  trailers_drop(in[1]);
  int64_t trailers = future_new();
  response_new(fields_clone(kept), 1, in[0], (int)trailers, made);
  sent_drop(made[1]);
  answer(made[0]);
  static result found;
  found.is_some = 1;
  found.handle = fields_new();
  add_header(found.handle, TEXT("x-sum"), TEXT("7"));
  future_write(trailers >> 32, &found);
  future_drop(trailers >> 32);
  return EXIT;
}

int on_event(int event, int handle, int result) { __builtin_trap(); }
