/* FQ-CoDel (RFC 8290): a queue for each flow, a CoDel for each queue, deficit
 * round robin between them, and queues that have just begun first.
 *
 *     fresh -> flow -> flow      served first, once for a quantum
 *     old   -> flow -> flow      round robin
 *
 * Invariant: a flow is in one of the lists, or in none and empty.
 */
#include <glib.h>

#include "qdisc_private.h"

typedef struct Flow {
  struct Flow *next; /* in its list */
  NetRing ring;
  uint64_t bytes;
  int64_t deficit;
  NetCodel codel;
  bool listed;
} Flow;

typedef struct FlowList {
  Flow *first, *last;
} FlowList;

struct NetFlows {
  uint64_t key; /* of the hash: RFC 8290 4.1.1 */
  FlowList fresh, old;
  Flow flows[];
};

static void list_append(FlowList *list, Flow *flow)
{
  flow->next = NULL;
  if (list->last)
    list->last->next = flow;
  else
    list->first = flow;
  list->last = flow;
}

static Flow *list_take(FlowList *list)
{
  Flow *flow = list->first;

  list->first = flow->next;
  if (!list->first)
    list->last = NULL;
  return flow;
}

/* Protocol, addresses and ports; what is no IP is one flow by its type. */
static uint32_t flow_number(const NetQdisc *qdisc, const NetPacket *packet)
{
  uint64_t hash = qdisc->flows->key;
  NetIp ip;

  if (!net_ip_peek(packet, &ip))
    return (uint32_t)(sim_hash(hash, packet->head[12]) % qdisc->spec.flows);
  hash = sim_hash(hash, ip.protocol);
  hash = sim_hash(sim_hash(hash, ip.source.high), ip.source.low);
  hash = sim_hash(sim_hash(hash, ip.destination.high), ip.destination.low);
  if ((ip.protocol == NET_PROTOCOL_TCP || ip.protocol == NET_PROTOCOL_UDP) &&
      !net_ip_is_fragment(&ip) && packet->l4 > 0 &&
      packet->head_length >= packet->l4 + 4)
    hash = sim_hash(hash, net_get32(packet->head + packet->l4));
  return (uint32_t)(hash % qdisc->spec.flows);
}

static void flow_out(Flow *flow, const NetPacket *packet)
{
  flow->bytes -= net_packet_length(packet);
}

/* RFC 8290 4.1.3: the longest queue loses half, at most a batch, from its
 * head. */
static void make_room(NetQdisc *qdisc)
{
  Flow *longest = &qdisc->flows->flows[0];
  uint64_t half;

  for (uint32_t i = 1; i < qdisc->spec.flows; i++)
    if (qdisc->flows->flows[i].bytes > longest->bytes)
      longest = &qdisc->flows->flows[i];
  half = longest->bytes / 2;
  for (uint32_t i = 0; i < qdisc->spec.batch && longest->ring.count > 0; i++) {
    NetPacket *packet = net_ring_take(&longest->ring);

    flow_out(longest, packet);
    net_qdisc_out(qdisc, packet);
    qdisc->counters.over_limit++;
    longest->codel.count++;
    net_qdisc_drop(qdisc, packet, "fq-codel-full",
                   "the queue was full, and this flow's the longest part");
    if (longest->bytes <= half)
      return;
  }
}

static void fq_put(NetQdisc *qdisc, NetPacket *packet)
{
  NetFlows *flows = qdisc->flows;
  Flow *flow = &flows->flows[flow_number(qdisc, packet)];

  net_ring_put(&flow->ring, packet);
  flow->bytes += net_packet_length(packet);
  net_qdisc_in(qdisc, packet);
  if (!flow->listed) {
    flow->listed = true;
    flow->deficit = qdisc->spec.quantum;
    list_append(&flows->fresh, flow);
  }
  if (qdisc->count > qdisc->spec.limit)
    make_room(qdisc);
}

/* RFC 8290 4.2. A fresh queue that runs empty goes to the old ones first, so
 * that it cannot stay fresh by coming back. */
static NetPacket *fq_take(NetQdisc *qdisc)
{
  NetFlows *flows = qdisc->flows;

  while (flows->fresh.first || flows->old.first) {
    FlowList *list = flows->fresh.first ? &flows->fresh : &flows->old;
    Flow *flow = list->first;
    NetPacket *packet;

    if (flow->deficit <= 0) {
      flow->deficit += qdisc->spec.quantum;
      list_append(&flows->old, list_take(list));
      continue;
    }
    packet = net_codel_take(qdisc, &flow->codel, &flow->ring, &flow->bytes);
    if (packet) {
      flow->deficit -= net_packet_length(packet);
      return packet;
    }
    list_take(list);
    if (list == &flows->fresh && flows->old.first)
      list_append(&flows->old, flow);
    else
      flow->listed = false;
  }
  return NULL;
}

static void fq_make(NetQdisc *qdisc)
{
  NetFlows *flows =
      g_malloc0(sizeof(NetFlows) + qdisc->spec.flows * sizeof flows->flows[0]);

  flows->key = sim_random_next(&qdisc->random);
  for (uint32_t i = 0; i < qdisc->spec.flows; i++)
    net_ring_init(&flows->flows[i].ring, 0);
  qdisc->flows = flows;
}

/* Packets go to the common ring, for whoever frees or drops them. */
static void fq_clear(NetQdisc *qdisc)
{
  for (uint32_t i = 0; qdisc->flows && i < qdisc->spec.flows; i++)
    while (qdisc->flows->flows[i].ring.count > 0)
      net_ring_put(&qdisc->ring, net_ring_take(&qdisc->flows->flows[i].ring));
  g_clear_pointer(&qdisc->flows, g_free);
}

const NetQdiscOps net_qdisc_fq_codel = {
  .make = fq_make,
  .put = fq_put,
  .take = fq_take,
  .clear = fq_clear,
};
