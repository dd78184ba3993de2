/* Links and their wires.
 *
 *     first -> ... -> last      in order of arrival, appended only
 *     late                      heap of those that may overtake
 *
 * Invariant: `arrival` is pending exactly while the wire holds packets, at
 * the earliest one's time. Packets that arrive at the same time do so in
 * the order in which they were put on the wire.
 */
#include "net_link.h"

#include <assert.h>

#include <glib.h>

#include "carrier.h"
#include "gate.h"
#include "netem.h"

static NetPacket *wire_next(const NetWire *wire)
{
  NetPacket *late = net_late_first(&wire->late);

  if (!late || !wire->first)
    return late ? late : wire->first;
  return net_late_before(late, wire->first) ? late : wire->first;
}

static NetPacket *wire_take(NetWire *wire)
{
  NetPacket *packet = wire_next(wire);

  assert(packet && wire->in_flight > 0);
  wire->in_flight--;
  if (packet != wire->first)
    return net_late_take(&wire->late);
  wire->first = packet->next;
  if (!wire->first)
    wire->last = NULL;
  return packet;
}

NetPacket *net_wire_take(NetWire *wire)
{
  Sim *sim = wire->link->net->sim;
  NetPacket *packet, *next;

  if (wire->in_flight == 0)
    return NULL;
  packet = wire_take(wire);
  next = wire_next(wire);
  if (next)
    sim_schedule(sim, &wire->arrival, &wire->owner, next->due);
  else
    sim_cancel(sim, &wire->arrival);
  return packet;
}

static void arrive(Sim *sim, SimEvent *event)
{
  NetWire *wire = SIM_CONTAINER(event, NetWire, arrival);
  NetPacket *packet = wire_take(wire);
  NetPacket *next = wire_next(wire);

  if (next) {
    __builtin_prefetch(next);
    __builtin_prefetch(next->head);
    sim_schedule(sim, event, &wire->owner, next->due);
  }
  net_accept(&wire->to->in, packet);
}

static SimTime draw_jitter(NetWire *wire)
{
  if (wire->spec.jitter == 0)
    return 0;
  return (SimTime)sim_random_below(&wire->jitter,
                                   (uint64_t)wire->spec.jitter + 1);
}

void net_wire_enter(NetWire *wire, NetPacket *packet, SimTime due,
                    bool free_to_pass)
{
  bool earliest;

  packet->due = due;
  packet->order = wire->entered++;
  packet->next = NULL;
  wire->in_flight++;
  if (free_to_pass) {
    net_late_put(&wire->late, packet);
    earliest = wire_next(wire) == packet;
  } else {
    wire->latest = due;
    if (wire->last)
      wire->last->next = packet;
    else
      wire->first = packet;
    wire->last = packet;
    earliest = wire->in_flight == 1 || wire_next(wire) == packet;
  }
  if (earliest)
    sim_schedule(packet->net->sim, &wire->arrival, &wire->owner, due);
}

SimTime net_wire_carry(NetWire *wire, NetPacket *packet, SimTime extra,
                       bool free_order)
{
  SimTime span = wire->spec.delay + draw_jitter(wire);
  SimTime due = sim_time_add(sim_time_add(packet->due, span), extra);
  bool free_to_pass = free_order || wire->spec.reorder;

  if (!free_to_pass && due < wire->latest)
    due = wire->latest;
  net_wire_enter(wire, packet, due, free_to_pass);
  return due;
}

static void wire_accept(NetSink *sink, NetPacket *packet)
{
  net_wire_carry(SIM_CONTAINER(sink, NetWire, sink), packet, 0, false);
}

void net_wire_start(NetWire *wire, NetPacket *packet)
{
  packet->due = packet->net->sim->now;
  if (net_wire_is_down(wire))
    net_wire_drop(wire, packet, "link-down", "the link was down");
  else
    net_wire_carry(wire, packet, 0, true);
}

void net_wire_put(NetWire *wire, NetPacket *packet)
{
  net_nic_sent(wire->from, packet);
  net_wire_start(wire, packet);
}

static void wire_init(NetWire *wire, NetLink *link, NetNic *from, NetNic *to,
                      const NetWireSpec *spec)
{
  Sim *sim = link->net->sim;
  const char *sender = from->node->name;
  char *name = g_strconcat("link ", link->name, " ", sender, NULL);

  wire->sink.accept = wire_accept;
  wire->link = link;
  wire->from = from;
  wire->to = to;
  wire->spec = *spec;
  sim_owner_init(&wire->owner, sim, name);
  if (spec->jitter > 0) {
    char *stream =
        g_strconcat("link ", link->name, " ", sender, " jitter", NULL);

    sim_random_init(&wire->jitter, sim->seed, stream);
    g_free(stream);
  }
  sim_event_init(&wire->arrival, arrive);
  from->rate = spec->rate;
  from->mtu = spec->mtu ? spec->mtu : 1500;
  if (spec->queue > 0)
    from->transmit.limit = spec->queue;
  net_nic_attach(from, link, to, &wire->sink);
  g_free(name);
}

/* Links between the same two nodes so far, asked of the one with fewer
 * NICs. */
static unsigned parallel_links(const NetNode *a, const NetNode *b)
{
  const NetNode *one = a->nic_count < b->nic_count ? a : b;
  const NetNode *other = one == a ? b : a;
  unsigned count = 0;

  for (const NetNic *nic = one->nics; nic; nic = nic->next)
    if (nic->peer && nic->peer->node == other)
      count++;
  return one == other ? count / 2 : count;
}

static char *link_name(const char *name, const NetNode *a, const NetNode *b)
{
  unsigned others;

  if (name)
    return g_strdup(name);
  others = parallel_links(a, b);
  if (others == 0)
    return g_strconcat(a->name, "-", b->name, NULL);
  return g_strdup_printf("%s-%s#%u", a->name, b->name, others + 1);
}

NetLink *net_link_new(Net *net, const char *name, NetNode *a, NetNode *b,
                      const NetWireSpec *a_to_b, const NetWireSpec *b_to_a,
                      const NetNicSpec *nic_a, const NetNicSpec *nic_b)
{
  NetLink *link = g_new0(NetLink, 1);
  NetNic *from, *to;

  link->net = net;
  link->name = link_name(name, a, b);
  from = net_nic_new(a, nic_a);
  to = net_nic_new(b, nic_b);
  wire_init(&link->wires[0], link, from, to, a_to_b);
  wire_init(&link->wires[1], link, to, from, b_to_a);
  *net->links_end = link;
  net->links_end = &link->next;
  return link;
}

NetLink *net_link_find(const Net *net, const char *name)
{
  for (NetLink *link = net->links; link; link = link->next)
    if (strcmp(link->name, name) == 0)
      return link;
  return NULL;
}

static void wire_clear(NetWire *wire)
{
  net_gate_free(wire->gate);
  net_netem_free(wire->netem);
  net_packet_free_list(wire->first);
  net_late_clear(&wire->late);
}

void net_link_free(NetLink *link)
{
  wire_clear(&link->wires[0]);
  wire_clear(&link->wires[1]);
  g_free(link->name);
  g_free(link);
}
