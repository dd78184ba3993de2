/* Listeners, and how connections come to be: listen, accept, connect.
 *
 * A connection's object is anchored in the registry from the moment that TCP
 * knows it until it is released, whatever the scenario keeps of it.
 */
#include "lua_socket.h"

#include <string.h>

typedef struct Listener {
  Script *script;
  ScriptNode *host;
  TcpListener *tcp; /* NULL once closed */
  WaitList waiting;
  int ref;
  bool shut; /* and not closed */
} Listener;

/* An error is kept for the expectations; that a port is not free is found by
 * looking at all that hold one. */
#define ERROR_WORK 200
#define PORTS_WORK 100000
#define LISTEN_WORK 20000

int socket_answer(lua_State *L, ScriptNode *host, TcpError error,
                  const char *call)
{
  ScriptCallError it = { host->script->run->sim->now, error, call };

  sandbox_pay(L, error == TCP_EADDRNOTAVAIL || error == TCP_EADDRINUSE
                     ? PORTS_WORK
                     : ERROR_WORK);
  g_array_append_val(host->errors, it);
  lua_pushnil(L);
  lua_pushstring(L, tcp_error_name(error));
  lua_pushstring(L, tcp_error_text(error));
  return 3;
}

/* -- connections come and go -- */

/* An app runs after the turn, in the same instant, as a program wakes up after
 * its kernel has answered: the ACK of a SYN or a FIN leaves first. */
static void notified(void *user, TcpConnection *tcp, unsigned events)
{
  ScriptConn *conn = user;

  (void)tcp;
  (void)events;
  task_wake_later(conn->script, &conn->waiting);
}

/* Pushes an anchored connection that TCP does not know yet. */
static ScriptConn *conn_new(lua_State *L, ScriptNode *host)
{
  ScriptConn *conn = script_object(L, "connection", sizeof *conn);

  conn->script = host->script;
  conn->host = host;
  lua_pushvalue(L, -1);
  conn->ref = luaL_ref(L, LUA_REGISTRYINDEX);
  return conn;
}

static void conn_forget(lua_State *L, ScriptConn *conn)
{
  luaL_unref(L, LUA_REGISTRYINDEX, conn->ref);
  conn->ref = LUA_NOREF;
}

static void conn_adopt(ScriptConn *conn, TcpConnection *tcp)
{
  Script *script = conn->script;
  TcpStatus status;

  tcp_status(tcp, &status);
  conn->tcp = tcp;
  conn->pair = status.pair;
  conn->iss = status.snd.iss;
  conn->irs = status.rcv.irs;
  conn->next = script->conns;
  if (script->conns)
    script->conns->previous = conn;
  script->conns = conn;
}

void socket_release(lua_State *L, ScriptConn *conn)
{
  Script *script = conn->script;
  TcpConnection *tcp = conn->tcp;
  TcpStatus status;

  tcp_status(tcp, &status);
  conn->irs = status.rcv.irs;
  conn->tcp = NULL;
  if (conn->next)
    conn->next->previous = conn->previous;
  if (conn->previous)
    conn->previous->next = conn->next;
  else
    script->conns = conn->next;
  conn->next = conn->previous = NULL;
  tcp_release(tcp);
  task_wake_all(script, &conn->waiting);
  conn_forget(L, conn);
}

void socket_release_all(Script *script)
{
  for (ScriptConn *conn = script->conns; conn; conn = conn->next)
    tcp_set_user(conn->tcp, NULL, NULL);
  script->conns = NULL;
  script->watched = NULL;
}

ScriptConn *socket_conn(lua_State *L, int index, const char *what)
{
  ScriptConn *conn = luaL_testudata(L, index, "connection");

  if (!conn)
    spec_error(L, "%s must be a connection, not %s", what, spec_kind(L, index));
  return conn;
}

bool socket_status(const ScriptConn *conn, TcpStatus *ret)
{
  if (conn->tcp) {
    tcp_status(conn->tcp, ret);
    return ret->state != TCP_CLOSED;
  }
  return tcp_status_of(conn->host->stack, &conn->pair, ret) &&
         ret->snd.iss == conn->iss;
}

