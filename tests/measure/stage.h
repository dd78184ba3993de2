#ifndef LINGER_MEASURE_STAGE_H
#define LINGER_MEASURE_STAGE_H

#include <glib.h>

#include "dialogue_read.h"
#include "lab.h"
#include "segment_text.h"

enum {
  STAGE_PEER_PORTS = 16, /* that one dialogue may speak from */
};

/* What is known of the connections with one of the peer's ports. */
typedef struct {
  gboolean known, ts_known;
  SegmentBase base;
} StagePair;

/*
 * One dialogue with the kernel: a socket, a listener, and the peer.
 * Invariant: once `trouble` is not empty, nothing is played any more.
 */
typedef struct {
  Lab lab;
  int fd, listener;   /* -1: none */
  uint16_t peer_port; /* that the peer speaks from now */
  uint16_t next_port; /* of a socket that is not bound by name */
  StagePair pairs[STAGE_PEER_PORTS];
  gint64 start_us, at_us; /* beginning; when the last step was */
  GQueue heard;           /* of Heard: not yet expected */
  uint8_t last[SEGMENT_ROOM];
  size_t last_length;
  struct StageClosing *closing; /* a close() that may wait, or NULL */
  GString *log, *trouble;
} Stage;

/**
 * stage_play:
 *
 * Plays `dialogue` in a namespace of its own; a process can do that once.
 *
 * Returns: (transfer full): what was not as expected, empty if all was; NULL,
 *   with a sentence on stderr, if the machine does not allow it.
 */
char *stage_play(const Dialogue *dialogue, gboolean ipv6);

/**
 * stage_fail:
 *
 * Says what was not as expected; the first time counts.
 */
void stage_fail(Stage *stage, const char *format, ...) G_GNUC_PRINTF(2, 3);

/**
 * stage_pump:
 *
 * Takes what the kernel has sent.
 */
void stage_pump(Stage *stage);

/**
 * stage_pair:
 *
 * Returns: what is known of the peer's port now.
 */
StagePair *stage_pair(Stage *stage);

/**
 * stage_call:
 *
 * Plays a step that is neither a segment nor silence.
 *
 * Returns: FALSE if there is no such verb.
 */
gboolean stage_call(Stage *stage, const DialogueStep *step);

/**
 * stage_call_end:
 *
 * Closes what the calls have left open.
 */
void stage_call_end(Stage *stage);

/**
 * stage_late:
 *
 * Returns: how much more than nominal a time or number of microseconds may be:
 *   the kernel's timers round up.
 */
gint64 stage_late(gint64 nominal_us);

/**
 * stage_info:
 *
 * Asks for a field of TCP_INFO.
 *
 * Returns: FALSE if there is no field of that name.
 */
gboolean stage_info(int fd, const char *name, gint64 *ret_value);

enum {
  STAGE_EARLY_US = 4000, /* a timer counts whole ticks */
  STAGE_KERNEL_PORT = 8080,
};

#endif
