/* What is asked of a connection: TCP_INFO, SIOCINQ, SIOCOUTQ, and the list of
 * a host's sockets. */
#include "info.h"
#include "peer.h"
#include "sockets.h"
#include "sockopt.h"

static TcpInfo info_of(Peer *t)
{
  TcpInfo info;

  tcp_info(t->conn, &info);
  return info;
}

/* What the handshake has agreed on. */
static void test_options(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "sack", 1);
  peer_knob(t, "timestamps", 1);
  peer_knob(t, "window_scaling", 1);
  peer_knob(t, "ecn", 2);
  user_listens(t);
  peer_sends(t, "SEW 0:0(0) <mss 1460,sackOK,TS val 7 ecr 0,wscale 2>");
  host_sends(t, "SE. 0:0(0) ack 1 <mss 1460,sackOK,TS val 0 ecr 7,wscale 0>");
  peer_sends(t, ". 1:1(0) ack 1 <TS val 8 ecr 0>");
  user_accepts(t);
  number_is(t, "options", info_of(t).options,
            TCP_INFO_TIMESTAMPS | TCP_INFO_SACK | TCP_INFO_WSCALE |
                TCP_INFO_ECN);
  peer_free(t);
}

/* As measured of Linux 6.18: SYN and FIN are acknowledged bytes, the peer's FIN
 * is a received one; a listener's SYN,ACK is not the connection's. */
static void test_opened(void)
{
  Peer *t = peer_new(0);
  TcpInfo it;

  established(t);
  host_silent(t, MS(1234));
  it = info_of(t);
  number_is(t, "state", it.state, 1);
  number_is(t, "segs_out", it.segs_out, 2);
  number_is(t, "segs_in", it.segs_in, 1);
  number_is(t, "bytes_acked", it.bytes_acked, 1);
  number_is(t, "bytes_received", it.bytes_received, 0);
  number_is(t, "delivered", it.delivered, 1);
  number_is(t, "last_data_sent", it.last_data_sent, 1234);
  number_is(t, "last_data_recv", it.last_data_recv, 1234);
  number_is(t, "last_ack_recv", it.last_ack_recv, 1234);
  number_is(t, "snd_mss", it.snd_mss, 1460);
  number_is(t, "advmss", it.advmss, 1460);
  number_is(t, "pmtu", it.pmtu, 1480 + peer_ip_size());
  number_is(t, "ssthresh", it.snd_ssthresh, INT32_MAX);
  number_is(t, "cwnd", it.snd_cwnd, 3);
  number_is(t, "options", it.options, 0);
  peer_free(t);
}

static void test_opened_passively(void)
{
  Peer *t = peer_new(0);
  TcpInfo it;

  established_passively(t);
  it = info_of(t);
  number_is(t, "segs_out", it.segs_out, 0);
  number_is(t, "segs_in", it.segs_in, 2);
  number_is(t, "bytes_acked", it.bytes_acked, 0);
  number_is(t, "delivered", it.delivered, 1);
  peer_free(t);
}

static void test_closed_after_text(void)
{
  Peer *t = peer_new(0);
  TcpInfo it;

  established(t);
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  host_silent(t, MS(48));
  peer_sends(t, ". 1:1(0) ack 101");
  user_shuts(t, TCP_SHUTDOWN_SEND);
  host_sends_at(t, MS(48), "F. 101:101(0) ack 1");
  peer_sends(t, ". 1:1(0) ack 102");
  host_silent(t, MS(300));
  it = info_of(t);
  number_is(t, "state", it.state, 5);
  number_is(t, "bytes_sent", it.bytes_sent, 100);
  number_is(t, "bytes_acked", it.bytes_acked, 102);
  number_is(t, "segs_out", it.segs_out, 4);
  number_is(t, "segs_in", it.segs_in, 3);
  number_is(t, "data_segs_out", it.data_segs_out, 1);
  number_is(t, "delivered", it.delivered, 3);
  number_is(t, "busy_time", it.busy_time, 48000);
  number_is(t, "last_data_sent", it.last_data_sent, 300);
  peer_sends(t, "P. 1:11(10) ack 102");
  peer_sends(t, "F. 11:11(0) ack 102");
  host_sends_at(t, MS(300), ". 102:102(0) ack 12");
  it = info_of(t);
  number_is(t, "bytes_received", it.bytes_received, 11);
  number_is(t, "data_segs_in", it.data_segs_in, 1);
  number_is(t, "last_data_recv", it.last_data_recv, 0);
  peer_free(t);
}

