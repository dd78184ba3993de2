/* How fast: RFC 6937bis in a recovery, RFC 3465 and RFC 5681 4.1 outside, and
 * RFC 9438. SMSS is 1460. */
#include "congestion.h"
#include "peer.h"

#define SEGMENT(n) (1 + (n)*1460)

static void host_sends_segment(Peer *t, int n)
{
  g_autofree char *text =
      g_strdup_printf(". %d:%d(1460) ack 1", SEGMENT(n), SEGMENT(n + 1));

  host_sends(t, text);
}

static void peer_acks(Peer *t, int n)
{
  g_autofree char *text = g_strdup_printf(". 1:1(0) ack %d", SEGMENT(n));

  peer_sends(t, text);
}

/* The peer acknowledges `n` segments and SACKs [from, to). */
static void peer_sacks(Peer *t, int n, int from, int to)
{
  g_autofree char *text = g_strdup_printf(
      ". 1:1(0) ack %d <sack %d:%d>", SEGMENT(n), SEGMENT(from), SEGMENT(to));

  peer_sends(t, text);
}

static void check_window(Peer *t, uint32_t cwnd, uint32_t ssthresh)
{
  TcpStatus status = user_status(t);

  number_is(t, "CWND", status.cwnd, cwnd);
  number_is(t, "SSTHRESH", status.ssthresh, ssthresh);
}

static Peer *twenty_in_flight(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "initial_window", 20);
  peer_knob(t, "limited_transmit", 1);
  peer_knob(t, "prr", 1);
  established_with_sack(t);
  user_sends(t, 60000);
  for (int i = 0; i < 20; i++)
    host_sends_segment(t, i);
  return t;
}

/* RFC 6937 4, the first figure: one of twenty is lost. "PRR ... sends one new
 * segment for every other ACK", and ends at SSTHRESH. */
static void test_one_loss(void)
{
  Peer *t = twenty_in_flight();

  peer_sacks(t, 0, 1, 2);
  host_sends_segment(t, 20);
  peer_sacks(t, 0, 1, 3);
  host_sends_segment(t, 21);
  peer_sacks(t, 0, 1, 4);
  host_sends_segment(t, 0);
  for (int ack = 4; ack < 20; ack++) {
    peer_sacks(t, 0, 1, ack + 1);
    if (ack >= 6 && ack < 18 && ack % 2 == 0)
      host_sends_segment(t, 19 + ack / 2);
  }
  host_sends_segment(t, 28);
  number_is(t, "pipe", user_status(t).flight, 10 * 1460);
  peer_sacks(t, 0, 1, 21);
  host_sends_segment(t, 29);
  peer_sacks(t, 0, 1, 22);
  host_sends_segment(t, 30);
  number_is(t, "pipe", user_status(t).flight, 10 * 1460);
  peer_acks(t, 22);
  host_sends_segment(t, 31);
  check_window(t, 14600, 14600);
  peer_free(t);
}

/* The second figure: 15 of twenty are lost. With less than SSTHRESH in the
 * pipe one goes for each that is delivered, and one more while all goes well.
 */
static void test_many_losses(void)
{
  Peer *t = twenty_in_flight();

  peer_sacks(t, 0, 15, 16);
  host_sends_segment(t, 20);
  peer_sacks(t, 0, 15, 17);
  host_sends_segment(t, 21);
  peer_sacks(t, 0, 15, 18);
  host_sends_segment(t, 0);
  for (int i = 1; i < 5; i++) {
    peer_sacks(t, 0, 15, 18 + i);
    host_sends_segment(t, i);
  }
  peer_sacks(t, 1, 15, 22);
  host_sends_segment(t, 5);
  host_sends_segment(t, 6);
  peer_sacks(t, 2, 15, 22);
  host_sends_segment(t, 7);
  host_sends_segment(t, 8);
  check_window(t, 7 * 1460, 14600);
  peer_free(t);
}

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
  check_window(t, 6 * 1460, 1 << 30);
  for (int i = 4; i < 9; i++)
    host_sends_segment(t, i);
  host_sends_at(t, S(1), ". 4381:5841(1460) ack 1");
  peer_acks(t, 7);
  check_window(t, 2 * 1460, 3 * 1460);
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
  check_window(t, 3 * 1460, 1 << 30);
  host_silent(t, MS(500));
  peer_acks(t, 4);
  host_silent(t, S(1)); /* as long as an RTO is no idle time yet */
  user_sends(t, 1460);
  host_sends(t, "P. 5841:7301(1460) ack 1");
  peer_acks(t, 5);
  check_window(t, 3 * 1460, 1 << 30);
  host_silent(t, S(2) + 1);
  user_sends(t, 1460);
  host_sends(t, "P. 7301:8761(1460) ack 1");
  check_window(t, cwnd, 1 << 30);
  peer_free(t);
}

static void test_restart_after_idle(void)
{
  check_restart(true, 2 * 1460);
  check_restart(false, 3 * 1460);
}

/* -- CUBIC -- */

/* RFC 9438 4.6: 7/10 of the flight, by duplicates and by a time-out. */
static void test_cubic_loss(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "congestion", 1);
  peer_knob(t, "initial_window", 10);
  established_with_sack(t);
  user_sends(t, 30000);
  for (int i = 0; i < 10; i++)
    host_sends_segment(t, i);
  peer_sacks(t, 0, 1, 4);
  host_sends_segment(t, 0);
  check_window(t, 10220, 10220);
  peer_acks(t, 10);
  for (int i = 10; i < 17; i++)
    host_sends_segment(t, i);
  host_sends_at(t, S(1), ". 14601:16061(1460) ack 1");
  check_window(t, 1460, 7154);
  peer_free(t);
}

