/* getsockopt(2) of a program that has this object preloaded. */
#pragma once

#include "interface.h"

/** pd_preload_set: descriptors of the stack are those of `table` (copied)
 * until pd_preload_unset() with its userdata. */
void pd_preload_set(const PdTable *table);
void pd_preload_unset(const void *userdata);
