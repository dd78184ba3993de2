/* A protocol that remembers what it heard, and the chain of two routers that
 * most tests of hosts send through. */
#pragma once

#include "net_world.h"

/* What a protocol heard. */
typedef struct Heard {
  unsigned datagrams;
  unsigned errors;
  NetIp last;
  uint8_t type, code;
  uint32_t rest;
  SimTime when;
  uint16_t source_port;
  uint8_t flags;
  Sim *sim;
} Heard;

static inline void hear(void *user, NetPacket *packet, const NetIp *ip)
{
  Heard *heard = user;

  heard->datagrams++;
  heard->last = *ip;
  heard->when = heard->sim->now;
  heard->flags = packet->flags;
  net_packet_free(packet);
}

static inline void hear_error(void *user, uint8_t type, uint8_t code,
                              uint32_t rest, const NetIp *quoted,
                              const uint8_t *l4, uint32_t l4_size)
{
  Heard *heard = user;

  g_assert_cmpuint(l4_size, >=, 8);
  heard->errors++;
  heard->last = *quoted;
  heard->type = type;
  heard->code = code;
  heard->rest = rest;
  heard->source_port = net_get16(l4);
  heard->when = heard->sim->now;
}

/* Protocol 253 is for experiments (RFC 3692). */
#define EXPERIMENT 253

static inline Heard *listen_to(World *w, NetHost *host)
{
  Heard *heard = g_new0(Heard, 1);

  heard->sim = w->sim;
  net_host_register(host, EXPERIMENT, hear, hear_error, heard);
  sim_attach(w->sim, heard, g_free);
  g_assert_true(net_host_protocol(host, EXPERIMENT) == heard);
  return heard;
}

static inline void send_ip(NetHost *from, NetIp ip, uint32_t size)
{
  NetPacket *packet =
      net_packet_new(net_host_node(from)->net, &net_host_node(from)->owner);

  packet->l3 = 14;
  packet->l4 = 34;
  packet->head_length = 42;
  memset(packet->head + 34, 0xab, 8);
  packet->payload = net_slice_virtual(size);
  ip.protocol = ip.protocol ? ip.protocol : EXPERIMENT;
  net_host_send(from, packet, &ip, NULL);
}

/* a - r1 - r2 - b */
typedef struct Chain {
  World w;
  NetHost *a, *r1, *r2, *b;
  NetLink *first, *middle, *last;
  Heard *heard_a, *heard_b;
} Chain;

static inline Chain chain_new(NetHostSpec spec, NetWireSpec middle)
{
  Chain c = { .w = world_new() };
  NetHostSpec router = spec;

  router.forwarding = true;
  c.a = net_host_new(c.w.net, "a", &spec);
  c.r1 = net_host_new(c.w.net, "r1", &router);
  c.r2 = net_host_new(c.w.net, "r2", &router);
  c.b = net_host_new(c.w.net, "b", &spec);
  c.first = world_link(&c.w, c.a, c.r1, ten_mbit);
  c.middle = world_link(&c.w, c.r1, c.r2, middle);
  c.last = world_link(&c.w, c.r2, c.b, ten_mbit);
  world_finish(&c.w);
  c.heard_a = listen_to(&c.w, c.a);
  c.heard_b = listen_to(&c.w, c.b);
  return c;
}
