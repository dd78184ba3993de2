/* The profile freebsd: each sysctl has its effect, in its own unit, and the
 * receive buffer is rounded to whole segments; and socket options of BSD. */
#include "peer.h"
#include "sysctl.h"

#define TCP(name) "net.inet.tcp." name
#define SYN "S 0:0(0) win 65535 <mss 1460>"
#define SYN_ACK "S. 0:0(0) ack 1 win 65535 <mss 1460>"

static void set(Peer *t, const char *name, int64_t value)
{
  const char *problem;

  if (!tcp_stack_sysctl(t->stack, name, &value, 1, &problem))
    peer_fail(t, "%s: %s", name, problem);
}

/* A setting, and what it makes of one segment. */
static const struct {
  const char *name;
  int64_t value;
  const char *state, *segment, *reply, *after;
} rows[] = {
  { TCP("insecure_rst"), 0, "ESTABLISHED", "R 2:2(0)", ". 1:1(0) ack 1",
    "ESTABLISHED" },
  { TCP("insecure_rst"), 1, "ESTABLISHED", "R 2:2(0)", NULL, "CLOSED" },
  { TCP("insecure_syn"), 0, "ESTABLISHED", "S 2:2(0)", ". 1:1(0) ack 1",
    "ESTABLISHED" },
  { TCP("insecure_syn"), 1, "ESTABLISHED", "S 2:2(0)", "R. 1:1(0) ack 1 win 0",
    "CLOSED" },
  { TCP("drop_synfin"), 0, "LISTEN", "SF 0:0(0)", "S. 0:0(0) ack 1 <mss 1460>",
    "SYN-RECEIVED" },
  { TCP("drop_synfin"), 1, "LISTEN", "SF 0:0(0)", NULL, "LISTEN" },
  { TCP("blackhole"), 0, "CLOSED", "S 0:0(0)", "R. 256:256(0) ack 1",
    "CLOSED" },
  { TCP("blackhole"), 1, "CLOSED", "S 0:0(0)", NULL, "CLOSED" },
  { TCP("blackhole"), 1, "CLOSED", ". 0:0(0) ack 7", "R 7:7(0)", "CLOSED" },
  { TCP("blackhole"), 2, "CLOSED", ". 0:0(0) ack 7", NULL, "CLOSED" },
  { TCP("ecn.enable"), 0, "LISTEN", "SEW 0:0(0)", "S. 0:0(0) ack 1 <mss 1460>",
    "SYN-RECEIVED" },
  { TCP("ecn.enable"), 1, "LISTEN", "SEW 0:0(0)", "SE. 0:0(0) ack 1 <mss 1460>",
    "SYN-RECEIVED" },
  { TCP("ecn.enable"), 2, "LISTEN", "SEW 0:0(0)", "SE. 0:0(0) ack 1 <mss 1460>",
    "SYN-RECEIVED" },
};

static void test_segments(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Peer *t = freebsd_new();

    set(t, rows[i].name, rows[i].value);
    reaches(t, rows[i].state);
    peer_sends(t, rows[i].segment);
    if (rows[i].reply)
      host_sends(t, rows[i].reply);
    host_is(t, rows[i].after);
    if (t->listener)
      peer_sends(t, "R 1:1(0)");
    peer_free(t);
  }
}

static void test_icmp_may_rst(void)
{
  for (int may = 0; may <= 1; may++) {
    Peer *t = freebsd_new();

    set(t, TCP("icmp_may_rst"), may);
    reaches(t, "SYN-SENT");
    peer_unreachable(t, NET_UNREACHABLE_PORT);
    host_is(t, may ? "CLOSED" : "SYN-SENT");
    peer_free(t);
  }
}

/* When the SYN goes again, in ms, until 0. */
static void syn_goes(Peer *t, const int *times)
{
  user_connects(t);
  host_sends(t, SYN);
  for (; *times; times++)
    host_sends_at(t, MS(*times), SYN);
}

static void test_rexmit_initial(void)
{
  Peer *t = freebsd_new();

  set(t, TCP("rexmit_initial"), 500);
  syn_goes(t, (const int[]){ 500, 1700, 3900, 0 });
  peer_free(t);
}

