/* Opening: active, passive and simultaneous; a SYN that nobody answers; the
 * listener's queues; a host that connects to itself. */
#include "peer.h"

static void test_active(void)
{
  Peer *t = peer_new(MS(10));
  TcpStatus status;

  user_connects(t);
  host_is(t, "SYN-SENT");
  met(t, "OPEN");
  host_sends_at(t, MS(10), "S 0:0(0) win 65535 <mss 1460>");
  peer_sends(t, "S. 0:0(0) ack 1 win 1000 <mss 1000>");
  host_silent(t, MS(20) - 1);
  host_is(t, "SYN-SENT");
  runs_to(t, MS(20));
  met(t, "SYN_SENT_SYN_ACK");
  told(t, TCP_EVENT_ESTABLISHED);
  host_is(t, "ESTABLISHED");
  host_sends_at(t, MS(30), ". 1:1(0) ack 1 win 65535");
  status = user_status(t);
  number_is(t, "SND.UNA", (int32_t)(status.snd.una - HOST_ISS), 1);
  number_is(t, "SND.WND", status.snd.wnd, 1000);
  number_is(t, "SND.WL1", (int32_t)(status.snd.wl1 - PEER_ISS), 0);
  number_is(t, "SND.WL2", (int32_t)(status.snd.wl2 - HOST_ISS), 1);
  number_is(t, "RCV.NXT", (int32_t)(status.rcv.nxt - PEER_ISS), 1);
  number_is(t, "IRS", status.rcv.irs, PEER_ISS);
  number_is(t, "ISS", status.snd.iss, HOST_ISS);
  number_is(t, "MSS", status.mss, 1000);
  peer_free(t);
}

static void test_passive(void)
{
  Peer *t = peer_new(0);

  t->hold_accept = true;
  user_listens(t);
  host_is(t, "LISTEN");
  peer_sends(t, "S 0:0(0) win 65535 <mss 1460>");
  host_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_is(t, "SYN-RECEIVED");
  peer_sends(t, "P. 1:11(10) ack 1");
  host_is(t, "ESTABLISHED");
  user_accepts(t);
  user_reads(t, 10);
  peer_free(t);
}

/* Figure 7 (MUST-10). */
static void test_simultaneous(void)
{
  Peer *t = peer_new(MS(10));

  user_connects(t);
  host_silent(t, MS(5));
  peer_sends(t, "S 0:0(0) win 65535 <mss 1460>");
  host_sends_at(t, MS(10), "S 0:0(0) win 65535 <mss 1460>");
  host_silent(t, MS(15));
  host_is(t, "SYN-RECEIVED");
  host_silent(t, MS(20));
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_sends_at(t, MS(25), "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_silent(t, MS(30) - 1);
  host_is(t, "SYN-RECEIVED");
  host_silent(t, MS(30));
  host_is(t, "ESTABLISHED");
  told(t, TCP_EVENT_ESTABLISHED);
  host_silent(t, S(100));
  user_sends(t, 10);
  host_sends_at(t, S(100) + MS(10), "P. 1:11(10) ack 1");
  peer_free(t);
}

/* MUST-22, MUST-23 */
static void test_syn_repeated_until_given_up(void)
{
  static const int seconds[] = { 1, 3, 7, 15, 31, 63, 123 };
  Peer *t = peer_new(0);

  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535 <mss 1460>");
  for (unsigned i = 0; i < G_N_ELEMENTS(seconds); i++)
    host_sends_at(t, S(seconds[i]), "S 0:0(0) win 65535 <mss 1460>");
  host_silent(t, S(180) - 1);
  host_is(t, "SYN-SENT");
  host_silent(t, S(180));
  met(t, "GIVE_UP_OPENING");
  host_is(t, "CLOSED");
  told(t, TCP_EVENT_CLOSED);
  user_error(t, "ETIMEDOUT");
  peer_free(t);
}

static void test_syn_repeated_a_number_of_times(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "syn_retries", 2);
  user_connects(t);
  host_sends(t, "S 0:0(0) <mss 1460>");
  host_sends_at(t, S(1), "S 0:0(0) <mss 1460>");
  host_sends_at(t, S(3), "S 0:0(0) <mss 1460>");
  host_silent(t, S(7) - 1);
  host_is(t, "SYN-SENT");
  host_silent(t, S(7));
  host_is(t, "CLOSED");
  user_error(t, "ETIMEDOUT");
  peer_free(t);
}

