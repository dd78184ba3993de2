/* Every sysctl name stands for knobs that there are, or for none. */
#include "sysctl.h"

#include <string.h>

#include "peer.h"

static void test_every_name(void)
{
  for (unsigned i = 0; tcp_sysctl_name(i); i++) {
    TcpKnobs knobs = tcp_profile(0)->knobs;
    const char *problem = NULL;
    bool set = tcp_sysctl_set(&knobs, tcp_sysctl_name(i), 1, &problem);

    /* some knobs are times of at least a second */
    g_assert_true(set || strcmp(problem, "the value is out of range") == 0);
  }
}

static void test_units(void)
{
  TcpKnobs knobs = tcp_profile(0)->knobs;
  const char *problem;

  g_assert_true(
      tcp_sysctl_set(&knobs, "net.ipv4.tcp_fin_timeout", 7, &problem));
  g_assert_cmpint(knobs.fin_wait_2_timeout, ==, S(7));
  g_assert_true(tcp_sysctl_set(&knobs, "net.inet.tcp.msl", 5000, &problem));
  g_assert_cmpint(knobs.msl, ==, S(5));
  g_assert_true(
      tcp_sysctl_set(&knobs, "net.ipv4.tcp_orphan_retries", 0, &problem));
  g_assert_cmpint(knobs.orphan_retries, ==, 8);
  g_assert_true(tcp_sysctl_set(&knobs, "net.inet.tcp.rfc1323", 0, &problem));
  g_assert_cmpint(knobs.timestamps, ==, 0);
  g_assert_cmpint(knobs.window_scaling, ==, 0);
  g_assert_false(tcp_sysctl_set(&knobs, "net.ipv4.tcp_sack2", 1, &problem));
}

void add_sysctl_tests(void)
{
  g_test_add_func("/peer/sysctl/every-name-has-its-knobs", test_every_name);
  g_test_add_func("/peer/sysctl/units", test_units);
}
