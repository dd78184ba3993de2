/* The trace bus: a short array of listeners.
 *
 * Invariant: the bus's mask is the union of its listeners' masks.
 */
#include "trace.h"

#include <glib.h>

#include "sim.h"

void sim_trace_listen(Sim *sim, uint64_t mask, SimTraceFunc func, void *user)
{
  SimTrace *trace = &sim->trace;

  g_assert(trace->count < SIM_TRACE_LISTENERS);
  trace->listeners[trace->count].mask = mask;
  trace->listeners[trace->count].func = func;
  trace->listeners[trace->count].user = user;
  trace->count++;
  trace->mask |= mask;
}

void sim_trace_unlisten(Sim *sim, SimTraceFunc func, void *user)
{
  SimTrace *trace = &sim->trace;
  unsigned kept = 0;

  trace->mask = 0;
  for (unsigned i = 0; i < trace->count; i++) {
    if (trace->listeners[i].func == func && trace->listeners[i].user == user)
      continue;
    trace->listeners[kept++] = trace->listeners[i];
    trace->mask |= trace->listeners[i].mask;
  }
  trace->count = kept;
}

void sim_trace_emit(Sim *sim, unsigned kind, const void *record)
{
  const SimTrace *trace = &sim->trace;

  g_assert(kind < 64);
  for (unsigned i = 0; i < trace->count; i++)
    if ((trace->listeners[i].mask >> kind) & 1)
      trace->listeners[i].func(trace->listeners[i].user, sim, kind, record);
}
