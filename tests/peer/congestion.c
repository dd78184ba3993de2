/* RFC 5681 and RFC 6582: the congestion window byte by byte, fast retransmit,
 * fast recovery, and what a time-out leaves. SMSS is 1460. */
#include "peer.h"

/* Ten segments in flight. */
static void ten_in_flight(Peer *t, uint32_t queued)
{
  peer_knob(t, "initial_window", 10);
  established(t);
  user_sends(t, queued);
  for (int i = 0; i < 10; i++) {
    g_autofree char *text = g_strdup_printf(
        "%s %d:%d(1460) ack 1", i == 9 && queued == 14600 ? "P." : ".",
        1 + i * 1460, 1461 + i * 1460);

    host_sends(t, text);
  }
}

/* 3.1: "cwnd += min (N, SMSS)" for each ACK of new data. */
static void test_slow_start(void)
{
  Peer *t = peer_new(0);

  established(t);
  windows_are(t, 4380, 1 << 30);
  user_sends(t, 30000);
  host_sends(t, ". 1:1461(1460) ack 1");
  host_sends(t, ". 1461:2921(1460) ack 1");
  host_sends(t, ". 2921:4381(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 1461");
  windows_are(t, 5840, 1 << 30);
  host_sends(t, ". 4381:5841(1460) ack 1");
  host_sends(t, ". 5841:7301(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 4381"); /* two segments, one SMSS */
  windows_are(t, 7300, 1 << 30);
  host_sends(t, ". 7301:8761(1460) ack 1");
  host_sends(t, ". 8761:10221(1460) ack 1");
  host_sends(t, ". 10221:11681(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 4481"); /* 100 bytes */
  windows_are(t, 7400, 1 << 30);
  peer_free(t);
}

/* 3.1: in congestion avoidance one SMSS for a window's worth of ACKs. */
static void test_avoidance(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "ssthresh", 2920);
  established(t);
  user_sends(t, 30000);
  host_sends(t, ". 1:1461(1460) ack 1");
  host_sends(t, ". 1461:2921(1460) ack 1");
  host_sends(t, ". 2921:4381(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 1461");
  host_sends(t, ". 4381:5841(1460) ack 1");
  windows_are(t, 4380, 2920);
  peer_sends(t, ". 1:1(0) ack 2921");
  host_sends(t, ". 5841:7301(1460) ack 1");
  windows_are(t, 4380, 2920);
  peer_sends(t, ". 1:1(0) ack 4381");
  windows_are(t, 5840, 2920);
  host_sends(t, ". 7301:8761(1460) ack 1");
  host_sends(t, ". 8761:10221(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 8761"); /* 4380 of 5840 */
  windows_are(t, 5840, 2920);
  host_sends(t, ". 10221:11681(1460) ack 1");
  host_sends(t, ". 11681:13141(1460) ack 1");
  host_sends(t, ". 13141:14601(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 10221");
  windows_are(t, 7300, 2920);
  host_sends(t, ". 14601:16061(1460) ack 1");
  host_sends(t, ". 16061:17521(1460) ack 1");
  peer_free(t);
}

/* What the user's pauses acknowledge does not open the window (RFC 7661 and
 * 5681 4.1: it was not in use). */
static void test_unused_window_does_not_grow(void)
{
  Peer *t = peer_new(0);

  established(t);
  for (uint32_t i = 0; i < 5; i++) {
    g_autofree char *data =
        g_strdup_printf("P. %u:%u(100) ack 1", 1 + i * 100, 101 + i * 100);
    g_autofree char *ack = g_strdup_printf(". 1:1(0) ack %u", 101 + i * 100);

    user_sends(t, 100);
    host_sends(t, data);
    peer_sends(t, ack);
  }
  windows_are(t, 4380, 1 << 30);
  peer_free(t);
}

/* It grew while it held something back, and not after that. */
static void test_window_unused_again(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 5840);
  host_sends(t, ". 1:1461(1460) ack 1");
  host_sends(t, ". 1461:2921(1460) ack 1");
  host_sends(t, ". 2921:4381(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 1461");
  host_sends(t, "P. 4381:5841(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 2921");
  peer_sends(t, ". 1:1(0) ack 5841");
  windows_are(t, 5840, 1 << 30);
  peer_free(t);
}

