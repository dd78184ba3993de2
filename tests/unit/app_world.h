/* Two hosts for the programs of models/app: 10 ms apart, on a wire that takes
 * no time to send. The log has a line for each segment as it is sent:
 * milliseconds, host, flags, bytes of payload. */
#pragma once

#include "app.h"
#include "net_world.h"
#include "segment.h"

typedef struct Pair {
  World world;
  NetHost *client, *server;
  TcpStack *from, *to;
} Pair;

static inline void log_segment(void *user, Sim *sim, unsigned kind,
                               const void *record)
{
  const NetTracePacket *what = record;
  char flags[9];

  (void)kind;
  g_assert_cmpint(sim->now % MS, ==, 0);
  g_string_append_printf(
      user, "%d %s %s %u\n", (int)(sim->now / MS), what->node->name,
      tcp_flags_format(what->packet->head[what->packet->l4 + 13], flags),
      what->packet->payload.length);
}

static inline Pair pair_new(void)
{
  NetWireSpec wire = { .delay = 10 * MS };
  Pair pair = { .world = world_new() };

  pair.client = net_host_new(pair.world.net, "c", NULL);
  pair.server = net_host_new(pair.world.net, "s", NULL);
  world_link(&pair.world, pair.client, pair.server, wire);
  pair.from = tcp_stack_new(pair.client, NULL);
  pair.to = tcp_stack_new(pair.server, NULL);
  return pair;
}

static inline void pair_run(Pair *pair)
{
  world_finish(&pair->world);
  sim_trace_listen(pair->world.sim, 1 << NET_TRACE_SENT, log_segment,
                   pair->world.log);
  world_run(&pair->world);
  g_assert_cmpuint(tcp_stack_counters(pair->from)->connections, ==, 0);
  g_assert_cmpuint(tcp_stack_counters(pair->to)->connections, ==, 0);
}

static inline AppTarget web(const Pair *pair)
{
  return (AppTarget){ .host = pair->server, .port = 80 };
}

static inline void check_ends(const App *app, uint64_t completed,
                              uint64_t failed)
{
  g_assert_cmpuint(app_counters(app)->completed, ==, completed);
  g_assert_cmpuint(app_counters(app)->failed, ==, failed);
  g_assert_cmpuint(app_counters(app)->open, ==, 0);
}

static inline void check_times(const App *app, int first_ms, int last_ms)
{
  g_assert_cmpint(app_counters(app)->first, ==, first_ms * MS);
  g_assert_cmpint(app_counters(app)->last, ==, last_ms * MS);
}

static inline App *respond(const Pair *pair, uint32_t times)
{
  AppRespondSpec spec = {
    .service.port = 80, .request = 100, .response = 1000, .times = times
  };

  return app_respond_new(pair->to, &spec);
}

static inline void accept_and_abort(void *user, TcpListener *listener)
{
  TcpConnection *conn = tcp_accept(listener, NULL, NULL);

  (void)user;
  tcp_abort(conn);
  tcp_release(conn);
}

static inline void listen_and_abort(const Pair *pair, uint16_t port)
{
  TcpError error;

  tcp_listen(pair->to, NET_ADDRESS_ANY, port, 0, NULL, accept_and_abort, NULL,
             &error);
  g_assert_cmpint(error, ==, TCP_OK);
}
