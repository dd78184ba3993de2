/* Named streams: xoshiro256** (Blackman and Vigna 2018), seeded by splitmix64.
 *
 * Invariant: a stream's state is never all zero; four splitmix64 outputs in
 * a row differ, so that at most one of them is.
 */
#include "random.h"

#include <float.h>
#include <glib.h>

#include "sim.h"

/* A double is rounded after every operation, so that all machines agree. The
 * build forbids contraction for the same reason. */
_Static_assert(FLT_EVAL_METHOD == 0 && DBL_MANT_DIG == 53,
               "arithmetic of doubles must be plain IEEE 754");

__extension__ typedef unsigned __int128 Wide;

static inline uint64_t rotate(uint64_t word, unsigned left)
{
  return (word << left) | (word >> (64 - left));
}

void sim_random_init(SimRandom *random, uint64_t seed, const char *name)
{
  uint64_t key = sim_hash(seed, sim_hash_string(name));

  for (unsigned i = 0; i < G_N_ELEMENTS(random->state); i++)
    random->state[i] = sim_hash(i + 1, key);
}

uint64_t sim_random_next(SimRandom *random)
{
  uint64_t *s = random->state;
  uint64_t result = rotate(s[1] * 5, 7) * 9;
  uint64_t shifted = s[1] << 17;

  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= shifted;
  s[3] = rotate(s[3], 45);
  return result;
}

/* Lemire 2019: the upper word of a product; a draw whose lower word falls
 * under 2^64 mod bound would favour some results and is drawn again. */
uint64_t sim_random_below(SimRandom *random, uint64_t bound)
{
  Wide product;
  uint64_t low;

  g_assert(bound > 0);
  product = (Wide)sim_random_next(random) * bound;
  low = (uint64_t)product;
  if (low < bound) {
    uint64_t unfair = (0 - bound) % bound;

    while (low < unfair) {
      product = (Wide)sim_random_next(random) * bound;
      low = (uint64_t)product;
    }
  }
  return (uint64_t)(product >> 64);
}

double sim_random_unit(SimRandom *random)
{
  return (double)(sim_random_next(random) >> 11) * 0x1p-53;
}

bool sim_random_chance(SimRandom *random, double probability)
{
  g_assert(probability >= 0 && probability <= 1);
  return sim_random_unit(random) < probability;
}

/* -ln(k / 2^53) for k in [1, 2^53], by + - * / alone.
 *
 * k = m * 2^e with m in [1/sqrt(2), sqrt(2)); then ln m = 2 atanh(s) with
 * s = (m - 1) / (m + 1), |s| < 0.1716, whose series s + s^3/3 + ... is cut
 * after s^21. What is cut off is under 2^-58 of the sum; with the rounding of
 * each step the result is within 4 units in its last place (the unit test
 * compares with the C library's logarithm). ln 2 is held in two parts, the
 * first with 21 zero bits at its end, so that its multiples are exact.
 */
static double minus_log(uint64_t k)
{
  const double ln2_high = 0x1.62e42fee00000p-1;
  const double ln2_low = 0x1.a39ef35793c76p-33;
  int zeros = __builtin_clzll(k);
  double m = (double)(k << zeros) * 0x1p-64;
  double e = 11 - zeros;
  double s, square, series = 0;

  if (m < 0x1.6a09e667f3bcdp-1) {
    m *= 2;
    e -= 1;
  }
  s = (m - 1) / (m + 1);
  square = s * s;
  for (int n = 21; n > 1; n -= 2)
    series = (series + 1.0 / n) * square;
  return 0 - ((2 * s + e * ln2_high) + (2 * s * series + e * ln2_low));
}

SimTime sim_random_exponential(SimRandom *random, SimTime mean)
{
  uint64_t k = (sim_random_next(random) >> 11) + 1;
  double span;

  g_assert(mean >= 0);
  span = (double)mean * minus_log(k);
  return span < 0x1p63 ? (SimTime)span : SIM_TIME_NEVER;
}
