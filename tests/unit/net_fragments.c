/* Datagrams in pieces: cut by routers and sources, put together by hosts, and
 * what becomes of those of which a piece is missing. */
#include "net_heard.h"

#define BYTES 3001

/* What b heard last, in bytes. */
typedef struct Whole {
  unsigned count;
  uint32_t size;
  uint8_t bytes[BYTES + 100];
} Whole;

static void hear_whole(void *user, NetPacket *packet, const NetIp *ip)
{
  Whole *whole = user;
  uint8_t frame[BYTES + 200];
  uint32_t size = net_packet_bytes(packet, frame, sizeof frame);

  g_assert_cmpuint(size - packet->l4, ==, ip->payload_length);
  g_assert_false(net_ip_is_fragment(ip));
  whole->count++;
  whole->size = ip->payload_length;
  memcpy(whole->bytes, frame + packet->l4, whole->size);
  net_packet_free(packet);
}

static uint8_t pattern(uint32_t i)
{
  return (uint8_t)(i * 7 + (i >> 8));
}

/* BYTES of the pattern above eight bytes of header, from a to b. */
static void send_whole(Chain *c, NetFamily family)
{
  NetHost *b = c->b;
  NetPacket *packet = net_packet_new(c->w.net, &net_host_node(c->a)->owner);
  uint8_t bytes[BYTES];
  NetIp ip = { .destination = net_host_address_of(b, family),
               .protocol = EXPERIMENT };

  for (uint32_t i = 0; i < BYTES; i++)
    bytes[i] = pattern(i);
  packet->l3 = 14;
  packet->l4 = (uint16_t)(14 + net_ip_size(ip.destination));
  packet->head_length = (uint16_t)(packet->l4 + 8);
  memset(packet->head + packet->l4, 0xab, 8);
  packet->payload = net_slice_of(bytes, BYTES);
  net_host_send(c->a, packet, &ip, NULL);
}

static void check_whole(const Whole *whole, unsigned count)
{
  g_assert_cmpuint(whole->count, ==, count);
  g_assert_cmpuint(whole->size, ==, BYTES + 8);
  for (uint32_t i = 0; i < BYTES; i++)
    g_assert_cmphex(whole->bytes[8 + i], ==, pattern(i));
}

static Chain chain_of(uint32_t mtu, Whole *whole)
{
  NetWireSpec narrow = ten_mbit;
  Chain c;

  narrow.mtu = mtu;
  c = chain_new((NetHostSpec){ 0 }, narrow);
  net_host_register(c.b, EXPERIMENT, hear_whole, NULL, whole);
  return c;
}

/* 3009 bytes: three pieces by the source, and each of the first two cut in
 * three again by the router. */
static void test_ipv4_cut_twice(void)
{
  Whole whole = { 0 };
  Chain c = chain_of(576, &whole);

  send_whole(&c, NET_IPV4);
  world_run(&c.w);
  check_whole(&whole, 1);
  /* 1480 + 1480 + 49; 552 + 552 + 376 of the first two */
  g_assert_cmpuint(c.w.net->hops, ==, 3 + 7 + 7);
  world_end(&c.w);
}

static void test_ipv6_cut_by_the_source(void)
{
  Whole whole = { 0 };
  Chain c = chain_of(1500, &whole);

  send_whole(&c, NET_IPV6);
  world_run(&c.w);
  check_whole(&whole, 1);
  g_assert_cmpuint(c.w.net->hops, ==, 3 * 3); /* 1448 + 1448 + 113 */
  world_end(&c.w);
}

static void believe(void *user, uint8_t type, uint8_t code, uint32_t rest,
                    const NetIp *quoted, const uint8_t *l4, uint32_t l4_size)
{
  g_assert_cmpuint(type, ==, NET_ICMPV6_TOO_BIG);
  g_assert_cmpuint(code, ==, 0);
  g_assert_nonnull(l4);
  g_assert_cmpuint(l4_size, >=, 8);
  net_host_too_big(user, quoted->destination, rest, 0);
}

/* RFC 8201: no router fragments IPv6; the source learns, and cuts finer. */
static void test_ipv6_source_learns(void)
{
  Whole whole = { 0 };
  Chain c = chain_of(1280, &whole);
  NetPath path = { 0 };

  net_host_register(c.a, EXPERIMENT, hear_whole, believe, c.a);
  send_whole(&c, NET_IPV6);
  world_run(&c.w);
  g_assert_cmpuint(whole.count, ==, 0);
  g_assert_true(net_host_path(c.a, net_host_address_of(c.b, NET_IPV6), &path));
  g_assert_cmpuint(net_host_mtu(&path), ==, 1280);
  send_whole(&c, NET_IPV6);
  world_run(&c.w);
  check_whole(&whole, 1);
  world_end(&c.w);
}

