/* RFC 9406: the initial slow start ends where round trips begin to take
 * longer. SMSS is 1460; ten segments leave at 0, and the peer decides by the
 * time of its ACKs how long a round trip is. */
#include "peer.h"

#define SMSS 1460
#define FIRST MS(50) /* the RTT of the first round */

typedef struct Flow {
  Peer *t;
  int acked; /* segments, by the peer */
  int seen;  /* segments, of the host */
} Flow;

static uint32_t cwnd(const Flow *flow)
{
  return user_status(flow->t).cwnd;
}

static void check_window(const Flow *flow, uint32_t cwnd, uint32_t ssthresh)
{
  TcpStatus status = user_status(flow->t);

  number_is(flow->t, "CWND", status.cwnd, cwnd);
  number_is(flow->t, "SSTHRESH", status.ssthresh, ssthresh);
}

/* All that CWND lets out, and the peer's window of 44 segments. */
static void take(Flow *flow)
{
  int window = (int)MIN(cwnd(flow) / SMSS, 44);

  for (; flow->seen < flow->acked + window; flow->seen++)
    host_sends_something(flow->t);
}

static Flow flow_start(bool hystart, int64_t congestion)
{
  Flow flow = { .t = peer_new(0) };

  peer_knob(flow.t, "hystart", hystart);
  peer_knob(flow.t, "congestion", congestion);
  peer_knob(flow.t, "initial_window", 10);
  peer_knob(flow.t, "send_buffer", 1 << 20);
  established(flow.t);
  user_sends(flow.t, 1 << 20);
  take(&flow);
  return flow;
}

/* One ACK for `segments`. */
static void ack(Flow *flow, int segments)
{
  g_autofree char *text = NULL;

  flow->acked += segments;
  text = g_strdup_printf(". 1:1(0) ack %d", 1 + flow->acked * SMSS);
  peer_sends(flow->t, text);
}

/* `count` ACKs, each for a segment. */
static void acks(Flow *flow, int count)
{
  for (int i = 0; i < count; i++) {
    ack(flow, 1);
    take(flow);
  }
}

/* The first round: ten samples of `rtt`. Twenty segments leave. */
static Flow first_round(SimTime rtt)
{
  Flow flow = flow_start(true, 0);

  runs_to(flow.t, rtt);
  acks(&flow, 10);
  return flow;
}

/* "RttThresh = max (MIN_RTT_THRESH, min (lastRoundMinRTT / MIN_RTT_DIVISOR,
 * MAX_RTT_THRESH))", by the eighth sample and not before. */
static void test_threshold(void)
{
  static const struct {
    SimTime rtt, threshold;
  } rows[] = {
    { MS(20), MS(4) },      { MS(32), MS(4) },   { MS(50), US(6250) },
    { MS(100), US(12500) }, { MS(128), MS(16) }, { MS(200), MS(16) },
  };

  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    for (SimTime less = 0; less < 2; less++) {
      Flow flow = first_round(rows[i].rtt);

      runs_to(flow.t, 2 * rows[i].rtt + rows[i].threshold - less);
      acks(&flow, 7);
      ack(&flow, 1);
      if (less)
        not_met(flow.t, "HYSTART_SLOWER");
      else
        met(flow.t, "HYSTART_SLOWER");
      take(&flow);
      check_window(&flow, 28 * SMSS, 1 << 30);
      peer_free(flow.t);
    }
  }
}

static void test_seven_samples(void)
{
  Flow flow = first_round(FIRST);

  runs_to(flow.t, MS(150));
  for (int i = 0; i < 7; i++) {
    ack(&flow, 1);
    not_met(flow.t, "HYSTART_SLOWER");
    take(&flow);
  }
  peer_free(flow.t);
}

/* The least RTT of the round counts, not the last. */
static void test_least_of_the_round(void)
{
  Flow flow = first_round(FIRST);

  runs_to(flow.t, MS(100));
  acks(&flow, 1);
  runs_to(flow.t, MS(150));
  for (int i = 0; i < 12; i++) {
    ack(&flow, 1);
    not_met(flow.t, "HYSTART_SLOWER");
    take(&flow);
  }
  peer_free(flow.t);
}

/* The ACK of what was SND.NXT at the round's beginning ends it: from the tenth
 * ACK on, when 28 segments had left. */
static void test_rounds(void)
{
  Flow flow = first_round(FIRST);

  runs_to(flow.t, MS(100));
  acks(&flow, 18); /* the second round: as short */
  runs_to(flow.t, MS(160));
  acks(&flow, 2); /* 110 ms, of the third */
  runs_to(flow.t, MS(200));
  for (int i = 0; i < 5; i++) {
    ack(&flow, 1); /* 100 ms */
    not_met(flow.t, "HYSTART_SLOWER");
    take(&flow);
  }
  ack(&flow, 1);
  met(flow.t, "HYSTART_SLOWER");
  take(&flow);
  peer_free(flow.t);
}

