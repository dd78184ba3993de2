/* What an acceptable acknowledgment does: SND.UNA, the send window, the RTT
 * sample, and through recovery.c the congestion window. */
#include <glib.h>

#include "parts.h"

/* MUST-58 */
void tcp_ack_owed(TcpConnection *conn, bool now, TcpRule rule)
{
  if (conn->ack_now)
    return;
  conn->ack_rule = (uint16_t)rule;
  if (now || tcb_knobs(conn)->delayed_ack == 0)
    conn->ack_now = true;
  else
    conn->ack_delayed = true;
}

/* Linux: what says nothing new opens the window wider, or closes it. */
static bool is_news(const TcpConnection *conn, const TcpSegment *segment,
                    uint32_t window)
{
  return seq_gt(segment->ack, conn->snd.una) ||
         seq_lt(conn->snd.wl1, segment->seq) ||
         (conn->snd.wl1 == segment->seq &&
          (window > conn->snd.wnd || window == 0));
}

static bool is_newer(const TcpConnection *conn, const TcpSegment *segment)
{
  return seq_lt(conn->snd.wl1, segment->seq) ||
         (conn->snd.wl1 == segment->seq &&
          seq_leq(conn->snd.wl2, segment->ack));
}

/* "SND.WND should be updated" unless the segment is older than the one that
 * updated it last. True if the window changed (MUST-34: it may shrink); what is
 * news (window_by_news) always counts as a change. */
static bool update_window(TcpConnection *conn, const TcpSegment *segment)
{
  bool syn = segment->flags & TCP_SYN,
       by_news = tcb_knobs(conn)->window_by_news;
  uint32_t window = segment->window << (syn ? 0 : conn->snd_scale);
  bool changed = by_news || window != conn->snd.wnd;

  if (by_news ? !is_news(conn, segment, window) : !is_newer(conn, segment))
    return false;
  conn->snd.wnd = window;
  conn->snd.wl1 = segment->seq;
  conn->snd.wl2 = segment->ack;
  conn->snd.max_wnd = MAX(conn->snd.max_wnd, window);
  return changed;
}

/* Karn: only a segment that was sent once is measured by the clock; a repeated
 * one by its timestamp's echo (RFC 7323 4.1) (MUST-18). */
static void sample_rtt(TcpConnection *conn, const TcpSegment *segment)
{
  const TcpKnobs *knobs = tcb_knobs(conn);
  SimTime now = conn->stack->sim->now;

  if (conn->timing && seq_geq(segment->ack, conn->rtt_seq)) {
    conn->timing = false;
    tcp_rtt_sample(&conn->rtt, now - conn->rtt_start, segment->ack,
                   conn->snd.nxt, knobs);
  } else if (conn->retries > 0 && conn->timestamps &&
             segment->options.has_timestamps && segment->options.ts_echo) {
    uint32_t ticks =
        tcp_ts_now(conn->stack, conn->ts_offset) - segment->options.ts_echo;

    if (ticks < INT32_MAX)
      tcp_rtt_sample(&conn->rtt, MAX(ticks, 1) * SIM_MILLISECOND, segment->ack,
                     conn->snd.nxt, knobs);
  }
}

/* SND.UNA <- SEG.ACK; "any segments on the retransmission queue that are
 * thereby entirely acknowledged are removed". */
