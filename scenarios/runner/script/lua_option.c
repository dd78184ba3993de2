/* A connection's options and its STATUS (RFC 9293 3.10.6). */
#include "lua_socket.h"

#include <string.h>

#define MOST_NAMES 160

static int unknown_option(lua_State *L, const char *call, const char *word)
{
  const char *names[MOST_NAMES + 3];
  unsigned count = 0;

  names[count++] = "linger";
  names[count++] = "nodelay";
  for (unsigned i = 0; tcp_knob(i) && i < MOST_NAMES; i++)
    names[count++] = tcp_knob(i)->name;
  names[count] = NULL;
  return spec_unknown(L, call, "option", word, names);
}

static const char *option_name(lua_State *L, const char *call)
{
  if (lua_type(L, 2) != LUA_TSTRING)
    spec_error(L, "%s needs an option's name, not a %s", call,
               luaL_typename(L, 2));
  return lua_tostring(L, 2);
}

int option_set(lua_State *L)
{
  ScriptConn *conn = script_self(L, "connection");
  const char *name = option_name(L, "setsockopt");
  const TcpKnob *knob = tcp_knob_find(name);
  TcpError error = TCP_OK;

  if (!conn->tcp)
    return socket_answer(L, conn->host, TCP_ENOTCONN, "setsockopt");
  if (g_str_equal(name, "linger")) {
    bool on = !lua_isboolean(L, 3) || lua_toboolean(L, 3);

    if (on && lua_isboolean(L, 3))
      return spec_error(L, "linger is false or a time");
    tcp_set_linger(conn->tcp, on, on ? spec_time(L, 3, "linger") : 0);
  } else if (g_str_equal(name, "nodelay")) {
    if (!lua_isboolean(L, 3))
      return spec_error(L, "nodelay is true or false");
    error = tcp_set_knob(conn->tcp, "nagle", !lua_toboolean(L, 3));
  } else if (knob) {
    error = tcp_set_knob(conn->tcp, name, spec_knob(L, 3, knob));
  } else {
    return unknown_option(L, "setsockopt", name);
  }
  if (error)
    return socket_answer(L, conn->host, error, "setsockopt");
  lua_pushboolean(L, 1);
  return 1;
}

static void push_knob(lua_State *L, const TcpKnob *knob, int64_t value)
{
  if (knob->kind == TCP_KNOB_BOOL)
    lua_pushboolean(L, value != 0);
  else if (knob->kind == TCP_KNOB_TIME)
    script_push_time(L, value);
  else
    lua_pushinteger(L, value);
}

int option_get(lua_State *L)
{
  ScriptConn *conn = script_self(L, "connection");
  const char *name = option_name(L, "getsockopt");
  const TcpKnob *knob = tcp_knob_find(name);
  TcpError error;
  SimTime time;

  if (!conn->tcp)
    return socket_answer(L, conn->host, TCP_ENOTCONN, "getsockopt");
  if (g_str_equal(name, "linger")) {
    if (tcp_linger(conn->tcp, &time))
      script_push_time(L, time);
    else
      lua_pushboolean(L, 0);
  } else if (g_str_equal(name, "nodelay")) {
    lua_pushboolean(L, !tcp_knobs(conn->tcp)->nagle);
  } else if (g_str_equal(name, "error")) {
    error = tcp_error(conn->tcp);
    lua_pushstring(L, error ? tcp_error_name(error) : NULL);
  } else if (knob) {
    push_knob(L, knob, tcp_knob_get(tcp_knobs(conn->tcp), knob));
  } else {
    return unknown_option(L, "getsockopt", name);
  }
  return 1;
}

static void set_integer(lua_State *L, const char *name, int64_t value)
{
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

static void set_time(lua_State *L, const char *name, SimTime time)
{
  script_push_time(L, time);
  lua_setfield(L, -2, name);
}

static void set_bool(lua_State *L, const char *name, bool value)
{
  lua_pushboolean(L, value);
  lua_setfield(L, -2, name);
}

static void set_sequence(lua_State *L, const TcpStatus *it)
{
  lua_createtable(L, 0, 7);
  set_integer(L, "una", it->snd.una);
  set_integer(L, "nxt", it->snd.nxt);
  set_integer(L, "wnd", it->snd.wnd);
  set_integer(L, "up", it->snd.up);
  set_integer(L, "wl1", it->snd.wl1);
  set_integer(L, "wl2", it->snd.wl2);
  set_integer(L, "iss", it->snd.iss);
  lua_setfield(L, -2, "snd");
  lua_createtable(L, 0, 4);
  set_integer(L, "nxt", it->rcv.nxt);
  set_integer(L, "wnd", it->rcv.wnd);
  set_integer(L, "up", it->rcv.up);
  set_integer(L, "irs", it->rcv.irs);
  lua_setfield(L, -2, "rcv");
}

int option_status(lua_State *L)
{
  ScriptConn *conn = script_self(L, "connection");
  TcpStatus it = { 0 };

  lua_createtable(L, 0, 24);
  if (!socket_status(conn, &it)) {
    lua_pushstring(L, tcp_state_name(TCP_CLOSED));
    lua_setfield(L, -2, "state");
    return 1;
  }
  lua_pushstring(L, tcp_state_name(it.state));
  lua_setfield(L, -2, "state");
  set_sequence(L, &it);
  set_integer(L, "cwnd", it.cwnd);
  set_integer(L, "ssthresh", it.ssthresh);
  set_integer(L, "mss", it.mss);
  set_integer(L, "flight", it.flight);
  set_integer(L, "unsent", it.unsent);
  set_integer(L, "unread", it.unread);
  set_integer(L, "retries", it.retries);
  set_time(L, "srtt", it.srtt);
  set_time(L, "rttvar", it.rttvar);
  set_time(L, "rto", it.rto);
  set_time(L, "timer_at", it.timer_at);
  set_integer(L, "snd_scale", it.snd_scale);
  set_integer(L, "rcv_scale", it.rcv_scale);
  set_bool(L, "timestamps", it.timestamps);
  set_bool(L, "fin_sent", it.fin_sent);
  set_bool(L, "fin_acked", it.fin_acked);
  set_bool(L, "fin_received", it.fin_received);
  lua_pushstring(L, it.timer);
  lua_setfield(L, -2, "timer");
  return 1;
}
