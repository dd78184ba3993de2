/* host:sockets(): a list that prints as `ss -tanoi` does.
 *
 * What GLib allocated is freed whether or not Lua raises: the tables are built
 * in a protected call. */
#include "lua_socket.h"
#include "socket_text.h"

typedef struct List {
  GArray *rows;
  char *text;
} List;

static void set_string(lua_State *L, const char *name, const char *text)
{
  lua_pushstring(L, text);
  lua_setfield(L, -2, name);
}

static void set_integer(lua_State *L, const char *name, int64_t value)
{
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

static void set_end(lua_State *L, const char *name, TcpEnd end)
{
  char text[NET_END_TEXT];

  set_string(L, name, socket_end(end, text));
}

static void push_row(lua_State *L, const SocketRow *row)
{
  const TcpSocket *it = &row->socket;

  lua_createtable(L, 0, 12);
  set_end(L, "local", it->pair.local);
  set_end(L, "remote", it->pair.remote);
  set_string(L, "state", tcp_state_name(it->state));
  set_string(L, "ss_state", tcp_socket_state_name(it->state));
  set_integer(L, "recv_q", it->receive);
  set_integer(L, "send_q", it->send);
  set_string(L, "timer", tcp_socket_timer_name(it->timer));
  if (it->timer != TCP_SOCKET_OFF) {
    script_push_time(L, it->left);
    lua_setfield(L, -2, "timer_left");
    set_integer(L, "timer_count", it->count);
  }
  if (row->control)
    set_string(L, "congestion", row->control);
  if (row->has_info) {
    option_push_info(L, &row->info);
    lua_setfield(L, -2, "info");
  }
}

static int list_text(lua_State *L)
{
  lua_pushvalue(L, lua_upvalueindex(1));
  return 1;
}

static int push_list(lua_State *L)
{
  const List *list = lua_touserdata(L, 1);

  lua_createtable(L, (int)list->rows->len, 0);
  for (unsigned i = 0; i < list->rows->len; i++) {
    push_row(L, &g_array_index(list->rows, SocketRow, i));
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_createtable(L, 0, 1);
  lua_pushstring(L, list->text);
  lua_pushcclosure(L, list_text, 1);
  lua_setfield(L, -2, "__tostring");
  lua_setmetatable(L, -2);
  return 1;
}

int socket_list(lua_State *L)
{
  ScriptNode *node = *(ScriptNode **)script_self(L, "host");
  List list = { .rows = socket_rows(node->stack) };
  int status;

  list.text = socket_text(list.rows);
  lua_pushcfunction(L, push_list);
  lua_pushlightuserdata(L, &list);
  status = lua_pcall(L, 1, 1, 0);
  g_array_unref(list.rows);
  g_free(list.text);
  return status == LUA_OK ? 1 : lua_error(L);
}

/* host:state(port, remote, remote_port): of that pair of ends. */
int socket_state(lua_State *L)
{
  ScriptNode *host = *(ScriptNode **)script_self(L, "host");
  TcpPair pair = { .local.port =
                       (uint16_t)spec_integer(L, 2, "state: port", 1, 65535) };
  TcpStatus status;

  pair.remote.address = world_address(L, 3, "state: the remote end", host);
  pair.remote.port =
      (uint16_t)spec_integer(L, 4, "state: the remote port", 1, 65535);
  pair.local.address =
      world_near(world_owner(host->script, pair.remote.address), host);
  if (tcp_status_of(host->stack, &pair, &status))
    lua_pushstring(L, tcp_state_name(status.state));
  else
    lua_pushstring(L, tcp_is_listening(host->stack, &pair.local) ? "LISTEN"
                                                                 : "CLOSED");
  return 1;
}
