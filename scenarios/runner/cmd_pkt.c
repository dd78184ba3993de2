/* linger pkt: packetdrill scripts, side by side, told in the order given.
 *
 * With --out a script leaves what a scenario's run leaves, in a folder that is
 * named after it: of a DIR, with the folders below that. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "pkt_play.h"
#include "plot.h"
#include "tcp.h"

#define MOST_JOBS 256

typedef struct Session {
  PktOrder order;
  GPtrArray *operands; /* as given */
  GPtrArray *files;    /* char *, found in them */
  GPtrArray *places;   /* char *, where each leaves its traces, below `out` */
  GHashTable *taken;   /* of places */
  GPtrArray *options;  /* char *, name and value by turns */
  Terminal terminal;
  TerminalColour colour;
  unsigned jobs, width;
  bool quiet, tap, ascii, help;
  const char *out;    /* NULL: no traces */
  GPtrArray *formats; /* char *, of pictures */
  PlotQueue *plots;
  GMutex lock;
  GCond done;
  struct Result *results; /* one for each file */
} Session;

typedef struct Result {
  bool ready;
  PktVerdict verdict;
  GString *report;
} Result;

/* -- the command line -- */

static bool read_profile(Session *it, const char *value, GError **error)
{
  const char *words[16] = { NULL };
  int choice;

  for (unsigned i = 0; i + 1 < G_N_ELEMENTS(words) && tcp_profile(i); i++)
    words[i] = tcp_profile(i)->name;
  choice = options_choice("--profile", value, words, error);
  if (choice >= 0)
    it->order.profile = tcp_profile((unsigned)choice)->name;
  return choice >= 0;
}

static bool read_unsigned(const char *name, const char *value, unsigned least,
                          unsigned most, unsigned *ret, GError **error)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned(value, 10, least, most, &number, NULL))
    return option_wrong(error,
                        "--%s cannot be '%s'; write a number from %u to %u",
                        name, value, least, most);
  *ret = (unsigned)number;
  return true;
}

static bool read_color(Session *it, const char *value, GError **error)
{
  static const char *const words[] = { "auto", "always", "never", NULL };
  int choice = value ? options_choice("--color", value, words, error) : 1;

  if (choice >= 0)
    it->colour = (TerminalColour)choice;
  return choice >= 0;
}

static bool read_plot(Session *it, const char *value, GError **error)
{
  GPtrArray *formats = plot_formats(value, error);

  if (!formats)
    return false;
  g_ptr_array_unref(it->formats);
  it->formats = formats;
  return true;
}

/* packetdrill's own: checked when the first script is set up. */
static bool keep(Session *it, const char *name, const char *value,
                 GError **error)
{
  g_autofree char *problem = NULL;
  PktConfig config;

  if (g_str_equal(name, "define") && !strchr(value, '='))
    return option_wrong(error, "-D cannot be '%s'; write NAME=value", value);
  pkt_config_init(&config);
  if (!pkt_config_set(&config, name, value, &problem))
    return option_wrong(error, "--%s: %s", name, problem);
  pkt_config_clear(&config);
  g_ptr_array_add(it->options, g_strdup(name));
  g_ptr_array_add(it->options, g_strdup(value ? value : ""));
  return true;
}

static bool on_option(void *user, const OptionRow *row, const char *value,
                      GError **error)
{
  Session *it = user;
  const struct {
    const char *name;
    bool *flag;
  } flags[] = { { "quiet", &it->quiet },
                { "verbose", &it->order.verbose },
                { "tap", &it->tap },
                { "ascii", &it->ascii },
                { "help", &it->help } };

  for (gsize i = 0; i < G_N_ELEMENTS(flags); i++)
    if (g_str_equal(flags[i].name, row->name)) {
      *flags[i].flag = true;
      return true;
    }
  if (g_str_equal(row->name, "profile"))
    return read_profile(it, value, error);
  if (g_str_equal(row->name, "jobs"))
    return read_unsigned("jobs", value, 1, MOST_JOBS, &it->jobs, error);
  if (g_str_equal(row->name, "width"))
    return read_unsigned("width", value, TERMINAL_WIDTH_MIN, TERMINAL_WIDTH_MAX,
                         &it->width, error);
  if (g_str_equal(row->name, "color"))
    return read_color(it, value, error);
  if (g_str_equal(row->name, "out")) {
    it->out = value;
    return true;
  }
  if (g_str_equal(row->name, "plot"))
    return read_plot(it, value, error);
  if (g_str_equal(row->name, "capture")) {
    it->order.run.capture = value;
    return true;
  }
  return keep(it, row->name, value, error);
}

