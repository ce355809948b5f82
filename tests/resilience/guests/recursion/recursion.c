// Calls itself until the stack is full.
#include <bandstand.h>

static volatile uint32_t depth;

__attribute__((noinline)) static uint32_t deeper(uint32_t by) {
  volatile uint8_t frame[64];
  frame[depth++ & 63] = (uint8_t)by;
  return deeper(by + 1) + frame[by & 63];
}

void handle(bs_request request) { depth = deeper(depth); }
