#include "sockets.h"

#include <glib.h>

#include "parts.h"
#include "sockopt.h"

const char *tcp_socket_timer_name(TcpSocketTimer timer)
{
  static const char *const names[] = { "off", "on", "keepalive", "timewait",
                                       "persist" };

  return names[timer];
}

const char *tcp_socket_state_name(TcpState state)
{
  switch (state) {
  case TCP_CLOSED:
    return "UNCONN";
  case TCP_SYN_RECEIVED:
    return "SYN-RECV";
  case TCP_ESTABLISHED:
    return "ESTAB";
  default:
    return tcp_state_name(state);
  }
}

static TcpSocketTimer timer_of(const TcpConnection *conn)
{
  switch ((TcpPurpose)conn->purpose) {
  case TCP_TIMER_RETRANSMISSION:
  case TCP_TIMER_REORDERING:
  case TCP_TIMER_LOSS_PROBE:
    return TCP_SOCKET_ON;
  case TCP_TIMER_PERSIST:
  case TCP_TIMER_OVERRIDE:
    return TCP_SOCKET_PERSIST;
  case TCP_TIMER_KEEPALIVE:
    return TCP_SOCKET_KEEPALIVE;
  case TCP_TIMER_FIN_WAIT_2:
    return TCP_SOCKET_TIME_WAIT;
  default:
    return TCP_SOCKET_OFF;
  }
}

static TcpSocket of_connection(const TcpConnection *conn)
{
  SimTime now = conn->stack->sim->now;
  TcpSocket it = { .state = conn->state,
                   .pair = conn->entry.pair,
                   .receive = tcp_unread(conn),
                   .send = tcp_outstanding(conn),
                   .timer = timer_of(conn),
                   .conn = conn };

  it.receive += conn->fin_unread;
  if (it.timer == TCP_SOCKET_OFF || conn->deadline == SIM_TIME_NEVER) {
    it.timer = TCP_SOCKET_OFF;
    return it;
  }
  it.left = conn->deadline - now;
  it.count = it.timer == TCP_SOCKET_ON ? conn->retries : conn->unanswered;
  return it;
}

static TcpSocket of_record(const TcpStack *stack, const TcpTimeWait *record)
{
  return (TcpSocket){ .state = TCP_TIME_WAIT,
                      .pair = record->entry.pair,
                      .timer = TCP_SOCKET_TIME_WAIT,
                      .left = record->expiry - stack->sim->now };
}

static TcpSocket of_listener(const TcpListener *listener)
{
  return (TcpSocket){ .state = TCP_LISTEN,
                      .pair = { listener->local, { NET_ADDRESS_ANY, 0 } },
                      .receive = listener->waiting.count,
                      .send = listener->backlog,
                      .listener = listener };
}

/* The stack has the newest first. */
static void each_listener(const TcpListener *newest,
                          void (*func)(void *user, const TcpSocket *socket),
                          void *user)
{
  unsigned count = 0;

  for (const TcpListener *at = newest; at; at = at->next)
    count++;
  for (; count > 0; count--) {
    const TcpListener *at = newest;
    TcpSocket socket;

    for (unsigned i = 1; i < count; i++)
      at = at->next;
    socket = of_listener(at);
    func(user, &socket);
  }
}

void tcp_each_socket(const TcpStack *stack,
                     void (*func)(void *user, const TcpSocket *socket),
                     void *user)
{
  TcpSocket socket;

  each_listener(stack->listeners, func, user);
  for (const TcpConnection *at = stack->first; at; at = at->next)
    if (at->state != TCP_CLOSED && at->state != TCP_TIME_WAIT) {
      socket = of_connection(at);
      func(user, &socket);
    }
  for (const TcpTimeWait *at = stack->time_wait_first; at; at = at->next) {
    socket = of_record(stack, at);
    func(user, &socket);
  }
}
