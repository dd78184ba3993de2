/* Holds a profile to a file of answers: every cell, or every n-th of them.
 *
 *   answers-held PROFILE FILE [STEP [STATE]]
 *
 * Prints TAP: one test a state; of what differs, flags and positions, each
 * kind of difference once with how many rows it has. */
#include <stdlib.h>
#include <string.h>

#include "held.h"

typedef struct Run {
  TcpKnobs knobs;
  guint step;
  guint64 counter, rows, passed;
} Run;

typedef struct Difference {
  char *flags; /* of all rows, in order of appearance */
  guint rows;
} Difference;

static void difference_free(gpointer data)
{
  Difference *difference = data;

  g_free(difference->flags);
  g_free(difference);
}

static void difference_add(GHashTable *found, const AnswersTable *table,
                           int flags, int seq, int ack, const char *got)
{
  static const char *const seqs[ANSWERS_AT_COUNT][ANSWERS_POSITIONS] = {
    { "nxt", "+10", "-1", "-1000", "right" },
    { "edge-100", "edge-99", "edge-1", "edge", "edge+1" },
  };
  static const char *const acks[] = { "una", "nxt", "una-1", "nxt+1", "old" };
  g_autofree char *title = answers_title(table);
  g_autoptr(GString) name = g_string_new(NULL);
  char *key = g_strdup_printf("%s, seq %s, ack %s: measured `%s`, got `%s`",
                              title, seqs[table->at][seq],
                              flags & TCP_ACK ? acks[ack] : "none",
                              table->cells[flags][seq][ack], got);
  Difference *difference = g_hash_table_lookup(found, key);

  answers_flags_name(name, flags);
  if (!difference) {
    difference = g_new0(Difference, 1);
    difference->flags = g_strdup("");
    g_hash_table_insert(found, key, difference);
  } else {
    g_free(key);
  }
  if (!strstr(difference->flags, name->str) || name->len > 1) {
    char *flags_before = difference->flags;

    difference->flags = g_strconcat(flags_before, " ", name->str, NULL);
    g_free(flags_before);
  }
  difference->rows++;
}

static void hold_cell(Run *run, GHashTable *found, const Variant *variant,
                      const AnswersTable *table, int flags, int seq, int ack)
{
  const char *measured = table->cells[flags][seq][ack];
  g_autofree char *got = NULL;

  if (!measured || run->counter++ % run->step != 0)
    return;
  run->rows++;
  got = bench_outcome(&run->knobs, variant, table, flags, seq, ack);
  if (strcmp(got, measured) == 0)
    run->passed++;
  else
    difference_add(found, table, flags, seq, ack, got);
}

static void hold_table(Run *run, GHashTable *found, const Variant *variant,
                       const AnswersTable *table)
{
  for (int flags = 0; flags < ANSWERS_FLAG_SETS; flags++)
    for (int seq = 0; seq < ANSWERS_POSITIONS; seq++)
      for (int ack = 0; ack < answers_ack_positions(flags); ack++)
        hold_cell(run, found, variant, table, flags, seq, ack);
}

/* One test: all tables of one state. */
static void hold_state(Run *run, const char *state, const GPtrArray *tables,
                       int number)
{
  g_autoptr(GHashTable) found =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, difference_free);
  const Variant *variant = variant_find(state);
  g_autoptr(GList) keys = NULL;
  guint64 rows = run->rows;

  for (guint i = 0; i < tables->len && variant; i++)
    if (strcmp(((AnswersTable *)tables->pdata[i])->state, state) == 0)
      hold_table(run, found, variant, tables->pdata[i]);
  keys = g_list_sort(g_hash_table_get_keys(found), (GCompareFunc)strcmp);
  for (GList *key = keys; key; key = key->next) {
    const Difference *difference = g_hash_table_lookup(found, key->data);

    g_print("# %u: %s:%s\n", difference->rows, (char *)key->data,
            difference->flags);
  }
  g_print("%s %d %s: %" G_GUINT64_FORMAT " rows\n",
          variant && !keys ? "ok" : "not ok", number, state, run->rows - rows);
}

static GPtrArray *read_tables(const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;
  GPtrArray *tables = NULL;

  if (g_file_get_contents(path, &text, NULL, &error))
    tables = answers_read(text, &error);
  if (error)
    g_printerr("%s: %s\n", path, error->message);
  return tables;
}

static int hold(Run *run, const GPtrArray *tables, const char *only)
{
  g_autoptr(GHashTable) done = g_hash_table_new(g_str_hash, g_str_equal);
  int number = 0;

  for (guint i = 0; i < tables->len; i++) {
    const AnswersTable *table = tables->pdata[i];

    if (!g_hash_table_add(done, table->state) ||
        (only && strcmp(only, table->state) != 0))
      continue;
    hold_state(run, table->state, tables, ++number);
  }
  g_print("1..%d\n# %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " rows hold\n",
          number, run->passed, run->rows);
  return run->passed == run->rows ? 0 : 1;
}

int main(int argc, char **argv)
{
  const TcpProfile *profile = argc > 2 ? tcp_profile_find(argv[1]) : NULL;
  g_autoptr(GPtrArray) tables = argc > 2 ? read_tables(argv[2]) : NULL;
  Run run = { .step = argc > 3 ? (guint)strtoul(argv[3], NULL, 10) : 1 };

  if (!profile || !tables || run.step == 0) {
    g_printerr("usage: answers-held PROFILE FILE [STEP [STATE]]\n");
    return 2;
  }
  run.knobs = profile->knobs;
  run.knobs.challenge_ack_limit = INT32_MAX; /* as it was measured */
  run.knobs.answer_interval = 0;
  return hold(&run, tables, argc > 4 ? argv[4] : NULL);
}
