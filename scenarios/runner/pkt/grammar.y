/* The grammar of packetdrill scripts.
 *
 * What nests is few things: a statement is a time and one of four bodies;
 * arguments of system calls are one kind of expression, whose structures are
 * fields by name. Which fields, options and flags there are is no matter of
 * grammar: the functions that are called here know it, and the system calls.
 */
%code top {
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunknown-pragmas"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#pragma GCC diagnostic ignored "-Wfree-nonheap-object"
}
%code requires {
#include "pkt_parser.h"

typedef void *PktScanner;
#define PKT_YYLTYPE PktSpan
#define PKT_YYLTYPE_IS_DECLARED 1
}
%code {
#include <string.h>

#define YYLLOC_DEFAULT(now, rhs, n) \
  ((now).place = (n) > 0 ? YYRHSLOC(rhs, 1).place : YYRHSLOC(rhs, 0).place)

#define LEAF(kind, at, token) \
  pkt_expr_text(parser, (at).place, PKT_EXPR_##kind, &(token))
#define OUTER(kind, at, from, to) \
  pkt_packet_outer(parser, (at).place, PKT_OUTER_##kind, from, to)
#define FLAGS(at, first, dot, last) \
  pkt_packet_flags(parser, (at).place, first, dot, last)
#define CANNOT(what) pkt_packet_cannot(parser, what)
#define NUMBER(name, at, token) \
  pkt_packet_number(parser, (at).place, name, (token).integer)

int pkt_yylex(PKT_YYSTYPE *value, PktSpan *span, PktScanner scanner);
static void pkt_yyerror(PktSpan *span, PktScanner scanner, PktParser *parser,
                        const char *message);
}

%define api.pure full
%define api.prefix {pkt_yy}
%define api.token.prefix {}
%define parse.error custom
%define parse.lac full
%locations
%lex-param { PktScanner scanner }
%parse-param { PktScanner scanner }
%parse-param { PktParser *parser }
%initial-action { @$.place = (PktPlace){ 1, 1 }; }

%union {
  PktToken token;
  PktTime time;
  SimTime span;
  bool flag;
  PktExpr *expr;
  PktList list;
  PktPacket *packet;
  PktStatement *statement;
  PktCall call;
}

%token <token> OPTION "an option (--name=value)"
%token <token> INTEGER "a number" FLOAT "a number with a point"
%token <token> WORD "a word" STRING "a string"
%token <token> COMMAND "a command in backquotes"
%token <token> CODE "code in %{ }%"
%token <token> ACK "ack" WIN "win" URG "urg" UDP "udp" ICMP "icmp" MTU "mtu"
%token <token> ID "id" IPV4 "ipv4" IPV6 "ipv6" GRE "gre" MPLS "mpls"
%token <token> ENCAP "encap" RAW "raw" SCTP "sctp" UDPLITE "udplite"
%token <token> ADDRESS "an address" BLOB "a number of over 63 bits"
%token ELLIPSIS "..."
%token PKT_UNCLOSED_COMMENT "a comment without its end"
%token PKT_UNCLOSED_STRING "a string without its end on this line"
%token PKT_UNCLOSED_COMMAND "a command without its end"
%token PKT_UNCLOSED_CODE "code without }%"
%token PKT_ZERO_BYTE "a byte 0"
%token END 0 "the end of the script"

%type <time> time
%type <span> seconds
%type <flag> direction opt_absolute
%type <packet> head packet tcp udp icmp other
%type <statement> body command
%type <call> call
%type <token> name flags strings
%type <expr> member expression primary result argument
%type <list> opt_list list opt_arguments

%%

script
  : %empty
  | script item
  ;

item
  : OPTION               { pkt_add_option(parser, @1.place, $1.text); }
  | command              {
      pkt_add_statement(parser, @1.place, (PktTime){ PKT_TIME_NONE, 0, 0 },
                        $1);
    }
  | time body            { pkt_add_statement(parser, @1.place, $1, $2); }
  ;

/* -- when -- */

time
  : seconds                      { $$ = (PktTime){ PKT_TIME_AT, $1, 0 }; }
  | '+' seconds                  { $$ = (PktTime){ PKT_TIME_AFTER, $2, 0 }; }
  | seconds '~' seconds          { $$ = (PktTime){ PKT_TIME_BETWEEN, $1, $3 }; }
  | '+' seconds '~' '+' seconds  {
      $$ = (PktTime){ PKT_TIME_AFTER_BETWEEN, $2, $5 };
    }
  | '*'                          { $$ = (PktTime){ PKT_TIME_ANY, 0, 0 }; }
  ;

seconds
  : INTEGER              { $$ = $1.time; }
  | FLOAT                { $$ = $1.time; }
  ;

/* -- what -- */

body
  : packet               { $$ = pkt_packet_statement(parser, @1.place, $1); }
  | call                 { $$ = pkt_call_statement(parser, @1.place, &$1); }
  | ELLIPSIS seconds call {
      $3.blocks = true;
      $3.end = $2;
      $$ = pkt_call_statement(parser, @3.place, &$3);
    }
  | CODE { $$ = pkt_text_statement(parser, @1.place, PKT_CODE, $1.text); }
  | command
  ;

command
  : COMMAND { $$ = pkt_text_statement(parser, @1.place, PKT_COMMAND, $1.text); }
  ;

/* -- packets -- */

packet
  : tcp
  | udp
  | icmp
  | other
  ;

direction
  : '<'                  { $$ = false; }
  | '>'                  { $$ = true; }
  ;

head
  : direction            { $$ = pkt_packet(parser, @1.place, $1); }
  | head '[' ip_words ']'
  | head '(' ip_words ')'
  | head '[' echoed ']'  /* of an ICMP error, as once written in front */
  | head outer ':'
  ;

ip_words
  : ip_word
  | ip_words ',' ip_word
  ;

ip_word
  : WORD                 { pkt_packet_mark(parser, @1.place, $1.text); }
  | WORD INTEGER { pkt_packet_ip(parser, @1.place, $1.text, $2.integer); }
  | WORD WORD { pkt_packet_class(parser, @1.place, $1.text, $2.text); }
  ;

/* What the packet stands in, from outside inwards. */
outer
  : IPV4 opt_outer_ip ADDRESS '>' ADDRESS { OUTER(IPV4, @1, $3.text, $5.text); }
  | IPV6 opt_outer_ip ADDRESS '>' ADDRESS { OUTER(IPV6, @1, $3.text, $5.text); }
  | GRE gre_words        { OUTER(GRE, @1, NULL, NULL); }
  | MPLS opt_tag         { OUTER(MPLS, @1, NULL, NULL); }
  ;

opt_outer_ip
  : %empty
  | '(' ip_words ')'
  ;

gre_words
  : %empty
  | gre_words name | gre_words INTEGER | gre_words ',' | gre_words '='
  | gre_words '[' soup ']'
  ;

tcp
  : head opt_security opt_ports flags sequence opt_ack opt_window opt_urgent
    opt_options opt_diagnosis in_udp
  ;

opt_security
  : %empty
  | ENCAP WORD WORD INTEGER { CANNOT("PSP"); }
  ;

/* What the second dialect may say at the end: why there is a RST, and the
 * datagram that the packet stands in. */
opt_diagnosis
  : %empty
  | '[' WORD INTEGER ',' WORD INTEGER ']' { CANNOT("a RST's diagnosis"); }
  ;

in_udp
  : %empty
  | '/' UDP '(' INTEGER '>' INTEGER ')' { pkt_packet_in_udp(parser, &$4, &$6); }
  ;

/* Protocols that are not simulated: what is said of them is passed over. */
other
  : head SCTP opt_tag ':' chunks in_udp { CANNOT("SCTP"); }
  | head UDPLITE opt_ports '(' INTEGER ',' INTEGER ')' { CANNOT("UDP-Lite"); }
  ;

opt_tag
  : %empty
  | opt_tag '(' soup ')'
  | opt_tag '[' soup ']'
  | opt_tag INTEGER '>' INTEGER
  ;

chunks
  : chunk
  | chunks ',' chunk
  | chunks ';' chunk
  ;

chunk
  : %empty
  | '[' soup ']'
  | name '[' soup ']'
  | WORD '-' WORD '[' soup ']'
  ;

opt_ports
  : %empty
  | INTEGER '>' INTEGER  {
      pkt_packet_ports(parser, @1.place, $1.integer, $3.integer);
    }
  ;

/* S. P. . - SEW; with AccECN's number: S.5 or .5 */
flags
  : WORD                 { FLAGS(@1, $1.text, "", ""); }
  | WORD '.'             { FLAGS(@1, $1.text, ".", ""); }
  | WORD '.' WORD        { FLAGS(@1, $1.text, ".", $3.text); }
  | WORD FLOAT           { FLAGS(@1, $1.text, $2.text, ""); }
  | FLOAT                { FLAGS(@1, "", $1.text, ""); }
  | '.'                  { FLAGS(@1, "", ".", ""); }
  | '-'                  { FLAGS(@1, "", "", ""); }
  ;

sequence
  : INTEGER ':' INTEGER '(' INTEGER ')' opt_absolute {
      pkt_packet_sequence(parser, @1.place, $1.integer, $3.integer, $5.integer);
      parser->packet->sequence = $7 ? PKT_SEQ_ABSOLUTE : PKT_SEQ_RELATIVE;
    }
  | ELLIPSIS '(' INTEGER ')' {
      pkt_packet_sequence(parser, @1.place, 0, $3.integer, $3.integer);
      parser->packet->sequence = PKT_SEQ_ANY;
    }
  ;

opt_absolute
  : %empty               { $$ = false; }
  | '!'                  { $$ = true; }
  ;

opt_ack
  : %empty
  | ACK INTEGER          { NUMBER("ack", @2, $2); }
  | ACK ELLIPSIS         { parser->packet->ack_any = true; }
  ;

opt_window
  : %empty
  | WIN INTEGER          { NUMBER("win", @2, $2); }
  ;

opt_urgent
  : %empty
  | URG INTEGER          { NUMBER("urg", @2, $2); }
  ;

opt_options
  : %empty
  | '<' ELLIPSIS '>'     { parser->packet->any_options = true; }
  | '<' tcp_options '>'
  ;

tcp_options
  : tcp_option
  | tcp_options ',' tcp_option
  ;

tcp_option
  : name opt_arguments   {
      pkt_packet_option(parser, @1.place, $1.text, $2.first);
    }
  | INTEGER              { pkt_packet_raw(parser, @1.place, $1.text); }
  | BLOB                 { pkt_packet_raw(parser, @1.place, $1.text); }
  ;

opt_arguments
  : %empty               { $$ = (PktList){ NULL, NULL }; }
  | opt_arguments argument { $$ = $1; pkt_list_add(&$$, $2); }
  ;

argument
  : INTEGER              { $$ = LEAF(INTEGER, @1, $1); }
  | name                 { $$ = LEAF(WORD, @1, $1); }
  | INTEGER '!'          { $$ = LEAF(INTEGER, @1, $1); $$->any = true; }
  | BLOB                 { $$ = LEAF(WORD, @1, $1); }
  | ELLIPSIS             { $$ = pkt_expr(parser, @1.place, PKT_EXPR_ANY); }
  | INTEGER ':' INTEGER  {
      $$ = pkt_expr_two(parser, @1.place, PKT_EXPR_LIST,
                        LEAF(INTEGER, @1, $1), LEAF(INTEGER, @3, $3));
    }
  ;

udp
  : head UDP opt_ports '(' INTEGER ')' {
      $$->protocol = PKT_UDP;
      NUMBER("length", @5, $5);
    }
  ;

icmp
  : head ICMP WORD       { pkt_packet_icmp(parser, @3.place, $3.text); }
  | icmp WORD            { pkt_packet_icmp(parser, @2.place, $2.text); }
  | icmp MTU INTEGER     { NUMBER("mtu", @3, $3); }
  | icmp ID INTEGER      { NUMBER("id", @3, $3); }
  | icmp '[' echoed ']'
  ;

/* What the error is about. */
echoed
  : INTEGER ':' INTEGER '(' INTEGER ')' in_udp {
      pkt_packet_sequence(parser, @1.place, $1.integer, $3.integer, $5.integer);
      parser->packet->has_echoed = true;
    }
  | UDP '(' INTEGER ')'  {
      NUMBER("length", @3, $3);
      parser->packet->has_echoed = true;
      parser->packet->echoed = PKT_UDP;
    }
  | RAW '(' INTEGER ')'  { CANNOT("an error about that"); }
  | SCTP '(' soup ')' in_udp { CANNOT("an error about that"); }
  | UDPLITE '(' soup ')' { CANNOT("an error about that"); }
  ;

/* -- system calls -- */

call
  : WORD '(' opt_list ')' '=' result opt_note {
      $$ = (PktCall){ .name = $1.text, .arguments = $3.first, .result = $6 };
    }
  | WORD '(' opt_list ')' '=' result WORD opt_note {
      $$ = (PktCall){ .name = $1.text, .arguments = $3.first, .result = $6,
                      .error = $7.text };
    }
  ;

result
  : INTEGER              { $$ = LEAF(INTEGER, @1, $1); }
  | ELLIPSIS             { $$ = pkt_expr(parser, @1.place, PKT_EXPR_ANY); }
  | WORD                 { $$ = LEAF(WORD, @1, $1); }
  ;

opt_note
  : %empty
  | '(' soup ')'
  ;

opt_list
  : %empty               { $$ = (PktList){ NULL, NULL }; }
  | list
  ;

list
  : member               {
      $$ = (PktList){ NULL, NULL };
      pkt_list_add(&$$, $1);
    }
  | list ',' member      { $$ = $1; pkt_list_add(&$$, $3); }
  ;

member
  : expression
  | name '=' expression  {
      $$ = LEAF(FIELD, @1, $1);
      $$->items = $3;
    }
  | name '(' opt_list ')' '=' expression {
      $$ = LEAF(FIELD, @1, $1);
      $$->items = $6;
      $6->next = $3.first;
    }
  ;

expression
  : primary
  | expression '|' primary {
      $$ = pkt_expr_two(parser, @1.place, PKT_EXPR_OR, $1, $3);
    }
  ;

primary
  : INTEGER              { $$ = LEAF(INTEGER, @1, $1); }
  | name                 { $$ = LEAF(WORD, @1, $1); }
  | name '(' opt_list ')' {
      $$ = LEAF(CALL, @1, $1);
      $$->items = $3.first;
    }
  | strings              { $$ = LEAF(STRING, @1, $1); }
  | STRING ELLIPSIS      {
      $$ = LEAF(STRING, @1, $1);
      $$->any = true;
    }
  | ELLIPSIS             { $$ = pkt_expr(parser, @1.place, PKT_EXPR_ANY); }
  | '[' opt_list ']'     {
      $$ = pkt_expr(parser, @1.place, PKT_EXPR_LIST);
      $$->items = $2.first;
    }
  | '{' opt_list '}'     {
      $$ = pkt_expr(parser, @1.place, PKT_EXPR_STRUCT);
      $$->items = $2.first;
    }
  ;

/* As in C, strings side by side are one. */
strings
  : STRING
  | strings STRING       { $$ = pkt_joined(parser, &$1, &$2); }
  ;

/* A word, also one that means something in packets. */
name
  : WORD
  | ACK | WIN | URG | UDP | ICMP | MTU | ID | IPV4 | IPV6 | GRE | MPLS | ENCAP
  | RAW | SCTP | UDPLITE
  ;

/* Anything, in which brackets match. */
soup
  : %empty
  | soup name | soup INTEGER | soup FLOAT | soup BLOB | soup ADDRESS
  | soup STRING | soup ELLIPSIS | soup '=' | soup ',' | soup '|' | soup '.'
  | soup '-' | soup '>' | soup '<' | soup ':' | soup '!' | soup '/' | soup '\''
  | soup '(' soup ')' | soup '[' soup ']' | soup '{' soup '}'
  ;

%%

/* "found X; expected A, B or C": of very many only the signs, which end or
 * divide what is there. */
static int yyreport_syntax_error(const yypcontext_t *context,
                                 PktScanner scanner, PktParser *parser)
{
  enum { MOST = 8 };
  yysymbol_kind_t wanted[YYNTOKENS];
  yysymbol_kind_t found = yypcontext_token(context);
  int all = yypcontext_expected_tokens(context, wanted, YYNTOKENS);
  int count = 0;
  const char *names[YYNTOKENS];

  (void)scanner;
  for (int i = 0; i < all; i++) {
    const char *name = yysymbol_name(wanted[i]);

    if (all <= MOST || *name == '\'')
      names[count++] = name;
  }
  pkt_unexpected(parser, yypcontext_location(context)->place,
                 found == YYSYMBOL_YYEMPTY ? NULL : yysymbol_name(found), names,
                 count);
  return 0;
}

static void pkt_yyerror(PktSpan *span, PktScanner scanner, PktParser *parser,
                        const char *message)
{
  (void)scanner;
  pkt_note(parser, span->place, "%s",
           g_str_has_prefix(message, "memory")
               ? "this is nested too deeply; write fewer brackets"
               : message);
}
