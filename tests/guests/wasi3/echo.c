// Gives body and trailers back as they come, in pieces of 1000 bytes; several calls at a time.
#include "service.h"

typedef struct {
  int used, set, in, in_trailers, out, out_trailers, length, written;
  enum { READ, WRITE, TRAILERS } phase;
  result trailers;
  char piece[1000];
} call;

static call calls[32];

static void close(call *c) {
  set_drop(c->set);
  trailers_drop(c->in_trailers);
  future_drop(c->out_trailers);
  c->used = 0;
}

/** @param done what the copy came to that the call waited for; BLOCKED: none did. */
static int go_on(call *c, int done) {
  for (;;) {
    int waitable = 0;
    if (c->phase == READ) {
      if (done == BLOCKED) done = body_read(c->in, c->piece, sizeof c->piece);
      if (done == BLOCKED) waitable = c->in;
      else {
        c->length = (unsigned)done >> 4;
        c->written = 0;
        if (c->length > 0) c->phase = WRITE;
        else if ((done & 15) == DROPPED) {
          body_drop(c->in);
          stream_drop(c->out);
          c->phase = TRAILERS;
        }
      }
    } else if (c->phase == WRITE) {
      if (done == BLOCKED) done = stream_write(c->out, c->piece + c->written, c->length - c->written);
      if (done == BLOCKED) waitable = c->out;
      else {
        c->written += (unsigned)done >> 4;
        // Nobody reads on.
        if ((done & 15) == DROPPED) {
          body_drop(c->in);
          stream_drop(c->out);
          c->phase = TRAILERS;
        } else
        if (c->written == c->length) c->phase = READ;
      }
    } else {
      if (done == BLOCKED) done = trailers_read(c->in_trailers, &c->trailers);
      if (done == BLOCKED) waitable = c->in_trailers;
      else {
        future_write(c->out_trailers, &c->trailers);
        close(c);
        return EXIT;
      }
    }
    if (waitable != 0) {
      set_join(waitable, c->set);
      return WAIT(c->set);
    }
    done = BLOCKED;
  }
}

int handle(int request) {
  call *c = calls;
  while (c->used) c++;
  int in[2], made[2];
  int headers = fields_new();
  struct { int some; char *text; int size; } path;
  request_path(request, &path);
  add_header(headers, TEXT("x-path"), path.text, path.size);
  request_consume(request, read_well(), in);
  int64_t stream = stream_new(), trailers = future_new();
  response_new(headers, 1, (int)stream, (int)trailers, made);
  sent_drop(made[1]);
  answer(made[0]);
  *c = (call){.used = 1, .set = set_new(), .in = in[0], .in_trailers = in[1], .out = stream >> 32,
              .out_trailers = trailers >> 32};
  context_set((int)c);
  return go_on(c, BLOCKED);
}

int on_event(int event, int handle, int result) {
  call *c = (call *)context_get();
  set_join(handle, 0);
  return go_on(c, result);
}
