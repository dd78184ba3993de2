/* Header fields by name: "tcp.win", "ip.ttl", "eth.src".
 *
 * One scheme for all that reads or writes a single field: rewrite, corrupt,
 * where, inject. One name may stand for several places, of which a packet has
 * one: "ip.ttl" is the time to live of IPv4 and the hop limit of IPv6,
 * "icmp.type" the type of ICMP or of ICMPv6. Numbers are as on the wire.
 */
#pragma once

#include "script.h"

/** FieldKind: how a field's value is written in Lua. */
typedef enum FieldKind {
  FIELD_NUMBER,
  FIELD_MAC,     /* "02:00:00:01:00:00" */
  FIELD_ADDRESS, /* "10.0.0.1", or a host: its address of the packet's family */
  FIELD_FLAGS,   /* "F.", or a number */
} FieldKind;

/** Field: a name that is known. */
typedef struct Field {
  unsigned first, count; /* of the places it stands for */
} Field;

/** FieldBits: where a field stands in a frame. */
typedef struct FieldBits {
  uint32_t first, count; /* bits */
} FieldBits;

#define FIELD_SET_MOST 64

typedef struct FieldValue {
  FieldKind kind;
  bool relative; /* "+10": added to what is there */
  uint64_t number;
  NetMac mac;
  NetAddress address;
  const ScriptNode *node;
} FieldValue;

/** FieldSet: what is to be written, in the order of the table of fields. */
typedef struct FieldSet {
  unsigned count;
  struct {
    Field field;
    FieldValue value;
  } list[FIELD_SET_MOST];
} FieldSet;

/** field_read: for SpecKey.read: a name, or an error with the nearest. */
void field_read(lua_State *L, int index, const char *what, void *ret);

/** field_read_set: for SpecKey.read: { ["tcp.win"] = 0, ... }. */
void field_read_set(lua_State *L, int index, const char *what, void *ret);

/** field_find: where it stands in `packet`; false if the packet has none. */
bool field_find(const NetPacket *packet, Field field, FieldBits *ret);

/** field_apply: writes what of `set` the packet has, and returns how much that
 * was. With `mend` lengths stay and checksums are made right, but for those
 * that `set` writes itself. Call net_packet_parse() afterwards. */
unsigned field_apply(NetPacket *packet, const FieldSet *set, bool mend);

/** field_set_foreign: the first name in `set` that is TCP's, UDP's or ICMP's
 * and does not begin with `layer` ("tcp."); NULL if there is none. */
const char *field_set_foreign(const FieldSet *set, const char *layer);

/** field_mend: makes the checksums right: of the IPv4 header and, unless it is
 * a fragment, of TCP, UDP, ICMP or ICMPv6. */
void field_mend(NetPacket *packet);

/** field_push_all: sets tables eth, ip, tcp, udp, icmp with all fields that
 * `packet` has in the table on the top of the stack. */
void field_push_all(lua_State *L, const NetPacket *packet);
