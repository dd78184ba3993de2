/* socket, bind, listen, accept, connect, shutdown, close. */
#include "socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/stat.h>

/* -- descriptors -- */

PdSocket *pd_socket(const PdWorld *it, int fd)
{
  return fd < 0 || (guint)fd >= it->sockets->len ? NULL
                                                 : it->sockets->pdata[fd];
}

int pd_stream(const PdWorld *it, int fd, PdSocket **ret)
{
  *ret = pd_socket(it, fd);
  return !*ret ? -EBADF : (*ret)->kind == PD_STREAM ? 0 : -ENOTSOCK;
}

/* A number that is taken in the process, too. */
int pd_socket_new(PdWorld *it, PdKind kind, PdSocket **ret)
{
  int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  PdSocket *socket;

  if (fd < 0)
    return -errno;
  if ((guint)fd >= it->sockets->len)
    g_ptr_array_set_size(it->sockets, fd + 1);
  socket = g_new0(PdSocket, 1);
  it->sockets->pdata[fd] = socket;
  socket->world = it;
  socket->kind = kind;
  socket->knobs = *tcp_stack_knobs(it->stack);
  *ret = socket;
  return fd;
}

/* packetdrill closes what is left at its end by close(2): then the number is
 * free, or somebody else's. */
static void give_back(int fd)
{
  struct stat found, null;

  if (fstat(fd, &found) == 0 && stat("/dev/null", &null) == 0 &&
      S_ISCHR(found.st_mode) && found.st_rdev == null.st_rdev)
    close(fd);
}

static void socket_free(PdSocket *socket)
{
  if (socket->listener)
    tcp_listener_close(socket->listener);
  if (socket->conn)
    tcp_release(socket->conn);
  if (socket->watched)
    g_array_unref(socket->watched);
  g_free(socket);
}

void pd_sockets_clear(PdWorld *it)
{
  for (guint i = 0; i < it->sockets->len; i++)
    if (it->sockets->pdata[i]) {
      socket_free(it->sockets->pdata[i]);
      give_back((int)i);
    }
  g_ptr_array_set_size(it->sockets, 0);
}

int pd_errno(TcpError error)
{
  static const struct {
    TcpError error;
    int number;
  } table[] = {
    { TCP_OK, 0 },
    { TCP_EAGAIN, EAGAIN },
    { TCP_EINVAL, EINVAL },
    { TCP_EISCONN, EISCONN },
    { TCP_ENOTCONN, ENOTCONN },
    { TCP_EPIPE, EPIPE },
    { TCP_EADDRINUSE, EADDRINUSE },
    { TCP_EADDRNOTAVAIL, EADDRNOTAVAIL },
    { TCP_ENETUNREACH, ENETUNREACH },
    { TCP_EHOSTUNREACH, EHOSTUNREACH },
    { TCP_ECONNREFUSED, ECONNREFUSED },
    { TCP_ECONNRESET, ECONNRESET },
    { TCP_ECONNABORTED, ECONNABORTED },
    { TCP_ETIMEDOUT, ETIMEDOUT },
    { TCP_ENOPROTOOPT, ENOPROTOOPT },
    { TCP_EMSGSIZE, EMSGSIZE },
    { TCP_ENOBUFS, ENOBUFS },
    { TCP_EPROTO, EPROTO },
  };

  for (gsize i = 0; i < G_N_ELEMENTS(table); i++)
    if (table[i].error == error)
      return -table[i].number;
  return -EIO;
}

/* -- what TCP tells -- */

static void notify(void *user, TcpConnection *conn, unsigned events)
{
  PdSocket *socket = user;

  (void)conn;
  if (events & TCP_EVENT_ESTABLISHED)
    socket->was_open = true;
  pd_epoll_note(socket, events);
  pd_stir(socket->world);
}

static void acceptable(void *user, TcpListener *listener)
{
  PdSocket *socket = user;

  (void)listener;
  pd_epoll_note(socket, TCP_EVENT_READABLE);
  pd_stir(socket->world);
}

/* -- addresses -- */

