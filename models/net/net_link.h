/* Links: two wires, one a direction, each between two NICs.
 *
 * Time passes here in one place: a wire holds packets in order of arrival and
 * has one pending event, whatever their number. (Not called link.h, which is
 * a system header.)
 *
 * In front of each wire stands a gate once somebody wants to decide about
 * packets: see gate.h.
 */
#pragma once

#include "late.h"
#include "node.h"
#include "random.h"

typedef struct NetGate NetGate;
typedef struct NetNetem NetNetem;
typedef struct NetDecider NetDecider;

typedef struct NetWireSpec {
  int64_t rate;   /* bit/s; 0: takes no time */
  SimTime delay;  /* propagation, >= 0 */
  SimTime jitter; /* uniform extra delay in [0, jitter]; order is kept unless
                     reorder is set */
  bool reorder;   /* jitter may let packets overtake */
  uint32_t queue; /* packets in the transmit ring; 0: the NIC's own */
  uint32_t mtu;   /* 0: 1500 */
} NetWireSpec;

struct NetWire {
  NetSink sink;
  NetLink *link;
  NetNic *from, *to;
  NetWireSpec spec;
  SimOwner owner;
  SimRandom jitter;
  SimEvent arrival; /* pending exactly while the wire holds packets */
  SimTime latest;   /* arrival of the last, for keeping the order */
  NetPacket *first, *last;
  NetLate late;     /* those that may be overtaken or overtake */
  uint32_t entered; /* packets so far: the next one's order */
  uint64_t in_flight;
  NetGate *gate;    /* NULL until somebody decides */
  NetDecider *down; /* NULL: it is up */
  NetNetem *netem;  /* behind the gate; NULL: straight onto the wire */
};

struct NetLink {
  NetLink *next; /* of the net */
  Net *net;
  char *name; /* "a-b" unless given */
  NetWire wires[2];
};

/** net_link_new: joins `a` and `b` by a NIC each. `name` NULL: "a-b", with
 * "#2" for a second one. wires[0] is a to b. Specs are copied; `nic_a`,
 * `nic_b` nullable. Owned by the net. */
NetLink *net_link_new(Net *net, const char *name, NetNode *a, NetNode *b,
                      const NetWireSpec *a_to_b, const NetWireSpec *b_to_a,
                      const NetNicSpec *nic_a, const NetNicSpec *nic_b);

/** net_link_find: the link called `name`, or NULL. */
NetLink *net_link_find(const Net *net, const char *name);

/** net_wire_carry: `packet`, whose last bit leaves at packet->due, arrives
 * `extra` later than the wire alone would have it. With `free_order` it may
 * overtake and be overtaken. Takes it over. Returns: when it arrives. */
SimTime net_wire_carry(NetWire *wire, NetPacket *packet, SimTime extra,
                       bool free_order);

/** net_wire_enter: `packet` arrives at `due`. Unless it is `free_to_pass`, no
 * packet that is not may arrive after `due`. Takes it over. */
void net_wire_enter(NetWire *wire, NetPacket *packet, SimTime due,
                    bool free_to_pass);

/** net_wire_drop: as net_drop(), for a packet that was lost on `wire`. */
void net_wire_drop(NetWire *wire, NetPacket *packet, const char *rule,
                   const char *reason);

/** net_wire_take: (transfer full) takes a packet off `wire`, the next to
 * arrive; NULL if there is none. */
NetPacket *net_wire_take(NetWire *wire);

/** net_link_free: with all that it carries. */
void net_link_free(NetLink *link);
