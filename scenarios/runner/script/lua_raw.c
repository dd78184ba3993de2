/* os.raw: the segments of one pair of ends, written and read by hand.
 *
 * Numbers are relative, as in a ladder: seq to one's own initial number, ack
 * to the other's, which is that of the last SYN heard (until then they are
 * absolute). What is heard waits until it is received, so that a scenario may
 * look after the fact.
 */
#include "lua_socket.h"
#include "notation.h"
#include "raw.h"

#include <string.h>

#define HEARD_MOST 65536 /* in all: what is beyond is not kept */

typedef struct RawHeard {
  SimTime time;
  TcpSegment segment; /* without its payload */
  uint32_t payload;
} RawHeard;

typedef struct Raw {
  Script *script;
  ScriptNode *host;
  TcpRaw *tcp;   /* NULL once closed */
  bool absolute; /* then iss and irs stay 0 */
  uint32_t iss, irs;
  GQueue heard; /* of RawHeard */
  WaitList waiting;
  int ref;
} Raw;

typedef struct RawSpec {
  int64_t port, initial_sequence;
  bool absolute;
  NetFamily family;
} RawSpec;

const SpecKey raw_keys[] = {
  { .name = "port",
    .kind = SPEC_INTEGER,
    .low = 1,
    .high = 65535,
    .offset = offsetof(RawSpec, port) },
  { .name = "initial_sequence",
    .kind = SPEC_INTEGER,
    .low = 0,
    .high = UINT32_MAX,
    .offset = offsetof(RawSpec, initial_sequence) },
  { .name = "absolute",
    .kind = SPEC_BOOL,
    .offset = offsetof(RawSpec, absolute) },
  { .name = "family",
    .kind = SPEC_CUSTOM,
    .read = world_read_family,
    .offset = offsetof(RawSpec, family) },
  { .name = NULL },
};

static void end(Raw *raw)
{
  raw->tcp = NULL;
  task_wake_later(raw->script, &raw->waiting);
  luaL_unref(raw->script->L, LUA_REGISTRYINDEX, raw->ref);
}

static void hear(void *user, const TcpSegment *segment, const NetPacket *packet)
{
  Raw *raw = user;
  RawHeard *heard;

  (void)packet;
  if (!segment) {
    end(raw);
    return;
  }
  if (segment->flags & TCP_SYN && !raw->absolute)
    raw->irs = segment->seq;
  if (raw->script->raw_heard >= HEARD_MOST)
    return;
  raw->script->raw_heard++;
  heard = g_new(RawHeard, 1);
  *heard = (RawHeard){ raw->script->run->sim->now, *segment,
                       segment->payload.length };
  heard->segment.payload = (NetSlice){ 0 };
  g_queue_push_tail(&raw->heard, heard);
  task_wake_later(raw->script, &raw->waiting);
}

int raw_open(lua_State *L, ScriptNode *host)
{
  TcpPair pair = { { NET_ADDRESS_ANY, 0 },
                   { world_address(L, 1, "os.raw", host), 0 } };
  RawSpec spec = { .family = host->node->net->family };
  TcpError error;
  Raw *raw;

  pair.remote.port = (uint16_t)spec_integer(L, 2, "os.raw: port", 1, 65535);
  if (!lua_isnoneornil(L, 3))
    spec_read(L, 3, "raw", raw_keys, &spec);
  if (spec.family != host->node->net->family)
    pair.remote.address = world_address_of(L, 1, "os.raw", host, spec.family);
  pair.local.port = (uint16_t)spec.port;
  raw = script_object(L, "raw", sizeof *raw);
  raw->script = host->script;
  raw->host = host;
  raw->absolute = spec.absolute;
  raw->iss = spec.absolute ? 0 : (uint32_t)spec.initial_sequence;
  raw->ref = LUA_NOREF;
  g_queue_init(&raw->heard);
  raw->tcp = tcp_raw_open(host->stack, &pair, hear, raw, &error);
  if (!raw->tcp)
    return socket_answer(L, host, error, "raw");
  lua_pushvalue(L, -1);
  raw->ref = luaL_ref(L, LUA_REGISTRYINDEX);
  return 1;
}

static Raw *self(lua_State *L, const char *what)
{
  Raw *raw = script_self(L, "raw");

  if (!raw->tcp)
    spec_error(L, "%s: these raw ends are closed; os.raw opens others", what);
  return raw;
}

/* -- sending -- */

