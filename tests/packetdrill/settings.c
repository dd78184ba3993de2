/* Settings from outside: the stand-in for sysctl(8) appends a line NAME=VALUE
 * to the file that LINGER_SYSCTL names, and the next call reads it. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "sysctl.h"
#include "world.h"

#define VARIABLE "LINGER_SYSCTL"

bool pd_settings_open(PdWorld *it, char **ret_problem)
{
  const char *given = g_getenv(VARIABLE);
  g_autoptr(GError) error = NULL;
  int fd;

  if (given && *given) {
    it->settings = g_strdup(given);
    return true;
  }
  fd = g_file_open_tmp("linger-sysctl-XXXXXX", &it->settings, &error);
  if (fd < 0) {
    *ret_problem = g_strdup(error->message);
    return false;
  }
  close(fd);
  it->own_settings = true;
  g_setenv(VARIABLE, it->settings, TRUE);
  return true;
}

static void set(PdWorld *it, const char *line)
{
  g_auto(GStrv) halves = g_strsplit(line, "=", 2);
  const char *problem;

  if (!halves[0] || !halves[1])
    return;
  g_strstrip(halves[0]);
  g_strstrip(halves[1]);
  if (!pd_offload_set(&it->offload, halves[0], halves[1]) &&
      !tcp_stack_sysctl_text(it->stack, halves[0], halves[1], &problem) &&
      it->talkative)
    g_printerr("linger: %s: %s\n", halves[0], problem);
}

void pd_settings_read(PdWorld *it)
{
  g_auto(GStrv) lines = NULL;
  g_autofree char *text = NULL;
  GStatBuf status;
  gsize size;

  if (g_stat(it->settings, &status) < 0 ||
      (gsize)status.st_size <= it->settled ||
      !g_file_get_contents(it->settings, &text, &size, NULL))
    return;
  lines = g_strsplit(text + it->settled, "\n", -1);
  it->settled = size;
  for (char **at = lines; *at; at++)
    set(it, *at);
}

void pd_settings_close(PdWorld *it)
{
  if (it->own_settings) {
    g_unlink(it->settings);
    g_unsetenv(VARIABLE);
  }
  g_free(it->settings);
}
