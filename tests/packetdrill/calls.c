/* Every call of the table, with arguments that are right and wrong: what it
 * answers, as the system call of its name does (its manual page). */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include "case.h"

#define NO_FD 9999

/* -1 and an errno */
#define assert_fails(call, number)            \
  do {                                        \
    errno = 0;                                \
    g_assert_cmpint((ssize_t)(call), ==, -1); \
    g_assert_cmpint(errno, ==, number);       \
  } while (0)

static struct sockaddr_in at_host(uint16_t port)
{
  return (struct sockaddr_in){ .sin_family = AF_INET,
                               .sin_port = htons(port),
                               .sin_addr.s_addr = htonl(CASE_HOST) };
}

static int bind_to(Case *it, int fd, uint16_t port, socklen_t size)
{
  struct sockaddr_in address = at_host(port);

  return it->table.bind(it->table.userdata, fd, (struct sockaddr *)&address,
                        size);
}

static int connect_to(Case *it, int fd, uint16_t port)
{
  struct sockaddr_in address = at_host(port);

  address.sin_addr.s_addr = htonl(CASE_REMOTE);
  return it->table.connect(it->table.userdata, fd, (struct sockaddr *)&address,
                           sizeof address);
}

static int new_socket(Case *it)
{
  return it->table.socket(it->table.userdata, AF_INET, SOCK_STREAM, 0);
}

static void test_every_call_is_there(void)
{
  Case it = case_new(NULL);
  void *const *at = (void *const *)&it.table;

  for (gsize i = 0; i < sizeof it.table / sizeof *at; i++)
    g_assert_nonnull(at[i]);
  case_end(&it);
}

static void test_socket(void)
{
  Case it = case_new(NULL);
  PdTable *table = &it.table;
  int fd = table->socket(table->userdata, AF_INET6, SOCK_STREAM | SOCK_NONBLOCK,
                         IPPROTO_TCP);

  g_assert_cmpint(fd, >=, 0);
  g_assert_cmpint(table->fcntl(table->userdata, fd, F_GETFL), ==,
                  O_RDWR | O_NONBLOCK);
  assert_fails(table->socket(table->userdata, AF_UNIX, SOCK_STREAM, 0),
               EAFNOSUPPORT);
  assert_fails(table->socket(table->userdata, AF_INET, SOCK_DGRAM, 0),
               EPROTONOSUPPORT);
  assert_fails(table->socket(table->userdata, AF_INET, SOCK_STREAM, 17),
               EPROTONOSUPPORT);
  case_end(&it);
}

static void test_bind(void)
{
  Case it = case_new(NULL);
  struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(7) };
  int fd = new_socket(&it);

  assert_fails(bind_to(&it, NO_FD, 1, sizeof(struct sockaddr_in)), EBADF);
  assert_fails(bind_to(&it, -1, 1, sizeof(struct sockaddr_in)), EBADF);
  assert_fails(bind_to(&it, fd, 1, 4), EINVAL);
  assert_fails(it.table.bind(it.table.userdata, fd, NULL, 16), EFAULT);
  g_assert_cmpint(bind_to(&it, fd, 1, sizeof(struct sockaddr_in)), ==, 0);
  assert_fails(bind_to(&it, fd, 2, sizeof(struct sockaddr_in)), EINVAL);
  fd = it.table.socket(it.table.userdata, AF_INET6, SOCK_STREAM, 0);
  assert_fails(it.table.bind(it.table.userdata, fd, (struct sockaddr *)&any,
                             sizeof(struct sockaddr_in)),
               EINVAL);
  g_assert_cmpint(
      it.table.bind(it.table.userdata, fd, (struct sockaddr *)&any, sizeof any),
      ==, 0);
  case_end(&it);
}

static void test_listen(void)
{
  Case it = case_new(NULL);
  PdTable *table = &it.table;
  int second = new_socket(&it);

  g_assert_cmpint(table->listen(table->userdata, it.listening, 5), ==, 0);
  assert_fails(table->listen(table->userdata, NO_FD, 1), EBADF);
  g_assert_cmpint(bind_to(&it, second, CASE_PORT, sizeof(struct sockaddr_in)),
                  ==, 0);
  assert_fails(table->listen(table->userdata, second, 1), EADDRINUSE);
  case_open_one(&it);
  assert_fails(table->listen(table->userdata, it.fd, 1), EINVAL);
  case_end(&it);
}

