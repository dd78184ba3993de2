/* getsockopt, setsockopt, ioctl: a table from the numbers of C to the names of
 * sockopt.h, and from the units of C to those of knobs. */
#include "socket.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>

#include "sockopt.h"

#define MEMINFO 55 /* SO_MEMINFO, SO_MAX_PACING_RATE: asm/socket.h */
#define MAX_PACING 47
#define MEMINFO_SIZE 36 /* nine numbers */

typedef struct Row {
  int level, option;
  const char *name; /* NULL: nothing of it is simulated, nothing changes */
  int64_t unit;     /* in ns or bytes; 1: as it is */
} Row;

static const Row rows[] = {
  { SOL_SOCKET, SO_RCVBUF, "SO_RCVBUF", 1 },
  { SOL_SOCKET, SO_SNDBUF, "SO_SNDBUF", 1 },
  { SOL_SOCKET, SO_REUSEADDR, "SO_REUSEADDR", 1 },
  { SOL_SOCKET, SO_KEEPALIVE, "SO_KEEPALIVE", 1 },
  { SOL_SOCKET, SO_ERROR, "SO_ERROR", 1 },
  { SOL_SOCKET, MAX_PACING, "SO_MAX_PACING_RATE", 1 },
  { SOL_SOCKET, SO_REUSEPORT, NULL, 1 },
  { SOL_SOCKET, SO_PRIORITY, NULL, 1 },
  { SOL_SOCKET, SO_ZEROCOPY, NULL, 1 },
  { SOL_SOCKET, SO_MARK, NULL, 1 },
  { SOL_SOCKET, SO_RCVLOWAT, NULL, 1 },
  { SOL_SOCKET, SO_OOBINLINE, NULL, 1 },
  { SOL_SOCKET, SO_BUSY_POLL, NULL, 1 },
  { IPPROTO_TCP, TCP_KEEPIDLE, "TCP_KEEPIDLE", SIM_SECOND },
  { IPPROTO_TCP, TCP_KEEPINTVL, "TCP_KEEPINTVL", SIM_SECOND },
  { IPPROTO_TCP, TCP_KEEPCNT, "TCP_KEEPCNT", 1 },
  { IPPROTO_TCP, TCP_USER_TIMEOUT, "TCP_USER_TIMEOUT", SIM_MILLISECOND },
  { IPPROTO_TCP, TCP_LINGER2, "TCP_LINGER2", SIM_SECOND },
  { IPPROTO_TCP, TCP_NODELAY, "TCP_NODELAY", 1 },
  { IPPROTO_TCP, TCP_CORK, "TCP_CORK", 1 },
  { IPPROTO_TCP, TCP_MAXSEG, "TCP_MAXSEG", 1 },
  { IPPROTO_TCP, TCP_SYNCNT, "TCP_SYNCNT", 1 },
  { IPPROTO_TCP, TCP_DEFER_ACCEPT, "TCP_DEFER_ACCEPT", SIM_SECOND },
  { IPPROTO_TCP, TCP_QUICKACK, "TCP_QUICKACK", 1 },
  { IPPROTO_TCP, TCP_NOTSENT_LOWAT, "TCP_NOTSENT_LOWAT", 1 },
  { IPPROTO_IP, IP_TTL, "IP_TTL", 1 },
  { IPPROTO_IP, IP_TOS, "IP_TOS", 1 },
  { IPPROTO_IPV6, IPV6_UNICAST_HOPS, "IPV6_UNICAST_HOPS", 1 },
  { IPPROTO_IPV6, IPV6_TCLASS, "IPV6_TCLASS", 1 },
  { IPPROTO_IP, IP_MTU_DISCOVER, NULL, 1 },
  { IPPROTO_IP, IP_RECVERR, NULL, 1 },
  { IPPROTO_IPV6, IPV6_V6ONLY, NULL, 1 },
  { IPPROTO_IPV6, IPV6_MTU_DISCOVER, NULL, 1 },
  { IPPROTO_IPV6, IPV6_RECVERR, NULL, 1 },
};

static const Row *find(int level, int option)
{
  for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
    if (rows[i].level == level && rows[i].option == option)
      return &rows[i];
  return NULL;
}

const TcpKnobs *pd_knobs(const PdSocket *socket)
{
  return socket->conn       ? tcp_knobs(socket->conn)
         : socket->listener ? tcp_listener_knobs(socket->listener)
                            : &socket->knobs;
}

int pd_set_knob(PdSocket *socket, const char *name, int64_t value)
{
  if (socket->conn)
    return pd_errno(tcp_set_knob(socket->conn, name, value));
  if (socket->listener)
    return pd_errno(tcp_listener_set_knob(socket->listener, name, value));
  return tcp_knob_set(&socket->knobs, tcp_knob_find(name), value) ? 0 : -EINVAL;
}

/* -- setting -- */

