/* Hosts and routers in order: ways, forwarding, ARP, ICMP errors. */
#include "net_heard.h"

static void test_router_path(void)
{
  Chain c = chain_new((NetHostSpec){ 0 }, ten_mbit);

  send_ip(c.a, (NetIp){ .destination = net_host_address(c.b) }, 958);
  world_run(&c.w);
  g_assert_cmpuint(c.heard_b->datagrams, ==, 1);
  g_assert_cmpuint(c.heard_b->last.ttl, ==, 62);
  g_assert_cmpuint(c.heard_b->flags, ==, NET_PACKET_CHECKED);
  g_assert_cmpuint(c.heard_b->last.payload_length, ==, 966);
  g_assert_cmpint(c.heard_b->when, ==, 3 * (5 * MS + 800 * US));
  g_assert_cmpuint(c.w.net->hops, ==, 3);
  world_end(&c.w);
}

static void check_error(Chain *c, uint8_t type, uint8_t code, uint32_t rest)
{
  g_assert_cmpuint(c->heard_a->errors, ==, 1);
  g_assert_cmpuint(c->heard_a->type, ==, type);
  g_assert_cmpuint(c->heard_a->code, ==, code);
  g_assert_cmpuint(c->heard_a->rest, ==, rest);
  g_assert_cmpuint(c->heard_a->source_port, ==, 0xabab);
  world_end(&c->w);
}

static void test_ttl_runs_out(void)
{
  for (uint8_t ttl = 1; ttl <= 3; ttl++) {
    Chain c = chain_new((NetHostSpec){ 0 }, ten_mbit);

    send_ip(c.a, (NetIp){ .destination = net_host_address(c.b), .ttl = ttl },
            0);
    world_run(&c.w);
    g_assert_cmpuint(c.heard_b->datagrams, ==, ttl == 3 ? 1 : 0);
    if (ttl < 3)
      check_error(&c, NET_ICMP_TIME_EXCEEDED, 0, 0);
    else
      world_end(&c.w);
  }
}

static void test_fragmentation_needed(void)
{
  NetWireSpec narrow = ten_mbit;
  NetIp ip = { .dont_fragment = true };
  Chain c;

  narrow.mtu = 1000;
  c = chain_new((NetHostSpec){ 0 }, narrow);
  ip.destination = net_host_address(c.b);
  send_ip(c.a, ip, 1000 - 28);
  world_run(&c.w);
  g_assert_cmpuint(c.heard_b->datagrams, ==, 1);
  ip.dont_fragment = false;
  send_ip(c.a, ip, 1000 - 27);
  world_run(&c.w);
  g_assert_cmpuint(c.heard_a->errors, ==, 0);
  ip.dont_fragment = true;
  send_ip(c.a, ip, 1000 - 27);
  world_run(&c.w);
  g_assert_cmpuint(c.heard_b->datagrams, ==, 2);
  check_error(&c, NET_ICMP_UNREACHABLE, NET_UNREACHABLE_FRAGMENTATION, 1000);
}

static void test_net_unreachable(void)
{
  Chain c = chain_new((NetHostSpec){ 0 }, ten_mbit);

  send_ip(c.a, (NetIp){ .destination = net_address_ipv4(0xc0000201) }, 0);
  world_run(&c.w);
  check_error(&c, NET_ICMP_UNREACHABLE, NET_UNREACHABLE_NET, 0);
}

static void test_protocol_unreachable(void)
{
  Chain c = chain_new((NetHostSpec){ 0 }, ten_mbit);
  Heard *heard = c.heard_a;

  net_host_register(c.a, 254, hear, hear_error, heard);
  send_ip(c.a, (NetIp){ .destination = net_host_address(c.b), .protocol = 254 },
          0);
  world_run(&c.w);
  g_assert_cmpuint(heard->last.protocol, ==, 254);
  check_error(&c, NET_ICMP_UNREACHABLE, NET_UNREACHABLE_PROTOCOL, 0);
}

/* Three requests, a second apart; then the router says so. */
static void test_host_unreachable(void)
{
  Chain c = chain_new((NetHostSpec){ 0 }, ten_mbit);
  uint32_t nobody = net_address_to_ipv4(net_host_address(c.b)) + 5;
  const NetNic *nic = net_host_node(c.r2)->nics->next;

  send_ip(c.a, (NetIp){ .destination = net_address_ipv4(nobody) }, 58);
  world_run(&c.w);
  g_assert_cmpuint(nic->counters.sent_packets, ==, 3);
  g_assert_cmpint(c.heard_a->when, >, 3 * SIM_SECOND);
  g_assert_cmpint(c.heard_a->when, <, 3 * SIM_SECOND + 25 * MS);
  check_error(&c, NET_ICMP_UNREACHABLE, NET_UNREACHABLE_HOST, 0);
}

