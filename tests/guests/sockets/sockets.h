// wasi:sockets 0.2 over its lowered ABI. Results lie in `r`; addresses are sixteen bytes, a family and a port.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMPORT(interface, name) \
  __attribute__((import_module("wasi:" interface "@0.2.0"), import_name(name)))
#define ADDRESS int f, int a, int b, int c, int d, int e, int g, int h, int i, int j, int k, int l
#define METHOD(kind) "[method]" kind "."

IMPORT("sockets/instance-network", "instance-network") int instance_network(void);
IMPORT("sockets/tcp-create-socket", "create-tcp-socket") void create_tcp(int family, void *r);
IMPORT("sockets/udp-create-socket", "create-udp-socket") void create_udp(int family, void *r);

#define TCP(name) IMPORT("sockets/tcp", METHOD("tcp-socket") name)
TCP("start-bind") void tcp_start_bind(int s, int n, ADDRESS, void *r);
TCP("finish-bind") void tcp_finish_bind(int s, void *r);
TCP("start-connect") void tcp_start_connect(int s, int n, ADDRESS, void *r);
TCP("finish-connect") void tcp_finish_connect(int s, void *r);
TCP("start-listen") void tcp_start_listen(int s, void *r);
TCP("finish-listen") void tcp_finish_listen(int s, void *r);
TCP("accept") void tcp_accept(int s, void *r);
TCP("local-address") void tcp_local(int s, void *r);
TCP("remote-address") void tcp_remote(int s, void *r);
TCP("is-listening") int tcp_is_listening(int s);
TCP("address-family") int tcp_family(int s);
TCP("set-listen-backlog-size") void tcp_set_backlog(int s, uint64_t v, void *r);
TCP("keep-alive-enabled") void tcp_keep_alive(int s, void *r);
TCP("set-keep-alive-enabled") void tcp_set_keep_alive(int s, int v, void *r);
TCP("keep-alive-idle-time") void tcp_idle(int s, void *r);
TCP("set-keep-alive-idle-time") void tcp_set_idle(int s, uint64_t v, void *r);
TCP("keep-alive-interval") void tcp_interval(int s, void *r);
TCP("set-keep-alive-interval") void tcp_set_interval(int s, uint64_t v, void *r);
TCP("keep-alive-count") void tcp_count(int s, void *r);
TCP("set-keep-alive-count") void tcp_set_count(int s, int v, void *r);
TCP("hop-limit") void tcp_hops(int s, void *r);
TCP("set-hop-limit") void tcp_set_hops(int s, int v, void *r);
TCP("receive-buffer-size") void tcp_receive_buffer(int s, void *r);
TCP("set-receive-buffer-size") void tcp_set_receive_buffer(int s, uint64_t v, void *r);
TCP("send-buffer-size") void tcp_send_buffer(int s, void *r);
TCP("set-send-buffer-size") void tcp_set_send_buffer(int s, uint64_t v, void *r);
TCP("subscribe") int tcp_subscribe(int s);
TCP("shutdown") void tcp_shutdown(int s, int type, void *r);
IMPORT("sockets/tcp", "[resource-drop]tcp-socket") void tcp_drop(int s);

#define UDP(name) IMPORT("sockets/udp", METHOD("udp-socket") name)
UDP("start-bind") void udp_start_bind(int s, int n, ADDRESS, void *r);
UDP("finish-bind") void udp_finish_bind(int s, void *r);
UDP("stream") void udp_stream(int s, int some, ADDRESS, void *r);
UDP("local-address") void udp_local(int s, void *r);
UDP("remote-address") void udp_remote(int s, void *r);
UDP("unicast-hop-limit") void udp_hops(int s, void *r);
UDP("set-unicast-hop-limit") void udp_set_hops(int s, int v, void *r);
UDP("receive-buffer-size") void udp_receive_buffer(int s, void *r);
UDP("set-receive-buffer-size") void udp_set_receive_buffer(int s, uint64_t v, void *r);
IMPORT("sockets/udp", "[resource-drop]udp-socket") void udp_drop(int s);
IMPORT("sockets/udp", METHOD("incoming-datagram-stream") "receive") void in_receive(int s, uint64_t most, void *r);
IMPORT("sockets/udp", METHOD("incoming-datagram-stream") "subscribe") int in_subscribe(int s);
IMPORT("sockets/udp", "[resource-drop]incoming-datagram-stream") void in_drop(int s);
IMPORT("sockets/udp", METHOD("outgoing-datagram-stream") "check-send") void out_check(int s, void *r);
IMPORT("sockets/udp", METHOD("outgoing-datagram-stream") "send") void out_send(int s, void *list, int count, void *r);
IMPORT("sockets/udp", METHOD("outgoing-datagram-stream") "subscribe") int out_subscribe(int s);
IMPORT("sockets/udp", "[resource-drop]outgoing-datagram-stream") void out_drop(int s);

