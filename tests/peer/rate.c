/* How fast outside a recovery: RFC 3465 and RFC 5681 4.1. SMSS is 1460. */
#include "segments.h"

/* RFC 3465 2.3: an ACK opens the window by at most L segments; by one after a
 * time-out, until what it put back is acknowledged. */
static void test_slow_start_limit(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "slow_start_limit", 2);
  peer_knob(t, "initial_window", 4);
  established(t);
  user_sends(t, 60000);
  for (int i = 0; i < 4; i++)
    host_sends_segment(t, i);
  peer_acks(t, 3);
  windows_are(t, 6 * 1460, 1 << 30);
  for (int i = 4; i < 9; i++)
    host_sends_segment(t, i);
  host_sends_at(t, S(1), ". 4381:5841(1460) ack 1");
  peer_acks(t, 7);
  windows_are(t, 2 * 1460, 3 * 1460);
  host_sends_segment(t, 7);
  host_sends_segment(t, 8);
  peer_free(t);
}

/* RFC 5681 4.1. */
static void check_restart(bool restart, uint32_t cwnd)
{
  Peer *t = peer_new(0);

  peer_knob(t, "restart_after_idle", restart);
  peer_knob(t, "initial_window", 2);
  established(t);
  user_sends(t, 4 * 1460);
  host_sends_segment(t, 0);
  host_sends_segment(t, 1);
  peer_acks(t, 2);
  host_sends_segment(t, 2);
  host_sends(t, "P. 4381:5841(1460) ack 1");
  windows_are(t, 3 * 1460, 1 << 30);
  host_silent(t, MS(500));
  peer_acks(t, 4);
  host_silent(t, S(1)); /* as long as an RTO is no idle time yet */
  user_sends(t, 1460);
  host_sends(t, "P. 5841:7301(1460) ack 1");
  peer_acks(t, 5);
  windows_are(t, 3 * 1460, 1 << 30);
  host_silent(t, S(2) + 1);
  user_sends(t, 1460);
  host_sends(t, "P. 7301:8761(1460) ack 1");
  windows_are(t, cwnd, 1 << 30);
  peer_free(t);
}

static void test_restart_after_idle(void)
{
  check_restart(true, 2 * 1460);
  check_restart(false, 3 * 1460);
}

void add_rate_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/rate/" path, test_##name)
  ADD("slow-start-limit", slow_start_limit);
  ADD("restart", restart_after_idle);
#undef ADD
}
