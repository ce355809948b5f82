// Calls what can be called of sockets in every state, and tells what each said: one line a call.
#include "sockets.h"

static int net, family;
static const char *where;

#define SAY(call, at) (call, printf("%s %s: %s\n", where, #call, said(at)))

static struct address loopback(int port) { return address_of(family ? "::1" : "127.0.0.1", port); }
static struct address anywhere(void) { return address_of(family ? "::" : "0.0.0.0", 0); }

static void number(const char *what, uint64_t value) { printf("%s %s: %llu\n", where, what, (unsigned long long)value); }

// All that may be asked of a TCP socket in any state; what ends that state is left out.
static void tcp_all(int s, struct address other) {
  SAY(tcp_start_bind(s, net, FLAT(other), &r), 1);
  SAY(tcp_finish_bind(s, &r), 1);
  SAY(tcp_finish_connect(s, &r), 4);
  SAY(tcp_finish_listen(s, &r), 1);
  SAY(tcp_remote(s, &r), 4);
  number("listening", tcp_is_listening(s));
  number("family", tcp_family(s));
  SAY(tcp_set_backlog(s, 0, &r), 1);
  SAY(tcp_set_keep_alive(s, 1, &r), 1);
  SAY(tcp_keep_alive(s, &r), 1);
  SAY(tcp_set_idle(s, 0, &r), 1);
  SAY(tcp_set_idle(s, 42 * 1000000000ull, &r), 1);
  SAY(tcp_idle(s, &r), 8);
  if (r.bytes[0] == 0) number("idle", r.large[1]);
  SAY(tcp_set_interval(s, 1, &r), 1);
  SAY(tcp_interval(s, &r), 8);
  if (r.bytes[0] == 0) number("interval", r.large[1]);
  SAY(tcp_set_count(s, 0, &r), 1);
  SAY(tcp_set_count(s, -1, &r), 1);
  SAY(tcp_count(s, &r), 4);
  SAY(tcp_set_hops(s, 0, &r), 1);
  SAY(tcp_set_hops(s, 42, &r), 1);
  SAY(tcp_hops(s, &r), 1);
  if (r.bytes[0] == 0) number("hops", r.bytes[1]);
  SAY(tcp_set_receive_buffer(s, 0, &r), 1);
  SAY(tcp_set_receive_buffer(s, 0x10000, &r), 1);
  SAY(tcp_receive_buffer(s, &r), 8);
  SAY(tcp_set_send_buffer(s, -1, &r), 1);
  SAY(tcp_send_buffer(s, &r), 8);
}

static int tcp_new(void) {
  create_tcp(family, &r);
  return r.words[1];
}

