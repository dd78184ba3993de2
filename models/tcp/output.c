/* Output is ranges of sequence space: the SYN is the number ISS, the FIN the
 * one behind the data. What was lost is in `resend`; what is new begins at
 * SND.NXT, which never goes back. One loop sends SYN, data, FIN and every
 * repetition; probes and bare acknowledgments are what is left. */
#include <glib.h>

#include "parts.h"
#include "text.h"

/* The numbers [left, right) as one segment. */
typedef struct Piece {
  uint32_t left, right;
  bool again;
} Piece;

/* -- building -- */

/* What every segment of a connection carries: ACK once there is something to
 * acknowledge, the window, urgent pointer, options. It settles what
 * acknowledgment was owed. */
static void transmit(TcpConnection *conn, TcpSegment *segment, TcpRule rule,
                     unsigned attempt)
{
  TcpStack *stack = conn->stack;
  NetPacket *packet =
      tcp_packet_new(stack, &conn->entry.pair, rule, conn->state);
  bool syn = segment->flags & TCP_SYN;
  uint32_t up = conn->snd.up - segment->seq;

  tcp_window_advance(conn);
  if (conn->state != TCP_SYN_SENT) {
    segment->flags |= TCP_ACK;
    segment->ack = conn->rcv.nxt;
    conn->rcv.acked = conn->rcv.nxt;
    tcp_timer_ack_sent(conn);
    segment->flags |= conn->ece && !syn ? TCP_ECE : 0;
  }
  segment->window = tcp_window_field(conn, syn);
  if (seq_gt(conn->snd.up, conn->snd.una) &&
      seq_gt(conn->snd.up, segment->seq)) {
    segment->flags |= TCP_URG;
    up -= !!tcb_knobs(conn)->urgent_to_last;
    segment->up = (uint16_t)MIN(up, 65535); /* MUST-30, MUST-31, MUST-62 */
  }
  tcp_offer(conn, segment);
  tcp_count_out(conn, segment, attempt > 0);
  packet->attempt = (uint8_t)MIN(attempt, 255);
  if (conn->sack)
    conn->sack->duplicate = (TcpRange){ 0, 0 };
  tcp_packet_send(stack, &conn->entry.pair, packet, segment,
                  tcp_service(tcb_knobs(conn)), &conn->path);
}

/* -- ranges -- */

static uint32_t data_end(const TcpConnection *conn)
{
  return tcb_data_start(conn) + conn->send.length;
}

static TcpRule rule_of(const TcpConnection *conn, const Piece *piece,
                       unsigned flags)
{
  if (conn->sent && conn->sent->probe_due)
    return TCP_RULE_LOSS_PROBE;
  if (piece->again)
    return (TcpRule)conn->resend_rule;
  if (conn->probing)
    return TCP_RULE_ZERO_WINDOW_PROBE;
  if (flags & TCP_SYN)
    return conn->state == TCP_SYN_SENT ? TCP_RULE_OPEN : TCP_RULE_LISTEN_SYN;
  if (flags & TCP_CWR)
    return TCP_RULE_WINDOW_REDUCED;
  if (flags & TCP_FIN)
    return TCP_RULE_FIN_SENT;
  if (conn->congestion.frto)
    return TCP_RULE_FRTO_NEW;
  if (tcp_pace_is_due(conn))
    return TCP_RULE_PACED;
  return conn->congestion.extra ? TCP_RULE_LIMITED_TRANSMIT
                                : TCP_RULE_TEXT_SENT;
}

/* The connection's place moves with the FIN (3.10.4): in CLOSE-WAIT "send a
 * FIN segment, enter LAST-ACK state". */
static void fin_left(TcpConnection *conn)
{
  if (conn->state == TCP_CLOSE_WAIT)
    tcp_set_state(conn, TCP_LAST_ACK, TCP_RULE_LAST_FIN_SENT);
}

/* RFC 5681 3.2: what limited transmit sends does not count when a loss is
 * answered by halving what is outstanding. */
static void note_extra(TcpConnection *conn, const Piece *piece)
{
  TcpCongestion *c = &conn->congestion;

  if (c->duplicates > 0 && !c->recovering &&
      piece->right - conn->snd.una > c->cwnd)
    c->extra += piece->right - piece->left;
}

