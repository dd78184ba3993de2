/* What no honest host sends: forged, malformed, martian, cut short. */
#include "net_heard.h"

/* A frame from a to b, with right checksums, to be changed by a test. */
typedef struct Forged {
  World w;
  NetHost *a, *b;
  NetWire *wire;
  NetPacket *packet;
  Heard *heard;
} Forged;

static Forged forge(uint8_t protocol, uint32_t source, uint32_t destination)
{
  Forged f = { .w = world_new() };
  NetIp ip = { .source = net_address_ipv4(source),
               .destination = net_address_ipv4(destination),
               .payload_length = 28,
               .protocol = protocol,
               .ttl = 64 };

  f.a = net_host_new(f.w.net, "a", NULL);
  f.b = net_host_new(f.w.net, "b", NULL);
  f.wire = &world_link(&f.w, f.a, f.b, ten_mbit)->wires[0];
  world_finish(&f.w);
  f.heard = listen_to(&f.w, f.b);
  f.packet = net_packet_new(f.w.net, &f.wire->owner);
  f.packet->l3 = 14;
  f.packet->l4 = 34;
  f.packet->head_length = 42;
  memset(f.packet->head + 34, 0, 8);
  f.packet->payload = net_slice_virtual(20);
  net_ethernet_put(f.packet, &f.wire->to->mac, &f.wire->from->mac,
                   NET_ETHERTYPE_IPV4);
  net_ipv4_put(f.packet, &ip, 1);
  world_listen(&f.w, 1 << NET_TRACE_DROPPED | 1 << NET_TRACE_SENT);
  return f;
}

static void check_forged(Forged *f, unsigned datagrams, const char *expected)
{
  net_ipv4_sum_put(f->packet);
  net_wire_put(f->wire, f->packet);
  world_run(&f->w);
  g_assert_cmpstr(f->w.log->str, ==, expected);
  g_assert_cmpuint(f->heard->datagrams, ==, datagrams);
  world_end(&f->w);
}

#define A 0x0a000001
#define B 0x0a000002

static void test_land_reaches_the_protocol(void)
{
  Forged f = forge(EXPERIMENT, B, B);

  check_forged(&f, 1, "0 sent a\n");
}

static void test_martian_sources(void)
{
  static const uint32_t wrong[] = { 0xffffffff, 0xe0000001, 0x7f000001,
                                    0x00000000, 0x0a0000ff };

  for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
    Forged f = forge(EXPERIMENT, wrong[i], B);

    check_forged(&f, 0, "0 sent a\n5000000 dropped b ip-martian-source\n");
  }
}

static void test_not_ours(void)
{
  Forged f = forge(EXPERIMENT, A, B + 1);

  check_forged(&f, 0, "0 sent a\n5000000 dropped b ip-not-ours\n");
  f = forge(EXPERIMENT, A, B);
  f.packet->head[5] ^= 4;
  check_forged(&f, 0, "0 sent a\n5000000 dropped b nic-not-for-us\n");
}

/* The first is no multiple of 8 bytes long, the second all that comes. */
static void test_fragments(void)
{
  Forged f = forge(EXPERIMENT, A, B);

  net_put16(f.packet->head + 20, 0x2000);
  check_forged(&f, 0, "0 sent a\n5000000 dropped b ip-fragment\n");
  f = forge(EXPERIMENT, A, B);
  net_put16(f.packet->head + 20, 100);
  check_forged(&f, 0, "0 sent a\n60005000000 dropped b ip-reassembly-time\n");
}

static void test_broadcast_gets_no_error(void)
{
  static const uint32_t everybody[] = { 0xffffffff, 0x0a0000ff };

  for (gsize i = 0; i < G_N_ELEMENTS(everybody); i++) {
    Forged f = forge(EXPERIMENT, A, everybody[i]);

    memset(f.packet->head, 0xff, 6);
    check_forged(&f, 1, "0 sent a\n");
    f = forge(99, A, everybody[i]);
    memset(f.packet->head, 0xff, 6);
    check_forged(&f, 0, "0 sent a\n5000000 dropped b ip-protocol\n");
    f = forge(99, A, B);
    memset(f.packet->head, 0xff, 6);
    check_forged(&f, 0, "0 sent a\n5000000 dropped b ip-protocol\n");
  }
}

