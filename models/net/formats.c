/* Checksums (RFC 1071), IPv4 headers (RFC 791) and IPv6 headers (RFC 8200).
 *
 * A running sum counts big-endian 16-bit words in 64 bits: no carry can be
 * lost before net_sum_finish() folds it.
 */
#include "formats.h"

static uint16_t fold(uint64_t sum)
{
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)sum;
}

/* Words are added as this machine reads them and the folded result is put
 * into network order at the end: RFC 1071 section 2 (B). */
uint64_t net_sum(uint64_t sum, const uint8_t *bytes, size_t size)
{
  uint64_t words = 0;
  uint32_t word;
  uint16_t native;

  for (; size >= 4; bytes += 4, size -= 4) {
    memcpy(&word, bytes, 4);
    words += word;
  }
  native = fold(words);
  sum += net_get16((const uint8_t *)&native);
  if (size >= 2) {
    sum += net_get16(bytes);
    bytes += 2;
    size -= 2;
  }
  return size ? sum + (uint64_t)bytes[0] * 256 : sum;
}

uint64_t net_sum_slice(uint64_t sum, NetSlice slice)
{
  if (!slice.buffer)
    return sum;
  return net_sum(sum, slice.buffer->bytes + slice.offset, slice.length);
}

uint16_t net_sum_finish(uint64_t sum)
{
  return (uint16_t)~fold(sum);
}

static uint64_t sum_word32(uint32_t word)
{
  return (word >> 16) + (word & 0xffff);
}

static uint64_t sum_word64(uint64_t word)
{
  return sum_word32((uint32_t)(word >> 32)) + sum_word32((uint32_t)word);
}

uint64_t net_sum_pseudo(NetAddress source, NetAddress destination,
                        uint8_t protocol, uint32_t length)
{
  if (!net_address_is_ipv4(destination))
    return sum_word64(source.high) + sum_word64(source.low) +
           sum_word64(destination.high) + sum_word64(destination.low) +
           protocol + sum_word32(length);
  return sum_word32(net_address_to_ipv4(source)) +
         sum_word32(net_address_to_ipv4(destination)) + protocol +
         sum_word32(length);
}

/* The packet from l4 on. A damaged header can end at an odd byte; what
 * follows then counts with its bytes swapped. */
static uint64_t sum_above_ip(const NetPacket *packet)
{
  uint32_t size = (uint32_t)packet->head_length - packet->l4;
  uint64_t sum = net_sum(0, packet->head + packet->l4, size);
  uint16_t above;

  if (size % 2 == 0)
    return net_sum_slice(sum, packet->payload);
  above = fold(net_sum_slice(0, packet->payload));
  return sum + (uint16_t)(above << 8 | above >> 8);
}

uint16_t net_transport_sum(const NetPacket *packet, const NetIp *ip)
{
  uint32_t length = net_packet_length(packet) - packet->l4;
  uint64_t sum = sum_above_ip(packet);

  if (ip->protocol != NET_PROTOCOL_ICMP)
    sum += net_sum_pseudo(ip->source, ip->destination, ip->protocol, length);
  return net_sum_finish(sum);
}

NetChecked net_transport_check(const NetPacket *packet, const NetIp *ip)
{
  const uint8_t *l4 = packet->head + packet->l4;
  uint32_t size = (uint32_t)packet->head_length - packet->l4;

  if (net_ip_is_fragment(ip))
    return NET_CHECK_NONE;
  switch (ip->protocol) {
  case NET_PROTOCOL_TCP:
    if (size < 20)
      return NET_CHECK_NONE;
    break;
  case NET_PROTOCOL_UDP:
    if (size < NET_UDP_SIZE || net_get16(l4 + 4) != ip->payload_length)
      return NET_CHECK_NONE;
    if (net_get16(l4 + 6) == 0) /* RFC 8200 8.1: not optional over IPv6 */
      return net_address_is_ipv4(ip->source) ? NET_CHECK_NONE : NET_CHECK_BAD;
    break;
  case NET_PROTOCOL_ICMPV6:
  case NET_PROTOCOL_ICMP:
    if (size < NET_ICMP_SIZE)
      return NET_CHECK_NONE;
    break;
  default:
    return NET_CHECK_NONE;
  }
  return net_transport_sum(packet, ip) == 0 ? NET_CHECK_GOOD : NET_CHECK_BAD;
}

