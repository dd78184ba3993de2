/* RFC 9438: CUBIC, by its values. A section is its own; SMSS is 1000 where the
 * window is asked directly, 1460 on the wire. */
#include "congestion.h"
#include "segments.h"

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
  windows_are(t, 10220, 10220);
  peer_acks(t, 10);
  for (int i = 10; i < 17; i++)
    host_sends_segment(t, i);
  host_sends_at(t, S(1), ". 14601:16061(1460) ack 1");
  windows_are(t, 1460, 7154);
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
    c->ops->ack(c, c->cwnd / rtt_ms, MS(t), &(TcpRtt){ .srtt = MS(rtt_ms) });
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
  c.ops->ack(&c, 1000, MS(5), &(TcpRtt){ .srtt = MS(100) });
  g_assert_cmpuint(c.cubic.w_max, ==, 49000);
  g_assert_cmpuint(c.cubic.k_ms, ==, 0);
}

/* 5.8: while the user pauses the curve stands still. */
static void test_cubic_pause(void)
{
  TcpCongestion c = reduced_cubic(), paused = reduced_cubic();

  ack_windows(&c, 0, 3000, 100);
  ack_windows(&paused, 0, 1000, 100);
  paused.ops->ack(&paused, 0, MS(60999), &(TcpRtt){ .srtt = MS(100) });
  ack_windows(&paused, 61000, 63000, 100);
  g_assert_cmpuint(paused.cwnd, >=, c.cwnd - 100);
  g_assert_cmpuint(paused.cwnd, <=, c.cwnd + 100);
}

/* 4.2: K = cbrt (0.3 W_max / 0.4), in ms. */
static void test_k(void)
{
  static const struct {
    uint32_t segments, k_ms;
  } rows[] = { { 10, 1957 }, { 100, 4217 }, { 1000, 9085 }, { 10000, 19574 } };

  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    TcpCongestion c = { 0 };

    tcp_congestion_init(&c, &tcp_cubic, 1000, rows[i].segments, 1 << 30);
    c.cwnd = c.ssthresh = c.ops->loss(&c, c.cwnd, TCP_LOSS_FOUND, 0);
    c.ops->ack(&c, 0, 0, &(TcpRtt){ .srtt = MS(100) });
    g_assert_cmpuint(c.cubic.k_ms, ==, rows[i].k_ms);
  }
}

/* 4.4 and 4.5: (target - cwnd) / cwnd for a segment, where target is W_cubic
 * (t + RTT) within [cwnd, 1.5 cwnd]. */
static void check_growth(SimTime at_ms, uint32_t cwnd, uint32_t rtt_ms,
                         uint32_t grown)
{
  TcpCongestion c = reduced_cubic();

  c.ops->ack(&c, 0, 0, &(TcpRtt){ .srtt = MS(rtt_ms) });
  c.cubic.last = MS(at_ms); /* the window was in use all the time */
  c.cwnd = cwnd;
  c.ops->ack(&c, 1000, MS(at_ms), &(TcpRtt){ .srtt = MS(rtt_ms) });
  g_assert_cmpuint(c.cwnd, ==, grown);
}

static void test_growth(void)
{
  /* 0.4 (0.6 - 4.217)^3 + 100 = 81.072: concave */
  check_growth(500, 75000, 100, 75080);
  /* at K + 2 s, 0.4 2.1^3 + 100 = 103.704: convex */
  check_growth(6217, 101000, 100, 101026);
  /* W_cubic (10.1 s) = 181.4 is beyond 150 % */
  check_growth(10000, 101000, 100, 101500);
  /* W_cubic (1.1 s) = 87.9 is behind, W_cubic (1 s) not under W_est */
  check_growth(1000, 95000, 100, 95000);
}

/* 4.6: "cwnd is at least 2 MSS", and flight_size, not cwnd, counts. */
static void test_reduction(void)
{
  TcpCongestion c = reduced_cubic();

  g_assert_cmpuint(c.ops->loss(&c, 50000, TCP_LOSS_FOUND, 0), ==, 35000);
  g_assert_cmpuint(c.cubic.w_max, ==, 59500); /* of cwnd, 70000, 17/20 */
  g_assert_cmpuint(c.cubic.prior, ==, 70000);
  g_assert_cmpuint(c.ops->loss(&c, 2000, TCP_LOSS_FOUND, 0), ==, 2000);
}

void add_cubic_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/cubic/" path, test_##name)
  ADD("loss", cubic_loss);
  ADD("k", k);
  ADD("curve", cubic_curve);
  ADD("growth", growth);
  ADD("reno-friendly", cubic_reno_friendly);
  ADD("reduction", reduction);
  ADD("fast-convergence", cubic_fast_convergence);
  ADD("time-out", cubic_timeout);
  ADD("pause", cubic_pause);
#undef ADD
}