/* RFC 1122 3.2.2: and an ICMP error about another one is never sent. */
static void test_error_about_error(void)
{
  for (unsigned type = 0; type <= 12; type++) {
    bool error =
        type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
    Forged f = forge(NET_PROTOCOL_ICMP, A, B);

    f.packet->head[34] = (uint8_t)type;
    f.packet->flags |= NET_PACKET_CHECKED;
    net_host_unreachable(f.b, f.packet, NET_UNREACHABLE_PORT, 0);
    world_run(&f.w);
    g_assert_cmpstr(f.w.log->str, ==, error ? "" : "0 sent b\n");
    net_packet_free(f.packet);
    world_end(&f.w);
  }
}

static void test_error_about_fragment(void)
{
  Forged f = forge(EXPERIMENT, A, B);

  net_put16(f.packet->head + 20, 100);
  net_host_unreachable(f.b, f.packet, NET_UNREACHABLE_PORT, 0);
  world_run(&f.w);
  g_assert_cmpstr(f.w.log->str, ==, "");
  net_packet_free(f.packet);
  world_end(&f.w);
}

/* Fields of an ARP request, one wrong at a time. */
static void test_arp_malformed(void)
{
  static const uint8_t request[28] = { 0, 1, 8, 0, 6,  4, 0, 1, 2, 0,
                                       0, 1, 0, 0, 10, 0, 0, 1, 0, 0,
                                       0, 0, 0, 0, 10, 0, 0, 2 };
  static const uint8_t wrong[][2] = { { 1, 2 }, { 2, 9 }, { 4, 5 },   { 5, 6 },
                                      { 7, 3 }, { 8, 1 }, { 14, 224 } };

  for (gsize i = 0; i <= G_N_ELEMENTS(wrong); i++) {
    Forged f = forge(EXPERIMENT, A, B);

    net_put16(f.packet->head + 12, NET_ETHERTYPE_ARP);
    memcpy(f.packet->head + 14, request, sizeof request);
    if (i < G_N_ELEMENTS(wrong))
      f.packet->head[14 + wrong[i][0]] = wrong[i][1];
    net_wire_put(f.wire, f.packet);
    world_run(&f.w);
    g_assert_cmpstr(f.w.log->str, ==,
                    i < G_N_ELEMENTS(wrong)
                        ? "0 sent a\n5000000 dropped b arp-malformed\n"
                        : "0 sent a\n5000000 sent b\n");
    world_end(&f.w);
  }
}

static void test_echo(void)
{
  Forged f = forge(NET_PROTOCOL_ICMP, A, B);

  f.packet->head[34] = NET_ICMP_ECHO;
  net_put16(f.packet->head + 36, 0xf7ff);
  check_forged(&f, 0, "0 sent a\n5000000 sent b\n");
  f = forge(NET_PROTOCOL_ICMP, A, B);
  f.packet->head[34] = NET_ICMP_ECHO;
  net_put16(f.packet->head + 36, 0xf7fe);
  check_forged(&f, 0, "0 sent a\n5000000 dropped b nic-checksum\n");
}

static void test_runt(void)
{
  for (uint32_t size = 0; size < 14; size++) {
    Forged f = forge(EXPERIMENT, A, B);
    uint8_t frame[14];

    memcpy(frame, f.packet->head, sizeof frame);
    net_packet_free(f.packet);
    net_wire_put(f.wire,
                 net_packet_from_frame(f.w.net, &f.wire->owner, frame, size));
    world_run(&f.w);
    g_assert_cmpstr(f.w.log->str, ==, "0 sent a\n5000000 dropped b nic-runt\n");
    world_end(&f.w);
  }
}

