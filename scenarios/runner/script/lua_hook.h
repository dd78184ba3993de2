/* Hooks: functions of the scenario that are told what happens, and the
 * filters that the run applies to every packet on behalf of expectations. */
#pragma once

#include "filter.h"
#include "packet_match.h"
#include "script.h"

typedef enum HookEvent {
  HOOK_SENT,
  HOOK_RECEIVED,
  HOOK_DROPPED,
  HOOK_STATE,
  HOOK_EVENTS,
} HookEvent;

typedef struct Hook {
  bool wants[HOOK_EVENTS];
  PacketMatch match;
  ScriptNode *host; /* where; NULL: anywhere */
  NetLink *link;
  ScriptNode *task_host;
  TcpState state;
  int ref;
} Hook;

extern const char *const hook_event_names[]; /* by HookEvent; ends with NULL */

/** hooks_listen: to packets, to states, from now on. */
void hooks_listen(Script *script, bool packets, bool states);

/** hooks_add: a copy of `hook` is told from now on. */
void hooks_add(Script *script, const Hook *hook);

/** hooks_watch_filter: (transfer none) from now on the ids of packets that
 * fit; lives as long as the script. Keys are uint64_t. */
GHashTable *hooks_watch_filter(Script *script, Filter *filter);

/** hooks_number: initial sequence numbers are noted from now on. */
void hooks_number(Script *script);

/** hooks_push: pushes a table with the values of `packet`, as hooks get it but
 * for what they alone know (event, fate); and the virtual time. */
void hooks_push(lua_State *L, const NetPacket *packet);

/** hooks_run: tasks for what happened since the last time. */
void hooks_run(Script *script);
