/* RFC 6675: loss recovery by selective acknowledgments, and RFC 3042. SMSS is
 * 1460; segment n of a test ends at n * 1460 + 1. */
#include "segments.h"

/* The peer acknowledges `n` segments, and of those behind [a, b) and [c, d). */
static void peer_sacks_two(Peer *t, int n, int a, int b, int c, int d)
{
  g_autofree char *text =
      g_strdup_printf(". 1:1(0) ack %d <sack %d:%d %d:%d>", SEGMENT(n),
                      SEGMENT(a), SEGMENT(b), SEGMENT(c), SEGMENT(d));

  peer_sends(t, text);
}

static void check(Peer *t, uint32_t cwnd, uint32_t ssthresh, uint32_t flight)
{
  TcpStatus status = user_status(t);

  number_is(t, "CWND", status.cwnd, cwnd);
  number_is(t, "SSTHRESH", status.ssthresh, ssthresh);
  number_is(t, "pipe", status.flight, flight);
}

/* Ten segments in flight, of `queued` in all. */
static void ten_in_flight(Peer *t, uint32_t queued)
{
  peer_knob(t, "initial_window", 10);
  established_with_sack(t);
  user_sends(t, queued * 1460 + 700);
  for (int i = 0; i < 10; i++)
    host_sends_segment(t, i);
}

/* The first of ten is lost. Section 5: (1) at the third duplicate, (4.2) half
 * the flight, (C) one new segment for each that leaves. */
static void test_one_loss(void)
{
  Peer *t = peer_new(0);

  ten_in_flight(t, 30);
  peer_sacks(t, 0, 1, 2);
  peer_sacks(t, 0, 1, 3);
  host_silent(t, MS(1));
  peer_sacks(t, 0, 1, 4);
  host_sends_segment(t, 0);
  met(t, "FAST_RETRANSMIT");
  check(t, 7300, 7300, 7 * 1460); /* 4 SACKed or lost, 1 repeated */
  peer_sacks(t, 0, 1, 5);
  peer_sacks(t, 0, 1, 6);
  host_silent(t, MS(2));
  check(t, 7300, 7300, 5 * 1460);
  peer_sacks(t, 0, 1, 7);
  host_sends_segment(t, 10);
  peer_sacks(t, 0, 1, 8);
  host_sends_segment(t, 11);
  peer_sacks(t, 0, 1, 9);
  host_sends_segment(t, 12);
  peer_sacks(t, 0, 1, 10);
  host_sends_segment(t, 13);
  peer_acks(t, 10);
  host_sends_segment(t, 14);
  check(t, 7300, 7300, 7300);
  peer_free(t);
}

/* What is SACKed is not sent again; each hole is, once, as soon as the pipe
 * has room (NextSeg() rule 1). */
static void test_holes(void)
{
  Peer *t = peer_new(0);

  ten_in_flight(t, 30); /* lost: 0, 2, 4 */
  peer_sacks(t, 0, 1, 2);
  peer_sacks_two(t, 0, 3, 4, 1, 2);
  peer_sends(t, ". 1:1(0) ack 1 <sack 7301:8761 4381:5841 1461:2921>");
  host_sends_segment(t, 0);
  check(t, 7300, 7300, 7 * 1460); /* 2 and 4 are not lost yet */
  peer_sends(t, ". 1:1(0) ack 1 <sack 7301:10221 4381:5841 1461:2921>");
  peer_sends(t, ". 1:1(0) ack 1 <sack 7301:11681 4381:5841 1461:2921>");
  host_sends_segment(t, 2);
  host_sends_segment(t, 4);
  met(t, "SACK_LOST");
  peer_sends(t, ". 1:1(0) ack 1 <sack 7301:13141 4381:5841 1461:2921>");
  host_sends_segment(t, 10);
  peer_sends(t, ". 1:1(0) ack 1 <sack 7301:14601 4381:5841 1461:2921>");
  host_sends_segment(t, 11);
  peer_sends(t, ". 1:1(0) ack 2921 <sack 7301:14601 4381:5841>");
  host_sends_segment(t, 12);
  peer_sends(t, ". 1:1(0) ack 5841 <sack 7301:14601>");
  host_sends_segment(t, 13);
  peer_acks(t, 10);
  host_sends_segment(t, 14);
  check(t, 7300, 7300, 7300);
  host_silent(t, MS(900));
  peer_free(t);
}