static void test_syn_ack_repeated_until_given_up(void)
{
  static const int seconds[] = { 1, 3, 7, 15, 31, 63, 123 };
  Peer *t = peer_new(0);

  reaches(t, "SYN-RECEIVED");
  for (unsigned i = 0; i < G_N_ELEMENTS(seconds); i++)
    host_sends_at(t, S(seconds[i]), "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_silent(t, S(180) - 1);
  host_is(t, "SYN-RECEIVED");
  host_silent(t, S(180));
  met(t, "GIVE_UP_OPENING");
  host_is(t, "LISTEN");
  peer_free(t);
}

static void test_syn_ack_repeated_a_number_of_times(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "synack_retries", 1);
  reaches(t, "SYN-RECEIVED");
  host_sends_at(t, S(1), "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_silent(t, S(3) - 1);
  host_is(t, "SYN-RECEIVED");
  host_silent(t, S(3));
  host_is(t, "LISTEN");
  peer_free(t);
}

/* RFC 6298 5.7: 3 s for the data; RFC 5681 3.1: and one segment. */
static void test_syn_lost(void)
{
  Peer *t = peer_new(0);

  user_connects(t);
  host_sends(t, "S 0:0(0) <mss 1460>");
  host_sends_at(t, S(1), "S 0:0(0) <mss 1460>");
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_sends(t, ". 1:1(0) ack 1");
  user_sends(t, 3000);
  host_sends(t, ". 1:1461(1460) ack 1");
  host_silent(t, S(4) - 1);
  host_sends_at(t, S(4), ". 1:1461(1460) ack 1");
  peer_free(t);
}

static void test_syn_ack_lost(void)
{
  Peer *t = peer_new(0);

  reaches(t, "SYN-RECEIVED");
  host_sends_at(t, S(1), "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  peer_sends(t, ". 1:1(0) ack 1");
  user_sends(t, 3000);
  host_sends(t, ". 1:1461(1460) ack 1");
  host_silent(t, S(4) - 1);
  host_sends_at(t, S(4), ". 1:1461(1460) ack 1");
  peer_free(t);
}

/* The peer's SYN,ACK is acknowledged again when it comes again. */
static void test_ack_of_syn_ack_lost(void)
{
  Peer *t = peer_new(0);

  established(t);
  host_silent(t, S(1));
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_sends(t, ". 1:1(0) ack 1");
  peer_free(t);
}

static void test_user_timeout_ends_opening(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "user_timeout", S(5));
  user_connects(t);
  host_sends(t, "S 0:0(0) <mss 1460>");
  host_sends_at(t, S(1), "S 0:0(0) <mss 1460>");
  host_sends_at(t, S(3), "S 0:0(0) <mss 1460>");
  host_silent(t, S(5) - 1);
  host_is(t, "SYN-SENT");
  host_silent(t, S(5));
  host_is(t, "CLOSED");
  user_error(t, "ETIMEDOUT");
  peer_free(t);
}

/* -- the listener's queues -- */

static void test_accept_queue_full(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "backlog", 1);
  t->hold_accept = true;
  user_listens(t);
  peer_sends(t, "S 0:0(0) <mss 1460>");
  host_sends(t, "S. 0:0(0) ack 1 <mss 1460>");
  peer_sends(t, ". 1:1(0) ack 1");
  host_is(t, "ESTABLISHED");
  t->port = 5001;
  peer_sends(t, "S 0:0(0) <mss 1460>");
  met(t, "LISTEN_OVERFLOW");
  host_silent(t, S(1));
  host_is(t, "LISTEN");
  user_accepts(t);
  peer_sends(t, "S 0:0(0) <mss 1460>");
  host_sends(t, "S. 0:0(0) ack 1 <mss 1460>");
  peer_sends(t, "R 1:1(0)");
  t->port = PEER_PORT;
  peer_free(t);
}

