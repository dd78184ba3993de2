/* RFC 2018 and RFC 2883: what the receiver tells of its gaps and of what came
 * twice. */
#include "peer.h"

static void test_offered_and_accepted(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "sack", 1);
  user_listens(t);
  peer_sends(t, "S 0:0(0) <mss 1460,sackOK>");
  host_sends(t, "S. 0:0(0) ack 1 <mss 1460,sackOK>");
  peer_sends(t, ". 1:1(0) ack 1");
  peer_sends(t, ". 501:1001(500) ack 1");
  host_sends(t, ". 1:1(0) ack 1 <sack 501:1001>");
  peer_free(t);
}

static void test_not_offered_to_one_who_did_not(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "sack", 1);
  user_listens(t);
  peer_sends(t, "S 0:0(0) <mss 1460>");
  host_sends(t, "S. 0:0(0) ack 1 <mss 1460>");
  peer_sends(t, ". 1:1(0) ack 1");
  peer_sends(t, ". 501:1001(500) ack 1");
  host_sends(t, ". 1:1(0) ack 1");
  peer_free(t);
}

static void test_not_accepted_without_the_knob(void)
{
  Peer *t = peer_new(0);

  user_listens(t);
  peer_sends(t, "S 0:0(0) <mss 1460,sackOK>");
  host_sends(t, "S. 0:0(0) ack 1 <mss 1460>");
  peer_sends(t, ". 1:1(0) ack 1");
  peer_sends(t, ". 501:1001(500) ack 1");
  host_sends(t, ". 1:1(0) ack 1");
  peer_free(t);
}

/* RFC 2018 7, case 2: the first of eight segments of 500 is lost. */
static void test_first_lost(void)
{
  Peer *t = peer_new(0);

  established_with_sack(t);
  peer_sends(t, ". 501:1001(500) ack 1");
  host_sends(t, ". 1:1(0) ack 1 <sack 501:1001>");
  peer_sends(t, ". 1001:1501(500) ack 1");
  host_sends(t, ". 1:1(0) ack 1 <sack 501:1501>");
  peer_sends(t, ". 1501:2001(500) ack 1");
  host_sends(t, ". 1:1(0) ack 1 <sack 501:2001>");
  peer_sends(t, ". 1:501(500) ack 1");
  host_sends(t, ". 1:1(0) ack 2001");
  met(t, "ACK_GAP_FILLED");
  user_reads(t, 2000);
  peer_free(t);
}

/* Case 3: the second, fourth, sixth and eighth are lost; then the fourth
 * comes, and the second. */
static void test_every_other_lost(void)
{
  Peer *t = peer_new(0);

  established_with_sack(t);
  peer_sends(t, ". 1:501(500) ack 1");
  host_sends_at(t, MS(200), ". 1:1(0) ack 501");
  peer_sends(t, ". 1001:1501(500) ack 1");
  host_sends(t, ". 1:1(0) ack 501 <sack 1001:1501>");
  peer_sends(t, ". 2001:2501(500) ack 1");
  host_sends(t, ". 1:1(0) ack 501 <sack 2001:2501 1001:1501>");
  peer_sends(t, ". 3001:3501(500) ack 1");
  host_sends(t, ". 1:1(0) ack 501 <sack 3001:3501 2001:2501 1001:1501>");
  peer_sends(t, ". 1501:2001(500) ack 1");
  host_sends(t, ". 1:1(0) ack 501 <sack 1001:2501 3001:3501>");
  peer_sends(t, ". 501:1001(500) ack 1");
  host_sends(t, ". 1:1(0) ack 2501 <sack 3001:3501>");
  peer_free(t);
}

/* Four blocks fit; of a fifth gap the oldest block gives way, and is told
 * again when there is room. */
