/* The profile freebsd, row by row: edges of the window are N-1, N, N+W-1 and
 * N+W, where N is RCV.NXT and W the room of the receive buffer. */
#include <string.h>

#include "peer.h"

enum { EDGES = 4 };

static bool is_passive(const char *state)
{
  return strcmp(state, "SYN-RECEIVED") == 0;
}

/* CLOSING as FreeBSD gets there: its FIN goes again. */
static void freebsd_reaches(Peer *t, const char *state)
{
  if (strcmp(state, "CLOSING") != 0) {
    reaches(t, state);
    return;
  }
  reaches(t, "FIN-WAIT-1");
  peer_sends(t, "F. 1:1(0) ack 1");
  host_sends(t, "F. 1:1(0) ack 2");
  host_is(t, "CLOSING");
}

/* RCV.NXT is 2 behind the peer's FIN. */
static unsigned next_of(const char *state)
{
  return strcmp(state, "CLOSE-WAIT") == 0 || strcmp(state, "CLOSING") == 0 ||
                 strcmp(state, "LAST-ACK") == 0 ||
                 strcmp(state, "TIME-WAIT") == 0
             ? 2
             : 1;
}

/* The segment `flags` with SEG.SEQ at an edge. */
static char *at_edge(const char *flags, const char *state, int edge,
                     const char *rest)
{
  unsigned n = next_of(state), w = is_passive(state) ? 65535 : 65700;
  const unsigned edges[EDGES] = { n - 1, n, n + w - 1, n + w };

  return g_strdup_printf("%s %u:%u(0)%s", flags, edges[edge], edges[edge],
                         rest);
}

/* What a row says of one edge. */
typedef enum Outcome { DROP, END, ACK, RESET } Outcome;

static void expect_end(Peer *t, const char *state, const char *error)
{
  host_is(t, is_passive(state) ? "LISTEN" : "CLOSED");
  if (!is_passive(state))
    user_error(t, error);
}

static void edge_is(const char *state, const char *knob, const char *flags,
                    int edge, Outcome outcome, const char *ack,
                    const char *error)
{
  Peer *t = freebsd_new();
  g_autofree char *segment = at_edge(flags, state, edge, "");
  g_autofree char *name = g_strndup(state, strcspn(state, "/"));
  g_autofree char *challenge = g_strdup_printf(". %s", ack);
  g_autofree char *reset = g_strdup_printf("R. %s win 0", ack);

  if (knob)
    peer_knob(t, knob, 1);
  freebsd_reaches(t, state);
  peer_sends(t, segment);
  if (outcome == ACK)
    host_sends(t, challenge);
  if (outcome == RESET)
    host_sends(t, reset);
  if (outcome == END || outcome == RESET)
    expect_end(t, state, error);
  else
    host_is(t, name);
  if (is_passive(state) && outcome != END)
    peer_sends(t, "R 1:1(0)");
  peer_free(t);
}

static const struct {
  const char *state, *ack, *error;
} synchronized[] = {
  { "SYN-RECEIVED", "1:1(0) ack 1", NULL },
  { "SYN-RECEIVED/active", "1:1(0) ack 1", "ECONNREFUSED" },
  { "ESTABLISHED", "1:1(0) ack 1", "ECONNRESET" },
  { "CLOSE-WAIT", "1:1(0) ack 2", "ECONNRESET" },
  { "FIN-WAIT-1", "2:2(0) ack 1", "ECONNRESET" },
  { "FIN-WAIT-2", "2:2(0) ack 1", "ECONNRESET" },
  { "CLOSING", "2:2(0) ack 2", "ECONNRESET" },
  { "LAST-ACK", "2:2(0) ack 2", "ECONNRESET" },
};

static void rst_rows(const char *knob, const char *flags,
                     const Outcome outcomes[EDGES])
{
  for (size_t i = 0; i < G_N_ELEMENTS(synchronized); i++)
    for (int edge = 0; edge < EDGES; edge++)
      edge_is(synchronized[i].state, knob, flags, edge, outcomes[edge],
              synchronized[i].ack, synchronized[i].error);
}

