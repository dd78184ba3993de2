/* Writes tables of answers as text. Invariant: what is written here,
 * notation_read.c reads back as the same cells. */

#include "notation.h"

#include <netinet/tcp.h>
#include <string.h>

#include "notation_names.h"

const char *const answers_at_names[ANSWERS_AT_COUNT] = { "next", "edge" };

const char *const answers_seq_names[ANSWERS_AT_COUNT][ANSWERS_POSITIONS] = {
  { "nxt", "+10", "-1", "-1000", "right" },
  { "edge-100", "edge-99", "edge-1", "edge", "edge+1" },
};

const char *const answers_ack_names[ANSWERS_POSITIONS] = {
  "una", "nxt", "una-1", "nxt+1", "old",
};

const char *const answers_timestamps_names[ANSWERS_TS_COUNT] = {
  "none",
  "new",
  "old",
  "absent",
};

AnswersTable *answers_table_new(const char *state, uint32_t payload_bytes,
                                AnswersTimestamps timestamps, AnswersAt at)
{
  AnswersTable *table = g_new0(AnswersTable, 1);

  table->state = g_strdup(state);
  table->payload_bytes = payload_bytes;
  table->timestamps = timestamps;
  table->at = at;
  return table;
}

void answers_table_free(AnswersTable *table)
{
  if (!table)
    return;
  g_free(table->state);
  g_free(table);
}

int answers_ack_positions(int flags)
{
  return flags & TH_ACK ? ANSWERS_POSITIONS : 1;
}

void answers_flags_name(GString *text, int flags)
{
  static const char letters[] = "UAPRSF";

  if (flags == 0)
    g_string_append_c(text, '0');
  for (int i = 0; i < 6; i++)
    if (flags & (TH_URG >> i))
      g_string_append_c(text, letters[i]);
}

char *answers_title(const AnswersTable *table)
{
  GString *text = g_string_new(table->state);

  if (table->payload_bytes)
    g_string_append_printf(text, " payload %u", table->payload_bytes);
  if (table->timestamps != ANSWERS_TS_NONE)
    g_string_append_printf(text, " ts %s",
                           answers_timestamps_names[table->timestamps]);
  if (table->at == ANSWERS_AT_EDGE)
    g_string_append(text, " edge");
  return g_string_free(text, FALSE);
}

char *answers_cell_name(const AnswersTable *table, int flags, int seq, int ack)
{
  GString *text = g_string_new(NULL);

  answers_flags_name(text, flags);
  g_string_append_printf(text, ", seq %s", answers_seq_names[table->at][seq]);
  if (flags & TH_ACK)
    g_string_append_printf(text, ", ack %s", answers_ack_names[ack]);
  return g_string_free(text, FALSE);
}

static void write_positions(GString *text, const char *word,
                            const char *const *names, unsigned set)
{
  const unsigned all = (1u << ANSWERS_POSITIONS) - 1;
  unsigned missing = all & ~set;

  if (!missing) {
    g_string_append_printf(text, "any %s", word);
    return;
  }
  if ((missing & (missing - 1)) == 0) {
    g_string_append_printf(text, "%s!=%s", word,
                           names[g_bit_nth_lsf(missing, -1)]);
    return;
  }
  g_string_append_printf(text, "%s ", word);
  for (int i = 0, first = 1; i < ANSWERS_POSITIONS; i++) {
    if (!(set & (1u << i)))
      continue;
    g_string_append_printf(text, "%s%s", first ? "" : "/", names[i]);
    first = 0;
  }
}

/* Which positions of ACK have this outcome at this position of SEQ. */
static unsigned acks_of(const AnswersTable *table, int flags, int seq,
                        const char *outcome)
{
  unsigned set = 0;

  for (int ack = 0; ack < answers_ack_positions(flags); ack++)
    if (table->cells[flags][seq][ack] == outcome)
      set |= 1u << ack;
  return set;
}

/* Positions of SEQ whose positions of ACK are the same set share a clause. */
static void write_line(FILE *file, const AnswersTable *table, int flags,
                       const char *outcome)
{
  g_autoptr(GString) text = g_string_new(NULL);
  unsigned written = 0;

  for (int seq = 0; seq < ANSWERS_POSITIONS; seq++) {
    unsigned acks = acks_of(table, flags, seq, outcome), seqs = 0;

    if (acks == 0 || (written & (1u << seq)))
      continue;
    for (int other = seq; other < ANSWERS_POSITIONS; other++)
      if (acks_of(table, flags, other, outcome) == acks)
        seqs |= 1u << other;
    written |= seqs;
    if (text->len)
      g_string_append(text, "; ");
    write_positions(text, "seq", answers_seq_names[table->at], seqs);
    if (flags & TH_ACK) {
      g_string_append(text, ", ");
      write_positions(text, "ack", answers_ack_names, acks);
    }
  }
  fprintf(file, "  - %s: `%s`\n", text->str, outcome);
}

static void write_lines(FILE *file, const AnswersTable *table, int flags)
{
  g_autoptr(GPtrArray) written = g_ptr_array_new();

  for (int seq = 0; seq < ANSWERS_POSITIONS; seq++) {
    for (int ack = 0; ack < answers_ack_positions(flags); ack++) {
      const char *outcome = table->cells[flags][seq][ack];

      if (g_ptr_array_find(written, outcome, NULL))
        continue;
      g_ptr_array_add(written, (gpointer)outcome);
      write_line(file, table, flags, outcome);
    }
  }
}

static gboolean same_answers(const AnswersTable *table, int a, int b)
{
  return answers_ack_positions(a) == answers_ack_positions(b) &&
         memcmp(table->cells[a], table->cells[b], sizeof table->cells[a]) == 0;
}

static void write_table(FILE *file, const AnswersTable *table)
{
  for (int flags = 0; flags < ANSWERS_FLAG_SETS; flags++) {
    g_autoptr(GString) names = g_string_new(NULL);
    int earlier = 0;

    while (earlier < flags && !same_answers(table, earlier, flags))
      earlier++;
    if (earlier < flags)
      continue;
    for (int other = flags; other < ANSWERS_FLAG_SETS; other++) {
      if (!same_answers(table, flags, other))
        continue;
      if (names->len)
        g_string_append_c(names, ' ');
      answers_flags_name(names, other);
    }
    fprintf(file, "- **%s**\n", names->str);
    write_lines(file, table, flags);
  }
}

static gboolean same_table(const AnswersTable *a, const AnswersTable *b)
{
  return a->at == b->at && memcmp(a->cells, b->cells, sizeof a->cells) == 0;
}

void answers_write(FILE *file, const GPtrArray *tables)
{
  for (guint i = 0; i < tables->len; i++) {
    const AnswersTable *table = tables->pdata[i];
    guint earlier = 0;

    while (earlier < i && !same_table(tables->pdata[earlier], table))
      earlier++;
    if (earlier < i)
      continue;
    for (guint other = i; other < tables->len; other++) {
      g_autofree char *title = answers_title(tables->pdata[other]);

      if (same_table(tables->pdata[other], table))
        fprintf(file, "%s%s", other == i ? "## " : ", ", title);
    }
    fprintf(file, "\n\n");
    write_table(file, table);
    fprintf(file, "\n");
  }
}
