/* Every segment says why it was sent: the rule that its packet carries, for
 * the ladder and for the capture's comments. */
#include "peer.h"

/* The host's last segment was sent because of `rule`, for the `attempt`th
 * time again. */
static void because(Peer *t, const char *rule, unsigned attempt)
{
  if (t->failed)
    return;
  if (g_strcmp0(tcp_rule_id((TcpRule)t->last->rule), rule) != 0)
    peer_fail(t, "sent because of %s, not of %s",
              tcp_rule_id((TcpRule)t->last->rule), rule);
  number_is(t, "attempt", t->last->attempt, attempt);
}

static void test_opening(void)
{
  Peer *t = peer_new(0);

  user_connects(t);
  host_sends(t, "S 0:0(0) <mss 1460>");
  because(t, "OPEN", 0);
  number_is(t, "sender's state", t->last->sender_state, TCP_SYN_SENT);
  host_sends_at(t, S(1), "S 0:0(0) <mss 1460>");
  because(t, "RETRANSMISSION_TIMEOUT", 1);
  host_sends_at(t, S(3), "S 0:0(0) <mss 1460>");
  because(t, "RETRANSMISSION_TIMEOUT", 2);
  peer_sends(t, "S. 0:0(0) ack 1 <mss 1460>");
  host_sends(t, ". 1:1(0) ack 1");
  because(t, "SYN_SENT_SYN_ACK", 0);
  number_is(t, "sender's state", t->last->sender_state, TCP_ESTABLISHED);
  peer_free(t);
}

static void test_listening(void)
{
  Peer *t = peer_new(0);

  user_listens(t);
  peer_sends(t, "S 0:0(0) <mss 1460>");
  host_sends(t, "S. 0:0(0) ack 1 <mss 1460>");
  because(t, "LISTEN_SYN", 0);
  peer_sends(t, ". 1:1(0) ack 9");
  host_sends(t, "R 9:9(0)");
  because(t, "SYN_RECEIVED_BAD_ACK", 0);
  peer_free(t);
}

static void test_data_and_fin(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  because(t, "TEXT_SENT", 0);
  host_sends_at(t, S(1), "P. 1:101(100) ack 1");
  because(t, "RETRANSMISSION_TIMEOUT", 1);
  peer_sends(t, ". 1:1(0) ack 101");
  user_closes(t);
  host_sends(t, "F. 101:101(0) ack 1");
  because(t, "FIN_SENT", 0);
  number_is(t, "sender's state", t->last->sender_state, TCP_FIN_WAIT_1);
  peer_sends(t, "F. 1:1(0) ack 102");
  host_sends(t, ". 102:102(0) ack 2");
  because(t, "FIN_RECEIVED", 0);
  peer_sends(t, "F. 1:1(0) ack 102");
  host_sends(t, ". 102:102(0) ack 2");
  because(t, "TIME_WAIT_FIN", 0);
  number_is(t, "sender's state", t->last->sender_state, TCP_TIME_WAIT);
  number_is(t, "repetitions",
            (int64_t)tcp_stack_counters(t->stack)->retransmitted, 1);
  peer_free(t);
}

static void test_probes(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, ". 1:1(0) ack 1 win 0");
  user_sends(t, 100);
  host_sends_at(t, S(1), ". 1:2(1) ack 1");
  because(t, "ZERO_WINDOW_PROBE", 0);
  host_sends_at(t, S(3), ". 1:2(1) ack 1");
  because(t, "ZERO_WINDOW_PROBE", 2);
  peer_sends(t, ". 1:1(0) ack 1 win 100");
  host_sends(t, ". 1:2(1) ack 1");
  because(t, "WINDOW_OPENED", 1);
  peer_free(t);
}

static void test_losses(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 4380);
  host_sends(t, ". 1:1461(1460) ack 1");
  host_sends(t, ". 1461:2921(1460) ack 1");
  host_sends(t, "P. 2921:4381(1460) ack 1");
  for (int i = 0; i < 3; i++)
    peer_sends(t, ". 1:1(0) ack 1");
  host_sends(t, ". 1:1461(1460) ack 1");
  because(t, "FAST_RETRANSMIT", 1);
  peer_sends(t, ". 1:1(0) ack 2921");
  host_sends(t, "P. 2921:4381(1460) ack 1");
  because(t, "PARTIAL_ACK", 1);
  peer_free(t);
}

static void test_ends(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, "R 2:2(0)");
  host_sends(t, ". 1:1(0) ack 1");
  because(t, "RST_CHALLENGED", 0);
  peer_sends(t, "P. 11:21(10) ack 1");
  host_sends(t, ". 1:1(0) ack 1");
  because(t, "ACK_OUT_OF_ORDER", 0);
  user_aborts(t);
  host_sends(t, "R 1:1(0)");
  because(t, "ABORT", 0);
  peer_sends(t, ". 1:1(0) ack 1");
  host_sends(t, "R 1:1(0)");
  because(t, "CLOSED_ACK", 0);
  number_is(t, "resets", (int64_t)tcp_stack_counters(t->stack)->resets_sent, 2);
  number_is(t, "segments", (int64_t)tcp_stack_counters(t->stack)->segments_sent,
            6);
  peer_free(t);
}

void add_why_tests(void)
{
  g_test_add_func("/peer/why/opening", test_opening);
  g_test_add_func("/peer/why/listening", test_listening);
  g_test_add_func("/peer/why/data-and-fin", test_data_and_fin);
  g_test_add_func("/peer/why/probes", test_probes);
  g_test_add_func("/peer/why/losses", test_losses);
  g_test_add_func("/peer/why/ends", test_ends);
}
