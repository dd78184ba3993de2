/* HyStart++ (RFC 9406) as a value: the initial slow start ends where round
 * trips begin to take longer, before a queue is full. First it only grows more
 * slowly (conservative slow start, CSS), in case that was jitter.
 *
 *   slow start --RTTs longer--> CSS --five rounds--> congestion avoidance
 *       ^                        |
 *       '------RTTs shorter------'
 *
 * A round lasts until what was SND.NXT at its beginning is acknowledged. The
 * newest segment that an acknowledgment takes gives it its RTT.
 *
 * Linux's CUBIC has another HyStart (hystart_linux.c), on the same state.
 *
 * Invariant: `departures` are in the order of their numbers, all above
 * SND.UNA.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "rules.h"
#include "simtime.h"

/** TcpDeparture: the segment that ends before `end` left at `at`; NEVER: and
 * left again. */
typedef struct TcpDeparture {
  SimTime at;
  uint32_t end;
} TcpDeparture;

/** TcpHystart: RFC 9406 4.2. NEVER stands for its infinity. */
typedef struct TcpHystart {
  SimTime last_round, this_round; /* least RTT of each */
  SimTime baseline;               /* cssBaselineMinRtt; NEVER: not in CSS */
  uint32_t window_end;            /* if `in_round` */
  uint32_t samples;               /* in this round */
  uint32_t css_rounds;
  bool in_round;
  bool linux;
  SimTime least;                 /* of Linux's: of all RTTs; NEVER: none */
  SimTime round_start, train_at; /* and the last ACK of its train */
  TcpDeparture *departures;      /* a ring */
  uint32_t first, count, room;
} TcpHystart;

/** tcp_hystart_new: nothing measured yet. (transfer full) */
TcpHystart *tcp_hystart_new(void);

/** tcp_hystart_free: (nullable) */
void tcp_hystart_free(TcpHystart *hystart);

/** tcp_hystart_left: a new segment that ends before `end` leaves `now`. */
void tcp_hystart_left(TcpHystart *hystart, uint32_t end, SimTime now);

/** tcp_hystart_left_again: [left, right) leaves again: its ACK gives no RTT. */
void tcp_hystart_left_again(TcpHystart *hystart, uint32_t left, uint32_t right);

/** tcp_hystart_measure: forgets what left below `una`. Returns: the RTT of the
 * newest; NEVER if there was none, or one of them left again. */
SimTime tcp_hystart_measure(TcpHystart *hystart, uint32_t una, SimTime now);

/** tcp_hystart_ack: `una` was acknowledged `now`, and `nxt` is SND.NXT.
 * Returns: the transition that follows, or TCP_RULE_NONE; after
 * TCP_RULE_HYSTART_OVER slow start is over. */
TcpRule tcp_hystart_ack(TcpHystart *hystart, uint32_t una, uint32_t nxt,
                        SimTime now);

/* -- of a connection -- */

typedef struct TcpConnection TcpConnection;

/** tcp_hystart_begin: the initial slow start begins, or goes on under other
 * knobs. */
void tcp_hystart_begin(TcpConnection *conn);

/** tcp_hystart_end: that slow start is over. */
void tcp_hystart_end(TcpConnection *conn);

/** tcp_hystart_acked: SND.UNA has moved and CWND with it. Returns: what
 * followed, or TCP_RULE_NONE. */
TcpRule tcp_hystart_acked(TcpConnection *conn);

/* -- hystart_linux.c -- */

/** tcp_hystart_linux_begin: a slow start begins, or goes on under other
 * knobs, and HyStart is not RFC 9406's. */
void tcp_hystart_linux_begin(TcpConnection *conn);

/** tcp_hystart_again: the slow start after a time-out begins. */
void tcp_hystart_again(TcpConnection *conn);

/** tcp_hystart_linux: SND.UNA has moved, CWND has not yet. Returns: why slow
 * start is over now, or TCP_RULE_NONE. */
TcpRule tcp_hystart_linux(TcpConnection *conn);
