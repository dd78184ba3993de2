/* RFC 6298: the time-out's value, when it runs, what it does; and when
 * repeating ends (3.8.3). All values are computed by hand. */
#include "peer.h"

/* Three-way handshake whose round trip takes `rtt`, from time 0. */
static void established_in(Peer *t, SimTime rtt)
{
  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535 <mss 1460>");
  host_silent(t, rtt);
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  host_sends(t, ". 1:1(0) ack 1");
}

static void check_rtt(Peer *t, SimTime srtt, SimTime rttvar, SimTime rto)
{
  TcpStatus status = user_status(t);

  number_is(t, "SRTT", status.srtt, srtt);
  number_is(t, "RTTVAR", status.rttvar, rttvar);
  number_is(t, "RTO", status.rto, rto);
}

/* 2.2: SRTT = R, RTTVAR = R/2, RTO = SRTT + 4 RTTVAR;
 * 2.3: RTTVAR = 3/4 RTTVAR + 1/4 |SRTT - R'|, SRTT = 7/8 SRTT + 1/8 R'. */
static void test_samples(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "rto_min", MS(1));
  established_in(t, MS(200));
  check_rtt(t, MS(200), MS(100), MS(600));
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  host_silent(t, MS(500));
  peer_sends(t, ". 1:1(0) ack 101");
  check_rtt(t, US(212500), MS(100), US(612500));
  user_sends(t, 100);
  host_sends(t, "P. 101:201(100) ack 1");
  host_silent(t, MS(600));
  peer_sends(t, ". 1:1(0) ack 201");
  /* 75 + 112.5 / 4 = 103.125; 185.9375 + 12.5 = 198.4375 */
  check_rtt(t, 198437500, 103125000, 198437500 + 412500000);
  user_sends(t, 100);
  host_sends(t, "P. 201:301(100) ack 1");
  host_silent(t, MS(600) + 610937500 - 1);
  host_sends_at(t, MS(600) + 610937500, "P. 201:301(100) ack 1");
  peer_free(t);
}

/* 2.4 "rounded up to 1 second" */
static void test_lower_bound(void)
{
  Peer *t = peer_new(0);

  established_in(t, MS(200));
  check_rtt(t, MS(200), MS(100), S(1));
  peer_free(t);
}

/* 2.2: "max (G, K*RTTVAR)" */
static void test_granularity(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "clock_granularity", S(1));
  peer_knob(t, "rto_min", MS(1));
  established_in(t, MS(200));
  check_rtt(t, MS(200), MS(100), MS(1200));
  peer_free(t);
}

/* 2.1: "1 second" until there is a sample. */
static void test_before_the_first_sample(void)
{
  Peer *t = peer_new(0);

  user_connects(t);
  host_sends(t, "S 0:0(0) <mss 1460>");
  check_rtt(t, 0, 0, S(1));
  peer_free(t);
}

/* Karn: 5.5 doubles, and the ACK of a repeated segment is no sample, so that
 * the doubled time-out stays until there is one (MUST-18). */
static void test_karn(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "rto_min", MS(1));
  established_in(t, MS(200));
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  host_sends_at(t, MS(800), "P. 1:101(100) ack 1");
  host_silent(t, MS(900));
  peer_sends(t, ". 1:1(0) ack 101");
  check_rtt(t, MS(200), MS(100), MS(1200));
  user_sends(t, 100);
  host_sends(t, "P. 101:201(100) ack 1");
  host_silent(t, MS(2100) - 1);
  host_sends_at(t, MS(2100), "P. 101:201(100) ack 1");
  check_rtt(t, MS(200), MS(100), MS(2400));
  peer_sends(t, ". 1:1(0) ack 201");
  user_sends(t, 100);
  host_sends(t, "P. 201:301(100) ack 1");
  host_silent(t, MS(2300));
  peer_sends(t, ". 1:1(0) ack 301"); /* R' = 200 ms */
  check_rtt(t, MS(200), MS(75), MS(500));
  peer_free(t);
}

