/* Holds the profile linux to the dialogues that a kernel was measured by: the
 * file is tests/measure/linux-6.18-dialogues.md, each dialogue a test, with the
 * profile's own settings and exact times. Run once for each IP version. */
#include "dialogue_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_private.h"
#include "info.h"
#include "peer.h"
#include "sockopt.h"
#include "sysctl.h"

/* -- calls: `rest` is what stands behind the verb -- */

/* What is over or closed makes room for another socket. */
static void leaves(Peer *t)
{
  if (t->conn &&
      (t->events & TCP_EVENT_CLOSED || tcp_state(t->conn) == TCP_CLOSED ||
       tcp_state(t->conn) == TCP_TIME_WAIT))
    user_releases(t);
}

static void call_connect(Peer *t, const char *rest)
{
  leaves(t);
  if (*rest)
    user_connects_refused(t, rest);
  else
    user_connects(t);
}

static void call_listen(Peer *t, const char *rest)
{
  t->hold_accept = true;
  user_listens(t);
  if (*rest)
    tcp_listener_set_knob(t->listener, "backlog", atoi(rest));
}

static void call_accept(Peer *t, const char *rest)
{
  if (*rest)
    number_is(t, "accept", tcp_accept(t->listener, NULL, NULL) != NULL, 0);
  else
    user_accepts(t);
}

static void call_unlisten(Peer *t, const char *rest)
{
  (void)rest;
  user_unlistens(t);
}

static void call_shutdown(Peer *t, const char *rest)
{
  user_shuts(t, strcmp(rest, "read") == 0   ? TCP_SHUTDOWN_RECEIVE
                : strcmp(rest, "both") == 0 ? TCP_SHUTDOWN_BOTH
                                            : TCP_SHUTDOWN_SEND);
}

static void call_close(Peer *t, const char *rest)
{
  (void)rest;
  t->events = 0;
  user_closes(t);
}

/* When a caller that lingers goes on is its own business (tcp.h). */
static void call_returned(Peer *t, const char *rest)
{
  SimTime time;

  if (strcmp(rest, "no") == 0)
    not_told(t, TCP_EVENT_FIN_ACKED | TCP_EVENT_CLOSED);
  else
    number_is(t, "SO_LINGER", tcp_linger(t->conn, &time), true);
}

/* "100" or "100 ENOTCONN" */
static const char *error_in(const char *rest)
{
  rest += strspn(rest, "0123456789");
  return rest + strspn(rest, " ");
}

static void call_send(Peer *t, const char *rest)
{
  if (*error_in(rest))
    user_send_refused(t, error_in(rest));
  else
    user_sends(t, (uint32_t)atoi(rest));
}

static void call_more(Peer *t, const char *rest)
{
  user_sends_more(t, (uint32_t)atoi(rest));
}

static void call_read(Peer *t, const char *rest)
{
  if (*error_in(rest))
    user_read_refused(t, error_in(rest));
  else if (atoi(rest) == 0)
    user_reads_end(t);
  else
    user_reads_some(t, (uint32_t)atoi(rest));
}

/* -- options, in C's own units -- */

static int64_t unit_of(const char *name)
{
  static const struct {
    const char *name;
    int64_t unit;
  } units[] = { { "TCP_KEEPIDLE", SIM_SECOND },
                { "TCP_KEEPINTVL", SIM_SECOND },
                { "TCP_USER_TIMEOUT", SIM_MILLISECOND },
                { "TCP_LINGER2", SIM_SECOND },
                { "SO_LINGER", SIM_SECOND },
                { "TCP_DEFER_ACCEPT", SIM_SECOND } };

  for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
    if (strcmp(units[i].name, name) == 0)
      return units[i].unit;
  return 1;
}

static void set_knob(Peer *t, const char *knob, int64_t value)
{
  if (t->conn)
    user_sets(t, knob, value);
  else if (t->listener)
    tcp_listener_set_knob(t->listener, knob, value);
  else
    peer_knob(t, knob, value);
}

