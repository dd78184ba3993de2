/* ss: the TCP sockets of the host under test as iproute2 lists them, and -K,
 * which ends those that are listed.
 *
 * Of its filters, those that scripts use are understood: states, and src, dst,
 * sport and dport that must all hold. */
#include <string.h>

#include "pkt_command.h"
#include "sockets.h"

typedef struct Ss {
  PktRun *run;
  GString *text;
  GArray *pairs; /* of TcpPair: what was listed */
  bool ipv4, ipv6, all, listening, headless, kills;
  bool some_states, states[TCP_TIME_WAIT + 1];
  bool has_source, has_destination;
  TcpEnd source, destination; /* port 0, address any: not said */
} Ss;

/* -- what is shown -- */

static bool end_matches(const TcpEnd *filter, const TcpEnd *end)
{
  return (!filter->port || filter->port == end->port) &&
         (net_address_is_any(filter->address) ||
          net_address_equal(filter->address, end->address));
}

/* Without a word about states, what has both ends and is not ending. */
static bool is_wanted(const Ss *it, const TcpSocket *socket)
{
  bool ipv6 = it->run->config.version != PKT_IPV4;

  if ((it->ipv4 || it->ipv6) && !(ipv6 ? it->ipv6 : it->ipv4))
    return false;
  if (it->some_states ? !it->states[socket->state]
      : it->listening ? socket->state != TCP_LISTEN
                      : !it->all && (socket->state == TCP_LISTEN ||
                                     socket->state == TCP_TIME_WAIT ||
                                     socket->state == TCP_SYN_RECEIVED))
    return false;
  return end_matches(&it->source, &socket->pair.local) &&
         end_matches(&it->destination, &socket->pair.remote);
}

static void put_end(GString *out, const Ss *it, TcpEnd end)
{
  bool mapped = it->run->config.version == PKT_IPV4_MAPPED;
  char address[NET_ADDRESS_TEXT];
  g_autofree char *port =
      end.port ? g_strdup_printf("%u", end.port) : g_strdup("*");
  g_autofree char *text =
      g_strdup_printf("%s%s:%s", mapped && end.port ? "::ffff:" : "",
                      net_address_is_any(end.address)
                          ? "*"
                          : net_address_format(end.address, address),
                      port);

  g_string_append_printf(out, " %-29s", text);
}

static void show(void *user, const TcpSocket *socket)
{
  Ss *it = user;

  if (!is_wanted(it, socket))
    return;
  g_array_append_val(it->pairs, socket->pair);
  g_string_append_printf(it->text, "%-10s %-6u %-6u",
                         tcp_socket_state_name(socket->state), socket->receive,
                         socket->send);
  put_end(it->text, it, socket->pair.local);
  put_end(it->text, it, socket->pair.remote);
  g_strchomp(it->text->str);
  it->text->len = strlen(it->text->str);
  g_string_append_c(it->text, '\n');
}

/* -- the command line -- */

static bool read_flag(Ss *it, char flag)
{
  switch (flag) {
  case '4':
    it->ipv4 = true;
    return true;
  case '6':
    it->ipv6 = true;
    return true;
  case 'a':
    it->all = true;
    return true;
  case 'l':
    it->listening = true;
    return true;
  case 'H':
    it->headless = true;
    return true;
  case 'K':
    it->kills = true;
    return true;
  default:
    return strchr("tnoemip", flag) != NULL;
  }
}

static bool read_long(Ss *it, const char *name)
{
  static const struct {
    const char *name;
    char flag;
  } table[] = { { "ipv4", '4' },      { "ipv6", '6' },     { "all", 'a' },
                { "listening", 'l' }, { "tcp", 't' },      { "numeric", 'n' },
                { "options", 'o' },   { "extended", 'e' }, { "memory", 'm' },
                { "info", 'i' },      { "kill", 'K' },     { "no-header", 'H' },
                { "processes", 'p' } };

  for (gsize i = 0; i < G_N_ELEMENTS(table); i++)
    if (g_str_equal(table[i].name, name))
      return read_flag(it, table[i].flag);
  return false;
}