/* -- connect -- */

typedef struct ConnectSpec {
  int64_t port;
  NetFamily family;
  bool nonblocking;
} ConnectSpec;

const SpecKey connect_keys[] = {
  { .name = "port",
    .kind = SPEC_INTEGER,
    .low = 1,
    .high = 65535,
    .offset = offsetof(ConnectSpec, port) },
  { .name = "family",
    .kind = SPEC_CUSTOM,
    .read = world_read_family,
    .offset = offsetof(ConnectSpec, family) },
  { .name = "nonblocking",
    .kind = SPEC_BOOL,
    .offset = offsetof(ConnectSpec, nonblocking) },
  { .name = NULL },
};

static int connect_again(lua_State *L, int status, lua_KContext context)
{
  ScriptConn *conn = lua_touserdata(L, 1);
  TcpError error;

  (void)status;
  (void)context;
  lua_settop(L, 1);
  if (!conn->tcp)
    return socket_answer(L, conn->host, TCP_ECONNABORTED, "connect");
  if (tcp_state(conn->tcp) >= TCP_ESTABLISHED)
    return 1;
  if (tcp_state(conn->tcp) != TCP_CLOSED)
    return task_block(L, &conn->waiting, SIM_TIME_NEVER, 0, connect_again);
  error = tcp_error(conn->tcp);
  socket_release(L, conn);
  return socket_answer(L, conn->host, error ? error : TCP_ECONNABORTED,
                       "connect");
}

int socket_connect(lua_State *L, ScriptNode *host)
{
  TcpEnd remote = { world_address(L, 1, "os.connect", host), 0 };
  TcpEnd local = { NET_ADDRESS_ANY, 0 };
  TcpKnobs knobs = *tcp_stack_knobs(host->stack);
  ConnectSpec spec = { .family = host->node->net->family };
  bool given = !lua_isnoneornil(L, 3);
  TcpConnection *tcp;
  ScriptConn *conn;
  TcpError error;

  remote.port = (uint16_t)spec_integer(L, 2, "os.connect: port", 1, 65535);
  if (given)
    spec_read_knobs(L, 3, "connect", connect_keys, &spec, &knobs);
  if (spec.family != host->node->net->family)
    remote.address = world_address_of(L, 1, "os.connect", host, spec.family);
  local.port = (uint16_t)spec.port;
  conn = conn_new(L, host);
  lua_replace(L, 1);
  tcp = tcp_connect(host->stack, &local, remote, given ? &knobs : NULL,
                    notified, conn, &error);
  if (!tcp) {
    conn_forget(L, conn);
    return socket_answer(L, host, error, "connect");
  }
  conn_adopt(conn, tcp);
  lua_settop(L, 1);
  return spec.nonblocking ? 1 : connect_again(L, LUA_OK, 0);
}

/* -- listen -- */

static const SpecKey listen_keys[] = { { .name = NULL } };

static void acceptable(void *user, TcpListener *tcp)
{
  Listener *listener = user;

  (void)tcp;
  task_wake_later(listener->script, &listener->waiting);
}

int socket_listen(lua_State *L, ScriptNode *host)
{
  int64_t port = spec_integer(L, 1, "os.listen: port", 1, 65535);
  TcpKnobs knobs = *tcp_stack_knobs(host->stack);
  bool given = !lua_isnoneornil(L, 2);
  Listener *listener;
  TcpError error;

  if (given)
    spec_read_knobs(L, 2, "listen", listen_keys, NULL, &knobs);
  sandbox_pay(L, LISTEN_WORK);
  listener = script_object(L, "listener", sizeof *listener);
  listener->script = host->script;
  listener->host = host;
  lua_pushvalue(L, -1);
  listener->ref = luaL_ref(L, LUA_REGISTRYINDEX);
  listener->tcp =
      tcp_listen(host->stack, NET_ADDRESS_ANY, (uint16_t)port, 0,
                 given ? &knobs : NULL, acceptable, listener, &error);
  if (listener->tcp) {
    g_ptr_array_add(host->script->listeners, listener);
    return 1;
  }
  luaL_unref(L, LUA_REGISTRYINDEX, listener->ref);
  return socket_answer(L, host, error, "listen");
}

