/* What was sent when, one entry a segment: for finding losses by time (RACK,
 * RFC 8985) and for the tail loss probe. A connection has a TcpSent only once
 * it has sent text and a knob asks for it.
 *
 * Invariant: entries are sorted by number, do not overlap, and lie within
 * SND.UNA and SND.NXT. Those that were sent once are sorted by time, too.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "simtime.h"

typedef struct TcpSentSegment {
  SimTime at;           /* Segment.xmit_ts */
  uint32_t left, right; /* `right` is Segment.end_seq */
  bool again;           /* Segment.retransmitted */
  bool sacked;
  bool lost; /* was found lost, and not delivered since */
} TcpSentSegment;

typedef struct TcpSent {
  TcpSentSegment *items; /* `count` from `first` on */
  uint32_t first, count, room;
  uint32_t sacked;     /* RACK.segs_sacked */
  uint32_t high_again; /* if `repeated`: nothing behind it was */

  /* RACK's, RFC 8985 5.2 (RACK.min_RTT is the connection's rtt.least) */
  SimTime xmit_ts, rtt;
  SimTime reorder_at; /* the reordering timer; NEVER: not wanted */
  uint32_t end_seq, fack, dsack_round;
  uint32_t reordering;          /* the widest that was seen, segments */
  uint32_t reorderings, dsacks; /* ACKs that told of one */
  uint16_t reo_wnd_mult;
  uint8_t reo_wnd_persist;
  bool repeated; /* something was sent again */
  bool any;      /* something was delivered: xmit_ts, end_seq, rtt */
  bool any_fack; /* and fack */
  bool reordering_seen;
  bool in_dsack_round;

  /* TLP's */
  bool probed;        /* TLP.end_seq is known */
  bool probed_again;  /* TLP.is_retrans */
  bool probe_due;     /* the probe timer has expired */
  bool moved;         /* new text went: the probe timer begins anew */
  uint32_t probe_end; /* TLP.end_seq */
  SimTime rto_from;   /* when the retransmission timer began */

  /* what the last recovery found, and has sent again (undo.c) */
  SimTime undo_at; /* the first repetition; NEVER: none */
  uint32_t undo_from, undo_repeats, undo_cwnd, undo_ssthresh;
  bool undoable;
} TcpSent;

/** tcp_sent_new: nothing is sent. (transfer full) */
TcpSent *tcp_sent_new(void);

/** tcp_sent_free: (nullable) */
void tcp_sent_free(TcpSent *sent);

/** tcp_sent_at: the `index`-th, from 0. */
static inline TcpSentSegment *tcp_sent_at(const TcpSent *sent, uint32_t index)
{
  return &sent->items[sent->first + index];
}

/** tcp_sent_append: [left, right), behind all others, was sent. */
void tcp_sent_append(TcpSent *sent, uint32_t left, uint32_t right, SimTime now);

/** tcp_sent_again: [left, right) was sent again; it may be parts of segments,
 * or several. */
void tcp_sent_again(TcpSent *sent, uint32_t left, uint32_t right, SimTime now);

/** tcp_sent_find: the index of the first that ends behind `seq`; `count` if
 * none does. */
uint32_t tcp_sent_find(const TcpSent *sent, uint32_t seq);

/** tcp_sent_drop: forgets the first. */
void tcp_sent_drop(TcpSent *sent);

/** tcp_sent_trim: takes from [*left, *right) what is no whole segment. */
void tcp_sent_trim(const TcpSent *sent, uint32_t *left, uint32_t *right);

/** tcp_sent_forget_sacks: none counts as SACKed any more. */
void tcp_sent_forget_sacks(TcpSent *sent);
