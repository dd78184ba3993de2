/* The profile linux: FIN-WAIT-2, TIME-WAIT, what each call puts on the wire,
 * what errors are found, and how often bad segments are answered. */
#include "peer.h"

/* The host was reset, or ended, and says no more. */
static void over(Peer *t)
{
  host_is(t, "CLOSED");
  peer_free(t);
}

static void closes_in_fin_wait_2(Peer *t)
{
  established(t);
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1");
  peer_sends(t, ". 1:1(0) ack 2");
  host_is(t, "FIN-WAIT-2");
}

/* -- FIN-WAIT-2 -- */

static void test_fin_wait_2_shutdown(void)
{
  Peer *t = linux_new(0);

  reaches(t, "FIN-WAIT-2");
  host_silent(t, S(100000));
  host_is(t, "FIN-WAIT-2");
  peer_free(t);
}

static void lasts(SimTime linger2, SimTime span)
{
  Peer *t = linux_new(0);

  peer_knob(t, "fin_wait_2_timeout", linger2);
  closes_in_fin_wait_2(t);
  host_silent(t, span - 1);
  host_is(t, "FIN-WAIT-2");
  host_silent(t, span);
  host_is(t, "CLOSED");
  peer_sends(t, "F. 1:1(0) ack 2");
  host_sends(t, "R 2:2(0)");
  peer_free(t);
}

static void test_fin_wait_2_orphan(void)
{
  lasts(S(60), S(60));
  lasts(S(5), S(5));
  lasts(S(70), S(20));
  lasts(S(120), S(120));
  lasts(MS(1), MS(700)); /* 3.5 RTO */
}

static void test_fin_wait_2_from_close(void)
{
  Peer *t = linux_new(0);

  reaches(t, "FIN-WAIT-2");
  host_silent(t, S(30));
  user_closes(t);
  peer_sends(t, ". 1:1(0) ack 2");
  host_silent(t, S(90) - 1);
  host_is(t, "FIN-WAIT-2");
  host_silent(t, S(90));
  over(t);
}

static void test_fin_wait_2_fin(void)
{
  Peer *t = linux_new(0);

  closes_in_fin_wait_2(t);
  host_silent(t, S(59));
  peer_sends(t, "F. 1:1(0) ack 2");
  host_sends(t, ". 2:2(0) ack 2");
  host_is(t, "TIME-WAIT");
  host_silent(t, S(119) - 1);
  host_is(t, "TIME-WAIT");
  host_silent(t, S(119));
  over(t);
}

static void test_linger2_negative(void)
{
  Peer *t = linux_new(0);

  peer_knob(t, "fin_wait_2_timeout", -1);
  reaches(t, "FIN-WAIT-2");
  user_closes(t);
  host_sends(t, "R. 2:2(0) ack 1");
  over(t);
  t = linux_new(0);
  peer_knob(t, "fin_wait_2_timeout", -1);
  established(t);
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1");
  peer_sends(t, ". 1:1(0) ack 2");
  host_sends(t, "R 2:2(0)");
  met(t, "FIN_WAIT_2_REFUSED");
  over(t);
}

/* -- TIME-WAIT -- */

/* `segment` comes after 30 s; how long TIME-WAIT lasts then. */
static void time_wait_after(const char *segment, const char *reply,
                            SimTime until)
{
  Peer *t = linux_new(0);

  reaches(t, "TIME-WAIT");
  host_silent(t, S(30));
  peer_sends(t, segment);
  if (reply)
    host_sends(t, reply);
  if (until > S(30)) {
    host_silent(t, until - 1);
    host_is(t, "TIME-WAIT");
    host_silent(t, until);
  }
  over(t);
}

static void test_time_wait(void)
{
  static const char ack[] = ". 2:2(0) ack 2";

  time_wait_after("F. 1:1(0) ack 2", ack, S(90));
  time_wait_after(". 2:2(0) ack 2", NULL, S(90));
  time_wait_after(". 100:100(0) ack 2", ack, S(90));
  time_wait_after("P 2:2(0)", NULL, S(60));
  time_wait_after("P 1:1(0)", ack, S(60));
  time_wait_after("S 1000:1000(0) <mss 1460>", ack, S(60));
  time_wait_after("R 1:1(0)", NULL, S(60));
  time_wait_after("R 3:3(0)", NULL, S(60));
  time_wait_after("R 2:2(0)", NULL, S(30));
}

static void test_time_wait_exact(void)
{
  Peer *t = linux_new(0);

  reaches(t, "TIME-WAIT");
  peer_sends(t, ". 2:2(0) ack 2");
  met(t, "TIME_WAIT_EXACT");
  peer_free(t);
}

