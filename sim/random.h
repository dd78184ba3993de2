/* Named streams of random numbers.
 *
 * Every draw comes from a stream named after what draws ("link a-b loss"),
 * keyed by the run's seed: adding a link changes nobody else's dice. The
 * generator is xoshiro256** (Blackman and Vigna 2018). Integer results are
 * the same everywhere; those that need a logarithm use only operations that
 * IEEE 754 defines exactly, so that they are too.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "simtime.h"

typedef struct SimRandom {
  uint64_t state[4];
} SimRandom;

/** sim_random_init: the stream `name` of a run with `seed`. */
void sim_random_init(SimRandom *random, uint64_t seed, const char *name);

/** sim_random_next: 64 uniform bits. */
uint64_t sim_random_next(SimRandom *random);

/** sim_random_below: uniform in [0, bound), without bias; bound > 0. */
uint64_t sim_random_below(SimRandom *random, uint64_t bound);

/** sim_random_unit: uniform in [0, 1), a multiple of 2^-53. */
double sim_random_unit(SimRandom *random);

/** sim_random_chance: true with `probability` in [0, 1]. */
bool sim_random_chance(SimRandom *random, double probability);

/** sim_random_exponential: an exponential span with `mean` (ns, >= 0),
 * rounded down to a whole ns. */
SimTime sim_random_exponential(SimRandom *random, SimTime mean);
