/* Settings that commands make, by the names of sysctl(8). */
#pragma once

#include "pkt_run.h"

/** pkt_sysctl: sets `name` to `value` as it is written ("4096 87380 6291456").
 * False and why, in `ret_problem` (transfer full). Names that change nothing
 * here are taken. */
bool pkt_sysctl(PktRun *it, const char *name, const char *value,
                char **ret_problem);

/** pkt_sysctl_defaults: what google's common/defaults.sh sets. */
void pkt_sysctl_defaults(PktRun *it);
