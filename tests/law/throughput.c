/* How much a connection carries, against what the literature says it does:
 * the square-root law (Mathis et al. 1997) for Reno and the response function
 * of RFC 9438 5.1 for CUBIC, both for the loss of every 1/p-th segment; and
 * how fairly two connections share a bottleneck (Jain's index).
 *
 *   throughput FILE    compares with the table in FILE
 *   throughput         prints it
 *
 * Nothing here is left to chance: losses are counted, the jitter of the shared
 * bottleneck comes from seeds.
 */
#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "gate.h"

#define MSS 1000
#define MS SIM_MILLISECOND

typedef struct Stack {
  const char *name;
  bool sack, prr, cubic, fast_convergence;
} Stack;

/* Every `every`-th segment with text is lost. */
typedef struct Periodic {
  uint64_t every, count;
} Periodic;

typedef struct World {
  Sim *sim;
  Net *net;
  NetHost *from[2], *to;
  App *sink[2];
} World;

static void lose(void *user, NetWire *wire, NetPacket *packet, NetFate *fate)
{
  Periodic *periodic = user;

  (void)wire;
  if (packet->payload.length > 0 && ++periodic->count % periodic->every == 0)
    fate->drop = true;
}

static TcpKnobs knobs_of(const Stack *stack)
{
  TcpKnobs knobs = tcp_profile(0)->knobs;

  knobs.mss = MSS;
  knobs.timestamps = 0;
  knobs.delayed_ack = 0;
  knobs.receive_buffer = knobs.send_buffer = 1 << 26;
  knobs.initial_window = 10;
  knobs.ssthresh = 20 * MSS;
  knobs.sack = stack->sack;
  knobs.prr = stack->prr;
  knobs.congestion = stack->cubic;
  knobs.cubic_fast_convergence = stack->fast_convergence;
  return knobs;
}

static void finish(World *world)
{
  char problem[200] = "";

  if (!net_finish(world->net, problem, sizeof problem))
    g_error("%s", problem);
}

/* Flow `i` begins `at`. */
static void start_flow(World *world, unsigned i, const Stack *stack, SimTime at)
{
  TcpKnobs knobs = knobs_of(stack);
  TcpStack *to = tcp_stack_of(world->to), *from;
  AppSinkSpec sink = { .service = { .port = (uint16_t)(80 + i) } };
  AppBulkSpec bulk = {
    .at = at,
    .to = { .host = world->to, .port = (uint16_t)(80 + i) },
    .bytes = UINT64_C(1) << 50,
  };

  if (!to)
    to = tcp_stack_new(world->to, &knobs);
  *tcp_stack_knobs(to) = knobs;
  from = tcp_stack_new(world->from[i], &knobs);
  world->sink[i] = app_sink_new(to, &sink);
  app_bulk_new(from, &bulk);
}

static uint64_t received(const World *world, unsigned i)
{
  return app_counters(world->sink[i])->received;
}

/* -- one flow -- */

/* The mean window in segments, over `cycles` losses behind as many. */
static double mean_window(const Stack *stack, uint64_t every, SimTime rtt,
                          uint64_t cycles)
{
  NetWireSpec spec = { .delay = rtt / 2 };
  Periodic periodic = { .every = every };
  World world = { .sim = sim_new(1) };
  uint64_t bytes;
  SimTime begin;
  NetLink *link;
  double window;

  world.net = net_new(world.sim);
  world.from[0] = net_host_new(world.net, "from", NULL);
  world.to = net_host_new(world.net, "to", NULL);
  link = net_link_new(world.net, NULL, net_host_node(world.from[0]),
                      net_host_node(world.to), &spec, &spec, NULL, NULL);
  net_wire_decide(&link->wires[0], lose, &periodic, NULL);
  finish(&world);
  start_flow(&world, 0, stack, 0);
  while (periodic.count < every * cycles / 2)
    sim_run(world.sim, world.sim->now + rtt);
  bytes = received(&world, 0);
  begin = world.sim->now;
  while (periodic.count < every * (cycles + cycles / 2))
    sim_run(world.sim, world.sim->now + rtt);
  window = (double)(received(&world, 0) - bytes) * (double)rtt /
           ((double)(world.sim->now - begin) * MSS);
  sim_free(world.sim);
  return window;
}

/* RFC 9438 table 2: the larger of the square-root law and CUBIC's own, which
 * knows no fast convergence and is reached after some hundred losses. */
static double law(const Stack *stack, uint64_t every, SimTime rtt)
{
  double reno = sqrt(1.5 * (double)every);
  double cubic = 1.054 * pow((double)rtt / 1e9 * (double)every, 0.75);

  return stack->cubic ? MAX(reno, cubic) : reno;
}

