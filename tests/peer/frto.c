/* RFC 5682: was the time-out spurious? SMSS is 1460. */
#include "segments.h"

/* Six segments whose time-out has just expired. */
static Peer *timed_out(uint32_t queued, bool sack)
{
  Peer *t = peer_new(0);

  peer_knob(t, "frto", 1);
  peer_knob(t, "initial_window", 6);
  if (sack)
    established_with_sack(t);
  else
    established(t);
  user_sends(t, queued);
  for (int i = 0; i < 6; i++)
    host_sends_segment(t, i);
  host_sends_at(t, S(1), ". 1:1461(1460) ack 1");
  windows_are(t, 1460, 3 * 1460);
  return t;
}

/* The acknowledgments were late: the second advances too (step 3b), and what
 * was outstanding is not sent again. */
static void test_spurious(void)
{
  Peer *t = timed_out(60000, false);

  peer_acks(t, 1);
  host_sends_segment(t, 6);
  met(t, "FRTO_NEW");
  host_sends_segment(t, 7);
  peer_acks(t, 2);
  host_sends_segment(t, 8);
  met(t, "FRTO_SPURIOUS");
  windows_are(t, 7 * 1460, 6 * 1460);
  peer_acks(t, 6);
  for (int i = 9; i < 13; i++)
    host_sends_segment(t, i);
  windows_are(t, 7 * 1460, 6 * 1460);
  peer_free(t);
}

/* They were lost: the new segments bring duplicates (step 3a). */
static void test_genuine(void)
{
  Peer *t = timed_out(60000, false);

  peer_acks(t, 1);
  host_sends_segment(t, 6);
  host_sends_segment(t, 7);
  peer_acks(t, 1);
  host_sends_segment(t, 1);
  windows_are(t, 3 * 1460, 3 * 1460);
  peer_free(t);
}

/* Step 2a: a duplicate, all acknowledged, or nothing new to send. */
static void test_no_use(void)
{
  Peer *t = timed_out(60000, false);

  peer_acks(t, 0);
  not_met(t, "FRTO_NEW");
  windows_are(t, 1460, 3 * 1460);
  peer_acks(t, 1);
  host_sends_segment(t, 1);
  host_sends_segment(t, 2);
  peer_free(t);
  t = timed_out(60000, false);
  peer_acks(t, 6);
  host_sends_segment(t, 6);
  host_sends_segment(t, 7);
  not_met(t, "FRTO_NEW");
  windows_are(t, 2 * 1460, 3 * 1460);
  peer_free(t);
}

static void test_nothing_new_to_send(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "frto", 1);
  established(t);
  user_sends(t, 3 * 1460);
  host_sends_segment(t, 0);
  host_sends_segment(t, 1);
  host_sends(t, "P. 2921:4381(1460) ack 1");
  host_sends_at(t, S(1), ". 1:1461(1460) ack 1");
  peer_acks(t, 1);
  host_sends_segment(t, 1);
  host_sends(t, "P. 2921:4381(1460) ack 1");
  peer_free(t);
}

/* A second time-out of the same segment is no question any more. */
static void test_twice(void)
{
  Peer *t = timed_out(60000, false);

  host_sends_at(t, S(3), ". 1:1461(1460) ack 1");
  peer_acks(t, 1);
  host_sends_segment(t, 1);
  host_sends_segment(t, 2);
  peer_free(t);
}

/* 3.1: with SACK, what was not sent again and is SACKed was not lost; what is
 * new says nothing. */
static void test_sack(void)
{
  Peer *t = timed_out(60000, true);

  peer_acks(t, 1);
  host_sends_segment(t, 6);
  host_sends_segment(t, 7);
  peer_sends(t, ". 1:1(0) ack 1461 <sack 2921:4381>");
  windows_are(t, 6 * 1460, 6 * 1460);
  peer_free(t);
  t = timed_out(60000, true);
  peer_acks(t, 1);
  host_sends_segment(t, 6);
  host_sends_segment(t, 7);
  peer_sends(t, ". 1:1(0) ack 1461 <sack 8761:10221>");
  host_sends_segment(t, 1);
  host_sends_segment(t, 2);
  windows_are(t, 3 * 1460, 3 * 1460);
  peer_free(t);
}

void add_frto_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/frto/" path, test_##name)
  ADD("spurious", spurious);
  ADD("genuine", genuine);
  ADD("no-use", no_use);
  ADD("nothing-new", nothing_new_to_send);
  ADD("twice", twice);
  ADD("sack", sack);
#undef ADD
}
