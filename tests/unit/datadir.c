/* The data directory follows the program: from the build directory it is the
 * source tree, from an installed copy the tree that the copy lies in. A copy
 * of this test, told a name to look for, stands for the installed program. */

#include "datadir.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

#include "paths.h"

typedef struct {
  char *prefix, *bin, *program, *share, *data;
} Prefix;

static void prefix_set_up(Prefix *it, const void *unused)
{
  (void)unused;
  g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
  g_autofree char *bytes = NULL;
  size_t length;
  it->prefix = g_dir_make_tmp("linger-XXXXXX", NULL);
  it->bin = g_build_filename(it->prefix, "bin", NULL);
  it->program = g_build_filename(it->bin, "copy", NULL);
  it->share = g_build_filename(it->prefix, "share", NULL);
  it->data = g_build_filename(it->share, "linger", NULL);
  g_assert_true(g_file_get_contents(self, &bytes, &length, NULL));
  g_assert_cmpint(g_mkdir(it->bin, 0700), ==, 0);
  g_assert_true(g_file_set_contents(it->program, bytes, (gssize)length, NULL));
  g_assert_cmpint(g_chmod(it->program, 0700), ==, 0);
}

static void prefix_tear_down(Prefix *it, const void *unused)
{
  (void)unused;
  g_remove(it->program);
  g_remove(it->data);
  g_remove(it->share);
  g_remove(it->bin);
  g_assert_cmpint(g_remove(it->prefix), ==, 0);
  g_free(it->data);
  g_free(it->share);
  g_free(it->program);
  g_free(it->bin);
  g_free(it->prefix);
}

static char *found_by_copy(const Prefix *it, const char *name)
{
  char *argv[] = { it->program, (char *)"--find", (char *)name, NULL };
  char *found = NULL;
  g_assert_true(g_spawn_sync(NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL,
                             &found, NULL, NULL, NULL));
  return found;
}

static void built_program_reads_source_tree(void)
{
  g_autofree char *path = datadir_path("meson.build");
  g_assert_cmpstr(path, ==, LINGER_SOURCE_DIR "/meson.build");
  g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
}

static void moved_prefix_is_followed(Prefix *it, const void *unused)
{
  (void)unused;
  g_assert_cmpint(g_mkdir_with_parents(it->data, 0700), ==, 0);
  g_autofree char *expected = g_build_filename(it->data, "plots/x.gp", NULL);
  g_autofree char *found = found_by_copy(it, "plots/x.gp");
  g_assert_cmpstr(found, ==, expected);
}

static void program_alone_reads_configured_place(Prefix *it, const void *unused)
{
  (void)unused;
  g_autofree char *found = found_by_copy(it, "plots/x.gp");
  g_assert_cmpstr(found, ==, LINGER_DATA_DIR "/plots/x.gp");
}

int main(int argc, char **argv)
{
  if (argc == 3 && g_str_equal(argv[1], "--find")) {
    g_autofree char *path = datadir_path(argv[2]);
    g_print("%s", path);
    return 0;
  }
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/datadir/built-program-reads-source-tree",
                  built_program_reads_source_tree);
  g_test_add("/datadir/moved-prefix-is-followed", Prefix, NULL, prefix_set_up,
             moved_prefix_is_followed, prefix_tear_down);
  g_test_add("/datadir/program-alone-reads-configured-place", Prefix, NULL,
             prefix_set_up, program_alone_reads_configured_place,
             prefix_tear_down);
  return g_test_run();
}
