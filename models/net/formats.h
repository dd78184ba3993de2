/* Wire formats below TCP: Ethernet II, ARP (RFC 826), IPv4 (RFC 791), IPv6
 * (RFC 8200), ICMP (RFC 792, 4443), UDP (RFC 768). Readers check every length
 * against the packet's head and never trust a field; writers make right
 * headers.
 *
 * A frame with malformed headers is still a packet: net_packet_from_frame()
 * puts as much as can be parsed into the head and the rest into the payload.
 */
#pragma once

#include <string.h>

#include "address.h"
#include "packet.h"

#define NET_ETHERNET_SIZE 14
#define NET_IPV4_SIZE 20
#define NET_IPV6_SIZE 40
#define NET_IPV6_FRAGMENT_SIZE 8
#define NET_IPV6_LEAST_MTU 1280 /* RFC 8200 5 */
#define NET_UDP_SIZE 8
#define NET_ARP_SIZE 28
#define NET_ICMP_SIZE 8
#define NET_IPV4_DONT_FRAGMENT 0x4000 /* in the word at offset 6 */
#define NET_IPV4_MORE 0x2000
#define NET_IPV4_FRAGMENT 0x3fff /* more fragments, or an offset */
#define NET_IPV4_OFFSET 0x1fff
#define NET_ETHERTYPE_IPV4 0x0800
#define NET_ETHERTYPE_ARP 0x0806
#define NET_ETHERTYPE_IPV6 0x86dd
#define NET_PROTOCOL_ICMP 1
#define NET_PROTOCOL_TCP 6
#define NET_PROTOCOL_UDP 17
#define NET_PROTOCOL_ICMPV6 58

/* Extension headers of IPv6 (RFC 8200 4). */
enum {
  NET_IPV6_HOP_BY_HOP = 0,
  NET_IPV6_ROUTING = 43,
  NET_IPV6_FRAGMENT = 44,
  NET_IPV6_NO_NEXT = 59,
  NET_IPV6_DESTINATION = 60,
};

/* ICMP types and the codes of destination unreachable (RFC 792, 1191). */
enum {
  NET_ICMP_ECHO_REPLY = 0,
  NET_ICMP_UNREACHABLE = 3,
  NET_ICMP_SOURCE_QUENCH = 4,
  NET_ICMP_REDIRECT = 5,
  NET_ICMP_ECHO = 8,
  NET_ICMP_TIME_EXCEEDED = 11,
  NET_ICMP_PARAMETER_PROBLEM = 12,
};
enum {
  NET_UNREACHABLE_NET = 0,
  NET_UNREACHABLE_HOST = 1,
  NET_UNREACHABLE_PROTOCOL = 2,
  NET_UNREACHABLE_PORT = 3,
  NET_UNREACHABLE_FRAGMENTATION = 4,
  NET_UNREACHABLE_NET_PROHIBITED = 9, /* RFC 1122 3.2.2.1 */
  NET_UNREACHABLE_HOST_PROHIBITED = 10,
  NET_UNREACHABLE_PROHIBITED = 13,
};

/* ICMPv6 types (RFC 4443, 4861) and codes. */
enum {
  NET_ICMPV6_UNREACHABLE = 1,
  NET_ICMPV6_TOO_BIG = 2,
  NET_ICMPV6_TIME_EXCEEDED = 3,
  NET_ICMPV6_PARAMETER_PROBLEM = 4,
  NET_ICMPV6_INFORMATIONAL = 128, /* types from here on are no errors */
  NET_ICMPV6_ECHO = 128,
  NET_ICMPV6_ECHO_REPLY = 129,
  NET_ICMPV6_SOLICITATION = 135,
  NET_ICMPV6_ADVERTISEMENT = 136,
};
enum {
  NET_ICMPV6_NO_ROUTE = 0,
  NET_ICMPV6_PROHIBITED = 1,
  NET_ICMPV6_ADDRESS = 3,
  NET_ICMPV6_PORT = 4,
  NET_ICMPV6_BAD_HEADER = 0, /* of parameter problem */
  NET_ICMPV6_NEXT_HEADER = 1,
  NET_ICMPV6_OPTION = 2,
};

typedef struct NetMac {
  uint8_t bytes[6];
} NetMac;

#define NET_MAC_BROADCAST ((NetMac){ { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } })

