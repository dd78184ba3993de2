/* Mappings, and the way of a packet through them.
 *
 * A packet of a flow leaves with the flow's other tuple turned round:
 *
 *     tuple[0]  inside:1025 -> server:80        as it comes from inside
 *     tuple[1]  server:80 -> nat:40000          as the reply comes
 *     leaves    nat:40000 -> server:80          tuple[1] turned round
 *
 * Invariant: every flow in the table has a mapping, which stands in both
 * tables as long as it has flows.
 */
#include "nat.h"

#include <glib.h>
#include <stdio.h>

#include "firewall.h"
#include "translate.h"

/** Mapping: tuples that serve as keys; what the mode does not look at is 0. */
typedef struct Mapping {
  NetTuple inside;  /* inside end -> peer */
  NetTuple outside; /* peer -> outside end */
  unsigned uses;    /* flows */
} Mapping;

struct NetNat {
  NetBox box;
  NetHost *host;
  NetNatSpec spec;
  NetTracker *tracker;
  GHashTable *by_inside, *by_outside; /* NetTuple -> Mapping, which the first
                                         owns */
  NetNatCounters counters;
  uint32_t next;   /* port to be tried */
  uint64_t passed; /* id of the last packet that was translated */
};

static NetNode *node_of(const NetNat *self)
{
  return net_host_node(self->host);
}

NetTracker *net_nat_tracker(const NetNat *nat)
{
  return nat->tracker;
}

const NetNatCounters *net_nat_counters(const NetNat *nat)
{
  return &nat->counters;
}

static bool is_outside(const NetNat *self, const NetNic *nic)
{
  return self->spec.is_outside(self->spec.user, nic);
}

/* -- mappings -- */

/* The peer, as far as the mapping depends on it. */
static void mask_peer(NetDependence mode, NetAddress *address, uint16_t *port)
{
  if (mode == NET_ENDPOINT_INDEPENDENT)
    *address = NET_ADDRESS_ANY;
  if (mode != NET_ADDRESS_AND_PORT_DEPENDENT)
    *port = 0;
}

static NetTuple inside_key(const NetNat *self, const NetTuple *from_inside)
{
  NetTuple key = *from_inside;

  mask_peer(self->spec.mapping, &key.destination, &key.destination_port);
  return key;
}

static NetTuple outside_key(const NetNat *self, const NetTuple *from_outside)
{
  NetTuple key = *from_outside;

  mask_peer(self->spec.mapping, &key.source, &key.source_port);
  return key;
}

static void unuse(NetNat *self, Mapping *mapping)
{
  if (!mapping || --mapping->uses > 0)
    return;
  g_hash_table_remove(self->by_outside, &mapping->outside);
  g_hash_table_remove(self->by_inside, &mapping->inside);
}

static void release(void *user, const NetFlow *flow)
{
  unuse(user, flow->user);
}

static void use(NetFlow *flow, Mapping *mapping)
{
  flow->user = mapping;
  mapping->uses++;
}

/* May `from_outside` be what replies will look like? */
static bool is_free(NetNat *self, const NetTuple *from_outside)
{
  NetTuple key = outside_key(self, from_outside);

  return !g_hash_table_contains(self->by_outside, &key) &&
         !net_tracker_find(self->tracker, from_outside, NULL);
}

static bool is_over(const NetFlow *flow)
{
  return flow->tuple[0].protocol == NET_PROTOCOL_TCP &&
         (flow->tcp.state == NET_TRACK_TIME_WAIT ||
          flow->tcp.state == NET_TRACK_CLOSE);
}

/* Ends the oldest connection whose port would then be free. */
static bool take_over(NetNat *self, NetTuple *from_outside)
{
  for (NetFlow *flow = self->tracker->oldest; flow; flow = flow->newer) {
    const Mapping *mapping = flow->user;
    uint16_t port = mapping->outside.destination_port;
    NetTuple wanted = *from_outside, key;

    if (!is_over(flow) || mapping->uses > 1 ||
        mapping->outside.protocol != from_outside->protocol)
      continue;
    wanted.destination_port = port;
    key = outside_key(self, &wanted);
    if (!net_tuple_equal(&key, &mapping->outside) && !is_free(self, &wanted))
      continue;
    net_tracker_end(self->tracker, flow);
    self->counters.reused++;
    from_outside->destination_port = port;
    return true;
  }
  return false;
}

/* Fills in from_outside->destination_port. */
static bool choose_port(NetNat *self, uint16_t wished, NetTuple *from_outside)
{
  uint32_t count = (uint32_t)self->spec.high - self->spec.low + 1;

  from_outside->destination_port = wished;
  if (self->spec.preserve && wished >= self->spec.low &&
      wished <= self->spec.high && is_free(self, from_outside))
    return true;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t at = (self->next + i) % count;

    from_outside->destination_port = (uint16_t)(self->spec.low + at);
    if (is_free(self, from_outside)) {
      self->next = at + 1;
      return true;
    }
  }
  return self->spec.reuse && take_over(self, from_outside);
}

