// What rewritten code costs against plain code, by kinds of work. Every function answers something that depends on
// all of it, so that no compiler leaves it out. The count says how often.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#define KERNEL(name) __attribute__((export_name(name)))

static uint8_t bytes[65536];
static uint32_t words[65536];

KERNEL("strlen") int length_of(int count) {
  memset(bytes, 'a', 60000);
  bytes[60000] = 0;
  int sum = 0;
  while (count-- > 0) {
    volatile uint8_t *at = bytes;
    while (*at) at++;
    sum += at - bytes;
  }
  return sum;
}

KERNEL("fill") int fill(int count) {
  volatile uint8_t *to = bytes;
  while (count-- > 0)
    for (int i = 0; i < 60000; i++) to[i] = i + count;
  return bytes[77];
}

KERNEL("copy") int copy(int count) {
  while (count-- > 0)
    for (int i = 0; i < 32000; i++) words[i + 32000] = words[i] ^ count;
  return words[40000];
}

KERNEL("sieve") int sieve(int count) {
  int primes = 0;
  while (count-- > 0) {
    memset(bytes, 0, sizeof bytes);
    primes = 0;
    for (int i = 2; i < 65536; i++) {
      if (bytes[i]) continue;
      primes++;
      for (int j = i * 2; j < 65536; j += i) bytes[j] = 1;
    }
  }
  return primes;
}

static double a[64 * 64], b[64 * 64], c[64 * 64];

KERNEL("matrix") double matrix(int count) {
  for (int i = 0; i < 64 * 64; i++) a[i] = i * 0.5, b[i] = i * 0.25;
  while (count-- > 0)
    for (int i = 0; i < 64; i++)
      for (int j = 0; j < 64; j++) {
        double sum = 0;
        for (int k = 0; k < 64; k++) sum += a[i * 64 + k] * b[k * 64 + j];
        c[i * 64 + j] = sum;
      }
  return c[100];
}

static uint32_t rotate(uint32_t x, int by) { return x >> by | x << (32 - by); }

// The rounds of SHA-256; the constants do not matter for the time that they take.
static void block(uint32_t *state, const uint8_t *from) {
  uint32_t w[64], s[8];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)from[4 * i] << 24 | from[4 * i + 1] << 16 | from[4 * i + 2] << 8 | from[4 * i + 3];
  for (int i = 16; i < 64; i++) {
    uint32_t x = w[i - 15], y = w[i - 2];
    w[i] = w[i - 16] + (rotate(x, 7) ^ rotate(x, 18) ^ x >> 3) + w[i - 7] + (rotate(y, 17) ^ rotate(y, 19) ^ y >> 10);
  }
  memcpy(s, state, sizeof s);
  for (int i = 0; i < 64; i++) {
    uint32_t e = s[4], x = s[0];
    uint32_t one = s[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & s[5]) ^ (~e & s[6])) + words[i] + w[i];
    uint32_t two = (rotate(x, 2) ^ rotate(x, 13) ^ rotate(x, 22)) + ((x & s[1]) ^ (x & s[2]) ^ (s[1] & s[2]));
    for (int j = 7; j > 0; j--) s[j] = s[j - 1];
    s[4] += one;
    s[0] = one + two;
  }
  for (int i = 0; i < 8; i++) state[i] += s[i];
}

