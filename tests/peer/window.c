/* The send window: closed, probed, opened, shrunk; silly window avoidance on
 * both sides; the receive window. */
#include "peer.h"

static void closed_window(Peer *t)
{
  established(t);
  peer_sends(t, ". 1:1(0) ack 1 win 0");
}

/* 3.8.6.1: "the first zero window probe when a zero window has existed for the
 * retransmission timeout period (SHLD-29)"; then doubling (SHLD-30). A peer
 * that answers is never given up (MUST-37) (MUST-35, MUST-36, SHLD-29,
 * SHLD-30). */
static void test_probes(void)
{
  static const int seconds[] = { 1,   3,   7,   15,  31,  63,  123,
                                 183, 243, 303, 363, 423, 483, 543 };
  Peer *t = peer_new(0);

  closed_window(t);
  user_sends(t, 100);
  for (unsigned i = 0; i < G_N_ELEMENTS(seconds); i++) {
    host_silent(t, S(seconds[i]) - 1);
    host_sends_at(t, S(seconds[i]), ". 1:2(1) ack 1");
    met(t, "ZERO_WINDOW_PROBE");
    peer_sends(t, ". 1:1(0) ack 1 win 0");
  }
  host_is(t, "ESTABLISHED");
  peer_free(t);
}

/* MUST-37 */
static void test_probes_not_answered(void)
{
  static const int seconds[] = { 1, 3, 7, 15, 31, 63, 123, 183, 243 };
  Peer *t = peer_new(0);

  closed_window(t);
  user_sends(t, 100);
  for (unsigned i = 0; i < G_N_ELEMENTS(seconds); i++)
    host_sends_at(t, S(seconds[i]), ". 1:2(1) ack 1");
  host_silent(t, S(300) - 1);
  host_is(t, "ESTABLISHED");
  host_silent(t, S(300));
  met(t, "GIVE_UP_PROBING");
  host_is(t, "CLOSED");
  user_error(t, "ETIMEDOUT");
  peer_free(t);
}

static void test_opens_before_a_probe(void)
{
  Peer *t = peer_new(0);

  closed_window(t);
  user_sends(t, 100);
  host_silent(t, MS(500));
  peer_sends(t, ". 1:1(0) ack 1 win 1000");
  host_sends(t, "P. 1:101(100) ack 1");
  peer_sends(t, ". 1:1(0) ack 101 win 1000");
  host_silent(t, S(100));
  peer_free(t);
}

/* What was thrown away is sent again at once. */
static void test_opens_after_a_probe(void)
{
  Peer *t = peer_new(0);

  closed_window(t);
  user_sends(t, 100);
  host_sends_at(t, S(1), ". 1:2(1) ack 1");
  host_silent(t, S(2));
  peer_sends(t, ". 1:1(0) ack 1 win 1000");
  host_sends(t, ". 1:2(1) ack 1");
  met(t, "WINDOW_OPENED");
  peer_sends(t, ". 1:1(0) ack 2 win 1000");
  host_sends(t, "P. 2:101(99) ack 1");
  peer_free(t);
}

/* From then on it is an ordinary loss: 1 s, and R2 begins anew. */
static void test_opens_and_falls_silent(void)
{
  static const int probes[] = { 1, 3, 7, 15, 31, 63, 123, 183 };
  static const int repeats[] = { 201, 203, 207, 215, 231, 263, 323, 383, 443 };
  Peer *t = peer_new(0);

  closed_window(t);
  user_sends(t, 100);
  for (unsigned i = 0; i < G_N_ELEMENTS(probes); i++)
    host_sends_at(t, S(probes[i]), ". 1:2(1) ack 1");
  host_silent(t, S(200));
  peer_sends(t, ". 1:1(0) ack 1 win 1000");
  host_sends(t, ". 1:2(1) ack 1");
  for (unsigned i = 0; i < G_N_ELEMENTS(repeats); i++)
    host_sends_at(t, S(repeats[i]), ". 1:2(1) ack 1");
  host_silent(t, S(500) - 1);
  host_is(t, "ESTABLISHED");
  host_silent(t, S(500));
  met(t, "GIVE_UP");
  peer_free(t);
}

static void test_probe_taken(void)
{
  Peer *t = peer_new(0);

  closed_window(t);
  user_sends(t, 100);
  host_sends_at(t, S(1), ". 1:2(1) ack 1");
  peer_sends(t, ". 1:1(0) ack 2 win 0");
  host_silent(t, S(2) - 1);
  host_sends_at(t, S(2), ". 2:3(1) ack 1");
  met(t, "ZERO_WINDOW_PROBE");
  peer_sends(t, ". 1:1(0) ack 3 win 100");
  host_sends(t, "P. 3:101(98) ack 1");
  peer_free(t);
}

