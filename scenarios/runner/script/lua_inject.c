/* inject: forged segments, where every field may be wrong on purpose.
 *
 * The variables in seq and ack are those of the connection that receives the
 * segment, since it is they that judge it: seq = "rcv.nxt+10" is ten bytes
 * into its window. Plain numbers are relative to the initial numbers of the
 * connection, as in a ladder; absolute = true takes them as they are.
 */
#include "forge.h"
#include "host.h"
#include "notation.h"
#include "script.h"

#include <string.h>

#define SOURCE_PORT 40000

typedef struct InjectSpec {
  ScriptNode *from, *to, *as;
  ScriptConn *of;
  bool absolute;
  int64_t port, from_port;
  bool has_port, has_from_port;
  Number seq, ack;
  Forged segment;
  Notation notation;
  bool has_notation, has_flags;
  FlagsSpec flags;
  Options options;
} InjectSpec;

static void read_conn(lua_State *L, int index, const char *what, void *ret)
{
  *(ScriptConn **)ret = socket_conn(L, index, what);
}

static void read_notation(lua_State *L, int index, const char *what, void *ret)
{
  InjectSpec *spec = ret;
  char problem[256];

  if (lua_type(L, index) != LUA_TSTRING)
    spec_error(L, "%s must be a segment such as \"F. 1:1(0) ack 1\", not a %s",
               what, luaL_typename(L, index));
  if (!notation_parse(lua_tostring(L, index), &spec->notation, problem,
                      sizeof problem))
    spec_error(L, "%s: \"%.60s\": %s", what, lua_tostring(L, index), problem);
  spec->has_notation = true;
}

#define NODE_KEY(word)                                           \
  {                                                              \
    .name = #word, .kind = SPEC_CUSTOM, .read = world_read_node, \
    .offset = offsetof(InjectSpec, word)                         \
  }
#define INTEGER_KEY(word, field, highest, has)                     \
  {                                                                \
    .name = word, .kind = SPEC_INTEGER, .low = 0, .high = highest, \
    .offset = offsetof(InjectSpec, field),                         \
    .given = offsetof(InjectSpec, has) + 1                         \
  }
#define CUSTOM_KEY(word, func, field)                \
  {                                                  \
    .name = word, .kind = SPEC_CUSTOM, .read = func, \
    .offset = offsetof(InjectSpec, field)            \
  }

const SpecKey inject_keys[] = {
  NODE_KEY(from),
  NODE_KEY(to),
  NODE_KEY(as),
  CUSTOM_KEY("of", read_conn, of),
  { .name = "tcp", .kind = SPEC_CUSTOM, .read = read_notation },
  { .name = "absolute",
    .kind = SPEC_BOOL,
    .offset = offsetof(InjectSpec, absolute) },
  INTEGER_KEY("port", port, 65535, has_port),
  INTEGER_KEY("from_port", from_port, 65535, has_from_port),
  CUSTOM_KEY("flags", world_read_flags, flags),
  CUSTOM_KEY("seq", forge_read_number, seq),
  CUSTOM_KEY("ack", forge_read_number, ack),
  INTEGER_KEY("win", segment.window, 65535, segment.has_window),
  INTEGER_KEY("urg", segment.urgent, 65535, segment.has_urgent),
  INTEGER_KEY("length", segment.length, 65000, segment.has_length),
  CUSTOM_KEY("payload", forge_read_bytes, segment.payload),
  INTEGER_KEY("mss", options.mss, 65535, options.has_mss),
  INTEGER_KEY("wscale", options.wscale, 255, options.has_wscale),
  { .name = "sack_permitted",
    .kind = SPEC_BOOL,
    .offset = offsetof(InjectSpec, options.sack_permitted) },
  CUSTOM_KEY("timestamps", forge_read_timestamps, options),
  CUSTOM_KEY("options", forge_read_hex, segment.options),
  CUSTOM_KEY("checksum", forge_read_checksum, segment.checksum),
  INTEGER_KEY("data_offset", segment.data_offset, 15, segment.has_data_offset),
  INTEGER_KEY("ip_length", segment.ip_length, 65535, segment.has_ip_length),
  INTEGER_KEY("truncate", segment.truncate, 65535, segment.has_truncate),
  INTEGER_KEY("ttl", segment.ttl, 255, segment.has_ttl),
  CUSTOM_KEY("raw", forge_read_hex, segment.raw),
  { .name = NULL },
};

