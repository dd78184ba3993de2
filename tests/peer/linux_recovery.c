/* The profile linux with SACK: the tail loss probe as measured, and how losses
 * are found and answered. SMSS is 1000 where it matters. */
#include "linux_recovery.h"

Peer *linux_with_sack(void)
{
  Peer *t = peer_new(0);

  peer_profile(t, "linux");
  peer_knob(t, "sack", 1);
  peer_knob(t, "limited_transmit", 1);
  peer_knob(t, "send_buffer", 1 << 18);
  return t;
}

/* After a round trip of `rtt`. */
void opens_after(Peer *t, SimTime rtt)
{
  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535 <mss 1460,sackOK>");
  host_silent(t, rtt);
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1000,sackOK>");
  host_sends(t, ". 1:1(0) ack 1 win 65535");
}

/* The segments [from, to); the last may push. */
void host_sends_segments(Peer *t, int from, int to, bool push)
{
  for (int i = from; i < to; i++) {
    g_autofree char *text = g_strdup_printf("%s %d:%d(1000) ack 1",
                                            push && i + 1 == to ? "P." : ".",
                                            SEGMENT(i), SEGMENT(i + 1));

    host_sends(t, text);
  }
}

void host_sends_segment(Peer *t, int n)
{
  host_sends_segments(t, n, n + 1, false);
}

void peer_acks_segments(Peer *t, int n)
{
  g_autofree char *text = g_strdup_printf(". 1:1(0) ack %d", SEGMENT(n));

  peer_sends(t, text);
}

/* The peer acknowledges `n` segments and SACKs [from, to). */
void peer_sacks_segments(Peer *t, int n, int from, int to)
{
  g_autofree char *text = g_strdup_printf(
      ". 1:1(0) ack %d <sack %d:%d>", SEGMENT(n), SEGMENT(from), SEGMENT(to));

  peer_sends(t, text);
}

/* -- the tail loss probe -- */

/* "with SACK a lone FIN goes out at 0, .2, .4, .8, 1.6, ..." and then as
 * without, one probe later: an orphan 8 repetitions, gone 102 s after the
 * first. */
static void test_lone_fin(void)
{
  static const int times[] = { 200,  400,   800,   1600,  3200,
                               6400, 12800, 25600, 51200, 0 };
  Peer *t = linux_with_sack();

  opens_after(t, 0);
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1");
  for (int i = 0; times[i]; i++)
    host_sends_at(t, MS(times[i]), "F. 1:1(0) ack 1");
  host_silent(t, MS(102400) - 1);
  host_is(t, "FIN-WAIT-1");
  runs_to(t, MS(102400));
  host_is(t, "CLOSED");
  peer_free(t);
}

/* "Only if SACK was negotiated." */
static void test_without_sack(void)
{
  Peer *t = linux_with_sack();

  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535 <mss 1460,sackOK>");
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1000>");
  host_sends(t, ". 1:1(0) ack 1 win 65535");
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1");
  host_sends_at(t, MS(200), "F. 1:1(0) ack 1");
  host_sends_at(t, MS(600), "F. 1:1(0) ack 1");
  host_sends_at(t, MS(1400), "F. 1:1(0) ack 1");
  peer_free(t);
}

/* "One segment in flight: first repetition at min(2*SRTT + 200 ms, RTO)." */
static void first_repetition(SimTime rtt, SimTime span, SimTime rto)
{
  Peer *t = linux_with_sack();

  opens_after(t, rtt);
  user_shuts(t, TCP_SHUTDOWN_SEND);
  host_sends(t, "F. 1:1(0) ack 1");
  host_sends_at(t, rtt + span, "F. 1:1(0) ack 1");
  met(t, "LOSS_PROBE");
  host_sends_at(t, rtt + span + rto, "F. 1:1(0) ack 1");
  host_sends_at(t, rtt + span + 3 * rto, "F. 1:1(0) ack 1");
  peer_free(t);
}

static void test_one_in_flight(void)
{
  first_repetition(MS(10), MS(210), MS(210));  /* RTO */
  first_repetition(MS(100), MS(300), MS(300)); /* RTO */
  first_repetition(MS(300), MS(800), MS(900)); /* 2*SRTT + 200 ms */
}

