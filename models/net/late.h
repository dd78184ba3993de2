/* Packets in order of time, put in any order: a binary heap by (due, order).
 *
 * What arrives as it was sent stays in a plain list, where the next goes
 * behind the last; only what may overtake or be overtaken comes here.
 */
#pragma once

#include "packet.h"

typedef struct NetLate {
  NetPacket **packets; /* packets[0] is the next */
  uint32_t count;
  uint32_t room;
} NetLate;

/** net_late_before: is `a` due before `b`? Ties fall by `order`. */
static inline bool net_late_before(const NetPacket *a, const NetPacket *b)
{
  if (a->due != b->due)
    return a->due < b->due;
  return (int32_t)(a->order - b->order) < 0;
}

/** net_late_first: the one that is due next, or NULL. */
static inline NetPacket *net_late_first(const NetLate *late)
{
  return late->count > 0 ? late->packets[0] : NULL;
}

/** net_late_put: takes `packet` over; `due` and `order` are set. */
void net_late_put(NetLate *late, NetPacket *packet);

/** net_late_take: (transfer full) the first, which must be there. */
NetPacket *net_late_take(NetLate *late);

/** net_late_clear: frees the packets and the heap, not `late`. */
void net_late_clear(NetLate *late);
