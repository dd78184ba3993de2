/* Keep-alive (3.8.4). */
#include "peer.h"

/* MUST-28: two hours; then 9 probes 75 s apart (MUST-29, SHLD-12). */
static void test_not_answered(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "keepalive", 1);
  established(t);
  for (int i = 0; i < 9; i++) {
    host_silent(t, S(7200 + i * 75) - 1);
    host_sends_at(t, S(7200 + i * 75), ". 0:0(0) ack 1 win 65535");
    met(t, "KEEPALIVE_PROBE");
  }
  host_silent(t, S(7875) - 1);
  host_is(t, "ESTABLISHED");
  host_sends_at(t, S(7875), "R 1:1(0) win 0");
  met(t, "GIVE_UP_KEEPALIVE");
  host_is(t, "CLOSED");
  user_error(t, "ETIMEDOUT");
  peer_free(t);
}

static void test_answered(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "keepalive", 1);
  established(t);
  host_sends_at(t, S(7200), ". 0:0(0) ack 1");
  host_sends_at(t, S(7275), ". 0:0(0) ack 1");
  host_silent(t, S(7280));
  peer_sends(t, ". 1:1(0) ack 1");
  host_silent(t, S(14480) - 1);
  for (int i = 0; i < 9; i++)
    host_sends_at(t, S(14480 + i * 75), ". 0:0(0) ack 1");
  host_sends_at(t, S(15155), "R 1:1(0)");
  peer_free(t);
}

static void test_any_segment_begins_anew(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "keepalive", 1);
  established(t);
  host_silent(t, S(5000));
  peer_sends(t, "P. 1:11(10) ack 1");
  host_sends_at(t, S(5000) + MS(200), ". 1:1(0) ack 11");
  host_silent(t, S(12200) - 1);
  host_sends_at(t, S(12200), ". 0:0(0) ack 11");
  peer_free(t);
}

/* MUST-26, "default to off" MUST-27 (MUST-25) */
static void test_off(void)
{
  Peer *t = peer_new(0);

  established(t);
  host_silent(t, S(100000));
  peer_free(t);
}

/* MUST-24, MAY-5 */
static void test_switched_on(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sets(t, "keepalive_idle", S(10));
  user_sets(t, "keepalive_interval", S(1));
  user_sets(t, "keepalive_count", 1);
  user_sets(t, "keepalive", 1);
  host_sends_at(t, S(10), ". 0:0(0) ack 1");
  host_silent(t, S(11) - 1);
  host_sends_at(t, S(11), "R 1:1(0)");
  peer_free(t);
}

/* The peer has crashed and come back. */
static void test_answered_by_rst(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "keepalive", 1);
  established(t);
  host_sends_at(t, S(7200), ". 0:0(0) ack 1");
  peer_sends(t, "R 1:1(0)");
  host_is(t, "CLOSED");
  user_error(t, "ECONNRESET");
  peer_free(t);
}

static void test_close_wait(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "keepalive", 1);
  reaches(t, "CLOSE-WAIT");
  host_sends_at(t, S(7200), ". 0:0(0) ack 2");
  peer_free(t);
}

static void test_fin_wait_2(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "keepalive", 1);
  reaches(t, "FIN-WAIT-2");
  host_sends_at(t, S(7200), ". 1:1(0) ack 1");
  peer_sends(t, ". 1:1(0) ack 2");
  peer_free(t);
}

/* MUST-27 of the peer's: an old number must be answered. */
static void test_of_the_peer(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, ". 0:0(0) ack 1");
  host_sends(t, ". 1:1(0) ack 1");
  peer_sends(t, ". 0:1(1) ack 1"); /* with one byte of rubbish */
  host_sends(t, ". 1:1(0) ack 1");
  user_read_refused(t, "EAGAIN");
  peer_free(t);
}

void add_keepalive_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/keep-alive/" path, test_##name)
  ADD("established-not-answered", not_answered);
  ADD("established-answered", answered);
  ADD("established-heard", any_segment_begins_anew);
  ADD("established-off", off);
  ADD("established-switched-on", switched_on);
  ADD("established-rst", answered_by_rst);
  ADD("close-wait", close_wait);
  ADD("fin-wait-2", fin_wait_2);
  ADD("established-peers", of_the_peer);
#undef ADD
}
