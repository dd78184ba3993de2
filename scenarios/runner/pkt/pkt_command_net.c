/* ip, tc, nstat, ethtool, sleep: what they would do to the machine is done to
 * the simulated host, if it means something there; if it cannot mean anything
 * it is passed over, with the reason; anything else is an error. */
#include <string.h>

#include "pkt_command.h"
#include "units.h"

static bool has_word(char **words, const char *word)
{
  return g_strv_contains((const gchar *const *)words, word);
}

/* The number behind `name`, and behind "lock"; false: it is not there. */
static bool number_behind(char **words, const char *name, guint64 *ret)
{
  while (*words && !g_str_equal(*words, name))
    words++;
  if (!*words || !words[1])
    return false;
  words += g_str_equal(words[1], "lock") ? 2 : 1;
  return *words &&
         g_ascii_string_to_unsigned(*words, 10, 0, G_MAXUINT32, ret, NULL);
}

/* -- ip -- */

static PktOutcome refuse_ip(PktShell *shell)
{
  return pkt_unsupported(shell->it, shell->place,
                         "ip is understood as ip route add, change or replace "
                         "DESTINATION ... mtu N advmss N, ip route flush "
                         "cache, ip tcp_metrics flush, and where it shows "
                         "something; the link's MTU is --mtu");
}

static bool is_remote(const PktRun *it, const char *word)
{
  g_autofree char *text = g_strdup(word);
  char *slash = strchr(text, '/');
  NetAddress address;

  if (slash)
    *slash = '\0';
  return g_str_equal(text, "default") ||
         (net_address_parse(text, &address) &&
          net_address_equal(address, it->config.remote));
}

/* A route's MTU is what the host believes of the path; the MSS that it offers
 * follows from it (ip-route(8)). Other destinations are never met. */
static PktOutcome route(PktShell *shell, char **words)
{
  PktRun *it = shell->it;
  uint32_t headers = net_ip_size(it->config.remote) + TCP_HEADER_SIZE;
  guint64 mtu = it->config.mtu, mss;

  if (!words[0] || !is_remote(it, words[0]))
    return PKT_DONE;
  number_behind(words, "mtu", &mtu);
  if (mtu > it->config.mtu)
    return pkt_unsupported(it, shell->place,
                           "a route's MTU is the link's (%u) at most",
                           it->config.mtu);
  if (number_behind(words, "advmss", &mss) && mss + headers != mtu)
    return pkt_unsupported(
        it, shell->place,
        "advmss %" G_GUINT64_FORMAT
        " is not simulated apart from the MTU (%" G_GUINT64_FORMAT " - %u)",
        mss, mtu, headers);
  net_host_forget_mtus(it->host);
  if (mtu < it->config.mtu)
    net_host_too_big(it->host, it->config.remote, (uint32_t)mtu,
                     (uint32_t)mtu + 1);
  return PKT_DONE;
}

static bool shows(const char *verb)
{
  return !verb || g_str_equal(verb, "show") || g_str_equal(verb, "list") ||
         g_str_equal(verb, "ls") || g_str_equal(verb, "get");
}

/* tcp_metrics: linger's connections learn nothing from those before. */
PktOutcome pkt_ip(PktShell *shell, char **words)
{
  for (words++; *words && **words == '-'; words++)
    ;
  if (!*words || shows(words[1]))
    return PKT_DONE;
  if (g_str_equal(*words, "tcp_metrics") && g_str_equal(words[1], "flush"))
    return PKT_DONE;
  if (!g_str_equal(*words, "route") && !g_str_equal(*words, "r"))
    return refuse_ip(shell);
  if (g_str_equal(words[1], "flush") && has_word(words, "cache")) {
    net_host_forget_mtus(shell->it->host);
    return PKT_DONE;
  }
  return g_str_equal(words[1], "change") || g_str_equal(words[1], "replace") ||
                 g_str_equal(words[1], "add")
             ? route(shell, words + 2)
             : refuse_ip(shell);
}

/* -- tc -- */

static PktOutcome refuse_tc(PktShell *shell)
{
  return pkt_unsupported(shell->it, shell->place,
                         "tc is understood as tc qdisc add, change, replace "
                         "or del with pfifo, bfifo, pfifo_fast, fq, or netem "
                         "loss 100%%; when and which packets arrive is said "
                         "by the script");
}

/* A queue of no packets, and netem's loss of all, lose what the host sends; fq
 * paces it; other queues are never filled by a link that takes no time. */
