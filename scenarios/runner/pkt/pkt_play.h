/* One script from its file to its verdict, in one call that shares nothing
 * with another: threads may make many at once. */
#pragma once

#include "pkt_run.h"
#include "terminal.h"

typedef enum PktVerdict {
  PKT_OK,
  PKT_NOT_OK,     /* something did not come true */
  PKT_UNREADABLE, /* it is malformed, or asks for what is not simulated */
  PKT_UNFINISHED, /* its file could not be read, its traces not be written */
} PktVerdict;

/** PktOrder: what is to be done with each script. */
typedef struct PktOrder {
  const char *profile;        /* NULL: what the script is written for */
  const char *const *options; /* name and value by turns, NULL ends */
  const Terminal *terminal;
  RunOptions run;
  bool verbose; /* draw ladders also of what is ok */
} PktOrder;

/** pkt_play: @dir: (nullable): where its traces go; @report: what is to be
 * told beside the verdict: the message, both packets, the ladder up to there,
 * what print() printed. */
PktVerdict pkt_play(const PktOrder *order, const char *file, const char *dir,
                    GString *report);
