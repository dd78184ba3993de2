/* Text for a terminal: clean, wrapped, clipped; what a terminal can show. */
#define _GNU_SOURCE /* posix_openpt() */
#include "terminal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "canvas.h"

static const Terminal utf8 = { .width = 80, .utf8 = true };
static const Terminal ascii = { .width = 80 };

static void assert_clean(const Terminal *terminal, const char *text,
                         const char *expected)
{
  g_autofree char *clean = terminal_clean(terminal, text);

  g_assert_cmpstr(clean, ==, expected);
}

static void control_characters_are_shown(void)
{
  assert_clean(&utf8, "\033[31mred", "\\x1b[31mred");
  assert_clean(&utf8, "a\nb\tc", "a b c");
  assert_clean(&utf8, "\x7f", "\\x7f");
  assert_clean(&utf8,
               "\xc2\x9b"
               "31m",
               "\\x9b31m");
  assert_clean(&utf8, "\xff\xfe", "\\xff\\xfe");
  assert_clean(&utf8,
               "\xe2\x80\xae"
               "abc",
               "\\u{202e}abc");
  assert_clean(&utf8, "e\xcc\x81", "é");
  assert_clean(&utf8, "ok – fine", "ok – fine");
}

static void ascii_is_ascii(void)
{
  assert_clean(&ascii, "é – …", "e - ...");
  assert_clean(&ascii, "漢", "?");
}

static void columns_count_wide_characters_twice(void)
{
  g_assert_cmpuint(terminal_columns("abc"), ==, 3);
  g_assert_cmpuint(terminal_columns("漢字"), ==, 4);
  g_assert_cmpuint(terminal_columns("│►"), ==, 2);
}

static void clipping_never_exceeds_the_width(void)
{
  g_autofree char *fits = terminal_clip(&utf8, "漢字", 4);
  g_autofree char *wide = terminal_clip(&utf8, "漢字漢字", 6);
  g_autofree char *plain = terminal_clip(&ascii, "abcdefgh", 6);

  g_assert_cmpstr(fits, ==, "漢字");
  g_assert_cmpstr(wide, ==, "漢字…");
  g_assert_cmpstr(plain, ==, "abc...");
  for (unsigned width = 0; width < 12; width++) {
    g_autofree char *text = terminal_clip(&ascii, "漢字 a b 漢字", width);
    g_assert_cmpuint(terminal_columns(text), <=, width);
  }
}

static void wrapping_breaks_at_spaces_or_else_anywhere(void)
{
  g_autoptr(GPtrArray) lines = terminal_wrap("one two  three-four five", 8);

  g_assert_cmpstr(lines->pdata[0], ==, "one two");
  g_assert_cmpstr(lines->pdata[1], ==, "three-fo");
  g_assert_cmpstr(lines->pdata[2], ==, "ur five");
  g_assert_cmpuint(lines->len, ==, 3);
}

static void a_paragraph_hangs_below_its_first_word(void)
{
  const Terminal narrow = { .width = 12, .utf8 = true };
  g_autoptr(GString) out = g_string_new(NULL);

  terminal_paragraph(&narrow, out, "✓ ", "the server closes", STYLE_PLAIN);
  g_assert_cmpstr(out->str, ==, "✓ the server\n  closes\n");
}

static void colour_is_asked_for_or_not_there(void)
{
  Terminal terminal;

  g_setenv("TERM", "xterm", TRUE);
  g_setenv("NO_COLOR", "1", TRUE);
  terminal_detect(&terminal, STDIN_FILENO, TERMINAL_COLOUR_ALWAYS, true, 100);
  g_assert_true(terminal.colour);
  g_assert_false(terminal.utf8);
  g_assert_cmpuint(terminal.width, ==, 100);
  terminal_detect(&terminal, STDIN_FILENO, TERMINAL_COLOUR_AUTO, true, 10);
  g_assert_false(terminal.colour);
  g_assert_cmpuint(terminal.width, ==, TERMINAL_WIDTH_MIN);
  g_assert_cmpstr(terminal_style(&terminal, STYLE_BAD), ==, "");
}

static bool coloured(int fd)
{
  Terminal terminal;

  terminal_detect(&terminal, fd, TERMINAL_COLOUR_AUTO, false, 0);
  return terminal.colour;
}

