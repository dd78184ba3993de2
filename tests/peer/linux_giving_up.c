/* The profile linux: when SYN and FIN are repeated, and when it gives up. Times
 * are nominal; the kernel's own are up to an eighth later. */
#include "peer.h"

/* The host sends `text` at each of the times, in ms, until 0. */
static void repeats(Peer *t, const char *text, const int *times)
{
  SimTime begin = t->sim->now;

  for (; *times; times++)
    host_sends_at(t, begin + MS(*times), text);
}

/* RTT 0: the time-out is 200 ms, and doubles up to 120 s. */
static const int fifteen[] = { 200,    600,    1400,   3000,   6200,   12600,
                               25400,  51000,  102200, 204600, 324600, 444600,
                               564600, 684600, 804600, 0 };
static const int eight[] = {
  200, 600, 1400, 3000, 6200, 12600, 25400, 51000, 0
};

/* `error` NULL: nobody can ask. */
static void gone_at(Peer *t, SimTime time, const char *error)
{
  host_silent(t, time - 1);
  runs_to(t, time);
  host_is(t, "CLOSED");
  if (error)
    user_error(t, error);
  peer_free(t);
}

static void test_syn(void)
{
  static const int times[] = { 1000,  2000,  3000,  4000,  5000, 7000,
                               11000, 19000, 35000, 67000, 0 };
  Peer *t = linux_new(0);

  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535 <mss 1460>");
  repeats(t, "S 0:0(0) win 65535 <mss 1460>", times);
  gone_at(t, S(131), "ETIMEDOUT");
}

