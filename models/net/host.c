/* A host's IPv4 and IPv6: datagrams in, up, through and out.
 *
 *   NIC -> receive -> ours? ----> reassembly -> protocol
 *                     |  forwarding: TTL, way, MTU -> transmit
 *   protocol -> net_host_send -> header -> transmit -> neighbour -> NIC
 *                     |  to itself: an event, then up
 *
 * A land packet (source = destination = ours) goes up like any other: what
 * to make of it is the protocol's business.
 */
#include "host_private.h"

#include <assert.h>

#include "units.h"

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

/* ICMP goes with IPv4, ICMPv6 with IPv6. */
static const NetProtocol *protocol_of(const NetHost *host, const NetIp *ip)
{
  bool ipv4 = net_address_is_ipv4(ip->destination);

  if (ip->protocol == (ipv4 ? NET_PROTOCOL_ICMPV6 : NET_PROTOCOL_ICMP))
    return NULL;
  return find_protocol(host, ip->protocol);
}

/* What a destination must refuse because of its extension headers: true if
 * the packet is gone. */
static bool refuse_extensions(NetHost *host, NetNic *nic, NetPacket *packet)
{
  NetIpv6Chain chain;

  net_ipv6_walk(packet->head + packet->l3, (uint32_t)(packet->l4 - packet->l3),
                &chain);
  if (!chain.refused)
    return false;
  if (!chain.silent)
    net_icmp6_error(host, packet, NET_ICMPV6_PARAMETER_PROBLEM, chain.code,
                    chain.pointer);
  drop(host, nic, packet, "ipv6-extension", chain.refused);
  return true;
}

/* `nic` is NULL for what the host sent to itself. */
static void deliver(NetHost *host, NetNic *nic, NetPacket *packet, NetIp *ip)
{
  const NetProtocol *protocol = protocol_of(host, ip);
  NetTracePacket record = { .packet = packet, .node = &host->node, .nic = nic };

  if (packet->l4 - packet->l3 > NET_IPV6_SIZE && net_packet_is_ipv6(packet) &&
      refuse_extensions(host, nic, packet))
    return;
  if (net_ip_is_fragment(ip)) {
    packet = net_reassembly_input(host, nic, packet, ip);
    if (packet)
      deliver(host, nic, packet, ip);
    return;
  }
  if (nic &&
      !net_boxes_pass(&(NetCrossing){ NET_POINT_IN, &host->node, nic, NULL },
                      packet, ip))
    return;
  if (!protocol) {
    net_icmp_error(host, packet, NET_ICMP_UNREACHABLE, NET_UNREACHABLE_PROTOCOL,
                   0);
    drop(host, nic, packet, "ip-protocol",
         "the host does not speak this protocol");
    return;
  }
  if (sim_tracing(host_sim(host), NET_TRACE_DELIVERED))
    sim_trace_emit(host_sim(host), NET_TRACE_DELIVERED, &record);
  host->input = nic;
  protocol->input(protocol->user, packet, ip);
}

/* Boxes are asked last, so that an error about the datagram quotes it as it
 * came. */
static void forward_passed(NetHost *host, NetNic *nic, NetPacket *packet,
                           NetIp *ip, NetPath *path, bool fits)
{
  const NetCrossing at = { NET_POINT_FORWARD, &host->node, nic, path->nic };

  if (!net_boxes_pass(&at, packet, ip))
    return;
  packet->flags &= (uint8_t)~NET_PACKET_JOINED;
  net_ip_age(packet);
  if (fits)
    net_host_transmit(host, packet, path);
  else
    net_fragment_send(host, packet, path, path->nic->mtu);
}

/* RFC 1812 5.2 and 5.3: what a router does with what is not for it. */
static void forward(NetHost *host, NetNic *nic, NetPacket *packet, NetIp *ip,
                    NetPath *path)
{
  bool may_cut = packet->flags & NET_PACKET_JOINED ||
                 (!ip->dont_fragment && !net_packet_is_ipv6(packet));

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
  if (net_packet_length(packet) - packet->l3 <= path->nic->mtu) {
    forward_passed(host, nic, packet, ip, path, true);
  } else if (may_cut) {
    forward_passed(host, nic, packet, ip, path, false);
  } else {
    net_icmp_error(host, packet, NET_ICMP_UNREACHABLE,
                   NET_UNREACHABLE_FRAGMENTATION, path->nic->mtu);
    drop(host, nic, packet, "ip-too-big",
         "it is larger than the next link's MTU and may not be fragmented");
  }
}

