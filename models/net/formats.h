/* Wire formats below TCP: Ethernet II, ARP (RFC 826), IPv4 (RFC 791), ICMP
 * (RFC 792), UDP (RFC 768). Readers check every length against the packet's
 * head and never trust a field; writers make right headers.
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
#define NET_UDP_SIZE 8
#define NET_ARP_SIZE 28
#define NET_ICMP_SIZE 8
#define NET_IPV4_DONT_FRAGMENT 0x4000 /* in the word at offset 6 */
#define NET_IPV4_FRAGMENT 0x3fff      /* more fragments, or an offset */
#define NET_IPV4_OFFSET 0x1fff
#define NET_ETHERTYPE_IPV4 0x0800
#define NET_ETHERTYPE_ARP 0x0806
#define NET_PROTOCOL_ICMP 1
#define NET_PROTOCOL_TCP 6
#define NET_PROTOCOL_UDP 17

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
  uint32_t payload_length; /* bytes above the IP header */
  uint8_t protocol;
  uint8_t ttl;
  uint8_t tos; /* its lowest two bits: NetEcn */
  bool dont_fragment;
} NetIp;

/** net_sum: adds `size` bytes to the ones' complement `sum` (RFC 1071). The
 * bytes begin at an even offset of what is summed. */
uint64_t net_sum(uint64_t sum, const uint8_t *bytes, size_t size);

/** net_sum_slice: adds a payload; virtual bytes are zeros and add nothing. */
uint64_t net_sum_slice(uint64_t sum, NetSlice slice);

/** net_sum_finish: folds to the 16-bit checksum field's value. */
uint16_t net_sum_finish(uint64_t sum);

/** net_sum_pseudo: the pseudo header of TCP and UDP over IPv4 (RFC 9293
 * 3.1). */
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

/** net_transport_check: the checksum of TCP, UDP or ICMP. NONE for other
 * protocols, for fragments, for UDP without one and where the header is
 * truncated. Call after net_ip_get(). */
NetChecked net_transport_check(const NetPacket *packet, const NetIp *ip);

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

/** net_ipv4_fragment: the flags and the fragment offset, as one word. */
static inline uint16_t net_ipv4_fragment(const NetPacket *packet)
{
  return net_get16(packet->head + packet->l3 + 6);
}

/** net_ip_get: parses and checks version, header length, total length and
 * header checksum. False, and why in `ret_reason` (transfer none, static),
 * if it may not be used. Sets packet->l4; trims Ethernet padding (a payload
 * longer than the total length says). */
bool net_ip_get(NetPacket *packet, NetIp *ret, const char **ret_reason);

/** net_packet_parse: after bytes were changed: divides head and payload anew
 * by what the bytes now say, and sets l3 and l4. */
void net_packet_parse(NetPacket *packet);

/** net_packet_hash: 64 bits from the frame's head, MAC addresses left out, and
 * its length; the same on every machine. For the fingerprint. */
uint64_t net_packet_hash(const NetPacket *packet);

/** net_packet_from_frame: (transfer full) a packet with these exact bytes. */
NetPacket *net_packet_from_frame(Net *net, SimOwner *owner,
                                 const uint8_t *frame, uint32_t size);
