/* Every sysctl name stands for knobs that there are, in its own unit. */
#include "sysctl.h"

#include <string.h>

#include "peer.h"

static void test_every_name(void)
{
  for (unsigned i = 0; tcp_sysctl_name(i); i++) {
    TcpKnobs knobs = tcp_profile(0)->knobs;
    const char *problem = NULL;
    int64_t one = 1;
    bool set = tcp_sysctl_set(&knobs, tcp_sysctl_name(i), &one, 1, &problem);

    /* some knobs are times of at least a second, or sizes above 1 */
    g_assert_true(set || strcmp(problem, "the value is out of range") == 0);
  }
}

static TcpKnobs set(const char *name, int64_t value)
{
  TcpKnobs knobs = tcp_profile(0)->knobs;
  const char *problem;

  g_assert_true(tcp_sysctl_set(&knobs, name, &value, 1, &problem));
  return knobs;
}

static void test_units(void)
{
  TcpKnobs knobs;

  g_assert_cmpint(set("net.ipv4.tcp_fin_timeout", 7).fin_wait_2_timeout, ==,
                  S(7));
  g_assert_cmpint(set("net.inet.tcp.msl", 5000).msl, ==, S(5));
  g_assert_cmpint(set("net.ipv4.tcp_orphan_retries", 0).orphan_retries, ==, 8);
  g_assert_cmpint(set("net.ipv4.tcp_tw_reuse_delay", 20).time_wait_ports_delay,
                  ==, MS(20));
  g_assert_cmpint(set("net.ipv4.tcp_early_retrans", 3).tail_loss_probe, ==, 1);
  g_assert_cmpint(set("net.ipv4.tcp_early_retrans", 2).tail_loss_probe, ==, 0);
  g_assert_cmpint(set("net.ipv4.tcp_frto", 2).frto, ==, 1);
  g_assert_cmpstr(tcp_sysctl_knob("net.ipv4.tcp_congestion_control")->name, ==,
                  "congestion");
  knobs = set("net.inet.tcp.rfc1323", 0);
  g_assert_cmpint(knobs.timestamps, ==, 0);
  g_assert_cmpint(knobs.window_scaling, ==, 0);
}

/* Refused, for this reason; nothing is changed. */
static void refused(const char *name, const int64_t *values, unsigned count,
                    const char *why)
{
  const TcpKnobs *before = &tcp_profile(0)->knobs;
  TcpKnobs knobs = *before;
  const char *problem;

  g_assert_false(tcp_sysctl_set(&knobs, name, values, count, &problem));
  g_assert_nonnull(strstr(problem, why));
  g_assert_true(memcmp(&knobs, before, sizeof knobs) == 0);
}

static void test_refused(void)
{
  static const int64_t three[] = { 4096, 8192, 16384 };

  refused("net.ipv4.tcp_sack2", three, 1, "no such name");
  refused("net.ipv4.tcp_sack", three, 3, "takes one value");
  refused("net.ipv4.tcp_sack", three, 1, "out of range");
  refused("net.ipv4.tcp_rmem", three, 2, "one value, or three");
  refused("net.inet.tcp.hostcache.purgenow", three, 3, "takes one value");
}

/* Measured on Linux 6.18 over an MTU of 1500: the SYN's window and scale. */
static const struct {
  int64_t rmem[3];
  int64_t window, scale;
} memory[] = {
  { { 4096, 131072, 33554432 }, 64240, 10 },
  { { 4096, 131072, 6291456 }, 64240, 7 },
  { { 4096, 8192, 33554432 }, 2920, 10 },
  { { 4096, 16384, 33554432 }, 7300, 10 },
  { { 4096, 65536, 33554432 }, 32120, 10 },
};

static void test_memory(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(memory); i++) {
    Peer *t = peer_new(0);
    const char *problem;
    g_autofree char *syn =
        g_strdup_printf("S 0:0(0) win %d <mss 1460,wscale %d>",
                        (int)memory[i].window, (int)memory[i].scale);

    peer_profile(t, "linux");
    peer_knob(t, "window_scaling", 1);
    g_assert_true(tcp_stack_sysctl(t->stack, "net.ipv4.tcp_rmem",
                                   memory[i].rmem, 3, &problem));
    user_connects(t);
    host_sends(t, syn);
    peer_free(t);
  }
}

static void test_send_memory(void)
{
  static const int64_t wmem[] = { 4096, 20000, 4194304 };
  TcpKnobs knobs = tcp_profile(0)->knobs;
  const char *problem;

  g_assert_true(tcp_sysctl_set(&knobs, "net.ipv4.tcp_wmem", wmem, 3, &problem));
  g_assert_cmpint(knobs.send_buffer, ==, 10000);
  g_assert_cmpint(knobs.send_buffer_most, ==, 2097152);
  g_assert_cmpint(set("net.ipv4.tcp_wmem", 30000).send_buffer, ==, 15000);
}

void add_sysctl_tests(void)
{
#define ADD(path, name) g_test_add_func("/peer/sysctl/" path, test_##name)
  ADD("every-name-has-its-knobs", every_name);
  ADD("units", units);
  ADD("refused", refused);
  ADD("tcp-rmem", memory);
  ADD("tcp-wmem", send_memory);
#undef ADD
}
