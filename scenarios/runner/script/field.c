/* Header fields by name.
 *
 * A table of places: layer, first bit, bits. Places of one name stand
 * together. A place is looked for in the packet's head alone, which holds
 * every header that the bytes describe.
 */
#include "field_private.h"

#include <string.h>

#include "host.h"

#define N FIELD_NUMBER
#define A FIELD_ADDRESS

const FieldPlace field_places[] = {
  { "eth.dst", LAYER_ETHERNET, FIELD_MAC, 0, 48, 0 },
  { "eth.src", LAYER_ETHERNET, FIELD_MAC, 48, 48, 0 },
  { "eth.type", LAYER_ETHERNET, N, 96, 16, 0 },
  { "ip.version", LAYER_IPV4, N, 0, 4, 0 },
  { "ip.version", LAYER_IPV6, N, 0, 4, 0 },
  { "ip.ihl", LAYER_IPV4, N, 4, 4, 0 },
  { "ip.tos", LAYER_IPV4, N, 8, 8, 0 },
  { "ip.tos", LAYER_IPV6, N, 4, 8, 0 },
  { "ip.dscp", LAYER_IPV4, N, 8, 6, 0 },
  { "ip.dscp", LAYER_IPV6, N, 4, 6, 0 },
  { "ip.ecn", LAYER_IPV4, N, 14, 2, 0 },
  { "ip.ecn", LAYER_IPV6, N, 10, 2, 0 },
  { "ip.flow", LAYER_IPV6, N, 12, 20, 0 },
  { "ip.length", LAYER_IPV4, N, 16, 16, 0 },
  { "ip.length", LAYER_IPV6, N, 32, 16, 0 },
  { "ip.id", LAYER_IPV4, N, 32, 16, 0 },
  { "ip.id", LAYER_FRAGMENT, N, 32, 32, 0 },
  { "ip.reserved", LAYER_IPV4, N, 48, 1, 0 },
  { "ip.df", LAYER_IPV4, N, 49, 1, 0 },
  { "ip.mf", LAYER_IPV4, N, 50, 1, 0 },
  { "ip.mf", LAYER_FRAGMENT, N, 31, 1, 0 },
  { "ip.offset", LAYER_IPV4, N, 51, 13, 0 },
  { "ip.offset", LAYER_FRAGMENT, N, 16, 13, 0 },
  { "ip.ttl", LAYER_IPV4, N, 64, 8, 0 },
  { "ip.ttl", LAYER_IPV6, N, 56, 8, 0 },
  { "ip.protocol", LAYER_IPV4, N, 72, 8, 0 },
  { "ip.protocol", LAYER_IPV6, N, 48, 8, 0 },
  { "ip.checksum", LAYER_IPV4, N, 80, 16, 0 },
  { "ip.src", LAYER_IPV4, A, 96, 32, 0 },
  { "ip.src", LAYER_IPV6, A, 64, 128, 0 },
  { "ip.dst", LAYER_IPV4, A, 128, 32, 0 },
  { "ip.dst", LAYER_IPV6, A, 192, 128, 0 },
  { "tcp.sport", LAYER_TCP, N, 0, 16, 0 },
  { "tcp.dport", LAYER_TCP, N, 16, 16, 0 },
  { "tcp.seq", LAYER_TCP, N, 32, 32, 0 },
  { "tcp.ack", LAYER_TCP, N, 64, 32, 0 },
  { "tcp.data_offset", LAYER_TCP, N, 96, 4, 0 },
  { "tcp.reserved", LAYER_TCP, N, 100, 4, 0 },
  { "tcp.flags", LAYER_TCP, FIELD_FLAGS, 104, 8, 0 },
  { "tcp.win", LAYER_TCP, N, 112, 16, 0 },
  { "tcp.checksum", LAYER_TCP, N, 128, 16, 0 },
  { "tcp.urg", LAYER_TCP, N, 144, 16, 0 },
  { "tcp.mss", LAYER_OPTION, N, 16, 16, 2 },
  { "tcp.wscale", LAYER_OPTION, N, 16, 8, 3 },
  { "tcp.ts_val", LAYER_OPTION, N, 16, 32, 8 },
  { "tcp.ts_ecr", LAYER_OPTION, N, 48, 32, 8 },
  { "udp.sport", LAYER_UDP, N, 0, 16, 0 },
  { "udp.dport", LAYER_UDP, N, 16, 16, 0 },
  { "udp.length", LAYER_UDP, N, 32, 16, 0 },
  { "udp.checksum", LAYER_UDP, N, 48, 16, 0 },
  { "icmp.type", LAYER_ICMP, N, 0, 8, 0 },
  { "icmp.type", LAYER_ICMPV6, N, 0, 8, 0 },
  { "icmp.code", LAYER_ICMP, N, 8, 8, 0 },
  { "icmp.code", LAYER_ICMPV6, N, 8, 8, 0 },
  { "icmp.checksum", LAYER_ICMP, N, 16, 16, 0 },
  { "icmp.checksum", LAYER_ICMPV6, N, 16, 16, 0 },
  { "icmp.rest", LAYER_ICMP, N, 32, 32, 0 },
  { "icmp.rest", LAYER_ICMPV6, N, 32, 32, 0 },
  { "icmp.id", LAYER_ICMP, N, 32, 16, 0 },
  { "icmp.id", LAYER_ICMPV6, N, 32, 16, 0 },
  { "icmp.seq", LAYER_ICMP, N, 48, 16, 0 },
  { "icmp.seq", LAYER_ICMPV6, N, 48, 16, 0 },
  { "icmp.mtu", LAYER_ICMP, N, 48, 16, 0 },
  { "icmp.mtu", LAYER_ICMPV6, N, 32, 32, 0 },
  { "icmp.pointer", LAYER_ICMP, N, 32, 8, 0 },
  { "icmp.pointer", LAYER_ICMPV6, N, 32, 32, 0 },
};

