/* events.jsonl: one JSON object a line for each thing that happened, written
 * as it happens. From it alone a page or a program can tell the whole run.
 *
 * Every line has "time" (seconds), "event" and where known "host",
 * "connection" and "end" ("HOST:PORT"); absent is what does not apply.
 *
 *   sent received dropped  a packet: numbers relative as in packets.tsv, in
 *            "packet" its number there; dropped has "reason", "drop_rule"
 *   state    "from", "to", rule, and "packet" if one caused it
 *   verdict  what the receiver made of "packet": "state" it was met in, rule
 *   timer    "timer", "count", rule
 *   call     "call", "state" before it, "length", "error"
 *   note     "text"
 *   tcb      "changed": variables by the RFC's names that differ from the
 *            connection's line before; sequence numbers absolute, times in s
 *   expect   "text", "line", "holds", "found"
 *
 * A rule is "rule", "section" and "sentence".
 */
#pragma once

#include "outfile.h"
#include "record.h"

typedef struct Events Events;

/** events_new: observes run->record, which must exist, from now on. `file` is
 * not taken over. (transfer full) */
Events *events_new(Run *run, OutFile *file);

/** events_finish: writes the expectations; nothing follows. */
void events_finish(Events *events);

/** events_free: after sim_free(). NULL is ignored. */
void events_free(Events *events);