/* Section 4, IsLost(): more than (DupThresh - 1) * SMSS SACKed behind it, as
 * two ACKs tell. */
static void test_lost_by_bytes(void)
{
  Peer *t = peer_new(0);

  ten_in_flight(t, 30);
  peer_sacks(t, 0, 1, 3); /* two segments: not more than two */
  host_silent(t, MS(1));
  peer_sends(t, ". 1:1(0) ack 1 <sack 1461:4382>"); /* and a byte */
  host_sends_segment(t, 0);
  met(t, "FAST_RETRANSMIT");
  peer_free(t);
}

/* By three separate blocks, whatever their size. */
static void test_lost_by_blocks(void)
{
  Peer *t = peer_new(0);

  ten_in_flight(t, 30);
  peer_sends(t, ". 1:1(0) ack 1 <sack 1461:1471 2921:2931>");
  host_silent(t, MS(1));
  peer_sends(t, ". 1:1(0) ack 1 <sack 4381:4391 2921:2931 1461:1471>");
  host_sends_segment(t, 0);
  met(t, "FAST_RETRANSMIT");
  peer_free(t);
}

/* An ACK that says nothing new is no duplicate (section 2). */
static void test_nothing_new(void)
{
  Peer *t = peer_new(0);

  ten_in_flight(t, 30);
  for (int i = 0; i < 5; i++) {
    peer_sacks(t, 0, 1, 2);
    not_met(t, "FAST_RETRANSMIT");
  }
  peer_acks(t, 0);
  peer_acks(t, 0);
  peer_acks(t, 0);
  not_met(t, "FAST_RETRANSMIT");
  check(t, 14600, 1 << 30, 9 * 1460);
  peer_free(t);
}

/* Blocks that cannot be: empty, inside out, below SND.UNA, beyond SND.NXT. */
static void test_impossible_blocks(void)
{
  Peer *t = peer_new(0);

  ten_in_flight(t, 10);
  peer_sends(t, ". 1:1(0) ack 1 <sack 1461:1461 4381:2921 1:2921>");
  peer_sends(t, ". 1:1(0) ack 1 <sack 1461:20000 -100:2921>");
  peer_sends(t, ". 1:1(0) ack 1 <sack 14602:16000>");
  check(t, 14600, 1 << 30, 14600);
  host_silent(t, MS(10));
  peer_free(t);
}

/* NextSeg() rule 3: nothing new is there, so what may be lost goes; rule 4:
 * then, once, the end of the flight. */
static void test_rescue(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "initial_window", 10);
  established_with_sack(t);
  user_sends(t, 14600);
  for (int i = 0; i < 9; i++)
    host_sends_segment(t, i);
  host_sends(t, "P. 13141:14601(1460) ack 1");
  peer_sacks(t, 0, 1, 2); /* lost: 0, 5, 8, 9 */
  peer_sacks(t, 0, 1, 3);
  peer_sacks(t, 0, 1, 4);
  host_sends_segment(t, 0);
  peer_sacks(t, 0, 1, 5);
  check(t, 7300, 7300, 6 * 1460);
  peer_sacks_two(t, 0, 6, 7, 1, 5);
  check(t, 7300, 7300, 5 * 1460);
  peer_sacks_two(t, 0, 6, 8, 1, 5);
  host_sends_segment(t, 5);
  met(t, "SACK_NEXT");
  check(t, 7300, 7300, 5 * 1460); /* 5 counts twice */
  peer_sacks(t, 5, 6, 8);
  host_sends(t, "P. 13141:14601(1460) ack 1");
  met(t, "SACK_RESCUE");
  peer_acks(t, 8);
  host_silent(t, MS(900));
  peer_sacks(t, 8, 9, 10);
  host_sends(t, ". 11681:13141(1460) ack 1");
  met(t, "SACK_NEXT");
  peer_free(t);
}

/* RFC 2018 8: a time-out forgets what was SACKed; what is SACKed anew is not
 * sent. */
