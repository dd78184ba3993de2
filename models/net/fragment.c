/* Datagrams in pieces: IPv4 by whoever meets the small MTU (RFC 791 3.2), IPv6
 * by the source alone (RFC 8200 4.5).
 *
 *   | headers | 0 ............ n |
 *     headers + 0 .. k     more fragments
 *     headers + k .. 2k    more fragments      k: a multiple of 8
 *     headers + 2k .. n
 */
#include "host_private.h"

#define UNITS 8u

/** Cut: what all pieces of one datagram have in common. */
typedef struct Cut {
  NetHost *host;
  const NetPacket *whole;
  NetSlice body; /* all bytes above IP */
  uint32_t most; /* bytes of it in a piece */
  uint32_t id;   /* IPv6 */
} Cut;

/* RFC 791 3.1: later pieces carry only options whose copied flag is set; the
 * others become no-operations, so that the header keeps its length. */
static void blank_options(uint8_t *ip)
{
  uint32_t end = (ip[0] & 15u) * 4;
  uint32_t i = NET_IPV4_SIZE;

  while (i < end && ip[i] != 0) {
    uint32_t length = ip[i] == 1 ? 1 : i + 1 < end ? ip[i + 1] : 0;

    if (length == 0 || i + length > end)
      return;
    if (!(ip[i] & 0x80))
      memset(ip + i, 1, length);
    i += length;
  }
}

static void mark_ipv4(NetPacket *piece, uint32_t offset, bool more)
{
  uint8_t *ip = piece->head + piece->l3;
  uint16_t before = net_get16(ip + 6);
  uint16_t word = (uint16_t)((before & NET_IPV4_OFFSET) + offset / UNITS);

  if (more || (before & NET_IPV4_MORE))
    word |= NET_IPV4_MORE;
  if (offset > 0)
    blank_options(ip);
  net_put16(ip + 6, word);
  net_put16(ip + 2, (uint16_t)(net_packet_length(piece) - piece->l3));
  net_ipv4_sum_put(piece);
}

/* The fragment header goes behind all others: the hosts here send none. */
static void mark_ipv6(const Cut *cut, NetPacket *piece, uint32_t offset,
                      bool more)
{
  uint8_t *ip = piece->head + piece->l3;
  uint8_t *header = piece->head + piece->l4 - NET_IPV6_FRAGMENT_SIZE;

  header[0] = ip[6];
  header[1] = 0;
  net_put16(header + 2, (uint16_t)(offset | more));
  net_put32(header + 4, cut->id);
  ip[6] = NET_IPV6_FRAGMENT;
  net_put16(ip + 4,
            (uint16_t)(net_packet_length(piece) - piece->l3 - NET_IPV6_SIZE));
}

static NetPacket *make_piece(const Cut *cut, uint32_t offset)
{
  const NetPacket *whole = cut->whole;
  NetPacket *piece =
      net_packet_new(cut->host->node.net, &cut->host->node.owner);
  bool ipv6 = net_packet_is_ipv6(whole);
  uint32_t left = cut->body.length - offset;
  bool more = left > cut->most;

  piece->l3 = whole->l3;
  piece->l4 = whole->l4;
  piece->rule = whole->rule;
  piece->sender_state = whole->sender_state;
  piece->attempt = whole->attempt;
  piece->flags = whole->flags & ~NET_PACKET_DUPLICATE & 0xff;
  memcpy(piece->head, whole->head, whole->l4);
  if (ipv6)
    piece->l4 = (uint16_t)(piece->l4 + NET_IPV6_FRAGMENT_SIZE);
  piece->head_length = piece->l4;
  piece->payload = net_slice_ref(cut->body, offset, more ? cut->most : left);
  if (ipv6)
    mark_ipv6(cut, piece, offset, more);
  else
    mark_ipv4(piece, offset, more);
  net_packet_parse(piece);
  return piece;
}

static NetSlice body_of(const NetPacket *packet)
{
  uint32_t held = (uint32_t)packet->head_length - packet->l4;
  NetSlice body = { net_buffer_new(NULL, held + packet->payload.length), 0,
                    held + packet->payload.length };

  memcpy(body.buffer->bytes, packet->head + packet->l4, held);
  net_slice_copy(packet->payload, body.buffer->bytes + held);
  return body;
}

void net_fragment_send(NetHost *host, NetPacket *packet, NetPath *path,
                       uint32_t mtu)
{
  uint32_t headers = (uint32_t)(packet->l4 - packet->l3);
  Cut cut = { .host = host, .whole = packet, .body = body_of(packet) };

  if (net_packet_is_ipv6(packet)) {
    headers += NET_IPV6_FRAGMENT_SIZE;
    cut.id = host->fragment_id++;
  }
  cut.most = mtu > headers ? (mtu - headers) & ~(UNITS - 1) : 0;
  if (cut.most == 0) {
    net_slice_clear(&cut.body);
    net_drop(packet, &host->node, path->nic, "ip-too-big",
             "the next link's MTU has no room for a fragment");
    return;
  }
  for (uint32_t offset = 0; offset < cut.body.length; offset += cut.most)
    net_host_transmit(host, make_piece(&cut, offset), path);
  net_slice_clear(&cut.body);
  net_packet_free(packet);
}
