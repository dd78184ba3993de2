/* linger plot: the pictures of a run that is over, from its files. */
#include <string.h>

#include "cmd.h"
#include "plot.h"

typedef struct PlotSettings {
  GPtrArray *formats;
  bool help;
} PlotSettings;

static bool on_option(void *user, const OptionRow *row, const char *value,
                      GError **error)
{
  PlotSettings *it = user;

  if (strcmp(row->name, "help") == 0) {
    it->help = true;
    return true;
  }
  g_clear_pointer(&it->formats, g_ptr_array_unref);
  it->formats = plot_formats(value, error);
  return it->formats != NULL;
}

static bool is_run(const char *dir, GError **error)
{
  g_autofree char *table = g_build_filename(dir, "plot.tsv", NULL);

  if (g_file_test(table, G_FILE_TEST_EXISTS))
    return true;
  if (g_file_test(dir, G_FILE_TEST_IS_DIR))
    return option_wrong(error, "%s: not what a run left: it has no plot.tsv",
                        dir);
  return option_wrong(error, "%s: no such directory", dir);
}

static ExitStatus draw(const char *dir, const GPtrArray *formats)
{
  static const char *const pictures[] = { "timeline", "sequence" };
  g_autoptr(GError) error = NULL;
  PlotQueue *queue;

  if (!is_run(dir, &error)) {
    cmd_complain("%s", error->message);
    return EXIT_WRONG;
  }
  queue = plot_queue_new();
  for (gsize i = 0; i < G_N_ELEMENTS(pictures); i++)
    for (guint k = 0; k < formats->len; k++)
      plot_queue_add(queue, dir, pictures[i], formats->pdata[k]);
  for (guint k = 0; k < formats->len; k++)
    plot_queue_add_tables(queue, dir, formats->pdata[k]);
  if (plot_queue_finish(queue, &error))
    return EXIT_HOLDS;
  cmd_complain("%s", error->message);
  return EXIT_UNFINISHED;
}

ExitStatus cmd_plot(int argc, char **argv)
{
  PlotSettings it = { .formats = plot_formats("svg", NULL) };
  g_autoptr(GPtrArray) operands = g_ptr_array_new();
  g_autoptr(GError) error = NULL;
  ExitStatus status = EXIT_HOLDS;

  if (!options_parse(&command_plot, argc, argv, on_option, &it, operands,
                     &error))
    status = cmd_usage_error(&command_plot, error->message);
  else if (it.help)
    cmd_print_help(&command_plot);
  else if (operands->len == 0)
    status = cmd_usage_error(&command_plot, "no directory was named");
  for (guint i = 0; i < operands->len && !it.help && !error; i++) {
    ExitStatus drawn = draw(operands->pdata[i], it.formats);
    status = MAX(status, drawn);
  }
  g_clear_pointer(&it.formats, g_ptr_array_unref);
  if (!cmd_flush())
    status = EXIT_UNFINISHED;
  return status;
}
