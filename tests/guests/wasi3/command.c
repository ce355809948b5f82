// A command: waits 20 ms, then ends well.
#include <stdint.h>

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))
#define RUN "wasi:cli/run@0.3.0"

IMPORT("$root", "[waitable-set-new]") int set_new(void);
IMPORT("$root", "[waitable-join]") void set_join(int waitable, int set);
IMPORT("$root", "[subtask-drop]") void subtask_drop(int subtask);
IMPORT("wasi:clocks/monotonic-clock@0.3.0", "[async-lower]wait-for") int wait_for(uint64_t nanoseconds);
IMPORT("[export]" RUN, "[task-return]run") void task_return(int failed);

EXPORT("[async-lift]" RUN "#run") int run(void) {
  int set = set_new();
  set_join((unsigned)wait_for(20 * 1000 * 1000) >> 4, set);
  return 2 | set << 4;
}

EXPORT("[callback][async-lift]" RUN "#run") int on_event(int event, int subtask, int state) {
  subtask_drop(subtask);
  task_return(0);
  return 0;
}
