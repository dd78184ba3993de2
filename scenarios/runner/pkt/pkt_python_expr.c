/* Expressions are evaluated as they are read, by one function for each level of
 * Python's grammar (The Python Language Reference, 6.17). What `and` and `or`
 * leave out is read, not evaluated: `idle`. */
#include <stdarg.h>
#include <string.h>

#include "pkt_python_private.h"

#define DEEPEST 50

bool python_wrong(Python *it, const char *format, ...)
{
  va_list arguments;

  if (it->problem)
    return false;
  it->end = PKT_PYTHON_WRONG;
  va_start(arguments, format);
  it->problem = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  return false;
}

/* -- words -- */

void python_skip(Python *it)
{
  for (;;) {
    if (*it->at == ' ' || *it->at == '\t' || *it->at == '\r') {
      it->at++;
    } else if (*it->at == '#') {
      it->at += strcspn(it->at, "\n");
    } else if (*it->at == '\\' &&
               strspn(it->at + 1, " \t\r") + 1 == strcspn(it->at, "\n")) {
      it->at += strcspn(it->at, "\n");
      it->at += *it->at == '\n';
      it->line++;
    } else if (*it->at == '\n' && it->depth > 0) {
      it->at++;
      it->line++;
    } else {
      return;
    }
  }
}

static bool is_word(char c)
{
  return g_ascii_isalnum(c) || c == '_';
}

bool python_take(Python *it, const char *sign)
{
  gsize size = strlen(sign);

  python_skip(it);
  if (strncmp(it->at, sign, size) != 0 ||
      (is_word(*sign) && is_word(it->at[size])))
    return false;
  if (!is_word(*sign) && size == 1 && strchr("<>*/=!", *sign) &&
      (it->at[1] == '=' || (it->at[1] == *sign && *sign != '=')))
    return false;
  it->at += size;
  return true;
}

char *python_take_name(Python *it)
{
  gsize size = 0;

  python_skip(it);
  if (g_ascii_isdigit(*it->at))
    return NULL;
  while (is_word(it->at[size]))
    size++;
  it->at += size;
  return size ? g_strndup(it->at - size, size) : NULL;
}

/* -- expressions -- */

static bool number(Python *it, int64_t *ret)
{
  char *end;
  bool hexadecimal = it->at[0] == '0' && (it->at[1] | 0x20) == 'x';

  *ret = g_ascii_strtoll(it->at, &end, hexadecimal ? 16 : 10);
  if (end == it->at || is_word(*end) || *end == '.')
    return python_wrong(it, "\"%.12s\" is not a whole number", it->at);
  it->at = end;
  return true;
}

static bool call_builtin(Python *it, const char *name, int64_t *ret)
{
  int64_t value;
  bool first = true;

  if (!g_str_equal(name, "abs") && !g_str_equal(name, "min") &&
      !g_str_equal(name, "max") && !g_str_equal(name, "int"))
    return python_wrong(it, "%s() is not understood; abs, min, max and int are",
                        name);
  it->depth++;
  do {
    if (!python_expression(it, &value))
      return false;
    if (first || (g_str_equal(name, "min") && value < *ret) ||
        (g_str_equal(name, "max") && value > *ret))
      *ret = value;
    first = false;
  } while (python_take(it, ","));
  if (g_str_equal(name, "abs") && *ret < 0)
    *ret = -*ret;
  if (!python_take(it, ")"))
    return python_wrong(it, "\")\" is missing");
  it->depth--;
  return true;
}

static bool named(Python *it, const char *name, int64_t *ret)
{
  const int64_t *variable = g_hash_table_lookup(it->variables, name);

  if (python_take(it, "("))
    return call_builtin(it, name, ret);
  if (g_str_equal(name, "True") || g_str_equal(name, "False")) {
    *ret = *name == 'T';
    return true;
  }
  if (variable) {
    *ret = *variable;
    return true;
  }
  *ret = 0;
  return it->lookup(it->user, name, ret) || it->idle ||
         python_wrong(it, "the name %s is not known", name);
}

static bool primary(Python *it, int64_t *ret)
{
  g_autofree char *name = NULL;

  if (python_take(it, "(")) {
    it->depth++;
    if (!python_expression(it, ret))
      return false;
    if (!python_take(it, ")"))
      return python_wrong(it, "\")\" is missing");
    it->depth--;
    return true;
  }
  if (g_ascii_isdigit(*it->at))
    return number(it, ret);
  name = python_take_name(it);
  return name ? named(it, name, ret)
              : python_wrong(it, "a value is needed at \"%.12s\"", it->at);
}

static bool unary(Python *it, int64_t *ret)
{
  bool good;

  if (++it->nested > DEEPEST)
    return python_wrong(it, "the expression is nested too deeply");
  if (python_take(it, "-")) {
    good = unary(it, ret);
    *ret = (int64_t)(0 - (uint64_t)*ret);
  } else if (python_take(it, "~")) {
    good = unary(it, ret);
    *ret = ~*ret;
  } else {
    python_take(it, "+");
    good = primary(it, ret);
  }
  it->nested--;
  return good;
}