/* First come, first accepted. */
static void test_accept_in_order(void)
{
  Peer *t = peer_new(0);

  t->hold_accept = true;
  user_listens(t);
  for (t->port = 5000; t->port < 5003; t->port++) {
    peer_sends(t, "S 0:0(0) <mss 1460>");
    host_sends(t, "S. 0:0(0) ack 1 <mss 1460>");
    peer_sends(t, ". 1:1(0) ack 1");
  }
  for (t->port = 5000; t->port < 5003; t->port++) {
    user_accepts(t);
    number_is(t, "port", tcp_pair(t->conn).remote.port, t->port);
    user_aborts(t);
    host_sends(t, "R 1:1(0)");
    user_releases(t);
  }
  number_is(t, "accepted", (int64_t)tcp_stack_counters(t->stack)->passive_opens,
            3);
  peer_free(t);
}

static void test_half_open_queue_full(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "syn_backlog", 1);
  user_listens(t);
  peer_sends(t, "S 0:0(0) <mss 1460>");
  host_sends(t, "S. 0:0(0) ack 1 <mss 1460>");
  t->port = 5001;
  peer_sends(t, "S 0:0(0) <mss 1460>");
  met(t, "LISTEN_OVERFLOW");
  t->port = PEER_PORT;
  peer_sends(t, ". 1:1(0) ack 1");
  host_is(t, "ESTABLISHED");
  t->port = 5001;
  peer_sends(t, "S 0:0(0) <mss 1460>");
  host_sends(t, "S. 0:0(0) ack 1 <mss 1460>");
  peer_sends(t, "R 1:1(0)");
  met(t, "RST_SYN_RECEIVED_PASSIVE");
  t->port = PEER_PORT;
  peer_free(t);
}

static void test_listener_closed_half_open(void)
{
  Peer *t = peer_new(0);

  reaches(t, "SYN-RECEIVED");
  user_unlistens(t);
  met(t, "LISTENER_CLOSED");
  host_is(t, "CLOSED");
  peer_sends(t, ". 1:1(0) ack 1");
  host_sends(t, "R 1:1(0)");
  peer_free(t);
}

static void test_listener_closed_not_accepted(void)
{
  Peer *t = peer_new(0);

  t->hold_accept = true;
  established_passively(t);
  user_unlistens(t);
  host_sends(t, "R 1:1(0)");
  host_is(t, "CLOSED");
  peer_free(t);
}

static void test_listener_closed_accepted(void)
{
  Peer *t = peer_new(0);

  established_passively(t);
  user_unlistens(t);
  host_is(t, "ESTABLISHED");
  peer_sends(t, "P. 1:11(10) ack 1");
  user_reads(t, 10);
  peer_free(t);
}

static void test_connection_reset_before_accept(void)
{
  Peer *t = peer_new(0);

  t->hold_accept = true;
  established_passively(t);
  peer_sends(t, "R 1:1(0)");
  host_is(t, "LISTEN");
  user_accepts(t);
  user_read_refused(t, "ECONNRESET");
  peer_free(t);
}

/* -- text and FIN that come with the SYN -- */

static void test_text_with_syn(void)
{
  Peer *t = peer_new(0);

  user_listens(t);
  peer_sends(t, "S 0:10(10) <mss 1460>");
  host_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  peer_sends(t, ". 11:11(0) ack 1");
  host_sends(t, ". 1:1(0) ack 11 win 65525");
  user_reads(t, 10);
  peer_free(t);
}

static void test_fin_with_syn(void)
{
  Peer *t = peer_new(0);

  user_listens(t);
  peer_sends(t, "SF 0:10(10) <mss 1460>");
  host_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  peer_sends(t, ". 12:12(0) ack 1");
  host_sends(t, ". 1:1(0) ack 12 win 65524");
  host_is(t, "CLOSE-WAIT");
  user_reads(t, 10);
  user_reads_end(t);
  peer_free(t);
}

