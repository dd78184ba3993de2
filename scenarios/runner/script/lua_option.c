/* A connection's options and its STATUS (RFC 9293 3.10.6). */
#include "lua_socket.h"

#include "sockopt.h"

#define MOST_NAMES 256

/* -- names -- */

static int unknown_option(lua_State *L, const char *call, const char *word)
{
  const char *names[MOST_NAMES + 1];
  unsigned count = 0;

  for (unsigned i = 0; tcp_sockopt(i) && count < MOST_NAMES; i++)
    names[count++] = tcp_sockopt(i)->name;
  for (unsigned i = 0; tcp_knob(i) && count < MOST_NAMES; i++)
    names[count++] = tcp_knob(i)->name;
  names[count] = NULL;
  return spec_unknown(L, call, "option", word, names);
}

/* The option that the string at 2 names; a knob's name is one of its own. */
static TcpSockopt option_named(lua_State *L, const char *call)
{
  const TcpSockopt *option;
  const TcpKnob *knob;
  const char *name;

  if (lua_type(L, 2) != LUA_TSTRING)
    spec_error(L, "%s needs an option's name, not %s", call, spec_kind(L, 2));
  name = lua_tostring(L, 2);
  option = tcp_sockopt_find(name);
  if (option)
    return *option;
  knob = tcp_knob_find(name);
  if (!knob)
    unknown_option(L, call, name);
  return (TcpSockopt){ name, TCP_SOCKOPT_KNOB, knob ? knob->name : NULL };
}

/* -- values -- */

/* A truth may be C's 0 or 1 as well. */
static int64_t option_value(lua_State *L, const TcpSockopt *option)
{
  const TcpKnob *knob = tcp_knob_find(option->knob);
  int64_t value;

  if (knob->kind == TCP_KNOB_BOOL && lua_isinteger(L, 3))
    value = spec_integer(L, 3, option->name, 0, 1);
  else if (knob->kind == TCP_KNOB_BOOL && !lua_isboolean(L, 3))
    return spec_error(L, "%s is true or false", option->name);
  else
    value = spec_knob(L, 3, knob);
  return option->kind == TCP_SOCKOPT_NOT_KNOB ? !value : value;
}

static void push_knob(lua_State *L, const TcpSockopt *option,
                      const TcpKnobs *knobs)
{
  const TcpKnob *knob = tcp_knob_find(option->knob);
  int64_t value = tcp_knob_get(knobs, knob);

  if (knob->kind == TCP_KNOB_BOOL)
    lua_pushboolean(L, (value != 0) != (option->kind == TCP_SOCKOPT_NOT_KNOB));
  else if (knob->kind == TCP_KNOB_TIME)
    script_push_time(L, value);
  else if (knob->kind == TCP_KNOB_NAME)
    lua_pushstring(L, tcp_knob_name(knob, (unsigned)value));
  else
    lua_pushinteger(L, value);
}

static void set_linger(lua_State *L, TcpConnection *tcp, const char *name)
{
  bool on = !lua_isboolean(L, 3) || lua_toboolean(L, 3);

  if (on && lua_isboolean(L, 3))
    spec_error(L, "%s is false or a time", name);
  tcp_set_linger(tcp, on, on ? spec_time(L, 3, name) : 0);
}

static void push_linger(lua_State *L, const TcpConnection *tcp)
{
  SimTime time;

  if (tcp_linger(tcp, &time))
    script_push_time(L, time);
  else
    lua_pushboolean(L, 0);
}

static TcpError set_linger2(lua_State *L, TcpConnection *tcp, const char *name)
{
  if (lua_type(L, 3) == LUA_TNUMBER && lua_tonumber(L, 3) < 0)
    return tcp_set_linger2(tcp, -1);
  return tcp_set_linger2(tcp, spec_time(L, 3, name));
}

static void push_linger2(lua_State *L, const TcpConnection *tcp)
{
  if (tcp_linger2(tcp) < 0)
    lua_pushinteger(L, -1);
  else
    script_push_time(L, tcp_linger2(tcp));
}

void option_push_info(lua_State *L, const TcpInfo *info)
{
  lua_newtable(L);
  for (unsigned i = 0; tcp_info_name(i); i++) {
    lua_pushfstring(L, "tcpi_%s", tcp_info_name(i));
    lua_pushinteger(L, tcp_info_value(info, i));
    lua_rawset(L, -3);
  }
}

