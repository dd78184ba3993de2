/* Reads tables of answers from text. Invariant: a file is read whole or not at
 * all; a cell that two lines claim, or none, is an error of the file. */

#include "notation.h"

#include <netinet/tcp.h>
#include <string.h>

#include "notation_names.h"

typedef struct {
  GPtrArray *tables;
  guint heading;  /* the first table of the current heading */
  uint64_t flags; /* the flag sets of the current entry */
  GError **error;
  int line;
} Reader;

static gboolean fail(Reader *reader, const char *what, const char *text)
{
  g_set_error(reader->error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
              "line %d: %s: \"%s\"", reader->line, what, text);
  return FALSE;
}

/* NAME[ payload N][ ts WORD][ edge] */
static gboolean read_title(Reader *reader, const char *text)
{
  g_auto(GStrv) words = g_strsplit(text, " ", -1);
  AnswersTable *table =
      answers_table_new(words[0], 0, ANSWERS_TS_NONE, ANSWERS_AT_NEXT);
  int at = 1;

  g_ptr_array_add(reader->tables, table);
  if (words[at] && !strcmp(words[at], "payload") && words[at + 1]) {
    table->payload_bytes = (uint32_t)g_ascii_strtoull(words[at + 1], NULL, 10);
    at += 2;
  }
  if (words[at] && !strcmp(words[at], "ts") && words[at + 1]) {
    while (table->timestamps < ANSWERS_TS_COUNT &&
           strcmp(answers_timestamps_names[table->timestamps], words[at + 1]))
      table->timestamps++;
    at += 2;
  }
  if (words[at] && !strcmp(words[at], answers_at_names[ANSWERS_AT_EDGE])) {
    table->at = ANSWERS_AT_EDGE;
    at++;
  }
  return (!words[at] && table->timestamps < ANSWERS_TS_COUNT) ||
         fail(reader, "not a heading", text);
}

static gboolean read_heading(Reader *reader, const char *text)
{
  g_auto(GStrv) titles = g_strsplit(text, ", ", -1);

  reader->heading = reader->tables->len;
  reader->flags = 0;
  for (int i = 0; titles[i]; i++)
    if (!read_title(reader, titles[i]))
      return FALSE;
  return TRUE;
}

static int flags_by_name(const char *name)
{
  static const char letters[] = "FSRPAU";
  int flags = 0;

  if (!strcmp(name, "0"))
    return 0;
  for (; *name; name++) {
    const char *letter = strchr(letters, *name);

    if (!letter)
      return -1;
    flags |= 1 << (letter - letters);
  }
  return flags;
}

static gboolean read_flags(Reader *reader, const char *text)
{
  const char *end = strstr(text, "**");
  g_autofree char *list = end ? g_strndup(text, (gsize)(end - text)) : NULL;
  g_auto(GStrv) names = g_strsplit(list ? list : "?", " ", -1);

  reader->flags = 0;
  for (int i = 0; names[i]; i++) {
    int flags = flags_by_name(names[i]);

    if (flags < 0)
      return fail(reader, "not a set of flags", names[i]);
    reader->flags |= 1ull << flags;
  }
  return TRUE;
}

/* `any WORD`, `WORD!=X` or `WORD X/Y`; 0 if it is none of them. */
static unsigned read_positions(const char *text, const char *word,
                               const char *const *names)
{
  const unsigned all = (1u << ANSWERS_POSITIONS) - 1;
  gsize length = strlen(word);
  g_auto(GStrv) list = NULL;
  gboolean except;
  unsigned set = 0;

  if (g_str_has_prefix(text, "any ") && !strcmp(text + 4, word))
    return all;
  if (!g_str_has_prefix(text, word))
    return 0;
  except = g_str_has_prefix(text + length, "!=");
  list = g_strsplit(text + length + (except ? 2 : 1), "/", -1);
  for (int i = 0; list[i]; i++) {
    int at = 0;

    while (at < ANSWERS_POSITIONS && strcmp(names[at], list[i]))
      at++;
    if (at == ANSWERS_POSITIONS)
      return 0;
    set |= 1u << at;
  }
  return except ? all & ~set : set;
}

