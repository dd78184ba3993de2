/* A link that goes down and comes up, one direction at a time. */
#pragma once

#include "net_link.h"

/** net_wire_down: what starts onto `wire` from now on is lost; with `cut`
 * what is under way on it, or held back to go onto it, too. Nothing happens if it is down. */
void net_wire_down(NetWire *wire, bool cut);

/** net_wire_up: packets pass again. Nothing happens if it is up. */
void net_wire_up(NetWire *wire);

/** net_wire_is_down. */
bool net_wire_is_down(const NetWire *wire);
