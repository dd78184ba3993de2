/* Forging: a TCP segment's bytes with every field free. */
#pragma once

#include "script.h"

#define FORGE_BYTES_MAX 1500

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

typedef struct Forged {
  TcpPair pair; /* local: where it pretends to come from */
  uint32_t seq, ack;
  uint16_t flags;
  int64_t window, urgent, length, data_offset, ip_length, truncate, ttl;
  bool has_window, has_urgent, has_length, has_data_offset, has_ip_length;
  bool has_truncate, has_ttl;
  Bytes payload, options, raw;
  Checksum checksum;
} Forged;

/** For SpecKey.read: */
void forge_read_number(lua_State *L, int index, const char *what, void *ret);
void forge_read_bytes(lua_State *L, int index, const char *what, void *ret);
void forge_read_hex(lua_State *L, int index, const char *what, void *ret);
void forge_read_checksum(lua_State *L, int index, const char *what, void *ret);
void forge_read_timestamps(lua_State *L, int index, const char *what,
                           void *ret);

/** forge_number: variables are those of `status`; a plain number counts from
 * `base`. Raises. */
uint32_t forge_number(lua_State *L, const Number *number,
                      const TcpStatus *status, uint32_t base);

/** forge_options: writes `options` where no raw ones were given; raises if
 * there is no room. */
void forge_options(lua_State *L, Forged *segment, const Options *options);

/** forge_packet: (transfer full) the frame, addressed to the next NIC of
 * `wire` that takes the destination. */
NetPacket *forge_packet(Net *net, NetWire *wire, const Forged *segment);
