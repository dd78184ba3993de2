#ifndef LINGER_MEASURE_FACTS_H
#define LINGER_MEASURE_FACTS_H

#include "bench.h"

enum {
  FACT_STEPS = 10,
};

/*
 * A sentence about how the kernel ends connections, a conversation that shows
 * it, and what the kernel then does: `SECONDS EVENT; SECONDS EVENT; ...`.
 *
 * Time starts with the last step. An event is a segment of the kernel or
 * `=>STATE[ !ERROR]`, as README.md writes them; N and SND.NXT, R and RCV.NXT
 * are those before the last step. Times are nominal: the kernel's timers may
 * be late by an eighth and two ticks.
 */
typedef struct {
  const char *name;
  BenchStep steps[FACT_STEPS]; /* ends with NULL */
  const char *expected;
} Fact;

/* Ends with a NULL name. */
extern const Fact facts[];

#endif
