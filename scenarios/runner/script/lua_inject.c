/* inject: forged datagrams, where every field may be wrong on purpose.
 *
 * Who forges sees the numbers of a connection if its packets pass by; others
 * guess: absolute = true, or guess = true for one who has guessed right.
 *
 * The variables in seq and ack are those of the connection that receives the
 * segment, since it is they that judge it: seq = "rcv.nxt+10" is ten bytes
 * into its window. Plain numbers are relative to the initial numbers of the
 * connection, as in a ladder; absolute = true takes them as they are.
 */
#include "forge.h"
#include "forge_icmp.h"
#include "host.h"
#include "lua_path.h"
#include "notation.h"
#include "script.h"

#include <string.h>

#define SOURCE_PORT 40000

typedef struct InjectSpec {
  ScriptNode *from, *to, *as;
  ScriptConn *of;
  bool absolute, guess, udp;
  ForgedIcmp icmp;
  Bytes frame;
  Piece *pieces; /* the script's */
  unsigned piece_count;
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

const SpecKey piece_keys[] = {
  { .name = "at",
    .kind = SPEC_INTEGER,
    .low = 0,
    .high = 65528,
    .required = true,
    .offset = offsetof(Piece, at) },
  { .name = "length",
    .kind = SPEC_INTEGER,
    .low = 0,
    .high = 65528,
    .required = true,
    .offset = offsetof(Piece, length) },
  { .name = "more",
    .kind = SPEC_BOOL,
    .offset = offsetof(Piece, more),
    .given = offsetof(Piece, has_more) + 1 },
  { .name = "bytes",
    .kind = SPEC_CUSTOM,
    .read = forge_read_hex,
    .offset = offsetof(Piece, bytes) },
  { .name = NULL },
};

static void read_pieces(lua_State *L, int index, const char *what, void *ret)
{
  InjectSpec *spec = ret;

  if (!lua_istable(L, index) || lua_rawlen(L, index) == 0)
    spec_error(L, "%s is a list such as { { at = 0, length = 24 }, ... }",
               what);
  if (lua_rawlen(L, index) > PIECES_MOST)
    spec_error(L, "%s has over %d fragments", what, PIECES_MOST);
  spec->piece_count = (unsigned)lua_rawlen(L, index);
  spec->pieces = g_new0(Piece, spec->piece_count);
  script_own(script_of(L), spec->pieces, g_free);
  for (unsigned i = 0; i < spec->piece_count; i++) {
    lua_rawgeti(L, index, i + 1);
    spec_read(L, lua_gettop(L), "fragment", piece_keys, &spec->pieces[i]);
    if (spec->pieces[i].at % 8 != 0)
      spec_error(L, "fragment: at counts in steps of 8 bytes");
    lua_pop(L, 1);
  }
}

static void read_notation(lua_State *L, int index, const char *what, void *ret)
{
  InjectSpec *spec = ret;
  char problem[256];

  if (lua_type(L, index) != LUA_TSTRING)
    spec_error(L, "%s must be a segment such as \"F. 1:1(0) ack 1\", not %s",
               what, spec_kind(L, index));
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
  { .name = "guess", .kind = SPEC_BOOL, .offset = offsetof(InjectSpec, guess) },
  { .name = "udp", .kind = SPEC_BOOL, .offset = offsetof(InjectSpec, udp) },
  CUSTOM_KEY("icmp", forge_read_icmp, icmp),
  CUSTOM_KEY("set", field_read_set, segment.set),
  CUSTOM_KEY("ip_options", forge_read_hex, segment.ip_options),
  CUSTOM_KEY("extensions", forge_read_extensions, segment.extensions),
  { .name = "fragments", .kind = SPEC_CUSTOM, .read = read_pieces },
  CUSTOM_KEY("frame", forge_read_hex, frame),
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

static void name_ends(lua_State *L, InjectSpec *spec)
{
  const ScriptNode *as = spec->as ? spec->as : spec->from;
  TcpPair *pair = &spec->segment.pair;

  if (!spec->to || !as || !as->host || !spec->to->host)
    spec_error(L, "inject needs of = a connection, or from and to, which "
                  "must be hosts, and port");
  if (!spec->has_port && !spec->icmp.given)
    spec_error(L, "inject needs port = ..., where the segment goes to");
  pair->local.address = world_near(spec->to, as);
  pair->local.port = SOURCE_PORT;
  pair->remote.address = world_near(as, spec->to);
  pair->remote.port = (uint16_t)spec->port;
}

/* An ICMP message about a connection goes to the end that `to` names; it comes
 * from whoever sends it, or from `as`. */
static void icmp_ends(lua_State *L, InjectSpec *spec)
{
  const ScriptNode *as = spec->as ? spec->as : spec->from;
  const TcpPair *pair = &spec->of->pair;
  const TcpPair back = { pair->remote, pair->local };

  if (!spec->to || !spec->to->host || !as || !as->host)
    spec_error(L, "inject: icmp about a connection needs to = the host that "
                  "gets it");
  if (net_host_owns(spec->to->host, pair->local.address))
    spec->segment.pair = back;
  else if (net_host_owns(spec->to->host, pair->remote.address))
    spec->segment.pair = *pair;
  else
    spec_error(L, "inject: %s has no part in that connection",
               spec->to->node->name);
}

static void find_ends(lua_State *L, InjectSpec *spec)
{
  TcpPair *pair = &spec->segment.pair;

  if (spec->of && spec->icmp.given)
    icmp_ends(L, spec);
  else if (spec->of)
    ends_of_conn(L, spec);
  else
    name_ends(L, spec);
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

/* Numbers of a connection are for those whom its packets pass. */
static void check_sees(lua_State *L, const InjectSpec *spec,
                       const NetWire *wire, bool is_link)
{
  bool seq_free = spec->absolute && spec->seq.given && !spec->seq.word;
  bool ack_free = !(spec->segment.flags & TCP_ACK) ||
                  (spec->absolute && spec->ack.given && !spec->ack.word);

  if (spec->guess || spec->segment.raw.given || (seq_free && ack_free) ||
      path_sees(script_of(L), &spec->segment.pair,
                is_link ? NULL : wire->from->node, is_link ? wire->link : NULL))
    return;
  spec_error(L,
             "inject: no packet of that connection passes %s, so its numbers "
             "are not known there: give seq (and ack) as numbers with absolute "
             "= true, or say guess = true for one who guessed them right",
             is_link ? wire->link->name : wire->from->node->name);
}

static void find_numbers(lua_State *L, InjectSpec *spec, const NetWire *wire,
                         bool is_link)
{
  Forged *segment = &spec->segment;
  TcpStatus status;
  bool known = receiver_status(script_of(L), spec, &status);
  bool relative = known && !spec->absolute;

  if (spec->notation.has_seq && !spec->seq.given)
    spec->seq = (Number){ .given = true, .value = spec->notation.seq };
  if (spec->notation.has_ack && !spec->ack.given)
    spec->ack = (Number){ .given = true, .value = spec->notation.ack };
  if (known)
    check_sees(L, spec, wire, is_link);
  if ((spec->seq.word || spec->ack.word) && !known)
    spec_error(L, "inject: there is no connection whose variables seq and "
                  "ack could name: give it by of = ..., or numbers");
  segment->seq = forge_number(L, &spec->seq, &status, &segment->pair,
                              relative ? status.rcv.irs : 0);
  segment->ack = forge_number(L, &spec->ack, &status, &segment->pair,
                              relative ? status.snd.iss : 0);
  if (!spec->seq.given && known)
    segment->seq = status.rcv.nxt;
  if (!spec->ack.given && known && segment->flags & TCP_ACK)
    segment->ack = status.snd.nxt;
}

/* An ICMP error quotes a segment that its receiver sent: seq is that one's,
 * by default the oldest that is not acknowledged. */
static void find_icmp(lua_State *L, InjectSpec *spec, const NetWire *wire,
                      bool is_link)
{
  Forged *it = &spec->segment;
  const ScriptNode *as = spec->as ? spec->as : spec->from;
  bool ipv6 = !net_address_is_ipv4(it->pair.remote.address);
  const TcpPair quoted = { it->pair.remote, it->pair.local };
  bool known;
  TcpStatus status;

  forge_icmp_header(L, &spec->icmp, ipv6, it->icmp);
  it->protocol = ipv6 ? NET_PROTOCOL_ICMPV6 : NET_PROTOCOL_ICMP;
  if (!spec->of)
    return;
  it->flags = TCP_ACK;
  known = receiver_status(script_of(L), spec, &status);
  if (known)
    check_sees(L, spec, wire, is_link);
  it->seq = spec->seq.given
                ? forge_number(L, &spec->seq, &status, &it->pair,
                               known && !spec->absolute ? status.snd.iss : 0)
                : status.snd.una;
  if (forge_icmp_is_error(it->icmp, ipv6))
    it->body = forge_quote(&quoted, it->seq, status.rcv.nxt);
  it->pair.local.address =
      net_host_address_of(as->host, ipv6 ? NET_IPV6 : NET_IPV4);
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
  if (!spec->has_notation && !spec->flags.given && !spec->segment.raw.given &&
      !spec->udp && !spec->icmp.given && !spec->frame.given)
    spec_error(L, "inject needs tcp = \"F. 1:1(0) ack 1\" or flags = ..., or "
                  "udp, icmp, raw, frame");
  if (spec->udp + spec->icmp.given + spec->has_notation + spec->frame.given > 1)
    spec_error(L, "inject: of tcp, udp, icmp and frame give one");
  spec->segment.protocol = spec->udp ? NET_PROTOCOL_UDP : NET_PROTOCOL_TCP;
  if (spec->segment.ip_options.size > 40)
    spec_error(L, "inject: options of IPv4 have at most 40 bytes");
  forge_check_set(L, &spec->segment, spec->frame.given,
                  spec->udp          ? "udp."
                  : spec->icmp.given ? "icmp."
                                     : "tcp.");
  merge_notation(spec);
  forge_options(L, &spec->segment, &spec->options);
}

static void put_packet(InjectSpec *spec, NetWire *wire, NetPacket *packet,
                       uint16_t id)
{
  for (unsigned i = 0; i < spec->piece_count; i++)
    net_wire_put(wire, forge_piece(packet, wire, &spec->pieces[i], id));
  if (spec->piece_count > 0)
    net_packet_free(packet);
  else
    net_wire_put(wire, packet);
}

static int put_frame(lua_State *L, const InjectSpec *spec, NetWire *wire)
{
  NetPacket *packet =
      net_packet_from_frame(script_of(L)->run->net, &wire->owner,
                            spec->frame.bytes, spec->frame.size);

  packet->flags |= NET_PACKET_INJECTED;
  net_wire_put(wire, packet);
  return 0;
}

static int put(lua_State *L, InjectSpec *spec, NetWire *wire, bool is_link)
{
  Script *script = script_of(L);

  script_pay_packet(L);
  if (spec->frame.given)
    return put_frame(L, spec, wire);
  find_ends(L, spec);
  if (spec->icmp.given)
    find_icmp(L, spec, wire, is_link);
  else if (!spec->udp)
    find_numbers(L, spec, wire, is_link);
  put_packet(spec, wire, forge_packet(script->run->net, wire, &spec->segment),
             (uint16_t)++script->ordinal);
  net_slice_clear(&spec->segment.body);
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
      return put(L, spec, &link->link->wires[i], true);
  return spec_error(L, "inject: %s is not an end of the link %s",
                    spec->from->node->name, link->link->name);
}

/* The NIC by which `node` would send it; of a frame without `to` the first. */
static NetNic *nic_for(lua_State *L, const ScriptNode *node, InjectSpec *spec)
{
  NetPath path = { 0 };

  if (spec->frame.given && !spec->to) {
    if (!node->node->nics || !node->node->nics->link)
      spec_error(L, "inject: %s has no link", node->node->name);
    return node->node->nics;
  }
  if (spec->frame.given)
    spec->segment.pair.remote.address = world_near(node, spec->to);
  else
    find_ends(L, spec);
  if (!net_host_path(node->host, spec->segment.pair.remote.address, &path) ||
      !path.nic->link)
    spec_error(L, "inject: %s has no way to that address", node->node->name);
  return path.nic;
}

static int inject_node(lua_State *L, ScriptNode *node)
{
  InjectSpec *spec = lua_newuserdatauv(L, sizeof *spec, 0);
  NetNic *nic;

  memset(spec, 0, sizeof *spec);
  if (lua_type(L, 2) == LUA_TSTRING) {
    if (!lua_istable(L, 3))
      return spec_error(L,
                        "%s:inject(\"F. 1:1(0)\", { of = connection }) "
                        "or { to = host, port = ... }",
                        node->node->name);
    lua_pushvalue(L, 2);
    lua_setfield(L, 3, "tcp");
    read_spec(L, 3, spec);
  } else {
    read_spec(L, 2, spec);
  }
  spec->from = node;
  nic = nic_for(L, node, spec);
  return put(L, spec, &nic->link->wires[nic->link->wires[0].from != nic],
             false);
}

int inject_host(lua_State *L)
{
  return inject_node(L, *(ScriptNode **)script_self(L, "host"));
}

int inject_router(lua_State *L)
{
  return inject_node(L, *(ScriptNode **)script_self(L, "router"));
}
