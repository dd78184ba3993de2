/* The send buffer as Linux fills it: what is queued stands in buffers, and
 * each costs its bytes and `send_overhead`. A write fills the last one, if
 * nothing of it has been sent, up to half of the peer's largest window; one
 * more is begun while all together cost less than twice `send_buffer`. A full
 * buffer is sent as far as may be at once, and its rest is filled again. What
 * leaves together is a buffer of its own: a burst, as in pace.c. A writer that
 * had to wait goes on when a third of the room is free.
 *
 * Until the user sets its size the buffer grows with the congestion window, up
 * to `send_buffer_most`.
 *
 *     SND.UNA              SND.NXT                      end of the queue
 *        |---burst---|--burst--|--rest--|------full------|--last--|
 *                   cut       cut      cut              cut
 *
 * Invariant: the cuts are in order, above SND.UNA. */
#include <glib.h>
#include <string.h>

#include "parts.h"

#define LARGEST 65215       /* bytes of one buffer: 64 KiB with its headers */
#define GROWTH_OVERHEAD 576 /* of a segment, with its bytes up to 2^n, */
#define GROWTH_HEAD 256     /* and this: what growth reckons with */

struct TcpSndbuf {
  uint32_t *cuts;
  uint32_t first, count, room;
  uint32_t burst_end, burst_left; /* segments that it may still take */
  SimTime burst_at;
  int64_t limit; /* it has grown to; bytes */
};

static bool is_counted(const TcpConnection *conn)
{
  return tcb_knobs(conn)->send_overhead > 0;
}

static uint32_t queue_end(const TcpConnection *conn)
{
  return tcb_data_start(conn) + conn->send.length;
}

/* -- its size -- */

/* What `cwnd` bytes want, twice. */
static int64_t grown(const TcpConnection *conn, uint32_t cwnd)
{
  int64_t mss = MAX(conn->mss, conn->mss_allowed), each = 1;

  while (each < mss + GROWTH_OVERHEAD)
    each *= 2;
  return MIN(2 * MAX(cwnd / conn->mss, 10) * (each + GROWTH_HEAD),
             2 * tcb_knobs(conn)->send_buffer_most);
}

static int64_t limit_of(const TcpConnection *conn)
{
  const TcpSndbuf *it = conn->counts ? conn->counts->sndbuf : NULL;
  int64_t limit = 2 * tcb_knobs(conn)->send_buffer;

  if (tcb_knobs(conn)->send_buffer_most == 0)
    return limit;
  if (conn->congestion.ops)
    limit = MAX(limit, grown(conn, conn->congestion.initial));
  return it ? MAX(limit, it->limit) : limit;
}

static int64_t cost_of(const TcpConnection *conn)
{
  const TcpSndbuf *it = conn->counts ? conn->counts->sndbuf : NULL;
  uint32_t buffers = (it ? it->count : 0) + (conn->send.length > 0);

  return conn->send.length + (int64_t)buffers * tcb_knobs(conn)->send_overhead;
}

static TcpSndbuf *sndbuf_of(TcpConnection *conn)
{
  TcpCounts *counts = tcp_counts_of(conn);

  if (!counts->sndbuf) {
    counts->sndbuf = g_new0(TcpSndbuf, 1);
    counts->sndbuf->burst_at = -1;
  }
  return counts->sndbuf;
}

/* While a writer waits, and CWND has room for more than there is. */
static void grow(TcpConnection *conn, TcpSndbuf *it)
{
  if (conn->was_full && tcb_knobs(conn)->send_buffer_most > 0 &&
      tcp_flight(conn) < conn->congestion.cwnd)
    it->limit = MAX(it->limit, grown(conn, conn->congestion.cwnd));
}

void tcp_sndbuf_free(TcpSndbuf *sndbuf)
{
  if (sndbuf)
    g_free(sndbuf->cuts);
  g_free(sndbuf);
}

/* -- cuts -- */

/* The index behind the last cut at or below `at`. */
static uint32_t cut_behind(const TcpSndbuf *it, uint32_t at)
{
  uint32_t i = it->first + it->count;

  while (i > it->first && seq_gt(it->cuts[i - 1], at))
    i--;
  return i;
}

static void make_room(TcpSndbuf *it)
{
  if (it->first + it->count < it->room)
    return;
  if (it->first > it->room / 2) {
    memmove(it->cuts, it->cuts + it->first, it->count * sizeof *it->cuts);
    it->first = 0;
    return;
  }
  it->room = MAX(2 * it->room, 16);
  it->cuts = g_renew(uint32_t, it->cuts, it->room);
}

static void add_cut(TcpSndbuf *it, uint32_t at)
{
  uint32_t i;

  make_room(it);
  i = cut_behind(it, at);
  if (i > it->first && it->cuts[i - 1] == at)
    return;
  memmove(it->cuts + i + 1, it->cuts + i,
          (it->first + it->count - i) * sizeof *it->cuts);
  it->cuts[i] = at;
  it->count++;
}

/* No cut is left within [from, to]. */
static void join(TcpSndbuf *it, uint32_t from, uint32_t to)
{
  uint32_t behind = cut_behind(it, to), at = cut_behind(it, from - 1);

  memmove(it->cuts + at, it->cuts + behind,
          (it->first + it->count - behind) * sizeof *it->cuts);
  it->count -= behind - at;
}

