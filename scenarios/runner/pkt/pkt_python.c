/* A statement ends with its line or a semicolon; inside parentheses and after
 * a backslash lines go on. Expressions are evaluated as they are read, by one
 * function for each level of Python's grammar (The Python Language Reference,
 * 6.17). What `and` and `or` leave out is read, not evaluated: `idle`. */
#include "pkt_python.h"

#include <stdarg.h>
#include <string.h>

#define DEEPEST 50

typedef struct Python {
  const char *at;
  int line;
  int depth;  /* of parentheses */
  int nested; /* of expressions */
  int idle;
  GHashTable *variables;
  PktLookup lookup;
  void *user;
  GString *printed;
  PktPythonEnd end;
  char *problem;
} Python;

static bool wrong(Python *it, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool wrong(Python *it, const char *format, ...)
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

static void skip(Python *it)
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

/* `sign` stands here: it is passed over. A word must end, and one sign is no
 * other's beginning. */
static bool take(Python *it, const char *sign)
{
  gsize size = strlen(sign);

  skip(it);
  if (strncmp(it->at, sign, size) != 0 ||
      (is_word(*sign) && is_word(it->at[size])))
    return false;
  if (!is_word(*sign) && size == 1 && strchr("<>*/=!", *sign) &&
      (it->at[1] == '=' || (it->at[1] == *sign && *sign != '=')))
    return false;
  it->at += size;
  return true;
}

static char *take_name(Python *it)
{
  gsize size = 0;

  skip(it);
  if (g_ascii_isdigit(*it->at))
    return NULL;
  while (is_word(it->at[size]))
    size++;
  it->at += size;
  return size ? g_strndup(it->at - size, size) : NULL;
}

/* -- expressions -- */

static bool expression(Python *it, int64_t *ret);

static bool number(Python *it, int64_t *ret)
{
  char *end;
  bool hexadecimal = it->at[0] == '0' && (it->at[1] | 0x20) == 'x';

  *ret = g_ascii_strtoll(it->at, &end, hexadecimal ? 16 : 10);
  if (end == it->at || is_word(*end) || *end == '.')
    return wrong(it, "\"%.12s\" is not a whole number", it->at);
  it->at = end;
  return true;
}

static bool call_builtin(Python *it, const char *name, int64_t *ret)
{
  int64_t value;
  bool first = true;

  if (!g_str_equal(name, "abs") && !g_str_equal(name, "min") &&
      !g_str_equal(name, "max") && !g_str_equal(name, "int"))
    return wrong(it, "%s() is not understood; abs, min, max and int are", name);
  it->depth++;
  do {
    if (!expression(it, &value))
      return false;
    if (first || (g_str_equal(name, "min") && value < *ret) ||
        (g_str_equal(name, "max") && value > *ret))
      *ret = value;
    first = false;
  } while (take(it, ","));
  if (g_str_equal(name, "abs") && *ret < 0)
    *ret = -*ret;
  if (!take(it, ")"))
    return wrong(it, "\")\" is missing");
  it->depth--;
  return true;
}

static bool named(Python *it, const char *name, int64_t *ret)
{
  const int64_t *variable = g_hash_table_lookup(it->variables, name);

  if (take(it, "("))
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
         wrong(it, "the name %s is not known", name);
}

static bool primary(Python *it, int64_t *ret)
{
  g_autofree char *name = NULL;

  if (take(it, "(")) {
    it->depth++;
    if (!expression(it, ret))
      return false;
    if (!take(it, ")"))
      return wrong(it, "\")\" is missing");
    it->depth--;
    return true;
  }
  if (g_ascii_isdigit(*it->at))
    return number(it, ret);
  name = take_name(it);
  return name ? named(it, name, ret)
              : wrong(it, "a value is needed at \"%.12s\"", it->at);
}

static bool unary(Python *it, int64_t *ret)
{
  bool good;

  if (++it->nested > DEEPEST)
    return wrong(it, "the expression is nested too deeply");
  if (take(it, "-")) {
    good = unary(it, ret);
    *ret = (int64_t)(0 - (uint64_t)*ret);
  } else if (take(it, "~")) {
    good = unary(it, ret);
    *ret = ~*ret;
  } else {
    take(it, "+");
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
    return wrong(it, "division by zero");
  if (right == -1) {
    *ret = sign == '%' ? 0 : (int64_t)(0 - (uint64_t)*ret);
    return true;
  }
  rest = *ret % right;
  if (sign == '/' && rest != 0)
    return wrong(it,
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
    if (take(it, "*")) {
      good = unary(it, &right);
      *ret = (int64_t)((uint64_t)*ret * (uint64_t)right);
    } else if (take(it, "//")) {
      good = unary(it, &right) && divide(it, 'd', right, ret);
    } else if (take(it, "/")) {
      good = unary(it, &right) && divide(it, '/', right, ret);
    } else if (take(it, "%")) {
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
    if (take(it, "+")) {
      good = product(it, &right);
      *ret = (int64_t)((uint64_t)*ret + (uint64_t)right);
    } else if (take(it, "-")) {
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
    bool left = take(it, "<<");

    if (!left && !take(it, ">>"))
      return true;
    good = sum(it, &right);
    if (good && (right < 0 || right > 62))
      return wrong(it, "a shift by %" G_GINT64_FORMAT " bits", right);
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

    skip(it);
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
      if (take(it, signs[i]))
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

  while (take(it, "not")) {
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

  while (good && take(it, "and")) {
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

static bool expression(Python *it, int64_t *ret)
{
  bool good;

  *ret = 0;
  if (++it->nested > DEEPEST)
    return wrong(it, "the expression is nested too deeply");
  good = conjunction(it, ret);
  while (good && take(it, "or")) {
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

/* -- statements -- */

/* A text in quotes, as it is; NULL if there is none. */
static char *take_text(Python *it)
{
  char quote;
  gsize size;

  skip(it);
  quote = *it->at;
  if (quote != '"' && quote != '\'')
    return NULL;
  size = strcspn(it->at + 1, quote == '"' ? "\"\n" : "'\n");
  if (it->at[size + 1] != quote)
    return NULL;
  it->at += size + 2;
  return g_strndup(it->at - size - 1, size);
}

/* 'cwnd=%d' % value, or % (value, value): a letter for each value. */
static bool fill_in(Python *it, const char *text, GString *out)
{
  bool several = take(it, "(");
  int64_t value;

  it->depth += several;
  for (; *text; text++) {
    if (*text != '%') {
      g_string_append_c(out, *text);
    } else if (text[1] == '%') {
      g_string_append_c(out, *++text);
    } else if (text[1] && strchr("dsiu", text[1]) && expression(it, &value)) {
      g_string_append_printf(out, "%" G_GINT64_FORMAT, value);
      text++;
      take(it, ",");
    } else {
      return wrong(it, "%%%c is not understood; %%d is", text[1]);
    }
  }
  if (several && !take(it, ")"))
    return wrong(it, "\")\" is missing");
  it->depth -= several;
  return true;
}

/* A text or an expression's value, as Python prints it. */
static bool take_printed(Python *it, GString *out)
{
  g_autofree char *text = take_text(it);
  int64_t value;

  if (text && take(it, "%"))
    return fill_in(it, text, out);
  if (text) {
    g_string_append(out, text);
    return true;
  }
  if (!expression(it, &value))
    return false;
  g_string_append_printf(out, "%" G_GINT64_FORMAT, value);
  return true;
}

static bool assertion(Python *it)
{
  const char *from;
  int64_t value;
  g_autoptr(GString) message = g_string_new(NULL);
  g_autofree char *text = NULL;

  skip(it);
  from = it->at;
  if (!expression(it, &value))
    return false;
  text = g_strstrip(g_strndup(from, (gsize)(it->at - from)));
  if (take(it, ",") && !take_printed(it, message))
    return false;
  if (value)
    return true;
  it->end = PKT_PYTHON_FAILS;
  it->problem = message->len
                    ? g_strdup_printf("assert %s: %s", text, message->str)
                    : g_strdup_printf("assert %s", text);
  return false;
}

static bool print(Python *it)
{
  bool parenthesis = take(it, "(");

  it->depth += parenthesis;
  if (!(parenthesis && take(it, ")"))) {
    do {
      if (!take_printed(it, it->printed))
        return false;
      g_string_append_c(it->printed, ' ');
    } while (take(it, ","));
    if (parenthesis && !take(it, ")"))
      return wrong(it, "\")\" is missing");
  }
  it->depth -= parenthesis;
  g_string_append_c(it->printed, '\n');
  return true;
}

static bool assign(Python *it, const char *name)
{
  static const char *const signs[] = { "+=", "-=", "*=", "=" };
  int64_t *variable = g_hash_table_lookup(it->variables, name);
  int64_t value, old = variable ? *variable : 0;

  for (gsize i = 0; i < G_N_ELEMENTS(signs); i++) {
    if (!take(it, signs[i]))
      continue;
    if (*signs[i] != '=' && !variable)
      return wrong(it, "the name %s is not known", name);
    if (!expression(it, &value))
      return false;
    if (*signs[i] == '+')
      value = (int64_t)((uint64_t)old + (uint64_t)value);
    else if (*signs[i] == '-')
      value = (int64_t)((uint64_t)old - (uint64_t)value);
    else if (*signs[i] == '*')
      value = (int64_t)((uint64_t)old * (uint64_t)value);
    g_hash_table_insert(it->variables, g_strdup(name),
                        g_memdup2(&value, sizeof value));
    return true;
  }
  return wrong(it,
               "\"%s\" begins no statement that is understood; these are: "
               "assert, print, pass, NAME = value",
               name);
}

static bool statement(Python *it)
{
  g_autofree char *name = NULL;

  if (take(it, "assert"))
    return assertion(it);
  if (take(it, "print"))
    return print(it);
  if (take(it, "pass"))
    return true;
  name = take_name(it);
  return name ? assign(it, name)
              : wrong(it, "\"%.12s\" begins no statement", it->at);
}

PktPythonEnd pkt_python_run(const char *text, GHashTable *variables,
                            PktLookup lookup, void *user, GString *printed,
                            int *ret_line, char **ret_problem)
{
  Python it = { .at = text,
                .variables = variables,
                .lookup = lookup,
                .user = user,
                .printed = printed };

  for (skip(&it); *it.at; skip(&it)) {
    if (*it.at == ';' || *it.at == '\n') {
      it.line += *it.at == '\n';
      it.at++;
      continue;
    }
    if (!statement(&it))
      break;
    skip(&it);
    if (*it.at && *it.at != ';' && *it.at != '\n') {
      wrong(&it, "\"%.12s\" follows a statement", it.at);
      break;
    }
  }
  *ret_line = it.line;
  *ret_problem = it.problem;
  return it.end;
}