static bool read_address(const struct sockaddr *address, socklen_t size,
                         TcpEnd *ret)
{
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;

  if (!address || size < sizeof address->sa_family)
    return false;
  if (address->sa_family == AF_INET && size >= sizeof v4) {
    memcpy(&v4, address, sizeof v4);
    ret->address = v4.sin_addr.s_addr
                       ? net_address_ipv4(ntohl(v4.sin_addr.s_addr))
                       : NET_ADDRESS_ANY;
    ret->port = ntohs(v4.sin_port);
    return true;
  }
  if (address->sa_family != AF_INET6 || size < sizeof v6)
    return false;
  memcpy(&v6, address, sizeof v6);
  ret->address = net_address_ipv6_get(v6.sin6_addr.s6_addr);
  ret->port = ntohs(v6.sin6_port);
  return true;
}

void pd_address_put(const TcpEnd *end, int family, struct sockaddr *ret,
                    socklen_t *size)
{
  struct sockaddr_in v4 = { .sin_family = AF_INET,
                            .sin_port = htons(end->port) };
  struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
                             .sin6_port = htons(end->port) };

  if (!ret || !size)
    return;
  if (family == AF_INET) {
    v4.sin_addr.s_addr = htonl(net_address_to_ipv4(end->address));
    memcpy(ret, &v4, MIN(*size, sizeof v4));
    *size = sizeof v4;
    return;
  }
  if (net_address_is_ipv4(end->address)) {
    v6.sin6_addr.s6_addr[10] = v6.sin6_addr.s6_addr[11] = 0xff;
    net_put32(v6.sin6_addr.s6_addr + 12, net_address_to_ipv4(end->address));
  } else {
    net_address_ipv6_put(v6.sin6_addr.s6_addr, end->address);
  }
  memcpy(ret, &v6, MIN(*size, sizeof v6));
  *size = sizeof v6;
}

/* -- opening -- */

int pd_open(PdWorld *it, int family, int type)
{
  PdSocket *socket;
  int fd;

  if (family != AF_INET && family != AF_INET6)
    return -EAFNOSUPPORT;
  if ((type & 0xf) != SOCK_STREAM)
    return -EPROTONOSUPPORT;
  fd = pd_socket_new(it, PD_STREAM, &socket);
  if (fd < 0)
    return fd;
  socket->family = family;
  socket->nonblocking = type & SOCK_NONBLOCK;
  return fd;
}

int pd_bind(PdWorld *it, int fd, const struct sockaddr *address, socklen_t size)
{
  PdSocket *socket;
  int problem = pd_stream(it, fd, &socket);
  TcpEnd local;

  if (problem < 0)
    return problem;
  if (!address)
    return -EFAULT;
  if (socket->bound || socket->conn || socket->listener ||
      !read_address(address, size, &local))
    return -EINVAL;
  pd_meet_local(it, local.address);
  socket->local = local;
  socket->bound = true;
  return 0;
}

int pd_listen(PdWorld *it, int fd, int backlog)
{
  PdSocket *socket;
  int problem = pd_stream(it, fd, &socket);
  TcpError error = TCP_OK;

  if (problem < 0)
    return problem;
  if (socket->conn)
    return -EINVAL;
  if (socket->listener)
    return 0;
  socket->listener =
      tcp_listen(it->stack, socket->local.address, socket->local.port,
                 (unsigned)CLAMP(backlog, 1, 4096), &socket->knobs, acceptable,
                 socket, &error);
  return pd_errno(error);
}

void pd_set_deadline(PdWorld *it, PdCall *call, SimTime span)
{
  if (!call->again && span > 0)
    call->deadline = sim_time_add(it->sim->now, span);
}