/* The same on the sender's own link: it tells itself. */
static void test_host_unreachable_here(void)
{
  Chain c = chain_new((NetHostSpec){ .arp = true }, ten_mbit);

  for (unsigned i = 0; i < 9; i++)
    send_ip(c.a, (NetIp){ .destination = net_address_ipv4(0x0a000009) }, 0);
  world_listen(&c.w, 1 << NET_TRACE_DROPPED);
  world_run(&c.w);
  g_assert_cmpuint(c.heard_a->errors, ==, 8);
  g_assert_cmpint(c.heard_a->when, ==, 3 * SIM_SECOND);
  world_end(&c.w);
}

static void test_no_icmp(void)
{
  Chain c = chain_new((NetHostSpec){ .no_icmp = true }, ten_mbit);

  send_ip(c.a, (NetIp){ .destination = net_address_ipv4(0xc0000201) }, 0);
  send_ip(c.a, (NetIp){ .destination = net_host_address(c.b), .ttl = 1 }, 0);
  world_run(&c.w);
  g_assert_cmpuint(c.heard_a->errors, ==, 0);
  world_end(&c.w);
}

/* 42 bytes at 10 Mbit/s: 33.6 us. Request, reply, then both that waited; the
 * other side has learned from the request. */
static void test_arp_exchange(void)
{
  NetHostSpec spec = { .arp = true };
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", &spec);
  NetHost *b = net_host_new(w.net, "b", &spec);

  world_link(&w, a, b, ten_mbit);
  world_finish(&w);
  net_host_listen_udp(a, 9);
  net_host_listen_udp(b, 9);
  world_listen(&w, 1 << NET_TRACE_SENT);
  world_send(a, b, 1000);
  world_send(a, b, 1000);
  world_run(&w);
  g_assert_cmpstr(w.log->str, ==,
                  "0 sent a\n"
                  "5033600 sent b\n"
                  "10067200 sent a\n"
                  "10867200 sent a\n");
  g_string_truncate(w.log, 0);
  world_send(b, a, 1000);
  world_run(&w);
  g_assert_cmpstr(w.log->str, ==, "16667200 sent b\n");
  g_assert_cmpuint(net_host_udp_received(a), ==, 1);
  g_assert_cmpuint(net_host_udp_received(b), ==, 2);
  world_end(&w);
}

static void test_udp_port_unreachable(void)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);

  world_link(&w, a, b, ten_mbit);
  world_finish(&w);
  world_listen(&w, 1 << NET_TRACE_SENT | 1 << NET_TRACE_DROPPED);
  world_send(a, b, 1000);
  world_run(&w);
  g_assert_cmpstr(w.log->str, ==,
                  "0 sent a\n"
                  "5800000 sent b\n"
                  "5800000 dropped b udp-port\n");
  world_end(&w);
}

typedef struct Reader {
  unsigned datagrams, errors;
  uint32_t bytes;
  uint8_t ttl, type, code;
} Reader;

static void read_datagram(void *user, NetPacket *packet, const NetIp *ip)
{
  Reader *it = user;

  it->datagrams++;
  it->bytes += packet->payload.length;
  it->ttl = ip->ttl;
  net_packet_free(packet);
}

static void read_error(void *user, uint8_t type, uint8_t code, uint32_t rest,
                       const NetIp *quoted, const uint8_t *l4, uint32_t l4_size)
{
  Reader *it = user;

  (void)rest;
  (void)quoted;
  g_assert_cmpuint(l4_size, >=, 8);
  g_assert_cmpuint(net_get16(l4), ==, 1000);
  it->errors++;
  it->type = type;
  it->code = code;
}

