/* The command line: one table for each command, from which it is parsed and
 * its help is printed.
 *
 * GNU long options with unique abbreviations, --option=value, bundled short
 * ones, -- and operands anywhere. What is not understood is answered with the
 * nearest right word.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct OptionRow {
  const char *name;     /* long, without the dashes; NULL ends a table */
  int letter;           /* short, or 0 */
  const char *argument; /* what stands after it: "N"; NULL: nothing */
  bool optional;        /* the argument may be left out (only after "=") */
  const char *help;
} OptionRow;

/** OptionFunc: an option was met. `value` is NULL if none was given. */
typedef bool (*OptionFunc)(void *user, const OptionRow *row, const char *value,
                           GError **error);

typedef struct Command {
  const char *name;
  const char *usage;   /* after "linger NAME" */
  const char *summary; /* one line */
  const char *text;    /* more, behind the options; or NULL */
  const OptionRow *options;
} Command;

extern const Command command_run, command_pkt, command_plot, command_list,
    command_help;

/** commands: all of them, ending with NULL. */
extern const Command *const commands[];

#define OPTION_ERROR option_error_quark()
GQuark option_error_quark(void);

/** options_parse: reads the arguments that follow the command's name in
 * argv[0]. `operands` gets what is no option (transfer none). */
bool options_parse(const Command *command, int argc, char **argv,
                   OptionFunc func, void *user, GPtrArray *operands,
                   GError **error);

/** options_choice: the index of `value` in `words` (ends with NULL); -1 and an
 * error that names the nearest. `what` is the option, "--color". */
int options_choice(const char *what, const char *value,
                   const char *const *words, GError **error);

/** option_wrong: sets an OPTION_ERROR; always false. */
bool option_wrong(GError **error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
