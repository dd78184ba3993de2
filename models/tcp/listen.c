/* LISTEN: the passive OPEN, SEGMENT ARRIVES of 3.10.7.2, and the two queues of
 * a listener: half-open connections, and those that wait for accept.
 *
 * Invariant: a connection is in at most one of them, and in none once
 * accepted. */
#include <glib.h>

#include "parts.h"

static TcpListener *find(TcpListener *list, const TcpEnd *local)
{
  TcpListener *any = NULL;

  for (TcpListener *at = list; at; at = at->next) {
    if (at->local.port != local->port)
      continue;
    if (net_address_equal(at->local.address, local->address))
      return at;
    if (net_address_is_any(at->local.address))
      any = at;
  }
  return any;
}

TcpListener *tcp_listener_find(const TcpStack *stack, const TcpEnd *local)
{
  return find(stack->listeners, local);
}

const TcpKnobs *tcp_bound_knobs(const TcpStack *stack, const TcpEnd *local)
{
  const TcpListener *bound = find(stack->deaf, local);

  return bound ? &bound->knobs->knobs : NULL;
}

static bool ends_clash(const TcpEnd *a, const TcpEnd *b)
{
  return a->port == b->port &&
         (net_address_is_any(a->address) || net_address_is_any(b->address) ||
          net_address_equal(a->address, b->address));
}

static bool listener_clashes(const TcpStack *stack, const TcpEnd *local)
{
  for (const TcpListener *at = stack->listeners; at; at = at->next)
    if (ends_clash(local, &at->local))
      return true;
  return false;
}

/* Linux: both sides must allow it. */
bool tcp_port_taken(const TcpStack *stack, const TcpEnd *local, bool reuse)
{
  for (const TcpConnection *at = stack->first; at; at = at->next)
    if (at->listed && ends_clash(local, &at->entry.pair.local) &&
        !(reuse && tcb_knobs(at)->reuse_address))
      return true;
  for (const TcpTimeWait *at = stack->time_wait_first; at; at = at->next)
    if (ends_clash(local, &at->entry.pair.local) &&
        !(reuse && tcp_time_wait_knobs(at)->reuse_address))
      return true;
  for (const TcpListener *at = stack->listeners; at; at = at->next)
    if (!reuse && ends_clash(local, &at->local))
      return true;
  return false;
}

static TcpListener *listener_new(TcpStack *stack, TcpEnd local,
                                 const TcpKnobs *knobs, TcpListener **list)
{
  TcpListener *listener = g_new0(TcpListener, 1);

  listener->stack = stack;
  listener->local = local;
  listener->knobs = knobs ? tcp_knob_set_new(knobs) : tcp_stack_shared(stack);
  listener->next = *list;
  *list = listener;
  return listener;
}

TcpListener *tcp_bind(TcpStack *stack, TcpEnd local, const TcpKnobs *knobs)
{
  return listener_new(stack, local, knobs, &stack->deaf);
}

/* MUST-41, MUST-42 */
TcpListener *tcp_listen(TcpStack *stack, NetAddress address, uint16_t port,
                        unsigned backlog, const TcpKnobs *knobs,
                        TcpAcceptable acceptable, void *user,
                        TcpError *ret_error)
{
  TcpEnd local = { address, port };
  TcpListener *listener;

  *ret_error = TCP_OK;
  if (port == 0)
    *ret_error = TCP_EINVAL;
  else if (!net_address_is_any(address) &&
           !net_host_speaks_for(stack->host, address))
    *ret_error = TCP_EADDRNOTAVAIL;
  else if (listener_clashes(stack, &local) ||
           tcp_port_taken(stack, &local,
                          knobs ? knobs->reuse_address
                                : stack->knobs.reuse_address))
    *ret_error = TCP_EADDRINUSE;
  if (*ret_error)
    return NULL;
  listener = listener_new(stack, local, knobs, &stack->listeners);
  listener->backlog =
      backlog ? backlog : (unsigned)listener->knobs->knobs.backlog;
  listener->acceptable = acceptable;
  listener->user = user;
  return listener;
}

