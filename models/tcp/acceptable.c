/* The first step (3.10.7.4): is the segment's number one that can be taken?
 * Timestamps of the past (RFC 7323 5) are found here, and what lies outside
 * the window is trimmed. */
#include <glib.h>

#include "arrival.h"

bool tcp_acceptable(uint32_t rcv_nxt, uint32_t rcv_wnd, uint32_t seq,
                    uint32_t length)
{
  if (rcv_wnd == 0)
    return length == 0 && seq == rcv_nxt;
  if (seq_within(seq, rcv_nxt, rcv_wnd))
    return true;
  return length > 0 && seq_within(seq + length - 1, rcv_nxt, rcv_wnd);
}

#define PAWS_IDLE (24 * 24 * 3600 * SIM_SECOND) /* RFC 7323 5.5 */

bool arrival_is_old(const TcpConnection *conn, const TcpSegment *segment,
                    int64_t slack)
{
  if (!conn->timestamps || !segment->options.has_timestamps ||
      !seq_lt(segment->options.ts_value + (uint32_t)slack, conn->ts_recent))
    return false;
  return conn->stack->sim->now - conn->ts_recent_at < PAWS_IDLE;
}

void arrival_remember(TcpConnection *conn, const TcpSegment *segment)
{
  if (!conn->timestamps || !segment->options.has_timestamps ||
      seq_gt(segment->seq, conn->rcv.acked) || arrival_is_old(conn, segment, 0))
    return;
  conn->ts_recent = segment->options.ts_value;
  conn->ts_recent_at = conn->stack->sim->now;
}

/* RFC 2883 4: what of the text is below RCV.NXT has come before. */
void arrival_duplicate(TcpConnection *conn, const Arrival *arrival)
{
  uint32_t left = arrival->seq, right = left + arrival->text.length;

  if (tcb_knobs(conn)->sack_numbers) {
    left = arrival->segment->seq;
    right = arrival_end(arrival);
  }
  if (seq_lt(left, right) && seq_leq(right, conn->rcv.nxt))
    tcp_text_repeated(conn);
  if (conn->sacks && tcb_knobs(conn)->dsack && seq_lt(left, conn->rcv.nxt) &&
      left != right)
    tcp_sack_duplicate(tcp_sack_of(conn), left, seq_min(right, conn->rcv.nxt));
}

/* What lies behind a FIN that came before its data is trimmed, too. */
void arrival_trim(TcpConnection *conn, Arrival *arrival)
{
  uint32_t right = conn->rcv.nxt + conn->rcv.wnd, end;

  if (conn->fin_known && !conn->fin_received)
    right = seq_min(right, conn->rcv.fin);
  if (arrival->syn)
    arrival->seq++;
  if (!tcb_knobs(conn)->sack_numbers)
    arrival_duplicate(conn, arrival);
  if (seq_lt(arrival->seq, conn->rcv.nxt)) {
    uint32_t old = MIN(conn->rcv.nxt - arrival->seq, arrival->text.length);

    arrival->seq += old;
    arrival->text.offset += old;
    arrival->text.length -= old;
  }
  end = arrival->seq + arrival->text.length;
  if (tcb_knobs(conn)->loose_window && !conn->fin_known)
    return;
  if (seq_geq(end, right) && arrival->fin)
    arrival->fin = false;
  if (seq_gt(end, right))
    arrival->text.length -= MIN(end - right, arrival->text.length);
}

/* Figure 7, line 6: in a simultaneous open the SYN comes again, now with the
 * ACK of ours. Its number is taken; the rest of it counts. */
static void trim_repeated_syn(TcpConnection *conn, Arrival *arrival)
{
  if (!conn->syn_acked && !conn->passive && arrival->syn &&
      arrival->segment->seq == conn->rcv.irs &&
      arrival->segment->flags & TCP_ACK) {
    arrival->syn = false;
    arrival->seq++;
  }
}

