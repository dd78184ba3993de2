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
%token <token> INTEGER "a number"
%token <token> FLOAT "a number with a point"
%token <token> WORD "a word"
%token <token> STRING "a string"
%token <token> COMMAND "a command in backquotes"
%token <token> CODE "code in %{ }%"
%token <token> ACK "ack" WIN "win" URG "urg" UDP "udp" ICMP "icmp" MTU "mtu"
%token <token> ID "id" IPV4 "ipv4" IPV6 "ipv6" GRE "gre" MPLS "mpls"
%token <token> ENCAP "encap" RAW "raw"
%token ELLIPSIS "..."
%token PKT_UNCLOSED_COMMENT "a comment without its end"
%token PKT_UNCLOSED_STRING "a string without its end on this line"
%token PKT_UNCLOSED_COMMAND "a command without its end"
%token PKT_UNCLOSED_CODE "code without }%"
%token END 0 "the end of the script"

%type <time> time
%type <span> seconds
%type <flag> direction opt_absolute
%type <packet> head packet tcp udp icmp
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
  : packet               {
      $$ = pkt_statement(parser, @1.place, PKT_PACKET);
      $$->packet = $1;
      pkt_packet_finish(parser, $1);
    }
  | call                 {
      $$ = pkt_statement(parser, @1.place, PKT_CALL);
      $$->call = pkt_alloc(parser, sizeof *$$->call);
      *$$->call = $1;
    }
  | ELLIPSIS seconds call {
      $$ = pkt_statement(parser, @3.place, PKT_CALL);
      $$->call = pkt_alloc(parser, sizeof *$$->call);
      *$$->call = $3;
      $$->call->blocks = true;
      $$->call->end = $2;
    }
  | CODE                 {
      $$ = pkt_statement(parser, @1.place, PKT_CODE);
      $$->text = $1.text;
    }
  | command
  ;

command
  : COMMAND              {
      $$ = pkt_statement(parser, @1.place, PKT_COMMAND);
      $$->text = $1.text;
    }
  ;

/* -- packets -- */

packet
  : tcp
  | udp
  | icmp
  ;

direction
  : '<'                  { $$ = false; }
  | '>'                  { $$ = true; }
  ;

head
  : direction            { $$ = pkt_packet(parser, @1.place, $1); }
  | head '[' ip_words ']'
  | head '(' ip_words ')'
  | head tunnel          {
      pkt_note(parser, @2.place, "packets inside packets are not simulated");
    }
  ;

ip_words
  : ip_word
  | ip_words ',' ip_word
  ;

ip_word
  : WORD                 {
      pkt_packet_word(parser, @1.place, $1.text, NULL);
    }
  | WORD INTEGER         {
      pkt_packet_word(parser, @1.place, $1.text, &$2);
    }
  ;

tcp
  : head opt_ports flags sequence opt_ack opt_window opt_urgent opt_options
  ;

opt_ports
  : %empty
  | INTEGER '>' INTEGER  {
      pkt_packet_ports(parser, @1.place, $1.integer, $3.integer);
    }
  ;

/* S. P. . - SEW; with AccECN's number: S.5 or .5 */
flags
  : WORD                 { pkt_packet_flags(parser, @1.place, $1.text, ""); }
  | WORD '.'             { pkt_packet_flags(parser, @1.place, $1.text, "."); }
  | WORD FLOAT           {
      pkt_packet_flags(parser, @1.place, $1.text, $2.text);
    }
  | FLOAT                { pkt_packet_flags(parser, @1.place, "", $1.text); }
  | '.'                  { pkt_packet_flags(parser, @1.place, "", "."); }
  | '-'                  { pkt_packet_flags(parser, @1.place, "", ""); }
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
  | ACK INTEGER          {
      parser->packet->ack = (uint32_t)pkt_within(parser, @2.place, "ack",
                                                 $2.integer, UINT32_MAX);
    }
  | ACK ELLIPSIS         { parser->packet->ack_any = true; }
  ;

opt_window
  : %empty
  | WIN INTEGER          {
      parser->packet->has_window = true;
      parser->packet->window = (uint16_t)pkt_within(parser, @2.place, "win",
                                                    $2.integer, UINT16_MAX);
    }
  ;

opt_urgent
  : %empty
  | URG INTEGER          {
      parser->packet->urgent = (uint16_t)pkt_within(parser, @2.place, "urg",
                                                    $2.integer, UINT16_MAX);
    }
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
  ;

opt_arguments
  : %empty               { $$ = (PktList){ NULL, NULL }; }
  | opt_arguments argument { $$ = $1; pkt_list_add(&$$, $2); }
  ;

argument
  : INTEGER              {
      $$ = pkt_expr_text(parser, @1.place, PKT_EXPR_INTEGER, &$1);
    }
  | name                 {
      $$ = pkt_expr_text(parser, @1.place, PKT_EXPR_WORD, &$1);
    }
  | INTEGER ':' INTEGER  {
      PktList pair = { NULL, NULL };

      pkt_list_add(&pair,
                   pkt_expr_text(parser, @1.place, PKT_EXPR_INTEGER, &$1));
      pkt_list_add(&pair,
                   pkt_expr_text(parser, @3.place, PKT_EXPR_INTEGER, &$3));
      $$ = pkt_expr(parser, @1.place, PKT_EXPR_LIST);
      $$->items = pair.first;
    }
  ;

