/* Socket options that take effect on a live connection, at once. */
#include "sockopt.h"

#include "peer.h"

/* -- what is held back -- */

static void test_nodelay(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  user_sends(t, 50);
  host_silent(t, MS(10));
  user_sets(t, "nagle", 0);
  host_sends_at(t, MS(10), "P. 101:151(50) ack 1");
  user_sends(t, 7);
  host_sends_at(t, MS(10), "P. 151:158(7) ack 1");
  peer_free(t);
}

/* "a 200-millisecond ceiling on the time for which output is corked" */
static void test_cork_ceiling(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sets(t, "cork", 1);
  user_sends(t, 100);
  host_silent(t, MS(50));
  user_sends(t, 20);
  host_silent(t, MS(200) - 1);
  host_sends_at(t, MS(200), "P. 1:121(120) ack 1");
  peer_free(t);
}

static void test_cork_full_segments(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sets(t, "cork", 1);
  user_sends(t, 1500);
  host_sends(t, ". 1:1461(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 1461");
  host_silent(t, MS(100));
  user_sets(t, "cork", 0);
  host_sends_at(t, MS(100), "P. 1461:1501(40) ack 1");
  peer_free(t);
}

/* Nagle goes on when the cork is out. */
static void test_uncork_nagle(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sets(t, "cork", 1);
  user_sends(t, 1500);
  host_sends(t, ". 1:1461(1460) ack 1");
  user_sets(t, "cork", 0);
  host_silent(t, MS(20));
  peer_sends(t, ". 1:1(0) ack 1461");
  host_sends_at(t, MS(20), "P. 1461:1501(40) ack 1");
  peer_free(t);
}

/* TCP_NODELAY lets out what is queued; the cork stays in for the rest. */
static void test_nodelay_under_cork(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sets(t, "cork", 1);
  user_sends(t, 100);
  user_sets(t, "nagle", 0);
  host_sends(t, "P. 1:101(100) ack 1");
  user_sends(t, 10);
  host_silent(t, MS(100));
  peer_sends(t, ". 1:1(0) ack 101");
  host_silent(t, MS(300) - 1);
  host_sends_at(t, MS(300), "P. 101:111(10) ack 1");
  peer_free(t);
}

static void test_cork_fin(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sets(t, "cork", 1);
  user_sends(t, 100);
  host_silent(t, MS(10));
  user_closes(t);
  host_sends_at(t, MS(10), "FP. 1:101(100) ack 1");
  peer_free(t);
}

static void test_more_then_send(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends_more(t, 100);
  host_silent(t, MS(10));
  user_sends(t, 50);
  host_sends_at(t, MS(10), "P. 1:151(150) ack 1");
  peer_free(t);
}

static void test_more_ceiling(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends_more(t, 100);
  host_silent(t, MS(200) - 1);
  host_sends_at(t, MS(200), "P. 1:101(100) ack 1");
  peer_free(t);
}

static void test_more_acknowledged(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends_more(t, 1500);
  host_sends(t, ". 1:1461(1460) ack 1");
  host_silent(t, MS(10));
  peer_sends(t, ". 1:1(0) ack 1461");
  host_sends_at(t, MS(10), "P. 1461:1501(40) ack 1");
  peer_free(t);
}

static void test_quickack(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, "P. 1:11(10) ack 1");
  host_silent(t, MS(10));
  user_sets(t, "quickack", 1);
  host_sends_at(t, MS(10), ". 1:1(0) ack 11");
  peer_sends(t, "P. 11:21(10) ack 1");
  host_sends_at(t, MS(10), ". 1:1(0) ack 21");
  user_sets(t, "quickack", 0);
  peer_sends(t, "P. 21:31(10) ack 1");
  host_sends_at(t, MS(210), ". 1:1(0) ack 31");
  peer_free(t);
}

/* -- buffers -- */

