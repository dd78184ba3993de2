/* bulk, sink and held, in exact virtual time. */
#include "app_world.h"

static void test_bulk_ends_in_four_segments(void)
{
  Pair pair = pair_new();
  App *sink = app_sink_new(pair.to, &(AppSinkSpec){ .service.port = 80 });
  App *bulk = app_bulk_new(
      pair.from,
      &(AppBulkSpec){ .at = 5 * MS, .to = web(&pair), .bytes = 2000 });

  pair_run(&pair);
  g_assert_cmpstr(pair.world.log->str, ==,
                  "5 c S 0\n"
                  "15 s S. 0\n"
                  "25 c . 1448\n"
                  "25 c FP. 552\n"
                  "35 s . 0\n"
                  "35 s F. 0\n"
                  "45 c . 0\n");
  check_ends(bulk, 1, 0);
  check_times(bulk, 5, 45);
  g_assert_true(app_done(bulk));
  g_assert_cmpuint(app_counters(bulk)->sent, ==, 2000);
  check_ends(sink, 1, 0);
  check_times(sink, 35, 55);
  g_assert_false(app_done(sink));
  g_assert_cmpuint(app_counters(sink)->received, ==, 2000);
  world_end(&pair.world);
}

static void test_sink_at_once_ends_in_three_segments(void)
{
  Pair pair = pair_new();
  AppService service = { .port = 80, .at_once = true };

  app_sink_new(pair.to, &(AppSinkSpec){ .service = service });
  app_bulk_new(pair.from, &(AppBulkSpec){ .to = web(&pair), .bytes = 1 });
  pair_run(&pair);
  g_assert_cmpstr(pair.world.log->str, ==,
                  "0 c S 0\n"
                  "10 s S. 0\n"
                  "20 c FP. 1\n"
                  "30 s F. 0\n"
                  "40 c . 0\n");
  world_end(&pair.world);
}

/* CLOSE-WAIT lasts as long as the program takes. */
static void test_sink_lingers(void)
{
  Pair pair = pair_new();
  AppService service = { .port = 80, .close_after = 100 * MS };
  App *sink = app_sink_new(pair.to, &(AppSinkSpec){ .service = service });

  app_bulk_new(pair.from, &(AppBulkSpec){ .to = web(&pair) });
  app_bulk_new(pair.from, &(AppBulkSpec){ .at = 50 * MS, .to = web(&pair) });
  pair_run(&pair);
  g_assert_cmpstr(pair.world.log->str, ==,
                  "0 c S 0\n"
                  "10 s S. 0\n"
                  "20 c F. 0\n"
                  "30 s . 0\n"
                  "50 c S 0\n"
                  "60 s S. 0\n"
                  "70 c F. 0\n"
                  "80 s . 0\n"
                  "130 s F. 0\n"
                  "140 c . 0\n"
                  "180 s F. 0\n"
                  "190 c . 0\n");
  check_ends(sink, 2, 0);
  g_assert_cmpuint(app_counters(sink)->most_open, ==, 2);
  world_end(&pair.world);
}

/* More than the send buffer holds. */
static void test_bulk_waits_for_room(void)
{
  Pair pair = pair_new();
  App *sink = app_sink_new(pair.to, &(AppSinkSpec){ .service.port = 80 });
  App *bulk = app_bulk_new(
      pair.from, &(AppBulkSpec){ .to = web(&pair), .bytes = 1000000 });

  tcp_stack_knobs(pair.from)->send_buffer = 3000;
  pair_run(&pair);
  check_ends(bulk, 1, 0);
  check_ends(sink, 1, 0);
  g_assert_cmpuint(app_counters(sink)->received, ==, 1000000);
  world_end(&pair.world);
}

static void test_own_host_refuses(void)
{
  Pair pair = pair_new();
  AppTarget nowhere = { .address = net_address_ipv4(0xc0000201), .port = 80 };
  AppChurnSpec churn = { .each.to = nowhere, .connections = 3, .parallel = 2 };
  AppHeldSpec held = { .to = nowhere, .connections = 3 };
  App *clients[] = {
    app_bulk_new(pair.from, &(AppBulkSpec){ .to = nowhere }),
    app_churn_new(pair.from, &churn),
    app_held_new(pair.from, &held),
  };

  pair_run(&pair);
  for (unsigned i = 0; i < G_N_ELEMENTS(clients); i++) {
    check_ends(clients[i], 0, 1);
    g_assert_cmpuint(app_counters(clients[i])->errors[TCP_ENETUNREACH], ==, 1);
    g_assert_true(app_done(clients[i]));
  }
  world_end(&pair.world);
}

