/* Loss: when it is believed, and what is sent again. With SACK by the
 * scoreboard (scoreboard.c). Without: NewReno, fast retransmit and fast
 * recovery of RFC 5681 3.2 with RFC 6582's answer to partial acknowledgments.
 * After a time-out everything outstanding goes back into the ranges to be
 * sent. */
#include <glib.h>

#include "parts.h"

uint32_t tcp_flight(const TcpConnection *conn)
{
  uint32_t sent = conn->snd.nxt - conn->snd.una;

  sent -= tcp_ranges_total(&conn->resend);
  if (conn->sack)
    sent += conn->sack->twice - tcp_ranges_total(&conn->sack->sacked);
  return sent;
}

void tcp_resend(TcpConnection *conn, uint32_t left, uint32_t right,
                TcpRule rule)
{
  static const TcpRanges nothing;

  tcp_ranges_add_except(&conn->resend, left, right,
                        conn->sack ? &conn->sack->sacked : &nothing);
  conn->resend_rule = (uint16_t)rule;
}

void tcp_resend_first(TcpConnection *conn, TcpRule rule)
{
  uint32_t end = conn->snd.una + conn->mss;

  tcp_resend(conn, conn->snd.una, seq_min(end, conn->snd.nxt), rule);
  conn->resend_forced = true;
}

/* RFC 3168 6.1.2: whatever made it smaller, the peer is told. */
static void note_reduced(TcpConnection *conn)
{
  tcp_hystart_end(conn);
  conn->congestion.reduced = conn->snd.nxt;
  conn->cwr_due = conn->ecn;
}

/* The new SSTHRESH, with `flight` outstanding. */
static uint32_t threshold(TcpConnection *conn, uint32_t flight, TcpLoss loss)
{
  TcpCongestion *c = &conn->congestion;

  if (tcb_knobs(conn)->loss_from_window)
    flight = c->cwnd;
  return c->ops->loss(c, flight, loss, conn->stack->sim->now);
}

static void enter_recovery(TcpConnection *conn)
{
  TcpCongestion *c = &conn->congestion;
  uint32_t flight = conn->snd.nxt - conn->snd.una - c->extra;

  tcp_undo_begin(conn);
  if (!c->marked) /* else it is on its way down */
    c->ssthresh = threshold(conn, flight, TCP_LOSS_FOUND);
  c->marked = false;
  c->recover = conn->snd.nxt;
  c->recovering = true;
  note_reduced(conn);
  c->partial = false;
  if (conn->sent)
    conn->sent->probed = false;
  conn->timer_restart = true; /* RFC 6298 5: not sooner than an RTO */
  if (conn->sacks) {
    c->cwnd = c->ssthresh;
    tcp_scoreboard_begin(conn);
    return;
  }
  c->cwnd = c->ssthresh + 3 * c->mss;
  tcp_resend_first(conn, TCP_RULE_FAST_RETRANSMIT);
}

/* May what the duplicate ACKs say begin a recovery? Not for what was sent
 * before the last loss: RFC 6582 3.2 step 2 (`recover` is one behind the
 * RFC's) and, less strictly, RFC 6675 5.1. */
static bool is_new_loss(TcpConnection *conn)
{
  const TcpCongestion *c = &conn->congestion;

  if (tcp_rack_on(conn))
    return tcp_rack_detect(conn) && !c->timed_out;
  if (conn->sacks)
    return seq_geq(conn->snd.una, c->recover) &&
           (c->duplicates >= tcb_knobs(conn)->duplicate_acks ||
            tcp_scoreboard_is_lost(conn));
  return seq_gt(conn->snd.una, c->recover) &&
         c->duplicates == tcb_knobs(conn)->duplicate_acks;
}

void tcp_recovery_duplicate_ack(TcpConnection *conn)
{
  TcpCongestion *c = &conn->congestion;

  if (tcp_frto_ack(conn, 0, conn->sacks))
    return;
  if (c->recovering && conn->sacks) {
    tcp_scoreboard_ack(conn, false);
    return;
  }
  if (c->recovering) {
    c->cwnd += c->mss; /* RFC 5681 3.2 step 4: a segment has left */
    return;
  }
  if (c->duplicates < UINT16_MAX)
    c->duplicates++;
  if (c->marked)
    tcp_scoreboard_reduce(conn, false);
  else if (conn->sacks)
    tcp_growth_sacked(conn);
  if (is_new_loss(conn))
    enter_recovery(conn);
}

/* RFC 6675 5 (A) to (C). What was sent in the recovery may be missing too: a
 * loss of its own. */
static void sack_progress(TcpConnection *conn)
{
  TcpCongestion *c = &conn->congestion;

  if (seq_lt(conn->snd.una, c->recover)) {
    tcp_scoreboard_ack(conn, true);
    return;
  }
  c->cwnd = c->ssthresh;
  c->recovering = false;
  c->acked = 0;
  conn->sack->twice = 0;
  if (tcp_rack_on(conn))
    tcp_rack_recovered(conn);
  else
    tcp_ranges_clear(&conn->resend);
  if (is_new_loss(conn) || !tcp_ranges_empty(&conn->resend))
    enter_recovery(conn);
}

/* RFC 6582 3.2 step 3. */
static void recovery_progress(TcpConnection *conn, uint32_t acked)
{
  TcpCongestion *c = &conn->congestion;
  uint32_t flight = conn->snd.nxt - conn->snd.una;

  if (seq_geq(conn->snd.una, c->recover)) {
    c->cwnd = MIN(c->ssthresh, MAX(flight, c->mss) + c->mss);
    c->recovering = false;
    c->acked = 0;
    return;
  }
  c->cwnd -= MIN(acked, c->cwnd - c->mss);
  if (acked >= c->mss)
    c->cwnd += c->mss;
  /* only the first partial ACK restarts the timer (the "Impatient" variant) */
  conn->timer_restart = !c->partial;
  c->partial = true;
  tcp_resend_first(conn, TCP_RULE_PARTIAL_ACK);
}

