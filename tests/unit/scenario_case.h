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

static inline void case_ipv4(gconstpointer data)
{
  case_run(data, NET_IPV4);
}

static inline void case_ipv6(gconstpointer data)
{
  case_run(data, NET_IPV6);
}

/** cases_add: tests /NAME/ipv4/CASE and /NAME/ipv6/CASE. */
static inline void cases_add(const char *name, const Case *cases,
                             unsigned count)
{
  for (unsigned i = 0; i < count; i++) {
    g_autofree char *path4 =
        g_strdup_printf("/%s/ipv4/%s", name, cases[i].name);
    g_autofree char *path6 =
        g_strdup_printf("/%s/ipv6/%s", name, cases[i].name);

    g_test_add_data_func(path4, &cases[i], case_ipv4);
    g_test_add_data_func(path6, &cases[i], case_ipv6);
  }
}

/** Wrong: a scenario that ends in an error, which is given whole if it begins
 * with the scenario's name, or else in part. */
typedef struct Wrong {
  const char *name, *source, *error;
} Wrong;

typedef struct WrongTest {
  const char *before; /* what every source of its family begins with */
  const Wrong *wrong;
} WrongTest;

static inline void wrong_run(gconstpointer data)
{
  const WrongTest *test = data;
  const Wrong *it = test->wrong;
  g_autofree char *source = g_strconcat(test->before, it->source, NULL);
  g_autofree char *message = case_error(source);

  g_assert_nonnull(message);
  if (g_str_has_prefix(it->error, "x.lua"))
    g_assert_cmpstr(message, ==, it->error);
  else if (!strstr(message, it->error))
    g_error("%s", message);
}

/** wrongs_add: tests /NAME/wrong/CASE. */
static inline void wrongs_add(const char *name, const char *before,
                              const Wrong *wrong, unsigned count)
{
  for (unsigned i = 0; i < count; i++) {
    g_autofree char *path =
        g_strdup_printf("/%s/wrong/%s", name, wrong[i].name);
    WrongTest *test = g_new(WrongTest, 1);

    *test = (WrongTest){ before, &wrong[i] };
    g_test_add_data_func_full(path, test, wrong_run, g_free);
  }
}