static void call_set(Peer *t, const char *rest)
{
  g_auto(GStrv) words = g_strsplit(rest, " ", 2);
  const TcpSockopt *option = tcp_sockopt_find(words[0]);
  int64_t value = atoi(words[1]) * unit_of(words[0]);

  if (!option)
    peer_fail(t, "there is no option %s", words[0]);
  else if (option->kind == TCP_SOCKOPT_LINGER)
    user_lingers(t, value);
  else if (option->kind == TCP_SOCKOPT_LINGER2)
    tcp_set_linger2(t->conn, value);
  else if (option->kind == TCP_SOCKOPT_QUICKACK && t->conn)
    tcp_set_quickack(t->conn, value);
  else
    set_knob(t, option->knob,
             option->kind == TCP_SOCKOPT_NOT_KNOB ? !value : value);
}

static void call_get(Peer *t, const char *rest)
{
  g_auto(GStrv) words = g_strsplit(rest, " ", 2);
  int64_t got = -1;

  if (strcmp(words[0], "SIOCINQ") == 0)
    got = tcp_readable(t->conn);
  else if (strcmp(words[0], "SIOCOUTQ") == 0)
    got = tcp_outstanding(t->conn);
  else if (strcmp(words[0], "SIOCOUTQNSD") == 0)
    got = tcp_unsent(t->conn);
  else if (strcmp(words[0], "TCP_MAXSEG") == 0)
    got = user_status(t).mss;
  else
    peer_fail(t, "%s cannot be asked here", words[0]);
  number_is(t, words[0], got, atoi(words[1]));
}

static void call_error(Peer *t, const char *rest)
{
  user_error(t, rest);
}

static void info_is(Peer *t, const char *name, int64_t want)
{
  TcpInfo info;

  tcp_info(t->conn, &info);
  for (unsigned i = 0; tcp_info_name(i); i++)
    if (strcmp(tcp_info_name(i), name) == 0) {
      number_is(t, name, tcp_info_value(&info, i), want);
      return;
    }
  peer_fail(t, "TCP_INFO has no %s", name);
}

static void call_info(Peer *t, const char *rest)
{
  g_auto(GStrv) parts = g_strsplit(rest, " ", -1);

  for (char **part = parts; *part && !t->failed; part++) {
    g_auto(GStrv) pair = g_strsplit(*part, "=", 2);

    info_is(t, pair[0], g_ascii_strtoll(pair[1], NULL, 10));
  }
}

/* -- the rest -- */

static void call_state(Peer *t, const char *rest)
{
  host_is(t, rest);
}

static void call_port(Peer *t, const char *rest)
{
  t->port = (uint16_t)atoi(rest);
}

static void call_sysctl(Peer *t, const char *rest)
{
  g_auto(GStrv) words = g_strsplit(rest, " ", -1);
  int64_t values[TCP_SYSCTL_VALUES];
  unsigned count = 0;
  const char *problem;

  if (strcmp(words[0], "net.ipv4.tcp_syncookies") == 0)
    return; /* there are none */
  for (char **word = words + 1; *word && count < TCP_SYSCTL_VALUES; word++)
    values[count++] = g_ascii_strtoll(*word, NULL, 10);
  if (!tcp_stack_sysctl(t->stack, words[0], values, count, &problem))
    peer_fail(t, "%s: %s", words[0], problem);
}

static void call_icmp(Peer *t, const char *rest)
{
  unsigned type = 0, code = 0;

  sscanf(rest, "%u %u", &type, &code);
  if (peer_family() == NET_IPV6)
    net_icmp6_error(t->peer, t->last, (uint8_t)type, (uint8_t)code, 0);
  else
    net_icmp_error(t->peer, t->last, (uint8_t)type, (uint8_t)code, 0);
  runs_to(t, t->sim->now);
}

static void call_hears(Peer *t, const char *rest)
{
  peer_sends(t, rest);
}

