// A command that talks over TCP and UDP, by arguments: who it is, an address, a port, and what else it needs.
#include "sockets.h"

// Copies a connection's input to its output until its end.
static void echo(int in, int out) {
  for (;;) {
    stream_blocking_read(in, 65536, &r);
    if (r.bytes[0] != 0) return;
    uint8_t *bytes = (uint8_t *)r.words[1];
    for (uint32_t left = r.words[2], done = 0; left > 0;) {
      uint32_t size = left > 4096 ? 4096 : left;
      stream_write_flush(out, bytes + done, size, &r);
      if (r.bytes[0] != 0) return;
      left -= size, done += size;
    }
    free(bytes);
  }
}

static int tcp_server(int net, struct address at, int connections) {
  create_tcp(at.family, &r);
  if (r.bytes[0] != 0) return fail("create", 4);
  int s = r.words[1];
  tcp_start_bind(s, net, FLAT(at), &r);
  if (r.bytes[0] != 0) return fail("bind", 1);
  tcp_finish_bind(s, &r);
  tcp_start_listen(s, &r);
  if (r.bytes[0] != 0) return fail("listen", 1);
  tcp_finish_listen(s, &r);
  tcp_local(s, &r);
  printf("listening %d\n", address_at(r.bytes + 4).port);
  fflush(stdout);
  int ready = tcp_subscribe(s);
  while (connections > 0) {
    tcp_accept(s, &r);
    if (r.bytes[0] != 0 && r.bytes[4] == 8) {
      pollable_block(ready);
      continue;
    }
    if (r.bytes[0] != 0) return fail("accept", 4);
    int client = r.words[1], in = r.words[2], out = r.words[3];
    echo(in, out);
    input_drop(in), output_drop(out), tcp_drop(client);
    connections--;
  }
  return 0;
}

static int tcp_connect(int net, struct address at, int *in, int *out) {
  create_tcp(at.family, &r);
  if (r.bytes[0] != 0) return fail("create", 4), -1;
  int s = r.words[1];
  tcp_start_connect(s, net, FLAT(at), &r);
  if (r.bytes[0] != 0) return fail("connect", 1), -1;
  for (tcp_finish_connect(s, &r); r.bytes[0] != 0 && r.bytes[4] == 8; tcp_finish_connect(s, &r)) wait_for(tcp_subscribe(s));
  if (r.bytes[0] != 0) return fail("connect", 4), -1;
  *in = r.words[1], *out = r.words[2];
  return s;
}

static int tcp_client(int net, struct address at, const char *text) {
  int in, out, s = tcp_connect(net, at, &in, &out);
  if (s < 0) return 1;
  stream_write_flush(out, text, strlen(text), &r);
  tcp_shutdown(s, 1, &r);
  for (;;) {
    stream_blocking_read(in, 4096, &r);
    if (r.bytes[0] != 0) break;
    fwrite((void *)r.words[1], 1, r.words[2], stdout);
  }
  printf(r.bytes[4] == 1 ? "\nclosed\n" : "\nfailed\n");
  return 0;
}

// Writes as fast as it may, says how much it could write before it had to wait, and ends without waiting for the rest.
static int tcp_flood(int net, struct address at, long size) {
  int in, out;
  if (tcp_connect(net, at, &in, &out) < 0) return 1;
  static uint8_t bytes[1 << 20];
  int waits = 0;
  while (size > 0) {
    stream_check(out, &r);
    if (r.bytes[0] != 0) return fail("check-write", 8);
    uint64_t room = r.large[1];
    if (room == 0) {
      waits++;
      wait_for(output_subscribe(out));
      continue;
    }
    if (room > sizeof bytes) room = sizeof bytes;
    if (room > size) room = size;
    stream_write(out, bytes, room, &r);
    size -= room;
  }
  printf("waited %s\n", waits > 0 ? "yes" : "no");
  return 0;
}

static int udp_bound(int net, struct address at) {
  create_udp(at.family, &r);
  if (r.bytes[0] != 0) return fail("create", 4), -1;
  int s = r.words[1];
  udp_start_bind(s, net, FLAT(at), &r);
  if (r.bytes[0] != 0) return fail("bind", 1), -1;
  udp_finish_bind(s, &r);
  return s;
}