/* RFC 7323 4.1: the echo tells which one was acknowledged. */
static void test_sample_of_a_repeated_segment(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "rto_min", MS(1));
  peer_knob(t, "timestamps", 1);
  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535 <mss 1460,TS val 0 ecr 0>");
  host_silent(t, MS(200));
  peer_sends(t, "S. 0:0(0) ack 1 <mss 1460,TS val 9 ecr 0>");
  host_sends(t, ". 1:1(0) ack 1 <TS val 200 ecr 9>");
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1 <TS val 200 ecr 9>");
  host_sends_at(t, MS(800), "P. 1:101(100) ack 1 <TS val 800 ecr 9>");
  host_silent(t, MS(1000));
  peer_sends(t, ". 1:1(0) ack 101 <TS val 9 ecr 800>");
  check_rtt(t, MS(200), MS(75), MS(500));
  peer_free(t);
}

/* 5.3: "restart the retransmission timer so that it will expire after RTO
 * seconds"; 5.2: all acknowledged: "turn off". */
static void test_timer_restarts_with_new_acks(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 2920);
  host_sends(t, ". 1:1461(1460) ack 1");
  host_sends(t, "P. 1461:2921(1460) ack 1");
  host_silent(t, MS(500));
  peer_sends(t, ". 1:1(0) ack 1461");
  host_silent(t, MS(1500) - 1);
  host_sends_at(t, MS(1500), "P. 1461:2921(1460) ack 1");
  met(t, "RETRANSMISSION_TIMEOUT");
  peer_sends(t, ". 1:1(0) ack 2921");
  host_silent(t, S(10000));
  peer_free(t);
}

/* 5.1: the timer of the first segment is not moved by the second. */
static void test_timer_is_not_moved_by_sending(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 1460);
  host_sends(t, "P. 1:1461(1460) ack 1");
  host_silent(t, MS(900));
  user_sends(t, 1460);
  host_sends(t, "P. 1461:2921(1460) ack 1");
  host_sends_at(t, S(1), ". 1:1461(1460) ack 1");
  peer_free(t);
}

/* -- 3.8.3: R1 and R2 -- */

/* MUST-47, SHLD-9, SHLD-10 */
static void test_r2_by_time(void)
{
  static const int seconds[] = { 1, 3, 7, 15, 31, 63, 123, 183, 243 };
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  for (unsigned i = 0; i < G_N_ELEMENTS(seconds); i++) {
    host_silent(t, S(seconds[i]) - 1);
    host_sends_at(t, S(seconds[i]), "P. 1:101(100) ack 1");
    met(t, i == 2 ? "DOUBTFUL" : "RETRANSMISSION_TIMEOUT");
    number_is(t, "RTO", user_status(t).rto, S(MIN(2 << i, 60)));
    if (i == 2)
      told(t, TCP_EVENT_DOUBTFUL); /* MUST-22 */
    not_told(t, TCP_EVENT_DOUBTFUL);
  }
  host_silent(t, S(300) - 1);
  host_is(t, "ESTABLISHED");
  host_silent(t, S(300));
  met(t, "GIVE_UP");
  host_is(t, "CLOSED");
  user_read_refused(t, "ETIMEDOUT");
  peer_free(t);
}

static void test_r2_by_number(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "retries", 2);
  established(t);
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  host_sends_at(t, S(1), "P. 1:101(100) ack 1");
  host_sends_at(t, S(3), "P. 1:101(100) ack 1");
  host_silent(t, S(7) - 1);
  host_is(t, "ESTABLISHED");
  host_silent(t, S(7));
  met(t, "GIVE_UP");
  host_is(t, "CLOSED");
  user_error(t, "ETIMEDOUT");
  peer_free(t);
}

static void test_orphans_are_given_up_sooner(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "retries", 5);
  peer_knob(t, "orphan_retries", 1);
  established(t);
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1");
  host_sends_at(t, S(1), "F. 1:1(0) ack 1");
  host_silent(t, S(3) - 1);
  host_is(t, "FIN-WAIT-1");
  host_silent(t, S(3));
  host_is(t, "CLOSED");
  peer_free(t);
}

