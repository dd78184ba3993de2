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
  "net.inet.tcp.syncookies",
  "net.ipv4.tcp_no_metrics_save",
  "net.ipv4.tcp_ecn_option",
  "net.ipv4.tcp_ecn_fallback",
  "net.ipv4.tcp_tso_win_divisor",
  "net.ipv4.tcp_tso_rtt_log",
  "net.ipv4.tcp_autocorking",
  "net.ipv4.tcp_moderate_rcvbuf",
  "net.ipv4.tcp_mtu_probing",
  "net.ipv4.tcp_min_rtt_wlen",
  "net.ipv4.ip_no_pmtu_disc",
  "net.ipv4.icmp_ratelimit",
  "net.core.default_qdisc",
  "net.inet.tcp.syncookies", /* only when the backlog is full */
};

/* What is not simulated may be switched off. */
static const struct {
  const char *name, *value;
} switched_off[] = {
  { "net.inet.tcp.syncookies_only", "0" },
  /* nor is another value than the usual one */
  { "net.inet.tcp.path_mtu_discovery", "1" },
  { "net.inet.tcp.mssdflt", "536" },
  { "net.inet.tcp.v6mssdflt", "1220" },
};

static bool is_ignored(const char *name, const char *value)
{
  for (gsize i = 0; i < G_N_ELEMENTS(switched_off); i++)
    if (g_str_equal(switched_off[i].name, name))
      return g_str_equal(switched_off[i].value, value);
  for (gsize i = 0; i < G_N_ELEMENTS(without_effect); i++)
    if (g_str_equal(without_effect[i], name))
      return true;
  return false;
}

bool pkt_sysctl(PktRun *it, const char *name, const char *value,
                char **ret_problem)
{
  const char *problem;

  if (is_ignored(name, value) ||
      tcp_stack_sysctl_text(it->stack, name, value, &problem))
    return true;
  if (strstr(name, "fastopen"))
    problem = "Fast Open is not simulated";
  *ret_problem = g_strdup_printf("%s (\"%s\")", problem, value);
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
