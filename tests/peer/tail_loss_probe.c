/* RFC 8985 7: the tail loss probe. SMSS is 1460, the round trip 100 ms, RTO
 * 1 s. A bare section is RFC 8985's. */
#include "segments.h"

static Peer *probing_new(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "tail_loss_probe", 1);
  peer_knob(t, "rack", 1);
  peer_knob(t, "initial_window", 10);
  return t;
}

static void sends(Peer *t, int count)
{
  user_sends(t, (uint32_t)count * 1460);
  for (int i = 0; i < count - 1; i++) {
    g_autofree char *text =
        g_strdup_printf(". %d:%d(1460) ack 1", SEGMENT(i), SEGMENT(i + 1));

    host_sends(t, text);
  }
  host_sends_something(t);
}

/* 7.2: 2 * SRTT; 7.3: the last segment; afterwards a whole RTO. */
static void test_several(void)
{
  Peer *t = probing_new();

  opens(t);
  sends(t, 3);
  host_sends_at(t, MS(300), "P. 2921:4381(1460) ack 1");
  met(t, "LOSS_PROBE");
  host_sends_at(t, MS(1300), ". 1:1461(1460) ack 1");
  met(t, "RETRANSMISSION_TIMEOUT");
  peer_free(t);
}

/* 7.2: one segment's acknowledgment may be delayed. */
static void test_one(void)
{
  Peer *t = probing_new();

  opens(t);
  sends(t, 1);
  host_sends_at(t, MS(500), "P. 1:1461(1460) ack 1");
  host_sends_at(t, MS(1500), "P. 1:1461(1460) ack 1");
  host_sends_at(t, MS(3500), "P. 1:1461(1460) ack 1");
  peer_free(t);
}

/* 7.2: "If an RTO would expire sooner, PTO is that": and no earlier time-out
 * is counted. */
static void test_bound(void)
{
  Peer *t = probing_new();

  peer_knob(t, "tail_loss_ack_delay", S(1));
  opens(t);
  sends(t, 1);
  host_sends_at(t, MS(1100), "P. 1:1461(1460) ack 1");
  met(t, "LOSS_PROBE");
  host_sends_at(t, MS(2100), "P. 1:1461(1460) ack 1");
  host_sends_at(t, MS(4100), "P. 1:1461(1460) ack 1");
  peer_free(t);
}

/* 7.2: without a sample one second. */
static void test_no_sample(void)
{
  Peer *t = probing_new();

  peer_knob(t, "sack", 1);
  peer_knob(t, "initial_window", 10);
  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535 <mss 1460,sackOK>");
  host_sends_at(t, S(1), "S 0:0(0) win 65535 <mss 1460,sackOK>");
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460,sackOK>");
  host_sends(t, ". 1:1(0) ack 1 win 65535");
  sends(t, 1);
  host_sends_at(t, S(2), "P. 1:1461(1460) ack 1");
  met(t, "LOSS_PROBE");
  peer_free(t);
}

/* 7.3: new text, whatever CWND says; the time-out still finds the first. */
static void test_new_text(void)
{
  Peer *t = probing_new();

  peer_knob(t, "initial_window", 2);
  opens(t);
  user_sends(t, 6000);
  host_sends(t, ". 1:1461(1460) ack 1");
  host_sends(t, ". 1461:2921(1460) ack 1");
  host_sends_at(t, MS(300), ". 2921:4381(1460) ack 1");
  met(t, "LOSS_PROBE");
  host_sends_at(t, MS(1300), ". 1:1461(1460) ack 1");
  peer_free(t);
}

/* 7.3: "if the receive window allows". */
static void test_window_is_full(void)
{
  Peer *t = probing_new();

  opens(t);
  peer_sends(t, ". 1:1(0) ack 1 win 2920");
  user_sends(t, 6000);
  host_sends(t, ". 1:1461(1460) ack 1");
  host_sends(t, ". 1461:2921(1460) ack 1");
  host_sends_at(t, MS(300), ". 1461:2921(1460) ack 1");
  peer_free(t);
}

/* The FIN counts as a segment, new or last. */
static void test_fin(void)
{
  Peer *t = probing_new();

  opens(t);
  sends(t, 2);
  user_closes(t);
  host_sends(t, "F. 2921:2921(0) ack 1");
  host_sends_at(t, MS(300), "F. 2921:2921(0) ack 1");
  peer_free(t);
  t = probing_new();
  peer_knob(t, "initial_window", 2);
  opens(t);
  user_sends(t, 4000);
  host_sends(t, ". 1:1461(1460) ack 1");
  host_sends(t, ". 1461:2921(1460) ack 1");
  user_closes(t);
  host_sends_at(t, MS(300), "FP. 2921:4001(1080) ack 1");
  met(t, "LOSS_PROBE");
  peer_free(t);
}

/* 7.2: new text and acknowledgments begin PTO anew; the retransmission timer
 * goes on from where it was. */