/* -- from and to whom -- */

static void ends_of_conn(lua_State *L, InjectSpec *spec)
{
  const ScriptNode *as = spec->as ? spec->as : spec->from;
  const TcpPair *pair = &spec->of->pair;

  if (as && as->host && net_host_owns(as->host, pair->local.address)) {
    spec->segment.pair = *pair;
  } else if (as && as->host && net_host_owns(as->host, pair->remote.address)) {
    spec->segment.pair = (TcpPair){ pair->remote, pair->local };
  } else {
    spec_error(L, "inject: say whose segment it pretends to be: as = one of "
                  "the connection's two hosts");
  }
}

static void find_ends(lua_State *L, InjectSpec *spec)
{
  const ScriptNode *as = spec->as ? spec->as : spec->from;
  TcpPair *pair = &spec->segment.pair;

  if (spec->of) {
    ends_of_conn(L, spec);
  } else {
    if (!spec->to || !as || !as->host || !spec->to->host)
      spec_error(L, "inject needs of = a connection, or from and to, which "
                    "must be hosts, and port");
    if (!spec->has_port)
      spec_error(L, "inject needs port = ..., where the segment goes to");
    pair->local.address = world_near(spec->to, as);
    pair->local.port = SOURCE_PORT;
    pair->remote.address = world_near(as, spec->to);
    pair->remote.port = (uint16_t)spec->port;
  }
  if (spec->has_port)
    pair->remote.port = (uint16_t)spec->port;
  if (spec->has_from_port)
    pair->local.port = (uint16_t)spec->from_port;
}

/* -- numbers -- */

/* What the receiver knows; or what the one it pretends to come from does,
 * seen from the other side; or the connection's initial numbers. */
static bool receiver_status(Script *script, const InjectSpec *spec,
                            TcpStatus *ret)
{
  const TcpPair *pair = &spec->segment.pair;
  const TcpPair back = { pair->remote, pair->local };
  ScriptNode *receiver = world_owner(script, pair->remote.address);
  ScriptNode *sender = world_owner(script, pair->local.address);
  TcpStatus other;
  bool is_local;

  if (receiver && receiver->stack && tcp_status_of(receiver->stack, &back, ret))
    return true;
  *ret = (TcpStatus){ 0 };
  if (sender && sender->stack && tcp_status_of(sender->stack, pair, &other)) {
    ret->snd.iss = other.rcv.irs;
    ret->snd.nxt = ret->snd.una = other.rcv.nxt;
    ret->snd.wnd = other.rcv.wnd;
    ret->rcv.irs = other.snd.iss;
    ret->rcv.nxt = other.snd.nxt;
    ret->rcv.wnd = other.snd.wnd;
    return true;
  }
  if (!spec->of)
    return false;
  is_local =
      net_address_equal(spec->of->pair.local.address, pair->remote.address);
  ret->snd.iss = is_local ? spec->of->iss : spec->of->irs;
  ret->rcv.irs = is_local ? spec->of->irs : spec->of->iss;
  ret->snd.nxt = ret->snd.una = ret->snd.iss + 1;
  ret->rcv.nxt = ret->rcv.irs + 1;
  return true;
}

