/* A WASI 0.1 command that answers by the CGI convention; the path says how. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void head(const char *status) { printf("Status: %s\nContent-Type: text/plain\n\n", status); }

int main(void) {
  const char *path = getenv("PATH_INFO");
  if (strcmp(path, "/echo") == 0) {
    char piece[4096];
    head("200 OK");
    for (size_t size; (size = fread(piece, 1, sizeof piece, stdin)) > 0;) fwrite(piece, 1, size, stdout);
  } else if (strcmp(path, "/chance") == 0) {
    // Draws and looks at the clock before it reads: where it has to begin again there, it gets the same once more.
    unsigned char drawn[16];
    struct timespec now;
    char piece[4096];
    size_t all = 0;
    getentropy(drawn, sizeof drawn);
    clock_gettime(CLOCK_REALTIME, &now);
    for (size_t size; (size = fread(piece, 1, sizeof piece, stdin)) > 0;) all += size;
    head("200 OK");
    for (size_t i = 0; i < sizeof drawn; i++) printf("%02x", drawn[i]);
    printf(" %d %zu\n", now.tv_sec > 1700000000, all);
  } else if (strcmp(path, "/loop") == 0) {
    for (volatile int turn = 0;; turn++) {}
  } else if (strcmp(path, "/grow") == 0) {
    size_t held = 0;
    for (volatile char *block; (block = malloc(1 << 20)) != NULL; held++) block[0] = 1;
    head("200 OK");
    printf("%zu\n", held);
  } else if (strcmp(path, "/trap") == 0) {
    __builtin_trap();
  } else if (strcmp(path, "/exit") == 0) {
    head("200 OK");
    printf("half an answer");
    return 3;
  } else if (strcmp(path, "/nothing") == 0) {
    puts("no head");
  } else if (strcmp(path, "/long") == 0) {
    head("200 OK");
    for (int line = 0; line < 100000; line++) puts("0123456789012345678901234567890123456789");
  } else {
    const char *names[] = {"REQUEST_METHOD", "QUERY_STRING", "HTTP_X_A", "HTTP_COOKIE", "GREETING", "PATH", "HOME"};
    fprintf(stderr, "asked for %s\n", path);
    head("201 Made");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
      const char *value = getenv(names[i]);
      if (value != NULL) printf("%s=%s\n", names[i], value);
    }
  }
  return 0;
}
