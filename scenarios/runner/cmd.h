/* The commands, and what they share: exit statuses and messages. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "options.h"

/** ExitStatus: the worst of several wins, and is the largest. */
typedef enum ExitStatus {
  EXIT_HOLDS = 0,
  EXIT_EXPECTATION = 1,
  EXIT_WRONG = 2,      /* the command line, a scenario */
  EXIT_UNFINISHED = 3, /* interrupted, or results could not be written */
} ExitStatus;

/* argv[0] is the command's name. */
ExitStatus cmd_run(int argc, char **argv);
ExitStatus cmd_pkt(int argc, char **argv);
ExitStatus cmd_plot(int argc, char **argv);
ExitStatus cmd_list(int argc, char **argv);
ExitStatus cmd_help(int argc, char **argv);

/** cmd_print_help: of `command`; NULL: of the whole. To standard output. */
void cmd_print_help(const Command *command);

/** cmd_find: by name, or NULL. */
const Command *cmd_find(const char *name);

/** cmd_unknown: complains that there is no command `word`, naming the nearest
 * that there is. */
ExitStatus cmd_unknown(const char *word);

/** cmd_complain: "linger: MESSAGE" on standard error, made clean. */
void cmd_complain(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/** cmd_usage_error: complains about the command line. `command` nullable. */
ExitStatus cmd_usage_error(const Command *command, const char *message);

/** cmd_flush: standard output is complete on its way out. A reader that has
 * gone is no error; a full disk is, and is complained about. */
bool cmd_flush(void);
