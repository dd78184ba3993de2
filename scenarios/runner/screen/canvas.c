/* A line of cells. A character of two columns has a 0 in its second cell. */
#include "canvas.h"

typedef struct Cell {
  gunichar character;
  TerminalStyle style;
} Cell;

struct Canvas {
  Terminal terminal;
  int width;
  Cell *cells;
};

static void canvas_clear(Canvas *canvas)
{
  for (int i = 0; i < canvas->width; i++)
    canvas->cells[i] = (Cell){ ' ', STYLE_PLAIN };
}

Canvas *canvas_new(const Terminal *terminal)
{
  Canvas *canvas = g_new0(Canvas, 1);

  canvas->terminal = *terminal;
  canvas->width = (int)terminal->width;
  canvas->cells = g_new(Cell, terminal->width);
  canvas_clear(canvas);
  return canvas;
}

void canvas_free(Canvas *canvas)
{
  if (!canvas)
    return;
  g_free(canvas->cells);
  g_free(canvas);
}

/* Half of a character of two columns would move the rest of the line. */
static void break_wide(Canvas *canvas, int column)
{
  if (canvas->cells[column].character == 0)
    canvas->cells[column - 1].character = ' ';
  if (column + 1 < canvas->width && canvas->cells[column + 1].character == 0)
    canvas->cells[column + 1].character = ' ';
}

void canvas_char(Canvas *canvas, int column, TerminalStyle style,
                 gunichar character)
{
  if (column < 0 || column >= canvas->width)
    return;
  break_wide(canvas, column);
  canvas->cells[column] = (Cell){ character, style };
}

void canvas_fill(Canvas *canvas, int from, int to, TerminalStyle style,
                 gunichar character)
{
  for (int column = from; column < to; column++)
    canvas_char(canvas, column, style, character);
}

int canvas_text(Canvas *canvas, int column, TerminalStyle style,
                const char *text)
{
  for (; *text; text = g_utf8_next_char(text)) {
    gunichar c = g_utf8_get_char(text);
    unsigned columns = terminal_character_columns(c);

    if (columns == 0)
      continue;
    if (columns == 2 && column + 1 >= canvas->width)
      return canvas->width;
    canvas_char(canvas, column, style, c);
    if (columns == 2) {
      canvas_char(canvas, column + 1, style, ' ');
      if (column >= 0)
        canvas->cells[column + 1].character = 0;
    }
    column += (int)columns;
  }
  return column;
}

void canvas_text_right(Canvas *canvas, int column, TerminalStyle style,
                       const char *text)
{
  canvas_text(canvas, column - (int)terminal_columns(text), style, text);
}

gunichar canvas_at(const Canvas *canvas, int column)
{
  if (column < 0 || column >= canvas->width)
    return ' ';
  return canvas->cells[column].character;
}

void canvas_flush(Canvas *canvas, GString *out)
{
  int end = canvas->width;
  TerminalStyle style = STYLE_PLAIN;

  while (end > 0 && canvas->cells[end - 1].character == ' ')
    end--;
  for (int i = 0; i < end; i++) {
    const Cell *cell = &canvas->cells[i];

    if (cell->character == 0)
      continue;
    if (cell->style != style && cell->character != ' ') {
      if (style != STYLE_PLAIN)
        g_string_append(out, terminal_style(&canvas->terminal, STYLE_PLAIN));
      style = cell->style;
      if (style != STYLE_PLAIN)
        g_string_append(out, terminal_style(&canvas->terminal, style));
    }
    g_string_append_unichar(out, cell->character);
  }
  if (style != STYLE_PLAIN)
    g_string_append(out, terminal_style(&canvas->terminal, STYLE_PLAIN));
  g_string_append_c(out, '\n');
  canvas_clear(canvas);
}