/* A window of 100 segments that has just been reduced, an RTT of `rtt`. */
static TcpCongestion reduced_cubic(void)
{
  TcpCongestion c = { 0 };

  tcp_congestion_init(&c, &tcp_cubic, 1000, 100, 1 << 30);
  c.limit = 1;
  c.fast_convergence = true;
  c.ssthresh = c.ops->loss(&c, c.cwnd, TCP_LOSS_FOUND, 0);
  c.cwnd = c.ssthresh;
  return c;
}

/* A window's worth of ACKs each RTT of `rtt_ms`, up to `until_ms`. */
static void ack_windows(TcpCongestion *c, SimTime from_ms, SimTime until_ms,
                        uint32_t rtt_ms)
{
  for (SimTime t = from_ms; t < until_ms; t++)
    c->ops->ack(c, c->cwnd / rtt_ms, MS(t), MS(rtt_ms));
}

/* 4.2: W_cubic (t) = 2/5 (t - K)^3 + W_max with K = cbrt (30 / 0.4) = 4.217 s:
 * concave up to the plateau at K, then convex. The window is one RTT ahead of
 * t and a growth behind it (MAY-18). */
static void test_cubic_curve(void)
{
  TcpCongestion c = reduced_cubic();

  g_assert_cmpuint(c.cwnd, ==, 70000);
  ack_windows(&c, 0, 4217, 100);
  g_assert_cmpuint(c.cubic.k_ms, ==, 4217);
  g_assert_cmpuint(c.cubic.w_max, ==, 100000);
  g_assert_cmpuint(c.cwnd, >=, 99900);
  g_assert_cmpuint(c.cwnd, <=, 100100);
  ack_windows(&c, 4217, 8434, 100);
  g_assert_cmpuint(c.cwnd, >=, 129000);
  g_assert_cmpuint(c.cwnd, <=, 131000);
}

/* 4.3: with a short RTT Reno would be faster: W_est, which grows by 9/17 of a
 * segment an RTT up to where the loss was, and then by one. */
static void test_cubic_reno_friendly(void)
{
  TcpCongestion c = reduced_cubic();
  uint32_t at_prior;

  ack_windows(&c, 0, 340, 10); /* 34 windows: 18 segments */
  g_assert_cmpuint(c.cwnd, >=, 86500);
  g_assert_cmpuint(c.cwnd, <=, 89500);
  ack_windows(&c, 340, 700, 10);
  at_prior = c.cwnd;
  g_assert_cmpuint(at_prior, >=, 100000);
  ack_windows(&c, 700, 800, 10);
  g_assert_cmpuint(c.cwnd - at_prior, >=, 8500);
  g_assert_cmpuint(c.cwnd - at_prior, <=, 10500);
}

/* 4.7: a loss below the last W_max makes room for others: 17/20. */
static void test_cubic_fast_convergence(void)
{
  TcpCongestion c = reduced_cubic();

  c.ssthresh = c.ops->loss(&c, c.cwnd, TCP_LOSS_FOUND, 0);
  g_assert_cmpuint(c.ssthresh, ==, 49000);
  g_assert_cmpuint(c.cubic.w_max, ==, 59500);
  c = reduced_cubic();
  c.fast_convergence = false;
  c.ops->loss(&c, c.cwnd, TCP_LOSS_FOUND, 0);
  g_assert_cmpuint(c.cubic.w_max, ==, 70000);
}

/* 4.8: after a time-out the plateau is where avoidance begins. */
static void test_cubic_timeout(void)
{
  TcpCongestion c = reduced_cubic();

  c.ssthresh = c.ops->loss(&c, c.cwnd, TCP_LOSS_TIMEOUT, 0);
  c.cwnd = c.ssthresh;
  c.ops->ack(&c, 1000, MS(5), MS(100));
  g_assert_cmpuint(c.cubic.w_max, ==, 49000);
  g_assert_cmpuint(c.cubic.k_ms, ==, 0);
}

/* 5.8: while the user pauses the curve stands still. */
static void test_cubic_pause(void)
{
  TcpCongestion c = reduced_cubic(), paused = reduced_cubic();

  ack_windows(&c, 0, 3000, 100);
  ack_windows(&paused, 0, 1000, 100);
  paused.ops->ack(&paused, 0, MS(60999), MS(100));
  ack_windows(&paused, 61000, 63000, 100);
  g_assert_cmpuint(paused.cwnd, >=, c.cwnd - 100);
  g_assert_cmpuint(paused.cwnd, <=, c.cwnd + 100);
}

void add_rate_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/rate/" path, test_##name)
  ADD("prr-one-loss", one_loss);
  ADD("prr-many-losses", many_losses);
  ADD("slow-start-limit", slow_start_limit);
  ADD("restart", restart_after_idle);
  ADD("cubic-loss", cubic_loss);
  ADD("cubic-curve", cubic_curve);
  ADD("cubic-reno-friendly", cubic_reno_friendly);
  ADD("cubic-fast-convergence", cubic_fast_convergence);
  ADD("cubic-time-out", cubic_timeout);
  ADD("cubic-pause", cubic_pause);
#undef ADD
}