/* A flow that begins inside gets its mapping, a new one if need be. */
static bool map_flow(NetNat *self, NetFlow *flow, NetAddress outside)
{
  NetTuple inside = inside_key(self, &flow->tuple[0]);
  Mapping *mapping = g_hash_table_lookup(self->by_inside, &inside);
  NetTuple reply = net_tuple_turned(flow->tuple[0]);

  reply.destination = outside;
  if (mapping) {
    reply.destination_port = mapping->outside.destination_port;
  } else {
    if (!choose_port(self, flow->tuple[0].source_port, &reply))
      return false;
    mapping = g_new0(Mapping, 1);
    mapping->inside = inside;
    mapping->outside = outside_key(self, &reply);
    g_hash_table_insert(self->by_inside, &mapping->inside, mapping);
    g_hash_table_insert(self->by_outside, &mapping->outside, mapping);
  }
  if (reply.protocol == NET_PROTOCOL_ICMP)
    reply.source_port = reply.destination_port;
  flow->tuple[1] = reply;
  use(flow, mapping);
  return true;
}

/* -- verdicts -- */

static bool refuse(NetNat *self, const NetCrossing *at, NetPacket *packet,
                   uint64_t *counter, const char *rule, const char *reason)
{
  ++*counter;
  net_drop(packet, node_of(self), at->in, rule, reason);
  return false;
}

/* From here on it is another packet, which this node sends. */
static void renew(NetNat *self, NetPacket *packet)
{
  NetNode *node = node_of(self);
  NetTracePacket record = { .packet = packet, .node = node };

  if (sim_tracing(node->net->sim, NET_TRACE_DELIVERED))
    sim_trace_emit(node->net->sim, NET_TRACE_DELIVERED, &record);
  net_packet_renew(packet, &node->owner);
  self->passed = packet->id;
  self->counters.translated++;
}

static void translate(NetNat *self, const NetTracked *tracked,
                      NetPacket *packet, NetIp *ip)
{
  NetTuple to = net_tuple_turned(tracked->flow->tuple[!tracked->reply]);

  renew(self, packet);
  net_translate(packet, ip, &to);
}

/* The quoted packet went the other way, and is to look as it did before it was
 * translated. An error from a router on the way keeps its source, unless that
 * is inside. */
static void translate_error(NetNat *self, const NetTracked *tracked,
                            NetPacket *packet, NetIp *ip, bool outward)
{
  NetTuple to = net_tuple_turned(tracked->flow->tuple[!tracked->reply]);
  NetAddress source = ip->source;
  const char *why;
  NetQuoted quoted;

  if (!net_quoted_of(packet, ip, &quoted, &why))
    return;
  if (outward)
    source = to.source;
  renew(self, packet);
  net_translate_quote(packet, ip, &quoted,
                      &tracked->flow->tuple[!tracked->reply], source,
                      to.destination);
}

static bool pass(NetNat *self, const NetTracked *tracked, NetPacket *packet,
                 NetIp *ip, bool outward)
{
  if (tracked->as == NET_TRACKED_RELATED)
    translate_error(self, tracked, packet, ip, outward);
  else
    translate(self, tracked, packet, ip);
  return true;
}

static bool is_translated(const NetIp *ip)
{
  return ip->protocol == NET_PROTOCOL_TCP || ip->protocol == NET_PROTOCOL_UDP ||
         ip->protocol == NET_PROTOCOL_ICMP;
}

static bool outward(NetNat *self, const NetCrossing *at, NetPacket *packet,
                    NetIp *ip)
{
  NetTracked tracked;
  Mapping *mapping = NULL;

  if (!is_translated(ip))
    return refuse(self, at, packet, &self->counters.invalid, "nat-protocol",
                  "the NAT translates TCP, UDP and ICMP only");
  tracked = net_tracker_judge(self->tracker, packet, ip);
  if (!tracked.flow)
    return refuse(self, at, packet, &self->counters.invalid, "nat-invalid",
                  tracked.reason);
  if (tracked.flow->confirmed)
    return pass(self, &tracked, packet, ip, true);
  if (map_flow(self, tracked.flow, at->out->address))
    mapping = tracked.flow->user;
  if (mapping && net_tracker_settle(self->tracker, &tracked, true))
    return pass(self, &tracked, packet, ip, true);
  net_tracker_settle(self->tracker, &tracked, false);
  unuse(self, mapping);
  return refuse(self, at, packet, &self->counters.no_port, "nat-no-port",
                mapping ? "the NAT can keep no more connections"
                        : "the NAT has no port left for it");
}

/* Has the end behind `mapping` sent to that address? */
static bool has_sent_to(const NetNat *self, const Mapping *mapping,
                        NetAddress address)
{
  for (const NetFlow *flow = self->tracker->oldest; flow; flow = flow->newer)
    if (flow->user == mapping &&
        net_address_equal(flow->tuple[0].destination, address))
      return true;
  return false;
}

