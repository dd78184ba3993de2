/* Data both ways: acknowledgments delayed and not, Nagle, PSH, the urgent
 * pointer, reassembly, the send buffer. */
#include "peer.h"

/* 3.8.6.3: "within 0.5 seconds", here 200 ms after the first (SHLD-18,
 * MUST-40). */
static void test_ack_delayed(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, "P. 1:11(10) ack 1");
  told(t, TCP_EVENT_READABLE);
  host_silent(t, MS(100));
  peer_sends(t, "P. 11:21(10) ack 1");
  host_silent(t, MS(200) - 1);
  host_sends_at(t, MS(200), ". 1:1(0) ack 21 win 65515");
  met(t, "ACK_DELAYED");
  host_silent(t, S(10));
  peer_free(t);
}

/* SHLD-19, MUST-58 */
static void test_ack_of_the_second_segment(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, ". 1:1461(1460) ack 1");
  peer_sends(t, ". 1461:2921(1460) ack 1");
  host_sends(t, ". 1:1(0) ack 2921");
  met(t, "ACK_SECOND");
  peer_sends(t, ". 2921:4381(1460) ack 1");
  host_sends_at(t, MS(200), ". 1:1(0) ack 4381");
  peer_free(t);
}

/* A sender may use smaller segments than it could. */
static void test_ack_of_the_second_small_segment(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, ". 1:537(536) ack 1");
  peer_sends(t, ". 537:1073(536) ack 1");
  host_sends(t, ". 1:1(0) ack 1073");
  met(t, "ACK_SECOND");
  peer_free(t);
}

static void test_ack_rides_on_data(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, "P. 1:11(10) ack 1");
  host_silent(t, MS(100));
  user_sends(t, 10);
  host_sends(t, "P. 1:11(10) ack 11");
  peer_sends(t, ". 11:11(0) ack 11");
  host_silent(t, S(10));
  peer_free(t);
}

static void test_ack_not_delayed_by_knob(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "delayed_ack", 0);
  established(t);
  peer_sends(t, "P. 1:11(10) ack 1");
  host_sends(t, ". 1:1(0) ack 11");
  peer_free(t);
}

static void test_ack_of_the_fourth_segment(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "delayed_ack_segments", 4);
  established(t);
  peer_sends(t, ". 1:1461(1460) ack 1");
  peer_sends(t, ". 1461:2921(1460) ack 1");
  peer_sends(t, ". 2921:4381(1460) ack 1");
  peer_sends(t, ". 4381:5841(1460) ack 1");
  host_sends(t, ". 1:1(0) ack 5841");
  peer_free(t);
}

/* RFC 5681 4.2: at once beyond a gap, and when the gap is filled, be it in
 * part (MAY-13). */
static void test_ack_out_of_order(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, "P. 21:31(10) ack 1");
  host_sends(t, ". 1:1(0) ack 1");
  met(t, "ACK_OUT_OF_ORDER");
  peer_sends(t, "P. 31:41(10) ack 1");
  host_sends(t, ". 1:1(0) ack 1");
  peer_sends(t, "P. 1:11(10) ack 1");
  host_sends(t, ". 1:1(0) ack 11");
  met(t, "ACK_GAP_FILLED");
  peer_sends(t, "P. 11:21(10) ack 1");
  host_sends(t, ". 1:1(0) ack 41 win 65495");
  met(t, "ACK_GAP_FILLED");
  user_reads(t, 40);
  peer_free(t);
}

/* Overlaps in every way: before, behind, within, around (SHLD-31, MUST-59). */
static void test_reassembly(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, "P. 11:21(10) ack 1");
  host_sends(t, ". 1:1(0) ack 1");
  peer_sends(t, "P. 15:25(10) ack 1"); /* across its end */
  host_sends(t, ". 1:1(0) ack 1");
  peer_sends(t, "P. 8:13(5) ack 1"); /* across its beginning */
  host_sends(t, ". 1:1(0) ack 1");
  peer_sends(t, "P. 12:18(6) ack 1"); /* within */
  host_sends(t, ". 1:1(0) ack 1");
  peer_sends(t, "P. 30:35(5) ack 1"); /* another island */
  host_sends(t, ". 1:1(0) ack 1");
  peer_sends(t, "P. 5:40(35) ack 1"); /* around all */
  host_sends(t, ". 1:1(0) ack 1");
  peer_sends(t, "P. 1:6(5) ack 1");
  host_sends(t, ". 1:1(0) ack 40");
  user_reads(t, 39);
  peer_free(t);
}

