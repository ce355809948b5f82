// Tries what the other guests do not, and answers with one letter for each thing that went as it should.
#include "service.h"

IMPORT("wasi:clocks/monotonic-clock@0.3.0", "now") uint64_t now(void);
IMPORT("wasi:clocks/monotonic-clock@0.3.0", "[async-lower]wait-until") int wait_until(uint64_t);
IMPORT("wasi:clocks/system-clock@0.3.0", "now") void wall(void *);
IMPORT("wasi:random/random@0.3.0", "get-random-u64") uint64_t random_u64(void);
IMPORT("wasi:random/insecure-seed@0.3.0", "get-insecure-seed") void seed(void *);
IMPORT("wasi:cli/environment@0.3.0", "get-environment") void environment(void *);
IMPORT("wasi:cli/stdout@0.3.0", "write-via-stream") int print_stream(int);
IMPORT("wasi:cli/stdout@0.3.0", "[stream-new-0]write-via-stream") int64_t print_new(void);
IMPORT("wasi:cli/stdout@0.3.0", "[async-lower][stream-write-0]write-via-stream") int print_write(int, const void *, int);
IMPORT("wasi:cli/stdout@0.3.0", "[stream-drop-writable-0]write-via-stream") void print_drop(int);
IMPORT("wasi:cli/stdout@0.3.0", "[async-lower][future-read-1]write-via-stream") int printed_read(int, void *);
IMPORT("wasi:cli/stdout@0.3.0", "[future-drop-readable-1]write-via-stream") void printed_drop(int);
IMPORT("wasi:cli/stdin@0.3.0", "read-via-stream") void input(int *);
IMPORT("wasi:cli/stdin@0.3.0", "[async-lower][stream-read-0]read-via-stream") int input_read(int, void *, int);
IMPORT(TYPES, "[method]fields.get-and-delete") void fields_get_and_delete(int, const char *, int, void *);
IMPORT(TYPES, "[method]fields.has") int fields_has(int, const char *, int);
IMPORT(TYPES, "[method]fields.set") void fields_set(int, const char *, int, const void *, int, void *);
IMPORT(TYPES, "[static]fields.from-list") void fields_from_list(const void *, int, void *);
IMPORT(TYPES, "[constructor]request-options") int options_new(void);
IMPORT(TYPES, "[method]request-options.set-connect-timeout") void options_set(int, int, uint64_t, void *);
IMPORT(TYPES, "[method]request-options.get-connect-timeout") void options_get(int, void *);
IMPORT(TYPES, "[method]request.get-options") void request_options(int, int *);
IMPORT(TYPES, "[method]request.get-method") void request_method(int, void *);
IMPORT(TYPES, "[method]request.set-method") int request_set_method(int, int, const char *, int);
IMPORT(TYPES, "[method]request.set-scheme") int request_set_scheme(int, int, int, const char *, int);
IMPORT(TYPES, "[method]request.set-authority") int request_set_authority(int, int, const char *, int);
IMPORT(TYPES, "[future-new-1][static]request.new") int64_t request_trailers_new(void);
IMPORT(TYPES, "[async-lower][future-write-1][static]request.new") int request_trailers_write(int, const void *);
IMPORT(TYPES, "[stream-new-0][static]request.new") int64_t request_stream_new(void);
IMPORT(TYPES, "[async-lower][stream-write-0][static]request.new") int request_stream_write(int, const void *, int);
IMPORT(TYPES, "[async-lower][stream-read-0][static]request.new") int request_stream_read(int, void *, int);
IMPORT(TYPES, "[stream-drop-writable-0][static]request.new") void request_stream_drop(int);
IMPORT(TYPES, "[stream-drop-readable-0][static]request.new") void request_stream_drop_reader(int);
IMPORT(TYPES, "[stream-cancel-write-0][static]request.new") int request_stream_cancel(int);
IMPORT("wasi:http/client@0.3.0", "[async-lower]send") int client_send(int request, void *result);

static char found[64];
static int count;

static void check(char letter, int good) { found[count++] = good ? letter : '-'; }

static void clocks(void) {
  struct { int64_t seconds; uint32_t nanoseconds; } time;
  uint64_t before = now();
  wall(&time);
  check('c', now() >= before && time.seconds > 1700000000 && wait_until(before) == 2);
}

static void chance(void) {
  uint64_t two[2];
  seed(two);
  check('r', random_u64() != random_u64() && two[0] != two[1]);
}

