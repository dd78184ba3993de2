/* The table of calls: each takes the lock, does its work, lets whoever waits
 * look at what it changed, and turns an errno below 0 into -1 and errno. */
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "preload.h"
#include "socket.h"
#include "sockopt.h"

#define LONGEST (4 * 3600 * SIM_SECOND) /* without any datagram sent */

static PdWorld *enter(void *userdata)
{
  PdWorld *it = userdata;

  pthread_mutex_lock(&it->lock);
  it->entries++;
  pd_settings_read(it);
  return it;
}

static gssize leave(PdWorld *it, gssize result)
{
  pd_advance(it, it->sim->now);
  pthread_mutex_unlock(&it->lock);
  if (result >= 0)
    return result;
  errno = (int)-result;
  return -1;
}

/* -- sockets -- */

static int table_socket(void *userdata, int family, int type, int protocol)
{
  PdWorld *it = enter(userdata);
  bool tcp = protocol == 0 || protocol == IPPROTO_TCP;

  return (int)leave(it, tcp ? pd_open(it, family, type) : -EPROTONOSUPPORT);
}

static int table_bind(void *userdata, int fd, const struct sockaddr *address,
                      socklen_t size)
{
  PdWorld *it = enter(userdata);

  return (int)leave(it, pd_bind(it, fd, address, size));
}

static int table_listen(void *userdata, int fd, int backlog)
{
  PdWorld *it = enter(userdata);

  return (int)leave(it, pd_listen(it, fd, backlog));
}

static int table_accept(void *userdata, int fd, struct sockaddr *ret_address,
                        socklen_t *size)
{
  PdWorld *it = enter(userdata);
  PdCall call = { .fd = fd };
  gssize result = pd_call(it, pd_accept, &call);

  if (result >= 0) {
    PdSocket *socket = pd_socket(it, (int)result);
    TcpPair pair = tcp_pair(socket->conn);

    pd_address_put(&pair.remote, socket->family, ret_address, size);
  }
  return (int)leave(it, result);
}

static int table_connect(void *userdata, int fd, const struct sockaddr *address,
                         socklen_t size)
{
  PdWorld *it = enter(userdata);
  PdCall call = { .fd = fd };
  gssize result = pd_connect_start(it, fd, address, size);

  if (result == 0)
    result = pd_call(it, pd_connect, &call);
  return (int)leave(it, result);
}

static int table_close(void *userdata, int fd)
{
  PdWorld *it = enter(userdata);
  PdCall call = { .fd = fd };

  return (int)leave(it, pd_call(it, pd_close, &call));
}

static int table_shutdown(void *userdata, int fd, int how)
{
  PdWorld *it = enter(userdata);

  return (int)leave(it, pd_shutdown(it, fd, how));
}

/* -- data -- */

static ssize_t receive(void *userdata, int fd, const struct iovec *parts,
                       int count, int flags)
{
  PdWorld *it = enter(userdata);
  PdCall call = { .fd = fd, .flags = flags, .parts = parts, .count = count };

  return leave(it, pd_call(it, pd_receive, &call));
}

static ssize_t transmit(void *userdata, int fd, const struct iovec *parts,
                        int count, int flags)
{
  PdWorld *it = enter(userdata);
  PdCall call = { .fd = fd, .flags = flags, .parts = parts, .count = count };

  return leave(it, pd_call(it, pd_send, &call));
}

static ssize_t table_recv(void *userdata, int fd, void *ret, size_t size,
                          int flags)
{
  struct iovec part = { ret, size };

  return receive(userdata, fd, &part, 1, flags);
}

static ssize_t table_read(void *userdata, int fd, void *ret, size_t size)
{
  return table_recv(userdata, fd, ret, size, 0);
}

static ssize_t table_readv(void *userdata, int fd, const struct iovec *parts,
                           int count)
{
  return receive(userdata, fd, parts, count, 0);
}

static ssize_t table_recvfrom(void *userdata, int fd, void *ret, size_t size,
                              int flags, struct sockaddr *ret_address,
                              socklen_t *address_size)
{
  (void)ret_address;
  if (address_size)
    *address_size = 0;
  return table_recv(userdata, fd, ret, size, flags);
}

/* TCP_INQ: how much more there is; Linux makes the end of it a byte, so that a
 * program goes on reading. */
static int left_to_read(const TcpConnection *conn)
{
  uint32_t unread = tcp_unread(conn);
  TcpStatus status;

  tcp_status(conn, &status);
  return unread == 0 && status.fin_received ? 1 : (int)unread;
}

