#ifndef LINGER_MEASURE_PROBE_H
#define LINGER_MEASURE_PROBE_H

#include "bench.h"
#include "notation.h"
#include "variants.h"

enum {
  PROBE_TSVAL = 500000, /* what the peer sends before the probe */
  PROBE_TSVAL_NEWER_BY = 10,
};

/**
 * probe_segment:
 * @tsval: 0 for a segment without the option
 *
 * A segment of the peer. Its window is the one sent last, so that it never is a
 * window update; ACK is 0 without the flag.
 */
Segment probe_segment(const BenchConnection *c, int flags, uint32_t seq,
                      uint32_t ack, uint32_t length, uint32_t tsval);

/**
 * probe_make:
 * @older_by: how much older than the last one an old TSval is
 *
 * The segment that is one cell of a table.
 */
Segment probe_make(const BenchConnection *c, const AnswersTable *table,
                   int flags, int seq, int ack, uint32_t older_by);

/**
 * probe_add_reply:
 *
 * Appends FLAGS[(BYTES)],SEQ,ACK[,ts].
 */
void probe_add_reply(GString *text, const BenchConnection *c,
                     const BenchReply *reply);

/**
 * probe_state_name:
 *
 * Returns: the short name of %TCP_ESTABLISHED and so on.
 */
const char *probe_state_name(int state);

/**
 * probe_outcome:
 *
 * Looks at what has become of the connection and says it in the notation.
 * Reads what the application can read, so that it can be asked once.
 *
 * Returns: an interned string.
 */
const char *probe_outcome(const Bench *bench, BenchConnection *c,
                          const Variant *variant);

#endif
