// Calls itself without touching memory: only the engine's own stack can stop it.
#include <bandstand.h>

__attribute__((noinline)) static uint32_t deeper(uint32_t by) {
  // The result of each call is used twice, so that no compiler makes a loop of it.
  return by == 0xffffffff ? 1 : deeper(by + 1) * 31 + by;
}

void handle(bs_request request) {
  if (deeper((uint32_t)request.handle) == 0) __builtin_trap();
}