const unsigned field_place_count = G_N_ELEMENTS(field_places);

#undef N
#undef A

/* -- finding -- */

/* The first byte of TCP, UDP or ICMP if the packet begins one. */
static uint32_t transport_at(const NetPacket *packet, uint8_t protocol)
{
  const uint8_t *ip = packet->head + packet->l3;
  NetIpv6Chain chain;
  NetIp peeked;

  if (packet->l4 <= packet->l3 || !net_ip_peek(packet, &peeked) ||
      peeked.protocol != protocol)
    return 0;
  if (!net_packet_is_ipv6(packet))
    return net_ipv4_fragment(packet) & NET_IPV4_OFFSET ? 0 : packet->l4;
  net_ipv6_walk(ip, (uint32_t)packet->head_length - packet->l3, &chain);
  return chain.fragment_at && net_get16(ip + chain.fragment_at + 2) >> 3
             ? 0
             : packet->l4;
}

static uint32_t fragment_at(const NetPacket *packet)
{
  NetIpv6Chain chain;
  uint32_t size = (uint32_t)packet->head_length - packet->l3;

  if (packet->l3 < NET_ETHERNET_SIZE || !net_packet_is_ipv6(packet) ||
      size < NET_IPV6_SIZE)
    return 0;
  net_ipv6_walk(packet->head + packet->l3, size, &chain);
  return chain.fragment_at ? packet->l3 + chain.fragment_at : 0;
}

static uint32_t option_at(const NetPacket *packet, const FieldPlace *place)
{
  uint32_t at = transport_at(packet, NET_PROTOCOL_TCP), end;

  if (at == 0 || at + TCP_HEADER_SIZE > packet->head_length)
    return 0;
  end = MIN(at + (packet->head[at + 12] >> 4) * 4u, packet->head_length);
  for (at += TCP_HEADER_SIZE; at < end && packet->head[at] != 0;) {
    uint32_t size = packet->head[at] == 1 ? 1
                    : at + 1 < end        ? packet->head[at + 1]
                                          : 0;

    if (size == 0 || at + size > end)
      return 0;
    if (packet->head[at] == place->option)
      return size * 8 >= (uint32_t)place->bit + place->bits ? at : 0;
    at += size;
  }
  return 0;
}

/* Where a layer begins, or false. */
static bool layer_at(const NetPacket *packet, const FieldPlace *place,
                     uint32_t *ret)
{
  bool has_ip = packet->l3 >= NET_ETHERNET_SIZE;
  uint16_t type = has_ip ? net_get16(packet->head + packet->l3 - 2) : 0;

  *ret = 0;
  switch (place->layer) {
  case LAYER_ETHERNET:
    return true;
  case LAYER_IPV4:
    *ret = type == NET_ETHERTYPE_IPV4 ? packet->l3 : 0;
    break;
  case LAYER_IPV6:
    *ret = type == NET_ETHERTYPE_IPV6 ? packet->l3 : 0;
    break;
  case LAYER_FRAGMENT:
    *ret = fragment_at(packet);
    break;
  case LAYER_TCP:
    *ret = transport_at(packet, NET_PROTOCOL_TCP);
    break;
  case LAYER_UDP:
    *ret = transport_at(packet, NET_PROTOCOL_UDP);
    break;
  case LAYER_ICMP:
    *ret = transport_at(packet, NET_PROTOCOL_ICMP);
    break;
  case LAYER_ICMPV6:
    *ret = transport_at(packet, NET_PROTOCOL_ICMPV6);
    break;
  case LAYER_OPTION:
    *ret = option_at(packet, place);
  }
  return *ret > 0;
}

const FieldPlace *field_place_in(const NetPacket *packet, Field field,
                                 FieldBits *ret)
{
  for (unsigned i = 0; i < field.count; i++) {
    const FieldPlace *place = &field_places[field.first + i];
    uint32_t at;

    if (!layer_at(packet, place, &at) ||
        at * 8 + place->bit + place->bits > packet->head_length * 8u)
      continue;
    *ret = (FieldBits){ at * 8 + place->bit, place->bits };
    return place;
  }
  return NULL;
}

bool field_find(const NetPacket *packet, Field field, FieldBits *ret)
{
  return field_place_in(packet, field, ret) != NULL;
}