/* "several in flight: at 2*SRTT + 2 jiffies [6 ms], and it repeats the last
 * segment only (the FIN). Then a full RTO starts." */
static void test_several_in_flight(void)
{
  Peer *t = linux_with_sack();

  opens_after(t, MS(100));
  user_sends(t, 2000);
  host_sends_segments(t, 0, 2, true);
  user_closes(t);
  host_sends(t, "F. 2001:2001(0) ack 1");
  host_sends_at(t, MS(306), "F. 2001:2001(0) ack 1");
  met(t, "LOSS_PROBE");
  host_sends_at(t, MS(606), ". 1:1001(1000) ack 1");
  met(t, "RETRANSMISSION_TIMEOUT");
  peer_free(t);
}

/* What waits for CWND goes first. */
static void test_new_text(void)
{
  Peer *t = linux_with_sack();

  opens_after(t, MS(1));
  user_sends(t, 20000);
  host_sends_segments(t, 0, 10, false);
  user_shuts(t, TCP_SHUTDOWN_BOTH);
  host_silent(t, MS(2));
  peer_acks_segments(t, 1);
  host_sends_segments(t, 10, 12, false);
  host_sends_at(t, MS(10), ". 12001:13001(1000) ack 1");
  met(t, "LOSS_PROBE");
  runs_to(t, MS(20));
  peer_acks_segments(t, 13);
  host_sends_segments(t, 13, 19, false);
  host_sends(t, "FP. 19001:20001(1000) ack 1");
  peer_free(t);
}

/* -- growth -- */

/* Slow start by what is acknowledged, however much in one. */
static void test_slow_start(void)
{
  Peer *t = linux_with_sack();

  opens_after(t, MS(100));
  user_sends(t, 40000);
  host_sends_segments(t, 0, 10, false);
  peer_acks_segments(t, 1);
  host_sends_segments(t, 10, 12, false);
  peer_acks_segments(t, 3);
  host_sends_segments(t, 12, 16, false);
  peer_acks_segments(t, 7);
  host_sends_segments(t, 16, 24, false);
  windows_are(t, 17000, 1 << 30);
  peer_free(t);
}

/* A window that is not in use: it opens to twice what was outstanding. */
static void not_in_use(int count, uint32_t cwnd)
{
  Peer *t = linux_with_sack();

  opens_after(t, MS(100));
  user_sends(t, (uint32_t)count * 1000);
  host_sends_segments(t, 0, count, true);
  for (int i = 2; i <= count; i += 2)
    peer_acks_segments(t, i);
  peer_acks_segments(t, count);
  windows_are(t, cwnd, 1 << 30);
  peer_free(t);
}

static void test_not_in_use(void)
{
  not_in_use(5, 10000);
  not_in_use(9, 18000);
  not_in_use(10, 20000);
}

/* -- losses -- */

void ten_in_flight(Peer *t, SimTime rtt, uint32_t queued)
{
  opens_after(t, rtt);
  user_sends(t, queued);
  host_sends_segments(t, 0, 10, queued == 10000);
  runs_to(t, 2 * rtt);
}

/* It was only reordering: what the duplicates told does not count twice. */
static void test_limited_transmit(void)
{
  Peer *t = linux_with_sack();

  ten_in_flight(t, MS(100), 15000);
  peer_sacks_segments(t, 0, 1, 2);
  host_sends_segment(t, 10);
  peer_sacks_segments(t, 0, 1, 3);
  host_sends_segment(t, 11);
  peer_acks_segments(t, 3);
  host_sends_segments(t, 12, 14, false);
  windows_are(t, 11000, 1 << 30);
  peer_acks_segments(t, 5);
  host_sends_segments(t, 14, 15, true);
  peer_free(t);
}

static void test_limited_transmit_without_sack(void)
{
  Peer *t = linux_with_sack();

  peer_knob(t, "sack", 0);
  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535 <mss 1460>");
  host_silent(t, MS(100));
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1000>");
  host_sends(t, ". 1:1(0) ack 1 win 65535");
  user_sends(t, 15000);
  host_sends_segments(t, 0, 10, false);
  peer_acks_segments(t, 0); /* updates the window of the SYN: no duplicate */
  host_silent(t, MS(100));
  peer_acks_segments(t, 0);
  host_sends_segment(t, 10);
  peer_acks_segments(t, 0);
  host_sends_segment(t, 11);
  peer_acks_segments(t, 3);
  host_sends_segments(t, 12, 14, false);
  windows_are(t, 11000, 1 << 30);
  peer_free(t);
}

