/* Network address translation, IPv4: hosts inside share the router's address
 * outside (RFC 3022, "NAPT"; behaviour after RFC 4787, 5382 and 5508).
 *
 *     inside  10.0.0.5:1025 -> server:80    is    nat:40000 -> server:80
 * outside
 *
 * A mapping gives a port outside to an end inside: one for all peers, or one
 * for each address or each end that it talks to. What comes from outside and
 * belongs to no connection is dropped, or by its filtering let through to the
 * end that has the mapping. Checksums are mended, ICMP errors translated with
 * the headers that they quote.
 *
 * What leaves is another packet than what came: the trace shows two
 * connections, the one inside and the one outside.
 *
 * Not modelled: hairpinning (inside to inside by the outside address),
 * application gateways, NAT of IPv6.
 */
#pragma once

#include "box.h"
#include "conntrack.h"
#include "host.h"

/** NetDependence: what besides the end inside a mapping or filter looks at. */
typedef enum NetDependence {
  NET_ENDPOINT_INDEPENDENT,
  NET_ADDRESS_DEPENDENT,
  NET_ADDRESS_AND_PORT_DEPENDENT,
} NetDependence;

typedef struct NetNatSpec {
  NetTrackSpec track;
  NetDependence mapping;
  NetDependence filtering; /* less than the last only if mapping is the first */
  uint16_t low, high;      /* ports outside; low > 0 */
  bool preserve;           /* keep the port inside if it is free */
  bool reuse; /* when none is free, that of a connection that is over (in
                 TIME_WAIT or CLOSE) */
  /* Does `nic` lead outside? */
  bool (*is_outside)(void *user, const NetNic *nic);
  void *user;
} NetNatSpec;

typedef struct NetNat NetNat;

/** net_nat_new: (transfer none) stands in `router`. */
NetNat *net_nat_new(NetHost *router, const NetNatSpec *spec);

NetTracker *net_nat_tracker(const NetNat *nat);

typedef struct NetNatCounters {
  uint64_t translated;  /* packets */
  uint64_t unsolicited; /* dropped: from outside, for nobody */
  uint64_t invalid;     /* dropped: tracking refuses them */
  uint64_t no_port;     /* dropped: all ports were in use */
  uint64_t reused;      /* ports taken from connections that were over */
} NetNatCounters;

const NetNatCounters *net_nat_counters(const NetNat *nat);