static void test_accept(void)
{
  Case it = case_new(NULL);
  PdTable *table = &it.table;
  struct sockaddr_in6 address = { 0 };
  socklen_t size = sizeof address;

  assert_fails(table->accept(table->userdata, NO_FD, NULL, NULL), EBADF);
  assert_fails(table->accept(table->userdata, new_socket(&it), NULL, NULL),
               EINVAL);
  table->fcntl(table->userdata, it.listening, F_SETFL, O_RDWR | O_NONBLOCK);
  assert_fails(table->accept(table->userdata, it.listening, NULL, NULL),
               EAGAIN);
  case_handshake(&it);
  it.fd = table->accept(table->userdata, it.listening,
                        (struct sockaddr *)&address, &size);
  g_assert_cmpint(it.fd, >=, 0);
  g_assert_cmpuint(size, ==, sizeof(struct sockaddr_in));
  g_assert_cmpuint(ntohs(((struct sockaddr_in *)(void *)&address)->sin_port),
                   ==, CASE_REMOTE_PORT);
  case_end(&it);
}

static void test_connect(void)
{
  Case it = case_new(NULL);
  PdTable *table = &it.table;
  struct sockaddr_in address = at_host(80);
  int fd = new_socket(&it);

  assert_fails(connect_to(&it, NO_FD, 80), EBADF);
  assert_fails(table->connect(table->userdata, fd, NULL, 16), EFAULT);
  assert_fails(
      table->connect(table->userdata, fd, (struct sockaddr *)&address, 3),
      EINVAL);
  assert_fails(connect_to(&it, it.listening, 80), EISCONN);
  g_assert_cmpint(table->fcntl(table->userdata, fd, F_SETFL, O_NONBLOCK), ==,
                  0);
  assert_fails(connect_to(&it, fd, 80), EINPROGRESS);
  assert_fails(connect_to(&it, fd, 80), EALREADY);
  g_assert_cmpuint(case_leave(&it).flags, ==, SYN);
  case_open_one(&it);
  assert_fails(connect_to(&it, it.fd, 80), EISCONN);
  case_end(&it);
}

static void test_close(void)
{
  Case it = case_new(NULL);
  PdTable *table = &it.table;
  int fd = new_socket(&it);

  g_assert_cmpint(table->close(table->userdata, fd), ==, 0);
  assert_fails(table->close(table->userdata, fd), EBADF);
  assert_fails(table->close(table->userdata, NO_FD), EBADF);
  assert_fails(table->close(table->userdata, -1), EBADF);
  case_end(&it);
}

static void test_shutdown(void)
{
  Case it = case_new(NULL);
  PdTable *table = &it.table;

  assert_fails(table->shutdown(table->userdata, NO_FD, SHUT_WR), EBADF);
  assert_fails(table->shutdown(table->userdata, new_socket(&it), SHUT_WR),
               ENOTCONN);
  case_open_one(&it);
  assert_fails(table->shutdown(table->userdata, it.fd, 3), EINVAL);
  assert_fails(table->shutdown(table->userdata, it.fd, -1), EINVAL);
  g_assert_cmpint(table->shutdown(table->userdata, it.fd, SHUT_WR), ==, 0);
  g_assert_cmpuint(case_leave(&it).flags, ==, FIN | ACK);
  assert_fails(table->write(table->userdata, it.fd, "x", 1), EPIPE);
  case_end(&it);
}

/* -- data -- */

static ssize_t message(Case *it, bool sends, struct iovec *parts, size_t count)
{
  struct msghdr message = { .msg_iov = parts, .msg_iovlen = count };

  return sends ? it->table.sendmsg(it->table.userdata, it->fd, &message, 0)
               : it->table.recvmsg(it->table.userdata, it->fd, &message, 0);
}

