/* Hosts, routers and switches, as a scenario describes them.
 *
 * Invariant: script->nodes holds every node that the scenario made, by its
 * name; each node's Lua object is anchored as long as the script lives.
 */
#include "script.h"

#include "lua_box.h"

#include <stdio.h>
#include <string.h>

#include "host.h"
#include "lua_wire.h"
#include "record.h"

#define NAME_LIMIT 32
#define NODE_WORK 4000 /* a host has 2.6 KiB */

typedef struct NodeSpec {
  const char *address, *profile;
  NetHostSpec host;
  bool icmp;
  int64_t ttl;
} NodeSpec;

typedef struct NicSpec {
  int64_t transmit_ring, receive_ring;
  SimTime service;
  bool promiscuous, checksum_offload;
} NicSpec;

const SpecKey nic_keys[] = {
  { .name = "transmit_ring",
    .kind = SPEC_INTEGER,
    .low = 1,
    .high = 1 << 20,
    .offset = offsetof(NicSpec, transmit_ring) },
  { .name = "receive_ring",
    .kind = SPEC_INTEGER,
    .low = 1,
    .high = 1 << 20,
    .offset = offsetof(NicSpec, receive_ring) },
  { .name = "service",
    .kind = SPEC_TIME,
    .offset = offsetof(NicSpec, service) },
  { .name = "promiscuous",
    .kind = SPEC_BOOL,
    .offset = offsetof(NicSpec, promiscuous) },
  { .name = "checksum_offload",
    .kind = SPEC_BOOL,
    .offset = offsetof(NicSpec, checksum_offload) },
  { .name = NULL },
};

static void read_nic(lua_State *L, int index, const char *what, void *ret)
{
  NetNicSpec *nic = ret;
  NicSpec spec = { .checksum_offload = true };

  spec_read(L, index, what, nic_keys, &spec);
  *nic = (NetNicSpec){ .transmit_ring = (uint32_t)spec.transmit_ring,
                       .receive_ring = (uint32_t)spec.receive_ring,
                       .service = spec.service,
                       .promiscuous = spec.promiscuous,
                       .no_checksum_offload = !spec.checksum_offload };
}

const SpecKey host_keys[] = {
  { .name = "address",
    .kind = SPEC_STRING,
    .offset = offsetof(NodeSpec, address) },
  { .name = "profile",
    .kind = SPEC_STRING,
    .offset = offsetof(NodeSpec, profile) },
  { .name = "arp", .kind = SPEC_BOOL, .offset = offsetof(NodeSpec, host.arp) },
  { .name = "icmp", .kind = SPEC_BOOL, .offset = offsetof(NodeSpec, icmp) },
  { .name = "ttl",
    .kind = SPEC_INTEGER,
    .low = 1,
    .high = 255,
    .offset = offsetof(NodeSpec, ttl) },
  { .name = "nic",
    .kind = SPEC_CUSTOM,
    .read = read_nic,
    .offset = offsetof(NodeSpec, host.nic) },
  { .name = NULL },
};

const SpecKey router_keys[] = {
  { .name = "address",
    .kind = SPEC_STRING,
    .offset = offsetof(NodeSpec, address) },
  { .name = "arp", .kind = SPEC_BOOL, .offset = offsetof(NodeSpec, host.arp) },
  { .name = "icmp", .kind = SPEC_BOOL, .offset = offsetof(NodeSpec, icmp) },
  { .name = "ttl",
    .kind = SPEC_INTEGER,
    .low = 1,
    .high = 255,
    .offset = offsetof(NodeSpec, ttl) },
  { .name = "nic",
    .kind = SPEC_CUSTOM,
    .read = read_nic,
    .offset = offsetof(NodeSpec, host.nic) },
  { .name = NULL },
};

static const SpecKey no_keys[] = { { .name = NULL } };

static void node_free(void *data)
{
  ScriptNode *node = data;

  g_array_unref(node->errors);
  g_byte_array_unref(node->data);
  g_free(node);
}

ScriptNode *world_add(lua_State *L, NetNode *net_node, const char *class_name)
{
  Script *script = script_of(L);
  ScriptNode *node = g_new0(ScriptNode, 1);
  char owner[NAME_LIMIT + 16];

  sandbox_charge(&script->sandbox, NODE_WORK);
  node->script = script;
  node->node = net_node;
  node->host = net_host_of(net_node);
  node->line = spec_line(L);
  node->errors = g_array_new(FALSE, FALSE, sizeof(ScriptCallError));
  node->data = g_byte_array_new();
  snprintf(owner, sizeof owner, "script %s", net_node->name);
  sim_owner_init(&node->owner, script->run->sim, owner);
  script_own(script, node, node_free);
  g_hash_table_insert(script->nodes, net_node->name, node);
  g_ptr_array_add(script->node_list, node);
  *(ScriptNode **)script_object(L, class_name, sizeof node) = node;
  lua_pushvalue(L, -1);
  node->ref = luaL_ref(L, LUA_REGISTRYINDEX);
  return node;
}