static gboolean fill(Reader *reader, int flags, unsigned seqs, unsigned acks,
                     const char *outcome)
{
  for (guint i = reader->heading; i < reader->tables->len; i++) {
    AnswersTable *table = reader->tables->pdata[i];

    for (int cell = 0; cell < ANSWERS_POSITIONS * ANSWERS_POSITIONS; cell++) {
      int seq = cell / ANSWERS_POSITIONS, ack = cell % ANSWERS_POSITIONS;

      if (!(seqs & (1u << seq)) || !(acks & (1u << ack)))
        continue;
      if (table->cells[flags][seq][ack])
        return fail(reader, "a second outcome for a cell", outcome);
      table->cells[flags][seq][ack] = outcome;
    }
  }
  return TRUE;
}

static gboolean read_clause(Reader *reader, const char *clause,
                            const char *outcome)
{
  g_auto(GStrv) parts = g_strsplit(clause, ", ", 2);
  const AnswersTable *first = reader->tables->pdata[reader->heading];
  unsigned seqs = read_positions(parts[0], "seq", answers_seq_names[first->at]);
  unsigned acks =
      parts[1] ? read_positions(parts[1], "ack", answers_ack_names) : 1;

  if (!seqs || !acks)
    return fail(reader, "not a position", clause);
  for (int flags = 0; flags < ANSWERS_FLAG_SETS; flags++) {
    if (!(reader->flags & (1ull << flags)))
      continue;
    if (!(flags & TH_ACK) != !parts[1])
      return fail(reader, "positions of ACK go with the flag", clause);
    if (!fill(reader, flags, seqs, acks, outcome))
      return FALSE;
  }
  return TRUE;
}

/* CLAUSE[; CLAUSE]: `OUTCOME` */
static gboolean read_answer(Reader *reader, const char *text)
{
  const char *colon = strstr(text, ": `");
  const char *end = colon ? strchr(colon + 3, '`') : NULL;
  g_autofree char *outcome = NULL, *head = NULL;
  g_auto(GStrv) clauses = NULL;

  if (!end)
    return fail(reader, "not an answer", text);
  outcome = g_strndup(colon + 3, (gsize)(end - colon - 3));
  head = g_strndup(text, (gsize)(colon - text));
  clauses = g_strsplit(head, "; ", -1);
  for (int i = 0; clauses[i]; i++)
    if (!read_clause(reader, clauses[i], g_intern_string(outcome)))
      return FALSE;
  return TRUE;
}

static gboolean complete(Reader *reader)
{
  for (guint i = 0; i < reader->tables->len; i++) {
    const AnswersTable *table = reader->tables->pdata[i];

    for (int flags = 0; flags < ANSWERS_FLAG_SETS; flags++)
      for (int seq = 0; seq < ANSWERS_POSITIONS; seq++)
        for (int ack = 0; ack < answers_ack_positions(flags); ack++)
          if (!table->cells[flags][seq][ack]) {
            g_autofree char *name = answers_cell_name(table, flags, seq, ack);
            g_autofree char *title = answers_title(table);
            g_autofree char *both = g_strconcat(title, ": ", name, NULL);

            return fail(reader, "no outcome for a cell", both);
          }
  }
  return TRUE;
}

static gboolean read_line(Reader *reader, const char *line)
{
  if (g_str_has_prefix(line, "## "))
    return read_heading(reader, line + 3);
  if (reader->tables->len == 0 || !*line)
    return TRUE;
  if (g_str_has_prefix(line, "- **"))
    return read_flags(reader, line + 4);
  if (g_str_has_prefix(line, "  - "))
    return read_answer(reader, line + 4);
  return fail(reader, "not a line of answers", line);
}

GPtrArray *answers_read(const char *text, GError **error)
{
  g_autoptr(GPtrArray) tables =
      g_ptr_array_new_with_free_func((GDestroyNotify)answers_table_free);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  Reader reader = { .tables = tables, .error = error };

  for (int i = 0; lines[i]; i++) {
    reader.line = i + 1;
    if (!read_line(&reader, lines[i]))
      return NULL;
  }
  return complete(&reader) ? g_steal_pointer(&tables) : NULL;
}