static void test_rst(void)
{
  rst_rows(NULL, "R", (const Outcome[]){ DROP, END, ACK, DROP });
}

static void test_rst_insecure(void)
{
  rst_rows("insecure_rst", "R", (const Outcome[]){ DROP, END, END, DROP });
}

static void test_syn(void)
{
  for (size_t i = 2; i < G_N_ELEMENTS(synchronized); i++)
    for (int edge = 0; edge < EDGES; edge++)
      edge_is(synchronized[i].state, NULL, "S", edge, ACK, synchronized[i].ack,
              NULL);
}

static void test_syn_insecure(void)
{
  for (size_t i = 2; i < G_N_ELEMENTS(synchronized); i++)
    for (int edge = 0; edge < EDGES; edge++)
      edge_is(synchronized[i].state, "insecure_syn", "S", edge,
              edge == 1 || edge == 2 ? RESET : ACK, synchronized[i].ack,
              synchronized[i].error);
}

/* One segment in a state: at most one reply, the state after, the error. */
static void row(const char *knob, int64_t value, const char *state,
                const char *segment, const char *reply, const char *after)
{
  Peer *t = freebsd_new();

  if (knob)
    peer_knob(t, knob, value);
  freebsd_reaches(t, state);
  peer_sends(t, segment);
  if (reply)
    host_sends(t, reply);
  host_is(t, after ? after : state);
  if (strcmp(after ? after : state, "SYN-RECEIVED") == 0 && t->listener)
    peer_sends(t, "R 1:1(0)");
  peer_free(t);
}

#define SAME(state, segment, reply) row(NULL, 0, state, segment, reply, NULL)
#define MSS " win 65535 <mss 1460>"
#define SEQ_0 "256:256(0)" /* relative to the host's ISS */

static void test_closed(void)
{
  SAME("CLOSED", "R 0:0(0)", NULL);
  SAME("CLOSED", "R. 0:0(0) ack 1", NULL);
  SAME("CLOSED", "S 0:0(0)", "R. " SEQ_0 " ack 1 win 0");
  SAME("CLOSED", "S 0:3(3)", "R. " SEQ_0 " ack 4 win 0");
  SAME("CLOSED", "S. 0:0(0) ack 7", "R 7:7(0) win 0");
  SAME("CLOSED", "SF 0:0(0)", "R. " SEQ_0 " ack 2 win 0");
  SAME("CLOSED", ". 0:0(0) ack 7", "R 7:7(0) win 0");
  SAME("CLOSED", "F. 0:0(0) ack 7", "R 7:7(0) win 0");
  SAME("CLOSED", "F 0:0(0)", "R. " SEQ_0 " ack 1 win 0");
}

static void test_blackhole(void)
{
  row("blackhole", 1, "CLOSED", "S 0:0(0)", NULL, NULL);
  row("blackhole", 1, "CLOSED", ". 0:0(0) ack 7", "R 7:7(0) win 0", NULL);
  row("blackhole", 2, "CLOSED", ". 0:0(0) ack 7", NULL, NULL);
}

static void test_listen(void)
{
  static const char reply[] = "S. 0:0(0) ack 1" MSS;

  SAME("LISTEN", "R 0:0(0)", NULL);
  SAME("LISTEN", "R. 0:0(0) ack 1", NULL);
  row(NULL, 0, "LISTEN", "S 0:0(0)" MSS, reply, "SYN-RECEIVED");
  row(NULL, 0, "LISTEN", "S 0:3(3)" MSS, reply, "SYN-RECEIVED");
  SAME("LISTEN", "S. 0:0(0) ack 7", NULL);
  row(NULL, 0, "LISTEN", "SF 0:0(0)" MSS, reply, "SYN-RECEIVED");
  row("drop_syn_fin", 2, "LISTEN", "SF 0:0(0)" MSS, NULL, NULL);
  SAME("LISTEN", ". 0:0(0) ack 7", "R 7:7(0)");
  SAME("LISTEN", "F. 0:0(0) ack 7", "R 7:7(0)");
  SAME("LISTEN", "F 0:0(0)", NULL);
}