/* -- describing -- */

const char *world_new_name(lua_State *L, const char *what)
{
  const char *name;

  script_check_describes(L, what);
  if (lua_type(L, 1) != LUA_TSTRING)
    spec_error(L, "%s needs a name: %s \"...\"", what, what);
  name = lua_tostring(L, 1);
  if (!*name || strlen(name) > NAME_LIMIT)
    spec_error(L, "%s: a name has 1 to %d bytes", what, NAME_LIMIT);
  for (const char *c = name; *c; c++)
    if (g_ascii_iscntrl(*c) || *c == '/' || *c == '"' || *c == '\\')
      spec_error(L,
                 g_ascii_iscntrl(*c)
                     ? "%s: a name cannot have the byte %d, which no file has"
                     : "%s: a name cannot have a %c; write letters, digits, -",
                 what, *c);
  if (world_find(script_of(L), name))
    spec_error(L, "%s: there is already a \"%s\"; write another name", what,
               name);
  return name;
}

static void check_taken(lua_State *L, const ScriptNode *given)
{
  const Script *script = script_of(L);

  for (unsigned i = 0; given->prefix && i < script->node_list->len; i++) {
    const ScriptNode *node = script->node_list->pdata[i];

    if (node->prefix && net_address_equal(node->address, given->address))
      spec_error(L,
                 "host: %s has that address already; write another, or "
                 "none: one is chosen",
                 node->node->name);
  }
}

const TcpProfile *world_profile(lua_State *L, const char *what,
                                const char *name)
{
  const char *names[32];
  unsigned count = 0;

  if (!name)
    name = script_of(L)->run->options.profile;
  if (!name)
    return tcp_profile(0);
  if (tcp_profile_find(name))
    return tcp_profile_find(name);
  for (; count + 1 < G_N_ELEMENTS(names) && tcp_profile(count); count++)
    names[count] = tcp_profile(count)->name;
  names[count] = NULL;
  spec_unknown(L, what, "profile", name, names);
  return NULL;
}

/* The profile is the floor that the knobs stand on, so it is read first. */
static const TcpProfile *read_host_spec(lua_State *L, NodeSpec *spec,
                                        TcpKnobs *knobs)
{
  TcpKnobs ignored = tcp_profile(0)->knobs;

  const TcpProfile *profile;

  if (!lua_isnoneornil(L, 2))
    spec_read_knobs(L, 2, "host", host_keys, spec, &ignored);
  profile = world_profile(L, "host", spec->profile);
  *knobs = profile->knobs;
  if (!lua_isnoneornil(L, 2))
    spec_read_knobs(L, 2, "host", host_keys, spec, knobs);
  return profile;
}

static int make_node(lua_State *L, bool router)
{
  const char *what = router ? "router" : "host";
  const char *name = world_new_name(L, what);
  NodeSpec spec = { .icmp = true };
  ScriptNode parsed = { .prefix = 0 }, *node;
  const TcpProfile *profile = NULL;
  NetHost *host;
  TcpKnobs knobs;

  if (!router)
    profile = read_host_spec(L, &spec, &knobs);
  else if (!lua_isnoneornil(L, 2))
    spec_read(L, 2, "router", router_keys, &spec);
  if (spec.address)
    world_read_address(L, spec.address, what, &parsed);
  check_taken(L, &parsed);
  spec.host.forwarding = router;
  spec.host.no_icmp = !spec.icmp;
  spec.host.ttl = (uint8_t)spec.ttl;
  host = net_host_new(script_of(L)->run->net, name, &spec.host);
  node = world_add(L, net_host_node(host), what);
  node->address = parsed.address;
  node->prefix = parsed.prefix;
  if (profile) {
    node->profile = profile->name;
    node->stack = tcp_stack_new(host, &knobs);
  }
  return 1;
}

static int world_make_host(lua_State *L)
{
  return make_node(L, false);
}

static int world_make_router(lua_State *L)
{
  return make_node(L, true);
}

static int world_make_switch(lua_State *L)
{
  const char *name = world_new_name(L, "switch");

  world_add(L, net_switch_new(script_of(L)->run->net, name), "switch");
  return 1;
}

/* -- methods -- */

static ScriptNode *self_node(lua_State *L, const char *class_name)
{
  return *(ScriptNode **)script_self(L, class_name);
}

