// People who come by themselves: requests of several kinds, each at random times of its own (Poisson), whatever became of those before. Unlike
// `load.c` nobody waits for a connection to be free: there is always another one, or each request has its own.
//   crowd HOST PORT WARM SECONDS DEADLINE_MS KIND…    KIND: NAME,PER_SECOND,PATH,BODY_BYTES,WAY,MOST
// WAY: k keeps connections and opens another where none is free, up to MOST (0: without bound); n opens one for each request;
// 2 is HTTP/2 by prior knowledge, 100 requests at a time on a connection. K, N and 3 are the same by TLS, whose certificates are not looked at
// (compile with -DTLS -lssl). PER_SECOND 0: a closed loop over MOST, which are requests for HTTP/2. What it saw of each kind in a second is a
// line of stdout, as JSON; with SERVER=PID, how much of a core that process used, too. With HEADER, requests by HTTP/1.1 have that
// line. Clients have 120 addresses from 127.0.0.1 on, so that there are ports enough.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef TLS
#include <openssl/ssl.h>
#endif
#include "machine.h"

enum { HEAD = 2048, KINDS = 16, STREAMS = 100, CLIENTS = 120 };
typedef struct Connection {
  struct Kind *kind;
  struct Connection *next; // that is free
  void *tls; // NULL: clear text
  int file, isFree, isListed, got, armed, closes;
  long rest; // of an answer's body; -1: its head is not whole; -2: chunks
  long sent, length;
  const char *out;
  double due;
  int busy; // 1: a request is under way, and counted from `counts` on
  // HTTP/2
  double *dues;
  int *ids, under, nextId;
  unsigned char frame[16];
  int frameGot;
  long frameRest;
  char *queue;
  long queued, room;
  char head[HEAD + 1];
} Connection;
typedef struct Kind {
  char name[32], path[128], way;
  int secure;
  double rate, next;
  long body, most, open;
  char *request;
  long length;
  Connection *free;
  long offered, good, refused, late, failed, unsent, room, pending, opened;
  float *latencies;
} Kind;

static Kind kinds[KINDS];
static int kindCount, poller;
static struct sockaddr_in server;
static double deadline, counts, ends;

static void die(const char *what) { perror(what); exit(1); }
static uint64_t seed = 88172645463325252ull;
static double chance(void) {
  seed ^= seed << 13; seed ^= seed >> 7; seed ^= seed << 17;
  return (double)(seed >> 11) / 9007199254740992.0;
}

static void answered(Kind *k, double due, int status) {
  if (due < counts) return;
  k->pending--;
  double took = (now() - due) * 1000;
  if (status == 503) k->refused++;
  else if (status / 100 != 2) k->failed++;
  else if (took > deadline) k->late++;
  else {
    if (k->good == k->room && !(k->latencies = realloc(k->latencies, (k->room = k->room * 2 + 4096) * sizeof(float)))) die("realloc");
    k->latencies[k->good++] = took;
  }
}
static void broke(Kind *k, double due) { if (due >= counts) k->pending--, k->failed++; }

#ifdef TLS
static SSL_CTX *context;
static void secured(Connection *c) {
  if (!context) {
    context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  }
  SSL *tls = SSL_new(context);
  SSL_set_fd(tls, c->file);
  SSL_set_connect_state(tls);
  SSL_set_tlsext_host_name(tls, "bench");
  if (c->kind->way == '2') SSL_set_alpn_protos(tls, (const unsigned char *)"\2h2", 3);
  c->tls = tls;
}
// As recv and send: EAGAIN where it is to be tried later.
static long told(Connection *c, int got) {
  if (got > 0) return got;
  int why = SSL_get_error(c->tls, got);
  if (why == SSL_ERROR_ZERO_RETURN) return 0;
  errno = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
  return -1;
}
#endif
static long sendOn(Connection *c, const char *bytes, long length) {
#ifdef TLS
  if (c->tls) {
    int got = SSL_write(c->tls, bytes, length);
    long n = told(c, got);
    // A handshake waits for what the other side says.
    if (n < 0 && SSL_get_error(c->tls, got) == SSL_ERROR_WANT_READ) errno = EINPROGRESS;
    return n;
  }
#endif
  return send(c->file, bytes, length, MSG_NOSIGNAL);
}
static long receive(Connection *c, char *bytes, long length) {
#ifdef TLS
  if (c->tls) return told(c, SSL_read(c->tls, bytes, length));
#endif
  return recv(c->file, bytes, length, 0);
}

