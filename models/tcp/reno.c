/* Slow start and congestion avoidance of RFC 5681 3.1, counting bytes as RFC
 * 3465 does. */
#include <glib.h>

#include "congestion.h"

void tcp_congestion_init(TcpCongestion *congestion, const TcpCongestionOps *ops,
                         uint32_t mss, uint32_t segments, uint32_t ssthresh)
{
  congestion->ops = ops;
  congestion->mss = mss;
  congestion->ssthresh = ssthresh;
  congestion->acked = 0;
  congestion->cubic = (TcpCubic){ .epoch = -1 };
  if (segments == 0)
    segments = mss > 2190 ? 2 : mss > 1095 ? 3 : 4;
  congestion->initial =
      (uint32_t)MIN((uint64_t)segments * mss, TCP_WINDOW_MOST);
  congestion->cwnd = congestion->initial;
}

#define CSS_GROWTH_DIVISOR 4 /* RFC 9406 4.3 */

/* "cwnd += min (N, L*SMSS)"; "L=1 ... after a retransmission timeout" (RFC
 * 3465 2.3). */
void tcp_slow_start(TcpCongestion *c, uint32_t acked)
{
  uint32_t limit = c->timed_out && c->limit ? 1 : c->limit;
  uint32_t growth = limit ? MIN(acked, limit * c->mss) : acked;

  if (c->conservative) {
    c->acked += growth;
    growth = c->acked / CSS_GROWTH_DIVISOR;
    c->acked %= CSS_GROWTH_DIVISOR;
  }
  c->cwnd = MIN(c->cwnd + growth, TCP_WINDOW_MOST);
}

/* In avoidance SMSS for each CWND acknowledged. */
static void reno_ack(TcpCongestion *c, uint32_t acked, SimTime now,
                     const TcpRtt *rtt)
{
  (void)now;
  (void)rtt;
  if (c->cwnd < c->ssthresh) {
    tcp_slow_start(c, acked);
    return;
  }
  c->acked += acked;
  if (c->acked >= c->cwnd) {
    c->acked -= c->cwnd;
    c->cwnd = MIN(c->cwnd + c->mss, TCP_WINDOW_MOST);
  }
}

/* Equation 4. */
static uint32_t reno_loss(TcpCongestion *c, uint32_t flight, TcpLoss loss,
                          SimTime now)
{
  (void)loss;
  (void)now;
  return MAX(flight / 2, 2 * c->mss);
}

const TcpCongestionOps tcp_reno = { "reno", reno_ack, reno_loss, NULL };
