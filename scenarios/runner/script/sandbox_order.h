/* pairs and next in an order that every run has: numbers ascending, strings by
 * bytes, false, true, then objects of linger by creation. */
#pragma once

#include <lua.h>

/** order_pairs, order_next: in place of Lua's own. */
int order_pairs(lua_State *L);
int order_next(lua_State *L);
