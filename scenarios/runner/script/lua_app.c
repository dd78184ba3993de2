/* Apps: functions of the scenario that run on a host, each as a task with the
 * host's `os`. */
#include "script.h"

static ScriptNode *os_host(lua_State *L)
{
  return lua_touserdata(L, lua_upvalueindex(1));
}

static int os_sleep_over(lua_State *L, int status, lua_KContext context)
{
  (void)L;
  (void)status;
  (void)context;
  return 0;
}

static int os_sleep(lua_State *L)
{
  SimTime span = spec_time(L, 1, "os.sleep");
  SimTime now = script_of(L)->run->sim->now;

  return task_block(L, NULL, sim_time_add(now, span), 0, os_sleep_over);
}

static int os_now(lua_State *L)
{
  script_push_time(L, script_of(L)->run->sim->now);
  return 1;
}

static int os_spawn(lua_State *L)
{
  int count = lua_gettop(L) - 1;
  Task *task;

  if (!lua_isfunction(L, 1))
    return spec_error(L, "os.spawn needs a function, not %s", spec_kind(L, 1));
  task = task_new(L, 1, os_host(L), "an app");
  if (!lua_checkstack(task->L, count))
    return spec_error(L, "os.spawn: too many arguments");
  lua_xmove(L, task->L, count);
  task->arguments = count;
  task_ready(task);
  return 0;
}

static int os_listen(lua_State *L)
{
  return socket_listen(L, os_host(L));
}

static int os_connect(lua_State *L)
{
  return socket_connect(L, os_host(L));
}

static int os_raw(lua_State *L)
{
  return raw_open(L, os_host(L));
}

const luaL_Reg os_functions[] = {
  { "listen", os_listen }, { "connect", os_connect }, { "raw", os_raw },
  { "sleep", os_sleep },   { "now", os_now },         { "spawn", os_spawn },
  { NULL, NULL },
};

static void push_os(lua_State *L, ScriptNode *host)
{
  if (host->os_ref) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, host->os_ref);
    return;
  }
  script_table(L, "os", os_functions, host);
  lua_pushliteral(L, "host");
  lua_pushstring(L, host->node->name);
  lua_rawset(L, -3);
  lua_pushvalue(L, -1);
  host->os_ref = luaL_ref(L, LUA_REGISTRYINDEX);
}

void app_start_at(lua_State *L, ScriptNode *host, int index, SimTime at)
{
  Task *task;

  index = lua_absindex(L, index);
  push_os(L, host);
  task = task_new(L, index, host, "an app");
  lua_xmove(L, task->L, 1);
  task_start(task, at, 1);
}

int app_run(lua_State *L)
{
  ScriptNode *host = *(ScriptNode **)script_self(L, "host");
  SimTime at = 0;

  if (!lua_isfunction(L, 2))
    return spec_error(L, "%s:run needs a function (os) ... end, not %s",
                      host->node->name, spec_kind(L, 2));
  if (!lua_isnoneornil(L, 3))
    at = spec_time(L, 3, "run");
  power_keep_run(L, host, 2, at);
  app_start_at(L, host, 2, at);
  return 0;
}
