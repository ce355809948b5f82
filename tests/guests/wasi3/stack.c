// Waits on a stack of its own everywhere: for a clock, for a turn, for copies, for an event.
#define STACKFUL
#include "service.h"

IMPORT("wasi:clocks/monotonic-clock@0.3.0", "wait-for") void wait_here(uint64_t nanoseconds);
IMPORT(HANDLER, "handle") void next_here(int request, void *result);
IMPORT(TYPES, "[stream-read-1][static]request.consume-body") int body_read_here(int, void *, int size);
IMPORT(TYPES, "[stream-write-0][static]response.new") int stream_write_here(int, const void *, int size);
IMPORT(TYPES, "[future-write-1][static]response.new") int future_write_here(int, const void *);
IMPORT(TYPES, "[future-read-2][static]request.consume-body") int trailers_read_here(int, void *);
IMPORT("$root", "[waitable-set-wait]") int set_wait(int set, int *event);
IMPORT("$root", "[waitable-set-poll]") int set_poll(int set, int *event);
IMPORT("$root", "[thread-yield]") int yield(void);

EXPORT("[async-lift-stackful]" HANDLER "#handle") void handle_here(int request) {
  int in[2], made[2], event[2];
  wait_here(1000 * 1000);
  yield();
  int set = set_new(), called = wait_for(5 * 1000 * 1000);
  set_join((unsigned)called >> 4, set);
  if (set_poll(set, event) != EVENT_NONE) __builtin_trap();
  if (set_wait(set, event) != EVENT_SUBTASK || event[0] != (unsigned)called >> 4 || event[1] != 2) __builtin_trap();
  subtask_drop(event[0]);
  set_drop(set);
  called = wait_for(1000ull * 1000 * 1000 * 3600);
  if (subtask_cancel((unsigned)called >> 4) != 4) __builtin_trap();
  subtask_drop((unsigned)called >> 4);

  request_consume(request, read_well(), in);
  int64_t stream = stream_new(), trailers = future_new();
  response_new(fields_new(), 1, (int)stream, (int)trailers, made);
  sent_drop(made[1]);
  answer(made[0]);
  for (;;) {
    static char piece[700];
    int read = body_read_here(in[0], piece, sizeof piece), size = (unsigned)read >> 4, written = 0;
    while (written < size) written += (unsigned)stream_write_here(stream >> 32, piece + written, size - written) >> 4;
    if ((read & 15) == DROPPED) break;
  }
  body_drop(in[0]);
  stream_drop(stream >> 32);
  result found;
  trailers_read_here(in[1], &found);
  trailers_drop(in[1]);
  future_write_here(trailers >> 32, &found);
  future_drop(trailers >> 32);
}
