/*
 * Asks the machine's kernel what it answers to every segment in every state.
 *
 * Each row (a state, a condition, flags, positions of SEQ and ACK) is a
 * connection of its own; a few hundred live at once, so that the waiting for
 * timers is shared. A row stands once the same outcome was seen twice.
 * Standard output is the tables; everything else goes to standard error.
 */

#include <glib.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "notation.h"
#include "probe.h"
#include "variants.h"

enum {
  SETTLE_MS = 20,            /* a delayed ACK of the last step has gone */
  SETTLE_AFTER_DATA_MS = 55, /* it takes 40 ms then, and a tick */
  WATCH_MS = 65,             /* a delayed ACK takes 40 ms, and a tick */
  LIFE_US = 190 * 1000,      /* then the first retransmission is due */
  SEEN_MAX = 12,
  BATCH_MAX = 400, /* the device queues 500 packets */
};

enum { EXIT_MISMATCH = 1, EXIT_USAGE = 2, EXIT_UNFINISHED = 3 };

typedef struct {
  AnswersTable *table;
  const Variant *variant;
  uint8_t flags, seq, ack;
  uint8_t tries;
  const char *seen[SEEN_MAX];
} Row;

typedef struct {
  char **states, **payloads, **timestamps, **sysctls;
  char *check;
  int batch;
  int older_by;
  gboolean all, edge, list;
} Options;

typedef struct {
  Bench bench;
  GQueue waiting; /* of Row */
  BenchConnection *connections;
  Row **rows; /* of this batch */
  guint batch;
  uint32_t older_by;
  guint done, undecided, late, wavered;
} Run;

/* Whether the outcome now stands. */
static gboolean row_take(Run *run, Row *row, const char *outcome)
{
  gboolean again = FALSE;

  for (int i = 0; i < row->tries && outcome; i++)
    again = again || row->seen[i] == outcome;
  row->seen[row->tries++] = outcome;
  if (again)
    row->table->cells[row->flags][row->seq][row->ack] = outcome;
  if (again && row->tries > 2)
    run->wavered++;
  return again;
}

static gboolean is_ready(const Run *run, BenchConnection *c, const Row *row)
{
  c->state_before = lab_state(&run->bench.lab, c->port, BENCH_PEER_PORT);
  return c->state_before == row->variant->state &&
         (!row->variant->zero_window || c->rcv.right == c->rcv.nxt);
}

static void set_up(Run *run, guint count)
{
  int settle_ms = SETTLE_MS;

  for (guint i = 0; i < count; i++) {
    const Row *row = run->rows[i];
    BenchConnection *c = &run->connections[i];

    bench_add(&run->bench, c, row->table->timestamps != ANSWERS_TS_NONE);
    if (row->variant->zero_window)
      settle_ms = SETTLE_AFTER_DATA_MS;
    for (const BenchStep *step = row->variant->steps; *step; step++)
      (*step)(&run->bench, c);
  }
  bench_watch(&run->bench, settle_ms);
}

static void fire(Run *run, guint count)
{
  for (guint i = 0; i < count; i++) {
    const Row *row = run->rows[i];
    BenchConnection *c = &run->connections[i];
    Segment probe = probe_make(c, row->table, row->flags, row->seq, row->ack,
                               run->older_by);

    if (is_ready(run, c, row))
      bench_fire(&run->bench, c, &probe);
  }
  bench_watch(&run->bench, WATCH_MS);
}

static void collect(Run *run, guint count)
{
  int64_t now_us = lab_now_us();

  for (guint i = 0; i < count; i++) {
    Row *row = run->rows[i];
    BenchConnection *c = &run->connections[i];
    const char *outcome = NULL;

    if (c->fired_us && now_us - c->born_us < LIFE_US)
      outcome = probe_outcome(&run->bench, c, row->variant);
    else
      run->late++;
    bench_remove(&run->bench, c);
    if (row_take(run, row, outcome)) {
      run->done++;
      g_free(row);
    } else if (row->tries < SEEN_MAX) {
      g_queue_push_tail(&run->waiting, row);
    } else {
      g_autofree char *title = answers_title(row->table);
      g_autofree char *cell =
          answers_cell_name(row->table, row->flags, row->seq, row->ack);

      g_printerr("undecided: %s: %s: last `%s`\n", title, cell,
                 outcome ? outcome : "?");
      row->table->cells[row->flags][row->seq][row->ack] = "?";
      run->undecided++;
      g_free(row);
    }
  }
}

