/* The profile linux: when text is acknowledged at once, and what selective
 * acknowledgments hold. */
#include "peer.h"

#include "sockopt.h"

static Peer *linux_with_sack(void)
{
  Peer *t = peer_new(0);

  peer_profile(t, "linux");
  established_with_sack(t);
  return t;
}

/* A request, an answer within 40 ms: the next request's ACK waits. */
static void dialogue(Peer *t)
{
  peer_sends(t, "P. 1:11(10) ack 1");
  host_sends(t, ". 1:1(0) ack 11");
  g_assert_true(tcp_quickack(t->conn));
  user_sends_pushed(t, 10);
  host_sends(t, "P. 1:11(10) ack 11");
  g_assert_false(tcp_quickack(t->conn));
}

static void test_dialogue_waits(void)
{
  Peer *t = linux_with_sack();

  dialogue(t);
  peer_sends(t, "P. 11:21(10) ack 11");
  host_sends_at(t, MS(40), ". 11:11(0) ack 21");
  peer_free(t);
}

/* Nobody answered: that was no dialogue. */
static void test_missed_answer_ends_it(void)
{
  Peer *t = linux_with_sack();

  dialogue(t);
  peer_sends(t, "P. 11:21(10) ack 11");
  host_sends_at(t, MS(40), ". 11:11(0) ack 21");
  peer_sends(t, "P. 21:31(10) ack 11");
  host_sends_at(t, MS(40), ". 11:11(0) ack 31");
  peer_free(t);
}

static void test_repeated_text_ends_it(void)
{
  Peer *t = linux_with_sack();

  dialogue(t);
  peer_sends(t, "P. 1:11(10) ack 11");
  host_sends(t, ". 11:11(0) ack 11 <sack 1:11>");
  peer_sends(t, "P. 11:21(10) ack 11");
  host_sends(t, ". 11:11(0) ack 21");
  peer_free(t);
}

static void test_late_answer_is_none(void)
{
  Peer *t = linux_with_sack();

  peer_sends(t, "P. 1:11(10) ack 1");
  host_sends(t, ". 1:1(0) ack 11");
  runs_to(t, MS(40));
  user_sends_pushed(t, 10);
  host_sends(t, "P. 1:11(10) ack 11");
  g_assert_true(tcp_quickack(t->conn));
  peer_sends(t, "P. 11:21(10) ack 11");
  host_sends(t, ". 11:11(0) ack 21");
  peer_free(t);
}

static void test_quickack_begins_and_ends_it(void)
{
  Peer *t = linux_with_sack();

  tcp_set_quickack(t->conn, false);
  peer_sends(t, "P. 1:11(10) ack 1");
  host_silent(t, MS(30));
  tcp_set_quickack(t->conn, true);
  host_sends(t, ". 1:1(0) ack 11");
  peer_free(t);
}

static void test_fin_beyond_gap(void)
{
  Peer *t = linux_with_sack();

  peer_sends(t, "F. 11:11(0) ack 1");
  host_sends(t, ". 1:1(0) ack 1 <sack 11:12>");
  peer_sends(t, "P. 1:11(10) ack 1");
  host_sends(t, ". 1:1(0) ack 12");
  peer_sends(t, "F. 11:11(0) ack 1");
  host_sends(t, ". 1:1(0) ack 12 <sack 11:12>");
  peer_free(t);
}

/* Text from before what was acknowledged last. */
static void test_old_text(void)
{
  Peer *t = linux_with_sack();

  peer_sends(t, "P. 1:11(10) ack 1");
  host_sends(t, ". 1:1(0) ack 11");
  peer_sends(t, "P. 11:21(10) ack 1");
  host_sends(t, ". 1:1(0) ack 21");
  peer_sends(t, "P. 1:11(10) ack 1");
  host_sends(t, ". 1:1(0) ack 21 <sack 1:11>");
  peer_free(t);
}

#define ADD(name, function) \
  g_test_add_func("/peer/linux/acks/" name, test_##function)

void add_linux_acks_tests(void)
{
  ADD("dialogue-waits", dialogue_waits);
  ADD("missed-answer-ends-dialogue", missed_answer_ends_it);
  ADD("repeated-text-ends-dialogue", repeated_text_ends_it);
  ADD("late-answer-is-none", late_answer_is_none);
  ADD("quickack-begins-and-ends-dialogue", quickack_begins_and_ends_it);
  ADD("fin-beyond-gap-is-sacked", fin_beyond_gap);
  ADD("old-text-is-told", old_text);
}
