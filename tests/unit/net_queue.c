/* FIFO and RED against what their papers say. */
#include <math.h>

#include "net_queue.h"

static void test_fifo_packets(void)
{
  NetQdiscSpec spec = net_qdisc_defaults(NET_QDISC_FIFO);
  Pair p;

  spec.limit = 2;
  p = pair_new(&spec);
  world_listen(&p.w, 1 << NET_TRACE_DROPPED | 1 << NET_TRACE_RECEIVED);
  for (unsigned i = 0; i < 4; i++)
    world_send(p.a, p.b, 1000);
  world_run(&p.w);
  g_assert_cmpstr(p.w.log->str, ==,
                  "0 dropped a queue-full\n"
                  "9000000 received b\n"
                  "17000000 received b\n"
                  "25000000 received b\n");
  g_assert_cmpuint(net_qdisc_counters(p.nic->qdisc)->over_limit, ==, 1);
  g_assert_cmpint(net_qdisc_counters(p.nic->qdisc)->waited, ==, 24 * MS);
  g_assert_cmpint(net_qdisc_counters(p.nic->qdisc)->longest, ==, 16 * MS);
  pair_end(&p);
}

static void test_fifo_bytes(void)
{
  NetQdiscSpec spec = net_qdisc_defaults(NET_QDISC_FIFO);
  Pair p;

  spec.limit = 1500;
  spec.in_bytes = true;
  p = pair_new(&spec);
  world_send(p.a, p.b, 1000);
  world_send(p.a, p.b, 1000);
  world_send(p.a, p.b, 501);
  g_assert_cmpuint(net_qdisc_counters(p.nic->qdisc)->dropped, ==, 1);
  world_send(p.a, p.b, 500);
  g_assert_cmpuint(net_qdisc_counters(p.nic->qdisc)->dropped, ==, 1);
  g_assert_cmpuint(net_qdisc_waiting(p.nic->qdisc), ==, 2);
  pair_end(&p);
}

/* What waits in the ring goes into the discipline, what waits in one that is
 * replaced is lost. */
static void test_replace(void)
{
  for (unsigned kind = 0; kind < NET_QDISC_KINDS; kind++) {
    NetQdiscSpec spec = net_qdisc_defaults(kind);
    Pair p = pair_new(NULL);

    world_listen(&p.w, 1 << NET_TRACE_DROPPED);
    for (unsigned i = 0; i < 3; i++)
      world_send(p.a, p.b, 1000);
    net_nic_queue(p.nic, &spec);
    g_assert_cmpuint(net_qdisc_waiting(p.nic->qdisc), ==, 2);
    net_nic_queue(p.nic, &spec);
    g_assert_cmpstr(p.w.log->str, ==,
                    "0 dropped a queue-replaced\n"
                    "0 dropped a queue-replaced\n");
    world_send(p.a, p.b, 1000);
    world_run(&p.w);
    g_assert_cmpint(p.w.sim->now, ==, 17 * MS);
    g_assert_cmpuint(net_host_udp_received(p.b), ==, 2);
    pair_end(&p);
  }
}

/* A NIC that goes down forgets what waited, and begins anew. */
static void test_nic_down(void)
{
  for (unsigned kind = 0; kind < NET_QDISC_KINDS; kind++) {
    NetQdiscSpec spec = net_qdisc_defaults(kind);
    Pair p = pair_new(&spec);

    world_listen(&p.w, 1 << NET_TRACE_DROPPED);
    for (unsigned i = 0; i < 3; i++)
      world_send(p.a, p.b, 1000);
    net_nic_set_down(p.nic, true);
    g_assert_cmpuint(net_qdisc_waiting(p.nic->qdisc), ==, 0);
    g_assert_cmpstr(p.w.log->str, ==,
                    "0 dropped a nic-down\n"
                    "0 dropped a nic-down\n");
    net_nic_set_down(p.nic, false);
    world_send(p.a, p.b, 1000);
    world_run(&p.w);
    g_assert_cmpuint(net_host_udp_received(p.b), ==, 2);
    pair_end(&p);
  }
}

static void test_freed_while_full(void)
{
  for (unsigned kind = 0; kind < NET_QDISC_KINDS; kind++) {
    NetQdiscSpec spec = net_qdisc_defaults(kind);
    Pair p = pair_new(&spec);

    world_send(p.a, p.b, 1000);
    world_send(p.a, p.b, 1000);
    g_assert_cmpint(p.w.net->live_packets, ==, 2);
    sim_free(p.w.sim);
    g_string_free(p.w.log, TRUE);
  }
}

/* -- RED -- */

typedef struct Distances {
  unsigned arrivals; /* since the last choice */
  unsigned count, least, most;
  double sum;
} Distances;

static void note_choice(void *user, Sim *sim, unsigned kind, const void *record)
{
  const NetTracePacket *what = record;
  Distances *distances = user;

  (void)sim;
  (void)kind;
  if (strcmp(what->rule, "red-early") != 0)
    return;
  if (distances->count++ > 0) {
    distances->sum += distances->arrivals;
    distances->least = MIN(distances->least, distances->arrivals);
    distances->most = MAX(distances->most, distances->arrivals);
  }
  distances->arrivals = 0;
}

