/* The directions of a link: which are meant, and what has happened on them. */
#include "lua_wire.h"

#include "carrier.h"

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

static void push_queue(lua_State *L, const NetNic *nic)
{
  const NetQdiscCounters *counters;

  lua_newtable(L);
  if (!nic->qdisc) {
    lua_pushliteral(L, "ring");
    lua_setfield(L, -2, "name");
    set_count(L, "waiting", nic->transmit.count);
    set_count(L, "dropped", nic->counters.transmit_drops);
    lua_setfield(L, -2, "queue");
    return;
  }
  counters = net_qdisc_counters(nic->qdisc);
  lua_pushstring(L, net_qdisc_name(net_qdisc_spec(nic->qdisc)->kind));
  lua_setfield(L, -2, "name");
  set_count(L, "waiting", net_qdisc_waiting(nic->qdisc));
  set_count(L, "dropped", counters->dropped);
  set_count(L, "over_limit", counters->over_limit);
  set_count(L, "marked", counters->marked);
  set_count(L, "sent", counters->sent);
  script_push_time(
      L, counters->sent ? counters->waited / (SimTime)counters->sent : 0);
  lua_setfield(L, -2, "mean_wait");
  script_push_time(L, counters->longest);
  lua_setfield(L, -2, "longest_wait");
  lua_pushnumber(L, net_qdisc_average(nic->qdisc));
  lua_setfield(L, -2, "average");
  lua_setfield(L, -2, "queue");
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
  push_queue(L, wires[0]->from);
  return 1;
}

/* -- down and up -- */

typedef struct DownSpec {
  ScriptNode *from;
  bool arrives;
} DownSpec;

static void read_under_way(lua_State *L, int index, const char *what, void *ret)
{
  static const char *const names[] = { "lost", "arrives", NULL };
  const char *word = lua_tostring(L, index);

  if (!word || (!g_str_equal(word, "lost") && !g_str_equal(word, "arrives")))
    spec_unknown(L, what, "value", word ? word : luaL_typename(L, index),
                 names);
  *(bool *)ret = g_str_equal(word, "arrives");
}

const SpecKey down_keys[] = {
  { .name = "from",
    .kind = SPEC_CUSTOM,
    .read = world_read_node,
    .offset = offsetof(DownSpec, from) },
  { .name = "under_way",
    .kind = SPEC_CUSTOM,
    .read = read_under_way,
    .offset = offsetof(DownSpec, arrives) },
  { .name = NULL },
};

const SpecKey up_keys[] = {
  { .name = "from",
    .kind = SPEC_CUSTOM,
    .read = world_read_node,
    .offset = offsetof(DownSpec, from) },
  { .name = NULL },
};

static DownSpec read_down(lua_State *L, const char *what, const SpecKey *keys)
{
  DownSpec spec = { .from = NULL };

  if (!lua_isnoneornil(L, 2))
    spec_read(L, 2, what, keys, &spec);
  return spec;
}

int wire_down(lua_State *L)
{
  ScriptLink *link = script_self(L, "link");
  DownSpec spec = read_down(L, "down", down_keys);
  NetWire *wires[2];
  unsigned count = wire_pick(L, "down", link->link, spec.from, wires);

  for (unsigned i = 0; i < count; i++)
    net_wire_down(wires[i], !spec.arrives);
  return 0;
}

int wire_up(lua_State *L)
{
  ScriptLink *link = script_self(L, "link");
  DownSpec spec = read_down(L, "up", up_keys);
  NetWire *wires[2];
  unsigned count = wire_pick(L, "up", link->link, spec.from, wires);

  for (unsigned i = 0; i < count; i++)
    net_wire_up(wires[i]);
  return 0;
}

/* -- MTU and NICs -- */

int wire_mtu(lua_State *L)
{
  ScriptLink *link = script_self(L, "link");
  int64_t mtu = spec_size(L, 2, "mtu");
  ScriptNode *from = lua_isnoneornil(L, 3) ? NULL : world_node(L, 3, "mtu");
  NetWire *wires[2];
  unsigned count;

  if (mtu < 68 || mtu > 65535)
    spec_error(L, "mtu must lie in 68 to 65535 bytes, not %d", (int)mtu);
  count = wire_pick(L, "mtu", link->link, from, wires);
  for (unsigned i = 0; i < count; i++)
    wires[i]->from->mtu = (uint32_t)mtu;
  return 0;
}

typedef struct NicChange {
  int64_t transmit_ring, receive_ring;
  SimTime service;
  bool has_service;
  ScriptLink *link;
} NicChange;

static void read_link(lua_State *L, int index, const char *what, void *ret)
{
  *(ScriptLink **)ret = world_link(L, index, what);
}

const SpecKey nic_change_keys[] = {
  { .name = "transmit_ring",
    .kind = SPEC_INTEGER,
    .low = 1,
    .high = 1 << 20,
    .offset = offsetof(NicChange, transmit_ring) },
  { .name = "receive_ring",
    .kind = SPEC_INTEGER,
    .low = 1,
    .high = 1 << 20,
    .offset = offsetof(NicChange, receive_ring) },
  { .name = "service",
    .kind = SPEC_TIME,
    .offset = offsetof(NicChange, service),
    .given = offsetof(NicChange, has_service) + 1 },
  { .name = "link",
    .kind = SPEC_CUSTOM,
    .read = read_link,
    .offset = offsetof(NicChange, link) },
  { .name = NULL },
};

int wire_nic(lua_State *L)
{
  ScriptNode *node = world_node(L, 1, "nic");
  NicChange change = { .link = NULL };
  unsigned count = 0;

  spec_read(L, 2, "nic", nic_change_keys, &change);
  for (NetNic *nic = node->node->nics; nic; nic = nic->next) {
    if (change.link && nic->link != change.link->link)
      continue;
    count++;
    if (change.transmit_ring)
      nic->transmit.limit = (uint32_t)change.transmit_ring;
    if (change.receive_ring)
      nic->receive.limit = (uint32_t)change.receive_ring;
    if (change.has_service)
      net_nic_set_service(nic, change.service);
  }
  if (count == 0)
    spec_error(L, "nic: %s has no NIC %s", node->node->name,
               change.link ? "on that link" : "yet; describe its link first");
  return 0;
}
