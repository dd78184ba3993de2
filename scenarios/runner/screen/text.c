/* Numbers and strings for trace files. */
#include "text.h"

#include <string.h>

void text_uint(GString *line, uint64_t value)
{
  char digits[20];
  size_t at = sizeof digits;

  do {
    digits[--at] = (char)('0' + value % 10);
    value /= 10;
  } while (value > 0);
  g_string_append_len(line, digits + at, (gssize)(sizeof digits - at));
}

void text_int(GString *line, int64_t value)
{
  if (value < 0)
    g_string_append_c(line, '-');
  text_uint(line, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void text_seconds(GString *line, SimTime time)
{
  char decimals[10] = ".";
  uint64_t rest = (uint64_t)(time % SIM_SECOND);

  text_uint(line, (uint64_t)(time / SIM_SECOND));
  for (int i = 9; i > 0; i--) {
    decimals[i] = (char)('0' + rest % 10);
    rest /= 10;
  }
  g_string_append_len(line, decimals, sizeof decimals);
}

/* U+2028 and U+2029 are legal in JSON; DEL is no control character there. */
static void json_character(GString *line, char c)
{
  switch (c) {
  case '"':
  case '\\':
    g_string_append_c(line, '\\');
    g_string_append_c(line, c);
    break;
  case '\n':
    g_string_append(line, "\\n");
    break;
  case '\t':
    g_string_append(line, "\\t");
    break;
  default:
    if ((unsigned char)c < 0x20)
      g_string_append_printf(line, "\\u%04x", (unsigned)c);
    else
      g_string_append_c(line, c);
  }
}

/* How many bytes need no care: printable ASCII, not quoted in JSON. */
static size_t plain_span(const char *text)
{
  size_t size = 0;

  while (text[size] >= ' ' && text[size] <= '~' && text[size] != '"' &&
         text[size] != '\\')
    size++;
  return size;
}

typedef void (*PutCharacter)(GString *line, char c);

static void put_careful(GString *line, const char *text, PutCharacter put)
{
  g_autofree char *valid = g_utf8_make_valid(text, -1);

  for (const char *at = valid; *at; at++)
    put(line, *at);
}

static void put_text(GString *line, const char *text, PutCharacter put)
{
  size_t plain = plain_span(text);

  g_string_append_len(line, text, (gssize)plain);
  if (text[plain])
    put_careful(line, text + plain, put);
}

void text_json(GString *line, const char *text)
{
  g_string_append_c(line, '"');
  put_text(line, text, json_character);
  g_string_append_c(line, '"');
}

static void cell_character(GString *line, char c)
{
  g_string_append_c(line, g_ascii_iscntrl(c) ? ' ' : c);
}

void text_cell(GString *line, const char *text)
{
  put_text(line, text && *text ? text : "-", cell_character);
}
