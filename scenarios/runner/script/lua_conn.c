/* A connection in the hands of an app: send, receive, end, ask.
 *
 * A call that cannot go on waits with task_block() and is tried again by
 * whatever happens to the connection. A connection that another task closes
 * meanwhile answers ENOTCONN.
 */
#include "lua_socket.h"

#include <string.h>

#define RECEIVE_MOST (64 * 1024)

static ScriptConn *self_conn(lua_State *L)
{
  return script_self(L, "connection");
}

/* -- send -- */

typedef struct SendSpec {
  bool push, urgent, more, record;
} SendSpec;

const SpecKey send_keys[] = {
  { .name = "push", .kind = SPEC_BOOL, .offset = offsetof(SendSpec, push) },
  { .name = "urgent", .kind = SPEC_BOOL, .offset = offsetof(SendSpec, urgent) },
  { .name = "more", .kind = SPEC_BOOL, .offset = offsetof(SendSpec, more) },
  { .name = "record", .kind = SPEC_BOOL, .offset = offsetof(SendSpec, record) },
  { .name = NULL },
};

/* Stack: connection, data (a string or a count), push, urgent, more, record. */
static TcpError send_part(lua_State *L, ScriptConn *conn, NetSlice data,
                          bool last, uint32_t *taken)
{
  bool urgent = lua_toboolean(L, 4) && last;

  if (lua_toboolean(L, 5))
    return tcp_send_more(conn->tcp, data, urgent, taken);
  if (lua_toboolean(L, 6) && last)
    return tcp_send_record(conn->tcp, data, taken);
  return tcp_send(conn->tcp, data, lua_toboolean(L, 3) && last, urgent, taken);
}

static int send_again(lua_State *L, int status, lua_KContext context)
{
  ScriptConn *conn = lua_touserdata(L, 1);
  bool is_text = lua_type(L, 2) == LUA_TSTRING;
  uint64_t size = is_text ? lua_rawlen(L, 2) : (uint64_t)lua_tointeger(L, 2);
  uint64_t sent = (uint64_t)context;

  if (status == LUA_YIELD && conn->tcp && tcp_send_waits(conn->tcp))
    return task_block(L, &conn->waiting, SIM_TIME_NEVER, context, send_again);
  while (sent < size) {
    uint64_t left = size - sent;
    uint32_t room, taken = 0, part;
    NetSlice data;
    TcpError error;

    if (!conn->tcp)
      return socket_answer(L, conn->host, TCP_ENOTCONN, "send");
    room = tcp_writable(conn->tcp);
    part = (uint32_t)MIN(left, room ? room : 1);
    data = is_text ? net_slice_of(lua_tostring(L, 2) + sent, part)
                   : net_slice_virtual(part);
    error = send_part(L, conn, data, part == left, &taken);
    if (error == TCP_EAGAIN)
      return task_block(L, &conn->waiting, SIM_TIME_NEVER, (lua_KContext)sent,
                        send_again);
    if (error)
      return socket_answer(L, conn->host, error, "send");
    sent += taken;
  }
  lua_pushinteger(L, (lua_Integer)size);
  return 1;
}

static int conn_send(lua_State *L)
{
  SendSpec spec = { .push = true };

  self_conn(L);
  if (lua_type(L, 2) == LUA_TNUMBER)
    spec_integer(L, 2, "send", 0, INT64_MAX);
  else if (lua_type(L, 2) != LUA_TSTRING)
    return spec_error(L, "send needs a string or a number of bytes, not %s",
                      spec_kind(L, 2));
  if (!lua_isnoneornil(L, 3))
    spec_read(L, 3, "send", send_keys, &spec);
  lua_settop(L, 2);
  lua_pushboolean(L, spec.push);
  lua_pushboolean(L, spec.urgent);
  lua_pushboolean(L, spec.more);
  lua_pushboolean(L, spec.record);
  return send_again(L, LUA_OK, 0);
}

/* -- receive -- */

static void keep_data(ScriptNode *host, const char *bytes, uint32_t size)
{
  uint32_t room = SCRIPT_DATA_KEPT - host->data->len;

  host->received += size;
  if (room > 0)
    g_byte_array_append(host->data, (const guint8 *)bytes, MIN(size, room));
}

/* Reads at most `most` bytes that are there into a string on the stack;
 * `ret_size` 0 is the peer's FIN, and then nothing is pushed. */
static TcpError read_some(lua_State *L, ScriptConn *conn, uint32_t most,
                          uint32_t *ret_size)
{
  uint32_t ready = tcp_readable(conn->tcp), size = MIN(most, MAX(ready, 1));
  uint32_t got = 0;
  TcpError error = TCP_OK;
  luaL_Buffer buffer;
  char *bytes = luaL_buffinitsize(L, &buffer, size);
  bool finished = false;

  while (got < size && !error && !finished) {
    NetSlice slice = { 0 };

    error = tcp_receive(conn->tcp, size - got, &slice);
    if (error)
      break;
    finished = slice.length == 0;
    net_slice_copy(slice, (uint8_t *)bytes + got);
    got += slice.length;
    net_slice_clear(&slice);
  }
  keep_data(conn->host, bytes, got);
  luaL_pushresultsize(&buffer, got);
  if (got == 0)
    lua_pop(L, 1);
  *ret_size = got;
  return got > 0 ? TCP_OK : error;
}

