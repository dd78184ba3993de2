/* Pacing: a segment with text leaves no sooner behind the last one than the
 * pacing rate allows, so that a window does not leave as a burst. The rate is
 * Linux's: twice CWND a round trip in slow start, 1.2 times in avoidance (RFC
 * 9002 7.7 has the same with N = 1.25), and at most what the user allows. The
 * first ten segments are not paced, neither is what a time-out or the first
 * loss repeats, nor a probe.
 *
 * Linux hands bursts to its interface, of `pacing_burst` segments or of what
 * the rate sends in 1/1024 s (path's round trips under 16 ms: more yet), and
 * paces those; and what left later than it might have shortens the wait behind
 * it, by half at most.
 *
 * Output asks before each segment; a third event, made with the first segment
 * that may have to wait, wakes it up again. No other timer knows of it: what
 * is outstanding keeps its retransmission timer, and with nothing outstanding
 * no timer but this is needed.
 *
 * Invariant: a segment waits, if any does, until `next`, and `event` is then
 * pending at or before it. */
#include <glib.h>

#include "parts.h"

#define FREE_SEGMENTS 10

struct TcpPace {
  SimEvent event;
  SimTime next; /* when the next segment may leave */
  TcpConnection *conn;
  SimTime fired; /* what leaves then has waited */
  /* Of the burst that left last: */
  SimTime begun;  /* when it left */
  SimTime from;   /* what its time is counted from */
  SimTime credit; /* how much later than it might have */
  SimTime span;   /* its bytes at the rate */
  uint32_t rest;  /* segments that it still may have */
};

bool tcp_is_paced(const TcpKnobs *knobs)
{
  return knobs->pacing || knobs->max_pacing_rate;
}

int64_t tcp_pacing_rate(const TcpConnection *conn)
{
  const TcpKnobs *knobs = tcb_knobs(conn);
  const TcpCongestion *c = &conn->congestion;
  int64_t window = MAX(c->cwnd, conn->snd.nxt - conn->snd.una);
  int64_t percent = c->cwnd < c->ssthresh / 2 ? knobs->pacing_ss_ratio
                                              : knobs->pacing_ca_ratio;
  int64_t rate;

  if (conn->rtt.srtt == 0)
    return 0;
  rate = window * percent / 100 * 1000000 /
         MAX(conn->rtt.srtt / SIM_MICROSECOND, 1);
  return knobs->max_pacing_rate ? MIN(rate, knobs->max_pacing_rate) : rate;
}

static void pace_fired(Sim *sim, SimEvent *event)
{
  TcpPace *pace = SIM_CONTAINER(event, TcpPace, event);
  TcpConnection *conn = pace->conn;

  tcb_turn_open(conn);
  pace->fired = sim->now;
  tcb_turn_close(conn);
}

#define BURST_MOST 65536

/* Half of CWND at most, so that no ACK waits for all of it. */
uint32_t tcp_burst(const TcpConnection *conn)
{
  int64_t least = tcb_knobs(conn)->pacing_burst;
  int64_t bytes = tcp_pacing_rate(conn) / 1024;
  int64_t most = MAX(conn->congestion.cwnd / 2 / conn->mss, 1);
  int64_t near = conn->rtt.least / SIM_MICROSECOND / 512;

  if (least == 1)
    return 1;
  if (near < 32)
    bytes += BURST_MOST >> near;
  return (uint32_t)MIN(MAX(MIN(bytes, BURST_MOST) / conn->mss, least), most);
}

static void begin_burst(TcpPace *pace, SimTime now)
{
  pace->credit =
      tcb_knobs(pace->conn)->pacing_burst > 1 ? MAX(now - pace->next, 0) : 0;
  pace->begun = now;
  pace->from = MAX(pace->next, now);
  pace->span = 0;
  pace->rest = tcp_burst(pace->conn);
}

static TcpPace *pace_of(TcpConnection *conn)
{
  if (!conn->pace) {
    conn->pace = g_new0(TcpPace, 1);
    conn->pace->conn = conn;
    conn->pace->fired = conn->pace->begun = -1;
    sim_event_init(&conn->pace->event, pace_fired);
  }
  return conn->pace;
}

void tcp_pace_left(TcpConnection *conn, uint32_t bytes)
{
  SimTime now = conn->stack->sim->now;
  int64_t rate;
  TcpPace *pace;

  if (bytes == 0 || !tcp_is_paced(tcb_knobs(conn)))
    return;
  if (conn->pace)
    conn->pace->fired = -1;
  rate = tcp_pacing_rate(conn);
  if (rate == 0 || !conn->counts)
    return;
  pace = pace_of(conn);
  if (pace->begun != now || pace->rest == 0)
    begin_burst(pace, now);
  pace->rest--;
  pace->span += bytes * SIM_SECOND / rate;
  pace->next = pace->from;
  if (conn->counts->segments_out >= FREE_SEGMENTS)
    pace->next += pace->span - MIN(pace->span / 2, pace->credit);
}

/* RFC 9002 7.8: a sender is not limited by its user "if it would have fully
 * utilized the congestion window without pacing delay". */
static void note_limited(TcpConnection *conn)
{
  TcpCongestion *c = &conn->congestion;
  uint32_t wanted =
      tcp_flight(conn) + tcp_unsent(conn) + tcp_ranges_total(&conn->resend);

  c->limited = c->limited || wanted >= c->cwnd;
}

bool tcp_pace_holds(TcpConnection *conn)
{
  TcpPace *pace = conn->pace;
  Sim *sim = conn->stack->sim;

  if (!pace || sim->now >= pace->next ||
      (pace->begun == sim->now && pace->rest > 0))
    return false;
  if (sim_event_time(sim, &pace->event) != pace->next)
    sim_schedule(sim, &pace->event, conn->stack->owner, pace->next);
  note_limited(conn);
  return true;
}

bool tcp_pace_waits(const TcpConnection *conn)
{
  return conn->pace && sim_event_pending(&conn->pace->event);
}

bool tcp_pace_is_due(const TcpConnection *conn)
{
  return conn->pace && conn->pace->fired == conn->stack->sim->now;
}

void tcp_pace_stop(TcpConnection *conn)
{
  if (conn->pace)
    sim_cancel(conn->stack->sim, &conn->pace->event);
}

void tcp_pace_free(TcpConnection *conn)
{
  tcp_pace_stop(conn);
  g_free(conn->pace);
  conn->pace = NULL;
}
