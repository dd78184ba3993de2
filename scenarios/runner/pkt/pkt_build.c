/* Making the tree: memory, messages, expressions, options, statements. */
#include "pkt_parser.h"

#include <string.h>

G_DEFINE_QUARK(pkt - error - quark, pkt_error)

void *pkt_alloc(PktParser *parser, gsize size)
{
  void *block = g_malloc0(size);

  g_ptr_array_add(parser->script->blocks, block);
  return block;
}

/* -- messages -- */

char *pkt_sentence(const char *format, va_list arguments)
{
  gsize end = 600;
  char *text = g_strdup_vprintf(format, arguments);

  if (strlen(text) <= end)
    return text;
  end -= strlen(" ...");
  while ((text[end] & 0xc0) == 0x80)
    end--;
  strcpy(text + end, " ...");
  return text;
}

static void set_error(GError **error, const char *file, PktPlace place,
                      const char *format, va_list arguments)
{
  g_autofree char *text = pkt_sentence(format, arguments);

  g_set_error(error, PKT_ERROR, 0, "%s:%d:%d: %s", file, place.line,
              place.column, text);
}

bool pkt_wrong(GError **error, const PktScript *script, PktPlace place,
               const char *format, ...)
{
  va_list arguments;

  va_start(arguments, format);
  set_error(error, script->file, place, format, arguments);
  va_end(arguments);
  return false;
}

void pkt_note(PktParser *parser, PktPlace place, const char *format, ...)
{
  va_list arguments;

  if (parser->error)
    return;
  va_start(arguments, format);
  set_error(&parser->error, parser->script->file, place, format, arguments);
  va_end(arguments);
}

static bool is_text(const char *name)
{
  return name &&
         (g_str_equal(name, "a word") || g_str_equal(name, "a number") ||
          g_str_equal(name, "invalid token") || *name == '\'' ||
          g_str_has_suffix(name, "undefined") ||
          g_str_equal(name, "a number with a point"));
}

/* How a token is named: a sign as it is written in bison's quotes, a keyword
 * in quotes, a kind as it is. */
static void append_name(GString *out, const char *name)
{
  if (*name == '\'' || strchr(name, ' '))
    g_string_append(out, name);
  else
    g_string_append_printf(out, "'%s'", name);
}

void pkt_unexpected(PktParser *parser, PktPlace place, const char *found,
                    const char *const *names, int count)
{
  g_autoptr(GString) text = g_string_new("found ");

  if (!found || is_text(found) || !strchr(found, ' '))
    g_string_append_printf(text, "'%s'", parser->found);
  else
    g_string_append(text, found);
  for (int i = 0; i < count; i++) {
    g_string_append(text, i == 0           ? "; expected "
                          : i == count - 1 ? " or "
                                           : ", ");
    append_name(text, names[i]);
  }
  pkt_note(parser, place, "%s", text->str);
}

int64_t pkt_within(PktParser *parser, PktPlace place, const char *what,
                   int64_t value, int64_t most)
{
  if (value >= 0 && value <= most)
    return value;
  pkt_note(parser, place,
           "%s is %" G_GINT64_FORMAT "; it must lie in 0 to %" G_GINT64_FORMAT,
           what, value, most);
  return 0;
}

/* -- expressions -- */

PktExpr *pkt_expr(PktParser *parser, PktPlace place, PktExprKind kind)
{
  PktExpr *expr = pkt_alloc(parser, sizeof *expr);

  expr->kind = kind;
  expr->place = place;
  return expr;
}

PktExpr *pkt_expr_text(PktParser *parser, PktPlace place, PktExprKind kind,
                       const PktToken *token)
{
  PktExpr *expr = pkt_expr(parser, place, kind);

  expr->integer = token->integer;
  expr->text = token->text;
  expr->size = token->size;
  return expr;
}

void pkt_list_add(PktList *list, PktExpr *item)
{
  if (list->last)
    list->last->next = item;
  else
    list->first = item;
  list->last = item;
}

