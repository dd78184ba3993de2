/* From text to tree: sets up the lexer and the grammar for one script. */
#include "pkt_parser.h"

#include "grammar.h"

typedef void *PktScanner;
struct yy_buffer_state;

/* flex's, which has no header for those who only run it. */
int pkt_yylex_init_extra(PktParser *parser, PktScanner *ret);
struct yy_buffer_state *pkt_yy_scan_bytes(const char *bytes, int size,
                                          PktScanner scanner);
void pkt_yy_delete_buffer(struct yy_buffer_state *buffer, PktScanner scanner);
int pkt_yylex_destroy(PktScanner scanner);

#define LARGEST ((gsize)1 << 24)

static bool run(PktParser *parser, const char *text, gsize size)
{
  PktScanner scanner;
  struct yy_buffer_state *buffer;
  int status;

  if (pkt_yylex_init_extra(parser, &scanner) != 0)
    g_error("no memory to read a script");
  buffer = pkt_yy_scan_bytes(text, (int)size, scanner);
  status = pkt_yyparse(scanner, parser);
  pkt_yy_delete_buffer(buffer, scanner);
  pkt_yylex_destroy(scanner);
  if (status == 0 && parser->conditions->len > 0)
    pkt_note(parser, parser->at, "#ifdef without #endif");
  if (status != 0)
    pkt_note(parser, parser->at, "this cannot be read");
  return !parser->error;
}

PktScript *pkt_parse(const char *file, const char *text, gsize size,
                     GHashTable *defines, GError **error)
{
  PktScript *script = g_new0(PktScript, 1);
  PktParser parser = { .script = script,
                       .defines = defines,
                       .at = { 1, 1 },
                       .tail = &script->statements,
                       .options = &script->options };

  script->file = g_strdup(file);
  script->blocks = g_ptr_array_new_with_free_func(g_free);
  parser.conditions = g_string_new(NULL);
  if (size > LARGEST)
    pkt_note(&parser, parser.at, "the script has over %d MiB",
             (int)(LARGEST >> 20));
  else
    run(&parser, text, size);
  g_string_free(parser.conditions, TRUE);
  if (!parser.error)
    return script;
  g_propagate_error(error, parser.error);
  pkt_script_free(script);
  return NULL;
}

void pkt_script_free(PktScript *script)
{
  if (!script)
    return;
  g_ptr_array_unref(script->blocks);
  g_free(script->file);
  g_free(script);
}
