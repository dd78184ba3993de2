/* Datagram sockets of the script's program (udp(7), RFC 768, RFC 1122 4.1). */
#pragma once

#include "pkt_call.h"

/** PktRefusal: what the error queue holds (IP_RECVERR, ip(7)). */
typedef struct PktRefusal {
  const char *error; /* errno's name */
  uint8_t type, code, origin;
  uint32_t info;
} PktRefusal;

/** pkt_udp_new: makes `fd` a datagram socket; pkt_udp_free gives up its port
 * and what came. NULL is ignored. */
void pkt_udp_new(PktFd *fd);
void pkt_udp_free(PktFd *fd);

/** The calls, of a descriptor that is a datagram socket. `size` bytes are room
 * or text, `to` is the address that was written (NULL: none was). */
PktOutcome pkt_udp_bind(PktRun *it, PktCalling *calling, PktFd *fd);
PktOutcome pkt_udp_connect(PktRun *it, PktCalling *calling, PktFd *fd);
PktOutcome pkt_udp_shutdown(PktCalling *calling, PktFd *fd, int64_t how);
PktOutcome pkt_udp_send(PktRun *it, PktCalling *calling, PktFd *fd,
                        int64_t size, int64_t flags, const PktExpr *to);
PktOutcome pkt_udp_receive(PktRun *it, PktCalling *calling, PktFd *fd,
                           int64_t size, int64_t flags);

/** pkt_udp_last: the datagram that pkt_udp_receive() gave last: its IP fields,
 * and whether it was cut. */
const NetIp *pkt_udp_last(const PktFd *fd, bool *ret_cut);

/** pkt_udp_refusal: takes the oldest of the error queue. False if it is
 * empty. */
bool pkt_udp_refusal(PktFd *fd, PktRefusal *ret);

/** pkt_udp_ready: as pkt_ready() numbers it. */
int64_t pkt_udp_ready(const PktFd *fd);

/** pkt_udp_set, pkt_udp_ask: an option by its name, as an integer. False: it
 * is none of UDP's. */
bool pkt_udp_set(PktFd *fd, const char *name, int64_t value,
                 const char **ret_error);
bool pkt_udp_ask(PktFd *fd, const char *name, int64_t *ret);
