/* What pkt_python.c (statements) and pkt_python_expr.c (expressions) share: a
 * piece of code being executed as it is read. */
#pragma once

#include "pkt_python.h"

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

/** python_wrong: notes what is not understood, once; false. */
bool python_wrong(Python *it, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** python_skip: to the next word of the statement, or its end. */
void python_skip(Python *it);

/** python_take: `sign` stands here: it is passed over. A word must end, and
 * one sign is no other's beginning. */
bool python_take(Python *it, const char *sign);

/** python_take_name: (transfer full) the name that stands here, or NULL. */
char *python_take_name(Python *it);

/** python_expression: the value of the expression that stands here. */
bool python_expression(Python *it, int64_t *ret);
