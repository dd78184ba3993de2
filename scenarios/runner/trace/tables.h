/* states.tsv, packets.tsv and plot.tsv: what happened, as tables. A packet's
 * fate is known late, so they are written whole, when the run is over or
 * interrupted. */
#pragma once

#include "outfile.h"
#include "record.h"

/** tables_states, tables_packets: all rows, in order of time. */
void tables_states(const Run *run, OutFile *file);
void tables_packets(const Run *run, OutFile *file);

/** tables_plot: what a picture's title needs. */
void tables_plot(const Run *run, OutFile *file);
