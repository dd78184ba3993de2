/* RACK (RFC 8985 6): a segment is lost if one that was sent later has been
 * delivered, and reordering has had its time. What is delivered moves
 * RACK.xmit_ts and RACK.rtt; what was sent before that and is not delivered
 * has until its own time plus RACK.rtt plus the reordering window. A bare
 * section is RFC 8985's. */
#include <glib.h>

#include "parts.h"

#define DSACK_FREE 16 /* recoveries until the window shrinks again */

/* `rack` as flags, as net.ipv4.tcp_recovery has them. */
enum {
  RACK_ON = 1,
  RACK_STATIC = 2,    /* the reordering window does not adapt */
  RACK_NO_THRESH = 4, /* duplicate_acks do not end it */
};

bool tcp_rack_on(const TcpConnection *conn)
{
  return conn->sent && tcb_knobs(conn)->rack & RACK_ON;
}

void tcp_sent_note(TcpConnection *conn, uint32_t left, uint32_t right,
                   bool again)
{
  SimTime now = conn->stack->sim->now;

  if (!conn->syn_acked)
    return;
  if (!conn->sent)
    conn->sent = tcp_sent_new();
  if (again) {
    tcp_sent_again(conn->sent, left, right, now);
    tcp_undo_note(conn);
    return;
  }
  tcp_sent_append(conn->sent, left, right, now);
  conn->sent->moved = true;
}

/* RACK_sent_after(). */
static bool is_after(SimTime at, uint32_t end, SimTime than, uint32_t than_end)
{
  return at > than || (at == than && seq_gt(end, than_end));
}

/* 6.2 step 2: may the acknowledgment be for an earlier transmission? */
static bool is_ambiguous(const TcpConnection *conn, const TcpSentSegment *item,
                         const TcpSegment *ack, SimTime rtt)
{
  uint32_t stamp = (uint32_t)(item->at / SIM_MILLISECOND) + conn->ts_offset;

  if (!item->again)
    return false;
  if (conn->timestamps && ack->options.has_timestamps &&
      seq_lt(ack->options.ts_echo, stamp))
    return true;
  return rtt < conn->rtt.least;
}

/* Step 3. True if `item`, sent once, comes behind a later one. */
static bool is_reordered(TcpSent *sent, const TcpSentSegment *item,
                         uint32_t mss)
{
  uint32_t segments;

  if (!sent->any_fack || seq_gt(item->right, sent->fack)) {
    sent->fack = item->right;
    sent->any_fack = true;
    return false;
  }
  if (item->right == sent->fack || item->again)
    return false;
  segments = (sent->fack - item->left + mss - 1) / mss;
  sent->reordering = MAX(sent->reordering, segments);
  sent->reordering_seen = true;
  return true;
}

/* Steps 2 and 3 for a segment that `ack` is the first to tell of. */
static bool deliver(TcpConnection *conn, TcpSentSegment *item,
                    const TcpSegment *ack)
{
  TcpSent *sent = conn->sent;
  SimTime rtt = conn->stack->sim->now - item->at;

  item->lost = false;
  if (!is_ambiguous(conn, item, ack, rtt)) {
    sent->rtt = rtt;
    if (!sent->any ||
        is_after(item->at, item->right, sent->xmit_ts, sent->end_seq)) {
      sent->xmit_ts = item->at;
      sent->end_seq = item->right;
    }
    sent->any = true;
  }
  return is_reordered(sent, item, conn->mss);
}

static bool deliver_acked(TcpConnection *conn, const TcpSegment *ack)
{
  TcpSent *sent = conn->sent;
  bool reordered = false;

  while (sent->count > 0 && seq_leq(tcp_sent_at(sent, 0)->right, ack->ack)) {
    if (!tcp_sent_at(sent, 0)->sacked)
      reordered |= deliver(conn, tcp_sent_at(sent, 0), ack);
    tcp_sent_drop(sent);
  }
  if (sent->count > 0 && seq_lt(tcp_sent_at(sent, 0)->left, ack->ack))
    tcp_sent_at(sent, 0)->left = ack->ack;
  return reordered;
}

static bool deliver_sacked(TcpConnection *conn, const TcpRange *block,
                           const TcpSegment *ack)
{
  TcpSent *sent = conn->sent;
  bool reordered = false;

  for (uint32_t i = tcp_sent_find(sent, block->left); i < sent->count; i++) {
    TcpSentSegment *item = tcp_sent_at(sent, i);

    if (seq_gt(item->right, block->right))
      break;
    if (item->sacked ||
        !tcp_ranges_hold(&conn->sack->sacked, item->left, item->right))
      continue;
    item->sacked = true;
    sent->sacked++;
    reordered |= deliver(conn, item, ack);
  }
  return reordered;
}

