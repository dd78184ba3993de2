/* Inside the queueing disciplines. */
#pragma once

#include "codel.h"
#include "qdisc.h"
#include "random.h"
#include "red.h"

/** NetQdiscOps: put and take as in qdisc.h; `clear` frees what `make` made
 * and what waits. */
typedef struct NetQdiscOps {
  void (*make)(NetQdisc *qdisc); /* nullable */
  void (*put)(NetQdisc *qdisc, NetPacket *packet);
  NetPacket *(*take)(NetQdisc *qdisc);
  void (*clear)(NetQdisc *qdisc); /* nullable */
} NetQdiscOps;

typedef struct NetFlows NetFlows; /* of fq_codel */

struct NetQdisc {
  const NetQdiscOps *ops;
  NetNic *nic;
  NetQdiscSpec spec;
  NetQdiscCounters counters;
  uint32_t count; /* waiting, in all flows */
  uint64_t bytes;
  NetRing ring; /* of disciplines with one queue */
  SimRandom random;
  NetRed red;
  NetCodel codel;
  NetFlows *flows;
};

extern const NetQdiscOps net_qdisc_red, net_qdisc_codel, net_qdisc_fq_codel;

/** net_qdisc_now: virtual time. */
SimTime net_qdisc_now(const NetQdisc *qdisc);

/** net_qdisc_in, net_qdisc_out: `packet` joins or leaves: the counts. */
void net_qdisc_in(NetQdisc *qdisc, const NetPacket *packet);
void net_qdisc_out(NetQdisc *qdisc, const NetPacket *packet);

/** net_qdisc_drop: `packet`, which has left or never joined, is dropped. */
void net_qdisc_drop(NetQdisc *qdisc, NetPacket *packet, const char *rule,
                    const char *reason);

/** net_qdisc_mark: with ECN on, true if `packet` is marked now. */
bool net_qdisc_mark(NetQdisc *qdisc, NetPacket *packet, const char *rule,
                    const char *reason);

/** net_qdisc_fifo_put, net_qdisc_fifo_take: one queue, `ring`, dropping from
 * its tail at the limit. */
void net_qdisc_fifo_put(NetQdisc *qdisc, NetPacket *packet);
NetPacket *net_qdisc_fifo_take(NetQdisc *qdisc);
