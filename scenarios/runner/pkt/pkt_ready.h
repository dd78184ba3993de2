/* What a descriptor is ready for, as poll(2) and epoll(7) number it: now, and
 * what just became so. */
#pragma once

#include "pkt_call.h"

enum {
  PKT_READY_IN = 1,
  PKT_READY_PRI = 2,
  PKT_READY_OUT = 4,
  PKT_READY_ERR = 8,
  PKT_READY_HUP = 0x10,
  PKT_READY_RDNORM = 0x40,
  PKT_READY_WRNORM = 0x100,
  PKT_READY_RDHUP = 0x2000,
  PKT_READY_ANY = 0x3fff,
};

/** pkt_ready: what it is ready for now. */
int64_t pkt_ready(const PktFd *fd);

/** pkt_ready_edges: what TCP's `events` (TcpEvent) wake a watcher for. A
 * connection whose state changes wakes for everything. */
int64_t pkt_ready_edges(PktFd *fd, unsigned events);

/* -- pkt_call_epoll.c -- */

/** pkt_epoll_ready: would epoll_wait() return something? */
bool pkt_epoll_ready(const PktFd *epoll);

/** pkt_epoll_note: `edges` of `fd` came true: whoever watches for one of them
 * lists it. */
void pkt_epoll_note(const PktFd *fd, int64_t edges);

/** pkt_epoll_forget: nobody watches `fd` any more; it is being closed. */
void pkt_epoll_forget(const PktFd *fd);