static void arm(Connection *c, int out) {
  if (c->armed == out) return;
  c->armed = out;
  struct epoll_event e = {.events = EPOLLIN | (out ? EPOLLOUT : 0), .data.ptr = c};
  epoll_ctl(poller, EPOLL_CTL_MOD, c->file, &e);
}
static void toFree(Connection *c) {
  if (c->isFree) return;
  c->isFree = 1;
  if (c->isListed) return;
  c->isListed = 1;
  c->next = c->kind->free;
  c->kind->free = c;
}
// Closed ones stay in the list until they are met there, with file -1.
static void closing(Connection *c) {
  if (c->file < 0) return;
  if (c->busy) broke(c->kind, c->due), c->busy = 0;
  if (c->dues) for (int i = 0; i < STREAMS; i++) if (c->ids[i]) broke(c->kind, c->dues[i]), c->ids[i] = 0;
#ifdef TLS
  if (c->tls) SSL_free(c->tls), c->tls = NULL;
#endif
  close(c->file);
  c->file = -1;
  c->kind->open--;
}
static Connection *opened(Kind *k) {
  Connection *c = calloc(1, sizeof *c);
  if (!c) die("calloc");
  c->kind = k;
  c->file = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (c->file < 0) { free(c); return NULL; }
  int on = 1;
  setsockopt(c->file, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(c->file, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  struct sockaddr_in own = {.sin_family = AF_INET};
  static int client;
  own.sin_addr.s_addr = htonl(0x7f000001 + client++ % CLIENTS);
  bind(c->file, (struct sockaddr *)&own, sizeof own);
  if (connect(c->file, (struct sockaddr *)&server, sizeof server) < 0 && errno != EINPROGRESS) {
    close(c->file);
    free(c);
    return NULL;
  }
  c->armed = 1;
  struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, c->file, &e) < 0) die("epoll_ctl");
  k->open++;
  k->opened++;
#ifdef TLS
  if (k->secure) secured(c);
#endif
  return c;
}

static void flushTo(Connection *c) {
  if (c->file < 0) return;
  while (c->sent < c->length) {
    long n = sendOn(c, c->out + c->sent, c->length - c->sent);
    if (n < 0) {
      if (errno == EINPROGRESS) return arm(c, 0);
      if (errno == EAGAIN || errno == ENOTCONN) return arm(c, 1);
      if (errno == EPIPE || errno == ECONNRESET) return arm(c, 0); // what it answered may still be there
      return closing(c);
    }
    c->sent += n;
  }
  arm(c, 0);
}

