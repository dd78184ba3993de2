/* The retransmission time-out of RFC 6298, as a value. */
#pragma once

#include "knobs.h"

/** TcpRtt: srtt 0: no sample yet. All in ns. */
typedef struct TcpRtt {
  SimTime srtt, rttvar, rto;
  SimTime least; /* of all samples; 0: none */
  SimTime peak;  /* largest variance part of this round trip, if they fade */
  SimTime part;  /* what the time-out has for variance: max (4 * rttvar, ...) */
  uint32_t round_end; /* the round trip ends when this is acknowledged */
} TcpRtt;

/** tcp_rtt_init: before any sample (2.1). */
void tcp_rtt_init(TcpRtt *rtt, const TcpKnobs *knobs);

/** tcp_rtt_sample: takes a measurement `r` > 0 (2.2, 2.3), undoing back-off.
 * `una` and `nxt`: SND.UNA as it is now acknowledged, SND.NXT. */
void tcp_rtt_sample(TcpRtt *rtt, SimTime r, uint32_t una, uint32_t nxt,
                    const TcpKnobs *knobs);

/** tcp_rtt_back_off: doubles the time-out, up to the bound (5.5). */
void tcp_rtt_back_off(TcpRtt *rtt, const TcpKnobs *knobs);

/** tcp_rtt_restore: the time-out as the samples have it, without back-off. */
void tcp_rtt_restore(TcpRtt *rtt, const TcpKnobs *knobs);
