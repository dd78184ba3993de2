/* A connection's timers. One of these runs at a time:
 *
 *   retransmission  something is outstanding: send it again after RTO
 *   reordering      instead, if something that was sent later has arrived:
 *                   what is missing has until then to come (RFC 8985 6.2)
 *   loss probe      instead, if nothing says that something is missing: after
 *                   two round trips one segment asks (RFC 8985 7.2)
 *   persist         a closed window holds something back: probe it
 *   override        silly window avoidance holds something back: send it
 *   keep-alive      nothing to do, and the user asked: is the peer there?
 *   FIN-WAIT-2      the user has gone and the peer's FIN does not come
 *
 * The first three are about the same segments: RTO is counted from where it
 * would have been without the other two, and after a probe from the probe.
 *
 * And beside it the delayed acknowledgment, and pacing (pace.c). Others say
 * what happened; which timer runs and until when is decided here, at the end
 * of each turn.
 *
 * Invariant: `event` is pending at or before `deadline`; moving a deadline
 * later costs nothing, the event finds out when it fires. */
#include <glib.h>

#include "parts.h"

const char *tcp_timer_name(TcpPurpose purpose)
{
  static const char *const names[TCP_TIMERS] = {
    "none",    "retransmission", "reordering", "loss probe",
    "persist", "override",       "keep-alive", "FIN-WAIT-2",
  };

  return names[purpose];
}

static bool has_unsent(const TcpConnection *conn)
{
  uint32_t end = tcb_data_start(conn) + conn->send.length;

  return seq_lt(conn->snd.nxt, end) ||
         (conn->fin_queued && !tcb_fin_sent(conn));
}

/* Of the three that watch over what is outstanding. */
static TcpPurpose watch_of(const TcpConnection *conn)
{
  if (!conn->sent)
    return TCP_TIMER_RETRANSMISSION;
  if (conn->sent->reorder_at != SIM_TIME_NEVER)
    return TCP_TIMER_REORDERING;
  return tcp_tail_loss_wanted(conn) ? TCP_TIMER_LOSS_PROBE
                                    : TCP_TIMER_RETRANSMISSION;
}

static bool is_watch(TcpPurpose purpose)
{
  return purpose >= TCP_TIMER_RETRANSMISSION && purpose <= TCP_TIMER_LOSS_PROBE;
}

/* Which timer the state of things calls for (MUST-24, MAY-5). */
static TcpPurpose purpose_of(const TcpConnection *conn)
{
  bool idle = conn->state == TCP_ESTABLISHED || conn->state == TCP_CLOSE_WAIT ||
              conn->state == TCP_FIN_WAIT_2;

  if (conn->probing && (conn->snd.una != conn->snd.nxt || has_unsent(conn)))
    return TCP_TIMER_PERSIST;
  if (conn->snd.una != conn->snd.nxt)
    return watch_of(conn);
  if (tcp_is_opening(conn))
    return TCP_TIMER_NONE;
  if (has_unsent(conn) && conn->snd.wnd == 0)
    return TCP_TIMER_PERSIST;
  if (has_unsent(conn))
    return tcp_pace_waits(conn) ? TCP_TIMER_NONE : TCP_TIMER_OVERRIDE;
  if (conn->state == TCP_FIN_WAIT_2 && conn->closed)
    return TCP_TIMER_FIN_WAIT_2;
  if (idle && tcb_knobs(conn)->keepalive)
    return TCP_TIMER_KEEPALIVE;
  return TCP_TIMER_NONE;
}

/* BSD: how long an idle peer may be silent. */
static SimTime longest_silence(const TcpKnobs *knobs)
{
  return knobs->keepalive_count * knobs->keepalive_interval;
}

/* As small records are kept for 2MSL at most: the time beyond that is waited
 * for as a connection, and then again as a record. */
static SimTime fin_wait_2_span(const TcpConnection *conn, const TcpKnobs *knobs)
{
  SimTime span = MAX(knobs->fin_wait_2_timeout, 0), life = 2 * knobs->msl;

  if (!knobs->fin_wait_2_fast)
    return longest_silence(knobs);
  if (!knobs->small_records)
    return span;
  span = MAX(span, 7 * conn->rtt.rto / 2);
  return span > life ? span - life : span;
}

static SimTime rto_of(const TcpConnection *conn, const TcpKnobs *knobs)
{
  return conn->rtt.rto +
         (conn->retries > 0 || conn->rtt.srtt > 0 ? knobs->rto_slop : 0);
}

