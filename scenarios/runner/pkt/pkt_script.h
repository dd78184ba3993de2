/* A packetdrill script as a tree: what was written, where, and nothing of what
 * it does.
 *
 *   text --lexer.l--> tokens --grammar.y--> PktScript
 *
 * The language is that of google/packetdrill with the additions of
 * nplab/packetdrill: statements with a time each, in the order of the file.
 *
 *   +.01 < S. 0:0(0) ack 1 win 5792 <mss 1460>     a packet that arrives
 *   +0   > .  1:1(0) ack 1                         a packet that must be sent
 *   +0...0.2 read(3, ..., 1000) = 1000             a system call
 *   +0   %{ assert tcpi_snd_cwnd == 10 }%          code over TCP_INFO
 *        `sysctl -q net.ipv4.tcp_sack=0`           a command (never run)
 *
 * Every node keeps its place. All of it, text included, lives as long as the
 * script does.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "segment.h"
#include "simtime.h"

/** PktPlace: where something stands, both counted from 1. */
typedef struct PktPlace {
  int line, column;
} PktPlace;

/* -- when -- */

typedef enum PktTimeKind {
  PKT_TIME_AT,            /* 1.5 */
  PKT_TIME_AFTER,         /* +1.5 */
  PKT_TIME_BETWEEN,       /* 1.5~1.6 */
  PKT_TIME_AFTER_BETWEEN, /* +1.5~+1.6 */
  PKT_TIME_ANY,           /* * */
  PKT_TIME_NONE,          /* a command without a time */
} PktTimeKind;

typedef struct PktTime {
  PktTimeKind kind;
  SimTime from, to; /* `to` of a range; else 0 */
} PktTime;

/* -- packets -- */

typedef enum PktProtocol { PKT_TCP, PKT_UDP, PKT_ICMP } PktProtocol;

/** PktTos: what is said of the type of service. */
typedef enum PktTos {
  PKT_TOS_NONE,       /* nothing: it is not compared */
  PKT_TOS_ECN,        /* its two bits for congestion marks: [ect0] */
  PKT_TOS_ECT01,      /* either of the two codepoints: [ect01] */
  PKT_TOS_WHOLE,      /* all of it: (tos 0x10) */
  PKT_TOS_DSCP,       /* its upper six bits: (dscp cs1) */
  PKT_TOS_DSCP_ECT01, /* the six bits, and either codepoint */
} PktTos;

/** PktOuter: a header that the packet stands behind, outermost first. */
typedef enum PktOuterKind {
  PKT_OUTER_IPV4,
  PKT_OUTER_IPV6,
  PKT_OUTER_GRE,
  PKT_OUTER_MPLS,
} PktOuterKind;

typedef struct PktOuter PktOuter;
struct PktOuter {
  PktOuter *next;
  PktOuterKind kind;
  NetAddress source, destination; /* of IP */
  PktTos tos_kind;
  uint8_t tos, ttl; /* ttl 0: not said */
};

enum {
  PKT_FLAG_AE = 0x100,  /* beside the eight of segment.h */
  PKT_FLAG_ACE = 0x1c0, /* AE, CWR and ECE as one number (draft AccECN) */
};

/** PktSequence: how a sequence number is meant. */
typedef enum PktSequence {
  PKT_SEQ_RELATIVE, /* 1:1(0), from the sender's initial number */
  PKT_SEQ_ABSOLUTE, /* 1:1(0)!, as it is on the wire */
  PKT_SEQ_ANY,      /* ...(0), not compared */
} PktSequence;

typedef struct PktPacket {
  PktPlace place;
  PktProtocol protocol;
  bool outbound;
  const char *cannot; /* what is said of it and not simulated, or NULL */
  PktOuter *outer;
  /* IP */
  PktTos tos_kind;
  uint8_t tos;
  uint8_t ttl; /* 0: not said */
  bool has_ports;
  uint16_t source_port, destination_port; /* 0: the connection's */
  /* TCP */
  uint16_t flags; /* of segment.h and PKT_FLAG_AE */
  bool has_ace;   /* flags were given as a number: .5 */
  PktSequence sequence;
  uint32_t seq;
  uint32_t length; /* payload, bytes; UDP's as well */
  uint32_t ack;
  bool ack_any; /* ack ... */
  bool has_window;
  uint16_t window;
  uint16_t urgent;
  bool any_options; /* <...> */
  uint8_t options[TCP_OPTIONS_MAX];
  unsigned options_size;
  bool ts_value_any;     /* TS val ...: not compared */
  bool ts_echo_absolute; /* ecr 7!: as it is on the wire */
  bool in_udp; /* S 0:0(0) .../udp(9811 > 1); of ICMP: what is echoed is */
  uint16_t udp_source, udp_destination;
  /* ICMP */
  const char *type; /* "unreachable" */
  const char *code; /* "host_unreachable", or NULL */
  bool has_mtu;
  uint32_t mtu, echo_id;
  bool has_echoed; /* [1:1001(1000)]: what the error is about */
  PktProtocol echoed;
  uint32_t echoed_seq;
} PktPacket;

