#include "parts.h"

#include <glib.h>

TcpConnection *tcb_new(TcpStack *stack, const TcpPair *pair, TcpKnobSet *knobs)
{
  TcpConnection *conn = sim_pool_take(&stack->connections);

  *conn = (TcpConnection){
    .entry = { .kind = TCP_ENTRY_CONNECTION, .pair = *pair },
    .stack = stack,
    .previous = stack->last,
    .knobs = tcp_knob_set_ref(knobs),
    .state = TCP_CLOSED,
    .deadline = SIM_TIME_NEVER,
    .heard = stack->sim->now,
    .opened = stack->sim->now,
  };
  tcp_timer_init(conn);
  tcp_rtt_init(&conn->rtt, tcb_knobs(conn));
  if (stack->last)
    stack->last->next = conn;
  else
    stack->first = conn;
  stack->last = conn;
  stack->counters.connections++;
  conn->rcv.wnd = (uint32_t)tcb_knobs(conn)->receive_buffer;
  tcp_demux_add(stack, &conn->entry);
  conn->listed = true;
  return conn;
}

void tcb_set_isn(TcpConnection *conn, uint32_t iss)
{
  conn->snd.iss = conn->snd.una = conn->snd.nxt = conn->snd.up = iss;
  conn->snd.pushed = conn->small = iss;
  conn->congestion.recover = conn->congestion.reduced = iss;
}

void tcb_choose_isn(TcpConnection *conn)
{
  int64_t fixed = tcb_knobs(conn)->initial_sequence;

  tcb_set_isn(conn, fixed >= 0 ? (uint32_t)fixed
                               : tcp_isn(conn->stack, &conn->entry.pair));
  conn->ts_offset = tcp_ts_offset(conn->stack, &conn->entry.pair);
  conn->rcv_scale = tcb_scale_offered(conn);
}

void tcb_isn_above(TcpConnection *conn, uint32_t least)
{
  uint32_t step = (uint32_t)tcb_knobs(conn)->reuse_isn_step;

  if (step)
    tcb_set_isn(conn, least + step);
  else if (seq_leq(conn->snd.iss, least))
    tcb_set_isn(conn, least + 1);
}

static void tcb_unlist(TcpConnection *conn)
{
  if (conn->listed)
    tcp_demux_remove(conn->stack, &conn->entry);
  conn->listed = false;
}

void tcb_free(TcpConnection *conn)
{
  TcpStack *stack = conn->stack;

  g_assert(conn->depth == 0);
  tcp_timer_stop(conn);
  tcb_unlist(conn);
  if (conn->time_wait)
    tcp_time_wait_let_go(conn->time_wait);
  tcp_stream_clear(&conn->send, &stack->chunks);
  tcp_stream_clear(&conn->receive, &stack->chunks);
  tcp_held_clear(&conn->held, &stack->chunks);
  tcp_ranges_clear(&conn->resend);
  tcp_sack_free(conn->sack);
  tcp_marks_free(&conn->marks);
  tcp_hystart_free(conn->hystart);
  tcp_sent_free(conn->sent);
  tcp_pace_free(conn);
  tcp_counts_free(conn);
  *(conn->previous ? &conn->previous->next : &stack->first) = conn->next;
  *(conn->next ? &conn->next->previous : &stack->last) = conn->previous;
  stack->counters.connections--;
  tcp_knob_set_unref(conn->knobs);
  sim_pool_give(&stack->connections, conn);
}

/* As FreeBSD's tcp_mss() does: of the smaller MSS of both sides, and nothing
 * below one. */
uint32_t tcb_buffer(const TcpConnection *conn)
{
  uint32_t buffer = (uint32_t)tcb_knobs(conn)->receive_buffer;
  uint32_t mss;

  if (!conn->rounded)
    return buffer;
  mss = MIN(conn->mss_allowed, tcb_mss_offered(conn));
  return buffer <= mss ? buffer : (buffer + mss - 1) / mss * mss;
}

void tcb_round_buffer(TcpConnection *conn)
{
  if (conn->rounded || !tcb_knobs(conn)->whole_segments)
    return;
  conn->rounded = true;
  conn->rcv.wnd = MAX(conn->rcv.wnd, tcb_free_buffer(conn));
}

