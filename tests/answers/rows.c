/* Holds the answers.tsv of every-segment-in-every-state.lua to a file of
 * measured answers.
 *
 *   answers-rows FILE ANSWERS.TSV
 *
 * Prints TAP: one test a state, and each row that differs. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "notation.h"

enum {
  STATE,
  FLAGS,
  SEQ,
  ACK,
  PAYLOAD,
  TIMESTAMPS,
  REPLIES,
  AFTER,
  FAILURE,
  QUEUED,
  READABLE,
  COLUMNS
};

typedef struct Count {
  unsigned rows, differ;
} Count;

static int position(const char *const *names, const char *name)
{
  for (int i = 0; i < ANSWERS_POSITIONS; i++)
    if (strcmp(names[i], name) == 0)
      return i;
  return -1;
}

static int flags_of(const char *name)
{
  g_autoptr(GString) text = g_string_new(NULL);

  for (int flags = 0; flags < ANSWERS_FLAG_SETS; flags++) {
    g_string_truncate(text, 0);
    answers_flags_name(text, flags);
    if (strcmp(text->str, name) == 0)
      return flags;
  }
  return -1;
}

static const char *measured(const GPtrArray *tables, char **cells)
{
  static const char *const seqs[] = { "nxt", "+10", "-1", "-1000", "right" };
  static const char *const acks[] = { "una", "nxt", "una-1", "nxt+1", "old" };
  int flags = flags_of(cells[FLAGS]), seq = position(seqs, cells[SEQ]);
  int ack = position(acks, cells[ACK]);
  uint32_t payload = (uint32_t)strtoul(cells[PAYLOAD], NULL, 10);

  if (flags < 0 || seq < 0)
    return NULL;
  for (guint i = 0; i < tables->len; i++) {
    const AnswersTable *table = tables->pdata[i];

    if (table->at == ANSWERS_AT_NEXT && table->payload_bytes == payload &&
        strcmp(table->state, cells[STATE]) == 0 &&
        strcmp(answers_timestamps_names[table->timestamps],
               cells[TIMESTAMPS]) == 0)
      return table->cells[flags][seq][MAX(ack, 0)];
  }
  return NULL;
}

/* The row in the notation of the tables. */
static char *outcome(char **cells)
{
  GString *text = g_string_new(cells[REPLIES]);

  if (!g_str_has_prefix(cells[STATE], cells[AFTER]) ||
      !strchr("/", cells[STATE][strlen(cells[AFTER])]))
    g_string_append_printf(text, " =>%s", cells[AFTER]);
  if (strcmp(cells[FAILURE], "-") != 0)
    g_string_append_printf(text, " !%s", cells[FAILURE]);
  if (strcmp(cells[QUEUED], "0") != 0 || strcmp(cells[READABLE], "0") != 0)
    g_string_append_printf(text, " #%s", cells[QUEUED]);
  if (strcmp(cells[QUEUED], cells[READABLE]) != 0)
    g_string_append_printf(text, "/%s", cells[READABLE]);
  return g_string_free(text, FALSE);
}

static void hold_row(const GPtrArray *tables, GPtrArray *states,
                     GHashTable *counts, char **cells)
{
  Count *count = g_hash_table_lookup(counts, cells[STATE]);
  const char *wanted = measured(tables, cells);
  g_autofree char *got = outcome(cells);

  if (!count) {
    char *state = g_strdup(cells[STATE]);

    count = g_new0(Count, 1);
    g_hash_table_insert(counts, state, count);
    g_ptr_array_add(states, state);
  }
  count->rows++;
  if (wanted && strcmp(wanted, got) == 0)
    return;
  count->differ++;
  g_print("# %s %s, seq %s, ack %s, payload %s, ts %s: measured `%s`, got "
          "`%s`\n",
          cells[STATE], cells[FLAGS], cells[SEQ], cells[ACK], cells[PAYLOAD],
          cells[TIMESTAMPS], wanted ? wanted : "nothing", got);
}

static int hold(const GPtrArray *tables, char **lines)
{
  g_autoptr(GHashTable) counts =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(GPtrArray) states = g_ptr_array_new();
  bool holds = true;

  for (char **line = lines; *line && **line; line++) {
    g_auto(GStrv) cells = g_strsplit(*line, "\t", -1);

    if (g_strv_length(cells) == COLUMNS && strcmp(cells[STATE], "state") != 0)
      hold_row(tables, states, counts, cells);
  }
  for (guint i = 0; i < states->len; i++) {
    const Count *count = g_hash_table_lookup(counts, states->pdata[i]);

    holds &= count->differ == 0;
    g_print("%sok %u %s: %u rows\n", count->differ ? "not " : "", i + 1,
            (const char *)states->pdata[i], count->rows);
  }
  g_print("1..%u\n", states->len);
  return holds && states->len ? 0 : 1;
}

int main(int argc, char **argv)
{
  g_autofree char *text = NULL, *rows = NULL;
  g_autoptr(GPtrArray) tables = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) lines = NULL;

  if (argc != 3) {
    g_printerr("usage: answers-rows FILE ANSWERS.TSV\n");
    return 2;
  }
  if (g_file_get_contents(argv[1], &text, NULL, &error))
    tables = answers_read(text, &error);
  if (!tables || !g_file_get_contents(argv[2], &rows, NULL, &error)) {
    g_printerr("%s\n", error->message);
    return 2;
  }
  lines = g_strsplit(rows, "\n", -1);
  return hold(tables, lines);
}
