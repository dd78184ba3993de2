/* A tiny driver of the table of calls that packetdrill uses: conversations, in
 * the same two threads. */
#include "case.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

/* -- tests -- */

static void test_conversation(void)
{
  Case it = case_new(NULL);
  PdTable *table = &it.table;
  char bytes[100];
  Seen seen;

  case_open_one(&it);
  g_assert_cmpint(table->write(table->userdata, it.fd, "goodbye", 7), ==, 7);
  seen = case_leave(&it);
  g_assert_cmpuint(seen.flags, ==, PSH | ACK);
  g_assert_cmpuint(seen.length, ==, 7);
  g_assert_cmpint(seen.time_us, ==, 10000);
  case_arrive(&it, ACK | PSH, NULL, 0, 5);
  g_assert_cmpint(table->read(table->userdata, it.fd, bytes, 100), ==, 5);
  g_assert_true(memcmp(bytes, "xxxxx", 5) == 0);
  g_assert_cmpint(table->close(table->userdata, it.fd), ==, 0);
  seen = case_leave(&it);
  if (seen.flags == ACK)
    seen = case_leave(&it);
  g_assert_cmpuint(seen.flags, ==, FIN | ACK);
  case_end(&it);
}

/* The retransmission comes when virtual time has gone as far: 200 ms is Linux's
 * least time-out (RTT 10 ms). */
static void test_receiving_passes_time(void)
{
  Case it = case_new("profile=linux");
  Seen first, second;

  case_open_one(&it);
  it.table.write(it.table.userdata, it.fd, "x", 1);
  first = case_leave(&it);
  do
    second = case_leave(&it);
  while (second.time_us - first.time_us < 100000);
  g_assert_cmpuint(second.seq, ==, first.seq);
  g_assert_cmpint(second.time_us - first.time_us, <=, 400000);
  case_end(&it);
}

typedef struct Blocked {
  Case *it;
  int fd;
  ssize_t result;
  int error;
  long long time_us;
} Blocked;

static void *accept_there(void *user)
{
  Blocked *there = user;
  PdTable *table = &there->it->table;

  there->result =
      table->accept(table->userdata, there->it->listening, NULL, NULL);
  there->time_us = case_now_us(there->it);
  return NULL;
}

/* It returns at the instant of the last segment of the handshake, although the
 * other thread goes straight on to a second later. */
static void test_a_blocked_call_returns_in_time(void)
{
  Case it = case_new(NULL);
  Blocked there = { .it = &it };
  pthread_t thread;

  pthread_create(&thread, NULL, accept_there, &there);
  g_usleep(50000); /* until it blocks */
  case_pass(&it, 250000);
  case_handshake(&it);
  case_pass(&it, 1000000);
  pthread_join(thread, NULL);
  g_assert_cmpint(there.result, >=, 0);
  g_assert_cmpint(there.time_us, ==, 260000);
  case_end(&it);
}

typedef struct Noted {
  Blocked there;
  GMutex lock; /* packetdrill's: who plays the script lets go to sleep */
  bool noted;
} Noted;

static void *accept_and_note(void *user)
{
  Noted *it = user;

  accept_there(&it->there);
  g_mutex_lock(&it->lock);
  it->noted = true;
  g_mutex_unlock(&it->lock);
  return NULL;
}

/* The thread of a call that has returned gets its turn while the other one
 * sleeps, although no real time passes in that. */
static void test_a_return_is_noted(void)
{
  Case it = case_new(NULL);
  Noted noted = { .there = { .it = &it } };
  pthread_t thread;

  g_mutex_init(&noted.lock);
  g_mutex_lock(&noted.lock);
  pthread_create(&thread, NULL, accept_and_note, &noted);
  g_usleep(50000); /* until it blocks */
  case_handshake(&it);
  g_mutex_unlock(&noted.lock);
  case_pass(&it, 5000);
  g_mutex_lock(&noted.lock);
  g_assert_true(noted.noted);
  g_mutex_unlock(&noted.lock);
  pthread_join(thread, NULL);
  g_mutex_clear(&noted.lock);
  case_end(&it);
}

static void *read_there(void *user)
{
  Blocked *there = user;
  PdTable *table = &there->it->table;
  char byte;

  there->result = table->read(table->userdata, there->fd, &byte, 1);
  there->error = errno;
  there->time_us = case_now_us(there->it);
  return NULL;
}

