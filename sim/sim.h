/* Virtual time: the engine that every model hangs off.
 *
 * A Sim owns the clock, the queue of pending events, the seed and the trace
 * bus. It knows no networks. Nothing here reads a wall clock, an address or
 * a hash order, so the same calls give the same run on every machine.
 *
 * Order is total: events fire by (time, id of the owner, the owner's own
 * count). The order of two events depends only on who owns them and on what
 * their owner did before, never on how owners are spread over processes.
 *
 *     model --sim_schedule--> [ queue ] --sim_run--> event->fire(sim, event)
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "queue.h"
#include "simtime.h"
#include "trace.h"

/**
 * SimOwner: what owns events: a host, one direction of a wire, a script.
 *
 * `rank` holds the owner's id in its upper 24 bits; the lower 40 count the
 * events that it has scheduled. Ids are given in order of creation.
 */
typedef struct SimOwner {
  uint64_t rank;
  uint64_t name_hash;
} SimOwner;

/** SimEnd: why sim_run() returned. */
typedef enum SimEnd {
  SIM_END_IDLE,    /* no event is left */
  SIM_END_TIME,    /* the next event is later than `until` */
  SIM_END_STOPPED, /* sim_stop() was called */
} SimEnd;

typedef void (*SimFreeFunc)(void *object);
typedef struct SimAttached SimAttached;

/**
 * Sim: one simulation. Read `now`, `seed`, `fired`; write through functions.
 */
struct Sim {
  SimTime now;           /* never decreases */
  SimQueue queue;        /* pending events */
  uint64_t fired;        /* events fired since the start */
  uint64_t seed;         /* of the run */
  uint64_t fingerprint;  /* a sum, so that it has no order of its own */
  uint64_t owners;       /* ids given so far */
  int64_t live;          /* objects that must be gone when a run ends */
  SimTrace trace;        /* who listens to what */
  SimAttached *attached; /* freed with the Sim, last attached first */
  bool running;          /* inside sim_run() */
  volatile sig_atomic_t stop;
};

/** sim_new: a simulation at time 0 (transfer full), keyed by `seed`. */
Sim *sim_new(uint64_t seed);

/** sim_free: frees `sim` (nullable) and, last first, all attached to it; by
 * then no event is pending. May not be called from inside an event. */
void sim_free(Sim *sim);

/** sim_attach: `object` is freed by `free_object` when `sim` is. */
void sim_attach(Sim *sim, void *object, SimFreeFunc free_object);

/** sim_owner_init: gives `owner` the next id. `name` is hashed, not kept;
 * it stands for the owner in the fingerprint. At most 2^24 - 1 owners. */
void sim_owner_init(SimOwner *owner, Sim *sim, const char *name);

/** sim_event_init: `event` will call `fire`. Not pending yet. */
static inline void sim_event_init(SimEvent *event, SimEventFunc fire)
{
  event->fire = fire;
  event->slot = SIM_NOT_QUEUED;
}

/** sim_event_pending: is it in the queue? False while it fires. */
static inline bool sim_event_pending(const SimEvent *event)
{
  return event->slot != SIM_NOT_QUEUED;
}

/**
 * sim_schedule: `event` fires at `at` (ns, >= now), on behalf of `owner`.
 *
 * A pending event is moved in place; either way it goes behind what the owner
 * has scheduled for the same time before. SIM_TIME_NEVER cancels it.
 */
void sim_schedule(Sim *sim, SimEvent *event, SimOwner *owner, SimTime at);

/** sim_cancel: `event` will not fire. Nothing happens if it is not pending. */
void sim_cancel(Sim *sim, SimEvent *event);

/** sim_event_time: when it fires, SIM_TIME_NEVER if not pending. */
SimTime sim_event_time(const Sim *sim, const SimEvent *event);

/**
 * sim_run: fires events up to and including `until` (ns).
 *
 * On SIM_END_TIME the clock stands at `until` (or stays, if that is past); on
 * SIM_END_IDLE at the last event. May be called again to go on. Not from
 * inside an event.
 */
SimEnd sim_run(Sim *sim, SimTime until);

/** sim_stop: sim_run() returns before the next event. Safe in a signal
 * handler and from inside an event. The next sim_run() goes on. */
static inline void sim_stop(Sim *sim)
{
  sim->stop = 1;
}

/** sim_hash: mixes two words into one; the fingerprint's and the streams'
 * bijective finaliser (splitmix64, Steele et al. 2014). */
static inline uint64_t sim_hash(uint64_t a, uint64_t b)
{
  uint64_t z = a * 0x9e3779b97f4a7c15u + b;

  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/** sim_hash_string: a 64-bit hash of `text` (FNV-1a, finalised). */
uint64_t sim_hash_string(const char *text);

/** sim_note: enters `what`, done by `owner` now, into the fingerprint.
 * Commutative, so that the order of simultaneous things in different hosts
 * and an unrelated object elsewhere do not change it. */
static inline void sim_note(Sim *sim, const SimOwner *owner, uint64_t what)
{
  sim->fingerprint +=
      sim_hash(sim_hash((uint64_t)sim->now, owner->name_hash), what);
}

/** sim_check_end: is the engine empty? False, and one sentence in
 * `ret_problem` (transfer none, static), if events are pending or objects
 * live that should be gone. */
bool sim_check_end(const Sim *sim, const char **ret_problem);
