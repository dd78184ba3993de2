/* ICMPv6 (RFC 4443): echo, errors out, errors in; neighbour discovery goes on
 * to discovery.c.
 *
 * An error quotes as much of the datagram as fits into the least MTU of IPv6.
 */
#include "host_private.h"

#define QUOTE_MOST (NET_IPV6_LEAST_MTU - NET_IPV6_SIZE - NET_ICMP_SIZE)

/* Longest quotation that a protocol is shown: what a head can hold. */
#define QUOTE_READ (NET_HEAD_MAX - NET_ETHERNET_SIZE)

/* RFC 7915 4.2: errors of IPv4 in ICMPv6's terms. */
static const struct {
  uint8_t type, code, type6, code6;
} translations[] = {
  { NET_ICMP_UNREACHABLE, NET_UNREACHABLE_NET, NET_ICMPV6_UNREACHABLE,
    NET_ICMPV6_NO_ROUTE },
  { NET_ICMP_UNREACHABLE, NET_UNREACHABLE_HOST, NET_ICMPV6_UNREACHABLE,
    NET_ICMPV6_ADDRESS },
  { NET_ICMP_UNREACHABLE, NET_UNREACHABLE_PROTOCOL,
    NET_ICMPV6_PARAMETER_PROBLEM, NET_ICMPV6_NEXT_HEADER },
  { NET_ICMP_UNREACHABLE, NET_UNREACHABLE_PORT, NET_ICMPV6_UNREACHABLE,
    NET_ICMPV6_PORT },
  { NET_ICMP_UNREACHABLE, NET_UNREACHABLE_PROHIBITED, NET_ICMPV6_UNREACHABLE,
    NET_ICMPV6_PROHIBITED },
  { NET_ICMP_UNREACHABLE, NET_UNREACHABLE_FRAGMENTATION, NET_ICMPV6_TOO_BIG,
    0 },
  { NET_ICMP_UNREACHABLE, NET_UNREACHABLE_NET_PROHIBITED,
    NET_ICMPV6_UNREACHABLE, NET_ICMPV6_PROHIBITED },
  { NET_ICMP_UNREACHABLE, NET_UNREACHABLE_HOST_PROHIBITED,
    NET_ICMPV6_UNREACHABLE, NET_ICMPV6_PROHIBITED },
  { NET_ICMP_TIME_EXCEEDED, 0, NET_ICMPV6_TIME_EXCEEDED, 0 },
  { NET_ICMP_TIME_EXCEEDED, 1, NET_ICMPV6_TIME_EXCEEDED, 1 },
};

static bool is_single_host(NetAddress address)
{
  return !net_address_is_multicast(address) && !net_address_is_any(address);
}

/* RFC 4443 2.4 (e): not about an error, nor to or from a group or nobody; what
 * is too big and what has an option that may not be skipped is reported to
 * groups too. */
static bool may_answer(const NetHost *host, const NetPacket *packet,
                       uint8_t type, uint8_t code)
{
  const uint8_t *ip = packet->head + packet->l3;
  bool group = net_mac_is_group(packet->head) ||
               net_address_is_multicast(net_address_ipv6_get(ip + 24));
  NetIpv6Chain chain;

  if (host->spec.no_icmp || packet->l4 <= packet->l3 ||
      net_ipv6_walk(ip, (uint32_t)(packet->l4 - packet->l3), &chain) ||
      !is_single_host(net_address_ipv6_get(ip + 8)))
    return false;
  if (chain.fragment_at > 0 && net_get16(ip + chain.fragment_at + 2) >> 3 != 0)
    return false;
  if (chain.protocol == NET_PROTOCOL_ICMPV6 &&
      (packet->head_length <= packet->l4 ||
       packet->head[packet->l4] < NET_ICMPV6_INFORMATIONAL))
    return false;
  return !group || type == NET_ICMPV6_TOO_BIG ||
         (type == NET_ICMPV6_PARAMETER_PROBLEM && code == NET_ICMPV6_OPTION);
}

void net_icmp6_error(NetHost *host, const NetPacket *packet, uint8_t type,
                     uint8_t code, uint32_t rest)
{
  const uint8_t *ip = packet->head + packet->l3;
  uint8_t bytes[NET_ETHERNET_SIZE + QUOTE_MOST];
  NetPacket *answer;
  uint32_t size;
  uint8_t *at;

  if (!may_answer(host, packet, type, code))
    return;
  NetIp answer_ip = { .source = net_address_ipv6_get(ip + 24),
                      .destination = net_address_ipv6_get(ip + 8),
                      .protocol = NET_PROTOCOL_ICMPV6 };

  /* the pseudo header has the source, which must be known by now */
  if (!net_host_owns(host, answer_ip.source))
    answer_ip.source = net_host_way(host, answer_ip.destination)->source;
  size = net_packet_bytes(packet, bytes, sizeof bytes) - packet->l3;
  answer = net_packet_new(host->node.net, &host->node.owner);
  answer->payload = net_slice_of(bytes + packet->l3, size);
  at = net_icmp_at(answer, answer_ip.destination);
  at[0] = type;
  at[1] = code;
  net_put32(at + 4, rest);
  net_icmp_send(host, answer, &answer_ip);
}

