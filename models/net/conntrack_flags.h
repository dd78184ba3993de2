/* What the files that track TCP share: flags, and the order of numbers. */
#pragma once

#include "conntrack.h"

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16, URG = 32 };

static inline bool before(uint32_t a, uint32_t b)
{
  return (int32_t)(a - b) < 0;
}

static inline bool after(uint32_t a, uint32_t b)
{
  return before(b, a);
}