/* 3.1 (4): ssthresh = max (FlightSize / 2, 2*SMSS), cwnd one segment; then
 * slow start. */
static void test_timeout(void)
{
  Peer *t = peer_new(0);

  ten_in_flight(t, 14600);
  host_sends_at(t, S(1), ". 1:1461(1460) ack 1");
  windows_are(t, 1460, 7300);
  host_sends_at(t, S(3), ". 1:1461(1460) ack 1");
  windows_are(t, 1460, 7300); /* once for a loss */
  peer_sends(t, ". 1:1(0) ack 1461");
  windows_are(t, 2920, 7300);
  host_sends(t, ". 1461:2921(1460) ack 1");
  host_sends(t, ". 2921:4381(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 4381");
  windows_are(t, 4380, 7300);
  host_sends(t, ". 4381:5841(1460) ack 1");
  host_sends(t, ". 5841:7301(1460) ack 1");
  host_sends(t, ". 7301:8761(1460) ack 1");
  peer_free(t);
}

static void test_timeout_of_a_small_flight(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 1460);
  host_sends(t, "P. 1:1461(1460) ack 1");
  host_sends_at(t, S(1), "P. 1:1461(1460) ack 1");
  windows_are(t, 1460, 2920);
  peer_free(t);
}

/* 3.2: not at the second, at the third duplicate. */
static void test_third_duplicate(void)
{
  Peer *t = peer_new(0);

  ten_in_flight(t, 20000);
  peer_sends(t, ". 1:1(0) ack 1");
  peer_sends(t, ". 1:1(0) ack 1");
  host_silent(t, MS(10));
  windows_are(t, 14600, 1 << 30);
  peer_sends(t, ". 1:1(0) ack 1");
  host_sends(t, ". 1:1461(1460) ack 1");
  met(t, "FAST_RETRANSMIT");
  windows_are(t, 7300 + 3 * 1460, 7300);
  peer_sends(t, ". 1:1(0) ack 1"); /* step 4: inflates */
  windows_are(t, 7300 + 4 * 1460, 7300);
  peer_sends(t, ". 1:1(0) ack 1");
  windows_are(t, 7300 + 5 * 1460, 7300);
  peer_sends(t, ". 1:1(0) ack 1");
  windows_are(t, 7300 + 6 * 1460, 7300);
  host_sends(t, ". 14601:16061(1460) ack 1"); /* step 5: new data */
  /* RFC 6582 3.2 step 3: min (ssthresh, max (FlightSize, SMSS) + SMSS) */
  peer_sends(t, ". 1:1(0) ack 14601");
  windows_are(t, 2920, 7300);
  host_sends(t, ". 16061:17521(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 16061"); /* slow start again */
  windows_are(t, 4380, 7300);
  host_sends(t, ". 17521:18981(1460) ack 1");
  peer_free(t);
}

/* RFC 6582: a partial ACK repeats the next hole, without waiting. */
static void test_partial_ack(void)
{
  Peer *t = peer_new(0);

  ten_in_flight(t, 14600);
  for (int i = 0; i < 3; i++)
    peer_sends(t, ". 1:1(0) ack 1");
  host_sends(t, ". 1:1461(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 4381"); /* the fourth is missing too */
  host_sends(t, ". 4381:5841(1460) ack 1");
  met(t, "PARTIAL_ACK");
  windows_are(t, 11680 - 4380 + 1460, 7300);
  peer_sends(t, ". 1:1(0) ack 7301");
  host_sends(t, ". 7301:8761(1460) ack 1");
  met(t, "PARTIAL_ACK");
  windows_are(t, 8760 - 2920 + 1460, 7300);
  peer_sends(t, ". 1:1(0) ack 14601");
  not_met(t, "PARTIAL_ACK");
  windows_are(t, 2920, 7300);
  host_silent(t, S(100));
  peer_free(t);
}

