/* linger run: each scenario is run, recorded, checked and reported.
 *
 * What a person reads goes to standard output, or to standard error if that
 * is taken by the capture or the summary. The drawings are printed before the
 * pictures are waited for.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "ladder.h"
#include "outfile.h"
#include "output.h"
#include "pkt_play.h"
#include "pkt_write.h"
#include "plot.h"
#include "record.h"
#include "report.h"
#include "run_options.h"
#include "summary.h"
#include "text_timeline.h"
#include "watch.h"

typedef struct Session {
  RunSettings settings;
  Terminal terminal;
  FILE *human;
  PlotQueue *plots;
  GHashTable *dirs;  /* where runs have written */
  ExitStatus status; /* the worst so far */
  unsigned ran, failed;
  unsigned tap; /* the next number */
  unsigned name_width;
  bool interrupted;
} Session;

static bool is_single(const Session *it)
{
  return it->settings.files->len == 1;
}

static bool is_stdout(const char *name)
{
  return name && g_str_equal(name, "-");
}

/* -- one run -- */

/* What went wrong, with the status that it stands for. */
static void set_problem(Session *it, RunOutcome *outcome, ExitStatus status,
                        GError *error)
{
  it->status = MAX(it->status, status);
  if (g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_PIPE)) {
    if (!outcome->problem)
      outcome->problem = g_strdup("nobody reads the output any more");
  } else {
    if (is_single(it))
      cmd_complain("%s", error->message);
    if (!outcome->problem)
      outcome->problem = g_strdup(error->message);
  }
  g_error_free(error);
}

static ExitStatus status_of_output(const GError *error)
{
  return error->domain == OPTION_ERROR ||
                 g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_INVAL)
             ? EXIT_WRONG
             : EXIT_UNFINISHED;
}

/* NULL: out/NAME. Two runs in one place would overwrite each other. */
static char *output_place(Session *it, const Run *run, GError **error)
{
  const char *out = it->settings.out;
  char *dir;

  if (is_single(it))
    return g_strdup(out);
  dir = g_build_filename(out ? out : "out", run->name, NULL);
  if (g_hash_table_add(it->dirs, g_strdup(dir)))
    return dir;
  option_wrong(error,
               "%s: another scenario of this name has written to %s already; "
               "run it by itself with --out",
               run->file, dir);
  g_free(dir);
  return NULL;
}

static void simulate(Session *it, Run *run)
{
  Watch *watch = watch_start(run, !it->settings.quiet);

  run->end = SIM_END_TIME;
  if (!run->ends)
    run->end = sim_run(run->sim, RUN_UNASKED);
  if (run->end == SIM_END_TIME && run->ends)
    run->end = sim_run(run->sim, run->options.stop);
  watch_stop(watch);
  it->interrupted = run->interrupted;
}

static void check(Session *it, RunOutcome *outcome, Run *run)
{
  const char *leak = NULL;
  GError *error = NULL;

  if (script_failed(run->script, &error)) {
    set_problem(it, outcome, EXIT_WRONG, error);
    return;
  }
  if (run->interrupted) {
    it->status = EXIT_UNFINISHED;
    if (it->settings.quiet)
      cmd_complain("%s: interrupted", run->file);
    return;
  }
  outcome->failed = expectations_check(run);
  outcome->checked = true;
  if (outcome->failed)
    it->status = MAX(it->status, EXIT_EXPECTATION);
  if (run->end == SIM_END_TIME && !run->ends)
    set_problem(it, outcome, EXIT_UNFINISHED,
                g_error_new(G_FILE_ERROR, G_FILE_ERROR_FAILED,
                            "%s: something still goes on after a day; say "
                            "when to end: stop \"TIME\" in the scenario, or "
                            "--stop=TIME",
                            run->file));
  if (run->end == SIM_END_IDLE && !sim_check_end(run->sim, &leak))
    set_problem(it, outcome, EXIT_UNFINISHED,
                g_error_new(G_FILE_ERROR, G_FILE_ERROR_FAILED,
                            "%s: an error in linger itself: %s", run->file,
                            leak));
}

static void write_summary(Session *it, RunOutcome *outcome, const Run *run)
{
  const char *name = it->settings.summary;
  GError *error = NULL;
  OutFile *file;

  if (!name)
    return;
  file = is_stdout(name) ? outfile_stdout() : outfile_open_whole(name, &error);
  if (file)
    summary_write(run, file);
  if (!file || !outfile_close(file, &error))
    set_problem(it, outcome, EXIT_UNFINISHED, error);
}