static inline bool net_mac_equal(const uint8_t *a, const uint8_t *b)
{
  return memcmp(a, b, sizeof(NetMac)) == 0;
}

/** net_mac_is_group: multicast or broadcast (the group bit). */
static inline bool net_mac_is_group(const uint8_t *mac)
{
  return mac[0] & 1;
}

static inline uint16_t net_get16(const uint8_t *at)
{
  return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t net_get32(const uint8_t *at)
{
  return (uint32_t)net_get16(at) << 16 | net_get16(at + 2);
}

static inline void net_put16(uint8_t *at, uint16_t value)
{
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
}

static inline void net_put32(uint8_t *at, uint32_t value)
{
  net_put16(at, (uint16_t)(value >> 16));
  net_put16(at + 2, (uint16_t)value);
}

/** NetEcn: the codepoints of RFC 3168 5. */
typedef enum NetEcn {
  NET_NOT_ECT = 0,
  NET_ECT_1 = 1,
  NET_ECT_0 = 2,
  NET_CE = 3,
} NetEcn;

/** NetIp: what a layer above IP needs to know of a received datagram. */
typedef struct NetIp {
  NetAddress source;
  NetAddress destination;
  uint32_t payload_length; /* bytes above the IP headers */
  uint32_t id;             /* when received: of fragments */
  uint16_t fragment_at;    /* bytes of the datagram before this fragment */
  bool more_fragments;
  bool dont_fragment; /* IPv4 */
  uint8_t protocol;
  uint8_t ttl; /* IPv6: hop limit */
  uint8_t tos; /* IPv6: traffic class; its lowest two bits: NetEcn */
} NetIp;

/** net_ip_is_fragment: a part of a datagram, not all of it? */
static inline bool net_ip_is_fragment(const NetIp *ip)
{
  return ip->more_fragments || ip->fragment_at > 0;
}

/** net_ip_size: bytes of the IP header that hosts write towards `address`. */
static inline uint16_t net_ip_size(NetAddress address)
{
  return net_address_is_ipv4(address) ? NET_IPV4_SIZE : NET_IPV6_SIZE;
}

/** net_packet_is_ipv6: by its Ethernet type; `l3` must be set. */
static inline bool net_packet_is_ipv6(const NetPacket *packet)
{
  return packet->l3 >= 2 &&
         net_get16(packet->head + packet->l3 - 2) == NET_ETHERTYPE_IPV6;
}

/** net_sum: adds `size` bytes to the ones' complement `sum` (RFC 1071). The
 * bytes begin at an even offset of what is summed. */
uint64_t net_sum(uint64_t sum, const uint8_t *bytes, size_t size);

/** net_sum_slice: adds a payload; virtual bytes are zeros and add nothing. */
uint64_t net_sum_slice(uint64_t sum, NetSlice slice);

/** net_sum_finish: folds to the 16-bit checksum field's value. */
uint16_t net_sum_finish(uint64_t sum);

/** net_sum_pseudo: the pseudo header of what is above IPv4 (RFC 9293 3.1) or
 * IPv6 (RFC 8200 8.1). */
uint64_t net_sum_pseudo(NetAddress source, NetAddress destination,
                        uint8_t protocol, uint32_t length);

/** net_transport_sum: checksum over pseudo header, l4 header and payload as
 * they stand; 0 if the stored checksum is right. */
uint16_t net_transport_sum(const NetPacket *packet, const NetIp *ip);

/** NetChecked: what net_transport_check() found. */
typedef enum NetChecked {
  NET_CHECK_NONE, /* no checksum that could be looked at */
  NET_CHECK_GOOD,
  NET_CHECK_BAD,
} NetChecked;

/** net_transport_check: the checksum of TCP, UDP, ICMP or ICMPv6. NONE for
 * other protocols, for fragments, for UDP over IPv4 without one and where the
 * header is truncated. Call after net_ip_get(). */
NetChecked net_transport_check(const NetPacket *packet, const NetIp *ip);

/** net_mac_of_group: of an IPv6 multicast address (RFC 2464 7). */
static inline NetMac net_mac_of_group(NetAddress group)
{
  NetMac mac = { { 0x33, 0x33 } };

  net_put32(mac.bytes + 2, (uint32_t)group.low);
  return mac;
}

/** net_ethernet_put: writes the header at the packet's start. */
static inline void net_ethernet_put(NetPacket *packet, const NetMac *to,
                                    const NetMac *from, uint16_t type)
{
  memcpy(packet->head, to->bytes, sizeof to->bytes);
  memcpy(packet->head + 6, from->bytes, sizeof from->bytes);
  net_put16(packet->head + 12, type);
}

/** net_ipv4_put: writes a right 20-byte header at packet->l3, with
 * ip->payload_length bytes above it; identification from `id`. */
void net_ipv4_put(NetPacket *packet, const NetIp *ip, uint16_t id);

/** net_ipv4_sum_put: recomputes the header checksum in place. */
void net_ipv4_sum_put(NetPacket *packet);

/** net_ipv4_age: TTL less one and the checksum updated (RFC 1624, eqn. 3).
 * The TTL may not be 0. */
void net_ipv4_age(NetPacket *packet);

/** net_ip_put: writes a right header at packet->l3 with ip->payload_length
 * bytes above it: net_ipv4_put() or 40 bytes of IPv6, by the source. */
void net_ip_put(NetPacket *packet, const NetIp *ip, uint16_t id);

/** net_ip_age: TTL or hop limit less one. It may not be 0. */
void net_ip_age(NetPacket *packet);

/** net_ip_ecn: the codepoint of the IPv4 or IPv6 header at l3 as it stands;
 * NET_NOT_ECT where there is none. */
NetEcn net_ip_ecn(const NetPacket *packet);

/** net_ip_set_ce: sets NET_CE there; IPv4's checksum is updated (RFC 1624,
 * eqn. 3), no other depends on it. net_ip_ecn() must not be NET_NOT_ECT. */
void net_ip_set_ce(NetPacket *packet);

/** NetIpv6Chain: what stands between an IPv6 header and what is above it. */
typedef struct NetIpv6Chain {
  uint32_t size;              /* of the header and its extension headers */
  uint32_t next_at;           /* offset of the field that names `protocol` */
  uint32_t fragment_at;       /* offset of the fragment header; 0: none */
  uint32_t fragment_named_at; /* offset of the field that names it */
  uint32_t pointer;           /* offset of what a destination must refuse */
  const char *refused;        /* why a destination must; NULL: it need not */
  uint8_t code;               /* of the parameter problem about it */
  bool silent;                /* ... which is not sent */
  uint8_t protocol;
} NetIpv6Chain;

/** net_ipv6_walk: reads the IPv6 header at `at` (`size` bytes, at least 40)
 * and skips the extension headers that hosts know: hop-by-hop and destination
 * options, routing, fragment. What follows the header of a fragment is a part
 * of the datagram, not read; one that is the whole datagram (RFC 6946) is.
 * NULL, or why (transfer none) `size` bytes are not enough. */
const char *net_ipv6_walk(const uint8_t *at, uint32_t size, NetIpv6Chain *ret);

/** net_ipv4_fragment: the flags and the fragment offset, as one word. */
static inline uint16_t net_ipv4_fragment(const NetPacket *packet)
{
  return net_get16(packet->head + packet->l3 + 6);
}

/** net_ip_get: parses and checks version, header length, total length and
 * header checksum of IPv4 or, by the Ethernet type, IPv6 with its extension
 * headers. False, and why in `ret_reason` (transfer none, static),
 * if it may not be used. Sets packet->l4; trims Ethernet padding (a payload
 * longer than the total length says). */
bool net_ip_get(NetPacket *packet, NetIp *ret, const char **ret_reason);

/** net_ip_peek: the fields of an IPv4 or IPv6 header as they stand, for those
 * who show them. False if there is none; payload_length is 0 where l4 is not
 * known, and no more than the frame holds. */
bool net_ip_peek(const NetPacket *packet, NetIp *ret);

/** net_packet_parse: after bytes were changed: divides head and payload anew
 * by what the bytes now say, and sets l3 and l4. */
void net_packet_parse(NetPacket *packet);

/** net_packet_hash: 64 bits from the frame's head, MAC addresses left out, and
 * its length; the same on every machine. For the fingerprint. */
uint64_t net_packet_hash(const NetPacket *packet);

/** net_packet_from_frame: (transfer full) a packet with these exact bytes. */
NetPacket *net_packet_from_frame(Net *net, SimOwner *owner,
                                 const uint8_t *frame, uint32_t size);