IMPORT("sockets/ip-name-lookup", "resolve-addresses") void resolve(int n, const char *name, int size, void *r);
IMPORT("sockets/ip-name-lookup", METHOD("resolve-address-stream") "resolve-next-address") void resolve_next(int s, void *r);
IMPORT("sockets/ip-name-lookup", METHOD("resolve-address-stream") "subscribe") int resolve_subscribe(int s);

IMPORT("io/streams", METHOD("input-stream") "read") void stream_read(int s, uint64_t size, void *r);
IMPORT("io/streams", METHOD("input-stream") "blocking-read") void stream_blocking_read(int s, uint64_t size, void *r);
IMPORT("io/streams", METHOD("input-stream") "subscribe") int stream_subscribe(int s);
IMPORT("io/streams", "[resource-drop]input-stream") void input_drop(int s);
IMPORT("io/streams", METHOD("output-stream") "check-write") void stream_check(int s, void *r);
IMPORT("io/streams", METHOD("output-stream") "write") void stream_write(int s, const void *p, int n, void *r);
IMPORT("io/streams", METHOD("output-stream") "blocking-write-and-flush")
void stream_write_flush(int s, const void *p, int n, void *r);
IMPORT("io/streams", METHOD("output-stream") "blocking-flush") void stream_flush(int s, void *r);
IMPORT("io/streams", METHOD("output-stream") "subscribe") int output_subscribe(int s);
IMPORT("io/streams", "[resource-drop]output-stream") void output_drop(int s);
IMPORT("io/poll", "[method]pollable.block") void pollable_block(int p);
IMPORT("io/poll", "[resource-drop]pollable") void pollable_drop(int p);

// Calling it keeps the linker from wrapping every export, `cabi_realloc` too, into constructors and a flush of stdout.
void __wasm_call_ctors(void);
static int command(int argc, char **argv);

int main(int argc, char **argv) {
  __wasm_call_ctors();
  int code = command(argc, argv);
  fflush(stdout);
  return code;
}

__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, int old_size, int align, int size) {
  return size == 0 ? (void *)8 : realloc(old, size);
}

static union {
  uint8_t bytes[64];
  uint32_t words[16];
  uint64_t large[8];
} r;

static const char *const codes[] = {
    "unknown", "access-denied", "not-supported", "invalid-argument", "out-of-memory", "timeout",
    "concurrency-conflict", "not-in-progress", "would-block", "invalid-state", "new-socket-limit",
    "address-not-bindable", "address-in-use", "remote-unreachable", "connection-refused",
    "connection-reset", "connection-aborted", "datagram-too-large", "name-unresolvable",
    "temporary-resolver-failure", "permanent-resolver-failure"};

// What a result says whose error lies at `at`.
static const char *said(int at) { return r.bytes[0] == 0 ? "ok" : codes[r.bytes[at]]; }

struct address {
  int family, port;
  int part[8];
};

// `1.2.3.4` or eight groups of hexadecimal digits.
static struct address address_of(const char *text, int port) {
  struct address made = {strchr(text, ':') != NULL, port, {0}};
  if (strcmp(text, "::1") == 0) made.part[7] = 1;
  else if (strcmp(text, "::") == 0) return made;
  else if (made.family)
    for (int i = 0; i < 8; i++, text = strchr(text, ':') ? strchr(text, ':') + 1 : text) made.part[i] = strtol(text, 0, 16);
  else sscanf(text, "%d.%d.%d.%d", &made.part[0], &made.part[1], &made.part[2], &made.part[3]);
  return made;
}

#define FLAT(x)                                                                                               \
  (x).family, (x).port, (x).family ? 0 : (x).part[0], (x).family ? (x).part[0] : (x).part[1],                  \
      (x).family ? (x).part[1] : (x).part[2], (x).family ? (x).part[2] : (x).part[3], (x).part[3] * (x).family, \
      (x).part[4], (x).part[5], (x).part[6], (x).part[7], 0

// An `ip-socket-address` in memory.
static struct address address_at(const uint8_t *at) {
  struct address made = {at[0], at[4] | at[5] << 8, {0}};
  for (int i = 0; i < (made.family ? 8 : 4); i++)
    made.part[i] = made.family ? at[12 + 2 * i] | at[13 + 2 * i] << 8 : at[6 + i];
  return made;
}

static void put_address(uint8_t *at, struct address x) {
  memset(at, 0, 32);
  at[0] = x.family, at[4] = x.port, at[5] = x.port >> 8;
  for (int i = 0; i < (x.family ? 8 : 4); i++)
    if (x.family) at[12 + 2 * i] = x.part[i], at[13 + 2 * i] = x.part[i] >> 8;
    else at[6 + i] = x.part[i];
}

static void print_ip(struct address x) {
  for (int i = 0; i < (x.family ? 8 : 4); i++) printf(x.family ? "%s%x" : "%s%d", i == 0 ? "" : x.family ? ":" : ".", x.part[i]);
}

static void wait_for(int pollable) {
  pollable_block(pollable);
  pollable_drop(pollable);
}

static int fail(const char *what, int at) {
  printf("%s: %s\n", what, said(at));
  fflush(stdout);
  return 1;
}
