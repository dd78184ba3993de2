/* A packet as a line: the script's packet is made from the bytes, and
 * pkt_fields.c says it. */
#include <string.h>

#include "pkt_fields.h"
#include "pkt_write.h"

/* SACK blocks name numbers of the other side. */
static void map_blocks(uint8_t *at, unsigned size, uint32_t offset)
{
  for (unsigned i = 0; i < size;) {
    unsigned length = at[i] <= 1 ? 1 : i + 1 < size ? at[i + 1] : 0;

    if (length == 0 || i + length > size)
      return;
    for (unsigned j = i + 2; at[i] == 5 && j + 4 <= i + length; j += 4)
      net_put32(at + j, net_get32(at + j) - offset);
    i += length;
  }
}

/* The host's numbers count from its SYN, those that arrive from the first: a
 * script's first packet that arrives is where it takes its numbers from. */
static void learn(PktNumbers *numbers, const uint8_t *tcp, bool outbound)
{
  bool *known = outbound ? &numbers->known_local : &numbers->known_remote;
  uint32_t *number = outbound ? &numbers->local : &numbers->remote;

  if (!outbound && numbers->opens &&
      (tcp[13] & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK)) {
    numbers->opens = false;
    *known = false;
  }
  if (*known || (outbound && !(tcp[13] & TCP_SYN)))
    return;
  *known = true;
  *number = net_get32(tcp + 4);
}

static void read_tcp(PktPacket *ret, const PktNumbers *numbers,
                     const uint8_t *tcp, unsigned size)
{
  uint32_t own = ret->outbound ? numbers->local : numbers->remote;
  uint32_t other = ret->outbound ? numbers->remote : numbers->local;

  ret->protocol = PKT_TCP;
  ret->flags = (uint16_t)(tcp[13] | (tcp[12] & 1 ? PKT_FLAG_AE : 0));
  ret->seq = net_get32(tcp + 4) - own;
  ret->ack = tcp[13] & TCP_ACK ? net_get32(tcp + 8) - other : 0;
  ret->window = net_get16(tcp + 14);
  ret->urgent = net_get16(tcp + 18);
  ret->options_size = size - TCP_HEADER_SIZE;
  memcpy(ret->options, tcp + TCP_HEADER_SIZE, ret->options_size);
  map_blocks(ret->options, ret->options_size, other);
}

/* Does a script have words for these options? */
static bool are_sayable(const uint8_t *at, unsigned size)
{
  static const uint8_t lengths[] = { [2] = 4, [3] = 3, [4] = 2, [8] = 10 };

  for (unsigned i = 0; i < size;) {
    unsigned kind = at[i], length = i + 1 < size ? at[i + 1] : 0;

    if (kind == 0)
      return i + 1 == size || are_sayable(at + i + 1, size - i - 1);
    if (kind == 1) {
      i++;
      continue;
    }
    if (kind == 5
            ? length < 10 || length % 8 != 2
            : kind >= sizeof lengths || length == 0 || length != lengths[kind])
      return false;
    i += length;
    if (i > size)
      return false;
  }
  return true;
}

/* A script echoes what it has seen sent. */
static bool echoes_unsent(PktNumbers *numbers, PktPacket *packet)
{
  uint8_t *at = pkt_find_timestamps(packet->options, packet->options_size);

  if (at && packet->outbound)
    g_hash_table_add(numbers->stamps, GUINT_TO_POINTER(net_get32(at)));
  return at && !packet->outbound && packet->flags & TCP_ACK &&
         !g_hash_table_contains(numbers->stamps,
                                GUINT_TO_POINTER(net_get32(at + 4)));
}

/* What is sent says its window where it is another than before. */
static bool shows_window(PktNumbers *numbers, const PktPacket *packet)
{
  bool shows = !packet->outbound || !numbers->has_window ||
               numbers->window != packet->window;

  if (packet->outbound && packet->flags & TCP_RST)
    return false;
  if (packet->outbound) {
    numbers->has_window = true;
    numbers->window = packet->window;
  }
  return shows;
}

PktSaid pkt_write_packet(GString *out, PktNumbers *numbers,
                         const NetPacket *packet, const NetIp *ip,
                         bool outbound)
{
  const uint8_t *tcp = packet->head + packet->l4;
  PktPacket said = { .outbound = outbound };
  unsigned room = packet->head_length - packet->l4, size;
  PktFields fields;

  if (packet->l4 == 0 || room < TCP_HEADER_SIZE)
    return PKT_SAID_NO_HEADER;
  size = (tcp[12] >> 4) * 4u;
  if (size < TCP_HEADER_SIZE || size > room)
    return PKT_SAID_NO_HEADER;
  if (!are_sayable(tcp + TCP_HEADER_SIZE, size - TCP_HEADER_SIZE))
    return PKT_SAID_NO_OPTIONS;
  learn(numbers, tcp, outbound);
  read_tcp(&said, numbers, tcp, size);
  if (echoes_unsent(numbers, &said))
    return PKT_SAID_NO_ECHO;
  said.length = ip->payload_length - size;
  said.tos_kind = ip->tos & 3 ? PKT_TOS_ECN : PKT_TOS_NONE;
  said.tos = ip->tos & 3;
  said.has_window = shows_window(numbers, &said);
  pkt_fields_of(&fields, &said);
  g_string_append(out, outbound ? ">" : "<");
  pkt_fields_join(&fields, out);
  pkt_fields_clear(&fields);
  return PKT_SAID;
}
