/* Pacing: at which nanosecond each segment leaves. SMSS is 1460; the handshake
 * takes 100 ms, which is the smoothed round trip. */
#include "peer.h"

#define SMSS 1460

static void host_sends_segment(Peer *t, SimTime at, int n, bool push)
{
  g_autofree char *text =
      g_strdup_printf("%s %d:%d(1460) ack 1", push ? "P." : ".", 1 + n * SMSS,
                      1 + (n + 1) * SMSS);

  host_sends_at(t, at, text);
}

static void peer_acks(Peer *t, int n)
{
  g_autofree char *text = g_strdup_printf(". 1:1(0) ack %d", 1 + n * SMSS);

  peer_sends(t, text);
}

static Peer *fresh(const char *knob, int64_t value)
{
  Peer *t = peer_new(0);

  peer_knob(t, "initial_window", 20);
  peer_knob(t, "send_buffer", 1 << 20);
  peer_knob(t, knob, value);
  return t;
}

/* `segments` are queued at 100 ms; the first ten leave at once. */
static void begins(Peer *t, int segments)
{
  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535 <mss 1460>");
  runs_to(t, MS(100));
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_sends(t, ". 1:1(0) ack 1 win 65535");
  number_is(t, "SRTT", user_status(t).srtt, MS(100));
  user_sends(t, (uint32_t)segments * SMSS);
  for (int n = 0; n < 10; n++)
    host_sends_segment(t, MS(100), n, n == segments - 1);
}

/* When the `n`-th leaves, from 0, if each waits for `interval`. */
static SimTime turn(int n, SimTime interval)
{
  return MS(100) + (n - 9) * interval;
}

/* The other ten that CWND allows. */
static void check_interval(Peer *t, SimTime interval)
{
  begins(t, 40);
  for (int n = 10; n < 20; n++) {
    host_silent(t, turn(n, interval) - 1);
    host_sends_segment(t, turn(n, interval), n, false);
    met(t, "PACED");
  }
  host_silent(t, MS(300));
  peer_free(t);
}

/* Twice 20 segments in 100 ms. */
static void test_slow_start(void)
{
  check_interval(fresh("pacing", 1), US(2500));
}

/* 1.2 times: 350400 bytes/s; SSTHRESH, of which CWND is half. */
static void test_avoidance(void)
{
  Peer *t = fresh("pacing", 1);

  peer_knob(t, "ssthresh", 40 * SMSS);
  check_interval(t, 4166666);
  t = fresh("pacing", 1);
  peer_knob(t, "ssthresh", 40 * SMSS + 2);
  check_interval(t, US(2500));
}

static void test_ratios(void)
{
  Peer *t = fresh("pacing", 1);

  peer_knob(t, "pacing_ss_ratio", 500);
  check_interval(t, MS(1));
  t = fresh("pacing", 1);
  peer_knob(t, "pacing_ca_ratio", 100);
  peer_knob(t, "ssthresh", 20 * SMSS);
  check_interval(t, MS(5));
}

/* SO_MAX_PACING_RATE is a bound, and switches pacing on. */
static void test_most(void)
{
  Peer *t = fresh("max_pacing_rate", 146000);

  check_interval(t, MS(10));
  t = fresh("max_pacing_rate", 10000000);
  check_interval(t, US(2500));
}

/* Linux's bursts: pairs, 5 ms apart. */
static void test_pairs(void)
{
  Peer *t = fresh("pacing", 1);

  peer_knob(t, "pacing_burst", 2);
  begins(t, 40);
  for (int n = 10; n < 20; n++)
    host_sends_segment(t, MS(100) + (n / 2 - 4) * MS(5), n, false);
  host_silent(t, MS(300));
  peer_free(t);
}

/* A pair that comes late halves the wait behind it, but no further one. */
static void test_late_pair(void)
{
  Peer *t = fresh("pacing", 1);

  peer_knob(t, "pacing_burst", 2);
  begins(t, 10);
  host_silent(t, MS(150));
  user_sends(t, 5 * SMSS);
  for (int n = 10; n < 12; n++)
    host_sends_segment(t, MS(150), n, false);
  for (int n = 12; n < 14; n++)
    host_sends_segment(t, US(152500), n, false);
  host_sends_segment(t, US(157500), 14, true);
  peer_free(t);
}

/* Above the knob it is what the rate sends in 1/1024 s: of 5840000 bytes/s
 * three segments, in 750 us; of the first ten the last begins a burst. */
