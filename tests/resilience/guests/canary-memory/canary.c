// Plants the secrets that it was sent all over its memory, and looks for them there with the next request.
//
// GET looks: 200 where no byte of memory begins a secret, else 520. POST plants and answers; PUT plants and traps;
// DELETE plants and loops for ever. The host writes them too: as headers, as target, as body.
#include <bandstand.h>
#include <stdlib.h>
#include <string.h>

// «a-secret-of-request», but not to be found as such in what every instance begins with.
static const uint8_t hidden[] = {0x3b, 0x77, 0x29, 0x3f, 0x39, 0x28, 0x3f, 0x2e, 0x77, 0x35, 0x3c, 0x77, 0x28, 0x3f, 0x2b, 0x2f, 0x3f, 0x29, 0x2e};
static char vault[3][8192];
static char *kept;

static void write_secret(char *to) {
  for (uint32_t i = 0; i < sizeof hidden; i++) ((volatile char *)to)[i] = (char)(hidden[i] ^ 0x5a);
}

static bool is_secret(const uint8_t *at) {
  for (uint32_t i = 0; i < sizeof hidden; i++)
    if ((at[i] ^ 0x5a) != hidden[i]) return false;
  return true;
}

static __attribute__((noinline)) uint32_t deep(uint32_t depth) {
  char frame[256];
  write_secret(frame + depth);
  return depth == 0 ? (uint32_t)frame[0] : deep(depth - 1) + (uint32_t)frame[depth];
}

static void plant(bs_request request) {
  bs_text body;
  bs_request_body(request, 1 << 16, &body);
  write_secret(vault[0]);
  // Across the end of a page, and across that of the memory's own 64 KiB.
  write_secret(vault[1] + 4096 - ((uintptr_t)vault[1] & 4095) - 7);
  kept = malloc(300000);
  for (uint32_t at = 0; at < 290000; at += 1000) write_secret(kept + at);
  char *freed = malloc(100000);
  write_secret(freed + 50000);
  free(freed);
  memcpy(vault[2] + 100, vault[0], 64);
  memmove(vault[2] + 4090, vault[0], 64);
  deep(60);
  uint32_t grown = (uint32_t)__builtin_wasm_memory_grow(0, 2) * 65536;
  write_secret((char *)(uintptr_t)(grown + 65530));
  write_secret((char *)(uintptr_t)(grown + 2 * 65536 - sizeof hidden));
}

static bool finds(void) {
  const uint8_t *end = (const uint8_t *)((uint32_t)__builtin_wasm_memory_size(0) * 65536 - sizeof hidden);
  for (const uint8_t *at = (const uint8_t *)8; at <= end; at++)
    if ((*at ^ 0x5a) == hidden[0] && is_secret(at)) return true;
  return kept != NULL;
}

void handle(bs_request request) {
  bs_text method = bs_request_method(request);
  if (bs_text_equal(method, BS_TEXT("GET"))) {
    bool found = finds();
    // Once more where only growing shows it.
    if (!found) found = __builtin_wasm_memory_grow(0, 8) != (size_t)-1 && finds();
    bs_answer(request, found ? 520 : 200, bs_headers_new(), BS_TEXT(""));
    return;
  }
  plant(request);
  if (bs_text_equal(method, BS_TEXT("PUT"))) __builtin_trap();
  if (bs_text_equal(method, BS_TEXT("DELETE")))
    for (volatile int turns = 0;; turns++) {}
  bs_answer(request, 204, bs_headers_new(), BS_TEXT(""));
}