/* Stack: connection, deadline. */
static int receive_again(lua_State *L, int status, lua_KContext most)
{
  ScriptConn *conn = lua_touserdata(L, 1);
  SimTime deadline = lua_tointeger(L, 2);
  TcpError error;
  uint32_t size;

  (void)status;
  lua_settop(L, 2);
  if (!conn->tcp)
    return socket_answer(L, conn->host, TCP_ENOTCONN, "receive");
  error = read_some(L, conn, (uint32_t)most, &size);
  if (error == TCP_EAGAIN && !task_deadline_passed(L) &&
      deadline > conn->script->run->sim->now)
    return task_block(L, &conn->waiting, deadline, most, receive_again);
  if (error)
    return socket_answer(L, conn->host, error, "receive");
  if (size == 0)
    lua_pushliteral(L, "");
  return 1;
}

static int conn_receive(lua_State *L)
{
  int64_t most = RECEIVE_MOST;
  SimTime deadline = SIM_TIME_NEVER;
  ScriptConn *conn = self_conn(L);

  if (!lua_isnoneornil(L, 3))
    deadline =
        sim_time_add(conn->script->run->sim->now, spec_time(L, 3, "receive"));
  if (!lua_isnoneornil(L, 2))
    most = spec_size(L, 2, "receive");
  if (most < 1 || most > 1 << 30)
    return spec_error(L, "receive: at least 1 byte, at most 1 GiB");
  lua_settop(L, 1);
  lua_pushinteger(L, deadline);
  task_forget_deadline(L);
  return receive_again(L, LUA_OK, (lua_KContext)most);
}

/* What is there now, and stays there. */
static int conn_peek(lua_State *L)
{
  ScriptConn *conn = self_conn(L);
  int64_t most = RECEIVE_MOST;
  luaL_Buffer buffer;
  NetSlice slice;
  TcpError error;

  if (!lua_isnoneornil(L, 2))
    most = spec_size(L, 2, "peek");
  if (most < 1 || most > 1 << 30)
    return spec_error(L, "peek: at least 1 byte, at most 1 GiB");
  error =
      conn->tcp ? tcp_peek(conn->tcp, (uint32_t)most, &slice) : TCP_ENOTCONN;
  if (error)
    return socket_answer(L, conn->host, error, "peek");
  net_slice_copy(slice, (uint8_t *)luaL_buffinitsize(L, &buffer, slice.length));
  luaL_pushresultsize(&buffer, slice.length);
  net_slice_clear(&slice);
  return 1;
}

/* Pushes the pieces of the table at 2 as one string. */
static void join(lua_State *L)
{
  lua_Integer count = (lua_Integer)lua_rawlen(L, 2);
  luaL_Buffer buffer;

  luaL_buffinit(L, &buffer);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, 2, i);
    luaL_addvalue(&buffer);
  }
  luaL_pushresult(&buffer);
}

static int receive_all_again(lua_State *L, int status, lua_KContext context)
{
  ScriptConn *conn = lua_touserdata(L, 1);
  TcpError error = TCP_OK;
  uint32_t size = 1;

  (void)status;
  (void)context;
  while (conn->tcp && !error && size > 0) {
    error = read_some(L, conn, RECEIVE_MOST, &size);
    if (!error && size > 0)
      lua_rawseti(L, 2, (lua_Integer)lua_rawlen(L, 2) + 1);
  }
  if (!conn->tcp)
    error = TCP_ENOTCONN;
  if (error == TCP_EAGAIN)
    return task_block(L, &conn->waiting, SIM_TIME_NEVER, 0, receive_all_again);
  if (!error) {
    join(L);
    return 1;
  }
  socket_answer(L, conn->host, error, "receive_all");
  join(L);
  return 4;
}

static int conn_receive_all(lua_State *L)
{
  self_conn(L);
  lua_settop(L, 1);
  lua_newtable(L);
  return receive_all_again(L, LUA_OK, 0);
}

static int discard_again(lua_State *L, int status, lua_KContext context)
{
  ScriptConn *conn = lua_touserdata(L, 1);
  lua_Integer count = (lua_Integer)context;
  TcpError error = TCP_OK;
  NetSlice slice = { 0 };

  (void)status;
  while (conn->tcp && !error) {
    error = tcp_receive(conn->tcp, 1 << 30, &slice);
    if (!error && slice.length == 0)
      break;
    if (!error) {
      count += slice.length;
      conn->host->received += slice.length;
      net_slice_clear(&slice);
    }
  }
  if (!conn->tcp)
    error = TCP_ENOTCONN;
  if (error == TCP_EAGAIN)
    return task_block(L, &conn->waiting, SIM_TIME_NEVER, (lua_KContext)count,
                      discard_again);
  if (error)
    return socket_answer(L, conn->host, error, "discard");
  lua_pushinteger(L, count);
  return 1;
}

