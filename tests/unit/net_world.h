/* A small network for tests, and a log of what happened to its packets: one
 * line a record, "TIME KIND WHERE [RULE]", TIME in ns. */
#pragma once

#include <glib.h>

#include "gate.h"
#include "host.h"

#define MBIT INT64_C(1000000)
#define MS SIM_MILLISECOND
#define US SIM_MICROSECOND

/* 1000 bytes take 800 us on it, and 5 ms. */
static const NetWireSpec ten_mbit = { .rate = 10 * MBIT, .delay = 5 * MS };

typedef struct World {
  Sim *sim;
  Net *net;
  GString *log;
} World;

static inline void world_record(void *user, Sim *sim, unsigned kind,
                                const void *record)
{
  static const char *const names[] = { "sent",       "received",  "dropped",
                                       "duplicated", "delivered", "marked" };
  const NetTracePacket *what = record;
  GString *log = user;

  g_string_append_printf(
      log, "%" G_GINT64_FORMAT " %s %s", sim->now, names[kind],
      what->node ? what->node->name : what->wire->link->name);
  if (what->rule)
    g_string_append_printf(log, " %s", what->rule);
  if (kind == NET_TRACE_DUPLICATED)
    g_assert_cmpuint(what->packet->origin, !=, what->packet->id);
  if (kind == NET_TRACE_DROPPED)
    g_assert_nonnull(what->reason);
  g_string_append_c(log, '\n');
}

static inline World world_new(void)
{
  World world = { .sim = sim_new(7), .log = g_string_new(NULL) };

  world.net = net_new(world.sim);
  return world;
}

/* `mask`: the kinds to log. */
static inline void world_listen(World *world, uint64_t mask)
{
  sim_trace_listen(world->sim, mask, world_record, world->log);
}

static inline void world_nothing(Sim *sim, SimEvent *event)
{
  (void)sim;
  (void)event;
}

/* The clock goes on to `time` though nothing happens. */
static inline void world_wait(World *world, SimOwner *owner, SimTime time)
{
  SimEvent event;

  sim_event_init(&event, world_nothing);
  sim_schedule(world->sim, &event, owner, time);
  sim_run(world->sim, time);
}

static inline void world_finish(World *world)
{
  char problem[200] = "";

  if (!net_finish(world->net, problem, sizeof problem))
    g_error("%s", problem);
}

static inline void world_run(World *world)
{
  sim_run(world->sim, SIM_TIME_NEVER);
}

/* Nothing may be left when a test is over. */
static inline void world_end(World *world)
{
  const char *problem = "";

  if (!sim_check_end(world->sim, &problem))
    g_error("%s", problem);
  g_assert_cmpint(world->net->live_packets, ==, 0);
  sim_free(world->sim);
  g_string_free(world->log, TRUE);
}

static inline NetLink *world_link(World *world, NetHost *a, NetHost *b,
                                  NetWireSpec spec)
{
  return net_link_new(world->net, NULL, net_host_node(a), net_host_node(b),
                      &spec, &spec, NULL, NULL);
}

/* A datagram whose frame has `size` bytes, to port 9. */
static inline void world_send(NetHost *from, NetHost *to, uint32_t size)
{
  net_host_send_udp(from, net_host_address(to), 1000, 9,
                    net_slice_virtual(size - 42));
}
