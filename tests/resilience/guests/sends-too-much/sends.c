// Sends one request to its own site whose body has no end.
#include <bandstand.h>
#include <wasi.h>

static char piece[65536];

void handle(bs_request request) {
  wasi_result body, stream, written;
  wasi_size_result size;
  wasi_http_result sent;
  bs_text authority = bs_request_authority(request);
  int32_t outgoing = wasi_outgoing_new(wasi_fields_new());
  wasi_outgoing_set_method(outgoing, 2, "", 0);
  wasi_outgoing_set_scheme(outgoing, 1, 0, "", 0);
  wasi_outgoing_set_authority(outgoing, 1, authority.data, authority.size);
  wasi_outgoing_set_target(outgoing, 1, "/innocent", 9);
  wasi_outgoing_body(outgoing, &body);
  wasi_outgoing_body_write(body.value, &stream);
  wasi_outgoing_handle(outgoing, 0, 0, &sent);
  for (;;) {
    wasi_output_check_write(stream.value, &size);
    if (size.failed) break;
    uint32_t room = size.size < sizeof piece ? (uint32_t)size.size : sizeof piece;
    wasi_output_write(stream.value, piece, room, &written);
    if (written.failed) break;
    if (room == 0) wasi_pollable_block(wasi_output_subscribe(stream.value));
  }
  bs_answer(request, 200, bs_headers_new(), BS_TEXT("it was not taken\n"));
}