static SimTime span_of(const TcpConnection *conn, const TcpKnobs *knobs)
{
  switch (conn->purpose) {
  case TCP_TIMER_RETRANSMISSION:
    return rto_of(conn, knobs);
  case TCP_TIMER_PERSIST:
    return tcp_persist_interval(conn);
  case TCP_TIMER_OVERRIDE:
    return knobs->sws_override;
  case TCP_TIMER_KEEPALIVE:
    return conn->unanswered ? knobs->keepalive_interval : knobs->keepalive_idle;
  case TCP_TIMER_FIN_WAIT_2:
    return fin_wait_2_span(conn, knobs);
  default:
    return SIM_TIME_NEVER;
  }
}

static void set_deadline(TcpConnection *conn, SimTime deadline)
{
  Sim *sim = conn->stack->sim;

  conn->deadline = deadline;
  if (deadline == SIM_TIME_NEVER)
    sim_cancel(sim, &conn->event);
  else if (sim_event_time(sim, &conn->event) > deadline)
    sim_schedule(sim, &conn->event, conn->stack->owner, deadline);
}

/* When one of the three expires. */
static SimTime watch_deadline(const TcpConnection *conn)
{
  SimTime now = conn->stack->sim->now;
  SimTime from = conn->sent ? conn->sent->rto_from : now;
  SimTime rto = sim_time_add(from, rto_of(conn, tcb_knobs(conn)));

  if (conn->purpose == TCP_TIMER_REORDERING)
    return conn->sent->reorder_at;
  if (conn->purpose == TCP_TIMER_LOSS_PROBE)
    rto = MIN(rto, now + tcp_tail_loss_span(conn));
  return MAX(now, rto);
}

/* `anew`: what is outstanding has a new time-out before it. */
static void start(TcpConnection *conn, bool anew)
{
  SimTime now = conn->stack->sim->now;
  SimTime deadline = sim_time_add(now, span_of(conn, tcb_knobs(conn)));

  if (anew && conn->sent)
    conn->sent->rto_from = now;
  if (anew && (conn->retries == 0 ||
               (conn->retries == 1 && tcb_knobs(conn)->patience_from_retry)))
    conn->retry_start = now;
  if (is_watch((TcpPurpose)conn->purpose))
    deadline = watch_deadline(conn);
  if (conn->purpose == TCP_TIMER_RETRANSMISSION ||
      conn->purpose == TCP_TIMER_PERSIST)
    deadline = MAX(now, MIN(deadline, tcp_last_moment(conn)));
  set_deadline(conn, deadline);
}

static SimTime ack_delay(const TcpConnection *conn)
{
  const TcpKnobs *knobs = tcb_knobs(conn);

  return conn->texts == 0 && knobs->delayed_ack_first ? knobs->delayed_ack_first
                                                      : knobs->delayed_ack;
}

static void settle_ack(TcpConnection *conn)
{
  Sim *sim = conn->stack->sim;

  if (conn->ack_delayed && !sim_event_pending(&conn->ack_event))
    sim_schedule(sim, &conn->ack_event, conn->stack->owner,
                 sim->now + ack_delay(conn));
}

/* New text went since the loss probe's timer began. */
static bool has_moved(TcpConnection *conn)
{
  bool moved = conn->sent && conn->sent->moved;

  if (moved)
    conn->sent->moved = false;
  return moved && conn->purpose == TCP_TIMER_LOSS_PROBE;
}

void tcp_timer_settle(TcpConnection *conn)
{
  TcpPurpose purpose, before = (TcpPurpose)conn->purpose;
  bool anew = conn->timer_restart, moved;

  if (conn->state == TCP_CLOSED || conn->state == TCP_TIME_WAIT)
    return;
  settle_ack(conn);
  moved = has_moved(conn);
  purpose = purpose_of(conn);
  if (purpose == before && !anew && !moved && purpose != TCP_TIMER_REORDERING)
    return;
  if (purpose != before && (!is_watch(purpose) || before == TCP_TIMER_PERSIST))
    conn->retries = conn->unanswered = 0;
  conn->purpose = (uint8_t)purpose;
  conn->timer_restart = false;
  start(conn, anew || !is_watch(before) || !is_watch(purpose));
}

/* Retransmission and persist take their span from RTT samples; what a knob can
 * change of them is the last moment. */
