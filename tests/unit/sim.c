/* The engine's promises: order, lifetime, clock, fingerprint. */
#include "sim.h"

#include <glib.h>
#include <string.h>

#include "random.h"

#define MOST_FIRED 16

/* An event that writes its letter when it fires, and then acts. */
typedef struct Letter {
  SimEvent event;
  char letter;
  char *log;
  void (*act)(Sim *sim, struct Letter *letter);
  SimOwner *owner;
  struct Letter *other;
} Letter;

static void letter_fire(Sim *sim, SimEvent *event)
{
  Letter *letter = SIM_CONTAINER(event, Letter, event);

  g_assert_false(sim_event_pending(event));
  g_assert_cmpuint(strlen(letter->log), <, MOST_FIRED);
  letter->log[strlen(letter->log)] = letter->letter;
  if (letter->act != NULL)
    letter->act(sim, letter);
}

static void letter_init(Letter *letter, char name, char *log, SimOwner *owner)
{
  *letter = (Letter){ .letter = name, .log = log, .owner = owner };
  sim_event_init(&letter->event, letter_fire);
}

/* Two owners, five letters a to e, a log. */
typedef struct Desk {
  Sim *sim;
  SimOwner first, second;
  Letter a, b, c, d, e;
  char log[MOST_FIRED + 1];
} Desk;

static void desk_set_up(Desk *desk, gconstpointer data)
{
  (void)data;
  *desk = (Desk){ .sim = sim_new(1) };
  sim_owner_init(&desk->first, desk->sim, "first");
  sim_owner_init(&desk->second, desk->sim, "second");
  letter_init(&desk->a, 'a', desk->log, &desk->first);
  letter_init(&desk->b, 'b', desk->log, &desk->first);
  letter_init(&desk->c, 'c', desk->log, &desk->first);
  letter_init(&desk->d, 'd', desk->log, &desk->second);
  letter_init(&desk->e, 'e', desk->log, &desk->second);
}

static void desk_tear_down(Desk *desk, gconstpointer data)
{
  (void)data;
  sim_free(desk->sim);
}

static void put(Desk *desk, Letter *letter, SimTime at)
{
  sim_schedule(desk->sim, &letter->event, letter->owner, at);
}

static void run(Desk *desk, SimTime until, SimEnd end, SimTime now)
{
  g_assert_cmpint(sim_run(desk->sim, until), ==, end);
  g_assert_cmpint(desk->sim->now, ==, now);
}

static void test_order(Desk *desk, gconstpointer data)
{
  (void)data;
  put(desk, &desk->e, 7);
  put(desk, &desk->d, 7);
  put(desk, &desk->c, 7);
  put(desk, &desk->a, 8);
  put(desk, &desk->b, 7);
  run(desk, SIM_TIME_NEVER, SIM_END_IDLE, 8);
  g_assert_cmpstr(desk->log, ==, "cbeda");
  g_assert_cmpuint(desk->sim->fired, ==, 5);
}

static void test_move(Desk *desk, gconstpointer data)
{
  (void)data;
  put(desk, &desk->a, 5);
  put(desk, &desk->b, 5);
  put(desk, &desk->c, 9);
  put(desk, &desk->d, 6);
  put(desk, &desk->a, 5); /* behind b now */
  put(desk, &desk->c, 4);
  put(desk, &desk->d, 10);
  g_assert_cmpint(sim_event_time(desk->sim, &desk->d.event), ==, 10);
  g_assert_cmpuint(desk->sim->queue.count, ==, 4);
  run(desk, SIM_TIME_NEVER, SIM_END_IDLE, 10);
  g_assert_cmpstr(desk->log, ==, "cbad");
}

static void test_cancel(Desk *desk, gconstpointer data)
{
  (void)data;
  put(desk, &desk->a, 5);
  put(desk, &desk->b, 6);
  sim_cancel(desk->sim, &desk->a.event);
  sim_cancel(desk->sim, &desk->a.event);
  g_assert_cmpint(sim_event_time(desk->sim, &desk->a.event), ==,
                  SIM_TIME_NEVER);
  put(desk, &desk->b, SIM_TIME_NEVER);
  g_assert_false(sim_event_pending(&desk->b.event));
  put(desk, &desk->c, 7);
  run(desk, SIM_TIME_NEVER, SIM_END_IDLE, 7);
  g_assert_cmpstr(desk->log, ==, "c");
}