static void test_sending(void)
{
  Case it = case_new(NULL);
  PdTable *table = &it.table;
  struct iovec parts[] = { { (char[]){ "ab" }, 2 }, { (char[]){ "cd" }, 2 } };

  assert_fails(table->write(table->userdata, NO_FD, "x", 1), EBADF);
  assert_fails(table->write(table->userdata, new_socket(&it), "x", 1), EPIPE);
  assert_fails(table->write(table->userdata, it.listening, "x", 1), EPIPE);
  case_open_one(&it);
  g_assert_cmpint(table->write(table->userdata, it.fd, "x", 1), ==, 1);
  g_assert_cmpint(table->writev(table->userdata, it.fd, parts, 2), ==, 4);
  g_assert_cmpint(table->send(table->userdata, it.fd, "x", 1, MSG_DONTWAIT), ==,
                  1);
  g_assert_cmpint(table->sendto(table->userdata, it.fd, "x", 1, 0, NULL, 0), ==,
                  1);
  g_assert_cmpint(message(&it, true, parts, 2), ==, 4);
  g_assert_cmpint(table->write(table->userdata, it.fd, "x", 0), ==, 0);
  assert_fails(table->write(table->userdata, it.fd, NULL, 1), EFAULT);
  assert_fails(table->writev(table->userdata, it.fd, NULL, 1), EFAULT);
  assert_fails(table->writev(table->userdata, it.fd, parts, -1), EINVAL);
  assert_fails(table->sendmsg(table->userdata, it.fd, NULL, 0), EFAULT);
  assert_fails(message(&it, true, NULL, 1), EFAULT);
  assert_fails(message(&it, true, parts, 2000), EMSGSIZE);
  case_end(&it);
}

static void test_receiving(void)
{
  Case it = case_new(NULL);
  PdTable *table = &it.table;
  char bytes[10];
  struct iovec parts[] = { { bytes, 1 }, { bytes + 1, 1 } };
  struct sockaddr_in from;
  socklen_t size = sizeof from;

  assert_fails(table->read(table->userdata, NO_FD, bytes, 1), EBADF);
  assert_fails(table->read(table->userdata, it.listening, bytes, 1), ENOTCONN);
  case_open_one(&it);
  assert_fails(table->recv(table->userdata, it.fd, bytes, 1, MSG_DONTWAIT),
               EAGAIN);
  case_arrive(&it, ACK, NULL, 0, 8);
  g_assert_cmpint(table->read(table->userdata, it.fd, bytes, 1), ==, 1);
  g_assert_cmpint(table->readv(table->userdata, it.fd, parts, 2), ==, 2);
  g_assert_cmpint(table->recv(table->userdata, it.fd, bytes, 1, 0), ==, 1);
  g_assert_cmpint(table->recvfrom(table->userdata, it.fd, bytes, 1, 0,
                                  (struct sockaddr *)&from, &size),
                  ==, 1);
  g_assert_cmpint(message(&it, false, parts, 2), ==, 2);
  assert_fails(table->read(table->userdata, it.fd, NULL, 1), EFAULT);
  assert_fails(table->readv(table->userdata, it.fd, NULL, 1), EFAULT);
  assert_fails(table->readv(table->userdata, it.fd, parts, -1), EINVAL);
  assert_fails(table->recvmsg(table->userdata, it.fd, NULL, 0), EFAULT);
  assert_fails(message(&it, false, NULL, 1), EFAULT);
  assert_fails(message(&it, false, parts, 2000), EMSGSIZE);
  g_assert_cmpint(table->read(table->userdata, it.fd, bytes, 10), ==, 1);
  case_arrive(&it, ACK | FIN, NULL, 0, 0);
  g_assert_cmpint(table->read(table->userdata, it.fd, bytes, 1), ==, 0);
  case_end(&it);
}

/* -- options -- */

static void test_options(void)
{
  Case it = case_new(NULL);
  PdTable *table = &it.table;
  int number = 1, asked = 0;
  socklen_t size = sizeof asked;

  assert_fails(table->setsockopt(table->userdata, NO_FD, SOL_SOCKET,
                                 SO_KEEPALIVE, &number, sizeof number),
               EBADF);
  assert_fails(table->setsockopt(table->userdata, it.listening, SOL_SOCKET,
                                 SO_KEEPALIVE, NULL, sizeof number),
               EFAULT);
  assert_fails(table->setsockopt(table->userdata, it.listening, SOL_SOCKET,
                                 SO_KEEPALIVE, &number, 1),
               EINVAL);
  assert_fails(table->setsockopt(table->userdata, it.listening, SOL_SOCKET,
                                 SO_LINGER, &number, sizeof number),
               EINVAL);
  assert_fails(table->setsockopt(table->userdata, it.listening, IPPROTO_TCP,
                                 999, &number, sizeof number),
               ENOPROTOOPT);
  assert_fails(table->setsockopt(table->userdata, it.listening, IPPROTO_TCP,
                                 TCP_CONGESTION, "none", 4),
               ENOENT);
  g_assert_cmpint(table->setsockopt(table->userdata, it.listening, SOL_SOCKET,
                                    SO_KEEPALIVE, &number, sizeof number),
                  ==, 0);
  g_assert_cmpint(table->getsockopt(table->userdata, it.listening, SOL_SOCKET,
                                    SO_KEEPALIVE, &asked, &size),
                  ==, 0);
  g_assert_cmpint(asked, ==, 1);
  g_assert_cmpuint(size, ==, sizeof asked);
  size = 1;
  asked = -1;
  g_assert_cmpint(table->getsockopt(table->userdata, it.listening, SOL_SOCKET,
                                    SO_KEEPALIVE, &asked, &size),
                  ==, 0);
  g_assert_cmpuint(size, ==, 1);
  g_assert_cmphex((unsigned)asked, ==, 0xffffff01);
  assert_fails(table->getsockopt(table->userdata, NO_FD, SOL_SOCKET,
                                 SO_KEEPALIVE, &asked, &size),
               EBADF);
  assert_fails(table->getsockopt(table->userdata, it.listening, SOL_SOCKET,
                                 SO_KEEPALIVE, NULL, &size),
               EFAULT);
  assert_fails(table->getsockopt(table->userdata, it.listening, IPPROTO_TCP,
                                 999, &asked, &size),
               ENOPROTOOPT);
  case_end(&it);
}