void tcp_timer_knobs_changed(TcpConnection *conn, const TcpKnobs *before)
{
  SimTime now = conn->stack->sim->now, deadline = conn->deadline;
  SimTime old = span_of(conn, before), new = span_of(conn, tcb_knobs(conn));

  if (conn->purpose == TCP_TIMER_NONE)
    return;
  if (is_watch((TcpPurpose)conn->purpose) || conn->purpose == TCP_TIMER_PERSIST)
    deadline = MIN(deadline, tcp_last_moment(conn));
  else if (new != old && deadline != SIM_TIME_NEVER)
    deadline = sim_time_add(deadline - old, new);
  else if (new != old)
    deadline = sim_time_add(now, new);
  set_deadline(conn, MAX(now, deadline));
}

void tcp_timer_stop(TcpConnection *conn)
{
  sim_cancel(conn->stack->sim, &conn->event);
  sim_cancel(conn->stack->sim, &conn->ack_event);
  tcp_pace_stop(conn);
  conn->deadline = SIM_TIME_NEVER;
  conn->purpose = TCP_TIMER_NONE;
}

void tcp_timer_heard(TcpConnection *conn)
{
  conn->heard = conn->stack->sim->now;
  conn->unanswered = 0;
  if (conn->purpose == TCP_TIMER_KEEPALIVE)
    conn->timer_restart = true;
}

void tcp_timer_acked(TcpConnection *conn)
{
  conn->retries = 0;
  conn->doubtful = conn->soft_error = false;
  conn->timer_restart = true; /* RFC 6298 5.3 */
}

void tcp_timer_hurry(TcpConnection *conn, SimTime span)
{
  set_deadline(conn, conn->stack->sim->now + span);
}

void tcp_timer_ack_sent(TcpConnection *conn)
{
  conn->ack_now = conn->ack_delayed = false;
  sim_cancel(conn->stack->sim, &conn->ack_event);
}

static void timer_trace(TcpConnection *conn, const char *name, TcpRule rule)
{
  TcpTraceTimer record = { conn->stack, &conn->entry.pair, name, rule,
                           conn->retries };

  if (sim_tracing(conn->stack->sim, TCP_TRACE_TIMER))
    sim_trace_emit(conn->stack->sim, TCP_TRACE_TIMER, &record);
}

static void give_up(TcpConnection *conn, TcpRule rule)
{
  TcpError error = conn->soft_error ? (TcpError)conn->soft : TCP_ETIMEDOUT;

  timer_trace(conn, tcp_timer_name(conn->purpose), rule);
  tcb_end(conn, error, rule);
}

/* A deferred connection's peer has the SYN,ACK. Only at the end it is asked
 * once more, by a SYN,ACK, for the ACK that then opens. */
static bool is_waiting_for_text(const TcpConnection *conn)
{
  return conn->deferred &&
         conn->retries + 1 < tcp_defer_repetitions(tcb_knobs(conn));
}

static void expire_deferred(TcpConnection *conn)
{
  conn->retries++;
  tcp_rtt_back_off(&conn->rtt, tcb_knobs(conn));
  conn->timer_restart = true;
}

/* All that is outstanding, perhaps in other sizes. */
static void begin_again(TcpConnection *conn)
{
  bool other_size = tcp_black_hole_timeout(conn);

  if (other_size && net_host_path(conn->stack->host,
                                  conn->entry.pair.remote.address, &conn->path))
    tcp_path_changed(conn);
  tcp_recovery_timeout(conn);
  if (other_size)
    conn->resend_rule = TCP_RULE_BLACK_HOLE;
}

static void expire_retransmission(TcpConnection *conn)
{
  TcpRule rule = TCP_RULE_RETRANSMISSION_TIMEOUT;

  if (conn->unlistened) {
    timer_trace(conn, "retransmission", TCP_RULE_LISTENER_CLOSED);
    tcb_end(conn, TCP_OK, TCP_RULE_LISTENER_CLOSED);
    return;
  }
  if (tcp_is_hopeless(conn)) {
    give_up(conn,
            tcp_is_opening(conn) ? TCP_RULE_GIVE_UP_OPENING : TCP_RULE_GIVE_UP);
    return;
  }
  conn->retries++;
  conn->unanswered++;
  if (conn->retries == tcb_knobs(conn)->r1) {
    conn->doubtful = true;
    tcb_event(conn, TCP_EVENT_DOUBTFUL);
    conn->path.generation = 0; /* MUST-20: ask for the way anew */
    rule = TCP_RULE_DOUBTFUL;
  }
  timer_trace(conn, "retransmission", rule);
  if (tcp_is_opening(conn))
    conn->syn_repeated = true;
  tcp_count_timeout(conn);
  begin_again(conn);
  if (conn->state != TCP_SYN_SENT ||
      conn->retries > tcb_knobs(conn)->syn_linear)
    tcp_rtt_back_off(&conn->rtt, tcb_knobs(conn));
  conn->timer_restart = true;
}