static void test_port_in_use(void)
{
  Pair pair = pair_new();
  App *first = respond(&pair, 0);
  AppSinkSpec spec = { .at = 1, .service = { .port = 79, .ports = 2 } };
  App *second = app_sink_new(pair.to, &spec);

  pair_run(&pair);
  check_ends(first, 0, 0);
  check_ends(second, 0, 1);
  g_assert_cmpuint(app_counters(second)->errors[TCP_EADDRINUSE], ==, 1);
  world_end(&pair.world);
}

static void test_held_opens_then_closes(void)
{
  Pair pair = pair_new();
  App *sink = app_sink_new(pair.to, &(AppSinkSpec){ .service.port = 80 });
  AppHeldSpec spec = {
    .to = web(&pair), .connections = 3, .interval = MS, .hold = 100 * MS
  };
  App *held = app_held_new(pair.from, &spec);

  world_finish(&pair.world);
  sim_run(pair.world.sim, 100 * MS);
  g_assert_cmpuint(app_counters(held)->open, ==, 3);
  g_assert_cmpuint(app_counters(sink)->open, ==, 3);
  pair_run(&pair);
  g_assert_cmpstr(pair.world.log->str, ==,
                  "122 c F. 0\n"
                  "123 c F. 0\n"
                  "124 c F. 0\n"
                  "132 s . 0\n"
                  "132 s F. 0\n"
                  "133 s . 0\n"
                  "133 s F. 0\n"
                  "134 s . 0\n"
                  "134 s F. 0\n"
                  "142 c . 0\n"
                  "143 c . 0\n"
                  "144 c . 0\n");
  check_ends(held, 3, 0);
  check_ends(sink, 3, 0);
  check_times(held, 0, 144);
  g_assert_true(app_done(held));
  world_end(&pair.world);
}

/* Ports in turn: 80 holds, 81 refuses, 82 resets. */
static void test_held_outlives_its_losses(void)
{
  Pair pair = pair_new();
  App *sink = app_sink_new(pair.to, &(AppSinkSpec){ .service.port = 80 });
  AppHeldSpec spec = { .to = web(&pair), .connections = 6, .hold = 100 * MS };
  App *held;

  spec.to.ports = 3;
  held = app_held_new(pair.from, &spec);
  listen_and_abort(&pair, 82);
  pair_run(&pair);
  check_ends(held, 2, 4);
  check_ends(sink, 2, 0);
  g_assert_cmpuint(app_counters(held)->errors[TCP_ECONNREFUSED], ==, 2);
  g_assert_cmpuint(app_counters(held)->errors[TCP_ECONNRESET], ==, 2);
  g_assert_cmpuint(app_counters(held)->most_open, ==, 4);
  check_times(held, 0, 140);
  g_assert_true(app_done(held));
  world_end(&pair.world);
}

static void test_nothing_to_do(void)
{
  Pair pair = pair_new();
  App *churn = app_churn_new(pair.from, &(AppChurnSpec){ .each.times = 1 });
  App *held = app_held_new(pair.from, &(AppHeldSpec){ .at = 0 });

  pair_run(&pair);
  check_ends(churn, 0, 0);
  check_ends(held, 0, 0);
  g_assert_true(app_done(churn));
  g_assert_true(app_done(held));
  g_assert_cmpint(app_counters(held)->first, ==, SIM_TIME_NEVER);
  world_end(&pair.world);
}

/* Of a server on two links, each client finds its own side. */
static void test_target_on_two_links(void)
{
  NetWireSpec wire = { .delay = 10 * MS };
  Pair pair = pair_new();
  NetHost *other = net_host_new(pair.world.net, "d", NULL);
  App *sink, *bulk;

  world_link(&pair.world, other, pair.server, wire);
  sink = app_sink_new(pair.to, &(AppSinkSpec){ .service.port = 80 });
  bulk = app_bulk_new(tcp_stack_new(other, NULL),
                      &(AppBulkSpec){ .to = web(&pair), .bytes = 7 });
  pair_run(&pair);
  check_ends(bulk, 1, 0);
  check_ends(sink, 1, 0);
  world_end(&pair.world);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func("/app/" name, function)
  ADD("bulk-ends-in-four-segments", test_bulk_ends_in_four_segments);
  ADD("bulk-waits-for-room", test_bulk_waits_for_room);
  ADD("sink-at-once-three-segments", test_sink_at_once_ends_in_three_segments);
  ADD("sink-lingers", test_sink_lingers);
  ADD("own-host-refuses", test_own_host_refuses);
  ADD("port-in-use", test_port_in_use);
  ADD("held-opens-then-closes", test_held_opens_then_closes);
  ADD("held-outlives-its-losses", test_held_outlives_its_losses);
  ADD("nothing-to-do", test_nothing_to_do);
  ADD("target-on-two-links", test_target_on_two_links);
#undef ADD
  return g_test_run();
}