static void test_fcntl(void)
{
  Case it = case_new(NULL);
  PdTable *table = &it.table;

  g_assert_cmpint(table->fcntl(table->userdata, it.listening, F_GETFL), ==,
                  O_RDWR);
  g_assert_cmpint(
      table->fcntl(table->userdata, it.listening, F_SETFD, FD_CLOEXEC), ==, 0);
  assert_fails(table->fcntl(table->userdata, NO_FD, F_GETFL), EBADF);
  assert_fails(table->fcntl(table->userdata, it.listening, 9999), EINVAL);
  case_end(&it);
}

static void test_ioctl(void)
{
  Case it = case_new(NULL);
  PdTable *table = &it.table;
  int number = -1;

  assert_fails(table->ioctl(table->userdata, it.listening, SIOCINQ, &number),
               EINVAL);
  assert_fails(table->ioctl(table->userdata, NO_FD, SIOCINQ, &number), EBADF);
  case_open_one(&it);
  case_arrive(&it, ACK, NULL, 0, 5);
  g_assert_cmpint(table->ioctl(table->userdata, it.fd, SIOCINQ, &number), ==,
                  0);
  g_assert_cmpint(number, ==, 5);
  table->write(table->userdata, it.fd, "abc", 3);
  g_assert_cmpint(table->ioctl(table->userdata, it.fd, SIOCOUTQ, &number), ==,
                  0);
  g_assert_cmpint(number, ==, 3);
  g_assert_cmpint(table->ioctl(table->userdata, it.fd, SIOCOUTQNSD, &number),
                  ==, 0);
  g_assert_cmpint(number, ==, 0);
  assert_fails(table->ioctl(table->userdata, it.fd, SIOCINQ, NULL), EFAULT);
  assert_fails(table->ioctl(table->userdata, it.fd, 0x1234ul, &number), ENOTTY);
  case_end(&it);
}

/* -- readiness -- */

static void test_poll(void)
{
  Case it = case_new(NULL);
  PdTable *table = &it.table;
  struct pollfd list[] = { { .fd = NO_FD, .events = POLLIN },
                           { .fd = -1, .events = POLLIN, .revents = 1 },
                           { .fd = it.listening, .events = POLLIN } };

  g_assert_cmpint(table->poll(table->userdata, list, 3, -1), ==, 1);
  g_assert_cmpint(list[0].revents, ==, POLLNVAL);
  g_assert_cmpint(list[1].revents, ==, 0);
  g_assert_cmpint(list[2].revents, ==, 0);
  g_assert_cmpint(table->poll(table->userdata, NULL, 0, 20), ==, 0);
  g_assert_cmpint(case_now_us(&it), ==, 20001);
  assert_fails(table->poll(table->userdata, NULL, 1, 0), EFAULT);
  case_handshake(&it);
  g_assert_cmpint(table->poll(table->userdata, list + 2, 1, 0), ==, 1);
  g_assert_cmpint(list[2].revents, ==, POLLIN);
  case_end(&it);
}

