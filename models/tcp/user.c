/* What the user calls: OPEN, SEND, CLOSE, ABORT, STATUS (3.10.1 to 3.10.6);
 * RECEIVE is in receive.c. */
#include <glib.h>

#include "calls.h"

static void call_trace(TcpStack *stack, const TcpTraceCall *record)
{
  if (sim_tracing(stack->sim, TCP_TRACE_CALL))
    sim_trace_emit(stack->sim, TCP_TRACE_CALL, record);
}

/* What `record` does not say of `conn` is filled in. */
static TcpError conn_trace(TcpConnection *conn, TcpTraceCall record)
{
  record.stack = conn->stack;
  record.pair = &conn->entry.pair;
  record.state = conn->state;
  call_trace(conn->stack, &record);
  return record.error;
}

TcpError tcp_call_traced(TcpConnection *conn, const char *call, uint32_t length,
                         TcpError error)
{
  return conn_trace(
      conn, (TcpTraceCall){ .call = call, .length = length, .error = error });
}

static TcpError shutdown_traced(TcpConnection *conn, TcpShutdown how,
                                TcpError error)
{
  return conn_trace(
      conn,
      (TcpTraceCall){ .call = "SHUTDOWN", .error = error, .shutdown = how });
}

/* -- OPEN -- */

static bool is_group(const NetPath *path, NetAddress address)
{
  return tcp_address_is_group(address) ||
         (net_address_is_ipv4(address) &&
          net_host_is_broadcast(path->nic, address));
}

/* MUST-43, MUST-44, MUST-45, MUST-46. The ports of an address that is another's
 * are not ours to count: there only the pair must be free. */
TcpError tcp_complete_pair(TcpStack *stack, const TcpKnobs *knobs,
                           NetPath *path, TcpPair *pair)
{
  TcpEnd *local = &pair->local;

  if (pair->remote.port == 0 || net_address_is_any(pair->remote.address))
    return TCP_EINVAL;
  if (!net_host_path(stack->host, pair->remote.address, path) ||
      is_group(path, pair->remote.address))
    return TCP_ENETUNREACH;
  if (net_address_is_any(local->address))
    local->address = path->source;
  else if (!net_host_speaks_for(stack->host, local->address))
    return TCP_EADDRNOTAVAIL;
  if (local->port == 0)
    return tcp_choose_port(stack, knobs, path->local, pair) ? TCP_OK
                                                            : TCP_EADDRNOTAVAIL;
  if (net_host_owns(stack->host, local->address) &&
      tcp_port_taken(stack, local, knobs->reuse_address))
    return TCP_EADDRINUSE;
  if (!tcp_time_wait_may_reopen(stack, pair, knobs))
    return knobs->time_wait_unavailable ? TCP_EADDRNOTAVAIL : TCP_EADDRINUSE;
  return TCP_OK;
}

/* ISS, above what a former incarnation in TIME-WAIT has used: it ends. Its
 * timestamp is the first that the SYN echoes. */
static void choose_isn(TcpConnection *conn, const TcpTimeWait *former)
{
  tcb_choose_isn(conn);
  if (!former)
    return;
  tcb_isn_above(conn, former->snd_nxt);
  conn->ts_recent = former->ts_recent;
}

TcpConnection *tcp_connect(TcpStack *stack, const TcpEnd *local, TcpEnd remote,
                           const TcpKnobs *knobs, TcpNotify notify, void *user,
                           TcpError *ret_error)
{
  TcpPair pair = { local ? *local : (TcpEnd){ NET_ADDRESS_ANY, 0 }, remote };
  NetPath path = { 0 };
  TcpTimeWait former = { 0 };
  TcpConnection *conn;
  TcpKnobSet *set;
  bool again;

  *ret_error =
      tcp_complete_pair(stack, knobs ? knobs : &stack->knobs, &path, &pair);
  if (!*ret_error && (knobs ? knobs : &stack->knobs)->udp_port &&
      !stack->udp_port)
    *ret_error = TCP_EINVAL;
  call_trace(stack, &(TcpTraceCall){ stack, &pair, TCP_CLOSED, "OPEN",
                                     .error = *ret_error });
  if (*ret_error)
    return NULL;
  again = tcp_time_wait_reopen(stack, &pair, &former);
  set = knobs ? tcp_knob_set_new(knobs) : tcp_stack_shared(stack);
  conn = tcb_new(stack, &pair, set);
  tcp_knob_set_unref(set);
  conn->path = path;
  conn->notify = notify;
  conn->user = user;
  conn->accepted = true;
  stack->counters.active_opens++;
  tcb_turn_open(conn);
  choose_isn(conn, again ? &former : NULL);
  conn->mss = (uint16_t)tcb_mss_offered(conn);
  conn->path_mtu = (uint16_t)net_host_mtu(&conn->path);
  tcp_set_state(conn, TCP_SYN_SENT, TCP_RULE_OPEN);
  tcb_turn_close(conn);
  return conn;
}

