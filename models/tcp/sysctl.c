/* sysctl names: a table from a name to the knobs that it sets, and from its
 * unit to theirs. A name with no knob is known, and without effect here. */
#include "sysctl.h"

#include <glib.h>
#include <string.h>

#define S SIM_SECOND
#define MS SIM_MILLISECOND

/* The knob's value is sysctl's times `scale`. */
typedef struct Sysctl {
  const char *name;
  const char *knobs[2];
  int64_t scale;
  int64_t zero; /* the knob's value for 0, if that has a meaning of its own */
} Sysctl;

static const Sysctl table[] = {
  { "net.ipv4.tcp_fin_timeout", { "fin_wait_2_timeout" }, S, 0 },
  { "net.ipv4.tcp_retries1", { "r1" }, 1, 0 },
  { "net.ipv4.tcp_retries2", { "retries" }, 1, 0 },
  { "net.ipv4.tcp_orphan_retries", { "orphan_retries" }, 1, 8 },
  { "net.ipv4.tcp_syn_retries", { "syn_retries" }, 1, 0 },
  { "net.ipv4.tcp_synack_retries", { "synack_retries" }, 1, 0 },
  { "net.ipv4.tcp_syn_linear_timeouts", { "syn_linear" }, 1, 0 },
  { "net.ipv4.tcp_rto_min_us", { "rto_variance_min" }, SIM_MICROSECOND, 0 },
  { "net.ipv4.tcp_rto_max_ms", { "rto_max", "persist_max" }, MS, 0 },
  { "net.ipv4.tcp_keepalive_time", { "keepalive_idle" }, S, 0 },
  { "net.ipv4.tcp_keepalive_intvl", { "keepalive_interval" }, S, 0 },
  { "net.ipv4.tcp_keepalive_probes", { "keepalive_count" }, 1, 0 },
  { "net.ipv4.tcp_invalid_ratelimit", { "answer_interval" }, MS, 0 },
  { "net.ipv4.tcp_challenge_ack_limit", { "challenge_ack_limit" }, 1, 0 },
  { "net.ipv4.tcp_rfc1337", { "ignore_reset_in_time_wait" }, 1, 0 },
  { "net.ipv4.tcp_timestamps", { "timestamps" }, 1, 0 },
  { "net.ipv4.tcp_window_scaling", { "window_scaling" }, 1, 0 },
  { "net.ipv4.tcp_sack", { "sack" }, 1, 0 },
  { "net.ipv4.tcp_dsack", { "dsack" }, 1, 0 },
  { "net.ipv4.tcp_ecn", { "ecn" }, 1, 0 },
  { "net.ipv4.tcp_pacing_ss_ratio", { "pacing_ss_ratio" }, 1, 0 },
  { "net.ipv4.tcp_pacing_ca_ratio", { "pacing_ca_ratio" }, 1, 0 },
  { "net.ipv4.tcp_max_syn_backlog", { "syn_backlog" }, 1, 0 },
  { "net.ipv4.tcp_rmem", { "receive_buffer" }, 1, 0 },
  { "net.ipv4.tcp_wmem", { "send_buffer" }, 1, 0 },
  { "net.core.somaxconn", { "backlog" }, 1, 0 },
  { "net.inet.tcp.insecure_rst", { "insecure_rst" }, 1, 0 },
  { "net.inet.tcp.insecure_syn", { "insecure_syn" }, 1, 0 },
  { "net.inet.tcp.drop_synfin", { "drop_syn_fin" }, 2, 0 },
  { "net.inet.tcp.blackhole", { "blackhole" }, 1, 0 },
  { "net.inet.tcp.rexmit_initial", { "rto_initial" }, MS, 0 },
  { "net.inet.tcp.rexmit_slop", { "rto_slop" }, MS, 0 },
  { "net.inet.tcp.keepinit", { "r2_syn" }, MS, 0 },
  { "net.inet.tcp.keepidle", { "keepalive_idle" }, MS, 0 },
  { "net.inet.tcp.keepintvl", { "keepalive_interval" }, MS, 0 },
  { "net.inet.tcp.keepcnt", { "keepalive_count" }, 1, 0 },
  { "net.inet.tcp.delacktime", { "delayed_ack" }, MS, 0 },
  { "net.inet.tcp.icmp_may_rst", { "icmp_may_reset" }, 1, 0 },
  { "net.inet.tcp.rfc1323", { "timestamps", "window_scaling" }, 1, 0 },
  { "net.inet.tcp.recvspace", { "receive_buffer" }, 1, 0 },
  { "net.inet.tcp.sendspace", { "send_buffer" }, 1, 0 },
  { "net.inet.tcp.msl", { "msl" }, MS, 0 },
  { "net.inet.tcp.finwait2_timeout", { "fin_wait_2_timeout" }, MS, 0 },
  { "net.inet.tcp.ecn.enable", { "ecn" }, 1, 0 },
  { "net.inet.tcp.sack.enable", { "sack" }, 1, 0 },
  /* known, and without effect here */
  { "net.inet.tcp.rexmit_drop_options", { NULL }, 1, 0 },
  { "net.inet.tcp.ecn.maxretries", { NULL }, 1, 0 },
  { "net.inet.tcp.fast_finwait2_recycle", { NULL }, 1, 0 },
  { "net.inet.tcp.hostcache.purgenow", { NULL }, 1, 0 },
  { "kern.ipc.maxsockbuf", { NULL }, 1, 0 },
};

const char *tcp_sysctl_name(unsigned index)
{
  return index < G_N_ELEMENTS(table) ? table[index].name : NULL;
}

static const Sysctl *sysctl_find(const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
    if (strcmp(table[i].name, name) == 0)
      return &table[i];
  return NULL;
}

bool tcp_sysctl_set(TcpKnobs *knobs, const char *name, int64_t value,
                    const char **ret_problem)
{
  const Sysctl *sysctl = sysctl_find(name);
  TcpKnobs changed = *knobs;
  int64_t scaled;

  *ret_problem = "there is no such name";
  if (!sysctl)
    return false;
  *ret_problem = "the value is out of range";
  if (value > INT64_MAX / sysctl->scale || value < INT64_MIN / sysctl->scale)
    return false;
  scaled = value == 0 ? sysctl->zero : value * sysctl->scale;
  for (size_t i = 0; i < G_N_ELEMENTS(sysctl->knobs) && sysctl->knobs[i]; i++)
    if (!tcp_knob_set(&changed, tcp_knob_find(sysctl->knobs[i]), scaled))
      return false;
  *knobs = changed;
  return true;
}