/* It goes in a control message. */
static void put_inq(PdWorld *it, int fd, struct msghdr *message)
{
  PdSocket *socket = pd_socket(it, fd);
  int left = socket && socket->conn ? left_to_read(socket->conn) : 0;
  struct cmsghdr *head = CMSG_FIRSTHDR(message);

  if (!socket || !socket->inq || !head ||
      message->msg_controllen < CMSG_SPACE(sizeof left)) {
    message->msg_controllen = 0;
    return;
  }
  head->cmsg_level = IPPROTO_TCP;
  head->cmsg_type = 36; /* TCP_CM_INQ */
  head->cmsg_len = CMSG_LEN(sizeof left);
  memcpy(CMSG_DATA(head), &left, sizeof left);
  message->msg_controllen = CMSG_SPACE(sizeof left);
}

/* sendmsg(2): EMSGSIZE where writev(2) has EINVAL. */
static int read_message(const struct msghdr *message, PdCall *call)
{
  if (!message)
    return -EFAULT;
  if (message->msg_iovlen > IOV_MAX)
    return -EMSGSIZE;
  call->parts = message->msg_iov;
  call->count = (int)message->msg_iovlen;
  return 0;
}

static ssize_t table_recvmsg(void *userdata, int fd, struct msghdr *message,
                             int flags)
{
  PdWorld *it = enter(userdata);
  PdCall call = { .fd = fd, .flags = flags };
  gssize result = read_message(message, &call);

  if (result < 0)
    return leave(it, result);
  result = pd_call(it, pd_receive, &call);
  message->msg_flags = 0;
  message->msg_namelen = 0;
  put_inq(it, fd, message);
  return leave(it, result);
}

static ssize_t table_send(void *userdata, int fd, const void *data, size_t size,
                          int flags)
{
  struct iovec part = { (void *)(uintptr_t)data, size };

  return transmit(userdata, fd, &part, 1, flags);
}

static ssize_t table_write(void *userdata, int fd, const void *data,
                           size_t size)
{
  return table_send(userdata, fd, data, size, 0);
}

static ssize_t table_writev(void *userdata, int fd, const struct iovec *parts,
                            int count)
{
  return transmit(userdata, fd, parts, count, 0);
}

static ssize_t table_sendto(void *userdata, int fd, const void *data,
                            size_t size, int flags,
                            const struct sockaddr *address,
                            socklen_t address_size)
{
  (void)address;
  (void)address_size;
  return table_send(userdata, fd, data, size, flags);
}

static ssize_t table_sendmsg(void *userdata, int fd,
                             const struct msghdr *message, int flags)
{
  PdWorld *it = enter(userdata);
  PdCall call = { .fd = fd, .flags = flags };
  gssize result = read_message(message, &call);

  return leave(it, result < 0 ? result : pd_call(it, pd_send, &call));
}

/* -- options -- */

static int table_fcntl(void *userdata, int fd, int command, ...)
{
  PdWorld *it = enter(userdata);
  PdSocket *socket = pd_socket(it, fd);
  va_list rest;

  if (!socket)
    return (int)leave(it, -EBADF);
  if (command == F_GETFL)
    return (int)leave(it, O_RDWR | (socket->nonblocking ? O_NONBLOCK : 0));
  if (command == F_GETFD || command == F_SETFD)
    return (int)leave(it, 0);
  if (command != F_SETFL)
    return (int)leave(it, -EINVAL);
  va_start(rest, command);
  socket->nonblocking = va_arg(rest, int) & O_NONBLOCK;
  va_end(rest);
  return (int)leave(it, 0);
}

static int table_ioctl(void *userdata, int fd, unsigned long request, ...)
{
  PdWorld *it = enter(userdata);
  va_list rest;
  int *ret;

  va_start(rest, request);
  ret = va_arg(rest, int *);
  va_end(rest);
  return (int)leave(it, ret ? pd_ioctl(it, fd, request, ret) : -EFAULT);
}

static int table_getsockopt(void *userdata, int fd, int level, int option,
                            void *ret, socklen_t *size)
{
  PdWorld *it = enter(userdata);

  return (int)leave(it, pd_getsockopt(it, fd, level, option, ret, size));
}

static int table_setsockopt(void *userdata, int fd, int level, int option,
                            const void *value, socklen_t size)
{
  PdWorld *it = enter(userdata);

  return (int)leave(it, pd_setsockopt(it, fd, level, option, value, size));
}

/* -- readiness -- */

static int table_poll(void *userdata, struct pollfd *list, nfds_t count,
                      int timeout)
{
  PdWorld *it = enter(userdata);
  PdCall call = { .polled = list, .count = (int)count, .room = timeout };

  return (int)leave(it, pd_call(it, pd_poll, &call));
}

