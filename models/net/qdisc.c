/* What queueing disciplines have in common, and drop-tail.
 *
 * Invariant: `count` and `bytes` are those of the packets that wait.
 */
#include <glib.h>

#include "gate.h"
#include "qdisc_private.h"

SimTime net_qdisc_now(const NetQdisc *qdisc)
{
  return qdisc->nic->node->net->sim->now;
}

void net_qdisc_in(NetQdisc *qdisc, const NetPacket *packet)
{
  qdisc->count++;
  qdisc->bytes += net_packet_length(packet);
}

void net_qdisc_out(NetQdisc *qdisc, const NetPacket *packet)
{
  qdisc->count--;
  qdisc->bytes -= net_packet_length(packet);
}

void net_qdisc_drop(NetQdisc *qdisc, NetPacket *packet, const char *rule,
                    const char *reason)
{
  qdisc->counters.dropped++;
  net_drop(packet, qdisc->nic->node, qdisc->nic, rule, reason);
}

bool net_qdisc_mark(NetQdisc *qdisc, NetPacket *packet, const char *rule,
                    const char *reason)
{
  const NetTracePacket where = { .packet = packet,
                                 .node = qdisc->nic->node,
                                 .nic = qdisc->nic,
                                 .rule = rule,
                                 .reason = reason };

  if (!qdisc->spec.ecn || !net_mark(packet, &where))
    return false;
  qdisc->counters.marked++;
  return true;
}

static bool full(const NetQdisc *qdisc, const NetPacket *packet)
{
  if (qdisc->spec.in_bytes)
    return qdisc->bytes + net_packet_length(packet) > qdisc->spec.limit;
  return qdisc->count >= qdisc->spec.limit;
}

/* -- drop-tail -- */

void net_qdisc_fifo_put(NetQdisc *qdisc, NetPacket *packet)
{
  if (full(qdisc, packet)) {
    qdisc->counters.over_limit++;
    net_qdisc_drop(qdisc, packet, "queue-full", "the queue was full");
    return;
  }
  net_qdisc_in(qdisc, packet);
  net_ring_put(&qdisc->ring, packet);
}

NetPacket *net_qdisc_fifo_take(NetQdisc *qdisc)
{
  NetPacket *packet;

  if (qdisc->count == 0)
    return NULL;
  packet = net_ring_take(&qdisc->ring);
  net_qdisc_out(qdisc, packet);
  return packet;
}

static const NetQdiscOps fifo = { .put = net_qdisc_fifo_put,
                                  .take = net_qdisc_fifo_take };

/* -- any -- */

static const struct {
  const char *name;
  const NetQdiscOps *ops;
} kinds[NET_QDISC_KINDS] = {
  [NET_QDISC_FIFO] = { "fifo", &fifo },
  [NET_QDISC_RED] = { "red", &net_qdisc_red },
  [NET_QDISC_CODEL] = { "codel", &net_qdisc_codel },
  [NET_QDISC_FQ_CODEL] = { "fq_codel", &net_qdisc_fq_codel },
};

const char *net_qdisc_name(NetQdiscKind kind)
{
  return kind < NET_QDISC_KINDS ? kinds[kind].name : NULL;
}

NetQdiscSpec net_qdisc_defaults(NetQdiscKind kind)
{
  NetQdiscSpec spec = { .kind = kind,
                        .limit = 1000,
                        .low = 5,
                        .high = 15,
                        .probability = 0.02,
                        .weight = 0.002,
                        .mean_size = 1000,
                        .target = 5 * SIM_MILLISECOND,
                        .interval = 100 * SIM_MILLISECOND,
                        .ce_threshold = SIM_TIME_NEVER,
                        .flows = 1024,
                        .quantum = 1514,
                        .batch = 64 };

  if (kind == NET_QDISC_RED)
    spec.limit = 60;
  if (kind == NET_QDISC_FQ_CODEL) {
    spec.limit = 10240;
    spec.ecn = true;
  }
  return spec;
}

void net_qdisc_put(NetQdisc *qdisc, NetPacket *packet)
{
  packet->due = net_qdisc_now(qdisc);
  qdisc->counters.packets++;
  qdisc->ops->put(qdisc, packet);
}

NetPacket *net_qdisc_take(NetQdisc *qdisc)
{
  NetPacket *packet = qdisc->ops->take(qdisc);
  SimTime waited;

  if (!packet)
    return NULL;
  waited = net_qdisc_now(qdisc) - packet->due;
  qdisc->counters.sent++;
  qdisc->counters.waited += waited;
  qdisc->counters.longest = MAX(qdisc->counters.longest, waited);
  return packet;
}

/* Drops all that waits; `ring` then has it from wherever it was. */
static void forget(NetQdisc *qdisc, const char *rule, const char *reason)
{
  NetPacket *packet;

  if (qdisc->ops->clear)
    qdisc->ops->clear(qdisc);
  while ((packet = net_qdisc_fifo_take(qdisc)) != NULL)
    net_qdisc_drop(qdisc, packet, rule, reason);
}

void net_qdisc_flush(NetQdisc *qdisc, const char *rule, const char *reason)
{
  forget(qdisc, rule, reason);
  qdisc->red.average = 0;
  qdisc->codel = (NetCodel){ .count = 0 };
  if (qdisc->ops->make)
    qdisc->ops->make(qdisc);
}

static NetQdisc *qdisc_new(NetNic *nic, const NetQdiscSpec *spec)
{
  NetQdisc *qdisc = g_new0(NetQdisc, 1);
  NetWire *wire = &nic->link->wires[nic->link->wires[1].from == nic];

  qdisc->nic = nic;
  qdisc->spec = *spec;
  qdisc->ops = kinds[spec->kind].ops;
  net_ring_init(&qdisc->ring, 0);
  net_wire_stream(wire, &qdisc->random, "queue");
  if (qdisc->ops->make)
    qdisc->ops->make(qdisc);
  return qdisc;
}

void net_nic_queue(NetNic *nic, const NetQdiscSpec *spec)
{
  NetQdisc *old = nic->qdisc;

  g_assert(nic->link);
  net_nic_set_qdisc(nic, qdisc_new(nic, spec));
  if (old)
    forget(old, "queue-replaced", "another queue took this one's place");
  net_qdisc_free(old);
  while (nic->transmit.count > 0)
    net_qdisc_put(nic->qdisc, net_ring_take(&nic->transmit));
}

const NetQdiscCounters *net_qdisc_counters(const NetQdisc *qdisc)
{
  return &qdisc->counters;
}

const NetQdiscSpec *net_qdisc_spec(const NetQdisc *qdisc)
{
  return &qdisc->spec;
}

uint32_t net_qdisc_waiting(const NetQdisc *qdisc)
{
  return qdisc->count;
}

double net_qdisc_average(const NetQdisc *qdisc)
{
  return qdisc->red.average;
}

void net_qdisc_free(NetQdisc *qdisc)
{
  if (!qdisc)
    return;
  if (qdisc->ops->clear)
    qdisc->ops->clear(qdisc);
  net_packet_free_list(qdisc->ring.first);
  g_free(qdisc);
}
