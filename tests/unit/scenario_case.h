/* Small scenarios as tests: their expectations all hold, or fail with the
 * sentence that is given. */
#pragma once

#include <string.h>

#include "record.h"
#include "script.h"

/* Two hosts, 10 ms apart, sending takes no time; the server reads all and
 * closes, unless the scenario gives it another app. */
#define PAIR                                              \
  "local client, server = host 'client', host 'server'\n" \
  "local wire = link { client, server, rate = 0, delay = '10ms' }\n"
#define SERVE                                                                 \
  "server:run(function (os) local l = os.listen(80) while true do"            \
  " local c = l:accept() os.spawn(function () c:receive_all() c:close() end)" \
  " end end)\n"

typedef struct Case {
  const char *name;
  const char *source;
  const char *found; /* of the one expectation that fails; NULL: all hold */
} Case;

static inline void case_run(const Case *it, NetFamily family)
{
  RunOptions options = { .seed = 1,
                         .stop = SIM_TIME_NEVER,
                         .traced = true,
                         .work = 10000000,
                         .has_family = true,
                         .family = family };
  g_autoptr(GError) error = NULL;
  Run *run = run_new("x.lua", &options);
  unsigned failed, count;

  script_load_text(run, it->source, strlen(it->source), &error);
  g_assert_no_error(error);
  script_start(run, &error);
  g_assert_no_error(error);
  run->end = sim_run(run->sim, run->options.stop);
  script_finish(run);
  record_finish(run->record);
  script_failed(run->script, &error);
  g_assert_no_error(error);
  failed = expectations_check(run);
  count = expectations_count(run->expectations);
  g_assert_cmpuint(count, >, 0);
  for (unsigned i = 0; i < count; i++) {
    const Expectation *stated = expectations_at(run->expectations, i);

    g_assert_cmpint(stated->line, >, 0);
    g_assert_nonnull(stated->text);
    if (stated->holds)
      g_assert_null(stated->found);
    else if (!it->found || !strstr(stated->found, it->found))
      g_error("line %d: %s: %s", stated->line, stated->text, stated->found);
  }
  g_assert_cmpuint(failed, ==, it->found ? 1 : 0);
  run_free(run);
}

/** case_error: the error that `source` ends in, when loaded or while running;
 * NULL if there is none. */
static inline char *case_error(const char *source)
{
  RunOptions options = { .seed = 1, .stop = SIM_TIME_NEVER, .work = 10000000 };
  g_autoptr(GError) error = NULL;
  Run *run = run_new("x.lua", &options);
  char *message;

  if (script_load_text(run, source, strlen(source), &error) &&
      script_start(run, &error)) {
    sim_run(run->sim, run->options.stop);
    script_finish(run);
    script_failed(run->script, &error);
  }
  message = error ? g_strdup(error->message) : NULL;
  run_free(run);
  return message;
}
