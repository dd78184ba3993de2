/* Whole segments: SMSS is 1460, segment n, from 0, begins at SEGMENT(n). */
#pragma once

#include "peer.h"

#define SEGMENT(n) (1 + (n)*1460)

/** host_sends_segment: now, without PSH. */
static inline void host_sends_segment(Peer *t, int n)
{
  g_autofree char *text =
      g_strdup_printf(". %d:%d(1460) ack 1", SEGMENT(n), SEGMENT(n + 1));

  host_sends(t, text);
}

/** peer_acks: it acknowledges `n` segments. */
static inline void peer_acks(Peer *t, int n)
{
  g_autofree char *text = g_strdup_printf(". 1:1(0) ack %d", SEGMENT(n));

  peer_sends(t, text);
}

/** peer_sacks: it acknowledges `n` segments and SACKs [from, to). */
static inline void peer_sacks(Peer *t, int n, int from, int to)
{
  g_autofree char *text = g_strdup_printf(
      ". 1:1(0) ack %d <sack %d:%d>", SEGMENT(n), SEGMENT(from), SEGMENT(to));

  peer_sends(t, text);
}

/** opens: to 100 ms, after a round trip of as long; SACK is agreed on. */
static inline void opens(Peer *t)
{
  peer_knob(t, "sack", 1);
  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535 <mss 1460,sackOK>");
  host_silent(t, MS(100));
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460,sackOK>");
  host_sends(t, ". 1:1(0) ack 1 win 65535");
}
