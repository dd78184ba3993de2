/* Where the user's writes end: records that no segment joins with what
 * follows (MSG_EOR), and PSH behind each write under linux. */
#include "info.h"
#include "peer.h"

static void user_sends_record(Peer *t, uint32_t count)
{
  uint32_t taken = 0;

  tcp_send_record(t->conn, peer_pattern_slice(1 + t->written, count), &taken);
  number_is(t, "taken", taken, count);
  t->written += count;
}

/* CWND is one segment: what is written meanwhile waits. */
static Peer *waiting(const char *profile)
{
  Peer *t = peer_new(0);

  if (profile)
    peer_profile(t, profile);
  peer_knob(t, "initial_window", 1);
  peer_knob(t, "nagle", 0);
  peer_knob(t, "tail_loss_probe", 0);
  peer_knob(t, "sack", 0);
  established(t);
  user_sends(t, 1460);
  host_sends(t, "P. 1:1461(1460) ack 1");
  return t;
}

static void test_record_stays_whole(void)
{
  Peer *t = waiting(NULL);

  user_sends(t, 100);
  user_sends_record(t, 200);
  user_sends(t, 300);
  peer_sends(t, ". 1:1(0) ack 1461");
  host_sends(t, "P. 1461:1761(300) ack 1");
  host_sends(t, "P. 1761:2061(300) ack 1");
  peer_sends(t, ". 1:1(0) ack 2061");
  peer_free(t);
}

static void test_record_stays_whole_again(void)
{
  Peer *t = waiting(NULL);

  user_sends_record(t, 300);
  user_sends(t, 300);
  peer_sends(t, ". 1:1(0) ack 1461");
  host_sends(t, "P. 1461:1761(300) ack 1");
  host_sends(t, "P. 1761:2061(300) ack 1");
  host_sends_at(t, S(1), "P. 1461:1761(300) ack 1");
  host_sends(t, "P. 1761:2061(300) ack 1");
  peer_sends(t, ". 1:1(0) ack 2061");
  peer_free(t);
}

static void test_record_is_no_reason_to_wait(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 10);
  host_sends(t, "P. 1:11(10) ack 1");
  user_sends_record(t, 20);
  user_sends(t, 30);
  /* Nagle holds the last small segment back, and no other */
  host_sends(t, "P. 11:31(20) ack 1");
  host_silent(t, MS(1));
  peer_sends(t, ". 1:1(0) ack 31");
  host_sends(t, "P. 31:61(30) ack 1");
  peer_sends(t, ". 1:1(0) ack 61");
  peer_free(t);
}

static void test_each_write_is_pushed(void)
{
  Peer *t = waiting("linux");

  user_sends(t, 1000);
  user_sends(t, 1000);
  user_sends_more(t, 2000);
  peer_sends(t, ". 1:1(0) ack 1461");
  host_sends(t, "P. 1461:2921(1460) ack 1"); /* the first ends in it */
  host_sends(t, "P. 2921:4381(1460) ack 1"); /* and the second */
  peer_sends(t, ". 1:1(0) ack 4381");
  host_sends_something(t); /* nobody pushed the rest, but the cork's time */
  peer_sends(t, ". 1:1(0) ack 5461");
  peer_free(t);
}

static void test_pushed_again(void)
{
  Peer *t = waiting("linux");

  user_sends(t, 1000);
  user_sends(t, 1920);
  peer_sends(t, ". 1:1(0) ack 1461");
  host_sends(t, "P. 1461:2921(1460) ack 1");
  host_sends(t, "P. 2921:4381(1460) ack 1");
  host_sends_at(t, MS(200), "P. 1461:2921(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 4381");
  peer_free(t);
}

static void test_window_doubles(void)
{
  Peer *t = peer_new(0);

  peer_profile(t, "linux");
  peer_knob(t, "receive_buffer", 10000);
  user_connects(t);
  host_sends(t, "S 0:0(0) win 10000 <mss 1460>");
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_sends(t, ". 1:1(0) ack 1");
  for (unsigned i = 0; i < 6; i++) {
    g_autofree char *text = g_strdup_printf(". %u:%u(1000) ack 1", 1 + 1000 * i,
                                            1 + 1000 * (i + 1));

    peer_sends(t, text);
    host_sends_something(t);
  }
  user_reads_some(t, 3900); /* 4000 more would be twice what is offered */
  host_silent(t, MS(1));
  user_reads_some(t, 100);
  host_sends(t, ". 1:1(0) ack 6001 win 8000");
  user_reads_some(t, 2000);
  peer_free(t);
}

static void test_limited_from_the_start(void)
{
  Peer *t = peer_new(0);
  TcpInfo info;

  user_connects(t);
  host_sends_something(t);
  peer_sends(t, "S. 0:0(0) ack 1 win 0 <mss 1460>");
  host_sends(t, ". 1:1(0) ack 1");
  user_sends(t, 100);
  host_silent(t, MS(70));
  tcp_info(t->conn, &info);
  number_is(t, "rwnd_limited", info.rwnd_limited, 70000);
  peer_sends(t, ". 1:1(0) ack 1 win 1000");
  host_sends(t, "P. 1:101(100) ack 1");
  peer_sends(t, ". 1:1(0) ack 101");
  peer_free(t);
}

void add_records_tests(void)
{
  g_test_add_func("/peer/records/record-stays-whole", test_record_stays_whole);
  g_test_add_func("/peer/records/record-stays-whole-again",
                  test_record_stays_whole_again);
  g_test_add_func("/peer/records/record-is-no-reason-to-wait",
                  test_record_is_no_reason_to_wait);
  g_test_add_func("/peer/records/each-write-is-pushed",
                  test_each_write_is_pushed);
  g_test_add_func("/peer/records/pushed-again", test_pushed_again);
  g_test_add_func("/peer/records/window-doubles", test_window_doubles);
  g_test_add_func("/peer/records/limited-from-the-start",
                  test_limited_from_the_start);
}