static void test_rexmit_slop(void)
{
  Peer *t = freebsd_new();

  set(t, TCP("rexmit_slop"), 500);
  syn_goes(t, (const int[]){ 1000, 3500, 8000, 0 });
  peer_free(t);
}

static void test_keepinit(void)
{
  Peer *t = freebsd_new();

  set(t, TCP("keepinit"), 5000);
  syn_goes(t, (const int[]){ 1000, 3200, 0 });
  host_silent(t, S(5) - 1);
  host_is(t, "SYN-SENT");
  host_silent(t, S(5));
  user_error(t, "ETIMEDOUT");
  peer_free(t);
}

/* The third repetition is bare, and then the peer's offer is no use. */
static void test_rexmit_drop_options(void)
{
  static const int times[] = { 0, 1000, 3200, 7400 };

  for (int drop = 0; drop <= 1; drop++) {
    Peer *t = freebsd_new();

    set(t, TCP("rexmit_drop_options"), drop);
    peer_knob(t, "timestamps", 1);
    peer_knob(t, "window_scaling", 1);
    peer_knob(t, "sack", 1);
    user_connects(t);
    for (int i = 0; i < 4; i++) {
      g_autofree char *syn = g_strdup_printf(
          "S 0:0(0) <mss 1460,sackOK,TS val %d ecr 0,wscale 6>", times[i]);

      host_sends_at(t, MS(times[i]), i == 3 && drop ? SYN : syn);
    }
    peer_sends(t, "S. 0:0(0) ack 1 win 65535 "
                  "<mss 1460,sackOK,TS val 1 ecr 0,wscale 0>");
    host_sends(t,
               drop ? ". 1:1(0) ack 1" : ". 1:1(0) ack 1 <TS val 7400 ecr 1>");
    number_is(t, "window scale", user_status(t).rcv_scale, drop ? 0 : 6);
    peer_free(t);
  }
}

static void test_ecn_maxretries(void)
{
  static const char asks[] = "SEW 0:0(0) win 65535 <mss 1460>";

  for (int most = 0; most <= 1; most++) {
    Peer *t = freebsd_new();

    set(t, TCP("ecn.enable"), 1);
    set(t, TCP("ecn.maxretries"), most);
    user_connects(t);
    host_sends(t, asks);
    host_sends_at(t, S(1), most ? asks : SYN);
    host_sends_at(t, MS(3200), SYN);
    peer_free(t);
  }
}

static void test_keepalive(void)
{
  Peer *t = freebsd_new();

  peer_knob(t, "keepalive", 1);
  set(t, TCP("keepidle"), 10000);
  set(t, TCP("keepintvl"), 2000);
  set(t, TCP("keepcnt"), 3);
  established(t);
  for (int i = 0; i < 3; i++)
    host_sends_at(t, S(10 + 2 * i), ". 0:0(0) ack 1");
  host_sends_at(t, S(16), "R. 1:1(0) ack 1 win 0");
  user_error(t, "ETIMEDOUT");
  peer_free(t);
}

static void test_delacktime(void)
{
  Peer *t = freebsd_new();

  set(t, TCP("delacktime"), 90);
  established(t);
  peer_sends(t, "P. 1:11(10) ack 1");
  host_silent(t, MS(90) - 1);
  host_sends_at(t, MS(90), ". 1:1(0) ack 11");
  peer_free(t);
}

static void syn_is(const char *name, int64_t value, const char *syn)
{
  Peer *t = freebsd_new();

  peer_knob(t, "timestamps", 1);
  peer_knob(t, "window_scaling", 1);
  peer_knob(t, "sack", 1);
  set(t, name, value);
  user_connects(t);
  host_sends(t, syn);
  peer_free(t);
}

