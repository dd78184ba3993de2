/* Correlated draws. Only sums and products of doubles, which every machine
 * rounds alike. */
#include "chance.h"

double net_chance_draw(NetChance *chance, double correlation)
{
  double draw = sim_random_unit(&chance->stream);

  if (correlation > 0)
    draw = (1 - correlation) * draw + correlation * chance->last;
  chance->last = draw;
  return draw;
}

bool net_chance_event(NetChance *chance, const NetChanceSpec *spec)
{
  return spec->probability > 0 &&
         (spec->probability >= 1 ||
          net_chance_draw(chance, spec->correlation) < spec->probability);
}
