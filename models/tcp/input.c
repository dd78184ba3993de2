/* SEGMENT ARRIVES (3.10.7.4): the eight steps in the RFC's order, one function
 * each (the first is in acceptable.c). A step says whether to go on.
 *
 * Text and FIN are trimmed to the window between the first and second steps;
 * flags and SEG.SEQ are judged as they came. */
#include <glib.h>

#include "arrival.h"

void tcp_verdict(TcpStack *stack, const TcpPair *pair, TcpState state,
                 const NetPacket *packet, TcpRule rule)
{
  TcpTraceSegment record = { stack, pair, state, packet, rule };

  if (sim_tracing(stack->sim, TCP_TRACE_SEGMENT))
    sim_trace_emit(stack->sim, TCP_TRACE_SEGMENT, &record);
}

bool arrival_drop(TcpConnection *conn, const Arrival *arrival, TcpRule rule)
{
  tcp_verdict(conn->stack, &conn->entry.pair, conn->state, arrival->packet,
              rule);
  return false;
}

bool arrival_drop_and_ack(TcpConnection *conn, const Arrival *arrival,
                          TcpRule rule)
{
  tcp_ack_owed(conn, true, rule);
  return arrival_drop(conn, arrival, rule);
}

/* MAY-12 */
bool tcp_challenge_allowed(TcpStack *stack, const TcpKnobs *knobs)
{
  SimTime now = stack->sim->now;

  if (stack->challenges == 0 ||
      now - stack->challenge_start >= knobs->challenge_ack_interval) {
    stack->challenge_start = now;
    stack->challenges = 0;
  }
  if (stack->challenges >= knobs->challenge_ack_limit)
    return false;
  stack->challenges++;
  stack->counters.challenge_acks++;
  return true;
}

/* One clock for all answers of a connection that `answer_interval` rations. */
bool tcp_answer_allowed(TcpConnection *conn)
{
  SimTime now = conn->stack->sim->now;

  if (now < conn->answer_after)
    return false;
  conn->answer_after = now + tcb_knobs(conn)->answer_interval;
  return true;
}

bool arrival_challenge(TcpConnection *conn, const Arrival *arrival,
                       TcpRule rule)
{
  if (!tcp_answer_allowed(conn) ||
      !tcp_challenge_allowed(conn->stack, tcb_knobs(conn)))
    return arrival_drop(conn, arrival, TCP_RULE_CHALLENGE_LIMIT);
  return arrival_drop_and_ack(conn, arrival, rule);
}

/* MUST-12 */
bool arrival_finish(TcpConnection *conn, const Arrival *arrival, TcpError error,
                    TcpRule rule)
{
  arrival_drop(conn, arrival, rule);
  tcb_end(conn, error, rule);
  return false;
}

/* -- second step: RST -- */

bool arrival_is_exact(const TcpConnection *conn, const Arrival *arrival)
{
  uint32_t seq = arrival->segment->seq;

  return seq == conn->rcv.nxt ||
         (tcb_knobs(conn)->reset_at_fin && conn->fin_received &&
          seq == conn->rcv.nxt - 1);
}

/* What the user finds after a RST. */
static TcpError reset_error(const TcpConnection *conn)
{
  int64_t which = tcb_knobs(conn)->reset_errors;

  if (conn->state == TCP_SYN_RECEIVED && which < 2)
    return TCP_ECONNREFUSED;
  if (conn->state == TCP_CLOSING || conn->state == TCP_LAST_ACK)
    return which > 0 ? TCP_ECONNRESET : TCP_OK;
  return conn->state == TCP_CLOSE_WAIT && which == 2 ? TCP_EPIPE
                                                     : TCP_ECONNRESET;
}

static TcpRule reset_rule(const TcpConnection *conn)
{
  if (conn->state == TCP_SYN_RECEIVED)
    return TCP_RULE_RST_SYN_RECEIVED_ACTIVE;
  if (conn->state == TCP_CLOSING || conn->state == TCP_LAST_ACK)
    return TCP_RULE_RST_CLOSING;
  return TCP_RULE_RST;
}

