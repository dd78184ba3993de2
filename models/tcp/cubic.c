/* CUBIC (RFC 9438) with integers: windows in bytes, t and K in ms, C = 2/5
 * segments / s^3, beta = 7/10. A section is RFC 9438's. */
#include <glib.h>

#include "congestion.h"

#define DISTANCE_MOST 500000 /* ms from the plateau; its cube fits 64 bits */

uint32_t tcp_cube_root(uint64_t n)
{
  uint64_t root = 0;

  for (int shift = 63; shift >= 0; shift -= 3) {
    uint64_t next;

    root *= 2;
    next = 3 * root * (root + 1) + 1;
    if (n >> shift >= next) {
      n -= next << shift;
      root++;
    }
  }
  return (uint32_t)root;
}

/* W_cubic (t) of figure 1, bytes; never under one segment. */
static uint32_t w_cubic(const TcpCongestion *c, SimTime t_ms)
{
  SimTime from_plateau = t_ms - c->cubic.k_ms;
  uint64_t d = (uint64_t)MIN(ABS(from_plateau), DISTANCE_MOST);
  /* 2/5 * (d / 1000)^3 * mss; no rounding to 0 of what adds up to a byte */
  uint64_t bytes = d * d * d / 10000 * c->mss / 250000;

  if (from_plateau < 0)
    return (uint32_t)(c->cubic.w_max > bytes + c->mss ? c->cubic.w_max - bytes
                                                      : c->mss);
  return (uint32_t)MIN(c->cubic.w_max + bytes, TCP_WINDOW_MOST);
}

/* 4.2: K = cbrt ((W_max - cwnd_epoch) / C), 2.5e9 being 1 / C in ms^3. */
static void begin_epoch(TcpCongestion *c, SimTime now)
{
  TcpCubic *cubic = &c->cubic;

  cubic->epoch = cubic->last = now;
  cubic->w_est = c->cwnd;
  cubic->rest = cubic->est_rest = 0;
  cubic->k_ms = 0;
  if (c->cwnd < cubic->w_max)
    cubic->k_ms = tcp_cube_root((uint64_t)(cubic->w_max - c->cwnd) *
                                UINT64_C(2500000000) / c->mss);
  else
    cubic->w_max = c->cwnd;
}

/* 4.3: W_est grows as Reno would that keeps 7/10: by alpha = 9/17 segments a
 * window until it is where the loss was, then by one. */
static void grow_estimate(TcpCongestion *c, uint32_t acked)
{
  TcpCubic *cubic = &c->cubic;
  uint64_t part = cubic->w_est < cubic->prior ? 9 : 17;
  uint64_t sum = part * acked * c->mss + cubic->est_rest;
  uint64_t window = UINT64_C(17) * c->cwnd;

  cubic->w_est = (uint32_t)MIN(cubic->w_est + sum / window, TCP_WINDOW_MOST);
  cubic->est_rest = (uint32_t)MIN(sum % window, UINT32_MAX);
}

/* 4.4 and 4.5: "incremented by (target - cwnd) / cwnd" for each segment. */
static void grow_window(TcpCongestion *c, uint32_t acked, uint32_t target)
{
  uint64_t sum = (uint64_t)acked * (target - c->cwnd) + c->cubic.rest;

  c->cubic.rest = (uint32_t)(sum % c->cwnd);
  c->cwnd = (uint32_t)MIN(c->cwnd + sum / c->cwnd, TCP_WINDOW_MOST);
}

static void cubic_ack(TcpCongestion *c, uint32_t acked, SimTime now,
                      const TcpRtt *rtt)
{
  TcpCubic *cubic = &c->cubic;
  SimTime t_ms;
  uint32_t target;

  if (c->cwnd < c->ssthresh) {
    tcp_slow_start(c, acked);
    return;
  }
  if (cubic->epoch < 0)
    begin_epoch(c, now);
  if (acked == 0) /* 5.8: time without use does not count */
    cubic->epoch += now - cubic->last;
  cubic->last = now;
  t_ms = (now - cubic->epoch) / SIM_MILLISECOND;
  grow_estimate(c, acked);
  if (w_cubic(c, t_ms) < cubic->w_est) {
    c->cwnd = MAX(c->cwnd, acked ? cubic->w_est : 0);
    return;
  }
  target = w_cubic(c, t_ms + rtt->srtt / SIM_MILLISECOND);
  grow_window(c, acked, CLAMP(target, c->cwnd, c->cwnd + c->cwnd / 2));
}

/* 4.6 to 4.8. */
static uint32_t cubic_loss(TcpCongestion *c, uint32_t flight, TcpLoss loss,
                           SimTime now)
{
  TcpCubic *cubic = &c->cubic;

  (void)now;
  cubic->prior = c->cwnd;
  cubic->epoch = -1;
  if (loss == TCP_LOSS_TIMEOUT)
    cubic->w_max = 0; /* where avoidance will begin */
  else if (c->fast_convergence && c->cwnd < cubic->w_max)
    cubic->w_max = (uint32_t)((uint64_t)c->cwnd * 17 / 20);
  else
    cubic->w_max = c->cwnd;
  return (uint32_t)MAX((uint64_t)flight * 7 / 10, 2 * c->mss);
}

const TcpCongestionOps tcp_cubic = { "cubic", cubic_ack, cubic_loss, NULL };
