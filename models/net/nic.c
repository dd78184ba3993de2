/* NICs: the transmitter and its ring, the receive ring and its filters.
 *
 *   net_nic_send -> idle? ---------> transmit() -> out
 *                   busy -> [ring] -> event at busy_until -> transmit()
 *
 * Invariant: the transmit ring is empty or `transmitted` is pending; the
 * receive ring is empty or `served` is pending.
 */
#include "node.h"

#include <assert.h>
#include <stdio.h>

#include <glib.h>

#include "qdisc.h"
#include "units.h"

static Sim *nic_sim(const NetNic *nic)
{
  return nic->node->net->sim;
}

static void trace(const NetNic *nic, const NetPacket *packet, unsigned kind)
{
  NetTracePacket record = { .packet = packet, .node = nic->node, .nic = nic };

  if (sim_tracing(nic_sim(nic), kind))
    sim_trace_emit(nic_sim(nic), kind, &record);
}

void net_nic_sent(NetNic *nic, NetPacket *packet)
{
  Sim *sim = nic_sim(nic);

  nic->node->net->hops++;
  nic->counters.sent_packets++;
  nic->counters.sent_bytes += net_packet_length(packet);
  sim_note(sim, &nic->node->owner, net_packet_hash(packet) + nic->number);
  trace(nic, packet, NET_TRACE_SENT);
}

static SimTime transmission_time(NetNic *nic, uint32_t size)
{
  if (nic->rate == 0)
    return 0;
  if (size != nic->timed_size) {
    nic->timed_size = size;
    nic->timed_span = sim_transmission_time(size, nic->rate);
  }
  return nic->timed_span;
}

static void transmit(NetNic *nic, NetPacket *packet)
{
  SimTime span = transmission_time(nic, net_packet_length(packet));

  packet->due = nic->busy_until = sim_time_add(nic_sim(nic)->now, span);
  net_nic_sent(nic, packet);
  net_accept(nic->out, packet);
}

/* The discipline's next, if there is one, at the earliest time. */
static void transmit_next(NetNic *nic)
{
  Sim *sim = nic_sim(nic);
  NetPacket *packet;

  if (sim_event_pending(&nic->transmitted))
    return;
  if (sim->now < nic->busy_until) {
    sim_schedule(sim, &nic->transmitted, &nic->node->owner, nic->busy_until);
    return;
  }
  packet = net_qdisc_take(nic->qdisc);
  if (!packet)
    return;
  if (net_qdisc_waiting(nic->qdisc) > 0)
    sim_schedule(sim, &nic->transmitted, &nic->node->owner,
                 sim_time_add(sim->now, transmission_time(
                                            nic, net_packet_length(packet))));
  transmit(nic, packet);
}

/* The event before the packet: what transmit() sets off may send again. */
static void transmitted(Sim *sim, SimEvent *event)
{
  NetNic *nic = SIM_CONTAINER(event, NetNic, transmitted);
  NetPacket *packet = net_ring_take(&nic->transmit);
  SimTime span = transmission_time(nic, net_packet_length(packet));

  if (nic->transmit.count > 0)
    sim_schedule(sim, event, &nic->node->owner, sim_time_add(sim->now, span));
  transmit(nic, packet);
}

static void transmitted_from_queue(Sim *sim, SimEvent *event)
{
  (void)sim;
  transmit_next(SIM_CONTAINER(event, NetNic, transmitted));
}

static void send_by_exception(NetNic *nic, NetPacket *packet)
{
  if (nic->down) {
    net_drop(packet, nic->node, nic, "nic-down", "the NIC is down");
  } else if (!nic->out) {
    net_drop(packet, nic->node, nic, "nic-no-link",
             "the NIC is not connected to a link");
  } else {
    net_qdisc_put(nic->qdisc, packet);
    transmit_next(nic);
  }
}

/* One test for what most NICs are not. */
static void set_exception(NetNic *nic)
{
  nic->exception = nic->down || !nic->out || nic->qdisc;
}

void net_nic_set_qdisc(NetNic *nic, NetQdisc *qdisc)
{
  nic->qdisc = qdisc;
  nic->transmitted.fire = transmitted_from_queue;
  set_exception(nic);
}

void net_nic_send(NetNic *nic, NetPacket *packet)
{
  Sim *sim = nic_sim(nic);

  if (nic->exception) {
    send_by_exception(nic, packet);
  } else if (nic->transmit.count == 0 && sim->now >= nic->busy_until) {
    transmit(nic, packet);
  } else if (nic->transmit.count >= nic->transmit.limit) {
    nic->counters.transmit_drops++;
    net_drop(packet, nic->node, nic, "nic-transmit-ring",
             "the transmit ring was full");
  } else {
    net_ring_put(&nic->transmit, packet);
    if (nic->transmit.count == 1)
      sim_schedule(sim, &nic->transmitted, &nic->node->owner, nic->busy_until);
  }
}

static void hand(NetNic *nic, NetPacket *packet)
{
  trace(nic, packet, NET_TRACE_RECEIVED);
  nic->node->receive(nic->node, nic, packet);
}

static void served(Sim *sim, SimEvent *event)
{
  NetNic *nic = SIM_CONTAINER(event, NetNic, served);
  NetPacket *packet = net_ring_take(&nic->receive);

  if (nic->receive.count > 0)
    sim_schedule(sim, event, &nic->node->owner,
                 sim_time_add(sim->now, nic->spec.service));
  else
    nic->serves = nic->spec.service > 0;
  hand(nic, packet);
}

/* The first in the receive ring is being served; the limit counts those that
 * wait behind it. */
