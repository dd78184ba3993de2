/* Path MTU discovery (RFC 1191, RFC 8201) as TCP lives it: ICMP says that a
 * segment was too big. Every way is given as the MSS that it leaves. */
#include "peer.h"

static uint32_t mtu_for(uint32_t mss)
{
  return mss + TCP_HEADER_SIZE + peer_ip_size();
}

static void two_in_flight(Peer *t)
{
  established(t);
  user_sends(t, 2920);
  host_sends(t, ". 1:1461(1460) ack 1");
  host_sends(t, "P. 1461:2921(1460) ack 1");
}

/* RFC 1191 6.4: sent again at once, in segments that fit, and not as if the
 * path were congested. */
static void test_smaller_path(void)
{
  Peer *t = peer_new(0);

  two_in_flight(t);
  peer_too_big(t, mtu_for(1300));
  host_sends(t, ". 1:1301(1300) ack 1");
  host_sends(t, ". 1301:2601(1300) ack 1");
  host_sends(t, "P. 2601:2921(320) ack 1");
  met(t, "PATH_MTU");
  number_is(t, "MSS", user_status(t).mss, 1300);
  number_is(t, "CWND", user_status(t).cwnd, 4380);
  number_is(t, "SSTHRESH", user_status(t).ssthresh, 1 << 30);
  number_is(t, "retries", user_status(t).retries, 0);
  peer_free(t);
}

/* One error comes for each segment of a flight. */
static void test_said_twice(void)
{
  Peer *t = peer_new(0);

  two_in_flight(t);
  peer_too_big(t, mtu_for(1300));
  host_sends(t, ". 1:1301(1300) ack 1");
  host_sends(t, ". 1301:2601(1300) ack 1");
  host_sends(t, "P. 2601:2921(320) ack 1");
  peer_too_big(t, mtu_for(1300));
  host_silent(t, MS(1));
  peer_free(t);
}

/* RFC 5927 7.2: an error about what is acknowledged is a forged one. */
static void test_about_something_old(void)
{
  Peer *t = peer_new(0);

  two_in_flight(t);
  peer_sends(t, ". 1:1(0) ack 2921");
  peer_too_big(t, mtu_for(1300));
  number_is(t, "MSS", user_status(t).mss, 1460);
  peer_free(t);
}

static Peer *in_a_black_hole(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "black_hole_detection", 1);
  established(t);
  user_sends(t, 1460);
  host_sends(t, "P. 1:1461(1460) ack 1");
  host_sends_at(t, S(1), "P. 1:1461(1460) ack 1");
  not_met(t, "BLACK_HOLE");
  return t;
}

/* RFC 2923 2.1: nobody says that it is too big. What gets through counts for
 * the path from then on. */
static void test_black_hole(void)
{
  Peer *t = in_a_black_hole();
  bool ipv6 = peer_family() == NET_IPV6;

  host_sends_at(t, S(3),
                ipv6 ? ". 1:1221(1220) ack 1" : ". 1:1201(1200) ack 1");
  met(t, "BLACK_HOLE");
  peer_sends(t, ipv6 ? ". 1:1(0) ack 1221" : ". 1:1(0) ack 1201");
  host_sends(t, ipv6 ? "P. 1221:1461(240) ack 1" : "P. 1201:1461(260) ack 1");
  peer_sends(t, ". 1:1(0) ack 1461");
  number_is(t, "MSS", user_status(t).mss, ipv6 ? 1220 : 1200);
  peer_free(t);
}

/* It was none: the sizes are taken back. */
static void test_no_black_hole(void)
{
  Peer *t = in_a_black_hole();
  bool ipv6 = peer_family() == NET_IPV6;

  for (int i = 0; i < 2; i++)
    host_sends_at(t, S(i ? 7 : 3),
                  ipv6 ? ". 1:1221(1220) ack 1" : ". 1:1201(1200) ack 1");
  for (int i = 0; i < 2 && !ipv6; i++)
    host_sends_at(t, S(i ? 31 : 15), ". 1:537(536) ack 1");
  host_sends_at(t, S(ipv6 ? 15 : 63), "P. 1:1461(1460) ack 1");
  met(t, "BLACK_HOLE");
  number_is(t, "MSS", user_status(t).mss, 1460);
  peer_free(t);
}

/* A small segment is lost for another reason. */
static void test_small_segment_in_no_black_hole(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "black_hole_detection", 1);
  established(t);
  user_sends(t, 1400);
  host_sends(t, "P. 1:1401(1400) ack 1");
  for (int i = 0; i < 4; i++)
    host_sends_at(t, S((2 << i) - 1), "P. 1:1401(1400) ack 1");
  number_is(t, "MSS", user_status(t).mss, 1460);
  peer_free(t);
}

