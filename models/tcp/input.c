/* SEGMENT ARRIVES (3.10.7.3, 3.10.7.4): SYN-SENT, then the eight steps in the
 * RFC's order, one function each. A step says whether to go on.
 *
 * Text and FIN are trimmed to the window between the first and second steps;
 * flags and SEG.SEQ are judged as they came. */
#include <glib.h>

#include "tcb.h"

/* A segment on its way through the steps. */
typedef struct Arrival {
  const TcpSegment *segment;
  const NetPacket *packet;
  uint32_t seq;  /* of `text`, trimmed */
  NetSlice text; /* a view */
  bool syn, fin;
} Arrival;

void tcp_verdict(TcpStack *stack, const TcpPair *pair, TcpState state,
                 const NetPacket *packet, TcpRule rule)
{
  TcpTraceSegment record = { stack, pair, state, packet, rule };

  if (sim_tracing(stack->sim, TCP_TRACE_SEGMENT))
    sim_trace_emit(stack->sim, TCP_TRACE_SEGMENT, &record);
}

/* What a dropped segment met. Always false: the steps end here. */
static bool drop(TcpConnection *conn, const Arrival *arrival, TcpRule rule)
{
  tcp_verdict(conn->stack, &conn->entry.pair, conn->state, arrival->packet,
              rule);
  return false;
}

/* The same, with an acknowledgment. */
static bool drop_and_ack(TcpConnection *conn, const Arrival *arrival,
                         TcpRule rule)
{
  tcp_ack_owed(conn, true, rule);
  return drop(conn, arrival, rule);
}

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

/* RFC 5961: an ACK that only the real peer can do something with. */
static bool challenge(TcpConnection *conn, const Arrival *arrival, TcpRule rule)
{
  if (!tcp_challenge_allowed(conn->stack, tcb_knobs(conn)))
    return drop(conn, arrival, TCP_RULE_CHALLENGE_LIMIT);
  return drop_and_ack(conn, arrival, rule);
}

static bool finish(TcpConnection *conn, const Arrival *arrival, TcpError error,
                   TcpRule rule)
{
  drop(conn, arrival, rule);
  tcb_end(conn, error, rule);
  return false;
}

/* -- first step: the sequence number -- */

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

/* RFC 7323 5.3 R1: a timestamp from the past. */
static bool is_old(TcpConnection *conn, const TcpSegment *segment)
{
  if (!conn->timestamps || !segment->options.has_timestamps ||
      !seq_lt(segment->options.ts_value, conn->ts_recent))
    return false;
  return conn->stack->sim->now - conn->ts_recent_at < PAWS_IDLE;
}

/* RFC 7323 4.3 (2): TS.Recent follows what will be acknowledged next. */
static void remember_timestamp(TcpConnection *conn, const TcpSegment *segment)
{
  if (!conn->timestamps || !segment->options.has_timestamps ||
      seq_gt(segment->seq, conn->rcv.acked) || is_old(conn, segment))
    return;
  conn->ts_recent = segment->options.ts_value;
  conn->ts_recent_at = conn->stack->sim->now;
}

/* "trimming off any portions that lie outside the window", or behind a FIN
 * that came before its data */
static void trim(TcpConnection *conn, Arrival *arrival)
{
  uint32_t right = conn->rcv.nxt + conn->rcv.wnd, end;

  if (conn->fin_known && !conn->fin_received)
    right = seq_min(right, conn->rcv.fin);
  if (arrival->syn)
    arrival->seq++;
  if (seq_lt(arrival->seq, conn->rcv.nxt)) {
    uint32_t old = MIN(conn->rcv.nxt - arrival->seq, arrival->text.length);

    arrival->seq += old;
    arrival->text.offset += old;
    arrival->text.length -= old;
  }
  end = arrival->seq + arrival->text.length;
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
  if (length == 0)
    return challenge(conn, arrival, TCP_RULE_UNACCEPTABLE);
  if (arrival->fin && tcb_fin_repeated(conn, arrival->seq + length - 1))
    return drop_and_ack(conn, arrival, TCP_RULE_FIN_REPEATED);
  return drop_and_ack(conn, arrival, TCP_RULE_UNACCEPTABLE);
}

/* A RST is judged by its number alone, whatever text it carries (SHLD-2), and
 * its timestamp says nothing (RFC 7323 5.2). */
