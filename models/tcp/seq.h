/* Sequence numbers: arithmetic modulo 2^32 (3.4). Two numbers that are compared
 * are always less than 2^31 apart. A plain < on sequence numbers is an error.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** seq_lt: a < b. */
static inline bool seq_lt(uint32_t a, uint32_t b)
{
  return (int32_t)(a - b) < 0;
}

static inline bool seq_leq(uint32_t a, uint32_t b)
{
  return (int32_t)(a - b) <= 0;
}

static inline bool seq_gt(uint32_t a, uint32_t b)
{
  return (int32_t)(a - b) > 0;
}

static inline bool seq_geq(uint32_t a, uint32_t b)
{
  return (int32_t)(a - b) >= 0;
}

/** seq_max: the later of the two. */
static inline uint32_t seq_max(uint32_t a, uint32_t b)
{
  return seq_geq(a, b) ? a : b;
}

static inline uint32_t seq_min(uint32_t a, uint32_t b)
{
  return seq_leq(a, b) ? a : b;
}

/** seq_within: left =< seq < left + size, for any size. */
static inline bool seq_within(uint32_t seq, uint32_t left, uint32_t size)
{
  return seq - left < size;
}
