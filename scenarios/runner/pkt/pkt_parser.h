/* What the lexer and the grammar share: a script being read, and the
 * functions that make its nodes. A function that finds something wrong notes
 * it once; the first message is the one that is told. */
#pragma once

#include "pkt_script.h"

typedef struct PktParser {
  PktScript *script;
  GHashTable *defines;
  GError *error;       /* the first */
  PktPlace at;         /* behind the last token */
  char found[32];      /* the beginning of that token */
  PktStatement **tail; /* where the next statement goes */
  PktOption **options; /* where the next option goes */
  PktPacket *packet;   /* being read */
  GString *conditions; /* open #ifdef's, a letter each: see pkt_lex.c */
  bool skipping;       /* inside one that does not hold */
} PktParser;

/** PktToken: what a token stands for. Text is the script's. */
typedef struct PktToken {
  const char *text;
  gsize size;
  int64_t integer;
  SimTime time; /* of a number: as seconds */
} PktToken;

/** PktList: nodes being strung together. */
typedef struct PktList {
  PktExpr *first, *last;
} PktList;

/** PktSpan: bison's location: a token's or a node's first place. */
typedef struct PktSpan {
  PktPlace place;
} PktSpan;

/* -- pkt_lex.c -- */

/** pkt_lex_number: the value of `text` as an integer, or as seconds. False,
 * and noted, if it is too large or finer than a nanosecond. */
bool pkt_lex_number(PktParser *parser, PktPlace place, const char *text,
                    PktToken *ret);

/** pkt_lex_text: (transfer none) a copy of `size` bytes. */
const char *pkt_lex_text(PktParser *parser, const char *text, gsize size);

/** pkt_lex_string: the same without quotes and with escapes resolved. */
void pkt_lex_string(PktParser *parser, PktPlace place, const char *text,
                    gsize size, PktToken *ret);

/** pkt_lex_defined: what the word was defined as, or NULL. */
const char *pkt_lex_defined(PktParser *parser, const char *word);

/** pkt_lex_condition: a line that begins with #. Sets `skipping`. */
void pkt_lex_condition(PktParser *parser, PktPlace place, const char *line);

/* -- pkt_build.c -- */

void *pkt_alloc(PktParser *parser, gsize size);

/** pkt_note: what is wrong at `place`, unless something was before. */
void pkt_note(PktParser *parser, PktPlace place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** pkt_unexpected: notes a syntax error: what was found (nullable: see
 * parser->found) and the first `count` things that could stand there. */
void pkt_unexpected(PktParser *parser, PktPlace place, const char *found,
                    const char *const *names, int count);

PktExpr *pkt_expr(PktParser *parser, PktPlace place, PktExprKind kind);
PktExpr *pkt_expr_text(PktParser *parser, PktPlace place, PktExprKind kind,
                       const PktToken *token);
void pkt_list_add(PktList *list, PktExpr *item);
PktToken pkt_joined(PktParser *parser, const PktToken *a, const PktToken *b);

void pkt_add_option(PktParser *parser, PktPlace place, const char *text);
void pkt_add_statement(PktParser *parser, PktPlace place, PktTime time,
                       PktStatement *statement);
PktStatement *pkt_statement(PktParser *parser, PktPlace body,
                            PktStatementKind kind);

/** pkt_within: `value`, if it is from 0 to `most`; else 0, and noted. */
int64_t pkt_within(PktParser *parser, PktPlace place, const char *what,
                   int64_t value, int64_t most);

/* -- pkt_build_packet.c: parts of parser->packet -- */

#define PKT_UDP_MOST 65507 /* bytes that a datagram can hold */

/** pkt_packet: a new one, which is parser->packet from now on. */
PktPacket *pkt_packet(PktParser *parser, PktPlace place, bool outbound);

/** pkt_packet_word: a word of [...] or (...) behind the direction. */
void pkt_packet_word(PktParser *parser, PktPlace place, const char *word,
                     const PktToken *value);
void pkt_packet_ports(PktParser *parser, PktPlace place, int64_t source,
                      int64_t destination);
void pkt_packet_flags(PktParser *parser, PktPlace place, const char *letters,
                      const char *more);
void pkt_packet_sequence(PktParser *parser, PktPlace place, int64_t from,
                         int64_t to, int64_t length);

/** pkt_packet_option: one option of <...>: its name, and its arguments as a
 * list of words, integers, and pairs of integers (lists). */
void pkt_packet_option(PktParser *parser, PktPlace place, const char *name,
                       const PktExpr *arguments);

/** pkt_packet_finish: the packet is complete: is it consistent? */
void pkt_packet_finish(PktParser *parser, PktPacket *packet);