static void advance(TcpConnection *conn, const TcpSegment *segment)
{
  uint32_t acked = segment->ack - conn->snd.una, data = acked;
  uint32_t start = tcb_data_start(conn);

  data = seq_gt(segment->ack, start) ? segment->ack - start : 0;
  data = MIN(data, conn->send.length);
  conn->snd.acked += acked - (!conn->syn_acked && conn->passive);
  tcp_count_acked(conn, acked, data);
  conn->more = false;
  conn->snd.una = segment->ack;
  conn->syn_acked = true;
  /* behind what is acknowledged, or it would go stale at 2^31 bytes */
  if (!conn->congestion.recovering)
    conn->congestion.recover =
        seq_max(conn->congestion.recover, conn->snd.una - 1);
  conn->congestion.reduced =
      seq_max(conn->congestion.reduced, conn->snd.una - 1);
  conn->snd.up = seq_max(conn->snd.up, conn->snd.una);
  conn->snd.pushed = seq_max(conn->snd.pushed, conn->snd.una);
  tcp_marks_trim(&conn->marks, conn->snd.una);
  conn->small = seq_max(conn->small, conn->snd.una);
  tcp_stream_drop(&conn->send, &conn->stack->chunks, data);
  tcp_ranges_remove_below(&conn->resend, conn->snd.una);
  tcp_timer_acked(conn);
  if (conn->sack)
    tcp_scoreboard_reneged(conn);
  if (data > 0) {
    tcp_recovery_ack(conn, data);
    tcb_event(conn, TCP_EVENT_ACKED);
  }
  tcp_sndbuf_acked(conn);
  if (tcb_knobs(conn)->send_overhead == 0) /* else behind what may leave now */
    tcp_wake_writer(conn);
  if (tcb_fin_acked(conn))
    tcb_event(conn, TCP_EVENT_FIN_ACKED);
}

/* RFC 5681 2: "duplicate acknowledgment", (a) to (e); with SACK, one that
 * SACKs what was not (RFC 6675 2). */
static bool is_duplicate(const TcpConnection *conn, const TcpSegment *segment,
                         bool window_changed, bool sacked)
{
  if (conn->sacks)
    return sacked;
  return conn->snd.una != conn->snd.nxt && segment->length == 0 &&
         segment->ack == conn->snd.una && !window_changed && !conn->probing;
}

/* The window has opened: what was sent into it while it was closed may have
 * been thrown away. */
static void window_opened(TcpConnection *conn)
{
  conn->probing = false;
  conn->retries = 0;
  conn->timer_restart = true;
  tcp_rtt_restore(&conn->rtt, tcb_knobs(conn));
  if (conn->snd.una != conn->snd.nxt) {
    tcp_resend(conn, conn->snd.una, conn->snd.nxt, TCP_RULE_WINDOW_OPENED);
    conn->resend_forced = true;
  }
}

/* What the time-based detection of losses has to know of an acknowledgment,
 * before it is taken. */
static void note_delivered(TcpConnection *conn, const TcpSegment *segment,
                           bool changed)
{
  TcpRange duplicate = tcp_scoreboard_duplicate(segment);
  bool bare = segment->ack == conn->snd.una && segment->length == 0 &&
              segment->options.sack_count == 0 && !changed;

  tcp_rack_ack(conn, segment, duplicate.left != duplicate.right);
  tcp_tail_loss_ack(conn, segment, &duplicate, bare);
}

void tcp_ack_input(TcpConnection *conn, const TcpSegment *segment)
{
  bool changed = false, sacked = false;
  bool advanced = seq_gt(segment->ack, conn->snd.una);
  uint32_t acked = advanced ? segment->ack - conn->snd.una : 0;

  if (seq_geq(segment->ack, conn->snd.una))
    changed = update_window(conn, segment);
  if (conn->ecn && segment->flags & TCP_ECE)
    conn->congestion.limited = false; /* this ACK opens nothing */
  if (conn->sacks)
    sacked = tcp_scoreboard_update(conn, segment);
  if (advanced)
    sample_rtt(conn, segment);
  if (conn->sent)
    note_delivered(conn, segment, changed);
  if (advanced)
    advance(conn, segment);
  else if (is_duplicate(conn, segment, changed, sacked))
    tcp_recovery_duplicate_ack(conn);
  if (conn->sent)
    tcp_undo_ack(conn, segment, advanced);
  if (conn->ecn && segment->flags & TCP_ECE && !(segment->flags & TCP_SYN))
    tcp_recovery_marked(conn, acked);
  if (conn->probing && conn->snd.wnd > 0)
    window_opened(conn);
}
