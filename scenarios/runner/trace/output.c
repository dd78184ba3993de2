/* The directory of a run and its files. */
#include "output.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include <glib/gstdio.h>

#include "capture.h"
#include "events.h"
#include "node.h"
#include "results.h"
#include "summary.h"
#include "tables.h"

#define LOOK_EVERY 16 /* packets, at the clock */
#define FLUSH_AFTER (SIM_SECOND / 4)

typedef enum Stream { TRACE, DROPPED, EVENTS, STREAMS } Stream;

static const char *const stream_names[STREAMS] = {
  "trace.pcapng",
  "dropped.pcapng",
  "events.jsonl",
};

/* Files that are written at the end. */
static const struct Whole {
  const char *name;
  void (*write)(const Run *run, OutFile *file);
  bool traced; /* needs the Record */
} wholes[] = {
  { "states.tsv", tables_states, true },
  { "packets.tsv", tables_packets, true },
  { "plot.tsv", tables_plot, false },
  { "summary.json", summary_write, false },
};

struct Output {
  Run *run; /* NULL once finished */
  char *dir;
  OutFile *streams[STREAMS]; /* NULL: not wanted */
  Capture *capture;
  Events *events;
  unsigned unlooked;
  SimTime flushed; /* on the machine's clock */
  GError *error;
};

static void first_error(Output *it, GError *error)
{
  if (it->error)
    g_error_free(error);
  else
    it->error = error;
}

/* -- as things happen -- */

static SimTime machine_time(void)
{
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return now.tv_sec * SIM_SECOND + now.tv_nsec;
}

static void flush_streams(Output *it)
{
  for (int i = 0; i < STREAMS; i++)
    if (it->streams[i])
      outfile_flush(it->streams[i]);
}

bool output_failed(const Output *it)
{
  bool failed = it->error != NULL;

  for (int i = 0; i < STREAMS; i++)
    failed |= it->streams[i] && outfile_failed(it->streams[i]);
  return failed;
}

static void look(Output *it)
{
  SimTime now = machine_time();

  it->unlooked = 0;
  if (now - it->flushed >= FLUSH_AFTER) {
    flush_streams(it);
    it->flushed = now;
  }
  if (output_failed(it))
    sim_stop(it->run->sim);
}

static void listen(void *user, Sim *sim, unsigned kind, const void *record)
{
  Output *it = user;

  (void)sim, (void)kind, (void)record;
  if (it->run && ++it->unlooked >= LOOK_EVERY)
    look(it);
}

void output_flush(Output *it)
{
  if (!it->run)
    return;
  if (it->capture)
    capture_settle(it->capture);
  flush_streams(it);
  look(it);
}

/* -- opening -- */

static bool wants_capture(const Run *run)
{
  return !run->options.capture || strcmp(run->options.capture, "none") != 0;
}

static bool has_node(const Net *net, const char *name)
{
  return strcmp(name, "one") == 0 || strcmp(name, "all") == 0 ||
         net_find(net, name);
}

static bool check_vantage(const Run *run, const char *name, GError **error)
{
  g_autoptr(GString) names = g_string_new(NULL);

  if (has_node(run->net, name))
    return true;
  for (const NetNode *node = run->net->nodes; node; node = node->next)
    g_string_append_printf(names, "%s%s", names->len ? ", " : "", node->name);
  g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
              "no host is called \"%s\" to capture at; write one, all, none "
              "or one of: %s",
              name, names->str);
  return false;
}

static bool make_dir(Output *it, GError **error)
{
  int code;

  if (g_mkdir_with_parents(it->dir, 0777) == 0)
    return true;
  code = errno;
  g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(code), "%s: %s",
              it->dir, g_strerror(code));
  return false;
}

static void remove_in_dir(const Output *it, const char *name)
{
  g_autofree char *path = g_build_filename(it->dir, name, NULL);

  g_unlink(path);
}

/* What an earlier run left and this one will not write from its start. */
static void remove_old(const Output *it)
{
  for (size_t i = 0; i < G_N_ELEMENTS(wholes); i++)
    remove_in_dir(it, wholes[i].name);
  for (int i = 0; i < STREAMS; i++)
    if (!it->streams[i])
      remove_in_dir(it, stream_names[i]);
}

