/* A run: one scenario, one seed. Everything hangs off its Sim but the record,
 * the expectations and the Lua host, which are freed before it. */
#include "run.h"

#include <string.h>

#include "record.h"
#include "results.h"

static char *name_of(const char *file)
{
  g_autofree char *base = NULL;

  if (g_str_equal(file, "-"))
    return g_strdup("stdin");
  base = g_path_get_basename(file);
  if ((g_str_has_suffix(base, ".lua") || g_str_has_suffix(base, ".pkt")) &&
      strlen(base) > 4)
    base[strlen(base) - 4] = '\0';
  return g_steal_pointer(&base);
}

Run *run_new(const char *file, const RunOptions *options)
{
  Run *run = g_new0(Run, 1);

  run->options = *options;
  run->options.stop = MIN(options->stop, RUN_LONGEST);
  run->ends = options->stop != SIM_TIME_NEVER;
  if (options->settings)
    g_hash_table_ref(options->settings);
  run->options.capture = g_strdup(options->capture);
  run->file = g_strdup(file);
  run->name = name_of(file);
  run->title = g_strdup(run->name);
  run->tags = g_ptr_array_new_with_free_func(g_free);
  run->sim = sim_new(options->seed);
  run->net = net_new(run->sim);
  run->net->family = options->family;
  run->expectations = expectations_new();
  if (options->traced)
    run->record = record_new(run);
  return run;
}

void run_untrace(Run *run)
{
  run->options.traced = false;
  if (!run->options.capture)
    run->options.capture = g_strdup("none");
  if (run->record)
    record_stop(run->record);
  g_clear_pointer(&run->record, record_free);
}

void run_free(Run *run)
{
  if (!run)
    return;
  script_free(run->script);
  expectations_free(run->expectations);
  results_free(run);
  sim_free(run->sim);
  record_free(run->record);
  g_clear_pointer(&run->options.settings, g_hash_table_unref);
  g_free((char *)(uintptr_t)run->options.capture);
  g_free(run->file);
  g_free(run->name);
  g_free(run->title);
  g_free(run->topic);
  g_free(run->question);
  g_ptr_array_unref(run->tags);
  g_free(run);
}