static void test_as_many_as_fit(void)
{
  Peer *t = peer_new(0);

  established_with_sack(t);
  for (int i = 1; i < 5; i++) {
    g_autofree char *text =
        g_strdup_printf(". %d:%d(100) ack 1", 1 + i * 200, 101 + i * 200);

    peer_sends(t, text);
    host_sends_something(t);
  }
  peer_sends(t, ". 1001:1101(100) ack 1");
  host_sends(t, ". 1:1(0) ack 1 <sack 1001:1101 801:901 601:701 401:501>");
  peer_sends(t, ". 1001:1101(100) ack 1"); /* the duplicate takes a place */
  host_sends(t, ". 1:1(0) ack 1 <sack 1001:1101 1001:1101 801:901 601:701>");
  peer_sends(t, ". 501:601(100) ack 1");
  host_sends(t, ". 1:1(0) ack 1 <sack 401:701 1001:1101 801:901 201:301>");
  peer_sends(t, ". 1:201(200) ack 1");
  host_sends(t, ". 1:1(0) ack 301 <sack 401:701 1001:1101 801:901>");
  peer_free(t);
}

/* 4: a block that grows stays one, and the others keep their order. */
static void test_order_of_age(void)
{
  Peer *t = peer_new(0);

  established_with_sack(t);
  peer_sends(t, ". 201:301(100) ack 1");
  host_sends_something(t);
  peer_sends(t, ". 1001:1101(100) ack 1");
  host_sends_something(t);
  for (int i = 0; i < 4; i++) {
    g_autofree char *text =
        g_strdup_printf(". %d:%d(50) ack 1", 601 + i * 50, 651 + i * 50);

    peer_sends(t, text);
    if (i < 3)
      host_sends_something(t);
  }
  host_sends(t, ". 1:1(0) ack 1 <sack 601:801 1001:1101 201:301>");
  peer_free(t);
}

/* 3: "using Timestamps option ... 3 SACK blocks". */
static void test_three_beside_timestamps(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "sack", 1);
  peer_knob(t, "timestamps", 1);
  user_connects(t);
  host_sends(t, "S 0:0(0) <mss 1460,sackOK,TS val 0 ecr 0>");
  peer_sends(t, "S. 0:0(0) ack 1 <mss 1460,sackOK,TS val 9 ecr 0>");
  host_sends(t, ". 1:1(0) ack 1 <TS val 0 ecr 9>");
  for (int i = 1; i < 4; i++) {
    g_autofree char *text = g_strdup_printf(
        ". %d:%d(100) ack 1 <TS val 9 ecr 0>", 1 + i * 200, 101 + i * 200);

    peer_sends(t, text);
    host_sends_something(t);
  }
  peer_sends(t, ". 1001:1101(100) ack 1 <TS val 9 ecr 0>");
  host_sends(t, ". 1:1(0) ack 1 "
                "<sack 1001:1101 601:701 401:501,TS val 0 ecr 9>");
  peer_free(t);
}

/* 3.7.1: what the blocks take is missing in the segment. */
static void test_blocks_ride_on_text(void)
{
  Peer *t = peer_new(0);

  established_with_sack(t);
  peer_sends(t, ". 501:1001(500) ack 1");
  host_sends(t, ". 1:1(0) ack 1 <sack 501:1001>");
  user_sends(t, 2000);
  host_sends(t, ". 1:1449(1448) ack 1 <sack 501:1001>");
  host_silent(t, MS(10));
  peer_sends(t, ". 1:501(500) ack 1449");
  host_sends(t, "P. 1449:2001(552) ack 1001");
  peer_free(t);
}

/* RFC 2883 4.1: a segment that came before as a whole. */
static void test_duplicate_segment(void)
{
  Peer *t = peer_new(0);

  established_with_sack(t);
  peer_sends(t, ". 1:501(500) ack 1");
  host_sends_at(t, MS(200), ". 1:1(0) ack 501");
  peer_sends(t, ". 1:501(500) ack 1");
  host_sends(t, ". 1:1(0) ack 501 <sack 1:501>");
  peer_sends(t, ". 1001:1501(500) ack 1"); /* told once */
  host_sends(t, ". 1:1(0) ack 501 <sack 1001:1501>");
  /* 4.1.2: beyond a gap, the block that it lies in follows */
  peer_sends(t, ". 1501:2001(500) ack 1");
  host_sends(t, ". 1:1(0) ack 501 <sack 1001:2001>");
  peer_sends(t, ". 1001:1501(500) ack 1");
  host_sends(t, ". 1:1(0) ack 501 <sack 1001:1501 1001:2001>");
  peer_free(t);
}