static bool open_in_dir(Output *it, Stream stream, GError **error)
{
  g_autofree char *path = g_build_filename(it->dir, stream_names[stream], NULL);

  it->streams[stream] = outfile_open(path, error);
  return it->streams[stream] != NULL;
}

static bool open_trace(Output *it, const char *write, GError **error)
{
  if (!write)
    return open_in_dir(it, TRACE, error);
  it->streams[TRACE] =
      strcmp(write, "-") == 0 ? outfile_stdout() : outfile_open(write, error);
  return it->streams[TRACE] != NULL;
}

static bool open_streams(Output *it, const char *write, GError **error)
{
  if (it->dir && !make_dir(it, error))
    return false;
  if (wants_capture(it->run)) {
    if (!open_trace(it, write, error))
      return false;
    if (it->dir && !open_in_dir(it, DROPPED, error))
      return false;
  }
  if (it->dir && !results_open(it->run, it->dir, error))
    return false;
  return !it->run->options.traced || open_in_dir(it, EVENTS, error);
}

static void start_writing(Output *it)
{
  const char *at = it->run->options.capture;

  if (it->dir)
    remove_old(it);
  if (it->streams[TRACE])
    it->capture = capture_new(it->run, at ? at : "one", it->streams[TRACE],
                              it->streams[DROPPED]);
  if (it->streams[EVENTS])
    it->events = events_new(it->run, it->streams[EVENTS]);
  flush_streams(it);
  it->flushed = machine_time();
  if (it->capture || it->events)
    sim_trace_listen(it->run->sim,
                     UINT64_C(1) << NET_TRACE_SENT | UINT64_C(1)
                                                         << TCP_TRACE_CALL,
                     listen, it);
}

Output *output_open(Run *run, const char *dir, const char *write,
                    GError **error)
{
  const char *at = run->options.capture;
  Output *it;

  if (wants_capture(run) && at && !check_vantage(run, at, error))
    return NULL;
  it = g_new0(Output, 1);
  it->run = run;
  if (run->options.traced || (wants_capture(run) && !write) || run->results)
    it->dir = dir ? g_strdup(dir) : g_build_filename("out", run->name, NULL);
  if (!open_streams(it, write, error)) {
    for (int i = 0; i < STREAMS; i++)
      outfile_close(it->streams[i], NULL);
    g_free(it->dir);
    g_free(it);
    return NULL;
  }
  start_writing(it);
  return it;
}

const char *output_dir(const Output *it)
{
  return it->dir;
}

/* -- finishing -- */

static void write_whole(Output *it, const struct Whole *whole)
{
  g_autofree char *path = g_build_filename(it->dir, whole->name, NULL);
  GError *error = NULL;
  OutFile *file = outfile_open_whole(path, &error);

  if (file)
    whole->write(it->run, file);
  if (!file || !outfile_close(file, &error))
    first_error(it, error);
}

static void close_streams(Output *it)
{
  GError *error = NULL;

  for (int i = 0; i < STREAMS; i++) {
    if (!outfile_close(it->streams[i], &error))
      first_error(it, g_steal_pointer(&error));
    it->streams[i] = NULL;
  }
  if (!results_close(it->run, &error))
    first_error(it, error);
}

bool output_finish(Output *it, GError **error)
{
  Run *run = it->run;

  if (run->record)
    record_finish(run->record);
  if (it->capture)
    capture_finish(it->capture);
  if (it->events)
    events_finish(it->events);
  close_streams(it);
  for (size_t i = 0; it->dir && i < G_N_ELEMENTS(wholes); i++)
    if (run->record || !wholes[i].traced)
      write_whole(it, &wholes[i]);
  it->run = NULL;
  if (!it->error)
    return true;
  g_propagate_error(error, g_steal_pointer(&it->error));
  return false;
}

void output_free(Output *it)
{
  if (!it)
    return;
  g_clear_error(&it->error);
  for (int i = 0; i < STREAMS; i++)
    outfile_close(it->streams[i], NULL);
  capture_free(it->capture);
  events_free(it->events);
  g_free(it->dir);
  g_free(it);
}