static void note(TcpConnection *conn, TcpRule rule)
{
  if (rule != TCP_RULE_NONE)
    conn->congestion.rule = (uint16_t)rule;
}

static void end_timeout(TcpConnection *conn)
{
  TcpCongestion *c = &conn->congestion;

  if (!c->timed_out || seq_lt(conn->snd.una, c->recover))
    return;
  c->timed_out = false;
  if (tcp_rack_on(conn))
    tcp_rack_recovered(conn);
}

/* After a mark: until something sent since is acknowledged. */
static bool come_down(TcpConnection *conn)
{
  TcpCongestion *c = &conn->congestion;

  if (!c->marked)
    return false;
  if (!seq_gt(conn->snd.una, c->reduced)) {
    tcp_scoreboard_reduce(conn, true);
    return true;
  }
  c->marked = false;
  c->cwnd = c->ssthresh;
  return false;
}

void tcp_recovery_ack(TcpConnection *conn, uint32_t acked)
{
  TcpCongestion *c = &conn->congestion;
  uint32_t duplicates = c->duplicates;

  c->duplicates = 0;
  c->extra = 0;
  if (tcp_frto_ack(conn, acked, false)) {
    c->limited = false;
  } else if (c->recovering && conn->sacks) {
    sack_progress(conn);
  } else if (c->recovering) {
    recovery_progress(conn, acked);
  } else {
    end_timeout(conn);
    if (!come_down(conn)) {
      note(conn, tcp_hystart_linux(conn));
      tcp_growth_acked(conn, acked, duplicates);
      note(conn, tcp_hystart_acked(conn));
    }
    if (tcp_rack_on(conn) && is_new_loss(conn))
      enter_recovery(conn);
  }
  c->limited = false;
}

void tcp_recovery_late(TcpConnection *conn)
{
  TcpCongestion *c = &conn->congestion;

  tcp_sack_of(conn)->delivered = 0;
  if (is_new_loss(conn) && !c->recovering)
    enter_recovery(conn);
}

void tcp_recovery_repaired(TcpConnection *conn)
{
  TcpCongestion *c = &conn->congestion;

  if (c->recovering || c->timed_out)
    return;
  c->ssthresh = threshold(conn, conn->snd.nxt - conn->snd.una, TCP_LOSS_FOUND);
  c->cwnd = c->ssthresh;
  c->acked = 0;
  c->limited = false;
  c->rule = TCP_RULE_LOSS_PROBE_REPAIRED;
  note_reduced(conn);
}

/* "at most once per window of data". By proportional rate reduction, if that
 * is known: this ACK is the first of it. */
void tcp_recovery_marked(TcpConnection *conn, uint32_t acked)
{
  TcpCongestion *c = &conn->congestion;
  uint32_t flight = conn->snd.nxt - conn->snd.una;

  if (c->recovering || c->timed_out || !seq_gt(conn->snd.una, c->reduced))
    return;
  c->ssthresh = threshold(conn, flight, TCP_LOSS_MARK);
  c->cwnd = c->ssthresh;
  c->acked = 0;
  note_reduced(conn);
  if (!conn->sacks || !tcb_knobs(conn)->prr)
    return;
  c->marked = true;
  if (!conn->sack) /* so far nothing was SACKed */
    tcp_sack_of(conn)->delivered = acked;
  tcp_scoreboard_count(conn);
  tcp_scoreboard_reduce(conn, acked > 0);
}

void tcp_recovery_restart(TcpConnection *conn)
{
  TcpCongestion *c = &conn->congestion;
  SimTime now = conn->stack->sim->now;

  if (!tcb_knobs(conn)->restart_after_idle ||
      now - conn->sent_at <= conn->rtt.rto)
    return;
  c->ops->ack(c, 0, now, &conn->rtt);
  c->cwnd = MIN(c->cwnd, c->initial);
}

void tcp_recovery_timeout(TcpConnection *conn)
{
  TcpCongestion *c = &conn->congestion;
  uint32_t flight;
  bool frto;

  /* RFC 2018 8: the receiver may have discarded what it held. RACK believes
   * it until it is shown that this is so */
  if (conn->sack && !tcp_rack_on(conn)) {
    tcp_ranges_clear(&conn->sack->sacked);
    conn->sack->twice = 0;
  }
  flight = tcp_flight(conn);
  /* RFC 5681 3.1: once for a loss, however often it is repeated */
  if (conn->retries == 1 && !c->recovering)
    tcp_undo_begin(conn);
  if (conn->retries == 1 && c->ops)
    c->ssthresh = threshold(conn, flight, TCP_LOSS_TIMEOUT);
  frto = tcp_frto_begin(conn, flight);
  c->timed_out = true;
  note_reduced(conn);
  c->cwnd = conn->mss;
  tcp_hystart_again(conn);
  c->acked = 0;
  c->duplicates = 0;
  c->extra = 0;
  c->recovering = c->marked = false;
  c->recover = conn->snd.nxt;
  if (conn->sent) {
    conn->sent->probed = false;
    conn->sent->reorder_at = SIM_TIME_NEVER;
  }
  if (frto)
    return;
  if (!tcp_rack_on(conn) || !tcp_rack_timeout(conn))
    tcp_resend(conn, conn->snd.una, conn->snd.nxt, TCP_RULE_NONE);
  conn->resend_rule = TCP_RULE_RETRANSMISSION_TIMEOUT;
  conn->resend_forced = true;
}
