/* The profile linux: recoveries that were not needed are undone; what TCP_INFO
 * tells of segments. SMSS is 1000. */
#include "info.h"
#include "linux_recovery.h"

/* What was sent again had arrived: its DSACK says so, in the recovery or
 * behind it. */
static void undone(bool within)
{
  Peer *t = linux_with_sack();

  ten_in_flight(t, MS(100), 15000);
  peer_sacks_segments(t, 0, 1, 2);
  host_sends_segment(t, 10);
  peer_sacks_segments(t, 0, 1, 3);
  host_sends_segment(t, 11);
  peer_sacks_segments(t, 0, 1, 4);
  host_sends_segment(t, 0);
  number_is(t, "SSTHRESH", user_status(t).ssthresh, 7000);
  peer_acks_segments(t, within ? 8 : 12);
  host_sends_segments(t, 12, 15, true);
  not_met(t, "RECOVERY_UNDONE");
  peer_sacks_segments(t, within ? 8 : 12, 0, 1);
  met(t, "RECOVERY_UNDONE");
  windows_are(t, 10000, 1 << 30);
  peer_free(t);
}

static void test_undone(void)
{
  undone(true);
  undone(false);
}

/* Of two that were sent again one had not: no DSACK comes for it. */
static void test_not_undone(void)
{
  Peer *t = linux_with_sack();

  ten_in_flight(t, MS(100), 10000);
  peer_sacks_segments(t, 0, 2, 5);
  host_sends_segments(t, 0, 2, false);
  peer_acks_segments(t, 10);
  peer_sacks_segments(t, 10, 0, 1);
  not_met(t, "RECOVERY_UNDONE");
  windows_are(t, 7000, 7000);
  peer_sacks_segments(t, 10, 1, 2);
  met(t, "RECOVERY_UNDONE");
  peer_free(t);
}

/* A probe is no part of the recovery: its DSACK is not waited for. */
static void test_undone_but_for_a_probe(void)
{
  Peer *t = linux_with_sack();

  ten_in_flight(t, MS(100), 10000);
  peer_sacks_segments(t, 0, 1, 4);
  host_sends_segment(t, 0);
  runs_to(t, MS(300));
  peer_acks_segments(t, 10);
  user_sends(t, 2000);
  host_sends_segments(t, 10, 12, true);
  host_sends_at(t, MS(506), "P. 11001:12001(1000) ack 1");
  met(t, "LOSS_PROBE");
  peer_sacks_segments(t, 10, 0, 1);
  met(t, "RECOVERY_UNDONE");
  peer_free(t);
}

/* The echo of a timestamp from before the repetition. */
static void test_undone_by_timestamp(void)
{
  Peer *t = linux_with_sack();

  peer_knob(t, "timestamps", 1);
  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535 <mss 1460,sackOK,TS val 0 ecr 0>");
  host_silent(t, MS(100));
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 "
                "<mss 1012,sackOK,TS val 1 ecr 0>");
  host_sends(t, ". 1:1(0) ack 1 win 65535 <TS val 100 ecr 1>");
  user_sends(t, 5000);
  for (int i = 0; i < 5; i++)
    host_sends_something(t);
  host_silent(t, MS(200));
  peer_sends(t, ". 1:1(0) ack 1 <TS val 2 ecr 100,sack 1001:4001>");
  host_sends(t, ". 1:1001(1000) ack 1 <TS val 200 ecr 2>");
  number_is(t, "SSTHRESH", user_status(t).ssthresh, 7000);
  host_silent(t, MS(210));
  peer_sends(t, ". 1:1(0) ack 5001 <TS val 3 ecr 100>");
  met(t, "RECOVERY_UNDONE");
  number_is(t, "SSTHRESH", user_status(t).ssthresh, 1 << 30);
  peer_free(t);
}

/* What TCP_INFO says of it. */
static void test_info(void)
{
  Peer *t = linux_with_sack();
  TcpInfo info;

  ten_in_flight(t, MS(100), 10000);
  peer_sends(t, ". 1:1(0) ack 1 <sack 2001:3001>");
  tcp_info(t->conn, &info);
  number_is(t, "ca_state", info.ca_state, TCP_CA_DISORDER);
  number_is(t, "sacked", info.sacked, 1);
  peer_sends(t, ". 1:1(0) ack 1 <sack 2001:3001 6001:7001>");
  peer_sends(t, ". 1:1(0) ack 1 <sack 2001:3001 6001:7001 8001:9001>");
  host_sends_segment(t, 0);
  tcp_info(t->conn, &info);
  number_is(t, "ca_state", info.ca_state, TCP_CA_RECOVERY);
  number_is(t, "lost", info.lost, 6);
  number_is(t, "retrans", info.retrans, 1);
  peer_sends(t, ". 1:1(0) ack 1 <sack 2001:4001 6001:7001 8001:9001>");
  host_sends_segment(t, 1);
  tcp_info(t->conn, &info);
  number_is(t, "lost", info.lost, 5);
  number_is(t, "reordering", info.reordering, 6);
  number_is(t, "reord_seen", info.reord_seen, 1);
  peer_free(t);
}

#define ADD(name, function) \
  g_test_add_func("/peer/linux/recovery/" name, test_##function)

void add_linux_undo_tests(void)
{
  ADD("undone-by-dsack", undone);
  ADD("not-undone", not_undone);
  ADD("undone-but-for-a-probe", undone_but_for_a_probe);
  ADD("undone-by-timestamp", undone_by_timestamp);
  ADD("info", info);
}
