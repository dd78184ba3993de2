/* The profile linux: listeners that close, options and windows of a SYN, and a
 * pair that is opened again while it is in TIME-WAIT. */
#include <string.h>

#include "peer.h"

/* -- listeners -- */

static void shuts_listener(Peer *t, TcpShutdown how)
{
  tcp_listener_shutdown(t->listener, how);
  runs_to(t, t->sim->now);
}

/* What waits for accept gets RST by these, half-open connections nothing. */
static void test_listener_shut(void)
{
  static const TcpShutdown ways[] = { TCP_SHUTDOWN_RECEIVE, TCP_SHUTDOWN_BOTH };

  for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
    Peer *t = linux_new(0);

    t->hold_accept = true;
    established_passively(t);
    shuts_listener(t, ways[i]);
    host_sends(t, "R. 1:1(0) ack 1 win 65535");
    number_is(t, "to accept", tcp_accept(t->listener, NULL, NULL) != NULL, 0);
    peer_sends(t, "S 9:9(0) win 65535 <mss 1460>");
    host_sends(t, "R. 256:256(0) ack 10");
    user_unlistens(t);
    peer_free(t);

    t = linux_new(0);
    reaches(t, "SYN-RECEIVED");
    shuts_listener(t, ways[i]);
    host_silent(t, MS(500));
    peer_sends(t, ". 1:1(0) ack 1");
    host_sends(t, "R 1:1(0)");
    user_unlistens(t);
    peer_free(t);
  }
}

static void test_listener_shut_sending(void)
{
  Peer *t = linux_new(0);

  t->hold_accept = true;
  established_passively(t);
  shuts_listener(t, TCP_SHUTDOWN_SEND);
  host_silent(t, S(1));
  user_accepts(t);
  host_is(t, "ESTABLISHED");
  t->port++;
  peer_sends(t, "S 0:0(0) win 65535 <mss 1460>");
  host_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
  peer_sends(t, "R 1:1(0)");
  t->port--;
  peer_free(t);
}

/* -- the SYN -- */

/* The peer's bare SYN turns nothing off: 64240 bytes are 63 of 1024. */
static void test_simultaneous_window(void)
{
  static const char offer[] = "<mss 1460,wscale 10>";
  g_autofree char *syn = g_strconcat("S 0:0(0) win 64240 ", offer, NULL);
  g_autofree char *answer =
      g_strconcat("S. 0:0(0) ack 1 win 64240 ", offer, NULL);
  Peer *t = linux_new(0);

  peer_knob(t, "window_scaling", 1);
  peer_knob(t, "receive_buffer", 64240);
  user_connects(t);
  host_sends(t, syn);
  peer_sends(t, "S 0:0(0) win 65535");
  host_sends(t, answer);
  peer_sends(t, ". 1:1(0) ack 1");
  host_is(t, "ESTABLISHED");
  user_sends(t, 10);
  host_sends(t, "P. 1:11(10) ack 1 win 63");
  number_is(t, "RCV.WND", user_status(t).rcv.wnd, 64512);
  peer_free(t);
}

/* The bytes of a SYN's options; timestamps are blanked. */
static void layout_is(const char *profile, bool timestamps, bool scaling,
                      bool sack, const char *hex)
{
  Peer *t = peer_new(0);
  GString *got = g_string_new(NULL);

  peer_profile(t, profile);
  peer_knob(t, "timestamps", timestamps);
  peer_knob(t, "window_scaling", scaling);
  peer_knob(t, "sack", sack);
  peer_knob(t, "mss", 1220);
  user_connects(t);
  host_sends_something(t);
  for (uint32_t i = t->first->l4 + 20u; i < t->first->head_length; i++) {
    g_string_append_printf(got, "%02x", t->first->head[i]);
    if (t->first->head[i] == 8 && t->first->head[i + 1] == 10) {
      g_string_append(got, "0a--");
      i += 9;
    }
  }
  if (strcmp(got->str, hex) != 0)
    peer_fail(t, "options are %s, not %s", got->str, hex);
  g_string_free(got, TRUE);
  peer_free(t);
}

/* mss 020404c4, sackOK 0402, TS 080a, wscale 0303, NOP 01, end 00 (MUST-69) */
static void test_layouts(void)
{
  layout_is("rfc9293", true, true, true,
            "020404c4"
            "01010402"
            "0101080a--"
            "01030300");
  layout_is("linux", true, true, true,
            "020404c4"
            "0402080a--"
            "0103030a");
  layout_is("linux", false, true, true,
            "020404c4"
            "01010402"
            "0103030a");
  layout_is("linux", true, false, false,
            "020404c4"
            "0101080a--");
  layout_is("freebsd", true, true, true,
            "020404c4"
            "01030306"
            "0402"
            "080a--");
  layout_is("freebsd", false, true, true,
            "020404c4"
            "01030306"
            "0402"
            "0000");
  layout_is("freebsd", true, true, false,
            "020404c4"
            "01030306"
            "0101080a--");
  layout_is("freebsd", true, false, true,
            "020404c4"
            "0402"
            "080a--");
  layout_is("freebsd", false, false, true,
            "020404c4"
            "0402"
            "0000");
}