/* RFC 1122 3.2.1.3, RFC 4291 2.5.3, 2.7: addresses that may not be a source
 * on a link; IPv6 carries no address of IPv4's. The unspecified one is for
 * duplicate address detection. */
static bool martian_source(const NetNic *nic, NetAddress source, bool ipv6)
{
  uint32_t number = net_address_to_ipv4(source);

  if (ipv6)
    return net_address_is_multicast(source) ||
           net_address_is_loopback(source) || net_address_is_ipv4(source);
  return number >> 28 >= 0xe || number >> 24 == 127 || number >> 24 == 0 ||
         net_host_is_broadcast(nic, source);
}

/* Multicast, and IPv4's class E, which nobody has. */
static bool is_group(NetAddress address, bool ipv6)
{
  return ipv6 ? net_address_is_multicast(address)
              : net_address_to_ipv4(address) >> 28 >= 0xe;
}

/* It is for none of the NIC's own addresses. */
static void receive_other(NetHost *host, NetNic *nic, NetPacket *packet,
                          NetIp *ip, bool ipv6)
{
  NetPath *path = net_host_way(host, ip->destination);

  if (path->local || path->broadcast ||
      (ipv6 && net_host_joined(host, ip->destination)))
    deliver(host, nic, packet, ip);
  else if (is_group(ip->destination, ipv6))
    drop(host, nic, packet, "ip-multicast",
         "it is for a multicast group that nobody joined");
  else if (host->spec.forwarding && !net_mac_is_group(packet->head) &&
           !net_address_is_any(ip->source))
    forward(host, nic, packet, ip, path);
  else
    drop(host, nic, packet, "ip-not-ours", "it is for another host");
}

static void receive_right(NetHost *host, NetNic *nic, NetPacket *packet,
                          NetIp *ip, bool ipv6)
{
  if (net_address_equal(ip->destination, ipv6 ? nic->address6 : nic->address))
    deliver(host, nic, packet, ip);
  else
    receive_other(host, nic, packet, ip, ipv6);
}

/* Boxes of a router see whole datagrams, and may send them elsewhere. */
static void receive_boxed(NetHost *host, NetNic *nic, NetPacket *packet,
                          NetIp *ip, bool ipv6)
{
  const NetCrossing at = { NET_POINT_ARRIVING, &host->node, nic, NULL };

  if (host->spec.forwarding && net_ip_is_fragment(ip)) {
    packet = net_reassembly_input(host, nic, packet, ip);
    if (!packet)
      return;
    packet->flags |= NET_PACKET_JOINED;
  }
  if (net_boxes_pass(&at, packet, ip))
    receive_right(host, nic, packet, ip, ipv6);
}

static void receive_ip(NetHost *host, NetNic *nic, NetPacket *packet, bool ipv6)
{
  const char *problem;
  NetIp ip;

  packet->l3 = NET_ETHERNET_SIZE;
  if (!net_ip_get(packet, &ip, &problem))
    drop(host, nic, packet, "ip-malformed", problem);
  else if (martian_source(nic, ip.source, ipv6))
    drop(host, nic, packet, "ip-martian-source",
         "its source is an address that nobody can have");
  else if (ipv6 && net_address_is_ipv4(ip.destination))
    drop(host, nic, packet, "ip-not-ours", "it is for an address of IPv4's");
  else if (host->node.boxes)
    receive_boxed(host, nic, packet, &ip, ipv6);
  else
    receive_right(host, nic, packet, &ip, ipv6);
}

static void host_receive(NetNode *node, NetNic *nic, NetPacket *packet)
{
  NetHost *host = host_of(node);
  uint16_t type = net_get16(packet->head + 12);

  if (nic->spec.promiscuous && !net_mac_is_group(packet->head) &&
      !net_mac_equal(packet->head, nic->mac.bytes)) {
    drop(host, nic, packet, "nic-not-for-us",
         "the frame is for another station");
    return;
  }
  if (type == NET_ETHERTYPE_IPV4 || type == NET_ETHERTYPE_IPV6)
    receive_ip(host, nic, packet, type == NET_ETHERTYPE_IPV6);
  else if (type == NET_ETHERTYPE_ARP)
    net_arp_input(host, nic, packet);
  else
    drop(host, nic, packet, "ethernet-type",
         "the host does not speak this Ethernet type");
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
  uint16_t type = packet->head[packet->l3] >> 4 == 6 ? NET_ETHERTYPE_IPV6
                                                     : NET_ETHERTYPE_IPV4;

  if (path->local) {
    net_ethernet_put(packet, &none, &none, type);
    loop_back(host, packet);
  } else if (path->resolved || net_neighbour_resolve(host, path)) {
    net_ethernet_put(packet, &path->mac, &path->nic->mac, type);
    net_nic_send(path->nic, packet);
  } else {
    net_ethernet_put(packet, &none, &path->nic->mac, type);
    net_neighbour_wait(host, packet, path);
  }
}

