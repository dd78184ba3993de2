/* Flows to be measured: stacks by name, and what one or two of them carry. */
#pragma once

#include <glib.h>

#include "app.h"
#include "gate.h"

#define MSS 1000
#define MS SIM_MILLISECOND

/** Stack: what of TCP is measured. */
typedef struct Stack {
  const char *name;
  bool sack, prr, cubic, fast_convergence, delayed_ack;
} Stack;

typedef struct World {
  Sim *sim;
  Net *net;
  NetHost *from[2], *to;
  App *sink[2];
} World;

/** Losses: every `every`-th segment with text, or each with `probability`. */
typedef struct Losses {
  uint64_t every, count; /* count: segments so far */
  double probability;
  SimRandom random;
} Losses;

/** world_finish: the network is complete. */
void world_finish(World *world);

/** world_start: flow `i` begins `at` and never ends. */
void world_start(World *world, unsigned i, const Stack *stack, SimTime at);

/** world_received: bytes of flow `i` so far. */
uint64_t world_received(const World *world, unsigned i);

/** mean_window: segments that one flow carries in a round trip of `rtt`, over
 * `segments` that are sent behind half as many. */
double mean_window(const Stack *stack, Losses *losses, SimTime rtt,
                   uint64_t segments);