/* -- TIME-WAIT, opened again -- */

/* The host closed first; its last TSval received is 30. */
static void time_wait_begins(Peer *t, bool timestamps)
{
  peer_knob(t, "reuse_address", 1);
  if (!timestamps) {
    reaches(t, "TIME-WAIT");
    user_releases(t);
    return;
  }
  peer_knob(t, "timestamps", 1);
  user_connects(t);
  host_sends(t, "S 0:0(0) <mss 1460,TS val 0 ecr 0>");
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1460,TS val 10 ecr 0>");
  host_sends(t, ". 1:1(0) ack 1 <TS val 0 ecr 10>");
  user_closes(t);
  host_sends(t, "F. 1:1(0) ack 1 <TS val 0 ecr 10>");
  peer_sends(t, ". 1:1(0) ack 2 <TS val 20 ecr 0>");
  peer_sends(t, "F. 1:1(0) ack 2 <TS val 30 ecr 0>");
  host_sends(t, ". 2:2(0) ack 2 <TS val 0 ecr 30>");
  host_is(t, "TIME-WAIT");
  user_releases(t);
}

/* ISS = old SND.NXT + 65537; the SYN echoes what came last. */
static const char reopened[] = "S 65539:65539(0) <mss 1460,TS val %d ecr 30>";

static void test_reopen_bound(void)
{
  static const int ages[] = { 0, 59 };

  for (size_t i = 0; i < G_N_ELEMENTS(ages); i++) {
    Peer *t = linux_new(0);
    g_autofree char *syn = g_strdup_printf(reopened, ages[i] * 1000);

    peer_knob(t, "time_wait_ports", 0); /* it plays no part */
    time_wait_begins(t, true);
    host_silent(t, S(ages[i]));
    user_connects(t);
    host_sends(t, syn);
    host_is(t, "SYN-SENT");
    peer_free(t);
  }
}

static void test_reopen_without_timestamps(void)
{
  Peer *t = linux_new(0);

  time_wait_begins(t, false);
  user_connects_refused(t, "EADDRNOTAVAIL");
  peer_knob(t, "timestamps", 1); /* both must have had them */
  user_connects_refused(t, "EADDRNOTAVAIL");
  host_silent(t, S(60));
  peer_free(t);
}

static void test_reopen_without_reuse_address(void)
{
  Peer *t = linux_new(0);

  time_wait_begins(t, true);
  peer_knob(t, "reuse_address", 0);
  user_connects_refused(t, "EADDRINUSE");
  host_is(t, "TIME-WAIT");
  host_silent(t, S(60));
  peer_free(t);
}

/* connect() chooses from one port, which is in TIME-WAIT. */
static void port_is_chosen(int64_t tw_reuse, SimTime delay, SimTime age,
                           bool chosen)
{
  Peer *t = linux_new(0);
  TcpEnd peer = { net_host_address(t->peer), PEER_PORT };
  g_autofree char *syn = g_strdup_printf(reopened, (int)(age / MS(1)));
  TcpError error;

  peer_knob(t, "time_wait_ports", tw_reuse);
  peer_knob(t, "time_wait_ports_delay", delay);
  peer_knob(t, "ephemeral_low", HOST_PORT);
  peer_knob(t, "ephemeral_high", HOST_PORT);
  time_wait_begins(t, true);
  host_silent(t, age);
  t->conn = tcp_connect(t->stack, NULL, peer, NULL, NULL, NULL, &error);
  runs_to(t, age);
  number_is(t, "connect", error, chosen ? TCP_OK : TCP_EADDRNOTAVAIL);
  if (chosen)
    host_sends(t, syn);
  else
    host_silent(t, S(60));
  peer_free(t);
}

static void test_reopen_chosen(void)
{
  port_is_chosen(0, S(1), S(59), false);
  port_is_chosen(1, S(1), S(1) - 1, false);
  port_is_chosen(1, S(1), S(1), true);
  port_is_chosen(1, MS(100), MS(100), true);
  port_is_chosen(2, S(1), S(59), false); /* the peer is another host */
}

/* A listener is there, RCV.NXT is 2 and the last TSval received 20. `stamp` 0:
 * a SYN without timestamps. */
static const struct {
  unsigned seq, stamp;
  bool taken;
} new_syns[] = {
  { 3, 20, true },  { 2, 20, false }, { 2, 21, true }, { 1, 21, true },
  { 3, 19, false }, { 3, 0, true },   { 2, 0, false }, { 1, 0, false },
};

