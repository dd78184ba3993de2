/* netem: each option in exact virtual time. */
#include "net_world.h"
#include "netem.h"

typedef struct Pair {
  World w;
  NetHost *a, *b;
  NetWire *wire;
} Pair;

/* A link that takes no time of its own; arrivals are logged. */
static Pair pair_new(const NetNetemSpec *netem)
{
  Pair p = { .w = world_new() };

  p.a = net_host_new(p.w.net, "a", NULL);
  p.b = net_host_new(p.w.net, "b", NULL);
  p.wire = &world_link(&p.w, p.a, p.b, (NetWireSpec){ 0 })->wires[0];
  world_finish(&p.w);
  net_host_listen_udp(p.b, 9);
  net_wire_netem(p.wire, netem);
  world_listen(&p.w, 1 << NET_TRACE_RECEIVED | 1 << NET_TRACE_DROPPED |
                         1 << NET_TRACE_DUPLICATED | 1 << NET_TRACE_MARKED);
  return p;
}

static void expect_log(Pair *p, const char *expected)
{
  world_run(&p->w);
  g_assert_cmpstr(p->w.log->str, ==, expected);
  world_end(&p->w);
}

/* `count` datagrams at once; what becomes of them. */
static void expect_of(const NetNetemSpec *spec, unsigned count, uint32_t size,
                      const char *expected)
{
  Pair p = pair_new(spec);

  for (unsigned i = 0; i < count; i++)
    world_send(p.a, p.b, size);
  expect_log(&p, expected);
}

static void test_delay(void)
{
  expect_of(&(NetNetemSpec){ .delay = 100 * MS }, 2, 100,
            "100000000 received b\n"
            "100000000 received b\n");
  expect_of(&(NetNetemSpec){ 0 }, 1, 100, "0 received b\n");
}

/* It begins when the last bit has left; the link's own delay follows. */
static void test_delay_behind_the_transmitter(void)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetLink *link = world_link(&w, a, b, ten_mbit);

  world_finish(&w);
  net_host_listen_udp(b, 9);
  net_wire_netem(&link->wires[0], &(NetNetemSpec){ .delay = 100 * MS });
  world_listen(&w, 1 << NET_TRACE_RECEIVED);
  world_send(a, b, 1000);
  world_send(a, b, 1000);
  world_run(&w);
  g_assert_cmpstr(w.log->str, ==,
                  "105800000 received b\n"
                  "106600000 received b\n");
  world_end(&w);
}

/* One entry of 8192 is one jitter; half of it, half; below zero is now. */
static void test_table(void)
{
  const int16_t tables[] = { 8192, -8192, 4096, 1, -32768 };
  const char *const expected[] = {
    "110000000 received b\n", "90000000 received b\n", "105000000 received b\n",
    "100001221 received b\n", "60000000 received b\n"
  };

  for (unsigned i = 0; i < G_N_ELEMENTS(tables); i++) {
    NetNetemSpec spec = { .delay = 100 * MS,
                          .jitter = 10 * MS,
                          .distribution = { &tables[i], 1 } };

    expect_of(&spec, 1, 100, expected[i]);
  }
  expect_of(&(NetNetemSpec){ .delay = MS,
                             .jitter = 10 * MS,
                             .distribution = { &tables[1], 1 } },
            1, 100, "0 received b\n");
}

static void test_limit(void)
{
  Pair p = pair_new(&(NetNetemSpec){ .delay = 10 * MS, .limit = 2 });

  for (unsigned i = 0; i < 3; i++)
    world_send(p.a, p.b, 100);
  world_wait(&p.w, &p.wire->owner, 10 * MS);
  world_send(p.a, p.b, 100);
  g_assert_cmpuint(net_netem_waiting(p.wire), ==, 1);
  g_assert_cmpuint(net_netem_counters(p.wire)->over_limit, ==, 1);
  expect_log(&p, "0 dropped a-b netem-limit\n"
                 "10000000 received b\n"
                 "10000000 received b\n"
                 "20000000 received b\n");
}

static void test_limit_by_default(void)
{
  Pair p = pair_new(&(NetNetemSpec){ .delay = 10 * MS });

  for (unsigned i = 0; i < 1001; i++)
    world_send(p.a, p.b, 100);
  g_assert_cmpuint(net_netem_waiting(p.wire), ==, 1000);
  g_assert_cmpuint(net_netem_counters(p.wire)->over_limit, ==, 1);
  world_run(&p.w);
  world_end(&p.w);
}

