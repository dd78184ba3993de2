/* grep, for what a command of the same pipeline showed: -c, -v, -q; patterns of
 * plain characters, "." for any of them, "^" first and "$" last. */
#include <string.h>

#include "pkt_command.h"

typedef struct Grep {
  bool counts, others, quiet;
  const char *pattern;
} Grep;

/* Does `line` (without its end) match from `at` on? */
static bool matches_at(const char *at, const char *pattern)
{
  for (; *pattern; pattern++, at++) {
    if (pattern[0] == '$' && !pattern[1])
      return !*at;
    if (!*at || (*pattern != '.' && *pattern != *at))
      return false;
  }
  return true;
}

static bool matches(const char *line, const char *pattern)
{
  if (*pattern == '^')
    return matches_at(line, pattern + 1);
  for (;; line++) {
    if (matches_at(line, pattern))
      return true;
    if (!*line)
      return false;
  }
}

static bool read_flags(Grep *it, const char *flags)
{
  for (; *flags; flags++)
    switch (*flags) {
    case 'c':
      it->counts = true;
      break;
    case 'v':
      it->others = true;
      break;
    case 'q':
      it->quiet = true;
      break;
    default:
      return false;
    }
  return true;
}

static bool read_words(Grep *it, char **words)
{
  for (words++; *words; words++)
    if (**words == '-' ? !read_flags(it, *words + 1) : it->pattern != NULL)
      return false;
    else if (**words != '-')
      it->pattern = *words;
  return it->pattern && !strpbrk(it->pattern, "[]*\\");
}

PktOutcome pkt_grep(PktShell *shell, char **words)
{
  g_auto(GStrv) lines = NULL;
  GString *found = g_string_new(NULL);
  unsigned count = 0;
  Grep it = { 0 };

  if (!shell->shown || !read_words(&it, words)) {
    g_string_free(found, TRUE);
    return pkt_unsupported(shell->it, shell->place,
                           "grep is understood as | grep [-cqv] PATTERN, of "
                           "plain characters, \".\", \"^\" first and \"$\" "
                           "last");
  }
  if (shell->counters && g_ascii_isupper(*it.pattern) &&
      !pkt_counter_is_kept(it.pattern)) {
    g_string_free(found, TRUE);
    return pkt_unsupported(shell->it, shell->place,
                           "linger keeps no counter %s", it.pattern);
  }
  lines = g_strsplit(shell->shown->str, "\n", -1);
  for (char **line = lines; *line && (line[1] || **line); line++)
    if (matches(*line, it.pattern) != it.others && ++count && !it.counts &&
        !it.quiet)
      g_string_append_printf(found, "%s\n", *line);
  if (it.counts)
    g_string_append_printf(found, "%u\n", count);
  g_string_free(shell->shown, TRUE);
  shell->shown = found;
  return count > 0 ? PKT_DONE
                   : pkt_shell_bad(shell,
                                   "grep finds no line with \"%s\" in "
                                   "what the command before it shows",
                                   it.pattern);
}
