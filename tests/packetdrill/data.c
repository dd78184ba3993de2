/* Receiving and sending: every form of both is a list of parts. What is sent is
 * real bytes; what was never stored arrives as zeros. */
#include "socket.h"

#include <limits.h>
#include <string.h>

static int check_parts(const PdCall *call)
{
  if (call->count < 0 || call->count > IOV_MAX)
    return -EINVAL;
  return !call->parts && call->count > 0 ? -EFAULT : 0;
}

static gsize size_of(const PdCall *call)
{
  gsize size = 0;

  for (int i = 0; i < call->count; i++)
    size += call->parts[i].iov_len;
  return size;
}

/* Where byte `at` of the parts is, and how many follow it there. */
static uint8_t *part_at(const PdCall *call, gsize at, gsize *ret_room)
{
  for (int i = 0; i < call->count; i++) {
    if (at < call->parts[i].iov_len) {
      *ret_room = call->parts[i].iov_len - at;
      return (uint8_t *)call->parts[i].iov_base + at;
    }
    at -= call->parts[i].iov_len;
  }
  *ret_room = 0;
  return NULL;
}

static bool has_null(const PdCall *call)
{
  for (int i = 0; i < call->count; i++)
    if (!call->parts[i].iov_base && call->parts[i].iov_len > 0)
      return true;
  return false;
}

static gssize wait_or(const PdSocket *socket, const PdCall *call)
{
  bool now = socket->nonblocking || call->flags & MSG_DONTWAIT || call->late;

  return now ? -EAGAIN : PD_WAITS;
}

/* -- receiving -- */

static TcpError receive_part(PdSocket *socket, PdCall *call, gsize *ret)
{
  gsize room;
  uint8_t *at = part_at(call, call->moved, &room);
  NetSlice slice;
  TcpError error =
      tcp_receive(socket->conn, (uint32_t)MIN(room, 1 << 30), &slice);

  *ret = 0;
  if (error != TCP_OK)
    return error;
  *ret = slice.length;
  net_slice_copy(slice, at);
  net_slice_clear(&slice);
  return TCP_OK;
}

gssize pd_receive(PdWorld *it, PdCall *call)
{
  PdSocket *socket;
  int problem = pd_stream(it, call->fd, &socket);
  gsize size;

  if (problem == 0)
    problem = check_parts(call);
  if (problem < 0)
    return problem;
  size = size_of(call);
  if (!socket->conn)
    return -ENOTCONN;
  if (call->flags & (MSG_PEEK | MSG_OOB | MSG_ERRQUEUE))
    return call->flags & MSG_ERRQUEUE ? -EAGAIN : -EOPNOTSUPP;
  if (has_null(call) && tcp_readable(socket->conn) > 0)
    return -EFAULT;
  pd_set_deadline(it, call, socket->receive_timeout);
  while (call->moved < size) {
    gsize moved;
    TcpError error = receive_part(socket, call, &moved);

    call->moved += moved;
    if (moved > 0)
      continue;
    if (call->moved > 0 &&
        !(call->flags & MSG_WAITALL && error == TCP_EAGAIN && !call->late))
      break;
    return error == TCP_EAGAIN ? wait_or(socket, call) : pd_errno(error);
  }
  return (gssize)call->moved;
}

/* -- sending -- */

static TcpError send_part(PdSocket *socket, PdCall *call, bool last,
                          uint32_t *ret)
{
  gsize room;
  const uint8_t *at = part_at(call, call->moved, &room);
  NetSlice data = net_slice_of(at, (uint32_t)MIN(room, 1 << 30));
  bool urgent = last && call->flags & MSG_OOB;

  *ret = 0;
  if (call->flags & MSG_MORE || !last)
    return tcp_send_more(socket->conn, data, urgent, ret);
  if (call->flags & MSG_EOR) {
    pd_offload_record(&socket->world->offload, socket->conn, data.length);
    return tcp_send_record(socket->conn, data, ret);
  }
  return tcp_send(socket->conn, data, true, urgent, ret);
}

static gssize sent(const PdCall *call, gssize otherwise)
{
  return call->moved > 0 ? (gssize)call->moved : otherwise;
}

gssize pd_send(PdWorld *it, PdCall *call)
{
  PdSocket *socket;
  int problem = pd_stream(it, call->fd, &socket);
  gsize size;

  if (problem == 0)
    problem = check_parts(call);
  if (problem < 0)
    return problem;
  size = size_of(call);
  if (socket->conn && call->again && !call->late &&
      tcp_send_waits(socket->conn))
    return PD_WAITS;
  if (!socket->conn)
    return -EPIPE;
  if (has_null(call))
    return -EFAULT;
  pd_set_deadline(it, call, socket->send_timeout);
  while (call->moved < size) {
    gsize room;
    uint32_t taken;
    TcpError error;

    part_at(call, call->moved, &room);
    error = send_part(socket, call, call->moved + room >= size, &taken);
    call->moved += taken;
    if (error != TCP_OK && error != TCP_EAGAIN)
      return sent(call, pd_errno(error));
    if (taken > 0)
      continue;
    socket->no_space = true;
    if (wait_or(socket, call) == PD_WAITS)
      return PD_WAITS;
    return sent(call, -EAGAIN);
  }
  return (gssize)call->moved;
}