static void test_large_bursts(void)
{
  Peer *t = fresh("pacing", 1);

  peer_knob(t, "pacing_burst", 2);
  peer_knob(t, "initial_window", 40);
  peer_knob(t, "pacing_ss_ratio", 1000);
  begins(t, 40);
  for (int n = 10; n < 21; n++)
    host_sends_segment(t, MS(100) + (n / 3 - 3) * US(750), n, false);
  user_aborts(t);
  host_sends(t, "R 30661:30661(0)");
  peer_free(t);
}

/* What CWND has is a burst without pacing, and with a rate of 0. */
static void check_burst(Peer *t)
{
  begins(t, 40);
  for (int n = 10; n < 20; n++)
    host_sends_segment(t, MS(100), n, false);
  not_met(t, "PACED");
  peer_free(t);
}

static void test_burst(void)
{
  Peer *t = fresh("pacing", 0);

  check_burst(t);
  t = fresh("pacing", 1);
  peer_knob(t, "pacing_ss_ratio", 0);
  check_burst(t);
}

/* A small segment takes a small part of the rate: 100 bytes 171232 ns. */
static void test_small_segments(void)
{
  Peer *t = fresh("pacing", 1);

  peer_knob(t, "nagle", 0);
  begins(t, 10);
  user_sends(t, 100);
  host_sends_at(t, turn(10, US(2500)), "P. 14601:14701(100) ack 1");
  user_sends(t, 100);
  host_sends_at(t, turn(10, US(2500)) + 171232, "P. 14701:14801(100) ack 1");
  peer_free(t);
}

/* Time that nobody used is not saved up. */
static void test_idle(void)
{
  Peer *t = fresh("pacing", 1);

  begins(t, 10);
  host_silent(t, MS(150));
  user_sends(t, 3 * SMSS);
  host_sends_segment(t, MS(150), 10, false);
  not_met(t, "PACED");
  host_sends_segment(t, MS(150) + US(2500), 11, false);
  host_sends_segment(t, MS(150) + US(5000), 12, true);
  peer_free(t);
}

/* RFC 9002 7.8: what waits for its turn would have filled CWND, so CWND grows
 * with an ACK; with too little to fill it it does not. */
static void check_growth(int segments, uint32_t cwnd)
{
  Peer *t = fresh("pacing", 1);

  begins(t, segments);
  host_sends_segment(t, turn(10, US(2500)), 10, false);
  peer_acks(t, 8);
  number_is(t, "CWND", user_status(t).cwnd, cwnd);
  peer_free(t);
}

static void test_growth(void)
{
  check_growth(20, 21 * SMSS);
  check_growth(19, 20 * SMSS);
}

/* With nothing outstanding no timer but pacing's runs. */
static void test_all_acknowledged(void)
{
  Peer *t = fresh("max_pacing_rate", 1460); /* one a second */

  begins(t, 12);
  peer_acks(t, 10);
  g_assert_null(user_status(t).timer);
  host_silent(t, MS(1100) - 1);
  host_sends_segment(t, MS(1100), 10, false);
  met(t, "PACED");
  not_met(t, "SWS_OVERRIDE");
  peer_acks(t, 11);
  host_sends_segment(t, MS(2100), 11, true);
  peer_acks(t, 12);
  host_silent(t, S(10));
  peer_free(t);
}

/* The retransmission timer runs beside it, and what it repeats goes at once;
 * the next has its turn behind both. */
static void test_timeout(void)
{
  Peer *t = fresh("max_pacing_rate", 3650); /* one in 400 ms */

  begins(t, 40);
  host_sends_segment(t, MS(500), 10, false);
  host_sends_segment(t, MS(900), 11, false);
  host_sends_segment(t, MS(1100), 0, false);
  met(t, "RETRANSMISSION_TIMEOUT");
  host_silent(t, MS(1200));
  peer_acks(t, 1);
  host_silent(t, MS(1700) - 1);
  host_sends_segment(t, MS(1700), 1, false);
  host_sends_segment(t, MS(2100), 2, false);
  peer_free(t);
}

