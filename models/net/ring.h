/* A queue of packets, first come, first served, of a limited length. */
#pragma once

#include <assert.h>

#include "packet.h"

typedef struct NetRing {
  NetPacket *first, **last;
  uint32_t count;
  uint32_t limit; /* whoever puts heeds it */
} NetRing;

static inline void net_ring_init(NetRing *ring, uint32_t limit)
{
  ring->first = NULL;
  ring->last = &ring->first;
  ring->count = 0;
  ring->limit = limit;
}

static inline void net_ring_put(NetRing *ring, NetPacket *packet)
{
  packet->next = NULL;
  *ring->last = packet;
  ring->last = &packet->next;
  ring->count++;
}

static inline NetPacket *net_ring_take(NetRing *ring)
{
  NetPacket *packet = ring->first;

  assert(packet && ring->count > 0);
  ring->first = packet->next;
  if (!ring->first)
    ring->last = &ring->first;
  ring->count--;
  return packet;
}
