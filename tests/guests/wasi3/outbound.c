// Fetches the URL that stands in the header x-fetch, of the form http://host:port/path, and answers with what came back.
#include "service.h"

IMPORT(TYPES, "[method]fields.get") void fields_get(int, const char *, int, void *);
IMPORT(TYPES, "[method]request.set-scheme") int request_set_scheme(int, int, int, const char *, int);
IMPORT(TYPES, "[method]request.set-authority") int request_set_authority(int, int, const char *, int);
IMPORT(TYPES, "[future-new-1][static]request.new") int64_t request_trailers_new(void);
IMPORT(TYPES, "[async-lower][future-write-1][static]request.new") int request_trailers_write(int, const void *);
IMPORT(TYPES, "[future-drop-writable-1][static]request.new") void request_trailers_drop(int);
IMPORT("wasi:http/client@0.3.0", "[async-lower]send") int client_send(int request, void *result);

/** One request: several may be under way in one instance. */
typedef struct {
  result got;
  int set, subtask, trailers, written;
} fetch;

static fetch fetches[128];
static int used;

static int finish(fetch *own) {
  own->set = 0;
  if (own->got.is_error) return answer_now(502, fields_new(), TEXT("the fetch failed\n"));
  answer(*(int *)((char *)&own->got + 8));
  return EXIT;
}

int handle(int request) {
  struct { struct { char *text; int size; } *at; int count; } url;
  int headers = request_headers(request), made[2];
  heap_used = 0;
  fields_get(headers, TEXT("x-fetch"), &url);
  if (url.count == 0) return answer_now(400, fields_new(), TEXT("x-fetch is missing\n"));
  char *authority = url.at->text + 7;
  int end = 0, size = url.at->size - 7;
  while (end < size && authority[end] != '/') end++;
  fields_drop(headers);
  request_drop(request);
  fetch *own = 0;
  for (int i = 0; i < 128 && own == 0; i++) if (fetches[(used + i) & 127].set == 0) own = &fetches[(used + i) & 127];
  if (own == 0) __builtin_trap();
  used++;
  int64_t trailers = request_trailers_new();
  request_new(fields_new(), 0, 0, (int)trailers, 0, 0, made);
  request_set_scheme(made[0], 1, 0, 0, 0);
  request_set_authority(made[0], 1, authority, end);
  request_set_path(made[0], 1, authority + end, size - end);
  sent_drop(made[1]);
  own->trailers = trailers >> 32;
  int called = client_send(made[0], &own->got);
  own->written = request_trailers_write(own->trailers, &ok) != BLOCKED;
  if (own->written) request_trailers_drop(own->trailers);
  if ((called & 15) == 2) return finish(own);
  own->set = set_new();
  own->subtask = (unsigned)called >> 4;
  set_join(own->subtask, own->set);
  if (!own->written) set_join(own->trailers, own->set);
  context_set(own - fetches);
  return WAIT(own->set);
}

int on_event(int event, int handle, int state) {
  fetch *own = &fetches[context_get()];
  if (event == EVENT_FUTURE_WRITE) {
    request_trailers_drop(handle);
    own->written = 1;
    return WAIT(own->set);
  }
  if (event != EVENT_SUBTASK) return answer_event(event, handle);
  if ((state & 15) != 2) return WAIT(own->set);
  subtask_drop(handle);
  set_drop(own->set);
  return finish(own);
}
