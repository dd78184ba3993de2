/* Hooks: functions of the scenario that are told what happens, and the
 * filters that the run applies to every packet on behalf of expectations. */
#pragma once

#include "filter.h"
#include "script.h"

/** hooks_watch_filter: (transfer none) from now on the ids of packets that
 * fit; lives as long as the script. Keys are uint64_t. */
GHashTable *hooks_watch_filter(Script *script, Filter *filter);

/** hooks_run: tasks for what happened since the last time. */
void hooks_run(Script *script);