/* A router does not look above IP: the receiver finds the bad checksum. */
static void test_router_ignores_checksum(void)
{
  Chain c = chain_new((NetHostSpec){ 0 }, ten_mbit);
  NetWire *wire = &c.first->wires[0];
  NetIp ip = { .source = net_host_address(c.a),
               .destination = net_host_address(c.b),
               .payload_length = 8,
               .protocol = NET_PROTOCOL_ICMP,
               .ttl = 9 };
  NetPacket *packet = net_packet_new(c.w.net, &wire->owner);

  packet->l3 = 14;
  packet->l4 = 34;
  packet->head_length = 42;
  memset(packet->head, 1, 42);
  net_ethernet_put(packet, &wire->to->mac, &wire->from->mac,
                   NET_ETHERTYPE_IPV4);
  net_ipv4_put(packet, &ip, 1);
  world_listen(&c.w, 1 << NET_TRACE_DROPPED);
  net_wire_put(wire, packet);
  world_run(&c.w);
  g_assert_cmpstr(c.w.log->str, ==, "15067200 dropped b nic-checksum\n");
  world_end(&c.w);
}

/* RFC 1812 5.3.4: a datagram that came to everybody is not passed on. */
static void test_router_keeps_link_broadcast(void)
{
  Chain c = chain_new((NetHostSpec){ 0 }, ten_mbit);
  NetWire *wire = &c.first->wires[0];
  NetIp ip = { .source = net_host_address(c.a),
               .destination = net_host_address(c.b),
               .protocol = EXPERIMENT,
               .ttl = 9 };
  NetPacket *packet = net_packet_new(c.w.net, &wire->owner);
  const NetMac everybody = NET_MAC_BROADCAST;

  packet->l3 = 14;
  packet->head_length = 34;
  net_ethernet_put(packet, &everybody, &wire->from->mac, NET_ETHERTYPE_IPV4);
  net_ipv4_put(packet, &ip, 1);
  world_listen(&c.w, 1 << NET_TRACE_DROPPED);
  net_wire_put(wire, packet);
  world_run(&c.w);
  g_assert_cmpstr(c.w.log->str, ==, "5000000 dropped r1 ip-not-ours\n");
  world_end(&c.w);
}

/* Without offload the host finds it. */
static void test_icmp_checksum_in_host(void)
{
  NetHostSpec spec = { .nic.no_checksum_offload = true };
  Chain c = chain_new(spec, ten_mbit);
  NetWire *wire = &c.last->wires[0];
  NetIp ip = { .source = net_host_address(c.a),
               .destination = net_host_address(c.b),
               .payload_length = 8,
               .protocol = NET_PROTOCOL_ICMP,
               .ttl = 9 };
  NetPacket *packet = net_packet_new(c.w.net, &wire->owner);

  packet->l3 = 14;
  packet->head_length = 42;
  memset(packet->head, NET_ICMP_ECHO, 42);
  net_ethernet_put(packet, &wire->to->mac, &wire->from->mac,
                   NET_ETHERTYPE_IPV4);
  net_ipv4_put(packet, &ip, 1);
  world_listen(&c.w, 1 << NET_TRACE_DROPPED);
  net_wire_put(wire, packet);
  world_run(&c.w);
  g_assert_cmpstr(c.w.log->str, ==, "5000000 dropped b icmp-malformed\n");
  world_end(&c.w);
}

static void check_quotation(uint32_t source, uint32_t size, unsigned errors)
{
  uint8_t quote[40] = { 0x45, 0, 0, 60, 0, 0, 0, 0, 64, EXPERIMENT };
  Forged f = forge(NET_PROTOCOL_ICMP, A, B);

  net_put32(quote + 12, source);
  net_put32(quote + 16, A);
  f.packet->payload = net_slice_of(quote, size);
  f.packet->head[34] = NET_ICMP_UNREACHABLE;
  f.packet->flags |= NET_PACKET_CHECKED;
  net_put16(f.packet->head + 16, (uint16_t)(28 + size));
  net_ipv4_sum_put(f.packet);
  net_wire_put(f.wire, f.packet);
  world_run(&f.w);
  g_assert_cmpuint(f.heard->errors, ==, errors);
  world_end(&f.w);
}

/* An ICMP error whose quotation is cut anywhere is harmless, and reaches
 * the protocol once 8 bytes above IP are there, if it is about us. */
static void test_quotation_cut_anywhere(void)
{
  for (uint32_t size = 0; size <= 40; size++)
    check_quotation(B, size, size >= 28 ? 1 : 0);
  check_quotation(A, 40, 0);
}

