/* A gate: the one place where a packet's fate on a wire is decided.
 *
 * Deciders (dice, a scenario's rules, an explorer) are asked in order; each
 * adds to the fate. The gate then drops, delays, damages, duplicates or passes
 * the packet on. Gates are sinks: taps and middleboxes stand in the same
 * chain.
 *
 *     NIC -> gate -> wire
 */
#pragma once

#include "net_link.h"

/** NetFate: what happens to a packet. Zero: it passes. At most 64 bits are
 * corrupted, none of them in the MAC addresses. `drop` outdoes the rest.
 * `delay` means nothing for what waits behind others; its copies do not
 * wait. */
typedef struct NetFate {
  bool drop;
  uint8_t copies;        /* further copies, sent right behind it */
  SimTime delay;         /* extra; it may be overtaken meanwhile */
  SimTime copy_delay;    /* extra for the copies, from the same moment */
  SimTime copy_interval; /* ... and more for each after the first */
  uint32_t behind;       /* it arrives right behind the next so many packets */
  SimTime within;        /* ... or goes alone after this time */
  uint32_t corrupt_bits; /* this many bits, chosen by the gate's own stream */
  bool copies_clean;     /* the copies are made before the damage */
  uint32_t copy_corrupt_bits; /* of the first copy, if they are clean */
  bool replaced;      /* the decider changed the packet's bytes itself */
  const char *reason; /* one sentence (static, or lives as long as the net) */
  const char *rule;   /* id for tables */
} NetFate;

/** NetDecideFunc: adds to `fate`. May change the packet's bytes (damage.h) if
 * it sets fate->replaced and parses them anew. Asked when the packet starts
 * onto the wire. */
typedef void (*NetDecideFunc)(void *user, NetWire *wire, NetPacket *packet,
                              NetFate *fate);

/** net_wire_decide: asks `func` about every packet from now on, after those
 * registered before. `free_user` (nullable) is called with the net's end. */
NetDecider *net_wire_decide(NetWire *wire, NetDecideFunc func, void *user,
                            SimFreeFunc free_user);

/** net_wire_undecide: `decider` is asked no more, and freed. */
void net_wire_undecide(NetWire *wire, NetDecider *decider);

/** net_wire_loss: Bernoulli loss with `probability`, from the stream
 * "link NAME FROM loss". 0 ends it. */
void net_wire_loss(NetWire *wire, double probability);
void net_wire_duplication(NetWire *wire, double probability);
void net_wire_corruption(NetWire *wire, double probability);

/** net_wire_reordering: with `probability` a packet waits `delay` longer and
 * may be overtaken. */
void net_wire_reordering(NetWire *wire, double probability, SimTime delay);

/** net_wire_start: `packet` goes onto `wire` now, past the gate, and may
 * overtake; it is lost if the wire is down. Takes it over. */
void net_wire_start(NetWire *wire, NetPacket *packet);

/** net_wire_put: puts `packet` on `wire` at this moment past the gate, as if
 * just sent there by `from` (an injection). Takes it over. */
void net_wire_put(NetWire *wire, NetPacket *packet);

/** net_wire_stream: begins `stream`, named "link NAME FROM `what`". */
void net_wire_stream(const NetWire *wire, SimRandom *stream, const char *what);

/** net_gate_passed: a packet that left at `left` is on the wire and arrives at
 * `arrives`: the next of those that wait for others to pass may follow. Told
 * by what stands between gate and wire. */
void net_gate_passed(NetGate *gate, SimTime left, SimTime arrives);

/** net_gate_give: (transfer full) takes out a packet that waits for others to
 * pass, or NULL. @gate is nullable. */
NetPacket *net_gate_give(NetGate *gate);

/** net_gate_free: NULL is ignored. */
void net_gate_free(NetGate *gate);