static int table_epoll_create(void *userdata, int size)
{
  PdWorld *it = enter(userdata);
  PdSocket *set;
  int fd;

  if (size <= 0)
    return (int)leave(it, -EINVAL);
  fd = pd_socket_new(it, PD_EPOLL, &set);
  if (fd < 0)
    return (int)leave(it, fd);
  set->watched = g_array_new(FALSE, TRUE, sizeof(PdWatch));
  return (int)leave(it, fd);
}

static int table_epoll_ctl(void *userdata, int set, int operation, int fd,
                           struct epoll_event *event)
{
  PdWorld *it = enter(userdata);

  return (int)leave(it, pd_epoll_control(it, set, operation, fd, event));
}

static int table_epoll_wait(void *userdata, int set, struct epoll_event *ret,
                            int room, int timeout)
{
  PdWorld *it = enter(userdata);
  PdCall call = { .fd = set, .events = ret, .count = room, .room = timeout };

  return (int)leave(it, pd_call(it, pd_epoll_wait, &call));
}

/* Neither has anything to do with TCP. */
static int table_pipe(void *userdata, int ret[2])
{
  (void)ret;
  return (int)leave(enter(userdata), -ENOSYS);
}

static int table_splice(void *userdata, int from, loff_t *from_at, int to,
                        loff_t *to_at, size_t size, unsigned flags)
{
  (void)from;
  (void)from_at;
  (void)to;
  (void)to_at;
  (void)size;
  (void)flags;
  return (int)leave(enter(userdata), -ENOSYS);
}

/* -- the wire and the clock -- */

static int table_netdev_send(void *userdata, const void *datagram, size_t size)
{
  PdWorld *it = enter(userdata);

  return (int)leave(it, pd_deliver(it, datagram, size));
}

static int table_netdev_receive(void *userdata, void *ret, size_t *size,
                                long long *ret_time_us)
{
  PdWorld *it = enter(userdata);
  PdSent *sent;

  it->receiving = true;
  if (!it->sent)
    pd_advance(it, it->sim->now + LONGEST);
  it->receiving = false;
  pd_advance(it, it->sim->now);
  sent = pd_offload_take(it);
  *size = sent ? MIN(*size, sent->size) : 0;
  *ret_time_us = (sent ? sent->time : it->sim->now) / SIM_MICROSECOND;
  if (sent)
    memcpy(ret, sent->bytes, *size);
  g_free(sent);
  return (int)leave(it, 0);
}

static int table_usleep(void *userdata, useconds_t span_us)
{
  PdWorld *it = enter(userdata);

  pd_settle(it);
  pd_advance(it, it->sim->now + span_us * SIM_MICROSECOND);
  return (int)leave(it, 0);
}

static int table_gettimeofday(void *userdata, struct timeval *ret,
                              struct timezone *zone)
{
  PdWorld *it = enter(userdata);

  (void)zone;
  if (pd_clock_seen(it))
    pd_advance(it, it->sim->now + SIM_MICROSECOND);
  ret->tv_sec = it->sim->now / SIM_SECOND;
  ret->tv_usec = it->sim->now % SIM_SECOND / SIM_MICROSECOND;
  return (int)leave(it, 0);
}

static void table_free(void *userdata)
{
  pd_preload_unset(userdata);
  pd_world_free(userdata);
}

void packetdrill_interface_init(const char *flags, PdTable *table)
{
  g_autofree char *problem = NULL;
  PdWorld *it = pd_world_new(flags, &problem);

  if (!it) {
    g_printerr("linger: %s\n", problem);
    exit(2);
  }
  *table = (PdTable){
    .userdata = it,
    .free = table_free,
    .socket = table_socket,
    .bind = table_bind,
    .listen = table_listen,
    .accept = table_accept,
    .connect = table_connect,
    .read = table_read,
    .readv = table_readv,
    .recv = table_recv,
    .recvfrom = table_recvfrom,
    .recvmsg = table_recvmsg,
    .write = table_write,
    .writev = table_writev,
    .send = table_send,
    .sendto = table_sendto,
    .sendmsg = table_sendmsg,
    .fcntl = table_fcntl,
    .ioctl = table_ioctl,
    .close = table_close,
    .shutdown = table_shutdown,
    .getsockopt = table_getsockopt,
    .setsockopt = table_setsockopt,
    .poll = table_poll,
    .netdev_send = table_netdev_send,
    .netdev_receive = table_netdev_receive,
    .usleep = table_usleep,
    .gettimeofday = table_gettimeofday,
    .epoll_create = table_epoll_create,
    .epoll_ctl = table_epoll_ctl,
    .epoll_wait = table_epoll_wait,
    .pipe = table_pipe,
    .splice = table_splice,
  };
  pd_preload_set(table);
}