void tcp_sndbuf_left(TcpConnection *conn, uint32_t left, uint32_t right)
{
  SimTime now = conn->stack->sim->now;
  TcpSndbuf *it;
  bool goes_on;

  left = seq_max(left, tcb_data_start(conn));
  right = seq_min(right, queue_end(conn));
  if (!is_counted(conn) || !seq_lt(left, right))
    return;
  it = sndbuf_of(conn);
  goes_on = it->burst_at == now && it->burst_left > 0 && it->burst_end == left;
  if (it->count > 0)
    join(it, left, right);
  if (!goes_on) {
    it->burst_left = tcp_burst(conn);
    it->burst_at = now;
    if (seq_gt(left, conn->snd.una))
      add_cut(it, left);
  }
  it->burst_left--;
  it->burst_end = right;
  if (seq_lt(right, queue_end(conn)))
    add_cut(it, right);
}

void tcp_sndbuf_acked(TcpConnection *conn)
{
  TcpSndbuf *it = conn->counts ? conn->counts->sndbuf : NULL;

  if (!it)
    return;
  while (it->count > 0 && seq_leq(it->cuts[it->first], conn->snd.una)) {
    it->first++;
    it->count--;
  }
  grow(conn, it);
}

void tcp_send_memory(const TcpConnection *conn, int64_t *ret_used,
                     int64_t *ret_most)
{
  *ret_used = cost_of(conn);
  *ret_most = limit_of(conn);
}

/* -- writing -- */

/* A queue while a write is put into it. */
typedef struct Filling {
  int64_t cost, overhead, limit, unsent, lowat;
  uint32_t last; /* unsent bytes of the last buffer */
  uint32_t goal; /* of a full one */
  uint32_t may;  /* bytes that may be sent at once */
  uint32_t burst;
  uint32_t end;
} Filling;

static uint32_t last_unsent(const TcpConnection *conn)
{
  const TcpSndbuf *it = conn->counts ? conn->counts->sndbuf : NULL;
  uint32_t from = seq_max(conn->snd.nxt, tcb_data_start(conn));

  if (it && it->count > 0)
    from = seq_max(from, it->cuts[it->first + it->count - 1]);
  return queue_end(conn) - seq_min(from, queue_end(conn));
}

/* Whole segments that the windows let out. */
static uint32_t may_leave(const TcpConnection *conn)
{
  const TcpCongestion *c = &conn->congestion;
  uint32_t right = conn->snd.una + conn->snd.wnd, flight = tcp_flight(conn);
  uint32_t may;

  if (conn->state != TCP_ESTABLISHED && conn->state != TCP_CLOSE_WAIT)
    return 0;
  if (!seq_gt(right, conn->snd.nxt) || c->cwnd <= flight ||
      tcp_unsent(conn) >= conn->mss || tcp_pace_waits(conn))
    return 0;
  may = MIN(right - conn->snd.nxt, c->cwnd - flight);
  return may - may % conn->mss;
}

static Filling filling_of(const TcpConnection *conn)
{
  const TcpKnobs *knobs = tcb_knobs(conn);
  uint32_t window = conn->snd.max_wnd, mss = conn->mss;
  uint32_t goal = MIN(window > 536 ? window / 2 : window, LARGEST);

  return (Filling){ .cost = cost_of(conn),
                    .overhead = knobs->send_overhead,
                    .limit = limit_of(conn),
                    .unsent = tcp_unsent(conn),
                    .lowat = knobs->notsent_lowat,
                    .last = last_unsent(conn),
                    .goal = MAX(goal - goal % mss, mss),
                    .may = may_leave(conn),
                    .burst = tcp_burst(conn) * mss,
                    .end = queue_end(conn) };
}

/* A full buffer is sent as far as may be: bursts and a rest. */
static void push(Filling *it)
{
  uint32_t out = MIN(it->may, it->last);
  uint32_t bursts = (out + it->burst - 1) / it->burst;

  it->may -= out;
  it->unsent -= out;
  it->last -= out;
  it->cost += (bursts - (out > 0 && it->last == 0)) * it->overhead;
}

static bool has_room(const Filling *it)
{
  return it->cost < it->limit && (it->lowat <= 0 || it->unsent < it->lowat);
}

/* What is full is pushed, if nothing was for half of a window. */
static void mark_full(TcpConnection *conn, uint32_t end)
{
  if (tcb_knobs(conn)->push_written &&
      seq_gt(end, conn->snd.pushed + conn->snd.max_wnd / 2))
    tcp_mark_pushed(conn, end);
}

/* How much of `wanted` bytes there is room for; they are put if `conn`. */
static uint32_t fill(Filling *it, uint32_t wanted, TcpConnection *conn)
{
  uint32_t left = wanted;

  while (left > 0) {
    uint32_t part;

    if (it->last == 0 || it->last >= it->goal) {
      if (!has_room(it))
        break;
      if (conn && it->end != tcb_data_start(conn))
        add_cut(sndbuf_of(conn), it->end);
      it->cost += it->overhead;
      it->last = 0;
    }
    part = MIN(left, it->goal - it->last);
    it->last += part;
    it->end += part;
    it->unsent += part;
    it->cost += part;
    left -= part;
    if (it->last == it->goal && conn)
      mark_full(conn, it->end);
    if (it->last == it->goal)
      push(it);
  }
  return wanted - left;
}

uint32_t tcp_sndbuf_room(const TcpConnection *conn, uint32_t wanted)
{
  Filling filling = filling_of(conn);

  return fill(&filling, wanted, NULL);
}

void tcp_sndbuf_put(TcpConnection *conn, uint32_t bytes)
{
  Filling filling;

  if (!is_counted(conn))
    return;
  filling = filling_of(conn);
  fill(&filling, bytes, conn);
}

bool tcp_send_ready(const TcpConnection *conn)
{
  int64_t lowat = tcb_knobs(conn)->notsent_lowat, cost;

  if (lowat > 0 && 2 * (int64_t)tcp_unsent(conn) >= lowat)
    return false;
  if (!is_counted(conn))
    return tcp_writable(conn) > 0;
  cost = cost_of(conn);
  return limit_of(conn) - cost >= cost / 2;
}