/* MUST-34: the usable window may become negative. Nothing new is sent, what
 * was sent is repeated (SHLD-15, SHLD-16, SHLD-17, MAY-7). */
static void test_shrinks(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 6000);
  host_sends(t, ". 1:1461(1460) ack 1");
  host_sends(t, ". 1461:2921(1460) ack 1");
  host_sends(t, ". 2921:4381(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 1461 win 0");
  host_silent(t, S(1) - 1);
  host_sends_at(t, S(1), ". 1461:2921(1460) ack 1");
  met(t, "RETRANSMISSION_TIMEOUT");
  peer_sends(t, ". 1:1(0) ack 4381 win 2000");
  host_sends(t, ". 4381:5841(1460) ack 1");
  peer_free(t);
}

/* "The window should be updated": by a segment that is not older than the
 * last that did (SND.WL1, SND.WL2). */
static void test_old_segment_keeps_the_window(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, "P. 11:21(10) ack 1 win 3000");
  host_sends(t, ". 1:1(0) ack 1");
  number_is(t, "SND.WND", user_status(t).snd.wnd, 3000);
  number_is(t, "SND.WL1", (int32_t)(user_status(t).snd.wl1 - PEER_ISS), 11);
  number_is(t, "SND.WL2", (int32_t)(user_status(t).snd.wl2 - HOST_ISS), 1);
  peer_sends(t, "P. 1:11(10) ack 1 win 4000");
  host_sends(t, ". 1:1(0) ack 21");
  number_is(t, "SND.WND", user_status(t).snd.wnd, 3000);
  peer_sends(t, ". 21:21(0) ack 1 win 5000");
  number_is(t, "SND.WND", user_status(t).snd.wnd, 5000);
  peer_sends(t, ". 21:21(0) ack 0 win 6000");
  number_is(t, "SND.WND", user_status(t).snd.wnd, 5000);
  peer_free(t);
}

/* The peer does not know that its last byte arrived: its ACK is no less
 * true for that. */
static void test_ack_behind_the_window(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  peer_sends(t, ". 0:0(0) ack 101");
  host_sends(t, ". 101:101(0) ack 1");
  number_is(t, "unacknowledged", tcp_unacknowledged(t->conn), 0);
  user_sends(t, 100);
  host_sends(t, "P. 101:201(100) ack 1");
  peer_sends(t, ". -1:-1(0) ack 201");
  host_sends(t, ". 201:201(0) ack 1");
  number_is(t, "unacknowledged", tcp_unacknowledged(t->conn), 100);
  peer_free(t);
}

/* -- 3.8.6.2.1: the sender -- */

/* MUST-60 */
static void test_small_window_waits_for_override(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, ". 1:1(0) ack 1 win 500");
  user_sends(t, 2000);
  host_silent(t, MS(200) - 1);
  host_sends_at(t, MS(200), ". 1:501(500) ack 1");
  met(t, "SWS_OVERRIDE");
  peer_sends(t, ". 1:1(0) ack 501 win 500");
  host_silent(t, MS(400) - 1);
  host_sends_at(t, MS(400), ". 501:1001(500) ack 1");
  peer_free(t);
}

static void test_small_window_grows_in_time(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, ". 1:1(0) ack 1 win 500");
  user_sends(t, 2000);
  host_silent(t, MS(100));
  peer_sends(t, ". 1:1(0) ack 1 win 1460");
  host_sends(t, ". 1:1461(1460) ack 1");
  peer_free(t);
}

/* "the maximum of the requirement min (D, U) >= Fs * Max(SND.WND)", Fs 1/2
 * (MUST-38) */
static void test_half_of_the_largest_window(void)
{
  Peer *t = peer_new(0);

  user_listens(t);
  peer_sends(t, "S 0:0(0) win 1000 <mss 1460>");
  host_sends(t, "S. 0:0(0) ack 1 <mss 1460>");
  peer_sends(t, ". 1:1(0) ack 1 win 1000");
  user_sends(t, 3000);
  host_sends(t, ". 1:1001(1000) ack 1");
  peer_sends(t, ". 1:1(0) ack 1001 win 499");
  host_silent(t, MS(100));
  peer_sends(t, ". 1:1(0) ack 1001 win 500");
  host_sends(t, ". 1001:1501(500) ack 1");
  peer_free(t);
}

