/* A told run and a folder for what it leaves. */
#pragma once

#include "output.h"
#include "told.h"

typedef struct Place {
  Told told;
  char *folder;
} Place;

void place_set_up(Place *it, const void *unused);

/** place_tear_down: the folder; the run ends with place_finish(). */
void place_tear_down(Place *it, const void *unused);

/** place_start: opens the output in the folder. */
Output *place_start(Place *it);

/** place_finish: the run is over; frees all but the folder. */
void place_finish(Place *it, Output *output);

/** place_tell: a SYN that arrives, its answer that is lost, and a reset by
 * hand. */
void place_tell(Told *it);

void place_assert_file(const Place *it, const char *name, const char *wanted);

/** place_count_packets: in a capture, by libpcap. */
unsigned place_count_packets(const Place *it, const char *name);
