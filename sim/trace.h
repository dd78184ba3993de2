/* The trace bus: what happened, told to whoever listens.
 *
 * A layer names its kinds of record (net: 0-15, tcp: 16-31, app: 32-39,
 * runner: 40-63; see each layer's header) and calls sim_trace() with a struct
 * that lives only for the call. With nobody listening a record costs one test
 * of a mask.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct Sim Sim;

/** SimTraceFunc: `record` is of the struct that belongs to `kind`, valid
 * during the call. It may read the models and may not change them. */
typedef void (*SimTraceFunc)(void *user, Sim *sim, unsigned kind,
                             const void *record);

#define SIM_TRACE_LISTENERS 8

typedef struct SimTrace {
  uint64_t mask; /* kinds that somebody listens to */
  unsigned count;
  struct {
    uint64_t mask;
    SimTraceFunc func;
    void *user;
  } listeners[SIM_TRACE_LISTENERS];
} SimTrace;

/** sim_trace_listen: calls `func` for each kind whose bit is in `mask`, in
 * order of registration. At most SIM_TRACE_LISTENERS. */
void sim_trace_listen(Sim *sim, uint64_t mask, SimTraceFunc func, void *user);

/** sim_trace_unlisten: takes back one sim_trace_listen(). Not from inside a
 * listener. */
void sim_trace_unlisten(Sim *sim, SimTraceFunc func, void *user);

/** sim_trace_emit: hands `record` to those who listen to `kind`. */
void sim_trace_emit(Sim *sim, unsigned kind, const void *record);

/** sim_tracing: does anybody listen to `kind`? Ask before building one. */
#define sim_tracing(sim, kind) (((sim)->trace.mask >> (kind)) & 1)
