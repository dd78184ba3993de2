/* What the files of a host share: host.c (in and out), route.c (ways),
 * arp.c (neighbours), icmp.c, udp.c, topology.c (routes for everybody). */
#pragma once

#include <glib.h>

#include "host.h"

/* Protocols above IP: ICMP, UDP, TCP and room for a scenario's own. */
#define NET_PROTOCOLS_MAX 8

/* RFC 1122 2.3.2.2 wants at least one packet kept for each neighbour. */
#define NET_ARP_QUEUE 8
#define NET_ARP_TRIES 3
#define NET_ARP_INTERVAL SIM_SECOND

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
  GArray *udp_ports; /* uint16_t; NULL: none listens */
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

/** net_host_transmit: Ethernet header and off, or waiting for ARP. The IP
 * header stands; `path` has a nic. Takes the packet over. */
void net_host_transmit(NetHost *host, NetPacket *packet, NetPath *path);

/** net_host_is_broadcast: the limited broadcast or that of `nic`'s subnet. */
bool net_host_is_broadcast(const NetNic *nic, NetAddress address);

/** net_arp_resolve: fills path->mac if the next hop is known. */
bool net_arp_resolve(NetHost *host, NetPath *path);

/** net_arp_wait: keeps `packet`, taking it over, until the next hop of `path`
 * has answered or has not. */
void net_arp_wait(NetHost *host, NetPacket *packet, const NetPath *path);
void net_arp_input(NetHost *host, NetNic *nic, NetPacket *packet);
void net_arp_clear(NetHost *host);

/** net_icmp_error: tells the source of `packet` (l3, l4 set; stays the
 * caller's) what became of it, unless RFC 1122 3.2.2 forbids it. */
void net_icmp_error(NetHost *host, const NetPacket *packet, uint8_t type,
                    uint8_t code, uint32_t rest);
void net_icmp_input(void *user, NetPacket *packet, const NetIp *ip);
void net_udp_input(void *user, NetPacket *packet, const NetIp *ip);
