/* From bytes to packets: where the headers end.
 *
 * Invariant of what comes out: l3 and l4 are 0 or within the head; a header
 * that the bytes describe lies wholly in the head, or the frame ends before
 * it does.
 */
#include <assert.h>

#include <glib.h>

#include "formats.h"
#include "net.h"

/* Longest head that IPv4's bytes can describe: Ethernet, IPv4 60, TCP 60. IPv6
 * extension headers have no bound: what does not fit stays payload. */
static_assert(NET_ETHERNET_SIZE + 60 + 60 <= NET_HEAD_MAX,
              "every header fits into the head");

typedef struct Layout {
  uint16_t head, l3, l4;
} Layout;

static uint32_t transport_size(uint8_t protocol, const uint8_t *l4,
                               uint32_t left)
{
  switch (protocol) {
  case NET_PROTOCOL_TCP:
    if (left < 20 || l4[12] >> 4 < 5)
      return 20;
    return (l4[12] >> 4) * 4u;
  case NET_PROTOCOL_UDP:
    return NET_UDP_SIZE;
  case NET_PROTOCOL_ICMP:
  case NET_PROTOCOL_ICMPV6:
    return NET_ICMP_SIZE;
  default:
    return 0;
  }
}

static Layout ipv4_layout(const uint8_t *bytes, uint32_t size)
{
  const uint8_t *ip = bytes + NET_ETHERNET_SIZE;
  Layout layout = { 0, NET_ETHERNET_SIZE, 0 };
  uint32_t l4, end;

  if (size < NET_ETHERNET_SIZE + NET_IPV4_SIZE) {
    layout.head = (uint16_t)size;
    return layout;
  }
  l4 = NET_ETHERNET_SIZE + (ip[0] & 15u) * 4;
  if (ip[0] >> 4 != 4 || l4 < NET_ETHERNET_SIZE + NET_IPV4_SIZE || l4 > size) {
    layout.head = NET_ETHERNET_SIZE + NET_IPV4_SIZE;
    return layout;
  }
  end = l4;
  if (!(net_get16(ip + 6) & NET_IPV4_OFFSET))
    end += transport_size(ip[9], bytes + l4, size - l4);
  layout.l4 = (uint16_t)l4;
  layout.head = (uint16_t)(end < size ? end : size);
  return layout;
}

/* Headers that the head cannot hold to their end are payload from the IPv6
 * header's end on, and there is no l4. */
static Layout ipv6_layout(const uint8_t *bytes, uint32_t size)
{
  const uint8_t *ip = bytes + NET_ETHERNET_SIZE;
  uint32_t most = size < NET_HEAD_MAX ? size : NET_HEAD_MAX;
  Layout layout = { NET_ETHERNET_SIZE + NET_IPV6_SIZE, NET_ETHERNET_SIZE, 0 };
  NetIpv6Chain chain;
  uint32_t l4, end;

  if (size < layout.head) {
    layout.head = (uint16_t)size;
    return layout;
  }
  if (ip[0] >> 4 != 6 || net_ipv6_walk(ip, most - NET_ETHERNET_SIZE, &chain))
    return layout;
  l4 = end = NET_ETHERNET_SIZE + chain.size;
  if (chain.fragment_at == 0 || net_get16(ip + chain.fragment_at + 2) >> 3 == 0)
    end += transport_size(chain.protocol, bytes + l4, most - l4);
  if (end > size)
    end = size;
  if (end > NET_HEAD_MAX)
    return layout;
  layout.l4 = (uint16_t)l4;
  layout.head = (uint16_t)end;
  return layout;
}

/* `bytes` holds the first NET_HEAD_MAX of the frame's `size` bytes, or all. */
static Layout layout_of(const uint8_t *bytes, uint32_t size)
{
  uint32_t head = NET_ETHERNET_SIZE;

  if (size < NET_ETHERNET_SIZE)
    return (Layout){ (uint16_t)size, 0, 0 };
  if (net_get16(bytes + 12) == NET_ETHERTYPE_IPV4)
    return ipv4_layout(bytes, size);
  if (net_get16(bytes + 12) == NET_ETHERTYPE_IPV6)
    return ipv6_layout(bytes, size);
  if (net_get16(bytes + 12) == NET_ETHERTYPE_ARP)
    head += NET_ARP_SIZE;
  return (Layout){ (uint16_t)(head < size ? head : size), NET_ETHERNET_SIZE,
                   0 };
}

