/* sendmsg, recvmsg, readv, writev: buffers in pieces, and what is said beside
 * the text: flags and control messages. What recvmsg() gives is compared where
 * the script writes it. */
#include <string.h>

#include "pkt_call.h"
#include "pkt_udp.h"
#include "sockopt.h"

enum {
  MSG_TRUNC = 0x20,
  MSG_ERRQUEUE = 0x2000,
  LEVEL_IP = 0,
  LEVEL_SOCKET = 1,
  LEVEL_TCP = 6,
  LEVEL_IPV6 = 41,
};

/* {..., 40}, or {iov_base=..., iov_len=40}: a buffer's size. */
static const PktExpr *buffer_size(const PktExpr *buffer)
{
  const PktExpr *named = pkt_field(buffer, "iov_len");

  if (named || buffer->kind != PKT_EXPR_STRUCT || !buffer->items)
    return named;
  return buffer->items->next;
}

static bool vector_size(PktRun *it, const PktExpr *list, int64_t *ret)
{
  *ret = 0;
  for (const PktExpr *at = list->items; at; at = at->next) {
    const PktExpr *size = buffer_size(at);
    int64_t number;

    if (!size) {
      pkt_malformed(it, at->place, "a buffer is written {..., 100}");
      return false;
    }
    if (!pkt_value(it, size, &number) ||
        !pkt_check_size(it, size->place, number, G_MAXINT32 - *ret))
      return false;
    *ret += number;
  }
  return true;
}

static bool message_size(PktRun *it, PktCalling *calling, int64_t *ret)
{
  const PktExpr *message = pkt_arg(calling, 1);
  const PktExpr *vector = pkt_field(message, "msg_iov");

  if (vector && vector->kind == PKT_EXPR_LIST)
    return vector_size(it, vector, ret);
  pkt_malformed(
      it, message->place,
      "a message is written {msg_name(...)=..., msg_iov(1)=[{..., 100}], "
      "msg_flags=0}");
  return false;
}

/* -- what stands beside the text -- */

typedef struct Control {
  int64_t level, type;
  const PktExpr *data;
} Control;

static bool read_control(PktRun *it, const PktExpr *expr, Control *ret)
{
  const PktExpr *level = pkt_field(expr, "cmsg_level");
  const PktExpr *type = pkt_field(expr, "cmsg_type");

  ret->data = pkt_field(expr, "cmsg_data");
  if (level && type && ret->data)
    return pkt_value(it, level, &ret->level) && pkt_value(it, type, &ret->type);
  pkt_malformed(
      it, expr->place,
      "a control message is written {cmsg_level=SOL_IP, cmsg_type=IP_TTL, "
      "cmsg_data=64}");
  return false;
}

/* Of what may be sent with a datagram: its option's name. */
static const char *sent_option(const Control *control)
{
  static const struct {
    int64_t level, type;
    const char *name;
  } table[] = { { LEVEL_IP, 1, "IP_TOS" },
                { LEVEL_IP, 2, "IP_TTL" },
                { LEVEL_IPV6, 52, "IPV6_UNICAST_HOPS" },
                { LEVEL_IPV6, 67, "IPV6_TCLASS" } };

  for (gsize i = 0; i < G_N_ELEMENTS(table); i++)
    if (table[i].level == control->level && table[i].type == control->type)
      return table[i].name;
  return NULL;
}

/* TCP looks at those of the socket's level only (net/ipv4/tcp.c). */
static PktOutcome obey_control(PktRun *it, PktFd *fd, const PktExpr *expr,
                               const char **ret_error)
{
  Control control;
  const char *name;
  int64_t value;

  if (!read_control(it, expr, &control))
    return PKT_FAILED;
  if (fd->kind == PKT_FD_STREAM && control.level != LEVEL_SOCKET)
    return PKT_DONE;
  name = sent_option(&control);
  if (fd->kind == PKT_FD_STREAM || !name)
    return pkt_unsupported(it, expr->place,
                           "this control message is not simulated; IP_TOS, "
                           "IP_TTL, IPV6_TCLASS and IPV6_HOPLIMIT of datagrams "
                           "are");
  if (!pkt_value(it, control.data, &value))
    return PKT_FAILED;
  pkt_udp_set(fd, name, value, ret_error);
  return PKT_DONE;
}

