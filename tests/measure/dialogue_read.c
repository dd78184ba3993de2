/* Reads dialogues. Invariant: a step belongs to the last heading; the rows of a
 * table are put in when the dialogue ends. */

#include "dialogue_read.h"

#include <string.h>

typedef struct {
  char *text;
  int number;
} Line;

typedef struct {
  char *name;
  int line;
  GArray *lines;   /* of Line: the steps */
  char **columns;  /* of the table, or NULL */
  GPtrArray *rows; /* of char **: cells */
} Draft;

static void step_clear(gpointer data)
{
  DialogueStep *step = data;

  g_free(step->verb);
  g_free(step->rest);
}

static void dialogue_free(gpointer data)
{
  Dialogue *dialogue = data;

  g_array_unref(dialogue->steps);
  g_free(dialogue->name);
  g_free(dialogue);
}

static void line_clear(gpointer data)
{
  g_free(((Line *)data)->text);
}

static void draft_init(Draft *draft)
{
  *draft = (Draft){ .lines = g_array_new(FALSE, FALSE, sizeof(Line)),
                    .rows = g_ptr_array_new_with_free_func(
                        (GDestroyNotify)g_strfreev) };
  g_array_set_clear_func(draft->lines, line_clear);
}

static void draft_clear(Draft *draft)
{
  g_free(draft->name);
  g_strfreev(draft->columns);
  g_array_unref(draft->lines);
  g_ptr_array_unref(draft->rows);
}

/* -- one row of one draft -- */

static char *put_in(const char *text, char **columns, char **cells)
{
  GString *result = g_string_new(text);

  for (int i = 0; columns && columns[i] && cells[i]; i++) {
    g_autofree char *name = g_strconcat("$", columns[i], NULL);

    g_string_replace(result, name, cells[i], 0);
  }
  return g_string_free(result, FALSE);
}

static gboolean step_parse(const char *text, int line, DialogueStep *ret)
{
  char *end = (char *)text;
  double seconds = 0;
  size_t verb;

  *ret = (DialogueStep){ .line = line, .timed = *text == '+' };
  if (ret->timed)
    seconds = g_ascii_strtod(text + 1, &end);
  if (ret->timed && (end == text + 1 || seconds < 0))
    return FALSE;
  ret->after_us = (gint64)(seconds * 1e6 + 0.5);
  text = end + strspn(end, " ");
  verb = strcspn(text, " ");
  ret->verb = g_strndup(text, verb);
  ret->rest = g_strstrip(g_strdup(text + verb));
  return TRUE;
}

/* "as NAME": the steps of a dialogue before this one. */
static gboolean add_others(Dialogue *dialogue, const GPtrArray *all,
                           const char *name)
{
  for (guint i = 0; i < all->len; i++) {
    const Dialogue *other = g_ptr_array_index(all, i);

    if (strcmp(other->name, name) != 0 || other == dialogue)
      continue;
    for (guint j = 0; j < other->steps->len; j++) {
      DialogueStep step = g_array_index(other->steps, DialogueStep, j);

      step.verb = g_strdup(step.verb);
      step.rest = g_strdup(step.rest);
      g_array_append_val(dialogue->steps, step);
    }
    return TRUE;
  }
  return FALSE;
}

/* "icmp4" and "icmp6" say what a dialogue can be asked over. */
static gboolean add_step(Dialogue *dialogue, const GPtrArray *all,
                         DialogueStep *step)
{
  gboolean ok;

  if (strcmp(step->verb, "as") == 0) {
    ok = add_others(dialogue, all, step->rest);
    step_clear(step);
    return ok;
  }
  if (strcmp(step->verb, "kernel-only") == 0) {
    dialogue->kernel_only = TRUE;
    step_clear(step);
    return TRUE;
  }
  dialogue->ipv6 &= strcmp(step->verb, "icmp4") != 0;
  dialogue->ipv4 &= strcmp(step->verb, "icmp6") != 0;
  g_array_append_val(dialogue->steps, *step);
  return TRUE;
}