/* A port has one reader; its errors go to who sent, and nobody else. */
static void test_udp_readers(void)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  Reader sender = { 0 }, other = { 0 }, reader = { 0 };
  NetIp ip = { .source = NET_ADDRESS_ANY, .ttl = 7, .dont_fragment = true };

  world_link(&w, a, b, ten_mbit);
  world_finish(&w);
  g_assert_true(net_host_open_udp(b, 9, read_datagram, NULL, &reader));
  g_assert_false(net_host_open_udp(b, 9, read_datagram, NULL, &other));
  g_assert_true(net_host_open_udp(a, 1000, read_datagram, read_error, &sender));
  g_assert_true(net_host_open_udp(a, 1001, read_datagram, read_error, &other));
  ip.destination = net_host_address(b);
  net_host_send_udp_as(a, &ip, 1000, 9, net_slice_virtual(77));
  world_run(&w);
  g_assert_cmpuint(reader.datagrams, ==, 1);
  g_assert_cmpuint(reader.bytes, ==, 77);
  g_assert_cmpuint(reader.ttl, ==, 7);
  g_assert_cmpuint(sender.errors, ==, 0);

  net_host_close_udp(b, 9);
  world_send(a, b, 1000);
  world_run(&w);
  g_assert_cmpuint(reader.datagrams, ==, 1);
  g_assert_cmpuint(sender.errors, ==, 1);
  g_assert_cmpuint(sender.type, ==, NET_ICMP_UNREACHABLE);
  g_assert_cmpuint(sender.code, ==, NET_UNREACHABLE_PORT);
  g_assert_cmpuint(other.errors, ==, 0);
  g_assert_true(net_host_open_udp(b, 9, read_datagram, NULL, &other));
  world_end(&w);
}

static void test_loopback(void)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  Heard *heard = listen_to(&w, a);
  NetPath path = { 0 };

  world_link(&w, a, b, ten_mbit);
  world_finish(&w);
  g_assert_true(net_host_owns(a, net_host_address(a)));
  g_assert_false(net_host_owns(a, net_host_address(b)));
  g_assert_true(net_host_path(a, net_host_address(a), &path));
  g_assert_true(path.local);
  send_ip(a, (NetIp){ .destination = net_host_address(a) }, 10000);
  send_ip(a, (NetIp){ .destination = net_address_ipv4(0x7f000001) }, 0);
  g_assert_cmpuint(heard->datagrams, ==, 0);
  world_run(&w);
  g_assert_cmpuint(heard->datagrams, ==, 2);
  g_assert_cmphex(net_address_to_ipv4(heard->last.source), ==, 0x7f000001);
  g_assert_cmpuint(w.net->hops, ==, 0);
  world_end(&w);
}

/* An address that moves makes the ways that others keep stale. */
static void test_path_goes_stale(void)
{
  NetPath path = { 0 };
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetAddress far = net_address_ipv4(0xc0000201);

  world_link(&w, a, b, ten_mbit);
  world_finish(&w);
  g_assert_false(net_host_path(a, far, &path));
  g_assert_true(net_host_add_route(a, net_address_ipv4(0xc0000200), 24,
                                   net_host_address(b), NULL));
  g_assert_true(net_host_path(a, far, &path));
  g_assert_true(net_address_equal(path.next_hop, net_host_address(b)));
  g_assert_true(path.resolved);
  g_assert_cmpuint(net_host_mtu(&path), ==, 1500);
  g_assert_true(
      net_host_add_route(a, far, 32, net_address_ipv4(0x0a000007), NULL));
  g_assert_true(net_host_path(a, far, &path));
  g_assert_cmphex(net_address_to_ipv4(path.next_hop), ==, 0x0a000007);
  g_assert_false(path.resolved);
  g_assert_false(net_host_add_route(b, far, 32, far, NULL));
  world_end(&w);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/net/router/three-hops", test_router_path);
  g_test_add_func("/net/router/ttl", test_ttl_runs_out);
  g_test_add_func("/net/router/fragmentation-needed",
                  test_fragmentation_needed);
  g_test_add_func("/net/router/net-unreachable", test_net_unreachable);
  g_test_add_func("/net/router/host-unreachable", test_host_unreachable);
  g_test_add_func("/net/host/host-unreachable", test_host_unreachable_here);
  g_test_add_func("/net/host/protocol-unreachable", test_protocol_unreachable);
  g_test_add_func("/net/host/port-unreachable", test_udp_port_unreachable);
  g_test_add_func("/net/host/udp-readers", test_udp_readers);
  g_test_add_func("/net/host/no-icmp", test_no_icmp);
  g_test_add_func("/net/arp/exchange", test_arp_exchange);
  g_test_add_func("/net/host/loopback", test_loopback);
  g_test_add_func("/net/host/path-stale", test_path_goes_stale);
  return g_test_run();
}
