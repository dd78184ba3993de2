/* A statement ends with its line or a semicolon; inside parentheses and after
 * a backslash lines go on. */
#include <string.h>

#include "pkt_python_private.h"

/* A text in quotes, as it is; NULL if there is none. */
static char *take_text(Python *it)
{
  char quote;
  gsize size;

  python_skip(it);
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
  bool several = python_take(it, "(");
  int64_t value;

  it->depth += several;
  for (; *text; text++) {
    if (*text != '%') {
      g_string_append_c(out, *text);
    } else if (text[1] == '%') {
      g_string_append_c(out, *++text);
    } else if (text[1] && strchr("dsiu", text[1]) &&
               python_expression(it, &value)) {
      g_string_append_printf(out, "%" G_GINT64_FORMAT, value);
      text++;
      python_take(it, ",");
    } else {
      return python_wrong(it, "%%%c is not understood; %%d is", text[1]);
    }
  }
  if (several && !python_take(it, ")"))
    return python_wrong(it, "\")\" is missing");
  it->depth -= several;
  return true;
}

/* A text or an expression's value, as Python prints it. */
static bool take_printed(Python *it, GString *out)
{
  g_autofree char *text = take_text(it);
  int64_t value;

  if (text && python_take(it, "%"))
    return fill_in(it, text, out);
  if (text) {
    g_string_append(out, text);
    return true;
  }
  if (!python_expression(it, &value))
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

  python_skip(it);
  from = it->at;
  if (!python_expression(it, &value))
    return false;
  text = g_strstrip(g_strndup(from, (gsize)(it->at - from)));
  if (python_take(it, ",") && !take_printed(it, message))
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
  bool parenthesis = python_take(it, "(");

  it->depth += parenthesis;
  if (!(parenthesis && python_take(it, ")"))) {
    do {
      if (!take_printed(it, it->printed))
        return false;
      g_string_append_c(it->printed, ' ');
    } while (python_take(it, ","));
    if (parenthesis && !python_take(it, ")"))
      return python_wrong(it, "\")\" is missing");
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
    if (!python_take(it, signs[i]))
      continue;
    if (*signs[i] != '=' && !variable)
      return python_wrong(it, "the name %s is not known", name);
    if (!python_expression(it, &value))
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
  return python_wrong(
      it,
      "\"%s\" begins no statement that is understood; these are: "
      "assert, print, pass, NAME = value",
      name);
}

static bool statement(Python *it)
{
  g_autofree char *name = NULL;

  if (python_take(it, "assert"))
    return assertion(it);
  if (python_take(it, "print"))
    return print(it);
  if (python_take(it, "pass"))
    return true;
  name = python_take_name(it);
  return name ? assign(it, name)
              : python_wrong(it, "\"%.12s\" begins no statement", it->at);
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

  for (python_skip(&it); *it.at; python_skip(&it)) {
    if (*it.at == ';' || *it.at == '\n') {
      it.line += *it.at == '\n';
      it.at++;
      continue;
    }
    if (!statement(&it))
      break;
    python_skip(&it);
    if (*it.at && *it.at != ';' && *it.at != '\n') {
      python_wrong(&it, "\"%.12s\" follows a statement", it.at);
      break;
    }
  }
  *ret_line = it.line;
  *ret_problem = it.problem;
  return it.end;
}
