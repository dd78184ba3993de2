#include "sockopt.h"

#include <glib.h>
#include <string.h>

#include "parts.h"

#define LINGER2_MOST (120 * SIM_SECOND) /* Linux: TCP_FIN_TIMEOUT_MAX */

static const TcpSockopt options[] = {
  { "SO_LINGER", TCP_SOCKOPT_LINGER, NULL },
  { "SO_RCVBUF", TCP_SOCKOPT_KNOB, "receive_buffer" },
  { "SO_SNDBUF", TCP_SOCKOPT_KNOB, "send_buffer" },
  { "SO_REUSEADDR", TCP_SOCKOPT_KNOB, "reuse_address" },
  { "SO_KEEPALIVE", TCP_SOCKOPT_KNOB, "keepalive" },
  { "SO_ERROR", TCP_SOCKOPT_ERROR, NULL },
  { "TCP_KEEPIDLE", TCP_SOCKOPT_KNOB, "keepalive_idle" },
  { "TCP_KEEPINTVL", TCP_SOCKOPT_KNOB, "keepalive_interval" },
  { "TCP_KEEPCNT", TCP_SOCKOPT_KNOB, "keepalive_count" },
  { "TCP_USER_TIMEOUT", TCP_SOCKOPT_KNOB, "user_timeout" },
  { "TCP_KEEPINIT", TCP_SOCKOPT_KNOB, "r2_syn" }, /* BSD's */
  { "TCP_REMOTE_UDP_ENCAPS_PORT", TCP_SOCKOPT_KNOB, "udp_port" },
  { "IPV6_USE_MIN_MTU", TCP_SOCKOPT_KNOB, "ipv6_min_mtu" },
  { "IP_TTL", TCP_SOCKOPT_KNOB, "ttl" },
  { "IPV6_UNICAST_HOPS", TCP_SOCKOPT_KNOB, "ttl" },
  { "IP_TOS", TCP_SOCKOPT_KNOB, "tos" },
  { "IPV6_TCLASS", TCP_SOCKOPT_KNOB, "tos" },
  { "TCP_LINGER2", TCP_SOCKOPT_LINGER2, NULL },
  { "TCP_NODELAY", TCP_SOCKOPT_NOT_KNOB, "nagle" },
  { "TCP_CORK", TCP_SOCKOPT_KNOB, "cork" },
  { "TCP_NOPUSH", TCP_SOCKOPT_KNOB, "cork" },           /* BSD's name */
  { "TCP_NOOPT", TCP_SOCKOPT_NOT_KNOB, "syn_options" }, /* BSD's */
  { "TCP_MAXSEG", TCP_SOCKOPT_MAXSEG, "mss" },
  { "TCP_SYNCNT", TCP_SOCKOPT_KNOB, "syn_retries" },
  { "TCP_DEFER_ACCEPT", TCP_SOCKOPT_KNOB, "defer_accept" },
  { "TCP_QUICKACK", TCP_SOCKOPT_QUICKACK, "quickack" },
  { "TCP_NOTSENT_LOWAT", TCP_SOCKOPT_KNOB, "notsent_lowat" },
  { "TCP_CONGESTION", TCP_SOCKOPT_KNOB, "congestion" },
  { "SO_MAX_PACING_RATE", TCP_SOCKOPT_KNOB, "max_pacing_rate" },
  { "TCP_INFO", TCP_SOCKOPT_INFO, NULL },
  { "SIOCINQ", TCP_SOCKOPT_UNREAD, NULL },
  { "SIOCOUTQ", TCP_SOCKOPT_UNACKED, NULL },
  { "SIOCOUTQNSD", TCP_SOCKOPT_UNSENT, NULL },
  /* in the words of scenarios */
  { "linger", TCP_SOCKOPT_LINGER, NULL },
  { "nodelay", TCP_SOCKOPT_NOT_KNOB, "nagle" },
  { "error", TCP_SOCKOPT_ERROR, NULL },
};

const TcpSockopt *tcp_sockopt(unsigned index)
{
  return index < G_N_ELEMENTS(options) ? &options[index] : NULL;
}

const TcpSockopt *tcp_sockopt_find(const char *name)
{
  for (unsigned i = 0; i < G_N_ELEMENTS(options); i++)
    if (strcmp(options[i].name, name) == 0)
      return &options[i];
  return NULL;
}

/* -- knobs of a live connection -- */

/* FreeBSD: an open connection's may only shrink. */
static bool takes_mss_at_once(const TcpConnection *conn, const TcpKnobs *knobs)
{
  return knobs->mss_at_once && conn->state >= TCP_ESTABLISHED;
}

/* What Linux does at once. TCP_NODELAY lets out what waits even under a cork;
 * the timers keep the time that has passed. */
