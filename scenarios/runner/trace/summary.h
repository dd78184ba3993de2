/* summary.json: one run in a few lines: what it was, how it ended, how much
 * happened, what was expected of it. */
#pragma once

#include "outfile.h"
#include "run.h"

/** summary_write: at the end of the run, after the expectations were checked.
 * "fingerprint" is a string of 16 hexadecimal digits; "end_s" virtual seconds;
 * "holds" is null for what was not checked. Counts of packets are there if
 * the run has a Record. */
void summary_write(const Run *run, OutFile *file);
