/* read, write and their relatives. Buffers are "..." and hold zeros; NULL is
 * an address that cannot be used. */
#include "pkt_call.h"
#include "pkt_udp.h"

#include <string.h>

enum {
  MSG_OOB = 1,
  MSG_PEEK = 2,
  MSG_EOR = 0x80,
  MSG_WAITALL = 0x100,
  MSG_MORE = 0x8000
};

static PktOutcome not_open(PktCalling *calling, const PktFd *fd, bool writing)
{
  const TcpKnobs *knobs =
      fd->listener ? tcp_listener_knobs(fd->listener) : &fd->knobs;
  bool broken =
      writing && fd->kind == PKT_FD_STREAM && knobs->unopened_is_broken;

  return pkt_return_error(calling, broken ? "EPIPE" : "ENOTCONN");
}

static bool is_null(const PktExpr *buffer)
{
  return buffer->kind == PKT_EXPR_WORD && g_str_equal(buffer->text, "NULL");
}

/* -- receiving -- */

/* May more come behind what was peeked at? */
static bool goes_on(const TcpConnection *conn)
{
  TcpStatus status;

  tcp_status(conn, &status);
  return !status.fin_received && !status.error && status.state != TCP_CLOSED;
}

static PktOutcome peek(PktCalling *calling, PktFd *fd, int64_t size,
                       int64_t flags)
{
  NetSlice slice;
  TcpError error = tcp_peek(fd->conn, (uint32_t)size, &slice);
  uint32_t length = error == TCP_OK ? slice.length : 0;
  bool wants_more = length < size && flags & MSG_WAITALL && goes_on(fd->conn);

  if (error == TCP_OK)
    net_slice_clear(&slice);
  if (error == TCP_EAGAIN)
    return pkt_wait(calling, fd, flags);
  if (wants_more && pkt_wait(calling, fd, flags) == PKT_WAITS)
    return PKT_WAITS;
  return error == TCP_OK ? pkt_return(calling, length)
                         : pkt_return_tcp(calling, error);
}

PktOutcome pkt_receive(PktRun *it, PktCalling *calling, PktFd *fd, int64_t size,
                       int64_t flags)
{
  if (fd->kind == PKT_FD_DATAGRAM)
    return pkt_udp_receive(it, calling, fd, size, flags);
  if (!fd->conn)
    return not_open(calling, fd, false);
  if (flags & MSG_OOB)
    return pkt_unsupported(it, calling->place, "MSG_OOB is not simulated here");
  if (size == 0)
    return pkt_return(calling, 0);
  pkt_wait_until(it, calling, fd->receive_timeout);
  if (flags & MSG_PEEK)
    return peek(calling, fd, size, flags);
  while (calling->moved < size) {
    NetSlice slice;
    TcpError error = tcp_receive(
        fd->conn, (uint32_t)MIN(size - calling->moved, 1 << 30), &slice);
    uint32_t length = error == TCP_OK ? slice.length : 0;

    if (error == TCP_OK)
      net_slice_clear(&slice);
    calling->moved += length;
    /* an error that waits behind the text is the next call's */
    if (length > 0 && (tcp_readable(fd->conn) > 0 || flags & MSG_WAITALL))
      continue;
    if (calling->moved > 0 && !(flags & MSG_WAITALL && error == TCP_EAGAIN))
      break;
    if (error == TCP_EAGAIN)
      return pkt_wait(calling, fd, flags);
    return error == TCP_OK ? pkt_return(calling, 0)
                           : pkt_return_tcp(calling, error);
  }
  return pkt_return(calling, calling->moved);
}

bool pkt_check_size(PktRun *it, PktPlace place, int64_t size, int64_t most)
{
  if (size >= 0 && size <= most)
    return true;
  pkt_malformed(it, place,
                "a size of %" G_GINT64_FORMAT "; write 0 to %" G_GINT64_FORMAT,
                size, most);
  return false;
}

