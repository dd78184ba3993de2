/* What the user's calls answer (3.10.1 to 3.10.6), and that each is traced. */
#include "peer.h"

static TcpError connect_error(Peer *t, TcpEnd local, TcpEnd remote)
{
  TcpError error;
  TcpConnection *conn =
      tcp_connect(t->stack, &local, remote, NULL, NULL, NULL, &error);

  if (conn)
    peer_fail(t, "it connected");
  return error;
}

static NetAddress ipv4(uint32_t number)
{
  return net_address_ipv4(number);
}

/* MUST-43, MUST-46 */
static void test_open_refused(void)
{
  Peer *t = peer_new(0);
  TcpEnd any = { NET_ADDRESS_ANY, 0 };
  TcpEnd peer = { net_host_address(t->peer), PEER_PORT };

  number_is(t, "to port 0", connect_error(t, any, (TcpEnd){ peer.address, 0 }),
            TCP_EINVAL);
  number_is(t, "to no address",
            connect_error(t, any, (TcpEnd){ NET_ADDRESS_ANY, 80 }), TCP_EINVAL);
  number_is(t, "to an unknown net",
            connect_error(t, any, (TcpEnd){ ipv4(0xc0a80001), 80 }),
            TCP_ENETUNREACH);
  number_is(t, "from another's address", connect_error(t, peer, peer),
            TCP_EADDRNOTAVAIL);
  peer_free(t);
}

static void listen_fails(Peer *t, NetAddress address, uint16_t port,
                         TcpError want)
{
  TcpError error;
  TcpListener *listener =
      tcp_listen(t->stack, address, port, 0, NULL, NULL, NULL, &error);

  if (listener)
    peer_fail(t, "it listens");
  number_is(t, "error", error, want);
}

static void test_listen_refused(void)
{
  Peer *t = peer_new(0);

  user_listens(t);
  listen_fails(t, NET_ADDRESS_ANY, HOST_PORT, TCP_EADDRINUSE);
  listen_fails(t, net_host_address(t->host), HOST_PORT, TCP_EADDRINUSE);
  listen_fails(t, net_host_address(t->peer), 80, TCP_EADDRNOTAVAIL);
  listen_fails(t, NET_ADDRESS_ANY, 0, TCP_EINVAL);
  peer_free(t);
}

/* RFC 6056: from the range, and never the same for the same peer. */
static void test_ports_are_chosen(void)
{
  Peer *t = peer_new(0);
  TcpEnd peer = { net_host_address(t->peer), PEER_PORT };
  TcpConnection *conns[3];
  TcpError error;
  unsigned seen = 0;

  peer_knob(t, "ephemeral_low", 60000);
  peer_knob(t, "ephemeral_high", 60002);
  for (int i = 0; i < 3; i++) {
    conns[i] = tcp_connect(t->stack, NULL, peer, NULL, NULL, NULL, &error);
    runs_to(t, 0);
    host_sends(t, "S 0:0(0) <mss 1460>");
    seen |= 1u << (tcp_pair(conns[i]).local.port - 60000);
  }
  number_is(t, "ports", seen, 7);
  number_is(t, "a fourth",
            connect_error(t, (TcpEnd){ NET_ADDRESS_ANY, 0 }, peer),
            TCP_EADDRNOTAVAIL);
  for (int i = 0; i < 3; i++)
    tcp_release(conns[i]);
  peer_free(t);
}

static void test_calls_in_closed(void)
{
  Peer *t = peer_new(0);

  reaches(t, "SYN-SENT");
  number_is(t, "shutdown", tcp_shutdown(t->conn, TCP_SHUTDOWN_SEND),
            TCP_ENOTCONN);
  user_read_refused(t, "EAGAIN");
  peer_sends(t, "R. 0:0(0) ack 1");
  user_send_refused(t, "ECONNREFUSED");
  user_send_refused(t, "ENOTCONN");
  user_read_refused(t, "ENOTCONN");
  number_is(t, "shutdown", tcp_shutdown(t->conn, TCP_SHUTDOWN_SEND),
            TCP_ENOTCONN);
  peer_free(t);
}

static void test_calls_after_abort(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, "P. 1:11(10) ack 1");
  user_aborts(t);
  host_sends(t, "R 1:1(0)");
  user_send_refused(t, "EPIPE");
  user_read_refused(t, "EPIPE");
  number_is(t, "to read", tcp_readable(t->conn), 0);
  peer_free(t);
}

static void test_options_refused(void)
{
  Peer *t = peer_new(0);

  established(t);
  number_is(t, "no such name", tcp_set_knob(t->conn, "nagel", 0),
            TCP_ENOPROTOOPT);
  number_is(t, "out of range", tcp_set_knob(t->conn, "nagle", 2), TCP_EINVAL);
  number_is(t, "unchanged", tcp_knobs(t->conn)->nagle, 1);
  peer_free(t);
}

/* A connection's knobs are its own. */
static void test_options_are_of_one_connection(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sets(t, "msl", 5);
  number_is(t, "its own", tcp_knobs(t->conn)->msl, 5);
  number_is(t, "the host's", tcp_stack_knobs(t->stack)->msl, S(120));
  peer_free(t);
}

/* More room in the buffer is told at once. */
static void test_receive_buffer_grows(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "receive_buffer", 1000);
  user_connects(t);
  host_sends(t, "S 0:0(0) win 1000 <mss 1460>");
  peer_sends(t, "S. 0:0(0) ack 1 <mss 1460>");
  host_sends(t, ". 1:1(0) ack 1 win 1000");
  user_sets(t, "receive_buffer", 10000);
  host_sends(t, ". 1:1(0) ack 1 win 10000");
  met(t, "WINDOW_UPDATE");
  peer_free(t);
}