static int set_linger(PdSocket *socket, const void *value, socklen_t size)
{
  struct linger linger;

  if (size < sizeof linger)
    return -EINVAL;
  memcpy(&linger, value, sizeof linger);
  socket->linger = linger.l_onoff != 0;
  socket->linger_time = MAX(linger.l_linger, 0) * SIM_SECOND;
  if (socket->conn)
    tcp_set_linger(socket->conn, socket->linger, socket->linger_time);
  return 0;
}

static int set_timeout(SimTime *ret, const void *value, socklen_t size)
{
  struct timeval span;

  if (size < sizeof span)
    return -EINVAL;
  memcpy(&span, value, sizeof span);
  *ret = span.tv_sec * SIM_SECOND + span.tv_usec * SIM_MICROSECOND;
  return 0;
}

static int set_congestion(PdSocket *socket, const char *name, socklen_t size)
{
  const TcpKnob *knob = tcp_knob_find("congestion");

  for (unsigned i = 0; tcp_knob_name(knob, i); i++)
    if (strncmp(tcp_knob_name(knob, i), name, size) == 0)
      return pd_set_knob(socket, "congestion", i);
  return -ENOENT;
}

/* IP's two options: -1 is the host's own TTL, and ECN's bits are no program's
 * (ip(7)). */
static bool ip_value(const char *knob, int64_t *value)
{
  if (g_str_equal(knob, "ttl")) {
    if (*value == 0)
      return false;
    if (*value == -1)
      *value = 0;
  } else if (g_str_equal(knob, "tos") && *value > 0) {
    *value &= ~INT64_C(3);
  }
  return true;
}

/* TCP_NOTSENT_LOWAT: all that fits 32 bits, the largest is none. */
static int set_lowat(PdSocket *socket, int64_t value)
{
  socket->has_lowat = true;
  socket->lowat = (int)value;
  return pd_set_knob(socket, "notsent_lowat", value == -1 ? 0 : value);
}

static int set_row(PdSocket *socket, const Row *row, int64_t value)
{
  const TcpSockopt *option = tcp_sockopt_find(row->name);
  const TcpKnob *knob = option->knob ? tcp_knob_find(option->knob) : NULL;

  switch (option->kind) {
  case TCP_SOCKOPT_KNOB:
    if (row->option == TCP_NOTSENT_LOWAT && row->level == IPPROTO_TCP)
      return set_lowat(socket, value);
    if (!ip_value(option->knob, &value))
      return -EINVAL;
    if (knob->kind == TCP_KNOB_BOOL)
      value = value != 0;
    return pd_set_knob(socket, option->knob, value * row->unit);
  case TCP_SOCKOPT_NOT_KNOB:
    return pd_set_knob(socket, option->knob, !value);
  case TCP_SOCKOPT_MAXSEG:
    return pd_set_knob(socket, option->knob, value);
  case TCP_SOCKOPT_QUICKACK:
    return socket->conn ? pd_errno(tcp_set_quickack(socket->conn, value & 1))
                        : pd_set_knob(socket, option->knob, value & 1);
  case TCP_SOCKOPT_LINGER2:
    value = value < 0 ? -1 : value * row->unit;
    return socket->conn ? pd_errno(tcp_set_linger2(socket->conn, value))
                        : pd_set_knob(socket, "fin_wait_2_timeout", value);
  default:
    return -ENOPROTOOPT;
  }
}

int pd_setsockopt(PdWorld *it, int fd, int level, int option, const void *value,
                  socklen_t size)
{
  PdSocket *socket;
  int problem = pd_stream(it, fd, &socket);
  const Row *row = find(level, option);
  int number = 0;

  if (problem < 0)
    return problem;
  if (!value)
    return -EFAULT;
  if (level == SOL_SOCKET && option == SO_LINGER)
    return set_linger(socket, value, size);
  if (level == SOL_SOCKET && option == SO_RCVTIMEO)
    return set_timeout(&socket->receive_timeout, value, size);
  if (level == SOL_SOCKET && option == SO_SNDTIMEO)
    return set_timeout(&socket->send_timeout, value, size);
  if (level == IPPROTO_TCP && option == TCP_CONGESTION)
    return set_congestion(socket, value, size);
  if (level == IPPROTO_IP && size > 0 && size < sizeof number)
    number = *(const uint8_t *)value; /* ip(7): a byte will do */
  else if (size < sizeof number)
    return -EINVAL;
  else
    memcpy(&number, value, sizeof number);
  if (level == IPPROTO_TCP && option == TCP_INQ) {
    socket->inq = number != 0;
    return number == 0 || number == 1 ? 0 : -EINVAL;
  }
  if (!row)
    return -ENOPROTOOPT;
  return row->name ? set_row(socket, row, number) : 0;
}

/* -- asking -- */

static int64_t max_segment(const PdSocket *socket)
{
  TcpStatus status;

  if (!socket->conn || tcp_state(socket->conn) < TCP_ESTABLISHED) {
    int64_t mss = pd_knobs(socket)->mss;

    return mss ? mss : 536;
  }
  tcp_status(socket->conn, &status);
  return status.mss;
}