static void headers(void) {
  struct { uint8_t failed, gap[3]; union { struct { uint8_t code; } error; struct { int *at, count; } list; int handle; }; } out[2];
  int fields = fields_new();
  add_header(fields, TEXT("x-a"), TEXT("1"));
  add_header(fields, TEXT("x-a"), TEXT("22"));
  fields_get_and_delete(fields, TEXT("X-A"), out);
  int good = !out->failed && out->list.count == 2 && out->list.at[3] == 2 && !fields_has(fields, TEXT("x-a"));
  fields_append(fields, TEXT("no header"), TEXT("1"), out);
  good = good && out->failed && out->error.code == 0;
  fields_append(fields, TEXT("Transfer-Encoding"), TEXT("1"), out);
  good = good && out->failed && out->error.code == 1;
  static char large[60000];
  for (int i = 0; i < (int)sizeof large; i++) large[i] = 'a';
  for (int i = 0; i < 2; i++) fields_append(fields, TEXT("x-large"), large, sizeof large, out);
  good = good && !out->failed;
  fields_append(fields, TEXT("x-large"), large, sizeof large, out);
  check('h', good && out->failed && out->error.code == 3);
  struct { char *name; int name_size; char *value; int value_size; } list[] = {{"a", 1, "b", 1}, {"c\n", 2, "d", 1}};
  fields_from_list(list, 1, out);
  good = !out->failed && fields_has(out->handle, TEXT("A"));
  fields_from_list(list, 2, out);
  check('l', good && out->failed && out->error.code == 0);
}

/** A stream of the guest to itself: its reader waits for a copy, and a copy of its writer is cancelled. */
static void pipe(void) {
  int64_t both = request_stream_new();
  int in = (int)both, out = both >> 32;
  char piece[3];
  int good = request_stream_read(in, piece, 3) == BLOCKED;
  good = good && request_stream_write(out, "abc", 3) == (3 << 4);
  check('p', good && piece[2] == 'c');
  good = request_stream_write(out, "abcdef", 6) == BLOCKED;
  check('q', good && request_stream_cancel(out) == CANCELLED);
  request_stream_drop(out);
}

static void output(void) {
  int64_t both = print_new();
  int done = print_stream((int)both), in[2];
  uint8_t answer[2] = {9, 9};
  char nothing[4];
  int good = print_write(both >> 32, TEXT("a line\nand ")) == (11 << 4);
  good = good && printed_read(done, answer) == BLOCKED;
  print_drop(both >> 32);
  input(in);
  check('o', good && (input_read(in[0], nothing, 4) & 15) == DROPPED);
}

static result sent;
static int subtask;

static void send(void) {
  int made[2], chosen = options_new();
  struct { uint8_t failed, gap[3]; uint8_t code; uint8_t rest[15]; } out;
  struct { uint8_t some; uint64_t value; } timeout;
  options_set(chosen, 1, 7000000, &out);
  int64_t stream = request_stream_new(), trailers = request_trailers_new();
  request_new(fields_new(), 1, (int)stream, (int)trailers, 1, chosen, made);
  int has[2];
  request_options(made[0], has);
  options_get(has[1], &timeout);
  int good = has[0] && timeout.some && timeout.value == 7000000;
  options_set(has[1], 0, 0, &out);
  check('t', good && out.failed && out.code == 1);
  good = request_set_method(made[0], 9, TEXT("BREW")) == 0 && request_set_method(made[0], 9, TEXT("a b")) == 1;
  good = good && request_set_scheme(made[0], 1, 1, 0, 0) == 0 && request_set_authority(made[0], 1, TEXT("a b")) == 1;
  good = good && request_set_authority(made[0], 1, TEXT("api.example")) == 0;
  good = good && request_set_path(made[0], 1, TEXT("/pot")) == 0;
  check('s', good);
  subtask = client_send(made[0], &sent);
  request_stream_write(stream >> 32, "leaves", 6);
  request_stream_drop(stream >> 32);
  request_trailers_write(trailers >> 32, &ok);
}

static int finish(void) {
  int response = *(int *)((char *)&sent + 8);
  check('a', !sent.is_error && response_status(response) == 418);
  found[count++] = '\n';
  return answer_now(200, fields_new(), found, count);
}

int handle(int request) {
  struct { uint8_t method, gap[3]; char *other; int size; } method;
  request_method(request, &method);
  check('m', method.method == 2);
  struct { struct { char *name; int name_size; char *value; int value_size; } *at; int count; } variables;
  environment(&variables);
  check('e', variables.count == 1 && variables.at[0].value[0] == 'v');
  clocks();
  chance();
  headers();
  pipe();
  output();
  send();
  if ((subtask & 15) == 2) return finish();
  int set = set_new();
  set_join((unsigned)subtask >> 4, set);
  return WAIT(set);
}

int on_event(int event, int handle, int result) {
  if (event != EVENT_SUBTASK) return answer_event(event, handle);
  return finish();
}
