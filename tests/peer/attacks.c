/* RFC 5961: what a blind attacker can do: how often it is answered, and what
 * the older rules of RFC 793 would have let it do. ICMP, too, can be forged:
 * 3.9.2.2 and RFC 5461. */
#include "peer.h"

/* 7: "limit the number of challenge ACKs", here 10 in 5 s (MAY-12). */
static void test_challenge_limit(void)
{
  Peer *t = peer_new(0);

  established(t);
  host_silent(t, S(3)); /* the interval begins with the first */
  for (int i = 0; i < 10; i++) {
    peer_sends(t, "R 2:2(0)");
    host_sends(t, ". 1:1(0) ack 1");
  }
  peer_sends(t, "R 2:2(0)");
  met(t, "CHALLENGE_LIMIT");
  peer_sends(t, "S 1:1(0)");
  met(t, "CHALLENGE_LIMIT");
  host_silent(t, S(8) - 1);
  peer_sends(t, "R 2:2(0)");
  met(t, "CHALLENGE_LIMIT");
  host_silent(t, S(8));
  peer_sends(t, "R 2:2(0)");
  host_sends(t, ". 1:1(0) ack 1");
  met(t, "RST_CHALLENGED");
  host_is(t, "ESTABLISHED");
  number_is(t, "challenge ACKs",
            (int64_t)tcp_stack_counters(t->stack)->challenge_acks, 11);
  peer_free(t);
}

/* The limit is the host's, TIME-WAIT included. */
static void test_challenge_limit_in_time_wait(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "challenge_ack_limit", 1);
  reaches(t, "TIME-WAIT");
  peer_sends(t, "R 3:3(0)");
  host_sends(t, ". 2:2(0) ack 2");
  met(t, "RST_CHALLENGED");
  peer_sends(t, "S 3:3(0)");
  met(t, "CHALLENGE_LIMIT");
  host_silent(t, S(1));
  peer_free(t);
}

/* The exact RST is no challenge and is not limited. */
static void test_limit_spares_the_exact_rst(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "challenge_ack_limit", 1);
  established(t);
  peer_sends(t, "R 2:2(0)");
  host_sends(t, ". 1:1(0) ack 1");
  peer_sends(t, "R 2:2(0)");
  met(t, "CHALLENGE_LIMIT");
  peer_sends(t, "R 1:1(0)");
  met(t, "RST");
  host_is(t, "CLOSED");
  peer_free(t);
}

/* The whole exchange of 3.2: the real peer answers the challenge by a RST
 * with the number that the ACK named (MUST-12). */
static void test_challenge_and_answer(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, "R 500:500(0)");
  host_sends(t, ". 1:1(0) ack 1");
  peer_sends(t, "R 1:1(0)");
  host_is(t, "CLOSED");
  user_error(t, "ECONNRESET");
  peer_free(t);
}

static void test_rfc_793_rst_in_window(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "challenge_acks", 0);
  established(t);
  peer_sends(t, "R 0:0(0)");
  host_is(t, "ESTABLISHED");
  peer_sends(t, "R 65535:65535(0)");
  met(t, "RST");
  host_is(t, "CLOSED");
  peer_free(t);
}

static void test_rfc_793_syn_in_window(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "challenge_acks", 0);
  established(t);
  peer_sends(t, "S 9:9(0)");
  host_sends(t, "R 1:1(0) win 0");
  met(t, "SYN_IN_WINDOW");
  host_is(t, "CLOSED");
  user_error(t, "ECONNRESET");
  peer_free(t);
}

static void test_rfc_793_old_ack(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "challenge_acks", 0);
  established(t);
  peer_sends(t, "P. 1:11(10) ack -100000");
  met(t, "TAKEN");
  user_reads(t, 10);
  peer_free(t);
}

/* -- ICMP -- */

/* MUST-54, SHLD-26 */
static void test_port_unreachable_while_opening(void)
{
  Peer *t = peer_new(0);

  reaches(t, "SYN-SENT");
  peer_unreachable(t, NET_UNREACHABLE_PORT);
  met(t, "ICMP_HARD");
  host_is(t, "CLOSED");
  user_error(t, "ECONNREFUSED");
  peer_free(t);
}