/* With gap 3 and certainty each third goes on at once. */
static void test_reorder_gap(void)
{
  NetNetemSpec spec = { .delay = 10 * MS, .reorder = { 1, 0 }, .gap = 3 };
  Pair p = pair_new(&spec);

  for (unsigned i = 0; i < 7; i++) {
    world_wait(&p.w, &p.wire->owner, i * MS);
    world_send(p.a, p.b, 100);
  }
  g_assert_cmpuint(net_netem_counters(p.wire)->reordered, ==, 2);
  expect_log(&p, "2000000 received b\n"
                 "5000000 received b\n"
                 "10000000 received b\n"
                 "11000000 received b\n"
                 "13000000 received b\n"
                 "14000000 received b\n"
                 "16000000 received b\n");
}

/* Without a gap nothing is reordered, whatever the probability. */
static void test_reorder_needs_gap(void)
{
  expect_of(&(NetNetemSpec){ .delay = 10 * MS, .reorder = { 1, 0 } }, 1, 100,
            "10000000 received b\n");
}

/* A byte a millisecond. */
#define SLOW 8000

static void test_rate(void)
{
  expect_of(&(NetNetemSpec){ .rate = { .rate = SLOW } }, 2, 100,
            "100000000 received b\n"
            "200000000 received b\n");
  expect_of(&(NetNetemSpec){ .rate = { .rate = SLOW, .packet_overhead = 20 } },
            1, 100, "120000000 received b\n");
  expect_of(&(NetNetemSpec){ .rate = { .rate = SLOW, .packet_overhead = -14 } },
            1, 100, "86000000 received b\n");
  expect_of(
      &(NetNetemSpec){ .rate = { .rate = SLOW, .packet_overhead = -200 } }, 1,
      100, "0 received b\n");
}

/* The manual's: a packet of 50 bytes takes two ATM cells, 106 bytes. */
static void test_rate_cells(void)
{
  NetNetemRate atm = { .rate = SLOW, .cell_size = 48, .cell_overhead = 5 };

  expect_of(&(NetNetemSpec){ .rate = atm }, 1, 50, "106000000 received b\n");
  expect_of(&(NetNetemSpec){ .rate = atm }, 1, 48, "53000000 received b\n");
  atm.cell_overhead = -8;
  expect_of(&(NetNetemSpec){ .rate = atm }, 1, 50, "80000000 received b\n");
}

/* Those that wait for the rate have had their delay meanwhile. */
static void test_rate_and_delay(void)
{
  expect_of(&(NetNetemSpec){ .delay = 150 * MS, .rate = { .rate = SLOW } }, 3,
            100,
            "250000000 received b\n"
            "350000000 received b\n"
            "450000000 received b\n");
}

static void test_slot_packets(void)
{
  NetNetemSlot slot = {
    .active = true, .low = 10 * MS, .high = 10 * MS, .packets = 2
  };

  expect_of(&(NetNetemSpec){ .slot = slot }, 5, 100,
            "0 received b\n"
            "0 received b\n"
            "10000000 received b\n"
            "10000000 received b\n"
            "20000000 received b\n");
}

/* The slot is over when its bytes are used up or overrun. */
static void test_slot_bytes(void)
{
  NetNetemSlot slot = {
    .active = true, .low = 10 * MS, .high = 10 * MS, .bytes = 150
  };

  expect_of(&(NetNetemSpec){ .slot = slot }, 3, 100,
            "0 received b\n"
            "0 received b\n"
            "10000000 received b\n");
}

/* What comes after the slot's time waits for the next. */
static void test_slot_begins_with_a_packet(void)
{
  NetNetemSlot slot = { .active = true, .low = 10 * MS, .high = 10 * MS };
  Pair p = pair_new(&(NetNetemSpec){ .slot = slot });

  world_wait(&p.w, &p.wire->owner, 3 * MS);
  world_send(p.a, p.b, 100);
  world_wait(&p.w, &p.wire->owner, 12 * MS);
  world_send(p.a, p.b, 100);
  world_wait(&p.w, &p.wire->owner, 14 * MS);
  world_send(p.a, p.b, 100);
  expect_log(&p, "13000000 received b\n"
                 "13000000 received b\n"
                 "24000000 received b\n");
}

static void test_slot_distribution(void)
{
  const int16_t one = -4096;
  NetNetemSlot slot = { .active = true,
                        .by_distribution = true,
                        .distribution = { &one, 1 },
                        .delay = 10 * MS,
                        .jitter = 4 * MS,
                        .packets = 1 };

  expect_of(&(NetNetemSpec){ .slot = slot }, 3, 100,
            "0 received b\n"
            "8000000 received b\n"
            "16000000 received b\n");
}

static void test_slot_between(void)
{
  NetNetemSlot slot = {
    .active = true, .low = 10 * MS, .high = 20 * MS, .packets = 1
  };
  Pair p = pair_new(&(NetNetemSpec){ .slot = slot });

  world_send(p.a, p.b, 100);
  world_send(p.a, p.b, 100);
  world_run(&p.w);
  g_assert_cmpint(p.w.sim->now, >=, 10 * MS);
  g_assert_cmpint(p.w.sim->now, <, 20 * MS);
  g_assert_cmpint(p.w.sim->now % MS, !=, 0);
  world_end(&p.w);
}

