/* A TCP segment as people write it: a cursor over the text, one word at a
 * time; the first thing that is wrong ends it. */
#include "notation.h"

#include <glib.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LONGEST_WORD 40
#define LONGEST 65000 /* payload, so that a datagram holds it */

typedef struct Cursor {
  const char *at;
  Notation *it;
  char *error;
  size_t error_size;
} Cursor;

G_GNUC_PRINTF(2, 3)
static bool refuse(Cursor *cursor, const char *format, ...)
{
  va_list arguments;

  va_start(arguments, format);
  vsnprintf(cursor->error, cursor->error_size, format, arguments);
  va_end(arguments);
  return false;
}

static void skip(Cursor *cursor)
{
  while (*cursor->at == ' ' || *cursor->at == ',' || *cursor->at == '\t')
    cursor->at++;
}

static bool at_end(const Cursor *cursor)
{
  return *cursor->at == '\0';
}

/* The word at the cursor, up to a separator or one of `stops`. */
static bool take_word(Cursor *cursor, const char *stops, char *ret_word)
{
  size_t size = 0;

  skip(cursor);
  while (cursor->at[size] && !strchr(" ,\t", cursor->at[size]) &&
         !strchr(stops, cursor->at[size]))
    size++;
  if (size == 0)
    return refuse(cursor, "something is missing at \"%.20s\"", cursor->at);
  if (size >= LONGEST_WORD)
    return refuse(cursor, "\"%.20s...\" is too long", cursor->at);
  memcpy(ret_word, cursor->at, size);
  ret_word[size] = '\0';
  cursor->at += size;
  return true;
}