/* The window scale says what the largest buffer would need. */
static void test_options(void)
{
  syn_is(TCP("rfc1323"), 1,
         "S 0:0(0) win 65535 <mss 1460,sackOK,TS val 0 ecr 0,wscale 6>");
  syn_is(TCP("rfc1323"), 0, "S 0:0(0) win 65535 <mss 1460,sackOK>");
  syn_is(TCP("sack.enable"), 0,
         "S 0:0(0) win 65535 <mss 1460,TS val 0 ecr 0,wscale 6>");
  syn_is(TCP("recvspace"), 30000,
         "S 0:0(0) win 30000 <mss 1460,sackOK,TS val 0 ecr 0,wscale 6>");
  syn_is("kern.ipc.maxsockbuf", 4194304,
         "S 0:0(0) win 65535 <mss 1460,sackOK,TS val 0 ecr 0,wscale 7>");
  syn_is("kern.ipc.maxsockbuf", 262140,
         "S 0:0(0) win 65535 <mss 1460,sackOK,TS val 0 ecr 0,wscale 2>");
}

/* SO_RCVBUF and SO_SNDBUF get 8/9 of it. */
static void test_maxsockbuf(void)
{
  Peer *t = freebsd_new();

  set(t, "kern.ipc.maxsockbuf", 90000);
  established(t);
  number_is(t, "the most", tcp_set_knob(t->conn, "receive_buffer", 80000),
            TCP_OK);
  host_silent(t, MS(100)); /* there is more room now, but under a quarter */
  number_is(t, "too much", tcp_set_knob(t->conn, "receive_buffer", 80001),
            TCP_ENOBUFS);
  number_is(t, "to send", tcp_set_knob(t->conn, "send_buffer", 80001),
            TCP_ENOBUFS);
  number_is(t, "no buffer", tcp_set_knob(t->conn, "nagle", 0), TCP_OK);
  peer_free(t);
}

static void test_sendspace(void)
{
  Peer *t = freebsd_new();

  set(t, TCP("sendspace"), 12345);
  established(t);
  number_is(t, "room", tcp_writable(t->conn), 12345);
  peer_free(t);
}

static void test_msl(void)
{
  Peer *t = freebsd_new();

  set(t, TCP("msl"), 5000);
  reaches(t, "TIME-WAIT");
  host_silent(t, S(10) - 1);
  host_is(t, "TIME-WAIT");
  host_silent(t, S(10));
  host_is(t, "CLOSED");
  peer_free(t);
}

static void fin_wait_2_lasts(Peer *t, SimTime until)
{
  host_silent(t, until - 1);
  host_is(t, "FIN-WAIT-2");
  host_silent(t, until);
  host_is(t, "CLOSED");
  peer_free(t);
}

static Peer *fin_wait_2(int recycle)
{
  Peer *t = freebsd_new();

  set(t, TCP("fast_finwait2_recycle"), recycle);
  set(t, TCP("finwait2_timeout"), 7000);
  set(t, TCP("keepintvl"), 10000);
  set(t, TCP("keepcnt"), 5);
  reaches(t, "FIN-WAIT-2");
  user_closes(t);
  return t;
}

/* Fast: after its time-out, whatever is heard. Else: after keepcnt * keepintvl
 * of silence, looked at then and every keepintvl. */
static void test_finwait2(void)
{
  Peer *t = fin_wait_2(1);

  host_silent(t, S(3));
  peer_sends(t, ". 1:1(0) ack 2");
  fin_wait_2_lasts(t, S(7));
  fin_wait_2_lasts(fin_wait_2(0), S(50));
  t = fin_wait_2(0);
  host_silent(t, S(23));
  peer_sends(t, ". 1:1(0) ack 2");
  fin_wait_2_lasts(t, S(80));
}

/* The path's MTU is all that is kept of a host. */
static void test_purgenow(void)
{
  for (int purge = 0; purge <= 1; purge++) {
    Peer *t = freebsd_new();
    bool ipv6 = peer_family() == NET_IPV6;
    unsigned mss;
    char *text;

    established(t);
    user_sends(t, 1460);
    host_sends_something(t);
    peer_too_big(t, 1400);
    host_sends_something(t); /* in two pieces */
    host_sends_something(t);
    user_aborts(t);
    host_sends_something(t);
    user_releases(t);
    set(t, TCP("hostcache.purgenow"), purge);
    t->port++;
    mss = purge ? 1460 : ipv6 ? 1340 : 1360;
    text = g_strdup_printf("S 0:0(0) <mss %u>", mss);
    user_connects(t);
    host_sends(t, text);
    peer_sends(t, SYN_ACK);
    host_sends(t, ". 1:1(0) ack 1");
    number_is(t, "MSS", user_status(t).mss, mss);
    g_free(text);
    peer_free(t);
  }
}

