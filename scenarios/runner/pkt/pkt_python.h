/* The Python that scripts use in %{ }%: assert, print, assignment, pass, and
 * expressions over whole numbers. Nothing is called, nothing repeats. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** PktLookup: the value of a name that is no variable. */
typedef bool (*PktLookup)(void *user, const char *name, int64_t *ret);

typedef enum PktPythonEnd {
  PKT_PYTHON_HOLDS,
  PKT_PYTHON_FAILS, /* an assertion does not hold */
  PKT_PYTHON_WRONG, /* it is not this Python */
} PktPythonEnd;

/**
 * pkt_python_run: executes `text`.
 * @variables: name to int64_t *, kept from one piece to the next
 * @printed: gets what print() prints
 * @ret_line: line in `text`, from 0, of what failed
 * @ret_problem: (transfer full): why, if it does not hold
 */
PktPythonEnd pkt_python_run(const char *text, GHashTable *variables,
                            PktLookup lookup, void *user, GString *printed,
                            int *ret_line, char **ret_problem);