static void act_again(Sim *sim, Letter *letter)
{
  if (sim->now < 30)
    sim_schedule(sim, &letter->event, letter->owner, sim->now + 10);
}

static void act_cancel_other(Sim *sim, Letter *letter)
{
  sim_cancel(sim, &letter->other->event);
}

static void act_free_self(Sim *sim, Letter *letter)
{
  (void)sim;
  g_free(letter);
}

static void act_stop(Sim *sim, Letter *letter)
{
  (void)letter;
  sim_stop(sim);
}

static void test_again(Desk *desk, gconstpointer data)
{
  (void)data;
  desk->a.act = act_again;
  put(desk, &desk->a, 10);
  put(desk, &desk->b, 20); /* before a's second time, by its count */
  run(desk, SIM_TIME_NEVER, SIM_END_IDLE, 30);
  g_assert_cmpstr(desk->log, ==, "abaa");
}

static void test_cancel_other(Desk *desk, gconstpointer data)
{
  (void)data;
  desk->a.act = act_cancel_other;
  desk->a.other = &desk->b;
  put(desk, &desk->a, 10);
  put(desk, &desk->b, 10);
  put(desk, &desk->c, 10);
  run(desk, SIM_TIME_NEVER, SIM_END_IDLE, 10);
  g_assert_cmpstr(desk->log, ==, "ac");
}

/* Under AddressSanitizer a touch after the free is an error. */
static void test_free_self(Desk *desk, gconstpointer data)
{
  Letter *letter = g_new(Letter, 1);

  (void)data;
  letter_init(letter, 'x', desk->log, &desk->first);
  letter->act = act_free_self;
  put(desk, letter, 10);
  put(desk, &desk->a, 11);
  run(desk, SIM_TIME_NEVER, SIM_END_IDLE, 11);
  g_assert_cmpstr(desk->log, ==, "xa");
}

static void test_until(Desk *desk, gconstpointer data)
{
  (void)data;
  put(desk, &desk->a, 10);
  put(desk, &desk->b, 11);
  put(desk, &desk->c, 20);
  run(desk, 9, SIM_END_TIME, 9);
  run(desk, 10, SIM_END_TIME, 10);
  g_assert_cmpstr(desk->log, ==, "a");
  run(desk, 15, SIM_END_TIME, 15);
  run(desk, 3, SIM_END_TIME, 15); /* the clock does not turn back */
  run(desk, 100, SIM_END_IDLE, 20);
  g_assert_cmpstr(desk->log, ==, "abc");
  run(desk, 100, SIM_END_IDLE, 20);
}

static void test_stop(Desk *desk, gconstpointer data)
{
  (void)data;
  desk->a.act = act_stop;
  put(desk, &desk->a, 10);
  put(desk, &desk->b, 10);
  sim_stop(desk->sim);
  run(desk, 100, SIM_END_STOPPED, 0);
  run(desk, 100, SIM_END_STOPPED, 10);
  g_assert_cmpstr(desk->log, ==, "a");
  run(desk, 100, SIM_END_IDLE, 10);
  g_assert_cmpstr(desk->log, ==, "ab");
}

static void letter_detach(void *object)
{
  Letter *letter = object;

  g_assert_false(sim_event_pending(&letter->event));
  letter->log[strlen(letter->log)] = letter->letter;
}

static void test_attached(Desk *desk, gconstpointer data)
{
  (void)data;
  put(desk, &desk->b, 10);
  sim_attach(desk->sim, &desk->a, letter_detach);
  sim_attach(desk->sim, &desk->b, letter_detach);
  sim_attach(desk->sim, &desk->c, letter_detach);
  sim_free(desk->sim);
  desk->sim = NULL;
  g_assert_cmpstr(desk->log, ==, "cba");
}

static void test_check_end(Desk *desk, gconstpointer data)
{
  const char *problem = NULL;

  (void)data;
  g_assert_true(sim_check_end(desk->sim, &problem));
  g_assert_null(problem);
  put(desk, &desk->a, 1);
  g_assert_false(sim_check_end(desk->sim, &problem));
  g_assert_cmpstr(problem, ==, "events are still pending");
  sim_cancel(desk->sim, &desk->a.event);
  desk->sim->live = 1;
  g_assert_false(sim_check_end(desk->sim, &problem));
  g_assert_cmpstr(problem, ==, "objects are live that should be gone");
  desk->sim->live = -1;
  g_assert_false(sim_check_end(desk->sim, &problem));
  g_assert_cmpstr(problem, ==, "more objects were freed than made");
}

