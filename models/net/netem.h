/* netem: what Linux's queueing discipline of that name does to packets, on
 * one direction of a link.
 *
 *     NIC -> gate: loss, mark, corruption, copies -> netem: limit, reordering,
 *     delay, rate, slot -> wire
 *
 * Its dice are a decider of the gate, as any other's are. What takes time is
 * behind the gate: a packet comes in when its last bit has left the
 * transmitter, gets the time at which it may go on, and waits with the others
 * in a heap; there is one event for all of them. The link's own delay comes
 * after that. Reference: man tc-netem, and sch_netem.c of Linux 6.18 for what
 * the manual leaves open. Different on purpose: probabilities are not rounded
 * to 2^-32, jitter may be over 2 s, the MAC addresses are not corrupted, and
 * correlated delays are correlated (see distribution.c).
 */
#pragma once

#include "distribution.h"
#include "markov.h"
#include "net_link.h"

#define NET_NETEM_LIMIT 1000 /* tc's default */
#define NET_NETEM_LONGEST (24 * SIM_HOUR)

/** NetNetemRate: bytes on the wire are (length + packet_overhead), in cells
 * of cell_size + cell_overhead each if there are cells. */
typedef struct NetNetemRate {
  int64_t rate; /* bit/s; 0: no limit */
  int32_t packet_overhead;
  uint32_t cell_size; /* 0: no cells */
  int32_t cell_overhead;
} NetNetemRate;

/** NetNetemSlot: packets go on in bunches, `low` to `high` apart, or so that
 * the distances follow a distribution. */
typedef struct NetNetemSlot {
  bool active;
  bool by_distribution;
  SimTime low, high;
  NetDistribution distribution;
  SimTime delay, jitter;
  uint32_t packets; /* in one slot at most; 0: any */
  uint32_t bytes;
} NetNetemSlot;

/** NetNetemSpec: all zero passes everything on at once. Times are 0 to
 * NET_NETEM_LONGEST. */
typedef struct NetNetemSpec {
  uint32_t limit; /* packets that may wait; 0: NET_NETEM_LIMIT */
  SimTime delay, jitter;
  double delay_correlation;
  NetDistribution distribution; /* its values are copied */
  NetLossSpec loss;
  bool ecn; /* what is lost is marked instead, if its sender understands */
  NetChanceSpec duplicate;
  NetChanceSpec corrupt; /* one bit */
  NetChanceSpec reorder; /* goes on at once, past those that wait */
  uint32_t gap;          /* only each gap-th may; 0: none does */
  NetNetemRate rate;
  NetNetemSlot slot;
} NetNetemSpec;

typedef struct NetNetemCounters {
  uint64_t packets; /* that the dice fell for */
  uint64_t lost, marked, duplicated, corrupted;
  uint64_t reordered;
  uint64_t over_limit;
} NetNetemCounters;

/** net_wire_netem: packets that start onto `wire` from now on pass a netem of
 * `spec` (copied). Once more: what is under way stays, the dice go on, the
 * loss model begins anew, as with `tc qdisc change`. */
void net_wire_netem(NetWire *wire, const NetNetemSpec *spec);

/** net_netem_counters: NULL if `wire` has none. */
const NetNetemCounters *net_netem_counters(const NetWire *wire);

/** net_netem_state: of the loss model: 1 to 4 of "state", 1 (good) or 2 (bad)
 * of "gemodel", else 0. */
unsigned net_netem_state(const NetWire *wire);

/** net_netem_waiting: packets that wait in it now. */
uint32_t net_netem_waiting(const NetWire *wire);

/** net_netem_take: `packet`, whose last bit leaves at packet->due, comes in
 * `extra` later. Takes it over. */
void net_netem_take(NetNetem *netem, NetPacket *packet, SimTime extra);

/** net_netem_give: (transfer full) one of those that wait in `netem`
 * (nullable), which will not go on; NULL if there is none. */
NetPacket *net_netem_give(NetNetem *netem);

/** net_netem_free: with all that waits. NULL is ignored. */
void net_netem_free(NetNetem *netem);
