/* host:sysctl: knobs by the names and in the units of Linux and FreeBSD. */
#include <string.h>

#include "script.h"
#include "sysctl.h"

/* "4096 131072 33554432": as many numbers as there are, at most 3. */
static unsigned sysctl_numbers(lua_State *L, const char *name, int64_t *ret)
{
  const char *at = lua_tostring(L, 3);
  unsigned count = 0;

  for (char *end; count < TCP_SYSCTL_VALUES; at = end, count++) {
    int64_t value = g_ascii_strtoll(at, &end, 10);

    if (end == at)
      break;
    ret[count] = value;
  }
  if (count == 0 || at[strspn(at, " \t")])
    spec_error(L, "sysctl: %s: \"%s\" is not one number, or three", name,
               lua_tostring(L, 3));
  return count;
}

static unsigned sysctl_values(lua_State *L, const char *name, int64_t *ret)
{
  const TcpKnob *knob = tcp_sysctl_knob(name);

  if (knob && knob->kind == TCP_KNOB_NAME) {
    ret[0] = spec_knob(L, 3, knob);
    return 1;
  }
  if (lua_type(L, 3) == LUA_TSTRING)
    return sysctl_numbers(L, name, ret);
  ret[0] = lua_isboolean(L, 3) ? lua_toboolean(L, 3)
                               : spec_integer(L, 3, name, -1, INT32_MAX);
  return 1;
}

/* host:sysctl(NAME, VALUE) */
int sysctl_set(lua_State *L)
{
  ScriptNode *node = *(ScriptNode **)script_self(L, "host");
  const char *name = luaL_checkstring(L, 2), *names[96], *problem;
  int64_t values[TCP_SYSCTL_VALUES];
  unsigned count = sysctl_values(L, name, values), known = 0;

  if (tcp_stack_sysctl(node->stack, name, values, count, &problem))
    return 0;
  for (; known + 1 < G_N_ELEMENTS(names) && tcp_sysctl_name(known); known++) {
    names[known] = tcp_sysctl_name(known);
    if (strcmp(names[known], name) == 0)
      spec_error(L, "sysctl: %s: %s: %s", name, problem,
                 luaL_tolstring(L, 3, NULL));
  }
  names[known] = NULL;
  spec_unknown(L, "sysctl", "name", name, names);
  return 0;
}
