/* A host's IPv4: datagrams in, up, through and out.
 *
 *   NIC -> receive -> ours? ----> fragment? -> protocol
 *                     |  forwarding: TTL, way, MTU -> transmit
 *   protocol -> net_host_send -> header -> transmit -> ARP -> NIC
 *                     |  to itself: an event, then up
 *
 * A land packet (source = destination = ours) goes up like any other: what
 * to make of it is the protocol's business.
 */
#include "host_private.h"

#include <assert.h>

#include "units.h"

#define LOOPBACK_MTU 65535

static NetHost *host_of(NetNode *node)
{
  return SIM_CONTAINER(node, NetHost, node);
}

static Sim *host_sim(const NetHost *host)
{
  return host->node.net->sim;
}

static void drop(NetHost *host, const NetNic *nic, NetPacket *packet,
                 const char *rule, const char *reason)
{
  net_drop(packet, &host->node, nic, rule, reason);
}

static const NetProtocol *find_protocol(const NetHost *host, uint8_t number)
{
  for (unsigned i = 0; i < host->protocol_count; i++)
    if (host->protocols[i].number == number)
      return &host->protocols[i];
  return NULL;
}

/* `nic` is NULL for what the host sent to itself. */
static void deliver(NetHost *host, NetNic *nic, NetPacket *packet,
                    const NetIp *ip)
{
  const NetProtocol *protocol = find_protocol(host, ip->protocol);
  NetTracePacket record = { .packet = packet, .node = &host->node, .nic = nic };

  if (net_ipv4_fragment(packet) & NET_IPV4_FRAGMENT) {
    drop(host, nic, packet, "ip-fragment",
         "it is a fragment, and fragments are not put together");
    return;
  }
  if (!protocol) {
    net_icmp_error(host, packet, NET_ICMP_UNREACHABLE, NET_UNREACHABLE_PROTOCOL,
                   0);
    drop(host, nic, packet, "ip-protocol",
         "the host does not speak this protocol");
    return;
  }
  if (sim_tracing(host_sim(host), NET_TRACE_DELIVERED))
    sim_trace_emit(host_sim(host), NET_TRACE_DELIVERED, &record);
  protocol->input(protocol->user, packet, ip);
}

/* RFC 1812 5.2 and 5.3: what a router does with what is not for it. */
static void forward(NetHost *host, NetNic *nic, NetPacket *packet,
                    const NetIp *ip, NetPath *path)
{
  if (ip->ttl <= 1) {
    net_icmp_error(host, packet, NET_ICMP_TIME_EXCEEDED, 0, 0);
    drop(host, nic, packet, "ip-ttl", "its time to live ran out");
    return;
  }
  if (!path->nic) {
    net_icmp_error(host, packet, NET_ICMP_UNREACHABLE, NET_UNREACHABLE_NET, 0);
    drop(host, nic, packet, "ip-no-route", "the router knows no way there");
    return;
  }
  if (net_packet_length(packet) - packet->l3 > path->nic->mtu) {
    if (ip->dont_fragment)
      net_icmp_error(host, packet, NET_ICMP_UNREACHABLE,
                     NET_UNREACHABLE_FRAGMENTATION, path->nic->mtu);
    drop(host, nic, packet, "ip-too-big",
         "it is larger than the next link's MTU, and nobody fragments");
    return;
  }
  net_ipv4_age(packet);
  net_host_transmit(host, packet, path);
}

/* RFC 1122 3.2.1.3: addresses that may not be a source on a link. */
static bool martian_source(const NetNic *nic, NetAddress source)
{
  uint32_t number = net_address_to_ipv4(source);

  return number >> 28 >= 0xe || number >> 24 == 127 || number >> 24 == 0 ||
         net_host_is_broadcast(nic, source);
}

static void receive_ipv4(NetHost *host, NetNic *nic, NetPacket *packet)
{
  const char *problem;
  NetPath *path;
  NetIp ip;

  packet->l3 = NET_ETHERNET_SIZE;
  if (!net_ip_get(packet, &ip, &problem)) {
    drop(host, nic, packet, "ip-malformed", problem);
    return;
  }
  if (martian_source(nic, ip.source)) {
    drop(host, nic, packet, "ip-martian-source",
         "its source is an address that nobody can have");
    return;
  }
  if (net_address_equal(ip.destination, nic->address)) {
    deliver(host, nic, packet, &ip);
    return;
  }
  path = net_host_way(host, ip.destination);
  if (path->local || path->broadcast)
    deliver(host, nic, packet, &ip);
  else if (net_address_to_ipv4(ip.destination) >> 28 >= 0xe)
    drop(host, nic, packet, "ip-multicast",
         "it is for a multicast group that nobody joined");
  else if (host->spec.forwarding && !net_mac_is_group(packet->head))
    forward(host, nic, packet, &ip, path);
  else
    drop(host, nic, packet, "ip-not-ours", "it is for another host");
}

static void host_receive(NetNode *node, NetNic *nic, NetPacket *packet)
{
  NetHost *host = host_of(node);

  if (nic->spec.promiscuous && !net_mac_is_group(packet->head) &&
      !net_mac_equal(packet->head, nic->mac.bytes)) {
    drop(host, nic, packet, "nic-not-for-us",
         "the frame is for another station");
    return;
  }
  switch (net_get16(packet->head + 12)) {
  case NET_ETHERTYPE_IPV4:
    receive_ipv4(host, nic, packet);
    break;
  case NET_ETHERTYPE_ARP:
    net_arp_input(host, nic, packet);
    break;
  default:
    drop(host, nic, packet, "ethernet-type",
         "the host does not speak this Ethernet type");
  }
}