static int accept_again(lua_State *L, int status, lua_KContext context)
{
  Listener *listener = lua_touserdata(L, 1);
  TcpConnection *tcp;
  ScriptConn *conn;

  (void)status;
  (void)context;
  if (!listener->tcp || listener->shut)
    return socket_answer(L, listener->host, TCP_EINVAL, "accept");
  conn = conn_new(L, listener->host);
  tcp = tcp_accept(listener->tcp, notified, conn);
  if (tcp) {
    conn_adopt(conn, tcp);
    return 1;
  }
  conn_forget(L, conn);
  lua_settop(L, 1);
  return task_block(L, &listener->waiting, SIM_TIME_NEVER, 0, accept_again);
}

static int listener_accept(lua_State *L)
{
  script_self(L, "listener");
  lua_settop(L, 1);
  return accept_again(L, LUA_OK, 0);
}

static void listener_lose(lua_State *L, Listener *listener)
{
  listener->tcp = NULL;
  g_ptr_array_remove(listener->script->listeners, listener);
  task_wake_all(listener->script, &listener->waiting);
  luaL_unref(L, LUA_REGISTRYINDEX, listener->ref);
}

void socket_lose_all(lua_State *L, const ScriptNode *host)
{
  GPtrArray *listeners = host->script->listeners;
  ScriptConn *next;

  for (ScriptConn *conn = host->script->conns; conn; conn = next) {
    next = conn->next;
    if (conn->host == host)
      socket_release(L, conn);
  }
  for (unsigned i = listeners->len; i-- > 0;)
    if (((Listener *)listeners->pdata[i])->host == host)
      listener_lose(L, listeners->pdata[i]);
}

static int listener_shutdown(lua_State *L)
{
  Listener *listener = script_self(L, "listener");
  TcpShutdown how = socket_direction(L);

  if (!listener->tcp)
    return socket_answer(L, listener->host, TCP_EINVAL, "shutdown");
  tcp_listener_shutdown(listener->tcp, how);
  if (how & TCP_SHUTDOWN_RECEIVE) {
    listener->shut = true;
    task_wake_all(listener->script, &listener->waiting);
  }
  lua_pushboolean(L, 1);
  return 1;
}

static int listener_close(lua_State *L)
{
  Listener *listener = script_self(L, "listener");
  TcpListener *tcp = listener->tcp;

  if (!tcp)
    return socket_answer(L, listener->host, TCP_EINVAL, "close");
  tcp_listener_close(tcp);
  listener_lose(L, listener);
  lua_pushboolean(L, 1);
  return 1;
}

static int listener_port(lua_State *L)
{
  Listener *listener = script_self(L, "listener");

  if (!listener->tcp)
    return socket_answer(L, listener->host, TCP_EINVAL, "port");
  lua_pushinteger(L, tcp_listener_port(listener->tcp));
  return 1;
}

static int listener_set(lua_State *L)
{
  Listener *listener = script_self(L, "listener");

  return option_set_listener(L, listener->host, listener->tcp);
}

static int listener_get(lua_State *L)
{
  Listener *listener = script_self(L, "listener");

  return option_get_listener(L, listener->host, listener->tcp);
}

static int listener_text(lua_State *L)
{
  Listener *listener = script_self(L, "listener");

  if (listener->tcp)
    lua_pushfstring(L, "listener %s:%d", listener->host->node->name,
                    (int)tcp_listener_port(listener->tcp));
  else
    lua_pushfstring(L, "closed listener of %s", listener->host->node->name);
  return 1;
}

const luaL_Reg listener_methods[] = {
  { "accept", listener_accept },   { "shutdown", listener_shutdown },
  { "close", listener_close },     { "port", listener_port },
  { "setsockopt", listener_set },  { "getsockopt", listener_get },
  { "__tostring", listener_text }, { NULL, NULL },
};

void socket_open(lua_State *L)
{
  script_class(L, "listener", listener_methods);
  script_class(L, "connection", connection_methods);
  raw_class(L);
}