static void test_anew(void)
{
  Peer *t = probing_new();

  opens(t);
  sends(t, 2);
  host_silent(t, MS(200));
  user_sends(t, 1460);
  host_sends(t, "P. 2921:4381(1460) ack 1");
  host_silent(t, MS(350));
  peer_sends(t, ". 1:1(0) ack 1461"); /* SRTT 118.75 ms */
  host_sends_at(t, US(587500), "P. 2921:4381(1460) ack 1");
  met(t, "LOSS_PROBE");
  peer_free(t);
}

/* 7.2: not while something is SACKed, and not without SACK. */
static void test_not_wanted(void)
{
  Peer *t = probing_new();

  established(t);
  sends(t, 2);
  host_sends_at(t, S(1), ". 1:1461(1460) ack 1");
  peer_free(t);
  t = probing_new();
  peer_knob(t, "rack", 0);
  opens(t);
  sends(t, 3);
  host_silent(t, MS(200));
  peer_sends(t, ". 1:1(0) ack 1 <sack 2921:4381>");
  host_sends_at(t, MS(1100), ". 1:1461(1460) ack 1");
  met(t, "RETRANSMISSION_TIMEOUT");
  peer_free(t);
}

/* Four segments, the last of which was sent again as a probe, at 300 ms. */
static Peer *probed(void)
{
  Peer *t = probing_new();

  opens(t);
  sends(t, 4);
  host_sends_at(t, MS(300), "P. 4381:5841(1460) ack 1");
  runs_to(t, MS(400));
  return t;
}

/* 7.4.2: "a DSACK that matches": both have arrived. */
static void test_both_arrived_dsack(void)
{
  Peer *t = probed();

  peer_sends(t, ". 1:1(0) ack 5841 <sack 4381:5841>");
  user_sends(t, 1460);
  host_sends(t, "P. 5841:7301(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 7301");
  not_met(t, "LOSS_PROBE_REPAIRED");
  windows_are(t, 14600, 1 << 30);
  peer_free(t);
}

/* 7.4.2: "a DupAck without SACK": the same. */
static void test_both_arrived_dupack(void)
{
  Peer *t = probed();

  peer_sends(t, ". 1:1(0) ack 5841");
  peer_sends(t, ". 1:1(0) ack 5841");
  user_sends(t, 1460);
  host_sends(t, "P. 5841:7301(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 7301");
  not_met(t, "LOSS_PROBE_REPAIRED");
  windows_are(t, 14600, 1 << 30);
  peer_free(t);
}

/* 7.4.2: neither: the probe has repaired the loss of the last segment. */
static void test_repaired(void)
{
  Peer *t = probed();

  peer_sends(t, ". 1:1(0) ack 5841");
  user_sends(t, 1460);
  host_sends(t, "P. 5841:7301(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 7301");
  met(t, "LOSS_PROBE_REPAIRED");
  windows_are(t, 2920, 2920);
  peer_free(t);
}

/* 7.4.2: a probe of new text can repair nothing. */
static void test_new_text_arrived(void)
{
  Peer *t = probing_new();

  peer_knob(t, "initial_window", 2);
  opens(t);
  user_sends(t, 3 * 1460);
  host_sends(t, ". 1:1461(1460) ack 1");
  host_sends(t, ". 1461:2921(1460) ack 1");
  host_sends_at(t, MS(300), "P. 2921:4381(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 4381");
  user_sends(t, 1460);
  host_sends(t, "P. 4381:5841(1460) ack 1");
  peer_sends(t, ". 1:1(0) ack 5841");
  not_met(t, "LOSS_PROBE_REPAIRED");
  number_is(t, "SSTHRESH", user_status(t).ssthresh, 1 << 30);
  peer_free(t);
}

/* 7.3: only one probe is outstanding; an acknowledgment below its end brings
 * no second. */
static void test_one_at_a_time(void)
{
  Peer *t = probed();

  peer_sends(t, ". 1:1(0) ack 1461");
  host_silent(t, MS(1399));
  host_sends_at(t, MS(1400), ". 1461:2921(1460) ack 1");
  met(t, "RETRANSMISSION_TIMEOUT");
  peer_free(t);
}

void add_tail_loss_probe_tests(void)
{
#define ADD(path, name) \
  g_test_add_func("/peer/tail-loss-probe/" path, test_##name)
  ADD("several", several);
  ADD("one", one);
  ADD("bounded-by-rto", bound);
  ADD("no-sample", no_sample);
  ADD("new-text", new_text);
  ADD("window-is-full", window_is_full);
  ADD("fin", fin);
  ADD("anew", anew);
  ADD("not-wanted", not_wanted);
  ADD("both-arrived-dsack", both_arrived_dsack);
  ADD("both-arrived-duplicate-ack", both_arrived_dupack);
  ADD("repaired", repaired);
  ADD("new-text-arrived", new_text_arrived);
  ADD("one-at-a-time", one_at_a_time);
#undef ADD
}
