/* Firewalls: a router or a bridge of its own, or a host's. */
#include "lua_firewall.h"

#include <stdio.h>

#include "lua_box.h"
#include "lua_track.h"

#define IN (1u << NET_POINT_IN)
#define FORWARD (1u << NET_POINT_FORWARD)

typedef struct FirewallSpec {
  RouterSpec router;
  GArray *rules;
  const char *policy, *with;
  NetTrackSpec track;
  int64_t most, max_retrans;
  bool transparent, stateless;
} FirewallSpec;

static void read_forward_rules(lua_State *L, int index, const char *what,
                               void *ret)
{
  if (!lua_istable(L, index))
    spec_error(L,
               "%s must be a list of rules such as { illegal_flags, "
               "{ filter = \"tcp port 80\", action = \"drop\" } }, not %s",
               what, spec_kind(L, index));
  *(GArray **)ret = firewall_read_rules(L, index, what, FORWARD);
}

static void read_host_rules(lua_State *L, int index, const char *what,
                            void *ret)
{
  GArray *rules;

  read_forward_rules(L, index, what, ret);
  rules = *(GArray **)ret;
  for (unsigned i = 0; i < rules->len; i++)
    if (g_array_index(rules, NetRule, i).points == FORWARD)
      g_array_index(rules, NetRule, i).points = IN;
}

#define COMMON_KEYS(reader)                            \
  { .name = "rules",                                   \
    .kind = SPEC_CUSTOM,                               \
    .read = reader,                                    \
    .offset = offsetof(FirewallSpec, rules) },         \
      { .name = "policy",                              \
        .kind = SPEC_STRING,                           \
        .offset = offsetof(FirewallSpec, policy) },    \
      { .name = "with",                                \
        .kind = SPEC_STRING,                           \
        .offset = offsetof(FirewallSpec, with) },      \
      { .name = "stateless",                           \
        .kind = SPEC_BOOL,                             \
        .offset = offsetof(FirewallSpec, stateless) }, \
      TRACK_KEYS(FirewallSpec, track)

const SpecKey firewall_keys[] = {
  COMMON_KEYS(read_forward_rules),
  { .name = "transparent",
    .kind = SPEC_BOOL,
    .offset = offsetof(FirewallSpec, transparent) },
  { .name = "address",
    .kind = SPEC_STRING,
    .offset = offsetof(FirewallSpec, router.address) },
  { .name = "icmp",
    .kind = SPEC_BOOL,
    .offset = offsetof(FirewallSpec, router.icmp) },
  { .name = "ttl",
    .kind = SPEC_INTEGER,
    .low = 1,
    .high = 255,
    .offset = offsetof(FirewallSpec, router.ttl) },
  { .name = NULL },
};

const SpecKey host_firewall_keys[] = { COMMON_KEYS(read_host_rules),
                                       { .name = NULL } };

static FirewallSpec read_spec(lua_State *L, int index, const char *what,
                              const SpecKey *keys)
{
  FirewallSpec spec = { .router = { .icmp = true, .ttl = 64 },
                        .policy = "accept",
                        .track = net_track_defaults() };

  spec.most = spec.track.most;
  spec.max_retrans = spec.track.max_retrans;
  if (!lua_isnoneornil(L, index))
    spec_read(L, index, what, keys, &spec);
  spec.track.most = (uint32_t)spec.most;
  spec.track.max_retrans = (uint32_t)spec.max_retrans;
  return spec;
}

/* A rule that can never hold is a mistake. */
static void check_rules(lua_State *L, const char *what,
                        const FirewallSpec *spec)
{
  for (unsigned i = 0; spec->rules && i < spec->rules->len; i++) {
    const NetRule *rule = &g_array_index(spec->rules, NetRule, i);

    if (spec->stateless && rule->states)
      spec_error(L,
                 "%s: %s asks for a state, but the firewall is stateless; "
                 "leave one of the two out",
                 what, rule->name);
    if (spec->transparent && rule->action == NET_ACTION_REJECT)
      spec_error(L,
                 "%s: %s: a transparent firewall has no address to send ICMP "
                 "from; write with = \"rst\" or action = \"drop\"",
                 what, rule->name);
  }
}

static void add_firewall(lua_State *L, ScriptNode *node, const char *what,
                         const FirewallSpec *spec, unsigned points)
{
  NetFirewallSpec made = { .track = spec->track, .stateless = spec->stateless };

  made.policy = (NetRule){ .name = "policy", .points = points };
  firewall_read_action(L, what, spec->policy, spec->with, &made.policy);
  if (made.policy.action >= NET_ACTION_LOG)
    spec_error(L, "%s: policy must be \"accept\", \"drop\" or \"reject\"",
               what);
  if (spec->rules) {
    made.rule_count = spec->rules->len;
    made.rules =
        g_memdup2(spec->rules->data, spec->rules->len * sizeof(NetRule));
  }
  node->firewall = net_firewall_new(node->node, &made);
}

