/* The sockets of a host as `ss -tan` lists them. */
#pragma once

#include "tcp.h"

typedef enum TcpSocketTimer {
  TCP_SOCKET_OFF,
  TCP_SOCKET_ON, /* retransmission */
  TCP_SOCKET_KEEPALIVE,
  TCP_SOCKET_TIME_WAIT, /* FIN-WAIT-2 of a closed connection, too */
  TCP_SOCKET_PERSIST,   /* a probe, or what is held back goes */
} TcpSocketTimer;

/** TcpSocket: one of them. */
typedef struct TcpSocket {
  TcpState state;
  TcpPair pair;     /* of a listener: no remote end */
  uint32_t receive; /* bytes nobody has read, an unread FIN counts;
                       a listener's connections that wait for accept */
  uint32_t send;    /* numbers not acknowledged, the FIN's counts;
                       a listener's backlog */
  TcpSocketTimer timer;
  SimTime left;                /* until it expires */
  uint32_t count;              /* repetitions or probes so far */
  const TcpConnection *conn;   /* NULL: LISTEN, TIME-WAIT */
  const TcpListener *listener; /* of LISTEN */
} TcpSocket;

/** tcp_each_socket: listeners in order of creation, then as tcp_each() has
 * them. `socket` lives for the call; nothing may be opened or closed in it. */
void tcp_each_socket(const TcpStack *stack,
                     void (*func)(void *user, const TcpSocket *socket),
                     void *user);

/** tcp_socket_timer_name: "timewait", as ss says it (transfer none). */
const char *tcp_socket_timer_name(TcpSocketTimer timer);

/** tcp_socket_state_name: "FIN-WAIT-1", "ESTAB", as ss says it. */
const char *tcp_socket_state_name(TcpState state);