/* The mapping by whose filtering a packet of no flow may come in. */
static Mapping *admits(const NetNat *self, const NetTuple *tuple)
{
  NetTuple key = outside_key(self, tuple);
  Mapping *mapping = g_hash_table_lookup(self->by_outside, &key);

  if (!mapping || self->spec.filtering == NET_ADDRESS_AND_PORT_DEPENDENT)
    return NULL;
  if (self->spec.filtering == NET_ADDRESS_DEPENDENT &&
      !has_sent_to(self, mapping, tuple->source))
    return NULL;
  return mapping;
}

static bool admit(NetNat *self, const NetCrossing *at, Mapping *mapping,
                  NetPacket *packet, NetIp *ip)
{
  NetTracked tracked = net_tracker_judge(self->tracker, packet, ip);
  NetFlow *flow = tracked.flow;

  if (!flow)
    return refuse(self, at, packet, &self->counters.invalid, "nat-invalid",
                  tracked.reason);
  flow->tuple[1].source = mapping->inside.source;
  flow->tuple[1].source_port = mapping->inside.source_port;
  if (net_tracker_find(self->tracker, &flow->tuple[1], NULL) ||
      !net_tracker_settle(self->tracker, &tracked, true)) {
    net_tracker_settle(self->tracker, &tracked, false);
    return refuse(self, at, packet, &self->counters.no_port, "nat-no-port",
                  "the end inside is in use towards this peer");
  }
  use(flow, mapping);
  return pass(self, &tracked, packet, ip, false);
}

/* RFC 5382 REQ-4: an unsolicited SYN is not answered at once; here never. */
static bool inward(NetNat *self, const NetCrossing *at, NetPacket *packet,
                   NetIp *ip)
{
  const char *why;
  NetTracked tracked;
  NetQuoted quoted;
  Mapping *mapping;
  NetTuple tuple;

  if (!net_quoted_of(packet, ip, &quoted, &why)) {
    if (!net_tuple_of(packet, ip, &tuple))
      return true; /* for the router itself, or nobody */
    if (!net_tracker_find(self->tracker, &tuple, NULL)) {
      mapping = admits(self, &tuple);
      if (mapping)
        return admit(self, at, mapping, packet, ip);
      if (ip->protocol == NET_PROTOCOL_ICMP)
        return true;
      return refuse(self, at, packet, &self->counters.unsolicited,
                    "nat-unsolicited",
                    "nobody behind the NAT has asked for it");
    }
  }
  tracked = net_tracker_judge(self->tracker, packet, ip);
  if (!tracked.flow && ip->protocol == NET_PROTOCOL_ICMP)
    return true;
  if (!tracked.flow)
    return refuse(self, at, packet, &self->counters.invalid, "nat-invalid",
                  tracked.reason);
  if (!tracked.flow->confirmed) {
    /* a new SYN where the last connection was over: nobody asked for it */
    net_tracker_settle(self->tracker, &tracked, false);
    return refuse(self, at, packet, &self->counters.unsolicited,
                  "nat-unsolicited", "nobody behind the NAT has asked for it");
  }
  return pass(self, &tracked, packet, ip, false);
}

static bool inspect(NetBox *box, const NetCrossing *at, NetPacket *packet,
                    NetIp *ip)
{
  NetNat *self = SIM_CONTAINER(box, NetNat, box);

  if (!net_address_is_ipv4(ip->source))
    return true;
  if (at->point == NET_POINT_ARRIVING && is_outside(self, at->in))
    return !net_address_equal(ip->destination, at->in->address) ||
           inward(self, at, packet, ip);
  if (at->point != NET_POINT_FORWARD)
    return true;
  if (is_outside(self, at->out) && !is_outside(self, at->in))
    return outward(self, at, packet, ip);
  if (is_outside(self, at->in) && !is_outside(self, at->out) &&
      packet->id != self->passed)
    return refuse(self, at, packet, &self->counters.unsolicited,
                  "nat-unsolicited",
                  "addresses behind the NAT cannot be reached from outside");
  return true;
}

/* -- the whole -- */

static void forgot(void *user, const NetFlow *flow)
{
  net_alert_forgotten(node_of(user), flow);
}

static void nat_forget(NetBox *box)
{
  net_tracker_clear(SIM_CONTAINER(box, NetNat, box)->tracker);
}

static void nat_free(NetBox *box)
{
  NetNat *self = SIM_CONTAINER(box, NetNat, box);

  net_tracker_free(self->tracker);
  g_hash_table_unref(self->by_outside);
  g_hash_table_unref(self->by_inside);
  g_free(self);
}

NetNat *net_nat_new(NetHost *router, const NetNatSpec *spec)
{
  NetNat *self = g_new0(NetNat, 1);

  self->box.inspect = inspect;
  self->box.forget = nat_forget;
  self->box.free = nat_free;
  self->host = router;
  self->spec = *spec;
  self->tracker = net_tracker_new(node_of(self)->net->sim, &spec->track);
  self->tracker->forgot = forgot;
  self->tracker->removed = release;
  self->tracker->user = self;
  self->by_inside =
      g_hash_table_new_full(net_tuple_hash, net_tuple_same, NULL, g_free);
  self->by_outside = g_hash_table_new(net_tuple_hash, net_tuple_same);
  net_node_add_box(node_of(self), &self->box);
  return self;
}