static void passive_time_wait(Peer *t)
{
  peer_knob(t, "timestamps", 1);
  user_listens(t);
  peer_sends(t, "S 0:0(0) win 65535 <mss 1460,TS val 10 ecr 0>");
  host_sends(t, "S. 0:0(0) ack 1 <mss 1460,TS val 0 ecr 10>");
  peer_sends(t, ". 1:1(0) ack 1 <TS val 10 ecr 0>");
  user_shuts(t, TCP_SHUTDOWN_SEND);
  host_sends(t, "F. 1:1(0) ack 1 <TS val 0 ecr 10>");
  peer_sends(t, "F. 1:1(0) ack 2 <TS val 20 ecr 0>");
  host_sends(t, ". 2:2(0) ack 2 <TS val 0 ecr 20>");
  host_is(t, "TIME-WAIT");
}

/* tcp_rfc1337 changes nothing here. */
static void test_new_syn(void)
{
  for (size_t i = 0; i < 2 * G_N_ELEMENTS(new_syns); i++) {
    unsigned seq = new_syns[i / 2].seq, stamp = new_syns[i / 2].stamp;
    g_autofree char *stamps =
        stamp ? g_strdup_printf(",TS val %u ecr 0", stamp) : g_strdup("");
    g_autofree char *syn =
        g_strdup_printf("S %u:%u(0) win 65535 <mss 1460%s>", seq, seq, stamps);
    g_autofree char *echo =
        stamp ? g_strdup_printf(",TS val 0 ecr %u", stamp) : g_strdup("");
    g_autofree char *taken =
        g_strdup_printf("S. 65539:65539(0) ack %u <mss 1460%s>", seq + 1, echo);
    g_autofree char *reset = g_strdup_printf("R %u:%u(0)", seq + 1, seq + 1);
    Peer *t = linux_new(0);

    peer_knob(t, "ignore_reset_in_time_wait", i % 2);
    passive_time_wait(t);
    peer_sends(t, syn);
    if (new_syns[i / 2].taken) {
      host_sends(t, taken);
      host_is(t, "SYN-RECEIVED");
      peer_sends(t, reset);
    } else {
      host_sends(t, ". 2:2(0) ack 2 <TS val 0 ecr 20>");
      host_is(t, "TIME-WAIT");
    }
    peer_free(t);
  }
}

/* Without a listener even the best is answered by the old connection's ACK. */
static void test_new_syn_without_listener(void)
{
  Peer *t = linux_new(0);

  passive_time_wait(t);
  user_unlistens(t);
  peer_sends(t, "S 3:3(0) win 65535 <mss 1460,TS val 21 ecr 0>");
  host_sends(t, ". 2:2(0) ack 2 <TS val 0 ecr 20>");
  host_is(t, "TIME-WAIT");
  peer_free(t);
}

static void waits(void *user, TcpListener *listener)
{
  (void)user;
  (void)listener;
}

/* tcp_tw_reuse=2: to the host itself. */
static void test_reopen_chosen_on_itself(void)
{
  Peer *t = linux_new(0);
  NetAddress address = net_host_address(t->host);
  TcpConnection *client, *server, *again;
  TcpError error;
  TcpListener *listener;

  peer_knob(t, "timestamps", 1);
  peer_knob(t, "initial_sequence", -1);
  peer_knob(t, "ephemeral_low", 6000);
  peer_knob(t, "ephemeral_high", 6000);
  listener = tcp_listen(t->stack, address, 80, 0, NULL, waits, NULL, &error);
  client = tcp_connect(t->stack, NULL, (TcpEnd){ address, 80 }, NULL, NULL,
                       NULL, &error);
  runs_to(t, 0);
  server = tcp_accept(listener, NULL, NULL);
  tcp_release(client);
  runs_to(t, MS(10));
  tcp_release(server);
  runs_to(t, MS(20));
  again = tcp_connect(t->stack, NULL, (TcpEnd){ address, 80 }, NULL, NULL, NULL,
                      &error);
  number_is(t, "too early", error, TCP_EADDRNOTAVAIL);
  runs_to(t, S(2));
  again = tcp_connect(t->stack, NULL, (TcpEnd){ address, 80 }, NULL, NULL, NULL,
                      &error);
  number_is(t, "late enough", error, TCP_OK);
  tcp_release(again);
  tcp_listener_close(listener);
  peer_free(t);
}

#define ADD(name, function) \
  g_test_add_func("/peer/linux/opening/" name, test_##function)

void add_linux_opening_tests(void)
{
  ADD("listener-is-shut", listener_shut);
  ADD("listener-is-shut-for-sending", listener_shut_sending);
  ADD("simultaneous-window", simultaneous_window);
  ADD("option-layouts", layouts);
  ADD("time-wait/new-syn", new_syn);
  ADD("time-wait/new-syn-without-listener", new_syn_without_listener);
  ADD("time-wait/bound", reopen_bound);
  ADD("time-wait/no-timestamps", reopen_without_timestamps);
  ADD("time-wait/no-reuseaddr", reopen_without_reuse_address);
  ADD("time-wait/port-chosen", reopen_chosen);
  ADD("time-wait/port-chosen-on-itself", reopen_chosen_on_itself);
}