static int64_t ask_knob(const PdSocket *socket, const Row *row,
                        const TcpSockopt *option)
{
  int64_t value =
      tcp_knob_get(pd_knobs(socket), tcp_knob_find(option->knob)) / row->unit;
  bool tcp = row->level == IPPROTO_TCP;
  bool buffer = row->option == SO_SNDBUF || row->option == SO_RCVBUF;

  if (tcp && row->option == TCP_NOTSENT_LOWAT)
    return socket->has_lowat ? socket->lowat : 0; /* sysctl's is another */
  if (value == 0 && g_str_equal(option->knob, "ttl"))
    return net_host_spec(socket->world->host)->ttl;
  /* Linux counts the room that its own structures take (socket(7)). */
  return buffer && row->level == SOL_SOCKET ? 2 * value : value;
}

static int ask(PdSocket *socket, const Row *row, int64_t *ret)
{
  const TcpSockopt *option = tcp_sockopt_find(row->name);

  switch (option->kind) {
  case TCP_SOCKOPT_KNOB:
    *ret = ask_knob(socket, row, option);
    return 0;
  case TCP_SOCKOPT_NOT_KNOB:
    *ret = !tcp_knob_get(pd_knobs(socket), tcp_knob_find(option->knob));
    return 0;
  case TCP_SOCKOPT_QUICKACK:
    *ret =
        socket->conn ? tcp_quickack(socket->conn) : pd_knobs(socket)->pingpong;
    return 0;
  case TCP_SOCKOPT_MAXSEG:
    *ret = max_segment(socket);
    return 0;
  case TCP_SOCKOPT_ERROR:
    *ret = socket->conn ? -pd_errno(tcp_error(socket->conn)) : 0;
    return 0;
  case TCP_SOCKOPT_LINGER2:
    *ret = pd_knobs(socket)->fin_wait_2_timeout / row->unit;
    return 0;
  default:
    return -ENOPROTOOPT;
  }
}

static int give(const void *bytes, gsize length, void *ret, socklen_t *size)
{
  *size = (socklen_t)MIN(*size, length);
  memcpy(ret, bytes, *size);
  return 0;
}

/* What has a layout of its own; PD_WAITS: nothing of that kind. */
static gssize ask_whole(const PdSocket *socket, int level, int option,
                        void *ret, socklen_t *size)
{
  static const uint8_t zeros[MEMINFO_SIZE];
  struct linger linger = { socket->linger,
                           (int)(socket->linger_time / SIM_SECOND) };
  const char *name = tcp_knob_name(tcp_knob_find("congestion"),
                                   (unsigned)pd_knobs(socket)->congestion);
  uint8_t info[512];

  if (level == SOL_SOCKET && option == SO_LINGER)
    return give(&linger, sizeof linger, ret, size);
  if (level == SOL_SOCKET && option == MEMINFO)
    return give(zeros, sizeof zeros, ret, size);
  if (level == IPPROTO_TCP && option == TCP_CONGESTION)
    return give(name, strlen(name) + 1, ret, size);
  if (level == IPPROTO_TCP && option == TCP_CC_INFO)
    return give(zeros, 0, ret, size);
  if (level == IPPROTO_TCP && option == TCP_INFO && socket->conn)
    return give(info, pd_info(socket->conn, info, sizeof info), ret, size);
  return PD_WAITS;
}

int pd_getsockopt(PdWorld *it, int fd, int level, int option, void *ret,
                  socklen_t *size)
{
  PdSocket *socket;
  int problem = pd_stream(it, fd, &socket);
  const Row *row = find(level, option);
  int64_t value = 0;
  gssize answer;
  int number;

  if (problem < 0)
    return problem;
  if (!ret || !size)
    return -EFAULT;
  answer = ask_whole(socket, level, option, ret, size);
  if (answer != PD_WAITS)
    return (int)answer;
  if (level == IPPROTO_TCP && option == TCP_INQ)
    value = socket->inq;
  else if (!row)
    return -ENOPROTOOPT;
  else if (row->name && ask(socket, row, &value) < 0)
    return -ENOPROTOOPT;
  number = (int)CLAMP(value, G_MININT, G_MAXINT);
  return give(&number, sizeof number, ret, size);
}

int pd_ioctl(PdWorld *it, int fd, unsigned long request, int *ret)
{
  PdSocket *socket = pd_socket(it, fd);

  if (!socket)
    return -EBADF;
  if (socket->listener || socket->kind == PD_EPOLL)
    return -EINVAL;
  if (request == SIOCINQ)
    *ret = socket->conn ? (int)tcp_unread(socket->conn) : 0;
  else if (request == SIOCOUTQ)
    *ret = socket->conn ? (int)tcp_outstanding(socket->conn) : 0;
  else if (request == SIOCOUTQNSD)
    *ret = socket->conn ? (int)tcp_unsent(socket->conn) : 0;
  else
    return -ENOTTY;
  return 0;
}
