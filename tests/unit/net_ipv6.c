/* IPv6: addresses and ways from net_finish(), neighbour discovery, extension
 * headers, ICMPv6 errors, packets cut short anywhere. */
#include "net_heard.h"

static NetAddress address6(const char *text)
{
  NetAddress address = NET_ADDRESS_ANY;

  g_assert_true(net_address_parse(text, &address));
  return address;
}

static NetAddress own6(NetHost *host)
{
  return net_host_address_of(host, NET_IPV6);
}

static void check_address(NetHost *host, const char *expected)
{
  char text[NET_ADDRESS_TEXT];

  g_assert_cmpstr(net_address_format(own6(host), text), ==, expected);
}

/* A datagram with `size` bytes above the experiment's eight. */
static void send6(NetHost *from, NetIp ip, uint32_t size)
{
  NetPacket *packet =
      net_packet_new(net_host_node(from)->net, &net_host_node(from)->owner);

  packet->l3 = 14;
  packet->l4 = 54;
  packet->head_length = 62;
  memset(packet->head + 54, 0xab, 8);
  packet->payload = net_slice_virtual(size);
  ip.protocol = ip.protocol ? ip.protocol : EXPERIMENT;
  net_host_send(from, packet, &ip, NULL);
}

static void test_addresses_mirror_ipv4(void)
{
  Chain c = chain_new((NetHostSpec){ 0 }, ten_mbit);

  check_address(c.a, "2001:db8::1");
  check_address(c.r1, "2001:db8::2");
  check_address(c.b, "2001:db8:0:2::2");
  g_assert_true(net_nic_at(c.w.net, address6("2001:db8:0:1::1")) ==
                net_host_node(c.r1)->nics->next);
  world_end(&c.w);
}

static void test_by_hand_stays(void)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);

  world_link(&w, a, b, ten_mbit);
  net_host_set_address(a, net_host_node(a)->nics, address6("2001:db8:5::9"),
                       64);
  net_host_set_address(b, net_host_node(b)->nics, net_address_ipv4(0xc0a80107),
                       24);
  world_finish(&w);
  check_address(a, "2001:db8:5::9");
  check_address(b, "2001:db8:5::7");
  g_assert_cmphex(net_address_to_ipv4(net_host_address_of(a, NET_IPV4)), ==,
                  0xc0a80101);
  world_end(&w);
}

static void test_outside_the_usual_subnets(void)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);

  world_link(&w, a, b, ten_mbit);
  net_host_set_address(b, net_host_node(b)->nics, net_address_ipv4(0xc0a80107),
                       24);
  world_finish(&w);
  check_address(a, "2001:db8:1:1::1");
  check_address(b, "2001:db8:1:1::7");
  world_end(&w);
}

static void test_router_path(void)
{
  Chain c = chain_new((NetHostSpec){ 0 }, ten_mbit);

  send6(c.a, (NetIp){ .destination = own6(c.b) }, 938);
  world_run(&c.w);
  g_assert_cmpuint(c.heard_b->datagrams, ==, 1);
  g_assert_cmpuint(c.heard_b->last.ttl, ==, 62);
  g_assert_cmpuint(c.heard_b->last.payload_length, ==, 946);
  g_assert_true(net_address_equal(c.heard_b->last.source, own6(c.a)));
  g_assert_cmpint(c.heard_b->when, ==, 3 * (5 * MS + 800 * US));
  world_end(&c.w);
}

static void check_error(Chain *c, uint8_t type, uint8_t code, uint32_t rest)
{
  world_run(&c->w);
  g_assert_cmpuint(c->heard_a->errors, ==, 1);
  g_assert_cmpuint(c->heard_a->type, ==, type);
  g_assert_cmpuint(c->heard_a->code, ==, code);
  g_assert_cmpuint(c->heard_a->rest, ==, rest);
  g_assert_cmpuint(c->heard_a->source_port, ==, 0xabab);
  world_end(&c->w);
}

static void test_hop_limit(void)
{
  Chain c = chain_new((NetHostSpec){ 0 }, ten_mbit);

  send6(c.a, (NetIp){ .destination = own6(c.b), .ttl = 2 }, 0);
  check_error(&c, NET_ICMPV6_TIME_EXCEEDED, 0, 0);
}

static void test_no_route(void)
{
  Chain c = chain_new((NetHostSpec){ 0 }, ten_mbit);

  send6(c.a, (NetIp){ .destination = address6("2001:db8:9::1") }, 0);
  check_error(&c, NET_ICMPV6_UNREACHABLE, NET_ICMPV6_NO_ROUTE, 0);
}

