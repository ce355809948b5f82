// Uses the store "visits" (x-store: another one) as the path says; answers with what came of it.
#include <bandstand.h>
#include <stdio.h>
#include <string.h>

#define KV(interface, name) __attribute__((import_module("wasi:keyvalue/" interface "@0.2.0-draft2"), import_name(name)))
typedef struct { uint8_t failed; uint8_t kind; bs_text text; } error_result; // of results whose payload lies at 4
typedef struct { uint32_t failed, kind; bs_text text; } store_result;
typedef struct { uint8_t failed; int64_t number; uint64_t more; } number_result;
typedef struct { uint32_t failed; bs_text *keys; uint32_t count, more; bs_text cursor; } keys_result;
typedef struct { uint32_t failed, which, handle, rest[2]; } swap_result;
typedef struct { bs_text key, value; } pair;
typedef struct { uint32_t some; pair pair; } optional_pair;
typedef struct { uint32_t failed; optional_pair *values; uint32_t count, rest; } many_result;

KV("store", "open") void kv_open(const char *, uint32_t, store_result *);
KV("store", "[method]bucket.get") void kv_get(int32_t, const char *, uint32_t, store_result *);
KV("store", "[method]bucket.set") void kv_set(int32_t, const char *, uint32_t, const char *, uint32_t, store_result *);
KV("store", "[method]bucket.delete") void kv_delete(int32_t, const char *, uint32_t, store_result *);
KV("store", "[method]bucket.exists") void kv_exists(int32_t, const char *, uint32_t, store_result *);
KV("store", "[method]bucket.list-keys") void kv_keys(int32_t, int32_t, const char *, uint32_t, keys_result *);
KV("atomics", "increment") void kv_increment(int32_t, const char *, uint32_t, int64_t, number_result *);
KV("atomics", "[static]cas.new") void kv_cas(int32_t, const char *, uint32_t, store_result *);
KV("atomics", "swap") void kv_swap(int32_t, const char *, uint32_t, swap_result *);
KV("batch", "get-many") void kv_get_many(int32_t, const bs_text *, uint32_t, many_result *);
KV("batch", "set-many") void kv_set_many(int32_t, const pair *, uint32_t, store_result *);
KV("batch", "delete-many") void kv_delete_many(int32_t, const bs_text *, uint32_t, store_result *);

static char said[4096];

static bool is(bs_text path, const char *start) { return strncmp(path.data, start, strlen(start)) == 0; }

/* An option or bool in the first byte of the payload, or the error. */
static void say(const store_result *result) {
  static const char *errors[] = {"no such store", "access denied", "other"};
  uint8_t kind = (uint8_t)result->kind;
  if ((uint8_t)result->failed) {
    snprintf(said, sizeof said, "%s%s%.*s", errors[kind], kind == 2 ? ": " : "", kind == 2 ? (int)result->text.size : 0, result->text.data);
  } else if (kind == 0) strcpy(said, "none");
  else snprintf(said, sizeof said, "%.*s", (int)result->text.size, result->text.data);
}

void handle(bs_request request) {
  bs_text path = bs_request_target(request), name = BS_TEXT("visits"), value = BS_TEXT("");
  store_result opened, result = {0};
  bs_request_header(request, BS_TEXT("x-store"), &name);
  bs_request_header(request, BS_TEXT("x-value"), &value);
  bs_text key = {path.data + 5, path.size - 5}; /* /get/KEY */
  said[0] = 0;
  kv_open(name.data, name.size, &opened);
  int32_t bucket = (int32_t)opened.kind;
  if ((uint8_t)opened.failed) say(&opened);
  else if (is(path, "/get/")) kv_get(bucket, key.data, key.size, &result), say(&result);
  else if (is(path, "/set/")) kv_set(bucket, key.data, key.size, value.data, value.size, &result), say(&result);
  else if (is(path, "/del/")) kv_delete(bucket, key.data, key.size, &result), say(&result);
  else if (is(path, "/has/")) {
    kv_exists(bucket, key.data, key.size, &result);
    strcpy(said, (uint8_t)result.kind ? "yes" : "no");
  } else if (is(path, "/add/")) {
    number_result sum;
    kv_increment(bucket, key.data, key.size, 1, &sum);
    if (sum.failed) strcpy(said, "failed");
    else snprintf(said, sizeof said, "%lld", (long long)sum.number);
  } else if (is(path, "/all")) {
    keys_result keys;
    kv_keys(bucket, 0, "", 0, &keys);
    for (uint32_t i = 0; i < keys.count && i < 20; i++) strncat(said, keys.keys[i].data, keys.keys[i].size), strcat(said, " ");
    snprintf(said + strlen(said), 64, "(%u%s)", keys.count, (uint8_t)keys.more ? ", more" : "");
  } else if (is(path, "/cas/")) {
    /* Swaps twice with the same knowledge: the second one must fail, and be given a fresh start. */
    store_result first, second;
    swap_result swapped;
    kv_cas(bucket, key.data, key.size, &first);
    kv_cas(bucket, key.data, key.size, &second);
    kv_swap((int32_t)first.kind, "one", 3, &swapped);
    strcat(said, (uint8_t)swapped.failed ? "lost " : "won ");
    kv_swap((int32_t)second.kind, "two", 3, &swapped);
    strcat(said, (uint8_t)swapped.failed && (uint8_t)swapped.which == 1 ? "lost " : "won ");
    kv_swap((int32_t)swapped.handle, "three", 5, &swapped);
    strcat(said, (uint8_t)swapped.failed ? "lost" : "won");
  } else if (is(path, "/many")) {
    pair pairs[] = {{BS_TEXT("a"), BS_TEXT("1")}, {BS_TEXT("b"), BS_TEXT("2")}};
    bs_text keys[] = {BS_TEXT("b"), BS_TEXT("nothing"), BS_TEXT("a")};
    many_result many;
    kv_set_many(bucket, pairs, 2, &result);
    kv_get_many(bucket, keys, 3, &many);
    for (uint32_t i = 0; i < many.count; i++) {
      const optional_pair *each = &many.values[i];
      if (!(uint8_t)each->some) strcat(said, "none ");
      else strncat(said, each->pair.key.data, each->pair.key.size), strncat(said, each->pair.value.data, each->pair.value.size), strcat(said, " ");
    }
    kv_delete_many(bucket, keys, 3, &result);
    kv_exists(bucket, "a", 1, &result);
    strcat(said, (uint8_t)result.kind ? "kept" : "gone");
  }
  bs_answer(request, 200, bs_headers_new(), (bs_text){said, strlen(said)});
}
