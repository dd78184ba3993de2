/* What a scenario names: nodes, addresses, states, flags, errors. A name that
 * does not exist is an error that names the nearest one that does. */
#include "script.h"

#include "host.h"

void world_push(lua_State *L, const ScriptNode *node)
{
  lua_rawgeti(L, LUA_REGISTRYINDEX, node->ref);
}

ScriptNode *world_find(Script *script, const char *name)
{
  return g_hash_table_lookup(script->nodes, name);
}

ScriptNode *world_owner(Script *script, NetAddress address)
{
  for (unsigned i = 0; i < script->node_list->len; i++) {
    ScriptNode *node = script->node_list->pdata[i];

    for (NetNic *nic = node->node->nics; nic; nic = nic->next)
      if (!net_address_is_any(address) && net_nic_owns(nic, address))
        return node;
  }
  return NULL;
}

static int no_such_node(lua_State *L, const char *what, const char *name)
{
  const Script *script = script_of(L);
  unsigned count = script->node_list->len;
  const char **names = lua_newuserdatauv(L, (count + 1) * sizeof *names, 0);
  const char *nearest;

  for (unsigned i = 0; i < count; i++)
    names[i] = ((ScriptNode *)script->node_list->pdata[i])->node->name;
  names[count] = NULL;
  nearest = spec_nearest(name, names);
  if (nearest)
    return spec_error(L,
                      "%s: there is no host \"%.60s\"; did you mean "
                      "\"%s\"?",
                      what, name, nearest);
  return spec_error(L, "%s: there is no host \"%.60s\"", what, name);
}

ScriptNode *world_node(lua_State *L, int index, const char *what)
{
  static const char *const classes[] = { "host",     "router", "switch",
                                         "firewall", "nat",    "proxy" };
  ScriptNode *node;

  for (unsigned i = 0; i < G_N_ELEMENTS(classes); i++) {
    ScriptNode **object = luaL_testudata(L, index, classes[i]);

    if (object)
      return *object;
  }
  if (lua_type(L, index) != LUA_TSTRING)
    spec_error(L, "%s must be a host or its name, not %s", what,
               spec_kind(L, index));
  node = world_find(script_of(L), lua_tostring(L, index));
  if (!node)
    no_such_node(L, what, lua_tostring(L, index));
  return node;
}

ScriptNode *world_host(lua_State *L, int index, const char *what)
{
  ScriptNode *node = world_node(L, index, what);

  if (!node->stack)
    spec_error(L, "%s must be a host; %s is a %s", what, node->node->name,
               node->host ? "router" : "switch");
  return node;
}

void world_read_node(lua_State *L, int index, const char *what, void *ret)
{
  *(ScriptNode **)ret = world_node(L, index, what);
}

void world_read_host(lua_State *L, int index, const char *what, void *ret)
{
  *(ScriptNode **)ret = world_host(L, index, what);
}

TcpState world_state(lua_State *L, int index, const char *what)
{
  const char *names[TCP_STATES], *word;
  unsigned count = 0;
  TcpState state;

  if (lua_type(L, index) != LUA_TSTRING)
    spec_error(L, "%s must be a state such as \"TIME-WAIT\", not %s", what,
               spec_kind(L, index));
  word = lua_tostring(L, index);
  state = tcp_state_parse(word);
  if (state)
    return state;
  for (unsigned i = TCP_CLOSED; i <= TCP_TIME_WAIT; i++)
    names[count++] = tcp_state_name((TcpState)i);
  names[count] = NULL;
  spec_unknown(L, "TCP", "state", word, names);
  return 0;
}

void world_read_state(lua_State *L, int index, const char *what, void *ret)
{
  *(TcpState *)ret = world_state(L, index, what);
}

void world_read_flags(lua_State *L, int index, const char *what, void *ret)
{
  FlagsSpec *flags = ret;
  unsigned value;

  if (lua_type(L, index) != LUA_TSTRING)
    spec_error(L, "%s must be a string such as \"F.\", not %s", what,
               spec_kind(L, index));
  if (!tcp_flags_parse(lua_tostring(L, index), &value))
    spec_error(L,
               "%s: \"%.40s\" is not a list of flags; the letters are "
               "S F R P . U E W, and . is ACK: \"F.\", \"S\", \"none\"",
               what, lua_tostring(L, index));
  flags->given = true;
  flags->flags = (uint8_t)value;
}