static void test_address_unreachable(void)
{
  Chain c = chain_new((NetHostSpec){ 0 }, ten_mbit);

  send6(c.a, (NetIp){ .destination = address6("2001:db8:0:2::77") }, 0);
  check_error(&c, NET_ICMPV6_UNREACHABLE, NET_ICMPV6_ADDRESS, 0);
}

/* RFC 4443 3.4: the pointer is to the field that names what is unknown. */
static void test_unknown_protocol(void)
{
  Chain c = chain_new((NetHostSpec){ 0 }, ten_mbit);

  net_host_register(c.a, 254, hear, hear_error, c.heard_a);
  send6(c.a, (NetIp){ .destination = own6(c.b), .protocol = 254 }, 0);
  check_error(&c, NET_ICMPV6_PARAMETER_PROBLEM, NET_ICMPV6_NEXT_HEADER, 6);
}

static void test_packet_too_big(void)
{
  NetWireSpec narrow = ten_mbit;
  Chain c;

  narrow.mtu = 1400;
  c = chain_new((NetHostSpec){ 0 }, narrow);
  send6(c.a, (NetIp){ .destination = own6(c.b) }, 1400 - 48);
  world_run(&c.w);
  g_assert_cmpuint(c.heard_b->datagrams, ==, 1);
  send6(c.a, (NetIp){ .destination = own6(c.b) }, 1400 - 47);
  check_error(&c, NET_ICMPV6_TOO_BIG, 0, 1400);
}

/* ICMP is not spoken over IPv6, nor ICMPv6 over IPv4. */
static void test_other_icmp(void)
{
  Chain c = chain_new((NetHostSpec){ 0 }, ten_mbit);

  net_host_register(c.a, NET_PROTOCOL_ICMP, hear, hear_error, c.heard_a);
  send6(c.a, (NetIp){ .destination = own6(c.b), .protocol = 1 }, 0);
  check_error(&c, NET_ICMPV6_PARAMETER_PROBLEM, NET_ICMPV6_NEXT_HEADER, 6);
}

static void test_udp(void)
{
  Chain c = chain_new((NetHostSpec){ 0 }, ten_mbit);

  net_host_listen_udp(c.b, 9);
  net_host_send_udp(c.a, own6(c.b), 1000, 9, net_slice_of("odd", 3));
  world_run(&c.w);
  g_assert_cmpuint(net_host_udp_received(c.b), ==, 1);
  net_host_register(c.a, NET_PROTOCOL_UDP, hear, hear_error, c.heard_a);
  net_host_send_udp(c.a, own6(c.b), 0xabab, 10, net_slice_virtual(0));
  check_error(&c, NET_ICMPV6_UNREACHABLE, NET_ICMPV6_PORT, 0);
}

/* -- neighbour discovery -- */

static void test_discovery(void)
{
  World w = world_new();
  NetHostSpec spec = { .arp = true };
  NetHost *a = net_host_new(w.net, "a", &spec);
  NetHost *b = net_host_new(w.net, "b", &spec);

  world_link(&w, a, b, ten_mbit);
  world_finish(&w);
  net_host_listen_udp(b, 9);
  world_listen(&w, 1 << NET_TRACE_SENT | 1 << NET_TRACE_DROPPED);
  net_host_send_udp(a, own6(b), 1000, 9, net_slice_virtual(0));
  net_host_send_udp(a, own6(b), 1000, 9, net_slice_virtual(0));
  world_run(&w);
  g_assert_cmpuint(net_host_udp_received(b), ==, 2);
  /* 86 bytes of question and of answer: 68.8 us each, and 5 ms */
  g_assert_cmpstr(w.log->str, ==,
                  "0 sent a\n5068800 sent b\n10137600 sent a\n"
                  "10187200 sent a\n");
  world_end(&w);
}

static void test_nobody_answers(void)
{
  World w = world_new();
  NetHostSpec spec = { .arp = true };
  NetHost *a = net_host_new(w.net, "a", &spec);
  NetHost *b = net_host_new(w.net, "b", &spec);

  world_link(&w, a, b, ten_mbit);
  world_finish(&w);
  world_listen(&w, 1 << NET_TRACE_SENT | 1 << NET_TRACE_DROPPED);
  net_host_send_udp(a, address6("2001:db8::77"), 1000, 9, net_slice_virtual(0));
  world_run(&w);
  g_assert_cmpstr(w.log->str, ==,
                  "0 sent a\n5068800 dropped b ip-multicast\n"
                  "1000000000 sent a\n1005068800 dropped b ip-multicast\n"
                  "2000000000 sent a\n2005068800 dropped b ip-multicast\n"
                  "3000000000 dropped a nd-no-answer\n");
  world_end(&w);
}

