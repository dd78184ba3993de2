/* on.packet, on.state, host:on: reads what a scenario wants to be told. */
#include <string.h>

#include "lua_hook.h"

static void add_hook(lua_State *L, const Hook *parsed, int index)
{
  Script *script = script_of(L);
  Hook hook;
  int ref;

  if (!lua_isfunction(L, index))
    spec_error(L, "a hook needs a function, not %s", spec_kind(L, index));
  lua_pushvalue(L, index);
  ref = luaL_ref(L, LUA_REGISTRYINDEX);
  hooks_listen(script,
               parsed->wants[HOOK_SENT] || parsed->wants[HOOK_RECEIVED] ||
                   parsed->wants[HOOK_DROPPED],
               parsed->wants[HOOK_STATE]);
  hook = *parsed;
  hook.ref = ref;
  hooks_add(script, &hook);
}

static void read_link(lua_State *L, int index, const char *what, void *ret)
{
  *(NetLink **)ret = world_link(L, index, what)->link;
}

static void read_event(lua_State *L, int index, const char *what, void *ret)
{
  bool *wants = ret;

  if (lua_type(L, index) != LUA_TSTRING)
    spec_error(L, "%s must be \"sent\", \"received\" or \"dropped\"", what);
  memset(wants, 0, sizeof((Hook *)NULL)->wants);
  for (unsigned i = 0; i < HOOK_STATE; i++)
    if (g_str_equal(hook_event_names[i], lua_tostring(L, index))) {
      wants[i] = true;
      return;
    }
  spec_error(L,
             "%s must be \"sent\", \"received\" or \"dropped\", not "
             "\"%.40s\"",
             what, lua_tostring(L, index));
}

const SpecKey packet_hook_keys[] = {
  PACKET_MATCH_KEYS(Hook, match),
  PACKET_WHERE_KEY(Hook, match),
  { .name = "host",
    .kind = SPEC_CUSTOM,
    .read = world_read_node,
    .offset = offsetof(Hook, host) },
  { .name = "link",
    .kind = SPEC_CUSTOM,
    .read = read_link,
    .offset = offsetof(Hook, link) },
  { .name = "event",
    .kind = SPEC_CUSTOM,
    .read = read_event,
    .offset = offsetof(Hook, wants) },
  { .name = NULL },
};

const SpecKey state_hook_keys[] = {
  { .name = "host",
    .kind = SPEC_CUSTOM,
    .read = world_read_host,
    .offset = offsetof(Hook, host) },
  { .name = "state",
    .kind = SPEC_CUSTOM,
    .read = world_read_state,
    .offset = offsetof(Hook, state) },
  { .name = NULL },
};

/* on.packet { ... } (function), on.packet({ ... }, function) */
static int curry(lua_State *L)
{
  add_hook(L, lua_touserdata(L, lua_upvalueindex(1)), 1);
  return 0;
}

static int on_what(lua_State *L, const char *what, const SpecKey *keys,
                   bool state)
{
  Hook *parsed = lua_newuserdatauv(L, sizeof *parsed, 0);

  *parsed = (Hook){ .match = PACKET_MATCH_ALL };
  parsed->wants[state ? HOOK_STATE : HOOK_SENT] = true;
  spec_read(L, 1, what, keys, parsed);
  if (lua_isnoneornil(L, 2) || lua_touserdata(L, 2) == parsed) {
    lua_pushcclosure(L, curry, 1);
    return 1;
  }
  add_hook(L, parsed, 2);
  return 0;
}

static int on_packet_hook(lua_State *L)
{
  return on_what(L, "on.packet", packet_hook_keys, false);
}

static int on_state_hook(lua_State *L)
{
  return on_what(L, "on.state", state_hook_keys, true);
}

int hooks_host_on(lua_State *L)
{
  ScriptNode *host = *(ScriptNode **)script_self(L, "host");
  Hook parsed = { .match = PACKET_MATCH_ALL, .host = host, .task_host = host };
  const char *event;
  int function = lua_isfunction(L, 3) ? 3 : 4;

  if (lua_type(L, 2) != LUA_TSTRING)
    return spec_error(L, "on needs an event: \"sent\", \"received\", "
                         "\"dropped\" or \"state\"");
  event = lua_tostring(L, 2);
  for (unsigned i = 0; i < HOOK_EVENTS; i++)
    parsed.wants[i] = g_str_equal(event, hook_event_names[i]);
  if (!memchr(parsed.wants, true, sizeof parsed.wants))
    return spec_unknown(L, "host", "event", event, hook_event_names);
  if (function == 4 && !lua_isnoneornil(L, 3)) {
    if (parsed.wants[HOOK_STATE])
      parsed.state = world_state(L, 3, "on");
    else
      packet_match_filter(L, 3, "on", &parsed.match.filter);
  }
  add_hook(L, &parsed, function);
  return 0;
}

const luaL_Reg on_functions[] = {
  { "packet", on_packet_hook },
  { "state", on_state_hook },
  { NULL, NULL },
};

void hooks_open(lua_State *L)
{
  script_table(L, "on", on_functions, NULL);
  lua_setglobal(L, "on");
}
