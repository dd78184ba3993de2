/* SimTime: virtual time, a signed 64-bit count of nanoseconds from the start
 * of the run (292 years). No floating point in the engine. */
#pragma once

#include <stdint.h>

typedef int64_t SimTime;

#define SIM_TIME_NEVER INT64_MAX
#define SIM_NANOSECOND ((SimTime)1)
#define SIM_MICROSECOND ((SimTime)1000)
#define SIM_MILLISECOND ((SimTime)1000000)
#define SIM_SECOND ((SimTime)1000000000)
#define SIM_MINUTE (60 * SIM_SECOND)
#define SIM_HOUR (60 * SIM_MINUTE)

/** sim_time_add: `time` + `span`, SIM_TIME_NEVER on overflow. Both >= 0. */
static inline SimTime sim_time_add(SimTime time, SimTime span)
{
  return span > SIM_TIME_NEVER - time ? SIM_TIME_NEVER : time + span;
}
