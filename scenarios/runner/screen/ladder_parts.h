/* What the ladder's own files share: its columns, and one line at a time.
 *
 * A line is started (the hosts' lines and the lanes), filled in, and ended.
 */
#pragma once

#include "canvas.h"
#include "ladder_rows.h"
#include "packet_label.h"

typedef struct Ladder {
  const Terminal *terminal;
  const TerminalGlyphs *glyphs;
  Canvas *canvas;
  GString *out;
  const RecordConversation *conversation;
  bool verbose, narrow;
  TimeScale scale;
  int time_width, state_width[2];
  int side[2]; /* columns of the hosts' lines */
  int area;    /* columns between them */
  int why;     /* column of the reasons; 0: there is none */
  bool broken; /* the hosts' lines are, in this line */
  bool taken[2][LADDER_LANES];
  GPtrArray *whys;         /* lines of reasons not written yet */
  SimTime shown;           /* the latest time so far; NEVER at first */
  SimTime span;            /* between the first and the last */
  const LadderRow *before; /* the row above */
} Ladder;

/* -- ladder_line.c -- */

void ladder_start_line(Ladder *it);
void ladder_end_line(Ladder *it);

/** ladder_lane_column: of the packets from `begin` in `lane`, from 1. */
int ladder_lane_column(const Ladder *it, unsigned begin, unsigned lane);

/** ladder_is_lane: is a packet on its way in this column? */
bool ladder_is_lane(const Ladder *it, int column);

/** ladder_text_block: lines of text beside the host whose end it is, at the
 * right edge for the right one. The first line must have been started. */
void ladder_text_block(Ladder *it, unsigned end, TerminalStyle style,
                       const char *marker, const char *text);

/** ladder_put_time, ladder_put_state: beside the line of host `end`. */
void ladder_put_time(Ladder *it, unsigned end, SimTime time);
void ladder_put_state(Ladder *it, unsigned end, TcpState state);

/** ladder_put_ends: the times and states of `row`. */
void ladder_put_ends(Ladder *it, const LadderRow *row);

/** ladder_state_text: as this ladder has room for (transfer none). */
const char *ladder_state_text(const Ladder *it, TcpState state);

/* -- ladder_arrow.c -- */

/** ladder_arrow: the line of `row`'s packet, with its label. */
void ladder_arrow(Ladder *it, const LadderRow *row);
