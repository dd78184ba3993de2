/* Network addresses: 128 bits, so that every table has one key type. IPv4
 * lives in ::ffff:0:0/96, as in RFC 4291 section 2.5.5.2. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Aligned to 4 bytes only: tables of a million pairs hold them. */
typedef struct NetAddress {
  uint64_t high; /* the first eight bytes as a number */
  uint64_t low;
} __attribute__((packed, aligned(4))) NetAddress;

#define NET_ADDRESS_ANY ((NetAddress){ 0, 0 })
#define NET_ADDRESS_TEXT 46 /* room for the longest text and its NUL */

typedef enum NetFamily { NET_IPV4, NET_IPV6, NET_FAMILIES } NetFamily;

/** net_address_ipv4: from the number, 10.0.0.1 being 0x0a000001. */
static inline NetAddress net_address_ipv4(uint32_t number)
{
  return (NetAddress){ 0, UINT64_C(0xffff00000000) | number };
}

static inline bool net_address_is_ipv4(NetAddress a)
{
  return a.high == 0 && a.low >> 32 == 0xffff;
}

static inline NetFamily net_address_family(NetAddress a)
{
  return net_address_is_ipv4(a) ? NET_IPV4 : NET_IPV6;
}

/** net_address_bits: 32 or 128. */
static inline unsigned net_address_bits(NetAddress a)
{
  return net_address_is_ipv4(a) ? 32 : 128;
}

/** net_address_ipv6_get, net_address_ipv6_put: the 16 bytes on the wire. */
NetAddress net_address_ipv6_get(const uint8_t *at);
void net_address_ipv6_put(uint8_t *at, NetAddress address);

/** net_address_is_multicast: 224.0.0.0/4 or ff00::/8. */
static inline bool net_address_is_multicast(NetAddress a)
{
  return net_address_is_ipv4(a) ? (a.low >> 28 & 0xf) == 0xe
                                : a.high >> 56 == 0xff;
}

/** net_address_is_loopback: 127.0.0.0/8 or ::1. */
static inline bool net_address_is_loopback(NetAddress a)
{
  return net_address_is_ipv4(a) ? (a.low >> 24 & 0xff) == 127
                                : a.high == 0 && a.low == 1;
}

/** net_address_solicited: the solicited-node multicast address of `a` (RFC
 * 4291 2.7.1). */
static inline NetAddress net_address_solicited(NetAddress a)
{
  return (NetAddress){ UINT64_C(0xff02) << 48,
                       UINT64_C(0x1ff000000) | (a.low & 0xffffff) };
}

/** net_address_to_ipv4: the number of an IPv4 address. */
static inline uint32_t net_address_to_ipv4(NetAddress a)
{
  return (uint32_t)a.low;
}

static inline bool net_address_equal(NetAddress a, NetAddress b)
{
  return a.high == b.high && a.low == b.low;
}

static inline bool net_address_is_any(NetAddress a)
{
  return a.high == 0 && (a.low == 0 || a.low == UINT64_C(0xffff00000000));
}

/** net_address_matches: are the first `prefix` bits of `a` those of `net`?
 * The prefix of an IPv4 network counts IPv4 bits, 0 to 32. */
static inline bool net_address_matches(NetAddress a, NetAddress net,
                                       unsigned prefix)
{
  unsigned bits = net_address_is_ipv4(net) ? 96 + prefix : prefix;

  if (bits <= 64)
    return bits == 0 || (a.high ^ net.high) >> (64 - bits) == 0;
  return a.high == net.high && (a.low ^ net.low) >> (128 - bits) == 0;
}

/** net_address_parse: dotted IPv4, or IPv6 in any form of RFC 4291 2.2 without
 * a zone. False leaves `ret` alone. */
bool net_address_parse(const char *text, NetAddress *ret);

/** net_address_format: into `ret_text` (NET_ADDRESS_TEXT bytes), returned. IPv6
 * as RFC 5952 4 has it; any of no family is "0.0.0.0". */
char *net_address_format(NetAddress address, char *ret_text);

/** net_end_format: "10.0.0.1:80" or "[2001:db8::1]:80" (RFC 5952 6), into
 * `ret_text` (NET_END_TEXT bytes), returned. */
#define NET_END_TEXT (NET_ADDRESS_TEXT + 8)
char *net_end_format(NetAddress address, uint16_t port, char *ret_text);
