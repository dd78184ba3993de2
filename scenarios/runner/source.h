/* What is run: a scenario or a script, whole. */
#pragma once

#include <glib.h>

/** source_read: (transfer full) the bytes of `file`, of standard input if it is
 * "-", with a NUL behind them that does not count; NULL with an error in
 * SCRIPT_ERROR that names the file. What has no end, as a device, is too
 * large. */
GByteArray *source_read(const char *file, GError **error);
