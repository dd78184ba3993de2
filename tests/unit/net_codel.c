/* CoDel (RFC 8289) and FQ-CoDel (RFC 8290), and ECN at a queue. */
#include "codel.h"

#include <math.h>

#include "net_queue.h"

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
    world_wait(&p.w, &p.wire->owner, (i + 1) * 8 * MS - 1);
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
  world_wait(&p.w, &p.wire->owner, 50 * MS);
  send_from(&p, 1002, 100);
  world_wait(&p.w, &p.wire->owner, 99 * MS);
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
  world_wait(&p.w, &p.wire->owner, 15 * MS);
  send_from(&p, 1001, 1000);
  world_wait(&p.w, &p.wire->owner, 31 * MS);
  send_from(&p, 1001, 1000);
  world_wait(&p.w, &p.wire->owner, 48 * MS);
  g_assert_cmpint(shares.first[1], ==, 25 * MS);
  g_assert_cmpuint(shares.packets[1], ==, 1);
  world_wait(&p.w, &p.wire->owner, 49 * MS);
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
  g_test_add_func("/codel/law", test_codel_law);
  g_test_add_func("/codel/control-law", test_codel_control_law);
  g_test_add_func("/codel/spares", test_codel_spares);
  g_test_add_func("/codel/resumes", test_codel_resumes);
  g_test_add_func("/codel/marks", test_marks);
  g_test_add_func("/codel/ce-threshold", test_ce_threshold);
  g_test_add_func("/codel/fq-shares", test_fq_codel_shares);
  g_test_add_func("/codel/fq-turns", test_fq_codel_does_not_starve);
  g_test_add_func("/codel/fq-limit", test_fq_codel_limit);
  return g_test_run();
}