PktExpr *pkt_expr_two(PktParser *parser, PktPlace place, PktExprKind kind,
                      PktExpr *first, PktExpr *second)
{
  PktExpr *expr = pkt_expr(parser, place, kind);

  expr->items = first;
  first->next = second;
  return expr;
}

PktToken pkt_joined(PktParser *parser, const PktToken *a, const PktToken *b)
{
  char *text = pkt_alloc(parser, a->size + b->size + 1);

  memcpy(text, a->text, a->size);
  memcpy(text + a->size, b->text, b->size);
  return (PktToken){ .text = text, .size = a->size + b->size };
}

/* -- options -- */

static void define(PktParser *parser, PktPlace place, const char *text)
{
  const char *equals = strchr(text, '=');

  if (!equals || equals == text)
    pkt_note(parser, place, "a definition is written NAME=value");
  else if (parser->defines)
    g_hash_table_insert(parser->defines,
                        g_strndup(text, (gsize)(equals - text)),
                        g_strdup(equals + 1));
}

/* --name=value or -D name=value. The last thing before the next token is
 * read, which may be a word that is defined here. */
void pkt_add_option(PktParser *parser, PktPlace place, const char *text)
{
  PktOption *option = pkt_alloc(parser, sizeof *option);
  bool is_short = g_str_has_prefix(text, "-D");
  const char *name = text + 2;
  const char *equals = strchr(name, '=');

  if (*parser->tail != parser->script->statements)
    pkt_note(parser, place, "options stand before the first statement");
  option->place = place;
  option->name = is_short ? "define"
                 : equals ? pkt_lex_text(parser, name, (gsize)(equals - name))
                          : name;
  option->value = is_short ? name + strspn(name, " \t")
                  : equals ? equals + 1
                           : NULL;
  if (g_str_equal(option->name, "define") || g_str_equal(option->name, "D"))
    define(parser, place, option->value ? option->value : "");
  *parser->options = option;
  parser->options = &option->next;
}

/* -- statements -- */

static PktStatement *new_statement(PktParser *parser, PktPlace body,
                                   PktStatementKind kind)
{
  PktStatement *statement = pkt_alloc(parser, sizeof *statement);

  statement->kind = kind;
  statement->body = body;
  return statement;
}

PktStatement *pkt_packet_statement(PktParser *parser, PktPlace body,
                                   PktPacket *packet)
{
  PktStatement *statement = new_statement(parser, body, PKT_PACKET);

  statement->packet = packet;
  pkt_packet_finish(parser, packet);
  return statement;
}

PktStatement *pkt_call_statement(PktParser *parser, PktPlace body,
                                 const PktCall *call)
{
  PktStatement *statement = new_statement(parser, body, PKT_CALL);

  statement->call = pkt_alloc(parser, sizeof *call);
  *statement->call = *call;
  return statement;
}

PktStatement *pkt_text_statement(PktParser *parser, PktPlace body,
                                 PktStatementKind kind, const char *text)
{
  PktStatement *statement = new_statement(parser, body, kind);

  statement->text = text;
  return statement;
}

static void check_time(PktParser *parser, PktPlace place, PktTime time,
                       const PktStatement *it)
{
  bool is_range =
      time.kind == PKT_TIME_BETWEEN || time.kind == PKT_TIME_AFTER_BETWEEN;
  bool may_range = it->kind == PKT_PACKET && it->packet->outbound;

  if (time.from < 0 || time.to < 0 || (it->call && it->call->end < 0))
    pkt_note(parser, place, "a time cannot be negative, or over 292 years");
  else if (is_range && time.to < time.from)
    pkt_note(parser, place, "the range of times ends before it begins");
  else if ((is_range || time.kind == PKT_TIME_ANY) && !may_range)
    pkt_note(parser, place,
             "a range of times, and *, are for packets that are sent (>)");
  else if (it->call && it->call->blocks && it->call->end < time.from)
    pkt_note(parser, place, "the system call returns before it begins");
}

void pkt_add_statement(PktParser *parser, PktPlace place, PktTime time,
                       PktStatement *statement)
{
  statement->place = place;
  statement->time = time;
  check_time(parser, place, time, statement);
  *parser->tail = statement;
  parser->tail = &statement->next;
}
