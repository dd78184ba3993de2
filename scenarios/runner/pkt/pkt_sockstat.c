/* sockstat: the sockets of the host under test as FreeBSD lists them. The
 * program that has them is packetdrill to the script; what nobody holds has
 * "??". */
#include <string.h>

#include "pkt_command.h"
#include "pkt_fd.h"
#include "sockets.h"

typedef struct Sockstat {
  PktRun *run;
  GString *text;
  bool ipv4, ipv6, states, listening, connected, headless, other_protocol;
  const char *ports; /* NULL: all */
} Sockstat;

char *pkt_state_name(TcpState state)
{
  return state == TCP_SYN_RECEIVED
             ? g_strdup("SYN_RCVD")
             : g_strdelimit(g_strdup(tcp_state_name(state)), "-", '_');
}

/* -- what is shown -- */

static bool has_port(const char *ports, uint16_t port)
{
  g_auto(GStrv) items = g_strsplit(ports, ",", -1);

  for (char **item = items; *item; item++) {
    char *end;
    guint64 first = g_ascii_strtoull(*item, &end, 10);
    guint64 last = *end == '-' ? g_ascii_strtoull(end + 1, NULL, 10) : first;

    if (port >= first && port <= (last ? last : UINT16_MAX))
      return true;
  }
  return false;
}

static bool is_wanted(const Sockstat *it, const TcpPair *pair, TcpState state)
{
  bool ipv4 = net_address_is_ipv4(pair->local.address);

  if (it->other_protocol ||
      ((it->ipv4 || it->ipv6) && ipv4 != it->ipv4 && ipv4 == it->ipv6))
    return false;
  if ((it->listening || it->connected) &&
      !(it->listening && state == TCP_LISTEN) &&
      !(it->connected && state != TCP_LISTEN && state != TCP_CLOSED))
    return false;
  return !it->ports || has_port(it->ports, pair->local.port) ||
         has_port(it->ports, pair->remote.port);
}

static char *end_text(TcpEnd end)
{
  char address[NET_ADDRESS_TEXT];

  return g_strdup_printf(end.port ? "%s:%u" : "%s:*",
                         net_address_is_any(end.address)
                             ? "*"
                             : net_address_format(end.address, address),
                         (unsigned)end.port);
}

static void show(Sockstat *it, const PktFd *fd, const TcpPair *pair,
                 TcpState state)
{
  g_autofree char *local = end_text(pair->local);
  g_autofree char *remote = end_text(pair->remote);
  g_autofree char *name = pkt_state_name(state);
  g_autofree char *number = fd ? g_strdup_printf("%d", fd->number) : NULL;

  if (!is_wanted(it, pair, state))
    return;
  g_string_append_printf(
      it->text, "%-4s %-10s %3s %2s tcp%s  %-21s %-21s", fd ? "root" : "??",
      fd ? "packetdril" : "??", fd ? "1" : "??", fd ? number : "??",
      net_address_is_ipv4(pair->local.address) ? "4" : "6", local, remote);
  g_string_append_printf(it->text, "%s%s\n", it->states ? " ??         " : "",
                         it->states ? name : "");
}

static bool same_pair(const TcpPair *a, const TcpPair *b)
{
  return a->local.port == b->local.port && a->remote.port == b->remote.port &&
         net_address_equal(a->local.address, b->local.address) &&
         net_address_equal(a->remote.address, b->remote.address);
}

static bool is_socket(const PktFd *fd, const TcpSocket *socket)
{
  TcpPair pair;

  if (!fd || fd->kind != PKT_FD_STREAM)
    return false;
  if (socket->listener || !fd->conn)
    return socket->listener && fd->listener == socket->listener;
  pair = tcp_pair(fd->conn);
  return tcp_state(fd->conn) == socket->state &&
         same_pair(&pair, &socket->pair);
}

static void show_socket(void *user, const TcpSocket *socket)
{
  Sockstat *it = user;
  const PktFd *holder = NULL;

  for (guint i = 0; i < it->run->fds->len && !holder; i++)
    if (is_socket(it->run->fds->pdata[i], socket))
      holder = it->run->fds->pdata[i];
  show(it, holder, &socket->pair, socket->state);
}

/* Sockets without a connection, and those whose connection is over. */
static void show_closed(Sockstat *it)
{
  for (guint i = 0; i < it->run->fds->len; i++) {
    const PktFd *fd = it->run->fds->pdata[i];
    TcpPair pair = { .local.address = it->run->config.local };

    if (!fd || fd->kind != PKT_FD_STREAM || fd->listener ||
        (fd->conn && tcp_state(fd->conn) != TCP_CLOSED))
      continue;
    if (fd->conn)
      pair = tcp_pair(fd->conn);
    else if (fd->bound)
      pair.local.port = it->run->config.bind_port;
    show(it, fd, &pair, TCP_CLOSED);
  }
}

/* -- the command line -- */

static bool read_flag(Sockstat *it, char flag)
{
  switch (flag) {
  case '4':
    it->ipv4 = true;
    return true;
  case '6':
    it->ipv6 = true;
    return true;
  case 's':
    it->states = true;
    return true;
  case 'l':
    it->listening = true;
    return true;
  case 'c':
    it->connected = true;
    return true;
  case 'q':
    it->headless = true;
    return true;
  default:
    return flag == 'n' || flag == 'w' || flag == 'L';
  }
}

static void read_protocols(Sockstat *it, const char *value)
{
  g_auto(GStrv) names = g_strsplit(value, ",", -1);

  it->other_protocol = !g_strv_contains((const gchar *const *)names, "tcp");
}

/* As getopt(3): letters together, a value behind its letter or as a word. */
static bool read_words(Sockstat *it, char **words)
{
  for (words++; *words; words++) {
    const char *at = *words;

    if (*at++ != '-')
      return false;
    for (; *at && *at != 'p' && *at != 'P'; at++)
      if (!read_flag(it, *at))
        return false;
    if (*at) {
      const char *value = at[1] ? at + 1 : *++words;

      if (!value)
        return false;
      if (*at == 'p')
        it->ports = value;
      else
        read_protocols(it, value);
    }
  }
  return true;
}

PktOutcome pkt_sockstat(PktShell *shell, char **words)
{
  Sockstat it = { .run = shell->it };

  if (!read_words(&it, words))
    return pkt_unsupported(shell->it, shell->place,
                           "sockstat is understood with -46clLnqsw, -p PORTS "
                           "and -P PROTOCOLS");
  it.text = g_string_new(NULL);
  if (!it.headless)
    g_string_append_printf(it.text, "%-4s %-10s %3s %2s %s %-21s %-21s%s\n",
                           "USER", "COMMAND", "PID", "FD", "PROTO",
                           "LOCAL ADDRESS", "FOREIGN ADDRESS",
                           it.states ? " PATH STATE CONN STATE" : "");
  tcp_each_socket(shell->it->stack, show_socket, &it);
  show_closed(&it);
  pkt_shell_show(shell, it.text);
  return PKT_DONE;
}