static bool step_sequence(TcpConnection *conn, Arrival *arrival)
{
  const TcpSegment *segment = arrival->segment;
  uint32_t length;

  if (segment->flags & TCP_RST)
    return tcp_acceptable(conn->rcv.nxt, conn->rcv.wnd, segment->seq, 0) ||
           drop(conn, arrival, TCP_RULE_RST_OUTSIDE);
  if (is_old(conn, segment))
    return drop_and_ack(conn, arrival, TCP_RULE_PAWS);
  if (conn->timestamps && !segment->options.has_timestamps && !arrival->syn)
    return drop(conn, arrival, TCP_RULE_NO_TIMESTAMP);
  trim_repeated_syn(conn, arrival);
  length = arrival->text.length + arrival->syn + arrival->fin;
  if (!tcp_acceptable(conn->rcv.nxt, conn->rcv.wnd, arrival->seq, length)) {
    if (is_early(conn, arrival, length))
      return true;
    if (is_unaware(conn, arrival, length)) {
      drop_and_ack(conn, arrival, TCP_RULE_UNACCEPTABLE);
      return true;
    }
    if (!closed_window_allows(conn, arrival))
      return refuse(conn, arrival, length);
  }
  remember_timestamp(conn, segment);
  trim(conn, arrival);
  return true;
}

/* -- second step: RST -- */

static bool step_reset(TcpConnection *conn, Arrival *arrival)
{
  bool exact = arrival->segment->seq == conn->rcv.nxt;

  if (!(arrival->segment->flags & TCP_RST))
    return true;
  if (!exact && tcb_knobs(conn)->challenge_acks)
    return challenge(conn, arrival, TCP_RULE_RST_CHALLENGED);
  if (conn->state == TCP_SYN_RECEIVED && conn->passive)
    return finish(conn, arrival, TCP_OK, TCP_RULE_RST_SYN_RECEIVED_PASSIVE);
  if (conn->state == TCP_SYN_RECEIVED)
    return finish(conn, arrival, TCP_ECONNREFUSED,
                  TCP_RULE_RST_SYN_RECEIVED_ACTIVE);
  if (conn->state == TCP_CLOSING || conn->state == TCP_LAST_ACK)
    return finish(conn, arrival, TCP_OK, TCP_RULE_RST_CLOSING);
  return finish(conn, arrival, TCP_ECONNRESET, TCP_RULE_RST);
}

/* -- fourth step: SYN (the third, security, is not modelled) -- */

static bool step_syn(TcpConnection *conn, Arrival *arrival)
{
  if (!arrival->syn)
    return true;
  if (conn->state == TCP_SYN_RECEIVED && conn->passive)
    return finish(conn, arrival, TCP_OK, TCP_RULE_SYN_RECEIVED_SYN);
  if (tcb_knobs(conn)->challenge_acks)
    return challenge(conn, arrival, TCP_RULE_SYN_CHALLENGED);
  tcp_send_reset(conn, TCP_RULE_SYN_IN_WINDOW);
  return finish(conn, arrival, TCP_ECONNRESET, TCP_RULE_SYN_IN_WINDOW);
}

/* -- fifth step: ACK -- */

/* RFC 5681 3.1: one segment if the SYN or its acknowledgment was lost. */
static void start_congestion(TcpConnection *conn)
{
  const TcpKnobs *knobs = tcb_knobs(conn);
  uint32_t segments = (uint32_t)knobs->initial_window;

  tcp_congestion_init(&conn->congestion, &tcp_reno, conn->mss,
                      conn->syn_repeated ? 1 : segments,
                      (uint32_t)knobs->ssthresh);
}

static void established(TcpConnection *conn)
{
  start_congestion(conn);
  if (conn->syn_repeated) { /* RFC 6298 5.7 */
    SimTime rto = tcb_knobs(conn)->rto_after_syn_loss;

    conn->rtt.rto = conn->rtt.srtt ? MAX(conn->rtt.rto, rto) : rto;
  }
  tcb_event(conn, TCP_EVENT_ESTABLISHED);
  if (conn->half_open)
    tcp_listener_established(conn);
}

/* What the CLOSE that came in SYN-RECEIVED was queued for (3.10.4). */
static void close_as_queued(TcpConnection *conn)
{
  if (conn->fin_queued && conn->state == TCP_ESTABLISHED)
    tcp_set_state(conn, TCP_FIN_WAIT_1, TCP_RULE_CLOSE);
}

static bool step_ack_syn_received(TcpConnection *conn, Arrival *arrival)
{
  const TcpSegment *segment = arrival->segment;

  if (!seq_gt(segment->ack, conn->snd.una) ||
      seq_gt(segment->ack, conn->snd.nxt)) {
    tcp_reply_reset(conn->stack, &conn->entry.pair, segment,
                    TCP_RULE_SYN_RECEIVED_BAD_ACK);
    return drop(conn, arrival, TCP_RULE_SYN_RECEIVED_BAD_ACK);
  }
  conn->snd.wl1 = segment->seq - 1; /* so that its window is taken */
  tcp_set_state(conn, TCP_ESTABLISHED, TCP_RULE_SYN_ACKED);
  tcp_ack_input(conn, segment);
  established(conn);
  close_as_queued(conn);
  tcp_text_advance(conn); /* what came with the SYN */
  return true;
}

