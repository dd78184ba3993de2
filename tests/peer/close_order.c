/* Ending a connection in order: how the FIN leaves, how it is taken, and the
 * states between. */
#include "peer.h"

static void test_fin_alone(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1 win 65535");
  met(t, "CLOSE");
  met(t, "FIN_SENT");
  host_is(t, "FIN-WAIT-1");
  peer_sends(t, ". 1:1(0) ack 2");
  met(t, "FIN_ACKED");
  told(t, TCP_EVENT_FIN_ACKED);
  host_is(t, "FIN-WAIT-2");
  peer_sends(t, "F. 1:1(0) ack 2");
  host_sends(t, ". 2:2(0) ack 2 win 65534");
  told(t, TCP_EVENT_PEER_CLOSED);
  host_is(t, "TIME-WAIT");
  host_silent(t, S(240) - 1);
  host_is(t, "TIME-WAIT");
  host_silent(t, S(240));
  met(t, "TIME_WAIT_EXPIRED");
  told(t, TCP_EVENT_CLOSED);
  host_is(t, "CLOSED");
  peer_free(t);
}

static void test_fin_rides_on_the_last_data(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  user_sends(t, 50); /* waits for Nagle */
  user_closes(t);
  host_sends(t, "FP. 101:151(50) ack 1");
  peer_sends(t, ". 1:1(0) ack 151");
  host_is(t, "FIN-WAIT-1");
  peer_sends(t, ". 1:1(0) ack 152");
  host_is(t, "FIN-WAIT-2");
  peer_free(t);
}

/* The state moves at the call, the FIN leaves behind what is queued. */
static void test_fin_waits_behind_the_queue(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 10000);
  host_sends(t, ". 1:1461(1460) ack 1");
  host_sends(t, ". 1461:2921(1460) ack 1");
  host_sends(t, ". 2921:4381(1460) ack 1");
  user_closes(t);
  host_is(t, "FIN-WAIT-1");
  host_silent(t, MS(500));
  peer_sends(t, ". 1:1(0) ack 4381");
  host_sends(t, ". 4381:5841(1460) ack 1");
  host_sends(t, ". 5841:7301(1460) ack 1");
  host_sends(t, ". 7301:8761(1460) ack 1");
  host_sends(t, "FP. 8761:10001(1240) ack 1");
  peer_sends(t, "F. 1:1(0) ack 10002");
  host_sends(t, ". 10002:10002(0) ack 2");
  host_is(t, "TIME-WAIT");
  peer_free(t);
}

/* RFC 6298: 1 s, doubled, at most 60 s; R2 is 300 s (MUST-19, MUST-20,
 * SHLD-11). */
static void test_fin_repeated_until_given_up(void)
{
  static const int seconds[] = { 1, 3, 7, 15, 31, 63, 123, 183, 243 };
  Peer *t = peer_new(0);

  established(t);
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1");
  for (unsigned i = 0; i < G_N_ELEMENTS(seconds); i++) {
    host_silent(t, S(seconds[i]) - 1);
    host_sends_at(t, S(seconds[i]), "F. 1:1(0) ack 1");
    met(t, i == 2 ? "DOUBTFUL" : "RETRANSMISSION_TIMEOUT");
  }
  host_silent(t, S(300) - 1);
  host_is(t, "FIN-WAIT-1");
  host_silent(t, S(300));
  met(t, "GIVE_UP");
  host_is(t, "CLOSED");
  user_error(t, "ETIMEDOUT");
  peer_free(t);
}

static void test_last_fin_repeated(void)
{
  Peer *t = peer_new(0);

  reaches(t, "LAST-ACK");
  host_sends_at(t, S(1), "F. 1:1(0) ack 2");
  host_sends_at(t, S(3), "F. 1:1(0) ack 2");
  peer_sends(t, ". 2:2(0) ack 2");
  met(t, "LAST_ACK_FIN_ACKED");
  host_is(t, "CLOSED");
  user_error(t, "OK");
  peer_free(t);
}

static void test_fin_and_data_repeated(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  user_closes(t);
  host_sends(t, "F. 101:101(0) ack 1");
  host_sends_at(t, S(1), "FP. 1:101(100) ack 1");
  peer_sends(t, ". 1:1(0) ack 102");
  host_is(t, "FIN-WAIT-2");
  peer_free(t);
}

/* The FIN takes no room of the MSS. */
static void test_fin_and_full_segment_repeated(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 1460);
  host_sends(t, "P. 1:1461(1460) ack 1");
  user_closes(t);
  host_sends(t, "F. 1461:1461(0) ack 1");
  host_sends_at(t, S(1), "FP. 1:1461(1460) ack 1");
  peer_free(t);
}