static void test_timeout_forgets(void)
{
  Peer *t = peer_new(0);

  ten_in_flight(t, 10);
  peer_sacks(t, 0, 5, 6);
  host_sends_at(t, S(1), ". 1:1461(1460) ack 1");
  check(t, 1460, 7300, 1460);
  peer_sacks(t, 1, 2, 3);
  host_sends_segment(t, 1);
  host_sends_segment(t, 3);
  check(t, 2920, 7300, 2920);
  peer_sacks(t, 4, 6, 7);
  host_sends_segment(t, 4);
  host_sends_segment(t, 5);
  host_sends_segment(t, 7);
  peer_free(t);
}

/* RFC 6675 5.1: no new recovery before all of that is acknowledged. */
static void test_timeout_then_duplicates(void)
{
  Peer *t = peer_new(0);

  ten_in_flight(t, 10);
  host_sends_at(t, S(1), ". 1:1461(1460) ack 1");
  peer_sacks(t, 0, 1, 2);
  peer_sacks(t, 0, 1, 4);
  peer_sacks(t, 0, 1, 6);
  peer_sacks(t, 0, 1, 9);
  not_met(t, "FAST_RETRANSMIT");
  check(t, 1460, 7300, 1460);
  peer_free(t);
}

/* RFC 2018 8: the receiver has thrown away what it held. */
static void test_reneging(void)
{
  Peer *t = peer_new(0);

  ten_in_flight(t, 10);
  peer_sacks(t, 0, 1, 3);
  peer_acks(t, 1);
  host_sends_segment(t, 1);
  met(t, "SACK_RENEGED");
  check(t, 16060, 1 << 30, 9 * 1460);
  peer_free(t);
}

/* RFC 3042 without SACK: two new segments for the first two duplicates, which
 * do not count when the flight is halved. */
static void test_limited_transmit(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "limited_transmit", 1);
  peer_knob(t, "initial_window", 4);
  established(t);
  user_sends(t, 30000);
  for (int i = 0; i < 4; i++)
    host_sends_segment(t, i);
  peer_acks(t, 0);
  host_sends_segment(t, 4);
  met(t, "LIMITED_TRANSMIT");
  peer_acks(t, 0);
  host_sends_segment(t, 5);
  peer_acks(t, 0);
  host_sends_segment(t, 0);
  check(t, 2920 + 3 * 1460, 2920, 6 * 1460);
  peer_free(t);
}

/* For the first two only, whatever starts fast retransmit. */
static void test_limited_transmit_of_two(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "limited_transmit", 1);
  peer_knob(t, "duplicate_acks", 5);
  peer_knob(t, "initial_window", 4);
  established(t);
  user_sends(t, 30000);
  for (int i = 0; i < 4; i++)
    host_sends_segment(t, i);
  peer_acks(t, 0);
  host_sends_segment(t, 4);
  peer_acks(t, 0);
  host_sends_segment(t, 5);
  peer_acks(t, 0);
  peer_acks(t, 0);
  host_silent(t, MS(1));
  peer_free(t);
}

/* RFC 6675 5 (3). */
static void test_limited_transmit_with_sack(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "limited_transmit", 1);
  ten_in_flight(t, 30);
  peer_sacks(t, 0, 1, 2);
  host_sends_segment(t, 10);
  met(t, "LIMITED_TRANSMIT");
  peer_sacks(t, 0, 1, 3);
  host_sends_segment(t, 11);
  peer_sacks(t, 0, 1, 4);
  host_sends_segment(t, 0);
  check(t, 7300, 7300, 9 * 1460);
  peer_free(t);
}

void add_scoreboard_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/scoreboard/" path, test_##name)
  ADD("one-loss", one_loss);
  ADD("holes", holes);
  ADD("lost-by-bytes", lost_by_bytes);
  ADD("lost-by-blocks", lost_by_blocks);
  ADD("nothing-new", nothing_new);
  ADD("impossible-blocks", impossible_blocks);
  ADD("rescue", rescue);
  ADD("time-out-forgets", timeout_forgets);
  ADD("time-out-duplicates", timeout_then_duplicates);
  ADD("reneging", reneging);
  ADD("limited-transmit", limited_transmit);
  ADD("limited-transmit-two", limited_transmit_of_two);
  ADD("limited-transmit-sack", limited_transmit_with_sack);
#undef ADD
}
