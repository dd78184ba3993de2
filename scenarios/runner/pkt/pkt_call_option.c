/* setsockopt, getsockopt, fcntl, ioctl. Scripts give the integers of C: a
 * table says which unit each option has. */
#include <string.h>

#include "in_udp.h"
#include "info.h"
#include "pkt_call.h"
#include "pkt_udp.h"
#include "sockopt.h"

/* Options whose value is not the knob's: its unit in ns. */
static const struct {
  const char *name;
  int64_t unit;
} units[] = {
  { "TCP_KEEPIDLE", SIM_SECOND },          { "TCP_KEEPINTVL", SIM_SECOND },
  { "TCP_USER_TIMEOUT", SIM_MILLISECOND }, { "TCP_DEFER_ACCEPT", SIM_SECOND },
  { "TCP_LINGER2", SIM_SECOND },           { "TCP_KEEPINIT", SIM_SECOND },
};

/* Options that change nothing here: of layers and of bookkeeping that are not
 * simulated. */
static const char *const without_effect[] = {
  "SO_REUSEPORT",
  "SO_ZEROCOPY",
  "SO_PRIORITY",
  "SO_MARK",
  "SO_RCVLOWAT",
  "IPV6_V6ONLY",
  "IP_MTU_DISCOVER",
  "IPV6_MTU_DISCOVER",
  "IP_RECVERR",
  "IPV6_RECVERR",
  "SO_OOBINLINE",
  "SO_BUSY_POLL",
  "IP_BIND_ADDRESS_NO_PORT",
  "SO_TIMESTAMPING",
};

static int64_t unit_of(const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS(units); i++)
    if (g_str_equal(units[i].name, name))
      return units[i].unit;
  return 1;
}

static bool is_ignored(const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS(without_effect); i++)
    if (g_str_equal(without_effect[i], name))
      return true;
  return false;
}

static bool is_linux(const PktRun *it)
{
  return g_str_equal(it->profile, "linux");
}

static const TcpKnobs *knobs_of(const PktFd *fd)
{
  return fd->conn       ? tcp_knobs(fd->conn)
         : fd->listener ? tcp_listener_knobs(fd->listener)
                        : &fd->knobs;
}

static TcpError set_knob(PktFd *fd, const char *name, int64_t value)
{
  if (fd->conn)
    return tcp_set_knob(fd->conn, name, value);
  if (fd->listener)
    return tcp_listener_set_knob(fd->listener, name, value);
  if (fd->bound)
    tcp_listener_set_knob(fd->bound, name, value);
  return tcp_sockopt_set(&fd->knobs, tcp_knob_find(name), value) ? TCP_OK
                                                                 : TCP_EINVAL;
}

/* -- of IP -- */

/* Options of one IP version mean nothing to packets of the other. */
static bool is_of_other_version(const PktRun *it, const TcpSockopt *option)
{
  return it->config.version == PKT_IPV6
             ? g_str_has_prefix(option->name, "IP_")
             : g_str_has_prefix(option->name, "IPV6_");
}

/* TCP goes in UDP only where the host has a port for it. */
static bool lacks_udp(const PktRun *it, const TcpSockopt *option, int64_t value)
{
  return g_str_equal(option->knob, "udp_port") && value > 0 &&
         tcp_stack_udp_port(it->stack) == 0;
}

/* ip(7), ipv6(7): -1 is what the host has, a time to live of 0 is none; the
 * marks' bits of a type of service are TCP's. */
static bool ip_value(const TcpSockopt *option, int64_t *value)
{
  if (g_str_equal(option->knob, "ttl")) {
    if (*value == 0)
      return false;
    if (*value == -1)
      *value = 0;
  } else if (g_str_equal(option->knob, "tos") && *value > 0) {
    *value &= ~INT64_C(3);
  }
  return true;
}

static PktOutcome no_such_option(PktRun *it, const PktExpr *name)
{
  g_autofree char *suggestion = pkt_suggest_option(name->text);

  return pkt_unsupported(it, name->place,
                         "the socket option %s is not simulated%s", name->text,
                         suggestion);
}

/* -- setting -- */

static PktOutcome set_linger(PktRun *it, PktCalling *calling, PktFd *fd,
                             const PktExpr *value)
{
  const PktExpr *on = pkt_field(value, "onoff");
  const PktExpr *time = pkt_field(value, "linger");
  int64_t onoff, seconds;

  if (!on || !time)
    return pkt_malformed(it, value->place, "it is written {onoff=1, linger=0}");
  if (!pkt_value(it, on, &onoff) || !pkt_value(it, time, &seconds))
    return PKT_FAILED;
  fd->linger = onoff != 0;
  fd->linger_time = CLAMP(seconds, 0, 1 << 30) * SIM_SECOND;
  if (fd->conn)
    tcp_set_linger(fd->conn, fd->linger, fd->linger_time);
  return pkt_return(calling, 0);
}

