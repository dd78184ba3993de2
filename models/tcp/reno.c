/* Slow start and congestion avoidance of RFC 5681 3.1. */
#include <glib.h>

#include "congestion.h"

#define WINDOW_MOST (1u << 30)

void tcp_congestion_init(TcpCongestion *congestion, const TcpCongestionOps *ops,
                         uint32_t mss, uint32_t segments, uint32_t ssthresh)
{
  congestion->ops = ops;
  congestion->mss = mss;
  congestion->ssthresh = ssthresh;
  congestion->acked = 0;
  if (segments == 0)
    segments = mss > 2190 ? 2 : mss > 1095 ? 3 : 4;
  congestion->cwnd = (uint32_t)MIN((uint64_t)segments * mss, WINDOW_MOST);
}

/* "cwnd += min (N, SMSS)", then SMSS for each CWND acknowledged. */
static void reno_ack(TcpCongestion *c, uint32_t acked, SimTime now)
{
  (void)now;
  if (c->cwnd < c->ssthresh) {
    c->cwnd += MIN(acked, c->mss);
  } else {
    c->acked += acked;
    if (c->acked >= c->cwnd) {
      c->acked -= c->cwnd;
      c->cwnd += c->mss;
    }
  }
  c->cwnd = MIN(c->cwnd, WINDOW_MOST);
}

/* Equation 4. */
static uint32_t reno_loss(TcpCongestion *c, uint32_t flight, SimTime now)
{
  (void)now;
  return MAX(flight / 2, 2 * c->mss);
}

const TcpCongestionOps tcp_reno = { "reno", reno_ack, reno_loss };
