// A client that costs a microsecond or two a request, so that it can offer more than any server here takes, and keep its times.
//   load HOST PORT PER_SECOND WARM SECONDS CONNECTIONS DEADLINE_MS SHARE PATH [SHARE PATH]…
// Open loop: GET requests fall due evenly at PER_SECOND, whatever became of those before; each goes out on a connection that is free, and
// where none is it is lost. PER_SECOND 0 is a closed loop: each connection sends the next when it was answered. Of so many (the sum of SHAREs) in a row
// SHARE go to a PATH. All connections are open before the first request. What it saw is the last line of stdout, as JSON.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "machine.h"

enum { HEAD = 2048, MOST_PATHS = 8, MOST_SHARES = 1024 };
typedef struct {
  int file, got, counted, busy;
  long rest; // of the body: bytes to come; -1: the head is not whole; -2: chunks
  double due;
  char head[HEAD + 1];
} Connection;

static struct sockaddr_in address;
static char requests[MOST_PATHS][1024];
static unsigned char turns[MOST_SHARES];
static int shares, poll_file;
static double deadline, per_second;
static Connection *all;
static int *unused, unused_count, connections;
static long offered, good, refused, late, failed, lost, sent;
static float *latencies;
static long room;


static void die(const char *what) {
  perror(what);
  exit(1);
}

