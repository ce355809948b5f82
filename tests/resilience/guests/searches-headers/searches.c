// Deletes a header that is not among a thousand long ones, again and again: the host does all of the work.
#include <bandstand.h>
#include <string.h>
#include <wasi.h>

void handle(bs_request request) {
  static char name[130];
  wasi_result ignored;
  int32_t headers = wasi_fields_new();
  memset(name, 'n', sizeof name);
  for (int i = 0; i < 950; i++) wasi_fields_append(headers, name, sizeof name, "", 0, &ignored);
  name[sizeof name - 1] = '1';
  for (;;) wasi_fields_delete(headers, name, sizeof name, &ignored);
}
