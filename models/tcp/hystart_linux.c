/* HyStart as Linux 6.18's CUBIC has it (net/ipv4/tcp_cubic.c; RFC 9406's
 * HyStart++ comes of it): each slow start, also that after a time-out, ends at
 * once when one of two signs shows that the path is full.
 *
 *   train   ACKs have come at most 2 ms apart for longer than half of the least
 *           round trip: what they acknowledge, as a burst, fills the path
 *   delay   from the ninth sample of a round on: its least round trip is
 *           longer than the least of all by an eighth (4 ms to 16 ms)
 *
 * Both from a window of 16 segments on. The kernel may hold acknowledged bursts
 * back for up to a millisecond, which the train's end allows for. */
#include <glib.h>

#include "parts.h"

#define LOW_WINDOW 16
#define TRAIN_GAP (2 * SIM_MILLISECOND)
#define SAMPLES 8
#define SLACK_MOST SIM_MILLISECOND
#define BURST INT64_C(65536) /* the largest that is handed to the interface */
#define LEAST_THRESHOLD (4 * SIM_MILLISECOND)
#define MOST_THRESHOLD (16 * SIM_MILLISECOND)

/* Of four bursts, at the rate that pacing has or would have. */
static SimTime slack(const TcpConnection *conn)
{
  int64_t rate = tcp_pacing_rate(conn);

  return rate ? MIN(SLACK_MOST, 4 * BURST * SIM_SECOND / rate) : 0;
}

static void begin_round(TcpHystart *it, uint32_t nxt, SimTime now)
{
  it->round_start = it->train_at = now;
  it->window_end = nxt;
  it->this_round = SIM_TIME_NEVER;
  it->samples = 0;
  it->in_round = true;
}

/* Pacing spreads what it sends over half a round trip by itself. */
static bool is_train(TcpHystart *it, const TcpConnection *conn, SimTime now)
{
  SimTime longest = it->least + slack(conn);

  if (now - it->train_at > TRAIN_GAP)
    return false;
  it->train_at = now;
  if (!tcp_is_paced(tcb_knobs(conn)))
    longest /= 2;
  return now - it->round_start > longest;
}

static bool is_delayed(TcpHystart *it, SimTime rtt)
{
  SimTime by = CLAMP(it->least / 8, LEAST_THRESHOLD, MOST_THRESHOLD);

  it->this_round = MIN(it->this_round, rtt);
  if (it->samples < SAMPLES) {
    it->samples++;
    return false;
  }
  return it->this_round > it->least + by;
}

static TcpRule judge(TcpHystart *it, const TcpConnection *conn, SimTime rtt)
{
  const TcpCongestion *c = &conn->congestion;
  SimTime now = conn->stack->sim->now;
  int64_t detect = tcb_knobs(conn)->hystart_detect;
  TcpRule rule = TCP_RULE_NONE;

  if (!it->in_round || seq_gt(conn->snd.una, it->window_end))
    begin_round(it, conn->snd.nxt, now);
  if (c->cwnd / c->mss < LOW_WINDOW)
    return TCP_RULE_NONE;
  if (detect & 1 && is_train(it, conn, now))
    rule = TCP_RULE_HYSTART_TRAIN;
  if (detect & 2 && is_delayed(it, rtt))
    rule = TCP_RULE_HYSTART_DELAY;
  return rule;
}

void tcp_hystart_linux_begin(TcpConnection *conn)
{
  const TcpCongestion *c = &conn->congestion;

  if (!tcb_knobs(conn)->hystart_detect || c->cwnd >= c->ssthresh ||
      !tcp_congestion_is_cubic(c->ops) || conn->hystart)
    return;
  conn->hystart = tcp_hystart_new();
  conn->hystart->linux = true;
}

void tcp_hystart_again(TcpConnection *conn)
{
  if (conn->congestion.ops && !tcb_knobs(conn)->hystart)
    tcp_hystart_linux_begin(conn);
}

TcpRule tcp_hystart_linux(TcpConnection *conn)
{
  TcpCongestion *c = &conn->congestion;
  TcpHystart *it = conn->hystart;
  TcpRule rule;
  SimTime rtt;

  if (!it || !it->linux)
    return TCP_RULE_NONE;
  rtt = tcp_hystart_measure(it, conn->snd.una, conn->stack->sim->now);
  if (rtt == SIM_TIME_NEVER)
    return TCP_RULE_NONE;
  it->least = MIN(it->least, rtt);
  rule = c->cwnd < c->ssthresh ? judge(it, conn, rtt) : TCP_RULE_NONE;
  if (rule != TCP_RULE_NONE)
    c->ssthresh = c->cwnd;
  if (c->cwnd >= c->ssthresh)
    tcp_hystart_end(conn);
  return rule;
}
