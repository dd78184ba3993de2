/* Ports as a scenario names them: 80, {22, 80} or "1-1024, 8080". */
#include "lua_box.h"

#define MOST_PORTS 65535

static void add_ports(lua_State *L, const char *what, ScriptPorts *ports,
                      int64_t first, int64_t last)
{
  if (first < 1 || last > 65535 || first > last)
    spec_error(L, "%s: ports are 1 to 65535: 80, {22, 80} or \"1-1024, 8080\"",
               what);
  for (int64_t port = first; port <= last; port++)
    if (!ports->seen[port]) {
      ports->seen[port] = true;
      ports->list[ports->count++] = (uint16_t)port;
    }
}

/* "1-1024, 8080" */
static void read_ranges(lua_State *L, const char *what, const char *text,
                        ScriptPorts *ports)
{
  for (;;) {
    char *end;
    int64_t first = g_ascii_strtoll(text, &end, 10), last = first;

    if (end == text)
      first = 0;
    while (*end == ' ')
      end++;
    if (*end == '-')
      last = g_ascii_strtoll(end + 1, &end, 10);
    while (*end == ' ')
      end++;
    if (*end && *end != ',')
      first = 0;
    add_ports(L, what, ports, first, last);
    if (!*end)
      return;
    text = end + 1;
  }
}

void world_read_ports(lua_State *L, int index, const char *what, void *ret)
{
  ScriptPorts *ports = ret;

  ports->seen = g_new0(bool, MOST_PORTS + 1);
  script_own(script_of(L), ports->seen, g_free);
  ports->list = g_new(uint16_t, MOST_PORTS);
  script_own(script_of(L), ports->list, g_free);
  ports->count = 0;
  if (lua_type(L, index) == LUA_TSTRING) {
    read_ranges(L, what, lua_tostring(L, index), ports);
  } else if (lua_type(L, index) == LUA_TNUMBER) {
    int64_t port = spec_integer(L, index, what, 1, 65535);

    add_ports(L, what, ports, port, port);
  } else if (lua_istable(L, index)) {
    for (lua_Integer i = 1; lua_rawgeti(L, index, i) != LUA_TNIL; i++) {
      int64_t port = spec_integer(L, -1, what, 1, 65535);

      add_ports(L, what, ports, port, port);
      lua_pop(L, 1);
    }
    lua_pop(L, 1);
  }
  if (ports->count == 0)
    spec_error(L, "%s must name ports: 80, {22, 80} or \"1-1024, 8080\"", what);
}
