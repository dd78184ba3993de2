#include "rtt.h"

#include <glib.h>

#include "seq.h"

static SimTime rto_bounded(SimTime rto, const TcpKnobs *knobs)
{
  return CLAMP(rto, knobs->rto_min, MAX(knobs->rto_min, knobs->rto_max));
}

void tcp_rtt_init(TcpRtt *rtt, const TcpKnobs *knobs)
{
  *rtt = (TcpRtt){ .rto = knobs->rto_initial };
}

static SimTime least_part(const TcpKnobs *knobs)
{
  return MAX(knobs->clock_granularity, knobs->rto_variance_min);
}

/* RFC 6298 2.2 and 2.3, but a sample below SRTT that would raise RTTVAR raises
 * it by less (rto_peaks). */
static void smooth(TcpRtt *rtt, SimTime r, bool peaks)
{
  SimTime error = r - rtt->srtt, change;

  if (rtt->srtt == 0) {
    rtt->srtt = MAX(r, 1);
    rtt->rttvar = r / 2;
    return;
  }
  change = (error < 0 ? -error : error) - rtt->rttvar;
  if (peaks && error < 0 && change > 0)
    change /= 8;
  rtt->rttvar = (4 * rtt->rttvar + change) / 4; /* beta 1/4 */
  rtt->srtt = MAX((7 * rtt->srtt + r) / 8, 1);  /* alpha 1/8 */
}

/* Linux: the largest variance of this round trip and the last ones. */
static void follow_peaks(TcpRtt *rtt, uint32_t una, uint32_t nxt,
                         const TcpKnobs *knobs)
{
  bool first = rtt->part == 0;

  rtt->peak =
      MAX(rtt->peak, MAX(4 * rtt->rttvar, first ? least_part(knobs) : 0));
  rtt->part = MAX(rtt->part, rtt->peak);
  if (first) {
    rtt->round_end = nxt;
  } else if (seq_gt(una, rtt->round_end)) {
    rtt->part -= (rtt->part - rtt->peak) / 4;
    rtt->round_end = nxt;
    rtt->peak = least_part(knobs);
  }
}

void tcp_rtt_sample(TcpRtt *rtt, SimTime r, uint32_t una, uint32_t nxt,
                    const TcpKnobs *knobs)
{
  rtt->least = rtt->least ? MIN(rtt->least, r) : MAX(r, 1);
  smooth(rtt, r, knobs->rto_peaks);
  if (knobs->rto_peaks)
    follow_peaks(rtt, una, nxt, knobs);
  else
    rtt->part = MAX(4 * rtt->rttvar, least_part(knobs));
  tcp_rtt_restore(rtt, knobs);
}

/* MUST-19 */
void tcp_rtt_back_off(TcpRtt *rtt, const TcpKnobs *knobs)
{
  rtt->rto = rto_bounded(sim_time_add(rtt->rto, rtt->rto), knobs);
}

void tcp_rtt_restore(TcpRtt *rtt, const TcpKnobs *knobs)
{
  SimTime srtt = rtt->srtt > 1 ? rtt->srtt : 0; /* 1: a sample of 0 */

  if (rtt->srtt != 0)
    rtt->rto = rto_bounded(srtt + rtt->part, knobs);
}
