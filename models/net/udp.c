/* UDP (RFC 768), enough for a datagram to be sent, counted, or answered by
 * port unreachable. */
#include "host_private.h"

void net_host_listen_udp(NetHost *host, uint16_t port)
{
  if (!host->udp_ports)
    host->udp_ports = g_array_new(FALSE, FALSE, sizeof port);
  g_array_append_val(host->udp_ports, port);
}

uint64_t net_host_udp_received(const NetHost *host)
{
  return host->udp_received;
}

static bool listens(const NetHost *host, uint16_t port)
{
  if (!host->udp_ports)
    return false;
  for (guint i = 0; i < host->udp_ports->len; i++)
    if (g_array_index(host->udp_ports, uint16_t, i) == port)
      return true;
  return false;
}

void net_host_send_udp(NetHost *host, NetAddress to, uint16_t from_port,
                       uint16_t to_port, NetSlice payload)
{
  NetPacket *packet = net_packet_new(host->node.net, &host->node.owner);
  NetPath *path = net_host_way(host, to);
  uint8_t *at = packet->head + NET_ETHERNET_SIZE + net_ip_size(to);
  NetIp ip = { .source = path->source,
               .destination = to,
               .protocol = NET_PROTOCOL_UDP };
  uint16_t sum;

  packet->l3 = NET_ETHERNET_SIZE;
  packet->l4 = (uint16_t)(NET_ETHERNET_SIZE + net_ip_size(to));
  packet->head_length = (uint16_t)(packet->l4 + NET_UDP_SIZE);
  packet->payload = payload;
  net_put16(at, from_port);
  net_put16(at + 2, to_port);
  net_put16(at + 4, (uint16_t)(NET_UDP_SIZE + payload.length));
  net_put16(at + 6, 0);
  sum = net_transport_sum(packet, &ip);
  net_put16(at + 6, sum ? sum : 0xffff);
  net_host_send(host, packet, &ip, path);
}

static const char *udp_problem(const NetPacket *packet, const NetIp *ip)
{
  const uint8_t *at = packet->head + packet->l4;

  if (ip->payload_length < NET_UDP_SIZE ||
      packet->head_length < packet->l4 + NET_UDP_SIZE)
    return "the datagram is too short for a UDP header";
  if (net_get16(at + 4) != ip->payload_length)
    return "the UDP length is not the datagram's";
  if (!(packet->flags & NET_PACKET_CHECKED) &&
      net_transport_check(packet, ip) == NET_CHECK_BAD)
    return "the UDP checksum is wrong";
  return NULL;
}

void net_udp_error(void *user, uint8_t type, uint8_t code, uint32_t rest,
                   const NetIp *quoted, const uint8_t *l4, uint32_t l4_size)
{
  bool ipv4 = net_address_is_ipv4(quoted->source);

  (void)l4;
  (void)l4_size;
  if (ipv4 && type == NET_ICMP_UNREACHABLE &&
      code == NET_UNREACHABLE_FRAGMENTATION)
    net_host_too_big(user, quoted->destination, rest & 0xffff,
                     quoted->payload_length + NET_IPV4_SIZE);
  else if (!ipv4 && type == NET_ICMPV6_TOO_BIG)
    net_host_too_big(user, quoted->destination, rest, 0);
}

void net_udp_input(void *user, NetPacket *packet, const NetIp *ip)
{
  NetHost *host = user;
  const char *problem = udp_problem(packet, ip);

  if (problem) {
    net_drop(packet, &host->node, NULL, "udp-malformed", problem);
  } else if (listens(host, net_get16(packet->head + packet->l4 + 2))) {
    host->udp_received++;
    net_packet_free(packet);
  } else {
    net_icmp_error(host, packet, NET_ICMP_UNREACHABLE, NET_UNREACHABLE_PORT, 0);
    net_drop(packet, &host->node, NULL, "udp-port",
             "no one listens on this UDP port");
  }
}
