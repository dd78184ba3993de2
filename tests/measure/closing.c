/*
 * Asks the machine's kernel how it ends connections: which segments leave
 * when, and when it gives up. All facts are watched at the same time, in real
 * time, for as long as the command line says; what is expected later than that
 * is left out. Output is TAP.
 */

#include <glib.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "bench.h"
#include "facts.h"
#include "probe.h"

enum {
  POLL_MS = 5,
  EARLY_US = 4000, /* a timer counts whole ticks */
  LATE_US = 25000, /* two ticks, a poll, and a busy machine */
};

typedef struct {
  int64_t at_us;
  char *text;
} Event;

typedef struct {
  const Fact *fact;
  BenchConnection connection;
  GArray *events; /* of Event */
  int heard;      /* replies that are events already */
  int state;
} Watch;

static void watch_add(Watch *watch, int64_t at_us, char *text)
{
  Event event = { at_us, text };

  g_array_append_val(watch->events, event);
}

static void watch_replies(Watch *watch)
{
  const BenchConnection *c = &watch->connection;

  for (; watch->heard < MIN(c->reply_count, BENCH_REPLIES); watch->heard++) {
    GString *text = g_string_new(NULL);

    probe_add_reply(text, c, &c->replies[watch->heard]);
    watch_add(watch, c->replies[watch->heard].after_us,
              g_string_free(text, FALSE));
  }
}

static void watch_state(Bench *bench, Watch *watch)
{
  BenchConnection *c = &watch->connection;
  int state = lab_state(&bench->lab, c->port, BENCH_PEER_PORT), error = 0;
  socklen_t length = sizeof error;
  GString *text;

  if (state == watch->state)
    return;
  watch->state = state;
  bench_pump(bench, NULL);
  watch_replies(watch);
  text = g_string_new("=>");
  g_string_append(text, probe_state_name(state));
  if (c->fd >= 0)
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &length);
  if (error)
    g_string_append_printf(text, " !%s", strerrorname_np(error));
  watch_add(watch, lab_now_us() - c->fired_us, g_string_free(text, FALSE));
}

static void watch_start(Bench *bench, Watch *watch, const Fact *fact)
{
  BenchConnection *c = &watch->connection;

  watch->fact = fact;
  watch->events = g_array_new(FALSE, FALSE, sizeof(Event));
  bench_add(bench, c, FALSE);
  for (const BenchStep *step = fact->steps; *step; step++) {
    if (!step[1]) {
      watch->state = lab_state(&bench->lab, c->port, BENCH_PEER_PORT);
      c->state_before = watch->state;
      c->fired_us = lab_now_us();
    }
    (*step)(bench, c);
  }
  watch_replies(watch);
  watch_state(bench, watch);
}

static int64_t latest_us(int64_t nominal_us)
{
  return nominal_us + nominal_us / 8 + LATE_US;
}

/* Whether the expected event, `SECONDS TEXT`, is the one that happened; one
 * that may still come by the end is not asked for. */
static gboolean holds(const char *expected, const Event *event, int64_t end_us)
{
  char *text;
  int64_t at_us = (int64_t)(g_ascii_strtod(expected, &text) * 1e6);

  if (!event)
    return latest_us(at_us) > end_us;
  return !strcmp(text + 1, event->text) && event->at_us >= at_us - EARLY_US &&
         event->at_us <= latest_us(at_us);
}

static gboolean watch_judge(const Watch *watch, int64_t end_us)
{
  g_auto(GStrv) expected = g_strsplit(watch->fact->expected, "; ", -1);
  guint count = g_strv_length(expected), most = MAX(count, watch->events->len);
  gboolean ok = TRUE;

  for (guint i = 0; i < most && ok; i++) {
    const Event *event =
        i < watch->events->len ? &g_array_index(watch->events, Event, i) : NULL;

    ok = i < count && holds(expected[i], event, end_us);
  }
  return ok;
}

static void watch_tell(const Watch *watch)
{
  g_print("# expected %s\n# found   ", watch->fact->expected);
  for (guint i = 0; i < watch->events->len; i++) {
    const Event *event = &g_array_index(watch->events, Event, i);

    g_print(" %.3f %s;", (double)event->at_us / 1e6, event->text);
  }
  g_print("\n");
}

static void watch_end(Bench *bench, Watch *watch)
{
  for (guint i = 0; i < watch->events->len; i++)
    g_free(g_array_index(watch->events, Event, i).text);
  g_array_free(watch->events, TRUE);
  bench_remove(bench, &watch->connection);
}

int main(int argc, char **argv)
{
  int seconds = argc > 1 ? atoi(argv[1]) : 8, failures = 0;
  Bench *bench = g_new0(Bench, 1);
  Watch watches[64] = { 0 };
  int64_t start_us = lab_now_us(), end_us = (int64_t)seconds * 1000000;
  int count = 0;

  if (argc > 2 || seconds < 1) {
    g_printerr("usage: %s [SECONDS]\n", argv[0]);
    return 2;
  }
  if (!lab_open(&bench->lab))
    return 3;
  for (; facts[count].name; count++) {
    g_assert(count < (int)G_N_ELEMENTS(watches));
    watch_start(bench, &watches[count], &facts[count]);
  }
  while (lab_now_us() - start_us < end_us) {
    bench_watch(bench, POLL_MS);
    for (int i = 0; i < count; i++) {
      watch_replies(&watches[i]);
      watch_state(bench, &watches[i]);
    }
  }
  g_print("1..%d\n", count);
  for (int i = 0; i < count; i++) {
    gboolean ok = watch_judge(&watches[i], end_us - EARLY_US);

    g_print("%sok %d - %s\n", ok ? "" : "not ", i + 1, facts[i].name);
    if (!ok)
      watch_tell(&watches[i]);
    failures += !ok;
    watch_end(bench, &watches[i]);
  }
  lab_close(&bench->lab);
  g_free(bench);
  return failures > 0;
}
