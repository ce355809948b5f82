// A command: waits for something in a set that holds nothing.
#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))
#define RUN "wasi:cli/run@0.3.0"

IMPORT("$root", "[waitable-set-new]") int set_new(void);
IMPORT("[export]" RUN, "[task-return]run") void task_return(int failed);

EXPORT("[async-lift]" RUN "#run") int run(void) { return 2 | set_new() << 4; }

EXPORT("[callback][async-lift]" RUN "#run") int on_event(int event, int subtask, int state) {
  task_return(0);
  return 0;
}
