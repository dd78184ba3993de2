/* What a run leaves: its directory, the files in it, and what goes wrong with
 * them.
 *
 *   output_open -> (the run; output_flush when idle) -> output_finish
 *                                       -> run_free -> output_free
 *
 * trace.pcapng, dropped.pcapng and events.jsonl are written as things happen
 * and reach the disk within a quarter of a second of work, whole records
 * only, so that a run that is killed leaves them readable. states.tsv,
 * packets.tsv, plot.tsv and summary.json tell how things ended: they are
 * written by output_finish(), at once or not at all, also when the run was
 * interrupted; those of an earlier run are gone from output_open() on.
 *
 * A file that cannot be written stops the simulation (sim_stop()); the others
 * are completed all the same, and output_finish() says which it was.
 */
#pragma once

#include "run.h"

typedef struct Output Output;

/**
 * output_open: makes the directory, opens the files and listens to the run.
 * @run: after script_load(), before script_start(): name, title, options and
 *   hosts are read. options.traced wants events and tables (of run->record),
 *   options.capture (NULL: "one") the captures. With neither there are no
 *   files and no directory.
 * @dir: (nullable) the directory, NULL for out/NAME
 * @write: (nullable) where the trace capture goes instead: a file, or "-",
 *   standard output
 * Returns: (transfer full), or NULL: "out/x: Permission denied"
 * (G_FILE_ERROR), or a host to capture at that is not there
 * (G_FILE_ERROR_INVAL).
 */
Output *output_open(Run *run, const char *dir, const char *write,
                    GError **error);

/** output_dir: where the files are (transfer none), NULL: nowhere. */
const char *output_dir(const Output *output);

/** output_flush: all that is complete goes to disk now. Not from inside an
 * event. */
void output_flush(Output *output);

/** output_failed: could something not be written? Then the run was stopped
 * for that and output_finish() says why. */
bool output_failed(const Output *output);

/** output_finish: after the expectations were checked (or could not be):
 * completes and closes all files; finishes run->record. False and the first
 * error if anything could not be written: "out/x/trace.pcapng: No space left
 * on device". Once. */
bool output_finish(Output *output, GError **error);

/** output_free: after run_free(): the network still tells of packets that it
 * drops. NULL is ignored. */
void output_free(Output *output);