static int send_to(int out, uint8_t *data, int size, struct address *to) {
  for (;;) {
    out_check(out, &r);
    if (r.bytes[0] != 0) return fail("check-send", 8);
    if (r.large[1] > 0) break;
    wait_for(out_subscribe(out));
  }
  uint8_t item[44] = {0};
  memcpy(item, &data, 4), memcpy(item + 4, &size, 4);
  if (to != NULL) item[8] = 1, put_address(item + 12, *to);
  out_send(out, item, 1, &r);
  return r.bytes[0] == 0 && r.large[1] == 1 ? 0 : fail("send", 8);
}

static int udp_server(int net, struct address at, int datagrams) {
  int s = udp_bound(net, at);
  if (s < 0) return 1;
  udp_local(s, &r);
  printf("listening %d\n", address_at(r.bytes + 4).port);
  fflush(stdout);
  struct address none = {0};
  udp_stream(s, 0, FLAT(none), &r);
  int in = r.words[1], out = r.words[2];
  while (datagrams > 0) {
    in_receive(in, 1, &r);
    if (r.bytes[0] != 0) return fail("receive", 4);
    if (r.words[2] == 0) {
      wait_for(in_subscribe(in));
      continue;
    }
    uint8_t *item = (uint8_t *)r.words[1];
    struct address from = address_at(item + 8);
    if (send_to(out, *(uint8_t **)item, *(int *)(item + 4), &from)) return 1;
    datagrams--;
  }
  in_drop(in), out_drop(out), udp_drop(s);
  return 0;
}

static int udp_client(int net, struct address at, char *text) {
  int s = udp_bound(net, address_of(at.family ? "::" : "0.0.0.0", 0));
  if (s < 0) return 1;
  udp_stream(s, 1, FLAT(at), &r);
  if (r.bytes[0] != 0) return fail("stream", 4);
  int in = r.words[1], out = r.words[2];
  if (send_to(out, (uint8_t *)text, strlen(text), NULL)) return 1;
  wait_for(in_subscribe(in));
  in_receive(in, 10, &r);
  if (r.bytes[0] != 0) return fail("receive", 4);
  uint8_t *item = (uint8_t *)r.words[1];
  fwrite(*(void **)item, 1, *(int *)(item + 4), stdout);
  printf("\n%s\n", address_at(item + 8).port == at.port ? "from there" : "from elsewhere");
  return 0;
}

static int lookup(int net, const char *name) {
  resolve(net, name, strlen(name), &r);
  if (r.bytes[0] != 0) return fail("resolve", 4);
  int s = r.words[1];
  for (;;) {
    resolve_next(s, &r);
    if (r.bytes[0] != 0 && r.bytes[2] == 8) {
      wait_for(resolve_subscribe(s));
      continue;
    }
    if (r.bytes[0] != 0) return fail("resolve", 2);
    if (r.bytes[2] == 0) return 0;
    struct address x = {r.bytes[4], 0, {0}};
    for (int i = 0; i < 8; i++) x.part[i] = x.family ? r.bytes[6 + 2 * i] | r.bytes[7 + 2 * i] << 8 : r.bytes[6 + (i & 3)];
    print_ip(x);
    printf("\n");
  }
}

static int command(int argc, char **argv) {
  int net = instance_network();
  const char *what = argc > 1 ? argv[1] : "";
  if (strcmp(what, "lookup") == 0) return lookup(net, argv[2]);
  if (argc < 5) return 2;
  struct address at = address_of(argv[2], atoi(argv[3]));
  if (strcmp(what, "tcp-server") == 0) return tcp_server(net, at, atoi(argv[4]));
  if (strcmp(what, "tcp-client") == 0) return tcp_client(net, at, argv[4]);
  if (strcmp(what, "tcp-flood") == 0) return tcp_flood(net, at, atol(argv[4]));
  if (strcmp(what, "udp-server") == 0) return udp_server(net, at, atoi(argv[4]));
  if (strcmp(what, "udp-client") == 0) return udp_client(net, at, argv[4]);
  return 2;
}
