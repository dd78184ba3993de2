/* Pictures, drawn by gnuplot from the files that a run left.
 *
 * gnuplot runs beside the program, in the run's directory, so that no name of
 * a file needs quoting; it is started, and waited for later.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#define PLOT_ERROR plot_error_quark()
GQuark plot_error_quark(void);

typedef enum PlotError {
  PLOT_ERROR_MISSING, /* there is no gnuplot */
  PLOT_ERROR_FAILED,
} PlotError;

/** plot_formats: (transfer full) "svg,pdf" as a list; empty for "none". NULL
 * and an error that names the nearest format. */
GPtrArray *plot_formats(const char *list, GError **error);

/** PlotQueue: pictures being drawn, as many at a time as there are
 * processors. */
typedef struct PlotQueue PlotQueue;

PlotQueue *plot_queue_new(void);

/** plot_queue_add: draws DIR/PICTURE.FORMAT with PICTURE.gp. May wait for an
 * earlier one. */
void plot_queue_add(PlotQueue *queue, const char *dir, const char *picture,
                    const char *format);

/** plot_queue_add_tables: draws DIR/TABLE.FORMAT for each of the scenario's own
 * tables for which DIR/plot.tsv asks that, with the file of the picture's
 * kind. */
void plot_queue_add_tables(PlotQueue *queue, const char *dir,
                           const char *format);

/** plot_queue_finish: waits for all and frees the queue. False and the first
 * error if any could not be drawn. */
bool plot_queue_finish(PlotQueue *queue, GError **error);
