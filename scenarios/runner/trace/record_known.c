/* What is left out while only known connections are recorded: whatever belongs
 * to no packet and no conversation that the record has. */
#include "record_parts.h"

bool record_is_listener(const TcpPair *pair)
{
  return net_address_is_any(pair->remote.address) && pair->remote.port == 0;
}

bool record_has(const Record *record, const NetPacket *packet)
{
  return record_packet(record, packet->id) ||
         record_packet(record, packet->origin);
}

static bool knows_pair(const Record *record, const TcpPair *pair)
{
  return !record_is_listener(pair) &&
         record_conversation(record, pair, NULL, NULL);
}

/* A packet is new when it is first sent; what has no ports that can be read
 * belongs to no conversation. */
static bool knows_ends(const Record *record, const NetPacket *packet)
{
  const uint8_t *tcp = packet->head + packet->l4;
  NetIp ip;

  if (!net_ip_peek(packet, &ip) || ip.protocol != NET_PROTOCOL_TCP ||
      !packet->l4 || packet->head_length < packet->l4 + 4)
    return false;
  return knows_pair(record,
                    &(TcpPair){ { ip.source, net_get16(tcp) },
                                { ip.destination, net_get16(tcp + 2) } });
}

bool record_knows(const Record *record, unsigned kind, const void *trace)
{
  switch (kind) {
  case NET_TRACE_SENT:
    if (record_has(record, ((const NetTracePacket *)trace)->packet))
      return true;
    return knows_ends(record, ((const NetTracePacket *)trace)->packet);
  case NET_TRACE_DUPLICATED:
  case NET_TRACE_DROPPED:
  case NET_TRACE_RECEIVED:
  case NET_TRACE_DELIVERED:
    return record_has(record, ((const NetTracePacket *)trace)->packet);
  case TCP_TRACE_STATE:
    return knows_pair(record, ((const TcpTraceState *)trace)->pair);
  case TCP_TRACE_CALL:
    return knows_pair(record, ((const TcpTraceCall *)trace)->pair);
  case TCP_TRACE_TIMER:
    return knows_pair(record, ((const TcpTraceTimer *)trace)->pair);
  default:
    return true;
  }
}