/* An ACK for several is one sample: of the newest. */
static void test_one_sample_an_ack(void)
{
  Flow flow = first_round(FIRST);

  runs_to(flow.t, MS(150));
  for (int i = 0; i < 7; i++) {
    ack(&flow, 2);
    not_met(flow.t, "HYSTART_SLOWER");
    take(&flow);
  }
  ack(&flow, 2);
  met(flow.t, "HYSTART_SLOWER");
  take(&flow);
  peer_free(flow.t);
}

/* "cwnd = cwnd + min (N, L * SMSS)", L = 8; in conservative slow start a
 * quarter of it. */
static Flow conservative(void)
{
  Flow flow = first_round(FIRST);

  runs_to(flow.t, MS(110));
  acks(&flow, 7);
  ack(&flow, 1);
  met(flow.t, "HYSTART_SLOWER");
  take(&flow);
  check_window(&flow, 28 * SMSS, 1 << 30);
  return flow;
}

static void test_growth(void)
{
  Flow flow = flow_start(true, 0);

  ack(&flow, 10);
  check_window(&flow, 18 * SMSS, 1 << 30);
  take(&flow);
  peer_free(flow.t);
  flow = conservative();
  acks(&flow, 1);
  check_window(&flow, 28 * SMSS + SMSS / 4, 1 << 30);
  acks(&flow, 2);
  check_window(&flow, 28 * SMSS + 3 * SMSS / 4, 1 << 30);
  ack(&flow, 9); /* the end of the round */
  take(&flow);
  check_window(&flow, 30 * SMSS + 3 * SMSS / 4, 1 << 30);
  peer_free(flow.t);
}

/* What a quarter of a few bytes leaves over is not lost. */
static void test_growth_of_few_bytes(void)
{
  Flow flow = conservative();

  for (int i = 1; i <= 5; i++) {
    g_autofree char *text =
        g_strdup_printf(". 1:1(0) ack %d", 1 + flow.acked * SMSS + i);

    peer_sends(flow.t, text);
  }
  check_window(&flow, 28 * SMSS + 1, 1 << 30);
  peer_free(flow.t);
}

/* "if (currentRoundMinRTT < cssBaselineMinRtt) ... resume slow start": the
 * third round, of at least 18 segments that left at 100 ms or later. */
static void check_resumed(SimTime less, bool resumed)
{
  Flow flow = first_round(FIRST);
  uint32_t before;

  runs_to(flow.t, MS(110)); /* RTT 60 ms */
  acks(&flow, 18);
  runs_to(flow.t, MS(170) - less);
  acks(&flow, 2); /* 120 ms */
  acks(&flow, 5);
  before = cwnd(&flow);
  ack(&flow, 1);
  if (resumed)
    met(flow.t, "HYSTART_RESUMED");
  else
    not_met(flow.t, "HYSTART_RESUMED");
  take(&flow);
  number_is(flow.t, "growth by the entry's pace", cwnd(&flow) - before,
            SMSS / 4);
  before = cwnd(&flow);
  acks(&flow, 1);
  number_is(flow.t, "growth", cwnd(&flow) - before, resumed ? SMSS : SMSS / 4);
  peer_free(flow.t);
}

static void test_resumed(void)
{
  check_resumed(1, true);
  check_resumed(0, false);
}

/* Five rounds, of which the one that it began in is the first; then SSTHRESH
 * is CWND. */
static void check_over(int64_t congestion)
{
  Flow flow = flow_start(true, congestion);
  uint32_t at_end;
  int rest;

  runs_to(flow.t, FIRST);
  acks(&flow, 10);
  runs_to(flow.t, MS(110));
  acks(&flow, 8);
  for (int round = 1; round < 5; round++) {
    ack(&flow, round == 1 ? 10 : flow.seen - flow.acked);
    not_met(flow.t, "HYSTART_OVER");
    take(&flow);
    runs_to(flow.t, MS(110 + 60 * round));
  }
  rest = flow.seen - flow.acked - 1;
  ack(&flow, 1); /* the round began with it, as nothing was outstanding */
  not_met(flow.t, "HYSTART_OVER");
  take(&flow);
  ack(&flow, rest);
  met(flow.t, "HYSTART_OVER");
  take(&flow);
  at_end = 28 * SMSS + 5 * 2 * SMSS + SMSS / 4;
  check_window(&flow, at_end, at_end);
  acks(&flow, 5);
  g_assert_cmpuint(cwnd(&flow), <, at_end + SMSS);
  number_is(flow.t, "SSTHRESH", user_status(flow.t).ssthresh, at_end);
  peer_free(flow.t);
}

