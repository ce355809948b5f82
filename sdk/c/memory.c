/*
 * Memory that lives as long as one request: a small block inside the module, then blocks of malloc's.
 * `handle` of the component is here too, because both ends of that life are.
 */
#include "bandstand.h"
#include "wasi.h"
#include <stdlib.h>
#include <string.h>

typedef struct block { struct block *older; } block;

static _Alignas(16) uint8_t first[2048];
static uint8_t *free_from = first, *free_to = first + sizeof first;
static block *newest;

static void *take(uint32_t align, uint32_t size) {
  uint32_t padding = (uint32_t)(-(uintptr_t)free_from) & (align - 1);
  if (size > (uint32_t)(free_to - free_from) || padding > (uint32_t)(free_to - free_from) - size) {
    uint32_t room = size > 16384 ? size : 16384;
    if (room > UINT32_MAX - 32) __builtin_trap();
    block *more = malloc(sizeof(block) + 16 + room);
    if (more == NULL) __builtin_trap();
    more->older = newest;
    newest = more;
    free_from = (uint8_t *)(((uintptr_t)(more + 1) + 15) & ~(uintptr_t)15);
    free_to = free_from + room;
    padding = 0;
  }
  uint8_t *taken = free_from + padding;
  free_from = taken + size;
  return taken;
}

void *bs_allocate(uint32_t size) { return take(16, size); }

/* The host calls this for every list and string that it hands in. */
__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, uint32_t old_size, uint32_t align, uint32_t size) {
  if (size == 0) return (void *)(uintptr_t)align;
  uint8_t *fresh = take(align, size);
  if (old_size > 0) memcpy(fresh, old, old_size < size ? old_size : size);
  return fresh;
}

/* What the host returned for one short step need not stay until the request ends: long streams would add up. */
void *bandstand_mark(void) { return free_from; }

void bandstand_rewind(void *mark) {
  /* Only within the same block: a newer one may hold what came before the mark in an older one. */
  uint8_t *from = newest == NULL ? first : (uint8_t *)(newest + 1);
  if ((uint8_t *)mark >= from && (uint8_t *)mark <= free_from) free_from = mark;
}

/*
 * Called by its address, so that no optimizer makes `free` a part of `handle`: few requests come to it, and the engine would compile it
 * before the first one is answered.
 */
static void (*volatile const give_back)(void *) = free;

static void release(void) {
  while (newest != NULL) {
    block *older = newest->older;
    give_back(newest);
    newest = older;
  }
  free_from = first;
  free_to = first + sizeof first;
}

__attribute__((export_name("wasi:http/incoming-handler@0.2.0#handle"))) void bandstand_handle(int32_t request, int32_t outparam) {
  handle((bs_request){request, outparam});
  release();
}
