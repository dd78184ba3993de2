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

/* Longest head that the bytes can describe: Ethernet, IPv4 60, TCP 60. */
#define LONGEST (NET_ETHERNET_SIZE + 60 + 60)

static_assert(LONGEST <= NET_HEAD_MAX, "every header fits into the head");

typedef struct Layout {
  uint16_t head, l3, l4;
} Layout;

static uint32_t transport_size(const uint8_t *ip, const uint8_t *l4,
                               uint32_t left)
{
  if (net_get16(ip + 6) & NET_IPV4_OFFSET)
    return 0;
  switch (ip[9]) {
  case NET_PROTOCOL_TCP:
    if (left < 20 || l4[12] >> 4 < 5)
      return 20;
    return (l4[12] >> 4) * 4u;
  case NET_PROTOCOL_UDP:
    return NET_UDP_SIZE;
  case NET_PROTOCOL_ICMP:
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
  end = l4 + transport_size(ip, bytes + l4, size - l4);
  layout.l4 = (uint16_t)l4;
  layout.head = (uint16_t)(end < size ? end : size);
  return layout;
}

/* `bytes` holds the first LONGEST of the frame's `size` bytes, or all. */
static Layout layout_of(const uint8_t *bytes, uint32_t size)
{
  uint32_t head = NET_ETHERNET_SIZE;

  if (size < NET_ETHERNET_SIZE)
    return (Layout){ (uint16_t)size, 0, 0 };
  if (net_get16(bytes + 12) == NET_ETHERTYPE_IPV4)
    return ipv4_layout(bytes, size);
  if (net_get16(bytes + 12) == NET_ETHERTYPE_ARP)
    head += NET_ARP_SIZE;
  return (Layout){ (uint16_t)(head < size ? head : size), NET_ETHERNET_SIZE,
                   0 };
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
  uint8_t bytes[LONGEST];
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