static const NetLossSpec always = { .random = { 1, 0 } };

static void test_loss(void)
{
  expect_of(&(NetNetemSpec){ .loss = always }, 1, 100,
            "0 dropped a-b netem-loss\n");
}

static void test_duplicate(void)
{
  NetNetemSpec spec = { .delay = MS, .duplicate = { 1, 0 } };

  expect_of(&spec, 1, 100,
            "0 duplicated a-b netem-duplicate\n"
            "1000000 received b\n"
            "1000000 received b\n");
  spec.loss = always;
  expect_of(&spec, 1, 100, "1000000 received b\n");
  /* The next would not be lost: what is lost once is not copied. */
  spec.loss =
      (NetLossSpec){ .model = NET_LOSS_STATE, .p13 = 1, .p31 = 1, .p23 = 1 };
  expect_of(&spec, 1, 100, "1000000 received b\n");
}

static uint64_t checksum_drops(NetNetemSpec spec, unsigned count)
{
  Pair p = pair_new(&spec);
  uint64_t drops;

  for (unsigned i = 0; i < count; i++)
    world_send(p.a, p.b, 100);
  world_run(&p.w);
  g_assert_cmpuint(net_host_udp_received(p.b), ==, 0);
  g_assert_cmpuint(net_netem_counters(p.wire)->corrupted, ==,
                   spec.duplicate.probability > 0 ? 2 * count : count);
  drops = net_host_node(p.b)->nics->counters.received_packets;
  world_end(&p.w);
  return drops;
}

/* A bit of each, and another bit of each copy. */
static void test_corrupt(void)
{
  g_assert_cmpuint(checksum_drops((NetNetemSpec){ .corrupt = { 1, 0 } }, 50),
                   ==, 50);
  g_assert_cmpuint(checksum_drops((NetNetemSpec){ .corrupt = { 1, 0 },
                                                  .duplicate = { 1, 0 },
                                                  .delay = MS },
                                  50),
                   ==, 100);
}

/* A copy is made before the original is damaged: of each pair as many are
 * sound as the dice left so. */
static void test_copy_is_sound(void)
{
  NetNetemSpec spec = { .corrupt = { 0.5, 0 }, .duplicate = { 1, 0 } };
  Pair p = pair_new(&spec);
  uint64_t corrupted;

  for (unsigned i = 0; i < 100; i++)
    world_send(p.a, p.b, 100);
  world_run(&p.w);
  corrupted = net_netem_counters(p.wire)->corrupted;
  g_assert_cmpuint(corrupted, >, 70);
  g_assert_cmpuint(corrupted, <, 130);
  g_assert_cmpuint(net_host_udp_received(p.b), ==, 200 - corrupted);
  world_end(&p.w);
}

static void make_ect(void *user, NetWire *wire, NetPacket *packet,
                     NetFate *fate)
{
  (void)user;
  (void)wire;
  (void)fate;
  packet->head[packet->l3 + 1] |= NET_ECT_0;
  net_ipv4_sum_put(packet);
}

static void see_ce(void *user, Sim *sim, unsigned kind, const void *record)
{
  const NetTracePacket *what = record;
  unsigned *count = user;
  NetPacket copy = *what->packet;
  const char *reason;
  NetIp ip;

  (void)sim;
  (void)kind;
  copy.flags = 0; /* so that the header's checksum is looked at */
  g_assert_true(net_ip_get(&copy, &ip, &reason));
  g_assert_cmpint(ip.tos, ==, NET_CE);
  g_assert_true(what->packet->flags & NET_PACKET_MARKED);
  (*count)++;
}

/* A packet with ECT through `spec`; how many arrive with CE. */
static unsigned send_ect(const NetNetemSpec *spec, const char *expected)
{
  unsigned count = 0;
  Pair p = { .w = world_new() };

  p.a = net_host_new(p.w.net, "a", NULL);
  p.b = net_host_new(p.w.net, "b", NULL);
  p.wire = &world_link(&p.w, p.a, p.b, (NetWireSpec){ 0 })->wires[0];
  world_finish(&p.w);
  net_host_listen_udp(p.b, 9);
  net_wire_decide(p.wire, make_ect, NULL, NULL);
  net_wire_netem(p.wire, spec);
  world_listen(&p.w, 1 << NET_TRACE_MARKED | 1 << NET_TRACE_DROPPED);
  sim_trace_listen(p.w.sim, 1 << NET_TRACE_RECEIVED, see_ce, &count);
  world_send(p.a, p.b, 100);
  world_run(&p.w);
  g_assert_cmpuint(net_netem_counters(p.wire)->marked, ==, count);
  expect_log(&p, expected);
  return count;
}

