/* Forging below the transport: IPv4 options, IPv6 extension headers,
 * fragments.
 *
 * A right datagram is taken apart into bytes and put together again; lengths,
 * next-header fields and IPv4's checksum are right in what comes out. What a
 * transport's checksum covers does not change by any of it.
 */
#include "forge.h"

#include <string.h>

#include "host.h"

#define L3 NET_ETHERNET_SIZE

static GByteArray *bytes_of(const NetPacket *packet)
{
  uint32_t size = net_packet_length(packet);
  GByteArray *frame = g_byte_array_sized_new(size);

  g_byte_array_set_size(frame, size);
  net_packet_bytes(packet, frame->data, size);
  return frame;
}

static NetPacket *packet_of(const NetPacket *packet, NetWire *wire,
                            GByteArray *frame)
{
  NetPacket *made =
      net_packet_from_frame(packet->net, &wire->owner, frame->data, frame->len);

  made->flags |= NET_PACKET_INJECTED;
  g_byte_array_unref(frame);
  return made;
}

static void insert(GByteArray *frame, unsigned at, const uint8_t *bytes,
                   unsigned size)
{
  unsigned old = frame->len;

  g_byte_array_set_size(frame, old + size);
  memmove(frame->data + at + size, frame->data + at, old - at);
  memcpy(frame->data + at, bytes, size);
}

static void sum_ipv4(uint8_t *ip)
{
  net_put16(ip + 10, 0);
  net_put16(ip + 10, net_sum_finish(net_sum(0, ip, (ip[0] & 15u) * 4)));
}

static void add_options(GByteArray *frame, const Bytes *options)
{
  uint8_t padded[40] = { 0 };
  unsigned size = (options->size + 3) / 4 * 4;
  uint8_t *ip;

  memcpy(padded, options->bytes, options->size);
  insert(frame, L3 + NET_IPV4_SIZE, padded, size);
  ip = frame->data + L3;
  ip[0] = (uint8_t)(0x45 + size / 4);
  net_put16(ip + 2, (uint16_t)(net_get16(ip + 2) + size));
  sum_ipv4(ip);
}

static void add_extensions(GByteArray *frame, const Extensions *list)
{
  unsigned at = L3 + NET_IPV6_SIZE, names = L3 + 6, all = 0;

  for (unsigned i = 0; i < list->count; i++) {
    uint8_t header[8 + EXTENSION_MOST] = { 0 };
    const Extension *it = &list->list[i];
    unsigned size = (2 + it->size + 7) / 8 * 8;

    header[0] = frame->data[names];
    header[1] = it->protocol == NET_IPV6_FRAGMENT ? 0 : (uint8_t)(size / 8 - 1);
    memcpy(header + 2, it->bytes, it->size);
    if (it->protocol != NET_IPV6_FRAGMENT && size > 2 + it->size) {
      unsigned room = size - 2 - it->size;

      /* RFC 8200 4.2: PadN, or Pad1 which is a zero */
      header[2 + it->size] = room > 1;
      if (room > 1)
        header[3 + it->size] = (uint8_t)(room - 2);
    }
    frame->data[names] = it->protocol;
    insert(frame, at, header, size);
    names = at;
    at += size;
    all += size;
  }
  net_put16(frame->data + L3 + 4,
            (uint16_t)(net_get16(frame->data + L3 + 4) + all));
}

NetPacket *forge_add_headers(NetPacket *packet, NetWire *wire,
                             const Bytes *options, const Extensions *extensions)
{
  bool ipv6 = net_packet_is_ipv6(packet);
  GByteArray *frame;
  NetPacket *made;

  if (ipv6 ? extensions->count == 0 : !options->given)
    return packet;
  frame = bytes_of(packet);
  if (ipv6)
    add_extensions(frame, extensions);
  else
    add_options(frame, options);
  made = packet_of(packet, wire, frame);
  net_packet_free(packet);
  return made;
}

/* -- fragments -- */

static unsigned header_size(const uint8_t *frame)
{
  return frame[L3] >> 4 == 6 ? NET_IPV6_SIZE : (frame[L3] & 15u) * 4;
}

static void put_ipv4_piece(GByteArray *made, const Piece *piece, bool more,
                           uint16_t id)
{
  uint8_t *ip = made->data + L3;

  net_put16(ip + 2, (uint16_t)(made->len - L3));
  net_put16(ip + 4, net_get16(ip + 4) ? net_get16(ip + 4) : id);
  net_put16(ip + 6, (uint16_t)(piece->at / 8 | (more ? NET_IPV4_MORE : 0)));
  sum_ipv4(ip);
}

static void put_ipv6_piece(GByteArray *made, const Piece *piece, bool more,
                           uint16_t id)
{
  uint8_t header[NET_IPV6_FRAGMENT_SIZE] = { made->data[L3 + 6] };

  net_put16(header + 2, (uint16_t)((piece->at & 0xfff8) | more));
  net_put32(header + 4, id);
  made->data[L3 + 6] = NET_IPV6_FRAGMENT;
  insert(made, L3 + NET_IPV6_SIZE, header, sizeof header);
  net_put16(made->data + L3 + 4, (uint16_t)(made->len - L3 - NET_IPV6_SIZE));
}

NetPacket *forge_piece(const NetPacket *whole, NetWire *wire,
                       const Piece *piece, uint16_t id)
{
  GByteArray *frame = bytes_of(whole);
  GByteArray *made = g_byte_array_new();
  unsigned above = L3 + header_size(frame->data);
  unsigned body = frame->len > above ? frame->len - above : 0;
  unsigned at = (unsigned)piece->at, size = (unsigned)piece->length;
  bool more = piece->has_more ? piece->more : at + size < body;

  g_byte_array_append(made, frame->data, MIN(above, frame->len));
  for (unsigned i = 0; i < size; i++) {
    uint8_t byte = at + i < body ? frame->data[above + at + i] : 0;

    if (piece->bytes.given && i < piece->bytes.size)
      byte = piece->bytes.bytes[i];
    g_byte_array_append(made, &byte, 1);
  }
  if (frame->data[L3] >> 4 == 6)
    put_ipv6_piece(made, piece, more, id);
  else
    put_ipv4_piece(made, piece, more, id);
  g_byte_array_unref(frame);
  return packet_of(whole, wire, made);
}