static void lose_second(void *user, NetWire *wire, NetPacket *packet,
                        NetFate *fate)
{
  unsigned *count = user;

  g_assert_nonnull(wire);
  g_assert_nonnull(packet);
  if (++*count == 2)
    fate->drop = true;
}

/* RFC 1122 3.3.2, RFC 8200 4.5: after sixty seconds the source is told. */
static void check_piece_lost(NetFamily family, uint8_t type)
{
  Whole whole = { 0 };
  Chain c = chain_of(1500, &whole);
  unsigned count = 0;

  net_wire_decide(&c.last->wires[0], lose_second, &count, NULL);
  world_listen(&c.w, 1 << NET_TRACE_DROPPED);
  send_whole(&c, family);
  world_run(&c.w);
  g_assert_cmpuint(whole.count, ==, 0);
  g_assert_cmpuint(c.heard_a->errors, ==, 1);
  g_assert_cmpuint(c.heard_a->type, ==, type);
  g_assert_cmpuint(c.heard_a->code, ==, 1);
  g_assert_cmpint(c.heard_a->when, >, 60 * SIM_SECOND);
  g_assert_nonnull(strstr(c.w.log->str, "dropped b ip-reassembly-time"));
  world_end(&c.w);
}

static void test_piece_lost(void)
{
  check_piece_lost(NET_IPV4, NET_ICMP_TIME_EXCEEDED);
  check_piece_lost(NET_IPV6, NET_ICMPV6_TIME_EXCEEDED);
}

/* Every piece comes twice: the second copies of those behind the first fill
 * nothing, and the last waits in vain. */
static void test_duplicates(void)
{
  Whole whole = { 0 };
  Chain c = chain_of(1500, &whole);

  net_wire_duplication(&c.last->wires[0], 1);
  send_whole(&c, NET_IPV4);
  send_whole(&c, NET_IPV6);
  world_run(&c.w);
  check_whole(&whole, 2);
  world_end(&c.w);
}

static void test_out_of_order(void)
{
  for (NetFamily family = 0; family < NET_FAMILIES; family++) {
    Whole whole = { 0 };
    Chain c = chain_of(1500, &whole);

    net_wire_reordering(&c.last->wires[0], 0.5, SIM_SECOND);
    for (unsigned i = 0; i < 20; i++)
      send_whole(&c, family);
    world_run(&c.w);
    check_whole(&whole, 20);
    world_end(&c.w);
  }
}

/* -- pieces that no honest host sends -- */

typedef struct Piece {
  uint16_t at, size;
  bool more;
} Piece;

static void put_piece(Chain *c, NetFamily family, const Piece *piece)
{
  NetWire *wire = &c->last->wires[0];
  uint8_t frame[14 + 48 + 64] = { 0 };
  uint8_t *ip = frame + 14;
  uint32_t header = family == NET_IPV4 ? 20 : 48;
  NetPacket *packet;

  memcpy(frame, wire->to->mac.bytes, 6);
  memcpy(frame + 6, wire->from->mac.bytes, 6);
  if (family == NET_IPV4) {
    net_put16(frame + 12, NET_ETHERTYPE_IPV4);
    ip[0] = 0x45;
    net_put16(ip + 2, (uint16_t)(20 + piece->size));
    net_put16(ip + 4, 77);
    net_put16(ip + 6, (uint16_t)(piece->at / 8 | (piece->more ? 0x2000 : 0)));
    ip[8] = 64;
    ip[9] = EXPERIMENT;
    net_put32(ip + 12, net_address_to_ipv4(net_host_address(c->a)));
    net_put32(ip + 16, net_address_to_ipv4(net_host_address(c->b)));
  } else {
    net_put16(frame + 12, NET_ETHERTYPE_IPV6);
    ip[0] = 0x60;
    net_put16(ip + 4, (uint16_t)(8 + piece->size));
    ip[6] = NET_IPV6_FRAGMENT;
    ip[7] = 64;
    net_address_ipv6_put(ip + 8, net_host_address_of(c->a, NET_IPV6));
    net_address_ipv6_put(ip + 24, net_host_address_of(c->b, NET_IPV6));
    ip[40] = EXPERIMENT;
    net_put16(ip + 42, (uint16_t)(piece->at | piece->more));
    net_put32(ip + 44, 77);
  }
  packet = net_packet_from_frame(c->w.net, &wire->owner, frame,
                                 14 + header + piece->size);
  if (family == NET_IPV4)
    net_ipv4_sum_put(packet);
  net_wire_put(wire, packet);
}

