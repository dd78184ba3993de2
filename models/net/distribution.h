/* Distributions of delays, as tc's netem has them: a table of quantiles, of
 * which each is as likely as the others. 8192 stands for one jitter. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "simtime.h"

#define NET_DISTRIBUTION_SCALE 8192 /* NETEM_DIST_SCALE */
#define NET_DISTRIBUTION_MOST 16384 /* NETEM_DIST_MAX: entries of a table */

/** NetDistribution: `values` NULL is uniform over mean +- spread. */
typedef struct NetDistribution {
  const int16_t *values;
  uint32_t count;
} NetDistribution;

extern const int16_t net_distribution_normal[], net_distribution_pareto[],
    net_distribution_paretonormal[]; /* made by make_distributions.c */

/** net_distribution_find: the one called "uniform", "normal", "pareto" or
 * "paretonormal"; false if there is none of that name. */
bool net_distribution_find(const char *name, NetDistribution *ret);

/** net_distribution_name: the names, from 0; NULL at the end. */
const char *net_distribution_name(unsigned index);

/** net_distribution_at: the value at `place` in [0, 1) of the distribution
 * with `mean` and `spread` (ns, 0 to 2^56); may be negative. */
SimTime net_distribution_at(const NetDistribution *distribution, SimTime mean,
                            SimTime spread, double place);