void net_ipv4_put(NetPacket *packet, const NetIp *ip, uint16_t id)
{
  uint8_t *at = packet->head + packet->l3;
  uint32_t source = net_address_to_ipv4(ip->source);
  uint32_t destination = net_address_to_ipv4(ip->destination);
  uint16_t length = (uint16_t)(NET_IPV4_SIZE + ip->payload_length);
  uint16_t fragment = ip->dont_fragment ? NET_IPV4_DONT_FRAGMENT : 0;
  uint16_t kind = (uint16_t)(ip->ttl << 8 | ip->protocol);

  at[0] = 0x45;
  at[1] = ip->tos;
  net_put16(at + 2, length);
  net_put16(at + 4, id);
  net_put16(at + 6, fragment);
  net_put16(at + 8, kind);
  net_put16(at + 10, net_sum_finish(UINT64_C(0x4500) + ip->tos + length + id +
                                    fragment + kind + sum_word32(source) +
                                    sum_word32(destination)));
  net_put32(at + 12, source);
  net_put32(at + 16, destination);
}

/* Bytes of the header, by its own word, at most what the head holds. */
static uint32_t ipv4_header_size(const NetPacket *packet)
{
  uint32_t held = (uint32_t)packet->head_length - packet->l3;
  uint32_t size = (packet->head[packet->l3] & 15u) * 4;

  return size < held ? size : held;
}

void net_ipv4_sum_put(NetPacket *packet)
{
  uint8_t *at = packet->head + packet->l3;

  net_put16(at + 10, 0);
  net_put16(at + 10, net_sum_finish(net_sum(0, at, ipv4_header_size(packet))));
}

/* Writes the word at `offset` and what it changes in the checksum: RFC 1624,
 * eqn. 3. */
static void ipv4_put_word(NetPacket *packet, unsigned offset, uint16_t after)
{
  uint8_t *at = packet->head + packet->l3;
  uint16_t before = net_get16(at + offset);
  uint16_t sum = net_get16(at + 10);

  net_put16(at + offset, after);
  net_put16(at + 10, net_sum_finish((uint64_t)(uint16_t)~sum +
                                    (uint16_t)~before + after));
}

void net_ipv4_age(NetPacket *packet)
{
  uint16_t before = net_get16(packet->head + packet->l3 + 8);

  ipv4_put_word(packet, 8, (uint16_t)(before - 0x0100));
}

/* Cuts what Ethernet padded behind the first `length` bytes. */
static void trim(NetPacket *packet, uint32_t length)
{
  uint32_t excess = net_packet_length(packet) - length;

  if (excess == 0)
    return;
  if (excess < packet->payload.length) {
    packet->payload.length -= excess;
    return;
  }
  excess -= packet->payload.length;
  net_slice_clear(&packet->payload);
  packet->head_length = (uint16_t)(packet->head_length - excess);
}

static const char *ipv4_problem(const NetPacket *packet, const uint8_t *at,
                                uint32_t size, uint32_t total)
{
  if (at[0] >> 4 != 4)
    return "the IP version is not 4";
  if (size < NET_IPV4_SIZE)
    return "the IP header length is below 20 bytes";
  if (packet->l3 + size > packet->head_length)
    return "the IP header is longer than the frame";
  if (total < size)
    return "the IP total length is below the header length";
  if (packet->l3 + total > net_packet_length(packet))
    return "the IP total length is more than the frame holds";
  if (!(packet->flags & NET_PACKET_CHECKED) &&
      net_sum_finish(net_sum(0, at, size)) != 0)
    return "the IP header checksum is wrong";
  return NULL;
}

/* Options are skipped (RFC 9293 MUST-50). */
static bool ipv4_get(NetPacket *packet, NetIp *ret, const char **ret_reason)
{
  const uint8_t *at = packet->head + packet->l3;
  const char *problem;
  uint32_t size, total;
  uint16_t fragment;

  if (packet->head_length < packet->l3 + NET_IPV4_SIZE) {
    *ret_reason = "the frame is too short for an IP header";
    return false;
  }
  size = (at[0] & 15u) * 4;
  total = net_get16(at + 2);
  problem = ipv4_problem(packet, at, size, total);
  if (problem) {
    *ret_reason = problem;
    return false;
  }
  packet->l4 = (uint16_t)(packet->l3 + size);
  trim(packet, packet->l3 + total);
  fragment = net_get16(at + 6);
  ret->source = net_address_ipv4(net_get32(at + 12));
  ret->destination = net_address_ipv4(net_get32(at + 16));
  ret->payload_length = total - size;
  ret->id = net_get16(at + 4);
  ret->fragment_at = (uint16_t)((fragment & NET_IPV4_OFFSET) * 8);
  ret->more_fragments = fragment & NET_IPV4_MORE;
  ret->dont_fragment = fragment & NET_IPV4_DONT_FRAGMENT;
  ret->protocol = at[9];
  ret->ttl = at[8];
  ret->tos = at[1];
  return true;
}