/* -- expressions: arguments and results of system calls -- */

typedef enum PktExprKind {
  PKT_EXPR_ANY,     /* ... */
  PKT_EXPR_INTEGER, /* 3, 0x7 */
  PKT_EXPR_WORD,    /* SOL_SOCKET */
  PKT_EXPR_STRING,  /* "cubic"; with `any`: "cub"... */
  PKT_EXPR_OR,      /* O_RDWR|O_NONBLOCK: two items */
  PKT_EXPR_LIST,    /* [1] */
  PKT_EXPR_STRUCT,  /* {fd=3, events=POLLIN}, {..., 100} */
  PKT_EXPR_FIELD,   /* fd=3, msg_iov(1)=[...]: its value is the first item,
                       its argument, if it has one, the second */
  PKT_EXPR_CALL,    /* htons(80): the items are its arguments */
} PktExprKind;

typedef struct PktExpr PktExpr;
struct PktExpr {
  PktExpr *next; /* in a list */
  PktExprKind kind;
  PktPlace place;
  int64_t integer;
  const char *text; /* word, string, name; without quotes, escapes resolved */
  gsize size;       /* of a string, which may hold zeros */
  bool any;
  PktExpr *items;
};

/* -- statements -- */

typedef struct PktCall {
  const char *name;
  PktExpr *arguments;
  PktExpr *result;   /* integer, word or ... */
  const char *error; /* "EAGAIN", or NULL */
  bool blocks;       /* +0...0.2: it may wait, and returns at `end` */
  SimTime end;       /* of the same kind as the statement's time */
} PktCall;

typedef enum PktStatementKind {
  PKT_PACKET,
  PKT_CALL,
  PKT_CODE,
  PKT_COMMAND,
} PktStatementKind;

typedef struct PktStatement PktStatement;
struct PktStatement {
  PktStatement *next;
  PktStatementKind kind;
  PktPlace place; /* of its time */
  PktPlace body;  /* of what follows the time */
  PktTime time;
  PktPacket *packet;
  PktCall *call;
  const char *text; /* of code and commands, without what encloses it */
};

/** PktOption: a line --name=value before the first statement. */
typedef struct PktOption PktOption;
struct PktOption {
  PktOption *next;
  PktPlace place;
  const char *name;
  const char *value; /* NULL: none */
};

typedef struct PktScript {
  char *file; /* as messages name it */
  PktOption *options;
  PktStatement *statements;
  GPtrArray *blocks; /* all that was allocated */
} PktScript;

#define PKT_ERROR pkt_error_quark()
GQuark pkt_error_quark(void);

/**
 * pkt_parse: reads a script.
 * @file: its name in messages
 * @defines: (nullable): words that stand for others (-D name=value), text to
 *   text; those that the script's options define are added. #ifdef asks it
 * Returns: (transfer full), or NULL and PKT_ERROR with "FILE:LINE:COLUMN:
 * what was found; what was expected".
 */
PktScript *pkt_parse(const char *file, const char *text, gsize size,
                     GHashTable *defines, GError **error);

/** pkt_script_free: NULL is ignored. */
void pkt_script_free(PktScript *script);

/** pkt_sentence: (transfer full) a message, cut where it has 600 bytes: what it
 * quotes may be a whole script. */
char *pkt_sentence(const char *format, va_list arguments) G_GNUC_PRINTF(1, 0);

/** pkt_wrong: sets PKT_ERROR with the place before the message; always
 * false. */
bool pkt_wrong(GError **error, const PktScript *script, PktPlace place,
               const char *format, ...) __attribute__((format(printf, 4, 5)));
