/* Hosts and routers: IPv4, IPv6, ARP, neighbour discovery, ICMP, UDP.
 *
 * A host hands datagrams for its own addresses to the protocol that
 * registered; a router (a host with forwarding on) also passes others on.
 * A packet can never crash a host: what is malformed is dropped, with a
 * reason.
 */
#pragma once

#include "net_link.h"

typedef struct NetHost NetHost;

typedef struct NetHostSpec {
  bool forwarding; /* a router */
  bool arp;        /* resolve neighbours by ARP and neighbour discovery instead
                      of knowing them */
  bool no_icmp;    /* sends no ICMP errors or echo replies */
  uint8_t ttl;     /* of what it sends; 0: 64 (RFC 9293 MUST-49) */
  NetNicSpec nic;  /* for its NICs */
} NetHostSpec;

/** NetInputFunc: takes over `packet`; packet->l4 is the protocol's header. */
typedef void (*NetInputFunc)(void *user, NetPacket *packet, const NetIp *ip);

/** NetErrorFunc: an ICMP or (by the family of quoted->source) ICMPv6 error
 * came about a datagram of ours. `quoted` is its IP header, `l4` (l4_size >= 8
 * bytes) what followed it. What says that a datagram was too big has not
 * lowered the path MTU yet: see net_host_too_big(). */
typedef void (*NetErrorFunc)(void *user, uint8_t type, uint8_t code,
                             uint32_t rest, const NetIp *quoted,
                             const uint8_t *l4, uint32_t l4_size);

/** NetPath: the way to an address, kept by those who send often. Valid while
 * `generation` equals the host's; else look it up again. */
typedef struct NetPath {
  NetNic *nic; /* NULL: there is no way */
  NetAddress source;
  uint32_t generation;
  bool local; /* `nic` has this address itself */
  bool broadcast;
  bool resolved;  /* `mac` is known */
  bool fragments; /* the path MTU is below what may be believed: datagrams must
                     go without DF */
  NetMac mac;     /* of the next hop */
  uint16_t mtu;   /* of the path, bytes of datagram */
  NetAddress next_hop;
} NetPath;

/** net_host_new: owned by the net. `spec` is copied (nullable). */
NetHost *net_host_new(Net *net, const char *name, const NetHostSpec *spec);

/** net_host_of: the host in `node`, or NULL if it is a switch. */
NetHost *net_host_of(NetNode *node);
NetNode *net_host_node(NetHost *host);
const NetHostSpec *net_host_spec(const NetHost *host);

/** net_host_register: datagrams of `protocol` go to `input`, ICMP errors
 * about them to `error` (nullable). */
void net_host_register(NetHost *host, uint8_t protocol, NetInputFunc input,
                       NetErrorFunc error, void *user);

/** net_host_protocol: the `user` registered for `protocol`, or NULL. */
void *net_host_protocol(const NetHost *host, uint8_t protocol);

/** net_host_address: its first address of the net's family, or any. */
NetAddress net_host_address(const NetHost *host);

/** net_host_address_of: its first address of `family`, or any. */
NetAddress net_host_address_of(const NetHost *host, NetFamily family);

/** net_host_owns: is `address` one of its own? */
bool net_host_owns(const NetHost *host, NetAddress address);

/** net_host_set_transparent: its protocols may speak for addresses of others:
 * a transparent proxy's (what IP_TRANSPARENT is to a socket of Linux). What
 * comes for those addresses still goes on to them, unless a box hands it to
 * net_host_deliver(). */
void net_host_set_transparent(NetHost *host, bool transparent);

/** net_host_speaks_for: may datagrams of its own come from `address`? */
bool net_host_speaks_for(const NetHost *host, NetAddress address);

/** net_host_path: refreshes `path` towards `destination` if it is stale (a
 * zeroed path is). False if there is no way there. */
bool net_host_path(NetHost *host, NetAddress destination, NetPath *path);

/** net_host_mtu: of `path`, bytes of datagram: the first hop's, or less if an
 * ICMP error told it in the last ten minutes (RFC 1191, 8201). */
uint32_t net_host_mtu(const NetPath *path);

/**
 * net_host_too_big: notes that a datagram to `destination` was too big.
 * @mtu: of the next hop, from the ICMP error; IPv4 routers from before RFC 1191
 * say 0: the next lower plateau (RFC 1191 7.1) below `length` counts
 * @length: of the datagram
 * Never below 576 bytes (IPv4: then fragments without DF) or 1280 (IPv6: a
 * smaller value is ignored, RFC 8201 4). Returns: true if it is news.
 */
