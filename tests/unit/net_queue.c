/* Queueing disciplines against what their papers say. */
#include <math.h>

#include "codel.h"
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

static Pair pair_new(const NetQdiscSpec *spec)
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

static void pair_end(Pair *p)
{
  world_run(&p->w);
  world_end(&p->w);
}

static void nothing(Sim *sim, SimEvent *event)
{
  (void)sim;
  (void)event;
}

static void wait_until(Pair *p, SimTime time)
{
  SimEvent event;

  sim_event_init(&event, nothing);
  sim_schedule(p->w.sim, &event, &p->wire->owner, time);
  sim_run(p->w.sim, time);
}

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

/* A queue whose average is its length: full at `limit`. */
static NetQdiscSpec red_at(uint32_t limit, double probability)
{
  NetQdiscSpec spec = net_qdisc_defaults(NET_QDISC_RED);

  spec.limit = limit;
  spec.weight = 1;
  spec.probability = probability;
  return spec;
}

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
  wait_until(&p, 48 * MS + 24 * MS);
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

/* -- CoDel -- */

static void test_codel_law(void)
{
  const SimTime interval = 100 * MS;

  g_assert_cmpint(net_codel_next(0, interval, 1), ==, interval);
  g_assert_cmpint(net_codel_next(7, interval, 4), ==, interval / 2 + 7);
  g_assert_cmpint(net_codel_next(0, interval, 100), ==, interval / 10);
  for (uint32_t count = 1; count < 5000; count++)
    g_assert_cmpfloat(fabs((double)net_codel_next(0, interval, count) -
                           (double)interval / sqrt(count)),
                      <, (double)interval / sqrt(count) / 60000 + 1);
}

typedef struct Times {
  SimTime at[64];
  unsigned count;
} Times;

static void note_time(void *user, Sim *sim, unsigned kind, const void *record)
{
  Times *times = user;

  (void)kind;
  (void)record;
  if (times->count < G_N_ELEMENTS(times->at))
    times->at[times->count++] = sim->now;
}

/* A load that does not listen: the first drop comes an interval after the wait
 * was first too long, the n-th then interval / sqrt(n) after the one before,
 * each at the next time that the transmitter takes a packet. */
static void test_codel_control_law(void)
{
  NetQdiscSpec spec = net_qdisc_defaults(NET_QDISC_CODEL);
  Pair p = pair_new(&spec);
  Times drops = { .count = 0 };
  SimTime next;

  sim_trace_listen(p.w.sim, 1 << NET_TRACE_DROPPED, note_time, &drops);
  for (unsigned i = 0; i < 200; i++)
    world_send(p.a, p.b, 1000);
  sim_run(p.w.sim, SIM_SECOND);
  g_assert_cmpuint(drops.count, >, 20);
  g_assert_cmpint(drops.at[0], ==, 112 * MS);
  next = drops.at[0];
  for (unsigned i = 1; i < 20; i++) {
    next = net_codel_next(next, 100 * MS, i);
    g_assert_cmpint(drops.at[i], >=, next);
    g_assert_cmpint(drops.at[i], <, next + 8 * MS);
  }
  pair_end(&p);
}

/* `ahead` packets at once, then one for each that goes, for two seconds. */
static uint64_t codel_drops(SimTime target, unsigned ahead)
{
  NetQdiscSpec spec = net_qdisc_defaults(NET_QDISC_CODEL);
  uint64_t drops;
  Pair p;

  spec.target = target;
  p = pair_new(&spec);
  for (unsigned i = 1; i < ahead; i++)
    world_send(p.a, p.b, 1000);
  for (unsigned i = 0; i < 250; i++) {
    world_send(p.a, p.b, 1000);
    wait_until(&p, (i + 1) * 8 * MS - 1);
  }
  drops = net_qdisc_counters(p.nic->qdisc)->dropped;
  pair_end(&p);
  return drops;
}

/* Waits under the target are left alone however much waits, and a queue of no
 * more than a packet however long that waits. */
static void test_codel_spares(void)
{
  g_assert_cmpuint(codel_drops(50 * MS, 5), ==, 0);
  g_assert_cmpuint(codel_drops(MS, 2), ==, 0);
  g_assert_cmpuint(codel_drops(MS, 5), >, 0);
}

