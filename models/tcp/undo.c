/* A recovery that was not needed: all that it sent again came twice (the DSACKs
 * say so, RFC 3708), or what was acknowledged was the first transmission (its
 * timestamp says so, RFC 3522). Then the window is as before (RFC 4015 3.2). */
#include <glib.h>

#include "parts.h"

void tcp_undo_begin(TcpConnection *conn)
{
  TcpSent *sent = conn->sent;

  if (!sent || !tcb_knobs(conn)->undo || conn->congestion.timed_out)
    return;
  sent->undoable = true;
  sent->undo_repeats = 0;
  sent->undo_at = SIM_TIME_NEVER;
  sent->undo_from = conn->snd.una;
  sent->undo_cwnd = conn->congestion.cwnd;
  sent->undo_ssthresh = conn->congestion.ssthresh;
}

/* A probe is no part of a recovery. */
void tcp_undo_note(TcpConnection *conn)
{
  TcpSent *sent = conn->sent;

  if (!sent->undoable || sent->probe_due)
    return;
  sent->undo_repeats++;
  sent->undo_at = MIN(sent->undo_at, conn->stack->sim->now);
}

/* Does the echo say that this was sent before anything was sent again? */
static bool is_late(const TcpConnection *conn, const TcpSegment *ack)
{
  uint32_t stamp =
      (uint32_t)(conn->sent->undo_at / SIM_MILLISECOND) + conn->ts_offset;

  return conn->timestamps && ack->options.has_timestamps &&
         seq_lt(ack->options.ts_echo, stamp);
}

static void undo(TcpConnection *conn)
{
  TcpCongestion *c = &conn->congestion;
  TcpSent *sent = conn->sent;

  sent->undoable = false;
  sent->reorder_at = SIM_TIME_NEVER;
  c->recovering = c->timed_out = false;
  c->frto = 0;
  c->cwnd = MAX(c->cwnd, sent->undo_cwnd);
  c->ssthresh = MAX(c->ssthresh, sent->undo_ssthresh);
  c->rule = TCP_RULE_RECOVERY_UNDONE;
  tcp_ranges_clear(&conn->resend);
  if (conn->sack)
    conn->sack->twice = 0;
}

void tcp_undo_ack(TcpConnection *conn, const TcpSegment *ack, bool advanced)
{
  TcpSent *sent = conn->sent;
  TcpRange duplicate = tcp_scoreboard_duplicate(ack);
  bool all_twice = false;

  sent->undoable &= conn->snd.una - sent->undo_from < TCP_WINDOW_MOST;
  if (!sent->undoable || sent->undo_repeats == 0)
    return;
  if (duplicate.left != duplicate.right &&
      seq_gt(duplicate.right, sent->undo_from) &&
      seq_leq(duplicate.right, conn->snd.una))
    all_twice = --sent->undo_repeats == 0;
  if (all_twice || (advanced && is_late(conn, ack)))
    undo(conn);
}