/* -- files -- */

/* Two scripts of one name leave their traces apart: NAME, NAME-2, ... */
static void add_file(Session *it, const char *path, const char *name)
{
  gsize size = strlen(name) - (g_str_has_suffix(name, ".pkt") ? 4 : 0);
  char *place = g_strndup(name, size);

  for (unsigned number = 2; g_hash_table_contains(it->taken, place); number++) {
    g_free(place);
    place = g_strdup_printf("%.*s-%u", (int)size, name, number);
  }
  g_hash_table_add(it->taken, place);
  g_ptr_array_add(it->files, g_strdup(path));
  g_ptr_array_add(it->places, place);
}

static int by_name(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A pipe or a device, which might never end: only for those who name it. */
static bool is_special(const char *path)
{
  return g_file_test(path, G_FILE_TEST_EXISTS) &&
         !g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

/* `below`: how much of a path is the folder that was named. */
static bool add_folder(Session *it, const char *path, gsize below,
                       GError **error)
{
  GDir *dir = g_dir_open(path, 0, error);
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  const char *name;
  bool good = true;

  if (!dir)
    return false;
  while ((name = g_dir_read_name(dir)))
    g_ptr_array_add(names, g_build_filename(path, name, NULL));
  g_dir_close(dir);
  g_ptr_array_sort(names, by_name);
  for (guint i = 0; i < names->len && good; i++) {
    if (g_file_test(names->pdata[i], G_FILE_TEST_IS_DIR))
      good = g_file_test(names->pdata[i], G_FILE_TEST_IS_SYMLINK) ||
             add_folder(it, names->pdata[i], below, error);
    else if (g_str_has_suffix(names->pdata[i], ".pkt") &&
             !is_special(names->pdata[i]))
      add_file(it, names->pdata[i], (const char *)names->pdata[i] + below);
  }
  return good;
}

static gsize below_of(const char *folder)
{
  return strlen(folder) + !g_str_has_suffix(folder, "/");
}

static bool find_files(Session *it, GError **error)
{
  for (guint i = 0; i < it->operands->len; i++) {
    const char *path = it->operands->pdata[i];

    if (!g_file_test(path, G_FILE_TEST_IS_DIR)) {
      g_autofree char *name = g_path_get_basename(path);

      add_file(it, path, name);
    } else if (!add_folder(it, path, below_of(path), error)) {
      return false;
    }
  }
  if (it->files->len > 0)
    return true;
  return option_wrong(error,
                      it->operands->len ? "there is no script (*.pkt) in %s"
                                        : "no script was named%s",
                      it->operands->len ? (const char *)it->operands->pdata[0]
                                        : "");
}

/* -- running -- */

static char *dir_of(const Session *it, guint index)
{
  return it->out ? g_build_filename(it->out, it->places->pdata[index], NULL)
                 : NULL;
}

static void run_one(gpointer data, gpointer user)
{
  Session *it = user;
  guint index = GPOINTER_TO_UINT(data) - 1;
  GString *report = g_string_new(NULL);
  g_autofree char *dir = dir_of(it, index);
  PktVerdict verdict =
      pkt_play(&it->order, it->files->pdata[index], dir, report);
  Result *result = &it->results[index];

  g_mutex_lock(&it->lock);
  result->verdict = verdict;
  result->report = report;
  result->ready = true;
  g_cond_signal(&it->done);
  g_mutex_unlock(&it->lock);
}

/* -- telling -- */

static void tell_line(const Session *it, guint index)
{
  static const char *const words[] = { "ok", "FAIL", "ERROR", "ERROR" };
  const Result *result = &it->results[index];

  if (it->quiet && result->verdict == PKT_OK)
    return;
  printf("%-5s %s\n", words[result->verdict],
         (const char *)it->files->pdata[index]);
  fputs(result->report->str, stdout);
}

static void tell_tap(const Session *it, guint index)
{
  const Result *result = &it->results[index];
  g_auto(GStrv) lines = g_strsplit(g_strchomp(result->report->str), "\n", -1);

  printf("%s %u - %s\n", result->verdict == PKT_OK ? "ok" : "not ok", index + 1,
         (const char *)it->files->pdata[index]);
  for (char **line = lines; *line && **lines; line++)
    printf("# %s\n", *line);
}

/* A script that was not begun has left nothing. */
static void draw(Session *it, guint index)
{
  g_autofree char *dir = dir_of(it, index);

  if (!dir || it->results[index].verdict == PKT_UNFINISHED ||
      !g_file_test(dir, G_FILE_TEST_IS_DIR))
    return;
  for (guint i = 0; i < it->formats->len; i++)
    plot_queue_add(it->plots, dir, "timeline", it->formats->pdata[i]);
}

static void finish_plots(Session *it)
{
  g_autoptr(GError) error = NULL;

  if (!plot_queue_finish(it->plots, &error))
    cmd_complain("%s", error->message);
}

static ExitStatus run_all(Session *it)
{
  GThreadPool *pool =
      g_thread_pool_new(run_one, it, (gint)it->jobs, TRUE, NULL);
  unsigned counts[4] = { 0 };

  it->results = g_new0(Result, it->files->len);
  it->plots = plot_queue_new();
  if (it->tap)
    printf("1..%u\n", it->files->len);
  for (guint i = 0; i < it->files->len; i++)
    g_thread_pool_push(pool, GUINT_TO_POINTER(i + 1), NULL);
  for (guint i = 0; i < it->files->len; i++) {
    g_mutex_lock(&it->lock);
    while (!it->results[i].ready)
      g_cond_wait(&it->done, &it->lock);
    g_mutex_unlock(&it->lock);
    counts[it->results[i].verdict]++;
    (it->tap ? tell_tap : tell_line)(it, i);
    draw(it, i);
    g_string_free(it->results[i].report, TRUE);
  }
  g_thread_pool_free(pool, FALSE, TRUE);
  finish_plots(it);
  g_free(it->results);
  if (!it->tap && (it->files->len > 1 || it->quiet))
    printf("%u script%s: %u ok, %u failed, %u not run\n", it->files->len,
           it->files->len == 1 ? "" : "s", counts[PKT_OK], counts[PKT_NOT_OK],
           counts[PKT_UNREADABLE] + counts[PKT_UNFINISHED]);
  return !cmd_flush() || counts[PKT_UNFINISHED] ? EXIT_UNFINISHED
         : counts[PKT_UNREADABLE]               ? EXIT_WRONG
         : counts[PKT_NOT_OK]                   ? EXIT_EXPECTATION
                                                : EXIT_HOLDS;
}

static ExitStatus run(Session *it, int argc, char **argv)
{
  g_autoptr(GError) error = NULL;

  if (!options_parse(&command_pkt, argc, argv, on_option, it, it->operands,
                     &error))
    return cmd_usage_error(&command_pkt, error->message);
  if (it->help) {
    cmd_print_help(&command_pkt);
    return cmd_flush() ? EXIT_HOLDS : EXIT_UNFINISHED;
  }
  if (!find_files(it, &error)) {
    if (error->domain == OPTION_ERROR)
      return cmd_usage_error(&command_pkt, error->message);
    cmd_complain("%s", error->message);
    return EXIT_UNFINISHED;
  }
  g_ptr_array_add(it->options, NULL);
  it->order.options = (const char *const *)it->options->pdata;
  if (!it->out)
    it->order.run.capture = "none";
  terminal_detect(&it->terminal, STDOUT_FILENO, it->colour, it->ascii,
                  it->width);
  it->order.terminal = &it->terminal;
  return run_all(it);
}

ExitStatus cmd_pkt(int argc, char **argv)
{
  Session it = { .operands = g_ptr_array_new(),
                 .files = g_ptr_array_new_with_free_func(g_free),
                 .options = g_ptr_array_new_with_free_func(g_free),
                 .places = g_ptr_array_new_with_free_func(g_free),
                 .taken = g_hash_table_new(g_str_hash, g_str_equal),
                 .formats = plot_formats("svg", NULL),
                 .jobs = g_get_num_processors(),
                 .order.run = {
                     .seed = 1, .stop = SIM_TIME_NEVER, .traced = true } };
  ExitStatus status;

  /* GLib makes its C locale at the first number, and may set errno by it,
   * which would be another thread's error. */
  g_ascii_strtoull("0", NULL, 10);
  g_mutex_init(&it.lock);
  g_cond_init(&it.done);
  status = run(&it, argc, argv);
  g_mutex_clear(&it.lock);
  g_cond_clear(&it.done);
  g_ptr_array_unref(it.operands);
  g_ptr_array_unref(it.files);
  g_hash_table_unref(it.taken);
  g_ptr_array_unref(it.places);
  g_ptr_array_unref(it.formats);
  g_ptr_array_unref(it.options);
  return status;
}
