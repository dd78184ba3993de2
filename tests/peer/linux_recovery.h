/* What tests of the profile linux's loss recovery share. SMSS is 1000, segment
 * n, from 0, begins at SEGMENT(n). */
#pragma once

#include "peer.h"

#define SEGMENT(n) (1 + (n)*1000)

/** linux_with_sack: the profile linux, and SACK is offered. */
Peer *linux_with_sack(void);

/** opens_after: the handshake, with a round trip of `rtt`. */
void opens_after(Peer *t, SimTime rtt);

/** ten_in_flight: the same, then ten segments of `queued` bytes have left, and
 * a round trip has passed. */
void ten_in_flight(Peer *t, SimTime rtt, uint32_t queued);

/** host_sends_segments: the segments [from, to); the last may push. */
void host_sends_segments(Peer *t, int from, int to, bool push);
void host_sends_segment(Peer *t, int n);

/** peer_acks_segments, peer_sacks_segments: the peer acknowledges `n` segments,
 * and SACKs [from, to). */
void peer_acks_segments(Peer *t, int n);
void peer_sacks_segments(Peer *t, int n, int from, int to);
