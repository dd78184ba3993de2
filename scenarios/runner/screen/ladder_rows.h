/* The rows of a ladder: one conversation's packets and events in an order in
 * which both hosts' times run downwards.
 *
 * A packet that nothing overtakes or crosses is one row: its times stand at
 * both ends. One that is crossed has a row where it leaves and one where it
 * arrives, joined by a lane between them.
 */
#pragma once

#include "record.h"

typedef enum LadderShape {
  LADDER_ARROW,   /* a packet from side to side */
  LADDER_LEAVES,  /* a packet begins its lane */
  LADDER_ARRIVES, /* it ends it */
  LADDER_LOST,    /* it never arrives */
  LADDER_PENDING, /* on its way when the run ended */
  LADDER_STATE,   /* an end changed state by itself; why is in `rule` */
  LADDER_TIMER,   /* text, rule */
  LADDER_CALL,    /* text, error */
  LADDER_VERDICT, /* rule */
  LADDER_NOTE,    /* text */
  LADDER_ELIDED,  /* `count` packets are not shown */
} LadderShape;

#define LADDER_BOTH 2 /* `end` of what concerns both ends */
#define LADDER_LANES 3

typedef struct LadderRow {
  LadderShape shape;
  const RecordPacket *packet;
  unsigned end;       /* where it begins or happens; LADDER_BOTH */
  SimTime times[2];   /* at each end; SIM_TIME_NEVER */
  TcpState states[2]; /* entered at each end in this row; 0 none */
  TcpRule reasons[2]; /* why */
  unsigned lane;      /* from 1, of LEAVES and ARRIVES; 0: none was free */
  const char *text;
  TcpRule rule;
  TcpError error;
  uint32_t count;
  SimTime since; /* of a timer: when it was started; NEVER unknown */
  bool caused;   /* of STATE: by a packet that arrived */
  bool gone;     /* became part of another row */
} LadderRow;

/**
 * ladder_rows: (transfer full) the rows of `conversation`, as LadderRow.
 * @events: RecordEvents that concern it, in order of happening
 * @most: rows to keep at most, about; the middle of what is longer becomes one
 *   ELIDED row. 0: all
 * @verbose: also calls, verdicts and every timer
 */
GArray *ladder_rows(const GPtrArray *events,
                    const RecordConversation *conversation, unsigned most,
                    bool verbose);
