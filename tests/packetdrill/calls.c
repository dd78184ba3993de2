/* The calls of the table that open, move data and end, with arguments that are
 * right and wrong: what each answers, as the system call of its name does (its
 * manual page). */
#include "case.h"

#include <fcntl.h>
#include <string.h>

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
  int fd = case_socket(&it);

  assert_fails(case_bind(&it, CASE_NO_FD, 1, sizeof(struct sockaddr_in)),
               EBADF);
  assert_fails(case_bind(&it, -1, 1, sizeof(struct sockaddr_in)), EBADF);
  assert_fails(case_bind(&it, fd, 1, 4), EINVAL);
  assert_fails(it.table.bind(it.table.userdata, fd, NULL, 16), EFAULT);
  g_assert_cmpint(case_bind(&it, fd, 1, sizeof(struct sockaddr_in)), ==, 0);
  assert_fails(case_bind(&it, fd, 2, sizeof(struct sockaddr_in)), EINVAL);
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
  int second = case_socket(&it);

  g_assert_cmpint(table->listen(table->userdata, it.listening, 5), ==, 0);
  assert_fails(table->listen(table->userdata, CASE_NO_FD, 1), EBADF);
  g_assert_cmpint(case_bind(&it, second, CASE_PORT, sizeof(struct sockaddr_in)),
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

  assert_fails(table->accept(table->userdata, CASE_NO_FD, NULL, NULL), EBADF);
  assert_fails(table->accept(table->userdata, case_socket(&it), NULL, NULL),
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
  struct sockaddr_in address = case_address(80, false);
  int fd = case_socket(&it);

  assert_fails(case_connect(&it, CASE_NO_FD, 80), EBADF);
  assert_fails(table->connect(table->userdata, fd, NULL, 16), EFAULT);
  assert_fails(
      table->connect(table->userdata, fd, (struct sockaddr *)&address, 3),
      EINVAL);
  assert_fails(case_connect(&it, it.listening, 80), EISCONN);
  g_assert_cmpint(table->fcntl(table->userdata, fd, F_SETFL, O_NONBLOCK), ==,
                  0);
  assert_fails(case_connect(&it, fd, 80), EINPROGRESS);
  assert_fails(case_connect(&it, fd, 80), EALREADY);
  g_assert_cmpuint(case_leave(&it).flags, ==, SYN);
  case_open_one(&it);
  assert_fails(case_connect(&it, it.fd, 80), EISCONN);
  case_end(&it);
}

static void test_close(void)
{
  Case it = case_new(NULL);
  PdTable *table = &it.table;
  int fd = case_socket(&it);

  g_assert_cmpint(table->close(table->userdata, fd), ==, 0);
  assert_fails(table->close(table->userdata, fd), EBADF);
  assert_fails(table->close(table->userdata, CASE_NO_FD), EBADF);
  assert_fails(table->close(table->userdata, -1), EBADF);
  case_end(&it);
}

static void test_shutdown(void)
{
  Case it = case_new(NULL);
  PdTable *table = &it.table;

  assert_fails(table->shutdown(table->userdata, CASE_NO_FD, SHUT_WR), EBADF);
  assert_fails(table->shutdown(table->userdata, case_socket(&it), SHUT_WR),
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

  assert_fails(table->write(table->userdata, CASE_NO_FD, "x", 1), EBADF);
  assert_fails(table->write(table->userdata, case_socket(&it), "x", 1), EPIPE);
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

  assert_fails(table->read(table->userdata, CASE_NO_FD, bytes, 1), EBADF);
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
  };

  g_test_init(&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS(tests); i++)
    g_test_add_func(tests[i].name, tests[i].test);
  return g_test_run();
}
