// Never gets through its own start: the component cannot even be loaded.
#include <bandstand.h>

__attribute__((constructor)) static void start(void) {
  volatile uint32_t turns = 0;
  for (;;) turns++;
}

void handle(bs_request request) { bs_answer(request, 200, bs_headers_new(), BS_TEXT("never\n")); }
