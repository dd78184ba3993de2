/* What the lexer needs beside its patterns: numbers, strings, words that were
 * defined, conditions.
 *
 * `conditions` has a letter for each #ifdef that is open: 'y' it holds, 'n' it
 * does not (yet: an #else may), '-' it stands in one that does not hold. */
#include "pkt_parser.h"

#include <string.h>

const char *pkt_lex_text(PktParser *parser, const char *text, gsize size)
{
  char *copy = pkt_alloc(parser, size + 1);

  memcpy(copy, text, size);
  return copy;
}

/* -- numbers -- */

/* The digits behind the point, as nanoseconds. */
static bool read_fraction(const char *digits, SimTime *ret)
{
  SimTime unit = SIM_SECOND;
  SimTime value = 0;

  for (; *digits; digits++) {
    if (unit == 1 && *digits != '0')
      return false;
    if (unit > 1)
      unit /= 10;
    value += (*digits - '0') * unit;
  }
  *ret = value;
  return true;
}

/* GLib's readers look at errno, which its first use of a locale may set. */
static bool read_digits(const char *text, unsigned base, uint64_t most,
                        uint64_t *ret)
{
  uint64_t value = 0;

  for (; *text; text++) {
    unsigned digit = (unsigned)g_ascii_xdigit_value(*text);

    if (digit >= base || value > (most - digit) / base)
      return false;
    value = value * base + digit;
  }
  *ret = value;
  return true;
}

static bool read_point(const char *text, PktToken *ret)
{
  const char *point = strchr(text, '.');
  g_autofree char *whole = g_strndup(text, (gsize)(point - text));
  uint64_t seconds = 0;
  SimTime fraction;

  if (!read_digits(whole, 10, SIM_TIME_NEVER / SIM_SECOND - 1, &seconds))
    return false;
  if (!read_fraction(point + 1, &fraction))
    return false;
  ret->time = (SimTime)seconds * SIM_SECOND + fraction;
  return true;
}

static bool read_integer(const char *text, PktToken *ret)
{
  bool negative = *text == '-';
  const char *digits = text + negative;
  bool hexadecimal = g_str_has_prefix(digits, "0x");
  uint64_t value;

  if (!read_digits(digits + (hexadecimal ? 2 : 0), hexadecimal ? 16 : 10,
                   INT64_MAX, &value))
    return false;
  ret->integer = negative ? -(int64_t)value : (int64_t)value;
  ret->time = !negative && value < SIM_TIME_NEVER / SIM_SECOND
                  ? (SimTime)value * SIM_SECOND
                  : -1;
  return true;
}

bool pkt_lex_is_wide(const char *digits)
{
  uint64_t value;

  return !read_digits(digits, 10, INT64_MAX, &value);
}

bool pkt_lex_number(PktParser *parser, PktPlace place, const char *text,
                    PktToken *ret)
{
  if (strchr(text, '.') ? read_point(text, ret) : read_integer(text, ret))
    return true;
  pkt_note(parser, place,
           "%s is too large or too fine; a number has 63 bits, a time goes "
           "down to a nanosecond",
           text);
  return false;
}

/* -- strings -- */

/* The character that \`c` stands for; 0 if none. */
static char escaped(char c)
{
  static const char letters[] = "\\\"nrtvf";
  static const char values[] = "\\\"\n\r\t\v\f";
  const char *at = strchr(letters, c);

  return at ? values[at - letters] : 0;
}

void pkt_lex_string(PktParser *parser, PktPlace place, const char *text,
                    gsize size, PktToken *ret)
{
  char *out = pkt_alloc(parser, size + 1);

  ret->text = out;
  ret->size = 0;
  for (gsize i = 0; i < size; i++) {
    if (text[i] != '\\') {
      *out++ = text[i];
    } else if (text[++i] == 'x' && i + 2 < size &&
               g_ascii_isxdigit(text[i + 1]) && g_ascii_isxdigit(text[i + 2])) {
      *out++ = (char)(g_ascii_xdigit_value(text[i + 1]) << 4 |
                      g_ascii_xdigit_value(text[i + 2]));
      i += 2;
    } else if (escaped(text[i])) {
      *out++ = escaped(text[i]);
    } else {
      pkt_note(parser, place,
               "\\%c is no escape; these are: \\\\ \\\" \\n \\r \\t \\v \\f "
               "\\xHH",
               text[i]);
      return;
    }
  }
  ret->size = (gsize)(out - ret->text);
}

/* -- words and conditions -- */

const char *pkt_lex_defined(PktParser *parser, const char *word)
{
  const char *value =
      parser->defines ? g_hash_table_lookup(parser->defines, word) : NULL;

  return value ? pkt_lex_text(parser, value, strlen(value)) : NULL;
}

static bool is_defined(PktParser *parser, const char *word)
{
  return parser->defines && g_hash_table_contains(parser->defines, word);
}

static void update(PktParser *parser)
{
  parser->skipping = strpbrk(parser->conditions->str, "n-") != NULL;
}

static void open_condition(PktParser *parser, bool holds)
{
  g_string_append_c(parser->conditions, parser->skipping ? '-'
                                        : holds          ? 'y'
                                                         : 'n');
}

static void turn_condition(PktParser *parser)
{
  char *last = parser->conditions->str + parser->conditions->len - 1;

  if (*last != '-')
    *last = *last == 'y' ? 'n' : 'y';
}

void pkt_lex_condition(PktParser *parser, PktPlace place, const char *line)
{
  g_auto(GStrv) words = NULL;
  g_autofree char *copy = g_strstrip(g_strdup(line));
  bool open = parser->conditions->len > 0;
  bool one =
      g_str_has_prefix(copy, "#else") || g_str_has_prefix(copy, "#endif");

  words = g_strsplit_set(copy, " \t", -1);
  if (one && !open)
    pkt_note(parser, place, "%s without #ifdef before it", words[0]);
  else if (g_str_equal(words[0], "#ifdef") && words[1])
    open_condition(parser, is_defined(parser, words[1]));
  else if (g_str_equal(words[0], "#ifndef") && words[1])
    open_condition(parser, !is_defined(parser, words[1]));
  else if (g_str_equal(words[0], "#else"))
    turn_condition(parser);
  else if (g_str_equal(words[0], "#endif"))
    g_string_truncate(parser->conditions, parser->conditions->len - 1);
  else
    pkt_note(parser, place,
             "found %.20s; what begins with # is #ifdef NAME, #ifndef NAME, "
             "#else or #endif",
             copy);
  update(parser);
}
