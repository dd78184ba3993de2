/* The host under test, and the link to the rest of the world.
 *
 * The remote side is a host only so that there is a NIC with an address; what
 * reaches it is dropped there, and what it "sends" is put on the wire. Both
 * NICs have a prefix of no bits: every address is a neighbour. Packets are
 * captured where the host sends them. */
#include "pkt_run.h"

#include <string.h>

#include "gate.h"
#include "host.h"
#include "record.h"

enum { PROTOCOL_IPV4 = 4, PROTOCOL_IPV6 = 41 }; /* RFC 2003, RFC 2473 */

static void swallow(void *user, NetPacket *packet, const NetIp *ip)
{
  (void)user;
  (void)ip;
  net_packet_free(packet);
}

/* The segment in a datagram. */
static void open_udp(PktSent *sent, NetPacket *packet)
{
  const uint8_t *at = packet->head + packet->l4;

  sent->in_udp = true;
  sent->udp_source = net_get16(at);
  sent->udp_destination = net_get16(at + 2);
  packet->l4 = sent->l4 = (uint16_t)(packet->l4 + NET_UDP_SIZE);
  sent->ip.protocol = NET_PROTOCOL_TCP;
  sent->ip.payload_length -= NET_UDP_SIZE;
}

static void capture(PktRun *it, const NetPacket *packet)
{
  PktSent *sent = g_new0(PktSent, 1);
  NetPacket *copy = net_packet_copy(packet, &it->owner);
  const char *reason;

  sent->time = it->run->sim->now;
  sent->rule = (TcpRule)packet->rule;
  memcpy(sent->head, packet->head, packet->head_length);
  sent->head_length = packet->head_length;
  sent->l4 = packet->l4;
  sent->payload = packet->payload.length;
  if (!net_ip_get(copy, &sent->ip, &reason))
    g_error("linger sent what nobody can read: %s", reason);
  if (sent->ip.protocol == NET_PROTOCOL_UDP && it->config.tcp_in_udp &&
      sent->head_length >= sent->l4 + NET_UDP_SIZE + TCP_HEADER_SIZE)
    open_udp(sent, copy);
  if (sent->ip.protocol == NET_PROTOCOL_TCP &&
      !tcp_segment_parse(copy, &sent->ip, &sent->segment, &reason))
    g_error("linger sent what nobody can read: %s", reason);
  if (sent->ip.protocol == NET_PROTOCOL_ICMP ||
      sent->ip.protocol == NET_PROTOCOL_ICMPV6) {
    sent->quoted_size =
        MIN(packet->payload.length, (uint32_t)sizeof sent->quoted);
    net_slice_copy((NetSlice){ packet->payload.buffer, packet->payload.offset,
                               sent->quoted_size },
                   sent->quoted);
  }
  sent->segment.payload = (NetSlice){ NULL, 0, 0 };
  sent->ae =
      sent->ip.protocol == NET_PROTOCOL_TCP && sent->head[sent->l4 + 12] & 1;
  net_packet_free(copy);
  *it->sent_end = sent;
  it->sent_end = &sent->next;
  if (it->capturing)
    sim_stop(it->run->sim);
}

static void decide(void *user, NetWire *wire, NetPacket *packet, NetFate *fate)
{
  PktRun *it = user;

  (void)wire;
  if (it->dropping) {
    fate->drop = true;
    fate->reason = "the script's queue holds no packets";
    return;
  }
  capture(it, packet);
}

static void ticked(Sim *sim, SimEvent *event)
{
  (void)sim;
  (void)event;
}

static void set_knobs(PktRun *it)
{
  const TcpProfile *profile = tcp_profile_find(it->profile);

  it->stack = tcp_stack_new(it->host, &profile->knobs);
}

bool pkt_world_build(PktRun *it, char **ret_problem)
{
  NetHostSpec quiet = { .no_icmp = true };
  NetWireSpec wire = { .mtu = it->config.mtu };
  Net *net = it->run->net;
  char problem[200] = "";

  net->family = it->config.version == PKT_IPV6 ? NET_IPV6 : NET_IPV4;
  it->host = net_host_new(net, "host", NULL);
  it->remote = net_host_new(net, "script", &quiet);
  it->link = net_link_new(net, NULL, net_host_node(it->host),
                          net_host_node(it->remote), &wire, &wire, NULL, NULL);
  net_host_set_address(it->host, it->link->wires[0].from, it->config.local, 0);
  net_host_set_address(it->remote, it->link->wires[1].from, it->config.remote,
                       0);
  if (!net_finish(net, problem, sizeof problem)) {
    *ret_problem = g_strdup(problem);
    return false;
  }
  set_knobs(it);
  net_host_register(it->remote, NET_PROTOCOL_TCP, swallow, NULL, it);
  net_host_register(it->remote, NET_PROTOCOL_UDP, swallow, NULL, it);
  net_wire_decide(&it->link->wires[0], decide, it, NULL);
  sim_owner_init(&it->owner, it->run->sim, "script clock");
  sim_event_init(&it->tick, ticked);
  it->sent_end = &it->sent;
  return true;
}

void pkt_world_clear(PktRun *it)
{
  PktSent *sent;

  while ((sent = pkt_world_take(it)))
    g_free(sent);
}

PktSent *pkt_world_take(PktRun *it)
{
  PktSent *sent = it->sent;

  if (!sent)
    return NULL;
  it->sent = sent->next;
  if (!it->sent)
    it->sent_end = &it->sent;
  return sent;
}

/* The innermost of the headers around a datagram is put first. */
static void put_outer(NetPacket *packet, NetIp *ip, const PktOuter *outer)
{
  bool ipv4 = net_address_is_ipv4(ip->destination);
  uint16_t size = (uint16_t)net_ip_size(outer->destination);

  memmove(packet->head + packet->l3 + size, packet->head + packet->l3,
          (size_t)(packet->head_length - packet->l3));
  packet->head_length = (uint16_t)(packet->head_length + size);
  packet->l4 = (uint16_t)(packet->l3 + size);
  *ip = (NetIp){ .source = outer->source,
                 .destination = outer->destination,
                 .protocol = ipv4 ? PROTOCOL_IPV4 : PROTOCOL_IPV6,
                 .ttl = outer->ttl ? outer->ttl : 255,
                 .tos = outer->tos,
                 .dont_fragment = true,
                 .payload_length = net_packet_length(packet) - packet->l4 };
  net_ip_put(packet, ip, 0);
}

static void put_outers(NetPacket *packet, NetIp *ip, const PktOuter *outer)
{
  if (!outer)
    return;
  put_outers(packet, ip, outer->next);
  put_outer(packet, ip, outer);
}

void pkt_world_put(PktRun *it, const PktPacket *from, NetPacket *packet,
                   NetIp *ip)
{
  NetWire *wire = &it->link->wires[1];
  bool ipv4;

  ip->payload_length = net_packet_length(packet) - packet->l4;
  net_ip_put(packet, ip, 0);
  put_outers(packet, ip, from->outer);
  ipv4 = net_address_is_ipv4(ip->destination);
  net_ethernet_put(packet, &wire->to->mac, &wire->from->mac,
                   ipv4 ? NET_ETHERTYPE_IPV4 : NET_ETHERTYPE_IPV6);
  packet->flags |= NET_PACKET_INJECTED;
  net_wire_put(wire, packet);
}
