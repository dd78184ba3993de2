/* What TCP makes of ICMP and ICMPv6 errors (3.9.2.2; RFC 1122 4.2.3.9): the
 * table says which are hard, but hard ones end a connection only while it
 * opens (RFC 5461 4.1, RFC 5927 5.2); after that all are hints, remembered for
 * the error of a time-out. An error counts only if it quotes a sequence number
 * that is in flight (RFC 5927 4.1).
 *
 * A path MTU that shrinks puts what is outstanding back to be sent in smaller
 * segments. Nothing says that the path is congested: neither CWND nor the
 * time-out changes (RFC 1191 6.4). */
#include <glib.h>

#include "parts.h"

typedef enum Reaction { SOFT, HARD, TOO_BIG } Reaction;

/* What is not listed is ignored; so is source quench (RFC 6633). */
static const struct {
  NetFamily family;
  uint8_t type, first_code, last_code;
  Reaction reaction;
  TcpError error;
} reactions[] = {
  { NET_IPV4, NET_ICMP_UNREACHABLE, 0, 0, SOFT, TCP_ENETUNREACH },
  { NET_IPV4, NET_ICMP_UNREACHABLE, 1, 1, SOFT, TCP_EHOSTUNREACH },
  { NET_IPV4, NET_ICMP_UNREACHABLE, 2, 3, HARD, TCP_ECONNREFUSED },
  { NET_IPV4, NET_ICMP_UNREACHABLE, 4, 4, TOO_BIG, TCP_EMSGSIZE },
  { NET_IPV4, NET_ICMP_UNREACHABLE, 5, 5, SOFT, TCP_EHOSTUNREACH },
  { NET_IPV4, NET_ICMP_UNREACHABLE, 6, 6, SOFT, TCP_ENETUNREACH },
  { NET_IPV4, NET_ICMP_UNREACHABLE, 7, 8, SOFT, TCP_EHOSTUNREACH },
  { NET_IPV4, NET_ICMP_UNREACHABLE, 9, 9, SOFT, TCP_ENETUNREACH },
  { NET_IPV4, NET_ICMP_UNREACHABLE, 10, 10, SOFT, TCP_EHOSTUNREACH },
  { NET_IPV4, NET_ICMP_UNREACHABLE, 11, 11, SOFT, TCP_ENETUNREACH },
  { NET_IPV4, NET_ICMP_UNREACHABLE, 12, 15, SOFT, TCP_EHOSTUNREACH },
  { NET_IPV4, NET_ICMP_TIME_EXCEEDED, 0, 1, SOFT, TCP_EHOSTUNREACH },
  { NET_IPV4, NET_ICMP_PARAMETER_PROBLEM, 0, 2, SOFT, TCP_EHOSTUNREACH },
  { NET_IPV6, NET_ICMPV6_UNREACHABLE, 0, 0, SOFT, TCP_ENETUNREACH },
  { NET_IPV6, NET_ICMPV6_UNREACHABLE, 1, 3, SOFT, TCP_EHOSTUNREACH },
  { NET_IPV6, NET_ICMPV6_UNREACHABLE, 4, 4, HARD, TCP_ECONNREFUSED },
  { NET_IPV6, NET_ICMPV6_UNREACHABLE, 5, 8, SOFT, TCP_EHOSTUNREACH },
  { NET_IPV6, NET_ICMPV6_TOO_BIG, 0, 255, TOO_BIG, TCP_EMSGSIZE },
  { NET_IPV6, NET_ICMPV6_TIME_EXCEEDED, 0, 1, SOFT, TCP_EHOSTUNREACH },
  { NET_IPV6, NET_ICMPV6_PARAMETER_PROBLEM, 0, 0, SOFT, TCP_EHOSTUNREACH },
  { NET_IPV6, NET_ICMPV6_PARAMETER_PROBLEM, 1, 1, HARD, TCP_ECONNREFUSED },
  { NET_IPV6, NET_ICMPV6_PARAMETER_PROBLEM, 2, 3, SOFT, TCP_EHOSTUNREACH },
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

static void too_big(TcpStack *stack, const NetIp *quoted, uint32_t rest)
{
  if (net_address_is_ipv4(quoted->source))
    net_host_too_big(stack->host, quoted->destination, rest & 0xffff,
                     quoted->payload_length + NET_IPV4_SIZE);
  else
    net_host_too_big(stack->host, quoted->destination, rest, 0);
}

static void react(TcpConnection *conn, unsigned row, const NetIp *quoted,
                  uint32_t rest)
{
  TcpError error = reactions[row].error;

  if (reactions[row].reaction == TOO_BIG) {
    too_big(conn->stack, quoted, rest);
  } else if (reactions[row].reaction == HARD &&
             tcb_knobs(conn)->icmp_may_reset &&
             (conn->state == TCP_SYN_SENT || conn->state == TCP_SYN_RECEIVED)) {
    tcb_end(conn, error, TCP_RULE_ICMP_HARD);
  } else {
    conn->soft_error = true;
    conn->soft =
        (uint8_t)(reactions[row].reaction == HARD ? TCP_EHOSTUNREACH : error);
  }
}

void tcp_icmp_input(void *user, uint8_t type, uint8_t code, uint32_t rest,
                    const NetIp *quoted, const uint8_t *l4, uint32_t l4_size)
{
  TcpStack *stack = user;
  TcpPair pair = { { quoted->source, net_get16(l4) },
                   { quoted->destination, net_get16(l4 + 2) } };
  NetFamily family = net_address_family(quoted->source);
  TcpConnection *conn = tcp_find(stack, &pair);

  (void)l4_size;
  if (!conn || !seq_within(net_get32(l4 + 4), conn->snd.una,
                           conn->snd.nxt - conn->snd.una))
    return;
  for (unsigned i = 0; i < G_N_ELEMENTS(reactions); i++) {
    if (reactions[i].family != family || reactions[i].type != type ||
        code < reactions[i].first_code || code > reactions[i].last_code)
      continue;
    tcb_turn_open(conn);
    react(conn, i, quoted, rest);
    tcb_turn_close(conn);
    return;
  }
}