static void test_protocol_unreachable_while_opening(void)
{
  Peer *t = peer_new(0);

  reaches(t, "SYN-SENT");
  peer_unreachable(t, NET_UNREACHABLE_PROTOCOL);
  met(t, "ICMP_HARD");
  host_is(t, "CLOSED");
  user_error(t, "ECONNREFUSED");
  peer_free(t);
}

/* MUST-56: "MUST NOT abort the connection" on 0, 1, 5. */
static void check_soft(uint8_t code, const char *error)
{
  Peer *t = peer_new(0);

  peer_knob(t, "syn_retries", 1);
  reaches(t, "SYN-SENT");
  peer_unreachable(t, code);
  not_met(t, "ICMP_HARD");
  host_is(t, "SYN-SENT");
  host_sends_at(t, S(1), "S 0:0(0) <mss 1460>");
  host_silent(t, S(3));
  host_is(t, "CLOSED");
  user_error(t, error);
  peer_free(t);
}

/* SHLD-25 */
static void test_net_unreachable_while_opening(void)
{
  check_soft(NET_UNREACHABLE_NET, "ENETUNREACH");
}

static void test_host_unreachable_while_opening(void)
{
  check_soft(NET_UNREACHABLE_HOST, "EHOSTUNREACH");
}

static void test_soft_error_is_forgotten(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "retries", 1);
  established(t);
  user_sends(t, 10);
  host_sends(t, "P. 1:11(10) ack 1");
  peer_unreachable(t, NET_UNREACHABLE_HOST);
  peer_sends(t, ". 1:1(0) ack 11");
  user_sends(t, 10);
  host_sends(t, "P. 11:21(10) ack 1");
  host_sends_at(t, S(1), "P. 11:21(10) ack 1");
  host_silent(t, S(3));
  user_error(t, "ETIMEDOUT");
  peer_free(t);
}

/* RFC 5461 4.1: an open connection is not ended by what anybody can forge. */
static void test_port_unreachable_when_open(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 10);
  host_sends(t, "P. 1:11(10) ack 1");
  peer_unreachable(t, NET_UNREACHABLE_PORT);
  not_met(t, "ICMP_HARD");
  host_is(t, "ESTABLISHED");
  peer_free(t);
}

/* RFC 5927 4.1: the quoted number must be one that is outstanding. */
static void test_unreachable_about_something_old(void)
{
  Peer *t = peer_new(0);

  reaches(t, "SYN-SENT");
  user_aborts(t);
  user_releases(t);
  peer_knob(t, "initial_sequence", 5);
  user_connects(t);
  host_sends_something(t); /* ISS 5 */
  peer_unreachable_first(t, NET_UNREACHABLE_PORT);
  host_is(t, "SYN-SENT");
  peer_free(t);
}

static void test_port_unreachable_half_open(void)
{
  Peer *t = peer_new(0);

  reaches(t, "SYN-RECEIVED");
  peer_unreachable(t, NET_UNREACHABLE_PORT);
  met(t, "ICMP_HARD");
  host_is(t, "LISTEN");
  peer_free(t);
}

void add_attacks_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/" path, test_##name)
  ADD("challenge/established-limit", challenge_limit);
  ADD("challenge/time-wait-limit", challenge_limit_in_time_wait);
  ADD("challenge/established-limit-exact-rst", limit_spares_the_exact_rst);
  ADD("challenge/established-answered", challenge_and_answer);
  ADD("rfc-793/established-rst-in-window", rfc_793_rst_in_window);
  ADD("rfc-793/established-syn-in-window", rfc_793_syn_in_window);
  ADD("rfc-793/established-old-ack", rfc_793_old_ack);
  ADD("icmp/syn-sent-port", port_unreachable_while_opening);
  ADD("icmp/syn-sent-protocol", protocol_unreachable_while_opening);
  ADD("icmp/syn-sent-net", net_unreachable_while_opening);
  ADD("icmp/syn-sent-host", host_unreachable_while_opening);
  ADD("icmp/established-forgotten", soft_error_is_forgotten);
  ADD("icmp/established-port", port_unreachable_when_open);
  ADD("icmp/syn-sent-old-number", unreachable_about_something_old);
  ADD("icmp/syn-received-port", port_unreachable_half_open);
#undef ADD
}