/* -- SEND -- */

static TcpError send_refused(TcpConnection *conn)
{
  if (conn->error)
    return tcp_take_error(conn);
  if (conn->state == TCP_CLOSED && !conn->fin_queued && !conn->fin_received &&
      conn->snd.una == conn->snd.iss)
    return TCP_ENOTCONN;
  if (conn->fin_queued || conn->closed || conn->state == TCP_CLOSED)
    return TCP_EPIPE;
  return TCP_OK;
}

enum {
  SEND_PUSH = 1 << 0,
  SEND_URGENT = 1 << 1,
  SEND_MORE = 1 << 2,
  SEND_RECORD = 1 << 3,
};

/* The last end that is pushed stands in snd.pushed, those before it among the
 * marks. */
void tcp_mark_pushed(TcpConnection *conn, uint32_t end)
{
  if (tcb_knobs(conn)->push_written && seq_gt(conn->snd.pushed, conn->snd.una))
    tcp_marks_add(&conn->marks, conn->snd.pushed, true, false);
  conn->snd.pushed = end;
}

/* A write ends at `end`. */
static void mark_write(TcpConnection *conn, uint32_t end, bool push,
                       bool record)
{
  if (push)
    tcp_mark_pushed(conn, end);
  if (record)
    tcp_marks_add(&conn->marks, end, push, true);
}

#define WRITE_MOST (1u << 30)

static uint32_t room_for(const TcpConnection *conn, uint32_t wanted)
{
  int64_t buffer = tcb_knobs(conn)->send_buffer, unsent = tcp_unsent(conn);
  int64_t lowat = tcb_knobs(conn)->notsent_lowat;
  int64_t room = buffer - conn->send.length;

  if (tcb_knobs(conn)->send_overhead > 0)
    return tcp_sndbuf_room(conn, wanted);
  if (lowat > 0)
    room = MIN(room, lowat - unsent);
  return (uint32_t)MAX(room, 0);
}

static TcpError send_data(TcpConnection *conn, NetSlice data, unsigned how,
                          uint32_t *ret_taken)
{
  bool more = how & SEND_MORE, whole;
  TcpError error = send_refused(conn);
  uint32_t room = room_for(conn, data.length);
  uint32_t taken = MIN(room, data.length);
  uint32_t end;

  if (!error && taken == 0 && data.length > 0)
    error = TCP_EAGAIN;
  if (!error && taken < data.length)
    conn->was_full = true;
  if (error == TCP_EAGAIN) {
    conn->was_full = true;
    tcp_count_limits(conn);
  }
  if (ret_taken)
    *ret_taken = error ? 0 : taken;
  conn_trace(conn, (TcpTraceCall){ .call = "SEND",
                                   .length = error ? data.length : taken,
                                   .error = error,
                                   .asked = data.length,
                                   .more = more,
                                   .urgent = how & SEND_URGENT,
                                   .ends_record = how & SEND_RECORD });
  if (!error) {
    tcb_turn_open(conn);
    tcp_sndbuf_put(conn, taken);
    tcp_stream_put(&conn->send, &conn->stack->chunks,
                   net_slice_ref(data, 0, taken));
    end = tcb_data_start(conn) + conn->send.length;
    conn->more = more;
    whole = taken == data.length;
    mark_write(conn, end,
               tcb_knobs(conn)->push_written ? !more : how & SEND_PUSH && whole,
               how & SEND_RECORD && whole);
    if (how & SEND_URGENT && whole)
      conn->snd.up = end;
    tcb_turn_close(conn);
  }
  net_slice_clear(&data);
  return error;
}

