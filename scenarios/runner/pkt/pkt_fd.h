/* File descriptors of the script's program, as it numbers them. */
#pragma once

#include "pkt_run.h"

typedef enum PktFdKind {
  PKT_FD_STREAM, /* a TCP socket, in any of its lives */
  PKT_FD_DATAGRAM,
  PKT_FD_EPOLL,
} PktFdKind;

typedef struct PktUdp PktUdp;

struct PktFd {
  PktRun *run;
  PktFdKind kind;
  int number;
  int64_t family;
  int64_t flags;      /* O_RDWR, O_NONBLOCK */
  TcpKnobs knobs;     /* what setsockopt said before connect, listen */
  TcpListener *bound; /* to the script's port, and no more than that */
  TcpListener *listener;
  TcpConnection *conn;
  bool was_open; /* conn has been ESTABLISHED */
  bool opening;  /* and connect(), which did not wait, has not been told so */
  bool linger;   /* SO_LINGER */
  SimTime linger_time;
  bool inq;                /* TCP_INQ */
  SimTime receive_timeout; /* SO_RCVTIMEO; 0: none */
  SimTime send_timeout;
  bool has_lowat;  /* TCP_NOTSENT_LOWAT was set, */
  bool no_lowat;   /* to the largest */
  bool no_space;   /* a writer wants to be woken */
  PktUdp *udp;     /* of a datagram socket */
  GArray *watched; /* of epoll: see pkt_call_epoll.c */
};

/** pkt_fd_new: with the number `wanted` if that is free, else the lowest from 3
 * on. */
PktFd *pkt_fd_new(PktRun *it, PktFdKind kind, int64_t wanted);

/** pkt_fd_find: NULL if there is none of that number. */
PktFd *pkt_fd_find(const PktRun *it, int64_t number);

/** pkt_fd_unbind: it listens or connects now, or is closed. */
void pkt_fd_unbind(PktFd *fd);

/** pkt_fd_close: gives it up; a connection ends as close() ends it. */
void pkt_fd_close(PktFd *fd);
void pkt_fd_clear(PktRun *it);

/** pkt_fd_wake: `edges` (pkt_ready.h) came true: whoever waits looks again. */
void pkt_fd_wake(PktFd *fd, int64_t edges);

/** pkt_fd_notify, pkt_fd_acceptable: for TCP's calls; wake what waits. */
void pkt_fd_notify(void *user, TcpConnection *conn, unsigned events);
void pkt_fd_acceptable(void *user, TcpListener *listener);