bool net_host_too_big(NetHost *host, NetAddress destination, uint32_t mtu,
                      uint32_t length);

/** net_host_is_broadcast: is the IPv4 address the limited broadcast or that of
 * `nic`'s subnet? */
bool net_host_is_broadcast(const NetNic *nic, NetAddress address);

/** net_host_forget_mtu: what net_host_too_big() has learnt of one destination.
 * False if that was nothing. */
bool net_host_forget_mtu(NetHost *host, NetAddress destination);

/** net_host_forget_mtus: what net_host_too_big() has learnt. */
void net_host_forget_mtus(NetHost *host);

/**
 * net_host_send: sends `packet`, whose l4 header and payload are complete.
 *
 * The maker leaves room for the headers in front: l3 = 14, l4 = 14 +
 * net_ip_size(ip->destination). Writes the IP and Ethernet headers (ip->source
 * any: the path's), resolves the neighbour if need be (packets wait, at most 8
 * a neighbour), loops datagrams for its own addresses back by an event. What is
 * larger than the path's MTU goes in fragments if ip->dont_fragment is not set.
 * Takes the packet over. `path` may be NULL.
 */
void net_host_send(NetHost *host, NetPacket *packet, const NetIp *ip,
                   NetPath *path);

/** net_host_deliver: hands `packet`, which came in by `nic`, to its protocol as
 * if it were for this host (a transparent proxy's way). Takes it over. */
void net_host_deliver(NetHost *host, NetNic *nic, NetPacket *packet, NetIp *ip);

/** net_host_udp_received: datagrams to ports that listen, so far. */
uint64_t net_host_udp_received(const NetHost *host);

/** net_host_unreachable: answers `packet`, which was for us, by an ICMP
 * destination unreachable with `code` of IPv4, over IPv6 with what RFC 7915 4.2
 * makes of it (RFC 1122 3.2.2 and RFC 4443 2.4 say when not to); `mtu` goes
 * with NET_UNREACHABLE_FRAGMENTATION. Does not take it over. */
void net_host_unreachable(NetHost *host, const NetPacket *packet, uint8_t code,
                          uint32_t mtu);

/** net_host_set_address: gives `nic` an address and prefix by hand; the one of
 * the other family stays. */
void net_host_set_address(NetHost *host, NetNic *nic, NetAddress address,
                          uint8_t prefix);

/** net_host_add_route: `destination`/`prefix` goes by `gateway` (any: direct)
 * out of `nic` (NULL: whichever reaches the gateway). False if none does. */
bool net_host_add_route(NetHost *host, NetAddress destination, uint8_t prefix,
                        NetAddress gateway, NetNic *nic);

/** net_host_crash: its NICs go down, and what it knew is gone: neighbours, path
 * MTUs, fragments, what it had sent to itself, the connections that its boxes
 * track. There is no way anywhere until net_host_boot(). Protocols are not
 * told: see tcp_stack_crash(). */
void net_host_crash(NetHost *host);

/** net_host_boot: its NICs come up. */
void net_host_boot(NetHost *host);
bool net_host_is_down(const NetHost *host);

/** net_host_listen_udp: datagrams to `port` are counted and dropped silently
 * instead of being answered by port unreachable. */
void net_host_listen_udp(NetHost *host, uint16_t port);

/** net_host_open_udp: datagrams to `port` go to `input` (as
 * net_host_register() has it), ICMP errors about datagrams from it to `error`
 * (nullable). False if the port is taken. */
bool net_host_open_udp(NetHost *host, uint16_t port, NetInputFunc input,
                       NetErrorFunc error, void *user);

/** net_host_close_udp: nobody listens on `port` any more. */
void net_host_close_udp(NetHost *host, uint16_t port);

/** net_host_send_udp: a datagram with `payload` (taken over). */
void net_host_send_udp(NetHost *host, NetAddress to, uint16_t from_port,
                       uint16_t to_port, NetSlice payload);

/** net_host_send_udp_as: the same with what `ip` says of destination, source
 * (any: the path's), TTL (0: the host's), type of service and DF. */
void net_host_send_udp_as(NetHost *host, const NetIp *ip, uint16_t from_port,
                          uint16_t to_port, NetSlice payload);

/** net_switch_new: a learning switch (IEEE 802.1D ageing of 300 s), owned by
 * the net. */
NetNode *net_switch_new(Net *net, const char *name);
