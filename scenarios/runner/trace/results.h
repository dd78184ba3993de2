/* Tables that a scenario writes itself, beside what every run leaves: one row
 * a measurement, tab separated, named by the scenario.
 *
 * Rows go to the disk as captures do: a run cut short leaves what it had.
 */
#pragma once

#include "outfile.h"
#include "run.h"

typedef struct Results Results;

/** results_new: (transfer none) a table of `run` whose file is called `name`
 * and whose first line is `header`, with its line end. Before output_open(). */
Results *results_new(Run *run, const char *name, const char *header);

/** results_find: is there one called `name`? */
bool results_find(const Run *run, const char *name);

/** results_has_column: is there a column called `name`? */
bool results_has_column(const Results *results, const char *name);

/** results_row: `size` bytes of a line with its end. Where a run leaves no
 * files it is only counted. */
void results_row(Results *results, const char *line, size_t size);

/** results_rows: so far. */
uint64_t results_rows(const Results *results);

#define RESULTS_VALUES 8

/** ResultsHeatmap: the picture of a table: the columns' names, and the values
 * in the legend's order, up to the first NULL. */
typedef struct ResultsHeatmap {
  const char *x, *y, *value;
  const char *order[RESULTS_VALUES];
} ResultsHeatmap;

/** results_heatmap: asks for it, instead of what was asked for before; the
 * texts are copied. */
void results_heatmap(Results *results, const ResultsHeatmap *map);

/** ResultsKeyFunc: a row of plot.tsv. */
typedef void (*ResultsKeyFunc)(void *user, const char *key, const char *value);

/** results_pictures: tells of each table that is to be drawn:
 * NAME.picture, NAME.x, NAME.y, NAME.value, NAME.order1 ... */
void results_pictures(const Run *run, ResultsKeyFunc func, void *user);

/** results_open: creates the files of `run` in `dir`. */
bool results_open(Run *run, const char *dir, GError **error);

/** results_close: completes them. False and the first error. */
bool results_close(Run *run, GError **error);

/** results_free: those of a run. */
void results_free(Run *run);