/* Method 2 of the paper's section 8: the distances between choices are
 * uniform over 1 to 1 / p_b. Here p_b = 0.1 * (10 - 5) / (15 - 5). */
static void test_red_spreads_choices(void)
{
  NetQdiscSpec spec = red_at(10, 0.1);
  Pair p = pair_new(&spec);
  Distances distances = { .least = UINT_MAX };
  double n;

  for (unsigned i = 0; i < 11; i++)
    world_send(p.a, p.b, 1000);
  sim_trace_listen(p.w.sim, 1 << NET_TRACE_DROPPED, note_choice, &distances);
  for (unsigned i = 0; i < 30000; i++) {
    distances.arrivals++;
    world_send(p.a, p.b, 1000);
  }
  n = distances.count - 1;
  g_assert_cmpuint(distances.least, ==, 1);
  g_assert_cmpuint(distances.most, ==, 20);
  g_assert_cmpfloat(fabs(distances.sum / n - 10.5), <,
                    5 * sqrt((400 - 1) / 12.0 / n));
  pair_end(&p);
}

/* Of one arrival at a queue of `length`. */
static uint64_t red_drops(uint32_t length, const char *rule)
{
  NetQdiscSpec spec = red_at(length, 0.1);
  Pair p;
  uint64_t drops;

  spec.low = 5;
  spec.high = 10;
  spec.weight = 0.5;
  spec.limit = 1000;
  p = pair_new(&spec);
  world_send(p.a, p.b, 1000);
  for (unsigned i = 0; net_qdisc_waiting(p.nic->qdisc) < length && i < 9999;
       i++)
    world_send(p.a, p.b, 1000);
  world_listen(&p.w, 1 << NET_TRACE_DROPPED);
  drops = net_qdisc_counters(p.nic->qdisc)->dropped;
  world_send(p.a, p.b, 1000);
  drops = net_qdisc_counters(p.nic->qdisc)->dropped - drops;
  if (drops && rule)
    g_assert_nonnull(strstr(p.w.log->str, rule));
  pair_end(&p);
  return drops;
}

/* Under the low threshold nothing is dropped; over the high one all is. */
static void test_red_thresholds(void)
{
  g_assert_cmpuint(red_drops(4, NULL), ==, 0);
  g_assert_cmpuint(red_drops(11, "red-forced"), ==, 1);
}

/* The average: w of each new length, and (1 - w)^m for an idle time in which
 * m packets of the mean size could have been sent. */
static void test_red_average(void)
{
  NetQdiscSpec spec = net_qdisc_defaults(NET_QDISC_RED);
  Pair p;
  double average = 0;

  spec.weight = 0.25;
  p = pair_new(&spec);
  for (unsigned i = 0; i < 6; i++) {
    world_send(p.a, p.b, 1000);
    average += 0.25 * ((i > 0 ? i - 1.0 : 0) - average);
    g_assert_cmpfloat(net_qdisc_average(p.nic->qdisc), ==, average);
  }
  world_wait(&p.w, &p.wire->owner, 48 * MS + 24 * MS);
  world_send(p.a, p.b, 1000);
  g_assert_cmpfloat(
      fabs(net_qdisc_average(p.nic->qdisc) - average * 0.75 * 0.75 * 0.75), <,
      1e-15);
  pair_end(&p);
}

/* Gentle: halfway between high and twice that p_b is (0.1 + 1) / 2, so that
 * 55 % of the distances are 1 and the others 2. */
static void test_red_gentle(void)
{
  NetQdiscSpec spec = red_at(15, 0.1);
  Pair p;
  uint64_t before, dropped;

  spec.low = 5;
  spec.high = 10;
  spec.gentle = true;
  spec.limit = 15;
  p = pair_new(&spec);
  for (unsigned i = 0; net_qdisc_waiting(p.nic->qdisc) < 15 && i < 999; i++)
    world_send(p.a, p.b, 1000);
  before = net_qdisc_counters(p.nic->qdisc)->dropped -
           net_qdisc_counters(p.nic->qdisc)->over_limit;
  for (unsigned i = 0; i < 10000; i++)
    world_send(p.a, p.b, 1000);
  dropped = net_qdisc_counters(p.nic->qdisc)->dropped -
            net_qdisc_counters(p.nic->qdisc)->over_limit - before;
  g_assert_cmpfloat(fabs((double)dropped - 10000 / 1.45), <,
                    5 * sqrt(10000 * 0.55 * 0.45 / pow(1.45, 3)));
  pair_end(&p);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/queue/fifo-packets", test_fifo_packets);
  g_test_add_func("/queue/fifo-bytes", test_fifo_bytes);
  g_test_add_func("/queue/replace", test_replace);
  g_test_add_func("/queue/nic-down", test_nic_down);
  g_test_add_func("/queue/freed-while-full", test_freed_while_full);
  g_test_add_func("/queue/red-spreads", test_red_spreads_choices);
  g_test_add_func("/queue/red-thresholds", test_red_thresholds);
  g_test_add_func("/queue/red-average", test_red_average);
  g_test_add_func("/queue/red-gentle", test_red_gentle);
  return g_test_run();
}
