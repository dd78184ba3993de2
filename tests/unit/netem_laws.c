/* netem's dice obey their mathematics: means, bursts, correlation and
 * distributions, over fixed seeds. Bounds are computed: where draws are
 * independent, five standard errors of the law that is claimed; where they
 * are not, five standard errors of the means over the seeds. */
#include "netem.h"

#include <glib.h>
#include <math.h>

#include "sim.h"

#define SEEDS 32
#define DRAWS 20000
#define ERRORS 5

static NetChance chance_new(uint64_t seed)
{
  NetChance chance;

  sim_random_init(&chance.stream, seed, "law");
  chance.last = sim_random_unit(&chance.stream);
  return chance;
}

/* Mean and standard error of the mean, of one value for each seed. */
typedef struct Means {
  double sum, squares;
  unsigned count;
} Means;

static void means_add(Means *means, double value)
{
  means->sum += value;
  means->squares += value * value;
  means->count++;
}

static void means_expect(const Means *means, double wanted)
{
  double n = means->count, mean = means->sum / n;
  double variance = (means->squares - n * mean * mean) / (n - 1);

  g_assert_cmpfloat(fabs(mean - wanted), <=,
                    ERRORS * sqrt(variance / n) + 1e-12);
  g_assert_cmpfloat(sqrt(variance / n), <, 0.02 * wanted + 2e-3);
}

/* -- loss -- */

typedef struct Losses {
  Means rate;  /* of the packets */
  Means burst; /* packets lost in a row */
} Losses;

static Losses run_losses(const NetLossSpec *spec)
{
  Losses all = { 0 };

  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    NetLoss loss = { .chance = chance_new(seed) };
    const char *rule, *reason;
    unsigned lost = 0, bursts = 0;
    bool before = false, now;

    net_loss_begin(&loss, spec);
    for (unsigned i = 0; i < DRAWS; i++) {
      now = net_loss_event(&loss, spec, &rule, &reason);
      lost += now;
      bursts += now && !before;
      before = now;
    }
    means_add(&all.rate, (double)lost / DRAWS);
    means_add(&all.burst, (double)lost / bursts);
  }
  return all;
}

/* Bernoulli: bursts are geometric, 1 / (1 - p) long. */
static void test_random(void)
{
  const double rates[] = { 0.01, 0.1, 0.5, 0.9 };

  for (unsigned i = 0; i < G_N_ELEMENTS(rates); i++) {
    NetLossSpec spec = { .random = { rates[i], 0 } };
    Losses it = run_losses(&spec);

    means_expect(&it.rate, rates[i]);
    means_expect(&it.burst, 1 / (1 - rates[i]));
  }
}

static void test_never_and_always(void)
{
  const char *rule, *reason;
  NetLoss loss = { .chance = chance_new(1) };

  for (unsigned i = 0; i < 1000; i++) {
    g_assert_false(net_loss_event(&loss, &(NetLossSpec){ 0 }, &rule, &reason));
    g_assert_true(net_loss_event(&loss, &(NetLossSpec){ .random = { 1, 0.9 } },
                                 &rule, &reason));
  }
}

/* P(v < p) for v = (1 - r) u + r v', by iteration on a grid: the distribution
 * function solves F(x) = r / (1 - r) * (I(x / r) - I((x - 1 + r) / r)), I the
 * integral of F from 0. */
#define GRID 2000

static double integral_at(const double *integral, double x)
{
  double place = x * GRID;
  int below = (int)place;

  if (x <= 0)
    return 0;
  if (below >= GRID)
    return integral[GRID] + x - 1;
  return integral[below] +
         (integral[below + 1] - integral[below]) * (place - below);
}

static double correlated_below(double p, double r)
{
  double f[GRID + 1], integral[GRID + 1] = { 0 };

  for (int i = 0; i <= GRID; i++)
    f[i] = (double)i / GRID;
  for (unsigned round = 0; round < 40; round++) {
    for (int i = 1; i <= GRID; i++)
      integral[i] = integral[i - 1] + (f[i - 1] + f[i]) / 2 / GRID;
    for (int i = 0; i <= GRID; i++) {
      double x = (double)i / GRID;

      f[i] = (integral_at(integral, x / r) -
              integral_at(integral, (x - 1 + r) / r)) *
             r / (1 - r);
    }
  }
  return f[(int)(p * GRID + 0.5)];
}

static void test_random_with_correlation(void)
{
  const NetChanceSpec specs[] = { { 0.3, 0.25 }, { 0.2, 0.5 }, { 0.4, 0.8 } };

  for (unsigned i = 0; i < G_N_ELEMENTS(specs); i++) {
    NetLossSpec spec = { .random = specs[i] };
    Losses it = run_losses(&spec);
    double wanted =
        correlated_below(specs[i].probability, specs[i].correlation);

    g_assert_cmpfloat(wanted, <, specs[i].probability);
    means_expect(&it.rate, wanted);
  }
}

/* Gilbert-Elliott: the bad state has p / (p + r) of the time. */
static void test_gemodel(void)
{
  const NetLossSpec specs[] = {
    { .model = NET_LOSS_GEMODEL, .p = 0.01, .r = 0.1, .bad = 1 },
    { .model = NET_LOSS_GEMODEL, .p = 0.05, .r = 0.3, .bad = 0.7 },
    { .model = NET_LOSS_GEMODEL, .p = 0.1, .r = 0.4, .bad = 0.5, .good = 0.02 },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS(specs); i++) {
    Losses it = run_losses(&specs[i]);
    double bad = specs[i].p / (specs[i].p + specs[i].r);

    means_expect(&it.rate, bad * specs[i].bad + (1 - bad) * specs[i].good);
    if (i == 0)
      means_expect(&it.burst, 1 / specs[i].r);
  }
}