static void test_time_wait_rfc1337(void)
{
  Peer *t = linux_new(0);

  peer_knob(t, "ignore_reset_in_time_wait", 1);
  reaches(t, "TIME-WAIT");
  peer_sends(t, "R 2:2(0)");
  host_silent(t, S(60) - 1);
  host_is(t, "TIME-WAIT");
  peer_free(t);
}

/* -- rate limits -- */

static void test_answers_are_rationed(void)
{
  static const char ack[] = ". 1:1(0) ack 1";
  Peer *t = linux_new(0);

  established(t);
  peer_sends(t, "S 100:100(0)");
  host_sends(t, ack);
  peer_sends(t, "R 100:100(0)");
  peer_sends(t, ". 1:1(0) ack 5");
  peer_sends(t, ". 4294966297:4294966297(0) ack 1");
  peer_sends(t, "S. 100:100(0) ack 1");
  host_silent(t, MS(500) - 1);
  peer_sends(t, "R 100:100(0)");
  host_silent(t, MS(500));
  peer_sends(t, "R 100:100(0)");
  host_sends(t, ack);
  peer_sends(t, "P. 4294966297:4294966298(1) ack 1");
  host_sends(t, ack);
  peer_sends(t, "F. 0:0(0) ack 1");
  host_sends(t, ack);
  peer_free(t);
}

static void test_answers_in_time_wait_are_rationed(void)
{
  Peer *t = linux_new(0);

  reaches(t, "TIME-WAIT");
  host_silent(t, S(1));
  peer_sends(t, ". 1:1(0) ack 2");
  host_sends(t, ". 2:2(0) ack 2");
  peer_sends(t, ". 1:1(0) ack 2");
  peer_sends(t, "S 1:1(0)");
  peer_sends(t, "F. 1:1(0) ack 2");
  host_sends(t, ". 2:2(0) ack 2");
  host_silent(t, MS(1500));
  peer_sends(t, ". 1:1(0) ack 2");
  host_sends(t, ". 2:2(0) ack 2");
  peer_free(t);
}

static void test_resets_are_not_rationed(void)
{
  Peer *t = linux_new(0);

  for (int i = 0; i < 20; i++) {
    peer_sends(t, ". 1:1(0) ack 1");
    host_sends(t, "R 1:1(0)");
  }
  peer_free(t);
}

/* -- calls -- */

static void test_unread(void)
{
  Peer *t = linux_new(0);

  established(t);
  peer_sends(t, "P. 1:101(100) ack 1");
  host_sends(t, ". 1:1(0) ack 101");
  met(t, "ACK_QUICK");
  user_closes(t);
  host_sends(t, "R. 1:1(0) ack 101 win 65435");
  over(t);
}

static void test_unread_after_shutdown(void)
{
  Peer *t = linux_new(0);

  reaches(t, "FIN-WAIT-1");
  peer_sends(t, "P. 1:101(100) ack 1");
  host_sends(t, ". 2:2(0) ack 101");
  user_closes(t);
  host_sends(t, "R. 2:2(0) ack 101");
  over(t);
}

static void test_unread_out_of_order(void)
{
  Peer *t = linux_new(0);

  established(t);
  peer_sends(t, "P. 11:21(10) ack 1");
  host_sends(t, ". 1:1(0) ack 1");
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1");
  peer_free(t);
}

static void lingers_in(const char *state, const char *reply)
{
  Peer *t = linux_new(0);

  reaches(t, state);
  user_lingers(t, 0);
  user_closes(t);
  if (reply)
    host_sends(t, reply);
  over(t);
}

static void test_linger_0(void)
{
  Peer *t;

  lingers_in("SYN-SENT", NULL);
  lingers_in("SYN-RECEIVED/active", "R. 1:1(0) ack 1");
  lingers_in("ESTABLISHED", "R. 1:1(0) ack 1");
  lingers_in("FIN-WAIT-1", "R. 2:2(0) ack 1");
  lingers_in("FIN-WAIT-2", "R. 2:2(0) ack 1");
  lingers_in("CLOSING", NULL);
  t = linux_new(0);
  established(t);
  peer_sends(t, "F. 1:1(0) ack 1");
  user_lingers(t, 0);
  user_closes(t);
  host_sends(t, "R. 1:1(0) ack 2");
  over(t);
  t = linux_new(0);
  reaches(t, "TIME-WAIT");
  user_lingers(t, 0);
  user_closes(t);
  host_silent(t, S(60) - 1);
  host_is(t, "TIME-WAIT");
  peer_free(t);
}

static void test_syn_sent(void)
{
  Peer *t = linux_new(0);

  reaches(t, "SYN-SENT");
  user_closes(t);
  over(t);
  t = linux_new(0);
  reaches(t, "SYN-SENT");
  user_shuts(t, TCP_SHUTDOWN_SEND);
  user_error(t, "ECONNRESET");
  over(t);
}

