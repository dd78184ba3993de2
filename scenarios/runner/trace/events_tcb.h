/* The variables of connections, written when they change. */
#pragma once

#include <stdbool.h>

#include <glib.h>

#include "tcp.h"

typedef struct EventsTcb EventsTcb;

EventsTcb *events_tcb_new(void);
void events_tcb_free(EventsTcb *tcb);

/** events_tcb_changed: appends `,"changed":{...}` to `line`: what differs
 * from the last status of that end in the conversation with this number, all
 * that is not zero if there was none. False if nothing does. */
bool events_tcb_changed(EventsTcb *tcb, GString *line, const TcpStatus *status,
                        unsigned conversation);
