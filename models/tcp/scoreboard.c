/* Loss recovery by selective acknowledgments: the scoreboard of RFC 6675.
 *
 * IsLost() holds for all octets below one edge that are not SACKed; those that
 * were not repeated yet lie in `resend`, from where output takes them (rule 1
 * of NextSeg()). What is new is its rule 2; the rest of it is here.
 *
 * SetPipe() is tcp_flight(): what was sent, without what is SACKed and what is
 * in `resend`, and twice what was repeated without being lost. */
#include <glib.h>

#include "parts.h"

TcpSack *tcp_sack_of(TcpConnection *conn)
{
  if (!conn->sack)
    conn->sack = tcp_sack_new();
  return conn->sack;
}

/* "the first SACK block ... below the cumulative ACK", or within the second. */
TcpRange tcp_scoreboard_duplicate(const TcpSegment *ack)
{
  const TcpRange *first = &ack->options.sack[0], *second = first + 1;

  if (ack->options.sack_count > 0 && seq_lt(first->left, ack->ack))
    return *first;
  if (ack->options.sack_count > 1 && seq_geq(first->left, second->left) &&
      seq_leq(first->right, second->right))
    return *first;
  return (TcpRange){ 0, 0 };
}

/* A block that begins at or below the acknowledgment is a duplicate's (RFC
 * 2883 4), or a lie. RACK knows whole segments. */
static void take_block(TcpConnection *conn, TcpRange block, uint32_t floor)
{
  if (!seq_gt(block.left, floor) || !seq_gt(block.right, block.left) ||
      seq_gt(block.right, conn->snd.nxt))
    return;
  if (tcp_rack_on(conn))
    tcp_sent_trim(conn->sent, &block.left, &block.right);
  if (block.left == block.right)
    return;
  conn->sack->below |= seq_lt(block.left, conn->congestion.recover);
  tcp_ranges_add(&conn->sack->sacked, block.left, block.right);
  tcp_ranges_remove(&conn->resend, block.left, block.right);
}

bool tcp_scoreboard_update(TcpConnection *conn, const TcpSegment *segment)
{
  uint32_t una = conn->snd.una, floor = seq_max(segment->ack, una), fresh;
  TcpSack *sack;

  if (!conn->sack && segment->options.sack_count == 0)
    return false;
  sack = tcp_sack_of(conn);
  sack->below = false;
  fresh = tcp_ranges_total(&sack->sacked);
  for (unsigned i = 0; i < segment->options.sack_count; i++)
    take_block(conn, segment->options.sack[i], floor);
  fresh = tcp_ranges_total(&sack->sacked) - fresh;
  sack->delivered =
      fresh + (floor - una) - tcp_ranges_covered(&sack->sacked, una, floor);
  tcp_ranges_remove_below(&sack->sacked, floor);
  return fresh > 0;
}

void tcp_scoreboard_reneged(TcpConnection *conn)
{
  TcpSack *sack = conn->sack;

  if (tcp_ranges_empty(&sack->sacked) ||
      sack->sacked.items[0].left != conn->snd.una)
    return;
  tcp_ranges_clear(&sack->sacked);
  if (conn->sent)
    tcp_sent_forget_sacks(conn->sent);
  sack->high_rxt = conn->snd.una;
  sack->twice = 0;
  tcp_resend_first(conn, TCP_RULE_SACK_RENEGED);
}

static uint32_t lost_edge(const TcpConnection *conn)
{
  return tcp_sack_lost_edge(conn->sack, conn->snd.una, conn->mss,
                            (uint32_t)tcb_knobs(conn)->duplicate_acks);
}

bool tcp_scoreboard_is_lost(const TcpConnection *conn)
{
  return seq_gt(lost_edge(conn), conn->snd.una);
}

/* What IsLost() says now, and what SetPipe() makes of it. */
static void mark_lost(TcpConnection *conn)
{
  TcpSack *sack = conn->sack;
  uint32_t edge = lost_edge(conn);
  uint32_t from = seq_max(sack->high_rxt, conn->snd.una);

  sack->twice = 0;
  if (seq_gt(edge, from))
    tcp_resend(conn, from, edge, TCP_RULE_SACK_LOST);
  else if (seq_gt(from, edge))
    sack->twice = from - edge - tcp_ranges_covered(&sack->sacked, edge, from);
}

/* RFC 9937: what this ACK lets out, so that the flight comes down to
 * SSTHRESH in proportion to what is delivered, and back up to it slowly. The
 * share is whole segments, as in the RFC's figures: less than one would wait
 * for the next ACK. */
