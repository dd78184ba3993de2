/* F-RTO (RFC 5682 2.1, 3.1): was a time-out spurious? After it only the first
 * segment goes again; if the first acknowledgment advances, two new segments
 * go instead of repetitions, and if the second advances as well, what was
 * outstanding had not been lost at all. */
#include <glib.h>

#include "parts.h"

enum {
  FRTO_OFF,
  FRTO_REPEATED, /* step 1: the first segment went again */
  FRTO_NEW,      /* step 2b: new ones went */
};

bool tcp_frto_begin(TcpConnection *conn, uint32_t flight)
{
  TcpCongestion *c = &conn->congestion;

  c->frto = FRTO_OFF;
  if (!tcb_knobs(conn)->frto || c->recovering || c->timed_out ||
      conn->state < TCP_ESTABLISHED)
    return false;
  c->frto = FRTO_REPEATED;
  conn->counts->flight_before = flight;
  tcp_resend_first(conn, TCP_RULE_RETRANSMISSION_TIMEOUT);
  return true;
}

/* Steps 2a, 3a: it was lost; all of it goes again in slow start. */
static void conventional(TcpConnection *conn, bool advanced)
{
  TcpCongestion *c = &conn->congestion;
  uint32_t left = conn->snd.una;

  if (c->frto == FRTO_REPEATED && !advanced)
    left += c->mss; /* the first is on its way */
  if (c->frto == FRTO_NEW)
    c->cwnd = MIN(c->cwnd, 3 * c->mss);
  c->frto = FRTO_OFF;
  c->limited = true;
  if (seq_lt(left, c->recover))
    tcp_resend(conn, left, c->recover, TCP_RULE_RETRANSMISSION_TIMEOUT);
}

/* Step 3b, and RFC 4015 3.2 (6) for what follows from it. */
static void spurious(TcpConnection *conn, uint32_t acked)
{
  TcpCongestion *c = &conn->congestion;

  c->frto = FRTO_OFF;
  c->rule = TCP_RULE_FRTO_SPURIOUS;
  c->timed_out = false;
  c->recover = conn->snd.una;
  c->ssthresh = MAX(conn->counts->flight_before, 2 * c->mss);
  c->cwnd = tcp_flight(conn) + MIN(acked, c->initial);
  tcp_ranges_clear(&conn->resend);
}

bool tcp_frto_ack(TcpConnection *conn, uint32_t acked, bool sacked)
{
  TcpCongestion *c = &conn->congestion;
  bool advanced = acked > 0;

  if (c->frto == FRTO_OFF)
    return false;
  if (c->frto == FRTO_NEW && (advanced || (sacked && conn->sack->below))) {
    spurious(conn, acked);
    return true;
  }
  if (c->frto == FRTO_NEW || !advanced || seq_geq(conn->snd.una, c->recover) ||
      tcp_unsent(conn) == 0 ||
      seq_geq(conn->snd.nxt, conn->snd.una + conn->snd.wnd)) {
    conventional(conn, advanced);
    return false;
  }
  c->frto = FRTO_NEW;
  tcp_ranges_clear(&conn->resend);
  c->cwnd = tcp_flight(conn) + 2 * c->mss;
  return true;
}