/* In SYN-SENT the SYN goes again as if nothing had come. */
static void stays_in_syn_sent(int64_t drop_syn_fin, const char *segment,
                              const char *reply)
{
  Peer *t = freebsd_new();

  peer_knob(t, "drop_syn_fin", drop_syn_fin);
  reaches(t, "SYN-SENT");
  peer_sends(t, segment);
  if (reply)
    host_sends(t, reply);
  host_is(t, "SYN-SENT");
  host_sends_at(t, S(1), "S 0:0(0)" MSS);
  peer_free(t);
}

static void test_syn_sent(void)
{
  stays_in_syn_sent(0, "R 1:1(0)", NULL);
  stays_in_syn_sent(0, "R. 0:0(0) ack 0", NULL);
  stays_in_syn_sent(0, "R. 0:0(0) ack 2", NULL);
  stays_in_syn_sent(0, "S. 0:0(0) ack 0", "R 0:0(0)");
  stays_in_syn_sent(0, "S. 0:0(0) ack 2", "R 2:2(0)");
  stays_in_syn_sent(2, "SF 0:0(0)", NULL);
  stays_in_syn_sent(0, ". 0:0(0) ack 1", NULL);
  stays_in_syn_sent(0, ". 0:0(0) ack 0", "R 0:0(0)");
  stays_in_syn_sent(0, ". 0:0(0) ack 2", "R 2:2(0)");
  stays_in_syn_sent(0, "F. 0:0(0) ack 1", NULL);
  stays_in_syn_sent(0, "F. 0:0(0) ack 2", "R 2:2(0)");
  stays_in_syn_sent(0, "F 0:0(0)", NULL);
  row(NULL, 0, "SYN-SENT", "R. 0:0(0) ack 1", NULL, "CLOSED");
  row(NULL, 0, "SYN-SENT", "S. 0:0(0) ack 1" MSS, ". 1:1(0) ack 1",
      "ESTABLISHED");
  row(NULL, 0, "SYN-SENT", "S. 0:3(3) ack 1" MSS, ". 1:1(0) ack 4",
      "ESTABLISHED");
}

/* Its text is kept and gets no ACK of its own, its FIN is forgotten. */
static void test_syn_sent_syn(void)
{
  static const char *const segments[] = { "S 0:3(3)" MSS, "SF 0:3(3)" MSS };

  for (size_t i = 0; i < G_N_ELEMENTS(segments); i++) {
    Peer *t = freebsd_new();

    reaches(t, "SYN-SENT");
    peer_sends(t, segments[i]);
    host_sends(t, "S. 0:0(0) ack 1" MSS);
    host_is(t, "SYN-RECEIVED");
    peer_sends(t, ". 1:1(0) ack 1");
    host_is(t, "ESTABLISHED");
    user_reads(t, 3);
    host_silent(t, 10 * SIM_SECOND);
    user_closes(t);
    host_sends(t, "F. 1:1(0) ack 4");
    peer_free(t);
  }
}

static void test_time_wait(void)
{
  static const char *const silent[] = { "R", "F", "SF" };
  static const char *const answered[] = { "S.", "F." };

  for (int edge = 0; edge < EDGES; edge++) {
    g_autofree char *exact = at_edge(".", "TIME-WAIT", edge, " ack 2");

    SAME("TIME-WAIT", exact, edge == 1 ? NULL : ". 2:2(0) ack 2");
    for (size_t i = 0; i < G_N_ELEMENTS(silent); i++) {
      g_autofree char *segment = at_edge(silent[i], "TIME-WAIT", edge, "");

      row("drop_syn_fin", 2, "TIME-WAIT", segment, NULL, NULL);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(answered); i++) {
      g_autofree char *segment =
          at_edge(answered[i], "TIME-WAIT", edge, " ack 2");

      SAME("TIME-WAIT", segment, ". 2:2(0) ack 2");
    }
  }
  SAME("TIME-WAIT", ". 3:3(0) ack 2", ". 2:2(0) ack 2");
  SAME("TIME-WAIT", "R. 2:2(0) ack 2", NULL);
}