/* A way that was kept from before is looked up again by sending. */
static void test_stale_path_sends(void)
{
  Forged f = forge(EXPERIMENT, A, B);
  NetPath path = { 0 };
  NetIp ip = { .destination = net_address_ipv4(0xc0000201) };

  g_assert_false(net_host_path(f.a, ip.destination, &path));
  net_host_add_route(f.a, ip.destination, 32, net_address_ipv4(B), NULL);
  net_host_send(f.a, f.packet, &ip, &path);
  world_run(&f.w);
  g_assert_cmpstr(f.w.log->str, ==,
                  "0 sent a\n5049600 dropped b ip-not-ours\n");
  world_end(&f.w);
}

static void flip(uint8_t *frame, uint32_t size, SimRandom *random)
{
  uint64_t flips = sim_random_below(random, 6);

  while (flips-- > 0)
    frame[12 + sim_random_below(random, size - 12)] =
        (uint8_t)sim_random_next(random);
}

/* Frames of every kind, damaged and cut, with and without the NIC's help: a
 * packet can never crash a host, and none stays. */
static void check_noise(NetHostSpec spec)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", &spec);
  NetHost *b = net_host_new(w.net, "b", &spec);
  NetWire *wire = &world_link(&w, a, b, ten_mbit)->wires[0];
  static const uint8_t protocols[] = { 1, 6, 17, EXPERIMENT };
  SimRandom random;

  world_finish(&w);
  listen_to(&w, b);
  sim_random_init(&random, 1, "noise");
  for (unsigned i = 0; i < 20000; i++) {
    uint8_t frame[120] = { 0 };
    uint32_t size = 14 + (uint32_t)sim_random_below(&random, 107);
    NetPacket *packet = net_packet_new(w.net, &wire->owner);
    NetIp ip = { .source = net_host_address(a),
                 .destination = net_host_address(b),
                 .payload_length = size > 34 ? size - 34 : 0,
                 .protocol = protocols[i % 4],
                 .ttl = 64 };

    packet->l3 = 14;
    net_ipv4_put(packet, &ip, 1);
    net_ethernet_put(packet, &wire->to->mac, &wire->from->mac,
                     i % 5 ? NET_ETHERTYPE_IPV4 : NET_ETHERTYPE_ARP);
    memcpy(frame, packet->head, 34);
    net_packet_free(packet);
    flip(frame, size, &random);
    packet = net_packet_from_frame(w.net, &wire->owner, frame, size);
    if (i % 3 && packet->head_length >= 34)
      net_ipv4_sum_put(packet);
    net_wire_put(wire, packet);
    world_run(&w);
  }
  world_end(&w);
}

static void test_noise(void)
{
  check_noise((NetHostSpec){ 0 });
  check_noise((NetHostSpec){ .nic.no_checksum_offload = true });
  check_noise((NetHostSpec){ .nic.promiscuous = true, .forwarding = true });
  check_noise((NetHostSpec){ .arp = true });
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/net/router/checksum", test_router_ignores_checksum);
  g_test_add_func("/net/nic/runt", test_runt);
  g_test_add_func("/net/host/land", test_land_reaches_the_protocol);
  g_test_add_func("/net/host/martian", test_martian_sources);
  g_test_add_func("/net/host/not-ours", test_not_ours);
  g_test_add_func("/net/host/fragments", test_fragments);
  g_test_add_func("/net/host/broadcast", test_broadcast_gets_no_error);
  g_test_add_func("/net/icmp/error-about-error", test_error_about_error);
  g_test_add_func("/net/icmp/error-about-fragment", test_error_about_fragment);
  g_test_add_func("/net/icmp/checksum-in-host", test_icmp_checksum_in_host);
  g_test_add_func("/net/router/link-broadcast",
                  test_router_keeps_link_broadcast);
  g_test_add_func("/net/arp/malformed", test_arp_malformed);
  g_test_add_func("/net/host/stale-path-sends", test_stale_path_sends);
  g_test_add_func("/net/icmp/echo", test_echo);
  g_test_add_func("/net/icmp/quotation-cut", test_quotation_cut_anywhere);
  g_test_add_func("/net/host/noise", test_noise);
  return g_test_run();
}