/* The blocks of `ack` by number: the order of delivery is not theirs. */
static bool deliver_blocks(TcpConnection *conn, const TcpSegment *ack)
{
  TcpRange blocks[TCP_SACK_BLOCKS];
  unsigned count = MIN(ack->options.sack_count, TCP_SACK_BLOCKS);
  bool reordered = false;

  for (unsigned i = 0; i < count; i++) {
    unsigned at = i;

    for (; at > 0 && seq_gt(blocks[at - 1].left, ack->options.sack[i].left);
         at--)
      blocks[at] = blocks[at - 1];
    blocks[at] = ack->options.sack[i];
  }
  for (unsigned i = 0; i < count; i++)
    reordered |= deliver_sacked(conn, &blocks[i], ack);
  return reordered;
}

/* Step 4: the window grows with each round that has a DSACK. */
static void note_duplicate(TcpConnection *conn, uint32_t una, bool duplicate)
{
  TcpSent *sent = conn->sent;

  sent->dsacks += duplicate;
  if (sent->in_dsack_round && seq_geq(una, sent->dsack_round))
    sent->in_dsack_round = false;
  if (!duplicate || sent->in_dsack_round || tcb_knobs(conn)->rack & RACK_STATIC)
    return;
  sent->in_dsack_round = true;
  sent->dsack_round = conn->snd.nxt;
  sent->reo_wnd_mult = (uint16_t)MIN(sent->reo_wnd_mult + 1, UINT16_MAX);
  sent->reo_wnd_persist = DSACK_FREE;
}

void tcp_rack_ack(TcpConnection *conn, const TcpSegment *ack, bool duplicate)
{
  bool reordered = deliver_acked(conn, ack);

  if (ack->options.sack_count > 0 && conn->sack)
    reordered |= deliver_blocks(conn, ack);
  conn->sent->reorderings += reordered;
  note_duplicate(conn, seq_max(ack->ack, conn->snd.una), duplicate);
}

void tcp_rack_recovered(TcpConnection *conn)
{
  TcpSent *sent = conn->sent;

  if (sent->reo_wnd_persist > 0 && --sent->reo_wnd_persist == 0)
    sent->reo_wnd_mult = 1;
}

/* Step 4: RACK.reo_wnd. */
static SimTime window(const TcpConnection *conn)
{
  const TcpSent *sent = conn->sent;
  const TcpCongestion *c = &conn->congestion;
  const TcpKnobs *knobs = tcb_knobs(conn);
  bool enough =
      !(knobs->rack & RACK_NO_THRESH) && sent->sacked >= knobs->duplicate_acks;

  if (!sent->reordering_seen && (c->recovering || c->timed_out || enough))
    return 0;
  return MIN(sent->reo_wnd_mult * conn->rtt.least / 4, conn->rtt.srtt);
}

/* How long `item` has left. Before any text is delivered the round trip is
 * the SYN's. */
static SimTime remaining(const TcpConnection *conn, const TcpSentSegment *item,
                         SimTime reo_wnd)
{
  SimTime rtt = conn->sent->any ? conn->sent->rtt : conn->rtt.srtt;

  return item->at + rtt + reo_wnd - conn->stack->sim->now;
}

static void lose(TcpConnection *conn, TcpSentSegment *item)
{
  item->lost = true;
  tcp_resend(conn, item->left, item->right, TCP_RULE_RACK_LOST);
}

bool tcp_rack_detect(TcpConnection *conn)
{
  TcpSent *sent = conn->sent;
  SimTime reo_wnd = window(conn), longest = 0;
  uint32_t before = tcp_ranges_total(&conn->resend);

  sent->reorder_at = SIM_TIME_NEVER;
  if (!sent->any)
    return false;
  for (uint32_t i = 0; i < sent->count; i++) {
    TcpSentSegment *item = tcp_sent_at(sent, i);
    SimTime left = remaining(conn, item, reo_wnd);

    if (!is_after(sent->xmit_ts, sent->end_seq, item->at, item->right)) {
      if (!sent->repeated || seq_gt(item->right, sent->high_again))
        break; /* all that follow were sent later still */
    } else if (item->sacked ||
               tcp_ranges_covered(&conn->resend, item->left, item->right) > 0) {
      continue;
    } else if (left <= 0) {
      lose(conn, item);
    } else {
      longest = MAX(longest, left);
    }
  }
  if (longest > 0)
    sent->reorder_at =
        conn->stack->sim->now + longest + tcb_knobs(conn)->detection_slack;
  return tcp_ranges_total(&conn->resend) > before;
}

bool tcp_rack_timeout(TcpConnection *conn)
{
  TcpSent *sent = conn->sent;
  SimTime reo_wnd = window(conn);

  sent->reorder_at = SIM_TIME_NEVER;
  if (sent->count == 0 || tcp_sent_at(sent, 0)->left != conn->snd.una)
    return false;
  for (uint32_t i = 0; i < sent->count; i++) {
    TcpSentSegment *item = tcp_sent_at(sent, i);

    if (!item->sacked && (i == 0 || remaining(conn, item, reo_wnd) <= 0))
      lose(conn, item);
  }
  return true;
}
