/* The states as bars: to scale, broken where nothing happens, labelled. */
#include "text_timeline.h"

#include "record_by_hand.h"

static void close_in_order(ByHand *it, SimTime time_wait)
{
  const SimTime end = 300000 + time_wait;

  by_hand_state(it, 0, 0, TCP_CLOSED, TCP_SYN_SENT, 0, NULL);
  by_hand_state(it, 50000, 1, TCP_LISTEN, TCP_SYN_RECEIVED, 0, NULL);
  by_hand_state(it, 100000, 0, TCP_SYN_SENT, TCP_ESTABLISHED, 0, NULL);
  by_hand_state(it, 150000, 1, TCP_SYN_RECEIVED, TCP_ESTABLISHED, 0, NULL);
  by_hand_state(it, 200000, 0, TCP_ESTABLISHED, TCP_FIN_WAIT_1, 0, NULL);
  by_hand_state(it, 250000, 1, TCP_ESTABLISHED, TCP_LAST_ACK, 0, NULL);
  by_hand_state(it, 300000, 0, TCP_FIN_WAIT_1, TCP_TIME_WAIT, 0, NULL);
  by_hand_state(it, 350000, 1, TCP_LAST_ACK, TCP_CLOSED, 0, NULL);
  by_hand_state(it, end, 0, TCP_TIME_WAIT, TCP_CLOSED, 0, NULL);
}

static char *drawn(ByHand *it, unsigned width, bool utf8)
{
  const Terminal terminal = { .width = width, .utf8 = utf8 };
  GString *out = g_string_new("\n");

  text_timeline_print(&it->record, &terminal, false, out);
  return g_string_free(out, FALSE);
}

static void assert_drawn(SimTime time_wait, unsigned width, bool utf8,
                         const char *expected)
{
  g_autofree char *text = NULL;
  ByHand it;

  by_hand_init(&it);
  close_in_order(&it, time_wait);
  text = drawn(&it, width, utf8);
  by_hand_clear(&it);
  g_assert_cmpstr(text, ==, expected);
}

/* clang-format off */
static const char clipped[] =
    "\n"
    "client:49152 ┃SYN-SENT────┃ESTABLISHED──┃FIN-WAIT-1──┃TIME-WAIT 240 s ────╱╱───┃\n"
    "server:80           ┃SYN-RECEIVED┃ESTABLISHED──┃LAST-ACK────┃\n"
    "             0.000  0.050        0.150  0.200  0.250        0.350      240.300 s\n"
    "\n";

static const char narrow[] =
    "\n"
    "client:49152 |SYN-SENT|ESTAB----|F1------|TIME-WAIT----//--|\n"
    "server:80         |SYN-RECV|ESTAB---|LAST-ACK-|\n"
    "             0.000    0.100     0.200    0.300     240.300 s\n"
    "             F1 FIN-WAIT-1\n"
    "\n";

static const char whole[] =
    "\n"
    "client:49152 ┃SYN-SENT─────────────┃ESTABLISHED─────────┃FIN-WAIT-1───────────┃TIME-WAIT───────────┃\n"
    "server:80               ┃SYN-RECEIVED────────┃ESTABLISHED──────────┃LAST-ACK────────────┃\n"
    "             0.000      50.000     100.000   150.000    200.000    250.000    300.000     400.000 ms\n"
    "\n";
/* clang-format on */

static void time_wait_is_clipped(void)
{
  assert_drawn(240000000, 80, true, clipped);
}

static void short_states_have_initials(void)
{
  assert_drawn(240000000, 60, false, narrow);
}

static void what_fits_is_to_scale(void)
{
  assert_drawn(100000, 100, true, whole);
}

static void nothing_is_wider_than_the_terminal(void)
{
  ByHand it;

  by_hand_init(&it);
  close_in_order(&it, 240000000);
  for (unsigned width = TERMINAL_WIDTH_MIN; width <= 200; width++) {
    g_autofree char *text = drawn(&it, width, width & 1);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (guint i = 0; lines[i]; i++)
      g_assert_cmpuint(terminal_columns(lines[i]), <=, width);
  }
  by_hand_clear(&it);
}

static void a_state_that_lasts_points_on(void)
{
  g_autofree char *text = NULL;
  ByHand it;

  by_hand_init(&it);
  by_hand_state(&it, 0, 0, TCP_CLOSED, TCP_SYN_SENT, 0, NULL);
  by_hand_state(&it, 10, 0, TCP_SYN_SENT, TCP_ESTABLISHED, 0, NULL)->to =
      20 * SIM_MICROSECOND;
  ((RecordState *)it.record.states->pdata[1])->final = true;
  text = drawn(&it, 80, true);
  by_hand_clear(&it);
  g_assert_nonnull(strstr(text, "►"));
}

static void one_instant_is_no_division_by_zero(void)
{
  g_autofree char *text = NULL;
  ByHand it;

  by_hand_init(&it);
  by_hand_state(&it, 5, 0, TCP_SYN_SENT, TCP_CLOSED, 0, NULL);
  text = drawn(&it, 80, true);
  by_hand_clear(&it);
  g_assert_nonnull(strstr(text, "client:49152"));
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/text-timeline/time-wait-is-clipped", time_wait_is_clipped);
  g_test_add_func("/text-timeline/short-states-have-initials",
                  short_states_have_initials);
  g_test_add_func("/text-timeline/what-fits-is-to-scale",
                  what_fits_is_to_scale);
  g_test_add_func("/text-timeline/nothing-is-wider-than-the-terminal",
                  nothing_is_wider_than_the_terminal);
  g_test_add_func("/text-timeline/a-state-that-lasts-points-on",
                  a_state_that_lasts_points_on);
  g_test_add_func("/text-timeline/one-instant",
                  one_instant_is_no_division_by_zero);
  return g_test_run();
}
