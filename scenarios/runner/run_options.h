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
  TerminalColour colour;
  unsigned width; /* 0: the terminal's */
  bool quiet, verbose, tap, ascii, help;
} RunSettings;

/** run_settings_read: false and what is wrong with the command line. */
bool run_settings_read(RunSettings *ret, int argc, char **argv, GError **error);
void run_settings_clear(RunSettings *settings);
