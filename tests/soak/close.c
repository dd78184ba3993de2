/* Connections that are opened, used and closed in order, whatever the network
 * does: both ends reach CLOSED without an error, every byte arrives once and in
 * order in each direction, and nothing is left. The same number gives the same
 * run, listened to or not, alone or not. */
#include "soak.h"

static void check_ends(SoakRun *run)
{
  for (unsigned side = 0; side < 2; side++) {
    const SoakEnd *end = &run->ends[side];
    const SoakPlan *peer = &run->it->plans[!side];

    if (end->received != peer->bytes)
      soak_problem(run, "%u has %" G_GUINT64_FORMAT " bytes of %u", side,
                   end->received, peer->bytes);
    if (!end->done)
      soak_problem(run, "%u is not done: %s%s%s%s", side,
                   end->conn ? tcp_state_name(tcp_state(end->conn)) : "none",
                   end->opened ? ", opened" : "", end->shut ? ", shut" : "",
                   end->eof ? ", FIN read" : "");
    if (end->sent > 0 && end->received > 0 && !end->eof)
      soak_problem(run, "%u has not seen the peer's FIN", side);
  }
}

/* The fingerprint of case `it`. */
static uint64_t run_case(const SoakCase *it, SoakOptions options)
{
  SoakRun run;
  uint64_t fingerprint;

  soak_run_init(&run, it, options);
  soak_blame(&run);
  soak_run_on(&run);
  if (!options.idle)
    check_ends(&run);
  soak_check_empty(&run);
  if (run.problem[0] != '\0') {
    soak_report(&run);
    g_test_fail_printf("case %" G_GUINT64_FORMAT ": %s", it->number,
                       run.problem);
  }
  fingerprint = run.sim->fingerprint;
  soak_blame(NULL);
  soak_run_clear(&run);
  return fingerprint;
}

static void close_case(uint64_t number)
{
  SoakCase it = soak_case(number);

  run_case(&it, (SoakOptions){ .trace = true });
}

static void twice_case(uint64_t number)
{
  SoakCase it = soak_case(number);
  uint64_t alone = run_case(&it, (SoakOptions){ .trace = true });
  uint64_t silent = run_case(&it, (SoakOptions){ .trace = false });
  uint64_t both = run_case(&it, (SoakOptions){ .bystander = true });
  uint64_t other =
      run_case(&it, (SoakOptions){ .bystander = true, .idle = true });

  g_assert_cmphex(alone, ==, silent);
  g_assert_cmphex(other, !=, 0);
  g_assert_cmphex(both, ==, alone + other);
}

/* Cases that have failed once, however many are tried. */
static void test_found(void)
{
  if (g_getenv("LINGER_SOAK_CASE"))
    return;
  close_case(633);  /* a MSS knob above the MTU */
  close_case(9560); /* probes that crossed and were taken */
}

static void test_close(void)
{
  soak_each(1, 4000, close_case);
}

static void test_twice(void)
{
  soak_each(1000000, 150, twice_case);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/soak/found", test_found);
  g_test_add_func("/soak/close", test_close);
  g_test_add_func("/soak/twice", test_twice);
  return g_test_run();
}
