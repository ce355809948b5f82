// Traps in the phase of its work that the path names.
#include <bandstand.h>

static char piece[16384];

static bool is(bs_text target, bs_text end) {
  if (target.size < end.size) return false;
  return bs_text_equal((bs_text){target.data + target.size - end.size, end.size}, end);
}

void handle(bs_request request) {
  bs_text target = bs_request_target(request);
  bs_text body;
  if (is(target, BS_TEXT("/body"))) {
    bs_request_body(request, 1 << 20, &body);
    __builtin_trap();
  }
  if (is(target, BS_TEXT("/stream"))) {
    bs_writer writer = bs_answer_start(request, 200, bs_headers_new());
    for (int i = 0; i < 40; i++) bs_write(&writer, (bs_text){piece, sizeof piece});
    __builtin_trap();
  }
  bs_answer(request, 200, bs_headers_new(), BS_TEXT("answered, and then trapped\n"));
  __builtin_trap();
}
