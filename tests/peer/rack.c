/* RFC 8985 6: losses found by time. SMSS is 1460, the round trip 100 ms, so
 * that the reordering window is 25 ms. A bare section is RFC 8985's. */
#include "segments.h"

static Peer *rack_new(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "rack", 1);
  peer_knob(t, "initial_window", 10);
  return t;
}

static void host_sends_last(Peer *t, int n)
{
  g_autofree char *text =
      g_strdup_printf("P. %d:%d(1460) ack 1", SEGMENT(n), SEGMENT(n + 1));

  host_sends(t, text);
}

static void host_sends_segment_at(Peer *t, SimTime time, int n)
{
  g_autofree char *text =
      g_strdup_printf(". %d:%d(1460) ack 1", SEGMENT(n), SEGMENT(n + 1));

  host_sends_at(t, time, text);
}

static void sends(Peer *t, int count)
{
  user_sends(t, (uint32_t)count * 1460);
  for (int i = 0; i < count - 1; i++)
    host_sends_segment(t, i);
  host_sends_last(t, count - 1);
}

/* 3.4, "An Example of RACK-TLP in Action: Fast Recovery". P0 to P3, of which
 * only P0 arrives; the probe brings a SACK, RACK sees P1 and P2 missing, and
 * then that P1 was lost once more. */
static void test_example_fast_recovery(void)
{
  Peer *t = rack_new();

  peer_knob(t, "tail_loss_probe", 1);
  opens(t);
  sends(t, 4);
  runs_to(t, MS(200));
  peer_acks(t, 1);
  host_sends_at(t, MS(400), "P. 4381:5841(1460) ack 1");
  met(t, "LOSS_PROBE");
  runs_to(t, MS(500));
  peer_sacks(t, 1, 3, 4);
  host_sends_segment(t, 1);
  host_sends_segment(t, 2);
  not_met(t, "RACK_REORDERING"); /* it had its time long ago */
  runs_to(t, MS(600));
  peer_sacks(t, 1, 2, 4);
  host_sends_segment(t, 1);
  runs_to(t, MS(700));
  peer_acks(t, 4);
  number_is(t, "SSTHRESH", user_status(t).ssthresh, 2920);
  host_silent(t, S(10));
  peer_free(t);
}

/* 3.5, "An Example of RACK-TLP in Action: RTO Recovery": the time-out takes
 * only for lost what has had its time; P4, which was sent just before, is not
 * sent again. */
static void test_example_rto_recovery(void)
{
  Peer *t = rack_new();

  opens(t);
  user_sends(t, 3 * 1460);
  host_sends_segment(t, 0);
  host_sends_segment(t, 1);
  host_sends_last(t, 2);
  host_silent(t, MS(1050));
  user_sends(t, 1460);
  host_sends_last(t, 3);
  host_sends_segment_at(t, MS(1100), 0);
  met(t, "RETRANSMISSION_TIMEOUT");
  number_is(t, "pipe", user_status(t).flight, 2 * 1460); /* P0, and the last */
  runs_to(t, MS(1200));
  peer_sacks(t, 1, 3, 4);
  host_sends_segment(t, 1);
  host_sends_segment(t, 2);
  peer_acks(t, 4);
  host_silent(t, S(10));
  peer_free(t);
}

/* 6.2 step 4: DupThresh segments SACKed end the wait at once. */
static void test_dup_thresh(void)
{
  Peer *t = rack_new();

  opens(t);
  sends(t, 5);
  runs_to(t, MS(200));
  peer_sacks(t, 0, 1, 2);
  peer_sacks(t, 0, 1, 3);
  peer_sacks(t, 0, 1, 4);
  host_sends_segment(t, 0);
  not_met(t, "RACK_REORDERING");
  peer_free(t);
}

/* `rack` 5: they do not. */
static void test_no_dup_thresh(void)
{
  Peer *t = rack_new();

  peer_knob(t, "rack", 5);
  opens(t);
  sends(t, 5);
  runs_to(t, MS(200));
  peer_sacks(t, 0, 1, 4);
  host_sends_segment_at(t, MS(225), 0);
  peer_free(t);
}

/* Reordering by less than the window is none to RACK, by one or by three
 * segments. */
static void test_reordered(void)
{
  Peer *t = rack_new();

  opens(t);
  sends(t, 4);
  runs_to(t, MS(200));
  peer_sacks(t, 0, 1, 3);
  host_silent(t, MS(224));
  peer_acks(t, 4);
  host_silent(t, S(10));
  number_is(t, "CWND", user_status(t).cwnd, 14600);
  peer_free(t);
}