static void looped(Sim *sim, SimEvent *event)
{
  NetHost *host = SIM_CONTAINER(event, NetHost, looped);
  NetPacket *packet = host->looped_first;
  const char *problem;
  NetIp ip;

  host->looped_first = packet->next;
  if (host->looped_first)
    sim_schedule(sim, event, &host->node.owner, sim->now);
  else
    host->looped_last = NULL;
  if (net_ip_get(packet, &ip, &problem))
    deliver(host, NULL, packet, &ip);
  else
    drop(host, NULL, packet, "ip-malformed", problem);
}

static void loop_back(NetHost *host, NetPacket *packet)
{
  packet->next = NULL;
  if (host->looped_last)
    host->looped_last->next = packet;
  else
    host->looped_first = packet;
  host->looped_last = packet;
  if (!sim_event_pending(&host->looped))
    sim_schedule(host_sim(host), &host->looped, &host->node.owner,
                 host_sim(host)->now);
}

void net_host_transmit(NetHost *host, NetPacket *packet, NetPath *path)
{
  static const NetMac none;

  if (path->local) {
    net_ethernet_put(packet, &none, &none, NET_ETHERTYPE_IPV4);
    loop_back(host, packet);
  } else if (path->resolved || net_arp_resolve(host, path)) {
    net_ethernet_put(packet, &path->mac, &path->nic->mac, NET_ETHERTYPE_IPV4);
    net_nic_send(path->nic, packet);
  } else {
    net_ethernet_put(packet, &none, &path->nic->mac, NET_ETHERTYPE_IPV4);
    net_arp_wait(host, packet, path);
  }
}

void net_host_send(NetHost *host, NetPacket *packet, const NetIp *ip,
                   NetPath *path)
{
  NetIp header = *ip;
  uint32_t size;

  assert(packet->l3 == NET_ETHERNET_SIZE &&
         packet->l4 == NET_ETHERNET_SIZE + NET_IPV4_SIZE);
  if (!path)
    path = net_host_way(host, ip->destination);
  else if (path->generation != host->generation)
    net_host_path(host, ip->destination, path);
  size = net_packet_length(packet) - NET_ETHERNET_SIZE;
  header.payload_length = size - NET_IPV4_SIZE;
  header.source = net_address_is_any(ip->source) ? path->source : ip->source;
  header.ttl = ip->ttl ? ip->ttl : host->spec.ttl;
  net_ipv4_put(packet, &header, host->ip_id++);
  if (!(packet->flags & (NET_PACKET_INJECTED | NET_PACKET_DAMAGED)))
    packet->flags |= NET_PACKET_CHECKED;
  if (!path->nic) {
    drop(host, NULL, packet, "ip-no-route", "the host knows no way there");
  } else if (size > net_host_mtu(path)) {
    drop(host, path->nic, packet, "ip-too-big",
         "it is larger than the link's MTU, and nobody fragments");
  } else {
    net_host_transmit(host, packet, path);
  }
}

uint32_t net_host_mtu(const NetPath *path)
{
  if (!path->nic)
    return 0;
  return path->local ? LOOPBACK_MTU : path->nic->mtu;
}

static void host_free(NetNode *node)
{
  NetHost *host = host_of(node);

  net_arp_clear(host);
  net_packet_free_list(host->looped_first);
  if (host->udp_ports)
    g_array_free(host->udp_ports, TRUE);
  g_free(host->routes);
  g_free(host->cache);
  net_node_clear(node);
  g_free(host);
}

NetHost *net_host_new(Net *net, const char *name, const NetHostSpec *spec)
{
  NetHost *host = g_new0(NetHost, 1);

  if (spec)
    host->spec = *spec;
  if (host->spec.ttl == 0)
    host->spec.ttl = 64;
  host->generation = 1;
  host->node.receive = host_receive;
  host->node.free = host_free;
  host->node.nic_spec = host->spec.nic;
  net_node_init(&host->node, net, host->spec.forwarding ? NET_ROUTER : NET_HOST,
                name);
  sim_event_init(&host->looped, looped);
  net_host_register(host, NET_PROTOCOL_ICMP, net_icmp_input, NULL, host);
  net_host_register(host, NET_PROTOCOL_UDP, net_udp_input, NULL, host);
  return host;
}

NetHost *net_host_of(NetNode *node)
{
  return node->kind == NET_SWITCH ? NULL : host_of(node);
}

NetNode *net_host_node(NetHost *host)
{
  return &host->node;
}

const NetHostSpec *net_host_spec(const NetHost *host)
{
  return &host->spec;
}

void net_host_register(NetHost *host, uint8_t protocol, NetInputFunc input,
                       NetErrorFunc error, void *user)
{
  unsigned slot = 0;

  while (slot < host->protocol_count &&
         host->protocols[slot].number != protocol)
    slot++;
  assert(slot < NET_PROTOCOLS_MAX);
  if (slot == host->protocol_count)
    host->protocol_count++;
  host->protocols[slot] = (NetProtocol){ input, error, user, protocol };
}

void *net_host_protocol(const NetHost *host, uint8_t protocol)
{
  const NetProtocol *found = find_protocol(host, protocol);

  return found ? found->user : NULL;
}
