/* What the files of a host share: host.c (in and out), fragment.c,
 * reassembly.c, route.c (ways), path_mtu.c, neighbour.c with arp.c and
 * discovery.c, icmp.c with icmp6.c, udp.c, topology.c (routes for everybody).
 */
#pragma once

#include <glib.h>

#include "box.h"
#include "host.h"

/* Protocols above IP: ICMP, UDP, TCP and room for a scenario's own. */
#define NET_PROTOCOLS_MAX 8

/* RFC 1122 2.3.2.2 wants at least one packet kept for each neighbour. */
#define NET_NEIGHBOUR_QUEUE 8
#define NET_NEIGHBOUR_TRIES 3
#define NET_NEIGHBOUR_INTERVAL SIM_SECOND

typedef struct NetProtocol {
  NetInputFunc input;
  NetErrorFunc error;
  void *user;
  uint8_t number;
} NetProtocol;

typedef struct NetRoute {
  NetAddress destination;
  NetAddress gateway; /* any: direct */
  NetNic *nic;
  uint8_t prefix;
  bool automatic; /* net_finish() made it */
} NetRoute;

/* A slot of the direct-mapped cache of ways. */
typedef struct NetCachedPath {
  NetAddress destination;
  NetPath path;
} NetCachedPath;

struct NetHost {
  NetNode node;
  NetHostSpec spec;
  bool down;           /* crashed, and not booted again */
  bool transparent;    /* speaks for addresses of others */
  uint32_t generation; /* of addresses, routes and neighbours; from 1 */
  uint16_t ip_id;
  unsigned protocol_count;
  NetProtocol protocols[NET_PROTOCOLS_MAX];
  NetRoute *routes; /* longest prefix first, then as added */
  unsigned route_count, route_room;
  NetCachedPath *cache; /* NULL until a way is looked up */
  unsigned cache_mask;
  GHashTable *neighbours; /* NetAddress -> NetNeighbour; NULL: none yet */
  NetPacket *looped_first, *looped_last; /* to itself, pending `looped` */
  SimEvent looped;
  struct NetReassembly *reassemblies; /* oldest first */
  unsigned reassembly_count;
  uint32_t fragment_id;    /* of the next IPv6 datagram in fragments */
  struct NetPathMtu *mtus; /* oldest first; NULL: none known */
  NetNic *input;           /* by which the datagram came that is delivered */
  GArray *udp_ports;       /* NetUdpPort; NULL: none listens */
  uint64_t udp_received;
};

/** net_host_changed: ways that were looked up before are stale. */
static inline void net_host_changed(NetHost *host)
{
  host->generation++;
}

/** net_host_way: the way to `destination`, from the host's cache. Valid until
 * the next call. Its nic is NULL if there is none. */
NetPath *net_host_way(NetHost *host, NetAddress destination);

/** net_host_route_add: keeps the order. Does not look for contradictions. */
void net_host_route_add(NetHost *host, NetRoute route);

/** net_host_transmit: Ethernet header and off, or waiting for the neighbour.
 * The IP header stands; `path` has a nic. Takes the packet over. */
void net_host_transmit(NetHost *host, NetPacket *packet, NetPath *path);

/** net_host_joined: is it in the multicast group `address`: all nodes, all
 * routers if it is one, solicited nodes of its own addresses (RFC 4291 2.8)? */
bool net_host_joined(const NetHost *host, NetAddress address);

/** net_fragment_send: `packet`, too large for `mtu`, goes to `path` in pieces
 * (RFC 791 3.2; RFC 8200 4.5, by its source). Takes it over. */
void net_fragment_send(NetHost *host, NetPacket *packet, NetPath *path,
                       uint32_t mtu);

/** net_reassembly_input: takes the fragment `packet` over. Returns: the whole
 * datagram, `ip` brought up to date, or NULL while parts are missing. */
NetPacket *net_reassembly_input(NetHost *host, NetNic *nic, NetPacket *packet,
                                NetIp *ip);
void net_reassembly_clear(NetHost *host);