static bool step_reset(TcpConnection *conn, Arrival *arrival)
{
  if (!(arrival->segment->flags & TCP_RST))
    return true;
  if (!arrival_is_exact(conn, arrival) && tcb_knobs(conn)->challenge_acks &&
      !tcb_knobs(conn)->insecure_rst)
    return arrival_challenge(conn, arrival, TCP_RULE_RST_CHALLENGED);
  if (conn->state == TCP_SYN_RECEIVED && conn->passive)
    return arrival_finish(conn, arrival, TCP_OK,
                          TCP_RULE_RST_SYN_RECEIVED_PASSIVE);
  return arrival_finish(conn, arrival, reset_error(conn), reset_rule(conn));
}

/* -- fourth step: SYN (the third, security, is not modelled) -- */

/* The SYN,ACK of the peer in a simultaneous open, where the first step has not
 * taken its number away. */
static bool is_crossed_syn(const TcpConnection *conn, const Arrival *arrival)
{
  const TcpSegment *segment = arrival->segment;

  return conn->state == TCP_SYN_RECEIVED && tcb_knobs(conn)->loose_window &&
         !conn->closed && segment->flags & TCP_ACK && segment->length == 1 &&
         segment->seq + 1 == conn->rcv.nxt && segment->ack == conn->snd.nxt;
}

static bool step_syn(TcpConnection *conn, Arrival *arrival)
{
  if (!arrival->syn)
    return true;
  if (is_crossed_syn(conn, arrival)) {
    tcp_ack_owed(conn, true, TCP_RULE_UNACCEPTABLE);
    arrival_duplicate(conn, arrival);
    arrival->syn = false;
    return true;
  }
  if (conn->state == TCP_SYN_RECEIVED && conn->passive)
    return arrival_finish(conn, arrival, TCP_OK, TCP_RULE_SYN_RECEIVED_SYN);
  if (tcb_knobs(conn)->challenge_acks && !tcb_knobs(conn)->insecure_syn)
    return arrival_challenge(conn, arrival, TCP_RULE_SYN_CHALLENGED);
  tcp_send_reset(conn, TCP_RULE_SYN_IN_WINDOW);
  return arrival_finish(conn, arrival, TCP_ECONNRESET, TCP_RULE_SYN_IN_WINDOW);
}

/* -- fifth step: ACK -- */

bool arrival_reset(TcpConnection *conn, const Arrival *arrival, TcpError error,
                   TcpRule rule)
{
  arrival_drop(conn, arrival, rule); /* told of before its answer is */
  tcp_reply_reset(conn->stack, &conn->entry.pair, tcb_knobs(conn),
                  arrival->segment, rule);
  tcb_end(conn, error, rule);
  return false;
}

/* Is the ACK in SYN-RECEIVED one that opens the connection? */
static bool acks_syn(const TcpConnection *conn, const TcpSegment *segment)
{
  bool loose = tcb_knobs(conn)->syn_ack_loose;

  return seq_geq(segment->ack, conn->snd.una + !loose) &&
         seq_leq(segment->ack, conn->snd.nxt);
}

/* What the CLOSE that came in SYN-RECEIVED was queued for (3.10.4). */
static void close_as_queued(TcpConnection *conn)
{
  if (conn->fin_queued && conn->state == TCP_ESTABLISHED)
    tcp_set_state(conn, TCP_FIN_WAIT_1, TCP_RULE_CLOSE);
}

/* TCP_DEFER_ACCEPT: the ACK alone does not open. */
static bool is_deferred(const TcpConnection *conn, const TcpSegment *segment)
{
  return conn->half_open && segment->length == 0 &&
         conn->retries < tcp_defer_repetitions(tcb_knobs(conn));
}

/* Nobody accepts: the ACK is as if it had been lost, or reset. */
static bool is_beyond_backlog(const TcpConnection *conn)
{
  return conn->half_open && tcb_knobs(conn)->backlog_loose &&
         tcp_listener_is_full(conn->listener);
}

static bool overflow(TcpConnection *conn, const Arrival *arrival)
{
  conn->stack->counters.listen_overflows++;
  if (tcb_knobs(conn)->backlog_resets)
    return arrival_reset(conn, arrival, TCP_OK, TCP_RULE_LISTEN_OVERFLOW);
  return arrival_drop(conn, arrival, TCP_RULE_LISTEN_OVERFLOW);
}