static void expire_persist(TcpConnection *conn)
{
  if (tcp_is_hopeless(conn)) {
    give_up(conn, TCP_RULE_GIVE_UP_PROBING);
    return;
  }
  conn->retries++;
  conn->unanswered++;
  conn->probe_due = true;
  conn->timer_restart = true;
  timer_trace(conn, "persist", TCP_RULE_ZERO_WINDOW_PROBE);
}

/* MUST-29: not before keepalive_count of them */
static void expire_keepalive(TcpConnection *conn)
{
  if (tcp_is_dead(conn)) {
    tcp_send_reset(conn, TCP_RULE_GIVE_UP_KEEPALIVE);
    give_up(conn, TCP_RULE_GIVE_UP_KEEPALIVE);
    return;
  }
  conn->unanswered++;
  conn->keepalive_due = true;
  conn->timer_restart = true;
  timer_trace(conn, "keep-alive", TCP_RULE_KEEPALIVE_PROBE);
}

static void expire_fin_wait_2(TcpConnection *conn)
{
  const TcpKnobs *knobs = tcb_knobs(conn);
  SimTime now = conn->stack->sim->now;

  if (knobs->small_records && !conn->record) {
    conn->record = conn->timer_restart = true;
    return;
  }
  if (!knobs->fin_wait_2_fast && now - conn->heard < longest_silence(knobs)) {
    set_deadline(conn, now + knobs->keepalive_interval);
    return;
  }
  timer_trace(conn, "FIN-WAIT-2", TCP_RULE_FIN_WAIT_2_EXPIRED);
  tcb_end(conn, TCP_OK, TCP_RULE_FIN_WAIT_2_EXPIRED);
}

static void expire(TcpConnection *conn)
{
  conn->deadline = SIM_TIME_NEVER;
  switch (conn->purpose) {
  case TCP_TIMER_RETRANSMISSION:
    if (is_waiting_for_text(conn))
      expire_deferred(conn);
    else
      expire_retransmission(conn);
    break;
  case TCP_TIMER_REORDERING:
    timer_trace(conn, "reordering", TCP_RULE_RACK_REORDERING);
    tcp_recovery_late(conn);
    break;
  case TCP_TIMER_LOSS_PROBE:
    timer_trace(conn, "loss probe", TCP_RULE_LOSS_PROBE);
    conn->sent->probe_due = conn->timer_restart = true;
    break;
  case TCP_TIMER_PERSIST:
    expire_persist(conn);
    break;
  case TCP_TIMER_OVERRIDE:
    timer_trace(conn, "override", TCP_RULE_SWS_OVERRIDE);
    conn->override_due = true;
    conn->snd.pushed = tcb_data_start(conn) + conn->send.length;
    conn->timer_restart = true;
    break;
  case TCP_TIMER_KEEPALIVE:
    expire_keepalive(conn);
    break;
  case TCP_TIMER_FIN_WAIT_2:
    expire_fin_wait_2(conn);
    break;
  default:
    break;
  }
}

static void timer_fired(Sim *sim, SimEvent *event)
{
  TcpConnection *conn = SIM_CONTAINER(event, TcpConnection, event);

  if (sim->now < conn->deadline) {
    sim_schedule(sim, event, conn->stack->owner, conn->deadline);
    return;
  }
  tcb_turn_open(conn);
  expire(conn);
  tcb_turn_close(conn);
}

/* SHLD-18, MUST-40 */
static void ack_timer_fired(Sim *sim, SimEvent *event)
{
  TcpConnection *conn = SIM_CONTAINER(event, TcpConnection, ack_event);

  (void)sim;
  tcb_turn_open(conn);
  timer_trace(conn, "delayed ACK", TCP_RULE_ACK_DELAYED);
  conn->ack_now = true;
  conn->dialogue = false; /* no answer came */
  tcb_turn_close(conn);
}

void tcp_timer_init(TcpConnection *conn)
{
  sim_event_init(&conn->event, timer_fired);
  sim_event_init(&conn->ack_event, ack_timer_fired);
}