/** net_path_mtu: of the way to `destination` by a link of `link_mtu`; sets
 * `ret_fragments` where DF must stay clear. */
uint32_t net_path_mtu(NetHost *host, NetAddress destination, uint32_t link_mtu,
                      bool *ret_fragments);

/** net_path_mtu_age: forgets what was learnt ten minutes ago; ways are then
 * stale. */
void net_path_mtu_age(NetHost *host);

/** net_neighbour_resolve: fills path->mac if the next hop is known. */
bool net_neighbour_resolve(NetHost *host, NetPath *path);

/** net_neighbour_wait: keeps `packet`, taking it over, until the next hop of
 * `path` has answered or has not. */
void net_neighbour_wait(NetHost *host, NetPacket *packet, const NetPath *path);

/** net_neighbour_learn: `address` is at `mac` behind `nic`; with `new_too` also
 * if nobody has asked. */
void net_neighbour_learn(NetHost *host, NetNic *nic, NetAddress address,
                         const uint8_t *mac, bool new_too);
void net_neighbour_clear(NetHost *host);
void net_arp_ask(NetNic *nic, NetAddress target);
void net_arp_input(NetHost *host, NetNic *nic, NetPacket *packet);
void net_discovery_ask(NetHost *host, NetNic *nic, NetAddress target);

/** net_discovery_input: a neighbour solicitation or advertisement (stays the
 * caller's). Returns: why it is dropped (transfer none), or NULL. */
const char *net_discovery_input(NetHost *host, NetNic *nic,
                                const NetPacket *packet, const NetIp *ip);

/** net_icmp_error: tells the source of `packet` (l3, l4 set; stays the
 * caller's) what became of it, unless RFC 1122 3.2.2 forbids it. Type and code
 * are IPv4's; over IPv6 RFC 7915 4.2 says what they become. */
void net_icmp_error(NetHost *host, const NetPacket *packet, uint8_t type,
                    uint8_t code, uint32_t rest);

/** net_icmp6_error: the same in ICMPv6's own terms (RFC 4443 2.4). */
void net_icmp6_error(NetHost *host, const NetPacket *packet, uint8_t type,
                     uint8_t code, uint32_t rest);

/** net_icmp6_translate: an error of IPv4 about the IPv6 `packet`, sent. */
void net_icmp6_translate(NetHost *host, const NetPacket *packet, uint8_t type,
                         uint8_t code, uint32_t rest);

/** net_icmp_read_quote, net_icmp6_read_quote: the headers of the datagram that
 * an error quotes, and the offset of what follows them, at least 8 bytes.
 * Returns: why (transfer none) it cannot be used, or NULL. */
const char *net_icmp_read_quote(const uint8_t *quote, uint32_t size, NetIp *ret,
                                uint32_t *ret_l4);
const char *net_icmp6_read_quote(const uint8_t *quote, uint32_t size,
                                 NetIp *ret, uint32_t *ret_l4);

/** net_icmp_tell: an error about a datagram of ours reaches its protocol. */
void net_icmp_tell(NetHost *host, const uint8_t *icmp, const NetIp *quoted,
                   const uint8_t *l4, uint32_t l4_size);

/** net_icmp_send: an ICMP or ICMPv6 message whose type, code and rest stand in
 * the head where net_icmp_at() says, and whose body is the payload. */
void net_icmp_send(NetHost *host, NetPacket *packet, const NetIp *ip);
static inline uint8_t *net_icmp_at(NetPacket *packet, NetAddress to)
{
  return packet->head + NET_ETHERNET_SIZE + net_ip_size(to);
}
void net_icmp_input(void *user, NetPacket *packet, const NetIp *ip);
void net_icmp6_input(void *user, NetPacket *packet, const NetIp *ip);
void net_udp_input(void *user, NetPacket *packet, const NetIp *ip);

/** net_udp_error: what was too big is believed: UDP keeps nothing to check it
 * against. */
void net_udp_error(void *user, uint8_t type, uint8_t code, uint32_t rest,
                   const NetIp *quoted, const uint8_t *l4, uint32_t l4_size);
