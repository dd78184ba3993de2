/* sysctl names: a table from a name to the knobs that it sets, and from its
 * unit to theirs. */
#include "sysctl.h"

#include <glib.h>
#include <string.h>

#include "in_udp.h"

#define S SIM_SECOND
#define MS SIM_MILLISECOND
#define SWITCH 0

/* The knob's value is sysctl's times `scale`. */
typedef struct Sysctl {
  const char *name;
  const char *knobs[2];
  int64_t scale;
  int64_t zero; /* the knob's value for 0, if that has a meaning of its own;
                   of a SWITCH: it is on from this value */
  /* instead of the knobs: several values, or what no knob says */
  bool (*set)(TcpKnobs *knobs, const int64_t *values, unsigned count);
} Sysctl;

static bool set_knob(TcpKnobs *knobs, const char *name, int64_t value)
{
  return tcp_knob_set(knobs, tcp_knob_find(name), value);
}

#define RMEM_MAX (4 << 20) /* net.core.rmem_max of Linux 6.18 */
#define ETHERNET_MSS 1460

/* Measured of Linux 6.18: half of the default is for payload, of which the
 * first window is whole segments; the most decides the window scale. */
static bool set_tcp_rmem(TcpKnobs *knobs, const int64_t *values, unsigned count)
{
  int64_t room = values[count > 1 ? 1 : 0] / 2, most = RMEM_MAX;
  int64_t shift = 0;

  if (room > ETHERNET_MSS)
    room -= room % ETHERNET_MSS;
  if (!set_knob(knobs, "receive_buffer", room))
    return false;
  if (count < 3)
    return true;
  for (most = MAX(most, values[2]); most >> shift > 1; shift++)
    ;
  return set_knob(knobs, "window_scale", MIN(shift - 15, 14));
}

/* Half, as of tcp_rmem: SO_SNDBUF's own number is half of the kernel's. */
static bool set_tcp_wmem(TcpKnobs *knobs, const int64_t *values, unsigned count)
{
  return set_knob(knobs, "send_buffer", values[count > 1 ? 1 : 0] / 2) &&
         (count < 3 || set_knob(knobs, "send_buffer_most", values[2] / 2));
}

static bool set_missing_ts(TcpKnobs *knobs, const int64_t *values,
                           unsigned count)
{
  return count == 1 && set_knob(knobs, "timestamps_required", !values[0]);
}

/* No knob is changed: tcp_stack_sysctl() acts. */
static bool set_nothing(TcpKnobs *knobs, const int64_t *values, unsigned count)
{
  (void)knobs;
  return count == 1 && values[0] >= 0;
}

#define PURGE "net.inet.tcp.hostcache.purgenow"
#define IN_UDP "net.inet.tcp.udp_tunneling_port"

