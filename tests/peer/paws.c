/* RFC 7323: timestamps, TS.Recent, and protection against wrapped sequence
 * numbers. */
#include "peer.h"

#define DAY (24 * SIM_HOUR)

/* The host's clock shows the virtual time in ms, the peer's begins at 100. */
static void with_timestamps(Peer *t)
{
  peer_knob(t, "timestamps", 1);
  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535 <mss 1460,TS val 0 ecr 0>");
  peer_sends(t, "S. 0:0(0) ack 1 <mss 1460,TS val 100 ecr 0>");
  host_sends(t, ". 1:1(0) ack 1 <TS val 0 ecr 100>");
}

/* 5.3 R1: "send an acknowledgment in reply and drop the segment". */
static void test_old_timestamp(void)
{
  Peer *t = peer_new(0);

  with_timestamps(t);
  peer_sends(t, "P. 1:11(10) ack 1 <TS val 99 ecr 0>");
  host_sends(t, ". 1:1(0) ack 1 win 65535 <TS val 0 ecr 100>");
  met(t, "PAWS");
  user_read_refused(t, "EAGAIN");
  peer_sends(t, "P. 1:11(10) ack 1 <TS val 100 ecr 0>");
  not_met(t, "PAWS");
  user_reads(t, 10);
  peer_free(t);
}

static void test_old_timestamp_acknowledges_nothing(void)
{
  Peer *t = peer_new(0);

  with_timestamps(t);
  user_sends(t, 10);
  host_sends(t, "P. 1:11(10) ack 1 <TS val 0 ecr 100>");
  peer_sends(t, ". 1:1(0) ack 11 <TS val 99 ecr 0>");
  host_sends(t, ". 11:11(0) ack 1 <TS val 0 ecr 100>");
  number_is(t, "unacknowledged", tcp_unacknowledged(t->conn), 10);
  peer_free(t);
}

/* 5.2: "RST segments MUST NOT be subjected to the PAWS check" */
static void test_rst_with_old_timestamp(void)
{
  Peer *t = peer_new(0);

  with_timestamps(t);
  peer_sends(t, "R 1:1(0) <TS val 99 ecr 0>");
  met(t, "RST");
  host_is(t, "CLOSED");
  peer_free(t);
}

static void test_rst_without_timestamp(void)
{
  Peer *t = peer_new(0);

  with_timestamps(t);
  peer_sends(t, "R 1:1(0)");
  met(t, "RST");
  host_is(t, "CLOSED");
  peer_free(t);
}

/* 3.2: "the TCP SHOULD silently drop the segment" */
static void test_no_timestamp(void)
{
  Peer *t = peer_new(0);

  with_timestamps(t);
  peer_sends(t, "P. 1:11(10) ack 1");
  met(t, "NO_TIMESTAMP");
  host_silent(t, S(1));
  user_read_refused(t, "EAGAIN");
  peer_sends(t, "F. 1:1(0) ack 1");
  met(t, "NO_TIMESTAMP");
  host_is(t, "ESTABLISHED");
  peer_free(t);
}

/* Timestamps that were not agreed on mean nothing. */
static void test_timestamp_not_agreed(void)
{
  Peer *t = peer_new(0);

  user_listens(t);
  peer_sends(t, "S 0:0(0) <mss 1460,TS val 100 ecr 0>");
  host_sends(t, "S. 0:0(0) ack 1 <mss 1460>");
  peer_sends(t, "P. 1:6(5) ack 1 <TS val 100 ecr 0>");
  peer_sends(t, "P. 6:11(5) ack 1 <TS val 99 ecr 0>");
  user_reads(t, 10);
  peer_free(t);
}

/* 4.3 (2): "SEG.TSval >= TS.Recent and SEG.SEQ <= Last.ACK.sent" */
static void test_recent_beyond_a_gap(void)
{
  Peer *t = peer_new(0);

  with_timestamps(t);
  peer_sends(t, "P. 11:21(10) ack 1 <TS val 150 ecr 0>");
  host_sends(t, ". 1:1(0) ack 1 <TS val 0 ecr 100>");
  peer_sends(t, "P. 1:11(10) ack 1 <TS val 120 ecr 0>");
  host_sends(t, ". 1:1(0) ack 21 <TS val 0 ecr 120>");
  peer_free(t);
}

/* 4.3: of two segments that one ACK covers the earlier is echoed. */
static void test_recent_of_a_delayed_ack(void)
{
  Peer *t = peer_new(0);

  with_timestamps(t);
  peer_sends(t, "P. 1:11(10) ack 1 <TS val 110 ecr 0>");
  peer_sends(t, "P. 11:21(10) ack 1 <TS val 120 ecr 0>");
  host_sends_at(t, MS(200), ". 1:1(0) ack 21 <TS val 200 ecr 110>");
  peer_sends(t, "P. 21:31(10) ack 1 <TS val 130 ecr 0>");
  host_sends_at(t, MS(400), ". 1:1(0) ack 31 <TS val 400 ecr 130>");
  peer_free(t);
}

