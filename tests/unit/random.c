/* Streams are the same everywhere, and each is alone. */
#include "random.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#include "sim.h"

/* Outputs of the authors' xoshiro256** from the state 1, 2, 3, 4. */
static void test_generator(void)
{
  static const uint64_t expected[] = {
    11520u,
    0u,
    1509978240u,
    1215971899390074240u,
    1216172134540287360u,
    607988272756665600u,
    16172922978634559625u,
    8476171486693032832u,
  };
  SimRandom random = { { 1, 2, 3, 4 } };

  for (unsigned i = 0; i < G_N_ELEMENTS(expected); i++)
    g_assert_cmpuint(sim_random_next(&random), ==, expected[i]);
}

/* Published: splitmix64's first output from 0, FNV-1a of "a". */
static void test_hashes(void)
{
  g_assert_cmphex(sim_hash(1, 0), ==, 0xe220a8397b1dcdafu);
  g_assert_cmphex(sim_hash_string("a"), ==, sim_hash(0, 0xaf63dc4c8601ec8cu));
  g_assert_cmphex(sim_hash_string("\xff"), ==,
                  sim_hash(0, (0xcbf29ce484222325u ^ 0xff) * 0x100000001b3u));
}

static void test_streams(void)
{
  SimRandom a, again, other_name, other_seed, none = { { 0 } };

  sim_random_init(&a, 1, "link a-b loss");
  sim_random_init(&other_name, 1, "link b-a loss");
  sim_random_init(&other_seed, 2, "link a-b loss");
  for (unsigned i = 0; i < 10; i++)
    sim_random_next(&other_name);
  sim_random_init(&again, 1, "link a-b loss");
  g_assert_true(memcmp(&a, &again, sizeof(a)) == 0);
  for (unsigned i = 0; i < 4; i++) {
    g_assert_cmphex(a.state[i], !=, other_seed.state[i]);
    g_assert_cmphex(a.state[i], !=, none.state[i]);
  }
  sim_random_init(&other_name, 1, "link b-a loss");
  for (unsigned i = 0; i < 4; i++)
    g_assert_cmphex(a.state[i], !=, other_name.state[i]);
}

/* Fixed for ever: a change here changes every result that was published. */
static void test_fixed_values(void)
{
  SimRandom random;
  uint64_t sum = 0;

  sim_random_init(&random, 1, "fixed");
  g_assert_cmphex(sim_random_next(&random), ==, 0x307a1ba04764cfe2u);
  g_assert_cmpuint(sim_random_below(&random, 1000000), ==, 447376);
  g_assert_cmpint(sim_random_exponential(&random, SIM_SECOND), ==, 2421134489);
  for (unsigned i = 0; i < 100000; i++)
    sum = sim_hash(sum, (uint64_t)sim_random_exponential(&random, SIM_HOUR));
  g_assert_cmphex(sum, ==, 0x131ba63a535aab9au);
}

/* Of a bound of 3/4 of 2^64, scaling alone would favour multiples of 3. */
static void test_below(void)
{
  const uint64_t bound = UINT64_C(3) << 62;
  unsigned counts[6] = { 0 }, multiples = 0;
  SimRandom random;

  sim_random_init(&random, 1, "below");
  for (unsigned i = 0; i < 60000; i++)
    counts[sim_random_below(&random, 6)]++;
  for (unsigned i = 0; i < 6; i++) /* five deviations of 91 */
    g_assert_cmpuint((unsigned)ABS((int)counts[i] - 10000), <, 456);
  for (unsigned i = 0; i < 30000; i++) {
    uint64_t draw = sim_random_below(&random, bound);

    g_assert_cmpuint(draw, <, bound);
    multiples += draw % 3 == 0;
  }
  g_assert_cmpuint((unsigned)ABS((int)multiples - 10000), <, 408);
  g_assert_cmpuint(sim_random_below(&random, 1), ==, 0);
}

/* The state whose next output is `output`: the operations backwards. */
static SimRandom state_for(uint64_t output)
{
  uint64_t word = output * 0x8e38e38e38e38e39u; /* 1/9 */

  word = word >> 7 | word << 57;
  return (SimRandom){ { 1, word * 0xcccccccccccccccdu /* 1/5 */, 1, 1 } };
}

static void test_unit(void)
{
  SimRandom lowest = state_for(0), highest = state_for(UINT64_MAX);
  SimRandom random;
  unsigned hits = 0;

  g_assert_true(sim_random_unit(&lowest) == 0);
  g_assert_true(sim_random_unit(&highest) == 1 - 0x1p-53);
  lowest = state_for(0);
  highest = state_for(UINT64_MAX);
  g_assert_false(sim_random_chance(&lowest, 0));
  g_assert_true(sim_random_chance(&highest, 1));
  sim_random_init(&random, 1, "chance");
  for (unsigned i = 0; i < 10000; i++)
    hits += sim_random_chance(&random, 0.25);
  g_assert_cmpuint((unsigned)ABS((int)hits - 2500), <, 217);
}

/* The mean is a power of two, so that all bits of the logarithm are seen. */
static void check_logarithm(SimRandom random)
{
  SimRandom twin = random;
  double u = (double)((sim_random_next(&twin) >> 11) + 1) * 0x1p-53;
  double expected = -log(u);
  double got =
      (double)sim_random_exponential(&random, INT64_C(1) << 57) * 0x1p-57;

  g_assert_cmpfloat(fabs(got - expected), <=, expected * 4 * 0x1p-53 + 0x1p-57);
}

static void test_logarithm(void)
{
  SimRandom random;

  sim_random_init(&random, 1, "logarithm");
  for (unsigned i = 0; i < 200000; i++) {
    check_logarithm(random);
    sim_random_next(&random);
  }
  for (unsigned bit = 0; bit < 64; bit++)
    for (uint64_t near = 0; near < 5; near++) {
      check_logarithm(state_for((UINT64_C(1) << bit) + (near << 11)));
      check_logarithm(state_for((UINT64_C(1) << bit) - (near << 11)));
    }
  for (uint64_t k = 6369051672525770u; k < 6369051672525776u; k++)
    check_logarithm(state_for(k << 11)); /* about 2^53 / sqrt(2) */
}

static void test_exponential_edges(void)
{
  SimRandom longest = state_for(0), shortest = state_for(UINT64_MAX);
  SimRandom random = longest;

  g_assert_cmpint(sim_random_exponential(&shortest, SIM_TIME_NEVER), ==, 0);
  g_assert_cmpint(sim_random_exponential(&random, SIM_TIME_NEVER), ==,
                  SIM_TIME_NEVER);
  random = longest;
  g_assert_cmpint(sim_random_exponential(&random, 0), ==, 0);
  random = longest; /* 53 ln 2 = 36.7368 */
  g_assert_cmpint(sim_random_exponential(&random, 10000), ==, 367368);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/random/xoshiro256**", test_generator);
  g_test_add_func("/random/hashes", test_hashes);
  g_test_add_func("/random/streams-are-alone", test_streams);
  g_test_add_func("/random/fixed-values", test_fixed_values);
  g_test_add_func("/random/below", test_below);
  g_test_add_func("/random/unit-and-chance", test_unit);
  g_test_add_func("/random/logarithm", test_logarithm);
  g_test_add_func("/random/exponential-edges", test_exponential_edges);
  return g_test_run();
}