static void note_sent(TcpConnection *conn, const Piece *piece)
{
  tcp_growth_idle(conn);
  conn->sent_at = conn->stack->sim->now;
  if ((conn->congestion.recovering && conn->sacks) || conn->congestion.marked)
    tcp_scoreboard_sent(conn, piece->left, piece->right, piece->again);
  if (conn->logged)
    tcp_sent_note(conn, piece->left, piece->right, piece->again);
  if (conn->hystart && piece->again)
    tcp_hystart_left_again(conn->hystart, piece->left, piece->right);
  if (piece->again) {
    tcp_ranges_remove(&conn->resend, piece->left, piece->right);
    conn->resend_forced = false;
    conn->timing = false; /* Karn */
    conn->stack->counters.retransmitted++;
    return;
  }
  note_extra(conn, piece);
  tcp_sndbuf_left(conn, piece->left, piece->right);
  if (conn->hystart)
    tcp_hystart_left(conn->hystart, piece->right, conn->sent_at);
  conn->snd.nxt = piece->right;
  if (!conn->timing) {
    conn->timing = true;
    conn->rtt_seq = piece->right;
    conn->rtt_start = conn->stack->sim->now;
  }
}

/* RFC 3168 6.1.1 and 6.1.2: what negotiates ECN, and new text that a router
 * may mark, of which the first tells that the window was reduced (SHLD-8). */
static void mark_capable(TcpConnection *conn, const Piece *piece,
                         TcpSegment *segment)
{
  if (segment->flags & TCP_SYN) {
    if (conn->state != TCP_SYN_SENT)
      segment->flags |= conn->ecn ? TCP_ECE : 0;
    else if (tcp_asks_for_marks(conn))
      segment->flags |= TCP_ECE | TCP_CWR;
  } else if (conn->ecn && !piece->again && !conn->probing &&
             segment->payload.length > 0) {
    segment->ecn = NET_ECT_0;
    segment->flags |= conn->cwr_due ? TCP_CWR : 0;
    conn->cwr_due = false;
  }
}

/* MUST-60, MUST-61, MAY-15 */
static void send_piece(TcpConnection *conn, const Piece *piece)
{
  uint32_t start = tcb_data_start(conn), end = data_end(conn);
  TcpSegment segment = { .seq = piece->left };
  uint32_t first = seq_max(piece->left, start);
  uint32_t last = seq_min(piece->right, end);
  TcpRule rule;

  if (!conn->syn_acked && piece->left == conn->snd.iss)
    segment.flags |= TCP_SYN;
  if (seq_lt(first, last)) {
    segment.payload = tcp_stream_at(&conn->send, first - start, last - first);
    if ((last == end && !tcb_knobs(conn)->push_written) ||
        (seq_lt(first, conn->snd.pushed) && seq_geq(last, conn->snd.pushed)) ||
        tcp_marks_push(conn->marks, first, last))
      segment.flags |= TCP_PSH;
    tcp_text_answered(conn);
    if (last - first < conn->mss)
      conn->small = seq_max(conn->small, last);
  }
  if (conn->fin_queued && piece->right == conn->snd.fin + 1)
    segment.flags |= TCP_FIN;
  mark_capable(conn, piece, &segment);
  note_sent(conn, piece);
  rule = rule_of(conn, piece, segment.flags);
  transmit(conn, &segment, rule, piece->again ? MAX(conn->retries, 1) : 0);
  tcp_pace_left(conn, segment.payload.length);
  if (segment.flags & TCP_FIN)
    fin_left(conn);
}

/* Does CWND let `count` numbers out? In a recovery by SACK whole segments
 * count (RFC 6675 5 (C)). */
static bool has_credit(const TcpConnection *conn, uint32_t count)
{
  const TcpCongestion *c = &conn->congestion;

  if (c->recovering && conn->sacks)
    count = MAX(count, conn->mss);
  return tcp_flight(conn) + count <= c->cwnd;
}

/* The same for new text, with limited transmit: the first duplicate ACKs say
 * that segments have left, whatever CWND says. With SACK the flight says so
 * itself (RFC 6675 5 (3)). */
static bool has_credit_for_new(const TcpConnection *conn, uint32_t count)
{
  const TcpCongestion *c = &conn->congestion;
  uint32_t outstanding = conn->snd.nxt - conn->snd.una;

  if (c->duplicates == 0 || c->recovering)
    return has_credit(conn, count);
  if (!tcb_knobs(conn)->limited_transmit)
    return has_credit(conn, count) && outstanding + count <= c->cwnd;
  if (conn->sacks || !seq_gt(conn->snd.una, c->recover))
    return has_credit(conn, count);
  return tcp_flight(conn) + count <= c->cwnd + MIN(c->duplicates, 2) * c->mss;
}

/* The first range that is to be sent again. The FIN rides on the last
 * (SHLD-16, MAY-7). */
