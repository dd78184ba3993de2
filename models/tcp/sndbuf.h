/* How full the send buffer is, if `send_overhead` says that its pieces cost
 * (sndbuf.c).
 */
#pragma once

#include "tcp.h"

typedef struct TcpSndbuf TcpSndbuf;

/** tcp_sndbuf_room: how much of a write of `wanted` bytes there is room for. */
uint32_t tcp_sndbuf_room(const TcpConnection *conn, uint32_t wanted);

/** tcp_sndbuf_put: so many of them are about to be queued. */
void tcp_sndbuf_put(TcpConnection *conn, uint32_t bytes);

/** tcp_sndbuf_left: [left, right) leaves for the first time. */
void tcp_sndbuf_left(TcpConnection *conn, uint32_t left, uint32_t right);

/** tcp_sndbuf_acked: SND.UNA has moved, and CWND with it. */
void tcp_sndbuf_acked(TcpConnection *conn);

/** tcp_sndbuf_free: (nullable) */
void tcp_sndbuf_free(TcpSndbuf *sndbuf);
