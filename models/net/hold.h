/* Held packets: those that let others pass before they go onto a wire. */
#pragma once

#include "net_link.h"

typedef struct NetHold NetHold;

/** net_hold_new: (transfer full) for the packets of `wire`. */
NetHold *net_hold_new(NetWire *wire);

/** net_hold_free: with what it holds. NULL is ignored. */
void net_hold_free(NetHold *hold);

/** net_hold_put: takes `packet` over until `behind` packets (> 0) have gone
 * onto the wire, and arrives right behind the last of them; or until `within`
 * has passed, and goes alone. */
void net_hold_put(NetHold *hold, NetPacket *packet, uint32_t behind,
                  SimTime within);

/** net_hold_give: (transfer full) takes out one of those that are held, or
 * NULL: none is, or @hold is NULL. */
NetPacket *net_hold_give(NetHold *hold);

/** net_hold_passed: another packet went onto the wire, left it there at
 * `left` and arrives at `arrives`. */
void net_hold_passed(NetHold *hold, SimTime left, SimTime arrives);