static void find_numbers(lua_State *L, InjectSpec *spec)
{
  TcpStatus status;
  bool known = receiver_status(script_of(L), spec, &status);
  bool relative = known && !spec->absolute;

  if (spec->notation.has_seq && !spec->seq.given)
    spec->seq = (Number){ .given = true, .value = spec->notation.seq };
  if (spec->notation.has_ack && !spec->ack.given)
    spec->ack = (Number){ .given = true, .value = spec->notation.ack };
  if ((spec->seq.word || spec->ack.word) && !known)
    spec_error(L, "inject: there is no connection whose variables seq and "
                  "ack could name");
  spec->segment.seq =
      forge_number(L, &spec->seq, &status, relative ? status.rcv.irs : 0);
  spec->segment.ack =
      forge_number(L, &spec->ack, &status, relative ? status.snd.iss : 0);
  if (!spec->seq.given && known)
    spec->segment.seq = status.rcv.nxt;
  if (!spec->ack.given && known && spec->segment.flags & TCP_ACK)
    spec->segment.ack = status.snd.nxt;
}

static void merge_notation(InjectSpec *spec)
{
  Forged *segment = &spec->segment;
  const Notation *it = &spec->notation;

  segment->flags = spec->flags.given ? spec->flags.flags : (uint16_t)it->flags;
  if (!segment->has_window)
    segment->window = it->has_window ? it->window : 65535;
  if (!segment->has_urgent)
    segment->urgent = it->urgent;
  if (!segment->has_length && !segment->payload.given)
    segment->length = it->length;
  if (!segment->options.given && it->options_size > 0) {
    segment->options.given = true;
    segment->options.size = it->options_size;
    memcpy(segment->options.bytes, it->options, it->options_size);
  }
}

static void read_spec(lua_State *L, int index, InjectSpec *spec)
{
  if (!script_of(L)->running)
    spec_error(L, "inject happens in virtual time: put it into at, after, an "
                  "app or a hook");
  spec_read(L, index, "inject", inject_keys, spec);
  if (!spec->has_notation && !spec->flags.given && !spec->segment.raw.given)
    spec_error(L, "inject needs tcp = \"F. 1:1(0) ack 1\" or flags = ...");
  merge_notation(spec);
  forge_options(L, &spec->segment, &spec->options);
}

static int put(lua_State *L, InjectSpec *spec, NetWire *wire)
{
  Script *script = script_of(L);

  find_ends(L, spec);
  find_numbers(L, spec);
  net_wire_put(wire, forge_packet(script->run->net, wire, &spec->segment));
  return 0;
}

int inject_link(lua_State *L)
{
  ScriptLink *link = script_self(L, "link");
  InjectSpec *spec = lua_newuserdatauv(L, sizeof *spec, 0);

  memset(spec, 0, sizeof *spec);
  read_spec(L, 2, spec);
  if (!spec->from)
    return spec_error(L, "link:inject needs from = the end of the link that "
                         "it comes from");
  for (unsigned i = 0; i < 2; i++)
    if (link->link->wires[i].from->node == spec->from->node)
      return put(L, spec, &link->link->wires[i]);
  return spec_error(L, "inject: %s is not an end of the link %s",
                    spec->from->node->name, link->link->name);
}

int inject_host(lua_State *L)
{
  ScriptNode *host = *(ScriptNode **)script_self(L, "host");
  InjectSpec *spec = lua_newuserdatauv(L, sizeof *spec, 0);
  NetPath path = { 0 };

  memset(spec, 0, sizeof *spec);
  if (lua_type(L, 2) == LUA_TSTRING) {
    if (!lua_istable(L, 3))
      return spec_error(L, "host:inject(\"F. 1:1(0)\", { of = connection }) "
                           "or { to = host, port = ... }");
    lua_pushvalue(L, 2);
    lua_setfield(L, 3, "tcp");
    read_spec(L, 3, spec);
  } else {
    read_spec(L, 2, spec);
  }
  spec->from = host;
  find_ends(L, spec);
  if (!net_host_path(host->host, spec->segment.pair.remote.address, &path) ||
      !path.nic->link)
    return spec_error(L, "inject: %s has no way to that address",
                      host->node->name);
  return put(L, spec,
             &path.nic->link->wires[path.nic->link->wires[0].from != path.nic]);
}