static void tcp_states(void) {
  struct address other = loopback(40001);
  where = family ? "unbound6" : "unbound4";
  int s = tcp_new();
  struct address wrong = address_of(family ? "127.0.0.1" : "::1", 40001);
  struct address mapped = address_of("0:0:0:0:0:ffff:7f00:1", 40001);
  struct address group = address_of(family ? "ff02:0:0:0:0:0:0:1" : "224.0.0.1", 40001);
  SAY(tcp_start_bind(s, net, FLAT(wrong), &r), 1);
  SAY(tcp_start_bind(s, net, FLAT(group), &r), 1);
  if (family) SAY(tcp_start_bind(s, net, FLAT(mapped), &r), 1);
  SAY(tcp_start_listen(s, &r), 1);
  SAY(tcp_accept(s, &r), 4);
  SAY(tcp_local(s, &r), 4);
  SAY(tcp_shutdown(s, 2, &r), 1);
  SAY(tcp_finish_bind(s, &r), 1);
  SAY(tcp_start_bind(s, net, FLAT(loopback(0)), &r), 1);
  SAY(tcp_start_bind(s, net, FLAT(loopback(0)), &r), 1);
  SAY(tcp_start_listen(s, &r), 1);
  SAY(tcp_finish_listen(s, &r), 1);
  SAY(tcp_finish_bind(s, &r), 1);

  where = family ? "bound6" : "bound4";
  SAY(tcp_local(s, &r), 4);
  SAY(tcp_accept(s, &r), 4);
  SAY(tcp_shutdown(s, 0, &r), 1);
  SAY(tcp_set_backlog(s, 5, &r), 1);
  tcp_all(s, other);
  SAY(tcp_start_listen(s, &r), 1);
  SAY(tcp_finish_bind(s, &r), 1);
  SAY(tcp_finish_listen(s, &r), 1);

  where = family ? "listening6" : "listening4";
  SAY(tcp_accept(s, &r), 4);
  SAY(tcp_start_listen(s, &r), 1);
  SAY(tcp_start_connect(s, net, FLAT(other), &r), 1);
  SAY(tcp_shutdown(s, 1, &r), 1);
  tcp_all(s, other);
  SAY(tcp_local(s, &r), 4);
  struct address listening = address_at(r.bytes + 4);

  where = family ? "connecting6" : "connecting4";
  int c = tcp_new();
  SAY(tcp_start_connect(c, net, FLAT(anywhere()), &r), 1);
  SAY(tcp_start_connect(c, net, FLAT(loopback(0)), &r), 1);
  SAY(tcp_start_connect(c, net, FLAT(wrong), &r), 1);
  if (family) SAY(tcp_start_connect(c, net, FLAT(mapped), &r), 1);
  SAY(tcp_start_connect(c, net, FLAT(listening), &r), 1);
  SAY(tcp_start_connect(c, net, FLAT(listening), &r), 1);
  SAY(tcp_start_bind(c, net, FLAT(other), &r), 1);
  SAY(tcp_start_listen(c, &r), 1);
  SAY(tcp_finish_bind(c, &r), 1);
  SAY(tcp_local(c, &r), 4);
  SAY(tcp_remote(c, &r), 4);
  SAY(tcp_hops(c, &r), 1);
  wait_for(tcp_subscribe(c));
  SAY(tcp_finish_connect(c, &r), 4);
  int in = r.words[1], out = r.words[2];

  where = family ? "connected6" : "connected4";
  SAY(tcp_remote(c, &r), 4);
  number("same port", address_at(r.bytes + 4).port == listening.port);
  SAY(tcp_start_listen(c, &r), 1);
  SAY(tcp_start_connect(c, net, FLAT(listening), &r), 1);
  SAY(tcp_accept(c, &r), 4);
  SAY(tcp_local(c, &r), 4);
  tcp_all(c, other);
  wait_for(tcp_subscribe(s));
  SAY(tcp_accept(s, &r), 4);
  int a = r.words[1], a_in = r.words[2], a_out = r.words[3];
  where = family ? "accepted6" : "accepted4";
  tcp_idle(a, &r), number("idle", r.large[1]);
  tcp_keep_alive(a, &r), number("keep-alive", r.bytes[1]);
  SAY(tcp_remote(a, &r), 4);
  SAY(tcp_shutdown(a, 1, &r), 1);
  SAY(tcp_shutdown(a, 1, &r), 1);
  SAY(stream_check(a_out, &r), 8);
  wait_for(stream_subscribe(in));
  stream_read(in, 10, &r), number("closed", r.bytes[0] == 1 && r.bytes[4] == 1);
  stream_write_flush(out, "hello", 5, &r);
  number("half open", r.bytes[0] == 0);
  stream_blocking_read(a_in, 100, &r), number("bytes", r.words[2]);
  SAY(tcp_shutdown(c, 0, &r), 1);
  SAY(tcp_shutdown(c, 2, &r), 1);
  stream_check(out, &r), number("closed", r.bytes[0] == 1 && r.bytes[8] == 1);
  input_drop(in), output_drop(out), tcp_drop(c);
  input_drop(a_in), output_drop(a_out), tcp_drop(a);

  where = family ? "in use6" : "in use4";
  c = tcp_new();
  SAY(tcp_start_bind(c, net, FLAT(listening), &r), 1);
  tcp_drop(c);
  tcp_drop(s);
  where = family ? "refused6" : "refused4";
  c = tcp_new();
  SAY(tcp_start_connect(c, net, FLAT(listening), &r), 1);
  wait_for(tcp_subscribe(c));
  SAY(tcp_finish_connect(c, &r), 4);
  SAY(tcp_finish_connect(c, &r), 4);
  number("bind again", (tcp_start_bind(c, net, FLAT(loopback(0)), &r), r.bytes[0]));
  tcp_drop(c);
}

