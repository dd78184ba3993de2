/* Constants of the C library, as Linux numbers them: scripts write them by
 * name, and a few as numbers. */
#include <string.h>

#include "pkt_call.h"

static const struct {
  const char *name;
  int64_t value;
} table[] = {
  { "NULL", 0 },
  { "AF_UNSPEC", 0 },
  { "AF_INET", 2 },
  { "PF_INET", 2 },
  { "AF_INET6", 10 },
  { "PF_INET6", 10 },
  { "SOCK_STREAM", 1 },
  { "SOCK_DGRAM", 2 },
  { "SOCK_RAW", 3 },
  { "SOCK_NONBLOCK", 0x800 },
  { "SOCK_CLOEXEC", 0x80000 },
  { "IPPROTO_IP", 0 },
  { "IPPROTO_ICMP", 1 },
  { "IPPROTO_TCP", 6 },
  { "IPPROTO_UDP", 17 },
  { "IPPROTO_IPV6", 41 },
  { "IPPROTO_ICMPV6", 58 },
  { "SHUT_RD", 0 },
  { "SHUT_WR", 1 },
  { "SHUT_RDWR", 2 },
  { "SOL_IP", 0 },
  { "SOL_SOCKET", 1 },
  { "SOL_TCP", 6 },
  { "SOL_IPV6", 41 },
  { "F_GETFL", 3 },
  { "F_SETFL", 4 },
  { "O_RDONLY", 0 },
  { "O_WRONLY", 1 },
  { "O_RDWR", 2 },
  { "O_NONBLOCK", 0x800 },
  { "MSG_OOB", 1 },
  { "MSG_PEEK", 2 },
  { "MSG_TRUNC", 0x20 },
  { "MSG_DONTWAIT", 0x40 },
  { "MSG_EOR", 0x80 },
  { "MSG_WAITALL", 0x100 },
  { "MSG_ERRQUEUE", 0x2000 },
  { "MSG_NOSIGNAL", 0x4000 },
  { "MSG_MORE", 0x8000 },
  { "MSG_ZEROCOPY", 0x4000000 },
  { "MSG_FASTOPEN", 0x20000000 },
  { "POLLIN", 1 },
  { "POLLPRI", 2 },
  { "POLLOUT", 4 },
  { "POLLERR", 8 },
  { "POLLHUP", 0x10 },
  { "POLLNVAL", 0x20 },
  { "POLLRDNORM", 0x40 },
  { "POLLRDBAND", 0x80 },
  { "POLLWRNORM", 0x100 },
  { "POLLWRBAND", 0x200 },
  { "POLLRDHUP", 0x2000 },
  { "EPOLLIN", 1 },
  { "EPOLLPRI", 2 },
  { "EPOLLOUT", 4 },
  { "EPOLLERR", 8 },
  { "EPOLLHUP", 0x10 },
  { "EPOLLRDNORM", 0x40 },
  { "EPOLLWRNORM", 0x100 },
  { "EPOLLRDHUP", 0x2000 },
  { "EPOLLEXCLUSIVE", INT64_C(1) << 28 },
  { "EPOLLONESHOT", INT64_C(1) << 30 },
  { "EPOLLET", INT64_C(1) << 31 },
  { "EPOLL_CTL_ADD", 1 },
  { "EPOLL_CTL_DEL", 2 },
  { "EPOLL_CTL_MOD", 3 },
  { "SIOCINQ", 0x541b },
  { "FIONREAD", 0x541b },
  { "SIOCOUTQ", 0x5411 },
  { "SIOCOUTQNSD", 0x894b },
  { "TCP_CM_INQ", 36 },
  { "EPERM", 1 },
  { "EAGAIN", 11 },
  { "EINVAL", 22 },
  { "EPIPE", 32 },
  { "EMSGSIZE", 90 },
  { "ENOPROTOOPT", 92 },
  { "EADDRINUSE", 98 },
  { "EADDRNOTAVAIL", 99 },
  { "ENETUNREACH", 101 },
  { "ECONNABORTED", 103 },
  { "ECONNRESET", 104 },
  { "EISCONN", 106 },
  { "ENOTCONN", 107 },
  { "ETIMEDOUT", 110 },
  { "ECONNREFUSED", 111 },
  { "EHOSTUNREACH", 113 },
  { "EINPROGRESS", 115 },
};

bool pkt_symbol(const char *name, int64_t *ret)
{
  for (gsize i = 0; i < G_N_ELEMENTS(table); i++)
    if (strcmp(table[i].name, name) == 0) {
      *ret = table[i].value;
      return true;
    }
  return false;
}
