/* Dice with a memory: a draw that leans to the one before it.
 *
 * As the kernel's get_crandom(): with correlation r the draw is
 * v = (1 - r) u + r v', of a uniform u and the draw before. For r > 0 it is
 * not uniform any more but gathers around 1/2 (variance (1 - r) / (1 + r) of
 * the uniform's), so that "1% with correlation 25%" is well under 1%. That is
 * netem's behaviour, and why its manual advises against it.
 */
#pragma once

#include "random.h"

typedef struct NetChance {
  SimRandom stream;
  double last;
} NetChance;

/** net_chance_draw: in [0, 1); `correlation` in [0, 1]. */
double net_chance_draw(NetChance *chance, double correlation);

/** NetChanceSpec: an event with `probability`, both in [0, 1]. */
typedef struct NetChanceSpec {
  double probability;
  double correlation;
} NetChanceSpec;

/** net_chance_event: does it happen? Draws only if it may. */
bool net_chance_event(NetChance *chance, const NetChanceSpec *spec);