static int host_set(lua_State *L)
{
  ScriptNode *node = self_node(L, "host");

  spec_read_knobs(L, 2, "set", no_keys, NULL, tcp_stack_knobs(node->stack));
  return 0;
}

static int host_profile(lua_State *L)
{
  lua_pushstring(L, self_node(L, "host")->profile);
  return 1;
}

static int push_address(lua_State *L, ScriptNode *node)
{
  char text[NET_ADDRESS_TEXT];
  NetAddress address = net_host_address(node->host);

  if (net_address_is_any(address))
    return 0;
  lua_pushstring(L, net_address_format(address, text));
  return 1;
}

static int host_address(lua_State *L)
{
  return push_address(L, self_node(L, "host"));
}

static int router_address(lua_State *L)
{
  return push_address(L, self_node(L, "router"));
}

int world_node_address(lua_State *L)
{
  ScriptNode *node = world_node(L, 1, "address");

  return node->host ? push_address(L, node) : 0;
}

typedef struct RouteSpec {
  const char *to;
  NetAddress via;
} RouteSpec;

static void read_via(lua_State *L, int index, const char *what, void *ret)
{
  *(NetAddress *)ret = world_address(L, index, what, NULL);
}

const SpecKey route_keys[] = {
  { .name = "to",
    .kind = SPEC_STRING,
    .required = true,
    .offset = offsetof(RouteSpec, to) },
  { .name = "via",
    .kind = SPEC_CUSTOM,
    .read = read_via,
    .example = "a router",
    .required = true,
    .offset = offsetof(RouteSpec, via) },
  { .name = NULL },
};

static int add_route(lua_State *L, ScriptNode *node)
{
  RouteSpec spec = { 0 };
  ScriptNode target = { .prefix = 0 };

  spec_read(L, 2, "route", route_keys, &spec);
  world_read_address(L, spec.to, "route: to", &target);
  if (!net_host_add_route(node->host, target.address, target.prefix, spec.via,
                          NULL))
    return spec_error(L, "route: %s has no link to the gateway",
                      node->node->name);
  return 0;
}

static int host_route(lua_State *L)
{
  return add_route(L, self_node(L, "host"));
}

static int router_route(lua_State *L)
{
  return add_route(L, self_node(L, "router"));
}

int world_node_route(lua_State *L)
{
  ScriptNode *node = world_node(L, 1, "route");

  if (!node->host)
    return spec_error(L, "route: %s is transparent: it has no routes",
                      node->node->name);
  return add_route(L, node);
}

int world_node_name(lua_State *L)
{
  lua_pushstring(L, world_node(L, 1, "name")->node->name);
  return 1;
}

int world_node_text(lua_State *L)
{
  lua_pushstring(L, world_node(L, 1, "tostring")->node->name);
  return 1;
}

const luaL_Reg host_methods[] = {
  { "firewall", firewall_host },
  { "scan", scan_host },
  { "run", app_run },
  { "set", host_set },
  { "sysctl", sysctl_set },
  { "profile", host_profile },
  { "address", host_address },
  { "route", host_route },
  { "nic", wire_nic },
  { "sockets", socket_list },
  { "state", socket_state },
  { "name", world_node_name },
  { "on", hooks_host_on },
  { "inject", inject_host },
  { "script", play_script },
  { "crash", power_crash },
  { "reboot", power_reboot },
  { "on_boot", power_on_boot },
  { "nic_down", power_nic_down },
  { "nic_up", power_nic_up },
  { "bulk", program_bulk },
  { "sink", program_sink },
  { "request", program_request },
  { "respond", program_respond },
  { "churn", program_churn },
  { "held", program_held },
  { "__tostring", world_node_text },
  { NULL, NULL },
};

const luaL_Reg router_methods[] = {
  { "address", router_address },
  { "route", router_route },
  { "nic", wire_nic },
  { "inject", inject_router },
  { "name", world_node_name },
  { "__tostring", world_node_text },
  { NULL, NULL },
};

const luaL_Reg switch_methods[] = {
  { "name", world_node_name },
  { "__tostring", world_node_text },
  { NULL, NULL },
};

const luaL_Reg world_functions[] = {
  { "host", world_make_host },
  { "router", world_make_router },
  { "switch", world_make_switch },
  { NULL, NULL },
};

void world_open(lua_State *L)
{
  script_class(L, "host", host_methods);
  script_class(L, "router", router_methods);
  script_class(L, "switch", switch_methods);
  lua_pushglobaltable(L);
  luaL_setfuncs(L, world_functions, 0);
  lua_pop(L, 1);
}
