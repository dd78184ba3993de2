/* Requirements of RFC 9293 that no other test is about, by their tags. */
#include "peer.h"

/* MUST-1, SHLD-28: a window above 32767 is no negative one, and it is filled by
 * segments that are as large as can be. */
static void test_large_window(void)
{
  Peer *t = peer_new(0);

  peer_knob(t, "initial_window", 60);
  established(t);
  user_sends(t, 60000);
  for (uint32_t at = 1; at + 1460 <= 60001; at += 1460) {
    g_autofree char *text =
        g_strdup_printf(". %u:%u(1460) ack 1", at, at + 1460);

    host_sends(t, text);
  }
  peer_free(t);
}

/* SHLD-27, MAY-16: what several SENDs left is one segment. */
static void test_sends_join(void)
{
  Peer *t = peer_new(0);

  established(t);
  user_sends(t, 100);
  host_sends(t, "P. 1:101(100) ack 1");
  user_sends(t, 500);
  user_sends(t, 500);
  user_sends(t, 500);
  host_sends(t, ". 101:1561(1460) ack 1");
  peer_free(t);
}

/* MUST-5, MUST-65: options are read in any segment; MSS has no meaning, and is
 * not sent, in one without SYN. */
static void test_mss_without_syn(void)
{
  Peer *t = peer_new(0);

  established(t);
  peer_sends(t, "P. 1:11(10) ack 1 <mss 100>");
  user_reads(t, 10);
  user_sends(t, 1460);
  host_sends(t, "P. 1:1461(1460) ack 11");
  peer_free(t);
}

/* MUST-11: RST takes a passive OPEN back to LISTEN, and ends an active one. */
static void test_syn_received_remembers(void)
{
  Peer *t = peer_new(0);

  reaches(t, "SYN-RECEIVED");
  peer_sends(t, "R 1:1(0)");
  host_is(t, "LISTEN");
  peer_free(t);
  t = peer_new(0);
  reaches(t, "SYN-RECEIVED/active");
  peer_sends(t, "R 1:1(0)");
  host_is(t, "CLOSED");
  user_error(t, "ECONNREFUSED");
  peer_free(t);
}

static void waits(void *user, TcpListener *listener)
{
  (void)user;
  (void)listener;
}

/* MUST-41, MUST-42: LISTEN on the port of a connection that is opening, which
 * goes on. */
static void test_listen_beside_opening(void)
{
  static const char *const states[] = { "SYN-SENT", "SYN-RECEIVED/active" };

  for (size_t i = 0; i < G_N_ELEMENTS(states); i++) {
    Peer *t = peer_new(0);
    TcpListener *listener;
    TcpError error;

    reaches(t, states[i]);
    listener = tcp_listen(t->stack, NET_ADDRESS_ANY, HOST_PORT, 0, NULL, waits,
                          NULL, &error);
    number_is(t, "listen", error, TCP_OK);
    peer_sends(t, i == 0 ? "S. 0:0(0) ack 1 win 65535 <mss 1460>"
                         : ". 1:1(0) ack 1");
    if (i == 0)
      host_sends(t, ". 1:1(0) ack 1");
    host_is(t, "ESTABLISHED");
    tcp_listener_close(listener);
    peer_free(t);
  }
}

/* MUST-46: nobody opens a connection to a group. */
static void test_open_to_group(void)
{
  static const uint32_t groups[] = { 0xe0000001, 0xffffffff, 0x0a0000ff };
  Peer *t = peer_new(0);

  for (size_t i = 0; i < G_N_ELEMENTS(groups); i++) {
    TcpEnd group = { net_address_ipv4(groups[i]), 80 };
    TcpError error;

    g_assert_null(tcp_connect(t->stack, NULL, group, NULL, NULL, NULL, &error));
    number_is(t, "error", error, TCP_ENETUNREACH);
  }
  peer_free(t);
}

void add_requirements_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/requirements/" path, test_##name)
  ADD("large-window", large_window);
  ADD("sends-join", sends_join);
  ADD("mss-without-syn", mss_without_syn);
  ADD("syn-received-remembers", syn_received_remembers);
  ADD("listen-beside-opening", listen_beside_opening);
  ADD("open-to-group", open_to_group);
#undef ADD
}