/* RFC 9293 3.10.7.4: "If the RCV.WND is zero, no segments will be acceptable,
 * but special allowance should be made to accept valid ACKs, URGs, and RSTs."
 */
static bool closed_window_allows(TcpConnection *conn, Arrival *arrival)
{
  if (conn->rcv.wnd > 0 || arrival->seq != conn->rcv.nxt || arrival->syn)
    return false;
  arrival->text.length = 0;
  arrival->fin = false;
  tcp_ack_owed(conn, true, TCP_RULE_WINDOW_CLOSED);
  tcp_verdict(conn->stack, &conn->entry.pair, conn->state, arrival->packet,
              TCP_RULE_WINDOW_CLOSED);
  return true;
}

/* A bare ACK one number to the left of the window: its sender does not know
 * yet that its probe was taken (output.c). Its ACK counts, or two ends whose
 * probes crossed would correct each other for ever. */
static bool is_unaware(const TcpConnection *conn, const Arrival *arrival,
                       uint32_t length)
{
  return length == 0 && conn->state >= TCP_ESTABLISHED &&
         arrival->seq == conn->rcv.nxt - 1 && arrival->segment->flags & TCP_ACK;
}

/* A bare ACK at the right edge, or behind a probe of the closed window: its
 * sender has sent all that the window lets through. The table of the first
 * step refuses it; A.2 knows that ACKs are lost by that. */
static bool is_early(const TcpConnection *conn, const Arrival *arrival,
                     uint32_t length)
{
  uint32_t edge = conn->rcv.wnd + (conn->rcv.wnd == 0);

  return length == 0 && conn->state >= TCP_ESTABLISHED &&
         arrival->seq - conn->rcv.nxt == edge &&
         arrival->segment->flags & TCP_ACK;
}

/* "If an incoming segment is not acceptable, an acknowledgment should be sent
 * in reply". To one that takes no number only so often (RFC 5961 7): two ends
 * that disagree would answer each other's answers for ever. */
static bool refuse(TcpConnection *conn, const Arrival *arrival, uint32_t length)
{
  arrival_duplicate(conn, arrival);
  if (length == 0)
    return arrival_challenge(conn, arrival, TCP_RULE_UNACCEPTABLE);
  if (arrival->fin && tcb_fin_repeated(conn, arrival->seq + length - 1))
    return arrival_drop_and_ack(conn, arrival, TCP_RULE_FIN_REPEATED);
  return arrival_drop_and_ack(conn, arrival, TCP_RULE_UNACCEPTABLE);
}

/* What lies before the window is trimmed to nothing, and its ACK stays. */
static bool trim_all(const TcpConnection *conn, Arrival *arrival,
                     uint32_t length)
{
  if (!tcb_knobs(conn)->old_acks || conn->state < TCP_ESTABLISHED ||
      arrival->syn || seq_gt(arrival->seq + length, conn->rcv.nxt))
    return false;
  arrival->text.length = 0;
  arrival->fin = false;
  return true;
}

/* A segment from the past. */
static bool refuse_old(TcpConnection *conn, const Arrival *arrival)
{
  const TcpSegment *segment = arrival->segment;
  const TcpKnobs *knobs = tcb_knobs(conn);
  bool empty = segment->payload.length == 0 && !arrival->fin;

  if (knobs->paws_silent && segment->length == 0 &&
      seq_lt(segment->seq, conn->rcv.nxt))
    return arrival_drop(conn, arrival, TCP_RULE_PAWS);
  if (knobs->answer_interval > 0 && empty)
    return arrival_challenge(conn, arrival, TCP_RULE_PAWS);
  if (knobs->sack_numbers)
    arrival_duplicate(conn, arrival);
  return arrival_drop_and_ack(conn, arrival, TCP_RULE_PAWS);
}

/* The window as `loose_window` has it: what ends at RCV.NXT is in it, and what
 * begins in it may go on behind it while nothing waits to be read, not even a
 * FIN. */
