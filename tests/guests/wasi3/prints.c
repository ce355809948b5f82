// A command that only writes, and waits for nothing.
#include <stdint.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))
#define RUN "wasi:cli/run@0.3.0"
IMPORT("wasi:cli/stdout@0.3.0", "write-via-stream") int to_stdout(int stream);
IMPORT("wasi:cli/stdout@0.3.0", "[stream-new-0]write-via-stream") int64_t text_new(void);
IMPORT("wasi:cli/stdout@0.3.0", "[async-lower][stream-write-0]write-via-stream") int text_write(int, const void *, int);
IMPORT("wasi:cli/stdout@0.3.0", "[stream-drop-writable-0]write-via-stream") void text_drop(int);
IMPORT("[export]" RUN, "[task-return]run") void task_return(int failed);
EXPORT("cabi_realloc") void *cabi_realloc(void *old, int old_size, int align, int size) { __builtin_trap(); }
EXPORT("[async-lift]" RUN "#run") int run(void) {
  int64_t text = text_new();
  to_stdout((int)text);
  text_write(text >> 32, "Hello, world!\n", 14);
  text_drop(text >> 32);
  task_return(0);
  return 0;
}
EXPORT("[callback][async-lift]" RUN "#run") int on_event(int event, int subtask, int state) { __builtin_trap(); }
