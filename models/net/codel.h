/* CoDel's state of one queue (RFC 8289 5.2). */
#pragma once

#include "ring.h"

typedef struct NetQdisc NetQdisc;

typedef struct NetCodel {
  SimTime first_above; /* when the delay will have been too long for an
                          interval; 0: it is not */
  SimTime drop_next;
  uint32_t count, last_count; /* drops in this dropping state, the last one */
  bool dropping;
} NetCodel;

/** net_codel_take: (transfer full) the next of `ring`, which holds `*bytes`;
 * packets before it may be dropped, it may be marked. NULL: none is left. */
NetPacket *net_codel_take(NetQdisc *qdisc, NetCodel *codel, NetRing *ring,
                          uint64_t *bytes);

/** net_codel_next: RFC 8289 5.3's control law: `time` + interval /
 * sqrt(count), rounded down; count > 0. */
SimTime net_codel_next(SimTime time, SimTime interval, uint32_t count);
