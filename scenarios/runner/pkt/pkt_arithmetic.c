/* Arithmetic of the shell: $((15*1024*1024)), with whole numbers, + - * and
 * parentheses.
 *
 *   sum      = product (('+' | '-') product)*
 *   product  = number ('*' number)*
 *   number   = digits | '(' sum ')' */
#include <glib.h>
#include <string.h>

#include "pkt_command.h"

#define DEPTH_MOST 16

typedef struct Reading {
  const char *at;
  bool good;
  int depth;
} Reading;

static int64_t read_sum(Reading *it);

static void skip(Reading *it)
{
  it->at += strspn(it->at, " \t");
}

static bool take(Reading *it, char c)
{
  skip(it);
  if (*it->at != c)
    return false;
  it->at++;
  return true;
}

static int64_t read_number(Reading *it)
{
  int64_t value = 0;
  char *end;

  if (take(it, '(')) {
    if (++it->depth > DEPTH_MOST)
      it->good = false;
    if (it->good)
      value = read_sum(it);
    it->good = it->good && take(it, ')');
    it->depth--;
    return value;
  }
  it->good = it->good && g_ascii_isdigit(*it->at);
  value = g_ascii_strtoll(it->at, &end, 10);
  it->at = end;
  return value;
}

static int64_t read_product(Reading *it)
{
  int64_t value = read_number(it);

  while (it->good && take(it, '*'))
    it->good =
        !__builtin_mul_overflow(value, read_number(it), &value) && it->good;
  return value;
}

static int64_t read_sum(Reading *it)
{
  int64_t value = read_product(it);

  while (it->good) {
    if (take(it, '+'))
      it->good =
          !__builtin_add_overflow(value, read_product(it), &value) && it->good;
    else if (take(it, '-'))
      it->good =
          !__builtin_sub_overflow(value, read_product(it), &value) && it->good;
    else
      break;
  }
  return value;
}

char *pkt_arithmetic(const char *text)
{
  GString *result = g_string_new(NULL);

  while (*text) {
    Reading reading = { text + 3, true, 0 };
    int64_t value;

    if (!g_str_has_prefix(text, "$((")) {
      g_string_append_c(result, *text++);
      continue;
    }
    value = read_sum(&reading);
    if (!reading.good || !take(&reading, ')') || *reading.at != ')') {
      g_string_append(result, text);
      break;
    }
    g_string_append_printf(result, "%" G_GINT64_FORMAT, value);
    text = reading.at + 1;
  }
  return g_string_free(result, FALSE);
}
