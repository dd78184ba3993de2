/* The states of both ends as bars to scale, in the terminal.
 *
 *     client:49152 ┃SYN-SENT┃ESTABLISHED──┃FIN-WAIT-1┃TIME-WAIT 240 s ─╱╱──┃
 *     server:80             ┃SYN-RECEIVED┃ESTABLISHED─┃LAST-ACK┃
 *                  0.000    50.051                             240310.204 ms
 *
 * A span that dwarfs all others is cut short and marked, for both ends.
 */
#pragma once

#include "record.h"
#include "terminal.h"

/** text_timeline_print: appends the timelines of `record`'s conversations to
 * `out`; without `verbose`, of the first few. */
void text_timeline_print(const Record *record, const Terminal *terminal,
                         bool verbose, GString *out);