/* RFC 4861 7.1.1: a solicitation that a router passed on is not answered. */
static void test_discovery_from_afar(void)
{
  uint8_t frame[14 + 40 + 24] = { 0 };
  NetIp ip = { .protocol = NET_PROTOCOL_ICMPV6 };
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetLink *link = world_link(&w, a, b, ten_mbit);

  world_finish(&w);
  world_listen(&w, 1 << NET_TRACE_SENT | 1 << NET_TRACE_DROPPED);
  ip.source = own6(a);
  ip.destination = own6(b);
  for (uint8_t hops = 254; hops >= 254; hops++) {
    NetPacket *packet;

    memcpy(frame, link->wires[0].to->mac.bytes, 6);
    memcpy(frame + 6, link->wires[0].from->mac.bytes, 6);
    net_put16(frame + 12, NET_ETHERTYPE_IPV6);
    frame[14] = 0x60;
    net_put16(frame + 18, 24);
    frame[20] = NET_PROTOCOL_ICMPV6;
    frame[21] = hops;
    net_address_ipv6_put(frame + 22, ip.source);
    net_address_ipv6_put(frame + 38, ip.destination);
    frame[54] = NET_ICMPV6_SOLICITATION;
    net_address_ipv6_put(frame + 62, own6(b));
    net_put16(frame + 56, 0);
    packet = net_packet_from_frame(w.net, &link->wires[0].owner, frame,
                                   sizeof frame);
    net_put16(packet->head + 56, net_transport_sum(packet, &ip));
    net_wire_put(&link->wires[0], packet);
    world_run(&w);
  }
  g_assert_cmpstr(w.log->str, ==,
                  "0 sent a\n5000000 dropped b nd-malformed\n"
                  "5000000 sent a\n");
  world_end(&w);
}

/* -- extension headers -- */

typedef struct Extended {
  const char *name;
  uint8_t first; /* next header of the IPv6 header */
  uint8_t bytes[24];
  uint8_t size;
  unsigned datagrams;
  int code; /* of the parameter problem; -1: none */
  uint32_t pointer;
} Extended;

#define E EXPERIMENT
static const Extended extended[] = {
  { "hop-by-hop", 0, { E, 0, 1, 4, 0, 0, 0, 0 }, 8, 1, -1, 0 },
  { "destination", 60, { E, 0, 0, 0, 0, 0, 0, 0 }, 8, 1, -1, 0 },
  { "option-skipped", 60, { E, 0, 0x1e, 4, 0, 0, 0, 0 }, 8, 1, -1, 0 },
  { "option-silent", 60, { E, 0, 0x5e, 4, 0, 0, 0, 0 }, 8, 0, -1, 0 },
  { "option-reported", 60, { E, 0, 0x9e, 4, 0, 0, 0, 0 }, 8, 0, 2, 42 },
  { "option-unicast", 60, { E, 0, 0xde, 4, 0, 0, 0, 0 }, 8, 0, 2, 42 },
  { "option-too-long", 60, { E, 0, 0x1e, 5, 0, 0, 0, 0 }, 8, 0, 0, 42 },
  { "routing-done", 43, { E, 0, 4, 0, 0, 0, 0, 0 }, 8, 1, -1, 0 },
  { "routing-left", 43, { E, 0, 4, 1, 0, 0, 0, 0 }, 8, 0, 0, 42 },
  { "hop-by-hop-late",
    60,
    { 0, 0, 1, 4, 0, 0, 0, 0, E, 0, 1, 4, 0, 0, 0, 0 },
    16,
    0,
    1,
    40 },
  { "two", 0, { 60, 0, 1, 4, 0, 0, 0, 0, E, 0, 1, 4 }, 16, 1, -1, 0 },
  { "atomic-fragment", 44, { E, 0, 0, 0, 1, 2, 3, 4 }, 8, 1, -1, 0 },
  { "two-fragments",
    44,
    { 44, 0, 0, 0, 1, 2, 3, 4, E, 0, 0, 0, 1, 2, 3, 4 },
    16,
    0,
    -1,
    0 },
  { "longer-than-the-frame", 60, { E, 9, 1, 4 }, 8, 0, -1, 0 },
};
#undef E