bool arrival_ack_syn_received(TcpConnection *conn, Arrival *arrival)
{
  const TcpSegment *segment = arrival->segment;

  if (!acks_syn(conn, segment)) {
    tcp_reply_reset(conn->stack, &conn->entry.pair, tcb_knobs(conn), segment,
                    TCP_RULE_SYN_RECEIVED_BAD_ACK);
    return arrival_drop(conn, arrival, TCP_RULE_SYN_RECEIVED_BAD_ACK);
  }
  if (is_deferred(conn, segment)) {
    conn->deferred = true;
    return arrival_drop(conn, arrival, TCP_RULE_SYN_ACKED_DEFERRED);
  }
  if (is_beyond_backlog(conn))
    return overflow(conn, arrival);
  if (conn->deferred && !conn->syn_repeated) { /* no time was measured */
    conn->timing = false;
    tcp_rtt_init(&conn->rtt, tcb_knobs(conn));
  }
  conn->deferred = false;
  conn->snd.wl1 = segment->seq - 1; /* so that its window is taken */
  tcp_set_state(conn, TCP_ESTABLISHED, TCP_RULE_SYN_ACKED);
  tcp_ack_input(conn, segment);
  tcp_established(conn);
  close_as_queued(conn);
  if (tcb_knobs(conn)->syn_text == 2)
    tcp_text_deliver(conn);
  else
    tcp_text_advance(conn); /* what came with the SYN */
  return true;
}

/* Will the segment's FIN be taken? */
static bool is_fin_next(const TcpConnection *conn, const Arrival *arrival)
{
  return arrival->fin && arrival->seq == conn->rcv.nxt &&
         (conn->rcv.wnd > 0 || arrival->segment->seq == conn->rcv.nxt);
}

/* Text, or a FIN beyond a gap, for a user who reads no more. */
static bool is_late(const TcpConnection *conn, const Arrival *arrival)
{
  return arrival_end(arrival) != arrival->segment->seq &&
         seq_gt(arrival_text_end(arrival), conn->rcv.nxt);
}

/* "our FIN is acknowledged", and the user has gone: FIN-WAIT-2 may be no more
 * than a small record. */
static bool step_ack_orphan(TcpConnection *conn, Arrival *arrival)
{
  const TcpKnobs *knobs = tcb_knobs(conn);

  if (knobs->fin_wait_2_timeout < 0)
    return arrival_reset(conn, arrival, TCP_OK, TCP_RULE_FIN_WAIT_2_REFUSED);
  if (knobs->reset_on_shut && is_late(conn, arrival))
    return arrival_reset(conn, arrival, TCP_OK, TCP_RULE_TEXT_AFTER_CLOSE);
  if (is_fin_next(conn, arrival))
    return true;
  tcp_set_state(conn, TCP_FIN_WAIT_2, TCP_RULE_FIN_ACKED);
  tcp_fin_wait_2_left(conn, arrival->fin);
  if (!conn->record)
    return true;
  tcp_verdict(conn->stack, &conn->entry.pair, TCP_FIN_WAIT_1, arrival->packet,
              TCP_RULE_FIN_ACKED);
  return false;
}

/* What follows from "our FIN is acknowledged". */
static bool step_ack_fin(TcpConnection *conn, Arrival *arrival)
{
  bool acked = tcb_fin_acked(conn);

  if (conn->state == TCP_FIN_WAIT_1 && acked && conn->closed)
    return step_ack_orphan(conn, arrival);
  if (conn->state == TCP_FIN_WAIT_1 && acked) {
    /* Figure 5, note 2: a FIN in the same segment goes to TIME-WAIT */
    if (!is_fin_next(conn, arrival))
      tcp_set_state(conn, TCP_FIN_WAIT_2, TCP_RULE_FIN_ACKED);
  } else if (conn->state == TCP_CLOSING) {
    if (!acked && tcb_knobs(conn)->text_after_fin)
      return true;
    if (!acked)
      return arrival_drop(conn, arrival, TCP_RULE_CLOSING_IGNORED);
    tcp_verdict(conn->stack, &conn->entry.pair, conn->state, arrival->packet,
                TCP_RULE_CLOSING_FIN_ACKED);
    tcp_set_state(conn, TCP_TIME_WAIT, TCP_RULE_CLOSING_FIN_ACKED);
    return false;
  } else if (conn->state == TCP_LAST_ACK && acked) {
    return arrival_finish(conn, arrival, TCP_OK, TCP_RULE_LAST_ACK_FIN_ACKED);
  }
  return true;
}

