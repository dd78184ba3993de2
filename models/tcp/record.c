/* Small records: what a half-open connection, FIN-WAIT-2 without a user, and
 * TIME-WAIT are to a stack that keeps no whole connection for them. They know
 * few numbers and answer by short rules; SEG.ACK matters only where it opens a
 * connection. The knob small_records asks for it.
 *
 * Invariant: a record never has text; what carries some either makes a
 * connection of it or ends it. */
#include <glib.h>

#include "arrival.h"

#define RECORD_LIFE(knobs) (2 * (knobs)->msl)

/* The window as a record sees it: RCV.NXT exactly, any part within,
 * or empty at its right edge. */
static bool is_in_window(const TcpConnection *conn, const Arrival *arrival)
{
  uint32_t seq = arrival->segment->seq, end = arrival_end(arrival);
  uint32_t right = conn->rcv.nxt + conn->rcv.wnd;

  return seq == conn->rcv.nxt || (seq == right && end == right) ||
         (seq_gt(end, conn->rcv.nxt) && seq_lt(seq, right));
}

/* An ACK says what is expected; one that holds nothing is rationed. */
static bool record_answer(TcpConnection *conn, const Arrival *arrival,
                          TcpRule rule)
{
  bool empty = arrival->segment->payload.length == 0 && !arrival->fin;

  return empty ? arrival_challenge(conn, arrival, rule)
               : arrival_drop_and_ack(conn, arrival, rule);
}

static TcpRule outside_rule(bool old)
{
  return old ? TCP_RULE_PAWS : TCP_RULE_UNACCEPTABLE;
}

/* -- SYN-RECEIVED under a listener -- */

static bool is_syn_again(const TcpConnection *conn, const Arrival *arrival)
{
  return (arrival->segment->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN &&
         arrival->segment->seq == conn->rcv.irs &&
         !arrival_is_old(conn, arrival->segment, 0);
}

static void request_syn_again(TcpConnection *conn, const Arrival *arrival)
{
  arrival_drop(conn, arrival, TCP_RULE_SYN_AGAIN);
  if (!tcp_answer_allowed(conn))
    return;
  tcp_ranges_add(&conn->resend, conn->snd.iss, conn->snd.iss + 1);
  conn->resend_rule = TCP_RULE_SYN_AGAIN;
  conn->resend_forced = true;
}

/* The segment that makes a connection of the request. */
static void request_open(TcpConnection *conn, Arrival *arrival)
{
  TcpState before = conn->state;

  arrival_remember(conn, arrival->segment);
  arrival_trim(conn, arrival);
  if (!arrival_ack_syn_received(conn, arrival))
    return;
  arrival_text(conn, arrival);
  if (conn->state != TCP_CLOSED)
    tcp_verdict(conn->stack, &conn->entry.pair, before, arrival->packet,
                TCP_RULE_TAKEN);
}

static void request_input(TcpConnection *conn, Arrival *arrival)
{
  const TcpSegment *segment = arrival->segment;
  bool reset = segment->flags & TCP_RST, ack = segment->flags & TCP_ACK;
  bool old = arrival_is_old(conn, segment, 0);

  if (is_syn_again(conn, arrival)) {
    request_syn_again(conn, arrival);
  } else if (ack && !reset && segment->ack != conn->snd.nxt) {
    tcp_reply_reset(conn->stack, &conn->entry.pair, tcb_knobs(conn), segment,
                    TCP_RULE_SYN_RECEIVED_BAD_ACK);
    arrival_drop(conn, arrival, TCP_RULE_SYN_RECEIVED_BAD_ACK);
  } else if (old || !is_in_window(conn, arrival)) {
    if (reset)
      arrival_drop(conn, arrival, TCP_RULE_RST_OUTSIDE);
    else
      record_answer(conn, arrival, outside_rule(old));
  } else if (reset && segment->seq != conn->rcv.nxt) {
    arrival_challenge(conn, arrival, TCP_RULE_RST_CHALLENGED);
  } else if (reset) {
    arrival_finish(conn, arrival, TCP_OK, TCP_RULE_RST_SYN_RECEIVED_PASSIVE);
  } else if (arrival->syn && segment->seq == conn->rcv.irs) {
    arrival_challenge(conn, arrival, TCP_RULE_SYN_CHALLENGED);
  } else if (arrival->syn) {
    arrival_reset(conn, arrival, TCP_OK, TCP_RULE_SYN_RECEIVED_SYN);
  } else if (!ack) {
    arrival_drop(conn, arrival, TCP_RULE_NO_ACK);
  } else {
    request_open(conn, arrival);
  }
}

/* -- FIN-WAIT-2 without a user -- */

void tcp_fin_wait_2_left(TcpConnection *conn, bool fin)
{
  const TcpKnobs *knobs = tcb_knobs(conn);

  conn->record = knobs->small_records && !fin &&
                 knobs->fin_wait_2_timeout <= RECORD_LIFE(knobs);
  conn->timer_restart = true;
}

static void fin_wait_2_input(TcpConnection *conn, Arrival *arrival)
{
  const TcpSegment *segment = arrival->segment;
  uint32_t seq = segment->seq, end = arrival_end(arrival);
  bool old = arrival_is_old(conn, segment, 0);

  if (old || !is_in_window(conn, arrival)) {
    record_answer(conn, arrival, outside_rule(old));
  } else if (segment->flags & TCP_RST) {
    arrival_finish(conn, arrival, TCP_OK, TCP_RULE_RST);
  } else if (arrival->syn && seq_geq(seq, conn->rcv.nxt)) {
    arrival_reset(conn, arrival, TCP_OK, TCP_RULE_SYN_IN_WINDOW);
  } else if (!(segment->flags & TCP_ACK)) {
    arrival_drop(conn, arrival, TCP_RULE_NO_ACK);
  } else if (seq_leq(end, conn->rcv.nxt) || end == seq) {
    arrival_drop(conn, arrival, TCP_RULE_TAKEN);
  } else if (!arrival->fin || end != conn->rcv.nxt + 1) {
    arrival_reset(conn, arrival, TCP_OK, TCP_RULE_TEXT_AFTER_CLOSE);
  } else {
    arrival_remember(conn, segment);
    conn->fin_known = true;
    conn->rcv.fin = conn->rcv.nxt;
    arrival_drop(conn, arrival, TCP_RULE_TAKEN);
    tcp_text_advance(conn);
  }
}

bool arrival_at_record(TcpConnection *conn, Arrival *arrival)
{
  if (conn->record && conn->state == TCP_FIN_WAIT_2)
    fin_wait_2_input(conn, arrival);
  else if (conn->state == TCP_SYN_RECEIVED && conn->passive &&
           tcb_knobs(conn)->small_records)
    request_input(conn, arrival);
  else
    return false;
  return true;
}

/* -- TIME-WAIT -- */

TcpRule tcp_record_time_wait(const TcpTimeWait *record,
                             const TcpSegment *segment, bool old,
                             bool ignore_reset)
{
  bool reset = segment->flags & TCP_RST;

  if (!old && segment->seq == record->rcv_nxt &&
      (reset || segment->length == 0)) {
    if (reset)
      return ignore_reset ? TCP_RULE_TIME_WAIT_RST_IGNORED
                          : TCP_RULE_TIME_WAIT_RST;
    return segment->flags & TCP_ACK ? TCP_RULE_TIME_WAIT_EXACT
                                    : TCP_RULE_TIME_WAIT_IGNORED;
  }
  if (reset)
    return TCP_RULE_RST_OUTSIDE;
  if (old)
    return TCP_RULE_PAWS;
  return TCP_RULE_UNACCEPTABLE;
}