static void enqueue_received(NetNic *nic, NetPacket *packet)
{
  if (nic->receive.count > nic->receive.limit) {
    nic->counters.receive_drops++;
    net_drop(packet, nic->node, nic, "nic-receive-ring",
             "the receive ring was full");
    return;
  }
  net_ring_put(&nic->receive, packet);
  if (nic->receive.count == 1)
    sim_schedule(nic_sim(nic), &nic->served, &nic->node->owner,
                 sim_time_add(nic_sim(nic)->now, nic->spec.service));
}

/* False if the NIC found a bad checksum. A header that IP will refuse is not
 * the NIC's business. */
static bool offload_check(NetNic *nic, NetPacket *packet)
{
  const char *reason;
  uint16_t type = net_get16(packet->head + 12);
  NetChecked found;
  NetIp ip;

  if ((type != NET_ETHERTYPE_IPV4 && type != NET_ETHERTYPE_IPV6) ||
      !net_ip_get(packet, &ip, &reason))
    return true;
  found = net_transport_check(packet, &ip);
  if (found == NET_CHECK_GOOD)
    packet->flags |= NET_PACKET_CHECKED;
  return found != NET_CHECK_BAD || nic->spec.promiscuous;
}

static void nic_in(NetSink *sink, NetPacket *packet)
{
  NetNic *nic = SIM_CONTAINER(sink, NetNic, in);

  if (nic->down) {
    net_drop(packet, nic->node, nic, "nic-down", "the NIC is down");
    return;
  }
  if (packet->head_length < NET_ETHERNET_SIZE) {
    net_drop(packet, nic->node, nic, "nic-runt",
             "the frame is too short for an Ethernet header");
    return;
  }
  if (!net_mac_equal(packet->head, nic->mac.bytes) && !nic->spec.promiscuous &&
      !net_mac_is_group(packet->head)) {
    nic->counters.not_for_us++;
    net_drop(packet, nic->node, nic, "nic-not-for-us",
             "the frame is for another station");
    return;
  }
  nic->counters.received_packets++;
  nic->counters.received_bytes += net_packet_length(packet);
  if (!(packet->flags & NET_PACKET_CHECKED) && nic->node->kind == NET_HOST &&
      !nic->spec.no_checksum_offload && !offload_check(nic, packet)) {
    nic->counters.checksum_drops++;
    net_drop(packet, nic->node, nic, "nic-checksum",
             "the NIC found the TCP, UDP or ICMP checksum wrong");
    return;
  }
  if (nic->serves)
    enqueue_received(nic, packet);
  else
    hand(nic, packet);
}

/* Locally administered, with the node's and the NIC's numbers in them, so
 * that a reader of a capture can tell who is who. */
static NetMac nic_mac(const NetNic *nic)
{
  NetMac mac = { { 0x02, 0x00 } };

  net_put16(mac.bytes + 2, (uint16_t)(nic->node->number + 1));
  net_put16(mac.bytes + 4, (uint16_t)nic->number);
  return mac;
}

static uint32_t ring_limit(uint32_t wished)
{
  return wished ? wished : NET_RING_DEFAULT;
}

NetNic *net_nic_new(NetNode *node, const NetNicSpec *spec)
{
  NetNic *nic = g_new0(NetNic, 1);
  char name[16];

  nic->node = node;
  nic->number = node->nic_count++;
  snprintf(name, sizeof name, "eth%u", nic->number);
  nic->name = g_strdup(name);
  nic->in.accept = nic_in;
  nic->spec = spec ? *spec : node->nic_spec;
  if (node->kind == NET_SWITCH)
    nic->spec.promiscuous = true;
  nic->mac = nic_mac(nic);
  nic->mtu = 1500;
  nic->exception = true; /* until it has a link */
  net_ring_init(&nic->transmit, ring_limit(nic->spec.transmit_ring));
  net_ring_init(&nic->receive, ring_limit(nic->spec.receive_ring));
  sim_event_init(&nic->transmitted, transmitted);
  sim_event_init(&nic->served, served);
  nic->serves = nic->spec.service > 0;
  *node->nics_end = nic;
  node->nics_end = &nic->next;
  return nic;
}

void net_nic_set_service(NetNic *nic, SimTime service)
{
  nic->spec.service = service;
  nic->serves = service > 0 || nic->receive.count > 0;
}

void net_nic_attach(NetNic *nic, NetLink *link, NetNic *peer, NetSink *out)
{
  nic->link = link;
  nic->peer = peer;
  nic->out = out;
  set_exception(nic);
}

static const char down_rule[] = "nic-down";
static const char down_reason[] = "the NIC went down";

static void ring_drop(NetNic *nic, NetRing *ring)
{
  while (ring->count > 0)
    net_drop(net_ring_take(ring), nic->node, nic, down_rule, down_reason);
}

void net_nic_set_down(NetNic *nic, bool down)
{
  nic->down = down;
  set_exception(nic);
  if (!down)
    return;
  sim_cancel(nic_sim(nic), &nic->transmitted);
  sim_cancel(nic_sim(nic), &nic->served);
  nic->serves = nic->spec.service > 0;
  if (nic->qdisc)
    net_qdisc_flush(nic->qdisc, down_rule, down_reason);
  ring_drop(nic, &nic->transmit);
  ring_drop(nic, &nic->receive);
}

void net_nic_clear(NetNic *nic)
{
  net_qdisc_free(nic->qdisc);
  net_packet_free_list(nic->transmit.first);
  net_packet_free_list(nic->receive.first);
  g_free(nic->name);
}