/* read(fd, ..., size), recv(fd, ..., size, flags), recvfrom(...) */
static PktOutcome call_receive(PktRun *it, PktCalling *calling)
{
  PktOutcome outcome;
  PktFd *fd = pkt_arg_fd(it, calling, &outcome);
  int64_t size, flags = 0;

  if (!fd)
    return outcome;
  if (!pkt_arg_value(it, calling, 2, &size) ||
      (pkt_arg(calling, 3) && !pkt_arg_value(it, calling, 3, &flags)))
    return PKT_FAILED;
  if (!pkt_check_size(it, calling->place, size, G_MAXINT32))
    return PKT_FAILED;
  if (is_null(pkt_arg(calling, 1)) && fd->conn && tcp_readable(fd->conn) > 0)
    return pkt_return_error(calling, "EFAULT");
  return pkt_receive(it, calling, fd, size, flags);
}

/* -- sending -- */

static TcpError send_some(PktFd *fd, uint32_t length, int64_t flags,
                          uint32_t *ret_taken)
{
  NetSlice data = net_slice_virtual(length);

  *ret_taken = 0;
  if (flags & MSG_EOR)
    return tcp_send_record(fd->conn, data, ret_taken);
  return flags & MSG_MORE
             ? tcp_send_more(fd->conn, data, flags & MSG_OOB, ret_taken)
             : tcp_send(fd->conn, data, true, flags & MSG_OOB, ret_taken);
}

static PktOutcome sent(PktCalling *calling, TcpError error)
{
  return calling->moved > 0 ? pkt_return(calling, calling->moved)
                            : pkt_return_tcp(calling, error);
}

/* Where sendto() and sendmsg() send: NULL if nothing was written. */
static const PktExpr *address_of(const PktCalling *calling)
{
  if (g_str_equal(calling->call->name, "sendto"))
    return pkt_arg(calling, 4);
  return g_str_equal(calling->call->name, "sendmsg")
             ? pkt_field(pkt_arg(calling, 1), "msg_name")
             : NULL;
}

PktOutcome pkt_transmit(PktRun *it, PktCalling *calling, PktFd *fd,
                        int64_t size, int64_t flags)
{
  if (fd->kind == PKT_FD_DATAGRAM)
    return pkt_udp_send(it, calling, fd, size, flags, address_of(calling));
  if (!fd->conn)
    return not_open(calling, fd, true);
  pkt_wait_until(it, calling, fd->send_timeout);
  if (calling->again && !calling->late && tcp_send_waits(fd->conn))
    return PKT_WAITS;
  for (;;) {
    uint32_t taken;
    TcpError error =
        send_some(fd, (uint32_t)(size - calling->moved), flags, &taken);

    calling->moved += taken;
    if (error == TCP_OK && calling->moved >= size)
      return pkt_return(calling, calling->moved);
    if (error != TCP_OK && error != TCP_EAGAIN)
      return sent(calling, error);
    if (taken > 0)
      continue;
    fd->no_space = true;
    if (pkt_wait(calling, fd, flags) == PKT_WAITS)
      return PKT_WAITS;
    return sent(calling, TCP_EAGAIN);
  }
}

static PktOutcome call_send(PktRun *it, PktCalling *calling)
{
  PktOutcome outcome;
  PktFd *fd = pkt_arg_fd(it, calling, &outcome);
  int64_t size, flags = 0;

  if (!fd)
    return outcome;
  if (!pkt_arg_value(it, calling, 2, &size) ||
      (pkt_arg(calling, 3) && !pkt_arg_value(it, calling, 3, &flags)))
    return PKT_FAILED;
  if (!pkt_check_size(it, calling->place, size, G_MAXINT32))
    return PKT_FAILED;
  if (flags & 0x20000000)
    return pkt_unsupported(it, calling->place, "Fast Open is not simulated");
  if (is_null(pkt_arg(calling, 1)) && size > 0)
    return pkt_return_error(calling, "EFAULT");
  return pkt_transmit(it, calling, fd, size, flags);
}

const PktCallRow pkt_calls_data[] = {
  { "read", call_receive, 3, 3 },
  { "recv", call_receive, 4, 4 },
  { "recvfrom", call_receive, 6, 6 },
  { "write", call_send, 3, 3 },
  { "send", call_send, 4, 4 },
  { "sendto", call_send, 6, 6 },
  { NULL, NULL, 0, 0 },
};
