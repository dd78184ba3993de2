/* Distributions by their tables.
 *
 * The kernel's tabledist() takes a random number's low bits for the place in
 * the table, in which the correlation of one number with the next is lost.
 * Here it is the high bits: what is correlated stays so.
 */
#include "distribution.h"

#include <string.h>

#include <glib.h>

#define ENTRIES 4096

static const struct {
  const char *name;
  const int16_t *values;
} known[] = {
  { "uniform", NULL },
  { "normal", net_distribution_normal },
  { "pareto", net_distribution_pareto },
  { "paretonormal", net_distribution_paretonormal },
};

bool net_distribution_find(const char *name, NetDistribution *ret)
{
  for (unsigned i = 0; i < G_N_ELEMENTS(known); i++)
    if (strcmp(name, known[i].name) == 0) {
      *ret = (NetDistribution){ known[i].values, ENTRIES };
      return true;
    }
  return false;
}

const char *net_distribution_name(unsigned index)
{
  return index < G_N_ELEMENTS(known) ? known[index].name : NULL;
}

SimTime net_distribution_at(const NetDistribution *distribution, SimTime mean,
                            SimTime spread, double place)
{
  SimTime value, part;

  if (spread == 0)
    return mean;
  if (!distribution->values)
    return mean - spread + (SimTime)(place * 2 * (double)spread);
  value = distribution->values[(uint32_t)(place * distribution->count)];
  part = spread % NET_DISTRIBUTION_SCALE * value;
  part += part < 0 ? -NET_DISTRIBUTION_SCALE / 2 : NET_DISTRIBUTION_SCALE / 2;
  return mean + spread / NET_DISTRIBUTION_SCALE * value +
         part / NET_DISTRIBUTION_SCALE;
}
