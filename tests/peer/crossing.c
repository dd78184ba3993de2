/* Two ends that both probe a closed window: a literal reading of the first
 * step loses their acknowledgments, or lets them answer each other for ever
 * (A.2). */
#include "peer.h"

/* The host has probed the peer's closed window, and its own is closed too. */
static void both_closed(Peer *t)
{
  peer_knob(t, "receive_buffer", 1000);
  user_connects(t);
  host_sends(t, "S 0:0(0) win 1000 <mss 1460>");
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_sends(t, ". 1:1(0) ack 1 win 1000");
  peer_sends(t, "P. 1:1001(1000) ack 1 win 0");
  host_sends_at(t, MS(200), ". 1:1(0) ack 1001 win 0");
  user_sends(t, 100);
  host_sends_at(t, MS(1200), ". 1:2(1) ack 1001 win 0");
}

/* The answer has a number that the peer finds acceptable. */
static void test_ack_behind_a_refused_probe(void)
{
  Peer *t = peer_new(0);

  both_closed(t);
  peer_sends(t, ". 1001:1002(1) ack 1 win 0");
  host_sends(t, ". 1:1(0) ack 1001 win 0");
  peer_sends(t, ". 1001:1001(0) ack 1 win 0");
  host_silent(t, MS(3200) - 1);
  user_aborts(t);
  host_sends(t, "R 1:1(0)");
  peer_free(t);
}

/* An ACK from behind the peer's own probe opens the window all the same. */
static void test_ack_behind_the_peers_probe(void)
{
  Peer *t = peer_new(0);

  both_closed(t);
  peer_sends(t, ". 1002:1002(0) ack 2 win 100");
  host_sends(t, "P. 2:101(99) ack 1001 win 0");
  peer_free(t);
}

/* Two behind is not early, it is wrong. */
static void test_ack_far_behind(void)
{
  Peer *t = peer_new(0);

  both_closed(t);
  peer_sends(t, ". 1003:1003(0) ack 2 win 100");
  host_sends(t, ". 1:1(0) ack 1001 win 0");
  met(t, "UNACCEPTABLE");
  peer_free(t);
}

/* A window that shrinks leaves SND.NXT beyond its edge. */
static void test_ack_in_a_shrunk_window(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 4380);
  host_sends(t, ". 1:1461(1460) ack 1");
  host_sends(t, ". 1461:2921(1460) ack 1");
  host_sends(t, "P. 2921:4381(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 1 win 2000");
  peer_sends(t, "P. 11:21(10) ack 1 win 2000");
  host_sends(t, ". 2001:2001(0) ack 1");
  peer_free(t);
}

/* MUST-37 with a count of repetitions: "as long as the receiving TCP peer
 * continues to send acknowledgments" the connection stays. */
static void test_answered_probes_are_not_counted(void)
{
  static const int seconds[] = { 1, 3, 7, 15, 31 };
  Peer *t = peer_new(0);

  peer_knob(t, "retries", 2);
  established(t);
  peer_sends(t, ". 1:1(0) ack 1 win 0");
  user_sends(t, 100);
  for (unsigned i = 0; i < G_N_ELEMENTS(seconds); i++) {
    host_sends_at(t, S(seconds[i]), ". 1:2(1) ack 1");
    peer_sends(t, ". 1:1(0) ack 1 win 0");
  }
  host_sends_at(t, S(63), ". 1:2(1) ack 1");
  host_sends_at(t, S(123), ". 1:2(1) ack 1");
  host_silent(t, S(183) - 1);
  host_is(t, "ESTABLISHED");
  host_silent(t, S(183));
  met(t, "GIVE_UP_PROBING");
  peer_free(t);
}

/* The same where the window has shrunk over what is outstanding. */
static void test_answered_repetitions_in_a_shrunk_window(void)
{
  static const int seconds[] = { 1, 3, 7, 15, 31, 63, 123, 183, 243, 303, 363 };
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 2920);
  host_sends(t, ". 1:1461(1460) ack 1");
  host_sends(t, "P. 1461:2921(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 1461 win 0");
  for (unsigned i = 0; i < G_N_ELEMENTS(seconds); i++) {
    host_sends_at(t, S(seconds[i]), "P. 1461:2921(1460) ack 1");
    peer_sends(t, ". 1:1(0) ack 1461 win 0");
  }
  host_is(t, "ESTABLISHED");
  peer_free(t);
}

void add_crossing_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/crossing/" path, test_##name)
  ADD("ack-behind-refused-probe", ack_behind_a_refused_probe);
  ADD("ack-behind-peers-probe", ack_behind_the_peers_probe);
  ADD("ack-far-behind", ack_far_behind);
  ADD("ack-in-shrunk-window", ack_in_a_shrunk_window);
  ADD("answered-repetitions", answered_repetitions_in_a_shrunk_window);
  ADD("answered-probes", answered_probes_are_not_counted);
#undef ADD
}