/* RFC 5961 5.2: how far behind SND.UNA an ACK may be. */
static uint32_t ack_reach(const TcpConnection *conn)
{
  uint32_t reach = conn->snd.max_wnd;

  if (tcb_knobs(conn)->ack_bound_acked && conn->snd.acked < reach)
    reach = (uint32_t)conn->snd.acked;
  return reach;
}

/* The slow start has changed its pace: the segment's story tells it. */
static void note_pace(TcpConnection *conn, const Arrival *arrival)
{
  TcpRule rule = (TcpRule)conn->congestion.rule;

  conn->congestion.rule = TCP_RULE_NONE;
  if (rule != TCP_RULE_NONE)
    tcp_verdict(conn->stack, &conn->entry.pair, conn->state, arrival->packet,
                rule);
}

/* MUST-66 */
static bool step_ack(TcpConnection *conn, Arrival *arrival)
{
  const TcpSegment *segment = arrival->segment;

  if (!(segment->flags & TCP_ACK))
    return arrival_drop(conn, arrival, TCP_RULE_NO_ACK);
  if (conn->state == TCP_SYN_RECEIVED)
    return arrival_ack_syn_received(conn, arrival);
  if (seq_gt(segment->ack, conn->snd.nxt))
    return arrival_challenge(conn, arrival, TCP_RULE_ACK_UNSENT);
  if (tcb_knobs(conn)->challenge_acks &&
      seq_lt(segment->ack, conn->snd.una - ack_reach(conn)))
    return arrival_challenge(conn, arrival, TCP_RULE_ACK_TOO_OLD);
  tcp_ack_input(conn, segment);
  note_pace(conn, arrival);
  return step_ack_fin(conn, arrival);
}

/* -- sixth to eighth steps: URG, text, FIN -- */

/* RFC 3168 6.1.3: a mark is echoed until the sender says CWR. */
static void take_mark(TcpConnection *conn, const Arrival *arrival)
{
  if (!conn->ecn)
    return;
  if (arrival->segment->flags & TCP_CWR)
    conn->ece = false;
  if (arrival->segment->ecn != NET_CE)
    return;
  conn->ece = true;
  tcp_verdict(conn->stack, &conn->entry.pair, conn->state, arrival->packet,
              TCP_RULE_MARKED);
}

static bool is_behind_fin(TcpState state)
{
  return state == TCP_CLOSE_WAIT || state == TCP_CLOSING ||
         state == TCP_LAST_ACK;
}

/* Does nobody read in this direction any more? */
static bool is_shut(const TcpConnection *conn)
{
  return conn->state != TCP_ESTABLISHED &&
         (conn->closed || conn->receive_shut || conn->fin_received);
}

/* What only a loose window lets through: text that is old, or behind the
 * peer's FIN. */
static bool step_loose_text(TcpConnection *conn, Arrival *arrival)
{
  uint32_t seq = arrival->segment->seq, end = arrival_end(arrival);
  bool behind = is_behind_fin(conn->state);

  if (arrival->segment->flags & TCP_SYN || end == seq)
    return true;
  if (behind && seq_geq(seq, conn->rcv.nxt))
    return arrival_drop(conn, arrival, TCP_RULE_TEXT_AFTER_FIN);
  if (tcb_knobs(conn)->reset_on_shut && is_shut(conn) && is_late(conn, arrival))
    return arrival_reset(conn, arrival, reset_error(conn),
                         TCP_RULE_TEXT_AFTER_CLOSE);
  arrival_duplicate(conn, arrival);
  if (seq_leq(end, conn->rcv.nxt) ||
      (seq_lt(seq, conn->rcv.nxt) && conn->rcv.wnd == 0))
    return arrival_drop_and_ack(conn, arrival, TCP_RULE_UNACCEPTABLE);
  if (behind)
    tcp_text_second_fin(conn);
  return true;
}