uint32_t tcb_window_most(const TcpConnection *conn)
{
  if (conn->rounded)
    return UINT32_MAX;
  return conn->scaling ? 65535u << conn->rcv_scale : 65535;
}

uint32_t tcb_free_buffer(const TcpConnection *conn)
{
  uint32_t buffer = tcb_buffer(conn);

  return buffer > conn->receive.length ? buffer - conn->receive.length : 0;
}

uint32_t tcb_headers(const TcpConnection *conn)
{
  const TcpKnobs *knobs = tcb_knobs(conn);

  return net_ip_size(conn->entry.pair.remote.address) + TCP_HEADER_SIZE +
         (knobs->udp_port ? (uint32_t)knobs->udp_overhead : 0);
}

/* Payload that a datagram of `mtu` bytes has room for. RFC 9293 3.7.1 MUST-15:
 * 536 over IPv4 and 1220 over IPv6 always are. */
static uint32_t mss_within(const TcpConnection *conn, uint32_t mtu)
{
  NetAddress remote = conn->entry.pair.remote.address;
  uint32_t knob = (uint32_t)tcb_knobs(conn)->mss;
  uint32_t headers = tcb_headers(conn);
  uint32_t room;

  if (tcb_knobs(conn)->ipv6_min_mtu && !net_address_is_ipv4(remote))
    mtu = MIN(mtu, NET_IPV6_LEAST_MTU);
  room = mtu > headers ? MIN(mtu - headers, 65495) : tcb_mss_default(conn);

  return knob > 0 ? MIN(knob, room) : room;
}

uint32_t tcb_mss_default(const TcpConnection *conn)
{
  return net_address_is_ipv4(conn->entry.pair.remote.address) ? 536 : 1220;
}

/* RFC 6691: of the link, not of the path, which is another one back (MUST-67,
 * SHLD-5). */
uint32_t tcb_mss_offered(const TcpConnection *conn)
{
  const NetPath *path = &conn->path;
  bool whole = !path->nic || path->local || tcb_knobs(conn)->path_mss;

  return mss_within(conn, whole ? net_host_mtu(path) : path->nic->mtu);
}

/* MUST-16 */
uint32_t tcb_mss_to_send(const TcpConnection *conn)
{
  uint32_t mss =
      MIN(conn->mss_allowed, mss_within(conn, net_host_mtu(&conn->path)));

  if (conn->timestamps)
    mss -= MIN(mss - 1, 12);
  return MAX(mss, 1);
}

uint8_t tcb_scale_offered(const TcpConnection *conn)
{
  int64_t buffer =
      MAX(tcb_knobs(conn)->receive_buffer, tcb_knobs(conn)->buffer_limit);
  int64_t knob = tcb_knobs(conn)->window_scale;
  uint8_t shift = 0;

  if (knob >= 0)
    return (uint8_t)knob;

  while (shift < 14 && buffer >> shift > 65535)
    shift++;
  return shift;
}

/* Nothing of the send side matters any more; what the user has not read yet
 * stays. */
static void state_closed(TcpConnection *conn)
{
  TcpStack *stack = conn->stack;

  tcp_timer_stop(conn);
  tcb_unlist(conn);
  if (conn->half_open)
    tcp_listener_forget(conn);
  tcp_stream_clear(&conn->send, &stack->chunks);
  tcp_held_clear(&conn->held, &stack->chunks);
  tcp_ranges_clear(&conn->resend);
  tcp_sack_free(conn->sack);
  tcp_marks_free(&conn->marks);
  conn->sack = NULL;
  tcp_sent_free(conn->sent);
  conn->sent = NULL;
  conn->ack_now = conn->ack_delayed = false;
  tcb_event(conn, TCP_EVENT_CLOSED);
}

static void state_trace(TcpConnection *conn, TcpState from, TcpRule rule)
{
  Sim *sim = conn->stack->sim;
  const TcpPair *pair = &conn->entry.pair;
  TcpTraceState record = {
    .stack = conn->stack,
    .pair = pair,
    .from = from,
    .to = conn->state,
    .rule = rule,
    .iss = conn->snd.iss,
    .irs = conn->rcv.irs,
  };

  sim_note(sim, conn->stack->owner,
           (uint64_t)pair->local.port << 32 |
               (uint64_t)pair->remote.port << 16 | (uint64_t)from << 8 |
               conn->state);
  if (sim_tracing(sim, TCP_TRACE_STATE))
    sim_trace_emit(sim, TCP_TRACE_STATE, &record);
}