/* If nobody else makes time go on, the call that waits does. */
static void test_a_timeout_without_anybody(void)
{
  Case it = case_new(NULL);
  Blocked there = { .it = &it };
  struct timeval span = { .tv_usec = 300000 };
  pthread_t thread;

  case_open_one(&it);
  there.fd = it.fd;
  g_assert_cmpint(it.table.setsockopt(it.table.userdata, it.fd, SOL_SOCKET,
                                      SO_RCVTIMEO, &span, sizeof span),
                  ==, 0);
  pthread_create(&thread, NULL, read_there, &there);
  pthread_join(thread, NULL);
  g_assert_cmpint(there.result, ==, -1);
  g_assert_cmpint(there.error, ==, EAGAIN);
  g_assert_cmpint(there.time_us, ==, 310001);
  case_end(&it);
}

static const uint8_t timestamps[] = { 2, 4, 5, 180, 1, 1, 8, 10,
                                      0, 0, 0, 1,   0, 0, 0, 0 };

static void test_sysctl(void)
{
  for (int off = 0; off < 2; off++) {
    Case it =
        case_after(NULL, off ? "sysctl -q net.ipv4.tcp_timestamps=0" : NULL);

    case_arrive(&it, SYN, timestamps, sizeof timestamps, 0);
    g_assert_cmpuint(case_leave(&it).options, ==, off ? 4 : 16);
    case_end(&it);
  }
}

static void test_mtu_of_the_flags(void)
{
  Case it = case_new("profile=freebsd,mtu=600");
  char bytes[1000] = { 0 };

  case_open_one(&it);
  it.table.write(it.table.userdata, it.fd, bytes, sizeof bytes);
  g_assert_cmpuint(case_leave(&it).length, ==, 536);
  case_end(&it);
}

/* By getsockopt(2), as packetdrill asks for it. */
static void test_tcp_info_is_laid_out(void)
{
  Case it = case_new(NULL);
  struct tcp_info info;
  socklen_t size = sizeof info;

  case_open_one(&it);
  case_arrive(&it, ACK | PSH, NULL, 0, 5);
  g_assert_cmpint(getsockopt(it.fd, IPPROTO_TCP, TCP_INFO, &info, &size), ==,
                  0);
  g_assert_cmpuint(size, ==, sizeof info);
  g_assert_cmpuint(info.tcpi_state, ==, 1);
  g_assert_cmpuint(info.tcpi_snd_cwnd, ==, 10);
  g_assert_cmpuint(info.tcpi_snd_mss, ==, 536);
  g_assert_cmpuint(info.tcpi_rtt, ==, 10000);
  g_assert_cmpuint(info.tcpi_bytes_received, ==, 5);
  g_assert_cmpuint(info.tcpi_snd_wnd, ==, 30000);
  case_end(&it);
}

static void test_ready(void)
{
  Case it = case_new(NULL);
  PdTable *table = &it.table;
  struct epoll_event wanted = { .events = EPOLLIN | EPOLLET }, found;
  struct pollfd entry = { .events = POLLIN };
  int set = table->epoll_create(table->userdata, 1);

  case_open_one(&it);
  entry.fd = it.fd;
  wanted.data.fd = it.fd;
  g_assert_cmpint(
      table->epoll_ctl(table->userdata, set, EPOLL_CTL_ADD, it.fd, &wanted), ==,
      0);
  g_assert_cmpint(table->poll(table->userdata, &entry, 1, 0), ==, 0);
  g_assert_cmpint(table->epoll_wait(table->userdata, set, &found, 1, 0), ==, 0);
  case_arrive(&it, ACK, NULL, 0, 5);
  g_assert_cmpint(table->poll(table->userdata, &entry, 1, 0), ==, 1);
  g_assert_cmpint(entry.revents, ==, POLLIN);
  g_assert_cmpint(table->epoll_wait(table->userdata, set, &found, 1, 0), ==, 1);
  g_assert_cmpint(found.data.fd, ==, it.fd);
  g_assert_cmpint(table->epoll_wait(table->userdata, set, &found, 1, 0), ==, 0);
  case_end(&it);
}

/* What is left, by TCP_INQ; the end counts as a byte once all is read. */
static int left_after(Case *it, size_t size)
{
  char bytes[100];
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr head;
  } control;
  struct iovec part = { bytes, size };
  struct msghdr message = { .msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = control.bytes,
                            .msg_controllen = sizeof control.bytes };
  int left;

  g_assert_cmpint(it->table.recvmsg(it->table.userdata, it->fd, &message, 0),
                  ==, (ssize_t)size);
  g_assert_cmpint(control.head.cmsg_level, ==, IPPROTO_TCP);
  g_assert_cmpint(control.head.cmsg_type, ==, TCP_CM_INQ);
  memcpy(&left, CMSG_DATA(&control.head), sizeof left);
  return left;
}

