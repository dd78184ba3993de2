/* The window that is offered: silly window avoidance on the receiving side
 * (3.8.6.2.2). The right edge never moves left. */
#include <glib.h>

#include "parts.h"

/* MUST-39, SHLD-14, MAY-8 */
void tcp_window_advance(TcpConnection *conn)
{
  uint32_t space = tcb_free_buffer(conn);
  uint32_t worth = MIN(tcb_buffer(conn) / 2, conn->mss);

  if (conn->rounded && conn->receive.length == 0)
    worth = 1; /* the room for a FIN comes back */
  space = MIN(space, tcb_window_most(conn));
  if (space > conn->rcv.wnd && space - conn->rcv.wnd >= MAX(worth, 1))
    conn->rcv.wnd = space;
  if (tcb_knobs(conn)->window_round_up && conn->state != TCP_SYN_SENT &&
      conn->state != TCP_SYN_RECEIVED) {
    uint32_t unit = 1u << conn->rcv_scale;

    conn->rcv.wnd = (conn->rcv.wnd + unit - 1) / unit * unit;
  }
}

/* FreeBSD's tcp_output(): two segments, if they are a quarter of the buffer or
 * the window is nearly closed or there is room for few; or half the buffer. Not
 * while an acknowledgment waits. */
static bool is_told_by_quarters(const TcpConnection *conn, uint32_t space)
{
  uint32_t buffer = tcb_buffer(conn), more;

  if (conn->ack_delayed ||
      space >> conn->rcv_scale <= conn->rcv.wnd >> conn->rcv_scale)
    return false;
  more = space - conn->rcv.wnd;
  return more >= buffer / 2 || (more >= 2u * conn->mss &&
                                (more >= buffer / 4 || space <= buffer / 8 ||
                                 buffer <= 8u * conn->mss));
}

void tcp_window_update(TcpConnection *conn)
{
  uint32_t space = tcb_free_buffer(conn);
  uint32_t worth = MIN(tcb_buffer(conn) / 2, 2 * conn->mss);

  space = MIN(space, tcb_window_most(conn));
  if (conn->fin_received || conn->state < TCP_ESTABLISHED)
    return;
  if (tcb_knobs(conn)->window_quarters) {
    if (is_told_by_quarters(conn, space))
      tcp_ack_owed(conn, true, TCP_RULE_WINDOW_UPDATE);
    return;
  }
  if (tcb_knobs(conn)->window_doubles)
    worth = MAX(conn->rcv.wnd, MIN(worth, conn->mss));
  if (space > conn->rcv.wnd && space - conn->rcv.wnd >= MAX(worth, 1))
    tcp_ack_owed(conn, true, TCP_RULE_WINDOW_UPDATE);
}

uint32_t tcp_window_field(const TcpConnection *conn, bool syn)
{
  return MIN(syn ? conn->rcv.wnd : conn->rcv.wnd >> conn->rcv_scale, 65535);
}
