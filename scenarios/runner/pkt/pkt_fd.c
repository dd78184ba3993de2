/* File descriptors: the lowest free number, and whoever waits is woken. */
#include "pkt_ready.h"
#include "pkt_udp.h"

#define FIRST 3
#define LAST 1023

PktFd *pkt_fd_new(PktRun *it, PktFdKind kind, int64_t wanted)
{
  PktFd *fd = g_new0(PktFd, 1);
  bool usable = wanted >= 0 && wanted <= LAST && !pkt_fd_find(it, wanted);
  guint number = usable ? (guint)wanted : MAX(it->free_from, FIRST);

  while (number < it->fds->len && it->fds->pdata[number])
    number++;
  if (number >= it->fds->len)
    g_ptr_array_set_size(it->fds, (gint)number + 1);
  it->fds->pdata[number] = fd;
  if (!usable)
    it->free_from = number + 1;
  fd->run = it;
  fd->kind = kind;
  fd->number = (int)number;
  fd->flags = 2; /* O_RDWR */
  fd->knobs = *tcp_stack_knobs(it->stack);
  return fd;
}

PktFd *pkt_fd_find(const PktRun *it, int64_t number)
{
  if (number < 0 || number >= (int64_t)it->fds->len)
    return NULL;
  return it->fds->pdata[number];
}

void pkt_fd_unbind(PktFd *fd)
{
  if (fd->bound)
    tcp_listener_close(fd->bound);
  fd->bound = NULL;
}

void pkt_fd_close(PktFd *fd)
{
  fd->run->fds->pdata[fd->number] = NULL;
  fd->run->free_from = MIN(fd->run->free_from, (guint)fd->number);
  pkt_epoll_forget(fd);
  pkt_fd_unbind(fd);
  if (fd->listener)
    tcp_listener_close(fd->listener);
  if (fd->conn)
    tcp_release(fd->conn);
  pkt_udp_free(fd);
  if (fd->watched) {
    g_array_unref(fd->watched);
    fd->run->epolls--;
  }
  g_free(fd);
}

void pkt_fd_clear(PktRun *it)
{
  for (guint i = 0; i < it->fds->len; i++)
    if (it->fds->pdata[i])
      pkt_fd_close(it->fds->pdata[i]);
}

void pkt_fd_wake(PktFd *fd, int64_t edges)
{
  pkt_epoll_note(fd, edges);
  fd->run->waking = true;
  if (fd->run->waiting)
    sim_stop(fd->run->run->sim);
}

void pkt_fd_notify(void *user, TcpConnection *conn, unsigned events)
{
  PktFd *fd = user;

  (void)conn;
  if (events & TCP_EVENT_ESTABLISHED)
    fd->was_open = true;
  pkt_fd_wake(fd, pkt_ready_edges(fd, events));
}

void pkt_fd_acceptable(void *user, TcpListener *listener)
{
  (void)listener;
  pkt_fd_wake(user, PKT_READY_IN | PKT_READY_RDNORM);
}