/* Max(SND.WND) is the largest so far, not the SYN's. */
static void test_largest_window_grows(void)
{
  Peer *t = peer_new(0);

  user_listens(t);
  peer_sends(t, "S 0:0(0) win 1000 <mss 1460>");
  host_sends(t, "S. 0:0(0) ack 1 <mss 1460>");
  peer_sends(t, ". 1:1(0) ack 1 win 10000");
  peer_sends(t, ". 1:1(0) ack 1 win 700");
  user_sends(t, 2000);
  host_silent(t, MS(200) - 1);
  host_sends_at(t, MS(200), ". 1:701(700) ack 1");
  met(t, "SWS_OVERRIDE");
  peer_free(t);
}

static void test_all_that_is_queued_fits(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, ". 1:1(0) ack 1 win 500");
  user_sends(t, 500);
  host_sends(t, "P. 1:501(500) ack 1");
  peer_free(t);
}

/* -- 3.8.6.2.2: the receiver. A buffer of 4000 bytes. -- */

static void small_buffer(Peer *t)
{
  peer_knob(t, "receive_buffer", 4000);
  user_connects(t);
  host_sends(t, "S 0:0(0) win 4000 <mss 1460>");
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_sends(t, ". 1:1(0) ack 1 win 4000");
}

static void full_buffer(Peer *t)
{
  small_buffer(t);
  peer_sends(t, ". 1:1461(1460) ack 1");
  peer_sends(t, ". 1461:2921(1460) ack 1");
  host_sends(t, ". 1:1(0) ack 2921 win 1080");
  peer_sends(t, "P. 2921:4001(1080) ack 1");
  host_sends_at(t, MS(200), ". 1:1(0) ack 4001 win 0");
}

/* MUST-39, MAY-8 */
static void test_window_update(void)
{
  Peer *t = peer_new(0);

  full_buffer(t);
  user_reads_some(t, 1000);
  user_reads_some(t, 999);
  host_silent(t, S(1));
  user_reads_some(t, 1); /* half of the buffer */
  host_sends(t, ". 1:1(0) ack 4001 win 2000");
  met(t, "WINDOW_UPDATE");
  peer_free(t);
}

/* "keep RCV.NXT+RCV.WND fixed until RCV.BUFF - RCV.USER - RCV.WND >= min(
 * Fr * RCV.BUFF, Eff.snd.MSS)" (SHLD-14) */
static void test_right_edge_stays(void)
{
  Peer *t = peer_new(0);

  small_buffer(t);
  peer_sends(t, "P. 1:1001(1000) ack 1");
  user_reads(t, 1000);
  host_sends_at(t, MS(200), ". 1:1(0) ack 1001 win 3000");
  peer_sends(t, "P. 1001:1461(460) ack 1");
  user_reads(t, 460);
  host_sends_at(t, MS(400), ". 1:1(0) ack 1461 win 4000");
  peer_free(t);
}

/* Fr is 1/2 where that is less than a segment. */
static void test_right_edge_of_a_tiny_buffer(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "receive_buffer", 1000);
  user_connects(t);
  host_sends(t, "S 0:0(0) win 1000 <mss 1460>");
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_sends(t, ". 1:1(0) ack 1 win 1000");
  peer_sends(t, "P. 1:400(399) ack 1");
  user_reads(t, 399);
  host_sends_at(t, MS(200), ". 1:1(0) ack 400 win 601");
  peer_sends(t, "P. 400:500(100) ack 1");
  user_reads(t, 100);
  host_sends_at(t, MS(400), ". 1:1(0) ack 500 win 501");
  peer_sends(t, "P. 500:501(1) ack 1");
  user_reads(t, 1);
  host_sends(t, ". 1:1(0) ack 501 win 1000");
  met(t, "WINDOW_UPDATE");
  peer_free(t);
}

/* Nobody waits for a window behind the peer's FIN. */
static void test_no_update_behind_fin(void)
{
  Peer *t = peer_new(0);

  small_buffer(t);
  peer_sends(t, ". 1:1461(1460) ack 1");
  peer_sends(t, "FP. 1461:2921(1460) ack 1");
  host_sends(t, ". 1:1(0) ack 2922 win 1079");
  user_reads(t, 2920);
  host_silent(t, S(1));
  peer_free(t);
}