/* "the retransmit timer is reset only after the first partial ACK" */
static void test_partial_ack_timer(void)
{
  Peer *t = peer_new(0);

  ten_in_flight(t, 14600);
  for (int i = 0; i < 3; i++)
    peer_sends(t, ". 1:1(0) ack 1");
  host_sends(t, ". 1:1461(1460) ack 1");
  host_silent(t, MS(500));
  peer_sends(t, ". 1:1(0) ack 1461");
  windows_are(t, 11680, 7300); /* out one, in one */
  host_sends(t, ". 1461:2921(1460) ack 1");
  host_silent(t, MS(900));
  peer_sends(t, ". 1:1(0) ack 2921");
  host_sends(t, ". 2921:4381(1460) ack 1");
  host_silent(t, MS(1500) - 1);
  host_sends_at(t, MS(1500), ". 2921:4381(1460) ack 1");
  met(t, "RETRANSMISSION_TIMEOUT");
  peer_free(t);
}

/* The count begins anew with every ACK of new data. */
static void test_duplicates_in_a_row(void)
{
  Peer *t = peer_new(0);

  ten_in_flight(t, 14600);
  peer_sends(t, ". 1:1(0) ack 1");
  peer_sends(t, ". 1:1(0) ack 1");
  peer_sends(t, ". 1:1(0) ack 1461");
  peer_sends(t, ". 1:1(0) ack 1461");
  peer_sends(t, ". 1:1(0) ack 1461");
  host_silent(t, MS(10));
  peer_sends(t, ". 1:1(0) ack 1461");
  host_sends(t, ". 1461:2921(1460) ack 1");
  met(t, "FAST_RETRANSMIT");
  peer_free(t);
}

/* A time-out in fast recovery ends it: slow start from one segment. */
static void test_timeout_in_recovery(void)
{
  Peer *t = peer_new(0);

  ten_in_flight(t, 14600);
  for (int i = 0; i < 3; i++)
    peer_sends(t, ". 1:1(0) ack 1");
  host_sends(t, ". 1:1461(1460) ack 1");
  host_sends_at(t, S(1), ". 1:1461(1460) ack 1");
  windows_are(t, 1460, 7300);
  peer_sends(t, ". 1:1(0) ack 1461");
  not_met(t, "PARTIAL_ACK");
  windows_are(t, 2920, 7300);
  host_sends(t, ". 1461:2921(1460) ack 1");
  host_sends(t, ". 2921:4381(1460) ack 1");
  peer_free(t);
}

/* RFC 5681 2: what is no duplicate ACK. Each of these four comes three times
 * and repeats nothing. */
static void check_no_duplicates(const char *const *segments, bool in_flight)
{
  Peer *t = peer_new(0);

  if (in_flight)
    ten_in_flight(t, 14600);
  else
    established(t);
  for (int i = 0; i < 3; i++) {
    peer_sends(t, segments[i]);
    not_met(t, "FAST_RETRANSMIT");
  }
  host_silent(t, MS(100));
  peer_free(t);
}

static void test_not_duplicate_nothing_outstanding(void)
{
  check_no_duplicates((const char *const[]){ ". 1:1(0) ack 1", ". 1:1(0) ack 1",
                                             ". 1:1(0) ack 1" },
                      false);
}

static void test_not_duplicate_data(void)
{
  check_no_duplicates((const char *const[]){ "P. 1:2(1) ack 1",
                                             "P. 2:3(1) ack 1",
                                             "P. 3:4(1) ack 1" },
                      true);
}

static void test_not_duplicate_window(void)
{
  check_no_duplicates((const char *const[]){ ". 1:1(0) ack 1 win 65000",
                                             ". 1:1(0) ack 1 win 64000",
                                             ". 1:1(0) ack 1 win 65535" },
                      true);
}

static void test_not_duplicate_old_ack(void)
{
  check_no_duplicates((const char *const[]){ ". 1:1(0) ack 0", ". 1:1(0) ack 0",
                                             ". 1:1(0) ack 0" },
                      true);
}

/* RFC 6582 3.2 step 1 and 4: after a time-out, duplicates of what was sent
 * before it start nothing. */
static void test_no_fast_retransmit_after_a_timeout(void)
{
  Peer *t = peer_new(0);

  ten_in_flight(t, 14600);
  host_sends_at(t, S(1), ". 1:1461(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 2921");
  host_sends(t, ". 2921:4381(1460) ack 1");
  host_sends(t, ". 4381:5841(1460) ack 1");
  for (int i = 0; i < 5; i++) {
    peer_sends(t, ". 1:1(0) ack 2921");
    not_met(t, "FAST_RETRANSMIT");
  }
  windows_are(t, 2920, 7300);
  peer_free(t);
}

