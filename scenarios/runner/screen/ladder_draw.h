/* Draws the ladder of one conversation.
 *
 *        ms            client:49152                  server:80
 *                    CLOSED │                            │ LISTEN
 *      0.000       SYN-SENT ├── SYN seq 0 ──────────────►│
 * SYN-RECEIVED   50.051
 *
 * A host's times run down its own side: a packet's row says at the sender's
 * end when it left and at the receiver's when it came.
 */
#pragma once

#include "ladder_rows.h"
#include "terminal.h"

/** ladder_draw: appends the ladder of `conversation` to `out`. `events` are
 * those that concern it, in order of happening. */
void ladder_draw(const GPtrArray *events,
                 const RecordConversation *conversation,
                 const Terminal *terminal, bool verbose, GString *out);