static bool next_again(TcpConnection *conn, Piece *ret)
{
  uint32_t left, right;

  if (tcp_ranges_empty(&conn->resend))
    return false;
  if (!conn->syn_acked && tcb_knobs(conn)->syn_again_alone &&
      conn->resend.items[0].left != conn->snd.iss)
    return false;
  left = conn->resend.items[0].left;
  right = seq_min(conn->resend.items[0].right, left + tcp_offer_room(conn));
  right = tcp_marks_limit(conn->marks, left, right);
  if (!conn->syn_acked && left == conn->snd.iss)
    right = left + 1;
  else if (conn->fin_queued && right == conn->snd.fin &&
           tcp_ranges_hold(&conn->resend, right, right + 1))
    right++;
  *ret = (Piece){ left, right, true };
  if (conn->resend_forced || has_credit(conn, right - left))
    return true;
  conn->congestion.limited = true;
  return false;
}

static bool state_sends_text(TcpState state)
{
  return state == TCP_ESTABLISHED || state == TCP_CLOSE_WAIT ||
         state == TCP_FIN_WAIT_1 || state == TCP_CLOSING ||
         state == TCP_LAST_ACK;
}

/* Nagle (3.7.4) lets small segments out. */
static bool nagle_passes(const TcpConnection *conn)
{
  const TcpKnobs *knobs = tcb_knobs(conn);

  return conn->snd.una == conn->snd.nxt || !knobs->nagle ||
         (knobs->nagle_burst && conn->was_idle) ||
         (knobs->nagle_small && seq_leq(conn->small, conn->snd.una));
}

/* Silly window avoidance (3.8.6.2.1) and Nagle (3.7.4): is `count` of
 * `waiting` bytes worth a segment? (MUST-38, SHLD-7) */
static bool is_worth_sending(const TcpConnection *conn, uint32_t count,
                             uint32_t waiting, bool fin)
{
  if (count == tcp_offer_room(conn) || fin || conn->override_due)
    return true;
  if (tcb_knobs(conn)->cork || conn->more)
    return false;
  if (!nagle_passes(conn))
    return false;
  return count == waiting || (count > 0 && count >= conn->snd.max_wnd / 2);
}

/* What is new and fits the windows (SHLD-15, SHLD-27, SHLD-28, MAY-16). */
static bool next_new(TcpConnection *conn, Piece *ret)
{
  uint32_t end = data_end(conn), nxt = conn->snd.nxt, window;
  uint32_t waiting = seq_lt(nxt, end) ? end - nxt : 0, count, room;
  bool fin = conn->fin_queued && !tcb_fin_sent(conn);

  if (!conn->syn_acked && nxt == conn->snd.iss) {
    *ret = (Piece){ nxt, nxt + 1, false };
    return true;
  }
  if ((waiting == 0 && !fin) || !state_sends_text(conn->state))
    return false;
  window = conn->snd.una + conn->snd.wnd - nxt;
  if (seq_gt(nxt, conn->snd.una + conn->snd.wnd))
    window = 0;
  room = MIN(MIN(waiting, tcp_offer_room(conn)), window);
  count = tcp_marks_limit(conn->marks, nxt, nxt + room) - nxt;
  if (count > 0 && nxt == conn->snd.una)
    tcp_recovery_restart(conn);
  if (count > 0 && !has_credit_for_new(conn, count)) {
    conn->congestion.limited = true;
    return false;
  }
  fin = fin && count == waiting && window > count;
  if (!fin && (count == 0 || (count == room && /* else a record is whole */
                              !is_worth_sending(conn, count, waiting, fin))))
    return false;
  *ret = (Piece){ nxt, nxt + count + fin, false };
  return true;
}

/* What is not known to be lost, in a recovery by SACK. */
static bool next_doubtful(TcpConnection *conn, Piece *ret)
{
  TcpRange range;

  if (!tcp_scoreboard_next(conn, &range))
    return false;
  range.right = tcp_marks_limit(conn->marks, range.left, range.right);
  *ret = (Piece){ range.left, range.right, true };
  return true;
}

/* What may leave now. What pacing holds back is chosen anew then. */
static bool next_piece(TcpConnection *conn, Piece *ret)
{
  if (conn->probing || conn->state == TCP_CLOSED)
    return false;
  if (next_again(conn, ret))
    return conn->resend_forced || !tcp_pace_holds(conn);
  if (next_new(conn, ret))
    return !tcp_pace_holds(conn);
  return next_doubtful(conn, ret);
}

/* -- probes -- */

/* 3.8.6.1: one number beyond the closed window, the same until it is taken
 * (MUST-35, MUST-36). */