TcpError tcp_send(TcpConnection *conn, NetSlice data, bool push, bool urgent,
                  uint32_t *ret_taken)
{
  return send_data(conn, data,
                   (push ? SEND_PUSH : 0) | (urgent ? SEND_URGENT : 0),
                   ret_taken);
}

TcpError tcp_send_more(TcpConnection *conn, NetSlice data, bool urgent,
                       uint32_t *ret_taken)
{
  return send_data(conn, data, SEND_MORE | (urgent ? SEND_URGENT : 0),
                   ret_taken);
}

TcpError tcp_send_record(TcpConnection *conn, NetSlice data,
                         uint32_t *ret_taken)
{
  return send_data(conn, data, SEND_PUSH | SEND_RECORD, ret_taken);
}

/* -- CLOSE, ABORT -- */

/* 3.10.4: the FIN goes behind what is queued; in SYN-RECEIVED with something
 * queued the state waits for ESTABLISHED, in CLOSE-WAIT for the FIN. */
static void queue_fin(TcpConnection *conn)
{
  bool waits = tcb_knobs(conn)->shutdown_ends_opening && !conn->closed;

  if (conn->fin_queued)
    return;
  conn->fin_queued = true;
  conn->snd.fin = tcb_data_start(conn) + conn->send.length;
  if (conn->state == TCP_ESTABLISHED ||
      (conn->state == TCP_SYN_RECEIVED && conn->send.length == 0 && !waits))
    tcp_set_state(conn, TCP_FIN_WAIT_1, TCP_RULE_CLOSE);
}

/* CLOSED and SYN-SENT. */
static TcpError shutdown_early(TcpConnection *conn, TcpShutdown how)
{
  if (conn->state == TCP_CLOSED || !(how & TCP_SHUTDOWN_SEND) ||
      !tcb_knobs(conn)->shutdown_ends_opening)
    return shutdown_traced(conn, how, TCP_ENOTCONN);
  shutdown_traced(conn, how, TCP_OK);
  tcb_turn_open(conn);
  tcb_end(conn, TCP_ECONNRESET, TCP_RULE_CLOSE_SYN_SENT);
  tcb_turn_close(conn);
  return TCP_OK;
}

TcpError tcp_shutdown(TcpConnection *conn, TcpShutdown how)
{
  if (conn->state == TCP_CLOSED || conn->state == TCP_SYN_SENT)
    return shutdown_early(conn, how);
  shutdown_traced(conn, how, TCP_OK);
  tcb_turn_open(conn);
  if (how & TCP_SHUTDOWN_RECEIVE)
    conn->receive_shut = true;
  if (how & TCP_SHUTDOWN_SEND && conn->state != TCP_TIME_WAIT)
    queue_fin(conn);
  tcb_turn_close(conn);
  return TCP_OK;
}

#define RESETS                                                             \
  (1u << TCP_SYN_RECEIVED | 1u << TCP_ESTABLISHED | 1u << TCP_FIN_WAIT_1 | \
   1u << TCP_FIN_WAIT_2 | 1u << TCP_CLOSE_WAIT)

/* 3.6.1 SHLD-3 wants a RST for lost data wherever the peer may still listen;
 * ABORT (3.10.5) sends none in CLOSING and LAST-ACK. */
#define RESETS_UNREAD (RESETS | 1u << TCP_CLOSING | 1u << TCP_LAST_ACK)

/* RST if the state is among `resets`, and the end. */
static void reset_and_end(TcpConnection *conn, unsigned resets, TcpRule rule)
{
  if (conn->state == TCP_CLOSED)
    return;
  if (conn->state == TCP_TIME_WAIT) {
    tcp_time_wait_end(conn->stack, conn->time_wait, rule);
    return;
  }
  if (resets >> conn->state & 1)
    tcp_send_reset(conn, rule);
  tcb_end(conn, TCP_OK, rule);
}