static int conn_discard(lua_State *L)
{
  self_conn(L);
  lua_settop(L, 1);
  return discard_again(L, LUA_OK, 0);
}

/* -- end -- */

static int done(lua_State *L, ScriptConn *conn, TcpError error,
                const char *call)
{
  if (error)
    return socket_answer(L, conn->host, error, call);
  lua_pushboolean(L, 1);
  return 1;
}

TcpShutdown socket_direction(lua_State *L)
{
  static const char *const words[] = { "receive", "send", "both", NULL };
  const char *word;

  if (lua_type(L, 2) != LUA_TSTRING)
    spec_error(L, "shutdown needs \"send\", \"receive\" or \"both\"");
  word = lua_tostring(L, 2);
  for (int i = 0; words[i]; i++)
    if (g_str_equal(words[i], word))
      return (TcpShutdown)(i + 1);
  spec_unknown(L, "shutdown", "direction", word, words);
  return TCP_SHUTDOWN_BOTH;
}

static int conn_shutdown(lua_State *L)
{
  ScriptConn *conn = self_conn(L);
  TcpShutdown how = socket_direction(L);

  return done(L, conn, conn->tcp ? tcp_shutdown(conn->tcp, how) : TCP_ENOTCONN,
              "shutdown");
}

/* The linger time began with the close; its end is on the stack at 2. */
static int linger_again(lua_State *L, int status, lua_KContext context)
{
  ScriptConn *conn = lua_touserdata(L, 1);
  SimTime deadline = lua_tointeger(L, 2);
  TcpStatus it;
  bool told;

  (void)status;
  (void)context;
  if (!conn->tcp)
    return socket_answer(L, conn->host, TCP_ENOTCONN, "close");
  told = tcp_knobs(conn->tcp)->linger_told;
  tcp_status(conn->tcp, &it);
  if (it.state == TCP_CLOSED || it.fin_acked) {
    TcpError error = it.state == TCP_CLOSED ? tcp_error(conn->tcp) : TCP_OK;

    socket_release(L, conn);
    return done(L, conn, told ? error : TCP_OK, "close");
  }
  if (task_deadline_passed(L)) {
    socket_release(L, conn);
    return done(L, conn, told ? TCP_ETIMEDOUT : TCP_OK, "close");
  }
  return task_block(L, &conn->waiting, deadline, 0, linger_again);
}

static int conn_close(lua_State *L)
{
  ScriptConn *conn = self_conn(L);
  SimTime linger = 0, now = conn->script->run->sim->now;
  bool lingers;
  TcpError error;

  lua_settop(L, 1);
  if (!conn->tcp)
    return socket_answer(L, conn->host, TCP_ENOTCONN, "close");
  lingers = tcp_linger(conn->tcp, &linger) && linger > 0;
  error = tcp_close(conn->tcp);
  if (!lingers) {
    socket_release(L, conn);
    return done(L, conn, error, "close");
  }
  task_forget_deadline(L);
  lua_pushinteger(L, sim_time_add(now, linger));
  return linger_again(L, LUA_OK, 0);
}

static int conn_abort(lua_State *L)
{
  ScriptConn *conn = self_conn(L);
  TcpError error;

  if (!conn->tcp)
    return socket_answer(L, conn->host, TCP_ENOTCONN, "abort");
  error = tcp_abort(conn->tcp);
  socket_release(L, conn);
  return done(L, conn, error, "abort");
}

/* -- ask -- */

TcpState socket_state_of(const ScriptConn *conn)
{
  TcpStatus status;

  return socket_status(conn, &status) ? status.state : TCP_CLOSED;
}

static int conn_state(lua_State *L)
{
  lua_pushstring(L, tcp_state_name(socket_state_of(self_conn(L))));
  return 1;
}

static int conn_ends(lua_State *L)
{
  ScriptConn *conn = self_conn(L);
  char text[NET_END_TEXT];

  lua_pushstring(
      L, net_end_format(conn->pair.local.address, conn->pair.local.port, text));
  lua_pushstring(L, net_end_format(conn->pair.remote.address,
                                   conn->pair.remote.port, text));
  return 2;
}

static int conn_text(lua_State *L)
{
  ScriptConn *conn = luaL_checkudata(L, 1, "connection");

  lua_pushfstring(L, "connection of %s in %s", conn->host->node->name,
                  tcp_state_name(socket_state_of(conn)));
  return 1;
}

const luaL_Reg connection_methods[] = {
  { "send", conn_send },
  { "receive", conn_receive },
  { "peek", conn_peek },
  { "receive_all", conn_receive_all },
  { "discard", conn_discard },
  { "shutdown", conn_shutdown },
  { "close", conn_close },
  { "abort", conn_abort },
  { "state", conn_state },
  { "status", option_status },
  { "wait_state", conn_wait_state },
  { "ends", conn_ends },
  { "setsockopt", option_set },
  { "getsockopt", option_get },
  { "__tostring", conn_text },
  { NULL, NULL },
};