/* A packet whose sender understands is marked, any other is lost. */
static void test_ecn(void)
{
  NetNetemSpec spec = { .loss = always, .ecn = true };

  expect_of(&spec, 1, 100, "0 dropped a-b netem-loss\n");
  g_assert_cmpuint(send_ect(&spec, "0 marked a-b netem-loss\n"), ==, 1);
  spec.ecn = false;
  g_assert_cmpuint(send_ect(&spec, "0 dropped a-b netem-loss\n"), ==, 0);
}

/* What waits keeps its time; what comes takes the new one. */
static void test_change(void)
{
  Pair p = pair_new(&(NetNetemSpec){ .delay = 100 * MS });

  world_send(p.a, p.b, 100);
  world_wait(&p.w, &p.wire->owner, MS);
  net_wire_netem(p.wire, &(NetNetemSpec){ .delay = 10 * MS });
  world_send(p.a, p.b, 100);
  expect_log(&p, "11000000 received b\n"
                 "100000000 received b\n");
}

/* A packet that a fault delays comes that much later. */
static void delay_second(void *user, NetWire *wire, NetPacket *packet,
                         NetFate *fate)
{
  unsigned *count = user;

  (void)wire;
  (void)packet;
  if (++*count == 2)
    fate->delay = 7 * MS;
}

static void test_fault_adds(void)
{
  Pair p = pair_new(&(NetNetemSpec){ .delay = 10 * MS });
  unsigned count = 0;

  net_wire_decide(p.wire, delay_second, &count, NULL);
  for (unsigned i = 0; i < 3; i++)
    world_send(p.a, p.b, 100);
  expect_log(&p, "10000000 received b\n"
                 "10000000 received b\n"
                 "17000000 received b\n");
}

/* 10,000 packets that wait are one pending event. */
static void test_one_event(void)
{
  NetNetemSpec spec = { .delay = SIM_SECOND,
                        .jitter = SIM_SECOND / 2,
                        .limit = 20000 };
  Pair p;

  g_assert_true(net_distribution_find("pareto", &spec.distribution));
  p = pair_new(&spec);
  for (unsigned i = 0; i < 10000; i++)
    world_send(p.a, p.b, 100);
  g_assert_cmpuint(p.w.sim->queue.count, ==, 1);
  g_assert_cmpuint(net_netem_waiting(p.wire), ==, 10000);
  world_run(&p.w);
  g_assert_cmpuint(net_host_udp_received(p.b), ==, 10000);
  world_end(&p.w);
}

/* A run that is cut short gives everything back. */
static void test_freed_while_full(void)
{
  Pair p = pair_new(&(NetNetemSpec){ .delay = SIM_SECOND });

  world_send(p.a, p.b, 100);
  g_assert_cmpint(p.w.net->live_packets, ==, 1);
  sim_free(p.w.sim);
  g_string_free(p.w.log, TRUE);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/netem/delay", test_delay);
  g_test_add_func("/netem/delay-behind", test_delay_behind_the_transmitter);
  g_test_add_func("/netem/table", test_table);
  g_test_add_func("/netem/limit", test_limit);
  g_test_add_func("/netem/limit-default", test_limit_by_default);
  g_test_add_func("/netem/reorder-gap", test_reorder_gap);
  g_test_add_func("/netem/reorder-needs-gap", test_reorder_needs_gap);
  g_test_add_func("/netem/rate", test_rate);
  g_test_add_func("/netem/rate-cells", test_rate_cells);
  g_test_add_func("/netem/rate-delay", test_rate_and_delay);
  g_test_add_func("/netem/slot-packets", test_slot_packets);
  g_test_add_func("/netem/slot-bytes", test_slot_bytes);
  g_test_add_func("/netem/slot-begins", test_slot_begins_with_a_packet);
  g_test_add_func("/netem/slot-distribution", test_slot_distribution);
  g_test_add_func("/netem/slot-between", test_slot_between);
  g_test_add_func("/netem/loss", test_loss);
  g_test_add_func("/netem/duplicate", test_duplicate);
  g_test_add_func("/netem/corrupt", test_corrupt);
  g_test_add_func("/netem/copy-is-sound", test_copy_is_sound);
  g_test_add_func("/netem/ecn", test_ecn);
  g_test_add_func("/netem/change", test_change);
  g_test_add_func("/netem/fault-adds", test_fault_adds);
  g_test_add_func("/netem/one-event", test_one_event);
  g_test_add_func("/netem/freed-while-full", test_freed_while_full);
  return g_test_run();
}