/* The FIN has a number, and a closed window has no room for it. */
static void test_fin_refused_by_zero_window(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, ". 1:1(0) ack 1 win 0");
  user_closes(t);
  host_is(t, "FIN-WAIT-1");
  host_sends_at(t, S(1), "F. 1:1(0) ack 1");
  met(t, "ZERO_WINDOW_PROBE");
  peer_sends(t, ". 1:1(0) ack 1 win 0");
  host_sends_at(t, S(3), "F. 1:1(0) ack 1");
  host_sends_at(t, S(7), "F. 1:1(0) ack 1");
  peer_sends(t, ". 1:1(0) ack 1 win 100");
  host_sends(t, "F. 1:1(0) ack 1");
  met(t, "WINDOW_OPENED");
  peer_sends(t, ". 1:1(0) ack 2");
  host_is(t, "FIN-WAIT-2");
  peer_free(t);
}

static void test_fin_behind_data_that_fills_the_window(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, ". 1:1(0) ack 1 win 100");
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  user_closes(t);
  host_silent(t, MS(900));
  peer_sends(t, ". 1:1(0) ack 101 win 1");
  host_sends(t, "F. 101:101(0) ack 1");
  peer_free(t);
}

static void test_fin_before_missing_data(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, "FP. 11:21(10) ack 1");
  host_sends(t, ". 1:1(0) ack 1");
  met(t, "ACK_OUT_OF_ORDER");
  host_is(t, "ESTABLISHED");
  not_told(t, TCP_EVENT_PEER_CLOSED);
  user_read_refused(t, "EAGAIN");
  peer_sends(t, "P. 1:11(10) ack 1");
  host_sends(t, ". 1:1(0) ack 22 win 65514");
  met(t, "FIN_RECEIVED");
  host_is(t, "CLOSE-WAIT");
  told(t, TCP_EVENT_PEER_CLOSED | TCP_EVENT_READABLE);
  user_reads(t, 20);
  user_reads_end(t);
  user_reads_end(t);
  peer_free(t);
}

static void test_fin_before_missing_data_in_fin_wait_1(void)
{
  Peer *t = peer_new(0);

  reaches(t, "FIN-WAIT-1");
  peer_sends(t, "F. 11:11(0) ack 1");
  host_sends(t, ". 2:2(0) ack 1");
  peer_sends(t, "P. 1:11(10) ack 1");
  host_sends(t, ". 2:2(0) ack 12");
  met(t, "FIN_BOTH");
  host_is(t, "CLOSING");
  user_reads(t, 10);
  user_reads_end(t);
  peer_free(t);
}

static void test_fin_before_missing_data_in_fin_wait_2(void)
{
  Peer *t = peer_new(0);

  reaches(t, "FIN-WAIT-2");
  peer_sends(t, "F. 11:11(0) ack 2");
  host_sends(t, ". 2:2(0) ack 1");
  peer_sends(t, "P. 1:11(10) ack 2");
  host_sends(t, ". 2:2(0) ack 12");
  host_is(t, "TIME-WAIT");
  user_reads(t, 10);
  user_reads_end(t);
  peer_free(t);
}

/* 3.6 case 2 and 3.9.2: "a host may half-close". */
static void test_half_close_by_the_host(void)
{
  Peer *t = peer_new(0);

  reaches(t, "FIN-WAIT-2");
  user_send_refused(t, "EPIPE");
  peer_sends(t, "P. 1:101(100) ack 2");
  host_sends_at(t, MS(200), ". 2:2(0) ack 101 win 65435");
  user_reads(t, 100);
  host_silent(t, S(1000));
  host_is(t, "FIN-WAIT-2");
  peer_sends(t, "FP. 101:201(100) ack 2");
  host_sends(t, ". 2:2(0) ack 202");
  user_reads(t, 100);
  user_reads_end(t);
  host_is(t, "TIME-WAIT");
  peer_free(t);
}

static void test_half_close_by_the_peer(void)
{
  Peer *t = peer_new(0);

  reaches(t, "CLOSE-WAIT");
  user_reads_end(t);
  host_silent(t, S(1000));
  host_is(t, "CLOSE-WAIT");
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 2");
  peer_sends(t, ". 2:2(0) ack 101");
  user_closes(t);
  host_sends(t, "F. 101:101(0) ack 2");
  met(t, "LAST_FIN_SENT");
  host_is(t, "LAST-ACK");
  peer_sends(t, ". 2:2(0) ack 102");
  host_is(t, "CLOSED");
  peer_free(t);
}

static void test_shutdown_of_both_directions(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_shuts(t, TCP_SHUTDOWN_BOTH);
  host_sends(t, "F. 1:1(0) ack 1");
  user_send_refused(t, "EPIPE");
  user_reads_end(t);
  peer_sends(t, "P. 1:101(100) ack 2");
  host_sends_at(t, MS(200), ". 2:2(0) ack 101 win 65435");
  user_reads_end(t);
  host_is(t, "FIN-WAIT-2");
  peer_free(t);
}

static void test_shutdown_of_receiving(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_shuts(t, TCP_SHUTDOWN_RECEIVE);
  host_is(t, "ESTABLISHED");
  user_reads_end(t);
  user_sends(t, 10);
  host_sends(t, "P. 1:11(10) ack 1");
  peer_free(t);
}

