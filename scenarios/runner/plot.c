/* gnuplot as a process. */
#include "plot.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "datadir.h"
#include "options.h"

typedef struct PlotJob {
  GPid pid;
  int messages; /* gnuplot's standard error */
  char *what;   /* "out/x/timeline.svg" */
} PlotJob;

struct PlotQueue {
  GQueue jobs;
  unsigned most;
  GError *error; /* the first */
};

GQuark plot_error_quark(void)
{
  return g_quark_from_static_string("linger-plot");
}

GPtrArray *plot_formats(const char *list, GError **error)
{
  static const char *const words[] = { "svg", "png", "pdf", "none", NULL };
  g_autoptr(GPtrArray) formats = g_ptr_array_new();
  g_auto(GStrv) parts = g_strsplit(list, ",", -1);

  if (!parts[0]) {
    option_wrong(error, "--plot needs one of: svg, png, pdf, none");
    return NULL;
  }
  for (gsize i = 0; parts[i]; i++) {
    int choice = options_choice("--plot", parts[i], words, error);

    if (choice < 0)
      return NULL;
    if (strcmp(words[choice], "none") == 0 && parts[1]) {
      option_wrong(error, "--plot cannot be 'none' and something else");
      return NULL;
    }
    if (strcmp(words[choice], "none") != 0 &&
        !g_ptr_array_find(formats, words[choice], NULL))
      g_ptr_array_add(formats, (gpointer)words[choice]);
  }
  return g_steal_pointer(&formats);
}

/* In gnuplot's single quotes only the quote itself means something. */
static void append_setting(GString *script, const char *name, const char *value)
{
  g_string_append_printf(script, "%s='", name);
  for (; *value; value++) {
    if (*value == '\'')
      g_string_append_c(script, '\'');
    g_string_append_c(script, *value);
  }
  g_string_append(script, "'; ");
}

static char *settings(const char *plots, const char *name, const char *format)
{
  GString *script = g_string_new(NULL);
  g_autofree char *output = g_strconcat(name, ".", format, NULL);

  append_setting(script, "dir", ".");
  append_setting(script, "format", format);
  append_setting(script, "output", output);
  append_setting(script, "plots", plots);
  append_setting(script, "name", name);
  return g_string_free(script, FALSE);
}

static void first_error(PlotQueue *queue, GError *error)
{
  if (queue->error)
    g_error_free(error);
  else
    queue->error = error;
}

/* DIR/NAME.FORMAT by PICTURE.gp */
static PlotJob *job_start(const char *dir, const char *picture,
                          const char *name, const char *format, GError **error)
{
  g_autofree char *plots = datadir_path("plots");
  g_autofree char *file = g_strconcat(plots, "/", picture, ".gp", NULL);
  g_autofree char *script = settings(plots, name, format);
  const char *argv[] = { "gnuplot", "-d", "-e", script, file, NULL };
  g_autoptr(GError) why = NULL;
  PlotJob job = { .messages = -1 };

  if (g_spawn_async_with_pipes(dir, (char **)argv, NULL,
                               G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD |
                                   G_SPAWN_STDOUT_TO_DEV_NULL,
                               NULL, NULL, &job.pid, NULL, NULL, &job.messages,
                               &why)) {
    job.what = g_strconcat(dir, "/", name, ".", format, NULL);
    return g_memdup2(&job, sizeof job);
  }
  if (g_error_matches(why, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT))
    g_set_error(error, PLOT_ERROR, PLOT_ERROR_MISSING,
                "no picture, because gnuplot is not installed; "
                "apt-get install gnuplot-nox");
  else
    g_set_error(error, PLOT_ERROR, PLOT_ERROR_FAILED, "gnuplot: %s",
                why->message);
  return NULL;
}

static char *read_all(int fd)
{
  GString *text = g_string_new(NULL);
  char buffer[4096];
  ssize_t got;

  while ((got = read(fd, buffer, sizeof buffer)) > 0)
    if (text->len < 64 * sizeof buffer)
      g_string_append_len(text, buffer, got);
  close(fd);
  return g_string_free(text, FALSE);
}

static void job_finish(PlotQueue *queue, PlotJob *job)
{
  g_autofree char *messages = read_all(job->messages);
  int status = 0;

  waitpid(job->pid, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    first_error(queue, g_error_new(PLOT_ERROR, PLOT_ERROR_FAILED,
                                   "%s could not be drawn; gnuplot says:\n%s",
                                   job->what, g_strstrip(messages)));
  g_free(job->what);
  g_free(job);
}

PlotQueue *plot_queue_new(void)
{
  PlotQueue *queue = g_new0(PlotQueue, 1);

  g_queue_init(&queue->jobs);
  queue->most = g_get_num_processors();
  return queue;
}

static void queue_add(PlotQueue *queue, const char *dir, const char *picture,
                      const char *name, const char *format)
{
  GError *error = NULL;
  PlotJob *job;

  if (g_error_matches(queue->error, PLOT_ERROR, PLOT_ERROR_MISSING))
    return;
  while (queue->jobs.length >= queue->most)
    job_finish(queue, g_queue_pop_head(&queue->jobs));
  job = job_start(dir, picture, name, format, &error);
  if (job)
    g_queue_push_tail(&queue->jobs, job);
  else
    first_error(queue, error);
}

void plot_queue_add(PlotQueue *queue, const char *dir, const char *picture,
                    const char *format)
{
  queue_add(queue, dir, picture, picture, format);
}

void plot_queue_add_tables(PlotQueue *queue, const char *dir,
                           const char *format)
{
  g_autofree char *path = g_build_filename(dir, "plot.tsv", NULL);
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;

  if (!g_file_get_contents(path, &text, NULL, NULL))
    return;
  lines = g_strsplit(text, "\n", -1);
  for (char **line = lines; *line; line++) {
    char *end = strstr(*line, ".picture\theatmap");

    if (!end || !g_str_has_suffix(end, "\theatmap") || strchr(*line, '/'))
      continue;
    *end = '\0';
    queue_add(queue, dir, "heatmap", *line, format);
  }
}

bool plot_queue_finish(PlotQueue *queue, GError **error)
{
  bool drawn;

  while (queue->jobs.length)
    job_finish(queue, g_queue_pop_head(&queue->jobs));
  drawn = !queue->error;
  if (!drawn)
    g_propagate_error(error, queue->error);
  g_free(queue);
  return drawn;
}