static void measure(Run *run)
{
  int64_t start_us = lab_now_us(), told_us = start_us;

  run->connections = g_new0(BenchConnection, run->batch);
  run->rows = g_new0(Row *, run->batch);
  while (!g_queue_is_empty(&run->waiting)) {
    guint count = 0;

    while (count < run->batch && !g_queue_is_empty(&run->waiting))
      run->rows[count++] = g_queue_pop_head(&run->waiting);
    set_up(run, count);
    fire(run, count);
    collect(run, count);
    if (lab_now_us() - told_us > 10 * 1000000) {
      told_us = lab_now_us();
      g_printerr("%u rows stand, %u to do\n", run->done, run->waiting.length);
    }
  }
  g_printerr("%u rows in %.0f s; %u wavered, %u connections too late or not in "
             "the state, %u undecided\n",
             run->done, (double)(lab_now_us() - start_us) / 1e6, run->wavered,
             run->late, run->undecided);
  g_free(run->connections);
  g_free(run->rows);
}

static void add_rows(Run *run, AnswersTable *table)
{
  const Variant *variant = variant_by_name(table->state);

  for (int flags = 0; flags < ANSWERS_FLAG_SETS; flags++) {
    for (int seq = 0; seq < ANSWERS_POSITIONS; seq++) {
      for (int ack = 0; ack < answers_ack_positions(flags); ack++) {
        Row *row = g_new0(Row, 1);

        *row = (Row){ .table = table,
                      .variant = variant,
                      .flags = (uint8_t)flags,
                      .seq = (uint8_t)seq,
                      .ack = (uint8_t)ack };
        g_queue_push_tail(&run->waiting, row);
      }
    }
  }
}

static void refuse(const char *what, const char *word)
{
  g_printerr("%s: %s\n", what, word);
  exit(EXIT_USAGE);
}

/* The conditions of a file, or those of the options. */
static gboolean wanted(char **list, const char *fallback, const char *word)
{
  if (!list)
    return !fallback || !strcmp(fallback, word);
  return g_strv_contains((const char *const *)list, word);
}

static GPtrArray *tables_of_options(const Options *options)
{
  static const char *const payloads[] = { "0", "1", "100" };
  const char *payload = options->all ? NULL : "0";
  const char *ts = options->all ? NULL : "none";
  AnswersAt at = options->edge ? ANSWERS_AT_EDGE : ANSWERS_AT_NEXT;
  GPtrArray *tables =
      g_ptr_array_new_with_free_func((GDestroyNotify)answers_table_free);

  for (const Variant *v = variants; v->name; v++)
    for (int t = 0; t < ANSWERS_TS_COUNT; t++)
      for (guint p = 0; p < G_N_ELEMENTS(payloads); p++)
        if (wanted(options->states, NULL, v->name) &&
            wanted(options->payloads, payload, payloads[p]) &&
            wanted(options->timestamps, ts, answers_timestamps_names[t]))
          g_ptr_array_add(tables, answers_table_new(v->name,
                                                    (uint32_t)atoi(payloads[p]),
                                                    (AnswersTimestamps)t, at));
  return tables;
}

static GPtrArray *tables_like(const GPtrArray *others)
{
  GPtrArray *tables =
      g_ptr_array_new_with_free_func((GDestroyNotify)answers_table_free);

  for (guint i = 0; i < others->len; i++) {
    const AnswersTable *other = others->pdata[i];

    if (!variant_by_name(other->state))
      refuse("no way to reach this state is known", other->state);
    g_ptr_array_add(tables,
                    answers_table_new(other->state, other->payload_bytes,
                                      other->timestamps, other->at));
  }
  return tables;
}

static guint compare_table(const AnswersTable *file, const AnswersTable *kernel)
{
  g_autofree char *title = answers_title(file);
  guint mismatches = 0;

  for (int flags = 0; flags < ANSWERS_FLAG_SETS; flags++) {
    for (int seq = 0; seq < ANSWERS_POSITIONS; seq++) {
      for (int ack = 0; ack < answers_ack_positions(flags); ack++) {
        const char *want = file->cells[flags][seq][ack];
        const char *got = kernel->cells[flags][seq][ack];
        g_autofree char *cell = answers_cell_name(file, flags, seq, ack);

        if (want == got)
          continue;
        g_print("%s: %s: file `%s`, kernel `%s`\n", title, cell, want, got);
        mismatches++;
      }
    }
  }
  return mismatches;
}

static guint compare(const GPtrArray *file, const GPtrArray *kernel)
{
  guint mismatches = 0;

  for (guint i = 0; i < file->len; i++)
    mismatches += compare_table(file->pdata[i], kernel->pdata[i]);
  g_print("%u tables, %u mismatches\n", file->len, mismatches);
  return mismatches;
}

static GPtrArray *read_file(const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;
  GPtrArray *tables = NULL;

  if (g_file_get_contents(path, &text, NULL, &error))
    tables = answers_read(text, &error);
  if (!tables) {
    g_printerr("%s: %s\n", path, error->message);
    exit(EXIT_USAGE);
  }
  return tables;
}