void tcp_set_state(TcpConnection *conn, TcpState to, TcpRule rule)
{
  TcpState from = conn->state;

  g_assert(tcp_state_may_enter(from, to));
  conn->state = to;
  state_trace(conn, from, rule);
  tcb_event(conn, TCP_EVENT_STATE);
  if (to == TCP_CLOSED) {
    state_closed(conn);
  } else if (to == TCP_TIME_WAIT) {
    tcb_unlist(conn);
    tcp_timer_stop(conn);
    tcp_time_wait_new(conn);
  }
}

void tcb_end(TcpConnection *conn, TcpError error, TcpRule rule)
{
  if (error)
    conn->error = error;
  if (conn->state == TCP_SYN_SENT || conn->state == TCP_SYN_RECEIVED)
    conn->stack->counters.failed++;
  tcp_set_state(conn, TCP_CLOSED, rule);
}

static void sack_check(const TcpConnection *conn)
{
  const TcpSack *sack = conn->sack;

  for (uint32_t i = 0; i < sack->sacked.count; i++) {
    TcpRange item = sack->sacked.items[i];

    g_assert(seq_gt(item.left, conn->snd.una));
    g_assert(seq_leq(item.right, conn->snd.nxt));
    g_assert(tcp_ranges_covered(&conn->resend, item.left, item.right) == 0);
  }
  if (sack->beyond.count > 0)
    g_assert(seq_gt(sack->beyond.items[0].left, conn->rcv.nxt));
}

static void sent_check(const TcpConnection *conn)
{
  const TcpSent *sent = conn->sent;

  if (sent->count == 0)
    return;
  g_assert(seq_geq(tcp_sent_at(sent, 0)->left, conn->snd.una));
  g_assert(seq_leq(tcp_sent_at(sent, sent->count - 1)->right, conn->snd.nxt));
  g_assert(sent->sacked <= sent->count);
}

static void tcb_check(const TcpConnection *conn)
{
  const TcpRanges *resend = &conn->resend;

  if (conn->state == TCP_CLOSED || conn->state == TCP_TIME_WAIT) {
    g_assert(conn->deadline == SIM_TIME_NEVER);
    g_assert(!sim_event_pending(&conn->event));
    g_assert(!tcp_pace_waits(conn));
    return;
  }
  g_assert(seq_leq(conn->snd.una, conn->snd.nxt));
  g_assert(
      seq_leq(conn->snd.nxt, tcb_data_start(conn) + conn->send.length + 1));
  if (resend->count > 0) {
    g_assert(seq_geq(resend->items[0].left, conn->snd.una));
    g_assert(seq_leq(resend->items[resend->count - 1].right, conn->snd.nxt));
  }
  if (conn->sack)
    sack_check(conn);
  if (conn->sent)
    sent_check(conn);
}

void tcb_turn_open(TcpConnection *conn)
{
  conn->depth++;
}

static void turn_notify(TcpConnection *conn)
{
  while (conn->pending_events) {
    unsigned events = conn->pending_events;

    conn->pending_events = 0;
    if (conn->notify)
      conn->notify(conn->user, conn, events);
  }
  if (conn->tell_listener && conn->listener) {
    conn->tell_listener = false;
    conn->listener->acceptable(conn->listener->user, conn->listener);
    turn_notify(conn);
  }
}

static void turn_trace(TcpConnection *conn)
{
  Sim *sim = conn->stack->sim;
  TcpTraceTurn record = { conn->stack, conn };

  if (sim_tracing(sim, TCP_TRACE_TURN))
    sim_trace_emit(sim, TCP_TRACE_TURN, &record);
}

void tcb_turn_close(TcpConnection *conn)
{
  if (conn->depth > 1) {
    conn->depth--;
    return;
  }
  /* output tells of a FIN that left, or of room; the user may answer */
  do {
    turn_notify(conn);
    if (conn->state != TCP_CLOSED)
      tcp_output(conn);
  } while (conn->pending_events);
  tcp_timer_settle(conn);
  tcb_check(conn);
  turn_trace(conn);
  conn->depth--;
  if (conn->released &&
      (conn->state == TCP_CLOSED || conn->state == TCP_TIME_WAIT))
    tcb_free(conn);
}
