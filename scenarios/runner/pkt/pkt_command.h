/* Commands in backquotes: their line, and the settings that they make. */
#pragma once

#include "pkt_run.h"

/** PktShell: a line of commands as it goes on. What a command shows is read by
 * the next one of its pipeline. */
typedef struct PktShell {
  PktRun *it;
  PktPlace place;
  GString *shown;  /* NULL: nothing that is known here */
  GString *table;  /* what the pipeline's first command showed, for a person */
  bool counters;   /* it shows counters, by their names */
  bool good;       /* the exit status of the last command */
  char *complaint; /* why it is not (transfer full) */
} PktShell;

/** PktCommand: `words` are the command's, its name first. */
typedef PktOutcome (*PktCommand)(PktShell *shell, char **words);

/** pkt_shell_show: what the first command of a pipeline prints (taken over). */
void pkt_shell_show(PktShell *shell, GString *text);

/** pkt_shell_bad: the command ends with an exit status that is not 0. */
PktOutcome pkt_shell_bad(PktShell *shell, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

PktOutcome pkt_grep(PktShell *shell, char **words);     /* pkt_grep.c */
PktOutcome pkt_sockstat(PktShell *shell, char **words); /* pkt_sockstat.c */
PktOutcome pkt_tcpdrop(PktShell *shell, char **words);  /* pkt_tcpdrop.c */

PktOutcome pkt_ss(PktShell *shell, char **words); /* pkt_ss.c */

/* -- pkt_command_net.c -- */

PktOutcome pkt_ip(PktShell *shell, char **words);
PktOutcome pkt_tc(PktShell *shell, char **words);
PktOutcome pkt_nstat(PktShell *shell, char **words);
PktOutcome pkt_ethtool(PktShell *shell, char **words);
PktOutcome pkt_sleep(PktShell *shell, char **words);

/** pkt_counter_is_kept: is `pattern` part of a name that nstat may show? */
bool pkt_counter_is_kept(const char *pattern);

/** pkt_arithmetic: (transfer full) `text` with each $((...)) replaced by its
 * value; what cannot be read stays as it is. */
char *pkt_arithmetic(const char *text);

/** pkt_state_name: (transfer full) "SYN_RCVD", "FIN_WAIT_1", as FreeBSD has
 * it. */
char *pkt_state_name(TcpState state);

/** pkt_sysctl: sets `name` to `value` as it is written ("4096 87380 6291456").
 * False and why, in `ret_problem` (transfer full). Names that change nothing
 * here are taken. */
bool pkt_sysctl(PktRun *it, const char *name, const char *value,
                char **ret_problem);

/** pkt_sysctl_defaults: what google's common/defaults.sh sets. */
void pkt_sysctl_defaults(PktRun *it);