bool net_ip_peek(const NetPacket *packet, NetIp *ret)
{
  const uint8_t *ip = packet->head + packet->l3;
  bool ipv6 = net_packet_is_ipv6(packet);
  uint32_t size = ipv6 ? NET_IPV6_SIZE : NET_IPV4_SIZE;
  uint32_t total, above, have;
  NetIpv6Chain chain;

  if (packet->l3 < NET_ETHERNET_SIZE || packet->l3 + size > packet->head_length)
    return false;
  if (ipv6) {
    net_ipv6_walk(ip, (uint32_t)packet->head_length - packet->l3, &chain);
    *ret = (NetIp){ .source = net_address_ipv6_get(ip + 8),
                    .destination = net_address_ipv6_get(ip + 24),
                    .protocol = chain.protocol,
                    .ttl = ip[7],
                    .tos = (uint8_t)(net_get16(ip) >> 4) };
    total = NET_IPV6_SIZE + net_get16(ip + 4);
  } else if (net_get16(packet->head + packet->l3 - 2) == NET_ETHERTYPE_IPV4) {
    *ret = (NetIp){ .source = net_address_ipv4(net_get32(ip + 12)),
                    .destination = net_address_ipv4(net_get32(ip + 16)),
                    .protocol = ip[9],
                    .ttl = ip[8],
                    .tos = ip[1] };
    total = net_get16(ip + 2);
  } else {
    return false;
  }
  if (packet->l4 <= packet->l3)
    return true;
  above = (uint32_t)(packet->l4 - packet->l3);
  have = net_packet_length(packet) - packet->l4;
  total = total > above ? total - above : 0;
  ret->payload_length = total < have ? total : have;
  return true;
}

/* Moves the border between head and payload to `head` bytes. */
static void divide(NetPacket *packet, uint32_t head)
{
  uint32_t held = packet->head_length;
  NetSlice old = packet->payload;

  if (head == held)
    return;
  if (head > held) {
    net_slice_copy((NetSlice){ old.buffer, old.offset, head - held },
                   packet->head + held);
    packet->payload =
        net_slice_ref(old, head - held, old.length - (head - held));
  } else {
    uint32_t length = held - head + old.length;
    NetBuffer *buffer = net_buffer_new(NULL, length);

    memcpy(buffer->bytes, packet->head + head, held - head);
    net_slice_copy(old, buffer->bytes + (held - head));
    packet->payload = (NetSlice){ buffer, 0, length };
  }
  net_slice_clear(&old);
  packet->head_length = (uint16_t)head;
}

void net_packet_parse(NetPacket *packet)
{
  uint8_t bytes[NET_HEAD_MAX];
  Layout layout;

  net_packet_bytes(packet, bytes, sizeof bytes);
  layout = layout_of(bytes, net_packet_length(packet));
  divide(packet, layout.head);
  packet->l3 = layout.l3;
  packet->l4 = layout.l4;
}

NetPacket *net_packet_from_frame(Net *net, SimOwner *owner,
                                 const uint8_t *frame, uint32_t size)
{
  NetPacket *packet = net_packet_new(net, owner);
  Layout layout = layout_of(frame, size);

  if (layout.head > 0)
    memcpy(packet->head, frame, layout.head);
  packet->head_length = layout.head;
  packet->l3 = layout.l3;
  packet->l4 = layout.l4;
  if (size > layout.head)
    packet->payload = net_slice_of(frame + layout.head, size - layout.head);
  return packet;
}

static inline uint64_t get64_little(const uint8_t *at)
{
  return (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 |
         (uint64_t)at[3] << 24 | (uint64_t)at[4] << 32 | (uint64_t)at[5] << 40 |
         (uint64_t)at[6] << 48 | (uint64_t)at[7] << 56;
}

static inline uint64_t mix16(const uint8_t *at, uint64_t key)
{
  uint64_t a = get64_little(at);
  uint64_t b = get64_little(at + 8);

  return (a ^ key) * (b ^ (key >> 7)) + (a << 29 | a >> 35) +
         (b << 17 | b >> 47);
}

/* Products of neighbouring words do not wait for each other, unlike a chain
 * of multiplications; the sum is finalised by sim_note(). The last words
 * overlap those before rather than read past the head. */
uint64_t net_packet_hash(const NetPacket *packet)
{
  const uint8_t *end = packet->head + packet->head_length;
  const uint8_t *at = packet->head + 2 * sizeof(NetMac);
  uint64_t key = UINT64_C(0x9e3779b97f4a7c15);
  uint64_t hash = net_packet_length(packet) * key;

  if (packet->head_length < 2 * sizeof(NetMac) + 16) {
    for (at = packet->head; at < end; at++)
      hash = (hash ^ *at) * UINT64_C(0x100000001b3);
    return hash;
  }
  for (; end - at > 16; at += 16) {
    hash += mix16(at, key);
    key += UINT64_C(0xbf58476d1ce4e5b8);
  }
  return hash + mix16(end - 16, key);
}
