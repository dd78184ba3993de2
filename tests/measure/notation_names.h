#ifndef LINGER_MEASURE_NOTATION_NAMES_H
#define LINGER_MEASURE_NOTATION_NAMES_H

/* The words for positions, shared by the reader and the writer. */

#include "notation.h"

extern const char *const answers_seq_names[ANSWERS_AT_COUNT][ANSWERS_POSITIONS];
extern const char *const answers_ack_names[ANSWERS_POSITIONS];

#endif
