/* proxy(NAME, { ... }): a router that ends TCP connections and makes two of
 * each. */
#include "proxy.h"

#include "lua_box.h"

typedef struct ProxySpec {
  RouterSpec router;
  ScriptPorts ports;
  const char *profile, *connect, *on_fin, *on_reset;
  SimTime delay;
  int64_t buffer;
} ProxySpec;

const SpecKey proxy_keys[] = {
  { .name = "ports",
    .kind = SPEC_CUSTOM,
    .read = world_read_ports,
    .required = true,
    .offset = offsetof(ProxySpec, ports) },
  { .name = "connect",
    .kind = SPEC_STRING,
    .offset = offsetof(ProxySpec, connect) },
  { .name = "on_fin",
    .kind = SPEC_STRING,
    .offset = offsetof(ProxySpec, on_fin) },
  { .name = "on_reset",
    .kind = SPEC_STRING,
    .offset = offsetof(ProxySpec, on_reset) },
  { .name = "delay", .kind = SPEC_TIME, .offset = offsetof(ProxySpec, delay) },
  { .name = "buffer",
    .kind = SPEC_SIZE,
    .low = 1,
    .high = INT32_MAX,
    .offset = offsetof(ProxySpec, buffer) },
  { .name = "profile",
    .kind = SPEC_STRING,
    .offset = offsetof(ProxySpec, profile) },
  { .name = "address",
    .kind = SPEC_STRING,
    .offset = offsetof(ProxySpec, router.address) },
  { .name = "icmp",
    .kind = SPEC_BOOL,
    .offset = offsetof(ProxySpec, router.icmp) },
  { .name = "ttl",
    .kind = SPEC_INTEGER,
    .low = 1,
    .high = 255,
    .offset = offsetof(ProxySpec, router.ttl) },
  { .name = NULL },
};

/* The number of `word` among `names`, which ends with NULL. */
static unsigned read_word(lua_State *L, const char *key, const char *word,
                          const char *const *names)
{
  for (unsigned i = 0; names[i]; i++)
    if (g_str_equal(names[i], word))
      return i;
  spec_unknown(L, "proxy", key, word, names);
  return 0;
}

static AppProxySpec read_words(lua_State *L, const ProxySpec *spec)
{
  static const char *const fins[] = { "pass", "close both", "hold", NULL };
  static const char *const resets[] = { "pass", "close", "hold", NULL };
  static const char *const orders[] = { "client first", "server first", NULL };

  return (AppProxySpec){
    .ports = spec->ports.list,
    .count = spec->ports.count,
    .on_fin = (AppProxyFin)read_word(L, "on_fin", spec->on_fin, fins),
    .on_reset = (AppProxyReset)read_word(L, "on_reset", spec->on_reset, resets),
    .server_first = read_word(L, "connect", spec->connect, orders) == 1,
    .delay = spec->delay,
    .buffer = (uint32_t)spec->buffer,
  };
}

/* As with hosts, the profile is read first: the knobs stand on it. */
static const TcpProfile *read_spec(lua_State *L, ProxySpec *spec,
                                   TcpKnobs *knobs)
{
  const TcpProfile *profile;

  *spec = (ProxySpec){ .router = { .icmp = true, .ttl = 64 },
                       .connect = "client first",
                       .on_fin = "pass",
                       .on_reset = "pass",
                       .buffer = 64 * 1024 };
  *knobs = tcp_profile(0)->knobs;
  spec_read_knobs(L, 2, "proxy", proxy_keys, spec, knobs);
  profile = world_profile(L, "proxy", spec->profile);
  *knobs = profile->knobs;
  spec_read_knobs(L, 2, "proxy", proxy_keys, spec, knobs);
  if (spec->ports.count > APP_PROXY_PORTS)
    spec_error(L, "proxy.ports: %d ports; name the servers', at most %d",
               (int)spec->ports.count, APP_PROXY_PORTS);
  return profile;
}

static int make_proxy(lua_State *L)
{
  const char *name = world_new_name(L, "proxy");
  const TcpProfile *profile;
  AppProxySpec made;
  ScriptNode *node;
  ProxySpec spec;
  TcpKnobs knobs;
  TcpError error;

  if (!lua_istable(L, 2))
    return spec_error(L,
                      "proxy needs a table: proxy(\"proxy\", { ports = 80 })");
  profile = read_spec(L, &spec, &knobs);
  made = read_words(L, &spec);
  node = world_add_router(L, "proxy", name, &spec.router);
  node->profile = profile->name;
  node->stack = tcp_stack_new(node->host, &knobs);
  node->proxy = app_proxy_new(node->stack, &made, &error);
  return 1;
}

static const AppProxy *self(lua_State *L)
{
  return (*(ScriptNode **)script_self(L, "proxy"))->proxy;
}

static void set_count(lua_State *L, const char *name, uint64_t count)
{
  lua_pushinteger(L, (lua_Integer)count);
  lua_setfield(L, -2, name);
}

static int proxy_counters(lua_State *L)
{
  const AppProxyCounters *it = app_proxy_counters(self(L));
  const struct {
    const char *name;
    uint64_t count;
  } table[] = {
    { "accepted", it->accepted },   { "connected", it->connected },
    { "refused", it->refused },     { "to_server", it->to_server },
    { "to_client", it->to_client }, { "lost", it->lost },
    { "fins", it->fins },           { "resets", it->resets },
    { "diverted", it->diverted },   { "open", it->open },
  };

  lua_createtable(L, 0, G_N_ELEMENTS(table));
  for (unsigned i = 0; i < G_N_ELEMENTS(table); i++)
    set_count(L, table[i].name, table[i].count);
  return 1;
}

static void set_end(lua_State *L, const char *name, const TcpEnd *end)
{
  char text[NET_END_TEXT];

  lua_pushstring(L, net_end_format(end->address, end->port, text));
  lua_setfield(L, -2, name);
}

static void set_state(lua_State *L, const char *name, TcpState state)
{
  lua_pushstring(L, tcp_state_name(state));
  lua_setfield(L, -2, name);
}

static void push_pair(void *user, const AppProxyPair *pair)
{
  lua_State *L = user;

  lua_createtable(L, 0, 8);
  set_end(L, "client", &pair->client);
  set_end(L, "server", &pair->server);
  set_state(L, "client_side", pair->to_client);
  set_state(L, "server_side", pair->to_server);
  set_count(L, "for_client", pair->for_client);
  set_count(L, "for_server", pair->for_server);
  lua_pushboolean(L, pair->client_ended);
  lua_setfield(L, -2, "client_ended");
  lua_pushboolean(L, pair->server_ended);
  lua_setfield(L, -2, "server_ended");
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

static int proxy_connections(lua_State *L)
{
  const AppProxy *proxy = self(L);

  lua_newtable(L);
  app_proxy_each(proxy, push_pair, L);
  return 1;
}

static int proxy_profile(lua_State *L)
{
  lua_pushstring(L, (*(ScriptNode **)script_self(L, "proxy"))->profile);
  return 1;
}

const luaL_Reg proxy_methods[] = {
  { "counters", proxy_counters },    { "connections", proxy_connections },
  { "profile", proxy_profile },      { "address", world_node_address },
  { "route", world_node_route },     { "name", world_node_name },
  { "__tostring", world_node_text }, { NULL, NULL },
};

const luaL_Reg proxy_functions[] = {
  { "proxy", make_proxy },
  { NULL, NULL },
};

void proxy_open(lua_State *L)
{
  script_class(L, "proxy", proxy_methods);
  lua_pushglobaltable(L);
  luaL_setfuncs(L, proxy_functions, 0);
  lua_pop(L, 1);
}
