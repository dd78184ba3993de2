/* A bottleneck for tests of queueing disciplines. */
#pragma once

#include "net_link.h"
#include "net_world.h"
#include "qdisc.h"

/* 1000 bytes take 8 ms. */
#define SLOW                  \
  (NetWireSpec)               \
  {                           \
    .rate = MBIT, .delay = MS \
  }

typedef struct Pair {
  World w;
  NetHost *a, *b;
  NetWire *wire;
  NetNic *nic;
} Pair;

static inline Pair pair_new(const NetQdiscSpec *spec)
{
  Pair p = { .w = world_new() };

  p.a = net_host_new(p.w.net, "a", NULL);
  p.b = net_host_new(p.w.net, "b", NULL);
  p.wire = &world_link(&p.w, p.a, p.b, SLOW)->wires[0];
  p.nic = p.wire->from;
  world_finish(&p.w);
  net_host_listen_udp(p.b, 9);
  if (spec)
    net_nic_queue(p.nic, spec);
  return p;
}

static inline void pair_end(Pair *p)
{
  world_run(&p->w);
  world_end(&p->w);
}

/* A queue whose average is its length: full at `limit`. */
static inline NetQdiscSpec red_at(uint32_t limit, double probability)
{
  NetQdiscSpec spec = net_qdisc_defaults(NET_QDISC_RED);

  spec.limit = limit;
  spec.weight = 1;
  spec.probability = probability;
  return spec;
}