static void test_epoll(void)
{
  Case it = case_new(NULL);
  PdTable *table = &it.table;
  struct epoll_event event = { .events = EPOLLIN };
  int set = table->epoll_create(table->userdata, 1);

  g_assert_cmpint(set, >=, 0);
  assert_fails(table->epoll_create(table->userdata, 0), EINVAL);
  assert_fails(table->epoll_ctl(table->userdata, NO_FD, EPOLL_CTL_ADD,
                                it.listening, &event),
               EBADF);
  assert_fails(
      table->epoll_ctl(table->userdata, set, EPOLL_CTL_ADD, NO_FD, &event),
      EBADF);
  assert_fails(
      table->epoll_ctl(table->userdata, set, EPOLL_CTL_ADD, set, &event),
      EINVAL);
  assert_fails(table->epoll_ctl(table->userdata, it.listening, EPOLL_CTL_ADD,
                                set, &event),
               EINVAL);
  assert_fails(
      table->epoll_ctl(table->userdata, set, EPOLL_CTL_ADD, it.listening, NULL),
      EFAULT);
  assert_fails(table->epoll_ctl(table->userdata, set, 9, it.listening, &event),
               EINVAL);
  assert_fails(table->epoll_ctl(table->userdata, set, EPOLL_CTL_MOD,
                                it.listening, &event),
               ENOENT);
  g_assert_cmpint(table->epoll_ctl(table->userdata, set, EPOLL_CTL_ADD,
                                   it.listening, &event),
                  ==, 0);
  assert_fails(table->epoll_ctl(table->userdata, set, EPOLL_CTL_ADD,
                                it.listening, &event),
               EEXIST);
  assert_fails(table->epoll_wait(table->userdata, set, &event, 0, 0), EINVAL);
  assert_fails(table->epoll_wait(table->userdata, it.listening, &event, 1, 0),
               EINVAL);
  assert_fails(table->epoll_wait(table->userdata, NO_FD, &event, 1, 0), EBADF);
  g_assert_cmpint(table->epoll_wait(table->userdata, set, NULL, 1, 0), ==, 0);
  case_handshake(&it);
  assert_fails(table->epoll_wait(table->userdata, set, NULL, 1, 0), EFAULT);
  g_assert_cmpint(table->epoll_wait(table->userdata, set, &event, 1, -1), ==,
                  1);
  g_assert_cmpint(
      table->epoll_ctl(table->userdata, set, EPOLL_CTL_DEL, it.listening, NULL),
      ==, 0);
  g_assert_cmpint(table->epoll_wait(table->userdata, set, &event, 1, 0), ==, 0);
  case_end(&it);
}

/* A set forgets what is closed: its number is another's then. */
static void test_epoll_forgets(void)
{
  Case it = case_new(NULL);
  PdTable *table = &it.table;
  struct epoll_event event = { .events = EPOLLOUT };
  int set = table->epoll_create(table->userdata, 1), fd;

  case_open_one(&it);
  table->epoll_ctl(table->userdata, set, EPOLL_CTL_ADD, it.fd, &event);
  g_assert_cmpint(table->epoll_wait(table->userdata, set, &event, 1, 0), ==, 1);
  table->close(table->userdata, it.fd);
  fd = new_socket(&it);
  g_assert_cmpint(fd, ==, it.fd);
  g_assert_cmpint(table->epoll_wait(table->userdata, set, &event, 1, 0), ==, 0);
  case_end(&it);
}

/* A set is no socket. */
static void test_not_a_socket(void)
{
  Case it = case_new(NULL);
  PdTable *table = &it.table;
  int set = table->epoll_create(table->userdata, 1), number = 1;
  socklen_t size = sizeof number;
  char byte;

  assert_fails(bind_to(&it, set, 1, sizeof(struct sockaddr_in)), ENOTSOCK);
  assert_fails(table->listen(table->userdata, set, 1), ENOTSOCK);
  assert_fails(table->accept(table->userdata, set, NULL, NULL), ENOTSOCK);
  assert_fails(connect_to(&it, set, 1), ENOTSOCK);
  assert_fails(table->shutdown(table->userdata, set, SHUT_WR), ENOTSOCK);
  assert_fails(table->recv(table->userdata, set, &byte, 1, 0), ENOTSOCK);
  assert_fails(table->send(table->userdata, set, &byte, 1, 0), ENOTSOCK);
  assert_fails(table->getsockopt(table->userdata, set, SOL_SOCKET, SO_ERROR,
                                 &number, &size),
               ENOTSOCK);
  assert_fails(table->setsockopt(table->userdata, set, SOL_SOCKET, SO_KEEPALIVE,
                                 &number, sizeof number),
               ENOTSOCK);
  assert_fails(table->ioctl(table->userdata, set, SIOCINQ, &number), EINVAL);
  g_assert_cmpint(table->close(table->userdata, set), ==, 0);
  case_end(&it);
}

/* -- the wire and the clock -- */

