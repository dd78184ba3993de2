/* sysctl as scripts use it. Most are tcp_sysctl_set()'s; here are those with
 * several numbers or words, and those that have no meaning in a simulation. */
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
  "net.ipv4.tcp_pacing_ss_ratio",
  "net.ipv4.tcp_pacing_ca_ratio",
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

/* The shift that a window as large as `most` needs (RFC 7323 2.3). */
static int64_t scale_for(int64_t most)
{
  int64_t scale = 0;

  while (most > 65535 && scale < 14) {
    most >>= 1;
    scale++;
  }
  return scale;
}

/* "least default most". Linux offers half of a receive buffer as window; the
 * largest decides the scale. */
static bool set_receive(PktRun *it, const int64_t *numbers)
{
  set_knob(it, "receive_buffer", numbers[1] / 2);
  set_knob(it, "window_scale", scale_for(numbers[2]));
  return true;
}

static bool set_send(PktRun *it, const int64_t *numbers)
{
  set_knob(it, "send_buffer", numbers[1]);
  return true;
}

static const struct {
  const char *name;
  bool (*set)(PktRun *it, const int64_t *numbers);
} triples[] = {
  { "net.ipv4.tcp_rmem", set_receive },
  { "net.ipv4.tcp_wmem", set_send },
};

static bool set_triple(PktRun *it, gsize index, const char *value,
                       char **ret_problem)
{
  g_auto(GStrv) words = g_strsplit_set(value, " \t,", -1);
  int64_t numbers[3];
  unsigned count = 0;

  for (char **at = words; *at; at++) {
    if (!**at)
      continue;
    if (count == 3 || !g_ascii_string_to_signed(*at, 10, 0, G_MAXINT32,
                                                &numbers[count], NULL))
      break;
    count++;
  }
  if (count == 3)
    return triples[index].set(it, numbers);
  *ret_problem = g_strdup_printf("\"%s\" is not three numbers", value);
  return false;
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

/* Settings whose numbers are not a knob's. */
static bool set_special(PktRun *it, const char *name, int64_t value)
{
  if (g_str_equal(name, "net.ipv4.tcp_slow_start_after_idle"))
    set_knob(it, "restart_after_idle", value);
  else if (g_str_equal(name, "net.ipv4.tcp_frto"))
    set_knob(it, "frto", value != 0);
  else if (g_str_equal(name, "net.ipv4.tcp_reordering"))
    set_knob(it, "duplicate_acks", value);
  else if (g_str_equal(name, "net.ipv4.tcp_notsent_lowat"))
    set_knob(it, "notsent_lowat", value >= UINT32_MAX ? 0 : value);
  else if (g_str_equal(name, "net.ipv4.tcp_early_retrans"))
    set_knob(it, "tail_loss_probe", value != 0);
  else if (g_str_equal(name, "net.ipv4.tcp_recovery"))
    set_knob(it, "rack", value & 1);
  else
    return false;
  return true;
}

bool pkt_sysctl(PktRun *it, const char *name, const char *value,
                char **ret_problem)
{
  const char *problem;
  int64_t number;

  for (gsize i = 0; i < G_N_ELEMENTS(triples); i++)
    if (g_str_equal(triples[i].name, name))
      return set_triple(it, i, value, ret_problem);
  if (g_str_equal(name, "net.ipv4.tcp_congestion_control"))
    return set_congestion(it, value, ret_problem);
  if (is_ignored(name))
    return true;
  if (!g_ascii_string_to_signed(value, 10, G_MININT64, G_MAXINT64, &number,
                                NULL)) {
    *ret_problem = g_strdup_printf("\"%s\" is not a number", value);
    return false;
  }
  if (set_special(it, name, number) ||
      tcp_sysctl_set(tcp_stack_knobs(it->stack), name, number, &problem))
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
