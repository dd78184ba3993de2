/* What a connection begins with once both SYNs are acknowledged. */
#include <glib.h>

#include "parts.h"

/* RFC 5681 3.1: one segment if the SYN or its acknowledgment was lost. */
void tcp_start_congestion(TcpConnection *conn)
{
  const TcpKnobs *knobs = tcb_knobs(conn);
  uint32_t segments = (uint32_t)knobs->initial_window;
  bool lost = conn->syn_repeated && conn->repeated > knobs->syn_repeats_free;

  tcp_congestion_init(&conn->congestion, tcp_congestion_of(knobs), conn->mss,
                      lost ? 1 : segments, (uint32_t)knobs->ssthresh);
  conn->congestion.limit = (uint8_t)knobs->slow_start_limit;
  conn->congestion.fast_convergence = knobs->cubic_fast_convergence;
}

void tcp_established(TcpConnection *conn)
{
  const TcpKnobs *knobs = tcb_knobs(conn);

  tcp_start_congestion(conn);
  tcp_hystart_begin(conn);
  conn->congestion.timed_out = false; /* the SYN, perhaps */
  conn->logged = conn->sacks && (knobs->rack || knobs->tail_loss_probe);
  tcb_round_buffer(conn);
  conn->opened = conn->stack->sim->now;
  if (conn->syn_repeated &&
      !(knobs->rto_from_syn_echo && conn->rtt.srtt)) { /* RFC 6298 5.7 */
    SimTime rto = knobs->rto_after_syn_loss;

    conn->rtt.rto = conn->rtt.srtt ? MAX(conn->rtt.rto, rto) : rto;
  }
  tcb_event(conn, TCP_EVENT_ESTABLISHED);
  if (conn->half_open)
    tcp_listener_established(conn);
}
