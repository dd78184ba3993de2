/* The sixth step: where urgent text ends, and the byte before it for a user who
 * reads it apart (3.8.5). */
#include "arrival.h"

/* One byte at a time is urgent: the newest. */
static void urgent_byte(TcpConnection *conn, uint32_t seq)
{
  if (seq_lt(seq, conn->rcv.nxt) ||
      (conn->urgent_known && seq_leq(seq, conn->rcv.urgent)))
    return;
  conn->rcv.urgent = seq;
  conn->urgent_known = true;
}

void arrival_urgent(TcpConnection *conn, const Arrival *arrival)
{
  const TcpSegment *segment = arrival->segment;
  uint32_t up = segment->seq + segment->up;

  if (!(segment->flags & TCP_URG) || !state_takes_text(conn->state))
    return;
  if (tcb_knobs(conn)->urgent_apart)
    urgent_byte(conn, segment->up ? up - 1 : up);
  if (tcb_knobs(conn)->urgent_to_last)
    up++;
  if (seq_gt(up, conn->rcv.up) && seq_gt(up, conn->rcv.nxt)) {
    conn->rcv.up = up;
    tcb_event(conn, TCP_EVENT_URGENT);
  }
}