static void colour_is_for_terminals_that_want_it(void)
{
  int fd = posix_openpt(O_RDWR | O_NOCTTY);

  if (fd < 0) {
    g_test_skip("there are no pseudo-terminals here");
    return;
  }
  g_setenv("TERM", "xterm", TRUE);
  g_setenv("NO_COLOR", "", TRUE);
  g_assert_true(coloured(fd));
  g_setenv("NO_COLOR", "0", TRUE);
  g_assert_false(coloured(fd));
  g_unsetenv("NO_COLOR");
  g_setenv("TERM", "dumb", TRUE);
  g_assert_false(coloured(fd));
  g_unsetenv("TERM");
  g_assert_false(coloured(fd));
  close(fd);
}

static void columns_of_the_environment_count_without_a_terminal(void)
{
  Terminal terminal;
  int pipe_ends[2];

  g_assert_cmpint(pipe(pipe_ends), ==, 0);
  g_setenv("COLUMNS", "97", TRUE);
  terminal_detect(&terminal, pipe_ends[1], TERMINAL_COLOUR_AUTO, false, 0);
  g_assert_cmpuint(terminal.width, ==, 97);
  g_assert_false(terminal.colour);
  g_setenv("COLUMNS", "many", TRUE);
  terminal_detect(&terminal, pipe_ends[1], TERMINAL_COLOUR_AUTO, false, 0);
  g_assert_cmpuint(terminal.width, ==, 80);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

static void a_canvas_cuts_off_what_does_not_fit(void)
{
  const Terminal narrow = { .width = 6, .utf8 = true };
  g_autoptr(Canvas) canvas = canvas_new(&narrow);
  g_autoptr(GString) out = g_string_new(NULL);

  canvas_text(canvas, 4, STYLE_PLAIN, "abc");
  canvas_text(canvas, -1, STYLE_PLAIN, "xy");
  canvas_flush(canvas, out);
  canvas_text(canvas, 3, STYLE_PLAIN, "漢字");
  canvas_flush(canvas, out);
  canvas_text(canvas, 0, STYLE_PLAIN, "漢字");
  canvas_char(canvas, 1, STYLE_PLAIN, '|');
  canvas_flush(canvas, out);
  canvas_flush(canvas, out);
  g_assert_cmpstr(out->str, ==, "y   ab\n   漢\n |字\n\n");
}

static void a_canvas_turns_its_colours_off_again(void)
{
  const Terminal colour = { .width = 60, .colour = true, .utf8 = true };
  g_autoptr(Canvas) canvas = canvas_new(&colour);
  g_autoptr(GString) out = g_string_new(NULL);

  canvas_text(canvas, 0, STYLE_BAD, "RST");
  canvas_text(canvas, 4, STYLE_PLAIN, "x");
  canvas_flush(canvas, out);
  canvas_text(canvas, 0, STYLE_GOOD, "ok");
  canvas_flush(canvas, out);
  g_assert_cmpstr(out->str, ==, "\033[1;31mRST \033[0mx\n\033[32mok\033[0m\n");
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/terminal/control-characters-are-shown",
                  control_characters_are_shown);
  g_test_add_func("/terminal/ascii-is-ascii", ascii_is_ascii);
  g_test_add_func("/terminal/columns-count-wide-characters-twice",
                  columns_count_wide_characters_twice);
  g_test_add_func("/terminal/clipping-never-exceeds-the-width",
                  clipping_never_exceeds_the_width);
  g_test_add_func("/terminal/wrapping-breaks-at-spaces-or-else-anywhere",
                  wrapping_breaks_at_spaces_or_else_anywhere);
  g_test_add_func("/terminal/a-paragraph-hangs-below-its-first-word",
                  a_paragraph_hangs_below_its_first_word);
  g_test_add_func("/terminal/colour-is-asked-for-or-not-there",
                  colour_is_asked_for_or_not_there);
  g_test_add_func("/terminal/colour-is-for-terminals-that-want-it",
                  colour_is_for_terminals_that_want_it);
  g_test_add_func("/terminal/columns-of-the-environment",
                  columns_of_the_environment_count_without_a_terminal);
  g_test_add_func("/terminal/a-canvas-cuts-off-what-does-not-fit",
                  a_canvas_cuts_off_what_does_not_fit);
  g_test_add_func("/terminal/a-canvas-turns-its-colours-off-again",
                  a_canvas_turns_its_colours_off_again);
  return g_test_run();
}
