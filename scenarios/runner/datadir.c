/* Where the plots and the Lua files lie: three places, told apart by where
 * the running program lies. The source tree and an installed one have the same
 * shape below the data directory, so one prefix is all there is to find. */

#include "datadir.h"

#include <glib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "paths.h"

static bool runs_from_build(const char *program)
{
  char *build = realpath(LINGER_BUILD_DIR, NULL);
  bool runs = false;
  if (build != NULL && g_str_has_prefix(program, build))
    runs = program[strlen(build)] == '/';
  free(build);
  return runs;
}

static char *installed_directory(const char *program)
{
  g_autofree char *bin = g_path_get_dirname(program);
  g_autofree char *prefix = g_path_get_dirname(bin);
  char *data = g_build_filename(prefix, "share", "linger", NULL);
  if (g_file_test(data, G_FILE_TEST_IS_DIR))
    return data;
  g_free(data);
  return g_strdup(LINGER_DATA_DIR);
}

char *datadir_path(const char *name)
{
  g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
  if (program == NULL)
    return g_build_filename(LINGER_DATA_DIR, name, NULL);
  if (runs_from_build(program))
    return g_build_filename(LINGER_SOURCE_DIR, name, NULL);
  g_autofree char *directory = installed_directory(program);
  return g_build_filename(directory, name, NULL);
}
