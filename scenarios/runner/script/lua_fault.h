/* Faults: what a scenario does to packets on a link, as deciders at the gates
 * of its two wires. */
#pragma once

#include "script.h"

int fault_drop(lua_State *L);
int fault_delay(lua_State *L);
int fault_duplicate(lua_State *L);
int fault_corrupt(lua_State *L);