uint16_t tcp_listener_port(const TcpListener *listener)
{
  return listener->local.port;
}

static void queue_put(TcpQueue *queue, TcpConnection *conn)
{
  conn->accept_next = NULL;
  *(queue->last ? &queue->last->accept_next : &queue->first) = conn;
  queue->last = conn;
  queue->count++;
}

/* Nearly always the first. */
static void queue_remove(TcpQueue *queue, TcpConnection *conn)
{
  TcpConnection *before = NULL;

  for (TcpConnection *at = queue->first; at != conn; at = at->accept_next)
    before = at;
  *(before ? &before->accept_next : &queue->first) = conn->accept_next;
  if (queue->last == conn)
    queue->last = before;
  conn->accept_next = NULL;
  queue->count--;
}

void tcp_listener_forget(TcpConnection *conn)
{
  queue_remove(&conn->listener->half_open, conn);
  conn->listener = NULL;
  conn->half_open = false;
  conn->released = true;
}

void tcp_listener_established(TcpConnection *conn)
{
  TcpListener *listener = conn->listener;

  queue_remove(&listener->half_open, conn);
  conn->half_open = false;
  queue_put(&listener->waiting, conn);
  conn->stack->counters.passive_opens++;
  conn->tell_listener = true;
}

unsigned tcp_listener_waiting(const TcpListener *listener)
{
  return (unsigned)listener->waiting.count;
}

TcpConnection *tcp_accept(TcpListener *listener, TcpNotify notify, void *user)
{
  TcpConnection *conn = listener->waiting.first;

  if (!conn)
    return NULL;
  queue_remove(&listener->waiting, conn);
  conn->listener = NULL;
  conn->accepted = true;
  conn->tell_listener = false;
  conn->notify = notify;
  conn->user = user;
  return conn;
}

/* Nobody will accept `conn`: RST for it. */
static void listener_refuse(TcpConnection *conn)
{
  conn->listener = NULL;
  tcp_abort(conn);
  tcp_release(conn);
}

/* A half-open connection whose listener closes: it ends, or, as a small
 * record, is mute until its timer or a segment finds that out. */
static void listener_leave(TcpConnection *conn)
{
  tcb_turn_open(conn);
  if (tcb_knobs(conn)->small_records) {
    tcp_listener_forget(conn);
    conn->unlistened = true;
  } else {
    tcb_end(conn, TCP_OK, TCP_RULE_LISTENER_CLOSED);
  }
  tcb_turn_close(conn);
}

/* True if it was there. */
static bool list_remove(TcpListener **at, TcpListener *listener)
{
  while (*at && *at != listener)
    at = &(*at)->next;
  if (!*at)
    return false;
  *at = listener->next;
  return true;
}

/* What nobody has accepted goes. */
static void listener_empty(TcpListener *listener)
{
  while (listener->half_open.first)
    listener_leave(listener->half_open.first);
  while (listener->waiting.first) {
    TcpConnection *conn = listener->waiting.first;

    queue_remove(&listener->waiting, conn);
    listener_refuse(conn);
  }
}

TcpError tcp_listener_shutdown(TcpListener *listener, TcpShutdown how)
{
  TcpStack *stack = listener->stack;

  if (how & TCP_SHUTDOWN_RECEIVE && list_remove(&stack->listeners, listener)) {
    listener->next = stack->deaf;
    stack->deaf = listener;
    listener_empty(listener);
  }
  return TCP_OK;
}

void tcp_listener_close(TcpListener *listener)
{
  if (list_remove(&listener->stack->listeners, listener))
    listener_empty(listener);
  else
    list_remove(&listener->stack->deaf, listener);
  tcp_knob_set_unref(listener->knobs);
  g_free(listener);
}

bool tcp_listener_left(TcpConnection *conn)
{
  if (!conn->unlistened)
    return false;
  tcb_turn_open(conn);
  tcb_end(conn, TCP_OK, TCP_RULE_LISTENER_CLOSED);
  tcb_turn_close(conn);
  return true;
}

