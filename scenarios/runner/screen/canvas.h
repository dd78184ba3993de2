/* One line of a drawing: cells that are put in any order, then written out.
 *
 * Whatever is put beyond either edge is cut off, so a line is never wider
 * than the terminal.
 */
#pragma once

#include "terminal.h"

typedef struct Canvas Canvas;

Canvas *canvas_new(const Terminal *terminal);
void canvas_free(Canvas *canvas);

/** canvas_char: one character, of one column, at `column`. */
void canvas_char(Canvas *canvas, int column, TerminalStyle style,
                 gunichar character);

/** canvas_fill: `character` in the columns from `from` up to, not including,
 * `to`. */
void canvas_fill(Canvas *canvas, int from, int to, TerminalStyle style,
                 gunichar character);

/** canvas_text: clean `text` from `column` on. Returns the column after. */
int canvas_text(Canvas *canvas, int column, TerminalStyle style,
                const char *text);

/** canvas_text_right: the same, ending before `column`. */
void canvas_text_right(Canvas *canvas, int column, TerminalStyle style,
                       const char *text);

/** canvas_at: the character at `column`, ' ' if none. */
gunichar canvas_at(const Canvas *canvas, int column);

/** canvas_flush: appends the line to `out` without blanks at its end, and
 * starts an empty one. */
void canvas_flush(Canvas *canvas, GString *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Canvas, canvas_free)
