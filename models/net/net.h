/* The network: what one simulation's nodes and links hang off.
 *
 * Describing comes first (nodes, links), then net_finish() gives addresses,
 * routes and neighbours to whatever lacks them, then the run. Links and nodes
 * may be added later; call net_finish() again.
 */
#pragma once

#include "pool.h"
#include "sim.h"

#include "address.h"
#include "packet.h"

typedef struct NetNode NetNode;
typedef struct NetNic NetNic;
typedef struct NetLink NetLink;
typedef struct NetWire NetWire;

struct Net {
  Sim *sim;
  SimPool packets;
  NetNode *nodes, **nodes_end; /* in order of creation, by ->next */
  NetLink *links, **links_end;
  uint64_t hops; /* transmissions so far: packet-hops */
  int64_t live_packets;
  NetFamily family; /* of the addresses that nodes' names stand for */
  unsigned node_count;
  unsigned domain_count; /* broadcast domains that net_finish() found */
  uint32_t next_subnet;  /* of 10.0.0.0/8, in /24s: not yet given away */
  NetNic **by_address[NET_FAMILIES]; /* open hashes of NICs, made by
                                        net_finish(); NULL before */
  unsigned address_mask;             /* their room less one */
};

/** net_new: attached to `sim`, freed with it. */
Net *net_new(Sim *sim);

/** net_nic_at: the NIC with `address` as of the last net_finish(), or NULL. */
NetNic *net_nic_at(const Net *net, NetAddress address);

/** net_find: the node called `name`, or NULL. */
NetNode *net_find(const Net *net, const char *name);

/**
 * net_finish: completes the description.
 *
 * Every broadcast domain (links joined by switches) gets a subnet
 * 10.x.y.0/24 (larger where it holds more NICs), every NIC without an address
 * the next one in it; beside them an IPv6 subnet and addresses with the same
 * numbers: 10.0.3.7 is 2001:db8:0:3::7, and where IPv4 was given by hand
 * outside 10.0.0.0/8 the subnet is 2001:db8:1:D::/64, D the domain's number.
 * Every host and router gets shortest-path routes (by
 * number of hops, ties by order of creation) to every subnet; neighbours are
 * filled in (permanent entries) unless a host asks for ARP. What was set by
 * hand stays. False and one sentence in `ret_error` (capacity `size`) if the
 * description contradicts itself (two NICs with one address, an address
 * outside its subnet ...).
 */
bool net_finish(Net *net, char *ret_error, size_t size);

/* What the network tells the trace bus: kinds 0-15, records below. */
enum {
  NET_TRACE_SENT = 0,   /* a transmitter took it: NetTracePacket */
  NET_TRACE_RECEIVED,   /* a NIC handed it to its node: NetTracePacket */
  NET_TRACE_DROPPED,    /* it is gone: NetTracePacket with a reason */
  NET_TRACE_DUPLICATED, /* `packet` is the new copy: NetTracePacket */
  NET_TRACE_DELIVERED,  /* a host's IP handed it up: NetTracePacket */
  NET_TRACE_MARKED,     /* "congestion experienced" was set on the way:
                           NetTracePacket with a reason */
  NET_TRACE_ALERT,      /* a box has something to say: NetTraceAlert, box.h */
};

/** NetTracePacket: `reason` (transfer none, static or the owner's until the
 * run ends) is one plain sentence, NULL where none is needed. For SENT,
 * `packet->due` is when the last bit will have been sent. `nic` is NULL for
 * a drop that no NIC made; `node` is the one that did it (NULL on a wire).
 * `wire` is set for what happens on a wire alone. MARKED is as DROPPED. */
typedef struct NetTracePacket {
  const NetPacket *packet;
  const NetNode *node;
  const NetNic *nic;
  const char *reason;
  const char *rule; /* id of the rule that dropped it, or NULL */
  const NetWire *wire;
} NetTracePacket;

/** net_drop: traces the loss of `packet` and frees it. */
void net_drop(NetPacket *packet, const NetNode *node, const NetNic *nic,
              const char *rule, const char *reason);

/** net_mark: sets "congestion experienced" (RFC 3168 5) in `packet` and traces
 * it as `where` says (its packet is `packet`; reason and rule are set). True
 * if the packet has it now; false if its sender does not understand it. */
bool net_mark(NetPacket *packet, const NetTracePacket *where);
