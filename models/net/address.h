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

/** net_address_ipv4: from the number, 10.0.0.1 being 0x0a000001. */
static inline NetAddress net_address_ipv4(uint32_t number)
{
  return (NetAddress){ 0, UINT64_C(0xffff00000000) | number };
}

static inline bool net_address_is_ipv4(NetAddress a)
{
  return a.high == 0 && a.low >> 32 == 0xffff;
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

/** net_address_parse: dotted IPv4 (IPv6 text is refused until hosts speak
 * it). False leaves `ret` alone. */
bool net_address_parse(const char *text, NetAddress *ret);

/** net_address_format: into `ret_text` (NET_ADDRESS_TEXT bytes), returned. */
char *net_address_format(NetAddress address, char *ret_text);