static void test_simultaneous_close(void)
{
  Peer *t = peer_new(MS(10));

  user_connects(t);
  host_sends_at(t, MS(10), "S 0:0(0) win 65535 <mss 1460>");
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_sends_at(t, MS(30), ". 1:1(0) ack 1");
  peer_sends(t, "F. 1:1(0) ack 1");
  user_closes(t);
  host_is(t, "FIN-WAIT-1");
  host_sends_at(t, MS(40), "F. 1:1(0) ack 1");
  peer_sends(t, ". 2:2(0) ack 2");
  host_is(t, "CLOSING");
  host_sends_at(t, MS(50), ". 2:2(0) ack 2");
  host_is(t, "TIME-WAIT");
  host_silent(t, MS(50) + S(240) - 1);
  host_is(t, "TIME-WAIT");
  host_silent(t, MS(50) + S(240));
  host_is(t, "CLOSED");
  peer_free(t);
}

static void test_closing_fin_repeated(void)
{
  Peer *t = peer_new(0);

  reaches(t, "CLOSING");
  host_sends_at(t, S(1), "F. 1:1(0) ack 2");
  met(t, "RETRANSMISSION_TIMEOUT");
  peer_sends(t, ". 2:2(0) ack 2");
  host_is(t, "TIME-WAIT");
  peer_free(t);
}

/* The ACK of the peer's FIN waits for the user's own. */
static void test_three_segments(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "delay_fin_ack", 1);
  established(t);
  peer_sends(t, "F. 1:1(0) ack 1");
  host_is(t, "CLOSE-WAIT");
  runs_to(t, MS(150));
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 2");
  host_is(t, "LAST-ACK");
  peer_sends(t, ". 2:2(0) ack 2");
  host_is(t, "CLOSED");
  peer_free(t);
}

static void test_three_segments_too_late(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "delay_fin_ack", 1);
  established(t);
  peer_sends(t, "F. 1:1(0) ack 1");
  host_sends_at(t, MS(200), ". 1:1(0) ack 2");
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 2");
  peer_free(t);
}

/* An application that closes at the peer's end of data, at once. */
static void test_close_when_told(void)
{
  Peer *t = peer_new(0);

  t->close_on = TCP_EVENT_PEER_CLOSED;
  established(t);
  peer_sends(t, "F. 1:1(0) ack 1");
  host_sends(t, "F. 1:1(0) ack 2");
  host_is(t, "LAST-ACK");
  host_silent(t, S(1) - 1);
  host_sends_at(t, S(1), "F. 1:1(0) ack 2");
  peer_sends(t, ". 2:2(0) ack 2");
  host_is(t, "CLOSED");
  peer_free(t);
}

/* The ACK that came with the FIN has restarted the timer. */
static void test_close_when_told_restarts(void)
{
  Peer *t = peer_new(0);

  t->close_on = TCP_EVENT_PEER_CLOSED;
  established(t);
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  host_silent(t, MS(500));
  peer_sends(t, "F. 1:1(0) ack 51");
  host_sends(t, "F. 101:101(0) ack 2");
  host_silent(t, MS(1500) - 1);
  host_sends_at(t, MS(1500), "FP. 51:101(50) ack 2");
  peer_free(t);
}

static void test_sender_refused_after_close(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1");
  user_send_refused(t, "EPIPE");
  user_read_refused(t, "EPIPE");
  number_is(t, "a second close", tcp_close(t->conn), TCP_EINVAL);
  peer_free(t);
}

void add_close_order_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/close/" path, test_##name)
  ADD("established-fin-alone", fin_alone);
  ADD("established-fin-with-data", fin_rides_on_the_last_data);
  ADD("established-fin-behind-queue", fin_waits_behind_the_queue);
  ADD("fin-wait-1-fin-repeated", fin_repeated_until_given_up);
  ADD("fin-wait-1-data-and-fin-repeated", fin_and_data_repeated);
  ADD("fin-wait-1-full-segment-and-fin-repeated",
      fin_and_full_segment_repeated);
  ADD("last-ack-fin-repeated", last_fin_repeated);
  ADD("closing-fin-repeated", closing_fin_repeated);
  ADD("fin-wait-1-zero-window", fin_refused_by_zero_window);
  ADD("fin-wait-1-full-window", fin_behind_data_that_fills_the_window);
  ADD("established-fin-beyond-gap", fin_before_missing_data);
  ADD("fin-wait-1-fin-beyond-gap", fin_before_missing_data_in_fin_wait_1);
  ADD("fin-wait-2-fin-beyond-gap", fin_before_missing_data_in_fin_wait_2);
  ADD("fin-wait-2-half-close", half_close_by_the_host);
  ADD("close-wait-half-close", half_close_by_the_peer);
  ADD("established-shutdown-both", shutdown_of_both_directions);
  ADD("established-shutdown-receive", shutdown_of_receiving);
  ADD("fin-wait-1-simultaneous", simultaneous_close);
  ADD("close-wait-three-segments", three_segments);
  ADD("close-wait-three-segments-late", three_segments_too_late);
  ADD("close-wait-when-told", close_when_told);
  ADD("close-wait-when-told-data-acked", close_when_told_restarts);
  ADD("fin-wait-1-calls-refused", sender_refused_after_close);
#undef ADD
}