static void call_nothing(Peer *t, const char *rest)
{
  (void)t;
  (void)rest;
}

static const struct {
  const char *verb;
  void (*call)(Peer *t, const char *rest);
} calls[] = {
  { "connect", call_connect },   { "listen", call_listen },
  { "accept", call_accept },     { "unlisten", call_unlisten },
  { "shutdown", call_shutdown }, { "close", call_close },
  { "returned", call_returned }, { "send", call_send },
  { "more", call_more },         { "read", call_read },
  { "set", call_set },           { "get", call_get },
  { "error", call_error },       { "info", call_info },
  { "state", call_state },       { "port", call_port },
  { "sysctl", call_sysctl },     { "icmp4", call_icmp },
  { "icmp6", call_icmp },        { "<", call_hears },
  { "", call_nothing },
};

/* -- a dialogue -- */

static void hears(Peer *t, const DialogueStep *step)
{
  SimTime time = t->sim->now + step->after_us * SIM_MICROSECOND;

  if (*step->rest) {
    host_sends_at(t, time, step->rest);
    return;
  }
  runs_to(t, time);
  host_sends_something(t);
}

static void play_step(Peer *t, const DialogueStep *step)
{
  if (strcmp(step->verb, ">") == 0) {
    hears(t, step);
    return;
  }
  host_silent(t, t->sim->now + step->after_us * SIM_MICROSECOND);
  for (size_t i = 0; i < G_N_ELEMENTS(calls) && !t->failed; i++)
    if (strcmp(calls[i].verb, step->verb) == 0) {
      calls[i].call(t, step->rest);
      return;
    }
  peer_fail(t, "there is no verb %s", step->verb);
}

/* As the kernel's: rate limits of answers are off. */
static Peer *kernel_new(void)
{
  Peer *t = peer_new(0);

  *tcp_stack_knobs(t->stack) = tcp_profile_find("linux")->knobs;
  peer_knob(t, "initial_sequence", HOST_ISS);
  peer_knob(t, "reuse_address", 1);
  peer_knob(t, "answer_interval", 0);
  return t;
}

/* What is still open or half-open is none of the dialogue's. */
static void leaves_all(Peer *t)
{
  host_silent(t, t->sim->now);
  if (t->failed)
    return;
  t->port = 0;
  if (t->listener)
    tcp_listener_close(t->listener);
  if (t->conn)
    tcp_abort(t->conn);
  if (t->conn)
    tcp_release(t->conn);
  t->listener = NULL;
  t->conn = NULL;
  runs_to(t, t->sim->now + S(1000));
  g_queue_clear_full(&t->captured, g_free);
}

static void play(gconstpointer data)
{
  const Dialogue *dialogue = data;
  Peer *t = kernel_new();

  for (guint i = 0; i < dialogue->steps->len && !t->failed; i++) {
    const DialogueStep *step = &g_array_index(dialogue->steps, DialogueStep, i);

    play_step(t, step);
    if (t->failed)
      g_test_message("line %d: %s %s", step->line, step->verb, step->rest);
  }
  leaves_all(t);
  peer_free(t);
}

int main(int argc, char **argv)
{
  g_autoptr(GPtrArray) dialogues = NULL;
  g_autoptr(GError) error = NULL;
  bool ipv6 = peer_family() == NET_IPV6;

  g_test_init(&argc, &argv, NULL);
  if (argc != 2)
    g_error("usage: %s FILE", argv[0]);
  dialogues = dialogues_read(argv[1], &error);
  if (!dialogues)
    g_error("%s: %s", argv[1], error->message);
  for (guint i = 0; i < dialogues->len; i++) {
    const Dialogue *dialogue = g_ptr_array_index(dialogues, i);
    g_autofree char *path = g_strdup_printf("/dialogue/%s", dialogue->name);

    if (!dialogue->kernel_only && (ipv6 ? dialogue->ipv6 : dialogue->ipv4))
      g_test_add_data_func(path, dialogue, play);
  }
  return g_test_run();
}