static gboolean add_steps(Dialogue *dialogue, const GPtrArray *all,
                          const Draft *draft, char **cells, GError **error)
{
  for (guint i = 0; i < draft->lines->len; i++) {
    const Line *line = &g_array_index(draft->lines, Line, i);
    g_autofree char *text = put_in(line->text, draft->columns, cells);
    DialogueStep step;

    if (strchr(text, '$') || !step_parse(text, line->number, &step) ||
        !add_step(dialogue, all, &step)) {
      g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                  "line %d: this is no step: %s", line->number, text);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean add_dialogue(GPtrArray *all, const Draft *draft, char **cells,
                             GError **error)
{
  static char *none[] = { NULL };
  Dialogue *dialogue = g_new0(Dialogue, 1);
  g_autofree char *row = cells ? g_strjoinv(" ", cells) : NULL;

  dialogue->name = row ? g_strdup_printf("%s (%s)", draft->name, row)
                       : g_strdup(draft->name);
  dialogue->line = draft->line;
  dialogue->ipv4 = dialogue->ipv6 = TRUE;
  dialogue->steps = g_array_new(FALSE, FALSE, sizeof(DialogueStep));
  g_array_set_clear_func(dialogue->steps, step_clear);
  g_ptr_array_add(all, dialogue);
  return add_steps(dialogue, all, draft, cells ? cells : none, error);
}

static gboolean finish(GPtrArray *all, Draft *draft, GError **error)
{
  gboolean ok = TRUE;

  if (draft->lines->len > 0 && draft->rows->len == 0)
    ok = add_dialogue(all, draft, NULL, error);
  for (guint i = 0; i < draft->rows->len && ok; i++)
    ok = add_dialogue(all, draft, g_ptr_array_index(draft->rows, i), error);
  draft_clear(draft);
  draft_init(draft);
  return ok;
}

/* -- lines -- */

/* "| a | b |" */
static char **cells_of(const char *text)
{
  g_autofree char *copy = g_strdup(text + 1);
  char **cells;

  g_strchomp(copy);
  if (g_str_has_suffix(copy, "|"))
    copy[strlen(copy) - 1] = '\0';
  cells = g_strsplit(copy, "|", -1);
  for (char **cell = cells; *cell; cell++)
    g_strstrip(*cell);
  return cells;
}

static void take_row(Draft *draft, const char *text)
{
  if (!draft->columns)
    draft->columns = cells_of(text);
  else if (!g_str_has_prefix(text, "|-"))
    g_ptr_array_add(draft->rows, cells_of(text));
}

static gboolean take_line(GPtrArray *all, Draft *draft, const char *text,
                          int number, GError **error)
{
  if (*text == '#') {
    if (!finish(all, draft, error))
      return FALSE;
    draft->name = g_strdup(text + strspn(text, "# "));
    draft->line = number;
  } else if (g_str_has_prefix(text, "    ") && draft->name) {
    Line line = { g_strstrip(g_strdup(text)), number };

    g_array_append_val(draft->lines, line);
  } else if (*text == '|' && draft->lines->len > 0) {
    take_row(draft, text);
  }
  return TRUE;
}

GPtrArray *dialogues_read(const char *path, GError **error)
{
  g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(dialogue_free);
  g_autofree char *content = NULL;
  g_auto(GStrv) lines = NULL;
  gboolean ok = TRUE;
  Draft draft;

  if (!g_file_get_contents(path, &content, NULL, error))
    return NULL;
  lines = g_strsplit(content, "\n", -1);
  draft_init(&draft);
  for (int i = 0; lines[i] && ok; i++)
    ok = take_line(all, &draft, lines[i], i + 1, error);
  ok = ok && finish(all, &draft, error);
  draft_clear(&draft);
  return ok ? g_steal_pointer(&all) : NULL;
}
