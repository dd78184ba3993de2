/* Queueing disciplines: what waits in front of a NIC's transmitter, and which
 * of it goes next, is marked or dropped.
 *
 *   net_nic_send -> put: [discipline] -> take -> transmitter
 *
 * A NIC without one has its transmit ring, the cheapest drop-tail there is.
 * While a packet waits here, packet->due is when it came in.
 *
 *   fifo      drop-tail, limit in packets or bytes
 *   red       Floyd and Jacobson 1993, with Floyd's "gentle" (2000)
 *   codel     RFC 8289
 *   fq_codel  RFC 8290
 */
#pragma once

#include "node.h"

typedef enum NetQdiscKind {
  NET_QDISC_FIFO,
  NET_QDISC_RED,
  NET_QDISC_CODEL,
  NET_QDISC_FQ_CODEL,
  NET_QDISC_KINDS
} NetQdiscKind;

/** NetQdiscSpec: begin with net_qdisc_defaults(). */
typedef struct NetQdiscSpec {
  NetQdiscKind kind;
  bool in_bytes; /* limit, low and high are bytes, not packets */
  bool ecn;      /* mark instead of dropping, where the sender understands */
  uint32_t limit;
  uint32_t low, high;       /* red: thresholds of the average */
  double probability;       /* red: at `high`, in (0, 1] */
  double weight;            /* red: of a new sample in the average, in (0, 1) */
  uint32_t mean_size;       /* red: bytes of a packet, for the idle time */
  bool gentle;              /* red: to 1 at twice `high`, not at once */
  SimTime target, interval; /* codel */
  SimTime ce_threshold;     /* codel: mark whatever waited longer */
  uint32_t flows, quantum;  /* fq_codel; quantum in bytes */
  uint32_t batch;           /* fq_codel: dropped at once when over the limit */
} NetQdiscSpec;

typedef struct NetQdiscCounters {
  uint64_t packets;    /* that came in */
  uint64_t sent;       /* that went out */
  uint64_t dropped;    /* for whatever reason */
  uint64_t over_limit; /* of those, because it was full */
  uint64_t marked;
  SimTime waited;  /* all that were sent, together */
  SimTime longest; /* the one that waited longest */
} NetQdiscCounters;

/** net_qdisc_defaults: fifo: 1000 packets. red: tc's manual example scaled to
 * packets, min 5, max 15, weight 0.002, probability 0.02, limit 60. codel:
 * RFC 8289 4.4 (5 ms, 100 ms), 1000 packets. fq_codel: RFC 8290 5.2, ECN. */
NetQdiscSpec net_qdisc_defaults(NetQdiscKind kind);

/** net_qdisc_name: "fifo", ...; NULL for NET_QDISC_KINDS. */
const char *net_qdisc_name(NetQdiscKind kind);

/** net_nic_queue: `nic`, on a link, gets a discipline of `spec` (copied).
 * What waited in the transmit ring goes into it; what waited in another
 * discipline is lost, as with `tc qdisc replace`. */
void net_nic_queue(NetNic *nic, const NetQdiscSpec *spec);

/** net_qdisc_counters, net_qdisc_spec, net_qdisc_waiting: `qdisc` not NULL. */
const NetQdiscCounters *net_qdisc_counters(const NetQdisc *qdisc);
const NetQdiscSpec *net_qdisc_spec(const NetQdisc *qdisc);
uint32_t net_qdisc_waiting(const NetQdisc *qdisc);

/** net_qdisc_average: RED's, in its unit; 0 for others. */
double net_qdisc_average(const NetQdisc *qdisc);

/** net_qdisc_put: takes `packet` over. */
void net_qdisc_put(NetQdisc *qdisc, NetPacket *packet);

/** net_qdisc_take: (transfer full) the next to be sent; NULL if there is none
 * (any more). */
NetPacket *net_qdisc_take(NetQdisc *qdisc);

/** net_qdisc_flush: drops all that waits, and begins as new. */
void net_qdisc_flush(NetQdisc *qdisc, const char *rule, const char *reason);

/** net_qdisc_free: with what waits. NULL is ignored. */
void net_qdisc_free(NetQdisc *qdisc);
