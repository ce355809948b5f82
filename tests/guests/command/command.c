/* A WASI 0.1 command; its first argument says what it does. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int failed(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  return 9;
}

int main(int count, char **args) {
  const char *task = count > 1 ? args[1] : "";
  if (strcmp(task, "args") == 0) {
    for (int i = 2; i < count; i++) printf("%s\n", args[i]);
  } else if (strcmp(task, "env") == 0) {
    for (int i = 2; i < count; i++) printf("%s=%s\n", args[i], getenv(args[i]) == NULL ? "(none)" : getenv(args[i]));
  } else if (strcmp(task, "exit") == 0) {
    exit(atoi(args[2]));
  } else if (strcmp(task, "cat") == 0) {
    char piece[4096];
    FILE *from = count > 2 ? fopen(args[2], "r") : stdin;
    if (from == NULL) return failed(args[2]);
    for (size_t size; (size = fread(piece, 1, sizeof piece, from)) > 0;) {
      if (fwrite(piece, 1, size, stdout) < size) return 8;
    }
    if (ferror(from)) return failed(count > 2 ? args[2] : "stdin");
  } else if (strcmp(task, "open") == 0) {
    int opened = 0;
    while (opened < atoi(args[3]) && open(args[2], O_RDONLY) >= 0) opened++;
    printf("%d\n", opened);
  } else if (strcmp(task, "write") == 0) {
    FILE *to = fopen(args[2], "w");
    if (to == NULL) return failed(args[2]);
    fputs(args[3], to);
    fclose(to);
  } else if (strcmp(task, "trap") == 0) {
    __builtin_trap();
  } else if (strcmp(task, "loop") == 0) {
    for (volatile int turn = 0;; turn++) {}
  } else if (strcmp(task, "sleep") == 0) {
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    usleep(50000);
    clock_gettime(CLOCK_MONOTONIC, &after);
    double passed = (after.tv_sec - before.tv_sec) * 1e3 + (after.tv_nsec - before.tv_nsec) / 1e6;
    puts(passed >= 50 && time(NULL) > 1700000000 ? "slept" : "did not sleep");
  } else if (strcmp(task, "grow") == 0) {
    size_t held = 0;
    for (volatile char *block; (block = malloc(1 << 20)) != NULL; held++) block[0] = 1;
    printf("%zu\n", held);
  } else if (strcmp(task, "terminal") == 0) {
    printf("%d%d%d\n", isatty(0), isatty(1), isatty(2));
  } else {
    fprintf(stderr, "what?\n");
    return 2;
  }
  return 0;
}
