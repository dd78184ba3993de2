/* The other calls of the table, likewise: options, readiness, the wire, the
 * clock. */
#include "case.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <string.h>

/* -- options -- */

static void test_options(void)
{
  Case it = case_new(NULL);
  PdTable *table = &it.table;
  int number = 1, asked = 0;
  socklen_t size = sizeof asked;

  assert_fails(table->setsockopt(table->userdata, CASE_NO_FD, SOL_SOCKET,
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
  assert_fails(table->getsockopt(table->userdata, CASE_NO_FD, SOL_SOCKET,
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
  assert_fails(table->fcntl(table->userdata, CASE_NO_FD, F_GETFL), EBADF);
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
  assert_fails(table->ioctl(table->userdata, CASE_NO_FD, SIOCINQ, &number),
               EBADF);
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
  struct pollfd list[] = { { .fd = CASE_NO_FD, .events = POLLIN },
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
  assert_fails(table->epoll_ctl(table->userdata, CASE_NO_FD, EPOLL_CTL_ADD,
                                it.listening, &event),
               EBADF);
  assert_fails(
      table->epoll_ctl(table->userdata, set, EPOLL_CTL_ADD, CASE_NO_FD, &event),
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
  assert_fails(table->epoll_wait(table->userdata, CASE_NO_FD, &event, 1, 0),
               EBADF);
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
  fd = case_socket(&it);
  g_assert_cmpint(fd, ==, it.fd);
  g_assert_cmpint(table->epoll_wait(table->userdata, set, &event, 1, 0), ==, 0);
  case_end(&it);
}

/* By edge: each arrival is one, what is left unread is none; a byte is enough
 * for an option of IP. */
static void test_edges(void)
{
  Case it = case_new(NULL);
  PdTable *table = &it.table;
  struct epoll_event event = { .events = EPOLLIN | EPOLLET };
  int set = table->epoll_create(table->userdata, 1), asked = 0;
  socklen_t size = sizeof asked;
  char byte = 0x13;

  case_open_one(&it);
  table->epoll_ctl(table->userdata, set, EPOLL_CTL_ADD, it.fd, &event);
  g_assert_cmpint(table->epoll_wait(table->userdata, set, &event, 1, 0), ==, 0);
  for (unsigned i = 0; i < 2; i++) {
    case_arrive(&it, ACK, NULL, 0, 5);
    g_assert_cmpint(table->epoll_wait(table->userdata, set, &event, 1, 0), ==,
                    1);
    g_assert_cmpint(table->epoll_wait(table->userdata, set, &event, 1, 0), ==,
                    0);
  }
  g_assert_cmpint(
      table->setsockopt(table->userdata, it.fd, IPPROTO_IP, IP_TOS, &byte, 1),
      ==, 0);
  g_assert_cmpint(table->getsockopt(table->userdata, it.fd, IPPROTO_IP, IP_TOS,
                                    &asked, &size),
                  ==, 0);
  g_assert_cmphex((unsigned)asked, ==, 0x10);
  asked = -1;
  g_assert_cmpint(table->getsockopt(table->userdata, it.fd, IPPROTO_TCP,
                                    TCP_NOTSENT_LOWAT, &asked, &size),
                  ==, 0);
  g_assert_cmpint(asked, ==, 0);
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

  assert_fails(case_bind(&it, set, 1, sizeof(struct sockaddr_in)), ENOTSOCK);
  assert_fails(table->listen(table->userdata, set, 1), ENOTSOCK);
  assert_fails(table->accept(table->userdata, set, NULL, NULL), ENOTSOCK);
  assert_fails(case_connect(&it, set, 1), ENOTSOCK);
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
    { "/calls/options", test_options },
    { "/calls/fcntl", test_fcntl },
    { "/calls/ioctl", test_ioctl },
    { "/calls/poll", test_poll },
    { "/calls/epoll", test_epoll },
    { "/calls/epoll-forgets", test_epoll_forgets },
    { "/calls/edges", test_edges },
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
