/* How much a connection carries, against what the literature says it does:
 * the square-root law (Mathis et al. 1997) for Reno and the response function
 * of RFC 9438 5.1 for CUBIC, both for the loss of every 1/p-th segment; losses
 * by chance, with their time-outs, between two published models; and how fairly
 * two connections share a bottleneck (Jain's index).
 *
 *   throughput FILE    compares with the table in FILE
 *   throughput         prints it
 *
 * Every run is the same: losses are counted or come from seeds, and so does the
 * jitter of the shared bottleneck.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "flows.h"

/* -- one flow -- */

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
        Losses losses = { .every = every[p] };
        bool slow = want > sqrt(1.5 * (double)every[p]);
        double got = mean_window(&stacks[s], &losses, rtts[r],
                                 every[p] * (slow ? 300 : 40));
        double off = 100 * (got / want - 1);

        /* the law leaves out the round trip that a repair takes */
        g_assert_cmpfloat(fabs(off), <, every[p] < 10000 ? 15 : 3);

        g_string_append_printf(table,
                               "%-10s %4d ms  %.4f  %6.1f  %6.1f %+5.1f %%\n",
                               stacks[s].name, (int)(rtts[r] / MS),
                               1.0 / (double)every[p], want, got, off);
      }
}

/* -- losses by chance -- */

/* Padhye, Firoiu, Towsley and Kurose 1998, equation 29 with b = 1 and no bound
 * of the window: a loss takes the rest of its round trip with it, and what
 * three duplicates do not find waits for T0, doubled up to 64 times. */
static double pftk(double p, double rtt_s, double t0_s)
{
  double w = 1 + sqrt(8 * (1 - p) / (3 * p) + 1), rest = 1 - p;
  double cube = pow(rest, 3);
  double q =
      (1 - cube) * (1 + cube * (1 - pow(rest, w - 3))) / (1 - pow(rest, w));
  double backoff = 1 + p + 2 * pow(p, 2) + 4 * pow(p, 3) + 8 * pow(p, 4) +
                   16 * pow(p, 5) + 32 * pow(p, 6);
  double segments, time_s;

  q = MIN(q, 1);
  segments = rest / p + w + q / rest;
  time_s = rtt_s * (w / 2 + 1) + q * t0_s * backoff / rest;
  return segments / time_s * rtt_s;
}

/* Each loss by itself: the square-root law with the constant that Ott,
 * Kemperman and Mathis derive for chance, 1.31, as long as hardly any loss has
 * to wait for a time-out. Then PFTK, whose losses come in bunches, is the lower
 * bound. */
static void add_chances(GString *table)
{
  static const Stack stacks[] = {
    { .name = "NewReno" },
    { .name = "SACK", .sack = true },
    { .name = "SACK, PRR", .sack = true, .prr = true },
  };
  static const double chances[] = { 0.001, 0.003, 0.01, 0.03, 0.1 };

  g_string_append(table, "\nthe same by chance, RTT 100 ms, RTO 1 s\n"
                         "stack              p    1.31    PFTK  measured\n");
  for (size_t s = 0; s < G_N_ELEMENTS(stacks); s++)
    for (size_t i = 0; i < G_N_ELEMENTS(chances); i++) {
      Losses losses = { .probability = chances[i] };
      double low = pftk(chances[i], 0.1, 1);
      double root = 1.31 / sqrt(chances[i]);
      double got, off;

      sim_random_init(&losses.random, 1, "losses");
      got = mean_window(&stacks[s], &losses, 100 * MS,
                        (uint64_t)(2000 / chances[i]));
      off = 100 * (got / root - 1);
      if (chances[i] <= 0.01)
        g_assert_cmpfloat(fabs(off), <, 10);
      g_assert_cmpfloat(got, >, low);
      g_assert_cmpfloat(got, <, root);
      g_string_append_printf(table,
                             "%-10s     %.3f  %6.2f  %6.2f  %6.2f %+5.1f %%\n",
                             stacks[s].name, chances[i], root, low, got, off);
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
  world_finish(&world);
  for (unsigned i = 0; i < 2; i++)
    world_start(&world, i, stacks[i], i * 3 * SIM_SECOND);
  sim_run(world.sim, 60 * SIM_SECOND);
  for (unsigned i = 0; i < 2; i++)
    bytes[i] = world_received(&world, i);
  sim_run(world.sim, 360 * SIM_SECOND);
  for (unsigned i = 0; i < 2; i++)
    ret[i] = (double)(world_received(&world, i) - bytes[i]) * 8 / 300e6;
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
  add_chances(table);
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
