// A command of WASI 0.3 that talks to itself: by TCP through an echo that never sees the bytes, and by UDP. It traps at
// the first thing that does not go as it should.
#include <stdint.h>

#define IMPORT(module, name) __attribute__((import_module("wasi:sockets/" module "@0.3.0"), import_name(name)))
#define TCP(name) IMPORT("types", "[method]tcp-socket." name)
#define UDP(name) IMPORT("types", "[method]udp-socket." name)
#define ADDRESS int, int, int, int, int, int, int, int, int, int, int, int
#define LOOPBACK(port) 0, port, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0

IMPORT("types", "[static]tcp-socket.create") void tcp_create(int family, void *r);
TCP("bind") void tcp_bind(int s, ADDRESS, void *r);
TCP("connect") void tcp_connect(int s, ADDRESS, void *r);
TCP("get-local-address") void tcp_local(int s, void *r);
TCP("listen") void tcp_listen(int s, void *r);
IMPORT("types", "[stream-read-0][method]tcp-socket.listen") int accept_read(int stream, int *handles, int count);
IMPORT("types", "[stream-drop-readable-0][method]tcp-socket.listen") void accept_drop(int stream);
TCP("send") int tcp_send(int s, int stream);
IMPORT("types", "[stream-new-0][method]tcp-socket.send") int64_t send_new(void);
IMPORT("types", "[stream-write-0][method]tcp-socket.send") int send_write(int stream, const void *p, int n);
IMPORT("types", "[stream-drop-writable-0][method]tcp-socket.send") void send_drop(int stream);
IMPORT("types", "[future-read-1][method]tcp-socket.send") int sent_read(int future, void *r);
TCP("receive") void tcp_receive(int s, void *r);
IMPORT("types", "[stream-read-0][method]tcp-socket.receive") int receive_read(int stream, void *p, int n);
IMPORT("types", "[future-read-1][method]tcp-socket.receive") int received_read(int future, void *r);
IMPORT("types", "[resource-drop]tcp-socket") void tcp_drop(int s);
IMPORT("types", "[static]udp-socket.create") void udp_create(int family, void *r);
UDP("bind") void udp_bind(int s, ADDRESS, void *r);
UDP("get-local-address") void udp_local(int s, void *r);
UDP("send") void udp_send(int s, const void *p, int n, int some, ADDRESS, void *r);
UDP("receive") void udp_receive(int s, void *r);
IMPORT("ip-name-lookup", "resolve-addresses") void resolve(const char *name, int size, void *r);

static char heap[1 << 18];
static int top;
__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, int old_size, int align, int size) {
  top = (top + align - 1) & -align;
  top += size;
  return heap + top - size;
}

static union {
  uint8_t bytes[64];
  uint32_t words[16];
} r;

static void must(int good) {
  if (!good) __builtin_trap();
}

#define OK(call) (call, must(r.bytes[0] == 0))
#define FAILS(call, code) (call, must(r.bytes[0] == 1 && r.bytes[4] == (code)))

static uint8_t out[100000], in[100000];

static void tcp(void) {
  OK(tcp_create(0, &r));
  int listener = r.words[1];
  FAILS(tcp_bind(listener, 0, 0, 224, 0, 0, 1, 0, 0, 0, 0, 0, 0, &r), 2);
  OK(tcp_bind(listener, LOOPBACK(0), &r));
  FAILS(tcp_bind(listener, LOOPBACK(0), &r), 5);
  OK(tcp_local(listener, &r));
  int port = r.bytes[8] | r.bytes[9] << 8;
  OK(tcp_listen(listener, &r));
  int accepted = r.words[1];
  OK(tcp_create(0, &r));
  int client = r.words[1];
  FAILS(tcp_connect(client, LOOPBACK(0), &r), 2);
  OK(tcp_connect(client, LOOPBACK(port), &r));
  int server;
  must(accept_read(accepted, &server, 1) == 1 << 4);
  // All that the server receives it sends, without a look at it.
  tcp_receive(server, &r);
  int echoed = tcp_send(server, r.words[0]);
  int64_t pair = send_new();
  int sent = tcp_send(client, (int)pair), writer = pair >> 32;
  tcp_receive(client, &r);
  int stream = r.words[0], received = r.words[1];
  for (int i = 0; i < sizeof out; i++) out[i] = i * 7;
  for (int done = 0; done < sizeof out;) {
    int count = (unsigned)send_write(writer, out + done, sizeof out - done) >> 4;
    must(count > 0);
    done += count;
  }
  send_drop(writer);
  must(sent_read(sent, &r) == 0 && r.bytes[0] == 0);
  int got = 0;
  for (int state = 0; (state & 15) == 0 && got < sizeof in; got += (unsigned)state >> 4) {
    state = receive_read(stream, in + got, sizeof in - got);
  }
  must(got == sizeof in && __builtin_memcmp(in, out, sizeof in) == 0);
  must(receive_read(stream, in, 1) == 1);
  must(received_read(received, &r) == 0 && r.bytes[0] == 0);
  must(sent_read(echoed, &r) == 0 && r.bytes[0] == 0);
  // Each direction is given once.
  tcp_receive(client, &r);
  must(received_read(r.words[1], &r) == 0 && r.bytes[0] == 1 && r.bytes[4] == 5);
  tcp_drop(client), tcp_drop(server), tcp_drop(listener), accept_drop(accepted);
  OK(tcp_create(0, &r));
  FAILS(tcp_connect(r.words[1], LOOPBACK(port), &r), 9);
}

static void udp(void) {
  OK(udp_create(0, &r));
  int a = r.words[1];
  OK(udp_create(0, &r));
  int b = r.words[1];
  FAILS(udp_receive(a, &r), 5);
  OK(udp_bind(a, LOOPBACK(0), &r));
  OK(udp_local(a, &r));
  int port = r.bytes[8] | r.bytes[9] << 8;
  FAILS(udp_send(b, "x", 1, 0, LOOPBACK(port), &r), 2);
  OK(udp_send(b, "datagram", 8, 1, LOOPBACK(port), &r));
  OK(udp_receive(a, &r));
  must(r.words[2] == 8 && __builtin_memcmp((void *)r.words[1], "datagram", 8) == 0);
  must((r.bytes[16] | r.bytes[17] << 8) != port);
}

__attribute__((export_name("wasi:cli/run@0.3.0#run"))) int run(void) {
  tcp();
  udp();
  OK(resolve("localhost", 9, &r));
  must(r.words[2] > 0);
  FAILS(resolve("other.example", 13, &r), 0);
  FAILS(resolve("a/b", 3, &r), 1);
  return 0;
}
