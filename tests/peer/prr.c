/* RFC 6937 and its successor (RFC 9937): the rate of a recovery by SACK. The
 * figures are those of RFC 6937 3.1: twenty segments are in flight, SSTHRESH
 * will be ten. SMSS is 1460. */
#include "segments.h"

static Peer *twenty_in_flight(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "initial_window", 20);
  peer_knob(t, "limited_transmit", 1);
  peer_knob(t, "prr", 1);
  established_with_sack(t);
  user_sends(t, 60000);
  for (int i = 0; i < 20; i++)
    host_sends_segment(t, i);
  return t;
}

/* The first figure: one of twenty is lost. What each ACK lets out, N: a new
 * segment, R: the lost one; "PRR ... spreads voluntary window reductions across
 * an entire RTT". The figure misses the N at the 17th and has two behind. */
static void test_one_loss(void)
{
  static const char sent[] = "NNR-N-N-N-N-N-N-N--";
  Peer *t = twenty_in_flight();
  int next = 20;

  for (int ack = 1; ack < 20; ack++) {
    peer_sacks(t, 0, 1, ack + 1);
    if (sent[ack - 1] == 'N')
      host_sends_segment(t, next++);
    else if (sent[ack - 1] == 'R')
      host_sends_segment(t, 0);
  }
  number_is(t, "pipe", user_status(t).flight, 10 * 1460);
  for (int ack = 20; ack < 22; ack++) {
    peer_sacks(t, 0, 1, ack + 1);
    host_sends_segment(t, next++);
  }
  number_is(t, "pipe", user_status(t).flight, 10 * 1460);
  peer_acks(t, 22);
  host_sends_segment(t, next);
  windows_are(t, 14600, 14600);
  peer_free(t);
}

/* The second: 15 of twenty are lost, and the pipe falls below SSTHRESH at once.
 * PRR-CRB's column: one goes for each that is delivered. What is acknowledged,
 * too, without another loss, lets one more out: PRR-SSRB's. */
static void test_many_losses(void)
{
  Peer *t = twenty_in_flight();

  peer_sacks(t, 0, 15, 16);
  host_sends_segment(t, 20);
  peer_sacks(t, 0, 15, 17);
  host_sends_segment(t, 21);
  peer_sacks(t, 0, 15, 18);
  host_sends_segment(t, 0);
  for (int i = 1; i < 5; i++) {
    peer_sacks(t, 0, 15, 18 + i);
    host_sends_segment(t, i);
  }
  peer_sacks(t, 1, 15, 22);
  host_sends_segment(t, 5);
  host_sends_segment(t, 6);
  peer_sacks(t, 2, 15, 22);
  host_sends_segment(t, 7);
  host_sends_segment(t, 8);
  windows_are(t, 7 * 1460, 14600);
  peer_free(t);
}

void add_prr_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/prr/" path, test_##name)
  ADD("one-loss", one_loss);
  ADD("many-losses", many_losses);
#undef ADD
}