static void test_repeated(void)
{
  Peer *t = peer_new(0);
  TcpInfo it;

  established(t);
  user_sends(t, 100);
  host_sends_at(t, S(0), "P. 1:101(100) ack 1");
  host_sends_at(t, S(1), "P. 1:101(100) ack 1");
  host_sends_at(t, S(3), "P. 1:101(100) ack 1");
  it = info_of(t);
  number_is(t, "ca_state", it.ca_state, TCP_CA_LOSS);
  number_is(t, "retransmits", it.retransmits, 2);
  number_is(t, "backoff", it.backoff, 2);
  number_is(t, "rto", it.rto, 4000000);
  number_is(t, "unacked", it.unacked, 1);
  number_is(t, "lost", it.lost, 1);
  number_is(t, "retrans", it.retrans, 1);
  number_is(t, "total_retrans", it.total_retrans, 2);
  number_is(t, "bytes_sent", it.bytes_sent, 300);
  number_is(t, "bytes_retrans", it.bytes_retrans, 200);
  number_is(t, "total_rto", it.total_rto, 2);
  number_is(t, "total_rto_recoveries", it.total_rto_recoveries, 1);
  number_is(t, "cwnd", it.snd_cwnd, 1);
  host_silent(t, S(4));
  peer_sends(t, ". 1:1(0) ack 101");
  it = info_of(t);
  number_is(t, "total_rto_time", it.total_rto_time, 3000);
  number_is(t, "busy_time", it.busy_time, 4000000);
  number_is(t, "retransmits", it.retransmits, 0);
  number_is(t, "ca_state", it.ca_state, TCP_CA_OPEN);
  peer_free(t);
}

static void test_limits(void)
{
  Peer *t = peer_new(0);
  TcpInfo it;

  peer_knob(t, "send_buffer", 2920);
  established(t);
  user_sends(t, 2920);
  host_sends(t, ". 1:1461(1460) ack 1");
  host_sends(t, "P. 1461:2921(1460) ack 1");
  host_silent(t, MS(10));
  user_send_refused(t, "EAGAIN");
  host_silent(t, MS(40));
  peer_sends(t, ". 1:1(0) ack 2921 win 1460");
  host_silent(t, MS(50));
  user_sends(t, 2920);
  host_sends_at(t, MS(50), ". 2921:4381(1460) ack 1");
  host_silent(t, MS(70));
  peer_sends(t, ". 1:1(0) ack 4381 win 65535");
  host_sends_at(t, MS(70), "P. 4381:5841(1460) ack 1");
  host_silent(t, MS(80));
  it = info_of(t);
  number_is(t, "sndbuf_limited", it.sndbuf_limited, 30000);
  number_is(t, "rwnd_limited", it.rwnd_limited, 20000);
  number_is(t, "busy_time", it.busy_time, 70000);
  peer_free(t);
}

static void test_queues(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  user_sends(t, 50);
  number_is(t, "SIOCOUTQ", tcp_outstanding(t->conn), 150);
  number_is(t, "SIOCOUTQNSD", tcp_unsent(t->conn), 50);
  user_shuts(t, TCP_SHUTDOWN_SEND);
  host_sends(t, "FP. 101:151(50) ack 1");
  number_is(t, "SIOCOUTQ", tcp_outstanding(t->conn), 151);
  peer_sends(t, "FP. 1:11(10) ack 152");
  host_sends(t, ". 152:152(0) ack 12");
  number_is(t, "SIOCOUTQ", tcp_outstanding(t->conn), 0);
  number_is(t, "SIOCINQ", tcp_readable(t->conn), 10);
  number_is(t, "Recv-Q", tcp_unread(t->conn), 10);
  user_reads(t, 10);
  number_is(t, "SIOCINQ", tcp_readable(t->conn), 0);
  peer_free(t);
}

/* -- the list -- */

static void keep(void *user, const TcpSocket *socket)
{
  g_array_append_val((GArray *)user, *socket);
}

/* The only socket. */
static TcpSocket socket_of(Peer *t)
{
  g_autoptr(GArray) all = g_array_new(FALSE, TRUE, sizeof(TcpSocket));
  TcpSocket none = { .state = TCP_CLOSED };

  tcp_each_socket(t->stack, keep, all);
  number_is(t, "sockets", all->len, 1);
  return all->len == 1 ? g_array_index(all, TcpSocket, 0) : none;
}