static void test_partly_old(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, "P. 1:11(10) ack 1");
  peer_sends(t, "P. 6:16(10) ack 1");
  user_reads(t, 15);
  host_sends_at(t, MS(200), ". 1:1(0) ack 16");
  peer_free(t);
}

/* What lies behind the peer's own FIN is no text. */
static void test_text_behind_a_fin_beyond_a_gap(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, "F. 11:11(0) ack 1");
  host_sends(t, ". 1:1(0) ack 1");
  peer_sends(t, "P. 11:21(10) ack 1");
  peer_sends(t, "P. 1:11(10) ack 1");
  host_sends(t, ". 1:1(0) ack 12");
  host_is(t, "CLOSE-WAIT");
  user_reads(t, 10);
  user_reads_end(t);
  peer_free(t);
}

/* Text beyond the window is cut off, and so is a FIN behind it. */
static void test_cut_at_the_right_edge(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "receive_buffer", 100);
  user_connects(t);
  host_sends(t, "S 0:0(0) win 100 <mss 1460>");
  peer_sends(t, "S. 0:0(0) ack 1 <mss 1460>");
  host_sends(t, ". 1:1(0) ack 1 win 100");
  peer_sends(t, "FP. 1:101(100) ack 1"); /* the FIN is number 101 */
  host_sends_at(t, MS(200), ". 1:1(0) ack 101 win 0");
  host_is(t, "ESTABLISHED");
  user_reads(t, 100);
  host_sends(t, ". 1:1(0) ack 101 win 100");
  peer_sends(t, "FP. 101:102(1) ack 1");
  host_sends(t, ". 1:1(0) ack 103 win 98");
  host_is(t, "CLOSE-WAIT");
  peer_free(t);
}

/* -- 3.7.4 -- */

/* SHLD-7 */
static void test_nagle(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  user_sends(t, 100);
  user_sends(t, 1300);
  host_silent(t, MS(500));
  user_sends(t, 100); /* a full segment */
  host_sends(t, ". 101:1561(1460) ack 1");
  host_silent(t, MS(600));
  peer_sends(t, ". 1:1(0) ack 1561");
  host_sends(t, "P. 1561:1601(40) ack 1");
  peer_free(t);
}

/* MUST-17: "it MUST be possible for an application to disable" it. */
static void test_nagle_off(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sets(t, "nagle", 0);
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  user_sends(t, 100);
  host_sends(t, "P. 101:201(100) ack 1");
  peer_free(t);
}

static void test_nagle_switched_off_sends(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  user_sends(t, 100);
  user_sets(t, "nagle", 0);
  host_sends(t, "P. 101:201(100) ack 1");
  peer_free(t);
}

/* -- 3.9.1.2: PSH -- */

/* MUST-61, MAY-15 */
static void test_psh(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  user_sends_pushed(t, 50);
  user_sends(t, 3000);
  host_sends(t, "P. 101:1561(1460) ack 1"); /* holds the pushed byte */
  host_sends(t, ". 1561:3021(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 3021");
  host_sends(t, "P. 3021:3151(130) ack 1"); /* the last */
  peer_free(t);
}

/* -- 3.8.5 -- */

/* MUST-30, MUST-32, MUST-33 */
static void test_urgent_received(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, "PU. 1:11(10) ack 1 urg 20");
  told(t, TCP_EVENT_URGENT);
  number_is(t, "RCV.UP", (int32_t)(user_status(t).rcv.up - PEER_ISS), 21);
  peer_sends(t, "PU. 11:16(5) ack 1 urg 10"); /* the same */
  not_told(t, TCP_EVENT_URGENT);
  peer_sends(t, "PU. 16:21(5) ack 1 urg 4"); /* before it */
  not_told(t, TCP_EVENT_URGENT);
  peer_sends(t, "P. 21:26(5) ack 1 urg 50"); /* no flag, no pointer */
  not_told(t, TCP_EVENT_URGENT);
  peer_sends(t, "PU. 26:31(5) ack 1 urg 5");
  told(t, TCP_EVENT_URGENT);
  number_is(t, "RCV.UP", (int32_t)(user_status(t).rcv.up - PEER_ISS), 31);
  user_reads(t, 30);
  host_sends_at(t, MS(200), ". 1:1(0) ack 31");
  peer_free(t);
}

static void test_urgent_received_as_in_rfc_1122(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "urgent_to_last", 1);
  established(t);
  peer_sends(t, "PU. 1:11(10) ack 1 urg 19");
  told(t, TCP_EVENT_URGENT);
  number_is(t, "RCV.UP", (int32_t)(user_status(t).rcv.up - PEER_ISS), 21);
  peer_free(t);
}

