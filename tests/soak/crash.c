/* Ends that are not in order: one user aborts at a random time, or the network
 * is cut for good, in one direction or both. Both ends are CLOSED within what
 * the knobs allow, with a fitting error, whatever arrived is a true beginning
 * of what was sent, and nothing is left. */
#include "soak.h"

typedef enum Accident { ABORT_CLIENT, ABORT_SERVER, CUT, CUT_ONE_WAY } Accident;

typedef struct Crash {
  SoakRun run;
  SoakCase it;
  SimEvent event;
  SimOwner owner;
  SimTime time;
  Accident accident;
  unsigned way;
  bool felt; /* there was something left to cut or to abort */
} Crash;

static void cut(SoakRun *run, unsigned way)
{
  for (unsigned i = 0; i < 2 && run->links[i]; i++)
    net_wire_loss(&run->links[i]->wires[way], 1);
}

static void happen(Sim *sim, SimEvent *event)
{
  Crash *crash = SIM_CONTAINER(event, Crash, event);

  SoakEnd *end = &crash->run.ends[crash->accident == ABORT_SERVER];

  g_assert_nonnull(sim);
  crash->felt = true;
  switch (crash->accident) {
  case ABORT_CLIENT:
  case ABORT_SERVER:
    crash->felt = end->conn || end->listener;
    soak_end_abort(end);
    break;
  case CUT:
    cut(&crash->run, !crash->way);
    cut(&crash->run, crash->way);
    break;
  default:
    cut(&crash->run, crash->way);
  }
}

/* In the first RTTs, somewhere in the middle, or after all is over. */
static void choose_accident(Crash *crash, uint64_t number)
{
  SimRandom random;
  SimTime most[] = { 10 * SIM_MILLISECOND, SIM_SECOND, 10 * SIM_SECOND,
                     200 * SIM_SECOND };

  sim_random_init(&random, number, "accident");
  crash->accident = (Accident)sim_random_below(&random, 4);
  crash->way = (unsigned)sim_random_below(&random, 2);
  crash->time = sim_random_exponential(
      &random, most[sim_random_below(&random, G_N_ELEMENTS(most))]);
}

static bool is_complete(const SoakEnd *end)
{
  return end->shut && end->sent == end->plan->bytes &&
         (end->plan->whole_close ||
          (end->eof && end->received == end->run->it->plans[!end->side].bytes));
}

/* Neither end went before the cut, or so shortly after it that a last packet
 * of the other's may have been the cause. */
static bool was_alone(const Crash *crash)
{
  SimTime late = sim_time_add(crash->time, 10 * SIM_SECOND);

  return crash->run.ends[0].ended > late && crash->run.ends[1].ended > late;
}

/* No answer means a time-out, unless all was over in order before. An end
 * without a connection never had anybody to talk to. */
static void check_end(Crash *crash, SoakEnd *end)
{
  bool aborted = crash->accident == (end->side ? ABORT_SERVER : ABORT_CLIENT);

  if (end->conn)
    soak_problem(&crash->run, "%u is still %s", end->side,
                 tcp_state_name(tcp_state(end->conn)));
  if (!end->done || aborted)
    return;
  if (end->error == TCP_OK && !is_complete(end))
    soak_problem(&crash->run, "%u ends in order, incomplete", end->side);
  if (crash->accident == CUT && was_alone(crash) && end->error &&
      end->error != TCP_ETIMEDOUT &&
      !(end->plan->host.arp && end->error == TCP_EHOSTUNREACH))
    soak_problem(&crash->run, "%u: %s after a cut", end->side,
                 tcp_error_name(end->error));
}

static void crash_case(uint64_t number)
{
  Crash crash = { .it = soak_case_rough(number) };
  SoakRun *run = &crash.run;

  choose_accident(&crash, number);
  soak_run_init(run, &crash.it, (SoakOptions){ .trace = true });
  soak_blame(run);
  sim_owner_init(&crash.owner, run->sim, "accident");
  sim_event_init(&crash.event, happen);
  sim_schedule(run->sim, &crash.event, &crash.owner, crash.time);
  soak_run_on(run);
  for (unsigned side = 0; side < 2; side++) {
    check_end(&crash, &run->ends[side]);
    if (run->ends[side].listener)
      tcp_listener_close(run->ends[side].listener);
  }
  soak_check_empty(run);
  if (crash.felt && run->problem[0] == '\0' &&
      run->sim->now > crash.time + SOAK_PATIENCE)
    soak_problem(run, "it took until %.0f s",
                 (double)run->sim->now / SIM_SECOND);
  if (run->problem[0] != '\0') {
    soak_report(run);
    g_test_fail_printf("case %" G_GUINT64_FORMAT ", accident %d at %.9f: %s",
                       number, crash.accident, (double)crash.time / SIM_SECOND,
                       run->problem);
  }
  soak_blame(NULL);
  soak_run_clear(run);
}

static void test_crash(void)
{
  soak_each(2000000, 6000, crash_case);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/soak/crash", test_crash);
  return g_test_run();
}