/* Releasing is closing, and nobody is told any more. */
static void test_release_closes(void)
{
  Peer *t = peer_new(0);

  established(t);
  t->events = 0;
  user_releases(t);
  host_sends(t, "F. 1:1(0) ack 1");
  peer_sends(t, "F. 1:1(0) ack 2");
  host_sends(t, ". 2:2(0) ack 2");
  not_told(t, ~0u);
  number_is(t, "control blocks",
            (int64_t)tcp_stack_counters(t->stack)->connections, 0);
  host_silent(t, S(240));
  host_is(t, "CLOSED");
  peer_free(t);
}

static void note_call(void *user, Sim *sim, unsigned kind, const void *record)
{
  const TcpTraceCall *call = record;

  (void)sim;
  (void)kind;
  g_string_append_printf(user, "%s %s %u %s\n", tcp_state_name(call->state),
                         call->call, call->length, tcp_error_name(call->error));
}

static void test_calls_are_traced(void)
{
  Peer *t = peer_new(0);
  GString *calls = g_string_new(NULL);

  sim_trace_listen(t->sim, 1 << TCP_TRACE_CALL, note_call, calls);
  established(t);
  user_sends(t, 10);
  host_sends(t, "P. 1:11(10) ack 1");
  user_read_refused(t, "EAGAIN"); /* waiting is not traced */
  peer_sends(t, "P. 1:6(5) ack 11");
  user_reads(t, 5);
  user_shuts(t, TCP_SHUTDOWN_SEND);
  host_sends(t, "F. 11:11(0) ack 6");
  user_send_refused(t, "EPIPE");
  user_closes(t);
  user_aborts(t);
  host_sends(t, "R 12:12(0)");
  if (g_strcmp0(calls->str, "CLOSED OPEN 0 OK\n"
                            "ESTABLISHED SEND 10 OK\n"
                            "ESTABLISHED RECEIVE 5 OK\n"
                            "ESTABLISHED SHUTDOWN 0 OK\n"
                            "FIN-WAIT-1 SEND 1 EPIPE\n"
                            "FIN-WAIT-1 CLOSE 0 OK\n"
                            "FIN-WAIT-1 ABORT 0 OK\n") != 0)
    peer_fail(t, "traced were:\n%s", calls->str);
  peer_free(t);
  g_string_free(calls, TRUE);
}

/* Nothing is sent, a user is told, and what comes later meets nobody. */
static void test_crash(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 10);
  host_sends(t, "P. 1:11(10) ack 1");
  tcp_stack_crash(t->stack);
  t->listener = NULL;
  met(t, "CRASHED");
  host_silent(t, 10 * SIM_SECOND);
  host_is(t, "CLOSED");
  number_is(t, "error", (int64_t)tcp_error(t->conn), TCP_ECONNABORTED);
  peer_sends(t, ". 1:1(0) ack 11");
  host_sends(t, "R 11:11(0)");
  peer_free(t);
}

static void test_crash_in_time_wait(void)
{
  Peer *t = peer_new(0);

  reaches(t, "TIME-WAIT");
  tcp_stack_crash(t->stack);
  t->listener = NULL;
  met(t, "CRASHED");
  host_is(t, "CLOSED");
  number_is(t, "records", (int64_t)tcp_stack_counters(t->stack)->time_waits, 0);
  peer_free(t);
}

/* The peer is told, and the user. */
static void test_drop(void)
{
  Peer *t = peer_new(0);
  TcpPair pair;

  established(t);
  pair = tcp_pair(t->conn);
  number_is(t, "dropped", tcp_drop(t->stack, &pair), true);
  met(t, "DROPPED");
  host_sends(t, "R 1:1(0)");
  host_is(t, "CLOSED");
  number_is(t, "error", (int64_t)tcp_error(t->conn), TCP_ECONNABORTED);
  number_is(t, "dropped again", tcp_drop(t->stack, &pair), false);
  peer_free(t);
}

static void test_drop_in_syn_sent(void)
{
  Peer *t = peer_new(0);
  TcpPair pair;

  reaches(t, "SYN-SENT");
  pair = tcp_pair(t->conn);
  tcp_drop(t->stack, &pair);
  met(t, "DROPPED");
  host_silent(t, 10 * SIM_SECOND);
  number_is(t, "error", (int64_t)tcp_error(t->conn), TCP_ECONNABORTED);
  peer_free(t);
}

static void test_drop_in_time_wait(void)
{
  Peer *t = peer_new(0);
  TcpPair pair;

  reaches(t, "TIME-WAIT");
  pair = tcp_pair(t->conn);
  tcp_drop(t->stack, &pair);
  met(t, "DROPPED");
  host_silent(t, 10 * SIM_SECOND);
  host_is(t, "CLOSED");
  number_is(t, "error", (int64_t)tcp_error(t->conn), TCP_OK);
  number_is(t, "records", (int64_t)tcp_stack_counters(t->stack)->time_waits, 0);
  peer_free(t);
}

void add_calls_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/calls/" path, test_##name)
  ADD("closed-open-refused", open_refused);
  ADD("listen-refused", listen_refused);
  ADD("closed-ports", ports_are_chosen);
  ADD("closed-refused", calls_in_closed);
  ADD("closed-aborted", calls_after_abort);
  ADD("options-refused", options_refused);
  ADD("options-own", options_are_of_one_connection);
  ADD("options-receive-buffer", receive_buffer_grows);
  ADD("established-release", release_closes);
  ADD("traced", calls_are_traced);
  ADD("crash-established", crash);
  ADD("crash-time-wait", crash_in_time_wait);
  ADD("drop-established", drop);
  ADD("drop-syn-sent", drop_in_syn_sent);
  ADD("drop-time-wait", drop_in_time_wait);
#undef ADD
}