static void add_windows(GString *table)
{
  static const Stack stacks[] = {
    { .name = "NewReno" },
    { .name = "SACK", .sack = true },
    { .name = "SACK, PRR", .sack = true, .prr = true },
    { .name = "CUBIC", .sack = true, .cubic = true },
  };
  static const uint64_t every[] = { 100, 1000, 10000 };
  static const SimTime rtts[] = { 10 * MS, 100 * MS };

  g_string_append(table, "mean window, segments\n"
                         "stack          RTT       p     law  measured\n");
  for (size_t s = 0; s < G_N_ELEMENTS(stacks); s++)
    for (size_t r = 0; r < G_N_ELEMENTS(rtts); r++)
      for (size_t p = 0; p < G_N_ELEMENTS(every); p++) {
        double want = law(&stacks[s], every[p], rtts[r]);
        bool slow = want > sqrt(1.5 * (double)every[p]);
        double got =
            mean_window(&stacks[s], every[p], rtts[r], slow ? 300 : 40);
        double off = 100 * (got / want - 1);

        /* the law leaves out the round trip that a repair takes */
        g_assert_cmpfloat(fabs(off), <, every[p] < 10000 ? 15 : 3);

        g_string_append_printf(table,
                               "%-10s %4d ms  %.4f  %6.1f  %6.1f %+5.1f %%\n",
                               stacks[s].name, (int)(rtts[r] / MS),
                               1.0 / (double)every[p], want, got, off);
      }
}

/* -- two flows -- */

/* What each of two flows gets of 10 Mbit/s, after a minute, in Mbit/s. */
static void share(const Stack *const stacks[2], const SimTime delays[2],
                  uint64_t seed, double ret[2])
{
  NetWireSpec narrow = { .rate = 10000000, .delay = 10 * MS, .queue = 60 };
  World world = { .sim = sim_new(seed) };
  uint64_t bytes[2];
  NetHost *router;

  world.net = net_new(world.sim);
  world.to = net_host_new(world.net, "to", NULL);
  router =
      net_host_new(world.net, "router", &(NetHostSpec){ .forwarding = true });
  net_link_new(world.net, NULL, net_host_node(router), net_host_node(world.to),
               &narrow, &narrow, NULL, NULL);
  for (unsigned i = 0; i < 2; i++) {
    NetWireSpec wide = { .rate = 1000000000, .delay = delays[i], .jitter = MS };

    world.from[i] = net_host_new(world.net, i ? "b" : "a", NULL);
    net_link_new(world.net, NULL, net_host_node(world.from[i]),
                 net_host_node(router), &wide, &wide, NULL, NULL);
  }
  finish(&world);
  for (unsigned i = 0; i < 2; i++)
    start_flow(&world, i, stacks[i], i * 3 * SIM_SECOND);
  sim_run(world.sim, 60 * SIM_SECOND);
  for (unsigned i = 0; i < 2; i++)
    bytes[i] = received(&world, i);
  sim_run(world.sim, 360 * SIM_SECOND);
  for (unsigned i = 0; i < 2; i++)
    ret[i] = (double)(received(&world, i) - bytes[i]) * 8 / 300e6;
  sim_free(world.sim);
}

#define SEEDS 3

static void add_shares(GString *table)
{
  static const Stack reno = { .name = "Reno", .sack = true };
  static const Stack cubic = {
    .name = "CUBIC", .sack = true, .cubic = true, .fast_convergence = true
  };
  static const struct {
    const Stack *stacks[2];
    SimTime delays[2];
  } rows[] = {
    { { &reno, &reno }, { 10 * MS, 10 * MS } },
    { { &cubic, &cubic }, { 10 * MS, 10 * MS } },
    { { &reno, &cubic }, { 10 * MS, 10 * MS } },
    { { &reno, &reno }, { 10 * MS, 40 * MS } },
    { { &cubic, &cubic }, { 10 * MS, 40 * MS } },
  };

  g_string_append(table, "\nshares of 10 Mbit/s, the mean of three seeds\n"
                         "stacks           RTT of each    Mbit/s     Jain\n");
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    double sum[2] = { 0 }, got[2], jain;

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
      share(rows[i].stacks, rows[i].delays, seed, got);
      sum[0] += got[0] / SEEDS;
      sum[1] += got[1] / SEEDS;
    }
    jain = (sum[0] + sum[1]) * (sum[0] + sum[1]) /
           (2 * (sum[0] * sum[0] + sum[1] * sum[1]));
    g_string_append_printf(
        table, "%-5s %-5s   %4d ms %4d ms  %4.2f  %4.2f  %.3f\n",
        rows[i].stacks[0]->name, rows[i].stacks[1]->name,
        (int)(20 + 2 * rows[i].delays[0] / MS),
        (int)(20 + 2 * rows[i].delays[1] / MS), sum[0], sum[1], jain);
  }
}

int main(int argc, char **argv)
{
  g_autoptr(GString) table = g_string_new(NULL);
  g_autofree char *want = NULL;

  add_windows(table);
  add_shares(table);
  if (argc < 2) {
    fputs(table->str, stdout);
    return 0;
  }
  if (!g_file_get_contents(argv[1], &want, NULL, NULL))
    return 2;
  if (strcmp(want, table->str) == 0)
    return 0;
  printf("not as in %s:\n%s", argv[1], table->str);
  return 1;
}