/* Step 3: once reordering was seen, DupThresh counts for nothing. */
static void test_reordering_seen(void)
{
  Peer *t = rack_new();

  opens(t);
  sends(t, 4);
  runs_to(t, MS(200));
  peer_sacks(t, 0, 1, 3);
  peer_acks(t, 4);
  user_sends(t, 5 * 1460);
  for (int i = 4; i < 8; i++)
    host_sends_segment(t, i);
  host_sends_last(t, 8);
  runs_to(t, MS(300));
  peer_sacks(t, 4, 5, 9);
  host_sends_segment_at(t, MS(325), 4);
  met(t, "RACK_REORDERING");
  peer_free(t);
}

/* Step 4: a DSACK a round widens the window by a quarter of min_RTT each, up
 * to SRTT. */
static void duplicates(Peer *t, int rounds, SimTime wait)
{
  int n = 4;

  opens(t);
  sends(t, 4);
  runs_to(t, MS(200));
  peer_sacks(t, 0, 1, 3);
  peer_acks(t, 4);
  for (int i = 0; i < rounds; i++, n += 2) {
    user_sends(t, 2 * 1460);
    host_sends_segment(t, n);
    host_sends_last(t, n + 1);
    host_silent(t, MS(300 + 100 * i));
    peer_sacks(t, n + 1, 0, 1);
    peer_sacks(t, n + 1, 0, 1); /* in the same round */
    peer_acks(t, n + 2);
  }
  user_sends(t, 2 * 1460);
  host_sends_segment(t, n);
  host_sends_last(t, n + 1);
  runs_to(t, MS(300 + 100 * rounds));
  peer_sacks(t, n, n + 1, n + 2);
  host_sends_segment_at(t, MS(300 + 100 * rounds) + wait, n);
  peer_free(t);
}

static void test_dsack_widens(void)
{
  duplicates(rack_new(), 0, MS(25));
  duplicates(rack_new(), 1, MS(50));
  duplicates(rack_new(), 2, MS(75));
  duplicates(rack_new(), 6, MS(100));
}

static void test_static_window(void)
{
  Peer *t = rack_new();

  peer_knob(t, "rack", 3);
  duplicates(t, 2, MS(25));
}

/* Step 2: what comes sooner than a round trip after a repetition was the
 * original, and says nothing about when others were sent. */
static void test_ambiguous(void)
{
  Peer *t = rack_new();

  opens(t);
  sends(t, 6);
  runs_to(t, MS(200));
  peer_sacks(t, 0, 1, 4);
  host_sends_segment(t, 0);
  runs_to(t, MS(250));
  peer_acks(t, 4);
  host_silent(t, MS(300));
  peer_acks(t, 6);
  host_silent(t, S(10));
  peer_free(t);
}

/* 6.3: a lost repetition does not wait for a time-out, however often. */
static void test_lost_again(void)
{
  Peer *t = rack_new();

  opens(t);
  sends(t, 10);
  runs_to(t, MS(200));
  peer_sacks(t, 0, 1, 4);
  host_sends_segment(t, 0);
  user_sends(t, 4 * 1460);
  peer_sacks(t, 0, 1, 10);
  for (int i = 10; i < 13; i++)
    host_sends_segment(t, i);
  host_sends_last(t, 13);
  runs_to(t, MS(300));
  peer_sacks(t, 0, 1, 11);
  host_sends_segment(t, 0);
  met(t, "TAKEN");
  runs_to(t, MS(400));
  peer_acks(t, 14);
  host_silent(t, S(10));
  peer_free(t);
}

/* RACK knows whole segments: the last byte of one proves nothing. */
static void test_part_of_a_segment(void)
{
  Peer *t = rack_new();

  opens(t);
  sends(t, 4);
  runs_to(t, MS(200));
  peer_sends(t, ". 1:1(0) ack 1 <sack 5840:5841>");
  host_sends_segment_at(t, MS(1100), 0);
  met(t, "RETRANSMISSION_TIMEOUT");
  peer_free(t);
}

/* Linux's own allowance for its clock. */
static void test_slack(void)
{
  Peer *t = rack_new();

  peer_knob(t, "detection_slack", MS(6));
  opens(t);
  sends(t, 3);
  runs_to(t, MS(200));
  peer_sacks(t, 0, 1, 2);
  host_sends_segment_at(t, MS(231), 0);
  peer_free(t);
}

void add_rack_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/rack/" path, test_##name)
  ADD("example-fast-recovery", example_fast_recovery);
  ADD("example-rto-recovery", example_rto_recovery);
  ADD("dup-thresh", dup_thresh);
  ADD("no-dup-thresh", no_dup_thresh);
  ADD("reordered", reordered);
  ADD("reordering-seen", reordering_seen);
  ADD("dsack-widens", dsack_widens);
  ADD("static-window", static_window);
  ADD("ambiguous", ambiguous);
  ADD("lost-again", lost_again);
  ADD("part-of-a-segment", part_of_a_segment);
  ADD("slack", slack);
#undef ADD
}