static void test_inq(void)
{
  Case it = case_new(NULL);
  int on = 1;

  case_open_one(&it);
  g_assert_cmpint(it.table.setsockopt(it.table.userdata, it.fd, IPPROTO_TCP,
                                      TCP_INQ, &on, sizeof on),
                  ==, 0);
  case_arrive(&it, ACK, NULL, 0, 15);
  g_assert_cmpint(left_after(&it, 10), ==, 5);
  case_arrive(&it, ACK | FIN, NULL, 0, 0);
  g_assert_cmpint(left_after(&it, 5), ==, 1);
  case_end(&it);
}

/* A device that takes segmentation gives two segments of 536 at a time, as
 * Linux sends at a low rate, with PSH; one without gives each. */
static void test_aggregates(void)
{
  static const struct {
    const char *flags;
    unsigned lengths[4], flags_seen[4];
  } table[] = {
    { "profile=linux",
      { 1072, 1072, 536, 0 },
      { PSH | ACK, PSH | ACK, PSH | ACK, 0 } },
    { "offload=none", { 536, 536, 536, 536 }, { ACK, ACK, ACK, ACK } },
    { "profile=freebsd", { 536, 536, 536, 536 }, { ACK, ACK, ACK, ACK } },
    { "profile=freebsd,offload=tso",
      { 1072, 1072, 536, 0 },
      { PSH | ACK, PSH | ACK, PSH | ACK, 0 } },
  };
  static const char bytes[5 * 536];

  for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
    Case it = case_new(table[i].flags);

    case_open_one(&it);
    it.table.write(it.table.userdata, it.fd, bytes, sizeof bytes);
    for (unsigned j = 0; j < 4 && table[i].lengths[j] > 0; j++) {
      Seen seen = case_leave(&it);

      g_assert_cmpuint(seen.length, ==, table[i].lengths[j]);
      g_assert_cmpuint(seen.flags, ==, table[i].flags_seen[j]);
    }
    case_end(&it);
  }
}

/* Nothing goes beyond a record's end; as many segments as the setting says, but
 * half of CWND at most. */
static void test_aggregates_end(void)
{
  static const unsigned lengths[] = { 536, 1072, 536 };
  static const char bytes[10 * 536];
  Case it = case_new(NULL);

  case_open_one(&it);
  it.table.send(it.table.userdata, it.fd, bytes, 536, MSG_EOR);
  it.table.write(it.table.userdata, it.fd, bytes, 3 * 536);
  for (unsigned i = 0; i < G_N_ELEMENTS(lengths); i++)
    g_assert_cmpuint(case_leave(&it).length, ==, lengths[i]);
  case_end(&it);
  it = case_after(NULL, "sysctl -q net.ipv4.tcp_min_tso_segs=8");
  case_open_one(&it);
  it.table.write(it.table.userdata, it.fd, bytes, sizeof bytes);
  g_assert_cmpuint(case_leave(&it).length, ==, 5 * 536);
  g_assert_cmpuint(case_leave(&it).length, ==, 5 * 536);
  case_end(&it);
}

static void test_bad_flags(void)
{
  if (g_test_subprocess()) {
    case_new("profile=solaris");
    return;
  }
  g_test_trap_subprocess(NULL, 0, 0);
  g_test_trap_assert_failed();
  g_test_trap_assert_stderr("*'profile=solaris' in --so_flags; it takes*");
}

static void test_nothing_will_come(void)
{
  Case it = case_new(NULL);

  g_assert_cmpuint(case_leave(&it).flags, ==, 0);
  case_end(&it);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/table/conversation", test_conversation);
  g_test_add_func("/table/receiving-passes-time", test_receiving_passes_time);
  g_test_add_func("/table/a-blocked-call-returns-in-time",
                  test_a_blocked_call_returns_in_time);
  g_test_add_func("/table/a-return-is-noted", test_a_return_is_noted);
  g_test_add_func("/table/a-timeout-without-anybody",
                  test_a_timeout_without_anybody);
  g_test_add_func("/table/sysctl", test_sysctl);
  g_test_add_func("/table/mtu-of-the-flags", test_mtu_of_the_flags);
  g_test_add_func("/table/tcp-info-is-laid-out", test_tcp_info_is_laid_out);
  g_test_add_func("/table/ready", test_ready);
  g_test_add_func("/table/inq", test_inq);
  g_test_add_func("/table/aggregates", test_aggregates);
  g_test_add_func("/table/aggregates-end", test_aggregates_end);
  g_test_add_func("/table/bad-flags", test_bad_flags);
  g_test_add_func("/table/nothing-will-come", test_nothing_will_come);
  return g_test_run();
}