/* RFC 2883 4.2: a part of it had come. */
static void test_partly_duplicate_segment(void)
{
  Peer *t = peer_new(0);

  established_with_sack(t);
  peer_sends(t, ". 1:501(500) ack 1");
  host_sends_at(t, MS(200), ". 1:1(0) ack 501");
  peer_sends(t, ". 1001:1501(500) ack 1");
  host_sends(t, ". 1:1(0) ack 501 <sack 1001:1501>");
  peer_sends(t, ". 1:1001(1000) ack 1");
  host_sends(t, ". 1:1(0) ack 1501 <sack 1:501>");
  peer_free(t);
}

/* RFC 2883 4: "the first duplicate contiguous sequence": what lies in the block
 * behind it is not told. */
static void test_duplicate_in_front_of_another(void)
{
  Peer *t = peer_new(0);

  established_with_sack(t);
  peer_sends(t, ". 1:501(500) ack 1");
  host_sends_at(t, MS(200), ". 1:1(0) ack 501");
  peer_sends(t, ". 1001:1501(500) ack 1");
  host_sends(t, ". 1:1(0) ack 501 <sack 1001:1501>");
  peer_sends(t, ". 401:1401(1000) ack 1");
  host_sends(t, ". 1:1(0) ack 1501 <sack 401:501>");
  peer_free(t);
}

/* The DSACK waits for the text behind it to be acknowledged, or not. */
static void test_duplicate_in_front_of_new_text(void)
{
  for (int at_once = 0; at_once < 2; at_once++) {
    Peer *t = peer_new(0);

    peer_knob(t, "dsack_at_once", at_once);
    established_with_sack(t);
    peer_sends(t, ". 1:501(500) ack 1");
    host_sends_at(t, MS(200), ". 1:1(0) ack 501");
    peer_sends(t, ". 1:601(600) ack 1");
    host_sends_at(t, MS(at_once ? 200 : 400), ". 1:1(0) ack 601 <sack 1:501>");
    met(t, at_once ? "ACK_OVERLAP" : "ACK_DELAYED");
    peer_free(t);
  }
}

static void test_duplicates_are_not_told(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "dsack", 0);
  established_with_sack(t);
  peer_sends(t, ". 1:501(500) ack 1");
  host_sends_at(t, MS(200), ". 1:1(0) ack 501");
  peer_sends(t, ". 1:501(500) ack 1");
  host_sends(t, ". 1:1(0) ack 501");
  peer_sends(t, ". 1001:1501(500) ack 1");
  host_sends(t, ". 1:1(0) ack 501 <sack 1001:1501>");
  peer_sends(t, ". 1001:1501(500) ack 1");
  host_sends(t, ". 1:1(0) ack 501 <sack 1001:1501>");
  peer_free(t);
}

void add_sack_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/sack/" path, test_##name)
  ADD("offered", offered_and_accepted);
  ADD("not-offered", not_offered_to_one_who_did_not);
  ADD("not-accepted", not_accepted_without_the_knob);
  ADD("first-lost", first_lost);
  ADD("every-other-lost", every_other_lost);
  ADD("as-many-as-fit", as_many_as_fit);
  ADD("order", order_of_age);
  ADD("beside-timestamps", three_beside_timestamps);
  ADD("on-text", blocks_ride_on_text);
  ADD("duplicate", duplicate_segment);
  ADD("partly-duplicate", partly_duplicate_segment);
  ADD("duplicate-and-block", duplicate_in_front_of_another);
  ADD("duplicate-and-new", duplicate_in_front_of_new_text);
  ADD("dsack-off", duplicates_are_not_told);
#undef ADD
}