/* -- bits -- */

uint32_t field_bits_get(const uint8_t *bytes, FieldBits at)
{
  uint32_t value = 0;

  for (uint32_t bit = at.first; bit < at.first + at.count; bit++)
    value = value << 1 | (bytes[bit / 8] >> (7 - bit % 8) & 1);
  return value;
}

static void bits_put(uint8_t *bytes, FieldBits at, uint64_t value)
{
  for (uint32_t i = 0; i < at.count; i++) {
    uint32_t bit = at.first + at.count - 1 - i;
    uint8_t mask = (uint8_t)(0x80 >> bit % 8);

    if (value >> i & 1)
      bytes[bit / 8] |= mask;
    else
      bytes[bit / 8] &= (uint8_t)~mask;
  }
}

/* False if the value is of the other family. */
static bool address_put(uint8_t *at, uint32_t bits, const FieldValue *value)
{
  NetFamily family = bits == 32 ? NET_IPV4 : NET_IPV6;
  NetAddress address = value->node
                           ? net_host_address_of(value->node->host, family)
                           : value->address;

  if (net_address_is_ipv4(address) != (family == NET_IPV4))
    return false;
  if (family == NET_IPV4)
    net_put32(at, net_address_to_ipv4(address));
  else
    net_address_ipv6_put(at, address);
  return true;
}

static bool put(NetPacket *packet, Field field, const FieldValue *value)
{
  FieldBits bits;
  const FieldPlace *place = field_place_in(packet, field, &bits);
  uint64_t number = value->number;

  if (!place)
    return false;
  if (place->kind == FIELD_MAC) {
    memcpy(packet->head + bits.first / 8, value->mac.bytes, sizeof(NetMac));
    return true;
  }
  if (place->kind == FIELD_ADDRESS)
    return address_put(packet->head + bits.first / 8, bits.count, value);
  if (value->relative)
    number += field_bits_get(packet->head, bits);
  bits_put(packet->head, bits, number);
  return true;
}

/* -- checksums -- */

static bool is_ipv4(const NetPacket *packet)
{
  return packet->l3 >= NET_ETHERNET_SIZE &&
         net_get16(packet->head + packet->l3 - 2) == NET_ETHERTYPE_IPV4 &&
         packet->l3 + NET_IPV4_SIZE <= packet->head_length;
}

static bool is_fragment(const NetPacket *packet)
{
  uint32_t at = fragment_at(packet);

  if (is_ipv4(packet))
    return net_ipv4_fragment(packet) & NET_IPV4_FRAGMENT;
  return at && net_get16(packet->head + at + 2) & 0xfff9;
}

static void mend_transport(NetPacket *packet)
{
  NetIp ip;
  uint32_t at;

  if (packet->l4 <= packet->l3 || is_fragment(packet) ||
      !net_ip_peek(packet, &ip))
    return;
  at = packet->l4 + (ip.protocol == NET_PROTOCOL_TCP   ? 16
                     : ip.protocol == NET_PROTOCOL_UDP ? 6u
                                                       : 2u);
  if ((ip.protocol != NET_PROTOCOL_TCP && ip.protocol != NET_PROTOCOL_UDP &&
       ip.protocol != NET_PROTOCOL_ICMP &&
       ip.protocol != NET_PROTOCOL_ICMPV6) ||
      at + 2 > packet->head_length)
    return;
  if (ip.protocol == NET_PROTOCOL_UDP && net_get16(packet->head + at) == 0)
    return;
  net_put16(packet->head + at, 0);
  net_put16(packet->head + at, net_transport_sum(packet, &ip));
  if (ip.protocol == NET_PROTOCOL_UDP && net_get16(packet->head + at) == 0)
    net_put16(packet->head + at, 0xffff);
}

void field_mend(NetPacket *packet)
{
  mend_transport(packet);
  if (is_ipv4(packet))
    net_ipv4_sum_put(packet);
}

const char *field_set_foreign(const FieldSet *set, const char *layer)
{
  for (unsigned i = 0; i < set->count; i++) {
    const char *name = field_places[set->list[i].field.first].name;

    if (!g_str_has_prefix(name, "ip.") && !g_str_has_prefix(name, "eth.") &&
        !g_str_has_prefix(name, layer))
      return name;
  }
  return NULL;
}

static bool names(const FieldSet *set, unsigned i, const char *suffix)
{
  return g_str_has_suffix(field_places[set->list[i].field.first].name, suffix);
}

/* Checksums that are given are written over the right ones. */
unsigned field_apply(NetPacket *packet, const FieldSet *set, bool mend)
{
  unsigned done = 0;

  for (unsigned i = 0; i < set->count; i++)
    if (!names(set, i, ".checksum"))
      done += put(packet, set->list[i].field, &set->list[i].value);
  if (mend && done > 0)
    field_mend(packet);
  for (unsigned i = 0; i < set->count; i++)
    if (names(set, i, ".checksum"))
      done += put(packet, set->list[i].field, &set->list[i].value);
  return done;
}
