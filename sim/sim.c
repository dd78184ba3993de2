/* The engine: one clock, one loop.
 *
 * Invariant: no pending event is earlier than `now`, so that `now` never
 * decreases; an event that fires is not pending, so that it may schedule
 * itself again or free what it is embedded in.
 */
#include "sim.h"

#include <glib.h>

#define OWNER_SHIFT 40
#define OWNER_COUNT_MASK ((UINT64_C(1) << OWNER_SHIFT) - 1)
#define MOST_OWNERS ((UINT64_C(1) << 24) - 1)

struct SimAttached {
  SimAttached *below;
  void *object;
  SimFreeFunc free_object;
};

Sim *sim_new(uint64_t seed)
{
  Sim *sim = g_new0(Sim, 1);

  sim->seed = seed;
  return sim;
}

void sim_free(Sim *sim)
{
  if (sim == NULL)
    return;
  g_assert(!sim->running);
  /* First, so that whoever is freed need not fear for others' events. */
  sim_queue_clear(&sim->queue);
  while (sim->attached != NULL) {
    SimAttached *top = sim->attached;

    sim->attached = top->below;
    top->free_object(top->object);
    g_free(top);
  }
  g_assert(sim->queue.count == 0);
  sim_queue_clear(&sim->queue);
  g_free(sim);
}

void sim_attach(Sim *sim, void *object, SimFreeFunc free_object)
{
  SimAttached *top = g_new(SimAttached, 1);

  *top = (SimAttached){ .below = sim->attached,
                        .object = object,
                        .free_object = free_object };
  sim->attached = top;
}

void sim_owner_init(SimOwner *owner, Sim *sim, const char *name)
{
  g_assert(sim->owners < MOST_OWNERS);
  owner->rank = ++sim->owners << OWNER_SHIFT;
  owner->name_hash = sim_hash_string(name);
}

void sim_schedule(Sim *sim, SimEvent *event, SimOwner *owner, SimTime at)
{
  g_assert(at >= sim->now);
  if (G_UNLIKELY(at == SIM_TIME_NEVER)) {
    sim_cancel(sim, event);
    return;
  }
  /* Fails for an owner without an id, too. */
  g_assert(owner->rank > OWNER_COUNT_MASK &&
           (owner->rank & OWNER_COUNT_MASK) != OWNER_COUNT_MASK);
  sim_queue_put(&sim->queue, event, at, owner->rank++);
}

void sim_cancel(Sim *sim, SimEvent *event)
{
  if (sim_event_pending(event))
    sim_queue_remove(&sim->queue, event);
}

SimTime sim_event_time(const Sim *sim, const SimEvent *event)
{
  return sim_event_pending(event) ? sim->queue.entries[event->slot].time
                                  : SIM_TIME_NEVER;
}

static SimEnd fire_until(Sim *sim, SimTime until)
{
  SimQueue *queue = &sim->queue;

  for (;;) {
    SimEvent *event;

    if (G_UNLIKELY(sim->stop)) {
      sim->stop = 0;
      return SIM_END_STOPPED;
    }
    if (queue->count == 0)
      return SIM_END_IDLE;
    if (queue->entries[0].time > until) {
      sim->now = MAX(sim->now, until);
      return SIM_END_TIME;
    }
    g_assert(queue->entries[0].time >= sim->now);
    sim->now = queue->entries[0].time;
    sim->fired++;
    event = sim_queue_pop(queue);
    event->fire(sim, event);
  }
}

SimEnd sim_run(Sim *sim, SimTime until)
{
  SimEnd end;

  g_assert(!sim->running);
  sim->running = true;
  end = fire_until(sim, until);
  sim->running = false;
  return end;
}

uint64_t sim_hash_string(const char *text)
{
  uint64_t hash = 0xcbf29ce484222325u;

  for (; *text != '\0'; text++)
    hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
  return sim_hash(0, hash);
}

bool sim_check_end(const Sim *sim, const char **ret_problem)
{
  if (sim->queue.count > 0)
    *ret_problem = "events are still pending";
  else if (sim->live > 0)
    *ret_problem = "objects are live that should be gone";
  else if (sim->live < 0)
    *ret_problem = "more objects were freed than made";
  else
    return true;
  return false;
}