/* A writer sleeps until half of it is gone. */
static void test_notsent_lowat(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sets(t, "notsent_lowat", 3000);
  number_is(t, "room", tcp_writable(t->conn), 3000);
  user_sends(t, 3000);
  host_sends(t, ". 1:1461(1460) ack 1");
  host_sends(t, ". 1461:2921(1460) ack 1");
  number_is(t, "not sent", tcp_unsent(t->conn), 80);
  number_is(t, "room", tcp_writable(t->conn), 2920);
  user_sends(t, 2920);
  host_sends(t, ". 2921:4381(1460) ack 1");
  number_is(t, "room", tcp_writable(t->conn), 1460);
  user_sends(t, 1460);
  user_send_refused(t, "EAGAIN");
  not_told(t, TCP_EVENT_WRITABLE);
  peer_sends(t, ". 1:1(0) ack 1461"); /* 3000 wait, then 80 */
  host_sends(t, ". 4381:5841(1460) ack 1");
  host_sends(t, ". 5841:7301(1460) ack 1");
  told(t, TCP_EVENT_WRITABLE);
  peer_free(t);
}

static void opened(Peer *t, const char *syn)
{
  user_connects(t);
  host_sends(t, syn);
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_sends(t, ". 1:1(0) ack 1");
}

static void test_sndbuf(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "send_buffer", 1000);
  established(t);
  user_sends(t, 1000);
  host_sends(t, "P. 1:1001(1000) ack 1");
  user_send_refused(t, "EAGAIN");
  not_told(t, TCP_EVENT_WRITABLE);
  user_sets(t, "send_buffer", 1500);
  told(t, TCP_EVENT_WRITABLE);
  number_is(t, "room", tcp_writable(t->conn), 500);
  peer_free(t);
}

static void test_rcvbuf_grows(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "receive_buffer", 2000);
  opened(t, "S 0:0(0) win 2000 <mss 1460>");
  user_sets(t, "receive_buffer", 3000); /* not worth a segment */
  host_silent(t, MS(10));
  user_sets(t, "receive_buffer", 8000);
  host_sends_at(t, MS(10), ". 1:1(0) ack 1 win 8000");
  peer_free(t);
}

/* The right edge never moves left (3.8.6). */
static void test_rcvbuf_shrinks(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "receive_buffer", 8000);
  peer_knob(t, "delayed_ack", 0);
  opened(t, "S 0:0(0) win 8000 <mss 1460>");
  user_sets(t, "receive_buffer", 4000);
  peer_sends(t, ". 1:1461(1460) ack 1");
  host_sends(t, ". 1:1(0) ack 1461 win 6540");
  user_reads(t, 1460);
  peer_sends(t, ". 1461:2921(1460) ack 1");
  host_sends(t, ". 1:1(0) ack 2921 win 5080");
  peer_free(t);
}

/* What the scale of the SYN cannot say is not offered. */
static void test_rcvbuf_beyond_scale(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sets(t, "receive_buffer", 1 << 20);
  host_silent(t, MS(10));
  peer_sends(t, ". 65536:65537(1) ack 1");
  host_sends_at(t, MS(10), ". 1:1(0) ack 1 win 65535");
  peer_free(t);
}

/* -- timers keep the time that has passed -- */

static void test_keepidle(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "keepalive", 1);
  peer_knob(t, "keepalive_idle", S(10));
  peer_knob(t, "keepalive_interval", S(1));
  established(t);
  host_silent(t, S(4));
  user_sets(t, "keepalive_idle", S(6));
  user_sets(t, "nagle", 0);
  host_silent(t, S(6) - 1);
  host_sends_at(t, S(6), ". 0:0(0) ack 1");
  user_sets(t, "keepalive_interval", S(5));
  host_silent(t, S(11) - 1);
  host_sends_at(t, S(11), ". 0:0(0) ack 1");
  peer_free(t);
}

/* It is late already. */
static void test_keepidle_at_once(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "keepalive", 1);
  established(t);
  host_silent(t, S(100));
  user_sets(t, "keepalive_idle", S(6));
  host_sends_at(t, S(100), ". 0:0(0) ack 1");
  user_sets(t, "keepalive", 0);
  host_silent(t, S(10000));
  peer_free(t);
}

static void test_rto_goes_on(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  host_silent(t, MS(500));
  user_sets(t, "nagle", 0);
  host_sends_at(t, S(1), "P. 1:101(100) ack 1");
  peer_free(t);
}

static void test_user_timeout(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  host_sends_at(t, S(1), "P. 1:101(100) ack 1");
  user_sets(t, "user_timeout", MS(2500));
  host_silent(t, MS(2500) - 1);
  host_is(t, "ESTABLISHED");
  host_silent(t, MS(2500));
  host_is(t, "CLOSED");
  user_error(t, "ETIMEDOUT");
  peer_free(t);
}

