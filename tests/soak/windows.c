/* Windows that close on both sides at once. Both ends have more to send than
 * the other takes and nobody reads for a long time, so that both probe: probes
 * and their answers are all that is sent, and once the users read, everything
 * arrives. */
#include "soak.h"

static SoakCase both_closed(void)
{
  SoakCase it = { .number = 7 };

  for (unsigned side = 0; side < 2; side++) {
    SoakPlan *plan = &it.plans[side];

    it.wires[0][side].spec.delay = SIM_MILLISECOND;
    plan->knobs = tcp_profile(0)->knobs;
    plan->knobs.receive_buffer = 100;
    plan->knobs.initial_sequence = UINT32_MAX - 50;
    plan->bytes = plan->write = 1000;
    plan->read = 100;
    plan->read_pause = 200 * SIM_SECOND;
  }
  return it;
}

static void test_both_closed(void)
{
  SoakCase it = both_closed();
  SoakRun run;

  soak_run_init(&run, &it, (SoakOptions){ .trace = true });
  soak_blame(&run);
  /* the first 100 bytes are read at once, the next are in the buffer */
  sim_run(run.sim, 100 * SIM_SECOND);
  for (unsigned side = 0; side < 2; side++)
    g_assert_cmpuint(tcp_stack_counters(run.ends[side].stack)->segments_sent, <,
                     30);
  soak_run_on(&run);
  soak_check_empty(&run);
  g_assert_cmpstr(run.problem, ==, "");
  for (unsigned side = 0; side < 2; side++)
    g_assert_cmpuint(run.ends[side].received, ==, 1000);
  soak_blame(NULL);
  soak_run_clear(&run);
}

/* The RST of an end whose probe was refused is one that the peer believes. */
static void test_reset_while_probing(void)
{
  SoakCase it = both_closed();
  SoakRun run;

  it.rough = true;
  soak_run_init(&run, &it, (SoakOptions){ .trace = true });
  soak_blame(&run);
  sim_run(run.sim, 100 * SIM_SECOND);
  soak_end_abort(&run.ends[SOAK_CLIENT]);
  sim_run(run.sim, 101 * SIM_SECOND);
  g_assert_cmpint(tcp_state(run.ends[SOAK_SERVER].conn), ==, TCP_CLOSED);
  soak_run_on(&run);
  soak_check_empty(&run);
  g_assert_cmpstr(run.problem, ==, "");
  g_assert_cmpint(run.ends[SOAK_SERVER].error, ==, TCP_ECONNRESET);
  soak_blame(NULL);
  soak_run_clear(&run);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/soak/windows/both-closed", test_both_closed);
  g_test_add_func("/soak/windows/reset-while-probing",
                  test_reset_while_probing);
  return g_test_run();
}
