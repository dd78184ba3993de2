/* Loss: when it is believed, and what is sent again. NewReno: fast retransmit
 * and fast recovery of RFC 5681 3.2 with RFC 6582's answer to partial
 * acknowledgments; after a time-out everything outstanding goes back into the
 * ranges to be sent. */
#include <glib.h>

#include "tcb.h"

uint32_t tcp_flight(const TcpConnection *conn)
{
  uint32_t sent = conn->snd.nxt - conn->snd.una;

  return conn->resend.count ? sent - tcp_ranges_total(&conn->resend) : sent;
}

/* The segment at SND.UNA goes again, now. */
static void resend_first(TcpConnection *conn, TcpRule rule)
{
  uint32_t end = conn->snd.una + conn->mss;

  tcp_ranges_add(&conn->resend, conn->snd.una, seq_min(end, conn->snd.nxt));
  conn->resend_rule = (uint16_t)rule;
  conn->resend_forced = true;
}

static void enter_recovery(TcpConnection *conn)
{
  TcpCongestion *c = &conn->congestion;
  uint32_t flight = conn->snd.nxt - conn->snd.una;

  c->ssthresh = c->ops->loss(c, flight, conn->stack->sim->now);
  c->cwnd = c->ssthresh + 3 * c->mss;
  c->recover = conn->snd.nxt;
  c->recovering = true;
  c->partial = false;
  conn->timer_restart = true; /* RFC 6298 5: not sooner than an RTO */
  resend_first(conn, TCP_RULE_FAST_RETRANSMIT);
}

void tcp_recovery_duplicate_ack(TcpConnection *conn)
{
  TcpCongestion *c = &conn->congestion;

  if (c->recovering) {
    c->cwnd += c->mss; /* RFC 5681 3.2 step 4: a segment has left */
    return;
  }
  if (c->duplicates < UINT16_MAX)
    c->duplicates++;
  /* RFC 6582 3.2 step 2: not for what was sent before the last loss;
   * `recover` is one behind the RFC's */
  if (c->duplicates == tcb_knobs(conn)->duplicate_acks &&
      seq_gt(conn->snd.una, c->recover))
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
  resend_first(conn, TCP_RULE_PARTIAL_ACK);
}

void tcp_recovery_ack(TcpConnection *conn, uint32_t acked)
{
  TcpCongestion *c = &conn->congestion;

  c->duplicates = 0;
  if (c->recovering) {
    recovery_progress(conn, acked);
  } else if (c->limited) {
    c->ops->ack(c, acked, conn->stack->sim->now);
  }
  c->limited = false;
}

void tcp_recovery_timeout(TcpConnection *conn)
{
  TcpCongestion *c = &conn->congestion;
  uint32_t flight = tcp_flight(conn);

  /* RFC 5681 3.1: once for a loss, however often it is repeated */
  if (conn->retries == 1 && c->ops)
    c->ssthresh = c->ops->loss(c, flight, conn->stack->sim->now);
  c->cwnd = conn->mss;
  c->acked = 0;
  c->duplicates = 0;
  c->recovering = false;
  c->recover = conn->snd.nxt;
  tcp_ranges_add(&conn->resend, conn->snd.una, conn->snd.nxt);
  conn->resend_rule = TCP_RULE_RETRANSMISSION_TIMEOUT;
  conn->resend_forced = true;
}
