// What loads and servers of these benches need of the machine.
#include <sys/resource.h>
#include <time.h>

// Seconds, by a clock that nobody sets.
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

// As many connections as may be had.
static void take_all_files(void) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}