/* What nobody will read does not fill the buffer. */
static void test_receive_shut(void)
{
  Peer *t = peer_new(0);

  small_buffer(t);
  user_shuts(t, TCP_SHUTDOWN_RECEIVE);
  peer_sends(t, ". 1:1461(1460) ack 1");
  peer_sends(t, ". 1461:2921(1460) ack 1");
  host_sends(t, ". 1:1(0) ack 2921 win 4000");
  peer_sends(t, ". 4381:5841(1460) ack 1");
  host_sends(t, ". 1:1(0) ack 2921 win 4000");
  peer_sends(t, ". 2921:4381(1460) ack 1");
  host_sends(t, ". 1:1(0) ack 5841 win 4000");
  user_reads_end(t);
  peer_free(t);
}

/* With RCV.WND = 0 "special allowance should be made to accept valid ACKs,
 * URGs, and RSTs". */
static void test_closed_receive_window_probe(void)
{
  Peer *t = peer_new(0);

  full_buffer(t);
  peer_sends(t, ". 4001:4002(1) ack 1");
  host_sends(t, ". 1:1(0) ack 4001 win 0");
  met(t, "WINDOW_CLOSED");
  user_reads_some(t, 1500);
  peer_sends(t, ". 4001:4002(1) ack 1");
  host_sends(t, ". 1:1(0) ack 4001 win 1500");
  user_reads_some(t, 2500);
  host_sends(t, ". 1:1(0) ack 4001 win 4000");
  peer_free(t);
}

static void test_closed_receive_window_ack(void)
{
  Peer *t = peer_new(0);

  full_buffer(t);
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 4001 win 0");
  peer_sends(t, ". 4001:4002(1) ack 101");
  host_sends(t, ". 101:101(0) ack 4001 win 0");
  number_is(t, "unacknowledged", tcp_unacknowledged(t->conn), 0);
  host_silent(t, S(100));
  peer_free(t);
}

/* MUST-66 */
static void test_closed_receive_window_urg(void)
{
  Peer *t = peer_new(0);

  full_buffer(t);
  peer_sends(t, "U. 4001:4002(1) ack 1 urg 1");
  host_sends(t, ". 1:1(0) ack 4001 win 0");
  told(t, TCP_EVENT_URGENT);
  peer_free(t);
}

static void test_closed_receive_window_rst(void)
{
  Peer *t = peer_new(0);

  full_buffer(t);
  peer_sends(t, "R 4002:4002(0)");
  met(t, "RST_OUTSIDE");
  host_is(t, "ESTABLISHED");
  peer_sends(t, "R 4001:4001(0)");
  met(t, "RST");
  host_is(t, "CLOSED");
  peer_free(t);
}

static void test_closed_receive_window_other(void)
{
  Peer *t = peer_new(0);

  full_buffer(t);
  peer_sends(t, ". 4002:4003(1) ack 1");
  host_sends(t, ". 1:1(0) ack 4001 win 0");
  met(t, "UNACCEPTABLE");
  peer_sends(t, "F. 4001:4001(0) ack 1");
  host_sends(t, ". 1:1(0) ack 4001 win 0");
  met(t, "WINDOW_CLOSED");
  host_is(t, "ESTABLISHED");
  peer_sends(t, ". 4001:4001(0) ack 1");
  met(t, "TAKEN");
  host_silent(t, S(1));
  peer_free(t);
}

void add_window_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/window/" path, test_##name)
  ADD("zero-probes", probes);
  ADD("zero-probes-not-answered", probes_not_answered);
  ADD("zero-opens-before-probe", opens_before_a_probe);
  ADD("zero-opens-after-probe", opens_after_a_probe);
  ADD("zero-opens-falls-silent", opens_and_falls_silent);
  ADD("zero-probe-taken", probe_taken);
  ADD("shrinks", shrinks);
  ADD("old-segment", old_segment_keeps_the_window);
  ADD("ack-behind-window", ack_behind_the_window);
  ADD("small-override", small_window_waits_for_override);
  ADD("small-grows", small_window_grows_in_time);
  ADD("small-half-of-largest", half_of_the_largest_window);
  ADD("small-largest-grows", largest_window_grows);
  ADD("small-all-fits", all_that_is_queued_fits);
  ADD("receive-update", window_update);
  ADD("receive-right-edge", right_edge_stays);
  ADD("receive-right-edge-tiny", right_edge_of_a_tiny_buffer);
  ADD("receive-behind-fin", no_update_behind_fin);
  ADD("receive-shut", receive_shut);
  ADD("receive-closed-probe", closed_receive_window_probe);
  ADD("receive-closed-ack", closed_receive_window_ack);
  ADD("receive-closed-urg", closed_receive_window_urg);
  ADD("receive-closed-rst", closed_receive_window_rst);
  ADD("receive-closed-other", closed_receive_window_other);
#undef ADD
}