void tcp_scoreboard_reduce(TcpConnection *conn, bool safe)
{
  TcpCongestion *c = &conn->congestion;
  TcpSack *sack = tcp_sack_of(conn);
  uint32_t pipe = tcp_flight(conn), count;
  uint64_t share;

  sack->prr_delivered += sack->delivered;
  if (pipe > c->ssthresh) {
    share = (uint64_t)sack->prr_delivered * c->ssthresh;
    share = (share + sack->prr_flight - 1) / MAX(sack->prr_flight, 1);
    share = (share + c->mss - 1) / c->mss * c->mss;
    count = (uint32_t)(share - MIN(share, sack->prr_out));
  } else {
    count = sack->prr_delivered - MIN(sack->prr_delivered, sack->prr_out);
    count = MAX(count, sack->delivered) + (safe ? c->mss : 0);
    count = MIN(count, c->ssthresh - pipe);
  }
  if (sack->prr_out == 0 && count == 0)
    count = c->mss;
  c->cwnd = pipe + count;
}

static void begin_by_count(TcpConnection *conn, TcpSack *sack)
{
  TcpRange first;

  mark_lost(conn);
  tcp_resend_first(conn, TCP_RULE_FAST_RETRANSMIT);
  tcp_ranges_gap(&sack->sacked, conn->snd.una,
                 seq_min(conn->snd.una + conn->mss, conn->snd.nxt), &first);
  sack->rescue = first.right;
}

void tcp_scoreboard_count(TcpConnection *conn)
{
  TcpSack *sack = tcp_sack_of(conn);

  sack->prr_delivered = sack->prr_out = 0;
  sack->prr_flight = conn->snd.nxt - conn->snd.una + sack->delivered -
                     tcp_ranges_total(&sack->sacked);
}

void tcp_scoreboard_begin(TcpConnection *conn)
{
  TcpSack *sack = tcp_sack_of(conn);

  sack->high_rxt = conn->snd.una;
  if (tcp_rack_on(conn)) {
    sack->twice = 0;
    conn->resend_forced = true;
  } else {
    begin_by_count(conn, sack);
  }
  tcp_scoreboard_count(conn);
  if (tcb_knobs(conn)->prr)
    tcp_scoreboard_reduce(conn, false);
}

void tcp_scoreboard_ack(TcpConnection *conn, bool advanced)
{
  uint32_t lost = tcp_ranges_total(&conn->resend);

  if (tcp_rack_on(conn))
    tcp_rack_detect(conn);
  else
    mark_lost(conn);
  if (tcb_knobs(conn)->prr)
    tcp_scoreboard_reduce(conn,
                          advanced && tcp_ranges_total(&conn->resend) <= lost);
}

/* Rule 3: what lies below the highest SACKed octet and was not repeated. */
static bool next_unlost(TcpConnection *conn, TcpRange *ret)
{
  const TcpRanges *sacked = &conn->sack->sacked;
  uint32_t from = seq_max(conn->sack->high_rxt, conn->snd.una);

  if (tcp_ranges_empty(sacked) ||
      !tcp_ranges_gap(sacked, from, sacked->items[sacked->count - 1].left, ret))
    return false;
  ret->right = seq_min(ret->right, ret->left + conn->mss);
  conn->resend_rule = TCP_RULE_SACK_NEXT;
  return true;
}

/* Rule 4: once, the segment at the end, so that its loss does not need a
 * time-out. */
static bool next_rescue(TcpConnection *conn, TcpRange *ret)
{
  TcpSack *sack = conn->sack;
  uint32_t left = conn->snd.una;

  if (!seq_gt(conn->snd.una, sack->rescue))
    return false;
  if (!tcp_ranges_empty(&sack->sacked))
    left = sack->sacked.items[sack->sacked.count - 1].right;
  if (left == conn->snd.nxt)
    return false;
  sack->rescue = conn->congestion.recover;
  *ret = (TcpRange){ seq_max(left, conn->snd.nxt - conn->mss), conn->snd.nxt };
  conn->resend_rule = TCP_RULE_SACK_RESCUE;
  return true;
}

bool tcp_scoreboard_next(TcpConnection *conn, TcpRange *ret)
{
  const TcpCongestion *c = &conn->congestion;

  if (!c->recovering || !conn->sacks || tcp_rack_on(conn) ||
      !tcp_ranges_empty(&conn->resend) ||
      tcp_flight(conn) + conn->mss > c->cwnd || tcp_pace_holds(conn))
    return false;
  return next_unlost(conn, ret) || next_rescue(conn, ret);
}

void tcp_scoreboard_sent(TcpConnection *conn, uint32_t left, uint32_t right,
                         bool again)
{
  TcpSack *sack = tcp_sack_of(conn);
  TcpRule rule = (TcpRule)conn->resend_rule;

  sack->prr_out += right - left;
  if (!again)
    return;
  if (rule == TCP_RULE_SACK_NEXT || rule == TCP_RULE_SACK_RESCUE)
    sack->twice += right - left;
  if (rule != TCP_RULE_SACK_RESCUE)
    sack->high_rxt = seq_max(sack->high_rxt, right);
}
