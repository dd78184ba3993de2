/* Expectations and counts as text. */
#include "report.h"

#include <string.h>

#include <inttypes.h>

#include "packet_label.h"

enum {
  TITLE_LEAST = 24, /* columns: less of a title says nothing */
  FACTS_WIDTH = 26, /* "    240.6 s      8 packets" */
};

static bool is_good(const RunOutcome *it)
{
  return !it->problem && it->failed == 0 && !it->run->interrupted;
}

void report_title(const RunOutcome *it, const Terminal *terminal, GString *out)
{
  g_autofree char *title = terminal_clean(terminal, it->run->title);
  g_autoptr(GPtrArray) lines = terminal_wrap(title, terminal->width);

  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf(
        out, "%s%s%s\n", terminal_style(terminal, STYLE_STRONG),
        (const char *)lines->pdata[i], terminal_style(terminal, STYLE_PLAIN));
  g_string_append_c(out, '\n');
}

/* -- expectations -- */

/* What stands in lines of its own stays so, under each other. */
static void append_found(const Terminal *terminal, const char *blank,
                         const char *found, GString *out)
{
  g_auto(GStrv) lines = g_strsplit(found, "\n", -1);

  for (char **at = lines; *at; at++) {
    gsize indent = strspn(*at, " ");
    g_autofree char *first = g_strdup_printf("%s%*s", blank, (int)indent, "");

    terminal_paragraph(terminal, out, first, *at + indent, STYLE_BAD);
  }
}

static void append_expectation(const Terminal *terminal, const char *file,
                               const Expectation *it, GString *out)
{
  const TerminalGlyphs *glyphs = terminal_glyphs(terminal);
  TerminalStyle style = it->holds ? STYLE_GOOD : STYLE_BAD;
  g_autofree char *mark =
      g_strdup_printf("%s ", it->holds ? glyphs->pass : glyphs->fail);
  g_autofree char *first =
      g_strconcat(terminal_style(terminal, style), mark,
                  terminal_style(terminal, STYLE_PLAIN), NULL);
  g_autofree char *blank = g_strnfill(terminal_columns(mark), ' ');
  g_autofree char *place = NULL;

  terminal_paragraph_after(terminal, out, first, terminal_columns(mark),
                           it->text, STYLE_PLAIN);
  if (it->holds)
    return;
  if (it->found)
    append_found(terminal, blank, it->found, out);
  place = g_strdup_printf("%s:%d", file, it->line);
  terminal_paragraph(terminal, out, blank, place, STYLE_FAINT);
}

void report_expectations(const RunOutcome *outcome, const Terminal *terminal,
                         bool only_failures, GString *out)
{
  const Expectations *all = outcome->run->expectations;
  unsigned count = expectations_count(all);

  if (!outcome->checked)
    return;
  for (unsigned i = 0; i < count; i++) {
    const Expectation *it = expectations_at(all, i);

    if (!it->holds || !only_failures)
      append_expectation(terminal, outcome->run->file, it, out);
  }
}

/* -- counts -- */

static void append_packets(GString *text, const Record *record)
{
  unsigned lost = 0, pending = 0;

  for (guint i = 0; i < record->packets->len; i++) {
    const RecordPacket *packet = record->packets->pdata[i];

    lost += packet->fate == RECORD_DROPPED;
    pending += packet->fate == RECORD_PENDING;
  }
  g_string_append_printf(text, "%u packet%s", record->packets->len,
                         record->packets->len == 1 ? "" : "s");
  if (lost)
    g_string_append_printf(text, ", %u lost", lost);
  if (pending)
    g_string_append_printf(text, ", %u on their way", pending);
  g_string_append(text, ", ");
}

static void append_verdict(GString *text, const RunOutcome *it)
{
  unsigned count = expectations_count(it->run->expectations);

  if (!it->checked)
    g_string_append(text, "expectations not checked");
  else if (count == 0)
    g_string_append(text, "nothing was expected");
  else if (it->failed)
    g_string_append_printf(text, "%u of %u expectations FAILED", it->failed,
                           count);
  else
    g_string_append_printf(text, "%u expectation%s", count,
                           count == 1 ? " holds" : "s hold");
}

