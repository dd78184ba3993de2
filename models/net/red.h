/* RED's state: the average of the queue and the packets since the last one
 * that was chosen (Floyd and Jacobson 1993, figure 2). */
#pragma once

#include <stdint.h>

typedef struct NetRed {
  double average;
  int64_t count; /* -1: the last one was chosen, or none can be */
} NetRed;