static bool step_text(TcpConnection *conn, Arrival *arrival)
{
  const TcpKnobs *knobs = tcb_knobs(conn);

  if (knobs->loose_window && !step_loose_text(conn, arrival))
    return false;
  if (arrival->text.length == 0)
    return true;
  take_mark(conn, arrival);
  if (!state_takes_text(conn->state))
    return arrival_drop(conn, arrival, TCP_RULE_TEXT_AFTER_FIN);
  if (conn->closed && knobs->reset_on_late_data)
    return arrival_reset(conn, arrival, TCP_ECONNRESET,
                         TCP_RULE_TEXT_AFTER_CLOSE);
  tcp_text_input(conn, arrival->seq,
                 net_slice_ref(arrival->text, 0, arrival->text.length));
  return true;
}

static void step_fin(TcpConnection *conn, const Arrival *arrival)
{
  if (!arrival->fin || conn->fin_received)
    return;
  conn->fin_known = true;
  conn->rcv.fin = arrival->seq + arrival->text.length;
  if (conn->rcv.fin != conn->rcv.nxt) {
    tcp_verdict(conn->stack, &conn->entry.pair, conn->state, arrival->packet,
                TCP_RULE_FIN_BEYOND_GAP);
    tcp_text_fin_held(conn, arrival->text.length == 0);
  }
  tcp_text_advance(conn);
}

void arrival_text(TcpConnection *conn, Arrival *arrival)
{
  arrival_urgent(conn, arrival);
  tcp_text_count(conn, arrival->segment->payload.length);
  if (step_text(conn, arrival))
    step_fin(conn, arrival);
}

/* Header prediction: is it the text that is expected, on a connection that has
 * carried some, with nothing else to look at? */
static bool is_predicted(const TcpConnection *conn, const Arrival *arrival)
{
  const TcpSegment *segment = arrival->segment;
  bool carried =
      conn->rcv.nxt - conn->rcv.irs > 1 || conn->snd.nxt - conn->snd.iss > 1;

  return conn->state == TCP_ESTABLISHED && carried &&
         (segment->flags & ~(unsigned)TCP_PSH) == TCP_ACK &&
         segment->payload.length > 0 &&
         segment->payload.length <= conn->rcv.wnd &&
         segment->seq == conn->rcv.nxt && !conn->held.last &&
         seq_leq(segment->ack, conn->snd.nxt) &&
         segment->window << conn->snd_scale == conn->snd.wnd &&
         segment->options.has_timestamps == conn->timestamps &&
         !arrival_is_old(conn, segment, 0);
}

/* The text is taken whatever its ACK says; then the ACK is judged. */
static void take_predicted(TcpConnection *conn, Arrival *arrival)
{
  TcpState before = conn->state;

  arrival_remember(conn, arrival->segment);
  arrival_text(conn, arrival);
  if (step_ack(conn, arrival))
    tcp_verdict(conn->stack, &conn->entry.pair, before, arrival->packet,
                TCP_RULE_TAKEN);
}

static void steps(TcpConnection *conn, Arrival *arrival)
{
  TcpState before = conn->state;

  if (tcb_knobs(conn)->header_prediction && is_predicted(conn, arrival)) {
    take_predicted(conn, arrival);
    return;
  }
  if (!arrival_acceptable(conn, arrival) || !step_reset(conn, arrival) ||
      !step_syn(conn, arrival) || !step_ack(conn, arrival))
    return;
  arrival_text(conn, arrival);
  if (conn->state != TCP_CLOSED)
    tcp_verdict(conn->stack, &conn->entry.pair, before, arrival->packet,
                TCP_RULE_TAKEN);
}

void tcp_input(TcpConnection *conn, const TcpSegment *segment,
               const NetPacket *packet)
{
  Arrival arrival = {
    .segment = segment,
    .packet = packet,
    .seq = segment->seq,
    .text = segment->payload,
    .syn = segment->flags & TCP_SYN,
    .fin = segment->flags & TCP_FIN,
  };

  tcb_turn_open(conn);
  tcp_count_in(conn, segment);
  tcp_timer_heard(conn);
  if (conn->state == TCP_SYN_SENT)
    arrival_syn_sent(conn, &arrival);
  else if (!arrival_at_record(conn, &arrival))
    steps(conn, &arrival);
  tcb_turn_close(conn);
}
