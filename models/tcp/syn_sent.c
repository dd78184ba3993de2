/* SEGMENT ARRIVES in SYN-SENT (3.10.7.3), and what LISTEN and SYN-SENT take
 * from a SYN. */
#include <glib.h>

#include "arrival.h"

bool tcp_syn_is_plain(const TcpConnection *conn)
{
  int64_t after = tcb_knobs(conn)->syn_plain_after;

  return conn->state == TCP_SYN_SENT && after > 0 && conn->retries >= after;
}

bool tcp_asks_for_marks(const TcpConnection *conn)
{
  return tcb_knobs(conn)->ecn == 1 &&
         conn->retries <= tcb_knobs(conn)->ecn_syn_retries;
}

/* RFC 3168 6.1.1: ECE and CWR on a SYN ask, ECE alone on its answer agrees,
 * if this side asked. */
static bool knows_marks(const TcpConnection *conn, const TcpSegment *segment)
{
  unsigned flags = segment->flags & (TCP_ECE | TCP_CWR);
  int64_t ecn = tcb_knobs(conn)->ecn;

  if (segment->flags & TCP_ACK)
    return tcp_asks_for_marks(conn) && flags == TCP_ECE;
  return ecn != 0 && flags == (TCP_ECE | TCP_CWR);
}

void tcp_input_syn(TcpConnection *conn, const TcpSegment *segment)
{
  const TcpOptions *options = &segment->options;
  const TcpKnobs *knobs = tcb_knobs(conn);
  bool plain = tcp_syn_is_plain(conn) || !knobs->syn_options;
  bool keeps = knobs->syn_text == 1 || (knobs->syn_text && !conn->passive);
  uint32_t kept = keeps ? MIN(segment->payload.length, conn->rcv.wnd) : 0;

  conn->rcv.irs = segment->seq;
  conn->rcv.nxt = conn->rcv.up = conn->rcv.acked = segment->seq + 1;
  conn->snd.wnd = conn->snd.max_wnd = segment->window;
  conn->snd.wl1 = segment->seq;
  conn->snd.wl2 = segment->flags & TCP_ACK ? segment->ack : conn->snd.iss;
  conn->scaling = !plain && knobs->window_scaling && options->has_scale;
  conn->snd_scale = conn->scaling ? options->scale : 0;
  if (!conn->scaling && knobs->offer_again && !conn->passive &&
      !(segment->flags & TCP_ACK)) {
    conn->rcv_scale = tcb_scale_offered(conn); /* it is offered again */
  } else if (!conn->scaling) {
    conn->rcv_scale = 0;
    conn->rcv.wnd = MIN(conn->rcv.wnd, 65535);
  }
  if (knobs->whole_segments && conn->passive)
    conn->rcv.wnd = MIN(conn->rcv.wnd, 65535);
  conn->timestamps = !plain && knobs->timestamps && options->has_timestamps;
  conn->sacks = !plain && knobs->sack && options->sack_permitted;
  conn->ecn = knows_marks(conn, segment);
  conn->ts_recent = options->ts_value;
  conn->ts_recent_at = conn->stack->sim->now;
  conn->mss_allowed =
      (uint16_t)(options->mss ? options->mss : tcb_mss_default(conn));
  conn->path_mtu = (uint16_t)net_host_mtu(&conn->path);
  conn->mss = (uint16_t)tcb_mss_to_send(conn);
  conn->peer_mss = (uint16_t)MIN(536, tcb_mss_offered(conn));
  tcp_start_congestion(conn);
  if (kept > 0)
    tcp_held_put(&conn->held, &conn->stack->chunks, conn->rcv.nxt,
                 net_slice_ref(segment->payload, 0, kept));
  if (segment->flags & TCP_FIN && knobs->syn_text == 1 &&
      kept == segment->payload.length) {
    conn->fin_known = true;
    conn->rcv.fin = conn->rcv.nxt + kept;
  }
}

/* The SYN: "if SND.UNA > ISS (our SYN has been ACKed)" (MUST-10). */
static void syn_sent_syn(TcpConnection *conn, const Arrival *arrival)
{
  const TcpSegment *segment = arrival->segment;

  tcp_input_syn(conn, segment);
  if (!(segment->flags & TCP_ACK)) {
    tcp_verdict(conn->stack, &conn->entry.pair, conn->state, arrival->packet,
                TCP_RULE_SYN_SENT_SYN);
    tcp_set_state(conn, TCP_SYN_RECEIVED, TCP_RULE_SYN_SENT_SYN);
    tcb_round_buffer(conn);
    tcp_resend(conn, conn->snd.iss, conn->snd.iss + 1, TCP_RULE_SYN_SENT_SYN);
    conn->resend_forced = true;
    return;
  }
  tcp_verdict(conn->stack, &conn->entry.pair, conn->state, arrival->packet,
              TCP_RULE_SYN_SENT_SYN_ACK);
  tcp_set_state(conn, TCP_ESTABLISHED, TCP_RULE_SYN_SENT_SYN_ACK);
  tcp_ack_owed(conn, true, TCP_RULE_SYN_SENT_SYN_ACK);
  tcp_ack_input(conn, segment);
  tcp_established(conn);
  tcp_text_advance(conn);
  arrival_urgent(conn, arrival);
}

/* The SYN goes again soon: who answered knows only an older one. */
static void hurry_syn(TcpConnection *conn)
{
  SimTime soon = tcb_knobs(conn)->syn_again;

  if (soon > 0 && conn->retries == 0)
    tcp_timer_hurry(conn, soon);
}

void arrival_syn_sent(TcpConnection *conn, const Arrival *arrival)
{
  const TcpSegment *segment = arrival->segment;
  bool ack = segment->flags & TCP_ACK, reset = segment->flags & TCP_RST;

  if (ack && !seq_within(segment->ack - 1, conn->snd.iss,
                         conn->snd.nxt - conn->snd.iss)) {
    arrival_drop(conn, arrival, TCP_RULE_SYN_SENT_BAD_ACK);
    if (!reset)
      tcp_reply_reset(conn->stack, &conn->entry.pair, tcb_knobs(conn), segment,
                      TCP_RULE_SYN_SENT_BAD_ACK);
    hurry_syn(conn);
  } else if (reset && ack) {
    arrival_finish(conn, arrival, TCP_ECONNREFUSED, TCP_RULE_SYN_SENT_RST);
  } else if (reset) {
    arrival_drop(conn, arrival, TCP_RULE_SYN_SENT_RST_NO_ACK);
  } else if (segment->flags & TCP_SYN && segment->flags & TCP_FIN &&
             tcb_knobs(conn)->drop_syn_fin == 2) {
    arrival_drop(conn, arrival, TCP_RULE_LISTEN_SYN_FIN);
  } else if (segment->flags & TCP_SYN) {
    syn_sent_syn(conn, arrival);
  } else {
    arrival_drop(conn, arrival, TCP_RULE_SYN_SENT_OTHER);
  }
}