void net_icmp6_translate(NetHost *host, const NetPacket *packet, uint8_t type,
                         uint8_t code, uint32_t rest)
{
  NetIpv6Chain chain;

  for (unsigned i = 0; i < G_N_ELEMENTS(translations); i++) {
    if (translations[i].type != type || translations[i].code != code)
      continue;
    if (translations[i].type6 == NET_ICMPV6_PARAMETER_PROBLEM &&
        packet->l4 > packet->l3 &&
        !net_ipv6_walk(packet->head + packet->l3,
                       (uint32_t)(packet->l4 - packet->l3), &chain))
      rest = chain.next_at; /* the pointer */
    net_icmp6_error(host, packet, translations[i].type6, translations[i].code6,
                    rest);
  }
}

/* RFC 4443 4.2; pings to groups are not answered, as over IPv4. */
static void answer_echo(NetHost *host, const NetPacket *packet, const NetIp *ip)
{
  const NetIp answer_ip = { .source = ip->destination,
                            .destination = ip->source,
                            .protocol = NET_PROTOCOL_ICMPV6 };
  NetPacket *answer;
  uint8_t *at;

  if (host->spec.no_icmp || !net_host_owns(host, ip->destination))
    return;
  answer = net_packet_new(host->node.net, &host->node.owner);
  answer->payload = net_slice_ref(packet->payload, 0, packet->payload.length);
  at = net_icmp_at(answer, ip->source);
  memcpy(at, packet->head + packet->l4, NET_ICMP_SIZE);
  at[0] = NET_ICMPV6_ECHO_REPLY;
  net_icmp_send(host, answer, &answer_ip);
}

const char *net_icmp6_read_quote(const uint8_t *quote, uint32_t size,
                                 NetIp *ret, uint32_t *ret_l4)
{
  NetIpv6Chain chain;
  uint32_t total;

  if (size < NET_IPV6_SIZE || quote[0] >> 4 != 6)
    return "the ICMPv6 error quotes no IPv6 header";
  if (net_ipv6_walk(quote, size, &chain) || chain.size + 8 > size)
    return "the ICMPv6 error quotes less than 8 bytes above IP";
  total = NET_IPV6_SIZE + net_get16(quote + 4);
  if (total < chain.size)
    return "the quoted payload length is below the quoted headers'";
  if (chain.fragment_at > 0 &&
      net_get16(quote + chain.fragment_at + 2) >> 3 != 0)
    return "the ICMPv6 error is about a later fragment";
  *ret = (NetIp){ .source = net_address_ipv6_get(quote + 8),
                  .destination = net_address_ipv6_get(quote + 24),
                  .payload_length = total - chain.size,
                  .protocol = chain.protocol,
                  .ttl = quote[7],
                  .tos = (uint8_t)(net_get16(quote) >> 4) };
  *ret_l4 = chain.size;
  return NULL;
}

static const char *take_error(NetHost *host, const NetPacket *packet)
{
  uint8_t quote[QUOTE_READ];
  NetSlice slice = packet->payload;
  const char *problem;
  uint32_t l4;
  NetIp quoted;

  if (slice.length > QUOTE_READ)
    slice.length = QUOTE_READ;
  net_slice_copy(slice, quote);
  problem = net_icmp6_read_quote(quote, slice.length, &quoted, &l4);
  if (!problem && !net_host_speaks_for(host, quoted.source))
    problem = "the ICMPv6 error is about a datagram that we did not send";
  if (!problem)
    net_icmp_tell(host, packet->head + packet->l4, &quoted, quote + l4,
                  slice.length - l4);
  return problem;
}

static const char *icmp6_problem(const NetPacket *packet, const NetIp *ip)
{
  if (ip->payload_length < NET_ICMP_SIZE ||
      packet->head_length < packet->l4 + NET_ICMP_SIZE)
    return "the datagram is too short for an ICMPv6 header";
  if (!(packet->flags & NET_PACKET_CHECKED) &&
      net_transport_check(packet, ip) != NET_CHECK_GOOD)
    return "the ICMPv6 checksum is wrong";
  return NULL;
}

void net_icmp6_input(void *user, NetPacket *packet, const NetIp *ip)
{
  NetHost *host = user;
  const char *rule = "icmp-malformed";
  const char *problem = icmp6_problem(packet, ip);
  uint8_t type = problem ? 0 : packet->head[packet->l4];

  if (type == NET_ICMPV6_ECHO) {
    answer_echo(host, packet, ip);
  } else if (type == NET_ICMPV6_SOLICITATION ||
             type == NET_ICMPV6_ADVERTISEMENT) {
    rule = "nd-malformed";
    problem = net_discovery_input(host, host->input, packet, ip);
  } else if (!problem && type < NET_ICMPV6_INFORMATIONAL) {
    rule = "icmp-quote";
    problem = take_error(host, packet);
  }
  if (problem)
    net_drop(packet, &host->node, NULL, rule, problem);
  else
    net_packet_free(packet);
}
