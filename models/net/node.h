/* Nodes and their NICs.
 *
 * A node is a host, a router or a switch. A NIC has a transmit ring in front
 * of its transmitter, and a receive ring in front of its node:
 *
 *   net_nic_send -> [ring] -> transmitter -> out: gate, ... wire
 *   wire -> in -> (MAC filter, checksum offload) -> [ring] -> node->receive
 *
 * The transmitter works at the link's rate. A packet that finds it idle goes
 * on at once with `due` = when its last bit will have left; one that finds
 * it busy waits in the ring, and only then is there an event.
 * The receive ring holds packets only if the node takes time for each
 * (NetNicSpec.service).
 *
 * A host's NIC with checksum offload looks at the TCP, UDP or ICMP checksum of
 * what it receives: right ones are marked NET_PACKET_CHECKED, bad ones are
 * dropped and counted. A promiscuous NIC passes bad ones on unmarked, so that a
 * capture shows them, and the protocol drops them. Routers and switches do not
 * look above IP.
 *
 * A queueing discipline (qdisc.h) may stand where the transmit ring is.
 *
 * Invariants: the ring is empty or the transmitter's event is pending; counts
 * equal the lists' lengths.
 */
#pragma once

#include "formats.h"
#include "net.h"
#include "ring.h"

typedef struct NetQdisc NetQdisc;

typedef enum NetNodeKind { NET_HOST, NET_ROUTER, NET_SWITCH } NetNodeKind;

typedef struct NetNicSpec {
  uint32_t transmit_ring; /* packets that may wait; the one being sent is not
                             counted. 0: NET_RING_DEFAULT */
  uint32_t receive_ring;  /* likewise */
  SimTime service;        /* the node's time for one received packet; 0: none */
  bool promiscuous;       /* takes frames for other MACs */
  bool no_checksum_offload; /* the protocol checks what comes in, not the NIC;
                               what goes out is the same: right sums */
} NetNicSpec;

struct NetNode {
  NetNode *next;
  Net *net;
  char *name;
  SimOwner owner;
  NetNodeKind kind;
  NetNicSpec nic_spec;      /* for NICs that come without one */
  NetNic *nics, **nics_end; /* by ->next, numbered from 0 */
  unsigned nic_count;
  unsigned number;      /* in order of creation, from 0 */
  struct NetBox *boxes; /* see box.h */
  /* takes over `packet`, which came in by `nic` */
  void (*receive)(NetNode *node, NetNic *nic, NetPacket *packet);
  void (*free)(NetNode *node); /* of what lies around it */
};

#define NET_RING_DEFAULT 1000

typedef struct NetNicCounters {
  uint64_t sent_packets, sent_bytes;
  uint64_t received_packets, received_bytes;
  uint64_t transmit_drops; /* the transmit ring was full */
  uint64_t receive_drops;  /* the receive ring was full */
  uint64_t checksum_drops; /* found bad by the NIC */
  uint64_t not_for_us;     /* other MAC, not promiscuous */
} NetNicCounters;

struct NetNic {
  NetSink in;   /* from the wire */
  NetSink *out; /* towards the wire */
  NetNic *next; /* of the node */
  NetNode *node;
  NetNic *peer;
  NetLink *link;
  char *name;   /* unique in the node: "eth0" */
  int64_t rate; /* bit/s; 0: takes no time */
  uint32_t mtu; /* bytes of an IP datagram */
  unsigned number;
  bool down;       /* neither sends nor receives */
  unsigned domain; /* the broadcast domain, from 1; 0: not known yet */
  NetMac mac;
  NetAddress address;  /* IPv4; any: none (switch ports) */
  NetAddress address6; /* IPv6, likewise */
  uint8_t prefix;      /* length, bits: 0-32 */
  uint8_t prefix6;     /* 0-128 */
  NetNicSpec spec;
  NetRing transmit;
  bool exception;  /* down, without a link, or with a discipline */
  bool serves;     /* what comes in goes through the receive ring */
  NetQdisc *qdisc; /* instead of the transmit ring; NULL: the ring */
  NetRing receive;
  SimTime busy_until;  /* of the transmitter */
  uint32_t timed_size; /* bytes of the last frame sent, and what they take: */
  SimTime timed_span;  /* sizes repeat, divisions are slow */
  SimEvent transmitted;
  SimEvent served;
  NetNicCounters counters;
};

/** net_nic_address: the one of a family, or any. */
static inline NetAddress net_nic_address(const NetNic *nic, NetFamily family)
{
  return family == NET_IPV4 ? nic->address : nic->address6;
}

/** net_nic_prefix: the length of the prefix that goes with it. */
static inline uint8_t net_nic_prefix(const NetNic *nic, NetFamily family)
{
  return family == NET_IPV4 ? nic->prefix : nic->prefix6;
}

/** net_nic_owns: is `address` one of the NIC's? */
static inline bool net_nic_owns(const NetNic *nic, NetAddress address)
{
  return net_address_equal(nic->address, address) ||
         net_address_equal(nic->address6, address);
}

/** net_node_init: names and registers `node` with `net`. `name` is copied. */
void net_node_init(NetNode *node, Net *net, NetNodeKind kind, const char *name);

/** net_node_clear: frees what net_node_init() made, and the NICs. */
void net_node_clear(NetNode *node);

/** net_nic_new: the next NIC of `node` (transfer none). `spec` is copied;
 * NULL: the node's own (NetHostSpec.nic), or all zero. A switch's is always
 * promiscuous. */
NetNic *net_nic_new(NetNode *node, const NetNicSpec *spec);

/** net_nic_attach: `nic` now transmits to `out`, whose far end is `peer`. */
void net_nic_attach(NetNic *nic, NetLink *link, NetNic *peer, NetSink *out);

/** net_nic_sent: counts and traces `packet` (due set) as leaving `nic`. */
void net_nic_sent(NetNic *nic, NetPacket *packet);

/** net_nic_set_down: a NIC that is down drops what it is given, what arrives,
 * and what waited in its rings when it went down. */
void net_nic_set_down(NetNic *nic, bool down);

/** net_nic_clear: frees what `nic` holds; not `nic`. */
void net_nic_clear(NetNic *nic);

/** net_nic_set_qdisc: `qdisc` (transfer full) in place of the ring, for good;
 * called by net_nic_queue(). */
void net_nic_set_qdisc(NetNic *nic, NetQdisc *qdisc);

/** net_nic_set_service: the node's time for one received packet from now on;
 * what waits in the ring goes first. */
void net_nic_set_service(NetNic *nic, SimTime service);

/** net_nic_send: queues `packet` (a whole frame), taking it over. */
void net_nic_send(NetNic *nic, NetPacket *packet);
