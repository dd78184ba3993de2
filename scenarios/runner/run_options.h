/* What the command line of `linger run` asks for. */
#pragma once

#include "cmd.h"
#include "run.h"
#include "terminal.h"

typedef struct RunSettings {
  RunOptions run;
  GPtrArray *files;   /* operands, transfer none */
  GPtrArray *formats; /* of pictures */
  const char *out, *write, *summary;
  const char *as_pkt; /* the host whose script is written; NULL: none */
  TerminalColour colour;
  unsigned width; /* 0: the terminal's */
  bool quiet, verbose, tap, ascii, help;
} RunSettings;

/** options_colour: the value of --color, NULL if it has none. */
bool options_colour(const char *value, TerminalColour *ret, GError **error);
/** options_width: the value of --width. */
bool options_width(const char *value, unsigned *ret, GError **error);
/** options_is_description: of the API for editors, no scenario. */
bool options_is_description(const char *file);

/** run_settings_read: false and what is wrong with the command line. */
bool run_settings_read(RunSettings *ret, int argc, char **argv, GError **error);
void run_settings_clear(RunSettings *settings);
