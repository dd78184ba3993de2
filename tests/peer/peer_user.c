/* The user's side of a test: calls, and what they must answer. */
#include "peer.h"

#include <string.h>

static void notify(void *user, TcpConnection *conn, unsigned events)
{
  Peer *t = user;

  t->events |= events;
  if (events & t->close_on)
    tcp_close(conn);
}

static bool calls(Peer *t, const char *name)
{
  /* what the host sent before was to be expected before */
  host_silent(t, t->sim->now);
  if (t->failed)
    return false;
  g_string_append_printf(t->log, "%14.6f  user: %s\n",
                         (double)t->sim->now / 1e9, name);
  return true;
}

static void check_error(Peer *t, const char *call, TcpError error,
                        const char *want)
{
  if (strcmp(tcp_error_name(error), want) != 0)
    peer_fail(t, "%s answered %s, not %s", call, tcp_error_name(error), want);
}

static void settle(Peer *t)
{
  runs_to(t, t->sim->now);
}

static void accept_one(Peer *t)
{
  if (!t->conn)
    t->conn = tcp_accept(t->listener, notify, t);
}

static void acceptable(void *user, TcpListener *listener)
{
  Peer *t = user;

  (void)listener;
  if (!t->hold_accept)
    accept_one(t);
}

void user_listens(Peer *t)
{
  TcpError error;

  if (!calls(t, "listen"))
    return;
  t->listener = tcp_listen(t->stack, NET_ADDRESS_ANY, HOST_PORT, 0, NULL,
                           acceptable, t, &error);
  check_error(t, "listen", error, "OK");
}

void user_unlistens(Peer *t)
{
  if (!calls(t, "close of the listener"))
    return;
  tcp_listener_close(t->listener);
  t->listener = NULL;
  settle(t);
}

void user_accepts(Peer *t)
{
  if (!calls(t, "accept"))
    return;
  accept_one(t);
  if (!t->conn)
    peer_fail(t, "there is nothing to accept");
}

static TcpError connect_to_peer(Peer *t)
{
  TcpEnd local = { NET_ADDRESS_ANY, HOST_PORT };
  TcpEnd remote = { net_host_address(t->peer), t->port };
  TcpError error;

  t->conn = tcp_connect(t->stack, &local, remote, NULL, notify, t, &error);
  settle(t);
  return error;
}

void user_connects(Peer *t)
{
  if (calls(t, "connect"))
    check_error(t, "connect", connect_to_peer(t), "OK");
}

void user_connects_refused(Peer *t, const char *error)
{
  if (calls(t, "connect"))
    check_error(t, "connect", connect_to_peer(t), error);
}

static void send_pattern(Peer *t, uint32_t count, bool push, bool urgent)
{
  uint32_t taken;
  TcpError error;

  if (!calls(t, urgent ? "send urgent" : "send"))
    return;
  error = tcp_send(t->conn, peer_pattern_slice(t->written + 1, count), push,
                   urgent, &taken);
  check_error(t, "send", error, "OK");
  number_is(t, "bytes taken", taken, count);
  t->written += taken;
  settle(t);
}

void user_sends_more(Peer *t, uint32_t count)
{
  uint32_t taken;
  TcpError error;

  if (!calls(t, "send with more to come"))
    return;
  error = tcp_send_more(t->conn, peer_pattern_slice(t->written + 1, count),
                        false, &taken);
  check_error(t, "send", error, "OK");
  number_is(t, "bytes taken", taken, count);
  t->written += taken;
  settle(t);
}

void user_sends(Peer *t, uint32_t count)
{
  send_pattern(t, count, false, false);
}

void user_sends_pushed(Peer *t, uint32_t count)
{
  send_pattern(t, count, true, false);
}

void user_sends_urgent(Peer *t, uint32_t count)
{
  send_pattern(t, count, false, true);
}