void report_end(const RunOutcome *it, const Terminal *terminal, GString *out)
{
  const Run *run = it->run;
  g_autoptr(GString) text = g_string_new(NULL);
  g_autofree char *span = span_text(terminal, run->sim->now);

  append_verdict(text, it);
  g_string_append(text, "; ");
  if (run->record)
    append_packets(text, run->record);
  g_string_append_printf(
      text, "%s of virtual time, seed %" PRIu64 ", fingerprint %016" PRIx64,
      span, run->options.seed, run->sim->fingerprint);
  terminal_paragraph(terminal, out, "", text->str,
                     is_good(it) ? STYLE_PLAIN : STYLE_BAD);
  if (run->interrupted) {
    g_autofree char *cut =
        g_strdup_printf("interrupted after %s of virtual time", span);
    terminal_paragraph(terminal, out, "", cut, STYLE_BAD);
  }
  if (it->dir) {
    g_autofree char *files = g_strdup_printf("files: %s/", it->dir);
    terminal_paragraph(terminal, out, "", files, STYLE_FAINT);
  }
}

/* -- several -- */

/* What stands behind the name: as much of the title as there is room for, if
 * that says something, and the facts at the right edge. */
static void append_facts(const RunOutcome *it, const Terminal *terminal,
                         unsigned used, GString *out)
{
  g_autofree char *span = span_text(terminal, it->run->sim->now);
  g_autofree char *facts = it->run->record
                               ? g_strdup_printf("%11s %6u packets", span,
                                                 it->run->record->packets->len)
                               : g_strdup_printf("%11s", span);
  g_autofree char *clean = terminal_clean(terminal, it->run->title);
  g_autofree char *title = NULL;
  unsigned room = terminal->width - MIN(terminal->width, used + 2);

  room -= MIN(room, FACTS_WIDTH + 1);
  title =
      room >= TITLE_LEAST ? terminal_clip(terminal, clean, room) : g_strdup("");
  g_string_append_printf(
      out, "  %s%s%s%*s %s\n", terminal_style(terminal, STYLE_FAINT), title,
      terminal_style(terminal, STYLE_PLAIN),
      (int)(room - MIN(room, terminal_columns(title))), "", facts);
}

void report_line(const RunOutcome *it, const Terminal *terminal, GString *out)
{
  bool good = is_good(it);
  g_autofree char *name = terminal_clean(terminal, it->name);
  unsigned width = MAX(terminal_columns(name), it->name_width);

  g_string_append_printf(
      out, "%s%-6s%s %s",
      terminal_style(terminal, good ? STYLE_GOOD : STYLE_BAD),
      good ? "ok" : "FAILED", terminal_style(terminal, STYLE_PLAIN), name);
  if (it->problem || it->run->interrupted) {
    g_string_append_c(out, '\n');
    terminal_paragraph(terminal, out, "  ",
                       it->problem ? it->problem : "interrupted", STYLE_BAD);
    return;
  }
  g_string_append_printf(out, "%*s", (int)(width - terminal_columns(name)), "");
  append_facts(it, terminal, 7 + width, out);
}

/* -- TAP -- */

static void append_tap_text(GString *out, const char *text)
{
  const Terminal utf8 = { .width = TERMINAL_WIDTH_MAX, .utf8 = true };
  g_autofree char *clean = terminal_clean(&utf8, text);

  for (const char *at = clean; *at; at++) {
    if (*at == '#' || *at == '\\')
      g_string_append_c(out, '\\');
    g_string_append_c(out, *at);
  }
}

static void append_tap_line(GString *out, bool ok, unsigned number,
                            const char *name, const char *text, const char *why)
{
  g_string_append_printf(out, "%s %u - ", ok ? "ok" : "not ok", number);
  append_tap_text(out, name);
  g_string_append(out, ": ");
  append_tap_text(out, text);
  g_string_append_c(out, '\n');
  if (why) {
    g_auto(GStrv) lines = g_strsplit(why, "\n", -1);

    for (char **at = lines; *at; at++) {
      g_string_append(out, "# ");
      append_tap_text(out, *at);
      g_string_append_c(out, '\n');
    }
  }
}

unsigned report_tap(const RunOutcome *it, unsigned first, GString *out)
{
  const Expectations *all = it->run ? it->run->expectations : NULL;
  unsigned count = it->checked ? expectations_count(all) : 0;

  for (unsigned i = 0; i < count; i++) {
    const Expectation *expectation = expectations_at(all, i);

    append_tap_line(out, expectation->holds, first++, it->name,
                    expectation->text, expectation->found);
  }
  if (count == 0 || it->problem)
    append_tap_line(out, it->problem == NULL, first++, it->name, "runs",
                    it->problem);
  return first;
}