/* Does linger pkt pass the script, as it stands? */
static bool holds(const Session *it, const char *path, GString *report)
{
  const char *const options[] = { NULL };
  const PktOrder order = {
    .options = options,
    .terminal = &it->terminal,
    .run = { .seed = 1, .stop = SIM_TIME_NEVER, .capture = "none" }
  };

  return pkt_play(&order, path, NULL, report) == PKT_OK;
}

static bool save_script(const PktWriter *writer, guint index, const char *path,
                        GError **error)
{
  g_autofree char *text = pkt_writer_text(writer, index);

  return g_file_set_contents(path, text, -1, error);
}

/* A script is of one connection: what another did to it is not there. */
static bool write_script(const Session *it, PktWriter *writer, guint index,
                         const char *dir, GError **error)
{
  g_autofree char *name = pkt_writer_name(writer, index);
  g_autofree char *path = g_build_filename(dir, name, NULL);
  g_autoptr(GString) report = g_string_new(NULL);

  if (!save_script(writer, index, path, error))
    return false;
  if (holds(it, path, report))
    return true;
  if (pkt_writer_shorten(writer, index))
    return save_script(writer, index, path, error);
  g_string_truncate(report, strcspn(report->str, "\n"));
  g_printerr("%s does not hold alone: %s\n", name,
             report->str + (g_str_has_prefix(report->str, path)
                                ? strlen(path) - strlen(name)
                                : 0));
  return true;
}

static bool save_scripts(Session *it, const Run *run, const Output *output,
                         PktWriter *writer, GError **error)
{
  const char *place =
      output_dir(output) ? output_dir(output) : it->settings.out;
  g_autofree char *dir =
      place ? g_strdup(place) : g_build_filename("out", run->name, NULL);

  if (g_mkdir_with_parents(dir, 0777) < 0) {
    g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(errno),
                "%s: %s", dir, g_strerror(errno));
    return false;
  }
  for (guint i = 0; i < pkt_writer_count(writer); i++)
    if (!write_script(it, writer, i, dir, error))
      return false;
  return true;
}

static void write_scripts(Session *it, RunOutcome *outcome,
                          const Output *output, PktWriter *writer)
{
  g_autofree char *notes = NULL;
  GError *error = NULL;

  if (!writer || outcome->run->interrupted)
    return;
  if (!pkt_writer_check(writer, &error)) {
    set_problem(it, outcome, EXIT_WRONG, error);
    return;
  }
  if (!save_scripts(it, outcome->run, output, writer, &error))
    set_problem(it, outcome, EXIT_UNFINISHED, error);
  notes = pkt_writer_notes(writer);
  g_printerr("%s", notes);
}

/* False if there is nothing to tell, since nothing has happened. */
static bool go(Session *it, RunOutcome *outcome, Run *run, Output *output)
{
  GError *error = NULL;
  PktWriter *writer = NULL;
  bool started = script_start(run, &error);

  if (started && it->settings.as_pkt)
    writer = pkt_writer_new(run, it->settings.as_pkt, &error);
  started = started && !error;
  if (started) {
    simulate(it, run);
    pkt_writer_end(writer);
    script_finish(run);
    check(it, outcome, run);
  } else {
    set_problem(it, outcome, EXIT_WRONG, error);
    error = NULL;
  }
  if (!output_finish(output, &error))
    set_problem(it, outcome, EXIT_UNFINISHED, error);
  write_summary(it, outcome, run);
  write_scripts(it, outcome, output, writer);
  pkt_writer_free(writer);
  return started;
}

/* -- reporting -- */

static void report_single(const Session *it, const RunOutcome *outcome,
                          GString *out)
{
  const RunSettings *settings = &it->settings;
  const Run *run = outcome->run;

  if (settings->quiet) {
    report_expectations(outcome, &it->terminal, true, out);
    return;
  }
  report_title(outcome, &it->terminal, out);
  if (run->record) {
    ladder_print(run->record, &it->terminal, settings->verbose, out);
    text_timeline_print(run->record, &it->terminal, settings->verbose, out);
  }
  report_expectations(outcome, &it->terminal, false, out);
  report_end(outcome, &it->terminal, out);
}

static bool is_failure(const RunOutcome *outcome)
{
  return outcome->failed || outcome->problem || outcome->run->interrupted;
}