/* A repetition that ACKs ask for waits for its turn, but for the first. */
static void test_recovery(void)
{
  Peer *t = fresh("max_pacing_rate", 146000); /* one in 10 ms */

  peer_knob(t, "duplicate_acks", 3);
  begins(t, 11);
  host_sends_segment(t, MS(110), 10, true);
  for (int i = 0; i < 3; i++)
    peer_acks(t, 0);
  host_sends_segment(t, MS(110), 0, false);
  met(t, "FAST_RETRANSMIT");
  user_sends(t, 20 * SMSS);
  for (int i = 0; i < 8; i++)
    peer_acks(t, 0);
  host_silent(t, MS(130) - 1);
  host_sends_segment(t, MS(130), 11, false);
  met(t, "PACED");
  peer_free(t);
}

/* What may be lost and goes again, as there is nothing new (RFC 6675 NextSeg ()
 * rule 3), has its turn, and its turn alone. */
static void test_recovery_by_sack(void)
{
  Peer *t = fresh("max_pacing_rate", 146000);

  established_with_sack(t);
  user_sends(t, 11 * SMSS);
  for (int n = 0; n < 10; n++)
    host_sends_segment(t, 0, n, false);
  host_sends_segment(t, MS(10), 10, true);
  peer_sends(t, ". 1:1(0) ack 1 <sack 1461:2921>");
  peer_sends(t, ". 1:1(0) ack 1 <sack 1461:4381>");
  peer_sends(t, ". 1:1(0) ack 1 <sack 1461:11681 13141:14601>");
  host_sends_segment(t, MS(10), 0, false);
  met(t, "FAST_RETRANSMIT");
  host_silent(t, MS(30) - 1);
  host_sends_segment(t, MS(30), 8, false);
  met(t, "SACK_NEXT");
  peer_free(t);
}

/* The FIN follows the text that waits. */
static void test_close(void)
{
  Peer *t = fresh("pacing", 1);

  begins(t, 12);
  user_closes(t);
  host_sends_segment(t, turn(10, US(2500)), 10, false);
  host_is(t, "FIN-WAIT-1");
  host_sends_at(t, turn(11, US(2500)), "FP. 16061:17521(1460) ack 1");
  peer_free(t);
}

/* ABORT takes what waits with it. */
static void test_abort(void)
{
  Peer *t = fresh("pacing", 1);

  begins(t, 12);
  user_aborts(t);
  host_sends(t, "R 14601:14601(0)");
  host_silent(t, S(1));
  peer_free(t);
}

/* On a live connection: off lets out all that CWND has. */
static void test_switched(void)
{
  Peer *t = fresh("pacing", 1);

  begins(t, 40);
  host_sends_segment(t, turn(10, US(2500)), 10, false);
  user_sets(t, "pacing", 0);
  for (int n = 11; n < 20; n++)
    host_sends_segment(t, turn(10, US(2500)), n, false);
  host_silent(t, MS(150));
  user_sets(t, "pacing", 1);
  peer_acks(t, 10); /* 50 ms: SRTT is 93750 us; 21 segments */
  host_sends_segment(t, MS(150), 20, false);
  host_sends_segment(t, MS(150) + 2232142, 21, false);
  peer_free(t);
}

/* RFC 9406 4.3: "L = infinity if paced". */
static void test_hystart_limit(void)
{
  Peer *t = fresh("pacing", 1);

  peer_knob(t, "hystart", 1);
  begins(t, 40);
  peer_acks(t, 10);
  number_is(t, "CWND", user_status(t).cwnd, 30 * SMSS);
  user_sets(t, "pacing", 0);
  for (int n = 10; n < 40; n++)
    host_sends_segment(t, MS(100), n, n == 39);
  peer_acks(t, 20);
  number_is(t, "CWND", user_status(t).cwnd, 38 * SMSS);
  peer_free(t);
}

void add_pace_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/pace/" path, test_##name)
  ADD("slow-start", slow_start);
  ADD("avoidance", avoidance);
  ADD("pairs", pairs);
  ADD("late-pair", late_pair);
  ADD("large-bursts", large_bursts);
  ADD("ratios", ratios);
  ADD("most", most);
  ADD("burst", burst);
  ADD("small-segments", small_segments);
  ADD("idle", idle);
  ADD("growth", growth);
  ADD("all-acknowledged", all_acknowledged);
  ADD("time-out", timeout);
  ADD("recovery", recovery);
  ADD("recovery-by-sack", recovery_by_sack);
  ADD("close", close);
  ADD("abort", abort);
  ADD("switched", switched);
  ADD("hystart-limit", hystart_limit);
#undef ADD
}