static void act_run(Sim *sim, Letter *letter)
{
  (void)letter;
  sim_run(sim, SIM_TIME_NEVER);
}

static void act_free_sim(Sim *sim, Letter *letter)
{
  (void)letter;
  sim_free(sim);
}

static void act_past(Sim *sim, Letter *letter)
{
  sim_schedule(sim, &letter->event, letter->owner, sim->now - 1);
}

static void act_no_owner(Sim *sim, Letter *letter)
{
  SimOwner none = { 0 };

  sim_schedule(sim, &letter->event, &none, sim->now);
}

static void act_worn_owner(Sim *sim, Letter *letter)
{
  letter->owner->rank |= (UINT64_C(1) << 40) - 1;
  sim_schedule(sim, &letter->event, letter->owner, sim->now);
}

static void act_owners(Sim *sim, Letter *letter)
{
  sim->owners = (UINT64_C(1) << 24) - 1;
  sim_owner_init(letter->owner, sim, "one too many");
}

/* Each is an error of a model's author: an assertion, in a process apart. */
typedef struct Misuse {
  const char *path;
  void (*act)(Sim *sim, Letter *letter);
  const char *message;
} Misuse;

static const Misuse misuses[] = {
  { "/sim/misuse/run-inside-an-event", act_run, "*!sim->running*" },
  { "/sim/misuse/free-inside-an-event", act_free_sim, "*!sim->running*" },
  { "/sim/misuse/schedule-in-the-past", act_past, "*at >= sim->now*" },
  { "/sim/misuse/owner-without-id", act_no_owner, "*owner->rank*" },
  { "/sim/misuse/owner-worn-out", act_worn_owner, "*owner->rank*" },
  { "/sim/misuse/too-many-owners", act_owners, "*sim->owners*" },
};

static void test_misuse(gconstpointer data)
{
  const Misuse *misuse = data;

  if (g_test_subprocess()) {
    Desk desk;

    desk_set_up(&desk, NULL);
    desk.a.act = misuse->act;
    put(&desk, &desk.a, 10);
    sim_run(desk.sim, 20);
    return;
  }
  g_test_trap_subprocess(NULL, 0, 0);
  g_test_trap_assert_failed();
  g_test_trap_assert_stderr(misuse->message);
}

typedef struct Doing {
  const char *owner;
  SimTime at;
  uint64_t what;
} Doing;

/* What `count` doings leave, with `strangers` made before that do nothing. */
static uint64_t fingerprint(const Doing *doings, unsigned count,
                            unsigned strangers)
{
  Sim *sim = sim_new(1);
  SimOwner owner;
  uint64_t result;

  while (strangers-- > 0)
    sim_owner_init(&owner, sim, "stranger");
  for (unsigned i = 0; i < count; i++) {
    sim_owner_init(&owner, sim, doings[i].owner);
    sim->now = doings[i].at;
    sim_note(sim, &owner, doings[i].what);
  }
  result = sim->fingerprint;
  sim_free(sim);
  return result;
}

static void test_fingerprint(void)
{
  const Doing both[] = { { "a", 5, 1 }, { "b", 5, 2 } };
  const Doing turned[] = { { "b", 5, 2 }, { "a", 5, 1 } };
  const Doing swapped[] = { { "a", 5, 2 }, { "b", 5, 1 } };
  const Doing later[] = { { "a", 5, 1 }, { "b", 6, 2 } };
  const Doing other[] = { { "a", 5, 1 }, { "b", 5, 3 } };
  const Doing named[] = { { "a", 5, 1 }, { "c", 5, 2 } };
  uint64_t expected = fingerprint(both, 2, 0);

  g_assert_cmphex(fingerprint(both, 2, 3), ==, expected);
  g_assert_cmphex(fingerprint(turned, 2, 0), ==, expected);
  g_assert_cmphex(fingerprint(both, 1, 0), !=, expected);
  g_assert_cmphex(fingerprint(swapped, 2, 0), !=, expected);
  g_assert_cmphex(fingerprint(later, 2, 0), !=, expected);
  g_assert_cmphex(fingerprint(other, 2, 0), !=, expected);
  g_assert_cmphex(fingerprint(named, 2, 0), !=, expected);
}

/* A walker takes random steps, each of them noted. */
typedef struct Walker {
  SimEvent event;
  SimOwner owner;
  SimRandom random;
} Walker;

