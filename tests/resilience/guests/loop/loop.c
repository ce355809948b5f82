// Never ends and never calls the host.
#include <bandstand.h>

void handle(bs_request request) {
  volatile uint32_t turns = 0;
  for (;;) turns++;
}