static void list_variants(void)
{
  for (const Variant *variant = variants; variant->name; variant++)
    g_print("%s\n", variant->name);
}

static void set_sysctls(char **settings)
{
  for (int i = 0; settings && settings[i]; i++) {
    g_auto(GStrv) pair = g_strsplit(settings[i], "=", 2);

    if (!pair[0] || !pair[1] || !lab_sysctl(pair[0], pair[1]))
      exit(EXIT_USAGE);
  }
}

static gboolean is_payload(const char *word)
{
  return !strcmp(word, "0") || !strcmp(word, "1") || !strcmp(word, "100");
}

static gboolean is_timestamps(const char *word)
{
  for (int t = 0; t < ANSWERS_TS_COUNT; t++)
    if (!strcmp(answers_timestamps_names[t], word))
      return TRUE;
  return FALSE;
}

static void check_options(const Options *options)
{
  for (int i = 0; options->states && options->states[i]; i++)
    if (!variant_by_name(options->states[i]))
      refuse("no such state, see --list", options->states[i]);
  for (int i = 0; options->payloads && options->payloads[i]; i++)
    if (!is_payload(options->payloads[i]))
      refuse("payload is 0, 1 or 100", options->payloads[i]);
  for (int i = 0; options->timestamps && options->timestamps[i]; i++)
    if (!is_timestamps(options->timestamps[i]))
      refuse("timestamps are none, new, old or absent", options->timestamps[i]);
  if (options->batch < 1 || options->batch > BATCH_MAX)
    refuse("--batch is out of range", "1 to 400");
}

static void parse(Options *options, int argc, char **argv)
{
  const GOptionEntry entries[] = {
    { "state", 's', 0, G_OPTION_ARG_STRING_ARRAY, &options->states,
      "only this state (repeatable)", "NAME" },
    { "payload", 'p', 0, G_OPTION_ARG_STRING_ARRAY, &options->payloads,
      "0, 1 or 100 bytes (repeatable)", "BYTES" },
    { "timestamps", 't', 0, G_OPTION_ARG_STRING_ARRAY, &options->timestamps,
      "none, new, old or absent (repeatable)", "WHICH" },
    { "all", 'a', 0, G_OPTION_ARG_NONE, &options->all,
      "every payload and every kind of timestamps", NULL },
    { "edge", 'e', 0, G_OPTION_ARG_NONE, &options->edge,
      "SEQ around the right edge of the window", NULL },
    { "check", 'c', 0, G_OPTION_ARG_FILENAME, &options->check,
      "measure the tables of FILE and report where they differ", "FILE" },
    { "older-by", 0, 0, G_OPTION_ARG_INT, &options->older_by,
      "how much older an old TSval is (1000)", "N" },
    { "sysctl", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->sysctls,
      "set net.ipv4.NAME (repeatable)", "NAME=VALUE" },
    { "batch", 0, 0, G_OPTION_ARG_INT, &options->batch,
      "connections at once (200)", "N" },
    { "list", 'l', 0, G_OPTION_ARG_NONE, &options->list,
      "name the states and end", NULL },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  };
  GOptionContext *context =
      g_option_context_new("- what this kernel answers to a segment");
  g_autoptr(GError) error = NULL;

  g_option_context_add_main_entries(context, entries, NULL);
  if (!g_option_context_parse(context, &argc, &argv, &error)) {
    g_printerr("%s\n", error->message);
    exit(EXIT_USAGE);
  }
  g_option_context_free(context);
  check_options(options);
}

int main(int argc, char **argv)
{
  Options options = { .batch = 200, .older_by = 1000 };
  g_autoptr(GPtrArray) tables = NULL, file = NULL;
  Run *run = g_new0(Run, 1);
  int status = 0;

  parse(&options, argc, argv);
  if (options.list) {
    list_variants();
    return 0;
  }
  file = options.check ? read_file(options.check) : NULL;
  tables = file ? tables_like(file) : tables_of_options(&options);
  run->batch = (guint)options.batch;
  run->older_by = (uint32_t)options.older_by;
  if (!lab_open(&run->bench.lab))
    return EXIT_UNFINISHED;
  set_sysctls(options.sysctls);
  for (guint i = 0; i < tables->len; i++)
    add_rows(run, tables->pdata[i]);
  measure(run);
  lab_close(&run->bench.lab);
  if (file)
    status = compare(file, tables) ? EXIT_MISMATCH : 0;
  else
    answers_write(stdout, tables);
  status = run->undecided ? EXIT_UNFINISHED : status;
  g_strfreev(options.states);
  g_strfreev(options.payloads);
  g_strfreev(options.timestamps);
  g_strfreev(options.sysctls);
  g_free(options.check);
  g_free(run);
  return status;
}
