/* request, churn and respond, in exact virtual time. */
#include "app_world.h"

static AppRequestSpec request(const Pair *pair, uint32_t times)
{
  return (AppRequestSpec){
    .to = web(pair), .request = 100, .response = 1000, .times = times
  };
}

static void test_request_thinks(void)
{
  Pair pair = pair_new();
  App *server = respond(&pair, 0), *client;
  AppRequestSpec spec = request(&pair, 2);

  spec.think = 5 * MS;
  client = app_request_new(pair.from, &spec);
  pair_run(&pair);
  g_assert_cmpstr(pair.world.log->str, ==,
                  "0 c S 0\n"
                  "10 s S. 0\n"
                  "20 c . 0\n"
                  "20 c P. 100\n"
                  "30 s P. 1000\n"
                  "45 c P. 100\n"
                  "55 s P. 1000\n"
                  "65 c F. 0\n"
                  "75 s . 0\n"
                  "75 s F. 0\n"
                  "85 c . 0\n");
  check_ends(client, 1, 0);
  check_ends(server, 1, 0);
  g_assert_cmpuint(app_counters(client)->exchanges, ==, 2);
  g_assert_cmpuint(app_counters(server)->exchanges, ==, 2);
  g_assert_cmpuint(app_counters(client)->received, ==, 2000);
  g_assert_cmpuint(app_counters(server)->received, ==, 200);
  world_end(&pair.world);
}

/* The server's FIN rides on its last answer, or follows it. */
static void test_server_closes_first(bool at_once, const char *wanted)
{
  Pair pair = pair_new();
  AppRespondSpec service = { .service = { .port = 80, .at_once = at_once },
                             .request = 100,
                             .response = 1000,
                             .times = 1 };
  App *server = app_respond_new(pair.to, &service), *client;
  AppRequestSpec spec = request(&pair, 1);

  spec.server_closes = true;
  spec.at_once = at_once;
  client = app_request_new(pair.from, &spec);
  pair_run(&pair);
  g_assert_cmpstr(pair.world.log->str, ==, wanted);
  check_ends(client, 1, 0);
  check_ends(server, 1, 0);
  world_end(&pair.world);
}

static void test_server_first_at_once(void)
{
  test_server_closes_first(true, "0 c S 0\n"
                                 "10 s S. 0\n"
                                 "20 c . 0\n"
                                 "20 c P. 100\n"
                                 "30 s FP. 1000\n"
                                 "40 c F. 0\n"
                                 "50 s . 0\n");
}

static void test_server_first_in_turn(void)
{
  test_server_closes_first(false, "0 c S 0\n"
                                  "10 s S. 0\n"
                                  "20 c . 0\n"
                                  "20 c P. 100\n"
                                  "30 s P. 1000\n"
                                  "30 s F. 0\n"
                                  "40 c . 0\n"
                                  "40 c F. 0\n"
                                  "50 s . 0\n");
}

static void test_churn_goes_on_at_the_end(void)
{
  Pair pair = pair_new();
  App *server = respond(&pair, 0), *client;
  AppChurnSpec spec = { .each = request(&pair, 1), .connections = 2 };

  client = app_churn_new(pair.from, &spec);
  pair_run(&pair);
  g_assert_cmpstr(pair.world.log->str, ==,
                  "0 c S 0\n"
                  "10 s S. 0\n"
                  "20 c . 0\n"
                  "20 c P. 100\n"
                  "30 s P. 1000\n"
                  "40 c F. 0\n"
                  "50 s . 0\n"
                  "50 s F. 0\n"
                  "60 c . 0\n"
                  "60 c S 0\n"
                  "70 s S. 0\n"
                  "80 c . 0\n"
                  "80 c P. 100\n"
                  "90 s P. 1000\n"
                  "100 c F. 0\n"
                  "110 s . 0\n"
                  "110 s F. 0\n"
                  "120 c . 0\n");
  check_ends(client, 2, 0);
  check_ends(server, 2, 0);
  check_times(client, 0, 120);
  check_times(server, 30, 130);
  g_assert_cmpuint(app_counters(client)->most_open, ==, 1);
  world_end(&pair.world);
}

static void count_port(void *user, const TcpPair *pair, TcpState state)
{
  unsigned *ports = user;

  g_assert_cmpint(state, ==, TCP_TIME_WAIT);
  g_assert_cmpuint(pair->remote.port, >=, 80);
  g_assert_cmpuint(pair->remote.port, <, 83);
  ports[pair->remote.port - 80]++;
}

static void test_churn_in_parallel_on_ports(void)
{
  Pair pair = pair_new();
  AppRespondSpec service = { .service = { .port = 80, .ports = 3 },
                             .request = 100,
                             .response = 1000 };
  App *server = app_respond_new(pair.to, &service), *client;
  AppChurnSpec spec = { .each = request(&pair, 1),
                        .connections = 7,
                        .parallel = 3 };
  unsigned ports[3] = { 0 };

  spec.each.to.ports = 3;
  client = app_churn_new(pair.from, &spec);
  world_finish(&pair.world);
  sim_run(pair.world.sim, SIM_SECOND);
  tcp_each(pair.from, count_port, ports);
  g_assert_cmpuint(ports[0], ==, 3);
  g_assert_cmpuint(ports[1], ==, 2);
  g_assert_cmpuint(ports[2], ==, 2);
  pair_run(&pair);
  check_ends(client, 7, 0);
  check_ends(server, 7, 0);
  check_times(client, 0, 180);
  g_assert_cmpuint(app_counters(client)->most_open, ==, 3);
  g_assert_cmpuint(app_counters(client)->received, ==, 7000);
  world_end(&pair.world);
}