/* Python rounds down, and its remainder has the divisor's sign. */
static bool divide(Python *it, char sign, int64_t right, int64_t *ret)
{
  int64_t rest;

  if (it->idle) {
    *ret = 0;
    return true;
  }
  if (right == 0)
    return python_wrong(it, "division by zero");
  if (right == -1) {
    *ret = sign == '%' ? 0 : (int64_t)(0 - (uint64_t)*ret);
    return true;
  }
  rest = *ret % right;
  if (sign == '/' && rest != 0)
    return python_wrong(it,
                        "%" G_GINT64_FORMAT " / %" G_GINT64_FORMAT
                        " is no whole number; // rounds down",
                        *ret, right);
  if (rest != 0 && (rest < 0) != (right < 0))
    rest += right;
  *ret = sign == '%' ? rest : (*ret - rest) / right;
  return true;
}

static bool product(Python *it, int64_t *ret)
{
  bool good = unary(it, ret);
  int64_t right = 0;

  while (good) {
    if (python_take(it, "*")) {
      good = unary(it, &right);
      *ret = (int64_t)((uint64_t)*ret * (uint64_t)right);
    } else if (python_take(it, "//")) {
      good = unary(it, &right) && divide(it, 'd', right, ret);
    } else if (python_take(it, "/")) {
      good = unary(it, &right) && divide(it, '/', right, ret);
    } else if (python_take(it, "%")) {
      good = unary(it, &right) && divide(it, '%', right, ret);
    } else {
      return true;
    }
  }
  return false;
}

static bool sum(Python *it, int64_t *ret)
{
  bool good = product(it, ret);
  int64_t right = 0;

  while (good) {
    if (python_take(it, "+")) {
      good = product(it, &right);
      *ret = (int64_t)((uint64_t)*ret + (uint64_t)right);
    } else if (python_take(it, "-")) {
      good = product(it, &right);
      *ret = (int64_t)((uint64_t)*ret - (uint64_t)right);
    } else {
      return true;
    }
  }
  return false;
}

static bool shift(Python *it, int64_t *ret)
{
  bool good = sum(it, ret);
  int64_t right = 0;

  while (good) {
    bool left = python_take(it, "<<");

    if (!left && !python_take(it, ">>"))
      return true;
    good = sum(it, &right);
    if (!good)
      return false;
    if (right < 0 || right > 62)
      return python_wrong(it, "a shift by %" G_GINT64_FORMAT " bits", right);
    *ret = left ? (int64_t)((uint64_t)*ret << right) : *ret >> right;
  }
  return false;
}

static bool bits(Python *it, int64_t *ret)
{
  bool good = shift(it, ret);
  int64_t right = 0;

  while (good) {
    char sign;

    python_skip(it);
    sign = *it->at;
    if (!sign || !strchr("&^|", sign))
      return true;
    it->at++;
    good = shift(it, &right);
    *ret = sign == '&'   ? *ret & right
           : sign == '^' ? *ret ^ right
                         : *ret | right;
  }
  return false;
}

static bool compare(const char *sign, int64_t left, int64_t right)
{
  switch (*sign) {
  case '=':
    return left == right;
  case '!':
    return left != right;
  case '<':
    return sign[1] ? left <= right : left < right;
  default:
    return sign[1] ? left >= right : left > right;
  }
}

/* a <= b <= c holds if both do. */
static bool comparison(Python *it, int64_t *ret)
{
  static const char *const signs[] = { "==", "!=", "<=", ">=", "<", ">" };
  bool good = bits(it, ret), first = true, holds = true;
  int64_t left = *ret;

  while (good) {
    const char *sign = NULL;
    int64_t right = 0;

    for (gsize i = 0; !sign && i < G_N_ELEMENTS(signs); i++)
      if (python_take(it, signs[i]))
        sign = signs[i];
    if (!sign)
      break;
    good = bits(it, &right);
    holds = holds && compare(sign, left, right);
    left = right;
    first = false;
  }
  if (good && !first)
    *ret = holds;
  return good;
}

static bool negation(Python *it, int64_t *ret)
{
  bool turn = false, any = false;

  while (python_take(it, "not")) {
    turn = !turn;
    any = true;
  }
  if (!comparison(it, ret))
    return false;
  if (any)
    *ret = turn ? !*ret : !!*ret;
  return true;
}

static bool conjunction(Python *it, int64_t *ret)
{
  bool good = negation(it, ret);

  while (good && python_take(it, "and")) {
    int64_t right = 0;
    bool leave = !*ret;

    it->idle += leave;
    good = negation(it, &right);
    it->idle -= leave;
    if (!leave)
      *ret = right;
  }
  return good;
}

bool python_expression(Python *it, int64_t *ret)
{
  bool good;

  *ret = 0;
  if (++it->nested > DEEPEST)
    return python_wrong(it, "the expression is nested too deeply");
  good = conjunction(it, ret);
  while (good && python_take(it, "or")) {
    int64_t right = 0;
    bool leave = *ret != 0;

    it->idle += leave;
    good = conjunction(it, &right);
    it->idle -= leave;
    if (!leave)
      *ret = right;
  }
  it->nested--;
  return good;
}
