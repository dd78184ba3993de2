#include "hystart.h"

#include <glib.h>

#include "parts.h"

/* RFC 9406 4.3 */
#define MIN_RTT_THRESH (4 * SIM_MILLISECOND)
#define MAX_RTT_THRESH (16 * SIM_MILLISECOND)
#define MIN_RTT_DIVISOR 8
#define N_RTT_SAMPLE 8
#define CSS_ROUNDS 5
#define LIMIT_UNPACED 8 /* L; "L = infinity if paced" */

TcpHystart *tcp_hystart_new(void)
{
  TcpHystart *it = g_new0(TcpHystart, 1);

  it->last_round = it->this_round = it->baseline = it->least = SIM_TIME_NEVER;
  return it;
}

void tcp_hystart_free(TcpHystart *hystart)
{
  if (hystart)
    g_free(hystart->departures);
  g_free(hystart);
}

/* -- departures -- */

static void make_room(TcpHystart *it)
{
  uint32_t room = MAX(2 * it->room, 16);
  TcpDeparture *ring = g_new(TcpDeparture, room);

  for (uint32_t i = 0; i < it->count; i++)
    ring[i] = it->departures[(it->first + i) % it->room];
  g_free(it->departures);
  it->departures = ring;
  it->first = 0;
  it->room = room;
}

void tcp_hystart_left(TcpHystart *hystart, uint32_t end, SimTime now)
{
  TcpHystart *it = hystart;

  if (it->count == it->room)
    make_room(it);
  it->departures[(it->first + it->count++) % it->room] =
      (TcpDeparture){ now, end };
}

void tcp_hystart_left_again(TcpHystart *hystart, uint32_t left, uint32_t right)
{
  TcpHystart *it = hystart;

  for (uint32_t i = 0; i < it->count; i++) {
    TcpDeparture *one = &it->departures[(it->first + i) % it->room];

    if (seq_gt(one->end, left) && seq_leq(one->end, right))
      one->at = SIM_TIME_NEVER;
  }
}

SimTime tcp_hystart_measure(TcpHystart *hystart, uint32_t una, SimTime now)
{
  TcpHystart *it = hystart;
  SimTime rtt = SIM_TIME_NEVER;
  bool again = false;

  while (it->count > 0 && seq_leq(it->departures[it->first].end, una)) {
    again |= it->departures[it->first].at == SIM_TIME_NEVER;
    rtt = now - it->departures[it->first].at;
    it->first = (it->first + 1) % it->room;
    it->count--;
  }
  return again ? SIM_TIME_NEVER : rtt;
}

/* -- rounds -- */

/* "check to see if delay increase triggers slow start exit" */
static bool is_longer(const TcpHystart *it)
{
  SimTime threshold = it->last_round / MIN_RTT_DIVISOR;

  return it->last_round != SIM_TIME_NEVER &&
         it->this_round >=
             it->last_round + CLAMP(threshold, MIN_RTT_THRESH, MAX_RTT_THRESH);
}

static TcpRule judge(TcpHystart *it)
{
  if (it->samples < N_RTT_SAMPLE)
    return TCP_RULE_NONE;
  if (it->baseline == SIM_TIME_NEVER && is_longer(it)) {
    it->baseline = it->this_round;
    it->css_rounds = 0;
    return TCP_RULE_HYSTART_SLOWER;
  }
  if (it->this_round < it->baseline && it->baseline != SIM_TIME_NEVER) {
    it->baseline = SIM_TIME_NEVER;
    return TCP_RULE_HYSTART_RESUMED;
  }
  return TCP_RULE_NONE;
}

/* True if it was the last of CSS, "that partial round counts". */
static bool end_round(TcpHystart *it, bool idle, uint32_t nxt)
{
  it->last_round = it->this_round;
  it->this_round = SIM_TIME_NEVER;
  it->samples = 0;
  it->window_end = nxt;
  it->in_round = !idle;
  return it->baseline != SIM_TIME_NEVER && ++it->css_rounds == CSS_ROUNDS;
}

TcpRule tcp_hystart_ack(TcpHystart *hystart, uint32_t una, uint32_t nxt,
                        SimTime now)
{
  TcpHystart *it = hystart;
  SimTime rtt = tcp_hystart_measure(it, una, now);
  TcpRule rule = TCP_RULE_NONE;

  if (!it->in_round)
    it->window_end = nxt;
  it->in_round = true;
  if (rtt != SIM_TIME_NEVER) {
    it->this_round = MIN(it->this_round, rtt);
    it->samples++;
    rule = judge(it);
  }
  if (seq_geq(una, it->window_end) && end_round(it, una == nxt, nxt))
    rule = TCP_RULE_HYSTART_OVER;
  return rule;
}

/* -- of a connection -- */

void tcp_hystart_begin(TcpConnection *conn)
{
  const TcpKnobs *knobs = tcb_knobs(conn);
  TcpCongestion *c = &conn->congestion;

  if (!knobs->hystart) {
    tcp_hystart_linux_begin(conn);
    return;
  }
  if (c->cwnd >= c->ssthresh || c->ssthresh != knobs->ssthresh)
    return;
  if (!conn->hystart)
    conn->hystart = tcp_hystart_new();
  c->limit = tcp_is_paced(knobs) ? 0 : LIMIT_UNPACED;
}

void tcp_hystart_end(TcpConnection *conn)
{
  if (!conn->hystart)
    return;
  tcp_hystart_free(conn->hystart);
  conn->hystart = NULL;
  conn->congestion.conservative = false;
  conn->congestion.limit = (uint8_t)tcb_knobs(conn)->slow_start_limit;
}

TcpRule tcp_hystart_acked(TcpConnection *conn)
{
  TcpCongestion *c = &conn->congestion;
  TcpRule rule;

  if (!conn->hystart || conn->hystart->linux)
    return TCP_RULE_NONE;
  if (c->cwnd >= c->ssthresh) {
    tcp_hystart_end(conn);
    return TCP_RULE_NONE;
  }
  rule = tcp_hystart_ack(conn->hystart, conn->snd.una, conn->snd.nxt,
                         conn->stack->sim->now);
  c->conservative = conn->hystart->baseline != SIM_TIME_NEVER;
  if (rule == TCP_RULE_HYSTART_OVER) {
    c->ssthresh = c->cwnd;
    c->acked = 0;
    tcp_hystart_end(conn);
  }
  return rule;
}