/* -- the receive buffer -- */

static void rounds(int64_t mss, uint32_t window)
{
  Peer *t = freebsd_new();
  g_autofree char *option = g_strdup_printf("win 65535 <mss %d>", (int)mss);
  g_autofree char *syn = g_strconcat("S 0:0(0) ", option, NULL);
  g_autofree char *syn_ack = g_strconcat("S. 0:0(0) ack 1 ", option, NULL);

  peer_knob(t, "mss", mss);
  user_connects(t);
  host_sends(t, syn);
  peer_sends(t, syn_ack);
  host_sends(t, ". 1:1(0) ack 1 win 65535");
  number_is(t, "W", user_status(t).rcv.wnd, window);
  peer_free(t);

  t = freebsd_new(); /* by a simultaneous open */
  peer_knob(t, "mss", mss);
  user_connects(t);
  host_sends(t, syn);
  peer_sends(t, syn);
  host_sends(t, syn_ack);
  number_is(t, "W in SYN-RECEIVED", user_status(t).rcv.wnd, window);
  peer_free(t);

  t = freebsd_new(); /* of a listener: 65535 until ESTABLISHED */
  peer_knob(t, "mss", mss);
  user_listens(t);
  peer_sends(t, syn);
  host_sends(t, syn_ack);
  peer_sends(t, "R 65536:65536(0)");
  host_is(t, "SYN-RECEIVED"); /* outside, and silent */
  peer_sends(t, ". 1:1(0) ack 1");
  number_is(t, "W", user_status(t).rcv.wnd, window);
  peer_free(t);
}

/* 1460 is what Ethernet leaves IPv4, 1440 what it leaves IPv6. */
static void test_rounding(void)
{
  rounds(1460, 65700);
  rounds(1440, 66240);
}

/* TCP_MAXSEG of an open connection only shrinks. */
static void test_maxseg(void)
{
  Peer *t = freebsd_new();

  established(t);
  g_assert_cmpint(tcp_set_knob(t->conn, "mss", 1461), ==, TCP_EINVAL);
  user_sets(t, "mss", 1400);
  number_is(t, "MSS", user_status(t).mss, 1400);
  user_sends(t, 2800);
  host_sends(t, ". 1:1401(1400) ack 1");
  host_sends(t, "P. 1401:2801(1400) ack 1");
  peer_free(t);
}

/* TCP_NOOPT */
static void test_no_options(void)
{
  Peer *t = freebsd_new();

  peer_knob(t, "syn_options", 0);
  peer_knob(t, "timestamps", 1);
  user_connects(t);
  host_sends(t, "S 0:0(0) win 65535");
  peer_sends(t, "S. 0:0(0) ack 1 win 65535 <mss 1000,sackOK,TS val 1 ecr 0>");
  host_sends(t, ". 1:1(0) ack 1");
  user_sends(t, 1001);
  host_sends(t, ". 1:1001(1000) ack 1");
  host_sends(t, "P. 1001:1002(1) ack 1");
  peer_free(t);
}

#define ADD(name, function) \
  g_test_add_func("/peer/freebsd/settings/" name, test_##function)

void add_freebsd_settings_tests(void)
{
  ADD("segments", segments);
  ADD("icmp-may-rst", icmp_may_rst);
  ADD("rexmit-initial", rexmit_initial);
  ADD("rexmit-slop", rexmit_slop);
  ADD("rexmit-drop-options", rexmit_drop_options);
  ADD("ecn-maxretries", ecn_maxretries);
  ADD("keepinit", keepinit);
  ADD("keepidle-keepintvl-keepcnt", keepalive);
  ADD("delacktime", delacktime);
  ADD("rfc1323-sack-recvspace-maxsockbuf", options);
  ADD("maxsockbuf", maxsockbuf);
  ADD("sendspace", sendspace);
  ADD("msl", msl);
  ADD("finwait2", finwait2);
  ADD("hostcache-purgenow", purgenow);
  ADD("receive-buffer-rounds", rounding);
  ADD("maxseg", maxseg);
  ADD("no-options", no_options);
}
