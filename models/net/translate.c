/* A change of a 16-bit word changes every checksum over it by the same
 * difference, which is carried along in ones' complement. */
#include "translate.h"

#define SOURCE_AT 12 /* in an IPv4 header */
#define DESTINATION_AT 16
#define SUM_AT 10

/* RFC 1624, eqn. 3: HC' = ~(~HC + ~m + m'). `difference` is the sum of all
 * ~m + m'. */
static uint16_t mend(uint16_t sum, uint64_t difference)
{
  uint64_t total = (uint16_t)~sum + difference;

  while (total >> 16)
    total = (total & 0xffff) + (total >> 16);
  return (uint16_t)~total;
}

static uint64_t change16(uint8_t *at, uint16_t value)
{
  uint64_t difference = (uint16_t)~net_get16(at) + (uint64_t)value;

  net_put16(at, value);
  return difference;
}

static uint64_t change32(uint8_t *at, uint32_t value)
{
  return change16(at, (uint16_t)(value >> 16)) +
         change16(at + 2, (uint16_t)value);
}

static uint64_t change_address(uint8_t *at, NetAddress address)
{
  return change32(at, net_address_to_ipv4(address));
}

/* `ip`: the header. Returns: what a pseudo header changes by. */
static uint64_t change_addresses(uint8_t *ip, NetAddress source,
                                 NetAddress destination)
{
  uint64_t difference = change_address(ip + SOURCE_AT, source) +
                        change_address(ip + DESTINATION_AT, destination);

  net_put16(ip + SUM_AT, mend(net_get16(ip + SUM_AT), difference));
  return difference;
}

static void mend_at(uint8_t *at, uint64_t difference)
{
  net_put16(at, mend(net_get16(at), difference));
}

/* Zero says that UDP has no checksum; one that comes out as zero is written
 * as all ones (RFC 768). */
static void mend_udp(uint8_t *at, uint64_t difference)
{
  if (net_get16(at) == 0)
    return;
  mend_at(at, difference);
  if (net_get16(at) == 0)
    net_put16(at, 0xffff);
}

/* `l4` has `size` bytes; what is not there is not changed. */
static void change_ports(uint8_t *l4, uint32_t size, const NetTuple *to,
                         uint64_t difference)
{
  if (to->protocol == NET_PROTOCOL_ICMP) {
    if (size >= 6)
      mend_at(l4 + 2, change16(l4 + 4, to->source_port));
    return;
  }
  if ((to->protocol != NET_PROTOCOL_TCP && to->protocol != NET_PROTOCOL_UDP) ||
      size < 4)
    return;
  difference += change16(l4, to->source_port);
  difference += change16(l4 + 2, to->destination_port);
  if (to->protocol == NET_PROTOCOL_TCP && size >= 18)
    mend_at(l4 + 16, difference);
  else if (to->protocol == NET_PROTOCOL_UDP && size >= 8)
    mend_udp(l4 + 6, difference);
}

static void tell(NetIp *ip, NetAddress source, NetAddress destination)
{
  ip->source = source;
  ip->destination = destination;
}

void net_translate(NetPacket *packet, NetIp *ip, const NetTuple *to)
{
  uint64_t difference =
      change_addresses(packet->head + packet->l3, to->source, to->destination);

  change_ports(packet->head + packet->l4,
               (uint32_t)packet->head_length - packet->l4, to, difference);
  tell(ip, to->source, to->destination);
}

void net_translate_quote(NetPacket *packet, NetIp *ip, const NetQuoted *quoted,
                         const NetTuple *to, NetAddress source,
                         NetAddress destination)
{
  uint32_t size = packet->payload.length;
  NetBuffer *buffer = net_buffer_new(NULL, size);
  uint8_t *icmp = packet->head + packet->l4, *quote = buffer->bytes;
  uint64_t difference;

  net_slice_copy(packet->payload, quote);
  difference = change_addresses(quote, to->source, to->destination);
  change_ports(quote + quoted->l4, size - quoted->l4, to, difference);
  net_slice_clear(&packet->payload);
  packet->payload = (NetSlice){ buffer, 0, size };
  change_addresses(packet->head + packet->l3, source, destination);
  tell(ip, source, destination);
  net_put16(icmp + 2, 0);
  net_put16(icmp + 2, net_transport_sum(packet, ip));
}