/* "covers more than recover": the ACK that reaches it does not. */
static void test_no_fast_retransmit_at_recover(void)
{
  Peer *t = peer_new(0);

  ten_in_flight(t, 30000);
  host_sends_at(t, S(1), ". 1:1461(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 14601");
  host_sends(t, ". 14601:16061(1460) ack 1");
  host_sends(t, ". 16061:17521(1460) ack 1");
  for (int i = 0; i < 4; i++) {
    peer_sends(t, ". 1:1(0) ack 14601");
    not_met(t, "FAST_RETRANSMIT");
  }
  peer_free(t);
}

/* The repeated segment has an RTO of its own before a time-out. */
static void test_fast_retransmit_restarts_the_timer(void)
{
  Peer *t = peer_new(0);

  ten_in_flight(t, 14600);
  host_silent(t, MS(500));
  for (int i = 0; i < 3; i++)
    peer_sends(t, ". 1:1(0) ack 1");
  host_sends(t, ". 1:1461(1460) ack 1");
  host_silent(t, MS(1500) - 1);
  host_sends_at(t, MS(1500), ". 1:1461(1460) ack 1");
  met(t, "RETRANSMISSION_TIMEOUT");
  peer_free(t);
}

static void test_fast_retransmit_again_for_new_data(void)
{
  Peer *t = peer_new(0);

  ten_in_flight(t, 30000);
  host_sends_at(t, S(1), ". 1:1461(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 14601");
  host_sends(t, ". 14601:16061(1460) ack 1");
  host_sends(t, ". 16061:17521(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 16061");
  host_sends(t, ". 17521:18981(1460) ack 1");
  host_sends(t, ". 18981:20441(1460) ack 1");
  for (int i = 0; i < 3; i++)
    peer_sends(t, ". 1:1(0) ack 16061");
  host_sends(t, ". 16061:17521(1460) ack 1");
  met(t, "FAST_RETRANSMIT");
  windows_are(t, 2920 + 3 * 1460, 2920);
  host_sends(t, ". 20441:21901(1460) ack 1");
  host_sends(t, ". 21901:23361(1460) ack 1");
  peer_free(t);
}

/* 3.1: the initial window's three sizes. */
static void test_initial_window(void)
{
  static const struct {
    const char *syn;
    uint32_t cwnd;
  } rows[] = {
    { "S 0:0(0) <mss 1095>", 4 * 1095 },
    { "S 0:0(0) <mss 1096>", 3 * 1096 },
    { "S 0:0(0) <mss 536>", 4 * 536 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Peer *t = peer_new(0);

    user_listens(t);
    peer_sends(t, rows[i].syn);
    host_sends(t, "S. 0:0(0) ack 1 <mss 1460>");
    peer_sends(t, ". 1:1(0) ack 1");
    windows_are(t, rows[i].cwnd, 1 << 30);
    peer_free(t);
  }
}

void add_congestion_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/congestion/" path, test_##name)
  ADD("initial-window", initial_window);
  ADD("slow-start", slow_start);
  ADD("avoidance", avoidance);
  ADD("unused-window", unused_window_does_not_grow);
  ADD("unused-again", window_unused_again);
  ADD("time-out", timeout);
  ADD("time-out-small-flight", timeout_of_a_small_flight);
  ADD("third-duplicate", third_duplicate);
  ADD("partial-ack", partial_ack);
  ADD("partial-ack-timer", partial_ack_timer);
  ADD("duplicates-in-a-row", duplicates_in_a_row);
  ADD("time-out-in-recovery", timeout_in_recovery);
  ADD("no-duplicate-nothing-outstanding", not_duplicate_nothing_outstanding);
  ADD("no-duplicate-data", not_duplicate_data);
  ADD("no-duplicate-window", not_duplicate_window);
  ADD("no-duplicate-old-ack", not_duplicate_old_ack);
  ADD("time-out-old-duplicates", no_fast_retransmit_after_a_timeout);
  ADD("time-out-at-recover", no_fast_retransmit_at_recover);
  ADD("third-duplicate-timer", fast_retransmit_restarts_the_timer);
  ADD("time-out-new-duplicates", fast_retransmit_again_for_new_data);
#undef ADD
}