static PktOutcome set_congestion(PktRun *it, PktCalling *calling, PktFd *fd,
                                 const PktExpr *value)
{
  const TcpKnob *knob = tcp_knob_find("congestion");

  if (value->kind != PKT_EXPR_STRING)
    return pkt_malformed(it, value->place, "a name in quotes is needed here");
  for (unsigned i = 0; tcp_knob_name(knob, i); i++)
    if (g_str_equal(tcp_knob_name(knob, i), value->text))
      return pkt_return_tcp(calling, set_knob(fd, "congestion", i));
  return pkt_unsupported(it, value->place,
                         "congestion control \"%s\" is not simulated",
                         value->text);
}

/* FreeBSD's stacks by name: there is the usual one. */
static PktOutcome set_functions(PktRun *it, PktCalling *calling,
                                const PktExpr *value)
{
  const PktExpr *name = pkt_field(value, "function_set_name");

  if (!name || name->kind != PKT_EXPR_STRING)
    return pkt_fail(it, value->place,
                    "it is written {function_set_name=\"freebsd\", pcbcnt=0}");
  if (g_str_equal(name->text, "freebsd"))
    return pkt_return(calling, 0);
  return pkt_return_error(calling, "ENOENT");
}

static PktOutcome set_timeout(PktRun *it, PktCalling *calling, SimTime *ret,
                              const PktExpr *value)
{
  const PktExpr *seconds = pkt_field(value, "tv_sec");
  const PktExpr *rest = pkt_field(value, "tv_usec");
  int64_t whole = 0, part = 0;

  if ((seconds && !pkt_value(it, seconds, &whole)) ||
      (rest && !pkt_value(it, rest, &part)))
    return PKT_FAILED;
  *ret = CLAMP(whole, 0, 1 << 30) * SIM_SECOND +
         CLAMP(part, 0, 999999) * SIM_MICROSECOND;
  return pkt_return(calling, 0);
}

/* TCP_NOTSENT_LOWAT: all that fits 32 bits, the largest is none. */
static bool is_not_sent(const TcpSockopt *option)
{
  return g_str_equal(option->name, "TCP_NOTSENT_LOWAT");
}

static PktOutcome set_known(const PktRun *it, PktCalling *calling, PktFd *fd,
                            const TcpSockopt *option, int64_t value)
{
  switch (option->kind) {
  case TCP_SOCKOPT_KNOB:
    if (tcp_knob_find(option->knob)->kind == TCP_KNOB_BOOL)
      value = value != 0;
    if (is_not_sent(option)) {
      fd->has_lowat = true;
      fd->no_lowat = value == UINT32_MAX || value == -1;
      value = fd->no_lowat ? 0 : value;
    }
    if (!ip_value(option, &value) || lacks_udp(it, option, value))
      return pkt_return_error(calling, "EINVAL");
    return pkt_return_tcp(
        calling, set_knob(fd, option->knob, value * unit_of(option->name)));
  case TCP_SOCKOPT_NOT_KNOB:
    return pkt_return_tcp(calling, set_knob(fd, option->knob, !value));
  case TCP_SOCKOPT_MAXSEG:
    return pkt_return_tcp(calling, set_knob(fd, option->knob, value));
  case TCP_SOCKOPT_QUICKACK:
    return pkt_return_tcp(calling, fd->conn
                                       ? tcp_set_quickack(fd->conn, value & 1)
                                       : set_knob(fd, option->knob, value & 1));
  case TCP_SOCKOPT_LINGER2:
    value = value < 0 ? -1 : value * SIM_SECOND;
    return pkt_return_tcp(calling,
                          fd->conn ? tcp_set_linger2(fd->conn, value)
                                   : set_knob(fd, "fin_wait_2_timeout", value));
  default:
    return pkt_return_error(calling, "ENOPROTOOPT");
  }
}

static PktOutcome set_datagram(PktRun *it, PktCalling *calling, PktFd *fd,
                               const PktExpr *name, const PktExpr *value)
{
  const char *error = NULL;
  int64_t number;

  if (!pkt_value(it, value, &number))
    return PKT_FAILED;
  if (!pkt_udp_set(fd, name->text, number, &error) && !is_ignored(name->text) &&
      !g_str_equal(name->text, "SO_REUSEADDR"))
    return pkt_unsupported(it, name->place,
                           "the socket option %s is not simulated for "
                           "datagrams",
                           name->text);
  return error ? pkt_return_error(calling, error) : pkt_return(calling, 0);
}

