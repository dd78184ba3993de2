/* Time and threads: who makes time go on, and how a call waits. */
#include <errno.h>
#include <time.h>

#include "world.h"

#define PATIENCE_NS 200000000 /* of real time */
#define SETTLE_US 5000        /* of real time */
#define DAY (24 * 3600 * SIM_SECOND)

/* Waits for a turn, for at most PATIENCE_NS of real time. */
static bool await_turn(PdWorld *it)
{
  struct timespec end;

  clock_gettime(CLOCK_REALTIME, &end);
  end.tv_nsec += PATIENCE_NS;
  end.tv_sec += end.tv_nsec / 1000000000;
  end.tv_nsec %= 1000000000;
  return pthread_cond_timedwait(&it->turn, &it->lock, &end) != ETIMEDOUT;
}

/* The call that waits looks again; time stands still meanwhile. A thread that
 * never looks at the clock is waited for only once. */
static void hand_over(PdWorld *it)
{
  it->stirred = false;
  it->wake = true;
  pthread_cond_broadcast(&it->turn);
  while (it->wake)
    pthread_cond_wait(&it->turn, &it->lock);
  while (it->returning)
    if (!await_turn(it))
      it->returning = false;
}

/* The clock moves only to events: `tick` is one where it is to stop. Whoever
 * was handed over to may have moved it. */
void pd_advance(PdWorld *it, SimTime until)
{
  SimEnd end;

  do {
    sim_schedule(it->sim, &it->tick, &it->owner, until);
    end = sim_run(it->sim, until);
    if (it->stirred && it->waiting) {
      hand_over(it);
      end = SIM_END_STOPPED;
    }
  } while (end == SIM_END_STOPPED && !(it->receiving && it->sent));
  sim_cancel(it->sim, &it->tick);
}

void pd_stir(PdWorld *it)
{
  it->stirred = true;
  if (it->waiting)
    sim_stop(it->sim);
}

bool pd_clock_seen(PdWorld *it)
{
  if (!it->returning || !pthread_equal(it->returner, pthread_self()))
    return true;
  it->returning = false;
  it->settling = true;
  pthread_cond_broadcast(&it->turn);
  return false;
}

void pd_settle(PdWorld *it)
{
  if (!it->settling || pthread_equal(it->returner, pthread_self()))
    return;
  it->settling = false;
  pthread_mutex_unlock(&it->lock);
  g_usleep(SETTLE_US);
  pthread_mutex_lock(&it->lock);
}

/* Nobody else came in for a while: the caller makes time go on itself. */
static void go_alone(PdWorld *it)
{
  it->stirred = false;
  while (!it->stirred &&
         sim_run(it->sim, it->sim->now + DAY) == SIM_END_STOPPED)
    ;
}

/* True if somebody else makes time go on and wants to know. */
static bool wait_for_wake(PdWorld *it)
{
  uint64_t entries = it->entries;

  it->waiting = true;
  it->wake = false;
  pthread_cond_broadcast(&it->turn);
  while (!it->wake)
    if (!await_turn(it) && !it->wake) {
      if (entries == it->entries)
        go_alone(it);
      entries = it->entries;
      if (it->stirred)
        break;
    }
  it->waiting = false;
  it->stirred = false;
  return it->wake;
}

gssize pd_call(PdWorld *it, PdAttempt attempt, PdCall *call)
{
  bool woken = false;
  gssize result;

  while ((result = attempt(it, call)) == PD_WAITS) {
    sim_schedule(it->sim, &it->alarm, &it->owner,
                 call->deadline ? call->deadline : SIM_TIME_NEVER);
    woken = wait_for_wake(it);
    call->again = true;
    call->late = call->deadline && it->sim->now >= call->deadline;
  }
  sim_cancel(it->sim, &it->alarm);
  if (woken) {
    it->wake = false;
    it->returning = true;
    it->returner = pthread_self();
    pthread_cond_broadcast(&it->turn);
  }
  return result;
}
