// Writes a megabyte of empty lines to its log, again and again, without asking whether there is room for them.
#include <bandstand.h>
#include <string.h>
#include <wasi.h>

static char lines[1 << 20];

void handle(bs_request request) {
  wasi_result ignored;
  int32_t log = wasi_stderr();
  memset(lines, '\n', sizeof lines);
  for (;;) wasi_output_write(log, lines, sizeof lines, &ignored);
}