static void test_r2_by_number_is_not_by_time(void)
{
  static const int seconds[] = { 1, 3, 7, 15, 31, 63, 123, 183, 243 };
  Peer *t = peer_new(0);

  peer_knob(t, "retries", 9);
  established(t);
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  for (unsigned i = 0; i < G_N_ELEMENTS(seconds); i++)
    host_sends_at(t, S(seconds[i]), "P. 1:101(100) ack 1");
  host_silent(t, S(303) - 1);
  host_is(t, "ESTABLISHED");
  host_silent(t, S(303));
  met(t, "GIVE_UP");
  peer_free(t);
}

/* Without a count of their own, orphans have that of all. */
static void test_orphans_are_given_up_as_others(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "retries", 1);
  established(t);
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1");
  host_sends_at(t, S(1), "F. 1:1(0) ack 1");
  host_silent(t, S(3) - 1);
  host_is(t, "FIN-WAIT-1");
  host_silent(t, S(3));
  host_is(t, "CLOSED");
  peer_free(t);
}

/* CLOSE does not move the timer of what is outstanding. */
static void test_timer_is_not_moved_by_closing(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  host_silent(t, MS(500));
  user_closes(t);
  host_sends(t, "F. 101:101(0) ack 1");
  host_sends_at(t, S(1), "FP. 1:101(100) ack 1");
  peer_free(t);
}

/* Progress begins the count anew. */
static void test_r2_begins_anew(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "retries", 2);
  established(t);
  user_sends(t, 2920);
  host_sends(t, ". 1:1461(1460) ack 1");
  host_sends(t, "P. 1461:2921(1460) ack 1");
  host_sends_at(t, S(1), ". 1:1461(1460) ack 1");
  host_sends_at(t, S(3), ". 1:1461(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 1461");
  host_sends(t, "P. 1461:2921(1460) ack 1");
  /* Karn keeps the 4 s */
  host_sends_at(t, S(7), "P. 1461:2921(1460) ack 1");
  host_sends_at(t, S(15), "P. 1461:2921(1460) ack 1");
  host_silent(t, S(31) - 1);
  host_is(t, "ESTABLISHED");
  host_silent(t, S(31));
  host_is(t, "CLOSED");
  peer_free(t);
}

/* 3.10.1, RFC 5482 (MUST-21) */
static void test_user_timeout(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "retries", 1); /* counts no more */
  established(t);
  user_sets(t, "user_timeout", S(5));
  host_silent(t, S(100));
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  host_sends_at(t, S(101), "P. 1:101(100) ack 1");
  host_sends_at(t, S(103), "P. 1:101(100) ack 1");
  host_silent(t, S(105) - 1);
  host_is(t, "ESTABLISHED");
  host_silent(t, S(105));
  met(t, "GIVE_UP");
  user_error(t, "ETIMEDOUT");
  peer_free(t);
}

void add_retransmission_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/rto/" path, test_##name)
  ADD("samples", samples);
  ADD("lower-bound", lower_bound);
  ADD("granularity", granularity);
  ADD("no-sample", before_the_first_sample);
  ADD("karn", karn);
  ADD("timestamp-sample", sample_of_a_repeated_segment);
  ADD("restart", timer_restarts_with_new_acks);
  ADD("no-restart", timer_is_not_moved_by_sending);
  ADD("r2-time", r2_by_time);
  ADD("r2-number", r2_by_number);
  ADD("no-restart-close", timer_is_not_moved_by_closing);
  ADD("r2-number-not-time", r2_by_number_is_not_by_time);
  ADD("r2-orphan-as-others", orphans_are_given_up_as_others);
  ADD("r2-orphan", orphans_are_given_up_sooner);
  ADD("r2-anew", r2_begins_anew);
  ADD("user-timeout", user_timeout);
#undef ADD
}