/* The datagram of a row, with eight bytes above its headers. */
static NetPacket *extended_packet(World *w, NetLink *link, const Extended *row)
{
  uint8_t frame[14 + 40 + 24 + 8] = { 0 };

  memcpy(frame, link->wires[0].to->mac.bytes, 6);
  memcpy(frame + 6, link->wires[0].from->mac.bytes, 6);
  net_put16(frame + 12, NET_ETHERTYPE_IPV6);
  frame[14] = 0x60;
  net_put16(frame + 18, (uint16_t)(row->size + 8));
  frame[20] = row->first;
  frame[21] = 64;
  net_address_ipv6_put(frame + 22, link->wires[0].from->address6);
  net_address_ipv6_put(frame + 38, link->wires[0].to->address6);
  memcpy(frame + 54, row->bytes, row->size);
  return net_packet_from_frame(w->net, &link->wires[0].owner, frame,
                               62u + row->size);
}

static void test_extended(const void *data)
{
  const Extended *row = data;
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetLink *link = world_link(&w, a, b, ten_mbit);
  Heard *heard_a, *heard_b;

  world_finish(&w);
  heard_a = listen_to(&w, a);
  heard_b = listen_to(&w, b);
  net_wire_put(&link->wires[0], extended_packet(&w, link, row));
  world_run(&w);
  g_assert_cmpuint(heard_b->datagrams, ==, row->datagrams);
  if (row->datagrams)
    g_assert_cmpuint(heard_b->last.payload_length, ==, 8);
  g_assert_cmpuint(heard_a->errors, ==, row->code >= 0);
  if (row->code >= 0) {
    g_assert_cmpuint(heard_a->type, ==, NET_ICMPV6_PARAMETER_PROBLEM);
    g_assert_cmpint(heard_a->code, ==, row->code);
    g_assert_cmpuint(heard_a->rest, ==, row->pointer);
  }
  world_end(&w);
}

/* Whatever is cut off behind the IPv6 header, or claimed to be there: nothing
 * reads past the frame (run with a sanitiser, too). */
static void test_cut_anywhere(void)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetLink *link = world_link(&w, a, b, ten_mbit);

  world_finish(&w);
  listen_to(&w, b);
  for (gsize i = 0; i < G_N_ELEMENTS(extended); i++) {
    uint8_t frame[128];
    NetPacket *packet = extended_packet(&w, link, &extended[i]);
    uint32_t size = net_packet_bytes(packet, frame, sizeof frame);

    net_packet_free(packet);
    for (uint32_t cut = 14; cut <= size; cut++)
      for (unsigned keep = 0; keep < 2; keep++) {
        if (!keep && cut >= 54)
          net_put16(frame + 18, (uint16_t)(cut - 54));
        packet =
            net_packet_from_frame(w.net, &link->wires[0].owner, frame, cut);
        net_wire_put(&link->wires[0], packet);
      }
  }
  world_run(&w);
  world_end(&w);
}

/* ::ffff:10.0.0.1 is how this program writes an IPv4 address, not one that a
 * datagram of IPv6 can come from or go to. */
static void test_mapped_addresses(void)
{
  for (unsigned end = 0; end < 2; end++) {
    Chain c = chain_new((NetHostSpec){ 0 }, ten_mbit);
    NetLink *link = c.last;
    NetPacket *packet = extended_packet(&c.w, link, &extended[0]);
    NetAddress mapped = end ? net_host_address(c.b) : net_host_address(c.a);

    net_address_ipv6_put(packet->head + (end ? 38 : 22), mapped);
    net_wire_put(&link->wires[0], packet);
    world_run(&c.w);
    g_assert_cmpuint(c.heard_b->datagrams, ==, 0);
    world_end(&c.w);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(path, name) g_test_add_func("/net/ipv6/" path, test_##name)
  ADD("addresses-mirror-ipv4", addresses_mirror_ipv4);
  ADD("by-hand-stays", by_hand_stays);
  ADD("outside-the-usual-subnets", outside_the_usual_subnets);
  ADD("router-path", router_path);
  ADD("hop-limit", hop_limit);
  ADD("no-route", no_route);
  ADD("address-unreachable", address_unreachable);
  ADD("unknown-protocol", unknown_protocol);
  ADD("packet-too-big", packet_too_big);
  ADD("other-icmp", other_icmp);
  ADD("udp", udp);
  ADD("discovery", discovery);
  ADD("nobody-answers", nobody_answers);
  ADD("discovery-from-afar", discovery_from_afar);
  ADD("cut-anywhere", cut_anywhere);
  ADD("mapped-addresses", mapped_addresses);
#undef ADD
  for (gsize i = 0; i < G_N_ELEMENTS(extended); i++) {
    g_autofree char *path =
        g_strdup_printf("/net/ipv6/extension/%s", extended[i].name);

    g_test_add_data_func(path, &extended[i], test_extended);
  }
  return g_test_run();
}