gssize pd_accept(PdWorld *it, PdCall *call)
{
  PdSocket *listening, *socket;
  int problem = pd_stream(it, call->fd, &listening), fd;
  TcpConnection *conn;

  if (problem < 0)
    return problem;
  if (!listening->listener)
    return -EINVAL;
  pd_set_deadline(it, call, listening->receive_timeout);
  if (!tcp_listener_waiting(listening->listener))
    return listening->nonblocking || call->late ? -EAGAIN : PD_WAITS;
  fd = pd_socket_new(it, PD_STREAM, &socket);
  if (fd < 0)
    return fd;
  conn = tcp_accept(listening->listener, NULL, NULL);
  socket->family = listening->family;
  socket->conn = conn;
  socket->was_open = true;
  socket->inq = listening->inq;
  socket->linger = listening->linger;
  socket->linger_time = listening->linger_time;
  tcp_set_linger(conn, socket->linger, socket->linger_time);
  tcp_set_user(conn, notify, socket);
  return fd;
}

int pd_connect_start(PdWorld *it, int fd, const struct sockaddr *address,
                     socklen_t size)
{
  PdSocket *socket;
  int problem = pd_stream(it, fd, &socket);
  TcpError error = TCP_OK;
  TcpEnd remote;

  if (problem < 0)
    return problem;
  if (!address)
    return -EFAULT;
  if (socket->listener)
    return -EISCONN;
  if (socket->conn)
    return 0;
  if (!read_address(address, size, &remote))
    return -EINVAL;
  pd_meet_remote(it, remote.address);
  socket->conn = tcp_connect(it->stack, socket->bound ? &socket->local : NULL,
                             remote, &socket->knobs, notify, socket, &error);
  if (!socket->conn)
    return pd_errno(error);
  socket->connecting = true;
  tcp_set_linger(socket->conn, socket->linger, socket->linger_time);
  return socket->nonblocking ? -EINPROGRESS : 0;
}

gssize pd_connect(PdWorld *it, PdCall *call)
{
  PdSocket *socket = pd_socket(it, call->fd);
  TcpState state;
  TcpError error;

  if (!socket || !socket->conn)
    return -EBADF;
  pd_set_deadline(it, call, socket->send_timeout);
  state = tcp_state(socket->conn);
  if (state == TCP_SYN_SENT || state == TCP_SYN_RECEIVED)
    return socket->nonblocking ? -EALREADY
           : call->late        ? -EINPROGRESS
                               : PD_WAITS;
  if (socket->was_open && !socket->connecting)
    return -EISCONN;
  socket->connecting = false;
  if (socket->was_open)
    return 0;
  error = tcp_error(socket->conn);
  return error == TCP_OK ? -ECONNABORTED : pd_errno(error);
}

/* -- ending -- */

int pd_shutdown(PdWorld *it, int fd, int how)
{
  PdSocket *socket;
  int problem = pd_stream(it, fd, &socket);

  if (problem < 0)
    return problem;
  if (how < SHUT_RD || how > SHUT_RDWR)
    return -EINVAL;
  if (socket->listener)
    return pd_errno(
        tcp_listener_shutdown(socket->listener, (TcpShutdown)(how + 1)));
  if (!socket->conn)
    return -ENOTCONN;
  return pd_errno(tcp_shutdown(socket->conn, (TcpShutdown)(how + 1)));
}

/* With SO_LINGER it waits until all is acknowledged. */
static bool lingers(const PdSocket *socket)
{
  TcpState state = socket->conn ? tcp_state(socket->conn) : TCP_CLOSED;

  return socket->linger && socket->linger_time > 0 &&
         (state == TCP_FIN_WAIT_1 || state == TCP_CLOSING ||
          state == TCP_LAST_ACK);
}

gssize pd_close(PdWorld *it, PdCall *call)
{
  PdSocket *socket = pd_socket(it, call->fd);

  if (!socket)
    return -EBADF;
  if (!call->again && socket->conn && socket->linger && socket->linger_time > 0)
    tcp_close(socket->conn);
  pd_set_deadline(it, call, socket->linger_time);
  if (lingers(socket) && !call->late && !socket->nonblocking)
    return PD_WAITS;
  it->sockets->pdata[call->fd] = NULL;
  pd_epoll_forget(it, call->fd);
  give_back(call->fd);
  socket_free(socket);
  return 0;
}
