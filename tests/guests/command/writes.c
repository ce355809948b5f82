// Only writes: it imports nothing that may wait. Counts for some milliseconds, or with an argument for ever.
#include <stdio.h>

int main(int count, char **arguments) {
  (void)arguments;
  volatile unsigned long sum = 0;
  puts("begun");
  fflush(stdout);
  for (unsigned long i = 0; count > 1 || i < 50000000; i++) sum += i & 1;
  printf("%lu\n", sum);
  return 3;
}