static void send_probe(TcpConnection *conn)
{
  TcpSegment empty = { .seq = conn->snd.una - 1 };
  bool again = conn->snd.nxt != conn->snd.una;
  Piece piece = { conn->snd.una, conn->snd.una + 1, again };

  conn->probe_due = false;
  if (tcb_knobs(conn)->probe_empty) {
    transmit(conn, &empty, TCP_RULE_ZERO_WINDOW_PROBE, conn->retries);
    return;
  }
  conn->probing = true;
  conn->resend_rule = TCP_RULE_ZERO_WINDOW_PROBE;
  send_piece(conn, &piece);
  conn->timing = false;
}

/* RFC 8985 7.3: new text if the peer's window lets it go, else the last segment
 * again. */
static void send_loss_probe(TcpConnection *conn)
{
  uint32_t nxt = conn->snd.nxt, right = conn->snd.una + conn->snd.wnd;
  uint32_t waiting = tcp_unsent(conn), count = 0;
  bool fin = conn->fin_queued && !tcb_fin_sent(conn);
  Piece piece = { nxt, nxt, false };
  TcpRange last;

  if (seq_lt(nxt, right) && state_sends_text(conn->state))
    count = MIN(MIN(waiting, tcp_offer_room(conn)), right - nxt);
  fin = fin && count == waiting && seq_lt(nxt + count, right);
  if (count > 0 || fin)
    piece.right += count + fin;
  else if (tcp_tail_loss_last(conn, &last))
    piece = (Piece){ last.left, last.right, true };
  if (piece.left != piece.right)
    send_piece(conn, &piece);
  tcp_tail_loss_sent(conn, piece.again);
}

/* 3.8.4: an old number, so that the peer must answer (SHLD-12). */
static void send_keepalive(TcpConnection *conn)
{
  TcpSegment segment = { .seq = conn->snd.nxt - 1 };

  conn->keepalive_due = false;
  transmit(conn, &segment, TCP_RULE_KEEPALIVE_PROBE, 0);
}

/* SND.NXT, where the peer may find it acceptable: behind a refused probe, or
 * in a window that has shrunk, it is beyond the right edge. Two closed windows
 * would then answer each other for ever. What less than a unit of the scaled
 * window hides is no shrinking. */
static uint32_t acceptable_seq(const TcpConnection *conn)
{
  uint32_t right = conn->snd.una + conn->snd.wnd, nxt = conn->snd.nxt;

  if (conn->state < TCP_ESTABLISHED || seq_leq(nxt, right) ||
      (!conn->probing && nxt - right < 1u << conn->snd_scale))
    return nxt;
  return right;
}

static void send_ack(TcpConnection *conn)
{
  TcpSegment segment = { .seq = acceptable_seq(conn) };

  transmit(conn, &segment, (TcpRule)conn->ack_rule, 0);
}

void tcp_output(TcpConnection *conn)
{
  Piece piece;

  net_host_path(conn->stack->host, conn->entry.pair.remote.address,
                &conn->path);
  if (conn->path.mtu != conn->path_mtu)
    tcp_path_changed(conn);
  conn->was_idle = conn->snd.una == conn->snd.nxt;
  if (conn->probe_due)
    send_probe(conn);
  if (conn->sent && conn->sent->probe_due)
    send_loss_probe(conn);
  while (next_piece(conn, &piece))
    send_piece(conn, &piece);
  if (tcb_knobs(conn)->window_validation)
    tcp_growth_used(conn);
  conn->override_due = conn->override_due && tcp_pace_waits(conn);
  tcp_wake_writer(conn);
  tcp_count_limits(conn);
  if (conn->keepalive_due)
    send_keepalive(conn);
  if (conn->ack_now)
    send_ack(conn);
}

/* -- a segment that ends a connection -- */

void tcp_send_reset(TcpConnection *conn, TcpRule rule)
{
  NetPacket *packet =
      tcp_packet_new(conn->stack, &conn->entry.pair, rule, conn->state);
  TcpSegment segment = { .seq = acceptable_seq(conn), .flags = TCP_RST };

  if (tcb_knobs(conn)->reset_acks) {
    segment.flags |= TCP_ACK;
    segment.ack = conn->rcv.nxt;
    if (tcb_knobs(conn)->reset_acks == 1)
      segment.window = tcp_window_field(conn, false);
  }

  if (conn->timestamps)
    tcp_offer(conn, &segment); /* RFC 7323 3.2 */
  tcp_packet_send(conn->stack, &conn->entry.pair, packet, &segment,
                  tcp_service(tcb_knobs(conn)), &conn->path);
}
