/* The queue against a model that looks at every event, and its promises. */
#include "queue.h"

#include <glib.h>

#include "random.h"
#include "sim.h"

#define MOST_EVENTS 300

typedef struct Model {
  SimQueue queue;
  SimEvent events[MOST_EVENTS];
  struct {
    SimTime time;
    uint64_t rank;
  } keys[MOST_EVENTS]; /* of those that are pending */
} Model;

static Model *model_new(void)
{
  Model *model = g_new0(Model, 1);

  for (unsigned i = 0; i < MOST_EVENTS; i++)
    sim_event_init(&model->events[i], NULL);
  return model;
}

static void model_free(Model *model)
{
  sim_queue_clear(&model->queue);
  g_free(model);
}

static void model_put(Model *model, unsigned i, SimTime time, uint64_t rank)
{
  model->keys[i].time = time;
  model->keys[i].rank = rank;
  sim_queue_put(&model->queue, &model->events[i], time, rank);
}

static bool model_earlier(const Model *model, unsigned a, unsigned b)
{
  if (model->keys[a].time != model->keys[b].time)
    return model->keys[a].time < model->keys[b].time;
  return model->keys[a].rank < model->keys[b].rank;
}

static unsigned model_earliest(const Model *model)
{
  unsigned best = MOST_EVENTS;

  for (unsigned i = 0; i < MOST_EVENTS; i++)
    if (sim_event_pending(&model->events[i]) &&
        (best == MOST_EVENTS || model_earlier(model, i, best)))
      best = i;
  return best;
}

static void check_invariant(const Model *model)
{
  const SimQueue *queue = &model->queue;
  uint32_t pending = 0;

  for (unsigned i = 0; i < MOST_EVENTS; i++)
    pending += sim_event_pending(&model->events[i]);
  g_assert_cmpuint(queue->count, ==, pending);
  for (uint32_t slot = 0; slot < queue->count; slot++) {
    const SimEntry *entry = &queue->entries[slot];
    unsigned i = (unsigned)(entry->event - model->events);
    uint32_t parent = slot > 0 ? (slot - 1) / 4 : 0;
    unsigned above = (unsigned)(queue->entries[parent].event - model->events);

    g_assert_cmpuint(entry->event->slot, ==, slot);
    g_assert_cmpint(entry->time, ==, model->keys[i].time);
    g_assert_cmpuint(entry->event->rank, ==, model->keys[i].rank);
    g_assert_false(model_earlier(model, i, above));
  }
}

static void test_ties(void)
{
  Model *model = model_new();

  /* 7 shares no factor with the count, so that all come, out of order. */
  for (unsigned i = 0; i < MOST_EVENTS; i++) {
    unsigned shuffled = i * 7 % MOST_EVENTS;

    model_put(model, shuffled, shuffled / 100, shuffled);
  }
  for (unsigned i = 0; i < MOST_EVENTS; i++)
    g_assert_true(sim_queue_pop(&model->queue) == &model->events[i]);
  g_assert_cmpuint(model->queue.count, ==, 0);
  model_free(model);
}

/* Owners' ids are the upper bits: they outweigh any count. */
static void test_wide_ranks(void)
{
  Model *model = model_new();

  model_put(model, 0, 5, UINT64_MAX);
  model_put(model, 1, 5, UINT64_C(1) << 63);
  model_put(model, 2, 5, UINT32_MAX);
  model_put(model, 3, SIM_TIME_NEVER, 0);
  model_put(model, 4, SIM_TIME_NEVER - 1, 1);
  g_assert_true(sim_queue_pop(&model->queue) == &model->events[2]);
  g_assert_true(sim_queue_pop(&model->queue) == &model->events[1]);
  g_assert_true(sim_queue_pop(&model->queue) == &model->events[0]);
  g_assert_true(sim_queue_pop(&model->queue) == &model->events[4]);
  g_assert_true(sim_queue_pop(&model->queue) == &model->events[3]);
  model_free(model);
}

static void test_pop_unqueues(void)
{
  Model *model = model_new();

  model_put(model, 0, 1, 1);
  model_put(model, 1, 2, 2);
  sim_queue_pop(&model->queue);
  g_assert_false(sim_event_pending(&model->events[0]));
  g_assert_true(sim_event_pending(&model->events[1]));
  sim_queue_remove(&model->queue, &model->events[1]);
  g_assert_false(sim_event_pending(&model->events[1]));
  model_free(model);
}

static void test_clear(void)
{
  Model *model = model_new();

  for (unsigned i = 0; i < MOST_EVENTS; i++)
    model_put(model, i, i, i);
  sim_queue_clear(&model->queue);
  g_assert_null(model->queue.entries);
  check_invariant(model);
  model_put(model, 3, 3, 3);
  g_assert_true(sim_queue_pop(&model->queue) == &model->events[3]);
  model_free(model);
}

/* Puts, moves, removals and pops at random, few times so that many tie. */
static void test_random(void)
{
  Model *model = model_new();
  SimRandom random;

  sim_random_init(&random, 1, "operations");
  for (uint64_t rank = 0; rank < 40000; rank++) {
    /* Grows and shrinks in turns of 1000. */
    uint64_t action = sim_random_below(&random, rank / 1000 % 2 ? 8 : 4);
    unsigned i = (unsigned)sim_random_below(&random, MOST_EVENTS);

    if (action < 3) {
      model_put(model, i, (SimTime)sim_random_below(&random, 50),
                sim_random_below(&random, UINT64_C(1) << 24) << 40 | rank);
    } else if (action < 4) {
      if (sim_event_pending(&model->events[i]))
        sim_queue_remove(&model->queue, &model->events[i]);
    } else if (model->queue.count > 0) {
      i = model_earliest(model);
      g_assert_true(sim_queue_pop(&model->queue) == &model->events[i]);
    }
    check_invariant(model);
  }
  model_free(model);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/queue/ties-by-rank", test_ties);
  g_test_add_func("/queue/ranks-are-64-bits", test_wide_ranks);
  g_test_add_func("/queue/popped-is-not-pending", test_pop_unqueues);
  g_test_add_func("/queue/cleared-is-new", test_clear);
  g_test_add_func("/queue/like-the-model", test_random);
  return g_test_run();
}