/* What follows from "our FIN is acknowledged". */
static bool step_ack_fin(TcpConnection *conn, Arrival *arrival)
{
  bool acked = tcb_fin_acked(conn);

  if (conn->state == TCP_FIN_WAIT_1 && acked) {
    /* Figure 5, note 2: a FIN in the same segment goes to TIME-WAIT */
    if (!arrival->fin || arrival->seq != conn->rcv.nxt)
      tcp_set_state(conn, TCP_FIN_WAIT_2, TCP_RULE_FIN_ACKED);
  } else if (conn->state == TCP_CLOSING) {
    if (!acked)
      return drop(conn, arrival, TCP_RULE_CLOSING_IGNORED);
    tcp_verdict(conn->stack, &conn->entry.pair, conn->state, arrival->packet,
                TCP_RULE_CLOSING_FIN_ACKED);
    tcp_set_state(conn, TCP_TIME_WAIT, TCP_RULE_CLOSING_FIN_ACKED);
    return false;
  } else if (conn->state == TCP_LAST_ACK && acked) {
    return finish(conn, arrival, TCP_OK, TCP_RULE_LAST_ACK_FIN_ACKED);
  }
  return true;
}

static bool step_ack(TcpConnection *conn, Arrival *arrival)
{
  const TcpSegment *segment = arrival->segment;

  if (!(segment->flags & TCP_ACK))
    return drop(conn, arrival, TCP_RULE_NO_ACK);
  if (conn->state == TCP_SYN_RECEIVED)
    return step_ack_syn_received(conn, arrival);
  if (seq_gt(segment->ack, conn->snd.nxt))
    return challenge(conn, arrival, TCP_RULE_ACK_UNSENT);
  if (tcb_knobs(conn)->challenge_acks &&
      seq_lt(segment->ack, conn->snd.una - conn->snd.max_wnd))
    return challenge(conn, arrival, TCP_RULE_ACK_TOO_OLD);
  tcp_ack_input(conn, segment);
  return step_ack_fin(conn, arrival);
}

/* -- sixth to eighth steps: URG, text, FIN -- */

static bool state_takes_text(TcpState state)
{
  return state == TCP_ESTABLISHED || state == TCP_FIN_WAIT_1 ||
         state == TCP_FIN_WAIT_2;
}

static void step_urgent(TcpConnection *conn, const Arrival *arrival)
{
  const TcpSegment *segment = arrival->segment;
  uint32_t up = segment->seq + segment->up;

  if (!(segment->flags & TCP_URG) || !state_takes_text(conn->state))
    return;
  if (tcb_knobs(conn)->urgent_to_last)
    up++;
  if (seq_gt(up, conn->rcv.up) && seq_gt(up, conn->rcv.nxt)) {
    conn->rcv.up = up;
    tcb_event(conn, TCP_EVENT_URGENT);
  }
}

static bool step_text(TcpConnection *conn, const Arrival *arrival)
{
  if (arrival->text.length == 0)
    return true;
  if (!state_takes_text(conn->state))
    return drop(conn, arrival, TCP_RULE_TEXT_AFTER_FIN);
  if (conn->closed && tcb_knobs(conn)->reset_on_late_data) {
    tcp_reply_reset(conn->stack, &conn->entry.pair, arrival->segment,
                    TCP_RULE_TEXT_AFTER_CLOSE);
    return finish(conn, arrival, TCP_ECONNRESET, TCP_RULE_TEXT_AFTER_CLOSE);
  }
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
  if (conn->rcv.fin != conn->rcv.nxt)
    tcp_ack_owed(conn, true, TCP_RULE_FIN_BEYOND_GAP);
  tcp_text_advance(conn);
}

static void steps(TcpConnection *conn, Arrival *arrival)
{
  TcpState before = conn->state;

  if (!step_sequence(conn, arrival) || !step_reset(conn, arrival) ||
      !step_syn(conn, arrival) || !step_ack(conn, arrival))
    return;
  step_urgent(conn, arrival);
  if (!step_text(conn, arrival))
    return;
  step_fin(conn, arrival);
  tcp_verdict(conn->stack, &conn->entry.pair, before, arrival->packet,
              TCP_RULE_TAKEN);
}

/* -- SYN-SENT (3.10.7.3) -- */

/* The MSS that may be sent (3.7.1): the peer's, or 536; and what the first
 * hop takes. */