/* RFC 8289 5.4: soon after a dropping state the next one begins near its
 * rate. */
static void test_codel_resumes(void)
{
  NetQdiscSpec spec = net_qdisc_defaults(NET_QDISC_CODEL);
  Pair p = pair_new(&spec);
  Times drops = { .count = 0 };
  unsigned before;

  sim_trace_listen(p.w.sim, 1 << NET_TRACE_DROPPED, note_time, &drops);
  for (unsigned i = 0; i < 100; i++)
    world_send(p.a, p.b, 1000);
  sim_run(p.w.sim, SIM_TIME_NEVER);
  before = drops.count;
  g_assert_cmpuint(before, >, 9);
  for (unsigned i = 0; i < 100; i++)
    world_send(p.a, p.b, 1000);
  sim_run(p.w.sim, SIM_TIME_NEVER);
  g_assert_cmpint(drops.at[1] - drops.at[0], >=, 96 * MS);
  g_assert_cmpint(drops.at[before + 1] - drops.at[before], <, 48 * MS);
  pair_end(&p);
}

/* -- ECN -- */

static void send_ect(Pair *p, uint32_t size)
{
  const NetIp ip = { .source = net_host_address(p->a),
                     .destination = net_host_address(p->b),
                     .payload_length = size - 34,
                     .protocol = NET_PROTOCOL_UDP,
                     .ttl = 64,
                     .tos = NET_ECT_0 };
  NetPacket *packet = net_packet_new(p->w.net, &p->nic->node->owner);

  packet->l3 = NET_ETHERNET_SIZE;
  packet->l4 = NET_ETHERNET_SIZE + NET_IPV4_SIZE;
  packet->head_length = packet->l4;
  packet->payload = net_slice_virtual(size - 34);
  net_ethernet_put(packet, &p->nic->peer->mac, &p->nic->mac,
                   NET_ETHERTYPE_IPV4);
  net_ip_put(packet, &ip, 1);
  net_nic_send(p->nic, packet);
}

/* With ECN nothing is lost, and as much is marked as would have been lost. */
static void test_marks(void)
{
  NetQdiscSpec specs[] = { red_at(1000, 1), net_qdisc_defaults(NET_QDISC_CODEL),
                           net_qdisc_defaults(NET_QDISC_FQ_CODEL) };

  specs[0].low = 5;
  specs[0].high = 900;
  for (unsigned i = 0; i < G_N_ELEMENTS(specs); i++) {
    Pair p;

    specs[i].ecn = true;
    p = pair_new(&specs[i]);
    world_listen(&p.w, 1 << NET_TRACE_DROPPED | 1 << NET_TRACE_MARKED);
    for (unsigned j = 0; j < 200; j++)
      send_ect(&p, 1000);
    sim_run(p.w.sim, SIM_SECOND);
    g_assert_cmpuint(net_qdisc_counters(p.nic->qdisc)->dropped, ==, 0);
    g_assert_cmpuint(net_qdisc_counters(p.nic->qdisc)->marked, >, 10);
    g_assert_nonnull(strstr(p.w.log->str, i == 0 ? " marked a red-early\n"
                                                 : " marked a codel\n"));
    sim_free(p.w.sim);
    g_string_free(p.w.log, TRUE);
  }
}

/* Each packet that waited longer is marked, and no other. */
static void test_ce_threshold(void)
{
  NetQdiscSpec spec = net_qdisc_defaults(NET_QDISC_CODEL);
  Pair p;

  spec.ecn = true;
  spec.ce_threshold = 20 * MS;
  p = pair_new(&spec);
  for (unsigned j = 0; j < 6; j++)
    send_ect(&p, 1000);
  world_run(&p.w);
  g_assert_cmpuint(net_qdisc_counters(p.nic->qdisc)->marked, ==, 3);
  pair_end(&p);
}

/* -- FQ-CoDel -- */

static void send_from(Pair *p, uint16_t port, uint32_t size)
{
  net_host_send_udp(p->a, net_host_address(p->b), port, 9,
                    net_slice_virtual(size - 42));
}

typedef struct Shares {
  unsigned packets[3]; /* by the source port's last digit */
  uint64_t bytes[3];
  SimTime first[3];
} Shares;

