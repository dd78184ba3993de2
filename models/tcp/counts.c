#include "counts.h"

#include <glib.h>

#include "parts.h"
#include "text.h"

TcpCounts *tcp_counts_of(TcpConnection *conn)
{
  if (!conn->counts) {
    conn->counts = sim_pool_take(&conn->stack->counts);
    *conn->counts =
        (TcpCounts){ .sent = SIM_TIME_NEVER, .received = SIM_TIME_NEVER };
  }
  return conn->counts;
}

void tcp_counts_free(TcpConnection *conn)
{
  if (!conn->counts)
    return;
  tcp_sndbuf_free(conn->counts->sndbuf);
  sim_pool_give(&conn->stack->counts, conn->counts);
  conn->counts = NULL;
}

void tcp_count_in(TcpConnection *conn, const TcpSegment *segment)
{
  uint32_t length = segment->payload.length;
  TcpCounts *counts;

  conn->segments_in++;
  if (length == 0)
    return;
  counts = tcp_counts_of(conn);
  tcp_text_silence(conn, counts->received);
  counts->segments_in++;
  counts->received = conn->stack->sim->now;
  if (conn->state >= TCP_ESTABLISHED && seq_gt(segment->seq, conn->rcv.nxt))
    counts->out_of_order++;
}

/* A listener's SYN,ACK is not the connection's: Linux has none yet. */
void tcp_count_out(TcpConnection *conn, const TcpSegment *segment,
                   bool repeated)
{
  uint32_t length = segment->payload.length;
  TcpCounts *counts;

  conn->segments_out += !(segment->flags & TCP_SYN && conn->passive);
  conn->repeated += repeated;
  if (length == 0)
    return;
  counts = tcp_counts_of(conn);
  counts->segments_out++;
  counts->bytes_sent += length;
  counts->bytes_repeated += repeated ? length : 0;
  counts->sent = conn->stack->sim->now;
}

/* A FIN rides on text. */
void tcp_count_acked(TcpConnection *conn, uint32_t numbers, uint32_t bytes)
{
  uint32_t left = bytes > 0 ? bytes : numbers;
  TcpCounts *counts = conn->counts;

  conn->delivered += (left + conn->mss - 1) / conn->mss;
  if (!counts)
    return;
  counts->bytes_acked += bytes;
  if (conn->retries > 0 && conn->purpose == TCP_TIMER_RETRANSMISSION)
    counts->timeouts_time += conn->stack->sim->now - counts->timeouts_since;
}

void tcp_count_received(TcpConnection *conn, uint32_t bytes)
{
  tcp_counts_of(conn)->bytes_received += bytes;
}

void tcp_count_timeout(TcpConnection *conn)
{
  TcpCounts *counts = tcp_counts_of(conn);

  counts->timeouts++;
  if (conn->retries > 1)
    return;
  counts->timeout_recoveries++;
  counts->timeouts_since = conn->stack->sim->now;
}

SimTime tcp_limited(const TcpConnection *conn, TcpLimit limit)
{
  const TcpCounts *counts = conn->counts;

  if (!counts)
    return 0;
  if (limit != counts->limit)
    return counts->limited[limit];
  return counts->limited[limit] + conn->stack->sim->now - counts->limited_since;
}

/* Is it the peer's window that holds new text back, not CWND? */
static bool held_by_window(const TcpConnection *conn)
{
  uint32_t count = MIN(tcp_unsent(conn), conn->mss);
  uint32_t right = conn->snd.una + conn->snd.wnd;

  return count > 0 && seq_gt(conn->snd.nxt + count, right) &&
         tcp_flight(conn) + count <= conn->congestion.cwnd;
}

void tcp_count_limits(TcpConnection *conn)
{
  TcpCounts *counts = conn->counts;
  TcpLimit limit = TCP_LIMIT_BUSY;

  if (!counts && !held_by_window(conn))
    return;
  counts = tcp_counts_of(conn);
  if (conn->send.length == 0)
    limit = TCP_LIMIT_NONE;
  else if (held_by_window(conn))
    limit = TCP_LIMIT_WINDOW;
  else if (conn->was_full && tcp_unsent(conn) == 0)
    limit = TCP_LIMIT_BUFFER;
  if (limit == counts->limit)
    return;
  counts->limited[counts->limit] = tcp_limited(conn, counts->limit);
  counts->limited_since = conn->stack->sim->now;
  counts->limit = limit;
}
