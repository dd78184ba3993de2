/* Commands in backquotes. No shell ever sees them: those that scripts use are
 * understood and done to the simulated host, any other is an error.
 *
 * A command line is divided into words as sh(1) does it (quotes, a backslash),
 * commands at line ends, ";", "&&", "||" and "|"; redirections are dropped. As
 * packetdrill has it, a line fails that ends with an exit status other than 0.
 * What reads the output of a command that is not simulated is not run. */
#include <stdarg.h>
#include <string.h>

#include "pkt_command.h"

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
  g_autofree char *value = NULL;

  if (!halves[0] || !halves[1])
    return PKT_DONE; /* only asked */
  name = sysctl_name(halves[0]);
  value = pkt_arithmetic(halves[1]);
  if (pkt_sysctl(it, name, g_strstrip(value), &problem))
    return PKT_DONE;
  return pkt_unsupported(it, place, "%s: %s", name, problem);
}

static PktOutcome do_sysctl(PktShell *shell, char **words)
{
  for (words++; *words; words++)
    if (**words != '-' && assign(shell->it, shell->place, *words) == PKT_FAILED)
      return PKT_FAILED;
  return PKT_DONE;
}

/* -- the others -- */

static PktOutcome do_defaults(PktShell *shell, char **words)
{
  (void)words;
  pkt_sysctl_defaults(shell->it);
  return PKT_DONE;
}

static PktOutcome do_nothing(PktShell *shell, char **words)
{
  (void)shell;
  (void)words;
  return PKT_DONE;
}

static PktOutcome do_false(PktShell *shell, char **words)
{
  (void)words;
  return pkt_shell_bad(shell, "false is never true");
}

static const struct {
  const char *name;
  PktCommand run;
} table[] = {
  { "sysctl", do_sysctl },
  { "set_sysctls.py", do_sysctl },
  { "defaults.sh", do_defaults },
  { "ip", pkt_ip },
  { "tc", pkt_tc },
  { "ss", pkt_ss },
  { "nstat", pkt_nstat },
  { "ethtool", pkt_ethtool },
  { "sleep", pkt_sleep },
  { "sockstat", pkt_sockstat },
  { "tcpdrop", pkt_tcpdrop },
  { "grep", pkt_grep },
  { "true", do_nothing },
  { "false", do_false },
  { "echo", do_nothing }, /* nobody reads it */
};

static PktCommand find(const char *word)
{
  g_autofree char *base = g_path_get_basename(word);

  if (g_str_has_prefix(base, "sysctl_restore_"))
    return do_nothing;
  for (gsize i = 0; i < G_N_ELEMENTS(table); i++)
    if (g_str_equal(table[i].name, base))
      return table[i].run;
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

/* -- lines -- */

static void forget_table(PktShell *shell)
{
  if (shell->table)
    g_string_free(shell->table, TRUE);
  shell->table = NULL;
}

void pkt_shell_show(PktShell *shell, GString *text)
{
  shell->shown = text;
  forget_table(shell);
  shell->table = g_string_new(text->str);
}

PktOutcome pkt_shell_bad(PktShell *shell, const char *format, ...)
{
  va_list arguments;

  g_free(shell->complaint);
  va_start(arguments, format);
  shell->complaint = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  shell->good = false;
  return PKT_DONE;
}

static void forget_shown(PktShell *shell)
{
  if (shell->shown)
    g_string_free(shell->shown, TRUE);
  shell->shown = NULL;
}

static PktOutcome run_one(PktShell *shell, const char *text, gsize size,
                          bool reads)
{
  g_auto(GStrv) words = divide(text, size);
  PktCommand run;

  if (!*words || (reads && !shell->shown))
    return PKT_DONE;
  run = find(*words);
  if (reads && run != pkt_grep)
    return pkt_unsupported(shell->it, shell->place,
                           "what a command shows can be read by grep only, not "
                           "by \"%s\"",
                           *words);
  if (!run)
    return pkt_unsupported(shell->it, shell->place,
                           "no command is run, and \"%s\" is none that is "
                           "understood (sysctl, set_sysctls.py, defaults.sh, "
                           "ip, tc, ss, nstat, ethtool, sockstat, tcpdrop, "
                           "grep, sleep, echo, true, false)",
                           *words);
  shell->good = true;
  return run(shell, words);
}

/* What the separator at `at` says of the command behind it. */
typedef enum Join { PIPED, ALWAYS, IF_GOOD, IF_BAD } Join;

static Join join_of(const char *at)
{
  if (at[0] == '|')
    return at[1] == '|' ? IF_BAD : PIPED;
  return at[0] == '&' && at[1] == '&' ? IF_GOOD : ALWAYS;
}

static PktOutcome run_line(PktShell *shell, const char *at)
{
  PktOutcome outcome = PKT_DONE;
  bool runs = true, reads = false;

  while (*at && outcome == PKT_DONE) {
    gsize size = command_size(at);
    Join join = join_of(at + size);

    if (!reads)
      forget_shown(shell);
    if (runs)
      outcome = run_one(shell, at, size, reads);
    for (gsize i = 0; i < size; i++)
      shell->place.line += at[i] == '\n';
    at += size;
    while (*at && strchr("\n;&|", *at))
      shell->place.line += *at++ == '\n';
    reads = join == PIPED;
    if (!reads)
      runs = join == ALWAYS || (join == IF_GOOD) == shell->good;
  }
  return outcome;
}

static PktOutcome tell_bad(PktShell *shell)
{
  PktRun *it = shell->it;

  if (shell->table)
    g_string_append(it->details, shell->table->str);
  return pkt_fail(it, shell->place, "%s", shell->complaint);
}

PktOutcome pkt_command_run(PktRun *it, const PktStatement *statement)
{
  PktShell shell = { .it = it, .place = statement->body, .good = true };
  PktOutcome outcome = run_line(&shell, statement->text);

  if (outcome == PKT_DONE && !shell.good)
    outcome = tell_bad(&shell);
  forget_shown(&shell);
  forget_table(&shell);
  g_free(shell.complaint);
  return outcome;
}
