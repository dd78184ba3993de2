/* conn:wait_state: tasks that wait until a connection is in a state, or has
 * been in it for no time at all: the trace bus tells of states.
 *
 * Invariant: a connection is in script->watched exactly while somebody waits.
 */
#include "lua_socket.h"

static bool same_pair(const TcpPair *a, const TcpPair *b)
{
  return a->local.port == b->local.port && a->remote.port == b->remote.port &&
         net_address_equal(a->local.address, b->local.address) &&
         net_address_equal(a->remote.address, b->remote.address);
}

static void state_changed(void *user, Sim *sim, unsigned kind,
                          const void *record)
{
  const TcpTraceState *change = record;
  Script *script = user;

  (void)sim;
  (void)kind;
  for (ScriptConn *conn = script->watched; conn; conn = conn->next_watched) {
    if (conn->host->stack != change->stack ||
        !same_pair(&conn->pair, change->pair))
      continue;
    conn->entered |= 1u << change->to;
    task_wake_later(script, &conn->changing);
  }
}

/* Stack: connection at 1, which stays alive however the wait ends. */
static void watch(lua_State *L, ScriptConn *conn)
{
  Script *script = conn->script;

  if (!script->watching) {
    script->watching = true;
    sim_trace_listen(script->run->sim, UINT64_C(1) << TCP_TRACE_STATE,
                     state_changed, script);
  }
  if (conn->watchers++ > 0)
    return;
  lua_pushvalue(L, 1);
  conn->watch_ref = luaL_ref(L, LUA_REGISTRYINDEX);
  conn->next_watched = script->watched;
  script->watched = conn;
}

static void unwatch(lua_State *L, ScriptConn *conn)
{
  ScriptConn **at = &conn->script->watched;

  if (--conn->watchers > 0)
    return;
  while (*at && *at != conn)
    at = &(*at)->next_watched;
  if (*at)
    *at = conn->next_watched;
  conn->entered = 0;
  luaL_unref(L, LUA_REGISTRYINDEX, conn->watch_ref);
}

/* Stack: connection, deadline. */
static int wait_again(lua_State *L, int status, lua_KContext wanted)
{
  ScriptConn *conn = lua_touserdata(L, 1);
  SimTime deadline = lua_tointeger(L, 2);
  TcpState state = socket_state_of(conn);

  (void)status;
  if (state == (TcpState)wanted || conn->entered >> wanted & 1) {
    unwatch(L, conn);
    lua_pushstring(L, tcp_state_name((TcpState)wanted));
    return 1;
  }
  if (state == TCP_CLOSED || task_deadline_passed(L)) {
    unwatch(L, conn);
    return socket_answer(L, conn->host,
                         state == TCP_CLOSED ? TCP_ENOTCONN : TCP_ETIMEDOUT,
                         "wait_state");
  }
  return task_block(L, &conn->changing, deadline, wanted, wait_again);
}

int conn_wait_state(lua_State *L)
{
  ScriptConn *conn = script_self(L, "connection");
  TcpState wanted = world_state(L, 2, "wait_state");
  SimTime deadline = SIM_TIME_NEVER;

  if (!lua_isnoneornil(L, 3))
    deadline = sim_time_add(conn->script->run->sim->now,
                            spec_time(L, 3, "wait_state"));
  lua_settop(L, 1);
  task_forget_deadline(L);
  lua_pushinteger(L, deadline);
  watch(L, conn);
  return wait_again(L, LUA_OK, (lua_KContext)wanted);
}
