/* CUBIC as Linux 6.18 computes it (net/ipv4/tcp_cubic.c), where it is not RFC
 * 9438: windows in whole segments, which an acknowledgment of a part counts as
 * one; the round trip that the curve looks ahead by is the least; the curve is
 * looked at when the window moved or 1/32 s has passed, and gives how many
 * segments open the window by one: 2 at least, 20 at most before any loss;
 * beta is 717/1024, and after a time-out nothing is remembered. Time on the
 * curve is in 1/1024 s.
 *
 * TcpCongestion.acked counts segments towards the next increase. */
#include <glib.h>

#include "congestion.h"

#define CURVE 410            /* C = 0.4, times 1024 */
#define DISTANCE_MOST 300000 /* from the plateau; CURVE * its cube fits */
#define AGAIN_MS (1000 / 32) /* between two looks at an unmoved window */
#define BETA(n) ((uint32_t)((uint64_t)(n)*717 / 1024))
#define CONVERGED(n) ((uint32_t)((uint64_t)(n) * (1024 + 717) / 2048))
#define SLOWEST_AT_FIRST 20
#define FASTEST 2

/* One at least: the MSS may have grown since a time-out set CWND. */
static uint32_t segments(const TcpCongestion *c)
{
  return MAX(c->cwnd / c->mss, 1);
}

static void begin_epoch(TcpCubicLinux *it, uint32_t cwnd, uint32_t acked,
                        SimTime now)
{
  it->epoch = now;
  it->acks = acked;
  it->w_est = cwnd;
  it->k = 0;
  it->origin = cwnd;
  if (it->w_max <= cwnd)
    return;
  it->k = tcp_cube_root((UINT64_C(1) << 40) / CURVE * (it->w_max - cwnd));
  it->origin = it->w_max;
}

static void look_at_curve(TcpCubicLinux *it, uint32_t cwnd, SimTime now,
                          SimTime least)
{
  SimTime span = now / SIM_MILLISECOND - it->epoch / SIM_MILLISECOND;
  SimTime t = (span + least / SIM_MILLISECOND) * 1024 / 1000 - it->k;
  uint64_t d = (uint64_t)MIN(ABS(t), DISTANCE_MOST);
  int64_t delta = (int64_t)(CURVE * d * d * d >> 40);
  int64_t target = it->origin + (t < 0 ? -delta : delta);

  if (target > cwnd)
    it->every = (uint32_t)(cwnd / (target - cwnd));
  else
    it->every = 100 * cwnd;
  if (it->w_max == 0)
    it->every = MIN(it->every, SLOWEST_AT_FIRST);
}

/* As fast as Reno would be: one segment for each 15/8 of a window. */
static void keep_up_with_reno(TcpCubicLinux *it, uint32_t cwnd)
{
  uint32_t window = cwnd * 15 / 8;

  while (it->acks > window) {
    it->acks -= window;
    it->w_est++;
  }
  if (it->w_est > cwnd)
    it->every = MIN(it->every, cwnd / (it->w_est - cwnd));
}

static void update(TcpCubicLinux *it, uint32_t cwnd, uint32_t acked,
                   SimTime now, SimTime least)
{
  uint32_t now_ms = (uint32_t)(now / SIM_MILLISECOND);

  it->acks += acked;
  if (it->last_cwnd == cwnd && now_ms - it->last_ms <= AGAIN_MS)
    return;
  if (it->epoch < 0 || now_ms != it->last_ms) {
    it->last_cwnd = cwnd;
    it->last_ms = now_ms;
    if (it->epoch < 0)
      begin_epoch(it, cwnd, acked, now);
    look_at_curve(it, cwnd, now, least);
  }
  keep_up_with_reno(it, cwnd);
  it->every = MAX(it->every, FASTEST);
}

/* "Additive increase": what was counted under another `every` is worth one
 * segment at most. */
static void open_window(TcpCongestion *c, uint32_t acked)
{
  uint32_t every = c->cubic_linux.every, by = 0;

  if (c->acked >= every) {
    c->acked = 0;
    by = 1;
  }
  c->acked += acked;
  by += c->acked / every;
  c->acked %= every;
  c->cwnd = (uint32_t)MIN(c->cwnd + (uint64_t)by * c->mss, TCP_WINDOW_MOST);
}

static void linux_ack(TcpCongestion *c, uint32_t acked, SimTime now,
                      const TcpRtt *rtt)
{
  if (c->cwnd < c->ssthresh) {
    uint32_t part = MIN(acked, c->ssthresh - c->cwnd);

    tcp_slow_start(c, part);
    acked -= part;
  }
  acked = (acked + c->mss - 1) / c->mss;
  if (acked == 0)
    return;
  update(&c->cubic_linux, segments(c), acked, now, rtt->least);
  open_window(c, acked);
}

static uint32_t linux_loss(TcpCongestion *c, uint32_t flight, TcpLoss loss,
                           SimTime now)
{
  TcpCubicLinux *it = &c->cubic_linux;
  uint32_t window = flight / c->mss;

  (void)now;
  it->epoch = -1;
  if (c->fast_convergence && window < it->w_max)
    it->w_max = CONVERGED(window);
  else
    it->w_max = window;
  if (loss == TCP_LOSS_TIMEOUT)
    *it = (TcpCubicLinux){ .epoch = -1 };
  return MAX(BETA(window), 2) * c->mss;
}

/* What was not used does not move along the curve. */
static void linux_idle(TcpCongestion *c, SimTime span, SimTime now)
{
  TcpCubicLinux *it = &c->cubic_linux;

  if (it->epoch >= 0)
    it->epoch = MIN(it->epoch + span, now);
}

const TcpCongestionOps tcp_cubic_linux = { "cubic", linux_ack, linux_loss,
                                           linux_idle };
