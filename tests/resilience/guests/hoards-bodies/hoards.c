// Writes bodies of requests that it never sends, without asking whether there is room for them.
#include <bandstand.h>
#include <wasi.h>

static char piece[1 << 20];

void handle(bs_request request) {
  wasi_result body, stream, written;
  for (int i = 0; i < 3000; i++) {
    wasi_outgoing_body(wasi_outgoing_new(wasi_fields_new()), &body);
    wasi_outgoing_body_write(body.value, &stream);
    wasi_output_write(stream.value, piece, 1000000, &written);
  }
  bs_answer(request, 200, bs_headers_new(), BS_TEXT("all of them\n"));
}