/* The stationary distribution of the four states, by the flows between them:
 * f = share of state 1; 4 gets p14 f; 3 and 2 exchange p32 and p23. */
static double four_states(const NetLossSpec *s, double *ret_burst)
{
  double one = 1, four = s->p14, three = s->p13 / s->p31;
  double two = s->p23 > 0 ? three * s->p32 / s->p23 : 0;
  double sum = one + two + three + four;
  double entered = s->p13 * one + s->p23 * two + s->p14 * one;

  *ret_burst = (three + four) / entered;
  return (three + four) / sum;
}

static void test_state(void)
{
  const NetLossSpec specs[] = {
    { .model = NET_LOSS_STATE, .p13 = 0.02, .p31 = 0.25 },
    { .model = NET_LOSS_STATE, .p13 = 0.02, .p31 = 0.25, .p14 = 0.05 },
    { .model = NET_LOSS_STATE,
      .p13 = 0.03,
      .p31 = 0.2,
      .p32 = 0.3,
      .p23 = 0.5,
      .p14 = 0.01 },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS(specs); i++) {
    Losses it = run_losses(&specs[i]);
    double burst, rate = four_states(&specs[i], &burst);

    means_expect(&it.rate, rate);
    means_expect(&it.burst, burst);
  }
}

/* -- correlation -- */

static void test_correlation(void)
{
  const double rhos[] = { 0, 0.25, 0.5, 0.9 };

  for (unsigned k = 0; k < G_N_ELEMENTS(rhos); k++) {
    Means lag = { 0 }, spread = { 0 };

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
      NetChance chance = chance_new(seed);
      double before = chance.last - 0.5, products = 0, squares = 0;

      for (unsigned i = 0; i < DRAWS; i++) {
        double draw = net_chance_draw(&chance, rhos[k]) - 0.5;

        products += draw * before;
        squares += draw * draw;
        before = draw;
      }
      means_add(&lag, products / squares);
      means_add(&spread, squares / DRAWS);
    }
    means_expect(&lag, rhos[k]);
    means_expect(&spread, (1 - rhos[k]) / (1 + rhos[k]) / 12);
  }
}

/* -- distributions -- */

static double normal_below(double x)
{
  return (1 + erf(x / sqrt(2))) / 2;
}

static double pareto_below(double x)
{
  double y = x * 3 / 4 + 1.5;

  return y <= 1 ? 0 : 1 - 1 / (y * y * y);
}

static double uniform_below(double x)
{
  return x <= -1 ? 0 : x >= 1 ? 1 : (x + 1) / 2;
}

static int compare(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

/* Kolmogorov and Smirnov: the largest distance from the law is over
 * 1.95 / sqrt(n) once in a thousand samples; a table of 4096 steps adds one
 * step. */
static void expect_law(const char *name, double (*below)(double))
{
  static double samples[DRAWS];
  NetChance chance = chance_new(7);
  NetDistribution table;
  double worst = 0;

  g_assert_true(net_distribution_find(name, &table));
  for (unsigned i = 0; i < DRAWS; i++)
    samples[i] =
        (double)(net_distribution_at(&table, SIM_SECOND, 10 * SIM_MILLISECOND,
                                     net_chance_draw(&chance, 0)) -
                 SIM_SECOND) /
        (10 * SIM_MILLISECOND);
  qsort(samples, DRAWS, sizeof *samples, compare);
  for (unsigned i = 0; i < DRAWS; i++) {
    double law = below(samples[i]);

    worst = fmax(worst,
                 fmax(law - (double)i / DRAWS, (double)(i + 1) / DRAWS - law));
  }
  g_assert_cmpfloat(worst, <, 1.95 / sqrt(DRAWS) + 1.0 / 4096);
}

static void test_distributions(void)
{
  expect_law("uniform", uniform_below);
  expect_law("normal", normal_below);
  expect_law("pareto", pareto_below);
}

/* A quarter of a normal quantile and three of a Pareto one. */
static void test_tables(void)
{
  NetDistribution normal, pareto, mixed;

  g_assert_true(net_distribution_find("normal", &normal));
  g_assert_true(net_distribution_find("pareto", &pareto));
  g_assert_true(net_distribution_find("paretonormal", &mixed));
  g_assert_false(net_distribution_find("gauss", &normal));
  for (unsigned i = 1; i < 4095; i++) {
    double place = (i + 0.125) / 4096, x = normal.values[i] / 8192.0;

    g_assert_cmpint(
        abs(mixed.values[i] - (normal.values[i] + 3 * pareto.values[i]) / 4),
        <=, 1);
    g_assert_cmpfloat(normal_below(x - 0.51 / 8192), <, place);
    g_assert_cmpfloat(normal_below(x + 0.51 / 8192), >, place);
  }
  g_assert_cmpint(normal.values[0], ==, INT16_MIN);
  g_assert_cmpint(pareto.values[0], ==, -5461);
  g_assert_cmpint(pareto.values[4095], ==, INT16_MAX);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/netem-laws/random", test_random);
  g_test_add_func("/netem-laws/never-and-always", test_never_and_always);
  g_test_add_func("/netem-laws/random-correlated",
                  test_random_with_correlation);
  g_test_add_func("/netem-laws/gemodel", test_gemodel);
  g_test_add_func("/netem-laws/state", test_state);
  g_test_add_func("/netem-laws/correlation", test_correlation);
  g_test_add_func("/netem-laws/distributions", test_distributions);
  g_test_add_func("/netem-laws/tables", test_tables);
  return g_test_run();
}