static void socket_is(Peer *t, const char *state, uint32_t receive,
                      uint32_t send, TcpSocketTimer timer, SimTime left,
                      uint32_t count)
{
  TcpSocket it = socket_of(t);

  g_assert_cmpstr(tcp_socket_state_name(it.state), ==, state);
  number_is(t, "Recv-Q", it.receive, receive);
  number_is(t, "Send-Q", it.send, send);
  number_is(t, "timer", it.timer, timer);
  number_is(t, "left", it.left, left);
  number_is(t, "count", it.count, count);
}

static void test_socket_states(void)
{
  static const struct {
    const char *state, *ss;
    uint32_t receive, send;
    TcpSocketTimer timer;
    SimTime left;
  } rows[] = {
    { "LISTEN", "LISTEN", 0, 128, TCP_SOCKET_OFF, 0 },
    { "SYN-SENT", "SYN-SENT", 0, 0, TCP_SOCKET_ON, S(1) },
    { "SYN-RECEIVED/active", "SYN-RECV", 0, 0, TCP_SOCKET_ON, S(1) },
    { "ESTABLISHED", "ESTAB", 0, 0, TCP_SOCKET_OFF, 0 },
    { "FIN-WAIT-1", "FIN-WAIT-1", 0, 1, TCP_SOCKET_ON, S(1) },
    { "FIN-WAIT-2", "FIN-WAIT-2", 0, 0, TCP_SOCKET_OFF, 0 },
    { "CLOSE-WAIT", "CLOSE-WAIT", 1, 0, TCP_SOCKET_OFF, 0 },
    { "LAST-ACK", "LAST-ACK", 0, 1, TCP_SOCKET_ON, S(1) },
    { "CLOSING", "CLOSING", 1, 1, TCP_SOCKET_ON, S(1) },
    { "TIME-WAIT", "TIME-WAIT", 0, 0, TCP_SOCKET_TIME_WAIT, S(240) },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
    Peer *t = peer_new(0);

    reaches(t, rows[i].state);
    socket_is(t, rows[i].ss, rows[i].receive, rows[i].send, rows[i].timer,
              rows[i].left, 0);
    peer_free(t);
  }
}

static void test_socket_timers(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "keepalive", 1);
  established(t);
  socket_is(t, "ESTAB", 0, 0, TCP_SOCKET_KEEPALIVE, S(7200), 0);
  host_sends_at(t, S(7200), ". 0:0(0) ack 1");
  socket_is(t, "ESTAB", 0, 0, TCP_SOCKET_KEEPALIVE, S(75), 1);
  peer_sends(t, ". 1:1(0) ack 1 win 0");
  user_sends(t, 10);
  socket_is(t, "ESTAB", 0, 10, TCP_SOCKET_PERSIST, S(1), 0);
  peer_sends(t, ". 1:1(0) ack 1 win 100");
  host_sends_at(t, S(7200), "P. 1:11(10) ack 1");
  host_sends_at(t, S(7201), "P. 1:11(10) ack 1");
  socket_is(t, "ESTAB", 0, 10, TCP_SOCKET_ON, S(2), 1);
  peer_sends(t, ". 1:1(0) ack 11 win 100");
  user_closes(t);
  host_sends_at(t, S(7201), "F. 11:11(0) ack 1");
  peer_sends(t, ". 1:1(0) ack 12");
  socket_is(t, "FIN-WAIT-2", 0, 0, TCP_SOCKET_TIME_WAIT, S(60), 0);
  peer_free(t);
}

/* The FIN is one of the bytes that wait, until RECEIVE has told of it. */
static void test_socket_unread_fin(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, "FP. 1:11(10) ack 1");
  host_sends(t, ". 1:1(0) ack 12");
  socket_is(t, "CLOSE-WAIT", 11, 0, TCP_SOCKET_OFF, 0, 0);
  user_reads(t, 10);
  socket_is(t, "CLOSE-WAIT", 1, 0, TCP_SOCKET_OFF, 0, 0);
  user_reads_end(t);
  socket_is(t, "CLOSE-WAIT", 0, 0, TCP_SOCKET_OFF, 0, 0);
  peer_free(t);
}

void add_sockopt_info_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/sockopt/" path, test_##name)
  ADD("info-opened", opened);
  ADD("info-options", options);
  ADD("info-opened-passively", opened_passively);
  ADD("info-closed-after-text", closed_after_text);
  ADD("info-repeated", repeated);
  ADD("info-limits", limits);
  ADD("queues", queues);
  ADD("sockets-states", socket_states);
  ADD("sockets-timers", socket_timers);
  ADD("sockets-unread-fin", socket_unread_fin);
#undef ADD
}