static void test_over(void)
{
  check_over(0);
}

static void test_over_cubic(void)
{
  check_over(1);
}

/* A loss ends it for good: only "the initial slow start". */
static void test_loss(void)
{
  Flow flow = conservative();
  uint32_t flight = user_status(flow.t).flight;

  for (int i = 0; i < 3; i++)
    ack(&flow, 0);
  host_sends_something(flow.t); /* again */
  met(flow.t, "FAST_RETRANSMIT");
  number_is(flow.t, "SSTHRESH", user_status(flow.t).ssthresh, flight / 2);
  runs_to(flow.t, MS(130));
  ack(&flow, flow.seen - flow.acked);
  take(&flow);
  number_is(flow.t, "CWND", cwnd(&flow), 2 * SMSS);
  runs_to(flow.t, MS(400));
  for (int i = 0; i < 10; i++) {
    ack(&flow, 1);
    not_met(flow.t, "HYSTART_SLOWER");
    take(&flow);
  }
  peer_free(flow.t);
}

static void test_off(void)
{
  Flow flow = flow_start(false, 0);

  runs_to(flow.t, FIRST);
  acks(&flow, 10);
  runs_to(flow.t, MS(150));
  for (int i = 0; i < 10; i++) {
    ack(&flow, 1);
    not_met(flow.t, "HYSTART_SLOWER");
    take(&flow);
  }
  peer_free(flow.t);
}

/* Where the user says when slow start ends, and once it has ended, there is
 * nothing left to find out. */
static void test_ssthresh_reached(void)
{
  Flow flow = { .t = peer_new(0) };

  peer_knob(flow.t, "hystart", 1);
  peer_knob(flow.t, "ssthresh", 15 * SMSS);
  peer_knob(flow.t, "initial_window", 10);
  peer_knob(flow.t, "send_buffer", 1 << 20);
  established(flow.t);
  user_sends(flow.t, 1 << 20);
  take(&flow);
  runs_to(flow.t, FIRST);
  acks(&flow, 10);
  check_window(&flow, 15 * SMSS, 15 * SMSS);
  runs_to(flow.t, MS(150));
  for (int i = 0; i < 10; i++) {
    ack(&flow, 1);
    not_met(flow.t, "HYSTART_SLOWER");
    take(&flow);
  }
  peer_free(flow.t);
}

/* On a live connection: off gives slow start its pace back; on begins anew. */
static void test_switched(void)
{
  Flow flow = conservative();

  user_sets(flow.t, "hystart", 0);
  acks(&flow, 1);
  check_window(&flow, 29 * SMSS, 1 << 30);
  user_sets(flow.t, "hystart", 1);
  ack(&flow, 10);
  check_window(&flow, 37 * SMSS, 1 << 30);
  take(&flow);
  peer_free(flow.t);
}

/* A slow start after a loss knows where to end. */
static void test_switched_after_timeout(void)
{
  Flow flow = conservative();

  host_sends_at(flow.t, MS(1110), ". 26281:27741(1460) ack 1");
  ack(&flow, flow.seen - flow.acked);
  take(&flow);
  user_sets(flow.t, "hystart", 0);
  user_sets(flow.t, "hystart", 1);
  ack(&flow, 2);
  number_is(flow.t, "CWND", cwnd(&flow), 3 * SMSS);
  take(&flow);
  peer_free(flow.t);
}

/* A pause: each lone segment is a round of its own, and none has eight. */
static void test_lone_segments(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "hystart", 1);
  established(t);
  for (int i = 0; i < 12; i++) {
    g_autofree char *ack = g_strdup_printf(". 1:1(0) ack %d", 2 + i);

    user_sends(t, 1);
    host_sends_something(t);
    runs_to(t, t->sim->now + MS(10 + 10 * i));
    peer_sends(t, ack);
    not_met(t, "HYSTART_SLOWER");
  }
  peer_free(t);
}

void add_hystart_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/hystart/" path, test_##name)
  ADD("threshold", threshold);
  ADD("seven-samples", seven_samples);
  ADD("least-of-the-round", least_of_the_round);
  ADD("rounds", rounds);
  ADD("one-sample-an-ack", one_sample_an_ack);
  ADD("growth", growth);
  ADD("growth-of-few-bytes", growth_of_few_bytes);
  ADD("resumed", resumed);
  ADD("over", over);
  ADD("over-cubic", over_cubic);
  ADD("loss", loss);
  ADD("off", off);
  ADD("ssthresh-reached", ssthresh_reached);
  ADD("switched", switched);
  ADD("switched-after-time-out", switched_after_timeout);
  ADD("lone-segments", lone_segments);
#undef ADD
}