static void test_larger_than_known(void)
{
  Peer *t = peer_new(0);

  two_in_flight(t);
  peer_too_big(t, mtu_for(1460));
  peer_too_big(t, mtu_for(8000));
  host_silent(t, MS(1));
  number_is(t, "MSS", user_status(t).mss, 1460);
  peer_free(t);
}

/* Segments that are small enough were not dropped. */
static void test_small_segment_in_flight(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 500);
  host_sends(t, "P. 1:501(500) ack 1");
  peer_too_big(t, mtu_for(1300));
  host_silent(t, MS(1));
  number_is(t, "MSS", user_status(t).mss, 1300);
  peer_free(t);
}

/* RFC 1191 6.3, RFC 8201 5.3: after ten minutes the larger size is tried. */
static void test_forgotten(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 1460);
  host_sends(t, "P. 1:1461(1460) ack 1");
  peer_too_big(t, mtu_for(1300));
  host_sends(t, ". 1:1301(1300) ack 1");
  host_sends(t, "P. 1301:1461(160) ack 1");
  peer_sends(t, ". 1:1(0) ack 1461");
  runs_to(t, S(600) - 1);
  user_sends(t, 1460);
  host_sends_at(t, S(600) - 1, ". 1461:2761(1300) ack 1");
  peer_sends(t, ". 1:1(0) ack 2761"); /* Nagle */
  host_sends_at(t, S(600) - 1, "P. 2761:2921(160) ack 1");
  peer_sends(t, ". 1:1(0) ack 2921");
  runs_to(t, S(600));
  user_sends(t, 1460);
  host_sends_at(t, S(600), "P. 2921:4381(1460) ack 1");
  peer_free(t);
}

/* RFC 6691 2: the MSS option tells of the link; what is sent obeys the path,
 * in every later connection to the same host. */
static void test_next_connection(void)
{
  Peer *t = peer_new(0);

  two_in_flight(t);
  peer_too_big(t, mtu_for(1300));
  host_sends_something(t);
  host_sends_something(t);
  host_sends_something(t);
  user_aborts(t);
  host_sends_something(t);
  user_releases(t);
  user_connects(t);
  host_sends(t, "S 0:0(0) <mss 1460>");
  peer_sends(t, "S. 0:0(0) ack 1 <mss 1460>");
  host_sends(t, ". 1:1(0) ack 1");
  number_is(t, "MSS", user_status(t).mss, 1300);
  peer_free(t);
}

/* IPv6: RFC 8201 4: "a node must not reduce its estimate of the Path MTU
 * below the IPv6 minimum link MTU". IPv4: below 576 bytes is not believed
 * either, but routers may fragment what is sent. */
static void test_tiny(void)
{
  Peer *t = peer_new(0);

  two_in_flight(t);
  peer_too_big(t, 300);
  if (peer_family() == NET_IPV6) {
    host_silent(t, MS(1));
    number_is(t, "MSS", user_status(t).mss, 1460);
  } else {
    number_is(t, "MSS", user_status(t).mss, 536);
    host_sends(t, ". 1:537(536) ack 1");
    host_sends(t, ". 537:1073(536) ack 1");
    host_sends(t, ". 1073:1609(536) ack 1");
    host_sends(t, ". 1609:2145(536) ack 1");
    host_sends(t, ". 2145:2681(536) ack 1");
    host_sends(t, "P. 2681:2921(240) ack 1");
    number_is(t, "DF",
              t->last->head[t->last->l3 + 6] & NET_IPV4_DONT_FRAGMENT >> 8, 0);
  }
  peer_free(t);
}

/* RFC 1191 7.1: routers from before it say no size. IPv6's always do. */
static void test_no_size(void)
{
  Peer *t = peer_new(0);

  two_in_flight(t);
  peer_too_big(t, 0);
  if (peer_family() == NET_IPV6) {
    host_silent(t, MS(1));
  } else {
    host_sends(t, ". 1:1453(1452) ack 1");
    host_sends(t, ". 1453:2905(1452) ack 1");
    host_sends(t, "P. 2905:2921(16) ack 1");
  }
  peer_free(t);
}

void add_path_mtu_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/path-mtu/" path, test_##name)
  ADD("black-hole", black_hole);
  ADD("no-black-hole", no_black_hole);
  ADD("no-black-hole-small", small_segment_in_no_black_hole);
  ADD("established-smaller", smaller_path);
  ADD("established-said-twice", said_twice);
  ADD("established-old-number", about_something_old);
  ADD("established-larger", larger_than_known);
  ADD("established-small-segment", small_segment_in_flight);
  ADD("established-forgotten", forgotten);
  ADD("syn-sent-known", next_connection);
  ADD("established-tiny", tiny);
  ADD("established-no-size", no_size);
#undef ADD
}
