/* Text and FIN: what arrives in sequence goes to the user, what arrives beyond
 * a gap is held, and the FIN is taken in one place, when RCV.NXT reaches it. */
#include "text.h"

#include <glib.h>

#include "parts.h"

static void consumed(TcpConnection *conn, uint32_t count)
{
  conn->rcv.nxt += count;
  conn->rcv.up = seq_max(conn->rcv.up, conn->rcv.nxt);
  conn->rcv.wnd -= MIN(conn->rcv.wnd, count);
}

/* After shutdown of the receiving direction nobody will read it. */
static void discard_unwanted(TcpConnection *conn)
{
  if (conn->receive_shut && !tcb_knobs(conn)->shut_keeps_text)
    tcp_stream_clear(&conn->receive, &conn->stack->chunks);
}

/* RFC 5681 4.2: at the latest every second full-sized segment is
 * acknowledged at once. */
static void owe_for_text(TcpConnection *conn, uint32_t length)
{
  const TcpKnobs *knobs = tcb_knobs(conn);
  int64_t segments = knobs->delayed_ack_segments;

  conn->peer_mss = (uint16_t)MAX(conn->peer_mss, length);
  if (knobs->quickack || (conn->texts <= knobs->quick_acks && !conn->dialogue))
    tcp_ack_owed(conn, true, TCP_RULE_ACK_QUICK);
  if (knobs->delayed_ack_once && (conn->ack_delayed || length > conn->mss))
    tcp_ack_owed(conn, true, TCP_RULE_ACK_ONCE);
  if (conn->rcv.nxt - conn->rcv.acked >=
      (uint64_t)conn->peer_mss * (uint64_t)segments)
    tcp_ack_owed(conn, true, TCP_RULE_ACK_SECOND);
  else
    tcp_ack_owed(conn, false, TCP_RULE_ACK_DELAYED);
}

void tcp_text_count(TcpConnection *conn, uint32_t length)
{
  if (length > 0 && conn->texts < UINT8_MAX)
    conn->texts++;
}

/* Linux: the first after a pause are quick again. */
void tcp_text_silence(TcpConnection *conn, SimTime since)
{
  if (tcb_knobs(conn)->pingpong && conn->texts > 0 &&
      conn->stack->sim->now - since > conn->rtt.rto)
    conn->texts = 1;
}

void tcp_text_answered(TcpConnection *conn)
{
  const TcpCounts *counts = conn->counts;
  const TcpKnobs *knobs = tcb_knobs(conn);

  if (knobs->pingpong && counts && conn->texts > 0 &&
      conn->stack->sim->now - counts->received < knobs->delayed_ack)
    conn->dialogue = true;
}

/* More than a full segment waits to be acknowledged. */
static bool is_segment_owed(const TcpConnection *conn)
{
  return conn->peer_mss && conn->rcv.nxt - conn->rcv.acked > conn->peer_mss;
}

void tcp_text_read(TcpConnection *conn)
{
  if (tcb_knobs(conn)->read_acks && conn->ack_delayed && is_segment_owed(conn))
    tcp_ack_owed(conn, true, TCP_RULE_ACK_READ);
}

void tcp_text_repeated(TcpConnection *conn)
{
  conn->dialogue = false;
  conn->texts = MIN(conn->texts, 1);
}

/* The text from `seq` on came behind some that had come before. */
static bool follows_duplicate(const TcpConnection *conn, uint32_t seq)
{
  const TcpSack *sack = conn->sack;

  return sack && sack->duplicate.left != sack->duplicate.right &&
         sack->duplicate.right == seq;
}

/* SHLD-31, MUST-59, MAY-13 */
void tcp_text_input(TcpConnection *conn, uint32_t seq, NetSlice text)
{
  SimPool *pool = &conn->stack->chunks;
  uint32_t length = text.length;

  if (seq == conn->rcv.nxt && !conn->held.last && !conn->fin_known) {
    if (tcb_knobs(conn)->dsack_at_once && follows_duplicate(conn, seq))
      tcp_ack_owed(conn, true, TCP_RULE_ACK_OVERLAP);
    tcp_stream_put(&conn->receive, pool, text);
    consumed(conn, length);
    tcp_count_received(conn, length);
    discard_unwanted(conn);
    tcb_event(conn, TCP_EVENT_READABLE);
    owe_for_text(conn, length);
    return;
  }
  tcp_held_put(&conn->held, pool, seq, text);
  if (conn->sacks && tcp_held_has_room(&conn->held))
    tcp_sack_held(tcp_sack_of(conn), seq, seq + length,
                  tcb_knobs(conn)->dsack && !follows_duplicate(conn, seq));
  tcp_ack_owed(conn, true,
               seq == conn->rcv.nxt ? TCP_RULE_ACK_GAP_FILLED
                                    : TCP_RULE_ACK_OUT_OF_ORDER);
  tcp_text_advance(conn);
}