/* 3.10.2: SEND in SYN-SENT queues. */
static void test_data_queued_while_opening(void)
{
  Peer *t = peer_new(0);

  user_connects(t);
  host_sends(t, "S 0:0(0) <mss 1460>");
  user_sends(t, 10);
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_sends(t, "P. 1:11(10) ack 1");
  peer_free(t);
}

/* -- oneself -- */

static void test_self_connect(void)
{
  Peer *t = peer_new(0);
  TcpEnd self = { net_host_address(t->host), HOST_PORT };
  TcpConnection *conn;
  TcpStatus status;
  TcpError error;
  NetSlice slice;

  conn = tcp_connect(t->stack, &self, self, NULL, NULL, NULL, &error);
  number_is(t, "error", error, TCP_OK);
  runs_to(t, 0);
  tcp_status(conn, &status);
  number_is(t, "state", status.state, TCP_ESTABLISHED);
  tcp_send(conn, peer_pattern_slice(1, 10), true, false, NULL);
  runs_to(t, 0);
  number_is(t, "what came back", tcp_readable(conn), 10);
  tcp_receive(conn, 10, &slice);
  net_slice_clear(&slice);
  tcp_close(conn);
  runs_to(t, MS(200));
  tcp_status(conn, &status);
  number_is(t, "state after CLOSE", status.state, TCP_TIME_WAIT);
  tcp_abort(conn);
  tcp_release(conn);
  peer_free(t);
}

/* MUST-44, MUST-45 */
static void test_two_ends_on_one_host(void)
{
  Peer *t = peer_new(0);
  TcpEnd remote = { net_host_address(t->host), HOST_PORT };
  TcpConnection *conn;
  TcpError error;

  user_listens(t);
  conn = tcp_connect(t->stack, NULL, remote, NULL, NULL, NULL, &error);
  runs_to(t, 0);
  number_is(t, "client", tcp_state(conn), TCP_ESTABLISHED);
  number_is(t, "MSS", user_status(t).mss,
            65535 - TCP_HEADER_SIZE - peer_ip_size());
  tcp_close(conn);
  runs_to(t, 0);
  number_is(t, "client", tcp_state(conn), TCP_FIN_WAIT_2);
  user_closes(t);
  number_is(t, "client", tcp_state(conn), TCP_TIME_WAIT);
  tcp_abort(conn);
  tcp_release(conn);
  peer_free(t);
}

static void test_pair_in_use(void)
{
  Peer *t = peer_new(0);
  TcpConnection *first;

  established(t);
  first = t->conn;
  user_connects_refused(t, "EADDRINUSE");
  t->conn = first;
  peer_free(t);
}

void add_opening_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/open/" path, test_##name)
  ADD("syn-sent-active", active);
  ADD("syn-received-passive", passive);
  ADD("syn-sent-simultaneous", simultaneous);
  ADD("syn-sent-nobody-there", syn_repeated_until_given_up);
  ADD("syn-sent-retries", syn_repeated_a_number_of_times);
  ADD("syn-received-nobody-there", syn_ack_repeated_until_given_up);
  ADD("syn-received-retries", syn_ack_repeated_a_number_of_times);
  ADD("syn-sent-syn-lost", syn_lost);
  ADD("syn-received-syn-ack-lost", syn_ack_lost);
  ADD("established-syn-ack-repeated", ack_of_syn_ack_lost);
  ADD("syn-sent-user-timeout", user_timeout_ends_opening);
  ADD("listen-accept-queue-full", accept_queue_full);
  ADD("listen-accept-in-order", accept_in_order);
  ADD("listen-half-open-queue-full", half_open_queue_full);
  ADD("listen-closed-half-open", listener_closed_half_open);
  ADD("listen-closed-not-accepted", listener_closed_not_accepted);
  ADD("listen-closed-accepted", listener_closed_accepted);
  ADD("listen-reset-before-accept", connection_reset_before_accept);
  ADD("listen-text-with-syn", text_with_syn);
  ADD("listen-fin-with-syn", fin_with_syn);
  ADD("syn-sent-data-queued", data_queued_while_opening);
  ADD("closed-self-connect", self_connect);
  ADD("listen-two-ends-on-one-host", two_ends_on_one_host);
  ADD("established-pair-in-use", pair_in_use);
#undef ADD
}
