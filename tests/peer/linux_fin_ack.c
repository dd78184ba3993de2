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

/* More than a full segment waits: that its window would be narrower delays it,
 * until the user reads. */
static void test_full_segments(void)
{
  Peer *t = linux_new(0);

  peer_knob(t, "fin_ack_size", 1153);
  established(t);
  peer_sends(t, "FP. 1:1153(1152) ack 1");
  host_sends_at(t, MS(40), ". 1:1(0) ack 1154");
  peer_free(t);
  t = linux_new(0);
  peer_knob(t, "fin_ack_size", 1153);
  established(t);
  peer_sends(t, "FP. 1:1154(1153) ack 1");
  host_sends(t, ". 1:1(0) ack 1155");
  peer_free(t);
  t = linux_new(0);
  established(t);
  peer_sends(t, "FP. 1:1153(1152) ack 1");
  host_sends(t, ". 1:1(0) ack 1154");
  peer_free(t);
}

static void test_reading(void)
{
  Peer *t = linux_new(0);

  peer_knob(t, "fin_ack_size", 1153);
  established(t);
  peer_sends(t, "FP. 1:1001(1000) ack 1");
  runs_to(t, MS(20));
  user_reads_some(t, 1);
  host_sends(t, ". 1:1(0) ack 1002");
  met(t, "ACK_READ");
  peer_free(t);
  t = linux_new(0);
  established(t);
  peer_sends(t, "FP. 1:101(100) ack 1");
  user_reads(t, 100);
  host_sends_at(t, MS(40), ". 1:1(0) ack 102");
  not_met(t, "ACK_READ");
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
  ADD("full-segments", full_segments);
  ADD("reading", reading);
}
