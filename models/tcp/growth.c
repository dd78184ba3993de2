/* What opens the congestion window: an acknowledgment, by as much as it tells
 * of, if the window was in use. How far is the congestion control's matter. */
#include <glib.h>

#include "parts.h"

/* In use is what held something back or is full; with `window_validation`
 * once a window of text, as it was when most was outstanding. */
void tcp_growth_used(TcpConnection *conn)
{
  const TcpCongestion *c = &conn->congestion;
  TcpCounts *use = conn->counts;
  uint32_t out = conn->snd.nxt - conn->snd.una;
  bool full = c->limited || tcp_flight(conn) + c->mss > c->cwnd;

  if (!use || (seq_lt(conn->snd.una, use->use_end) && !full &&
               (use->in_use || out <= use->use_most)))
    return;
  use->in_use = full;
  use->use_most = out;
  use->use_end = conn->snd.nxt;
}

/* In slow start the window may be twice what was outstanding. */
static bool was_in_use(const TcpConnection *conn)
{
  const TcpCongestion *c = &conn->congestion;
  const TcpCounts *use = conn->counts;

  if (!tcb_knobs(conn)->window_validation)
    return c->limited;
  return use && (use->in_use ||
                 (c->cwnd < c->ssthresh && c->cwnd / 2 < use->use_most));
}

/* Without what SACKs, or duplicate ACKs, have told before. */
static uint32_t newly_delivered(const TcpConnection *conn, uint32_t acked,
                                uint32_t duplicates)
{
  uint32_t before = duplicates * conn->congestion.mss;

  if (!tcb_knobs(conn)->count_delivered)
    return acked;
  if (conn->sack)
    return MIN(acked, conn->sack->delivered);
  return acked > before ? acked - before : MIN(acked, conn->congestion.mss);
}

void tcp_growth_acked(TcpConnection *conn, uint32_t acked, uint32_t duplicates)
{
  TcpCongestion *c = &conn->congestion;
  uint32_t by = newly_delivered(conn, acked, duplicates);

  c->ops->ack(c, was_in_use(conn) ? by : 0, conn->stack->sim->now, &conn->rtt);
}

void tcp_growth_sacked(TcpConnection *conn)
{
  TcpCongestion *c = &conn->congestion;
  bool reorders =
      conn->sent && conn->sent->reordering > tcb_knobs(conn)->duplicate_acks;

  if (tcb_knobs(conn)->count_delivered && reorders && !c->recovering &&
      !c->timed_out && was_in_use(conn))
    c->ops->ack(c, conn->sack->delivered, conn->stack->sim->now, &conn->rtt);
}

void tcp_growth_idle(TcpConnection *conn)
{
  TcpCongestion *c = &conn->congestion;
  SimTime now = conn->stack->sim->now;

  if (c->ops && c->ops->idle && conn->snd.una == conn->snd.nxt)
    c->ops->idle(c, now - conn->sent_at, now);
}