static void udp_states(void) {
  where = family ? "udp6" : "udp4";
  struct address none = {0}, to = loopback(40002), wrong = address_of(family ? "127.0.0.1" : "::1", 40001);
  create_udp(family, &r);
  int s = r.words[1];
  SAY(udp_finish_bind(s, &r), 1);
  SAY(udp_stream(s, 0, FLAT(none), &r), 4);
  SAY(udp_local(s, &r), 4);
  SAY(udp_remote(s, &r), 4);
  SAY(udp_set_hops(s, 0, &r), 1);
  SAY(udp_set_hops(s, 42, &r), 1);
  SAY(udp_set_receive_buffer(s, 0, &r), 1);
  SAY(udp_set_receive_buffer(s, 0x10000, &r), 1);
  SAY(udp_start_bind(s, net, FLAT(wrong), &r), 1);
  SAY(udp_start_bind(s, net, FLAT(loopback(0)), &r), 1);
  SAY(udp_start_bind(s, net, FLAT(loopback(0)), &r), 1);
  SAY(udp_finish_bind(s, &r), 1);
  SAY(udp_start_bind(s, net, FLAT(loopback(0)), &r), 1);
  SAY(udp_hops(s, &r), 1);
  number("hops", r.bytes[1]);
  SAY(udp_receive_buffer(s, &r), 8);
  number("buffer", r.large[1]);
  SAY(udp_local(s, &r), 4);
  struct address local = address_at(r.bytes + 4);
  SAY(udp_stream(s, 1, FLAT(anywhere()), &r), 4);
  SAY(udp_stream(s, 1, FLAT(wrong), &r), 4);
  SAY(udp_stream(s, 0, FLAT(none), &r), 4);
  int in = r.words[1], out = r.words[2];
  SAY(udp_remote(s, &r), 4);
  SAY(in_receive(in, 10, &r), 4);
  number("datagrams", r.words[2]);
  uint8_t item[44] = {0};
  static uint8_t data[70000];
  uint32_t list[2] = {(uint32_t)data, 4};
  memcpy(item, list, 8);
  SAY(out_check(out, &r), 8);
  SAY(out_send(out, item, 1, &r), 8);
  out_check(out, &r), item[8] = 1, put_address(item + 12, local), item[4 + 12] = 0, item[5 + 12] = 0;
  SAY(out_send(out, item, 1, &r), 8);
  out_check(out, &r), put_address(item + 12, wrong);
  SAY(out_send(out, item, 1, &r), 8);
  out_check(out, &r), put_address(item + 12, local), list[1] = 65536, memcpy(item, list, 8);
  SAY(out_send(out, item, 1, &r), 8);
  out_check(out, &r), list[1] = 0, memcpy(item, list, 8);
  SAY(out_send(out, item, 1, &r), 8);
  wait_for(in_subscribe(in));
  SAY(in_receive(in, 10, &r), 4);
  number("datagrams", r.words[2]);
  number("size", ((uint32_t *)r.words[1])[1]);
  in_drop(in), out_drop(out);
  SAY(udp_stream(s, 1, FLAT(to), &r), 4);
  in = r.words[1], out = r.words[2];
  SAY(udp_remote(s, &r), 4);
  number("port", address_at(r.bytes + 4).port);
  out_check(out, &r);
  SAY(out_send(out, item, 1, &r), 8);
  in_drop(in), out_drop(out);
  SAY(udp_stream(s, 0, FLAT(none), &r), 4);
  in_drop(r.words[1]), out_drop(r.words[2]);
  SAY(udp_remote(s, &r), 4);
  udp_drop(s);
}

static int command(int argc, char **argv) {
  net = instance_network();
  for (family = 0; family < 2; family++) {
    tcp_states();
    udp_states();
  }
  return 0;
}
