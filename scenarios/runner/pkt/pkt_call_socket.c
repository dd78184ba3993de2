/* socket, bind, listen, accept, connect, shutdown, close. */
#include "pkt_call.h"
#include "pkt_udp.h"

static bool is_known(int64_t protocol, int64_t type)
{
  return (type == 1 && (protocol == 0 || protocol == 6)) ||
         (type == 2 && (protocol == 0 || protocol == 17));
}

static PktOutcome call_socket(PktRun *it, PktCalling *calling)
{
  int64_t type, protocol;
  PktFd *fd;

  if (!pkt_arg_value(it, calling, 1, &type) ||
      !pkt_arg_value(it, calling, 2, &protocol))
    return PKT_FAILED;
  if (!is_known(protocol, type & 0xf))
    return pkt_unsupported(it, calling->place,
                           "only sockets of TCP (SOCK_STREAM) and of UDP "
                           "(SOCK_DGRAM) are simulated");
  fd = pkt_fd_new(it, (type & 0xf) == 2 ? PKT_FD_DATAGRAM : PKT_FD_STREAM,
                  pkt_new_number(calling));
  if (fd->kind == PKT_FD_DATAGRAM)
    pkt_udp_new(fd);
  fd->flags |= type & PKT_O_NONBLOCK;
  it->flow.listening = it->flow.connecting = false;
  it->flow.local.port = it->flow.remote.port = 0;
  return pkt_return(calling, fd->number);
}

static PktOutcome call_bind(PktRun *it, PktCalling *calling)
{
  PktOutcome outcome;
  PktFd *fd = pkt_arg_fd(it, calling, &outcome);

  if (!fd)
    return outcome;
  if (fd->kind == PKT_FD_DATAGRAM)
    return pkt_udp_bind(it, calling, fd);
  if (fd->bound || fd->conn || fd->listener)
    return pkt_return_error(calling, "EINVAL");
  fd->bound =
      tcp_bind(it->stack, (TcpEnd){ it->config.local, it->config.bind_port },
               &fd->knobs);
  return pkt_return(calling, 0);
}

static PktOutcome call_listen(PktRun *it, PktCalling *calling)
{
  PktOutcome outcome;
  PktFd *fd = pkt_arg_fd(it, calling, &outcome);
  TcpError error = TCP_OK;
  int64_t backlog;

  if (!fd || !pkt_arg_value(it, calling, 1, &backlog))
    return outcome;
  if (fd->kind != PKT_FD_STREAM)
    return pkt_return_error(calling, "EOPNOTSUPP");
  if (fd->conn)
    return pkt_return_error(calling, "EINVAL");
  if (fd->listener)
    return pkt_return(calling, 0);
  fd->listener = tcp_listen(it->stack, it->config.local, it->config.bind_port,
                            (unsigned)CLAMP(backlog, 1, 4096), &fd->knobs,
                            pkt_fd_acceptable, fd, &error);
  if (fd->listener) {
    pkt_fd_unbind(fd);
    it->flow.listening = true;
  }
  return pkt_return_tcp(calling, error);
}

static PktOutcome call_accept(PktRun *it, PktCalling *calling)
{
  PktOutcome outcome;
  PktFd *listening = pkt_arg_fd(it, calling, &outcome), *fd;
  TcpConnection *conn;

  if (!listening)
    return outcome;
  if (listening->kind != PKT_FD_STREAM)
    return pkt_return_error(calling, "EOPNOTSUPP");
  if (!listening->listener)
    return pkt_return_error(calling, "EINVAL");
  conn = tcp_accept(listening->listener, NULL, NULL);
  if (!conn)
    return pkt_wait(calling, listening, 0);
  fd = pkt_fd_new(it, PKT_FD_STREAM, pkt_new_number(calling));
  fd->conn = conn;
  fd->was_open = true;
  fd->inq = listening->inq;
  fd->linger = listening->linger;
  fd->linger_time = listening->linger_time;
  tcp_set_linger(conn, fd->linger, fd->linger_time);
  tcp_set_user(conn, pkt_fd_notify, fd);
  return pkt_return(calling, fd->number);
}

/* -- connect -- */

