/* Reading a TCP header as the man in the middle does: nothing is trusted, and
 * what no honest stack sends is no segment. Facts are those of Linux 6.x,
 * net/netfilter/nf_conntrack_proto_tcp.c. */
#include "conntrack_flags.h"

#define MOST_SCALE 14 /* RFC 7323 2.3 */

static bool flags_are_right(unsigned flags)
{
  switch (flags & (FIN | SYN | RST | ACK | URG)) {
  case SYN:
  case SYN | URG:
  case SYN | ACK:
  case RST:
  case RST | ACK:
  case FIN | ACK:
  case FIN | ACK | URG:
  case ACK:
  case ACK | URG:
    return true;
  default:
    return false;
  }
}

static void read_sack(const uint8_t *blocks, unsigned size, uint32_t *sack)
{
  for (unsigned at = 0; at + 8 <= size; at += 8)
    if (after(net_get32(blocks + at + 4), *sack))
      *sack = net_get32(blocks + at + 4);
}

/* Stops at the first option that is not whole. */
static void read_options(const uint8_t *at, uint32_t left, NetTrackSegment *ret)
{
  while (left > 0 && at[0] != 0) {
    uint32_t size = at[0] == 1 ? 1 : left < 2 ? 0 : at[1];

    if (size == 0 || size > left || (at[0] != 1 && size < 2))
      return;
    if (at[0] == 3 && size == 3) {
      ret->scales = true;
      ret->scale = at[2] > MOST_SCALE ? MOST_SCALE : at[2];
    } else if (at[0] == 4 && size == 2) {
      ret->sacks = true;
    } else if (at[0] == 5 && (size - 2) % 8 == 0) {
      read_sack(at + 2, size - 2, &ret->sack);
    }
    at += size;
    left -= size;
  }
}

bool net_track_segment(const NetPacket *packet, const NetIp *ip,
                       NetTrackSegment *ret, const char **ret_reason)
{
  const uint8_t *at = packet->head + packet->l4;
  uint32_t held = (uint32_t)packet->head_length - packet->l4;
  uint32_t header;

  *ret_reason = "its TCP header is truncated";
  if (packet->head_length < packet->l4 + 20u || ip->payload_length < 20)
    return false;
  header = (at[12] >> 4) * 4u;
  if (header < 20 || header > held || header > ip->payload_length)
    return false;
  *ret_reason = "no honest stack sends this combination of flags";
  if (!flags_are_right(at[13]))
    return false;
  *ret = (NetTrackSegment){ .seq = net_get32(at + 4),
                            .ack = net_get32(at + 8),
                            .sack = net_get32(at + 8),
                            .window = net_get16(at + 14),
                            .flags = at[13] };
  ret->end = ret->seq + ip->payload_length - header + !!(at[13] & SYN) +
             !!(at[13] & FIN);
  read_options(at + 20, header - 20, ret);
  return true;
}