/* firewall(NAME, { ... }) */
static int make_firewall(lua_State *L)
{
  const char *name = world_new_name(L, "firewall");
  FirewallSpec spec = read_spec(L, 2, "firewall", firewall_keys);
  ScriptNode *node;

  check_rules(L, "firewall", &spec);
  if (spec.transparent && spec.router.address)
    return spec_error(L, "firewall: a transparent firewall has no address");
  if (spec.transparent)
    node =
        world_add(L, net_switch_new(script_of(L)->run->net, name), "firewall");
  else
    node = world_add_router(L, "firewall", name, &spec.router);
  add_firewall(L, node, "firewall", &spec, FORWARD);
  return 1;
}

/* host:firewall { ... } */
int firewall_host(lua_State *L)
{
  ScriptNode *node = *(ScriptNode **)script_self(L, "host");
  FirewallSpec spec = read_spec(L, 2, "firewall", host_firewall_keys);

  if (node->firewall)
    return spec_error(L, "firewall: %s has one already; put all rules into it",
                      node->node->name);
  check_rules(L, "firewall", &spec);
  add_firewall(L, node, "firewall", &spec, IN);
  *(ScriptNode **)script_object(L, "firewall", sizeof node) = node;
  return 1;
}

/* -- asking -- */

static ScriptNode *self(lua_State *L)
{
  return *(ScriptNode **)script_self(L, "firewall");
}

static int firewall_connections(lua_State *L)
{
  return track_push(L, net_firewall_tracker(self(L)->firewall));
}

static int list_text(lua_State *L)
{
  lua_pushvalue(L, lua_upvalueindex(1));
  return 1;
}

static void push_counters_text(lua_State *L, const NetFirewall *firewall)
{
  const NetRule *rule;
  luaL_Buffer buffer;
  char line[100];

  luaL_buffinit(L, &buffer);
  snprintf(line, sizeof line, "%10s %12s  %-7s %s\n", "packets", "bytes",
           "action", "rule");
  luaL_addstring(&buffer, line);
  for (unsigned i = 0; (rule = net_firewall_rule(firewall, i)); i++) {
    snprintf(line, sizeof line, "%10llu %12llu  %-7s %.46s\n",
             (unsigned long long)rule->packets, (unsigned long long)rule->bytes,
             firewall_action_name(rule->action), rule->name);
    luaL_addstring(&buffer, line);
  }
  luaL_pushresult(&buffer);
}

/* Rows by number, and counts of packets by name. */
static int firewall_counters(lua_State *L)
{
  const NetFirewall *firewall = self(L)->firewall;
  const NetRule *rule;

  lua_newtable(L);
  for (unsigned i = 0; (rule = net_firewall_rule(firewall, i)); i++) {
    lua_createtable(L, 0, 4);
    lua_pushstring(L, rule->name);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, firewall_action_name(rule->action));
    lua_setfield(L, -2, "action");
    lua_pushinteger(L, (lua_Integer)rule->packets);
    lua_setfield(L, -2, "packets");
    lua_pushinteger(L, (lua_Integer)rule->bytes);
    lua_setfield(L, -2, "bytes");
    lua_rawseti(L, -2, (lua_Integer)i + 1);
    lua_pushinteger(L, (lua_Integer)rule->packets);
    lua_setfield(L, -2, rule->name);
  }
  lua_createtable(L, 0, 1);
  push_counters_text(L, firewall);
  lua_pushcclosure(L, list_text, 1);
  lua_setfield(L, -2, "__tostring");
  lua_setmetatable(L, -2);
  return 1;
}

const luaL_Reg firewall_methods[] = {
  { "counters", firewall_counters },
  { "connections", firewall_connections },
  { "address", world_node_address },
  { "route", world_node_route },
  { "name", world_node_name },
  { "__tostring", world_node_text },
  { NULL, NULL },
};

const luaL_Reg firewall_functions[] = {
  { "firewall", make_firewall },
  { NULL, NULL },
};

void firewall_open(lua_State *L)
{
  script_class(L, "firewall", firewall_methods);
  lua_pushglobaltable(L);
  luaL_setfuncs(L, firewall_functions, 0);
  firewall_push_illegal(L);
  lua_setfield(L, -2, "illegal_flags");
  lua_pop(L, 1);
}