static void test_syn_ack(void)
{
  static const int times[] = { 1000, 3000, 7000, 15000, 31000, 0 };
  Peer *t = linux_new(0);

  reaches(t, "SYN-RECEIVED");
  repeats(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>", times);
  host_silent(t, S(63) - 1);
  host_is(t, "SYN-RECEIVED");
  runs_to(t, S(63));
  host_is(t, "LISTEN");
  peer_free(t);
}

static void test_syn_ack_simultaneous(void)
{
  static const int times[] = { 1000, 3000, 7000, 15000, 31000, 63000, 0 };
  Peer *t = linux_new(0);

  reaches(t, "SYN-RECEIVED/active");
  repeats(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>", times);
  gone_at(t, S(127), "ETIMEDOUT");
}

static void test_unlistened_is_mute(void)
{
  Peer *t = linux_new(0);

  reaches(t, "SYN-RECEIVED");
  user_unlistens(t);
  host_silent(t, MS(500));
  peer_sends(t, ". 1:1(0) ack 1");
  host_sends(t, "R 1:1(0)");
  host_is(t, "CLOSED");
  peer_free(t);
}

static void test_unlistened_is_forgotten(void)
{
  Peer *t = linux_new(0);

  reaches(t, "SYN-RECEIVED");
  user_unlistens(t);
  gone_at(t, S(1), NULL);
}

static void test_fin_of_shutdown(void)
{
  Peer *t = linux_new(0);

  established(t);
  user_shuts(t, TCP_SHUTDOWN_SEND);
  host_sends(t, "F. 1:1(0) ack 1");
  repeats(t, "F. 1:1(0) ack 1", fifteen);
  gone_at(t, MS(924600), "ETIMEDOUT");
}

static void test_fin_of_shutdown_five(void)
{
  static const int times[] = { 200, 600, 1400, 3000, 6200, 0 };
  Peer *t = linux_new(0);

  peer_knob(t, "retries", 5);
  established(t);
  user_shuts(t, TCP_SHUTDOWN_SEND);
  host_sends(t, "F. 1:1(0) ack 1");
  repeats(t, "F. 1:1(0) ack 1", times);
  gone_at(t, MS(12600), "ETIMEDOUT");
}

static void test_fin_of_orphan(void)
{
  Peer *t = linux_new(0);

  peer_knob(t, "retries", 3); /* tcp_retries2 plays no part */
  established(t);
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1");
  repeats(t, "F. 1:1(0) ack 1", eight);
  gone_at(t, MS(102200), NULL);
}

static void test_fin_of_orphan_two(void)
{
  static const int times[] = { 200, 600, 1400, 0 };
  Peer *t = linux_new(0);

  peer_knob(t, "orphan_retries", 2);
  established(t);
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1");
  repeats(t, "F. 1:1(0) ack 1", times);
  gone_at(t, MS(3000), NULL);
}

static void test_fin_of_orphan_after_shutdown(void)
{
  Peer *t = linux_new(0);

  established(t);
  user_shuts(t, TCP_SHUTDOWN_SEND);
  host_sends(t, "F. 1:1(0) ack 1");
  host_sends_at(t, MS(200), "F. 1:1(0) ack 1");
  host_sends_at(t, MS(600), "F. 1:1(0) ack 1");
  user_closes(t);
  for (int i = 2; eight[i]; i++)
    host_sends_at(t, MS(eight[i]), "F. 1:1(0) ack 1");
  gone_at(t, MS(102200), NULL);
}

static void test_fin_in_last_ack(void)
{
  Peer *t = linux_new(0);

  established(t);
  peer_sends(t, "F. 1:1(0) ack 1");
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 2");
  repeats(t, "F. 1:1(0) ack 2", eight);
  gone_at(t, MS(102200), NULL);
}

static void test_fin_in_closing(void)
{
  Peer *t = linux_new(0);

  established(t);
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1");
  peer_sends(t, "F. 1:1(0) ack 1");
  host_sends(t, ". 2:2(0) ack 2");
  host_is(t, "CLOSING");
  repeats(t, "F. 1:1(0) ack 2", eight);
  gone_at(t, MS(102200), NULL);
}

/* RTT 500 ms: RTO 1.5 s; 102.2 s have passed at the seventh time-out. */
static void test_fin_of_orphan_far(void)
{
  static const int times[] = { 1500, 4500, 10500, 22500, 46500, 94500, 0 };
  Peer *t = linux_new(MS(250));
  SimTime sent;

  user_connects(t);
  host_sends_at(t, MS(250), "S 0:0(0) win 65535 <mss 1460>");
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_sends_at(t, MS(750), ". 1:1(0) ack 1");
  number_is(t, "RTO", user_status(t).rto, MS(1500));
  user_closes(t);
  sent = t->sim->now + MS(250);
  host_sends_at(t, sent, "F. 1:1(0) ack 1");
  repeats(t, "F. 1:1(0) ack 1", times);
  gone_at(t, sent - MS(250) + MS(190500), NULL);
}

static void rto_is(SimTime delay, SimTime rto)
{
  Peer *t = linux_new(delay);

  user_connects(t);
  host_sends_at(t, delay, "S 0:0(0) win 65535 <mss 1460>");
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_sends_at(t, 3 * delay, ". 1:1(0) ack 1");
  number_is(t, "RTO", user_status(t).rto, rto);
  peer_free(t);
}

static void test_rto(void)
{
  rto_is(0, MS(200));
  rto_is(MS(50), MS(300));
  rto_is(MS(150), MS(900));
  rto_is(MS(250), MS(1500));
}

/* The peer answers 10 bytes after `answered` ms: all in us, computed by hand;
 * a kernel showed the same numbers, rounded to its jiffies. */
static void rtt_goes_on(Peer *t, int answered, int64_t srtt, int64_t rttvar,
                        int64_t rto)
{
  uint32_t from = t->written + 1, to = from + 10;
  g_autofree char *text = g_strdup_printf("P. %u:%u(10) ack 1", from, to);
  g_autofree char *ack = g_strdup_printf(". 1:1(0) ack %u", to);
  TcpStatus status;

  user_sends(t, 10);
  host_sends(t, text);
  host_silent(t, t->sim->now + MS(answered));
  peer_sends(t, ack);
  status = user_status(t);
  number_is(t, "SRTT", status.srtt / US(1), srtt);
  number_is(t, "RTTVAR", status.rttvar / US(1), rttvar);
  number_is(t, "RTO", status.rto / US(1), rto);
}

/* A peak of the variance fades by a quarter each round trip, not below 200 ms;
 * a sample far below SRTT raises RTTVAR by an eighth of what it would. */
static void test_rto_samples(void)
{
  Peer *t = linux_new(0);

  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535 <mss 1460>");
  host_silent(t, MS(100));
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_sends(t, ". 1:1(0) ack 1");
  number_is(t, "RTO", user_status(t).rto, MS(300));
  rtt_goes_on(t, 290, 123750, 85000, 463750);
  rtt_goes_on(t, 100, 120781, 69687, 445468);
  rtt_goes_on(t, 20, 108183, 70659, 422358);
  peer_free(t);
}

static void test_rto_without_sample(void)
{
  Peer *t = linux_new(0);

  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535 <mss 1460>");
  host_sends_at(t, S(1), "S 0:0(0) win 65535 <mss 1460>");
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_sends(t, ". 1:1(0) ack 1");
  number_is(t, "RTO", user_status(t).rto, S(3));
  peer_free(t);
}

static void user_timeout(bool orphan)
{
  static const int times[] = { 200, 600, 1400, 3000, 0 };
  Peer *t = linux_new(0);

  peer_knob(t, "user_timeout", S(3));
  established(t);
  if (orphan)
    user_closes(t);
  else
    user_shuts(t, TCP_SHUTDOWN_SEND);
  host_sends(t, "F. 1:1(0) ack 1");
  repeats(t, "F. 1:1(0) ack 1", times);
  gone_at(t, MS(3200), orphan ? NULL : "ETIMEDOUT");
}

static void test_user_timeout(void)
{
  user_timeout(false);
  user_timeout(true);
}

static void test_user_timeout_long(void)
{
  Peer *t = linux_new(0);

  peer_knob(t, "user_timeout", S(300));
  established(t);
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1");
  for (int i = 0; fifteen[i] < 300000; i++)
    host_sends_at(t, MS(fifteen[i]), "F. 1:1(0) ack 1");
  gone_at(t, MS(300200), NULL);
}

static void test_data_and_fin_join(void)
{
  Peer *t = linux_new(0);

  established(t);
  user_sends(t, 10);
  host_sends(t, "P. 1:11(10) ack 1");
  user_closes(t);
  host_sends(t, "F. 11:11(0) ack 1");
  repeats(t, "FP. 1:11(10) ack 1", eight);
  gone_at(t, MS(102200), NULL);
}

static void test_data_and_fin_too_long(void)
{
  Peer *t = linux_new(0);

  established(t);
  user_sends(t, 2000);
  host_sends(t, ". 1:1461(1460) ack 1");
  host_sends(t, "P. 1461:2001(540) ack 1");
  user_closes(t);
  host_sends(t, "F. 2001:2001(0) ack 1");
  host_sends_at(t, MS(200), ". 1:1461(1460) ack 1");
  host_sends_at(t, MS(600), ". 1:1461(1460) ack 1");
  peer_free(t);
}

static void test_fin_alone_after_data(void)
{
  Peer *t = linux_new(0);

  established(t);
  user_sends(t, 10);
  host_sends(t, "P. 1:11(10) ack 1");
  user_closes(t);
  host_sends(t, "F. 11:11(0) ack 1");
  peer_sends(t, ". 1:1(0) ack 11");
  host_sends_at(t, MS(200), "F. 11:11(0) ack 1");
  peer_free(t);
}

static void test_close_in_syn_received(void)
{
  static const int times[] = { 1000, 3000, 7000, 15000, 31000, 63000, 0 };
  Peer *t = linux_new(0);

  reaches(t, "SYN-RECEIVED/active");
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1");
  host_is(t, "FIN-WAIT-1");
  repeats(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>", times);
  gone_at(t, S(127), NULL);
}

static void test_shutdown_in_syn_received(void)
{
  Peer *t = linux_new(0);

  reaches(t, "SYN-RECEIVED/active");
  user_shuts(t, TCP_SHUTDOWN_SEND);
  host_is(t, "SYN-RECEIVED");
  peer_sends(t, ". 1:1(0) ack 1");
  host_sends(t, "F. 1:1(0) ack 1");
  host_is(t, "FIN-WAIT-1");
  peer_free(t);
}

#define ADD(name, function) \
  g_test_add_func("/peer/linux/giving-up/" name, test_##function)

void add_linux_giving_up_tests(void)
{
  ADD("syn", syn);
  ADD("syn-ack", syn_ack);
  ADD("syn-ack-of-simultaneous-open", syn_ack_simultaneous);
  ADD("unlistened-is-mute", unlistened_is_mute);
  ADD("unlistened-is-forgotten-at-its-timer", unlistened_is_forgotten);
  ADD("rto", rto);
  ADD("rto-of-further-samples", rto_samples);
  ADD("rto-without-sample", rto_without_sample);
  ADD("fin-of-shutdown", fin_of_shutdown);
  ADD("fin-of-shutdown-tcp-retries2-5", fin_of_shutdown_five);
  ADD("fin-of-orphan", fin_of_orphan);
  ADD("fin-of-orphan-tcp-orphan-retries-2", fin_of_orphan_two);
  ADD("fin-of-orphan-after-shutdown", fin_of_orphan_after_shutdown);
  ADD("fin-of-orphan-far", fin_of_orphan_far);
  ADD("fin-in-last-ack", fin_in_last_ack);
  ADD("fin-in-closing", fin_in_closing);
  ADD("user-timeout", user_timeout);
  ADD("user-timeout-of-orphan-300-s", user_timeout_long);
  ADD("data-and-fin-join", data_and_fin_join);
  ADD("data-and-fin-too-long-to-join", data_and_fin_too_long);
  ADD("fin-alone-after-data", fin_alone_after_data);
  ADD("close-in-syn-received", close_in_syn_received);
  ADD("shutdown-in-syn-received", shutdown_in_syn_received);
}
