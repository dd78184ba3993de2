/* RECEIVE (3.10.3): what is there in sequence, up to the urgent byte; then what
 * ended it. */
#include <glib.h>

#include "calls.h"
#include "text.h"

static bool can_read(const TcpConnection *conn)
{
  return !conn->closed &&
         (!conn->receive_shut || tcb_knobs(conn)->shut_keeps_text);
}

/* Bytes before the urgent one, which is in the receive queue; else all. */
static uint32_t before_urgent(const TcpConnection *conn)
{
  uint32_t length = conn->receive.length, read;

  if (!conn->urgent_known)
    return length;
  read = conn->rcv.nxt - conn->fin_received - conn->second_fins - length;
  return MIN(conn->rcv.urgent - read, length);
}

/* Reading skips the urgent byte, once it is next. */
static void skip_urgent(TcpConnection *conn)
{
  if (conn->receive.length > 0 && before_urgent(conn) == 0) {
    tcp_stream_drop(&conn->receive, &conn->stack->chunks, 1);
    conn->urgent_known = false;
  }
}

/* Does end_before_error hide an error, or make one of ENOTCONN? */
static bool tells_end(const TcpConnection *conn)
{
  return tcb_knobs(conn)->end_before_error && !conn->closed &&
         (conn->fin_received || (conn->state == TCP_CLOSED && !conn->error &&
                                 conn->snd.una != conn->snd.iss));
}

/* There is nothing to read: is that the end, an error, or a wait? */
static TcpError why_nothing(TcpConnection *conn)
{
  if (tells_end(conn))
    return TCP_OK;
  if (conn->error)
    return tcp_take_error(conn);
  if (conn->fin_received || conn->receive_shut)
    return TCP_OK;
  if (conn->closed)
    return TCP_EPIPE;
  return conn->state == TCP_CLOSED ? TCP_ENOTCONN : TCP_EAGAIN;
}

TcpError tcp_receive(TcpConnection *conn, uint32_t most, NetSlice *ret)
{
  TcpError error;

  *ret = net_slice_virtual(0);
  skip_urgent(conn);
  if (conn->receive.length > 0 && can_read(conn)) {
    tcb_turn_open(conn);
    *ret = tcp_stream_take(&conn->receive, &conn->stack->chunks,
                           MIN(most, before_urgent(conn)));
    tcp_text_read(conn);
    tcp_window_update(conn);
    tcp_call_traced(conn, "RECEIVE", ret->length, TCP_OK);
    tcb_turn_close(conn);
    return TCP_OK;
  }
  error = why_nothing(conn);
  if (!error)
    conn->fin_unread = false;
  if (error != TCP_EAGAIN)
    tcp_call_traced(conn, "RECEIVE", 0, error);
  return error;
}

TcpError tcp_peek(TcpConnection *conn, uint32_t most, NetSlice *ret)
{
  uint32_t length = conn->receive.length;
  uint32_t skipped = length > 0 && before_urgent(conn) == 0;
  uint32_t count = skipped ? length - 1 : before_urgent(conn);

  *ret = net_slice_virtual(0);
  if (count == 0 || !can_read(conn))
    return why_nothing(conn);
  *ret = tcp_stream_at(&conn->receive, skipped, MIN(most, count));
  return TCP_OK;
}

uint32_t tcp_readable(const TcpConnection *conn)
{
  return conn->closed ? 0 : before_urgent(conn) + conn->second_fins;
}