tunnel
  : IPV4
  | IPV6
  | GRE
  | MPLS
  | ENCAP
  ;

udp
  : head UDP '(' INTEGER ')' {
      $$ = $1;
      $$->protocol = PKT_UDP;
      $$->length = (uint32_t)pkt_within(parser, @4.place, "the length",
                                        $4.integer, PKT_UDP_MOST);
    }
  | head UDP INTEGER '>' INTEGER '(' INTEGER ')' {
      $$ = $1;
      $$->protocol = PKT_UDP;
      pkt_packet_ports(parser, @3.place, $3.integer, $5.integer);
      $$->length = (uint32_t)pkt_within(parser, @7.place, "the length",
                                        $7.integer, PKT_UDP_MOST);
    }
  ;

icmp
  : head ICMP WORD       {
      $$ = $1;
      $$->protocol = PKT_ICMP;
      $$->type = $3.text;
    }
  | icmp WORD            {
      $$ = $1;
      if ($$->code)
        pkt_note(parser, @2.place, "a second code, \"%s\"", $2.text);
      $$->code = $2.text;
    }
  | icmp MTU INTEGER     {
      $$ = $1;
      $$->has_mtu = true;
      $$->mtu = (uint32_t)pkt_within(parser, @3.place, "mtu", $3.integer,
                                     UINT32_MAX);
    }
  | icmp ID INTEGER      {
      $$ = $1;
      $$->echo_id = (uint32_t)pkt_within(parser, @3.place, "id", $3.integer,
                                         UINT16_MAX);
    }
  | icmp '[' INTEGER ':' INTEGER '(' INTEGER ')' ']' {
      $$ = $1;
      pkt_packet_sequence(parser, @3.place, $3.integer, $5.integer, $7.integer);
      $$->has_echoed = true;
    }
  | icmp '[' UDP '(' INTEGER ')' ']' {
      $$ = $1;
      $$->has_echoed = true;
      $$->echoed = PKT_UDP;
      $$->length = (uint32_t)pkt_within(parser, @5.place, "the length",
                                        $5.integer, PKT_UDP_MOST);
    }
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
  : INTEGER              {
      $$ = pkt_expr_text(parser, @1.place, PKT_EXPR_INTEGER, &$1);
    }
  | ELLIPSIS             { $$ = pkt_expr(parser, @1.place, PKT_EXPR_ANY); }
  | WORD                 {
      $$ = pkt_expr_text(parser, @1.place, PKT_EXPR_WORD, &$1);
    }
  ;

opt_note
  : %empty
  | '(' note ')'
  ;

note
  : %empty
  | note name
  | note INTEGER
  | note ','
  | note '.'
  | note '-'
  | note '/'
  | note '\''
  | note '|'
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
      $$ = pkt_expr_text(parser, @1.place, PKT_EXPR_FIELD, &$1);
      $$->items = $3;
    }
  | name '(' opt_list ')' '=' expression {
      $$ = pkt_expr_text(parser, @1.place, PKT_EXPR_FIELD, &$1);
      $6->next = $3.first;
      $$->items = $6;
    }
  ;

expression
  : primary
  | expression '|' primary {
      PktList two = { NULL, NULL };

      pkt_list_add(&two, $1);
      pkt_list_add(&two, $3);
      $$ = pkt_expr(parser, @1.place, PKT_EXPR_OR);
      $$->items = two.first;
    }
  ;

primary
  : INTEGER              {
      $$ = pkt_expr_text(parser, @1.place, PKT_EXPR_INTEGER, &$1);
    }
  | name                 {
      $$ = pkt_expr_text(parser, @1.place, PKT_EXPR_WORD, &$1);
    }
  | name '(' opt_list ')' {
      $$ = pkt_expr_text(parser, @1.place, PKT_EXPR_CALL, &$1);
      $$->items = $3.first;
    }
  | strings              {
      $$ = pkt_expr_text(parser, @1.place, PKT_EXPR_STRING, &$1);
    }
  | STRING ELLIPSIS      {
      $$ = pkt_expr_text(parser, @1.place, PKT_EXPR_STRING, &$1);
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
  | RAW
  ;

%%

/* "found X; expected A, B or C", as far as it helps to say. */
static int yyreport_syntax_error(const yypcontext_t *context,
                                 PktScanner scanner, PktParser *parser)
{
  enum { MOST = 8 };
  yysymbol_kind_t wanted[MOST];
  yysymbol_kind_t found = yypcontext_token(context);
  int count = yypcontext_expected_tokens(context, wanted, MOST);
  const char *names[MOST];

  (void)scanner;
  for (int i = 0; i < count && i < MOST; i++)
    names[i] = yysymbol_name(wanted[i]);
  pkt_unexpected(parser, yypcontext_location(context)->place,
                 found == YYSYMBOL_YYEMPTY ? NULL : yysymbol_name(found), names,
                 count);
  return 0;
}

static void pkt_yyerror(PktSpan *span, PktScanner scanner, PktParser *parser,
                        const char *message)
{
  (void)scanner;
  pkt_note(parser, span->place, "%s", message);
}
