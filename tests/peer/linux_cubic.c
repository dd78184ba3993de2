/* The profile linux's CUBIC and its HyStart: CWND as a real Linux 6.18 has
 * it, with the same ACKs at the same times. SMSS is 1000, the handshake takes
 * 100 ms, and whatever CWND lets out leaves. */
#include "linux_recovery.h"

typedef struct Flow {
  Peer *t;
  int acked; /* segments */
  int seen;
} Flow;

static uint32_t cwnd(const Flow *flow)
{
  return user_status(flow->t).cwnd / 1000;
}

/* The peer's window is 65 segments. */
static void take(Flow *flow)
{
  int window = (int)MIN(cwnd(flow), 65);

  for (; flow->seen < flow->acked + window; flow->seen++)
    host_sends_something(flow->t);
}

static Flow flow_start(const char *knob, int64_t value)
{
  Flow flow = { .t = linux_with_sack() };

  peer_knob(flow.t, "send_buffer", 1 << 20);
  peer_knob(flow.t, knob, value);
  opens_after(flow.t, MS(100));
  user_sends(flow.t, 1 << 20);
  take(&flow);
  return flow;
}

/* One ACK for two more segments, at `time`. */
static void ack(Flow *flow, SimTime time)
{
  runs_to(flow->t, time);
  flow->acked += 2;
  peer_acks_segments(flow->t, flow->acked);
}

/* Two segments each 100 ms: round trips take longer and longer, and slow start
 * ends; then the curve, from its plateau. Rows: ACKs, CWND. */
static void test_bulk(void)
{
  static const int rows[][2] = { { 5, 20 },  { 10, 30 }, { 15, 36 }, { 19, 36 },
                                 { 30, 37 }, { 40, 39 }, { 50, 45 }, { 60, 54 },
                                 { 61, 55 }, { 62, 56 }, { 69, 63 } };
  Flow flow = flow_start("hystart_detect", 3);
  int acks = 0;

  for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
    while (acks < rows[i][0]) {
      ack(&flow, MS(200 + 100 * acks++));
      if (acks == 14)
        met(flow.t, "HYSTART_DELAY");
      else
        not_met(flow.t, "HYSTART_DELAY");
      take(&flow);
    }
    number_is(flow.t, "CWND", cwnd(&flow), rows[i][1]);
    if (acks >= 14)
      number_is(flow.t, "SSTHRESH", user_status(flow.t).ssthresh, 36000);
  }
  peer_free(flow.t);
}

/* The first window is acknowledged within 4 ms; the second, a round trip after
 * the first, by ACKs at 1.5 ms: a train, whose 17th behind its first comes
 * after half a round trip. Returns what is acknowledged then. */
static int train(const char *knob, int64_t value, SimTime gap)
{
  Flow flow = flow_start(knob, value);
  int at = 0;

  for (int i = 0; i < 5; i++) {
    ack(&flow, MS(200 + i));
    take(&flow);
  }
  for (int i = 0; i < 27 && at == 0; i++) {
    TcpStatus status;

    ack(&flow, MS(300) + i * gap);
    status = user_status(flow.t);
    if (status.ssthresh < 1 << 30)
      at = flow.acked;
    if (at > 0)
      number_is(flow.t, "SSTHRESH", status.ssthresh, status.cwnd);
    if (at > 0)
      met(flow.t, "HYSTART_TRAIN");
    take(&flow);
  }
  peer_free(flow.t);
  return at;
}

static void test_train(void)
{
  g_assert_cmpint(train("hystart_detect", 1, US(1500)), ==, 44);
  g_assert_cmpint(train("hystart_detect", 1, US(2001)), ==, 0);
}

void add_linux_cubic_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/linux-cubic/" path, test_##name)
  ADD("bulk", bulk);
  ADD("train", train);
#undef ADD
}