static const Sysctl table[] = {
  { "net.ipv4.tcp_fin_timeout", { "fin_wait_2_timeout" }, S, 0, NULL },
  { "net.ipv4.tcp_retries1", { "r1" }, 1, 0, NULL },
  { "net.ipv4.tcp_retries2", { "retries" }, 1, 0, NULL },
  { "net.ipv4.tcp_orphan_retries", { "orphan_retries" }, 1, 8, NULL },
  { "net.ipv4.tcp_syn_retries", { "syn_retries" }, 1, 0, NULL },
  { "net.ipv4.tcp_synack_retries", { "synack_retries" }, 1, 0, NULL },
  { "net.ipv4.tcp_syn_linear_timeouts", { "syn_linear" }, 1, 0, NULL },
  { "net.ipv4.tcp_rto_min_us",
    { "rto_variance_min" },
    SIM_MICROSECOND,
    0,
    NULL },
  { "net.ipv4.tcp_rto_max_ms", { "rto_max", "persist_max" }, MS, 0, NULL },
  { "net.ipv4.tcp_keepalive_time", { "keepalive_idle" }, S, 0, NULL },
  { "net.ipv4.tcp_keepalive_intvl", { "keepalive_interval" }, S, 0, NULL },
  { "net.ipv4.tcp_keepalive_probes", { "keepalive_count" }, 1, 0, NULL },
  { "net.ipv4.tcp_invalid_ratelimit", { "answer_interval" }, MS, 0, NULL },
  { "net.ipv4.tcp_challenge_ack_limit", { "challenge_ack_limit" }, 1, 0, NULL },
  { "net.ipv4.tcp_rfc1337", { "ignore_reset_in_time_wait" }, 1, 0, NULL },
  { "net.ipv4.tcp_tw_reuse", { "time_wait_ports" }, 1, 0, NULL },
  { "net.ipv4.tcp_tw_reuse_delay", { "time_wait_ports_delay" }, MS, 0, NULL },
  { "net.ipv4.tcp_timestamps", { "timestamps" }, 1, 0, NULL },
  { "net.ipv4.tcp_window_scaling", { "window_scaling" }, 1, 0, NULL },
  { "net.ipv4.tcp_sack", { "sack" }, 1, 0, NULL },
  { "net.ipv4.tcp_dsack", { "dsack" }, 1, 0, NULL },
  { "net.ipv4.tcp_ecn", { "ecn" }, 1, 0, NULL },
  { "net.ipv4.tcp_frto", { "frto" }, SWITCH, 1, NULL },
  { "net.ipv4.tcp_congestion_control", { "congestion" }, 1, 0, NULL },
  { "net.ipv4.tcp_recovery", { "rack" }, 1, 0, NULL },
  { "net.ipv4.tcp_early_retrans", { "tail_loss_probe" }, SWITCH, 3, NULL },
  { "net.ipv4.tcp_reordering", { "duplicate_acks" }, 1, 0, NULL },
  { "net.ipv4.tcp_slow_start_after_idle",
    { "restart_after_idle" },
    1,
    0,
    NULL },
  { "net.ipv4.tcp_pacing_ss_ratio", { "pacing_ss_ratio" }, 1, 0, NULL },
  { "net.ipv4.tcp_pacing_ca_ratio", { "pacing_ca_ratio" }, 1, 0, NULL },
  { "net.ipv4.tcp_min_tso_segs", { "pacing_burst" }, 1, 1, NULL },
  { "net.ipv4.tcp_max_syn_backlog", { "syn_backlog" }, 1, 0, NULL },
  { "net.ipv4.tcp_abort_on_overflow", { "backlog_resets" }, 1, 0, NULL },
  { "net.ipv4.tcp_rmem", { NULL }, 1, 0, set_tcp_rmem },
  { "net.ipv4.tcp_wmem", { NULL }, 1, 0, set_tcp_wmem },
  { "net.core.somaxconn", { "backlog" }, 1, 0, NULL },
  { "net.inet.tcp.insecure_rst", { "insecure_rst" }, 1, 0, NULL },
  { "net.inet.tcp.insecure_syn", { "insecure_syn" }, 1, 0, NULL },
  { "net.inet.tcp.drop_synfin", { "drop_syn_fin" }, 2, 0, NULL },
  { "net.inet.tcp.blackhole", { "blackhole" }, 1, 0, NULL },
  { "net.inet.tcp.rexmit_initial", { "rto_initial" }, MS, 0, NULL },
  { "net.inet.tcp.rexmit_slop", { "rto_slop" }, MS, 0, NULL },
  { "net.inet.tcp.keepinit", { "r2_syn" }, MS, 0, NULL },
  { "net.inet.tcp.keepidle", { "keepalive_idle" }, MS, 0, NULL },
  { "net.inet.tcp.keepintvl", { "keepalive_interval" }, MS, 0, NULL },
  { "net.inet.tcp.keepcnt", { "keepalive_count" }, 1, 0, NULL },
  { "net.inet.tcp.delacktime", { "delayed_ack" }, MS, 0, NULL },
  { "net.inet.tcp.icmp_may_rst", { "icmp_may_reset" }, 2, 0, NULL },
  { "net.inet.tcp.rfc1323", { "timestamps", "window_scaling" }, 1, 0, NULL },
  { "net.inet.tcp.recvspace", { "receive_buffer" }, 1, 0, NULL },
  { "net.inet.tcp.sendspace", { "send_buffer" }, 1, 0, NULL },
  { "net.inet.tcp.msl", { "msl" }, MS, 0, NULL },
  { "net.inet.tcp.finwait2_timeout", { "fin_wait_2_timeout" }, MS, 0, NULL },
  { "net.inet.tcp.ecn.enable", { "ecn" }, 1, 0, NULL },
  { "net.inet.tcp.sack.enable", { "sack" }, 1, 0, NULL },
  { "net.inet.tcp.rexmit_drop_options", { "syn_plain_after" }, 3, 0, NULL },
  { "net.inet.tcp.ecn.maxretries", { "ecn_syn_retries" }, 1, 0, NULL },
  { "net.inet.tcp.fast_finwait2_recycle", { "fin_wait_2_fast" }, 1, 0, NULL },
  { "kern.ipc.maxsockbuf", { "buffer_limit" }, 1, 0, NULL },
  { "net.inet.tcp.tolerate_missing_ts", { NULL }, 1, 0, set_missing_ts },
  { "net.inet.tcp.pmtud_blackhole_detection",
    { "black_hole_detection" },
    SWITCH,
    1,
    NULL },
  { "net.inet.tcp.pmtud_blackhole_mss", { "black_hole_mss" }, 1, 0, NULL },
  { "net.inet.tcp.v6pmtud_blackhole_mss",
    { "black_hole_mss_ipv6" },
    1,
    0,
    NULL },
  { "net.inet.tcp.always_keepalive", { "keepalive" }, 1, 0, NULL },
  { "net.inet.tcp.udp_tunneling_overhead", { "udp_overhead" }, 1, 0, NULL },
  { PURGE, { NULL }, 1, 0, set_nothing },
  { IN_UDP, { NULL }, 1, 0, set_nothing },
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

const TcpKnob *tcp_sysctl_knob(const char *name)
{
  const Sysctl *sysctl = sysctl_find(name);

  return sysctl && sysctl->knobs[0] ? tcp_knob_find(sysctl->knobs[0]) : NULL;
}

static bool sysctl_scale(const Sysctl *sysctl, TcpKnobs *knobs, int64_t value)
{
  int64_t scaled;

  if (sysctl->scale == SWITCH)
    return set_knob(knobs, sysctl->knobs[0], value >= sysctl->zero);
  if (value > INT64_MAX / sysctl->scale || value < INT64_MIN / sysctl->scale)
    return false;
  scaled = value == 0 ? sysctl->zero : value * sysctl->scale;
  for (size_t i = 0; i < G_N_ELEMENTS(sysctl->knobs) && sysctl->knobs[i]; i++)
    if (!set_knob(knobs, sysctl->knobs[i], scaled))
      return false;
  return true;
}

bool tcp_sysctl_set(TcpKnobs *knobs, const char *name, const int64_t *values,
                    unsigned count, const char **ret_problem)
{
  const Sysctl *sysctl = sysctl_find(name);
  TcpKnobs changed = *knobs;

  *ret_problem = "there is no such name";
  if (!sysctl)
    return false;
  *ret_problem = "it takes one value";
  if (count != 1 && sysctl->set != set_tcp_rmem && sysctl->set != set_tcp_wmem)
    return false;
  *ret_problem = "it takes one value, or three: least, default, most";
  if (count != 1 && count != 3)
    return false;
  *ret_problem = "the value is out of range";
  if (sysctl->set ? !sysctl->set(&changed, values, count)
                  : !sysctl_scale(sysctl, &changed, values[0]))
    return false;
  *knobs = changed;
  return true;
}

bool tcp_stack_sysctl(TcpStack *stack, const char *name, const int64_t *values,
                      unsigned count, const char **ret_problem)
{
  if (!tcp_sysctl_set(tcp_stack_knobs(stack), name, values, count, ret_problem))
    return false;
  if (strcmp(name, PURGE) == 0 && values[0] != 0)
    net_host_forget_mtus(tcp_stack_host(stack));
  if (strcmp(name, IN_UDP) != 0)
    return true;
  *ret_problem = "the value is out of range";
  if (values[0] < 0 || values[0] > UINT16_MAX)
    return false;
  *ret_problem = "another has this port of UDP";
  return tcp_stack_set_udp_port(stack, (uint16_t)values[0]);
}
