#ifndef LINGER_MEASURE_VARIANTS_H
#define LINGER_MEASURE_VARIANTS_H

#include "bench.h"

enum {
  VARIANT_STEPS = 10,
};

/* A state, how it is reached, and what the kernel says that it is. */
typedef struct {
  const char *name;
  int state; /* TCP_ESTABLISHED, ... */
  bool zero_window;
  BenchStep steps[VARIANT_STEPS]; /* ends with NULL */
} Variant;

/* Ends with a NULL name. */
extern const Variant variants[];

/**
 * variant_by_name:
 *
 * Returns: (nullable): the variant.
 */
const Variant *variant_by_name(const char *name);

#endif