/* A SYN beyond N opens a new connection, where there is a listener. */
static void test_time_wait_syn(void)
{
  for (unsigned seq = 1; seq <= 3; seq++)
    for (int64_t insecure = 0; insecure <= 1; insecure++) {
      Peer *t = freebsd_new();
      g_autofree char *segment = g_strdup_printf("S %u:%u(0)" MSS, seq, seq);

      peer_knob(t, "insecure_syn", insecure);
      peer_knob(t, "initial_sequence", HOST_ISS);
      established_passively(t);
      user_shuts(t, TCP_SHUTDOWN_SEND);
      host_sends(t, "F. 1:1(0) ack 1");
      peer_sends(t, ". 1:1(0) ack 2");
      peer_sends(t, "F. 1:1(0) ack 2");
      host_sends(t, ". 2:2(0) ack 2");
      peer_sends(t, segment);
      if (seq == 3) {
        host_sends_something(t);
        met(t, "TIME_WAIT_REUSED");
        host_is(t, "SYN-RECEIVED");
        peer_sends(t, "R 4:4(0)");
      } else {
        host_is(t, "TIME-WAIT");
      }
      peer_free(t);
    }
}

/* The variant that keeps to the RFC's steps in TIME-WAIT. */
static void test_time_wait_strict(void)
{
  for (int edge = 0; edge < EDGES; edge++)
    for (int64_t insecure = 0; insecure <= 1; insecure++) {
      Peer *t = freebsd_new();
      g_autofree char *segment = at_edge("S", "TIME-WAIT", edge, "");
      bool inside = edge == 1 || edge == 2;

      peer_knob(t, "time_wait_terse", 0);
      peer_knob(t, "time_wait_reuse", 0);
      peer_knob(t, "insecure_syn", insecure);
      reaches(t, "TIME-WAIT");
      peer_sends(t, segment);
      host_sends(t, inside && insecure ? "R. 2:2(0) ack 2 win 0"
                                       : ". 2:2(0) ack 2");
      host_is(t, inside && insecure ? "CLOSED" : "TIME-WAIT");
      peer_free(t);
    }
}

static void test_time_wait_strict_rst(void)
{
  for (int edge = 0; edge < EDGES; edge++) {
    Peer *t = freebsd_new();
    g_autofree char *segment = at_edge("R", "TIME-WAIT", edge, "");

    peer_knob(t, "time_wait_terse", 0);
    reaches(t, "TIME-WAIT");
    peer_sends(t, segment);
    host_is(t, "TIME-WAIT");
    peer_free(t);
  }
}

static void test_syn_timer(void)
{
  Peer *t = freebsd_new();

  user_connects(t);
  host_sends(t, "S 0:0(0)" MSS);
  host_sends_at(t, S(1), "S 0:0(0)" MSS);
  host_sends_at(t, MS(3200), "S 0:0(0)" MSS);
  peer_free(t);
}

static void test_delayed_ack(void)
{
  Peer *t = freebsd_new();

  established(t);
  peer_sends(t, "P. 1:11(10) ack 1");
  host_sends_at(t, MS(40), ". 1:1(0) ack 11");
  peer_sends(t, "P. 11:12(1) ack 1");
  peer_sends(t, "P. 12:14(2) ack 1"); /* the second, however small */
  host_sends(t, ". 1:1(0) ack 14");
  met(t, "ACK_ONCE");
  peer_sends(t, "P. 14:15(1) ack 1");
  host_sends_at(t, MS(80), ". 1:1(0) ack 15");
  user_sets(t, "mss", 1000);
  peer_sends(t, "P. 15:1016(1001) ack 1"); /* above the MSS */
  host_sends(t, ". 1:1(0) ack 1016");
  met(t, "ACK_ONCE");
  peer_free(t);
}

