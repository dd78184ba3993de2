/* Watches over a run from a thread of its own: signals that end it, and a line
 * of progress for somebody who waits.
 *
 * The first SIGINT or SIGTERM stops the simulation before its next event; the
 * second ends the process at once. Between watch_start() and watch_stop()
 * these signals are blocked in the calling thread.
 */
#pragma once

#include "run.h"

typedef struct Watch Watch;

/** watch_start: `progress`: from the first second on, write how far `run` is
 * to standard error, if that is a terminal. */
Watch *watch_start(Run *run, bool progress);

/** watch_stop: frees `watch`, and wipes the line away. `run->interrupted` is
 * then true if a signal came. */
void watch_stop(Watch *watch);