// ---- HTTP/2
static void put(Connection *c, const void *bytes, long length) {
  if (c->sent == c->length) c->sent = c->length = 0;
  if (c->length + length > c->room && !(c->queue = realloc(c->queue, c->room = (c->length + length) * 2))) die("realloc");
  memcpy(c->queue + c->length, bytes, length);
  c->length += length;
  c->out = c->queue;
}
static void frame(Connection *c, int type, int flags, int id, const void *bytes, long length) {
  unsigned char h[9] = {length >> 16, length >> 8, length, type, flags, id >> 24, id >> 16, id >> 8, id};
  put(c, h, 9);
  put(c, bytes, length);
}
static void greet(Connection *c) {
  c->dues = calloc(STREAMS, sizeof(double));
  c->ids = calloc(STREAMS, sizeof(int));
  c->nextId = 1;
  put(c, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
  frame(c, 4, 0, 0, "\0\4\x3f\xff\xff\xff", 6);
  frame(c, 8, 0, 0, "\x3f\0\0\0", 4);
}
static void ask2(Connection *c, double due) {
  Kind *k = c->kind;
  int slot = 0;
  while (c->ids[slot]) slot++;
  c->ids[slot] = c->nextId;
  c->dues[slot] = due;
  c->under++;
  unsigned char h[256];
  int n = 0, length = strlen(k->path);
  h[n++] = k->body ? 0x83 : 0x82;
  h[n++] = 0x86;
  h[n++] = 0x04; h[n++] = length; memcpy(h + n, k->path, length); n += length;
  h[n++] = 0x01; h[n++] = 5; memcpy(h + n, "bench", 5); n += 5;
  frame(c, 1, k->body ? 4 : 5, c->nextId, h, n);
  // No more than the first window: bodies here are for HTTP/1.1.
  static char zeros[16384];
  if (k->body) frame(c, 0, 1, c->nextId, zeros, k->body < 16384 ? k->body : 16384);
  c->nextId += 2;
  flushTo(c);
}
// A closed loop.
static void again(Connection *c) {
  double at = now();
  if (at >= counts) c->kind->offered++, c->kind->pending++;
  ask2(c, at);
}
static void streamEnds(Connection *c, int id, int status) {
  for (int i = 0; i < STREAMS; i++)
    if (c->ids[i] == id) {
      c->ids[i] = 0;
      c->under--;
      if (status) answered(c->kind, c->dues[i], status); else broke(c->kind, c->dues[i]);
      if (c->kind->rate == 0 && now() < ends) return again(c);
      toFree(c);
      return;
    }
}
static signed char statuses[1 << 20];
static int statusKey(Connection *c, int id) { return ((c->file * 131) ^ (id / 2)) & ((1 << 20) - 1); }
static void take2(Connection *c, unsigned char *b, long n) {
  while (n > 0 && c->file >= 0) {
    // The head of the frame and the first bytes behind it.
    if (c->frameRest == 0) {
      while (n > 0 && c->frameGot < 9) c->frame[c->frameGot++] = *b++, n--;
      if (c->frameGot < 9) return;
      c->frameRest = (c->frame[0] << 16 | c->frame[1] << 8 | c->frame[2]) + 1;
    }
    while (n > 0 && c->frameRest > 1) {
      if (c->frameGot < 16) { c->frame[c->frameGot++] = *b++; n--; c->frameRest--; continue; }
      long skip = n < c->frameRest - 1 ? n : c->frameRest - 1;
      b += skip; n -= skip; c->frameRest -= skip;
    }
    if (c->frameRest > 1) return;
    int type = c->frame[3], flags = c->frame[4], id = (c->frame[5] & 127) << 24 | c->frame[6] << 16 | c->frame[7] << 8 | c->frame[8];
    c->frameRest = 0;
    c->frameGot = 0;
    if (type == 4 && !(flags & 1)) frame(c, 4, 1, 0, "", 0), flushTo(c);
    if (type == 6 && !(flags & 1)) frame(c, 6, 1, 0, c->frame + 9, 7), flushTo(c);
    if (type == 1) {
      int at = 9;
      while ((c->frame[at] & 0xe0) == 0x20) at++;
      statuses[statusKey(c, id)] = c->frame[at] == 0x88 ? 2 : 5;
    }
    if ((type == 0 || type == 1) && flags & 1) streamEnds(c, id, statuses[statusKey(c, id)] == 2 ? 200 : 503);
    if (type == 3) streamEnds(c, id, 0);
    if (type == 7) c->closes = 1;
  }
}

// ---- HTTP/1.1
static void ask1(Connection *c, double due) {
  c->due = due;
  c->busy = 1;
  c->got = 0;
  c->rest = -1;
  c->out = c->kind->request;
  c->sent = 0;
  c->length = c->kind->length;
  flushTo(c);
}
static int whole(Connection *c, const char *b, long n) {
  if (c->rest >= 0) return (c->rest -= n) <= 0;
  if (c->rest == -2) {
    memcpy(c->head, c->head + c->got - (c->got < 5 ? c->got : 5), 5);
    long keep = n < 5 ? n : 5;
    memmove(c->head, c->head + keep, 5 - keep);
    memcpy(c->head + 5 - keep, b + n - keep, keep);
    c->got = 5;
    return !memcmp(c->head, "0\r\n\r\n", 5);
  }
  long kept = n < HEAD - c->got ? n : HEAD - c->got;
  memcpy(c->head + c->got, b, kept);
  c->got += kept;
  c->head[c->got] = 0;
  char *end = strstr(c->head, "\r\n\r\n");
  if (!end) return 0;
  char *close = strcasestr(c->head, "\r\nconnection: close");
  c->closes = close && close < end;
  c->nextId = atoi(c->head + 9);
  char *told = strcasestr(c->head, "\r\ncontent-length:");
  if (!told || told > end) {
    c->rest = -2;
    return !memcmp(b + n - 5, "0\r\n\r\n", 5);
  }
  c->rest = atol(told + 17) - ((c->got - kept) + n - (end + 4 - c->head));
  return c->rest <= 0;
}
static void take1(Connection *c, const char *b, long n) {
  if (!c->busy) return;
  if (!whole(c, b, n)) return;
  c->busy = 0;
  answered(c->kind, c->due, c->nextId);
  if (c->closes || c->kind->way == 'n' || c->sent < c->length) return closing(c);
  if (c->kind->rate == 0 && now() < ends) { if (now() >= counts) c->kind->offered++, c->kind->pending++; return ask1(c, now()); }
  toFree(c);
}

static void come(Kind *k, double due) {
  int counted = due >= counts;
  if (counted) k->offered++, k->pending++;
  Connection *c = NULL;
  while (k->way != 'n' && k->free) {
    c = k->free;
    if (c->file >= 0 && !(c->closes && c->dues) && (!c->dues || c->under < STREAMS)) break;
    k->free = c->next;
    c->isFree = c->isListed = 0;
    if (c->file < 0) { free(c->dues); free(c->ids); free(c->queue); free(c); }
    c = NULL;
  }
  if (c && !c->dues) k->free = c->next, c->isFree = c->isListed = 0;
  if (!c) {
    if (k->most && k->open >= k->most && k->way != 'n') { if (counted) k->pending--, k->unsent++; return; }
    c = opened(k);
    if (!c) { if (counted) k->pending--, k->unsent++; return; }
    if (k->way == '2') greet(c), toFree(c);
  }
  if (c->dues) ask2(c, due); else ask1(c, due);
}

// CPU time that a process used. Seconds.
static double used(const char *pid) {
  char name[64], text[1024];
  snprintf(name, sizeof name, "/proc/%s/stat", pid);
  FILE *f = fopen(name, "r");
  if (!f) return 0;
  text[fread(text, 1, sizeof text - 1, f)] = 0;
  fclose(f);
  long user = 0, sys = 0;
  sscanf(strrchr(text, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user, &sys);
  return (user + sys) / (double)sysconf(_SC_CLK_TCK);
}
static int bySize(const void *a, const void *b) { float x = *(const float *)a, y = *(const float *)b; return (x > y) - (x < y); }

int main(int count, char **words) {
  if (count < 7) return 2;
  server.sin_family = AF_INET;
  server.sin_port = htons(atoi(words[2]));
  if (inet_pton(AF_INET, words[1], &server.sin_addr) != 1) return 2;
  double warm = atof(words[3]), seconds = atof(words[4]);
  deadline = atof(words[5]);
  const char *more = getenv("HEADER");
  for (int i = 6; i < count && kindCount < KINDS; i++) {
    Kind *k = &kinds[kindCount++];
    if (sscanf(words[i], "%31[^,],%lf,%127[^,],%ld,%c,%ld", k->name, &k->rate, k->path, &k->body, &k->way, &k->most) != 6) return 2;
    if (strchr("KN3", k->way)) k->secure = 1, k->way = k->way == '3' ? '2' : k->way + 32;
#ifndef TLS
    if (k->secure) return 3;
#endif
    k->request = calloc(1, 1024 + k->body);
    char last[512];
    snprintf(last, sizeof last, "%s%s%s", k->way == 'n' ? "connection: close\r\n" : "", more ? more : "", more ? "\r\n" : "");
    k->length = k->body ? sprintf(k->request, "POST %s HTTP/1.1\r\nhost: bench\r\n%scontent-length: %ld\r\n\r\n", k->path, last, k->body)
                        : sprintf(k->request, "GET %s HTTP/1.1\r\nhost: bench\r\n%s\r\n", k->path, last);
    memset(k->request + k->length, 'x', k->body);
    k->length += k->body;
  }
  take_all_files();
  prctl(PR_SET_TIMERSLACK, 1000);
  poller = epoll_create1(0);
  static char bytes[65536];
  struct epoll_event events[512];
  double began = now(), at, last;
  counts = began + warm;
  ends = counts + seconds;
  last = ends + deadline / 1000;
  for (int i = 0; i < kindCount; i++) {
    Kind *k = &kinds[i];
    k->next = k->rate > 0 ? began - log(1 - chance()) / k->rate : 1e300;
    // Of HTTP/2 MOST are requests at a time here.
    if (k->rate == 0) for (long j = 0, all = k->most, wide = k->way == '2'; j < all; j++) k->most = wide ? 0 : all, come(k, began);
  }
  const char *pid = getenv("SERVER");
  double cpu = 0, cpuFrom = 0, cpuTo = 0, cpuBegan = 0, cpuEnded = 0;
  while ((at = now()) < last) {
    if (pid && !cpuBegan && at >= counts) cpuBegan = at, cpuFrom = used(pid);
    if (pid && !cpuEnded && at >= ends) cpuEnded = at, cpuTo = used(pid);
    double next = at + 0.01;
    for (int i = 0; i < kindCount; i++) {
      Kind *k = &kinds[i];
      for (int burst = 0; k->next <= at && k->next < ends && burst < 64; burst++) {
        come(k, k->next);
        k->next -= log(1 - chance()) / k->rate;
      }
      if (k->next < next && k->next < ends) next = k->next;
    }
    double wait = next - now();
    struct timespec limit = {0, wait > 0 ? (long)(wait * 1e9) : 0};
    int ready = epoll_pwait2(poller, events, 512, &limit, NULL);
    for (int i = 0; i < ready; i++) {
      Connection *c = events[i].data.ptr;
      if (c->file < 0) continue;
      if (events[i].events & EPOLLOUT) flushTo(c);
      if (c->file < 0 || !(events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP))) continue;
      long n;
      do {
        n = receive(c, bytes, sizeof bytes);
        if (n > 0) { if (c->dues) take2(c, (unsigned char *)bytes, n); else take1(c, bytes, n); }
        else if (n == 0 || errno != EAGAIN) closing(c);
      } while (n > 0 && c->file >= 0 && c->tls);
      // What waited for the handshake.
      if (c->file >= 0 && c->tls && c->sent < c->length) flushTo(c);
      if (c->file < 0 && c->kind->way == 'n') { free(c); }
      else if (c->file < 0 && !c->isListed) { c->isListed = 1; c->next = c->kind->free; c->kind->free = c; }
    }
  }
  cpu = cpuEnded > cpuBegan ? (cpuTo - cpuFrom) / (cpuEnded - cpuBegan) : 1;
  for (int i = 0; i < kindCount; i++) {
    Kind *k = &kinds[i];
    qsort(k->latencies, k->good, sizeof(float), bySize);
    float *l = k->latencies;
    long g = k->good;
    printf("{\"kind\":\"%s\",\"offered\":%.0f,\"good\":%.1f,\"refused\":%.0f,\"late\":%.0f,\"failed\":%.0f,\"unsent\":%.0f,\"never\":%.0f,\"opened\":%ld,\"open\":%ld,\"p50\":%.1f,\"p99\":%.1f,\"cpu\":%.2f,\"perCpu\":%.1f}\n",
           k->name, k->offered / seconds, g / seconds, k->refused / seconds, k->late / seconds, k->failed / seconds, k->unsent / seconds, k->pending / seconds,
           k->opened, k->open, g ? l[g / 2] : -1, g ? l[(long)(g * 0.99)] : -1, cpu, g / seconds / cpu);
  }
}