static void walker_fire(Sim *sim, SimEvent *event)
{
  Walker *walker = SIM_CONTAINER(event, Walker, event);

  sim_note(sim, &walker->owner, sim_random_next(&walker->random));
  sim_schedule(sim, event, &walker->owner,
               sim->now + sim_random_exponential(&walker->random, 1000));
}

static Sim *walk_new(uint64_t seed)
{
  Sim *sim = sim_new(seed);

  for (unsigned i = 0; i < 3; i++) {
    Walker *walker = g_new(Walker, 1);
    char name[] = { 'w', (char)('0' + i), '\0' };

    sim_owner_init(&walker->owner, sim, name);
    sim_random_init(&walker->random, seed, name);
    sim_event_init(&walker->event, walker_fire);
    sim_schedule(sim, &walker->event, &walker->owner, 0);
    sim_attach(sim, walker, g_free);
  }
  return sim;
}

/* A hundred at once, in slices, end as each does alone. */
static void test_many(void)
{
  Sim *sims[100];

  for (unsigned i = 0; i < G_N_ELEMENTS(sims); i++)
    sims[i] = walk_new(i / 2);
  for (SimTime until = 1000; until <= 20000; until += 1000)
    for (unsigned i = 0; i < G_N_ELEMENTS(sims); i++)
      sim_run(sims[i], until);
  for (unsigned i = 0; i < G_N_ELEMENTS(sims); i++) {
    Sim *alone = walk_new(i / 2);

    sim_run(alone, 20000);
    g_assert_cmphex(sims[i]->fingerprint, ==, alone->fingerprint);
    g_assert_cmpuint(sims[i]->fired, ==, alone->fired);
    if (i >= 2)
      g_assert_cmphex(sims[i]->fingerprint, !=, sims[i - 2]->fingerprint);
    sim_free(alone);
  }
  for (unsigned i = 0; i < G_N_ELEMENTS(sims); i++)
    sim_free(sims[i]);
}

static void listen(void *user, Sim *sim, unsigned kind, const void *record)
{
  GString *heard = user;

  g_string_append_printf(heard, "%u%s@%d ", kind, (const char *)record,
                         (int)sim->now);
}

static void listen_second(void *user, Sim *sim, unsigned kind,
                          const void *record)
{
  g_string_append_c(user, '+');
  listen(user, sim, kind, record);
}

static void test_trace(void)
{
  g_autoptr(GString) heard = g_string_new(NULL);
  Sim *sim = sim_new(1);

  g_assert_false(sim_tracing(sim, 63));
  sim_trace_listen(sim, UINT64_C(1) << 63 | 2, listen, heard);
  sim_trace_listen(sim, 4 | 2, listen_second, heard);
  g_assert_true(sim_tracing(sim, 63));
  g_assert_true(sim_tracing(sim, 2));
  g_assert_false(sim_tracing(sim, 3));
  sim_trace_emit(sim, 63, "x");
  sim_trace_emit(sim, 3, "y");
  sim_trace_emit(sim, 2, "z");
  g_assert_cmpstr(heard->str, ==, "63x@0 +2z@0 ");
  g_string_truncate(heard, 0);
  sim_trace_emit(sim, 1, "o");
  g_assert_cmpstr(heard->str, ==, "1o@0 +1o@0 ");
  sim_free(sim);
}

#define ADD(name, test) \
  g_test_add(name, Desk, NULL, desk_set_up, test, desk_tear_down)

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  ADD("/sim/order-is-time-owner-count", test_order);
  ADD("/sim/moved-goes-behind", test_move);
  ADD("/sim/cancelled-does-not-fire", test_cancel);
  ADD("/sim/schedules-itself-again", test_again);
  ADD("/sim/cancels-another-of-its-time", test_cancel_other);
  ADD("/sim/frees-itself", test_free_self);
  ADD("/sim/runs-until", test_until);
  ADD("/sim/stops-and-goes-on", test_stop);
  ADD("/sim/attached-last-is-freed-first", test_attached);
  ADD("/sim/check-end", test_check_end);
  for (unsigned i = 0; i < G_N_ELEMENTS(misuses); i++)
    g_test_add_data_func(misuses[i].path, &misuses[i], test_misuse);
  g_test_add_func("/sim/fingerprint", test_fingerprint);
  g_test_add_func("/sim/many-in-one-process", test_many);
  g_test_add_func("/sim/trace", test_trace);
  return g_test_run();
}
