/* ICMP (RFC 792, RFC 1122 3.2.2): echo, errors out, errors in. IPv6's is in
 * icmp6.c.
 *
 * An error quotes as much of the datagram as fits into 576 bytes (RFC 1812
 * 4.3.2.3). An error about a datagram of our own goes to ourselves by the
 * loop, so that the protocol hears of it from one place.
 */
#include "host_private.h"

#define QUOTE_MOST (576 - NET_IPV4_SIZE - NET_ICMP_SIZE)

/* Longest quotation that a protocol is shown: IPv4 60, TCP 60. */
#define QUOTE_READ 120

void net_icmp_send(NetHost *host, NetPacket *packet, const NetIp *ip)
{
  packet->l3 = NET_ETHERNET_SIZE;
  packet->l4 = (uint16_t)(NET_ETHERNET_SIZE + net_ip_size(ip->destination));
  packet->head_length = (uint16_t)(packet->l4 + NET_ICMP_SIZE);
  net_put16(packet->head + packet->l4 + 2, 0);
  net_put16(packet->head + packet->l4 + 2, net_transport_sum(packet, ip));
  net_host_send(host, packet, ip, NULL);
}

static void send_icmp(NetHost *host, NetPacket *packet, NetAddress from,
                      NetAddress to)
{
  const NetIp ip = { .source = from,
                     .destination = to,
                     .protocol = NET_PROTOCOL_ICMP };

  net_icmp_send(host, packet, &ip);
}

static bool is_error_type(uint8_t type)
{
  return type == NET_ICMP_UNREACHABLE || type == NET_ICMP_SOURCE_QUENCH ||
         type == NET_ICMP_REDIRECT || type == NET_ICMP_TIME_EXCEEDED ||
         type == NET_ICMP_PARAMETER_PROBLEM;
}

static bool is_single_host(const NetNic *nics, uint32_t number)
{
  if (number >> 28 >= 0xe || number >> 24 == 0)
    return false;
  for (const NetNic *nic = nics; nic; nic = nic->next)
    if (net_host_is_broadcast(nic, net_address_ipv4(number)))
      return false;
  return true;
}

/* RFC 1122 3.2.2: "MUST NOT be sent as the result of receiving" an ICMP
 * error, a datagram to a broadcast or multicast address of either layer, a
 * later fragment, or one whose source is no single host. */
static bool may_answer(const NetHost *host, const NetPacket *packet)
{
  const uint8_t *ip = packet->head + packet->l3;
  const NetNic *nics = host->node.nics;

  if (host->spec.no_icmp || net_mac_is_group(packet->head) ||
      (net_ipv4_fragment(packet) & NET_IPV4_OFFSET))
    return false;
  if (ip[9] == NET_PROTOCOL_ICMP && (packet->head_length <= packet->l4 ||
                                     is_error_type(packet->head[packet->l4])))
    return false;
  return is_single_host(nics, net_get32(ip + 12)) &&
         is_single_host(nics, net_get32(ip + 16));
}

void net_icmp_error(NetHost *host, const NetPacket *packet, uint8_t type,
                    uint8_t code, uint32_t rest)
{
  const uint8_t *ip = packet->head + packet->l3;
  uint8_t bytes[NET_ETHERNET_SIZE + QUOTE_MOST];
  NetAddress from, to;
  NetPacket *answer;
  uint32_t size;
  uint8_t *at;

  if (net_packet_is_ipv6(packet)) {
    net_icmp6_translate(host, packet, type, code, rest);
    return;
  }
  if (!may_answer(host, packet))
    return;
  to = net_address_ipv4(net_get32(ip + 12));
  from = net_address_ipv4(net_get32(ip + 16));
  if (!net_host_owns(host, from))
    from = NET_ADDRESS_ANY;
  size = net_packet_bytes(packet, bytes, sizeof bytes) - packet->l3;
  answer = net_packet_new(host->node.net, &host->node.owner);
  answer->payload = net_slice_of(bytes + packet->l3, size);
  at = net_icmp_at(answer, to);
  at[0] = type;
  at[1] = code;
  net_put32(at + 4, rest);
  send_icmp(host, answer, from, to);
}

void net_host_unreachable(NetHost *host, const NetPacket *packet, uint8_t code,
                          uint32_t mtu)
{
  net_icmp_error(host, packet, NET_ICMP_UNREACHABLE, code, mtu);
}