static PktOutcome call_setsockopt(PktRun *it, PktCalling *calling)
{
  PktOutcome outcome;
  PktFd *fd = pkt_arg_fd(it, calling, &outcome);
  const PktExpr *name = pkt_arg(calling, 2);
  const PktExpr *value = pkt_item(pkt_arg(calling, 3));
  const TcpSockopt *option;
  int64_t number;

  if (!fd)
    return outcome;
  if (name->kind != PKT_EXPR_WORD)
    return pkt_unsupported(it, name->place, "options go by their names");
  if (fd->kind == PKT_FD_DATAGRAM && value->kind != PKT_EXPR_STRUCT)
    return set_datagram(it, calling, fd, name, value);
  if (g_str_equal(name->text, "SO_LINGER"))
    return set_linger(it, calling, fd, value);
  if (g_str_equal(name->text, "TCP_FUNCTION_BLK"))
    return set_functions(it, calling, value);
  if (g_str_equal(name->text, "TCP_CONGESTION"))
    return set_congestion(it, calling, fd, value);
  if (g_str_equal(name->text, "SO_RCVTIMEO"))
    return set_timeout(it, calling, &fd->receive_timeout, value);
  if (g_str_equal(name->text, "SO_SNDTIMEO"))
    return set_timeout(it, calling, &fd->send_timeout, value);
  if (is_ignored(name->text))
    return pkt_return(calling, 0);
  if (!pkt_value(it, value, &number))
    return PKT_FAILED;
  if (g_str_equal(name->text, "TCP_INQ")) {
    fd->inq = number != 0;
    return pkt_return(calling, 0);
  }
  option = tcp_sockopt_find(name->text);
  if (!option && it->config.warn_call)
    return pkt_return_error(calling, "ENOPROTOOPT");
  if (!option)
    return no_such_option(it, name);
  if (is_of_other_version(it, option))
    return pkt_return(calling, 0);
  return set_known(it, calling, fd, option, number);
}

/* -- asking -- */

static int64_t max_segment(const PktFd *fd)
{
  TcpStatus status;

  if (!fd->conn || tcp_state(fd->conn) < TCP_ESTABLISHED) {
    int64_t mss = knobs_of(fd)->mss;

    return mss ? mss : 536;
  }
  tcp_status(fd->conn, &status);
  return status.mss;
}

static int64_t ask_knob(const PktRun *it, const PktFd *fd,
                        const TcpSockopt *option)
{
  int64_t value = tcp_knob_get(knobs_of(fd), tcp_knob_find(option->knob)) /
                  unit_of(option->name);
  bool receive = g_str_equal(option->name, "SO_RCVBUF");

  if (is_not_sent(option) && (fd->no_lowat || !fd->has_lowat))
    return fd->no_lowat ? UINT32_MAX : 0; /* sysctl's is another */
  if (receive && fd->conn)
    value = tcp_receive_buffer(fd->conn);
  if (value == 0 && g_str_equal(option->knob, "ttl"))
    return net_host_spec(it->host)->ttl;
  /* Linux counts the room that its own structures take (socket(7)). */
  return is_linux(it) && (receive || g_str_equal(option->name, "SO_SNDBUF"))
             ? 2 * value
             : value;
}

/* errno as Linux numbers it, for SO_ERROR. */
static int64_t error_number(TcpError error)
{
  static const struct {
    TcpError error;
    int64_t number;
  } table[] = { { TCP_EPIPE, 32 },         { TCP_ENETUNREACH, 101 },
                { TCP_ECONNABORTED, 103 }, { TCP_ECONNRESET, 104 },
                { TCP_ETIMEDOUT, 110 },    { TCP_ECONNREFUSED, 111 },
                { TCP_EHOSTUNREACH, 113 } };

  for (gsize i = 0; i < G_N_ELEMENTS(table); i++)
    if (table[i].error == error)
      return table[i].number;
  return 0;
}

static bool ask(PktRun *it, const PktFd *fd, const TcpSockopt *option,
                int64_t *ret)
{
  switch (option->kind) {
  case TCP_SOCKOPT_KNOB:
    *ret = ask_knob(it, fd, option);
    return true;
  case TCP_SOCKOPT_NOT_KNOB:
    *ret = !tcp_knob_get(knobs_of(fd), tcp_knob_find(option->knob));
    return true;
  case TCP_SOCKOPT_QUICKACK:
    *ret = fd->conn ? tcp_quickack(fd->conn) : knobs_of(fd)->pingpong;
    return true;
  case TCP_SOCKOPT_MAXSEG:
    *ret = max_segment(fd);
    return true;
  case TCP_SOCKOPT_ERROR:
    *ret = fd->conn ? error_number(tcp_error(fd->conn)) : 0;
    return true;
  case TCP_SOCKOPT_LINGER2:
    *ret = knobs_of(fd)->fin_wait_2_timeout / SIM_SECOND;
    return true;
  case TCP_SOCKOPT_UNREAD:
    *ret = fd->conn ? tcp_unread(fd->conn) : 0;
    return true;
  case TCP_SOCKOPT_UNACKED:
    *ret = fd->conn ? tcp_outstanding(fd->conn) : 0;
    return true;
  case TCP_SOCKOPT_UNSENT:
    *ret = fd->conn ? tcp_unsent(fd->conn) : 0;
    return true;
  default:
    return false;
  }
}

