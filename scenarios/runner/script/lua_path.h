/* Who sees a connection. */
#pragma once

#include "script.h"

/** path_sees: do packets of the connection `pair` pass `node` or `link`
 * (nullable)? */
bool path_sees(Script *script, const TcpPair *pair, const NetNode *node,
               const NetLink *link);
