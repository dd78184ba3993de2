/* Width, colour and character set of a terminal, and clean text. */
#include "terminal.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const TerminalGlyphs glyphs_utf8 = {
  .line = 0x2502,        /* │ */
  .flow = 0x2500,        /* ─ */
  .broken = 0x250a,      /* ┊ */
  .leave_right = 0x251c, /* ├ */
  .leave_left = 0x2524,  /* ┤ */
  .head_right = 0x25ba,  /* ► */
  .head_left = 0x25c4,   /* ◄ */
  .right_down = 0x256e,  /* ╮ */
  .down_right = 0x2570,  /* ╰ */
  .left_down = 0x256d,   /* ╭ */
  .down_left = 0x256f,   /* ╯ */
  .crossing = 0x253c,    /* ┼ */
  .cross = 0x2717,       /* ✗ */
  .bar_end = 0x2503,     /* ┃ */
  .ellipsis = "…",
  .pass = "✓",
  .fail = "✗",
  .clock = "◷",
  .note = "»",
  .dash = "–",
  .micro = "µ",
  .gap = "╱╱",
};

static const TerminalGlyphs glyphs_ascii = {
  .line = '|',
  .flow = '-',
  .broken = ':',
  .leave_right = '|',
  .leave_left = '|',
  .head_right = '>',
  .head_left = '<',
  .right_down = '.',
  .down_right = '\'',
  .left_down = '.',
  .down_left = '\'',
  .crossing = '+',
  .cross = 'X',
  .bar_end = '|',
  .ellipsis = "...",
  .pass = "ok",
  .fail = "FAILED",
  .clock = "*",
  .note = ">",
  .dash = "-",
  .micro = "u",
  .gap = "//",
};

static const char *const sequences[STYLES] = {
  [STYLE_PLAIN] = "\033[0m",    [STYLE_STRONG] = "\033[1m",
  [STYLE_FAINT] = "\033[2m",    [STYLE_GOOD] = "\033[32m",
  [STYLE_BAD] = "\033[1;31m",   [STYLE_WARN] = "\033[33m",
  [STYLE_NOTE] = "\033[36m",    [STYLE_FOREIGN] = "\033[35m",
  [STYLE_STATE] = "\033[1m",
};