static void note_share(void *user, Sim *sim, unsigned kind, const void *record)
{
  const NetTracePacket *what = record;
  Shares *shares = user;
  unsigned flow = net_get16(what->packet->head + what->packet->l4) % 10;

  (void)kind;
  if (shares->packets[flow]++ == 0)
    shares->first[flow] = sim->now;
  shares->bytes[flow] += net_packet_length(what->packet);
}

/* A packet of a flow that was silent goes before all that waits, and two that
 * always send share by bytes, whatever their packets' sizes. */
static void test_fq_codel_shares(void)
{
  NetQdiscSpec spec = net_qdisc_defaults(NET_QDISC_FQ_CODEL);
  Pair p = pair_new(&spec);
  Shares shares = { .packets = { 0 } };

  sim_trace_listen(p.w.sim, 1 << NET_TRACE_RECEIVED, note_share, &shares);
  for (unsigned i = 0; i < 100; i++) {
    send_from(&p, 1000, 1000);
    send_from(&p, 1001, 200);
    send_from(&p, 1001, 200);
  }
  wait_until(&p, 50 * MS);
  send_from(&p, 1002, 100);
  wait_until(&p, 99 * MS);
  g_assert_cmpuint(shares.packets[2], ==, 1);
  g_assert_cmpint(shares.first[2], <=, 50 * MS + 8 * MS + 800 * US + MS);
  g_assert_cmpint(ABS((int64_t)shares.bytes[0] - (int64_t)shares.bytes[1]), <=,
                  2 * 1514);
  pair_end(&p);
}

/* RFC 8290 4.2: a flow that ran empty when its turn came is an old one, and
 * its next packet waits for the turn of the one that always sends. */
static void test_fq_codel_does_not_starve(void)
{
  NetQdiscSpec spec = net_qdisc_defaults(NET_QDISC_FQ_CODEL);
  Pair p = pair_new(&spec);
  Shares shares = { .packets = { 0 } };

  sim_trace_listen(p.w.sim, 1 << NET_TRACE_RECEIVED, note_share, &shares);
  for (unsigned i = 0; i < 40; i++)
    send_from(&p, 1000, 1000);
  wait_until(&p, 15 * MS);
  send_from(&p, 1001, 1000);
  wait_until(&p, 31 * MS);
  send_from(&p, 1001, 1000);
  wait_until(&p, 48 * MS);
  g_assert_cmpint(shares.first[1], ==, 25 * MS);
  g_assert_cmpuint(shares.packets[1], ==, 1);
  wait_until(&p, 49 * MS);
  g_assert_cmpuint(shares.packets[1], ==, 2);
  pair_end(&p);
}

/* Over the limit the longest flow loses from its head. */
static void test_fq_codel_limit(void)
{
  NetQdiscSpec spec = net_qdisc_defaults(NET_QDISC_FQ_CODEL);
  Pair p;
  Shares shares = { .packets = { 0 } };

  spec.limit = 20;
  p = pair_new(&spec);
  sim_trace_listen(p.w.sim, 1 << NET_TRACE_DROPPED, note_share, &shares);
  send_from(&p, 1001, 1000);
  send_from(&p, 1001, 1000);
  for (unsigned i = 0; i < 20; i++)
    send_from(&p, 1000, 1000);
  g_assert_cmpuint(shares.packets[0], ==, 10);
  g_assert_cmpuint(shares.packets[1], ==, 0);
  g_assert_cmpuint(net_qdisc_counters(p.nic->qdisc)->over_limit, ==, 10);
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
  g_test_add_func("/queue/codel-law", test_codel_law);
  g_test_add_func("/queue/codel-control-law", test_codel_control_law);
  g_test_add_func("/queue/codel-spares", test_codel_spares);
  g_test_add_func("/queue/codel-resumes", test_codel_resumes);
  g_test_add_func("/queue/marks", test_marks);
  g_test_add_func("/queue/ce-threshold", test_ce_threshold);
  g_test_add_func("/queue/fq-codel-shares", test_fq_codel_shares);
  g_test_add_func("/queue/fq-codel-turns", test_fq_codel_does_not_starve);
  g_test_add_func("/queue/fq-codel-limit", test_fq_codel_limit);
  return g_test_run();
}