static void test_connect_and_close_only(void)
{
  Pair pair = pair_new();
  App *sink = app_sink_new(pair.to, &(AppSinkSpec){ .service.port = 80 });
  AppChurnSpec spec = { .each.to = web(&pair), .connections = 1 };
  App *client = app_churn_new(pair.from, &spec);

  pair_run(&pair);
  g_assert_cmpstr(pair.world.log->str, ==,
                  "0 c S 0\n"
                  "10 s S. 0\n"
                  "20 c . 0\n"
                  "20 c F. 0\n"
                  "30 s . 0\n"
                  "30 s F. 0\n"
                  "40 c . 0\n");
  check_ends(client, 1, 0);
  check_ends(sink, 1, 0);
  world_end(&pair.world);
}

static void test_refused_goes_on(void)
{
  Pair pair = pair_new();
  AppChurnSpec spec = { .each = request(&pair, 1), .connections = 3 };
  App *client = app_churn_new(pair.from, &spec);

  pair_run(&pair);
  check_ends(client, 0, 3);
  check_times(client, 0, 60);
  g_assert_cmpuint(app_counters(client)->errors[TCP_ECONNREFUSED], ==, 3);
  g_assert_cmpuint(app_counters(client)->opened, ==, 0);
  g_assert_true(app_done(client));
  world_end(&pair.world);
}

/* The server has closed after one answer; the client wanted two. */
static void test_peer_ends_early(void)
{
  Pair pair = pair_new();
  App *server = respond(&pair, 1), *client;
  AppRequestSpec spec = request(&pair, 2);

  spec.think = 20 * MS;
  client = app_request_new(pair.from, &spec);
  pair_run(&pair);
  check_ends(client, 0, 1);
  g_assert_cmpuint(app_counters(client)->errors[TCP_OK], ==, 1);
  g_assert_cmpuint(app_counters(client)->exchanges, ==, 1);
  check_ends(server, 1, 0);
  check_times(client, 0, 80);
  world_end(&pair.world);
}

typedef struct Told {
  unsigned started, failed, done;
} Told;

static void count_told(void *user, Sim *sim, unsigned kind, const void *record)
{
  const AppTrace *what = record;
  Told *told = user;

  (void)sim;
  g_assert_cmpstr(app_name(what->app), ==, "churn");
  told->started += kind == APP_TRACE_STARTED;
  told->done += kind == APP_TRACE_DONE;
  if (kind != APP_TRACE_FAILED)
    return;
  told->failed++;
  g_assert_cmpuint(what->pair->remote.port, ==, 80);
  g_assert_cmpint(what->error, ==, TCP_ECONNRESET);
}

static void test_reset_is_counted_and_told(void)
{
  Pair pair = pair_new();
  AppChurnSpec spec = { .each = request(&pair, 1), .connections = 2 };
  App *client = app_churn_new(pair.from, &spec);
  Told told = { 0 };

  sim_trace_listen(pair.world.sim,
                   UINT64_C(1) << APP_TRACE_STARTED |
                       UINT64_C(1) << APP_TRACE_FAILED |
                       UINT64_C(1) << APP_TRACE_DONE,
                   count_told, &told);
  listen_and_abort(&pair, 80);
  pair_run(&pair);
  check_ends(client, 0, 2);
  g_assert_cmpuint(app_counters(client)->errors[TCP_ECONNRESET], ==, 2);
  g_assert_cmpuint(app_counters(client)->opened, ==, 2);
  g_assert_cmpuint(told.started, ==, 1);
  g_assert_cmpuint(told.failed, ==, 2);
  g_assert_cmpuint(told.done, ==, 1);
  world_end(&pair.world);
}

/* Two requests came at once, and one answer was all there was to give. */
static void test_answers_are_limited(void)
{
  Pair pair = pair_new();
  App *server = respond(&pair, 1), *client;
  AppRequestSpec spec = request(&pair, 1);

  spec.request = 200;
  spec.server_closes = true;
  client = app_request_new(pair.from, &spec);
  pair_run(&pair);
  check_ends(client, 1, 0);
  check_ends(server, 1, 0);
  g_assert_cmpuint(app_counters(server)->exchanges, ==, 1);
  g_assert_cmpuint(app_counters(client)->received, ==, 1000);
  world_end(&pair.world);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func("/app-dialogue/" name, function)
  ADD("request-thinks", test_request_thinks);
  ADD("server-closes-first-at-once", test_server_first_at_once);
  ADD("server-closes-first-in-turn", test_server_first_in_turn);
  ADD("churn-goes-on-at-the-end", test_churn_goes_on_at_the_end);
  ADD("churn-in-parallel-on-ports", test_churn_in_parallel_on_ports);
  ADD("churn-connects-and-closes-only", test_connect_and_close_only);
  ADD("refused-goes-on", test_refused_goes_on);
  ADD("peer-ends-early", test_peer_ends_early);
  ADD("reset-is-counted-and-told", test_reset_is_counted_and_told);
  ADD("answers-are-limited", test_answers_are_limited);
#undef ADD
  return g_test_run();
}