KERNEL("sha256") uint32_t sha256(int count) {
  uint32_t state[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  memset(bytes, 'b', 32768);
  for (int i = 0; i < 64; i++) words[i] = i * 2654435769u;
  while (count-- > 0)
    for (int i = 0; i < 32768; i += 64) block(state, bytes + i);
  return state[0];
}

static int compare(const void *x, const void *y) {
  uint32_t p = *(const uint32_t *)x, q = *(const uint32_t *)y;
  return p < q ? -1 : p > q;
}

KERNEL("qsort") uint32_t sort(int count) {
  while (count-- > 0) {
    uint32_t x = count;
    for (int i = 0; i < 5000; i++) words[i] = x = x * 1664525 + 1013904223;
    qsort(words, 5000, 4, compare);
  }
  return words[2500];
}

struct tree {
  struct tree *left, *right;
  int value;
};

static struct tree *grow(int depth) {
  struct tree *made = malloc(sizeof *made);
  made->value = depth;
  made->left = depth ? grow(depth - 1) : 0;
  made->right = depth ? grow(depth - 1) : 0;
  return made;
}

static int fell(struct tree *old) {
  if (!old) return 0;
  int sum = old->value + fell(old->left) + fell(old->right);
  free(old);
  return sum;
}

KERNEL("trees") int trees(int count) {
  int sum = 0;
  while (count-- > 0) sum += fell(grow(9));
  return sum;
}

KERNEL("fib") int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

// JSON without escapes in numbers: parsed to a tree of nodes, printed again.
struct node {
  struct node *child, *next;
  const char *text;
  int kind, length;
  double number;
};

static const char *source;
static char printed[65536];
static int end;

static void space(void) {
  while (*source == ' ' || *source == '\n') source++;
}

static struct node *parse(void) {
  struct node *made = calloc(1, sizeof *made);
  space();
  if (*source == '{' || *source == '[') {
    struct node **tail = &made->child;
    made->kind = *source++ == '{' ? '}' : ']';
    for (space(); *source != made->kind; space()) {
      if (*source == ',' || *source == ':') source++;
      *tail = parse();
      tail = &(*tail)->next;
    }
    source++;
  } else if (*source == '"') {
    made->kind = 's';
    for (made->text = ++source; *source != '"'; source++)
      if (*source == '\\') source++;
    made->length = source++ - made->text;
  } else if (*source >= 'a' && *source <= 'z') {
    made->kind = 's';
    for (made->text = source; *source >= 'a' && *source <= 'z';) source++;
    made->length = source - made->text;
  } else {
    made->kind = 'n';
    made->number = strtod(source, (char **)&source);
  }
  return made;
}

static void print(struct node *from) {
  if (from->kind == 's') {
    printed[end++] = '"';
    for (int i = 0; i < from->length; i++) printed[end++] = from->text[i];
    printed[end++] = '"';
  } else if (from->kind == 'n') {
    char digits[24];
    int count = 0;
    for (long rest = from->number; rest || !count; rest /= 10) digits[count++] = '0' + rest % 10;
    while (count) printed[end++] = digits[--count];
  } else {
    printed[end++] = from->kind == '}' ? '{' : '[';
    int place = 0;
    for (struct node *each = from->child; each; each = each->next) {
      if (place++) printed[end++] = from->kind == '}' && place % 2 == 0 ? ':' : ',';
      print(each);
    }
    printed[end++] = from->kind;
  }
}

static void drop(struct node *old) {
  while (old) {
    struct node *next = old->next;
    drop(old->child);
    free(old);
    old = next;
  }
}

KERNEL("json") int json(int count) {
  static const char item[] = "{\"id\":12345,\"name\":\"some name\",\"tags\":[\"a\",\"bb\",\"ccc\"],\"price\":12.75,\"ok\":true},";
  static char text[8192];
  int length = 0, sum = 0;
  text[length++] = '[';
  for (int i = 0; i < 40; i++, length += sizeof item - 1) memcpy(text + length, item, sizeof item - 1);
  text[length - 1] = ']';
  while (count-- > 0) {
    source = text;
    end = 0;
    struct node *made = parse();
    print(made);
    drop(made);
    sum += end;
  }
  return sum;
}

static int matches(const char *pattern, const char *text) {
  if (!*pattern) return 1;
  if (pattern[1] == '*') {
    const char *at = text;
    while (*at && (*at == *pattern || *pattern == '.')) at++;
    do
      if (matches(pattern + 2, at)) return 1;
    while (at-- > text);
    return 0;
  }
  return *text && (*pattern == '.' || *pattern == *text) && matches(pattern + 1, text + 1);
}

KERNEL("regex") int regex(int count) {
  int sum = 0;
  memset(bytes, 'a', 420);
  memcpy(bytes + 300, "xyz@example.org", 15);
  bytes[420] = 0;
  while (count-- > 0)
    for (char *at = (char *)bytes; *at; at++) sum += matches("a*x.*@ex.*g", at);
  return sum;
}
