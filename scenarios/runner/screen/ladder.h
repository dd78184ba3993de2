/* The ladder: every conversation of a run as a drawing in the terminal. */
#pragma once

#include "record.h"
#include "terminal.h"

/** ladder_print: appends one ladder for each conversation of `record` to
 * `out`, then what belongs to none. Without `verbose`, the middle of a long
 * one and the conversations after the first few are left out, and said to
 * be. */
void ladder_print(const Record *record, const Terminal *terminal, bool verbose,
                  GString *out);