static PktOutcome compare(PktRun *it, PktCalling *calling,
                          const PktExpr *wanted, const char *name,
                          int64_t found)
{
  int64_t value;

  if (wanted->kind == PKT_EXPR_ANY)
    return pkt_return(calling, 0);
  if (!pkt_value(it, wanted, &value))
    return PKT_FAILED;
  if (value != found)
    return pkt_fail(it, wanted->place,
                    "%s is %" G_GINT64_FORMAT ", not %" G_GINT64_FORMAT, name,
                    found, value);
  return pkt_return(calling, 0);
}

static PktOutcome compare_congestion(PktRun *it, PktCalling *calling,
                                     const PktFd *fd, const PktExpr *wanted)
{
  const char *name = tcp_knob_name(tcp_knob_find("congestion"),
                                   (unsigned)knobs_of(fd)->congestion);

  if (wanted->kind == PKT_EXPR_STRING && !g_str_equal(wanted->text, name))
    return pkt_fail(it, wanted->place, "TCP_CONGESTION is \"%s\", not \"%s\"",
                    name, wanted->text);
  return pkt_return(calling, 0);
}

static PktOutcome call_getsockopt(PktRun *it, PktCalling *calling)
{
  PktOutcome outcome;
  PktFd *fd = pkt_arg_fd(it, calling, &outcome);
  const PktExpr *name = pkt_arg(calling, 2);
  const PktExpr *wanted = pkt_item(pkt_arg(calling, 3));
  const TcpSockopt *option;
  int64_t found;

  if (!fd)
    return outcome;
  if (name->kind != PKT_EXPR_WORD)
    return pkt_unsupported(it, name->place, "options go by their names");
  if (g_str_equal(name->text, "TCP_CONGESTION"))
    return compare_congestion(it, calling, fd, wanted);
  if (fd->kind == PKT_FD_DATAGRAM && pkt_udp_ask(fd, name->text, &found))
    return compare(it, calling, wanted, name->text, found);
  option = fd->kind == PKT_FD_STREAM ? tcp_sockopt_find(name->text) : NULL;
  if (!option || !ask(it, fd, option, &found))
    return no_such_option(it, name);
  return compare(it, calling, wanted, name->text, found);
}

/* -- fcntl, ioctl -- */

static PktOutcome call_fcntl(PktRun *it, PktCalling *calling)
{
  PktOutcome outcome;
  PktFd *fd = pkt_arg_fd(it, calling, &outcome);
  int64_t what, flags;

  if (!fd || !pkt_arg_value(it, calling, 1, &what))
    return outcome;
  if (what == 3)
    return pkt_return(calling, fd->flags);
  if (what != 4 || !pkt_arg(calling, 2))
    return pkt_return_error(calling, "EINVAL");
  if (!pkt_arg_value(it, calling, 2, &flags))
    return PKT_FAILED;
  fd->flags = (flags & PKT_O_NONBLOCK) | 2;
  return pkt_return(calling, 0);
}

static PktOutcome call_ioctl(PktRun *it, PktCalling *calling)
{
  PktOutcome outcome;
  PktFd *fd = pkt_arg_fd(it, calling, &outcome);
  const PktExpr *name = pkt_arg(calling, 1);
  const TcpSockopt *option;
  int64_t found;

  if (!fd)
    return outcome;
  if (fd->kind == PKT_FD_DATAGRAM && name->kind == PKT_EXPR_WORD &&
      pkt_udp_ask(fd, name->text, &found))
    return compare(it, calling, pkt_item(pkt_arg(calling, 2)), name->text,
                   found);
  option =
      name->kind == PKT_EXPR_WORD
          ? tcp_sockopt_find(g_str_equal(name->text, "FIONREAD") ? "SIOCINQ"
                                                                 : name->text)
          : NULL;
  if (!option || !ask(it, fd, option, &found))
    return pkt_unsupported(it, name->place,
                           "only SIOCINQ, FIONREAD, SIOCOUTQ and SIOCOUTQNSD "
                           "are simulated");
  if (fd->listener)
    return pkt_return_error(calling, "EINVAL");
  return compare(it, calling, pkt_item(pkt_arg(calling, 2)), name->text, found);
}

const PktCallRow pkt_calls_option[] = {
  { "setsockopt", call_setsockopt, 5, 5 },
  { "getsockopt", call_getsockopt, 5, 5 },
  { "fcntl", call_fcntl, 2, 3 },
  { "ioctl", call_ioctl, 3, 3 },
  { NULL, NULL, 0, 0 },
};