bool world_flags_fit(const FlagsSpec *wanted, unsigned flags)
{
  if (!wanted->given)
    return true;
  if (!(wanted->flags & TCP_PSH))
    flags &= ~(unsigned)TCP_PSH;
  return (flags & 0xff) == wanted->flags;
}

TcpError world_error(lua_State *L, int index, const char *what)
{
  const char *names[TCP_EMSGSIZE + 2], *word;
  unsigned count = 0;

  if (lua_type(L, index) != LUA_TSTRING)
    spec_error(L,
               "%s must be an error's name such as \"ECONNRESET\", not "
               "%s",
               what, spec_kind(L, index));
  word = lua_tostring(L, index);
  for (unsigned i = 1; i <= TCP_EMSGSIZE; i++) {
    if (g_str_equal(word, tcp_error_name((TcpError)i)))
      return (TcpError)i;
    names[count++] = tcp_error_name((TcpError)i);
  }
  names[count] = NULL;
  spec_unknown(L, "TCP", "error", word, names);
  return TCP_OK;
}

static bool same_subnet(const NetNic *a, const NetNic *b, NetFamily family)
{
  unsigned bits = MIN(net_nic_prefix(a, family), net_nic_prefix(b, family));

  return bits > 0 && net_address_matches(net_nic_address(a, family),
                                         net_nic_address(b, family), bits);
}

static NetAddress near_address(const ScriptNode *from, const ScriptNode *node,
                               NetFamily family)
{
  NetAddress first = net_host_address_of(node->host, family);

  if (!from || !from->host || from == node || !node->node->nics ||
      !node->node->nics->next)
    return first;
  for (NetNic *there = node->node->nics; there; there = there->next)
    for (NetNic *here = from->node->nics; here; here = here->next)
      if (!net_address_is_any(net_nic_address(there, family)) &&
          same_subnet(here, there, family))
        return net_nic_address(there, family);
  for (NetNic *there = node->node->nics; there; there = there->next) {
    NetAddress address = net_nic_address(there, family);
    NetPath path = { 0 };

    if (!net_address_is_any(address) &&
        net_host_path(from->host, address, &path))
      return address;
  }
  return first;
}

NetAddress world_near(const ScriptNode *from, const ScriptNode *node)
{
  return near_address(from, node, node->node->net->family);
}

NetAddress world_address_of(lua_State *L, int index, const char *what,
                            const ScriptNode *from, NetFamily family)
{
  NetAddress address;
  ScriptNode *node;

  if (lua_type(L, index) == LUA_TSTRING &&
      net_address_parse(lua_tostring(L, index), &address))
    return address;
  node = world_node(L, index, what);
  if (!node->host ||
      net_address_is_any(net_host_address_of(node->host, family)))
    spec_error(L, "%s: %s has no address%s", what, node->node->name,
               !node->host ? ": it is a switch"
               : !node->node->nics
                   ? "; no link leads to it"
                   : " yet; give it one: host(\"name\", { address = ... })");
  return near_address(from, node, family);
}

NetAddress world_address(lua_State *L, int index, const char *what,
                         const ScriptNode *from)
{
  return world_address_of(L, index, what, from, script_of(L)->run->net->family);
}

void world_read_family(lua_State *L, int index, const char *what, void *ret)
{
  static const char *const names[] = { "ipv4", "ipv6", NULL };
  const char *word;

  if (lua_type(L, index) != LUA_TSTRING)
    spec_error(L, "%s must be \"ipv4\" or \"ipv6\", not %s", what,
               spec_kind(L, index));
  word = lua_tostring(L, index);
  for (NetFamily family = 0; family < NET_FAMILIES; family++)
    if (g_str_equal(word, names[family])) {
      *(NetFamily *)ret = family;
      return;
    }
  spec_unknown(L, what, "value", word, names);
}
