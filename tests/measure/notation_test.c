/* The notation of measured answers: what is committed is well-formed and
 * complete, and what is not is refused with its line. */

#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "notation.h"

static char *read_file(const char *name)
{
  g_autofree char *path = g_test_build_filename(G_TEST_DIST, name, NULL);
  g_autoptr(GError) error = NULL;
  char *text = NULL;

  g_file_get_contents(path, &text, NULL, &error);
  g_assert_no_error(error);
  return text;
}

static char *written(const GPtrArray *tables)
{
  char *text = NULL;
  size_t length = 0;
  FILE *file = open_memstream(&text, &length);

  answers_write(file, tables);
  fclose(file);
  return text;
}

static void test_measured(void)
{
  g_autofree char *text = read_file("linux-6.18-answers.md");
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) tables = answers_read(text, &error);
  char *again;

  g_assert_no_error(error);
  g_assert_cmpuint(tables->len, >, 400);
  again = written(tables);
  g_assert_cmpstr(again, ==, strstr(text, "\n## ") + 1);
  free(again);
}

static const char SKELETON[] = "prose\n"
                               "\n"
                               "## A, B payload 1 ts old\n"
                               "\n"
                               "- **F**\n"
                               "  - any seq: `-`\n";

/* `text` with `what` in the place of its first `old` is refused at `line`. */
static void refused(const char *text, const char *old, const char *what,
                    const char *expected)
{
  g_auto(GStrv) parts = g_strsplit(text, old, 2);
  g_autofree char *wrong = g_strjoin(what, parts[0], parts[1], NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) tables = answers_read(wrong, &error);

  g_assert_null(tables);
  g_assert_nonnull(error);
  if (!g_str_has_prefix(error->message, expected))
    g_assert_cmpstr(error->message, ==, expected);
}

static void test_refused(void)
{
  refused(SKELETON, "**F", "**F X", "line 5: not a set of flags: \"X\"");
  refused(SKELETON, "**F", "**AF", "line 6: positions of ACK go with the flag");
  refused(SKELETON, "**F", "**F", "line 7: no outcome for a cell: \"A: 0, seq");
  refused(SKELETON, "F**\n", "F**\n  - seq nxt: `-`\n",
          "line 7: a second outcome for a cell");
  refused(SKELETON, "ts old", "ts odd", "line 3: not a heading");
  refused(SKELETON, "any seq", "seq nxt/ten", "line 6: not a position");
  refused(SKELETON, "any seq", "seq edge", "line 6: not a position");
  refused(SKELETON, "`-`", "-", "line 6: not an answer");
  refused(SKELETON, "- **", "** ", "line 5: not a line of answers");
}

/* `- **` and every set of flags with (or without) ACK. */
static void add_entry(GString *text, gboolean with_ack)
{
  const char *before = "- **";

  for (int flags = 0; flags < ANSWERS_FLAG_SETS; flags++) {
    if ((answers_ack_positions(flags) > 1) != with_ack)
      continue;
    g_string_append(text, before);
    answers_flags_name(text, flags);
    before = " ";
  }
  g_string_append(text, "**\n");
}

static void test_condition(void)
{
  g_autoptr(GString) text = g_string_new("## A payload 100 ts old edge\n\n");
  g_autoptr(GPtrArray) tables = NULL;
  const AnswersTable *table;

  add_entry(text, FALSE);
  g_string_append(text, "  - seq!=edge: `-`\n  - seq edge: `A,N,R`\n");
  add_entry(text, TRUE);
  g_string_append(text, "  - any seq, ack una/old: `-`\n"
                        "  - any seq, ack nxt/una-1/nxt+1: `A,N,R`\n");
  tables = answers_read(text->str, NULL);
  g_assert_nonnull(tables);
  g_assert_cmpuint(tables->len, ==, 1);
  table = tables->pdata[0];
  g_assert_cmpuint(table->payload_bytes, ==, 100);
  g_assert_cmpint(table->timestamps, ==, ANSWERS_TS_OLD);
  g_assert_cmpint(table->at, ==, ANSWERS_AT_EDGE);
  g_assert_cmpstr(table->cells[0][2][0], ==, "-");
  g_assert_cmpstr(table->cells[0][3][0], ==, "A,N,R");
  g_assert_cmpstr(table->cells[TH_ACK][3][0], ==, "-");
  g_assert_cmpstr(table->cells[TH_ACK][3][1], ==, "A,N,R");
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/notation/the measured answers are complete", test_measured);
  g_test_add_func("/notation/a wrong line is named", test_refused);
  g_test_add_func("/notation/a heading names the condition", test_condition);
  return g_test_run();
}
