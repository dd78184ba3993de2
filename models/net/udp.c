/* UDP (RFC 768), enough for a datagram to be sent, counted, or answered by
 * port unreachable. */
#include "host_private.h"

typedef struct NetUdpPort {
  uint16_t port;
  NetInputFunc input; /* NULL: what comes is counted */
  NetErrorFunc error;
  void *user;
} NetUdpPort;

static NetUdpPort *find(const NetHost *host, uint16_t port)
{
  for (guint i = 0; host->udp_ports && i < host->udp_ports->len; i++)
    if (g_array_index(host->udp_ports, NetUdpPort, i).port == port)
      return &g_array_index(host->udp_ports, NetUdpPort, i);
  return NULL;
}

bool net_host_open_udp(NetHost *host, uint16_t port, NetInputFunc input,
                       NetErrorFunc error, void *user)
{
  NetUdpPort row = { port, input, error, user };

  if (find(host, port))
    return false;
  if (!host->udp_ports)
    host->udp_ports = g_array_new(FALSE, FALSE, sizeof row);
  g_array_append_val(host->udp_ports, row);
  return true;
}

void net_host_close_udp(NetHost *host, uint16_t port)
{
  NetUdpPort *row = find(host, port);

  if (row)
    g_array_remove_index(
        host->udp_ports,
        (guint)(row - (NetUdpPort *)(void *)host->udp_ports->data));
}

void net_host_listen_udp(NetHost *host, uint16_t port)
{
  net_host_open_udp(host, port, NULL, NULL, NULL);
}

uint64_t net_host_udp_received(const NetHost *host)
{
  return host->udp_received;
}

void net_host_send_udp_as(NetHost *host, const NetIp *ip, uint16_t from_port,
                          uint16_t to_port, NetSlice payload)
{
  NetPacket *packet = net_packet_new(host->node.net, &host->node.owner);
  NetPath *path = net_host_way(host, ip->destination);
  uint8_t *at = packet->head + NET_ETHERNET_SIZE + net_ip_size(ip->destination);
  NetIp sent = *ip;
  uint16_t sum;

  if (net_address_is_any(sent.source))
    sent.source = path->source;
  sent.protocol = NET_PROTOCOL_UDP;
  packet->l3 = NET_ETHERNET_SIZE;
  packet->l4 = (uint16_t)(at - packet->head);
  packet->head_length = (uint16_t)(packet->l4 + NET_UDP_SIZE);
  packet->payload = payload;
  net_put16(at, from_port);
  net_put16(at + 2, to_port);
  net_put16(at + 4, (uint16_t)(NET_UDP_SIZE + payload.length));
  net_put16(at + 6, 0);
  sum = net_transport_sum(packet, &sent);
  net_put16(at + 6, sum ? sum : 0xffff);
  net_host_send(host, packet, &sent, path);
}

void net_host_send_udp(NetHost *host, NetAddress to, uint16_t from_port,
                       uint16_t to_port, NetSlice payload)
{
  NetIp ip = { .source = NET_ADDRESS_ANY, .destination = to };

  net_host_send_udp_as(host, &ip, from_port, to_port, payload);
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
  const NetUdpPort *port = find(user, net_get16(l4));

  if (ipv4 && type == NET_ICMP_UNREACHABLE &&
      code == NET_UNREACHABLE_FRAGMENTATION)
    net_host_too_big(user, quoted->destination, rest & 0xffff,
                     quoted->payload_length + NET_IPV4_SIZE);
  else if (!ipv4 && type == NET_ICMPV6_TOO_BIG)
    net_host_too_big(user, quoted->destination, rest, 0);
  if (port && port->error)
    port->error(port->user, type, code, rest, quoted, l4, l4_size);
}

void net_udp_input(void *user, NetPacket *packet, const NetIp *ip)
{
  NetHost *host = user;
  const char *problem = udp_problem(packet, ip);
  const NetUdpPort *port =
      problem ? NULL : find(host, net_get16(packet->head + packet->l4 + 2));

  if (problem) {
    net_drop(packet, &host->node, NULL, "udp-malformed", problem);
  } else if (port) {
    host->udp_received++;
    if (port->input)
      port->input(port->user, packet, ip);
    else
      net_packet_free(packet);
  } else {
    net_icmp_error(host, packet, NET_ICMP_UNREACHABLE, NET_UNREACHABLE_PORT, 0);
    net_drop(packet, &host->node, NULL, "udp-port",
             "no one listens on this UDP port");
  }
}