/* The rest of a write leaves with what was full of it; later ones wait. */
static void test_nagle_burst(void)
{
  Peer *t = freebsd_new();

  established(t);
  user_sends(t, 1500);
  host_sends(t, ". 1:1461(1460) ack 1");
  host_sends(t, "P. 1461:1501(40) ack 1");
  user_sends(t, 10);
  host_silent(t, MS(10));
  peer_sends(t, ". 1:1(0) ack 1501");
  host_sends(t, "P. 1501:1511(10) ack 1");
  peer_free(t);
}

/* Reading is told when it has opened a quarter of the window, and not before
 * the delayed ACK. */
static void test_window_quarters(void)
{
  Peer *t = freebsd_new();

  established(t); /* the buffer: 65700 */
  for (uint32_t i = 0; i < 16; i++) {
    g_autofree char *text = g_strdup_printf(". %u:%u(1460) ack 1", 1 + i * 1460,
                                            1 + (i + 1) * 1460);

    peer_sends(t, text);
    if (i % 2 == 1)
      host_sends_something(t);
  }
  user_reads_some(t, 11 * 1460);
  host_silent(t, MS(100));
  user_reads_some(t, 1460); /* 17520 of 65700 */
  host_sends(t, ". 1:1(0) ack 23361 win 59860");
  met(t, "WINDOW_UPDATE");
  user_reads_some(t, 4 * 1460);
  host_silent(t, MS(100));
  peer_free(t);
}

static void test_fin_crossing(void)
{
  Peer *t = freebsd_new();

  reaches(t, "FIN-WAIT-1");
  peer_sends(t, "F. 1:1(0) ack 1");
  host_sends(t, "F. 1:1(0) ack 2");
  peer_free(t);
  t = freebsd_new();
  reaches(t, "FIN-WAIT-1");
  peer_sends(t, "F. 1:1(0) ack 2");
  host_sends(t, ". 2:2(0) ack 2");
  host_is(t, "TIME-WAIT");
  peer_free(t);
  t = freebsd_new();
  reaches(t, "TIME-WAIT");
  peer_free(t);
}

/* What lies before the window is trimmed to nothing: its ACK counts. */
static void test_old_ack(void)
{
  for (int64_t counts = 0; counts <= 1; counts++) {
    Peer *t = freebsd_new();

    peer_knob(t, "old_acks", counts);
    freebsd_reaches(t, "CLOSING");
    peer_sends(t, "F. 1:1(0) ack 2");
    host_sends(t, ". 2:2(0) ack 2");
    met(t, "FIN_REPEATED");
    host_is(t, counts ? "TIME-WAIT" : "CLOSING");
    peer_free(t);
  }
}

static void test_icmp_may_reset(void)
{
  Peer *t = freebsd_new();

  peer_knob(t, "icmp_may_reset", 0);
  reaches(t, "SYN-SENT");
  peer_unreachable(t, 3);
  host_is(t, "SYN-SENT");
  peer_free(t);
}

#define ADD(name, function) \
  g_test_add_func("/peer/freebsd/" name, test_##function)

void add_freebsd_tests(void)
{
  ADD("rst", rst);
  ADD("rst/insecure", rst_insecure);
  ADD("syn", syn);
  ADD("syn/insecure", syn_insecure);
  ADD("closed", closed);
  ADD("closed/blackhole", blackhole);
  ADD("listen", listen);
  ADD("syn-sent", syn_sent);
  ADD("syn-sent/syn-with-text", syn_sent_syn);
  ADD("closing/old-ack", old_ack);
  ADD("time-wait", time_wait);
  ADD("time-wait/syn", time_wait_syn);
  ADD("time-wait/strict", time_wait_strict);
  ADD("time-wait/strict/rst", time_wait_strict_rst);
  ADD("timer/syn", syn_timer);
  ADD("timer/delayed-ack", delayed_ack);
  ADD("nagle-burst", nagle_burst);
  ADD("window-quarters", window_quarters);
  ADD("fin-wait-1/fin-crosses", fin_crossing);
  ADD("icmp/may-not-reset", icmp_may_reset);
}
