// A command: copies /in to /out as a stream that the guest never touches, and writes the names of / to stdout.
#include <stdint.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))
#define RUN "wasi:cli/run@0.3.0"
#define TYPES "wasi:filesystem/types@0.3.0"
#define DONE(result) ((result) & 15)
#define TEXT(text) (int)text, sizeof(text) - 1
enum { COMPLETED = 0, DROPPED = 1, BLOCKED = -1 };

IMPORT("$root", "[waitable-set-new]") int set_new(void);
IMPORT("$root", "[waitable-set-wait]") int set_wait(int set, int *event);
IMPORT("$root", "[waitable-join]") void set_join(int waitable, int set);
IMPORT("wasi:filesystem/preopens@0.3.0", "get-directories") void get_directories(int *list);
IMPORT(TYPES, "[async-lower][method]descriptor.open-at") int open_at(const void *params, void *result);
IMPORT(TYPES, "[resource-drop]descriptor") void descriptor_drop(int descriptor);
IMPORT(TYPES, "[method]descriptor.read-via-stream") void read_via_stream(int, uint64_t offset, int *both);
IMPORT(TYPES, "[method]descriptor.write-via-stream") int write_via_stream(int, int stream, uint64_t offset);
IMPORT(TYPES, "[method]descriptor.read-directory") void read_directory(int, int *both);
IMPORT(TYPES, "[stream-read-0][method]descriptor.read-directory") int entries_read(int, void *, int);
IMPORT(TYPES, "[future-read-1][method]descriptor.read-directory") int entries_end(int, void *);
IMPORT(TYPES, "[async-lower][future-read-1][method]descriptor.write-via-stream") int written(int, void *);
IMPORT("wasi:cli/stdout@0.3.0", "write-via-stream") int to_stdout(int stream);
IMPORT("wasi:cli/stdout@0.3.0", "[stream-new-0]write-via-stream") int64_t text_new(void);
IMPORT("wasi:cli/stdout@0.3.0", "[stream-write-0]write-via-stream") int text_write(int, const void *, int);
IMPORT("wasi:cli/stdout@0.3.0", "[stream-drop-writable-0]write-via-stream") void text_drop(int);
IMPORT("[export]" RUN, "[task-return]run") void task_return(int failed);

static char heap[64 << 10];
static int used;
EXPORT("cabi_realloc") void *cabi_realloc(void *old, int old_size, int align, int size) {
  used = (used + align - 1) & -align;
  void *found = heap + used;
  if ((used += size) > (int)sizeof heap) __builtin_trap();
  return found;
}

static int opened(int directory, int name, int size, int open_flags, int flags) {
  struct { int self; uint8_t follow; int name, size; uint8_t open, flags; } params = {directory, 1, name, size, open_flags, flags};
  struct { uint8_t failed; union { int descriptor; uint8_t code; }; int rest[3]; } result;
  if (open_at(&params, &result) != 2) __builtin_trap();
  return result.failed ? -1 - result.code : result.descriptor;
}

static int fails(int kind) {
  task_return(kind);
  return 0;
}

EXPORT("[async-lift]" RUN "#run") int run(void) {
  int list[2], both[2], done[5], event[2];
  get_directories(list);
  int root = *(int *)list[0];
  int64_t text = text_new();
  to_stdout((int)text);
  int from = opened(root, TEXT("in"), 0, 1), to = opened(root, TEXT("out"), 1, 2);
  if (from < 0 || to < 0) return fails(1);
  // no-entry is 19.
  if (opened(root, TEXT("none"), 0, 1) != -1 - 19) return fails(1);
  read_via_stream(from, 0, both);
  int copied = write_via_stream(to, both[0], 0);
  descriptor_drop(from);
  descriptor_drop(to);
  if (written(copied, done) == BLOCKED) {
    int set = set_new();
    set_join(copied, set);
    if (set_wait(set, event) != 4) __builtin_trap();
  }
  if (*(char *)done) return fails(1);
  read_directory(root, both);
  for (;;) {
    struct { uint8_t kind; int gap[3]; char *name; int size; } entry[3];
    int result = entries_read(both[0], entry, 3);
    for (int i = 0; i < result >> 4; i++) {
      char line[] = {'0' + entry[i].kind, ' '};
      text_write(text >> 32, line, 2);
      text_write(text >> 32, entry[i].name, entry[i].size);
      text_write(text >> 32, "\n", 1);
    }
    if (DONE(result) == DROPPED) break;
  }
  entries_end(both[1], done);
  text_drop(text >> 32);
  return fails(*(char *)done);
}

EXPORT("[callback][async-lift]" RUN "#run") int on_event(int event, int subtask, int state) { __builtin_trap(); }
