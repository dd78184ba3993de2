/* sysctl as scripts use it: tcp_stack_sysctl()'s names, and those that have no
 * meaning in a simulation. */
#include <string.h>

#include "pkt_command.h"
#include "sysctl.h"

/* They set what is not simulated, or what is so anyway. */
static const char *const without_effect[] = {
  "net.ipv4.tcp_fack",
  "net.ipv4.tcp_fastopen",
  "net.ipv4.tcp_fastopen_key",
  "net.ipv4.tcp_fastopen_blackhole_timeout_sec",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.tcp_no_metrics_save",
  "net.ipv4.tcp_ecn_option",
  "net.ipv4.tcp_ecn_fallback",
  "net.ipv4.tcp_tso_win_divisor",
  "net.ipv4.tcp_min_tso_segs",
  "net.ipv4.tcp_tso_rtt_log",
  "net.ipv4.tcp_autocorking",
  "net.ipv4.tcp_moderate_rcvbuf",
  "net.ipv4.tcp_mtu_probing",
  "net.ipv4.tcp_min_rtt_wlen",
  "net.ipv4.ip_no_pmtu_disc",
  "net.ipv4.icmp_ratelimit",
  "net.core.default_qdisc",
};

static void set_knob(PktRun *it, const char *name, int64_t value)
{
  const TcpKnob *knob = tcp_knob_find(name);

  if (knob)
    tcp_knob_set(tcp_stack_knobs(it->stack), knob,
                 CLAMP(value, knob->low, knob->high));
}

static bool set_congestion(PktRun *it, const char *value, char **ret_problem)
{
  const TcpKnob *knob = tcp_knob_find("congestion");

  for (unsigned i = 0; tcp_knob_name(knob, i); i++)
    if (g_str_equal(tcp_knob_name(knob, i), value)) {
      set_knob(it, "congestion", i);
      return true;
    }
  *ret_problem = g_strdup_printf("\"%s\" is not simulated", value);
  return false;
}

static bool is_ignored(const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS(without_effect); i++)
    if (g_str_equal(without_effect[i], name))
      return true;
  return false;
}

/* "1" or "4096 131072 6291456": how many numbers; 0: something else. */
static unsigned read_numbers(const char *value, int64_t *ret)
{
  g_auto(GStrv) words = g_strsplit_set(value, " \t,", -1);
  unsigned count = 0;

  for (char **at = words; *at; at++) {
    bool hexadecimal = g_str_has_prefix(*at, "0x");
    char *end;

    if (!**at)
      continue;
    if (count == TCP_SYSCTL_VALUES)
      return 0;
    ret[count++] = g_ascii_strtoll(*at, &end, hexadecimal ? 16 : 10);
    if (*end)
      return 0;
  }
  return count;
}

bool pkt_sysctl(PktRun *it, const char *name, const char *value,
                char **ret_problem)
{
  const char *problem;
  int64_t numbers[TCP_SYSCTL_VALUES];
  unsigned count = read_numbers(value, numbers);

  if (is_ignored(name))
    return true;
  if (g_str_equal(name, "net.ipv4.tcp_congestion_control"))
    return set_congestion(it, value, ret_problem);
  if (count == 0) {
    *ret_problem = g_strdup_printf("\"%s\" is not a number", value);
    return false;
  }
  if (g_str_equal(name, "net.ipv4.tcp_notsent_lowat")) {
    set_knob(it, "notsent_lowat", numbers[0] >= UINT32_MAX ? 0 : numbers[0]);
    return true;
  }
  if (tcp_stack_sysctl(it->stack, name, numbers, count, &problem))
    return true;
  *ret_problem = g_strdup(problem);
  return false;
}

void pkt_sysctl_defaults(PktRun *it)
{
  static const char *const settings[] = {
    "net.ipv4.tcp_rmem",
    "4096 540000 15728640",
    "net.ipv4.tcp_wmem",
    "4096 262144 4194304",
    "net.ipv4.tcp_timestamps",
    "1",
    "net.ipv4.tcp_syn_retries",
    "5",
    "net.ipv4.tcp_synack_retries",
    "5",
    "net.ipv4.tcp_frto",
    "2",
    "net.ipv4.tcp_sack",
    "1",
    "net.ipv4.tcp_dsack",
    "1",
    "net.ipv4.tcp_reordering",
    "3",
    "net.ipv4.tcp_congestion_control",
    "cubic",
    "net.ipv4.tcp_slow_start_after_idle",
    "0",
    "net.ipv4.tcp_early_retrans",
    "4",
    "net.ipv4.tcp_recovery",
    "1",
    "net.ipv4.tcp_ecn",
    "0",
    "net.ipv4.tcp_notsent_lowat",
    "4294967295",
  };

  for (gsize i = 0; i < G_N_ELEMENTS(settings); i += 2) {
    char *problem = NULL;

    if (!pkt_sysctl(it, settings[i], settings[i + 1], &problem))
      g_error("%s: %s", settings[i], problem);
  }
}
