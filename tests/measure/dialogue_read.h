#ifndef LINGER_MEASURE_DIALOGUE_READ_H
#define LINGER_MEASURE_DIALOGUE_READ_H

#include <glib.h>

/*
 * Conversations with a TCP that show facts about it, in a Markdown file that
 * README.md describes: a heading `### `, indented steps, and maybe a table
 * whose rows are put into the steps, so that each row is a dialogue.
 */

typedef struct {
  int line;        /* of the file, from 1 */
  gboolean timed;  /* began with `+SECONDS` */
  gint64 after_us; /* since the step before */
  char *verb;      /* ">", "<", "send" ... */
  char *rest;      /* what follows, maybe empty */
} DialogueStep;

typedef struct {
  char *name;
  int line;
  gboolean ipv4, ipv6;  /* what it can be asked over */
  gboolean kernel_only; /* the profile linux is not held to it */
  GArray *steps;        /* of DialogueStep */
} Dialogue;

/**
 * dialogues_read:
 *
 * Returns: (transfer full) (element-type Dialogue): what the file holds, to be
 *   freed by g_ptr_array_unref(); NULL and `error` if there is no such file, or
 *   a line of it that is wrong.
 */
GPtrArray *dialogues_read(const char *path, GError **error);

#endif
