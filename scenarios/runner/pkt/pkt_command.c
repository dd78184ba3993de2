/* Commands in backquotes. No shell ever sees them: those that scripts use are
 * understood and done to the simulated host, any other is an error.
 *
 * A command line is divided into words as sh(1) does it (quotes, a backslash),
 * commands at line ends, ";" and "&&"; redirections are dropped. */
#include <string.h>

#include "pkt_command.h"

typedef PktOutcome (*CommandFunc)(PktRun *it, PktPlace place, char **words);

/* -- sysctl -- */

/* As /proc/sys/net/ipv4/tcp_sack is net.ipv4.tcp_sack to sysctl(8). */
static char *sysctl_name(const char *word)
{
  char *name;

  if (g_str_has_prefix(word, "/proc/sys/"))
    word += strlen("/proc/sys/");
  name = g_strdup(word);
  for (char *at = name; *at; at++)
    if (*at == '/')
      *at = '.';
  return name;
}

static PktOutcome assign(PktRun *it, PktPlace place, const char *word)
{
  g_auto(GStrv) halves = g_strsplit(word, "=", 2);
  g_autofree char *name = NULL;
  g_autofree char *problem = NULL;

  if (!halves[0] || !halves[1])
    return PKT_DONE; /* only asked */
  name = sysctl_name(halves[0]);
  if (pkt_sysctl(it, name, g_strstrip(halves[1]), &problem))
    return PKT_DONE;
  return pkt_unsupported(it, place, "%s: %s", name, problem);
}

static PktOutcome do_sysctl(PktRun *it, PktPlace place, char **words)
{
  for (words++; *words; words++)
    if (**words != '-' && assign(it, place, *words) == PKT_FAILED)
      return PKT_FAILED;
  return PKT_DONE;
}

/* -- the others -- */

static PktOutcome do_defaults(PktRun *it, PktPlace place, char **words)
{
  (void)place;
  (void)words;
  pkt_sysctl_defaults(it);
  return PKT_DONE;
}

static PktOutcome do_nothing(PktRun *it, PktPlace place, char **words)
{
  (void)it;
  (void)place;
  (void)words;
  return PKT_DONE;
}

static bool has_word(char **words, const char *word)
{
  return g_strv_contains((const gchar *const *)words, word);
}

/* tc qdisc add|replace|change dev tun0 root pfifo limit N: N of 0 loses all;
 * del restores. */
static PktOutcome do_tc(PktRun *it, PktPlace place, char **words)
{
  char **limit = words;

  while (*limit && !g_str_equal(*limit, "limit"))
    limit++;
  if (!has_word(words, "qdisc"))
    return pkt_unsupported(it, place, "tc is understood as tc qdisc ... only");
  it->dropping = *limit && limit[1] && g_str_equal(limit[1], "0");
  return PKT_DONE;
}

/* What only looks at the machine, or sets what is not simulated. */
static const struct {
  const char *name;
  CommandFunc func;
} table[] = {
  { "sysctl", do_sysctl },        { "set_sysctls.py", do_sysctl },
  { "defaults.sh", do_defaults }, { "tc", do_tc },
  { "ip", do_nothing },           { "ss", do_nothing },
  { "nstat", do_nothing },        { "sleep", do_nothing },
  { "true", do_nothing },         { "echo", do_nothing },
  { "ethtool", do_nothing },
};

static CommandFunc find(const char *word)
{
  g_autofree char *base = g_path_get_basename(word);

  if (g_str_has_prefix(base, "sysctl_restore_"))
    return do_nothing;
  for (gsize i = 0; i < G_N_ELEMENTS(table); i++)
    if (g_str_equal(table[i].name, base))
      return table[i].func;
  return NULL;
}

/* -- words -- */

/* Where one command ends: behind a separator outside of quotes. */
static gsize command_size(const char *text)
{
  char quote = 0;
  gsize i;

  for (i = 0; text[i]; i++) {
    if (quote)
      quote = text[i] == quote ? 0 : quote;
    else if (text[i] == '\'' || text[i] == '"')
      quote = text[i];
    else if (text[i] == '\\' && text[i + 1])
      i++;
    else if (strchr("\n;&|", text[i]) && !(i > 0 && text[i - 1] == '>'))
      break;
  }
  return i;
}

static bool is_redirection(const char *word)
{
  const char *at = word + strspn(word, "0123456789");

  return *at == '>' || *at == '<';
}

/* Without comments and redirections; NULL if it cannot be divided. */
static char **divide(const char *text, gsize size)
{
  g_autofree char *line = g_strndup(text, size);
  g_auto(GStrv) words = NULL;
  GPtrArray *kept = g_ptr_array_new();

  if (!g_shell_parse_argv(line, NULL, &words, NULL))
    words = g_new0(char *, 1);
  for (char **at = words; *at; at++) {
    if (!is_redirection(*at))
      g_ptr_array_add(kept, g_strdup(*at));
    else if ((*at)[strlen(*at) - 1] == '>' && at[1])
      at++;
  }
  g_ptr_array_add(kept, NULL);
  return (char **)g_ptr_array_free(kept, FALSE);
}

static PktOutcome run_one(PktRun *it, PktPlace place, const char *text,
                          gsize size)
{
  g_auto(GStrv) words = divide(text, size);
  CommandFunc func;

  if (!*words)
    return PKT_DONE;
  func = find(*words);
  if (func)
    return func(it, place, words);
  return pkt_unsupported(it, place,
                         "no command is run, and \"%s\" is none that is "
                         "understood (sysctl, set_sysctls.py, defaults.sh, "
                         "ip, tc, ss, nstat)",
                         *words);
}

PktOutcome pkt_command_run(PktRun *it, const PktStatement *statement)
{
  const char *at = statement->text;
  PktPlace place = statement->body;
  PktOutcome outcome = PKT_DONE;

  while (*at && outcome == PKT_DONE) {
    gsize size = command_size(at);
    bool piped = at > statement->text && at[-1] == '|';

    if (!piped)
      outcome = run_one(it, place, at, size);
    for (gsize i = 0; i < size; i++)
      place.line += at[i] == '\n';
    at += size;
    while (*at && strchr("\n;&|", *at))
      place.line += *at++ == '\n';
  }
  return outcome;
}
