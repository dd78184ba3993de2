/* poll and epoll: what a descriptor is ready for (tcp(7), poll(2)). */
#include "socket.h"

#include <string.h>

static short ready_stream(const PdSocket *socket)
{
  TcpState state = tcp_state(socket->conn);
  TcpStatus status;
  int ready = 0;

  tcp_status(socket->conn, &status);
  if (tcp_readable(socket->conn) > 0)
    ready |= POLLIN | POLLRDNORM;
  if (status.fin_received || state == TCP_CLOSED)
    ready |= POLLIN | POLLRDNORM | POLLRDHUP;
  if (state == TCP_CLOSED || (status.fin_received && status.fin_sent))
    ready |= POLLHUP;
  if (tcp_send_ready(socket->conn) || state == TCP_CLOSED ||
      (status.fin_sent && state >= TCP_ESTABLISHED))
    ready |= POLLOUT | POLLWRNORM;
  if (status.error != TCP_OK)
    ready |= POLLERR;
  return (short)ready;
}

short pd_ready(PdSocket *socket)
{
  if (socket->kind == PD_EPOLL)
    return 0;
  if (socket->listener)
    return tcp_listener_waiting(socket->listener) ? POLLIN | POLLRDNORM : 0;
  return socket->conn ? ready_stream(socket) : POLLOUT | POLLHUP | POLLWRNORM;
}

/* poll(): `count` entries; the time-out is in `room`, ms, below 0 for ever. */
gssize pd_poll(PdWorld *it, PdCall *call)
{
  gssize ready = 0;

  if (!call->polled && call->count > 0)
    return -EFAULT;
  if (call->room > 0)
    pd_set_deadline(it, call, call->room * SIM_MILLISECOND);
  for (int i = 0; i < call->count; i++) {
    struct pollfd *entry = &call->polled[i];
    PdSocket *socket = pd_socket(it, entry->fd);
    int wanted = entry->events | POLLERR | POLLHUP;

    entry->revents = socket           ? (short)(pd_ready(socket) & wanted)
                     : entry->fd >= 0 ? POLLNVAL
                                      : 0;
    ready += entry->revents != 0;
  }
  return ready > 0 || call->room == 0 || call->late ? ready : PD_WAITS;
}

/* -- epoll -- */

static PdWatch *find(PdSocket *set, int fd, guint *ret_index)
{
  for (guint i = 0; i < set->watched->len; i++)
    if (g_array_index(set->watched, PdWatch, i).fd == fd) {
      *ret_index = i;
      return &g_array_index(set->watched, PdWatch, i);
    }
  return NULL;
}

int pd_epoll_control(PdWorld *it, int set, int operation, int fd,
                     const struct epoll_event *event)
{
  PdSocket *socket = pd_socket(it, set);
  PdWatch *watch;
  guint index;

  if (!socket || !pd_socket(it, fd))
    return -EBADF;
  if (!event && operation != EPOLL_CTL_DEL)
    return -EFAULT;
  if (socket->kind != PD_EPOLL || set == fd ||
      (operation != EPOLL_CTL_ADD && operation != EPOLL_CTL_MOD &&
       operation != EPOLL_CTL_DEL))
    return -EINVAL;
  watch = find(socket, fd, &index);
  if (operation == EPOLL_CTL_ADD ? watch != NULL : !watch)
    return watch ? -EEXIST : -ENOENT;
  if (operation == EPOLL_CTL_DEL) {
    g_array_remove_index(socket->watched, index);
    return 0;
  }
  if (operation == EPOLL_CTL_ADD) {
    g_array_set_size(socket->watched, socket->watched->len + 1);
    watch = &g_array_index(socket->watched, PdWatch, socket->watched->len - 1);
  }
  *watch = (PdWatch){
    .fd = fd, .events = event->events, .data = event->data, .listed = true
  };
  return 0;
}

void pd_epoll_forget(PdWorld *it, int fd)
{
  for (guint i = 0; i < it->sockets->len; i++) {
    PdSocket *set = it->sockets->pdata[i];
    guint index;

    if (set && set->watched && find(set, fd, &index))
      g_array_remove_index(set->watched, index);
  }
}

/* What happened, as events that may be watched: room is told of to those who
 * found none. */
static uint32_t edges_of(PdSocket *socket, unsigned events)
{
  const unsigned turns = TCP_EVENT_ESTABLISHED | TCP_EVENT_PEER_CLOSED |
                         TCP_EVENT_CLOSED | TCP_EVENT_STATE;
  uint32_t edges = 0;

  if (events & turns)
    return UINT32_MAX;
  if (events & TCP_EVENT_READABLE)
    edges |= EPOLLIN | EPOLLRDNORM;
  if (events & TCP_EVENT_URGENT)
    edges |= EPOLLPRI;
  if (socket->no_space && events & (TCP_EVENT_ACKED | TCP_EVENT_WRITABLE) &&
      tcp_send_ready(socket->conn)) {
    socket->no_space = false;
    edges |= EPOLLOUT | EPOLLWRNORM;
  }
  return edges;
}

void pd_epoll_note(PdSocket *socket, unsigned events)
{
  PdWorld *it = socket->world;
  uint32_t edges = edges_of(socket, events);

  for (guint i = 0; edges && i < it->sockets->len; i++) {
    PdSocket *set = it->sockets->pdata[i];

    for (guint j = 0; set && set->watched && j < set->watched->len; j++) {
      PdWatch *watch = &g_array_index(set->watched, PdWatch, j);

      if (pd_socket(it, watch->fd) == socket &&
          edges & (watch->events | EPOLLERR | EPOLLHUP))
        watch->listed = true;
    }
  }
}

/* What `watch` has to tell now. */
static uint32_t due(PdWorld *it, PdWatch *watch)
{
  PdSocket *socket = pd_socket(it, watch->fd);
  uint32_t ready = socket ? (uint16_t)pd_ready(socket) : 0;
  uint32_t found = ready & (watch->events | EPOLLERR | EPOLLHUP);

  if (watch->spent || (watch->events & EPOLLET && !watch->listed))
    return 0;
  watch->listed = false;
  if (!found && socket && watch->events & EPOLLOUT)
    socket->no_space = true;
  watch->spent = found && watch->events & EPOLLONESHOT;
  return found;
}

/* epoll_wait(): room for `count` events; the time-out is in `room`. */
gssize pd_epoll_wait(PdWorld *it, PdCall *call)
{
  PdSocket *set = pd_socket(it, call->fd);
  gssize ready = 0;

  if (!set)
    return -EBADF;
  if (set->kind != PD_EPOLL || call->count <= 0)
    return -EINVAL;
  if (call->room > 0)
    pd_set_deadline(it, call, call->room * SIM_MILLISECOND);
  for (guint i = 0; i < set->watched->len && ready < call->count; i++) {
    PdWatch *watch = &g_array_index(set->watched, PdWatch, i);
    uint32_t events = due(it, watch);

    if (events && !call->events)
      return -EFAULT;
    if (events)
      call->events[ready++] = (struct epoll_event){ events, watch->data };
  }
  return ready > 0 || call->room == 0 || call->late ? ready : PD_WAITS;
}