/* Whole, in fragments, or not at all. */
static void send_sized(NetHost *host, NetPacket *packet, const NetIp *ip,
                       NetPath *path)
{
  uint32_t size = net_packet_length(packet) - NET_ETHERNET_SIZE;

  if (size <= path->mtu) {
    net_host_transmit(host, packet, path);
  } else if (ip->dont_fragment || path->local) {
    drop(host, path->nic, packet, "ip-too-big",
         "it is larger than the path's MTU and may not be fragmented");
  } else {
    net_ethernet_put(packet, &path->mac, &path->nic->mac,
                     net_address_is_ipv4(ip->destination) ? NET_ETHERTYPE_IPV4
                                                          : NET_ETHERTYPE_IPV6);
    net_fragment_send(host, packet, path, path->mtu);
  }
}

void net_host_deliver(NetHost *host, NetNic *nic, NetPacket *packet, NetIp *ip)
{
  deliver(host, nic, packet, ip);
}

void net_host_send(NetHost *host, NetPacket *packet, const NetIp *ip,
                   NetPath *path)
{
  NetIp header = *ip;
  uint16_t headers = net_ip_size(ip->destination);

  assert(packet->l3 == NET_ETHERNET_SIZE &&
         packet->l4 == NET_ETHERNET_SIZE + headers);
  if (!path)
    path = net_host_way(host, ip->destination);
  else if (path->generation != host->generation)
    net_host_path(host, ip->destination, path);
  header.payload_length =
      net_packet_length(packet) - NET_ETHERNET_SIZE - headers;
  header.source = net_address_is_any(ip->source) ? path->source : ip->source;
  header.ttl = ip->ttl ? ip->ttl : host->spec.ttl;
  header.dont_fragment = ip->dont_fragment && !path->fragments;
  if (headers == NET_IPV4_SIZE)
    net_ipv4_put(packet, &header, host->ip_id++);
  else
    net_ip_put(packet, &header, 0);
  if (!(packet->flags & (NET_PACKET_INJECTED | NET_PACKET_DAMAGED)))
    packet->flags |= NET_PACKET_CHECKED;
  if (!path->nic)
    drop(host, NULL, packet, "ip-no-route", "the host knows no way there");
  else if (path->local || !host->node.boxes ||
           net_boxes_pass(
               &(NetCrossing){ NET_POINT_OUT, &host->node, NULL, path->nic },
               packet, &header))
    send_sized(host, packet, &header, path);
}

uint32_t net_host_mtu(const NetPath *path)
{
  return path->mtu;
}

/* What a host only knows while it runs. */
static void forget(NetHost *host)
{
  net_neighbour_clear(host);
  net_reassembly_clear(host);
  net_host_forget_mtus(host);
  net_packet_free_list(host->looped_first);
  host->looped_first = host->looped_last = NULL;
}

static void set_down(NetHost *host, bool down)
{
  host->down = down;
  for (NetNic *nic = host->node.nics; nic; nic = nic->next)
    net_nic_set_down(nic, down);
  net_host_changed(host);
}

void net_host_crash(NetHost *host)
{
  set_down(host, true);
  forget(host);
  net_node_forget_boxes(&host->node);
  sim_cancel(host_sim(host), &host->looped);
  host->ip_id = 0;
}

void net_host_boot(NetHost *host)
{
  set_down(host, false);
}

bool net_host_is_down(const NetHost *host)
{
  return host->down;
}

static void host_free(NetNode *node)
{
  NetHost *host = host_of(node);

  forget(host);
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
  net_host_register(host, NET_PROTOCOL_ICMPV6, net_icmp6_input, NULL, host);
  net_host_register(host, NET_PROTOCOL_UDP, net_udp_input, net_udp_error, host);
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
