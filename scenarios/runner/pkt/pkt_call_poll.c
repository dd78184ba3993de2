/* poll: what a socket is ready for (tcp(7), poll(2)). */
#include "pkt_ready.h"
#include "pkt_udp.h"
#include "sockopt.h"

enum {
  IN = PKT_READY_IN,
  OUT = PKT_READY_OUT,
  ERR = PKT_READY_ERR,
  HUP = PKT_READY_HUP,
  RDNORM = PKT_READY_RDNORM,
  WRNORM = PKT_READY_WRNORM,
  RDHUP = PKT_READY_RDHUP,
};

static int64_t ready_stream(const PktFd *fd)
{
  TcpState state = tcp_state(fd->conn);
  TcpStatus status;
  int64_t ready = 0;

  tcp_status(fd->conn, &status);
  if (tcp_readable(fd->conn) > 0)
    ready |= IN | RDNORM;
  if (status.fin_received || state == TCP_CLOSED)
    ready |= IN | RDNORM | RDHUP;
  if (state == TCP_CLOSED || (status.fin_received && status.fin_sent))
    ready |= HUP;
  if ((tcp_send_ready(fd->conn) && state >= TCP_ESTABLISHED) ||
      state == TCP_CLOSED || (status.fin_sent && state >= TCP_ESTABLISHED))
    ready |= OUT | WRNORM;
  if (status.error != TCP_OK)
    ready |= ERR;
  return ready;
}

int64_t pkt_ready(const PktFd *fd)
{
  if (fd->kind == PKT_FD_EPOLL)
    return pkt_epoll_ready(fd) ? IN | RDNORM : 0;
  if (fd->kind == PKT_FD_DATAGRAM)
    return pkt_udp_ready(fd);
  if (fd->listener)
    return tcp_listener_waiting(fd->listener) ? IN | RDNORM : 0;
  return fd->conn ? ready_stream(fd) : OUT | HUP | WRNORM;
}

int64_t pkt_ready_edges(PktFd *fd, unsigned events)
{
  const unsigned turns = TCP_EVENT_ESTABLISHED | TCP_EVENT_PEER_CLOSED |
                         TCP_EVENT_CLOSED | TCP_EVENT_STATE;
  int64_t edges = 0;

  if (events & turns)
    return PKT_READY_ANY;
  if (events & TCP_EVENT_READABLE)
    edges |= IN | RDNORM;
  if (events & TCP_EVENT_URGENT)
    edges |= PKT_READY_PRI;
  if (fd->no_space && events & (TCP_EVENT_ACKED | TCP_EVENT_WRITABLE) &&
      tcp_send_ready(fd->conn)) {
    fd->no_space = false;
    edges |= OUT | WRNORM;
  }
  return edges;
}

/* {fd=4, events=POLLIN, revents=POLLIN}: true if it is ready. */
static PktOutcome poll_one(PktRun *it, const PktExpr *item, bool check,
                           bool *ret_ready)
{
  const PktExpr *parts[3] = { pkt_field(item, "fd"), pkt_field(item, "events"),
                              pkt_field(item, "revents") };
  int64_t number, events, wanted = 0, found;
  PktFd *fd;

  if (!parts[0] || !parts[1])
    return pkt_malformed(it, item->place,
                         "it is written {fd=4, events=POLLIN, revents=POLLIN}");
  if (!pkt_value(it, parts[0], &number) || !pkt_value(it, parts[1], &events) ||
      (parts[2] && !pkt_value(it, parts[2], &wanted)))
    return PKT_FAILED;
  fd = pkt_fd_find(it, number);
  found = fd ? pkt_ready(fd) & (events | ERR | HUP) : number < 0 ? 0 : 0x20;
  *ret_ready |= found != 0;
  if (check && found != wanted)
    return pkt_fail(it, item->place, "revents of %d are 0x%x, not 0x%x",
                    (int)number, (unsigned)found, (unsigned)wanted);
  return PKT_DONE;
}

static PktOutcome call_poll(PktRun *it, PktCalling *calling)
{
  const PktExpr *list = pkt_arg(calling, 0);
  int64_t timeout;
  int64_t ready = 0;

  if (list->kind != PKT_EXPR_LIST)
    return pkt_malformed(it, list->place,
                         "a list of {fd=4, events=POLLIN} is needed");
  if (!pkt_arg_value(it, calling, 2, &timeout))
    return PKT_FAILED;
  for (const PktExpr *at = list->items; at; at = at->next) {
    bool is_ready = false;

    if (poll_one(it, at, false, &is_ready) == PKT_FAILED)
      return PKT_FAILED;
    ready += is_ready;
  }
  pkt_wait_until(it, calling, timeout * SIM_MILLISECOND);
  if (ready == 0 && timeout != 0 && !calling->late)
    return PKT_WAITS;
  for (const PktExpr *at = list->items; at; at = at->next) {
    bool is_ready = false;

    if (poll_one(it, at, true, &is_ready) == PKT_FAILED)
      return PKT_FAILED;
  }
  return pkt_return(calling, ready);
}

const PktCallRow pkt_calls_poll[] = {
  { "poll", call_poll, 3, 3 },
  { NULL, NULL, 0, 0 },
};