static bool read_state(Ss *it, const char *word)
{
  static const char *const names[] = {
    "closed",      "listening",  "syn-sent",   "syn-recv",
    "established", "fin-wait-1", "fin-wait-2", "close-wait",
    "closing",     "last-ack",   "time-wait",
  };
  static const TcpState states[] = {
    TCP_CLOSED,      TCP_LISTEN,     TCP_SYN_SENT,   TCP_SYN_RECEIVED,
    TCP_ESTABLISHED, TCP_FIN_WAIT_1, TCP_FIN_WAIT_2, TCP_CLOSE_WAIT,
    TCP_CLOSING,     TCP_LAST_ACK,   TCP_TIME_WAIT,
  };
  bool any = g_ascii_strcasecmp(word, "all") == 0, found = any;

  for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
    if (any || g_ascii_strcasecmp(names[i], word) == 0)
      it->states[states[i]] = found = true;
  it->some_states = true;
  return found;
}

static bool read_port(const char *word, uint16_t *ret)
{
  guint64 port;

  if (!word || !g_ascii_string_to_unsigned(word + (*word == ':'), 10, 1,
                                           UINT16_MAX, &port, NULL))
    return false;
  *ret = (uint16_t)port;
  return true;
}

/* ADDRESS, ADDRESS/32, :PORT; the whole address counts. */
static bool read_end(const char *word, TcpEnd *ret)
{
  g_autofree char *text = g_strdup(word ? word : "");
  char *slash = strchr(text, '/');
  const char *plain =
      g_str_has_prefix(text, "::ffff:") && strchr(text, '.') ? text + 7 : text;

  if (word && *word == ':' && g_ascii_isdigit(word[1]))
    return read_port(word, &ret->port);
  if (slash && !g_str_equal(slash, "/32") && !g_str_equal(slash, "/128"))
    return false;
  if (slash)
    *slash = '\0';
  return net_address_parse(plain, &ret->address);
}

/* One condition; how many words it takes, or 0. */
static guint read_condition(Ss *it, char **words)
{
  bool equals =
      words[1] && (g_str_equal(words[1], "=") || g_str_equal(words[1], "=="));
  guint taken = equals ? 3 : 2;
  const char *value = words[1] ? words[taken - 1] : NULL;

  if (g_str_equal(*words, "(") || g_str_equal(*words, ")") ||
      g_str_equal(*words, "and"))
    return 1;
  if (g_str_equal(*words, "state"))
    return value && read_state(it, value) ? 2 : 0;
  if (g_str_equal(*words, "sport"))
    return read_port(value, &it->source.port) ? taken : 0;
  if (g_str_equal(*words, "dport"))
    return read_port(value, &it->destination.port) ? taken : 0;
  if (g_str_equal(*words, "src"))
    return read_end(value, &it->source) ? taken : 0;
  return g_str_equal(*words, "dst") && read_end(value, &it->destination) ? taken
                                                                         : 0;
}

static bool read_filter(Ss *it, char **words)
{
  g_autofree char *text = g_strjoinv(" ", words);
  g_auto(GStrv) parts = g_strsplit(text, " ", -1);

  for (char **at = parts; *at;) {
    guint taken = **at ? read_condition(it, at) : 1;

    if (taken == 0)
      return false;
    at += taken;
  }
  return true;
}

static bool read_words(Ss *it, char **words)
{
  for (words++; *words && **words == '-'; words++) {
    if (words[0][1] == '-') {
      if (!read_long(it, *words + 2))
        return false;
      continue;
    }
    for (const char *flag = *words + 1; *flag; flag++)
      if (!read_flag(it, *flag))
        return false;
  }
  return read_filter(it, words);
}

PktOutcome pkt_ss(PktShell *shell, char **words)
{
  Ss it = { .run = shell->it,
            .source.address = NET_ADDRESS_ANY,
            .destination.address = NET_ADDRESS_ANY };

  if (!read_words(&it, words))
    return pkt_unsupported(shell->it, shell->place,
                           "ss is understood with -46alntoemipHK, state NAME, "
                           "src, dst ADDRESS or :PORT, sport, dport = :PORT");
  it.text = g_string_new(NULL);
  it.pairs = g_array_new(FALSE, FALSE, sizeof(TcpPair));
  if (!it.headless)
    g_string_append_printf(it.text, "%-10s %-6s %-6s %-29s %s\n", "State",
                           "Recv-Q", "Send-Q", "Local Address:Port",
                           "Peer Address:Port");
  tcp_each_socket(shell->it->stack, show, &it);
  for (guint i = 0; it.kills && i < it.pairs->len; i++)
    tcp_drop(shell->it->stack, &g_array_index(it.pairs, TcpPair, i));
  g_array_unref(it.pairs);
  pkt_shell_show(shell, it.text);
  return PKT_DONE;
}