static PktOutcome open_connection(PktRun *it, PktCalling *calling, PktFd *fd)
{
  TcpEnd local = { it->config.local, fd->bound ? it->config.bind_port : 0 };
  TcpEnd remote = { it->config.remote, it->config.connect_port };
  TcpError error = TCP_OK;

  it->flow.connecting = true;
  it->flow.known_local = it->flow.known_remote = false;
  it->flow.listening = false;
  it->flow.remote = remote;
  it->flow.remote_isn = it->flow.local_isn = 0;
  it->flow.script_isn = 0;
  it->flow.has_first_ts = false;
  g_hash_table_remove_all(it->flow.ts_values);
  fd->conn = tcp_connect(it->stack, &local, remote, &fd->knobs, pkt_fd_notify,
                         fd, &error);
  if (!fd->conn)
    return pkt_return_tcp(calling, error);
  pkt_fd_unbind(fd);
  tcp_set_linger(fd->conn, fd->linger, fd->linger_time);
  fd->opening = true;
  return fd->flags & PKT_O_NONBLOCK ? pkt_return_error(calling, "EINPROGRESS")
                                    : PKT_WAITS;
}

/* Linux tells once that what did not wait has succeeded. */
static PktOutcome connected(PktCalling *calling, PktFd *fd)
{
  bool first = fd->opening && tcp_knobs(fd->conn)->connect_told;

  fd->opening = false;
  return calling->again || first ? pkt_return(calling, 0)
                                 : pkt_return_error(calling, "EISCONN");
}

static PktOutcome call_connect(PktRun *it, PktCalling *calling)
{
  PktOutcome outcome;
  PktFd *fd = pkt_arg_fd(it, calling, &outcome);
  TcpState state;

  if (!fd)
    return outcome;
  if (fd->kind == PKT_FD_DATAGRAM)
    return pkt_udp_connect(it, calling, fd);
  if (fd->listener)
    return pkt_return_error(calling, "EISCONN");
  if (!fd->conn)
    return open_connection(it, calling, fd);
  state = tcp_state(fd->conn);
  if (state == TCP_SYN_SENT || state == TCP_SYN_RECEIVED)
    return fd->flags & PKT_O_NONBLOCK ? pkt_return_error(calling, "EALREADY")
                                      : PKT_WAITS;
  if (fd->was_open)
    return connected(calling, fd);
  return pkt_return_tcp(calling, tcp_error(fd->conn));
}

/* -- ending -- */

static PktOutcome call_shutdown(PktRun *it, PktCalling *calling)
{
  PktOutcome outcome;
  PktFd *fd = pkt_arg_fd(it, calling, &outcome);
  int64_t how;

  if (!fd || !pkt_arg_value(it, calling, 1, &how))
    return outcome;
  if (how < 0 || how > 2)
    return pkt_return_error(calling, "EINVAL");
  if (fd->kind == PKT_FD_DATAGRAM)
    return pkt_udp_shutdown(calling, fd, how);
  if (fd->listener) {
    tcp_listener_close(fd->listener);
    fd->listener = NULL;
    return pkt_return(calling, 0);
  }
  if (!fd->conn)
    return pkt_return_error(calling, "ENOTCONN");
  return pkt_return_tcp(calling,
                        tcp_shutdown(fd->conn, (TcpShutdown)(how + 1)));
}

/* With SO_LINGER it waits until all is acknowledged. */
static bool lingers(const PktFd *fd)
{
  TcpState state = fd->conn ? tcp_state(fd->conn) : TCP_CLOSED;

  return fd->linger && fd->linger_time > 0 &&
         (state == TCP_FIN_WAIT_1 || state == TCP_CLOSING ||
          state == TCP_LAST_ACK);
}

static PktOutcome call_close(PktRun *it, PktCalling *calling)
{
  PktOutcome outcome;
  PktFd *fd = pkt_arg_fd(it, calling, &outcome);

  if (!fd)
    return outcome;
  if (fd->conn && !calling->again && fd->linger && fd->linger_time > 0)
    tcp_close(fd->conn);
  pkt_wait_until(it, calling, fd->linger_time);
  if (lingers(fd) && !calling->late && !(fd->flags & PKT_O_NONBLOCK))
    return PKT_WAITS;
  pkt_fd_close(fd);
  return pkt_return(calling, 0);
}

const PktCallRow pkt_calls_socket[] = {
  { "socket", call_socket, 3, 3 },   { "bind", call_bind, 3, 3 },
  { "listen", call_listen, 2, 2 },   { "accept", call_accept, 3, 4 },
  { "connect", call_connect, 3, 3 }, { "shutdown", call_shutdown, 2, 2 },
  { "close", call_close, 1, 1 },     { NULL, NULL, 0, 0 },
};