PktOutcome pkt_tc(PktShell *shell, char **words)
{
  static const char *const kinds[] = { "pfifo", "bfifo", "pfifo_fast",
                                       "fq",    "netem", NULL };
  bool deletes = has_word(words, "del") || has_word(words, "delete");
  bool loses_all = has_word(words, "netem") && has_word(words, "loss") &&
                   has_word(words, "100%");
  const char *kind = NULL;
  guint64 limit = 1;

  if (!words[1] || !g_str_equal(words[1], "qdisc"))
    return refuse_tc(shell);
  if (shows(words[2]))
    return PKT_DONE;
  for (unsigned i = 0; kinds[i] && !kind; i++)
    kind = has_word(words, kinds[i]) ? kinds[i] : NULL;
  if (!deletes && (!kind || (g_str_equal(kind, "netem") && !loses_all)))
    return refuse_tc(shell);
  number_behind(words, "limit", &limit);
  tcp_stack_knobs(shell->it->stack)->pacing =
      !deletes && g_str_equal(kind, "fq");
  shell->it->dropping = !deletes && (limit == 0 || loses_all);
  return PKT_DONE;
}

/* -- nstat -- */

typedef struct Counter {
  const char *name;
  gsize offset;
} Counter;

#define COUNTER(name, field)                \
  {                                         \
    name, offsetof(TcpStackCounters, field) \
  }

static const Counter counters[] = {
  COUNTER("TcpActiveOpens", active_opens),
  COUNTER("TcpPassiveOpens", passive_opens),
  COUNTER("TcpAttemptFails", failed),
  COUNTER("TcpInSegs", segments_received),
  COUNTER("TcpOutSegs", segments_sent),
  COUNTER("TcpRetransSegs", retransmitted),
  COUNTER("TcpInErrs", malformed),
  COUNTER("TcpInCsumErrors", bad_checksum),
  COUNTER("TcpOutRsts", resets_sent),
  COUNTER("TcpExtListenOverflows", listen_overflows),
  COUNTER("TcpExtTCPChallengeACK", challenge_acks),
};

/* Errors are all that could not be read, a wrong checksum among them. */
static uint64_t value_of(const TcpStackCounters *of, const Counter *counter)
{
  uint64_t value =
      *(const uint64_t *)(const void *)((const char *)of + counter->offset);

  return counter->offset == offsetof(TcpStackCounters, malformed)
             ? value + of->bad_checksum
             : value;
}

static void put_counter(GString *out, const char *name, uint64_t value)
{
  g_string_append_printf(out, "%-32s%-16" G_GUINT64_FORMAT " 0.0\n", name,
                         value);
}

bool pkt_counter_is_kept(const char *pattern)
{
  for (gsize i = 0; i < G_N_ELEMENTS(counters); i++)
    if (strstr(counters[i].name, pattern))
      return true;
  return false;
}

/* What has changed since the last time; -a: since the beginning; -n: nothing
 * is shown; -s: it is shown again; -z: also what is 0. */
PktOutcome pkt_nstat(PktShell *shell, char **words)
{
  PktRun *it = shell->it;
  const TcpStackCounters *now = tcp_stack_counters(it->stack);
  GString *out = g_string_new("#kernel\n");
  bool whole = has_word(words, "-a"), zeros = has_word(words, "-z");

  for (gsize i = 0; i < G_N_ELEMENTS(counters); i++) {
    uint64_t value = value_of(now, &counters[i]);

    if (!whole)
      value -= value_of(&it->counted, &counters[i]);
    if ((value || zeros) && !has_word(words, "-n"))
      put_counter(out, counters[i].name, value);
  }
  if (!has_word(words, "-s") && !whole)
    it->counted = *now;
  pkt_shell_show(shell, out);
  shell->counters = true;
  return PKT_DONE;
}

/* -- the others -- */

/* Offloading joins and divides packets where nobody here looks: segments are
 * compared as they are on the wire. */
PktOutcome pkt_ethtool(PktShell *shell, char **words)
{
  if (words[1] && (g_str_equal(words[1], "-K") || g_str_equal(words[1], "-k") ||
                   g_str_equal(words[1], "-S") || g_str_equal(words[1], "-i") ||
                   *words[1] != '-'))
    return PKT_DONE;
  return pkt_unsupported(shell->it, shell->place,
                         "ethtool is understood with -K, -k, -S and -i");
}

/* sleep 0.5: virtual time passes. */
PktOutcome pkt_sleep(PktShell *shell, char **words)
{
  PktRun *it = shell->it;
  char problem[200];
  SimTime span;

  if (!words[1] || !sim_parse_time(words[1], &span, problem, sizeof problem) ||
      span < 0)
    return pkt_unsupported(it, shell->place, "sleep needs a number of seconds");
  return pkt_advance(it, sim_time_add(it->run->sim->now, span));
}
