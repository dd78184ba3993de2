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

static void learn(PktNumbers *numbers, const uint8_t *tcp, bool outbound)
{
  bool *known = outbound ? &numbers->known_local : &numbers->known_remote;
  uint32_t *number = outbound ? &numbers->local : &numbers->remote;

  if (!(tcp[13] & TCP_SYN) || *known)
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

bool pkt_write_packet(GString *out, PktNumbers *numbers,
                      const NetPacket *packet, const NetIp *ip, bool outbound)
{
  const uint8_t *tcp = packet->head + packet->l4;
  PktPacket said = { .outbound = outbound };
  unsigned room = packet->head_length - packet->l4, size;
  PktFields fields;

  if (packet->l4 == 0 || room < TCP_HEADER_SIZE)
    return false;
  size = (tcp[12] >> 4) * 4u;
  if (size < TCP_HEADER_SIZE || size > room)
    return false;
  learn(numbers, tcp, outbound);
  read_tcp(&said, numbers, tcp, size);
  said.length = ip->payload_length - size;
  said.tos_kind = ip->tos & 3 ? PKT_TOS_ECN : PKT_TOS_NONE;
  said.tos = ip->tos & 3;
  said.has_window = shows_window(numbers, &said);
  pkt_fields_of(&fields, &said);
  g_string_append(out, outbound ? ">" : "<");
  pkt_fields_join(&fields, out);
  pkt_fields_clear(&fields);
  return true;
}
