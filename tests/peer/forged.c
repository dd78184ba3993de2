/* Segments that no honest TCP sends: damaged, cut short, with impossible
 * options, with addresses that are no host's. None is answered. */
#include <string.h>

#include "peer.h"

/* The checksum is made right again, so that only the damage counts. */
static void seal(Peer *t, NetPacket *packet)
{
  NetIp ip = {
    .source = net_host_address(t->peer),
    .destination = net_host_address(t->host),
    .protocol = NET_PROTOCOL_TCP,
    .payload_length = packet->head_length - packet->l4 + packet->payload.length,
  };

  net_put16(packet->head + packet->l4 + 16, 0);
  net_put16(packet->head + packet->l4 + 16, net_transport_sum(packet, &ip));
}

static void put(Peer *t, NetPacket *packet)
{
  peer_puts(t, packet, net_host_address(t->peer), net_host_address(t->host));
}

/* MUST-2, MUST-3 */
static void test_bad_checksum(void)
{
  Peer *t = peer_new(0);
  NetPacket *packet;

  established(t);
  packet = peer_packet(t, "R 1:1(0)");
  packet->head[packet->l4 + 17] ^= 1;
  put(t, packet);
  met(t, "BAD_CHECKSUM");
  host_is(t, "ESTABLISHED");
  number_is(t, "bad checksums",
            (int64_t)tcp_stack_counters(t->stack)->bad_checksum, 1);
  peer_free(t);
}

static void check_malformed(Peer *t, NetPacket *packet)
{
  seal(t, packet);
  put(t, packet);
  met(t, "MALFORMED");
  host_is(t, "LISTEN");
  number_is(t, "malformed", (int64_t)tcp_stack_counters(t->stack)->malformed,
            1);
  peer_free(t);
}

static void test_data_offset_under_5(void)
{
  Peer *t = peer_new(0);
  NetPacket *packet;

  user_listens(t);
  packet = peer_packet(t, "S 0:0(0)");
  packet->head[packet->l4 + 12] = 4 << 4;
  check_malformed(t, packet);
}

static void test_data_offset_past_the_end(void)
{
  Peer *t = peer_new(0);
  NetPacket *packet;

  user_listens(t);
  packet = peer_packet(t, "S 0:0(0)");
  packet->head[packet->l4 + 12] = 6 << 4;
  check_malformed(t, packet);
}

static void test_truncated_header(void)
{
  Peer *t = peer_new(0);
  NetPacket *packet;

  user_listens(t);
  packet = peer_packet(t, "S 0:0(0)");
  packet->head_length = (uint16_t)(packet->l4 + 18);
  check_malformed(t, packet);
}

typedef struct OptionRow {
  const char *name;
  uint8_t bytes[8];
  const char *reply; /* NULL: malformed */
} OptionRow;

/* MUST-6, MUST-7: a kind that is not known is skipped by its length, and an
 * illegal length must be survived. */
static const OptionRow option_rows[] = {
  { "length-0", { 2, 0, 5, 180, 0, 0, 0, 0 }, NULL },
  { "length-1", { 2, 1, 5, 180, 0, 0, 0, 0 }, NULL },
  { "length-past-end", { 2, 9, 5, 180, 0, 0, 0, 0 }, NULL },
  { "length-missing", { 1, 1, 1, 1, 1, 1, 1, 2 }, NULL },
  { "length-wrong",
    { 2, 3, 9, 1, 2, 4, 5, 180 },
    "S. 0:0(0) ack 1 win 65535 <mss 1460>" },
  { "unknown",
    { 77, 8, 1, 2, 3, 4, 5, 6 },
    "S. 0:0(0) ack 1 win 65535 <mss 1460>" },
  { "behind-end",
    { 0, 2, 0, 0, 0, 0, 0, 0 },
    "S. 0:0(0) ack 1 win 65535 <mss 1460>" },
};

/* MUST-4, MUST-64, MUST-68 */
static void test_option(gconstpointer data)
{
  const OptionRow *row = data;
  Peer *t = peer_new(0);
  NetPacket *packet;

  user_listens(t);
  packet = peer_packet(t, "S 0:0(0)");
  packet->head[packet->l4 + 12] = 7 << 4;
  memcpy(packet->head + packet->l4 + TCP_HEADER_SIZE, row->bytes, 8);
  packet->head_length = (uint16_t)(packet->head_length + 8);
  if (!row->reply) {
    check_malformed(t, packet);
    return;
  }
  seal(t, packet);
  put(t, packet);
  host_sends(t, row->reply);
  peer_free(t);
}

