/* Text that programs read: numbers without printf, JSON strings, table cells.
 * Each appends to `line`. */
#pragma once

#include <stdint.h>

#include <glib.h>

#include "simtime.h"

void text_uint(GString *line, uint64_t value);
void text_int(GString *line, int64_t value);

/** text_seconds: `time` (ns, >= 0) as seconds with 9 decimals. */
void text_seconds(GString *line, SimTime time);

/** text_json: `text` as a quoted JSON string; bytes that are not UTF-8 become
 * U+FFFD. */
void text_json(GString *line, const char *text);

/** text_cell: `text` as a cell of a table: control characters become spaces,
 * bytes that are not UTF-8 U+FFFD, nothing (or NULL) "-". */
void text_cell(GString *line, const char *text);