/* One datagram goes with what is said; then the socket's own holds again. */
static PktOutcome send_with(PktRun *it, PktCalling *calling, PktFd *fd,
                            int64_t size, int64_t flags, const PktExpr *list)
{
  bool restores = list && fd->kind == PKT_FD_DATAGRAM;
  PktOutcome outcome = PKT_DONE;
  const char *error = NULL;
  int64_t ttl = 0, tos = 0;

  if (restores) {
    pkt_udp_ask(fd, "IP_TTL", &ttl);
    pkt_udp_ask(fd, "IP_TOS", &tos);
  }
  for (; list && outcome == PKT_DONE && !error; list = list->next)
    outcome = obey_control(it, fd, list, &error);
  if (error)
    outcome = pkt_return_error(calling, error);
  else if (outcome == PKT_DONE)
    outcome = pkt_transmit(it, calling, fd, size, flags);
  if (restores) {
    pkt_udp_set(fd, "IP_TTL", ttl, &error);
    pkt_udp_set(fd, "IP_TOS", tos, &error);
  }
  return outcome;
}

static const PktExpr *controls(const PktExpr *message)
{
  const PktExpr *list = pkt_field(message, "msg_control");

  return list && list->kind == PKT_EXPR_LIST ? list : NULL;
}

static PktOutcome call_sendmsg(PktRun *it, PktCalling *calling)
{
  const PktExpr *list = controls(pkt_arg(calling, 1));
  PktOutcome outcome;
  PktFd *fd = pkt_arg_fd(it, calling, &outcome);
  int64_t size, flags;

  if (!fd)
    return outcome;
  if (!message_size(it, calling, &size) ||
      !pkt_arg_value(it, calling, 2, &flags))
    return PKT_FAILED;
  return send_with(it, calling, fd, size, flags, list ? list->items : NULL);
}

/* -- what came beside the text -- */

static PktOutcome compare_number(PktRun *it, const PktExpr *expr,
                                 const char *name, int64_t found)
{
  int64_t wanted;

  if (expr->kind == PKT_EXPR_ANY)
    return PKT_DONE;
  if (!pkt_value(it, expr, &wanted))
    return PKT_FAILED;
  if (wanted == found)
    return PKT_DONE;
  return pkt_fail(it, expr->place,
                  "%s is %" G_GINT64_FORMAT ", not %" G_GINT64_FORMAT, name,
                  found, wanted);
}

/* A control message of `level` and `type` with a number, if `expr` is it. */
static bool is_control(PktRun *it, const PktExpr *expr, int64_t level,
                       int64_t type, Control *ret)
{
  return expr && read_control(it, expr, ret) && ret->level == level &&
         ret->type == type;
}

static PktOutcome compare_control(PktRun *it, const PktExpr **at,
                                  const char *name, int64_t level, int64_t type,
                                  int64_t found)
{
  Control control;

  if (!is_control(it, *at, level, type, &control))
    return it->failure
               ? PKT_FAILED
               : pkt_malformed(
                     it, *at ? (*at)->place : it->calling->place,
                     "a control message %s came here, with %" G_GINT64_FORMAT,
                     name, found);
  *at = (*at)->next;
  return compare_number(it, control.data, name, found);
}

/* As tcp_inq(): once all is read and the peer has closed it is one. */
static int64_t unread(const TcpConnection *conn)
{
  TcpStatus status;

  tcp_status(conn, &status);
  return tcp_unread(conn) == 0 && status.fin_received ? 1 : tcp_unread(conn);
}

static PktOutcome compare_datagram(PktRun *it, const PktFd *fd,
                                   const PktExpr **at)
{
  bool cut;
  const NetIp *ip = pkt_udp_last(fd, &cut);
  bool ipv4 = net_address_is_ipv4(ip->source);
  int64_t wants_ttl = 0, wants_tos = 0;
  PktOutcome outcome = PKT_DONE;

  pkt_udp_ask((PktFd *)fd, "IP_RECVTTL", &wants_ttl);
  pkt_udp_ask((PktFd *)fd, "IP_RECVTOS", &wants_tos);
  if (wants_ttl)
    outcome =
        compare_control(it, at, ipv4 ? "IP_TTL" : "IPV6_HOPLIMIT",
                        ipv4 ? LEVEL_IP : LEVEL_IPV6, ipv4 ? 2 : 52, ip->ttl);
  if (wants_tos && outcome == PKT_DONE)
    outcome =
        compare_control(it, at, ipv4 ? "IP_TOS" : "IPV6_TCLASS",
                        ipv4 ? LEVEL_IP : LEVEL_IPV6, ipv4 ? 1 : 67, ip->tos);
  return outcome;
}