/* raw:send "S 0:0(0) win 65535 <mss 1460>" */
static int raw_send(lua_State *L)
{
  Raw *raw = self(L, "send");
  TcpSegment segment;
  Notation it;
  char problem[256];
  const char *reason;

  if (lua_type(L, 2) != LUA_TSTRING)
    return spec_error(L,
                      "send needs a segment such as \"F. 1:1(0) ack 1\", "
                      "not %s",
                      spec_kind(L, 2));
  if (!notation_parse(lua_tostring(L, 2), &it, problem, sizeof problem))
    return spec_error(L, "send: \"%.60s\": %s", lua_tostring(L, 2), problem);
  segment = (TcpSegment){
    .seq = raw->iss + (uint32_t)it.seq,
    .ack = it.has_ack ? raw->irs + (uint32_t)it.ack : 0,
    .flags = (uint16_t)it.flags,
    .window = it.has_window ? it.window : 65535,
    .up = it.urgent,
    .payload = net_slice_virtual((uint32_t)it.length),
  };
  if (!tcp_options_parse(it.options, it.options_size, &segment.options,
                         &reason))
    return spec_error(L, "send: \"%.60s\": %s; a forged option goes by inject",
                      lua_tostring(L, 2), reason);
  script_pay_packet(L);
  tcp_raw_send(raw->tcp, &segment);
  return 0;
}

/* -- receiving -- */

static void set_number(lua_State *L, const char *name, int64_t value)
{
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

static int64_t relative(const Raw *raw, uint32_t number, uint32_t base)
{
  return raw->absolute ? (int64_t)number : (int32_t)(number - base);
}

static void push_heard(lua_State *L, const Raw *raw, const RawHeard *heard)
{
  const TcpSegment *it = &heard->segment;
  char flags[12];

  lua_createtable(L, 0, 8);
  lua_pushstring(L, tcp_flags_format(it->flags, flags));
  lua_setfield(L, -2, "flags");
  set_number(L, "seq", relative(raw, it->seq, raw->irs));
  if (it->flags & TCP_ACK)
    set_number(L, "ack", relative(raw, it->ack, raw->iss));
  set_number(L, "win", it->window);
  set_number(L, "length", heard->payload);
  if (it->options.mss)
    set_number(L, "mss", it->options.mss);
  if (it->options.has_scale)
    set_number(L, "wscale", it->options.scale);
  if (it->options.has_timestamps) {
    set_number(L, "ts_val", it->options.ts_value);
    set_number(L, "ts_ecr", it->options.ts_echo);
  }
  script_push_time(L, heard->time);
  lua_setfield(L, -2, "time");
}

/* Stack: raw, deadline. */
static int receive_again(lua_State *L, int status, lua_KContext context)
{
  Raw *raw = lua_touserdata(L, 1);
  RawHeard *heard = g_queue_pop_head(&raw->heard);

  (void)status;
  if (heard) {
    RawHeard copy = *heard;

    g_free(heard);
    raw->script->raw_heard--;
    push_heard(L, raw, &copy);
    return 1;
  }
  if (!raw->tcp || task_deadline_passed(L)) {
    lua_pushnil(L);
    return 1;
  }
  return task_block(L, &raw->waiting, lua_tointeger(L, 2), context,
                    receive_again);
}

/* raw:receive([timeout]): the next segment, or nil. */
static int raw_receive(lua_State *L)
{
  Raw *raw = self(L, "receive");
  SimTime now = raw->script->run->sim->now;
  SimTime deadline = SIM_TIME_NEVER;

  if (!lua_isnoneornil(L, 2))
    deadline = sim_time_add(now, spec_time(L, 2, "receive"));
  lua_settop(L, 1);
  lua_pushinteger(L, deadline);
  task_forget_deadline(L);
  return receive_again(L, LUA_OK, 0);
}

/* -- the rest -- */

static int raw_port(lua_State *L)
{
  lua_pushinteger(L, tcp_raw_pair(self(L, "port")->tcp)->local.port);
  return 1;
}

static int raw_close(lua_State *L)
{
  Raw *raw = self(L, "close");

  tcp_raw_close(raw->tcp);
  end(raw);
  return 0;
}

static int raw_text(lua_State *L)
{
  Raw *raw = script_self(L, "raw");

  if (raw->tcp)
    lua_pushfstring(L, "raw ends of %s:%d", raw->host->node->name,
                    (int)tcp_raw_pair(raw->tcp)->local.port);
  else
    lua_pushfstring(L, "closed raw ends of %s", raw->host->node->name);
  return 1;
}

static int raw_collect(lua_State *L)
{
  Raw *raw = lua_touserdata(L, 1);

  raw->script->raw_heard -= raw->heard.length;
  g_queue_clear_full(&raw->heard, g_free);
  return 0;
}

const luaL_Reg raw_methods[] = {
  { "send", raw_send },   { "receive", raw_receive }, { "port", raw_port },
  { "close", raw_close }, { "__tostring", raw_text }, { NULL, NULL },
};

void raw_class(lua_State *L)
{
  script_class(L, "raw", raw_methods);
  luaL_getmetatable(L, "raw");
  lua_pushcfunction(L, raw_collect);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
}
