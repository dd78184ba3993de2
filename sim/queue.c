/* The queue of pending events: sifting with moves, a hole instead of swaps.
 *
 * Invariant: between two calls every slot below `count` is filled and known
 * to its event. Inside sift_up() and sift_down() exactly one slot, `hole`, is
 * stale; the entry that will fill it is held aside.
 *
 *                 0
 *       1      2     3      4        children of n: 4n + 1 .. 4n + 4
 *    5 6 7 8   ...               parent of n: (n - 1) / 4
 */
#include "queue.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#define FEWEST_ENTRIES 16u

/* Ranks differ. Times mostly do, so that the events stay untouched. */
static inline bool is_earlier(const SimEntry *a, const SimEntry *b)
{
  if (G_UNLIKELY(a->time == b->time))
    return a->event->rank < b->event->rank;
  return a->time < b->time;
}

static inline void fill(SimEntry *entries, size_t slot, SimEntry entry)
{
  entries[slot] = entry;
  entry.event->slot = (uint32_t)slot;
}

static inline void sift_up(SimEntry *entries, size_t hole, SimEntry entry)
{
  while (hole > 0) {
    size_t parent = (hole - 1) / 4;

    if (is_earlier(&entries[parent], &entry))
      break;
    fill(entries, hole, entries[parent]);
    hole = parent;
  }
  fill(entries, hole, entry);
}

static inline size_t earlier_of(const SimEntry *entries, size_t a, size_t b)
{
  /* No branch: it would be taken at random. */
  size_t if_b = 0 - (size_t)(is_earlier(&entries[b], &entries[a]));

  return a ^ ((a ^ b) & if_b);
}

/* The earliest child of a slot whose first child is `first` < `count`. */
static inline size_t earliest_child(const SimEntry *entries, size_t first,
                                    size_t count)
{
  size_t best = first;

  if (G_LIKELY(first + 4 <= count))
    return earlier_of(entries, earlier_of(entries, first, first + 1),
                      earlier_of(entries, first + 2, first + 3));
  for (size_t child = first + 1; child < count; child++)
    best = earlier_of(entries, best, child);
  return best;
}

/* Asks for all children of the four from `first` on before it is known which
 * of them matters: in a large queue one wait for memory a level is the cost.
 * A macro, because gcc drops a call of a function that does nothing else. */
#define PREFETCH_CHILDREN(entries, first)             \
  do {                                                \
    __builtin_prefetch(&(entries)[4 * (first) + 1]);  \
    __builtin_prefetch(&(entries)[4 * (first) + 5]);  \
    __builtin_prefetch(&(entries)[4 * (first) + 9]);  \
    __builtin_prefetch(&(entries)[4 * (first) + 13]); \
  } while (0)

static inline void sift_down(SimEntry *entries, size_t count, size_t hole,
                             SimEntry entry)
{
  for (size_t first = 4 * hole + 1; first < count; first = 4 * hole + 1) {
    size_t child;

    if (4 * first + 16 < count)
      PREFETCH_CHILDREN(entries, first);
    child = earliest_child(entries, first, count);
    if (is_earlier(&entry, &entries[child]))
      break;
    fill(entries, hole, entries[child]);
    hole = child;
  }
  fill(entries, hole, entry);
}

/* Fills `hole`, anywhere in the queue, with `entry`. */
static void settle(SimQueue *queue, size_t hole, SimEntry entry)
{
  SimEntry *entries = queue->entries;

  if (hole > 0 && is_earlier(&entry, &entries[(hole - 1) / 4]))
    sift_up(entries, hole, entry);
  else
    sift_down(entries, queue->count, hole, entry);
}

static void grow(SimQueue *queue)
{
  g_assert(queue->room <= SIM_NOT_QUEUED / 2);
  queue->room = queue->room > 0 ? 2 * queue->room : FEWEST_ENTRIES;
  queue->entries = g_renew(SimEntry, queue->entries, queue->room);
}

void sim_queue_clear(SimQueue *queue)
{
  for (size_t slot = 0; slot < queue->count; slot++)
    queue->entries[slot].event->slot = SIM_NOT_QUEUED;
  g_free(queue->entries);
  *queue = (SimQueue){ 0 };
}

void sim_queue_put(SimQueue *queue, SimEvent *event, SimTime time,
                   uint64_t rank)
{
  SimEntry entry = { .time = time, .event = event };

  event->rank = rank;
  if (event->slot != SIM_NOT_QUEUED) {
    settle(queue, event->slot, entry);
    return;
  }
  if (G_UNLIKELY(queue->count == queue->room))
    grow(queue);
  sift_up(queue->entries, queue->count++, entry);
}

void sim_queue_remove(SimQueue *queue, SimEvent *event)
{
  uint32_t hole = event->slot;
  SimEntry last;

  g_assert(hole < queue->count && queue->entries[hole].event == event);
  event->slot = SIM_NOT_QUEUED;
  last = queue->entries[--queue->count];
  if (hole != queue->count)
    settle(queue, hole, last);
}

SimEvent *sim_queue_pop(SimQueue *queue)
{
  SimEvent *event;

  g_assert(queue->count > 0);
  event = queue->entries[0].event;
  event->slot = SIM_NOT_QUEUED;
  if (--queue->count > 0)
    sift_down(queue->entries, queue->count, 0, queue->entries[queue->count]);
  return event;
}