static uint32_t mss_to_send(const TcpConnection *conn,
                            const TcpSegment *segment)
{
  uint32_t peer = segment->options.mss ? segment->options.mss : 536;
  uint32_t mss = MIN(peer, tcb_mss_offered(conn));

  if (conn->timestamps)
    mss -= MIN(mss - 1, 12);
  return MAX(mss, 1);
}

void tcp_input_syn(TcpConnection *conn, const TcpSegment *segment)
{
  const TcpOptions *options = &segment->options;
  const TcpKnobs *knobs = tcb_knobs(conn);
  uint32_t kept = MIN(segment->payload.length, conn->rcv.wnd);

  conn->rcv.irs = segment->seq;
  conn->rcv.nxt = conn->rcv.up = conn->rcv.acked = segment->seq + 1;
  conn->snd.wnd = conn->snd.max_wnd = segment->window;
  conn->snd.wl1 = segment->seq;
  conn->snd.wl2 = segment->flags & TCP_ACK ? segment->ack : conn->snd.iss;
  conn->scaling = knobs->window_scaling && options->has_scale;
  conn->snd_scale = conn->scaling ? options->scale : 0;
  if (!conn->scaling) {
    conn->rcv_scale = 0;
    conn->rcv.wnd = MIN(conn->rcv.wnd, 65535);
  }
  conn->timestamps = knobs->timestamps && options->has_timestamps;
  conn->ts_recent = options->ts_value;
  conn->ts_recent_at = conn->stack->sim->now;
  conn->mss = mss_to_send(conn, segment);
  conn->peer_mss = MIN(536, tcb_mss_offered(conn));
  start_congestion(conn);
  if (kept > 0)
    tcp_held_put(&conn->held, &conn->stack->chunks, conn->rcv.nxt,
                 net_slice_ref(segment->payload, 0, kept));
  if (segment->flags & TCP_FIN && kept == segment->payload.length) {
    conn->fin_known = true;
    conn->rcv.fin = conn->rcv.nxt + kept;
  }
}

/* The SYN: "if SND.UNA > ISS (our SYN has been ACKed)". */
static void syn_sent_syn(TcpConnection *conn, const Arrival *arrival)
{
  const TcpSegment *segment = arrival->segment;

  tcp_input_syn(conn, segment);
  if (!(segment->flags & TCP_ACK)) {
    tcp_verdict(conn->stack, &conn->entry.pair, conn->state, arrival->packet,
                TCP_RULE_SYN_SENT_SYN);
    tcp_set_state(conn, TCP_SYN_RECEIVED, TCP_RULE_SYN_SENT_SYN);
    tcp_ranges_add(&conn->resend, conn->snd.iss, conn->snd.iss + 1);
    conn->resend_rule = TCP_RULE_SYN_SENT_SYN;
    conn->resend_forced = true;
    return;
  }
  tcp_verdict(conn->stack, &conn->entry.pair, conn->state, arrival->packet,
              TCP_RULE_SYN_SENT_SYN_ACK);
  tcp_set_state(conn, TCP_ESTABLISHED, TCP_RULE_SYN_SENT_SYN_ACK);
  tcp_ack_owed(conn, true, TCP_RULE_SYN_SENT_SYN_ACK);
  tcp_ack_input(conn, segment);
  established(conn);
  tcp_text_advance(conn);
  step_urgent(conn, arrival);
}

static void syn_sent(TcpConnection *conn, const Arrival *arrival)
{
  const TcpSegment *segment = arrival->segment;
  bool ack = segment->flags & TCP_ACK, reset = segment->flags & TCP_RST;

  if (ack && !seq_within(segment->ack - 1, conn->snd.iss,
                         conn->snd.nxt - conn->snd.iss)) {
    if (!reset)
      tcp_reply_reset(conn->stack, &conn->entry.pair, segment,
                      TCP_RULE_SYN_SENT_BAD_ACK);
    drop(conn, arrival, TCP_RULE_SYN_SENT_BAD_ACK);
  } else if (reset && ack) {
    finish(conn, arrival, TCP_ECONNREFUSED, TCP_RULE_SYN_SENT_RST);
  } else if (reset) {
    drop(conn, arrival, TCP_RULE_SYN_SENT_RST_NO_ACK);
  } else if (segment->flags & TCP_SYN) {
    syn_sent_syn(conn, arrival);
  } else {
    drop(conn, arrival, TCP_RULE_SYN_SENT_OTHER);
  }
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
  tcp_timer_heard(conn);
  if (conn->state == TCP_SYN_SENT)
    syn_sent(conn, &arrival);
  else
    steps(conn, &arrival);
  tcb_turn_close(conn);
}