static void test_netdev_send(void)
{
  Case it = case_new(NULL);
  PdTable *table = &it.table;
  static const uint8_t version_5[40] = { 0x50 }, short_6[20] = { 0x60 };
  static uint8_t large[70000] = { 0x45 };

  assert_fails(table->netdev_send(table->userdata, NULL, 0), EINVAL);
  assert_fails(table->netdev_send(table->userdata, "", 1), EINVAL);
  assert_fails(table->netdev_send(table->userdata, version_5, 40), EINVAL);
  assert_fails(table->netdev_send(table->userdata, short_6, 20), EINVAL);
  assert_fails(table->netdev_send(table->userdata, large, sizeof large),
               EINVAL);
  /* of IP, but of nothing else: it arrives, and is dropped there */
  large[8] = 0;
  g_assert_cmpint(table->netdev_send(table->userdata, large, 20), ==, 0);
  g_assert_cmpint(table->netdev_send(table->userdata, large, 60000), ==, 0);
  g_assert_cmpuint(case_leave(&it).flags, ==, 0);
  case_end(&it);
}

/* A datagram is cut to the room that there is. */
static void test_netdev_receive(void)
{
  Case it = case_new(NULL);
  uint8_t bytes[60];
  size_t size = 30;
  long long time_us = -1;

  memset(bytes, 0xee, sizeof bytes);
  case_arrive(&it, SYN, NULL, 0, 0);
  g_assert_cmpint(
      it.table.netdev_receive(it.table.userdata, bytes, &size, &time_us), ==,
      0);
  g_assert_cmpuint(size, ==, 30);
  g_assert_cmpint(time_us, ==, 0);
  g_assert_cmphex(bytes[0], ==, 0x45);
  g_assert_cmphex(bytes[30], ==, 0xee);
  case_end(&it);
}

static void test_clock(void)
{
  Case it = case_new(NULL);
  PdTable *table = &it.table;
  struct timeval now;

  g_assert_cmpint(table->usleep(table->userdata, 0), ==, 0);
  g_assert_cmpint(table->gettimeofday(table->userdata, &now, NULL), ==, 0);
  g_assert_cmpint(now.tv_usec, ==, 1);
  g_assert_cmpint(table->usleep(table->userdata, 2500000), ==, 0);
  g_assert_cmpint(table->gettimeofday(table->userdata, &now, NULL), ==, 0);
  g_assert_cmpint(now.tv_sec, ==, 2);
  g_assert_cmpint(now.tv_usec, ==, 500002);
  case_end(&it);
}

static void test_not_simulated(void)
{
  Case it = case_new(NULL);
  int ends[2];

  assert_fails(it.table.pipe(it.table.userdata, ends), ENOSYS);
  assert_fails(it.table.splice(it.table.userdata, 0, NULL, 1, NULL, 1, 0),
               ENOSYS);
  case_end(&it);
}

/* One world after another, and sockets that nobody closes. */
static void test_free(void)
{
  for (unsigned i = 0; i < 3; i++) {
    Case it = case_new(NULL);

    case_open_one(&it);
    it.table.write(it.table.userdata, it.fd, "left behind", 11);
    it.table.epoll_create(it.table.userdata, 1);
    case_end(&it);
  }
}

int main(int argc, char **argv)
{
  static const struct {
    const char *name;
    void (*test)(void);
  } tests[] = {
    { "/calls/every-call-is-there", test_every_call_is_there },
    { "/calls/socket", test_socket },
    { "/calls/bind", test_bind },
    { "/calls/listen", test_listen },
    { "/calls/accept", test_accept },
    { "/calls/connect", test_connect },
    { "/calls/close", test_close },
    { "/calls/shutdown", test_shutdown },
    { "/calls/sending", test_sending },
    { "/calls/receiving", test_receiving },
    { "/calls/options", test_options },
    { "/calls/fcntl", test_fcntl },
    { "/calls/ioctl", test_ioctl },
    { "/calls/poll", test_poll },
    { "/calls/epoll", test_epoll },
    { "/calls/epoll-forgets", test_epoll_forgets },
    { "/calls/not-a-socket", test_not_a_socket },
    { "/calls/netdev-send", test_netdev_send },
    { "/calls/netdev-receive", test_netdev_receive },
    { "/calls/clock", test_clock },
    { "/calls/not-simulated", test_not_simulated },
    { "/calls/free", test_free },
  };

  g_test_init(&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS(tests); i++)
    g_test_add_func(tests[i].name, tests[i].test);
  return g_test_run();
}