/* 5.5: "an idle connection's TS.Recent is invalid after 24 days" */
static void test_24_days(void)
{
  Peer *t = peer_new(0);

  with_timestamps(t);
  host_silent(t, 24 * DAY - 1);
  peer_sends(t, "P. 1:11(10) ack 1 <TS val 99 ecr 0>");
  met(t, "PAWS");
  host_sends_something(t);
  host_silent(t, 24 * DAY);
  peer_sends(t, "P. 1:11(10) ack 1 <TS val 99 ecr 0>");
  not_met(t, "PAWS");
  host_sends_at(t, 24 * DAY + MS(200),
                ". 1:1(0) ack 11 <TS val 2073600200 ecr 99>");
  user_reads(t, 10);
  peer_free(t);
}

/* Each segment that sets TS.Recent makes it young again; so does the SYN. */
static void test_24_days_begin_anew(void)
{
  Peer *t = peer_new(0);

  host_silent(t, 30 * DAY);
  peer_knob(t, "timestamps", 1);
  user_listens(t);
  peer_sends(t, "S 0:0(0) <mss 1460,TS val 100 ecr 0>");
  host_sends_something(t);
  peer_sends(t, ". 1:1(0) ack 1 <TS val 99 ecr 0>");
  met(t, "PAWS");
  host_sends_something(t);
  peer_sends(t, ". 1:1(0) ack 1 <TS val 100 ecr 0>");
  host_silent(t, 40 * DAY);
  peer_sends(t, ". 1:1(0) ack 1 <TS val 200 ecr 0>");
  host_silent(t, 64 * DAY - 1);
  peer_sends(t, ". 1:1(0) ack 1 <TS val 199 ecr 0>");
  met(t, "PAWS");
  host_sends_something(t);
  host_silent(t, 64 * DAY);
  peer_sends(t, ". 1:1(0) ack 1 <TS val 199 ecr 0>");
  not_met(t, "PAWS");
  peer_free(t);
}

/* Timestamps are compared modulo 2^32. */
static void test_timestamps_wrap(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "timestamps", 1);
  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535 <mss 1460,TS val 0 ecr 0>");
  peer_sends(t, "S. 0:0(0) ack 1 <mss 1460,TS val 4294967290 ecr 0>");
  host_sends(t, ". 1:1(0) ack 1 <TS val 0 ecr 4294967290>");
  peer_sends(t, "P. 1:11(10) ack 1 <TS val 5 ecr 0>");
  host_sends_at(t, MS(200), ". 1:1(0) ack 11 <TS val 200 ecr 5>");
  peer_sends(t, "P. 11:21(10) ack 1 <TS val 4294967295 ecr 0>");
  met(t, "PAWS");
  host_sends(t, ". 1:1(0) ack 11 <TS val 200 ecr 5>");
  peer_free(t);
}

/* The checks come before the steps in TIME-WAIT as well. */
static void test_time_wait(void)
{
  Peer *t = peer_new(0);

  with_timestamps(t);
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1 <TS val 0 ecr 100>");
  peer_sends(t, "F. 1:1(0) ack 2 <TS val 101 ecr 0>");
  host_sends(t, ". 2:2(0) ack 2 <TS val 0 ecr 101>");
  host_silent(t, S(100));
  peer_sends(t, "F. 1:1(0) ack 2 <TS val 100 ecr 0>");
  host_sends(t, ". 2:2(0) ack 2 <TS val 100000 ecr 101>");
  met(t, "PAWS");
  peer_sends(t, "F. 1:1(0) ack 2");
  met(t, "NO_TIMESTAMP");
  host_silent(t, S(240) - 1);
  host_is(t, "TIME-WAIT");
  host_silent(t, S(240));
  host_is(t, "CLOSED");
  peer_free(t);
}

/* Every segment of the host's has the option: data, FIN, repetition. */
static void test_every_segment_has_it(void)
{
  Peer *t = peer_new(0);

  with_timestamps(t);
  user_sends(t, 10);
  host_sends(t, "P. 1:11(10) ack 1 <TS val 0 ecr 100>");
  host_sends_at(t, S(1), "P. 1:11(10) ack 1 <TS val 1000 ecr 100>");
  user_closes(t);
  host_sends(t, "F. 11:11(0) ack 1 <TS val 1000 ecr 100>");
  user_aborts(t);
  host_sends(t, "R 12:12(0) <TS val 1000 ecr 0>");
  peer_free(t);
}

void add_paws_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/paws/" path, test_##name)
  ADD("established-old", old_timestamp);
  ADD("established-old-ack", old_timestamp_acknowledges_nothing);
  ADD("established-rst-old", rst_with_old_timestamp);
  ADD("established-rst-none", rst_without_timestamp);
  ADD("established-none", no_timestamp);
  ADD("established-not-agreed", timestamp_not_agreed);
  ADD("recent-beyond-gap", recent_beyond_a_gap);
  ADD("recent-delayed-ack", recent_of_a_delayed_ack);
  ADD("established-24-days", 24_days);
  ADD("established-24-days-anew", 24_days_begin_anew);
  ADD("established-wrap", timestamps_wrap);
  ADD("time-wait-old", time_wait);
  ADD("every-segment", every_segment_has_it);
#undef ADD
}
