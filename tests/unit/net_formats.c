/* Addresses, checksums, headers, and frames that are cut short. */
#include "net_world.h"

static void test_address_text(void)
{
  static const char *const wrong[] = { "",          "1.2.3",    "1.2.3.4.5",
                                       "1.2.3.256", "1.2.3.04", "1.2.3.4 ",
                                       "a.b.c.d",   "1..2.3" };
  NetAddress address = NET_ADDRESS_ANY;
  char text[NET_ADDRESS_TEXT];

  g_assert_true(net_address_parse("10.0.255.1", &address));
  g_assert_cmphex(net_address_to_ipv4(address), ==, 0x0a00ff01);
  g_assert_cmpstr(net_address_format(address, text), ==, "10.0.255.1");
  g_assert_cmpstr(net_address_format(NET_ADDRESS_ANY, text), ==, "0.0.0.0");
  for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++)
    g_assert_false(net_address_parse(wrong[i], &address));
  g_assert_cmphex(net_address_to_ipv4(address), ==, 0x0a00ff01);
}

/* RFC 5952's own examples, and what is no address at all. */
static void test_address_text_ipv6(void)
{
  static const char *const pairs[][2] = {
    { "2001:0db8::0001", "2001:db8::1" },
    { "2001:db8:0:0:0:0:2:1", "2001:db8::2:1" },
    { "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
    { "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
    { "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
    { "2001:DB8::AbCd", "2001:db8::abcd" },
    { "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
    { "fe80::", "fe80::" },
    { "::1", "::1" },
    { "64:ff9b::192.0.2.33", "64:ff9b::c000:221" },
    { "::ffff:10.0.0.1", "10.0.0.1" },
  };
  static const char *const wrong[] = {
    ":",          ":1",      "1:",       "1:2:3:4:5:6:7",         "1::2::3",
    "1:::2",      "12345::", "g::",      "1:2:3:4:5:6:7:8:9",     "::1%eth0",
    "1:2:3:4",    "::1.2.3", "1.2.3.4:", "1:2:3:4:5:6:7:1.2.3.4", ":::",
    "::1.2.3.4:5"
  };
  char text[NET_ADDRESS_TEXT], end[NET_END_TEXT];
  NetAddress address = NET_ADDRESS_ANY;
  uint8_t bytes[16];

  for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++) {
    g_assert_true(net_address_parse(pairs[i][0], &address));
    g_assert_cmpstr(net_address_format(address, text), ==, pairs[i][1]);
    net_address_ipv6_put(bytes, address);
    g_assert_true(net_address_equal(net_address_ipv6_get(bytes), address));
  }
  for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++)
    if (net_address_parse(wrong[i], &address))
      g_error("%s was taken for an address", wrong[i]);
  net_address_parse("2001:db8::1", &address);
  g_assert_cmpstr(net_end_format(address, 80, end), ==, "[2001:db8::1]:80");
  g_assert_true(net_address_parse("2001:db8::12:3456", &address));
  g_assert_cmpstr(net_address_format(net_address_solicited(address), text), ==,
                  "ff02::1:ff12:3456");
}

static void test_address_prefix(void)
{
  NetAddress net = net_address_ipv4(0x0a000100);

  g_assert_true(net_address_matches(net_address_ipv4(0x0a0001ff), net, 24));
  g_assert_false(net_address_matches(net_address_ipv4(0x0a0000ff), net, 24));
  g_assert_true(net_address_matches(net_address_ipv4(0x7f000001), net, 0));
  g_assert_false(net_address_matches(net_address_ipv4(0x0a000101), net, 32));
}

/* The example of RFC 1071 section 3. */
static void test_sum_rfc_1071(void)
{
  const uint8_t bytes[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

  g_assert_cmphex(net_sum_finish(net_sum(0, bytes, 8)), ==, 0x220d);
  g_assert_cmphex(net_sum_finish(net_sum(0, bytes, 7)), ==,
                  0xffff & ~(0x0001 + 0xf203 + 0xf4f5 + 0xf600 - 0x1fffe));
  g_assert_cmphex(net_sum_finish(net_sum(net_sum(0, bytes, 2), bytes + 2, 6)),
                  ==, 0x220d);
}

static NetPacket *datagram(World *world, NetIp *ip, NetSlice payload)
{
  NetPacket *packet = net_packet_new(world->net, &world->net->nodes->owner);

  *ip = (NetIp){ .source = net_address_ipv4(0x0a000001),
                 .destination = net_address_ipv4(0x0a000002),
                 .payload_length = 8 + payload.length,
                 .protocol = NET_PROTOCOL_UDP,
                 .ttl = 255,
                 .dont_fragment = true };
  packet->l3 = 14;
  packet->l4 = 34;
  packet->head_length = 42;
  memset(packet->head, 0, 42);
  net_put16(packet->head + 12, NET_ETHERTYPE_IPV4);
  net_put16(packet->head + 34 + 4, (uint16_t)ip->payload_length);
  packet->payload = payload;
  net_put16(packet->head + 40, net_transport_sum(packet, ip));
  net_ipv4_put(packet, ip, 0xfedc);
  return packet;
}

static void test_ipv4_age(void)
{
  World world = world_new();
  NetHost *host = net_host_new(world.net, "a", NULL);
  NetPacket *packet;
  NetIp ip;

  g_assert_nonnull(host);
  packet = datagram(&world, &ip, net_slice_virtual(3));
  for (unsigned ttl = 255; ttl > 0; ttl--) {
    g_assert_cmpuint(packet->head[22], ==, ttl);
    g_assert_cmphex(net_sum_finish(net_sum(0, packet->head + 14, 20)), ==, 0);
    net_ipv4_age(packet);
  }
  net_packet_free(packet);
  world_end(&world);
}

/* The checksum does not depend on where the head ends, nor on whether zeros
 * are stored. */
static void test_transport_sum_split(void)
{
  const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
  World world = world_new();
  NetPacket *packet;
  NetIp ip;

  net_host_new(world.net, "a", NULL);
  packet = datagram(&world, &ip, net_slice_of(bytes, 9));
  g_assert_cmphex(net_transport_sum(packet, &ip), ==, 0);
  packet->head[packet->head_length++] = 1;
  packet->payload.offset++;
  packet->payload.length--;
  g_assert_cmphex(net_transport_sum(packet, &ip), ==, 0);
  packet->head[42] = 2;
  g_assert_cmphex(net_transport_sum(packet, &ip), !=, 0);
  net_packet_free(packet);
  packet = datagram(&world, &ip, net_slice_of("\0\0\0\0", 4));
  net_slice_clear(&packet->payload);
  packet->payload = net_slice_virtual(4);
  g_assert_cmphex(net_transport_sum(packet, &ip), ==, 0);
  net_packet_free(packet);
  world_end(&world);
}

/* MUST-50: every prefix of a TCP frame with options is a packet with those bytes, and
 * parsing it again changes nothing. */
static void test_frame_cut_anywhere(void)
{
  uint8_t frame[80] = { 0 }, back[80];
  World world = world_new();

  net_host_new(world.net, "a", NULL);
  for (unsigned i = 0; i < sizeof frame; i++)
    frame[i] = (uint8_t)i;
  net_put16(frame + 12, NET_ETHERTYPE_IPV4);
  frame[14] = 0x46;
  net_put16(frame + 20, 0);
  frame[23] = NET_PROTOCOL_TCP;
  frame[38 + 12] = 0x70;
  for (uint32_t size = 0; size <= sizeof frame; size++) {
    NetPacket *packet =
        net_packet_from_frame(world.net, &world.net->nodes->owner, frame, size);

    g_assert_cmpuint(packet->head_length, ==,
                     size < 34   ? size
                     : size < 38 ? 34
                                 : MIN(size, 38 + 28));
    g_assert_cmpuint(packet->l4, ==, size < 38 ? 0 : 38);
    net_packet_parse(packet);
    g_assert_cmpuint(net_packet_bytes(packet, back, sizeof back), ==, size);
    g_assert_cmpint(memcmp(back, frame, size), ==, 0);
    net_packet_free(packet);
  }
  world_end(&world);
}

/* A header that grows or shrinks by damage moves the border to the
 * payload. */
static void test_parse_after_damage(void)
{
  uint8_t frame[90] = { 0 }, back[90];
  World world = world_new();
  NetPacket *packet;

  net_host_new(world.net, "a", NULL);
  net_put16(frame + 12, NET_ETHERTYPE_IPV4);
  frame[14] = 0x45;
  frame[23] = NET_PROTOCOL_TCP;
  frame[34 + 12] = 0x50;
  frame[89] = 99;
  packet = net_packet_from_frame(world.net, &world.net->nodes->owner, frame,
                                 sizeof frame);
  g_assert_cmpuint(packet->head_length, ==, 54);
  packet->head[46] = 0xf0;
  net_packet_parse(packet);
  g_assert_cmpuint(packet->head_length, ==, 90);
  packet->head[46] = 0x40;
  net_packet_parse(packet);
  g_assert_cmpuint(packet->head_length, ==, 54);
  packet->head[46] = 0x50;
  net_packet_parse(packet);
  g_assert_cmpuint(packet->head_length, ==, 54);
  net_packet_bytes(packet, back, sizeof back);
  g_assert_cmpint(memcmp(back, frame, sizeof back), ==, 0);
  net_packet_free(packet);
  world_end(&world);
}

static void check_refused(World *world, unsigned at, uint8_t value,
                          const char *why)
{
  const char *reason = NULL;
  NetPacket *packet;
  NetIp ip;

  packet = datagram(world, &ip, net_slice_virtual(10));
  packet->head[at] = value;
  g_assert_false(net_ip_get(packet, &ip, &reason));
  g_assert_nonnull(strstr(reason, why));
  net_packet_free(packet);
}

static void test_ip_refused(void)
{
  const char *reason = NULL;
  World world = world_new();
  NetPacket *packet;
  NetIp ip;

  net_host_new(world.net, "a", NULL);
  check_refused(&world, 14, 0x65, "version");
  check_refused(&world, 14, 0x44, "below 20");
  check_refused(&world, 14, 0x4f, "longer than the frame");
  check_refused(&world, 17, 19, "below the header");
  check_refused(&world, 17, 39, "more than the frame");
  check_refused(&world, 22, 1, "checksum");
  packet = datagram(&world, &ip, net_slice_virtual(10));
  packet->head_length = 33;
  g_assert_false(net_ip_get(packet, &ip, &reason));
  net_packet_free(packet);
  world_end(&world);
}

static void test_ip_padding_trimmed(void)
{
  const char *reason = NULL;
  World world = world_new();
  NetPacket *packet;
  NetIp ip;

  net_host_new(world.net, "a", NULL);
  packet = datagram(&world, &ip, net_slice_virtual(10));
  packet->payload.length += 8;
  g_assert_true(net_ip_get(packet, &ip, &reason));
  g_assert_cmpuint(packet->payload.length, ==, 10);
  g_assert_cmpuint(ip.payload_length, ==, 18);
  net_packet_free(packet);
  world_end(&world);
}

/* Every bit behind the MAC addresses counts in the fingerprint. */
static void test_hash_every_bit(void)
{
  World world = world_new();
  NetPacket *packet;
  uint64_t hash;
  NetIp ip;

  net_host_new(world.net, "a", NULL);
  packet = datagram(&world, &ip, net_slice_virtual(10));
  hash = net_packet_hash(packet);
  for (unsigned bit = 0; bit < 42 * 8; bit++) {
    packet->head[bit / 8] ^= (uint8_t)(1 << bit % 8);
    if (bit < 12 * 8)
      g_assert_cmphex(net_packet_hash(packet), ==, hash);
    else
      g_assert_cmphex(net_packet_hash(packet), !=, hash);
    packet->head[bit / 8] ^= (uint8_t)(1 << bit % 8);
  }
  packet->payload.length++;
  g_assert_cmphex(net_packet_hash(packet), !=, hash);
  net_packet_free(packet);
  world_end(&world);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/net/address/text", test_address_text);
  g_test_add_func("/net/address/text-ipv6", test_address_text_ipv6);
  g_test_add_func("/net/address/prefix", test_address_prefix);
  g_test_add_func("/net/sum/rfc-1071-example", test_sum_rfc_1071);
  g_test_add_func("/net/sum/head-ends-anywhere", test_transport_sum_split);
  g_test_add_func("/net/ipv4/ttl-updates-checksum", test_ipv4_age);
  g_test_add_func("/net/ipv4/refused", test_ip_refused);
  g_test_add_func("/net/ipv4/padding-trimmed", test_ip_padding_trimmed);
  g_test_add_func("/net/frame/cut-anywhere", test_frame_cut_anywhere);
  g_test_add_func("/net/frame/damaged-length", test_parse_after_damage);
  g_test_add_func("/net/hash/every-bit", test_hash_every_bit);
  return g_test_run();
}