/* The first of ten: CUBIC's 7/10, and one out for one in. */
static void test_one_of_ten(void)
{
  Peer *t = linux_with_sack();

  ten_in_flight(t, MS(100), 10000);
  peer_sacks_segments(t, 0, 1, 2);
  peer_sacks_segments(t, 0, 1, 3);
  peer_sacks_segments(t, 0, 1, 4);
  host_sends_segment(t, 0);
  met(t, "RACK_LOST");
  windows_are(t, 7000, 7000);
  user_sends(t, 7000);
  for (int i = 4; i < 10; i++) {
    peer_sacks_segments(t, 0, 1, i + 1);
    host_sends_segment(t, 6 + i);
  }
  peer_acks_segments(t, 10);
  host_sends_segments(t, 16, 17, true);
  windows_are(t, 7000, 7000);
  peer_free(t);
}

/* One of twenty is lost: what each of the 19 ACKs behind it lets out. N: a new
 * segment, R: the lost one, -: nothing. */
/* Where a full piece of the send queue ends, behind ten segments and half of
 * the peer's window. */
#define PUSHED 41

static void check_one_of_twenty(int64_t congestion, const char *sent)
{
  Peer *t = linux_with_sack();
  int next = 30;

  peer_knob(t, "congestion", congestion);
  ten_in_flight(t, MS(50), 100000);
  for (int i = 0; i < 10; i++) {
    peer_acks_segments(t, i + 1);
    host_sends_segments(t, 10 + 2 * i, 12 + 2 * i, false);
  }
  host_silent(t, MS(150));
  for (int i = 1; i < 20; i++) {
    peer_sacks_segments(t, 10, 11, 11 + i);
    if (sent[i - 1] == 'N') {
      host_sends_segments(t, next, next + 1, next == PUSHED);
      next++;
    } else if (sent[i - 1] == 'R')
      host_sends_segment(t, 10);
    else
      host_silent(t, MS(150));
  }
  peer_free(t);
}

/* As measured, with reno and with cubic. Up to the 15th ACK the first is also
 * RFC 6937's figure (section 3.1). */
static void test_one_of_twenty(void)
{
  check_one_of_twenty(0, "NNR-N-N-N-N-N-N-N--");
  check_one_of_twenty(1, "NNRNN-NN-NN-NNN--NN");
}

/* The first four of ten, and more queued than goes. */
static void test_four_of_ten(void)
{
  Peer *t = linux_with_sack();

  ten_in_flight(t, MS(10), 10000);
  peer_sacks_segments(t, 0, 4, 5);
  peer_sacks_segments(t, 0, 4, 6);
  peer_sacks_segments(t, 0, 4, 7);
  host_sends_segment(t, 0);
  for (int i = 1; i < 4; i++) {
    peer_sacks_segments(t, 0, 4, 7 + i);
    host_sends_segment(t, i);
  }
  runs_to(t, MS(30));
  for (int i = 1; i < 4; i++)
    peer_sacks_segments(t, i, 4, 10);
  peer_acks_segments(t, 10);
  user_sends(t, 10000);
  host_sends_segments(t, 10, 17, false);
  peer_free(t);
}

/* Holes where what was sent before them has not been repeated yet. */
static void test_scattered(void)
{
  Peer *t = linux_with_sack();

  ten_in_flight(t, MS(100), 10000);
  peer_sends(t, ". 1:1(0) ack 1 <sack 2001:3001>");
  peer_sends(t, ". 1:1(0) ack 1 <sack 2001:3001 6001:7001>");
  peer_sends(t, ". 1:1(0) ack 1 <sack 2001:3001 6001:7001 8001:9001>");
  host_sends_segment(t, 0);
  host_silent(t, MS(207));
  peer_sends(t, ". 1:1(0) ack 1 <sack 2001:4001 6001:7001 8001:9001>");
  host_sends_segment(t, 1);
  peer_free(t);
}