bool tcp_listener_is_full(const TcpListener *listener)
{
  return listener->waiting.count >=
         listener->backlog + listener->knobs->knobs.backlog_loose;
}

/* Linux without SYN cookies: a quarter stays free. */
static int64_t half_open_most(const TcpListener *listener)
{
  const TcpKnobs *knobs = &listener->knobs->knobs;
  int64_t most = knobs->syn_backlog;

  if (!knobs->backlog_loose)
    return most;
  return MIN((int64_t)listener->backlog + 1, most - most / 4 + 1);
}

bool tcp_listener_has_room(const TcpListener *listener)
{
  return !tcp_listener_is_full(listener) &&
         listener->half_open.count < half_open_most(listener);
}

/* (transfer full) Those of a connection whose SYN came from the port `udp`. */
static TcpKnobSet *knobs_in_udp(TcpListener *listener, uint16_t udp)
{
  TcpKnobs own;

  if (listener->knobs->knobs.udp_port == udp)
    return tcp_knob_set_ref(listener->knobs);
  own = listener->knobs->knobs;
  own.udp_port = udp;
  return tcp_knob_set_new(&own);
}

/* A SYN: a new connection in SYN-RECEIVED. */
static void listener_open(TcpListener *listener, const TcpPair *pair,
                          const TcpSegment *segment, uint32_t least_isn,
                          bool has_least)
{
  TcpKnobSet *knobs = knobs_in_udp(listener, segment->udp);
  TcpConnection *conn = tcb_new(listener->stack, pair, knobs);

  tcp_knob_set_unref(knobs);
  conn->state = TCP_LISTEN;
  conn->passive = true;
  conn->half_open = true;
  conn->listener = listener;
  queue_put(&listener->half_open, conn);
  tcb_turn_open(conn);
  /* the way there limits the MSS */
  net_host_path(conn->stack->host, pair->remote.address, &conn->path);
  tcb_choose_isn(conn);
  if (has_least)
    tcb_isn_above(conn, least_isn);
  tcp_count_in(conn, segment);
  tcp_input_syn(conn, segment);
  tcp_set_state(conn, TCP_SYN_RECEIVED, TCP_RULE_LISTEN_SYN);
  tcb_turn_close(conn);
}

void tcp_listener_input(TcpListener *listener, const TcpPair *pair,
                        const TcpSegment *segment, const NetPacket *packet,
                        uint32_t least_isn, bool has_least)
{
  TcpStack *stack = listener->stack;
  TcpRule rule = TCP_RULE_LISTEN_SYN;

  if (segment->flags & TCP_RST)
    rule = TCP_RULE_LISTEN_RST;
  else if ((segment->flags & (TCP_ACK | TCP_SYN)) == (TCP_ACK | TCP_SYN) &&
           listener->knobs->knobs.ignore_syn_ack)
    rule = TCP_RULE_LISTEN_OTHER;
  else if (segment->flags & TCP_ACK)
    rule = TCP_RULE_LISTEN_ACK;
  else if (!(segment->flags & TCP_SYN))
    rule = TCP_RULE_LISTEN_OTHER;
  else if (segment->flags & TCP_FIN && listener->knobs->knobs.drop_syn_fin)
    rule = TCP_RULE_LISTEN_SYN_FIN;
  else if (!tcp_listener_has_room(listener))
    rule = TCP_RULE_LISTEN_OVERFLOW;
  tcp_verdict(stack, pair, TCP_LISTEN, packet, rule);
  if (rule == TCP_RULE_LISTEN_ACK)
    tcp_reply_reset(stack, pair, &listener->knobs->knobs, segment, rule);
  else if (rule == TCP_RULE_LISTEN_OVERFLOW)
    stack->counters.listen_overflows++;
  else if (rule == TCP_RULE_LISTEN_SYN)
    listener_open(listener, pair, segment, least_isn, has_least);
}
