/* STATUS (3.10.6), and looking connections up by their pair. */
#include <glib.h>

#include "parts.h"

TcpConnection *tcp_find(const TcpStack *stack, const TcpPair *pair)
{
  TcpEntry *entry = tcp_demux_find(stack, pair);

  if (!entry || entry->kind != TCP_ENTRY_CONNECTION)
    return NULL;
  return (TcpConnection *)(void *)entry;
}

bool tcp_is_listening(const TcpStack *stack, const TcpEnd *local)
{
  return tcp_listener_find(stack, local) != NULL;
}

void tcp_each(const TcpStack *stack,
              void (*func)(void *user, const TcpPair *pair, TcpState state),
              void *user)
{
  for (const TcpConnection *at = stack->first; at; at = at->next)
    if (at->state != TCP_CLOSED && at->state != TCP_TIME_WAIT)
      func(user, &at->entry.pair, at->state);
  for (const TcpTimeWait *at = stack->time_wait_first; at; at = at->next)
    func(user, &at->entry.pair, TCP_TIME_WAIT);
}

static uint32_t unsent_bytes(const TcpConnection *conn)
{
  uint32_t start = tcb_data_start(conn);
  uint32_t sent = seq_gt(conn->snd.nxt, start) ? conn->snd.nxt - start : 0;

  return conn->send.length - MIN(sent, conn->send.length);
}

uint32_t tcp_unsent(const TcpConnection *conn)
{
  return unsent_bytes(conn);
}

uint32_t tcp_unacknowledged(const TcpConnection *conn)
{
  return conn->send.length - unsent_bytes(conn);
}

uint32_t tcp_receive_buffer(const TcpConnection *conn)
{
  return tcb_buffer(conn);
}

void tcp_status(const TcpConnection *conn, TcpStatus *ret)
{
  *ret = (TcpStatus){
    .state = conn->state,
    .pair = conn->entry.pair,
    .snd = { conn->snd.una, conn->snd.nxt, conn->snd.wnd, conn->snd.up,
             conn->snd.wl1, conn->snd.wl2, conn->snd.iss },
    .rcv = { conn->rcv.nxt, conn->rcv.wnd, conn->rcv.up, conn->rcv.irs },
    .cwnd = conn->congestion.cwnd,
    .ssthresh = conn->congestion.ssthresh,
    .mss = conn->mss,
    .flight = tcp_flight(conn),
    .unsent = unsent_bytes(conn),
    .unread = conn->receive.length,
    .retries = conn->retries,
    .srtt = conn->rtt.srtt,
    .rttvar = conn->rtt.rttvar,
    .rto = conn->rtt.rto,
    .timer_at = conn->deadline,
    .timer = conn->deadline == SIM_TIME_NEVER
                 ? NULL
                 : tcp_timer_name((TcpPurpose)conn->purpose),
    .snd_scale = conn->snd_scale,
    .rcv_scale = conn->rcv_scale,
    .timestamps = conn->timestamps,
    .fin_sent = tcb_fin_sent(conn),
    .fin_acked = tcb_fin_acked(conn),
    .fin_received = conn->fin_received,
    .error = conn->error,
  };
  if (conn->time_wait) {
    ret->timer = "time-wait";
    ret->timer_at = conn->time_wait->expiry;
  }
}

bool tcp_status_of(const TcpStack *stack, const TcpPair *pair, TcpStatus *ret)
{
  const TcpEntry *entry = tcp_demux_find(stack, pair);
  const TcpTimeWait *record;

  if (!entry || entry->kind == TCP_ENTRY_RAW)
    return false;
  if (entry->kind == TCP_ENTRY_CONNECTION) {
    tcp_status((const TcpConnection *)(const void *)entry, ret);
    return true;
  }
  record = (const TcpTimeWait *)(const void *)entry;
  *ret = (TcpStatus){
    .state = TCP_TIME_WAIT,
    .pair = entry->pair,
    .snd = { .una = record->snd_nxt,
             .nxt = record->snd_nxt,
             .iss = record->iss },
    .rcv = { .nxt = record->rcv_nxt,
             .wnd = record->rcv_wnd,
             .irs = record->irs },
    .timer_at = record->expiry,
    .timer = "time-wait",
    .rcv_scale = entry->rcv_scale,
    .timestamps = entry->timestamps,
    .fin_sent = true,
    .fin_acked = true,
    .fin_received = true,
  };
  return true;
}
