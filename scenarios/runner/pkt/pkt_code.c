/* Code over TCP_INFO: the names that it may use, and what became of it. */
#include <string.h>

#include "info.h"
#include "pkt_fd.h"
#include "pkt_python.h"

enum { INFO_CLOSE = 7, INFO_LISTEN = 10 };

static const struct {
  const char *name;
  int64_t value;
} constants[] = {
  { "TCP_ESTABLISHED", 1 },
  { "TCP_SYN_SENT", 2 },
  { "TCP_SYN_RECV", 3 },
  { "TCP_FIN_WAIT1", 4 },
  { "TCP_FIN_WAIT2", 5 },
  { "TCP_TIME_WAIT", 6 },
  { "TCP_CLOSE", INFO_CLOSE },
  { "TCP_CLOSE_WAIT", 8 },
  { "TCP_LAST_ACK", 9 },
  { "TCP_LISTEN", INFO_LISTEN },
  { "TCP_CLOSING", 11 },
  /* nplab's names for the same */
  { "TCPI_ESTABLISHED", 1 },
  { "TCPI_SYN_SENT", 2 },
  { "TCPI_SYN_RECEIVED", 3 },
  { "TCPI_FIN_WAIT_1", 4 },
  { "TCPI_FIN_WAIT_2", 5 },
  { "TCPI_TIME_WAIT", 6 },
  { "TCPI_CLOSED", INFO_CLOSE },
  { "TCPI_CLOSE_WAIT", 8 },
  { "TCPI_LAST_ACK", 9 },
  { "TCPI_LISTEN", INFO_LISTEN },
  { "TCPI_CLOSING", 11 },
  { "TCP_CA_Open", TCP_CA_OPEN },
  { "TCP_CA_Disorder", TCP_CA_DISORDER },
  { "TCP_CA_CWR", TCP_CA_CWR },
  { "TCP_CA_Recovery", TCP_CA_RECOVERY },
  { "TCP_CA_Loss", TCP_CA_LOSS },
  { "TCPI_OPT_TIMESTAMPS", TCP_INFO_TIMESTAMPS },
  { "TCPI_OPT_SACK", TCP_INFO_SACK },
  { "TCPI_OPT_WSCALE", TCP_INFO_WSCALE },
  { "TCPI_OPT_ECN", TCP_INFO_ECN },
  { "TCPI_OPT_ECN_SEEN", 16 },
  { "TCPI_OPT_SYN_DATA", 32 },
};

#define FREEBSD_SSTHRESH_MOST (65535u << 14) /* TCP_MAXWIN, scaled */

typedef struct Names {
  bool known;
  TcpInfo info;
  const TcpConnection *conn; /* or NULL */
  bool freebsd;
} Names;

/* SO_MEMINFO: Linux counts the room that its own structures take. */
static bool memory(const TcpConnection *conn, const char *name, int64_t *ret)
{
  int64_t used, most;

  if (!conn)
    return false;
  tcp_send_memory(conn, &used, &most);
  if (strcmp(name, "SK_MEMINFO_WMEM_QUEUED") == 0)
    *ret = used;
  else if (strcmp(name, "SK_MEMINFO_SNDBUF") == 0)
    *ret = most;
  else if (strcmp(name, "SK_MEMINFO_RCVBUF") == 0)
    *ret = 2 * (int64_t)tcp_receive_buffer(conn);
  else
    return false;
  return true;
}

/* FreeBSD's TCP_INFO has bytes where Linux's has segments. */
static bool freebsd_info(const TcpConnection *conn, const char *name,
                         int64_t *ret)
{
  TcpStatus status;

  tcp_status(conn, &status);
  if (strcmp(name, "tcpi_snd_cwnd") == 0)
    *ret = status.cwnd;
  else if (strcmp(name, "tcpi_snd_ssthresh") == 0)
    *ret =
        status.ssthresh >= 1u << 30 ? FREEBSD_SSTHRESH_MOST : status.ssthresh;
  else if (strcmp(name, "tcpi_rcv_space") == 0)
    *ret = status.rcv.wnd;
  else
    return false;
  return true;
}

static bool lookup(void *user, const char *name, int64_t *ret)
{
  const Names *names = user;

  for (gsize i = 0; i < G_N_ELEMENTS(constants); i++)
    if (strcmp(constants[i].name, name) == 0) {
      *ret = constants[i].value;
      return true;
    }
  if (memory(names->conn, name, ret))
    return true;
  if (names->freebsd && names->conn && freebsd_info(names->conn, name, ret))
    return true;
  if (!names->known || !g_str_has_prefix(name, "tcpi_"))
    return false;
  for (unsigned i = 0; tcp_info_name(i); i++)
    if (strcmp(tcp_info_name(i), name + 5) == 0) {
      *ret = tcp_info_value(&names->info, i);
      return true;
    }
  return false;
}

/* The connection whose packets the script talks of; else the newest. */
static const TcpConnection *subject(PktRun *it)
{
  TcpPair pair = { it->flow.local, it->flow.remote };
  const TcpConnection *conn = tcp_find(it->stack, &pair);

  for (guint i = it->fds->len; !conn && i-- > 0;) {
    const PktFd *fd = it->fds->pdata[i];

    conn = fd ? fd->conn : NULL;
  }
  return conn;
}

/* A socket that has no connection still has a state. */
static bool idle_info(PktRun *it, TcpInfo *ret)
{
  for (guint i = it->fds->len; i-- > 0;) {
    const PktFd *fd = it->fds->pdata[i];

    if (!fd || fd->kind != PKT_FD_STREAM)
      continue;
    *ret = (TcpInfo){ .state = fd->listener ? INFO_LISTEN : INFO_CLOSE };
    return true;
  }
  return false;
}

PktOutcome pkt_code_run(PktRun *it, const PktStatement *statement)
{
  const TcpConnection *conn = subject(it);
  Names names = { .known = conn != NULL,
                  .conn = conn,
                  .freebsd = g_str_equal(it->profile, "freebsd") };
  PktPlace place = statement->body;
  g_autofree char *problem = NULL;
  PktPythonEnd end;
  int line;

  if (conn)
    tcp_info(conn, &names.info);
  else
    names.known = idle_info(it, &names.info);
  end = pkt_python_run(statement->text, it->variables, lookup, &names,
                       it->printed, &line, &problem);
  place.line += line;
  if (end == PKT_PYTHON_FAILS)
    return pkt_fail(it, place, "%s", problem);
  if (end == PKT_PYTHON_WRONG)
    return pkt_unsupported(it, place, "%s", problem);
  return PKT_DONE;
}