void tcp_text_fin_held(TcpConnection *conn, bool alone)
{
  const TcpKnobs *knobs = tcb_knobs(conn);

  if (conn->sacks && knobs->sack_numbers && tcp_held_has_room(&conn->held))
    tcp_sack_held(tcp_sack_of(conn), conn->rcv.fin, conn->rcv.fin + 1,
                  knobs->dsack && alone);
  tcp_ack_owed(conn, true, TCP_RULE_FIN_BEYOND_GAP);
}

void tcp_text_second_fin(TcpConnection *conn)
{
  consumed(conn, 1);
  conn->second_fins++;
  tcp_ack_owed(conn, conn->state == TCP_CLOSING, TCP_RULE_FIN_REPEATED);
}

/* The ACK of text is delayed after all if the FIN comes with it. */
static void delay_quick_ack(TcpConnection *conn)
{
  if (conn->ack_now && conn->ack_rule == TCP_RULE_ACK_QUICK) {
    conn->ack_now = false;
    conn->ack_delayed = true;
  }
}

/* A segment may hold more than the window did. */
static bool is_overfull(const TcpConnection *conn)
{
  return tcb_knobs(conn)->fin_ack_full &&
         conn->receive.length > 2 * (uint64_t)tcb_buffer(conn);
}

static void take_crossing_fin(TcpConnection *conn)
{
  tcp_set_state(conn, TCP_CLOSING, TCP_RULE_FIN_BOTH);
  if (!tcb_knobs(conn)->fin_again || !tcb_fin_sent(conn))
    return;
  tcp_ranges_add(&conn->resend, conn->snd.fin, conn->snd.fin + 1);
  conn->resend_rule = TCP_RULE_FIN_BOTH;
  conn->resend_forced = true;
}

/* The eighth step: the FIN, once it is next. */
static void take_fin(TcpConnection *conn)
{
  bool now = conn->state != TCP_ESTABLISHED || !tcb_knobs(conn)->delay_fin_ack;

  consumed(conn, 1);
  if (conn->sack)
    tcp_sack_advance(conn->sack, conn->rcv.nxt);
  if (is_segment_owed(conn) && conn->peer_mss >= tcb_knobs(conn)->fin_ack_size)
    now = true;
  if (is_overfull(conn))
    now = true;
  conn->fin_received = conn->fin_unread = true;
  if (conn->sack && tcb_knobs(conn)->delay_fin_ack)
    tcp_sack_duplicate(conn->sack, 0, 0);
  if (!now)
    delay_quick_ack(conn);
  tcp_ack_owed(conn, now, TCP_RULE_FIN_RECEIVED);
  tcb_event(conn, TCP_EVENT_PEER_CLOSED);
  if (conn->state == TCP_ESTABLISHED)
    tcp_set_state(conn, TCP_CLOSE_WAIT, TCP_RULE_FIN_RECEIVED);
  else if (conn->state == TCP_FIN_WAIT_1 && tcb_fin_acked(conn))
    tcp_set_state(conn, TCP_TIME_WAIT, TCP_RULE_FIN_WITH_ACK);
  else if (conn->state == TCP_FIN_WAIT_1)
    take_crossing_fin(conn);
  else if (conn->state == TCP_FIN_WAIT_2)
    tcp_set_state(conn, TCP_TIME_WAIT, TCP_RULE_FIN_AFTER_OURS);
}

bool tcp_text_deliver(TcpConnection *conn)
{
  uint32_t taken = tcp_held_take(&conn->held, &conn->stack->chunks,
                                 conn->rcv.nxt, &conn->receive);

  if (conn->sack)
    tcp_sack_advance(conn->sack, conn->rcv.nxt + taken);
  if (taken == 0)
    return false;
  consumed(conn, taken);
  tcp_count_received(conn, taken);
  discard_unwanted(conn);
  tcb_event(conn, TCP_EVENT_READABLE);
  return true;
}

void tcp_text_advance(TcpConnection *conn)
{
  if (tcp_text_deliver(conn))
    tcp_ack_owed(conn, true, TCP_RULE_ACK_GAP_FILLED);
  if (conn->fin_known && !conn->fin_received &&
      conn->rcv.fin == conn->rcv.nxt && conn->state != TCP_SYN_RECEIVED)
    take_fin(conn);
}
