/* What TCP makes of ICMP and ICMPv6 errors (3.9.2.2; RFC 1122 4.2.3.9): the
 * table says which are hard, but hard ones end a connection only while it
 * opens (RFC 5461 4.1, RFC 5927 5.2); after that all are hints, remembered for
 * the error of a time-out. What systems do otherwise, in the same table, is
 * chosen by the knob icmp_may_reset. An error counts only if it quotes a
 * sequence number that is in flight (RFC 5927 4.1).
 *
 * A path MTU that shrinks puts what is outstanding back to be sent in smaller
 * segments. Nothing says that the path is congested: neither CWND nor the
 * time-out changes (RFC 1191 6.4). */
#include <glib.h>

#include "parts.h"

typedef enum Reaction {
  SOFT = 0,
  HARD = 1,    /* RFC 1122 */
  BSD = 2,     /* FreeBSD: ends SYN-SENT */
  REQUEST = 4, /* Linux: takes a half-open connection away */
  TOO_BIG = 8,
  NOT_LINUX = 16, /* which ignores it */
  BSD_SAYS = 32,  /* FreeBSD tells the error, not ECONNREFUSED */
} Reaction;

/* What is not listed is ignored; so is source quench (MUST-55; RFC 6633). */
static const struct {
  NetFamily family;
  uint8_t type, first_code, last_code;
  unsigned reaction;
  TcpError error, linux_error;
} reactions[] = {
#define V4(type, first, last, reaction, error, linux_error) \
  { NET_IPV4,     NET_ICMP_##type,   first, last, reaction, \
    TCP_E##error, TCP_E##linux_error },
#define V6(type, first, last, reaction, error, linux_error) \
  { NET_IPV6,     NET_ICMPV6_##type, first, last, reaction, \
    TCP_E##error, TCP_E##linux_error },
  /* clang-format off */
  V4(UNREACHABLE, 0, 0, REQUEST, NETUNREACH, NETUNREACH)
  V4(UNREACHABLE, 1, 1, REQUEST, HOSTUNREACH, HOSTUNREACH)
  V4(UNREACHABLE, 2, 2, HARD | BSD, CONNREFUSED, NOPROTOOPT)
  V4(UNREACHABLE, 3, 3, HARD | BSD, CONNREFUSED, CONNREFUSED)
  V4(UNREACHABLE, 4, 4, TOO_BIG, MSGSIZE, MSGSIZE)
  V4(UNREACHABLE, 5, 5, SOFT, HOSTUNREACH, OPNOTSUPP)
  V4(UNREACHABLE, 6, 6, SOFT, NETUNREACH, NETUNREACH)
  V4(UNREACHABLE, 7, 7, SOFT, HOSTUNREACH, HOSTDOWN)
  V4(UNREACHABLE, 8, 8, SOFT, HOSTUNREACH, NONET)
  V4(UNREACHABLE, 9, 9, BSD, NETUNREACH, NETUNREACH)
  V4(UNREACHABLE, 10, 10, BSD, HOSTUNREACH, HOSTUNREACH)
  V4(UNREACHABLE, 11, 11, SOFT, NETUNREACH, NETUNREACH)
  V4(UNREACHABLE, 12, 12, SOFT, HOSTUNREACH, HOSTUNREACH)
  V4(UNREACHABLE, 13, 13, BSD, HOSTUNREACH, HOSTUNREACH)
  V4(UNREACHABLE, 14, 15, SOFT, HOSTUNREACH, HOSTUNREACH)
  V4(TIME_EXCEEDED, 0, 0, BSD | BSD_SAYS | REQUEST, HOSTUNREACH, HOSTUNREACH)
  V4(TIME_EXCEEDED, 1, 1, NOT_LINUX, HOSTUNREACH, HOSTUNREACH)
  V4(PARAMETER_PROBLEM, 0, 2, REQUEST, HOSTUNREACH, PROTO)
  V6(UNREACHABLE, 0, 0, SOFT, NETUNREACH, NETUNREACH)
  V6(UNREACHABLE, 1, 1, BSD | REQUEST, HOSTUNREACH, ACCES)
  V6(UNREACHABLE, 2, 3, SOFT, HOSTUNREACH, HOSTUNREACH)
  V6(UNREACHABLE, 4, 4, HARD | BSD | REQUEST, CONNREFUSED, CONNREFUSED)
  V6(UNREACHABLE, 5, 6, REQUEST, HOSTUNREACH, ACCES)
  V6(UNREACHABLE, 7, 8, REQUEST, HOSTUNREACH, PROTO)
  V6(TOO_BIG, 0, 255, TOO_BIG, MSGSIZE, MSGSIZE)
  V6(TIME_EXCEEDED, 0, 0, BSD | BSD_SAYS, HOSTUNREACH, HOSTUNREACH)
  V6(TIME_EXCEEDED, 1, 1, SOFT, HOSTUNREACH, HOSTUNREACH)
  V6(PARAMETER_PROBLEM, 0, 0, REQUEST, HOSTUNREACH, PROTO)
  V6(PARAMETER_PROBLEM, 1, 1, HARD | BSD | REQUEST, CONNREFUSED, PROTO)
  V6(PARAMETER_PROBLEM, 2, 3, REQUEST, HOSTUNREACH, PROTO)
/* clang-format on */
#undef V4
#undef V6
};

void tcp_path_changed(TcpConnection *conn)
{
  TcpCongestion *c = &conn->congestion;
  uint32_t before = conn->mss;

  if (net_host_mtu(&conn->path) == 0)
    return;
  conn->path_mtu = (uint16_t)net_host_mtu(&conn->path);
  if (conn->state < TCP_SYN_RECEIVED)
    return;
  conn->mss = (uint16_t)tcb_mss_to_send(conn);
  c->mss = conn->mss;
  c->cwnd = MAX(c->cwnd, c->mss);
  if (conn->mss < before && conn->snd.nxt - conn->snd.una > conn->mss) {
    tcp_ranges_add(&conn->resend, conn->snd.una, conn->snd.nxt);
    conn->resend_rule = TCP_RULE_PATH_MTU;
    conn->resend_forced = true;
  }
}

/* With path_mss, FreeBSD's: over IPv4 only what asks for smaller segments than
 * those that are sent now is believed; until the peer is known these are of the
 * default size. */
static bool asks_for_less(const TcpConnection *conn, uint32_t mtu)
{
  uint32_t mss =
      conn->state == TCP_SYN_SENT ? tcb_mss_default(conn) : conn->mss;

  return !tcb_knobs(conn)->path_mss ||
         mtu < mss + NET_IPV4_SIZE + TCP_HEADER_SIZE;
}

static void too_big(TcpConnection *conn, const NetIp *quoted, uint32_t rest)
{
  NetHost *host = conn->stack->host;

  if (!net_address_is_ipv4(quoted->source))
    net_host_too_big(host, quoted->destination, rest, 0);
  else if (asks_for_less(conn, rest & 0xffff))
    net_host_too_big(host, quoted->destination, rest & 0xffff,
                     quoted->payload_length + NET_IPV4_SIZE);
}

typedef enum MayReset {
  NOTHING,
  HARD_WHILE_OPENING, /* RFC 5461 */
  AS_FREEBSD,
  AS_LINUX
} MayReset;

/* What ends: 3.9.2.2 MUST-56 and SHLD-26, as RFC 5461 4.1 narrows it, or as
 * the systems do. */
static bool ends(const TcpConnection *conn, unsigned reaction)
{
  bool sent = conn->state == TCP_SYN_SENT;
  bool received = conn->state == TCP_SYN_RECEIVED;

  switch ((MayReset)tcb_knobs(conn)->icmp_may_reset) {
  case HARD_WHILE_OPENING:
    return (sent || received) && reaction & HARD;
  case AS_FREEBSD:
    return sent && reaction & BSD;
  case AS_LINUX:
    return sent || (received && (!conn->passive || reaction & REQUEST));
  case NOTHING:
    break;
  }
  return false;
}

/* The error that is told, or remembered for the user (SHLD-25). */
static TcpError error_of(const TcpConnection *conn, unsigned row, bool end)
{
  unsigned reaction = reactions[row].reaction;
  int64_t how = tcb_knobs(conn)->icmp_may_reset;

  if (how == AS_LINUX)
    return reactions[row].linux_error;
  if (end && how == AS_FREEBSD && !(reaction & BSD_SAYS))
    return TCP_ECONNREFUSED;
  return reaction & HARD && !end ? TCP_EHOSTUNREACH : reactions[row].error;
}

static void react(TcpConnection *conn, unsigned row, const NetIp *quoted,
                  uint32_t rest)
{
  bool end = ends(conn, reactions[row].reaction);
  bool ignored = reactions[row].reaction & NOT_LINUX &&
                 tcb_knobs(conn)->icmp_may_reset == AS_LINUX;
  TcpError error = error_of(conn, row, end);

  if (ignored)
    return;
  if (reactions[row].reaction == TOO_BIG) {
    too_big(conn, quoted, rest);
  } else if (end) {
    tcb_end(conn, error, TCP_RULE_ICMP_HARD);
  } else {
    conn->soft_error = true;
    conn->soft = (uint8_t)error;
  }
}

/* MUST-54 */
void tcp_icmp_about(TcpStack *stack, const TcpIcmp *icmp, const uint8_t *at)
{
  const NetIp *quoted = icmp->quoted;
  TcpPair pair = { { quoted->source, net_get16(at) },
                   { quoted->destination, net_get16(at + 2) } };
  NetFamily family = net_address_family(quoted->source);
  TcpConnection *conn = tcp_find(stack, &pair);

  if (!conn || tcb_knobs(conn)->udp_port != icmp->udp ||
      !seq_within(net_get32(at + 4), conn->snd.una,
                  conn->snd.nxt - conn->snd.una))
    return;
  for (unsigned i = 0; i < G_N_ELEMENTS(reactions); i++) {
    if (reactions[i].family != family || reactions[i].type != icmp->type ||
        icmp->code < reactions[i].first_code ||
        icmp->code > reactions[i].last_code)
      continue;
    tcb_turn_open(conn);
    react(conn, i, quoted, icmp->rest);
    tcb_turn_close(conn);
    return;
  }
}

void tcp_icmp_input(void *user, uint8_t type, uint8_t code, uint32_t rest,
                    const NetIp *quoted, const uint8_t *l4, uint32_t l4_size)
{
  TcpIcmp icmp = { type, code, rest, quoted, 0 };

  (void)l4_size;
  tcp_icmp_about(user, &icmp, l4);
}
