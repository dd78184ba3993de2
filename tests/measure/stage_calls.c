/* What the application calls and asks in a dialogue. Invariant: a call that
 * would wait is not made but for close(), which has a thread of its own. */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stage.h"

typedef union {
  struct sockaddr any;
  struct sockaddr_in in;
  struct sockaddr_in6 in6;
} Address;

static socklen_t address_of(const Stage *stage, gboolean peer, Address *ret)
{
  static const struct in6_addr kernel6 = LAB_KERNEL6, peer6 = LAB_PEER6;
  uint16_t port = htons(peer ? stage->peer_port : STAGE_KERNEL_PORT);

  memset(ret, 0, sizeof *ret);
  if (stage->lab.ipv6) {
    ret->in6.sin6_family = AF_INET6;
    ret->in6.sin6_port = port;
    ret->in6.sin6_addr = peer ? peer6 : kernel6;
    return sizeof ret->in6;
  }
  ret->in.sin_family = AF_INET;
  ret->in.sin_port = port;
  ret->in.sin_addr.s_addr = htonl(peer ? LAB_PEER : LAB_KERNEL);
  return sizeof ret->in;
}

/* A new socket, bound; what is set before connect() or listen() is set of it.
 * The machine's own congestion control may be another than Linux's default. */
static void need_socket(Stage *stage)
{
  Address address;
  socklen_t length = address_of(stage, FALSE, &address);

  if (stage->fd >= 0)
    return;
  stage->fd = socket(stage->lab.ipv6 ? AF_INET6 : AF_INET,
                     SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  setsockopt(stage->fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
  setsockopt(stage->fd, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5);
  if (bind(stage->fd, &address.any, length) != 0)
    stage_fail(stage, "bind: %s", strerrorname_np(errno));
}

/* `want` is the name of an error, or empty for none. */
static void check(Stage *stage, const char *call, gboolean ok, const char *want)
{
  const char *got = ok ? "" : strerrorname_np(errno);

  if (strcmp(got, want) != 0)
    stage_fail(stage, "%s answered %s, not %s", call, *got ? got : "OK",
               *want ? want : "OK");
}

static void number_is(Stage *stage, const char *what, gint64 got, gint64 want)
{
  if (got != want)
    stage_fail(stage, "%s is %" G_GINT64_FORMAT ", not %" G_GINT64_FORMAT, what,
               got, want);
}

/* -- opening and closing -- */

static void call_connect(Stage *stage, const char *rest)
{
  Address peer;
  socklen_t length = address_of(stage, TRUE, &peer);
  gboolean ok;

  need_socket(stage);
  ok = connect(stage->fd, &peer.any, length) == 0 || errno == EINPROGRESS;
  check(stage, "connect", ok, rest);
}

static void call_listen(Stage *stage, const char *rest)
{
  need_socket(stage);
  listen(stage->fd, *rest ? atoi(rest) : 8);
  stage->listener = stage->fd;
  stage->fd = -1;
}

static void call_accept(Stage *stage, const char *rest)
{
  stage->fd =
      accept4(stage->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  check(stage, "accept", stage->fd >= 0, rest);
}

static void call_unlisten(Stage *stage, const char *rest)
{
  (void)rest;
  close(stage->listener);
  stage->listener = -1;
}

static void call_shutdown(Stage *stage, const char *rest)
{
  int how = strcmp(rest, "read") == 0   ? SHUT_RD
            : strcmp(rest, "both") == 0 ? SHUT_RDWR
                                        : SHUT_WR;

  check(stage, "shutdown", shutdown(stage->fd, how) == 0, "");
}

typedef struct StageClosing {
  pthread_t thread;
  int fd;
  gint returned; /* atomic */
} StageClosing;

static void *close_it(void *data)
{
  StageClosing *closing = data;

  close(closing->fd);
  g_atomic_int_set(&closing->returned, 1);
  return NULL;
}

/* It has a few ms to show whether it waits. */
static void call_close(Stage *stage, const char *rest)
{
  (void)rest;
  stage->closing = g_new0(StageClosing, 1);
  stage->closing->fd = stage->fd;
  stage->fd = -1;
  pthread_create(&stage->closing->thread, NULL, close_it, stage->closing);
  for (int i = 0; i < 5 && !g_atomic_int_get(&stage->closing->returned); i++)
    lab_wait(&stage->lab, 1);
}

static void call_returned(Stage *stage, const char *rest)
{
  gboolean want = strcmp(rest, "no") != 0;

  g_usleep((gulong)stage_late(0) / 2);
  number_is(stage, "close() has returned",
            g_atomic_int_get(&stage->closing->returned), want);
}

void stage_call_end(Stage *stage)
{
  if (stage->fd >= 0)
    close(stage->fd);
  if (stage->listener >= 0)
    close(stage->listener);
  if (stage->closing && g_atomic_int_get(&stage->closing->returned))
    pthread_join(stage->closing->thread, NULL);
}

/* -- text -- */

static void send_some(Stage *stage, const char *rest, int flags)
{
  static const char bytes[1 << 17];
  char *end;
  long want = strtol(rest, &end, 10);
  ssize_t sent = send(stage->fd, bytes, (size_t)want, flags | MSG_NOSIGNAL);

  end += strspn(end, " ");
  check(stage, "send", sent >= 0, end);
  if (sent >= 0)
    number_is(stage, "bytes taken", sent, want);
}

static void call_send(Stage *stage, const char *rest)
{
  send_some(stage, rest, 0);
}

static void call_more(Stage *stage, const char *rest)
{
  send_some(stage, rest, MSG_MORE);
}

/* 0 bytes are the end. */
static void call_read(Stage *stage, const char *rest)
{
  char *bytes, *end;
  long want = strtol(rest, &end, 10);
  ssize_t got;

  end += strspn(end, " ");
  bytes = g_malloc((gsize)MAX(want, 1));
  got = recv(stage->fd, bytes, (size_t)MAX(want, 1), 0);
  check(stage, "recv", got >= 0, end);
  if (got >= 0)
    number_is(stage, "bytes read", got, want);
  g_free(bytes);
}

/* -- options -- */

static const struct {
  const char *name;
  int level, option;
} options[] = {
#define TCP(name)            \
  {                          \
#name, IPPROTO_TCP, name \
  }
#define SOCKET(name)        \
  {                         \
#name, SOL_SOCKET, name \
  }
  SOCKET(SO_RCVBUF),
  SOCKET(SO_SNDBUF),
  SOCKET(SO_KEEPALIVE),
  SOCKET(SO_REUSEADDR),
  TCP(TCP_KEEPIDLE),
  TCP(TCP_KEEPINTVL),
  TCP(TCP_KEEPCNT),
  TCP(TCP_USER_TIMEOUT),
  TCP(TCP_LINGER2),
  TCP(TCP_NODELAY),
  TCP(TCP_CORK),
  TCP(TCP_MAXSEG),
  TCP(TCP_SYNCNT),
  TCP(TCP_DEFER_ACCEPT),
  TCP(TCP_QUICKACK),
#undef TCP
#undef SOCKET
  { "TCP_NOTSENT_LOWAT", IPPROTO_TCP, 25 },
};

/* Of the connection, of the listener if there is none, or of a socket to be. */
static void call_set(Stage *stage, const char *rest)
{
  char name[40];
  int value, fd;

  if (stage->fd < 0 && stage->listener < 0)
    need_socket(stage);
  fd = stage->fd >= 0 ? stage->fd : stage->listener;
  if (sscanf(rest, "%39s %d", name, &value) != 2) {
    stage_fail(stage, "set NAME VALUE");
    return;
  }
  if (strcmp(name, "SO_LINGER") == 0) {
    struct linger linger = { 1, value };

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    return;
  }
  for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
    if (strcmp(options[i].name, name) == 0) {
      check(stage, name,
            setsockopt(fd, options[i].level, options[i].option, &value,
                       sizeof value) == 0,
            "");
      return;
    }
  stage_fail(stage, "there is no option %s", name);
}

static gboolean ask(const Stage *stage, const char *name, int *ret)
{
  socklen_t length = sizeof *ret;
  int fd = stage->fd;

  if (strcmp(name, "SIOCINQ") == 0)
    return ioctl(fd, SIOCINQ, ret) == 0;
  if (strcmp(name, "SIOCOUTQ") == 0)
    return ioctl(fd, SIOCOUTQ, ret) == 0;
  if (strcmp(name, "SIOCOUTQNSD") == 0)
    return ioctl(fd, SIOCOUTQNSD, ret) == 0;
  for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
    if (strcmp(options[i].name, name) == 0)
      return getsockopt(fd, options[i].level, options[i].option, ret,
                        &length) == 0;
  return FALSE;
}

static void call_get(Stage *stage, const char *rest)
{
  char name[40];
  int want, got;

  if (sscanf(rest, "%39s %d", name, &want) != 2 || !ask(stage, name, &got))
    stage_fail(stage, "%s cannot be asked: %s", rest, strerrorname_np(errno));
  else
    number_is(stage, name, got, want);
}

static void call_error(Stage *stage, const char *rest)
{
  int error = 0;
  socklen_t length = sizeof error;

  getsockopt(stage->fd, SOL_SOCKET, SO_ERROR, &error, &length);
  errno = error;
  check(stage, "SO_ERROR", error == 0, strcmp(rest, "OK") == 0 ? "" : rest);
}

/* Fields that are times: us, and ms. */
static gint64 info_late(const char *name, gint64 want)
{
  static const char *const us[] = {
    "rto",     "ato",       "rtt",          "rttvar",         "min_rtt",
    "rcv_rtt", "busy_time", "rwnd_limited", "sndbuf_limited", NULL
  };

  if (g_strv_contains(us, name))
    return stage_late(want);
  return g_str_has_prefix(name, "last_") ? stage_late(want * 1000) / 1000 : 0;
}

static void info_is(Stage *stage, const char *name, gint64 want)
{
  gint64 got = 0, late = info_late(name, want);
  gint64 early = late ? MIN(late, STAGE_EARLY_US) : 0;

  if (!stage_info(stage->fd, name, &got))
    stage_fail(stage, "TCP_INFO has no %s", name);
  else if (got < want - early || got > want + late)
    number_is(stage, name, got, want);
}

/* "unacked=1 lost=0" */
static void call_info(Stage *stage, const char *rest)
{
  g_auto(GStrv) parts = g_strsplit(rest, " ", -1);

  for (char **part = parts; *part; part++) {
    char *value = strchr(*part, '=');

    if (!value) {
      stage_fail(stage, "info NAME=VALUE");
      return;
    }
    *value = '\0';
    info_is(stage, *part, g_ascii_strtoll(value + 1, NULL, 10));
  }
}

/* -- the rest -- */

static void call_state(Stage *stage, const char *rest)
{
  static const char *const names[] = {
    [TCP_ESTABLISHED] = "ESTABLISHED",
    [TCP_SYN_SENT] = "SYN-SENT",
    [TCP_SYN_RECV] = "SYN-RECEIVED",
    [TCP_FIN_WAIT1] = "FIN-WAIT-1",
    [TCP_FIN_WAIT2] = "FIN-WAIT-2",
    [TCP_TIME_WAIT] = "TIME-WAIT",
    [TCP_CLOSE] = "CLOSED",
    [TCP_CLOSE_WAIT] = "CLOSE-WAIT",
    [TCP_LAST_ACK] = "LAST-ACK",
    [TCP_LISTEN] = "LISTEN",
    [TCP_CLOSING] = "CLOSING",
  };
  const char *got =
      names[lab_state(&stage->lab, STAGE_KERNEL_PORT, stage->peer_port)];

  if (strcmp(got, rest) != 0)
    stage_fail(stage, "the state is %s, not %s", got, rest);
}

static void call_port(Stage *stage, const char *rest)
{
  stage->peer_port = (uint16_t)atoi(rest);
}

static void call_sysctl(Stage *stage, const char *rest)
{
  g_auto(GStrv) words = g_strsplit(rest, " ", 2);

  if (!words[1] || !g_str_has_prefix(words[0], "net.ipv4.") ||
      !lab_sysctl(words[0] + strlen("net.ipv4."), words[1]))
    stage_fail(stage, "sysctl net.ipv4.NAME VALUE");
}

gboolean stage_call(Stage *stage, const DialogueStep *step)
{
  static const struct {
    const char *verb;
    void (*call)(Stage *stage, const char *rest);
  } calls[] = {
    { "connect", call_connect },   { "listen", call_listen },
    { "accept", call_accept },     { "unlisten", call_unlisten },
    { "shutdown", call_shutdown }, { "close", call_close },
    { "returned", call_returned }, { "send", call_send },
    { "more", call_more },         { "read", call_read },
    { "set", call_set },           { "get", call_get },
    { "error", call_error },       { "info", call_info },
    { "state", call_state },       { "port", call_port },
    { "sysctl", call_sysctl },
  };

  for (size_t i = 0; i < G_N_ELEMENTS(calls); i++)
    if (strcmp(calls[i].verb, step->verb) == 0) {
      calls[i].call(stage, step->rest);
      stage_pump(stage);
      return TRUE;
    }
  return FALSE;
}