/* What was understood before an impossible length holds, if the host forgives
 * it, as Linux and FreeBSD do. */
static void test_broken_options_forgiven(void)
{
  static const uint8_t bytes[8] = { 2, 4, 3, 232, 8, 0, 0, 0 };
  Peer *t = peer_new(0);
  NetPacket *packet;

  tcp_stack_knobs(t->stack)->loose_options = 1;
  user_listens(t);
  packet = peer_packet(t, "S 0:0(0)");
  packet->head[packet->l4 + 12] = 7 << 4;
  memcpy(packet->head + packet->l4 + TCP_HEADER_SIZE, bytes, 8);
  packet->head_length = (uint16_t)(packet->head_length + 8);
  seal(t, packet);
  put(t, packet);
  host_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  peer_sends(t, ". 1:1(0) ack 1");
  user_accepts(t);
  user_sends(t, 1500);
  host_sends(t, ". 1:1001(1000) ack 1");
  peer_free(t);
}

static NetAddress address_of(const char *text)
{
  NetAddress address = NET_ADDRESS_ANY;

  g_assert_true(net_address_parse(text, &address));
  return address;
}

/* 3.9.2.3 MUST-57: "silently discard an incoming SYN segment that is
 * addressed to a broadcast or multicast address". */
static void check_not_unicast(const char *destination)
{
  Peer *t = peer_new(0);
  NetAddress to = address_of(destination);
  NetAddress from = net_host_address(t->peer);
  TcpSegment segment = {
    .seq = PEER_ISS,
    .flags = TCP_SYN,
    .source_port = PEER_PORT,
    .destination_port = HOST_PORT,
  };
  NetPacket *packet;

  user_listens(t);
  packet = peer_packet(t, "S 0:0(0)");
  tcp_segment_build(packet, &segment, from, to);
  peer_puts(t, packet, from, to);
  met(t, "NOT_UNICAST");
  host_silent(t, S(1));
  peer_free(t);
}

/* MUST-63 */
static void test_limited_broadcast(void)
{
  check_not_unicast("255.255.255.255");
}

static void test_subnet_broadcast(void)
{
  check_not_unicast("10.0.0.255");
}

static void test_all_nodes(void)
{
  check_not_unicast("ff02::1");
}

/* Source and destination are the host itself ("land"): a listener that
 * answered would talk to itself for ever. */
static void test_land(void)
{
  Peer *t = peer_new(0);
  NetAddress self = net_host_address(t->host);
  TcpSegment segment = {
    .seq = PEER_ISS + 100000,
    .flags = TCP_SYN,
    .source_port = HOST_PORT,
    .destination_port = HOST_PORT,
  };
  NetPacket *packet;

  user_listens(t);
  packet = peer_packet(t, "S 0:0(0)");
  tcp_segment_build(packet, &segment, self, self);
  peer_puts(t, packet, self, self);
  met(t, "NOT_UNICAST");
  host_silent(t, S(1));
  peer_free(t);
}

void add_forged_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/forged/" path, test_##name)
  ADD("established-bad-checksum", bad_checksum);
  ADD("listen-data-offset-4", data_offset_under_5);
  ADD("listen-data-offset-past-end", data_offset_past_the_end);
  ADD("listen-truncated", truncated_header);
  for (size_t i = 0; i < G_N_ELEMENTS(option_rows); i++) {
    g_autofree char *path =
        g_strdup_printf("/peer/forged/listen-option-%s", option_rows[i].name);

    g_test_add_data_func(path, &option_rows[i], test_option);
  }
  ADD("listen-option-broken-forgiven", broken_options_forgiven);
  if (peer_family() == NET_IPV6) {
    ADD("listen-all-nodes", all_nodes);
  } else {
    ADD("listen-limited-broadcast", limited_broadcast);
    ADD("listen-subnet-broadcast", subnet_broadcast);
  }
  ADD("listen-land", land);
#undef ADD
}