/* -- ends -- */

static void sets_linger2(Peer *t, SimTime time)
{
  number_is(t, "TCP_LINGER2", tcp_set_linger2(t->conn, time), TCP_OK);
}

static void test_linger2(void)
{
  Peer *t = peer_new(0);

  established(t);
  sets_linger2(t, S(7));
  number_is(t, "TCP_LINGER2", tcp_linger2(t->conn), S(7));
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1");
  peer_sends(t, ". 1:1(0) ack 2");
  host_silent(t, S(7) - 1);
  host_is(t, "FIN-WAIT-2");
  host_silent(t, S(7));
  host_is(t, "CLOSED");
  peer_free(t);
}

static void test_linger2_bounds(void)
{
  Peer *t = peer_new(0);

  established(t);
  sets_linger2(t, S(121));
  number_is(t, "at most", tcp_linger2(t->conn), S(120));
  sets_linger2(t, -1);
  number_is(t, "none", tcp_linger2(t->conn), -1);
  sets_linger2(t, 0);
  number_is(t, "the host's", tcp_linger2(t->conn), S(60));
  peer_free(t);
}

/* "close() before sends FIN, and the ACK of the FIN is answered by RST" */
static void test_linger2_none(void)
{
  Peer *t = peer_new(0);

  established(t);
  sets_linger2(t, -1);
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1");
  host_is(t, "FIN-WAIT-1");
  peer_sends(t, ". 1:1(0) ack 2");
  host_sends(t, "R 2:2(0)");
  met(t, "FIN_WAIT_2_REFUSED");
  host_is(t, "CLOSED");
  peer_free(t);
}

/* "close() in FIN-WAIT-2 sends RST at once" */
static void test_linger2_none_fin_wait_2(void)
{
  Peer *t = peer_new(0);

  reaches(t, "FIN-WAIT-2");
  sets_linger2(t, -1);
  host_silent(t, MS(10));
  user_closes(t);
  host_sends_at(t, MS(10), "R 2:2(0)");
  met(t, "FIN_WAIT_2_REFUSED");
  host_is(t, "CLOSED");
  peer_free(t);
}

/* With the descriptor open it waits as before. */
static void test_linger2_none_shutdown(void)
{
  Peer *t = peer_new(0);

  established(t);
  sets_linger2(t, -1);
  user_shuts(t, TCP_SHUTDOWN_SEND);
  host_sends(t, "F. 1:1(0) ack 1");
  peer_sends(t, ". 1:1(0) ack 2");
  host_is(t, "FIN-WAIT-2");
  host_silent(t, S(1000));
  peer_sends(t, "F. 1:1(0) ack 2");
  host_sends(t, ". 2:2(0) ack 2");
  host_is(t, "TIME-WAIT");
  peer_free(t);
}

void add_sockopt_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/sockopt/" path, test_##name)
  ADD("nodelay", nodelay);
  ADD("cork-ceiling", cork_ceiling);
  ADD("cork-full-segments", cork_full_segments);
  ADD("uncork-nagle", uncork_nagle);
  ADD("cork-nodelay", nodelay_under_cork);
  ADD("cork-fin", cork_fin);
  ADD("more-then-send", more_then_send);
  ADD("more-ceiling", more_ceiling);
  ADD("more-acknowledged", more_acknowledged);
  ADD("quickack", quickack);
  ADD("notsent-lowat", notsent_lowat);
  ADD("sndbuf-grows", sndbuf);
  ADD("rcvbuf-grows", rcvbuf_grows);
  ADD("rcvbuf-shrinks", rcvbuf_shrinks);
  ADD("rcvbuf-beyond-scale", rcvbuf_beyond_scale);
  ADD("keepidle", keepidle);
  ADD("keepidle-at-once", keepidle_at_once);
  ADD("rto-goes-on", rto_goes_on);
  ADD("user-timeout", user_timeout);
  ADD("linger2", linger2);
  ADD("linger2-bounds", linger2_bounds);
  ADD("linger2-none", linger2_none);
  ADD("linger2-none-fin-wait-2", linger2_none_fin_wait_2);
  ADD("linger2-none-shutdown", linger2_none_shutdown);
#undef ADD
}
