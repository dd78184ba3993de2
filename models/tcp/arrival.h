/* A segment on its way through the steps of 3.10.7, and what the files that
 * judge it share. A step says whether to go on. */
#pragma once

#include "parts.h"
#include "text.h"

typedef struct Arrival {
  const TcpSegment *segment;
  const NetPacket *packet;
  uint32_t seq;  /* of `text`, trimmed */
  NetSlice text; /* a view */
  bool syn, fin;
} Arrival;

/** arrival_end: SEG.SEQ + SEG.LEN, as it came. */
static inline uint32_t arrival_end(const Arrival *arrival)
{
  return arrival->segment->seq + arrival->segment->length;
}

/** arrival_text_end: the same without the FIN's number. */
static inline uint32_t arrival_text_end(const Arrival *arrival)
{
  return arrival_end(arrival) - !!(arrival->segment->flags & TCP_FIN);
}

/** arrival_duplicate: what of it has come before is told (RFC 2883). */
void arrival_duplicate(TcpConnection *conn, const Arrival *arrival);

/* -- input.c: how a segment ends; all answer false -- */

/** arrival_drop: `rule` is what a dropped segment met. */
bool arrival_drop(TcpConnection *conn, const Arrival *arrival, TcpRule rule);

/** arrival_drop_and_ack: the same, with an acknowledgment. */
bool arrival_drop_and_ack(TcpConnection *conn, const Arrival *arrival,
                          TcpRule rule);

/** arrival_challenge: RFC 5961: an ACK that only the real peer can do
 * something with, unless there were too many. */
bool arrival_challenge(TcpConnection *conn, const Arrival *arrival,
                       TcpRule rule);

/** arrival_finish: it ends the connection. */
bool arrival_finish(TcpConnection *conn, const Arrival *arrival, TcpError error,
                    TcpRule rule);

/** arrival_reset: answered by RST, and the connection is over. */
bool arrival_reset(TcpConnection *conn, const Arrival *arrival, TcpError error,
                   TcpRule rule);

/** arrival_ack_syn_received: the fifth step in SYN-RECEIVED. */
bool arrival_ack_syn_received(TcpConnection *conn, Arrival *arrival);

/** arrival_text: the sixth to eighth steps. */
void arrival_text(TcpConnection *conn, Arrival *arrival);

/** arrival_is_exact: would a RST with this number be believed? */
bool arrival_is_exact(const TcpConnection *conn, const Arrival *arrival);

/** tcp_answer_allowed: may this connection answer another bad segment? */
bool tcp_answer_allowed(TcpConnection *conn);

/* -- acceptable.c: the first step -- */

bool arrival_acceptable(TcpConnection *conn, Arrival *arrival);

/** arrival_is_old: RFC 7323 5.3 R1: a timestamp more than `slack` ticks
 * behind TS.Recent. */
bool arrival_is_old(const TcpConnection *conn, const TcpSegment *segment,
                    int64_t slack);

/** arrival_remember: RFC 7323 4.3 (2): TS.Recent follows what will be
 * acknowledged next. */
void arrival_remember(TcpConnection *conn, const TcpSegment *segment);

/** arrival_trim: "trimming off any portions that lie outside the window". */
void arrival_trim(TcpConnection *conn, Arrival *arrival);

/* -- urgent.c -- */

/** arrival_urgent: the sixth step. */
void arrival_urgent(TcpConnection *conn, const Arrival *arrival);

/* -- syn_sent.c -- */

void arrival_syn_sent(TcpConnection *conn, const Arrival *arrival);

/* -- record.c: small records -- */

/** arrival_at_record: false if `conn` is no small record and the steps are to
 * be taken. */
bool arrival_at_record(TcpConnection *conn, Arrival *arrival);

/** state_takes_text: may the peer still send? */
static inline bool state_takes_text(TcpState state)
{
  return state == TCP_ESTABLISHED || state == TCP_FIN_WAIT_1 ||
         state == TCP_FIN_WAIT_2;
}
