/* What topology.c and shortest.c share: one call of net_finish(). */
#pragma once

#include <glib.h>

#include "host_private.h"

/** NetSubnet: of one broadcast domain, indexed by NetNic.domain. */
typedef struct NetSubnet {
  NetAddress base6;
  uint32_t base;
  uint32_t last; /* host number given last */
  unsigned nics; /* that have or need an address */
  unsigned switches, switch_links;
  uint8_t prefix;
  uint8_t prefix6;
  bool set;
  bool set6;
} NetSubnet;

typedef struct Topology {
  Net *net;
  NetSubnet *subnets;
  unsigned *by_hand; /* domains whose subnet stood before */
  unsigned by_hand_count;
  char *ret_error;
  size_t error_size;
} Topology;

/** net_topology_routes: gives every host and router its automatic routes. */
void net_topology_routes(Topology *t);
