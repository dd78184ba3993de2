/* The directions of a link: which are meant, and what has happened on them. */
#include "lua_wire.h"

unsigned wire_pick(lua_State *L, const char *what, NetLink *link,
                   const ScriptNode *from, NetWire *ret_wires[2])
{
  unsigned count = 0;

  for (unsigned i = 0; i < 2; i++)
    if (!from || link->wires[i].from->node == from->node)
      ret_wires[count++] = &link->wires[i];
  if (count == 0)
    spec_error(L,
               "%s: %s is not an end of the link %s, whose ends are %s and %s",
               what, from->node->name, link->name,
               link->wires[0].from->node->name, link->wires[0].to->node->name);
  return count;
}

static void set_count(lua_State *L, const char *name, uint64_t value)
{
  lua_pushinteger(L, (lua_Integer)value);
  lua_setfield(L, -2, name);
}

static void push_netem(lua_State *L, const NetWire *wire)
{
  const NetNetemCounters *counters = net_netem_counters(wire);

  if (!counters)
    return;
  lua_newtable(L);
  set_count(L, "packets", counters->packets);
  set_count(L, "lost", counters->lost);
  set_count(L, "marked", counters->marked);
  set_count(L, "duplicated", counters->duplicated);
  set_count(L, "corrupted", counters->corrupted);
  set_count(L, "reordered", counters->reordered);
  set_count(L, "over_limit", counters->over_limit);
  set_count(L, "waiting", net_netem_waiting(wire));
  if (net_netem_state(wire) > 0)
    set_count(L, "state", net_netem_state(wire));
  lua_setfield(L, -2, "netem");
}

int wire_counts(lua_State *L)
{
  ScriptLink *link = script_self(L, "link");
  ScriptNode *from = world_node(L, 2, "counts");
  NetWire *wires[2];

  wire_pick(L, "counts", link->link, from, wires);
  lua_newtable(L);
  set_count(L, "in_flight", wires[0]->in_flight);
  push_netem(L, wires[0]);
  return 1;
}