static void test_listener_closes(void)
{
  Peer *t = linux_new(0);

  t->hold_accept = true;
  established_passively(t);
  user_unlistens(t);
  host_sends(t, "R. 1:1(0) ack 1");
  over(t);
}

static void test_shut_reading(void)
{
  Peer *t = linux_new(0);

  established(t);
  user_shuts(t, TCP_SHUTDOWN_RECEIVE);
  peer_sends(t, "P. 1:11(10) ack 1");
  host_sends(t, ". 1:1(0) ack 11 win 65525");
  user_reads(t, 10);
  peer_free(t);
}

static void test_shut_both(void)
{
  Peer *t = linux_new(0);

  established(t);
  user_shuts(t, TCP_SHUTDOWN_BOTH);
  host_sends(t, "F. 1:1(0) ack 1");
  peer_sends(t, ". 1:1(0) ack 2");
  peer_sends(t, "P. 1:2(1) ack 2");
  host_sends(t, "R 2:2(0)");
  user_error(t, "ECONNRESET");
  over(t);
}

static void test_reset_with_unread(void)
{
  Peer *t = linux_new(0);

  established(t);
  peer_sends(t, "P. 1:11(10) ack 1");
  host_sends(t, ". 1:1(0) ack 11");
  peer_sends(t, "R 11:11(0)");
  user_reads(t, 10);
  user_read_refused(t, "ECONNRESET");
  user_reads_end(t);
  user_send_refused(t, "EPIPE");
  over(t);
}

static void test_reset_in_close_wait(void)
{
  Peer *t = linux_new(0);

  established(t);
  peer_sends(t, "F. 1:1(0) ack 1");
  host_sends_at(t, MS(4), ". 1:1(0) ack 2");
  peer_sends(t, "R 2:2(0)");
  user_reads_end(t);
  user_send_refused(t, "EPIPE");
  over(t);
}

static void test_late_data(void)
{
  static const char *const segments[] = { "P. 1:2(1) ack 2", "P. 9:10(1) ack 2",
                                          "FP. 1:2(1) ack 2",
                                          "F. 9:9(0) ack 2" };

  for (size_t i = 0; i < G_N_ELEMENTS(segments); i++) {
    Peer *t = linux_new(0);

    closes_in_fin_wait_2(t);
    peer_sends(t, segments[i]);
    host_sends(t, "R 2:2(0)");
    over(t);
    t = linux_new(0);
    established(t);
    user_closes(t);
    host_sends(t, "F. 1:1(0) ack 1");
    peer_sends(t, segments[i]);
    host_sends(t, "R 2:2(0)");
    over(t);
  }
}

static void test_syn_fin_ignored(void)
{
  Peer *t = linux_new(0);

  user_listens(t);
  peer_sends(t, "SF 0:0(0) win 65535 <mss 1460>");
  met(t, "LISTEN_SYN_FIN");
  peer_sends(t, "S 0:0(0) win 65535 <mss 1460>");
  host_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  peer_sends(t, "S 0:0(0) win 65535 <mss 1460>");
  host_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  met(t, "SYN_AGAIN");
  peer_sends(t, "R 1:1(0)");
  peer_free(t);
}

#define ADD(name, function) \
  g_test_add_func("/peer/linux/" name, test_##function)

void add_linux_ending_tests(void)
{
  ADD("fin-wait-2/shutdown-lasts", fin_wait_2_shutdown);
  ADD("fin-wait-2/orphan", fin_wait_2_orphan);
  ADD("fin-wait-2/counts-from-close", fin_wait_2_from_close);
  ADD("fin-wait-2/fin-then-60-s", fin_wait_2_fin);
  ADD("fin-wait-2/negative-linger2", linger2_negative);
  ADD("time-wait/what-prolongs-it", time_wait);
  ADD("time-wait/exact-ack", time_wait_exact);
  ADD("time-wait/tcp-rfc1337", time_wait_rfc1337);
  ADD("rate/one-each-500-ms", answers_are_rationed);
  ADD("rate/time-wait", answers_in_time_wait_are_rationed);
  ADD("rate/resets-are-free", resets_are_not_rationed);
  ADD("calls/unread", unread);
  ADD("calls/unread-after-shutdown", unread_after_shutdown);
  ADD("calls/out-of-order-is-not-unread", unread_out_of_order);
  ADD("calls/linger-0", linger_0);
  ADD("calls/syn-sent", syn_sent);
  ADD("calls/listener-closes", listener_closes);
  ADD("calls/shut-reading", shut_reading);
  ADD("calls/shut-both", shut_both);
  ADD("errors/reset-with-unread-data", reset_with_unread);
  ADD("errors/reset-in-close-wait", reset_in_close_wait);
  ADD("late/data-after-close", late_data);
  ADD("listen/syn-fin-is-ignored-syn-repeated", syn_fin_ignored);
}