static void report(Session *it, const RunOutcome *outcome)
{
  g_autoptr(GString) out = g_string_new(NULL);

  if (it->settings.tap)
    it->tap = report_tap(outcome, it->tap, out);
  else if (is_single(it))
    report_single(it, outcome, out);
  else if (is_failure(outcome) || !it->settings.quiet) {
    report_line(outcome, &it->terminal, out);
    report_expectations(outcome, &it->terminal, true, out);
  }
  fputs(out->str, it->human);
  if (it->human == stdout && !cmd_flush())
    it->status = EXIT_UNFINISHED;
}

static void draw(Session *it, const RunOutcome *outcome)
{
  const GPtrArray *formats = it->settings.formats;

  if (!outcome->dir)
    return;
  for (guint i = 0; i < formats->len; i++) {
    if (outcome->run->record)
      plot_queue_add(it->plots, outcome->dir, "timeline", formats->pdata[i]);
    plot_queue_add_tables(it->plots, outcome->dir, formats->pdata[i]);
  }
}

static void run_file(Session *it, const char *file)
{
  Run *run = run_new(file, &it->settings.run);
  RunOutcome outcome = { .name = run->name,
                         .run = run,
                         .name_width = it->name_width };
  Output *output = NULL;
  g_autofree char *dir = NULL;
  GError *error = NULL;
  bool started = false;

  it->ran++;
  if (!script_load(run, &error)) {
    set_problem(it, &outcome, EXIT_WRONG, error);
  } else {
    dir = output_place(it, run, &error);
    if (!error)
      output = output_open(run, dir, it->settings.write, &error);
    if (error)
      set_problem(it, &outcome, status_of_output(error), error);
  }
  if (output) {
    outcome.dir = output_dir(output);
    started = go(it, &outcome, run, output);
  }
  if (started || it->settings.tap || !is_single(it))
    report(it, &outcome);
  if (started)
    draw(it, &outcome);
  it->failed += is_failure(&outcome);
  g_free(outcome.problem);
  run_free(run);
  output_free(output);
}

/* -- all of them -- */

static void report_all(Session *it)
{
  unsigned left = it->settings.files->len - it->ran;

  if (it->settings.tap) {
    fprintf(it->human, "1..%u\n", it->tap - 1);
  } else if (!is_single(it) && (!it->settings.quiet || it->failed)) {
    fprintf(it->human, "%u scenario%s: %u ok, %u failed", it->ran,
            it->ran == 1 ? "" : "s", it->ran - it->failed, it->failed);
    if (left)
      fprintf(it->human, ", %u not run", left);
    fputc('\n', it->human);
  }
  if (it->human == stdout && !cmd_flush())
    it->status = EXIT_UNFINISHED;
}

/* Of the longest name, without folder and extension, within reason. */
static unsigned name_width(const GPtrArray *files)
{
  gsize width = 0;

  for (guint i = 0; i < files->len; i++) {
    g_autofree char *base = g_path_get_basename(files->pdata[i]);
    gsize length = strlen(base);

    if (g_str_has_suffix(base, ".lua"))
      length -= 4;
    width = MAX(width, length);
  }
  return (unsigned)MIN(width, 40);
}

static void open_session(Session *it)
{
  const RunSettings *settings = &it->settings;
  bool taken = is_stdout(settings->write) || is_stdout(settings->summary);

  it->human = taken ? stderr : stdout;
  terminal_detect(&it->terminal, taken ? STDERR_FILENO : STDOUT_FILENO,
                  settings->colour, settings->ascii, settings->width);
  it->plots = plot_queue_new();
  it->dirs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  it->tap = 1;
  it->name_width = name_width(settings->files);
}

/* A picture that could not be drawn is no fault of the run's. */
static void close_session(Session *it)
{
  g_autoptr(GError) error = NULL;

  if (!plot_queue_finish(it->plots, &error))
    cmd_complain("%s", error->message);
  g_hash_table_unref(it->dirs);
}

ExitStatus cmd_run(int argc, char **argv)
{
  Session it = { 0 };
  g_autoptr(GError) error = NULL;

  if (!run_settings_read(&it.settings, argc, argv, &error)) {
    it.status = cmd_usage_error(&command_run, error->message);
  } else if (it.settings.help) {
    cmd_print_help(&command_run);
    it.status = cmd_flush() ? EXIT_HOLDS : EXIT_UNFINISHED;
  } else {
    open_session(&it);
    for (guint i = 0; i < it.settings.files->len && !it.interrupted; i++)
      run_file(&it, it.settings.files->pdata[i]);
    report_all(&it);
    close_session(&it);
  }
  run_settings_clear(&it.settings);
  return it.status;
}
