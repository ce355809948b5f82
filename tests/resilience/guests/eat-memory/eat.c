// Takes memory, 1 MiB at a time, and writes on it until it gets no more; then traps.
#include <bandstand.h>

#define PAGE 65536

void handle(bs_request request) {
  for (;;) {
    uintptr_t page = __builtin_wasm_memory_grow(0, 16);
    if (page == (uintptr_t)-1) __builtin_trap();
    for (uint32_t i = 0; i < 16; i++) *(volatile uint8_t *)((page + i) * PAGE) = 1;
  }
}