static bool has_unread(const TcpConnection *conn)
{
  return conn->receive.length > 0 && tcb_knobs(conn)->reset_on_unread &&
         conn->state != TCP_TIME_WAIT;
}

/* SO_LINGER with a time of 0. */
static bool aborts_by_linger(const TcpConnection *conn)
{
  return conn->linger && conn->linger_time == 0 &&
         (conn->state != TCP_TIME_WAIT ||
          tcb_knobs(conn)->linger_ends_time_wait);
}

/* MAY-1 */
TcpError tcp_close(TcpConnection *conn)
{
  if (conn->closed)
    return tcp_call_traced(conn, "CLOSE", 0, TCP_EINVAL);
  tcp_call_traced(conn, "CLOSE", 0, TCP_OK);
  tcb_turn_open(conn);
  conn->closed = true;
  conn->fin_unread = false;
  if (conn->state == TCP_FIN_WAIT_2)
    tcp_fin_wait_2_left(conn, false);
  if (conn->state == TCP_SYN_SENT)
    tcb_end(conn, TCP_OK, TCP_RULE_CLOSE_SYN_SENT);
  else if (aborts_by_linger(conn))
    reset_and_end(conn, RESETS, TCP_RULE_LINGER_ZERO);
  else if (conn->state == TCP_FIN_WAIT_2 &&
           tcb_knobs(conn)->fin_wait_2_timeout < 0)
    reset_and_end(conn, RESETS, TCP_RULE_FIN_WAIT_2_REFUSED);
  else if (has_unread(conn))
    reset_and_end(conn, RESETS_UNREAD, TCP_RULE_CLOSE_UNREAD);
  else if (conn->state != TCP_CLOSED && conn->state != TCP_TIME_WAIT)
    queue_fin(conn);
  tcp_stream_clear(&conn->receive, &conn->stack->chunks);
  tcb_turn_close(conn);
  return TCP_OK;
}

TcpError tcp_abort(TcpConnection *conn)
{
  tcp_call_traced(conn, "ABORT", 0, TCP_OK);
  tcb_turn_open(conn);
  conn->closed = true;
  reset_and_end(conn, RESETS, TCP_RULE_ABORT);
  tcp_stream_clear(&conn->receive, &conn->stack->chunks);
  tcb_turn_close(conn);
  return TCP_OK;
}

void tcp_release(TcpConnection *conn)
{
  tcb_turn_open(conn);
  conn->notify = NULL;
  conn->released = true;
  if (!conn->closed)
    tcp_close(conn);
  tcb_turn_close(conn);
}

/* -- asking and setting -- */

TcpState tcp_state(const TcpConnection *conn)
{
  return conn->state;
}

TcpPair tcp_pair(const TcpConnection *conn)
{
  return conn->entry.pair;
}

TcpStack *tcp_stack(const TcpConnection *conn)
{
  return conn->stack;
}

TcpError tcp_error(TcpConnection *conn)
{
  TcpError error = tcp_take_error(conn);

  if (error || !conn->soft_error || tcb_knobs(conn)->icmp_may_reset != 3)
    return error;
  conn->soft_error = false;
  return (TcpError)conn->soft;
}

uint32_t tcp_writable(const TcpConnection *conn)
{
  return room_for(conn, WRITE_MOST);
}

void tcp_wake_writer(TcpConnection *conn)
{
  if (!conn->was_full || !tcp_send_ready(conn))
    return;
  conn->was_full = false;
  tcb_event(conn, TCP_EVENT_WRITABLE);
}

bool tcp_send_waits(const TcpConnection *conn)
{
  return conn->was_full && !conn->error && conn->state != TCP_CLOSED &&
         !conn->fin_queued;
}

void tcp_set_user(TcpConnection *conn, TcpNotify notify, void *user)
{
  conn->notify = notify;
  conn->user = user;
}

void *tcp_user(const TcpConnection *conn)
{
  return conn->user;
}

const TcpKnobs *tcp_knobs(const TcpConnection *conn)
{
  return tcb_knobs(conn);
}
