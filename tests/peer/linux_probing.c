/* The profile linux: zero windows and keep-alive. */
#include "peer.h"

static void window_closes(Peer *t)
{
  established(t);
  peer_sends(t, ". 1:1(0) ack 1 win 0");
}

/* The time of the n-th probe, from 1: RTO 200 ms, doubling to 120 s. */
static SimTime probe_time(int n)
{
  SimTime time = 0;

  for (int i = 0; i < n; i++)
    time += MIN(MS(200) << MIN(i, 10), S(120));
  return time;
}

static void probes(Peer *t, int count, bool answered)
{
  for (int i = 1; i <= count; i++) {
    host_sends_at(t, probe_time(i), ". 0:0(0) ack 1");
    if (answered)
      peer_sends(t, ". 1:1(0) ack 1 win 0");
  }
}

/* `error` NULL: nobody can ask. */
static void gone_at(Peer *t, SimTime time, const char *error)
{
  host_silent(t, time - 1);
  host_is(t, "FIN-WAIT-1");
  host_silent(t, time);
  host_is(t, "CLOSED");
  if (error)
    user_error(t, error);
  peer_free(t);
}

static void test_unanswered(void)
{
  Peer *t = linux_new(0);

  window_closes(t);
  user_shuts(t, TCP_SHUTDOWN_SEND);
  probes(t, 15, false);
  gone_at(t, MS(924600), "ETIMEDOUT");
}

static void test_answered(void)
{
  Peer *t = linux_new(0);

  window_closes(t);
  user_shuts(t, TCP_SHUTDOWN_SEND);
  probes(t, 40, true);
  host_is(t, "FIN-WAIT-1");
  peer_sends(t, ". 1:1(0) ack 1 win 1");
  host_sends(t, "F. 1:1(0) ack 1");
  host_sends_at(t, probe_time(40) + MS(200), "F. 1:1(0) ack 1");
  peer_free(t);
}

static void test_orphan_unanswered(void)
{
  Peer *t = linux_new(0);

  window_closes(t);
  user_closes(t);
  probes(t, 8, false);
  gone_at(t, MS(102200), NULL);
}

static void test_orphan_answered(void)
{
  Peer *t = linux_new(0);

  window_closes(t);
  user_closes(t);
  probes(t, 10, true);
  gone_at(t, MS(324600), NULL);
}

static void test_user_timeout(void)
{
  Peer *t = linux_new(0);

  peer_knob(t, "user_timeout", S(3));
  window_closes(t);
  user_shuts(t, TCP_SHUTDOWN_SEND);
  probes(t, 4, true);
  gone_at(t, MS(3200), "ETIMEDOUT");
}

static void test_window_is_full(void)
{
  Peer *t = linux_new(0);

  established(t);
  peer_sends(t, ". 1:1(0) ack 1 win 100");
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  user_closes(t);
  peer_sends(t, ". 1:1(0) ack 101 win 0");
  host_sends_at(t, MS(200), ". 100:100(0) ack 1");
  peer_free(t);
}

static void test_fin_sent_before(void)
{
  Peer *t = linux_new(0);

  established(t);
  user_shuts(t, TCP_SHUTDOWN_SEND);
  host_sends(t, "F. 1:1(0) ack 1");
  peer_sends(t, ". 1:1(0) ack 1 win 0");
  host_sends_at(t, MS(200), "F. 1:1(0) ack 1");
  peer_free(t);
}

/* Ours is closed, and the peer's FIN is taken. */
static void test_own_window_closed(void)
{
  Peer *t = linux_new(0);

  peer_knob(t, "receive_buffer", 100);
  user_connects(t);
  host_sends(t, "S 0:0(0) win 100 <mss 1460>");
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_sends(t, ". 1:1(0) ack 1");
  peer_sends(t, "P. 1:101(100) ack 1");
  host_sends(t, ". 1:1(0) ack 101 win 0");
  peer_sends(t, "F. 101:101(0) ack 1");
  host_is(t, "CLOSE-WAIT");
  host_sends_at(t, MS(40), ". 1:1(0) ack 102 win 0");
  peer_free(t);
}

static void keepalive(Peer *t)
{
  peer_knob(t, "keepalive", 1);
  peer_knob(t, "keepalive_idle", S(1));
  peer_knob(t, "keepalive_interval", S(1));
  peer_knob(t, "keepalive_count", 3);
}

static void test_keepalive(void)
{
  Peer *t = linux_new(0);

  keepalive(t);
  established(t);
  for (int i = 1; i <= 3; i++)
    host_sends_at(t, S(i), ". 0:0(0) ack 1");
  host_sends_at(t, S(4), "R. 1:1(0) ack 1 win 65535");
  user_error(t, "ETIMEDOUT");
  host_is(t, "CLOSED");
  peer_free(t);
}

static void test_keepalive_in_fin_wait_2(void)
{
  Peer *t = linux_new(0);

  keepalive(t);
  reaches(t, "FIN-WAIT-2");
  host_sends_at(t, S(1), ". 1:1(0) ack 1");
  peer_sends(t, ". 1:1(0) ack 2");
  host_sends_at(t, S(2), ". 1:1(0) ack 1");
  user_closes(t);
  host_silent(t, S(50));
  peer_free(t);
}

static void test_keepalive_user_timeout(void)
{
  Peer *t = linux_new(0);

  keepalive(t);
  peer_knob(t, "user_timeout", S(6));
  established(t);
  for (int i = 1; i <= 5; i++)
    host_sends_at(t, S(i), ". 0:0(0) ack 1");
  host_sends_at(t, S(6), "R. 1:1(0) ack 1");
  peer_free(t);
}

#define ADD(name, function) \
  g_test_add_func("/peer/linux/" name, test_##function)

void add_linux_probing_tests(void)
{
  ADD("zero-window/unanswered", unanswered);
  ADD("zero-window/answered", answered);
  ADD("zero-window/orphan-unanswered", orphan_unanswered);
  ADD("zero-window/orphan-answered", orphan_answered);
  ADD("zero-window/user-timeout", user_timeout);
  ADD("zero-window/fin-behind-a-full-window", window_is_full);
  ADD("zero-window/fin-sent-before", fin_sent_before);
  ADD("zero-window/our-own", own_window_closed);
  ADD("keepalive/probes-then-rst", keepalive);
  ADD("keepalive/fin-wait-2", keepalive_in_fin_wait_2);
  ADD("keepalive/user-timeout", keepalive_user_timeout);
}