static void open_connection(int index) {
  Connection *c = &all[index];
  c->file = socket(AF_INET, SOCK_STREAM, 0);
  if (c->file < 0) die("socket");
  if (connect(c->file, (struct sockaddr *)&address, sizeof address) < 0) die("connect");
  int on = 1;
  setsockopt(c->file, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(c->file, F_SETFL, O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = index};
  if (epoll_ctl(poll_file, EPOLL_CTL_ADD, c->file, &event) < 0) die("epoll_ctl");
  c->busy = 0;
}

static void ended(int index) {
  Connection *c = &all[index];
  if (c->busy && c->counted) failed++;
  close(c->file);
  if (!c->busy)
    for (int i = 0; i < unused_count; i++)
      if (unused[i] == index) {
        unused[i] = unused[--unused_count];
        break;
      }
  open_connection(index);
  unused[unused_count++] = index;
}

static void send_on(int index, double due, int counted) {
  Connection *c = &all[index];
  const char *request = requests[turns[sent++ % shares]];
  c->due = due;
  c->counted = counted;
  c->busy = 1;
  c->got = 0;
  c->rest = -1;
  if (counted) offered++;
  size_t length = strlen(request);
  // What does not fit at once is a connection that broke: requests are small.
  if (send(c->file, request, length, MSG_NOSIGNAL) != (ssize_t)length) ended(index);
}

static void complete(int index, double at) {
  Connection *c = &all[index];
  c->busy = 0;
  unused[unused_count++] = index;
  if (!c->counted) return;
  int status = atoi(c->head + 9);
  double took = (at - c->due) * 1000;
  if (status == 503) refused++;
  else if (status != 200) failed++;
  else if (took > deadline) late++;
  else {
    if (good == room && !(latencies = realloc(latencies, (room = room * 2 + 4096) * sizeof(float)))) die("realloc");
    latencies[good++] = took;
  }
}

/** Takes what came. Answers whether the answer is whole. */
static int take(Connection *c, const char *bytes, long length) {
  if (c->rest >= 0) return (c->rest -= length) <= 0;
  int kept = length < HEAD - c->got ? length : HEAD - c->got;
  if (c->rest == -2 && c->got + length > HEAD) {
    // Of chunks only the end matters.
    int keep = length < 5 ? length : 5;
    memmove(c->head + 16, c->head + c->got - (5 - keep), 5 - keep);
    memcpy(c->head + 16 + 5 - keep, bytes + length - keep, keep);
    c->got = 21;
  } else {
    memcpy(c->head + c->got, bytes, kept);
    c->got += kept;
  }
  c->head[c->got] = 0;
  if (c->rest == -2) return c->got >= 5 && !memcmp(c->head + c->got - 5, "0\r\n\r\n", 5);
  char *end = strstr(c->head, "\r\n\r\n");
  if (!end) return 0;
  char *told = strcasestr(c->head, "\r\ncontent-length:");
  if (!told || told > end) {
    c->rest = -2;
    return !memcmp(c->head + c->got - 5, "0\r\n\r\n", 5);
  }
  long body = (c->got - kept) + length - (end + 4 - c->head);
  c->rest = atol(told + 17) - body;
  return c->rest <= 0;
}

static int by_size(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

static double quantile(double share) { return good ? latencies[(long)(good * share)] : -1; }

int main(int count, char **words) {
  if (count < 10) return 2;
  address.sin_family = AF_INET;
  address.sin_port = htons(atoi(words[2]));
  if (inet_pton(AF_INET, words[1], &address.sin_addr) != 1) return 2;
  per_second = atof(words[3]);
  double warm = atof(words[4]), seconds = atof(words[5]);
  connections = atoi(words[6]);
  deadline = atof(words[7]);
  for (int kind = 0, at = 8; at + 1 < count && kind < MOST_PATHS; kind++, at += 2) {
    snprintf(requests[kind], sizeof requests[kind], "GET %s HTTP/1.1\r\nhost: bench\r\n\r\n", words[at + 1]);
    for (int i = atoi(words[at]); i > 0 && shares < MOST_SHARES; i--) turns[shares++] = kind;
  }
  // Spread: the dear ones must not come all at once.
  for (int i = shares - 1, seed = 12345; i > 0; i--) {
    seed = (seed * 1103515245u + 12345u) & 0x7fffffff;
    int j = seed % (i + 1), kept = turns[i];
    turns[i] = turns[j];
    turns[j] = kept;
  }
  take_all_files();
  prctl(PR_SET_TIMERSLACK, 1000);
  poll_file = epoll_create1(0);
  all = calloc(connections, sizeof *all);
  unused = calloc(connections, sizeof *unused);
  if (!all || !unused) die("calloc");
  for (int i = 0; i < connections; i++) {
    open_connection(i);
    unused[unused_count++] = i;
  }
  static char bytes[65536];
  struct epoll_event events[256];
  double began = now(), counts = began + warm, end = counts + seconds, last = end + deadline / 1000, at;
  long fell = 0;
  while ((at = now()) < last) {
    double wait = 0.01;
    if (per_second > 0) {
      double due;
      while ((due = began + fell / per_second) <= at && due < end) {
        fell++;
        if (unused_count > 0) send_on(unused[--unused_count], due, due >= counts);
        else if (due >= counts) offered++, lost++;
      }
      if (due < end && due - at < wait) wait = due - at;
    } else {
      while (at < end && unused_count > 0) send_on(unused[--unused_count], at, at >= counts);
    }
    if (at >= end && unused_count == connections) break;
    struct timespec limit = {0, wait > 0 ? (long)(wait * 1e9) : 0};
    int ready = epoll_pwait2(poll_file, events, 256, &limit, NULL);
    if (ready < 0 && errno != EINTR) die("epoll_pwait2");
    double came = now();
    for (int i = 0; i < ready; i++) {
      int index = events[i].data.u32;
      Connection *c = &all[index];
      ssize_t length = recv(c->file, bytes, sizeof bytes, 0);
      if (length < 0 && errno == EAGAIN) continue;
      if (length <= 0) ended(index);
      else if (c->busy && take(c, bytes, length)) {
        // A closed loop has as many under way as it has connections: what comes later is not of its seconds.
        if (per_second == 0 && came > end) c->counted = 0;
        complete(index, came);
      }
    }
  }
  double elapsed = now() - began;
  for (int i = 0; i < connections; i++)
    if (all[i].busy && all[i].counted) failed++;
  if (good) qsort(latencies, good, sizeof *latencies, by_size);
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  double cpu = used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
  printf("{\"seconds\":%.3f,\"elapsed\":%.3f,\"offered\":%ld,\"good\":%ld,\"refused\":%ld,\"late\":%ld,\"failed\":%ld,\"lost\":%ld,\"p50\":%.3f,\"p99\":%.3f,"
         "\"most\":%.3f,\"cpuSeconds\":%.3f}\n",
         seconds, elapsed, offered, good, refused, late, failed, lost, quantile(0.5), quantile(0.99), quantile(0.999), cpu);
  return 0;
}
