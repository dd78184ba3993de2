/* SEGMENT ARRIVES (3.10.7) as a table: a state, a segment, and what follows. */
#pragma once

#include "peer.h"

typedef struct ArrivesRow {
  const char *name;
  const char *segment; /* SND.NXT, RCV.NXT: see reaches() */
  const char *reply;   /* at once; NULL: none */
  const char *after;   /* the state; NULL: the same */
  const char *rule;    /* that the segment met */
  const char *error;   /* that the user finds; NULL: none */
} ArrivesRow;

/** add_arrives_rows: a test for each of `count` rows (static) in `state`. */
void add_arrives_rows(const char *state, const ArrivesRow *rows, size_t count);

/* The SEQ 0 of a RST that answers a segment without ACK, relative to the
 * host's ISS. */
#define SEQ_0 "256:256(0)"
