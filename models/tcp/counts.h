/* What a connection has counted for TCP_INFO (RFC 4898 has most of it, too).
 *
 * Four numbers stand in the connection itself; the rest is made with the first
 * text or time-out, so that a connection that does nothing weighs little.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "segment.h"
#include "simtime.h"
#include "sndbuf.h"

/** TcpLimit: what keeps queued text from being done with. */
typedef enum TcpLimit {
  TCP_LIMIT_NONE,   /* nothing is queued */
  TCP_LIMIT_BUSY,   /* the path and CWND */
  TCP_LIMIT_WINDOW, /* the peer's window */
  TCP_LIMIT_BUFFER, /* the send buffer: all is sent and the user has more */
  TCP_LIMITS
} TcpLimit;

typedef struct TcpCounts {
  uint64_t bytes_sent; /* repeated ones, too */
  uint64_t bytes_repeated, bytes_acked, bytes_received;
  SimTime sent, received; /* the last text; NEVER: none */
  SimTime limited[TCP_LIMITS], limited_since;
  SimTime timeouts_since, timeouts_time;
  uint32_t segments_in, segments_out; /* that had text */
  uint32_t out_of_order, timeouts, timeout_recoveries;
  TcpLimit limit;
  /* of use of CWND, growth.c: outstanding at most, up to `use_end`; full? */
  uint32_t use_most, use_end;
  bool in_use;
  uint32_t flight_before; /* the last time-out (F-RTO) */
  TcpSndbuf *sndbuf;      /* NULL: nothing was written, or bytes count */
} TcpCounts;

/** tcp_counts_of: made if need be. (transfer none) */
TcpCounts *tcp_counts_of(TcpConnection *conn);

/** tcp_count_in, tcp_count_out: a segment came or leaves. */
void tcp_count_in(TcpConnection *conn, const TcpSegment *segment);
void tcp_count_out(TcpConnection *conn, const TcpSegment *segment,
                   bool repeated);

/** tcp_count_acked: SND.UNA is about to move over `numbers`, of which `bytes`
 * are text's. */
void tcp_count_acked(TcpConnection *conn, uint32_t numbers, uint32_t bytes);

/** tcp_count_received: RCV.NXT moves over `bytes` of text. */
void tcp_count_received(TcpConnection *conn, uint32_t bytes);

/** tcp_count_timeout: the retransmission timer has expired. */
void tcp_count_timeout(TcpConnection *conn);

/** tcp_count_limits: after output, or a refused SEND: what holds the rest back
 * from now on. */
void tcp_count_limits(TcpConnection *conn);

/** tcp_limited: how long it has been that `limit` was the reason. */
SimTime tcp_limited(const TcpConnection *conn, TcpLimit limit);

void tcp_counts_free(TcpConnection *conn);
