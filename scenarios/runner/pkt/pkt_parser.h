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

/** pkt_lex_is_wide: do the decimal digits need more than 63 bits? */
bool pkt_lex_is_wide(const char *digits);

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
/** pkt_expr_two: one that has two items. */
PktExpr *pkt_expr_two(PktParser *parser, PktPlace place, PktExprKind kind,
                      PktExpr *first, PktExpr *second);
PktToken pkt_joined(PktParser *parser, const PktToken *a, const PktToken *b);

void pkt_add_option(PktParser *parser, PktPlace place, const char *text);
void pkt_add_statement(PktParser *parser, PktPlace place, PktTime time,
                       PktStatement *statement);
PktStatement *pkt_packet_statement(PktParser *parser, PktPlace body,
                                   PktPacket *packet);
PktStatement *pkt_call_statement(PktParser *parser, PktPlace body,
                                 const PktCall *call);
PktStatement *pkt_text_statement(PktParser *parser, PktPlace body,
                                 PktStatementKind kind, const char *text);

/** pkt_within: `value`, if it is from 0 to `most`; else 0, and noted. */
int64_t pkt_within(PktParser *parser, PktPlace place, const char *what,
                   int64_t value, int64_t most);

/* -- pkt_build_packet.c: parts of parser->packet -- */

#define PKT_UDP_MOST 65507 /* bytes that a datagram can hold */

/** pkt_packet: a new one, which is parser->packet from now on. */
PktPacket *pkt_packet(PktParser *parser, PktPlace place, bool outbound);

/** pkt_packet_cannot: `what` is said of the packet, which is not simulated. */
void pkt_packet_cannot(PktParser *parser, const char *what);

/** pkt_packet_mark, ..._ip, ..._class: [ect0], (ttl 4), (dscp cs1). */
void pkt_packet_mark(PktParser *parser, PktPlace place, const char *word);
void pkt_packet_ip(PktParser *parser, PktPlace place, const char *word,
                   int64_t value);
void pkt_packet_class(PktParser *parser, PktPlace place, const char *word,
                      const char *value);

/** pkt_packet_outer: what was said of IP so far is of this header. Addresses
 * are of IP's kinds only (else NULL). */
void pkt_packet_outer(PktParser *parser, PktPlace place, PktOuterKind kind,
                      const char *from, const char *to);
void pkt_packet_ports(PktParser *parser, PktPlace place, int64_t source,
                      int64_t destination);
void pkt_packet_flags(PktParser *parser, PktPlace place, const char *first,
                      const char *dot, const char *last);

/** pkt_packet_number: one of ack, win, urg, length, mtu and id. */
void pkt_packet_number(PktParser *parser, PktPlace place, const char *name,
                       int64_t value);

/** pkt_packet_icmp: its type, then its code. */
void pkt_packet_icmp(PktParser *parser, PktPlace place, const char *word);
void pkt_packet_sequence(PktParser *parser, PktPlace place, int64_t from,
                         int64_t to, int64_t length);

/** pkt_packet_option: one option of <...>: its name, and its arguments as a
 * list of words, integers, and pairs of integers (lists). */
void pkt_packet_option(PktParser *parser, PktPlace place, const char *name,
                       const PktExpr *arguments);

/** pkt_packet_raw: options as hex digits. */
void pkt_packet_raw(PktParser *parser, PktPlace place, const char *digits);

/** pkt_packet_in_udp: it stands in a datagram between these ports. */
void pkt_packet_in_udp(PktParser *parser, const PktToken *source,
                       const PktToken *destination);

/** pkt_packet_finish: the packet is complete: is it consistent? */
void pkt_packet_finish(PktParser *parser, PktPacket *packet);
