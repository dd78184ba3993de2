/* Settings: the nearest profile, and for what differs from it a sysctl line or
 * a word in the comment; and what setsockopt() changes later. */
#include <string.h>

#include "pkt_write.h"
#include "sockopt.h"
#include "sysctl.h"

#define MARK "// linger:"

static int64_t value_of(const TcpKnobs *knobs, const TcpKnob *knob)
{
  return tcp_knob_get(knobs, knob);
}

static unsigned differences(const TcpKnobs *a, const TcpKnobs *b)
{
  unsigned count = 0;

  for (unsigned i = 0; tcp_knob(i); i++)
    count += value_of(a, tcp_knob(i)) != value_of(b, tcp_knob(i));
  return count;
}

static const TcpProfile *nearest(const TcpKnobs *knobs)
{
  const TcpProfile *best = tcp_profile(0);

  for (unsigned i = 1; tcp_profile(i); i++)
    if (differences(&tcp_profile(i)->knobs, knobs) <
        differences(&best->knobs, knobs))
      best = tcp_profile(i);
  return best;
}

/* Does `name` = `value` change `at` into `wanted` in this knob and in no
 * other? */
static bool does(const TcpKnobs *at, const TcpKnob *knob, const char *name,
                 int64_t value, int64_t wanted)
{
  TcpKnobs set = *at, goal = *at;
  const char *problem;

  return tcp_knob_set(&goal, knob, wanted) &&
         tcp_sysctl_set(&set, name, &value, 1, &problem) &&
         memcmp(&set, &goal, sizeof set) == 0;
}

static bool write_sysctl(GString *out, const TcpKnobs *at, const TcpKnob *knob,
                         int64_t wanted)
{
  static const int64_t units[] = { 1, SIM_MICROSECOND, SIM_MILLISECOND,
                                   SIM_SECOND };

  for (unsigned i = 0; tcp_sysctl_name(i); i++) {
    if (tcp_sysctl_knob(tcp_sysctl_name(i)) != knob)
      continue;
    for (gsize j = 0; j < G_N_ELEMENTS(units); j++)
      if (does(at, knob, tcp_sysctl_name(i), wanted / units[j], wanted)) {
        g_string_append_printf(out, "%ssysctl -q %s=%" G_GINT64_FORMAT,
                               out->len ? "\n" : "", tcp_sysctl_name(i),
                               wanted / units[j]);
        return true;
      }
  }
  return false;
}

void pkt_write_settings(GString *out, const TcpKnobs *knobs)
{
  const TcpProfile *profile = nearest(knobs);
  g_autoptr(GString) lines = g_string_new(NULL);
  TcpKnobs at = profile->knobs;

  g_string_append_printf(out, MARK " profile=%s", profile->name);
  for (unsigned i = 0; tcp_knob(i); i++) {
    const TcpKnob *knob = tcp_knob(i);
    int64_t wanted = value_of(knobs, knob);

    if (value_of(&at, knob) == wanted)
      continue;
    if (!write_sysctl(lines, &at, knob, wanted))
      g_string_append_printf(out, " %s=%" G_GINT64_FORMAT, knob->name, wanted);
    tcp_knob_set(&at, knob, wanted);
  }
  g_string_append_c(out, '\n');
  if (lines->len > 0)
    g_string_append_printf(out, "`%s`\n", lines->str);
}

/* -- setsockopt() -- */

static const struct {
  const char *name, *level;
  int64_t unit;
} options[] = {
  { "SO_KEEPALIVE", "SOL_SOCKET", 1 },
  { "SO_RCVBUF", "SOL_SOCKET", 1 },
  { "SO_SNDBUF", "SOL_SOCKET", 1 },
  { "TCP_NODELAY", "SOL_TCP", 1 },
  { "TCP_CORK", "SOL_TCP", 1 },
  { "TCP_QUICKACK", "SOL_TCP", 1 },
  { "TCP_KEEPIDLE", "SOL_TCP", SIM_SECOND },
  { "TCP_KEEPINTVL", "SOL_TCP", SIM_SECOND },
  { "TCP_KEEPCNT", "SOL_TCP", 1 },
  { "TCP_USER_TIMEOUT", "SOL_TCP", SIM_MILLISECOND },
};

static bool write_option(GString *out, const char *time, int fd,
                         const TcpKnob *knob, int64_t value)
{
  for (gsize i = 0; i < G_N_ELEMENTS(options); i++) {
    const TcpSockopt *option = tcp_sockopt_find(options[i].name);
    bool turned = option->kind == TCP_SOCKOPT_NOT_KNOB;

    if (!g_str_equal(option->knob, knob->name) || value % options[i].unit)
      continue;
    g_string_append_printf(
        out, "%s setsockopt(%d, %s, %s, [%" G_GINT64_FORMAT "], 4) = 0\n", time,
        fd, options[i].level, options[i].name,
        turned ? !value : value / options[i].unit);
    return true;
  }
  return false;
}

const char *pkt_write_option(GString *out, const char *time, int fd,
                             const TcpKnobs *before, const TcpKnobs *after)
{
  for (unsigned i = 0; tcp_knob(i); i++) {
    const TcpKnob *knob = tcp_knob(i);
    int64_t value = value_of(after, knob);

    if (value_of(before, knob) != value &&
        !write_option(out, time, fd, knob, value))
      return knob->name;
  }
  return NULL;
}

/* -- reading them again -- */

/* The words of the comments: NULL ends the list. */
static char **words(const char *text)
{
  g_autoptr(GString) all = g_string_new(NULL);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

  for (char **at = lines; *at; at++)
    if (g_str_has_prefix(*at, MARK))
      g_string_append(all, *at + strlen(MARK));
  return g_strsplit_set(all->str, " \t\r", -1);
}

const char *pkt_written_profile(const char *text)
{
  g_auto(GStrv) list = words(text);

  for (char **at = list; *at; at++)
    if (g_str_has_prefix(*at, "profile=")) {
      const TcpProfile *found = tcp_profile_find(*at + strlen("profile="));

      return found ? found->name : NULL;
    }
  return NULL;
}

static bool set_word(TcpKnobs *knobs, const char *word)
{
  g_auto(GStrv) halves = g_strsplit(word, "=", 2);
  const TcpKnob *knob = tcp_knob_find(halves[0]);
  gint64 value;

  if (g_str_equal(halves[0], "profile"))
    return halves[1] && tcp_profile_find(halves[1]);
  return knob && halves[1] &&
         g_ascii_string_to_signed(halves[1], 10, G_MININT64, G_MAXINT64, &value,
                                  NULL) &&
         tcp_knob_set(knobs, knob, value);
}

bool pkt_written_knobs(const char *text, TcpKnobs *knobs, char **ret_word)
{
  g_auto(GStrv) list = words(text);

  for (char **at = list; *at; at++)
    if (**at && !set_word(knobs, *at)) {
      *ret_word = g_strdup(*at);
      return false;
    }
  return true;
}