/* -- calls -- */

static TcpError set_option(lua_State *L, TcpConnection *tcp,
                           const TcpSockopt *option)
{
  switch (option->kind) {
  case TCP_SOCKOPT_KNOB:
  case TCP_SOCKOPT_NOT_KNOB:
  case TCP_SOCKOPT_MAXSEG:
    return tcp_set_knob(tcp, option->knob, option_value(L, option));
  case TCP_SOCKOPT_QUICKACK:
    return tcp_set_quickack(tcp, option_value(L, option) != 0);
  case TCP_SOCKOPT_LINGER:
    set_linger(L, tcp, option->name);
    return TCP_OK;
  case TCP_SOCKOPT_LINGER2:
    return set_linger2(L, tcp, option->name);
  default:
    spec_error(L, "%s can only be asked for, by getsockopt", option->name);
    return TCP_EINVAL;
  }
}

int option_set(lua_State *L)
{
  ScriptConn *conn = script_self(L, "connection");
  TcpSockopt option = option_named(L, "setsockopt");
  TcpError error = TCP_ENOTCONN;

  if (conn->tcp)
    error = set_option(L, conn->tcp, &option);
  if (error)
    return socket_answer(L, conn->host, error, "setsockopt");
  lua_pushboolean(L, 1);
  return 1;
}

static void get_option(lua_State *L, TcpConnection *tcp,
                       const TcpSockopt *option)
{
  TcpError error;
  TcpInfo info;

  switch (option->kind) {
  case TCP_SOCKOPT_KNOB:
  case TCP_SOCKOPT_NOT_KNOB:
    push_knob(L, option, tcp_knobs(tcp));
    break;
  case TCP_SOCKOPT_QUICKACK:
    lua_pushboolean(L, tcp_quickack(tcp));
    break;
  case TCP_SOCKOPT_MAXSEG:
    tcp_info(tcp, &info);
    lua_pushinteger(L, info.snd_mss);
    break;
  case TCP_SOCKOPT_LINGER:
    push_linger(L, tcp);
    break;
  case TCP_SOCKOPT_LINGER2:
    push_linger2(L, tcp);
    break;
  case TCP_SOCKOPT_ERROR:
    error = tcp_error(tcp);
    lua_pushstring(L, error ? tcp_error_name(error) : NULL);
    break;
  case TCP_SOCKOPT_INFO:
    tcp_info(tcp, &info);
    option_push_info(L, &info);
    break;
  case TCP_SOCKOPT_UNREAD:
    lua_pushinteger(L, tcp_readable(tcp));
    break;
  case TCP_SOCKOPT_UNACKED:
    lua_pushinteger(L, tcp_outstanding(tcp));
    break;
  case TCP_SOCKOPT_UNSENT:
    lua_pushinteger(L, tcp_unsent(tcp));
    break;
  }
}

int option_get(lua_State *L)
{
  ScriptConn *conn = script_self(L, "connection");
  TcpSockopt option = option_named(L, "getsockopt");

  if (!conn->tcp)
    return socket_answer(L, conn->host, TCP_ENOTCONN, "getsockopt");
  get_option(L, conn->tcp, &option);
  return 1;
}

/* -- of a listener: what connections get that come later -- */

int option_set_listener(lua_State *L, ScriptNode *host, TcpListener *tcp)
{
  TcpSockopt option = option_named(L, "setsockopt");
  TcpError error = TCP_ENOPROTOOPT;

  if (!tcp)
    error = TCP_EINVAL;
  else if (option.knob)
    error = tcp_listener_set_knob(tcp, option.knob, option_value(L, &option));
  if (error)
    return socket_answer(L, host, error, "setsockopt");
  lua_pushboolean(L, 1);
  return 1;
}

int option_get_listener(lua_State *L, ScriptNode *host, TcpListener *tcp)
{
  TcpSockopt option = option_named(L, "getsockopt");

  if (!tcp || !option.knob)
    return socket_answer(L, host, tcp ? TCP_ENOPROTOOPT : TCP_EINVAL,
                         "getsockopt");
  push_knob(L, &option, tcp_listener_knobs(tcp));
  return 1;
}

/* -- STATUS -- */

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
