/* Forging: a TCP segment's bytes with every field free. */
#pragma once

#include "field.h"
#include "script.h"

#define FORGE_BYTES_MAX 9018 /* a jumbo frame */

/** Bytes: given by a scenario, as they are. */
typedef struct Bytes {
  bool given;
  unsigned size;
  uint8_t bytes[FORGE_BYTES_MAX];
} Bytes;

/** Number: "rcv.nxt+10" or 10. */
typedef struct Number {
  bool given;
  const char *word; /* the text with variables, NULL: `value` */
  int64_t value;
} Number;

typedef enum ForgedSum { SUM_RIGHT, SUM_BAD, SUM_GIVEN } ForgedSum;

typedef struct Checksum {
  ForgedSum kind;
  uint16_t value;
} Checksum;

typedef struct Options {
  int64_t mss, wscale, ts_value, ts_echo;
  bool has_mss, has_wscale, has_timestamps, sack_permitted;
} Options;

#define EXTENSIONS_MOST 8
#define EXTENSION_MOST 256

/** Extension: a header of IPv6 between its own and the transport's: what
 * follows its length, padded to 8 bytes. */
typedef struct Extension {
  uint8_t protocol;
  unsigned size;
  uint8_t bytes[EXTENSION_MOST];
} Extension;

typedef struct Extensions {
  unsigned count;
  Extension list[EXTENSIONS_MOST];
} Extensions;

#define PIECES_MOST 64

/** Piece: a fragment: `length` bytes of the datagram's from `at`, or others. */
typedef struct Piece {
  int64_t at, length;
  bool more, has_more;
  Bytes bytes;
} Piece;

/** ForgedIcmp: a message by its kind's number in a table, or by numbers. */
typedef struct ForgedIcmp {
  bool given, has_kind, has_type, has_code, has_rest, has_mtu;
  unsigned kind;
  int64_t type, code, rest, mtu;
} ForgedIcmp;

typedef struct Forged {
  TcpPair pair; /* local: where it pretends to come from */
  uint8_t protocol;
  uint8_t icmp[NET_ICMP_SIZE]; /* of ICMP: the header */
  NetSlice body;               /* of ICMP: what it quotes, if any */
  uint32_t seq, ack;
  uint16_t flags;
  int64_t window, urgent, length, data_offset, ip_length, truncate, ttl;
  bool has_window, has_urgent, has_length, has_data_offset, has_ip_length;
  bool has_truncate, has_ttl;
  Bytes payload, options, raw, ip_options;
  Checksum checksum;
  Extensions extensions;
  FieldSet set;
} Forged;

/** For SpecKey.read: */
void forge_read_number(lua_State *L, int index, const char *what, void *ret);
void forge_read_bytes(lua_State *L, int index, const char *what, void *ret);
void forge_read_hex(lua_State *L, int index, const char *what, void *ret);
void forge_read_checksum(lua_State *L, int index, const char *what, void *ret);
void forge_read_timestamps(lua_State *L, int index, const char *what,
                           void *ret);

/** forge_read_extensions: { { "hop-by-hop", "hex" }, { 60, "hex" }, ... }. */
void forge_read_extensions(lua_State *L, int index, const char *what,
                           void *ret);

/** forge_number: variables are those of `status`, the receiver's of the segment
 * `pair`, or, behind the name of a host, that host's; a plain number counts
 * from `base`. Raises. */
uint32_t forge_number(lua_State *L, const Number *number,
                      const TcpStatus *status, const TcpPair *pair,
                      uint32_t base);

/** forge_options: writes `options` where no raw ones were given; raises if
 * there is no room. */
void forge_options(lua_State *L, Forged *segment, const Options *options);

/** forge_add_headers: `packet` (taken over), a right datagram, with options or
 * extension headers, whichever its family has (transfer full). */
NetPacket *forge_add_headers(NetPacket *packet, NetWire *wire,
                             const Bytes *options,
                             const Extensions *extensions);

/** forge_piece: (transfer full) a fragment of `whole`, whose own identification
 * goes before `id`. */
NetPacket *forge_piece(const NetPacket *whole, NetWire *wire,
                       const Piece *piece, uint16_t id);

/** forge_check_set: raises if `set` names fields that the segment, of a frame
 * or of `layer` ("tcp."), has not got; raw bytes may be anything. */
void forge_check_set(lua_State *L, const Forged *segment, bool is_frame,
                     const char *layer);

/** forge_packet: (transfer full) the frame, addressed to the next NIC of
 * `wire` that takes the destination. */
NetPacket *forge_packet(Net *net, NetWire *wire, const Forged *segment);