/* 3.10.7.3: "continue processing at the sixth step" */
static void test_urgent_with_syn_ack(void)
{
  Peer *t = peer_new(0);

  reaches(t, "SYN-SENT");
  peer_sends(t, "SU. 0:10(10) ack 1 urg 20");
  host_sends(t, ". 1:1(0) ack 11");
  told(t, TCP_EVENT_URGENT);
  peer_free(t);
}

/* "Ignored: a FIN has been received from the remote side." */
static void test_urgent_behind_fin(void)
{
  Peer *t = peer_new(0);

  reaches(t, "CLOSE-WAIT");
  peer_sends(t, "U. 2:2(0) ack 1 urg 5");
  not_told(t, TCP_EVENT_URGENT);
  peer_free(t);
}

/* MUST-62: the pointer is to the octet behind the urgent data; every segment
 * up to there has it. */
static void test_urgent_sent(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends_urgent(t, 3000);
  host_sends(t, "U. 1:1461(1460) ack 1 urg 3000");
  host_sends(t, "U. 1461:2921(1460) ack 1 urg 1540");
  user_sends(t, 1460); /* Nagle held 80 */
  host_sends(t, "U. 2921:4381(1460) ack 1 urg 80");
  peer_sends(t, ". 1:1(0) ack 4381");
  host_sends(t, "P. 4381:4461(80) ack 1");
  peer_free(t);
}

/* MUST-31: "urgent data of any length": what the field cannot say is said as
 * far as it can. */
static void test_urgent_sent_far_away(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "initial_window", 1);
  peer_knob(t, "send_buffer", 100000);
  established(t);
  user_sends_urgent(t, 66996);
  host_sends(t, "U. 1:1461(1460) ack 1 urg 65535");
  peer_sends(t, ". 1:1(0) ack 1461");
  host_sends(t, "U. 1461:2921(1460) ack 1 urg 65535");
  host_sends(t, "U. 2921:4381(1460) ack 1 urg 64076");
  peer_free(t);
}

static void test_urgent_sent_as_in_rfc_1122(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "urgent_to_last", 1);
  established(t);
  user_sends_urgent(t, 10);
  host_sends(t, "PU. 1:11(10) ack 1 urg 9");
  peer_free(t);
}

/* -- the send buffer -- */

static void test_send_buffer_full(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "send_buffer", 1000);
  established(t);
  user_sends(t, 1000);
  host_sends(t, "P. 1:1001(1000) ack 1");
  user_send_refused(t, "EAGAIN");
  not_told(t, TCP_EVENT_WRITABLE);
  peer_sends(t, ". 1:1(0) ack 501");
  told(t, TCP_EVENT_WRITABLE | TCP_EVENT_ACKED);
  number_is(t, "room", tcp_writable(t->conn), 500);
  user_sends(t, 500);
  peer_sends(t, ". 1:1(0) ack 1001");
  not_told(t, TCP_EVENT_WRITABLE);
  host_sends(t, "P. 1001:1501(500) ack 1");
  peer_free(t);
}

void add_text_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/" path, test_##name)
  ADD("ack/delayed", ack_delayed);
  ADD("ack/second-segment", ack_of_the_second_segment);
  ADD("ack/second-segment-536", ack_of_the_second_small_segment);
  ADD("ack/rides-on-data", ack_rides_on_data);
  ADD("ack/not-delayed", ack_not_delayed_by_knob);
  ADD("ack/fourth-segment", ack_of_the_fourth_segment);
  ADD("ack/out-of-order", ack_out_of_order);
  ADD("text/reassembly", reassembly);
  ADD("text/partly-old", partly_old);
  ADD("text/behind-fin-beyond-gap", text_behind_a_fin_beyond_a_gap);
  ADD("text/right-edge", cut_at_the_right_edge);
  ADD("nagle/on", nagle);
  ADD("nagle/off", nagle_off);
  ADD("nagle/switched-off", nagle_switched_off_sends);
  ADD("psh/last-and-pushed", psh);
  ADD("urg/received", urgent_received);
  ADD("urg/received-rfc-1122", urgent_received_as_in_rfc_1122);
  ADD("urg/syn-sent", urgent_with_syn_ack);
  ADD("urg/close-wait", urgent_behind_fin);
  ADD("urg/sent", urgent_sent);
  ADD("urg/sent-far-away", urgent_sent_far_away);
  ADD("urg/sent-rfc-1122", urgent_sent_as_in_rfc_1122);
  ADD("send-buffer/full", send_buffer_full);
#undef ADD
}
