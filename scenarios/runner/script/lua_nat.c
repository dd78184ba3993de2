/* nat(NAME, { ... }): a router that translates addresses. */
#include "nat.h"

#include <stdio.h>
#include <string.h>

#include "lua_box.h"
#include "lua_track.h"

#define MOST_ENDS 16

/* Which links lead inside or outside: by the nodes at their other ends. */
typedef struct NatSides {
  const NetNode *inside[MOST_ENDS], *outside[MOST_ENDS];
  unsigned inside_count, outside_count;
} NatSides;

typedef struct NatPorts {
  int64_t low, high;
} NatPorts;

typedef struct NatSpec {
  RouterSpec router;
  NatSides sides;
  NatPorts ports;
  const char *mapping, *filtering;
  NetTrackSpec track;
  int64_t most, max_retrans;
  bool preserve, reuse;
} NatSpec;

static void read_nodes(lua_State *L, int index, const char *what,
                       const NetNode **list, unsigned *count)
{
  if (lua_type(L, index) != LUA_TTABLE) {
    list[(*count)++] = world_node(L, index, what)->node;
    return;
  }
  for (lua_Integer i = 1; lua_rawgeti(L, index, i) != LUA_TNIL; i++) {
    if (*count == MOST_ENDS)
      spec_error(L, "%s: more than %d nodes; put a switch between", what,
                 MOST_ENDS);
    list[(*count)++] = world_node(L, lua_gettop(L), what)->node;
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static void read_inside(lua_State *L, int index, const char *what, void *ret)
{
  NatSides *sides = ret;

  read_nodes(L, index, what, sides->inside, &sides->inside_count);
}

static void read_outside(lua_State *L, int index, const char *what, void *ret)
{
  NatSides *sides = ret;

  read_nodes(L, index, what, sides->outside, &sides->outside_count);
}

/* "40000-40009" or 40000 */
static void read_range(lua_State *L, int index, const char *what, void *ret)
{
  NatPorts *ports = ret;

  if (lua_type(L, index) == LUA_TSTRING) {
    const char *text = lua_tostring(L, index);
    char *end;

    ports->low = ports->high = g_ascii_strtoll(text, &end, 10);
    if (*end == '-')
      ports->high = g_ascii_strtoll(end + 1, &end, 10);
    if (*end)
      ports->low = 0;
  } else {
    ports->low = ports->high = spec_integer(L, index, what, 1, 65535);
  }
  if (ports->low < 1 || ports->high > 65535 || ports->low > ports->high)
    spec_error(L,
               "%s must be a port or a range in 1 to 65535 such as "
               "\"40000-40009\"",
               what);
}

const SpecKey nat_keys[] = {
  { .name = "inside",
    .kind = SPEC_CUSTOM,
    .read = read_inside,
    .offset = offsetof(NatSpec, sides) },
  { .name = "outside",
    .kind = SPEC_CUSTOM,
    .read = read_outside,
    .offset = offsetof(NatSpec, sides) },
  { .name = "ports",
    .kind = SPEC_CUSTOM,
    .read = read_range,
    .offset = offsetof(NatSpec, ports) },
  { .name = "mapping",
    .kind = SPEC_STRING,
    .offset = offsetof(NatSpec, mapping) },
  { .name = "filtering",
    .kind = SPEC_STRING,
    .offset = offsetof(NatSpec, filtering) },
  { .name = "preserve",
    .kind = SPEC_BOOL,
    .offset = offsetof(NatSpec, preserve) },
  { .name = "reuse", .kind = SPEC_BOOL, .offset = offsetof(NatSpec, reuse) },
  { .name = "address",
    .kind = SPEC_STRING,
    .offset = offsetof(NatSpec, router.address) },
  { .name = "icmp",
    .kind = SPEC_BOOL,
    .offset = offsetof(NatSpec, router.icmp) },
  { .name = "ttl",
    .kind = SPEC_INTEGER,
    .low = 1,
    .high = 255,
    .offset = offsetof(NatSpec, router.ttl) },
  TRACK_KEYS(NatSpec, track),
  { .name = NULL },
};

static NetDependence read_dependence(lua_State *L, const char *word)
{
  static const char *const names[] = { "endpoint-independent",
                                       "address-dependent",
                                       "address-and-port-dependent", NULL };

  for (unsigned i = 0; names[i]; i++)
    if (g_str_equal(names[i], word))
      return (NetDependence)i;
  spec_unknown(L, "nat", "behaviour", word, names);
  return NET_ENDPOINT_INDEPENDENT;
}

static bool has(const NetNode *const *list, unsigned count, const NetNode *node)
{
  for (unsigned i = 0; i < count; i++)
    if (list[i] == node)
      return true;
  return false;
}

/* What is not named on one side lies on the other. */
static bool leads_outside(void *user, const NetNic *nic)
{
  const NatSides *sides = user;
  const NetNode *beyond = nic->peer ? nic->peer->node : NULL;

  if (sides->outside_count > 0)
    return has(sides->outside, sides->outside_count, beyond);
  return !has(sides->inside, sides->inside_count, beyond);
}

static NetNatSpec read_spec(lua_State *L, NatSpec *spec)
{
  NetNatSpec made = { .is_outside = leads_outside };
  NatSides *sides;

  *spec = (NatSpec){ .router = { .icmp = true, .ttl = 64 },
                     .ports = { 1024, 65535 },
                     .mapping = "endpoint-independent",
                     .filtering = "address-and-port-dependent",
                     .track = net_track_defaults(),
                     .preserve = true,
                     .reuse = true };
  spec->most = spec->track.most;
  spec->max_retrans = spec->track.max_retrans;
  spec_read(L, 2, "nat", nat_keys, spec);
  if (spec->sides.inside_count + spec->sides.outside_count == 0)
    spec_error(L, "nat: say which node is inside or outside: "
                  "nat(\"nat\", { outside = server })");
  made.track = spec->track;
  made.track.most = (uint32_t)spec->most;
  made.track.max_retrans = (uint32_t)spec->max_retrans;
  made.mapping = read_dependence(L, spec->mapping);
  made.filtering = read_dependence(L, spec->filtering);
  if (made.filtering != NET_ADDRESS_AND_PORT_DEPENDENT &&
      made.mapping != NET_ENDPOINT_INDEPENDENT)
    spec_error(L,
               "nat: filtering = \"%s\" needs mapping = "
               "\"endpoint-independent\"",
               spec->filtering);
  made.low = (uint16_t)spec->ports.low;
  made.high = (uint16_t)spec->ports.high;
  made.preserve = spec->preserve;
  made.reuse = spec->reuse;
  sides = g_memdup2(&spec->sides, sizeof spec->sides);
  script_own(script_of(L), sides, g_free);
  made.user = sides;
  return made;
}

static int make_nat(lua_State *L)
{
  const char *name = world_new_name(L, "nat");
  NetNatSpec made;
  ScriptNode *node;
  NatSpec spec;

  if (!lua_istable(L, 2))
    return spec_error(L,
                      "nat needs a table: nat(\"nat\", { outside = server })");
  made = read_spec(L, &spec);
  node = world_add_router(L, "nat", name, &spec.router);
  node->nat = net_nat_new(node->host, &made);
  return 1;
}

static const NetNat *self(lua_State *L)
{
  return (*(ScriptNode **)script_self(L, "nat"))->nat;
}

static int nat_connections(lua_State *L)
{
  return track_push(L, net_nat_tracker(self(L)));
}

static int nat_counters(lua_State *L)
{
  const NetNatCounters *it = net_nat_counters(self(L));
  const struct {
    const char *name;
    uint64_t count;
  } table[] = {
    { "translated", it->translated }, { "unsolicited", it->unsolicited },
    { "invalid", it->invalid },       { "no_port", it->no_port },
    { "reused", it->reused },
  };

  lua_createtable(L, 0, G_N_ELEMENTS(table));
  for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
    lua_pushinteger(L, (lua_Integer)table[i].count);
    lua_setfield(L, -2, table[i].name);
  }
  return 1;
}

const luaL_Reg nat_methods[] = {
  { "counters", nat_counters },
  { "connections", nat_connections },
  { "address", world_node_address },
  { "route", world_node_route },
  { "name", world_node_name },
  { "__tostring", world_node_text },
  { NULL, NULL },
};

const luaL_Reg nat_functions[] = {
  { "nat", make_nat },
  { NULL, NULL },
};

void nat_open(lua_State *L)
{
  script_class(L, "nat", nat_methods);
  lua_pushglobaltable(L);
  luaL_setfuncs(L, nat_functions, 0);
  lua_pop(L, 1);
}
