/* Patience: how long, or how often, a connection tries before it gives up
 * (3.8.3, 3.8.6.1, 3.8.4). timer.c asks when a timer starts and when one
 * expires. */
#include <glib.h>

#include "parts.h"

bool tcp_is_opening(const TcpConnection *conn)
{
  return conn->state == TCP_SYN_SENT || conn->state == TCP_SYN_RECEIVED;
}

/* How long the present trouble may last; NEVER if only repetitions count
 * (MUST-21, MUST-22). */
static SimTime patience(const TcpConnection *conn)
{
  const TcpKnobs *knobs = tcb_knobs(conn);

  if (tcp_is_opening(conn))
    return knobs->user_timeout ? knobs->user_timeout : knobs->r2_syn;
  return knobs->user_timeout ? knobs->user_timeout : knobs->r2;
}

/* How many repetitions are allowed; 0: time alone decides. */
static int64_t repetitions(const TcpConnection *conn)
{
  const TcpKnobs *knobs = tcb_knobs(conn);

  if (knobs->user_timeout)
    return 0;
  if (conn->state == TCP_SYN_SENT && knobs->syn_retries)
    return knobs->syn_retries + knobs->syn_linear;
  if (conn->state == TCP_SYN_RECEIVED && conn->passive)
    return knobs->synack_retries;
  if (tcp_is_opening(conn))
    return knobs->syn_retries;
  if (conn->closed && knobs->orphan_retries)
    return knobs->orphan_retries;
  return knobs->retries;
}

/* SHLD-17 */
SimTime tcp_last_moment(const TcpConnection *conn)
{
  SimTime since = conn->retry_start;

  if (repetitions(conn) > 0)
    return SIM_TIME_NEVER;
  if (tcb_knobs(conn)->patience_from_retry)
    return conn->retries > 0 ? sim_time_add(since, patience(conn))
                             : SIM_TIME_NEVER;
  if (conn->purpose == TCP_TIMER_PERSIST || conn->snd.wnd == 0)
    since = MAX(since, conn->heard);
  return sim_time_add(since, patience(conn));
}

/* SHLD-29: RTO at first; SHLD-30 */
SimTime tcp_persist_interval(const TcpConnection *conn)
{
  SimTime most = tcb_knobs(conn)->persist_max, interval = conn->rtt.rto;

  for (uint32_t i = 0; i < conn->retries && interval < most; i++)
    interval *= 2;
  return MIN(interval, most);
}

/* How long `count` repetitions take if the first time-out is `rto`. */
static SimTime time_of_repetitions(const TcpKnobs *knobs, int64_t count,
                                   SimTime rto)
{
  SimTime sum = 0;

  for (int64_t i = 0; i <= count; i++) {
    sum = sim_time_add(sum, rto);
    rto = MIN(2 * rto, knobs->rto_max);
  }
  return sum;
}

/* `most` repetitions as a time; a timer may be late by an eighth. */
static bool is_out_of_time(const TcpConnection *conn, int64_t most)
{
  const TcpKnobs *knobs = tcb_knobs(conn);
  SimTime now = conn->stack->sim->now;

  return conn->retries > 0 &&
         now - conn->retry_start + conn->rtt.rto / 8 >=
             time_of_repetitions(knobs, most, knobs->rto_variance_min);
}

/* The same of SYN, which syn_linear does not give more time. */
static bool is_syn_out_of_time(const TcpConnection *conn)
{
  const TcpKnobs *knobs = tcb_knobs(conn);
  SimTime taken = conn->stack->sim->now - conn->opened;

  return knobs->retries_are_time && knobs->syn_retries > 0 &&
         conn->state == TCP_SYN_SENT &&
         taken >=
             time_of_repetitions(knobs, knobs->syn_retries, knobs->rto_initial);
}

/* Linux: so often RTO fits, doubled each time, and at least once. */
uint32_t tcp_defer_repetitions(const TcpKnobs *knobs)
{
  SimTime rto = knobs->rto_initial, sum = rto;
  uint32_t count = knobs->defer_accept > 0;

  for (; sum < knobs->defer_accept && count < 255; sum += rto, count++)
    rto = MIN(2 * rto, MAX(knobs->rto_max, knobs->rto_initial));
  return count;
}

bool tcp_is_hopeless(const TcpConnection *conn)
{
  const TcpKnobs *knobs = tcb_knobs(conn);
  int64_t most = repetitions(conn);

  if (conn->deferred && conn->retries < tcp_defer_repetitions(knobs))
    return false;
  if (conn->purpose == TCP_TIMER_PERSIST && conn->closed &&
      knobs->orphan_probes_end &&
      tcp_persist_interval(conn) >= knobs->persist_max)
    return true;
  if (most > 0 && knobs->retries_are_time && !tcp_is_opening(conn) &&
      conn->purpose == TCP_TIMER_RETRANSMISSION)
    return is_out_of_time(conn, most);
  if (most > 0 && conn->snd.wnd == 0 && !tcp_is_opening(conn))
    return conn->unanswered >= most; /* MUST-37 */
  if (most > 0)
    return conn->retries >= most || is_syn_out_of_time(conn);
  return conn->stack->sim->now >= tcp_last_moment(conn);
}

bool tcp_is_dead(const TcpConnection *conn)
{
  const TcpKnobs *knobs = tcb_knobs(conn);

  if (knobs->keepalive_user_timeout && knobs->user_timeout)
    return conn->unanswered > 0 &&
           conn->stack->sim->now - conn->heard >= knobs->user_timeout;
  return conn->unanswered >= knobs->keepalive_count;
}