/* One SACK at the end of four: a quarter of the least round trip. */
static void test_last_of_four(void)
{
  Peer *t = linux_with_sack();

  opens_after(t, MS(100));
  user_sends(t, 4000);
  host_sends_segments(t, 0, 4, true);
  host_silent(t, MS(200));
  peer_sacks_segments(t, 0, 3, 4);
  host_silent(t, MS(230));
  host_sends_at(t, MS(231), ". 1:1001(1000) ack 1");
  met(t, "RACK_REORDERING");
  peer_free(t);
}

/* The SACK of a byte says nothing of its segment: probe, time-out, and the
 * whole segment goes again. */
static void test_last_byte(void)
{
  Peer *t = linux_with_sack();

  opens_after(t, MS(100));
  user_sends(t, 4000);
  host_sends_segments(t, 0, 4, true);
  host_silent(t, MS(200));
  peer_sends(t, ". 1:1(0) ack 1 <sack 4000:4001>");
  host_sends_at(t, MS(306), "P. 3001:4001(1000) ack 1");
  host_sends_at(t, MS(606), ". 1:1001(1000) ack 1");
  host_silent(t, MS(1100));
  peer_sends(t, ". 1:1(0) ack 1001 <sack 4000:4001>");
  host_sends_segments(t, 1, 3, false);
  runs_to(t, MS(1200));
  peer_sends(t, ". 1:1(0) ack 3001 <sack 4000:4001>");
  host_sends(t, "P. 3001:4001(1000) ack 1");
  peer_free(t);
}

/* An ACK below SND.UNA can still bring SACKs. */
static void test_old_ack_with_sacks(void)
{
  Peer *t = linux_with_sack();

  ten_in_flight(t, MS(10), 10000);
  peer_sacks_segments(t, 0, 1, 2);
  peer_sacks_segments(t, 0, 1, 3);
  peer_sends(t, ". 1:1(0) ack 1 <sack 1001:3001 8001:9001>");
  host_sends_segment(t, 0);
  runs_to(t, MS(32));
  peer_sacks_segments(t, 4, 8, 9);
  host_sends_segments(t, 4, 7, false);
  user_sends(t, 10000);
  host_silent(t, MS(34));
  peer_sacks_segments(t, 3, 5, 7);
  host_sends_segment(t, 7);
  host_sends_segment(t, 10);
  peer_free(t);
}

/* After a time-out to CUBIC's 7/10 of the window, whatever was outstanding. */
static void test_timeout(void)
{
  Peer *t = linux_with_sack();

  opens_after(t, MS(100));
  user_sends(t, 1000);
  host_sends(t, "P. 1:1001(1000) ack 1");
  host_silent(t, MS(200));
  peer_acks_segments(t, 1);
  windows_are(t, 10000, 1 << 30);
  user_sends(t, 1000);
  host_sends(t, "P. 1001:2001(1000) ack 1");
  host_sends_at(t, MS(500), "P. 1001:2001(1000) ack 1");
  met(t, "LOSS_PROBE");
  host_sends_at(t, MS(800), "P. 1001:2001(1000) ack 1");
  runs_to(t, MS(900));
  peer_acks_segments(t, 2);
  windows_are(t, 2000, 7000);
  peer_free(t);
}

#define ADD(name, function) \
  g_test_add_func("/peer/linux/recovery/" name, test_##function)

void add_linux_recovery_tests(void)
{
  ADD("lone-fin", lone_fin);
  ADD("no-probe-without-sack", without_sack);
  ADD("probe-of-one-in-flight", one_in_flight);
  ADD("probe-of-several-in-flight", several_in_flight);
  ADD("probe-by-new-text", new_text);
  ADD("slow-start", slow_start);
  ADD("window-not-in-use", not_in_use);
  ADD("limited-transmit", limited_transmit);
  ADD("limited-transmit-without-sack", limited_transmit_without_sack);
  ADD("one-of-ten", one_of_ten);
  ADD("one-of-twenty", one_of_twenty);
  ADD("four-of-ten", four_of_ten);
  ADD("scattered", scattered);
  ADD("last-of-four", last_of_four);
  ADD("last-byte", last_byte);
  ADD("old-ack-with-sacks", old_ack_with_sacks);
  ADD("time-out", timeout);
}
