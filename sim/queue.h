/* The queue of pending events: a 4-ary heap in one array.
 *
 * An entry carries its time, so that sifting touches events only to tell them
 * their new slot and to order those of the same time. That keeps four
 * children in 64 bytes. An event is embedded in what it wakes and never
 * allocated; it leaves the queue before it fires.
 *
 * Invariant: entries[event->slot].event == event for every pending event, and
 * no entry is earlier than its parent by (time, rank). Ranks are unique.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "simtime.h"

typedef struct Sim Sim;
typedef struct SimEvent SimEvent;
typedef void (*SimEventFunc)(Sim *sim, SimEvent *event);

#define SIM_NOT_QUEUED UINT32_MAX

/** SimEvent: embed it; recover the object with SIM_CONTAINER(). */
struct SimEvent {
  SimEventFunc fire;
  uint64_t rank; /* owner's id << 40 | owner's count, while pending */
  uint32_t slot;
};

#define SIM_CONTAINER(pointer, type, member) \
  ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

typedef struct SimEntry {
  SimTime time;
  SimEvent *event;
} SimEntry;

typedef struct SimQueue {
  SimEntry *entries;
  uint32_t count;
  uint32_t room;
} SimQueue;

/** sim_queue_clear: frees the array; no event is pending any more. The queue
 * is as good as new. */
void sim_queue_clear(SimQueue *queue);

/** sim_queue_put: adds `event`, or moves it if it is pending. `time` (ns) is
 * >= 0 and `rank` is no other pending event's. A queue of zeros is empty. */
void sim_queue_put(SimQueue *queue, SimEvent *event, SimTime time,
                   uint64_t rank);

/** sim_queue_remove: takes a pending `event` out. */
void sim_queue_remove(SimQueue *queue, SimEvent *event);

/** sim_queue_pop: takes the earliest out. The queue may not be empty. */
SimEvent *sim_queue_pop(SimQueue *queue);
