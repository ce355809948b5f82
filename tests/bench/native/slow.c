// A server that answers each request so many microseconds after it came, whatever else is going on: epoll waits for it in nanoseconds,
// while timers of Node are looked at once a millisecond. Requests are small and without a body: one read, one request.
// slow PORT MICROSECONDS
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST 65536

static const char answer[] = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nlater";

/** Who is to be answered, in the order in which that is due. */
static struct { int connection; int64_t due; } queue[MOST];
static unsigned first, end;

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int listen_on(int port) {
  int one = 1, server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(server, (struct sockaddr *)&address, sizeof address) || listen(server, 1024)) {
    perror("listen");
    exit(1);
  }
  return server;
}

static void watch(int poll, int descriptor) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
  epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event);
}

static void take(int connection, int64_t pause) {
  char request[16384];
  if (read(connection, request, sizeof request) <= 0) {
    close(connection);
    return;
  }
  queue[end % MOST].connection = connection;
  queue[end++ % MOST].due = now() + pause;
}

int main(int count, char **text) {
  if (count != 3) return 2;
  int server = listen_on(atoi(text[1])), poll = epoll_create1(0), one = 1;
  int64_t pause = atoll(text[2]) * 1000;
  prctl(PR_SET_TIMERSLACK, 1);
  watch(poll, server);
  for (;;) {
    struct epoll_event events[64];
    int64_t left = first == end ? 0 : queue[first % MOST].due - now();
    struct timespec most = {left > 0 ? left / 1000000000 : 0, left > 0 ? left % 1000000000 : 0};
    int ready = epoll_pwait2(poll, events, 64, first == end ? NULL : &most, NULL);
    for (int i = 0; i < ready; i++) {
      if (events[i].data.fd != server) {
        take(events[i].data.fd, pause);
        continue;
      }
      int connection = accept(server, NULL, NULL);
      setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      watch(poll, connection);
    }
    for (int64_t time = now(); first != end && queue[first % MOST].due <= time; first++)
      if (write(queue[first % MOST].connection, answer, sizeof answer - 1) < 0) perror("write");
  }
}