void user_send_refused(Peer *t, const char *error)
{
  if (!calls(t, "send"))
    return;
  check_error(t, "send",
              tcp_send(t->conn, peer_pattern_slice(t->written + 1, 1), false,
                       false, NULL),
              error);
  settle(t);
}

/* True if the next slice was read and is the pattern's. */
static bool read_slice(Peer *t, uint32_t most, uint32_t *ret_count)
{
  g_autofree uint8_t *bytes = g_malloc(most);
  NetSlice slice;
  TcpError error = tcp_receive(t->conn, most, &slice);

  if (error || slice.length == 0)
    return false;
  net_slice_copy(slice, bytes);
  for (uint32_t i = 0; i < slice.length; i++)
    if (bytes[i] != peer_pattern(++t->read)) {
      peer_fail(t, "byte %u that was read is not the peer's", t->read);
      break;
    }
  *ret_count += slice.length;
  net_slice_clear(&slice);
  return true;
}

void user_reads_some(Peer *t, uint32_t count)
{
  uint32_t done = 0;

  if (!calls(t, "receive"))
    return;
  while (done < count && read_slice(t, count - done, &done))
    ;
  number_is(t, "bytes read", done, count);
  settle(t);
}

void user_reads(Peer *t, uint32_t count)
{
  if (t->failed)
    return;
  number_is(t, "bytes to read", tcp_readable(t->conn), count);
  user_reads_some(t, count);
}

void user_read_refused(Peer *t, const char *error)
{
  NetSlice slice;

  if (!calls(t, "receive"))
    return;
  check_error(t, "receive", tcp_receive(t->conn, 100, &slice), error);
  number_is(t, "bytes read", slice.length, 0);
  net_slice_clear(&slice);
  settle(t);
}

void user_reads_end(Peer *t)
{
  user_read_refused(t, "OK");
}

void user_shuts(Peer *t, TcpShutdown how)
{
  if (!calls(t, "shutdown"))
    return;
  check_error(t, "shutdown", tcp_shutdown(t->conn, how), "OK");
  settle(t);
}

void user_closes(Peer *t)
{
  if (!calls(t, "close"))
    return;
  check_error(t, "close", tcp_close(t->conn), "OK");
  settle(t);
}

void user_lingers(Peer *t, SimTime time)
{
  if (calls(t, "SO_LINGER"))
    tcp_set_linger(t->conn, true, time);
}

void user_aborts(Peer *t)
{
  if (!calls(t, "abort"))
    return;
  check_error(t, "abort", tcp_abort(t->conn), "OK");
  settle(t);
}

void user_releases(Peer *t)
{
  if (!calls(t, "release"))
    return;
  tcp_release(t->conn);
  t->conn = NULL;
  settle(t);
}

void user_sets(Peer *t, const char *knob, int64_t value)
{
  if (!calls(t, "setsockopt"))
    return;
  check_error(t, knob, tcp_set_knob(t->conn, knob, value), "OK");
  settle(t);
}

void user_error(Peer *t, const char *name)
{
  if (!t->failed)
    check_error(t, "the pending error", tcp_error(t->conn), name);
}

TcpStatus user_status(Peer *t)
{
  TcpStatus status = { .state = TCP_CLOSED };

  if (t->conn && !t->failed)
    tcp_status(t->conn, &status);
  return status;
}

void windows_are(Peer *t, uint32_t cwnd, uint32_t ssthresh)
{
  TcpStatus status = user_status(t);

  number_is(t, "CWND", status.cwnd, cwnd);
  number_is(t, "SSTHRESH", status.ssthresh, ssthresh);
}

Peer *linux_new(SimTime delay)
{
  Peer *t = peer_new(delay);

  peer_profile(t, "linux");
  return t;
}

Peer *freebsd_new(void)
{
  Peer *t = peer_new(0);

  peer_profile(t, "freebsd");
  peer_knob(t, "receive_buffer", 65536);
  return t;
}