/* A broadcast ping is not answered: RFC 1122 3.2.2.6 allows that. */
static void answer_echo(NetHost *host, NetPacket *packet, const NetIp *ip)
{
  NetPacket *answer;
  uint8_t *at;

  if (host->spec.no_icmp || !net_host_owns(host, ip->destination)) {
    net_packet_free(packet);
    return;
  }
  answer = net_packet_new(host->node.net, &host->node.owner);
  answer->payload = net_slice_ref(packet->payload, 0, packet->payload.length);
  at = net_icmp_at(answer, ip->source);
  memcpy(at, packet->head + packet->l4, NET_ICMP_SIZE);
  at[0] = NET_ICMP_ECHO_REPLY;
  send_icmp(host, answer, ip->destination, ip->source);
  net_packet_free(packet);
}

const char *net_icmp_read_quote(const uint8_t *quote, uint32_t size, NetIp *ret,
                                uint32_t *ret_l4)
{
  uint32_t header;

  if (size < NET_IPV4_SIZE || quote[0] >> 4 != 4)
    return "the ICMP error quotes no IPv4 header";
  header = (quote[0] & 15u) * 4;
  if (header < NET_IPV4_SIZE || header + 8 > size)
    return "the ICMP error quotes less than 8 bytes above IP";
  if (net_get16(quote + 2) < header)
    return "the quoted total length is below the quoted header's";
  if (net_get16(quote + 6) & NET_IPV4_OFFSET)
    return "the ICMP error is about a later fragment";
  *ret = (NetIp){
    .source = net_address_ipv4(net_get32(quote + 12)),
    .destination = net_address_ipv4(net_get32(quote + 16)),
    .payload_length = net_get16(quote + 2) - header,
    .protocol = quote[9],
    .ttl = quote[8],
    .tos = quote[1],
    .dont_fragment = net_get16(quote + 6) & NET_IPV4_DONT_FRAGMENT,
  };
  *ret_l4 = header;
  return NULL;
}

void net_icmp_tell(NetHost *host, const uint8_t *icmp, const NetIp *quoted,
                   const uint8_t *l4, uint32_t l4_size)
{
  for (unsigned i = 0; i < host->protocol_count; i++) {
    const NetProtocol *protocol = &host->protocols[i];

    if (protocol->number == quoted->protocol && protocol->error)
      protocol->error(protocol->user, icmp[0], icmp[1], net_get32(icmp + 4),
                      quoted, l4, l4_size);
  }
}

static void take_error(NetHost *host, NetPacket *packet)
{
  const uint8_t *icmp = packet->head + packet->l4;
  uint8_t quote[QUOTE_READ];
  NetSlice slice = packet->payload;
  const char *problem;
  uint32_t l4;
  NetIp quoted;

  if (slice.length > QUOTE_READ)
    slice.length = QUOTE_READ;
  net_slice_copy(slice, quote);
  problem = net_icmp_read_quote(quote, slice.length, &quoted, &l4);
  if (!problem && !net_host_speaks_for(host, quoted.source))
    problem = "the ICMP error is about a datagram that we did not send";
  if (problem) {
    net_drop(packet, &host->node, NULL, "icmp-quote", problem);
    return;
  }
  net_icmp_tell(host, icmp, &quoted, quote + l4, slice.length - l4);
  net_packet_free(packet);
}

void net_icmp_input(void *user, NetPacket *packet, const NetIp *ip)
{
  NetHost *host = user;
  const char *problem = NULL;
  uint8_t type;

  if (ip->payload_length < NET_ICMP_SIZE ||
      packet->head_length < packet->l4 + NET_ICMP_SIZE)
    problem = "the datagram is too short for an ICMP header";
  else if (!(packet->flags & NET_PACKET_CHECKED) &&
           net_transport_check(packet, ip) != NET_CHECK_GOOD)
    problem = "the ICMP checksum is wrong";
  if (problem) {
    net_drop(packet, &host->node, NULL, "icmp-malformed", problem);
    return;
  }
  type = packet->head[packet->l4];
  if (type == NET_ICMP_ECHO)
    answer_echo(host, packet, ip);
  else if (is_error_type(type))
    take_error(host, packet);
  else
    net_packet_free(packet);
}
