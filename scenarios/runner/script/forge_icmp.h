/* Forging ICMP and ICMPv6. */
#pragma once

#include "forge.h"

/** forge_read_icmp: for SpecKey.read: a kind, or { kind, type, ... }. */
void forge_read_icmp(lua_State *L, int index, const char *what, void *ret);

/** forge_icmp_header: writes it without checksum into `ret` (8 bytes) and
 * returns its size; raises if the family has no such message. */
unsigned forge_icmp_header(lua_State *L, const ForgedIcmp *icmp, bool ipv6,
                           uint8_t *ret);
bool forge_icmp_is_error(const uint8_t *header, bool ipv6);

/** forge_quote: (transfer full) what an error quotes of a segment that
 * pair->local sent with `seq` and `ack`. */
NetSlice forge_quote(const TcpPair *pair, uint32_t seq, uint32_t ack);
