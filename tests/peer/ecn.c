/* RFC 3168: congestion marks, negotiated, echoed and answered. */
#include "peer.h"

static void check_ecn(Peer *t, NetEcn ecn)
{
  number_is(t, "the codepoint", t->ecn, ecn);
}

/* Both ends know marks. */
static Peer *capable(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "ecn", 1);
  peer_knob(t, "initial_window", 10);
  user_connects(t);
  host_sends(t, "SEW 0:0(0) win 65535 <mss 1460>");
  check_ecn(t, NET_NOT_ECT);
  peer_sends(t, "SE. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_sends(t, ". 1:1(0) ack 1");
  check_ecn(t, NET_NOT_ECT);
  return t;
}

/* 6.1.1: offered passively; and the answers that do not agree. */
static void test_negotiation(void)
{
  static const struct {
    int64_t ecn;
    const char *syn, *answer;
  } rows[] = {
    { 1, "SEW 0:0(0) <mss 1460>", "SE. 0:0(0) ack 1 <mss 1460>" },
    { 2, "SEW 0:0(0) <mss 1460>", "SE. 0:0(0) ack 1 <mss 1460>" },
    { 0, "SEW 0:0(0) <mss 1460>", "S. 0:0(0) ack 1 <mss 1460>" },
    { 1, "SE 0:0(0) <mss 1460>", "S. 0:0(0) ack 1 <mss 1460>" },
    { 1, "S 0:0(0) <mss 1460>", "S. 0:0(0) ack 1 <mss 1460>" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Peer *t = peer_new(0);

    peer_knob(t, "ecn", rows[i].ecn);
    user_listens(t);
    peer_sends(t, rows[i].syn);
    host_sends(t, rows[i].answer);
    peer_sends(t, ". 1:1(0) ack 1");
    user_sends(t, 100);
    host_sends(t, "P. 1:101(100) ack 1");
    check_ecn(t, i < 2 ? NET_ECT_0 : NET_NOT_ECT);
    peer_free(t);
  }
}

static void test_refused(void)
{
  static const char *const answers[] = {
    "S. 0:0(0) ack 1 <mss 1460>",
    "SEW. 0:0(0) ack 1 <mss 1460>", /* a reflection */
  };

  for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
    Peer *t = peer_new(0);

    peer_knob(t, "ecn", 1);
    user_connects(t);
    host_sends(t, "SEW 0:0(0) <mss 1460>");
    peer_sends(t, answers[i]);
    host_sends(t, ". 1:1(0) ack 1");
    user_sends(t, 100);
    host_sends(t, "P. 1:101(100) ack 1");
    check_ecn(t, NET_NOT_ECT);
    peer_free(t);
  }
}

/* 6.1.1.1: a lost SYN may have been one that somebody did not like. */
static void test_repeated_syn(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "ecn", 1);
  user_connects(t);
  host_sends(t, "SEW 0:0(0) <mss 1460>");
  host_sends_at(t, S(1), "S 0:0(0) <mss 1460>");
  peer_sends(t, "SE. 0:0(0) ack 1 <mss 1460>");
  host_sends(t, ". 1:1(0) ack 1");
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  check_ecn(t, NET_NOT_ECT);
  peer_free(t);
}

/* 6.1.3: ECE on every ACK until CWR (SHLD-8). */
static void test_echo(void)
{
  Peer *t = capable();

  t->mark = NET_CE;
  peer_sends(t, "P. 1:101(100) ack 1");
  met(t, "MARKED");
  host_sends_at(t, MS(200), "E. 1:1(0) ack 101");
  t->mark = NET_ECT_0;
  peer_sends(t, "P. 101:201(100) ack 1");
  host_sends_at(t, MS(400), "E. 1:1(0) ack 201");
  peer_sends(t, "PW. 201:301(100) ack 1");
  host_sends_at(t, MS(600), ". 1:1(0) ack 301");
  t->mark = NET_CE; /* CWR, and marked again */
  peer_sends(t, "PW. 301:401(100) ack 1");
  host_sends_at(t, MS(800), "E. 1:1(0) ack 401");
  peer_free(t);
}

/* 6.1.5: what came before says nothing about congestion now. */
static void test_mark_outside_the_window(void)
{
  Peer *t = capable();

  peer_sends(t, "P. 1:101(100) ack 1");
  host_sends_at(t, MS(200), ". 1:1(0) ack 101");
  t->mark = NET_CE;
  peer_sends(t, "P. 1:101(100) ack 1");
  not_met(t, "MARKED");
  host_sends(t, ". 1:1(0) ack 101");
  peer_free(t);
}

/* 6.1.2: half the window, once for a window of data, and CWR on the next new
 * text. */
static void test_reduction(void)
{
  Peer *t = capable();

  user_sends(t, 40000);
  for (int i = 0; i < 10; i++) {
    host_sends_something(t);
    check_ecn(t, NET_ECT_0);
  }
  peer_sends(t, "E. 1:1(0) ack 1461");
  windows_are(t, 6570, 6570);
  peer_sends(t, "E. 1:1(0) ack 2921"); /* of the same window */
  windows_are(t, 6570, 6570);
  peer_sends(t, "E. 1:1(0) ack 11681");
  windows_are(t, 6570, 6570);
  host_sends(t, "W. 14601:16061(1460) ack 1");
  met(t, "WINDOW_REDUCED");
  host_sends(t, ". 16061:17521(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 14601");
  host_sends(t, ". 17521:18981(1460) ack 1");
  host_sends(t, ". 18981:20441(1460) ack 1");
  peer_sends(t, "E. 1:1(0) ack 16061"); /* of the next */
  windows_are(t, 2920, 2920);
  peer_free(t);
}

/* 6.1.5: "MUST NOT" mark what is sent again; a loss brings CWR as well. */
static void test_repetition(void)
{
  Peer *t = capable();

  user_sends(t, 40000);
  for (int i = 0; i < 10; i++)
    host_sends_something(t);
  for (int i = 0; i < 3; i++)
    peer_sends(t, ". 1:1(0) ack 1");
  host_sends(t, ". 1:1461(1460) ack 1");
  check_ecn(t, NET_NOT_ECT);
  peer_sends(t, ". 1:1(0) ack 14601");
  host_sends(t, "W. 14601:16061(1460) ack 1");
  check_ecn(t, NET_ECT_0);
  host_sends(t, ". 16061:17521(1460) ack 1");
  peer_free(t);
}

void add_ecn_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/ecn/" path, test_##name)
  ADD("negotiation", negotiation);
  ADD("refused", refused);
  ADD("repeated-syn", repeated_syn);
  ADD("echo", echo);
  ADD("outside-the-window", mark_outside_the_window);
  ADD("reduction", reduction);
  ADD("repetition", repetition);
#undef ADD
}
