/* What the reader's terminal can show, and text made fit for it.
 *
 * Whatever comes from a scenario (titles, notes, names) goes through
 * terminal_clean() before it is printed: nothing that a terminal would obey
 * instead of show gets through.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct Terminal {
  unsigned width; /* columns, >= TERMINAL_WIDTH_MIN */
  bool colour;
  bool utf8;
} Terminal;

#define TERMINAL_WIDTH_MIN 60
#define TERMINAL_WIDTH_MAX 1000

typedef enum TerminalColour {
  TERMINAL_COLOUR_AUTO,
  TERMINAL_COLOUR_ALWAYS,
  TERMINAL_COLOUR_NEVER,
} TerminalColour;

/** TerminalStyle: what a piece of text is; terminal.c knows its colour. */
typedef enum TerminalStyle {
  STYLE_PLAIN,
  STYLE_STRONG,
  STYLE_FAINT,
  STYLE_GOOD,
  STYLE_BAD,     /* lost, reset, failed */
  STYLE_WARN,    /* timers, retransmissions */
  STYLE_NOTE,    /* the scenario's own words */
  STYLE_FOREIGN, /* what no stack sent: injected, duplicated */
  STYLE_STATE,
  STYLES
} TerminalStyle;

/** TerminalGlyphs: the characters that drawings are made of. */
typedef struct TerminalGlyphs {
  gunichar line, flow, broken;       /* │ ─ ┊ */
  gunichar leave_right, leave_left;  /* ├ ┤: where an arrow begins */
  gunichar head_right, head_left;    /* ► ◄ */
  gunichar right_down, down_right;   /* ╮ ╰: a rightward arrow bends */
  gunichar left_down, down_left;     /* ╭ ╯: a leftward one */
  gunichar crossing, cross, bar_end; /* ┼ ✗ ┃ */
  const char *ellipsis, *pass, *fail, *clock, *note, *dash, *micro;
  const char *gap; /* where a scale is broken; two columns */
} TerminalGlyphs;

/** terminal_detect: what can be shown on `fd`. `width` 0: asks the terminal,
 * then COLUMNS, then 80. Colour by `colour`, NO_COLOR and TERM; UTF-8 by the
 * locale unless `ascii`. */
void terminal_detect(Terminal *ret, int fd, TerminalColour colour, bool ascii,
                     unsigned width);

const TerminalGlyphs *terminal_glyphs(const Terminal *terminal);

/** terminal_style: the escape sequence that turns `style` on; "" without
 * colour. STYLE_PLAIN's turns everything off (transfer none). */
const char *terminal_style(const Terminal *terminal, TerminalStyle style);

/** terminal_clean: (transfer full) `text` on one line, with control and
 * direction characters and broken UTF-8 written as \xNN or \u{N}, and
 * transliterated if the terminal has no UTF-8. */
char *terminal_clean(const Terminal *terminal, const char *text);

/** terminal_columns: how many columns clean `text` takes. */
unsigned terminal_columns(const char *text);

/** terminal_character_columns: 0, 1 or 2. */
unsigned terminal_character_columns(gunichar character);

/** terminal_clip: (transfer full) clean `text`, in at most `width` columns,
 * its end replaced by an ellipsis if it is longer. */
char *terminal_clip(const Terminal *terminal, const char *text, unsigned width);

/** terminal_wrap: (transfer full) clean `text` as lines of at most `width`
 * columns (>= 2), broken at spaces where possible. */
GPtrArray *terminal_wrap(const char *text, unsigned width);

/** terminal_paragraph: appends `text`, made clean and wrapped to the terminal,
 * its first line after `first` and the others indented as far. `indent`
 * says how many columns `first` takes if it has styles in it. */
void terminal_paragraph(const Terminal *terminal, GString *out,
                        const char *first, const char *text,
                        TerminalStyle style);
void terminal_paragraph_after(const Terminal *terminal, GString *out,
                              const char *first, unsigned indent,
                              const char *text, TerminalStyle style);
