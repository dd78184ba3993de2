/* What is said of a run beside its drawings: the expectations, the counts, one
 * line of many, a TAP report. */
#pragma once

#include "run.h"
#include "terminal.h"

/** RunOutcome: how a run went. */
typedef struct RunOutcome {
  const char *name; /* the scenario's */
  const Run *run;
  const char *dir;     /* of its files; NULL: none */
  unsigned name_width; /* columns of the longest name of several */
  unsigned failed;     /* expectations that do not hold */
  bool checked;        /* were they looked at? */
  char *problem;       /* why the run is not good, beside them; NULL */
} RunOutcome;

/** report_title: what is run, before the ladder. */
void report_title(const RunOutcome *outcome, const Terminal *terminal,
                  GString *out);

/** report_expectations: each with a mark, or only those that fail. */
void report_expectations(const RunOutcome *outcome, const Terminal *terminal,
                         bool only_failures, GString *out);

/** report_end: counts, virtual time, seed, fingerprint, where the files are. */
void report_end(const RunOutcome *outcome, const Terminal *terminal,
                GString *out);

/** report_line: one line for one of several runs. */
void report_line(const RunOutcome *outcome, const Terminal *terminal,
                 GString *out);

/** report_tap: a line for each expectation, numbered from `first`; returns the
 * number after the last. A run without any is a line itself. */
unsigned report_tap(const RunOutcome *outcome, unsigned first, GString *out);
