/* The tail loss probe (RFC 8985 7): if no acknowledgment comes for two round
 * trips, one segment goes, new or the last one again. Its acknowledgment lets
 * RACK see what is missing, or tells that nothing is; without it the end of a
 * flight would wait for a time-out. A bare section is RFC 8985's. */
#include <glib.h>

#include "parts.h"

/* 7.2: SACK is agreed (or there would be no `sent`), nothing is SACKed, and
 * there is no recovery. */
bool tcp_tail_loss_wanted(const TcpConnection *conn)
{
  const TcpSent *sent = conn->sent;
  const TcpCongestion *c = &conn->congestion;

  return tcb_knobs(conn)->tail_loss_probe && sent->count > 0 &&
         sent->sacked == 0 && !sent->probed && !c->recovering &&
         !c->timed_out && tcp_ranges_empty(&conn->resend);
}

/* 7.2: TLP_calc_PTO(), but for the bound by the retransmission timer. One
 * segment's acknowledgment may be delayed. */
SimTime tcp_tail_loss_span(const TcpConnection *conn)
{
  const TcpKnobs *knobs = tcb_knobs(conn);
  SimTime srtt = conn->rtt.srtt > 1 ? conn->rtt.srtt : 0; /* 1: 0 */

  if (conn->rtt.srtt == 0)
    return SIM_SECOND;
  return 2 * srtt + (conn->sent->count == 1 ? knobs->tail_loss_ack_delay
                                            : knobs->detection_slack);
}

void tcp_tail_loss_sent(TcpConnection *conn, bool again)
{
  TcpSent *sent = conn->sent;

  sent->probe_due = false;
  sent->probed = true;
  sent->probed_again = again;
  sent->probe_end = conn->snd.nxt;
}

bool tcp_tail_loss_last(const TcpConnection *conn, TcpRange *ret)
{
  const TcpSentSegment *last;

  if (conn->sent->count == 0)
    return false;
  last = tcp_sent_at(conn->sent, conn->sent->count - 1);
  *ret =
      (TcpRange){ seq_max(last->left, last->right - conn->mss), last->right };
  return true;
}

/* 7.4.2: TLP_process_ack(). */
void tcp_tail_loss_ack(TcpConnection *conn, const TcpSegment *ack,
                       const TcpRange *duplicate, bool bare)
{
  TcpSent *sent = conn->sent;

  if (!sent->probed || seq_lt(ack->ack, sent->probe_end))
    return;
  if (!sent->probed_again || (duplicate->left != duplicate->right &&
                              duplicate->right == sent->probe_end)) {
    sent->probed = false; /* nothing was lost */
  } else if (seq_gt(ack->ack, sent->probe_end)) {
    sent->probed = false;
    tcp_recovery_repaired(conn);
  } else if (bare) {
    sent->probed = false; /* the original and the probe have arrived */
  }
}
