/* Socket options that matter before a connection is there. */
#include "sockopt.h"

#include "peer.h"

/* -- SO_REUSEADDR -- */

static TcpError listens(Peer *t, bool reuse, TcpListener **ret)
{
  TcpKnobs knobs = *tcp_stack_knobs(t->stack);
  TcpError error;

  knobs.reuse_address = reuse;
  *ret = tcp_listen(t->stack, NET_ADDRESS_ANY, HOST_PORT, 0, &knobs, NULL, NULL,
                    &error);
  return error;
}

/* The server that is started again too soon. */
static void test_listen_in_time_wait(void)
{
  Peer *t = peer_new(0);
  TcpListener *listener;

  peer_knob(t, "reuse_address", 0);
  reaches(t, "TIME-WAIT");
  user_releases(t);
  number_is(t, "without it", listens(t, false, &listener), TCP_EADDRINUSE);
  /* what is in TIME-WAIT had not allowed it either */
  number_is(t, "with it", listens(t, true, &listener), TCP_EADDRINUSE);
  host_silent(t, S(240) - 1);
  number_is(t, "still", listens(t, false, &listener), TCP_EADDRINUSE);
  host_silent(t, S(240));
  number_is(t, "at last", listens(t, false, &listener), TCP_OK);
  tcp_listener_close(listener);
  peer_free(t);
}

static void test_listen_reuse(void)
{
  Peer *t = peer_new(0);
  TcpListener *listener;

  peer_knob(t, "reuse_address", 1);
  reaches(t, "TIME-WAIT");
  user_releases(t);
  number_is(t, "without it", listens(t, false, &listener), TCP_EADDRINUSE);
  number_is(t, "with it", listens(t, true, &listener), TCP_OK);
  tcp_listener_close(listener);
  host_silent(t, S(240));
  peer_free(t);
}

static void test_listen_established(void)
{
  Peer *t = peer_new(0);
  TcpListener *listener;

  peer_knob(t, "reuse_address", 0);
  established(t);
  number_is(t, "listen", listens(t, true, &listener), TCP_EADDRINUSE);
  tcp_set_knob(t->conn, "reuse_address", 1);
  number_is(t, "listen", listens(t, true, &listener), TCP_OK);
  tcp_listener_close(listener);
  peer_free(t);
}

/* From a port that has another connection, to another peer. */
static void test_connect(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "reuse_address", 0);
  reaches(t, "TIME-WAIT");
  user_releases(t);
  t->port = PEER_PORT + 1;
  user_connects_refused(t, "EADDRINUSE");
  host_silent(t, S(240));
  user_connects(t);
  host_sends_at(t, S(240), "S 0:0(0) win 65535 <mss 1460>");
  peer_free(t);
}

/* -- TCP_MAXSEG, TCP_SYNCNT -- */

static void test_maxseg(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "mss", 500);
  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535 <mss 500>");
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_sends(t, ". 1:1(0) ack 1");
  user_sends(t, 700);
  host_sends(t, ". 1:501(500) ack 1");
  user_sets(t, "mss", 100); /* too late */
  peer_sends(t, ". 1:1(0) ack 501");
  host_sends(t, "P. 501:701(200) ack 1");
  peer_free(t);
}

static void test_syncnt(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "syn_retries", 2);
  user_connects(t);
  host_sends_at(t, S(0), "S 0:0(0) win 65535 <mss 1460>");
  host_sends_at(t, S(1), "S 0:0(0) win 65535 <mss 1460>");
  host_sends_at(t, S(3), "S 0:0(0) win 65535 <mss 1460>");
  host_silent(t, S(7) - 1);
  host_is(t, "SYN-SENT");
  host_silent(t, S(7));
  host_is(t, "CLOSED");
  user_error(t, "ETIMEDOUT");
  peer_free(t);
}

/* -- TCP_DEFER_ACCEPT -- */

static void deferred(Peer *t, SimTime time)
{
  peer_knob(t, "defer_accept", time);
  user_listens(t);
  peer_sends(t, "S 0:0(0) win 65535 <mss 1460>");
  host_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  peer_sends(t, ". 1:1(0) ack 1");
  met(t, "SYN_ACKED_DEFERRED");
  host_is(t, "SYN-RECEIVED");
}

static void test_defer_text(void)
{
  Peer *t = peer_new(0);

  deferred(t, S(5));
  host_silent(t, S(2));
  peer_sends(t, "P. 1:11(10) ack 1");
  host_is(t, "ESTABLISHED");
  user_reads(t, 10);
  host_sends_at(t, S(2) + MS(200), ". 1:1(0) ack 11");
  /* the wait is no measure of the way */
  user_sends(t, 10);
  host_sends_at(t, S(2) + MS(200), "P. 1:11(10) ack 11");
  host_sends_at(t, S(3) + MS(200), "P. 1:11(10) ack 11");
  peer_free(t);
}

static void test_defer_fin(void)
{
  Peer *t = peer_new(0);

  deferred(t, S(5));
  peer_sends(t, "F. 1:1(0) ack 1");
  host_sends(t, ". 1:1(0) ack 2");
  host_is(t, "CLOSE-WAIT");
  peer_free(t);
}

/* 5 s are rounded up to what the SYN,ACK's repetitions take, 1 + 2 + 4 s. Then
 * the peer is asked once more, and an ACK after it opens. */
static void test_defer_over(void)
{
  Peer *t = peer_new(0);

  deferred(t, S(5));
  host_silent(t, S(5));
  peer_sends(t, ". 1:1(0) ack 1");
  met(t, "SYN_ACKED_DEFERRED");
  host_silent(t, S(7) - 1);
  host_sends_at(t, S(7), "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  peer_sends(t, ". 1:1(0) ack 1");
  host_is(t, "ESTABLISHED");
  peer_free(t);
}

static void test_defer_one_second(void)
{
  Peer *t = peer_new(0);

  deferred(t, S(1));
  host_sends_at(t, S(1), "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_is(t, "SYN-RECEIVED");
  peer_sends(t, ". 1:1(0) ack 1");
  host_is(t, "ESTABLISHED");
  peer_free(t);
}

/* A SYN,ACK that nobody has acknowledged goes out as always. */
static void test_defer_not_acknowledged(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "defer_accept", S(30));
  user_listens(t);
  peer_sends(t, "S 0:0(0) win 65535 <mss 1460>");
  for (int i = 0; i < 3; i++)
    host_sends_at(t, S((1 << i) - 1), "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  peer_free(t);
}

void add_sockopt_opening_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/sockopt/" path, test_##name)
  ADD("reuseaddr-listen-time-wait", listen_in_time_wait);
  ADD("reuseaddr-listen-reuse", listen_reuse);
  ADD("reuseaddr-listen-established", listen_established);
  ADD("reuseaddr-connect", connect);
  ADD("maxseg", maxseg);
  ADD("syncnt", syncnt);
  ADD("defer-accept-text", defer_text);
  ADD("defer-accept-fin", defer_fin);
  ADD("defer-accept-over", defer_over);
  ADD("defer-accept-one-second", defer_one_second);
  ADD("defer-accept-not-acknowledged", defer_not_acknowledged);
#undef ADD
}
