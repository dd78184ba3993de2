/* What an event costs: the classic hold model (Jones 1986).
 *
 * N events are pending; each hold takes the earliest and puts it back at an
 * exponential distance, so that N stays. Four contenders take turns on the
 * same increments: bare arrays of {time, payload} as 4-ary and binary heaps,
 * which know neither ties, nor cancelling, nor where an event is; linger's
 * queue; and the whole engine, sim_run() and sim_schedule().
 *
 *     usage: hold [ROUNDS]        prints CPU ns per hold, medians of ROUNDS
 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "random.h"
#include "sim.h"

#define HOLDS 1000000u
#define INCREMENTS (1u << 16)
#define MEAN_INCREMENT SIM_MILLISECOND
#define MOST_ROUNDS 99

typedef struct BareEntry {
  SimTime time;
  void *payload;
} BareEntry;

typedef struct Load Load;

/* One pending event, with the owner that orders it. */
typedef struct Held {
  SimEvent event;
  SimOwner owner;
  Load *load;
} Held;

struct Load {
  size_t pending;
  SimTime *increments;
  size_t next; /* increment */
  Held *held;
  BareEntry *bare4; /* heaps of `pending` entries */
  BareEntry *bare2;
  SimQueue queue;
  Sim *sim;
  uint64_t holds_left;
};

typedef struct Contender {
  const char *name;
  void (*hold)(Load *load, size_t holds);
} Contender;

static inline SimTime next_increment(Load *load)
{
  return load->increments[load->next++ % INCREMENTS];
}

static inline void bare_up(BareEntry *heap, size_t arity, size_t hole,
                           BareEntry entry)
{
  while (hole > 0 && entry.time < heap[(hole - 1) / arity].time) {
    heap[hole] = heap[(hole - 1) / arity];
    hole = (hole - 1) / arity;
  }
  heap[hole] = entry;
}

static inline void bare_down(BareEntry *heap, size_t arity, size_t count,
                             BareEntry entry)
{
  size_t hole = 0;

  for (size_t first = 1; first < count; first = arity * hole + 1) {
    size_t best = first;
    size_t end = MIN(first + arity, count);

    for (size_t child = first + 1; child < end; child++)
      best = heap[child].time < heap[best].time ? child : best;
    if (entry.time <= heap[best].time)
      break;
    heap[hole] = heap[best];
    hole = best;
  }
  heap[hole] = entry;
}

static inline void bare_hold(Load *load, BareEntry *heap, size_t arity,
                             size_t holds)
{
  for (size_t last = load->pending - 1; holds > 0; holds--) {
    BareEntry entry = heap[0];

    bare_down(heap, arity, last, heap[last]);
    entry.time += next_increment(load);
    bare_up(heap, arity, last, entry);
  }
}

static void bare4_hold(Load *load, size_t holds)
{
  bare_hold(load, load->bare4, 4, holds);
}

static void bare2_hold(Load *load, size_t holds)
{
  bare_hold(load, load->bare2, 2, holds);
}

static void queue_hold(Load *load, size_t holds)
{
  for (; holds > 0; holds--) {
    SimTime now = load->queue.entries[0].time;
    Held *held = SIM_CONTAINER(sim_queue_pop(&load->queue), Held, event);

    sim_queue_put(&load->queue, &held->event, now + next_increment(load),
                  held->owner.rank++);
  }
}

static void engine_fire(Sim *sim, SimEvent *event)
{
  Held *held = SIM_CONTAINER(event, Held, event);

  sim_schedule(sim, event, &held->owner, sim->now + next_increment(held->load));
  if (--held->load->holds_left == 0)
    sim_stop(sim);
}

static void engine_hold(Load *load, size_t holds)
{
  load->holds_left = holds;
  sim_run(load->sim, SIM_TIME_NEVER);
}

static const Contender contenders[] = {
  { "bare 4-ary", bare4_hold },
  { "bare binary", bare2_hold },
  { "sim_queue", queue_hold },
  { "sim_run", engine_hold },
};

#define CONTENDERS G_N_ELEMENTS(contenders)

static void load_init(Load *load, size_t pending)
{
  SimRandom random;

  sim_random_init(&random, 1, "increments");
  *load = (Load){ .pending = pending,
                  .increments = g_new(SimTime, INCREMENTS),
                  .held = g_new0(Held, 2 * pending),
                  .bare4 = g_new(BareEntry, pending),
                  .bare2 = g_new(BareEntry, pending),
                  .sim = sim_new(1) };
  for (size_t i = 0; i < INCREMENTS; i++)
    load->increments[i] = sim_random_exponential(&random, MEAN_INCREMENT);
  for (size_t i = 0; i < 2 * pending; i++) {
    Held *held = &load->held[i];
    SimTime time = sim_random_exponential(&random, MEAN_INCREMENT);

    held->load = load;
    sim_event_init(&held->event, engine_fire);
    sim_owner_init(&held->owner, load->sim, "held");
    if (i < pending) {
      BareEntry entry = { .time = time, .payload = held };

      bare_up(load->bare4, 4, i, entry);
      bare_up(load->bare2, 2, i, entry);
      sim_queue_put(&load->queue, &held->event, time, held->owner.rank++);
    } else {
      sim_schedule(load->sim, &held->event, &held->owner, time);
    }
  }
}

static void load_clear(Load *load)
{
  sim_queue_clear(&load->queue);
  sim_free(load->sim);
  g_free(load->held);
  g_free(load->bare4);
  g_free(load->bare2);
  g_free(load->increments);
}

static double cpu_ns(void)
{
  struct timespec now;

  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static void measure(size_t pending, unsigned rounds)
{
  double ns[CONTENDERS][MOST_ROUNDS];
  Load load;

  load_init(&load, pending);
  for (unsigned round = 0; round <= rounds; round++)
    for (unsigned i = 0; i < CONTENDERS; i++) {
      double start = cpu_ns();

      contenders[i].hold(&load, HOLDS);
      /* The first round warms up and is overwritten. */
      ns[i][round > 0 ? round - 1 : 0] = (cpu_ns() - start) / HOLDS;
    }
  printf("%8zu", pending);
  for (unsigned i = 0; i < CONTENDERS; i++) {
    qsort(ns[i], rounds, sizeof(double), compare);
    printf("%10.1f %5.2f", ns[i][rounds / 2],
           ns[i][rounds / 2] / ns[0][rounds / 2]);
  }
  printf("\n");
  load_clear(&load);
}

int main(int argc, char **argv)
{
  unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 9;

  rounds = CLAMP(rounds, 1, MOST_ROUNDS);
  printf("CPU ns per hold, and the ratio to the bare 4-ary heap\n pending");
  for (unsigned i = 0; i < CONTENDERS; i++)
    printf("%16s", contenders[i].name);
  printf("\n");
  for (size_t pending = 1000; pending <= 1000000; pending *= 10)
    measure(pending, rounds);
  return 0;
}
