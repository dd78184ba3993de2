/* How much a connection carries, against what the literature says it does:
 * the square-root law (Mathis et al. 1997) for Reno, with the rounds of a small
 * window, and the response function of RFC 9438 5.1 for CUBIC, both for the
 * loss of every 1/p-th segment; losses by chance (Ott et al. 1996), with their
 * time-outs (Padhye et al. 1998); and how fairly two connections share a
 * bottleneck (Jain's index).
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

/* The sawtooth of AIMD (alpha, beta) that loses every `every`-th segment. The
 * square-root law sums its ramp alone, from beta W to W. Here its rounds are
 * counted one by one, and the one in which the loss is repaired, with beta W
 * segments: where W is small that is what the law lacks. */
static double sawtooth(double alpha, double beta, double every)
{
  double rounds_per_w = (1 - beta) / alpha, mean = (1 + beta) / 2;
  double a = mean * rounds_per_w, b = mean + beta;
  double w = (sqrt(b * b + 4 * a * every) - b) / (2 * a);

  return every / (rounds_per_w * w + 2);
}

typedef struct Law {
  double root;   /* Mathis et al.; RFC 9438 table 2 */
  double rounds; /* with the round of the repair */
} Law;

/* RFC 9438 5.1 knows no fast convergence and is reached after some hundred
 * losses. It takes sums for integrals: a cycle must have many rounds, of which
 * one more is little. */
static Law law(const Stack *stack, uint64_t every, SimTime rtt)
{
  double n = (double)every;
  double cubic = stack->cubic ? 1.054 * pow((double)rtt / 1e9 * n, 0.75) : 0;
  double reno = stack->cubic ? sawtooth(9.0 / 17, 0.7, n) : sawtooth(1, 0.5, n);
  double root = sqrt(1.5 * n);

  return (Law){ MAX(root, cubic), cubic > root ? cubic : reno };
}

static void add_window(GString *table, const Stack *stack, SimTime rtt,
                       uint64_t every)
{
  Law want = law(stack, every, rtt);
  Losses losses = { .every = every };
  bool slow = want.root > sqrt(1.5 * (double)every);
  double got = mean_window(stack, &losses, rtt, every * (slow ? 300 : 40));
  double off = 100 * (got / want.rounds - 1);

  g_assert_cmpfloat(fabs(off), <, 4);
  g_string_append_printf(
      table, "%-12s %4d ms  %.4f  %6.1f  %6.1f  %6.1f %+5.1f %%\n", stack->name,
      (int)(rtt / MS), 1.0 / (double)every, want.root, want.rounds, got, off);
}

static void add_windows(GString *table)
{
  static const Stack stacks[] = {
    { .name = "NewReno" },
    /* bytes are counted: the law is not that of b = 2 (RFC 3465 2.1) */
    { .name = "delayed ACKs", .delayed_ack = true },
    { .name = "SACK", .sack = true },
    { .name = "SACK, PRR", .sack = true, .prr = true },
    { .name = "CUBIC", .sack = true, .cubic = true },
  };
  static const uint64_t every[] = { 100, 1000, 10000 };
  static const SimTime rtts[] = { 10 * MS, 100 * MS };

  g_string_append(table,
                  "mean window, segments\n"
                  "stack            RTT       p    root  rounds  measured\n");
  for (size_t s = 0; s < G_N_ELEMENTS(stacks); s++)
    for (size_t r = 0; r < G_N_ELEMENTS(rtts); r++)
      for (size_t p = 0; p < G_N_ELEMENTS(every); p++)
        add_window(table, &stacks[s], rtts[r], every[p]);
  add_window(table, &stacks[4], 400 * MS, 10000);
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

/* Ott, Kemperman and Mathis 1996: between losses W^2 grows by 2 alpha a
 * segment, and there are Exp(p) of them. So before a loss, and at any other
 * segment, Y = W^2 p / (2 alpha) is the sum of beta^2k E_k, whose transform is
 * the product of 1 / (1 + beta^2k s). A mean over time is one over the mean of
 * 1/W over segments, and E[Y^-1/2] = 2/sqrt(pi) times the integral of the
 * transform at u^2. Returns: that mean times sqrt(p); 1.31 for Reno. */
static double by_chance(double alpha, double beta)
{
  enum { STEPS = 4000 };
  double integral = 0;

  for (unsigned i = 0; i < STEPS; i++) {
    double x = (i + 0.5) / STEPS, u = x / (1 - x);
    double transform = 1;

    for (double s = u * u; s > 1e-12; s *= beta * beta)
      transform /= 1 + s;
    integral += transform / ((1 - x) * (1 - x)) / STEPS;
  }
  return sqrt(2 * alpha) / (2 / sqrt(acos(-1)) * integral);
}

/* One loss by itself, as long as hardly any has to wait for a time-out. CUBIC
 * grows faster above the window of its last loss (RFC 9438 4.3), which by
 * chance happens half of the time: it lies between two AIMDs. */
static void check_chance(const Stack *stack, double p, double root, double got)
{
  double fast = by_chance(1, 0.7) / sqrt(p);

  g_assert_cmpfloat(got, <, stack->cubic ? fast : root);
  if (p <= 0.01)
    g_assert_cmpfloat(got, >, root * 0.92);
}

/* Where time-outs rule PFTK, whose losses come in bunches, is the lower bound.
 */
static void add_chances(GString *table)
{
  static const Stack stacks[] = {
    { .name = "NewReno" },
    { .name = "SACK", .sack = true },
    { .name = "SACK, PRR", .sack = true, .prr = true },
    { .name = "CUBIC", .sack = true, .cubic = true },
  };
  static const double chances[] = { 0.001, 0.003, 0.01, 0.03, 0.1 };

  g_string_append(table, "\nthe same by chance, RTT 100 ms, RTO 1 s\n"
                         "stack              p    root    PFTK  measured\n");
  for (size_t s = 0; s < G_N_ELEMENTS(stacks); s++)
    for (size_t i = 0; i < G_N_ELEMENTS(chances); i++) {
      Losses losses = { .probability = chances[i] };
      double low = pftk(chances[i], 0.1, 1);
      double root =
          (stacks[s].cubic ? by_chance(9.0 / 17, 0.7) : by_chance(1, 0.5)) /
          sqrt(chances[i]);
      double got, off;

      sim_random_init(&losses.random, 1, "losses");
      got = mean_window(&stacks[s], &losses, 100 * MS,
                        (uint64_t)(2000 / chances[i]));
      off = 100 * (got / root - 1);
      check_chance(&stacks[s], chances[i], root, got);
      g_assert_cmpfloat(got, >, low);
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