static bool is_loosely_acceptable(const TcpConnection *conn,
                                  const Arrival *arrival)
{
  uint32_t right = conn->rcv.nxt + conn->rcv.wnd;

  if (seq_lt(arrival_end(arrival), conn->rcv.acked))
    return false;
  if (seq_leq(arrival_text_end(arrival), right))
    return true;
  return seq_leq(arrival->segment->seq, right) && conn->receive.length == 0 &&
         !conn->fin_unread;
}

static bool refuse_loosely(TcpConnection *conn, const Arrival *arrival)
{
  bool empty = arrival->segment->payload.length == 0 && !arrival->fin;

  if (arrival->segment->flags & TCP_RST)
    return (arrival->segment->seq != conn->rcv.nxt &&
            arrival_is_exact(conn, arrival)) ||
           arrival_drop(conn, arrival, TCP_RULE_RST_OUTSIDE);
  if (arrival->syn)
    return arrival_challenge(conn, arrival, TCP_RULE_SYN_CHALLENGED);
  if (empty)
    return arrival_challenge(conn, arrival, TCP_RULE_UNACCEPTABLE);
  arrival_duplicate(conn, arrival);
  return arrival_drop_and_ack(conn, arrival, TCP_RULE_UNACCEPTABLE);
}

static bool loosely_acceptable(TcpConnection *conn, Arrival *arrival)
{
  if (!is_loosely_acceptable(conn, arrival))
    return refuse_loosely(conn, arrival);
  if (arrival->syn || arrival->segment->flags & TCP_RST)
    return true;
  arrival_remember(conn, arrival->segment);
  arrival_trim(conn, arrival);
  return true;
}

/* The four cases of 3.10.7.4, and what is known to be missing in them. */
static bool strictly_acceptable(TcpConnection *conn, Arrival *arrival)
{
  uint32_t length;

  trim_repeated_syn(conn, arrival);
  length = arrival->text.length + arrival->syn + arrival->fin;
  if (!tcp_acceptable(conn->rcv.nxt, conn->rcv.wnd, arrival->seq, length)) {
    if (is_early(conn, arrival, length))
      return true;
    if (is_unaware(conn, arrival, length)) {
      arrival_drop_and_ack(conn, arrival, TCP_RULE_UNACCEPTABLE);
      return true;
    }
    if (!closed_window_allows(conn, arrival)) {
      refuse(conn, arrival, length);
      if (!trim_all(conn, arrival, length))
        return false;
    }
  }
  arrival_remember(conn, arrival->segment);
  arrival_trim(conn, arrival);
  return true;
}

/* A RST is judged by its number alone, whatever text it carries (SHLD-2), and
 * its timestamp says nothing (RFC 7323 5.2). */
bool arrival_acceptable(TcpConnection *conn, Arrival *arrival)
{
  const TcpSegment *segment = arrival->segment;
  const TcpKnobs *knobs = tcb_knobs(conn);
  bool reset = segment->flags & TCP_RST;

  if (knobs->flags_first && !(segment->flags & (TCP_ACK | TCP_RST | TCP_SYN)))
    return arrival_drop(conn, arrival, TCP_RULE_NO_ACK);
  if (reset && !knobs->loose_window)
    return tcp_acceptable(conn->rcv.nxt, conn->rcv.wnd, segment->seq, 0) ||
           arrival_drop(conn, arrival, TCP_RULE_RST_OUTSIDE);
  if (!reset && arrival_is_old(conn, segment, knobs->paws_slack))
    return refuse_old(conn, arrival);
  if (!reset && conn->timestamps && !segment->options.has_timestamps &&
      !arrival->syn && knobs->timestamps_required)
    return arrival_drop(conn, arrival, TCP_RULE_NO_TIMESTAMP);
  return knobs->loose_window ? loosely_acceptable(conn, arrival)
                             : strictly_acceptable(conn, arrival);
}
