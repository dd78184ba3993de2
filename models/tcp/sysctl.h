/* Knobs by the names that sysctl(8) has for them. */
#pragma once

#include "knobs.h"

/** tcp_sysctl_name: the `index`-th name, or NULL past the end. */
const char *tcp_sysctl_name(unsigned index);

/** tcp_sysctl_set: sets what `name` stands for to `value`, in sysctl's own
 * unit. False, and one sentence in `ret_problem` (transfer none), if there is
 * no such name or the value is out of range; `knobs` is then as before. */
bool tcp_sysctl_set(TcpKnobs *knobs, const char *name, int64_t value,
                    const char **ret_problem);