static bool take_number(Cursor *cursor, const char *what, int64_t low,
                        int64_t high, int64_t *ret)
{
  char *end;
  int64_t value;

  skip(cursor);
  if (!g_ascii_isdigit(*cursor->at) && *cursor->at != '-')
    return refuse(cursor, "%s needs a number, not \"%.20s\"", what, cursor->at);
  value = g_ascii_strtoll(cursor->at, &end, 0);
  if (end == cursor->at || value < low || value > high)
    return refuse(cursor,
                  "%s must lie in %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                  what, low, high);
  cursor->at = end;
  *ret = value;
  return true;
}

static bool take_flags(Cursor *cursor)
{
  char word[LONGEST_WORD];
  bool brackets;

  skip(cursor);
  if (g_str_has_prefix(cursor->at, "Flags"))
    cursor->at += strlen("Flags");
  skip(cursor);
  brackets = *cursor->at == '[';
  cursor->at += brackets;
  if (at_end(cursor))
    return refuse(cursor, "a segment begins with its flags, as in "
                          "\"F. 1:1(0) ack 1\"");
  if (!take_word(cursor, "]", word))
    return false;
  if (brackets && *cursor->at++ != ']')
    return refuse(cursor, "\"[\" without \"]\"");
  if (g_str_equal(word, "-")) {
    cursor->it->flags = 0;
    return true;
  }
  if (tcp_flags_parse(word, &cursor->it->flags))
    return true;
  return refuse(cursor,
                "\"%s\" is not a list of flags; the letters are "
                "S F R P . U E W, and . is ACK",
                word);
}

/* 1, 1:1, 1:5(4) */
static bool take_sequence(Cursor *cursor)
{
  Notation *it = cursor->it;
  int64_t end, length;
  bool has_end = false;

  if (!take_number(cursor, "seq", -(INT64_C(1) << 32), UINT32_MAX, &it->seq))
    return false;
  it->has_seq = true;
  if (*cursor->at == ':') {
    cursor->at++;
    if (!take_number(cursor, "the end of seq", -(INT64_C(1) << 32),
                     INT64_C(1) << 33, &end))
      return false;
    has_end = true;
    it->length = end - it->seq;
  }
  if (*cursor->at == '(') {
    cursor->at++;
    if (!take_number(cursor, "the length", 0, LONGEST, &length))
      return false;
    if (*cursor->at++ != ')')
      return refuse(cursor, "\"(\" without \")\"");
    if (has_end && length != it->length)
      return refuse(cursor,
                    "%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT
                    " is %" G_GINT64_FORMAT " bytes, not %" G_GINT64_FORMAT,
                    it->seq, end, end - it->seq, length);
    it->length = length;
  }
  if (it->length < 0 || it->length > LONGEST)
    return refuse(cursor, "a length of %" G_GINT64_FORMAT " is impossible",
                  it->length);
  return true;
}

/* -- options -- */

static bool put_option(Cursor *cursor, uint8_t kind, const uint8_t *data,
                       unsigned size)
{
  Notation *it = cursor->it;
  unsigned whole = kind <= 1 ? 1 : size + 2;

  if (it->options_size + whole > sizeof it->options)
    return refuse(cursor, "the options are over %d bytes", TCP_OPTIONS_MAX);
  it->options[it->options_size++] = kind;
  if (kind <= 1)
    return true;
  it->options[it->options_size++] = (uint8_t)(size + 2);
  if (size > 0)
    memcpy(it->options + it->options_size, data, size);
  it->options_size += size;
  return true;
}

static bool expect_word(Cursor *cursor, const char *wanted, const char *stops)
{
  char word[LONGEST_WORD];

  if (!take_word(cursor, stops, word))
    return false;
  if (g_ascii_strcasecmp(word, wanted) == 0)
    return true;
  return refuse(cursor, "\"%s\" stands where \"%s\" is needed", word, wanted);
}

static bool take_timestamps(Cursor *cursor, const char *stops)
{
  int64_t value, echo;
  uint8_t data[8];

  if (!expect_word(cursor, "val", stops) ||
      !take_number(cursor, "val", 0, UINT32_MAX, &value) ||
      !expect_word(cursor, "ecr", stops) ||
      !take_number(cursor, "ecr", 0, UINT32_MAX, &echo))
    return false;
  net_put32(data, (uint32_t)value);
  net_put32(data + 4, (uint32_t)echo);
  return put_option(cursor, 8, data, 8);
}

static bool take_option(Cursor *cursor, const char *stops)
{
  char word[LONGEST_WORD];
  uint8_t data[2];
  int64_t value;

  if (!take_word(cursor, stops, word))
    return false;
  if (g_ascii_strcasecmp(word, "nop") == 0)
    return put_option(cursor, 1, NULL, 0);
  if (g_ascii_strcasecmp(word, "eol") == 0)
    return put_option(cursor, 0, NULL, 0);
  if (g_ascii_strcasecmp(word, "sackOK") == 0)
    return put_option(cursor, 4, NULL, 0);
  if (g_ascii_strcasecmp(word, "TS") == 0)
    return take_timestamps(cursor, stops);
  if (g_ascii_strcasecmp(word, "mss") == 0) {
    if (!take_number(cursor, "mss", 0, 65535, &value))
      return false;
    net_put16(data, (uint16_t)value);
    return put_option(cursor, 2, data, 2);
  }
  if (g_ascii_strcasecmp(word, "wscale") == 0) {
    if (!take_number(cursor, "wscale", 0, 255, &value))
      return false;
    data[0] = (uint8_t)value;
    return put_option(cursor, 3, data, 1);
  }
  return refuse(cursor,
                "\"%s\" is not an option; these are: mss, nop, "
                "wscale, sackOK, TS val N ecr N, eol; others go by "
                "options = \"hex\" in a table",
                word);
}

static bool take_options(Cursor *cursor, char last)
{
  const char stops[] = { last, '\0' };

  cursor->at++;
  for (skip(cursor); *cursor->at != last; skip(cursor)) {
    if (at_end(cursor))
      return refuse(cursor, "the options end without \"%c\"", last);
    if (!take_option(cursor, stops))
      return false;
  }
  cursor->at++;
  return true;
}

/* -- the rest -- */

static bool take_named(Cursor *cursor, const char *word)
{
  Notation *it = cursor->it;
  int64_t value;

  if (g_str_equal(word, "seq"))
    return take_sequence(cursor);
  if (g_str_equal(word, "ack")) {
    it->has_ack = true;
    return take_number(cursor, "ack", -(INT64_C(1) << 32), UINT32_MAX,
                       &it->ack);
  }
  if (g_str_equal(word, "win")) {
    if (!take_number(cursor, "win", 0, 65535, &value))
      return false;
    it->has_window = true;
    it->window = (uint16_t)value;
    return true;
  }
  if (g_str_equal(word, "urg")) {
    if (!take_number(cursor, "urg", 0, 65535, &value))
      return false;
    it->has_urgent = true;
    it->urgent = (uint16_t)value;
    return true;
  }
  if (g_str_equal(word, "length"))
    return take_number(cursor, "length", 0, LONGEST, &it->length);
  if (g_str_equal(word, "options")) {
    skip(cursor);
    return *cursor->at == '['
               ? take_options(cursor, ']')
               : refuse(cursor, "options are written [mss 1460,nop]");
  }
  return refuse(cursor,
                "\"%s\" is unknown; after the flags come "
                "1:5(4), ack 1, win 100, urg 1, <options>",
                word);
}

bool notation_parse(const char *text, Notation *ret, char *ret_error,
                    size_t size)
{
  Notation it = { 0 };
  Cursor cursor = { text, &it, ret_error, size };
  char word[LONGEST_WORD];

  if (!take_flags(&cursor))
    return false;
  for (skip(&cursor); !at_end(&cursor); skip(&cursor)) {
    if (g_ascii_isdigit(*cursor.at) || *cursor.at == '-') {
      if (it.has_seq)
        return refuse(&cursor, "a second sequence number at \"%.20s\"",
                      cursor.at);
      if (!take_sequence(&cursor))
        return false;
    } else if (*cursor.at == '<') {
      if (!take_options(&cursor, '>'))
        return false;
    } else if (!take_word(&cursor, "<[", word) || !take_named(&cursor, word)) {
      return false;
    }
  }
  *ret = it;
  return true;
}
