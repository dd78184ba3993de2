/* A run: one scenario, one seed, from its file to what it leaves.
 *
 *   run_new -> script_load -> script_start -> run_advance -> expect_check
 *                    \-> (describes net, apps, faults, expectations)
 *
 * Three kinds of wrong: the script's (GError in SCRIPT_ERROR with file and
 * line), the network's (counted events), ours (assertions).
 */
#pragma once

#include <glib.h>

#include "tcp.h"

/* The end of time: 146 years, so that what is added to it is still a time. */
#define RUN_LONGEST (SIM_TIME_NEVER / 2)

/* Where a run ends for which nobody said an end: connections that are kept
 * alive go on for ever, and their trace grows. */
#define RUN_UNASKED (24 * 60 * 60 * SIM_SECOND)

typedef struct Run Run;
typedef struct Record Record;
typedef struct Script Script;
typedef struct Expectations Expectations;

/** RunOptions: what the command line says of one run. */
typedef struct RunOptions {
  uint64_t seed;
  GHashTable *settings; /* --set: name -> value, both strings (nullable) */
  SimTime stop;         /* --stop; SIM_TIME_NEVER */
  const char *profile;  /* --profile, a right name; NULL: rfc9293 */
  bool trusted;         /* --trust */
  bool has_family;      /* --family */
  NetFamily family;
  int64_t work;         /* what a scenario may do in Lua, about in VM
                           instructions; 0: SANDBOX_WORK */
  bool traced;          /* false with --trace=none: no Record is kept */
  uint32_t snap_length; /* bytes that captures keep of a packet; 0: all */
  const char *capture;  /* "one" (default), "all", "none", or a host's name */
} RunOptions;

struct Run {
  RunOptions options;
  char *file;      /* as given; "-" is stdin */
  char *name;      /* file name without folder and .lua; "stdin" */
  char *title;     /* from the scenario, else the name */
  char *topic;     /* what the scenario says it belongs to, or NULL */
  char *question;  /* to think about, or NULL */
  GPtrArray *tags; /* of char * */
  Sim *sim;
  Net *net;
  Record *record; /* NULL if not traced */
  Script *script;
  Expectations *expectations;
  GPtrArray *results; /* of Results, NULL: none */
  bool interrupted;   /* by a signal */
  bool ends;          /* a time for the end was given */
  SimEnd end;
};

#define SCRIPT_ERROR script_error_quark()
GQuark script_error_quark(void);

/** run_new: (transfer full) an empty network at time 0 with its Record and
 * Expectations; nothing is read yet. `options` is copied (settings ref'd). */
Run *run_new(const char *file, const RunOptions *options);

/** run_untrace: before the run: no Record is kept, and what the command line
 * did not ask for is not captured. */
void run_untrace(Run *run);

/** run_free: everything, in the right order. NULL is ignored. */
void run_free(Run *run);

/* -- script.c and friends: the Lua host -- */

/** script_load: reads and executes the scenario's file (its main chunk): it
 * describes the network, starts apps, states expectations. GError
 * "FILE:LINE: what is wrong; what to write" in SCRIPT_ERROR. */
bool script_load(Run *run, GError **error);

/** script_load_text: the same for `size` bytes of source at `text`; run->file
 * names it in messages. */
bool script_load_text(Run *run, const void *text, size_t size, GError **error);

/** script_start: completes the description (net_finish) and schedules the
 * apps' start at time 0. */
bool script_start(Run *run, GError **error);

/** script_failed: an error raised by the script while running (an app, a hook,
 * at/after), which has stopped the run; false if there was none. The message
 * also says the virtual time. */
bool script_failed(const Script *script, GError **error);

/** script_finish: after the run: hooks on its end, leftover apps are
 * cancelled. */
void script_finish(Run *run);
void script_free(Script *script);

/* -- expect.c -- */

typedef struct Expectation {
  char *text; /* one sentence: what was stated */
  int line;   /* in the scenario */
  bool holds;
  char *found; /* one or two sentences: what happened instead, NULL if holds */
} Expectation;

Expectations *expectations_new(void);
void expectations_free(Expectations *expectations);

/** expectations_check: evaluates all at the end of the run. Returns how many
 * failed. `run->record` is needed unless only data and errors are stated. */
unsigned expectations_check(Run *run);
unsigned expectations_count(const Expectations *expectations);
const Expectation *expectations_at(const Expectations *expectations,
                                   unsigned index);