static const char *ipv6_problem(const NetPacket *packet, const uint8_t *at,
                                NetIpv6Chain *chain)
{
  uint32_t held = (uint32_t)packet->head_length - packet->l3;
  uint32_t total = NET_IPV6_SIZE + net_get16(at + 4);
  const char *problem;

  if (at[0] >> 4 != 6)
    return "the IP version is not 6";
  if (packet->l3 + total > net_packet_length(packet))
    return "the IPv6 payload length is more than the frame holds";
  problem = net_ipv6_walk(at, held < total ? held : total, chain);
  if (problem && held < total && total > NET_HEAD_MAX - NET_ETHERNET_SIZE)
    return "the extension headers are longer than hosts here read";
  return problem;
}

static bool ipv6_get(NetPacket *packet, NetIp *ret, const char **ret_reason)
{
  const uint8_t *at = packet->head + packet->l3;
  NetIpv6Chain chain;
  const char *problem;
  uint32_t total;

  if (packet->head_length < packet->l3 + NET_IPV6_SIZE) {
    *ret_reason = "the frame is too short for an IPv6 header";
    return false;
  }
  problem = ipv6_problem(packet, at, &chain);
  if (problem) {
    *ret_reason = problem;
    return false;
  }
  total = NET_IPV6_SIZE + net_get16(at + 4);
  packet->l4 = (uint16_t)(packet->l3 + chain.size);
  trim(packet, packet->l3 + total);
  *ret = (NetIp){ .source = net_address_ipv6_get(at + 8),
                  .destination = net_address_ipv6_get(at + 24),
                  .payload_length = total - chain.size,
                  .protocol = chain.protocol,
                  .ttl = at[7],
                  .tos = (uint8_t)(net_get16(at) >> 4) };
  if (chain.fragment_at > 0) {
    uint16_t word = net_get16(at + chain.fragment_at + 2);

    ret->fragment_at = word & 0xfff8;
    ret->more_fragments = word & 1;
    ret->id = net_get32(at + chain.fragment_at + 4);
  }
  return true;
}

bool net_ip_get(NetPacket *packet, NetIp *ret, const char **ret_reason)
{
  if (net_packet_is_ipv6(packet))
    return ipv6_get(packet, ret, ret_reason);
  return ipv4_get(packet, ret, ret_reason);
}

void net_ip_put(NetPacket *packet, const NetIp *ip, uint16_t id)
{
  uint8_t *at = packet->head + packet->l3;

  if (net_address_is_ipv4(ip->destination)) {
    net_ipv4_put(packet, ip, id);
    return;
  }
  net_put32(at, UINT32_C(6) << 28 | (uint32_t)ip->tos << 20);
  net_put16(at + 4, (uint16_t)ip->payload_length);
  at[6] = ip->protocol;
  at[7] = ip->ttl;
  net_address_ipv6_put(at + 8, ip->source);
  net_address_ipv6_put(at + 24, ip->destination);
}

void net_ip_age(NetPacket *packet)
{
  if (net_packet_is_ipv6(packet))
    packet->head[packet->l3 + 7]--;
  else
    net_ipv4_age(packet);
}

NetEcn net_ip_ecn(const NetPacket *packet)
{
  const uint8_t *at = packet->head + packet->l3;
  unsigned type;

  if (packet->l3 < NET_ETHERNET_SIZE ||
      packet->head_length < packet->l3 + NET_IPV4_SIZE)
    return NET_NOT_ECT;
  type = net_get16(at - 2);
  if (type == NET_ETHERTYPE_IPV4)
    return (NetEcn)(at[1] & NET_CE);
  if (type == NET_ETHERTYPE_IPV6)
    return (NetEcn)(at[1] >> 4 & NET_CE);
  return NET_NOT_ECT;
}

void net_ip_set_ce(NetPacket *packet)
{
  uint8_t *at = packet->head + packet->l3;

  if (net_packet_is_ipv6(packet))
    at[1] |= NET_CE << 4;
  else
    ipv4_put_word(packet, 0, net_get16(at) | NET_CE);
}