static unsigned width_of(int fd)
{
  struct winsize size;
  const char *columns = g_getenv("COLUMNS");
  guint64 number;

  if (isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  if (columns && g_ascii_string_to_unsigned(columns, 10, 1, TERMINAL_WIDTH_MAX,
                                            &number, NULL))
    return (unsigned)number;
  return 80;
}

static bool colour_of(int fd, TerminalColour colour)
{
  const char *no_color = g_getenv("NO_COLOR");
  const char *term = g_getenv("TERM");

  if (colour != TERMINAL_COLOUR_AUTO)
    return colour == TERMINAL_COLOUR_ALWAYS;
  if (no_color && *no_color)
    return false;
  return isatty(fd) && term && *term && !g_str_equal(term, "dumb");
}

void terminal_detect(Terminal *ret, int fd, TerminalColour colour, bool ascii,
                     unsigned width)
{
  if (width == 0)
    width = width_of(fd);
  *ret = (Terminal){
    .width = CLAMP(width, TERMINAL_WIDTH_MIN, TERMINAL_WIDTH_MAX),
    .colour = colour_of(fd, colour),
    .utf8 = !ascii && g_str_equal(nl_langinfo(CODESET), "UTF-8"),
  };
}

const TerminalGlyphs *terminal_glyphs(const Terminal *terminal)
{
  return terminal->utf8 ? &glyphs_utf8 : &glyphs_ascii;
}

const char *terminal_style(const Terminal *terminal, TerminalStyle style)
{
  return terminal->colour ? sequences[style] : "";
}

unsigned terminal_character_columns(gunichar character)
{
  if (g_unichar_iszerowidth(character))
    return 0;
  return g_unichar_iswide(character) ? 2 : 1;
}

unsigned terminal_columns(const char *text)
{
  unsigned columns = 0;

  for (; *text; text = g_utf8_next_char(text))
    columns += terminal_character_columns(g_utf8_get_char(text));
  return columns;
}

static void append_clean(GString *clean, gunichar c)
{
  if (c == '\n' || c == '\t' || c == '\r')
    g_string_append_c(clean, ' ');
  else if (c < 0x100 && g_unichar_iscntrl(c))
    g_string_append_printf(clean, "\\x%02x", (unsigned)c);
  else if (!g_unichar_isprint(c) || terminal_character_columns(c) == 0)
    g_string_append_printf(clean, "\\u{%x}", (unsigned)c);
  else
    g_string_append_unichar(clean, c);
}

char *terminal_clean(const Terminal *terminal, const char *text)
{
  g_autoptr(GString) clean = g_string_new(NULL);
  g_autofree char *composed = NULL;
  const char *at = text;

  if (g_utf8_validate(text, -1, NULL))
    at = composed = g_utf8_normalize(text, -1, G_NORMALIZE_DEFAULT_COMPOSE);
  while (*at) {
    gunichar c = g_utf8_get_char_validated(at, -1);

    if (c == (gunichar)-1 || c == (gunichar)-2) {
      g_string_append_printf(clean, "\\x%02x", (unsigned char)*at);
      at++;
      continue;
    }
    append_clean(clean, c);
    at = g_utf8_next_char(at);
  }
  if (!terminal->utf8)
    return g_str_to_ascii(clean->str, "C");
  return g_string_free(g_steal_pointer(&clean), FALSE);
}

/* The end of as much of `text` as fits into `width` columns. */
static const char *fitting(const char *text, unsigned width)
{
  unsigned columns = 0;

  while (*text) {
    columns += terminal_character_columns(g_utf8_get_char(text));
    if (columns > width)
      break;
    text = g_utf8_next_char(text);
  }
  return text;
}

char *terminal_clip(const Terminal *terminal, const char *text, unsigned width)
{
  const char *ellipsis = terminal_glyphs(terminal)->ellipsis;
  unsigned dots = terminal_columns(ellipsis);
  g_autofree char *kept = NULL;

  if (terminal_columns(text) <= width)
    return g_strdup(text);
  if (width <= dots)
    return g_strndup(text, (gsize)(fitting(text, width) - text));
  kept = g_strndup(text, (gsize)(fitting(text, width - dots) - text));
  return g_strconcat(g_strchomp(kept), ellipsis, NULL);
}

GPtrArray *terminal_wrap(const char *text, unsigned width)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);

  while (*text == ' ')
    text++;
  while (*text) {
    const char *end = fitting(text, width);
    const char *cut = end;

    if (*end && *end != ' ') {
      while (cut > text && cut[-1] != ' ')
        cut--;
      if (cut == text)
        cut = end > text ? end : g_utf8_next_char(text);
    }
    g_ptr_array_add(lines, g_strchomp(g_strndup(text, (gsize)(cut - text))));
    for (text = cut; *text == ' ';)
      text++;
  }
  return lines;
}

void terminal_paragraph_after(const Terminal *terminal, GString *out,
                              const char *first, unsigned indent,
                              const char *text, TerminalStyle style)
{
  g_autofree char *clean = terminal_clean(terminal, text);
  unsigned width = terminal->width > indent + 2 ? terminal->width - indent : 2;
  g_autoptr(GPtrArray) lines = terminal_wrap(clean, width);
  const char *on = style == STYLE_PLAIN ? "" : terminal_style(terminal, style);
  const char *off =
      style == STYLE_PLAIN ? "" : terminal_style(terminal, STYLE_PLAIN);

  if (lines->len == 0)
    g_string_append_printf(out, "%s\n", first);
  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf(out, "%*s%s%s%s\n", i ? (int)indent : 0,
                           i ? "" : first, on, (const char *)lines->pdata[i],
                           off);
}

void terminal_paragraph(const Terminal *terminal, GString *out,
                        const char *first, const char *text,
                        TerminalStyle style)
{
  terminal_paragraph_after(terminal, out, first, terminal_columns(first), text,
                           style);
}
