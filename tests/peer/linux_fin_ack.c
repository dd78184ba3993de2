/* The profile linux: when a FIN is acknowledged. */
#include "peer.h"

static void test_fin_ack_waits(void)
{
  Peer *t = linux_new(0);

  established(t);
  peer_sends(t, "F. 1:1(0) ack 1");
  host_sends_at(t, MS(4), ". 1:1(0) ack 2");
  peer_sends(t, "F. 1:1(0) ack 1");
  host_sends(t, ". 1:1(0) ack 2");
  peer_free(t);
  t = linux_new(0);
  established(t);
  peer_sends(t, "FP. 1:11(10) ack 1");
  host_sends_at(t, MS(40), ". 1:1(0) ack 12");
  peer_free(t);
}

/* TCP_QUICKACK and TCP_NODELAY make no difference. */
static void test_fin_ack_waits_all_the_same(void)
{
  static const char *const options[] = { "quickack", "nagle" };

  for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
    Peer *t = linux_new(0);

    established(t);
    user_sets(t, options[i], i == 0);
    peer_sends(t, "F. 1:1(0) ack 1");
    host_silent(t, MS(4) - 1);
    host_sends_at(t, MS(4), ". 1:1(0) ack 2");
    peer_free(t);
  }
}

static void test_three_segments(void)
{
  Peer *t = linux_new(0);

  established(t);
  peer_sends(t, "F. 1:1(0) ack 1");
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 2");
  peer_free(t);
}

static void test_fin_behind_gap(void)
{
  Peer *t = linux_new(0);

  established(t);
  peer_sends(t, "FP. 11:21(10) ack 1");
  host_sends(t, ". 1:1(0) ack 1");
  peer_sends(t, "P. 1:11(10) ack 1");
  host_sends(t, ". 1:1(0) ack 22");
  peer_free(t);
}

#define ADD(name, function) \
  g_test_add_func("/peer/linux/fin-ack/" name, test_##function)

void add_linux_fin_ack_tests(void)
{
  ADD("waits", fin_ack_waits);
  ADD("waits-all-the-same", fin_ack_waits_all_the_same);
  ADD("three-segments", three_segments);
  ADD("behind-a-gap", fin_behind_gap);
}