static void take_effect(TcpConnection *conn, const TcpKnobs *before)
{
  const TcpKnobs *after = tcb_knobs(conn);

  if (!before->quickack && after->quickack && conn->ack_delayed)
    tcp_ack_owed(conn, true, TCP_RULE_ACK_QUICK);
  if (conn->congestion.ops)
    tcp_congestion_switch(&conn->congestion, tcp_congestion_of(after));
  if (before->hystart && !after->hystart)
    tcp_hystart_end(conn);
  else if (conn->state >= TCP_ESTABLISHED)
    tcp_hystart_begin(conn);
  if (before->mss != after->mss && takes_mss_at_once(conn, after)) {
    conn->mss = (uint16_t)tcb_mss_to_send(conn);
    conn->congestion.mss = conn->mss;
  }
  if (!tcp_is_paced(after))
    tcp_pace_free(conn);
  if (after->receive_buffer > before->receive_buffer)
    tcp_window_update(conn);
  tcp_timer_knobs_changed(conn, before);
}

/* FreeBSD: a buffer's limit has room for what its pieces cost, an eighth. */
static bool is_above_limit(const TcpKnobs *knobs, const char *name,
                           int64_t value)
{
  bool buffer =
      strcmp(name, "receive_buffer") == 0 || strcmp(name, "send_buffer") == 0;

  return buffer && knobs->buffer_limit > 0 &&
         value > knobs->buffer_limit / 9 * 8;
}

bool tcp_sockopt_set(TcpKnobs *knobs, const TcpKnob *knob, int64_t value)
{
  if (!tcp_knob_set(knobs, knob, value))
    return false;
  if (strcmp(knob->name, "receive_buffer") == 0)
    knobs->window_scale = -1;
  return true;
}

/* A copy of `from` in which one knob is different. */
static TcpError change(const TcpKnobs *from, const char *name, int64_t value,
                       TcpKnobSet **ret)
{
  const TcpKnob *knob = tcp_knob_find(name);

  if (!knob)
    return TCP_ENOPROTOOPT;
  if (strcmp(name, "udp_port") == 0)
    return TCP_EINVAL; /* it belongs to the opening */
  if (is_above_limit(from, name, value))
    return TCP_ENOBUFS;
  *ret = tcp_knob_set_new(from);
  if (tcp_sockopt_set(&(*ret)->knobs, knob, value))
    return TCP_OK;
  tcp_knob_set_unref(*ret);
  return TCP_EINVAL;
}

TcpError tcp_set_knob(TcpConnection *conn, const char *name, int64_t value)
{
  TcpKnobSet *own, *old = conn->knobs;
  TcpError error = change(tcb_knobs(conn), name, value, &own);

  if (error)
    return error;
  if (strcmp(name, "mss") == 0 && value > conn->mss &&
      takes_mss_at_once(conn, &own->knobs)) {
    tcp_knob_set_unref(own);
    return TCP_EINVAL;
  }
  tcb_turn_open(conn);
  conn->knobs = own;
  if (strcmp(name, "nagle") == 0 && value == 0)
    conn->override_due = true; /* also if it was so before */
  take_effect(conn, &old->knobs);
  tcp_knob_set_unref(old);
  tcb_turn_close(conn);
  return TCP_OK;
}

TcpError tcp_listener_set_knob(TcpListener *listener, const char *name,
                               int64_t value)
{
  TcpKnobSet *own;
  TcpError error = change(&listener->knobs->knobs, name, value, &own);

  if (error)
    return error;
  tcp_knob_set_unref(listener->knobs);
  listener->knobs = own;
  if (strcmp(name, "backlog") == 0)
    listener->backlog = (unsigned)value;
  return TCP_OK;
}

const TcpKnobs *tcp_listener_knobs(const TcpListener *listener)
{
  return &listener->knobs->knobs;
}

/* -- options that are more than a knob -- */

void tcp_set_linger(TcpConnection *conn, bool on, SimTime time)
{
  conn->linger = on;
  conn->linger_time = time;
}

bool tcp_linger(const TcpConnection *conn, SimTime *ret_time)
{
  *ret_time = conn->linger_time;
  return conn->linger;
}

TcpError tcp_set_linger2(TcpConnection *conn, SimTime time)
{
  if (time == 0)
    time = conn->stack->knobs.fin_wait_2_timeout;
  else
    time = CLAMP(time, -1, LINGER2_MOST);
  return tcp_set_knob(conn, "fin_wait_2_timeout", time);
}

TcpError tcp_set_quickack(TcpConnection *conn, bool on)
{
  if (!tcb_knobs(conn)->pingpong)
    return tcp_set_knob(conn, "quickack", on);
  tcb_turn_open(conn);
  conn->dialogue = !on;
  if (on && conn->ack_delayed)
    tcp_ack_owed(conn, true, TCP_RULE_ACK_QUICK);
  tcb_turn_close(conn);
  return TCP_OK;
}

bool tcp_quickack(const TcpConnection *conn)
{
  return tcb_knobs(conn)->pingpong ? !conn->dialogue
                                   : tcb_knobs(conn)->quickack;
}

SimTime tcp_linger2(const TcpConnection *conn)
{
  return tcb_knobs(conn)->fin_wait_2_timeout;
}

uint32_t tcp_unread(const TcpConnection *conn)
{
  return conn->receive.length;
}

uint32_t tcp_outstanding(const TcpConnection *conn)
{
  bool fin = conn->fin_queued && !tcb_fin_acked(conn);

  if (conn->state < TCP_ESTABLISHED)
    return 0;
  return conn->send.length + fin;
}
