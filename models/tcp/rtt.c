#include "rtt.h"

#include <glib.h>

static SimTime rto_bounded(SimTime rto, const TcpKnobs *knobs)
{
  return CLAMP(rto, knobs->rto_min, MAX(knobs->rto_min, knobs->rto_max));
}

void tcp_rtt_init(TcpRtt *rtt, const TcpKnobs *knobs)
{
  *rtt = (TcpRtt){ .rto = knobs->rto_initial };
}

void tcp_rtt_sample(TcpRtt *rtt, SimTime r, const TcpKnobs *knobs)
{
  rtt->least = rtt->least ? MIN(rtt->least, r) : MAX(r, 1);
  if (rtt->srtt == 0) {
    rtt->srtt = MAX(r, 1);
    rtt->rttvar = r / 2;
  } else {
    SimTime error = rtt->srtt > r ? rtt->srtt - r : r - rtt->srtt;

    rtt->rttvar = (3 * rtt->rttvar + error) / 4; /* beta 1/4 */
    rtt->srtt = MAX((7 * rtt->srtt + r) / 8, 1); /* alpha 1/8 */
  }
  tcp_rtt_restore(rtt, knobs);
}

void tcp_rtt_back_off(TcpRtt *rtt, const TcpKnobs *knobs)
{
  rtt->rto = rto_bounded(sim_time_add(rtt->rto, rtt->rto), knobs);
}

void tcp_rtt_restore(TcpRtt *rtt, const TcpKnobs *knobs)
{
  SimTime least = MAX(knobs->clock_granularity, knobs->rto_variance_min);
  SimTime srtt = rtt->srtt > 1 ? rtt->srtt : 0; /* 1: a sample of 0 */

  if (rtt->srtt == 0)
    return;
  rtt->rto = rto_bounded(srtt + MAX(least, 4 * rtt->rttvar), knobs);
}