typedef struct Row {
  const char *name;
  Piece pieces[4];
  unsigned datagrams; /* that b hears */
  unsigned overlaps;  /* drops by "ip-fragment" */
} Row;

static const Row rows[] = {
  { "two", { { 0, 16, true }, { 16, 8, false } }, 1, 0 },
  { "last-first", { { 16, 8, false }, { 0, 16, true } }, 1, 0 },
  { "repeated", { { 0, 16, true }, { 0, 16, true }, { 16, 8, false } }, 1, 1 },
  { "overlap-left",
    { { 8, 16, true }, { 0, 16, true }, { 24, 8, false } },
    0,
    2 },
  { "overlap-right",
    { { 0, 16, true }, { 8, 16, true }, { 24, 8, false } },
    0,
    2 },
  { "within", { { 0, 24, true }, { 8, 8, true }, { 24, 8, false } }, 0, 2 },
  { "longer", { { 0, 8, true }, { 0, 16, true }, { 16, 8, false } }, 0, 2 },
  { "two-ends", { { 0, 8, true }, { 16, 8, false }, { 8, 8, false } }, 0, 3 },
  { "beyond-the-end", { { 8, 8, false }, { 16, 8, true } }, 0, 2 },
  { "odd", { { 0, 12, true }, { 8, 8, false } }, 0, 1 },
  { "empty", { { 0, 16, true }, { 16, 0, true }, { 16, 8, false } }, 1, 1 },
  { "too-long", { { 65528, 8, false } }, 0, 1 },
};

static void check_row(const Row *row, NetFamily family)
{
  Chain c = chain_new((NetHostSpec){ 0 }, ten_mbit);
  unsigned drops = 0;

  world_listen(&c.w, 1 << NET_TRACE_DROPPED);
  for (unsigned i = 0; i < G_N_ELEMENTS(row->pieces); i++)
    if (row->pieces[i].size > 0 || row->pieces[i].at > 0)
      put_piece(&c, family, &row->pieces[i]);
  world_run(&c.w);
  for (const char *at = strstr(c.w.log->str, "ip-fragment"); at;
       at = strstr(at + 1, "ip-fragment"))
    drops++;
  g_assert_cmpuint(c.heard_b->datagrams, ==, row->datagrams);
  g_assert_cmpuint(drops, ==, row->overlaps);
  world_end(&c.w);
}

static void test_row(const void *data)
{
  check_row(data, NET_IPV4);
  check_row(data, NET_IPV6);
}

/* A flood of first pieces takes bounded room: the oldest make way. */
static void test_flood(void)
{
  Chain c = chain_new((NetHostSpec){ 0 }, ten_mbit);
  NetWire *wire = &c.last->wires[0];
  unsigned made_way = 0;

  world_listen(&c.w, 1 << NET_TRACE_DROPPED);
  for (uint16_t id = 0; id < 100; id++) {
    NetPacket *packet;
    uint8_t frame[42] = { 0 };
    NetIp ip = { .source = net_host_address(c.a),
                 .destination = net_host_address(c.b),
                 .payload_length = 8,
                 .protocol = EXPERIMENT,
                 .ttl = 64 };

    memcpy(frame, wire->to->mac.bytes, 6);
    net_put16(frame + 12, NET_ETHERTYPE_IPV4);
    packet = net_packet_from_frame(c.w.net, &wire->owner, frame, 42);
    net_ipv4_put(packet, &ip, id);
    net_put16(packet->head + 20, NET_IPV4_MORE);
    net_ipv4_sum_put(packet);
    net_packet_parse(packet);
    net_wire_put(wire, packet);
  }
  world_run(&c.w);
  for (const char *at = strstr(c.w.log->str, "reassembly-room"); at;
       at = strstr(at + 1, "reassembly-room"))
    made_way++;
  g_assert_cmpuint(made_way, ==, 100 - 64);
  world_end(&c.w);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(path, name) g_test_add_func("/net/fragments/" path, test_##name)
  ADD("ipv4-cut-twice", ipv4_cut_twice);
  ADD("ipv6-cut-by-the-source", ipv6_cut_by_the_source);
  ADD("ipv6-source-learns", ipv6_source_learns);
  ADD("piece-lost", piece_lost);
  ADD("duplicates", duplicates);
  ADD("out-of-order", out_of_order);
  ADD("flood", flood);
#undef ADD
  for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *path = g_strdup_printf("/net/fragments/%s", rows[i].name);

    g_test_add_data_func(path, &rows[i], test_row);
  }
  return g_test_run();
}