/* The list that was written is what came: all of it, in order. */
static PktOutcome compare_controls(PktRun *it, const PktCalling *calling,
                                   const PktFd *fd)
{
  const PktExpr *list = controls(pkt_arg(calling, 1));
  const PktExpr *at = list ? list->items : NULL;
  PktOutcome outcome = PKT_DONE;

  if (!list)
    return PKT_DONE;
  if (fd->kind == PKT_FD_DATAGRAM)
    outcome = compare_datagram(it, fd, &at);
  else if (fd->inq && fd->conn)
    outcome =
        compare_control(it, &at, "TCP_CM_INQ", LEVEL_TCP, 36, unread(fd->conn));
  if (outcome == PKT_DONE && at)
    return pkt_fail(it, at->place, "no such control message came");
  return outcome;
}

static PktOutcome compare_flags(PktRun *it, const PktCalling *calling,
                                int64_t found)
{
  const PktExpr *flags = pkt_field(pkt_arg(calling, 1), "msg_flags");

  return flags ? compare_number(it, flags, "msg_flags", found) : PKT_DONE;
}

/* -- the error queue -- */

static PktOutcome compare_refusal(PktRun *it, const PktExpr *data,
                                  const PktRefusal *refusal)
{
  int64_t number = 0;
  struct {
    const char *name;
    int64_t value;
  } parts[] = { { "ee_errno", 0 },
                { "ee_origin", refusal->origin },
                { "ee_type", refusal->type },
                { "ee_code", refusal->code },
                { "ee_info", refusal->info },
                { "ee_data", 0 } };

  pkt_symbol(refusal->error, &number);
  parts[0].value = number;
  for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
    const PktExpr *part = pkt_field(data, parts[i].name);

    if (!part)
      return pkt_malformed(it, data->place, "%s is missing", parts[i].name);
    if (compare_number(it, part, parts[i].name, parts[i].value) == PKT_FAILED)
      return PKT_FAILED;
  }
  return PKT_DONE;
}

/* The quotation that came with the error holds no text. */
static PktOutcome receive_refusal(PktRun *it, PktCalling *calling, PktFd *fd)
{
  const PktExpr *list = controls(pkt_arg(calling, 1));
  bool ipv4 = net_address_is_ipv4(it->config.local);
  PktRefusal refusal;
  Control control;

  if (fd->kind != PKT_FD_DATAGRAM)
    return pkt_unsupported(it, calling->place,
                           "only the error queues of datagram sockets are "
                           "simulated");
  if (!pkt_udp_refusal(fd, &refusal))
    return pkt_return_error(calling, "EAGAIN");
  if (list && !is_control(it, list->items, ipv4 ? LEVEL_IP : LEVEL_IPV6,
                          ipv4 ? 11 : 25, &control))
    return pkt_fail(it, list->place,
                    "the message is of IP_RECVERR (SOL_IP), or IPV6_RECVERR "
                    "(SOL_IPV6)");
  if ((list && compare_refusal(it, control.data, &refusal) == PKT_FAILED) ||
      compare_flags(it, calling, MSG_ERRQUEUE) == PKT_FAILED)
    return PKT_FAILED;
  return pkt_return(calling, 0);
}

static PktOutcome call_recvmsg(PktRun *it, PktCalling *calling)
{
  PktOutcome outcome;
  PktFd *fd = pkt_arg_fd(it, calling, &outcome);
  int64_t size, flags;
  bool cut = false;

  if (!fd)
    return outcome;
  if (!message_size(it, calling, &size) ||
      !pkt_arg_value(it, calling, 2, &flags))
    return PKT_FAILED;
  if (flags & MSG_ERRQUEUE)
    return receive_refusal(it, calling, fd);
  outcome = pkt_receive(it, calling, fd, size, flags);
  if (outcome != PKT_DONE || calling->result < 0)
    return outcome;
  if (fd->kind == PKT_FD_DATAGRAM)
    pkt_udp_last(fd, &cut);
  if (compare_flags(it, calling, cut ? MSG_TRUNC : 0) == PKT_FAILED)
    return PKT_FAILED;
  return compare_controls(it, calling, fd);
}

static PktOutcome call_vector(PktRun *it, PktCalling *calling)
{
  PktOutcome outcome;
  PktFd *fd = pkt_arg_fd(it, calling, &outcome);
  int64_t size;

  if (!fd)
    return outcome;
  if (!vector_size(it, pkt_arg(calling, 1), &size))
    return PKT_FAILED;
  return calling->call->name[0] == 'r' ? pkt_receive(it, calling, fd, size, 0)
                                       : pkt_transmit(it, calling, fd, size, 0);
}

const PktCallRow pkt_calls_message[] = {
  { "sendmsg", call_sendmsg, 3, 3 },
  { "recvmsg", call_recvmsg, 3, 3 },
  { "readv", call_vector, 3, 3 },
  { "writev", call_vector, 3, 3 },
  { NULL, NULL, 0, 0 },
};
