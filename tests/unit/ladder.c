/* The ladder: hosts' times run downwards on their own sides, crossed packets
 * are drawn apart, nothing is wider than the terminal, and nothing that a
 * scenario says gets through to the terminal as a command. */
#include <stdlib.h>

#include "ladder.h"
#include "record_by_hand.h"

typedef void (*Scene)(ByHand *it);

static char *drawn(Scene scene, unsigned width, bool utf8, bool verbose)
{
  Terminal terminal = { .width = width, .utf8 = utf8 };
  GString *out = g_string_new("\n");
  ByHand it;

  by_hand_init(&it);
  scene(&it);
  ladder_print(&it.record, &terminal, verbose, out);
  by_hand_clear(&it);
  return g_string_free(out, FALSE);
}

/* -- scenes -- */

static void handshake(ByHand *it)
{
  RecordPacket *packet;

  by_hand_state(it, 0, 0, TCP_CLOSED, TCP_SYN_SENT, 0, NULL);
  packet = by_hand_sent(it, 0, 0, "S", 0, 0, -1);
  by_hand_received(it, 50051, packet);
  by_hand_state(it, 50051, 1, TCP_LISTEN, TCP_SYN_RECEIVED, 0, packet);
  packet = by_hand_sent(it, 50051, 1, "S.", 0, 0, 1);
  by_hand_received(it, 100102, packet);
  by_hand_state(it, 100102, 0, TCP_SYN_SENT, TCP_ESTABLISHED, 0, packet);
  packet = by_hand_sent(it, 100102, 0, ".", 1, 0, 1);
  by_hand_received(it, 150153, packet);
  by_hand_state(it, 150153, 1, TCP_SYN_RECEIVED, TCP_ESTABLISHED, 0, packet);
}

static void lost_fin(ByHand *it)
{
  RecordPacket *packet;

  by_hand_note(it, 200000, NULL, "The client closes; its first FIN is lost.");
  by_hand_state(it, 200000, 0, TCP_ESTABLISHED, TCP_FIN_WAIT_1, 0, NULL);
  packet = by_hand_sent(it, 200000, 0, "F.", 1, 0, 1);
  by_hand_lost(it, 200000, packet, "dropped by the scenario, the 1st match");
  by_hand_timer(it, 1200000, 0, "retransmission", 0, 1);
  packet = by_hand_sent(it, 1200000, 0, "F.", 1, 0, 1);
  packet->attempt = 1;
  by_hand_received(it, 1250051, packet);
  by_hand_state(it, 1250051, 1, TCP_ESTABLISHED, TCP_CLOSE_WAIT, 0, packet);
  by_hand_state(it, 1250051, 1, TCP_CLOSE_WAIT, TCP_LAST_ACK, 0, NULL);
  packet = by_hand_sent(it, 1250051, 1, "F.", 1, 0, 2);
  by_hand_received(it, 1300102, packet);
  by_hand_state(it, 1300102, 0, TCP_FIN_WAIT_1, TCP_TIME_WAIT, 0, packet);
  packet = by_hand_sent(it, 1300102, 0, ".", 2, 0, 2);
  by_hand_received(it, 1350153, packet);
  by_hand_state(it, 1350153, 1, TCP_LAST_ACK, TCP_CLOSED, 0, packet);
  by_hand_timer(it, 241300102, 0, "time-wait", 0, 1);
  by_hand_state(it, 241300102, 0, TCP_TIME_WAIT, TCP_CLOSED, 0, NULL);
}

static void whole_life(ByHand *it)
{
  handshake(it);
  lost_fin(it);
}

static void simultaneous_close(ByHand *it)
{
  RecordPacket *left, *right;

  by_hand_state(it, 300000, 0, TCP_ESTABLISHED, TCP_FIN_WAIT_1, 0, NULL);
  left = by_hand_sent(it, 300000, 0, "F.", 1, 0, 1);
  by_hand_state(it, 300000, 1, TCP_ESTABLISHED, TCP_FIN_WAIT_1, 0, NULL);
  right = by_hand_sent(it, 300000, 1, "F.", 1, 0, 1);
  by_hand_received(it, 350051, left);
  by_hand_state(it, 350051, 1, TCP_FIN_WAIT_1, TCP_CLOSING, 0, left);
  by_hand_received(it, 350051, right);
  by_hand_state(it, 350051, 0, TCP_FIN_WAIT_1, TCP_CLOSING, 0, right);
}

static void oddities(ByHand *it)
{
  RecordPacket *packet;

  packet = by_hand_sent(it, 1000, 1, "R", 7, 0, -1);
  packet->rule = TCP_RULE_CLOSED_ACK;
  by_hand_received(it, 2000, packet);
  packet = by_hand_sent(it, 3000, 0, "SF", 9, 0, -1);
  packet->injected = true;
  by_hand_received(it, 4000, packet);
  packet = by_hand_sent(it, 4500, 0, "P.", 9, 100, 1);
  packet->duplicate = true;
  by_hand_received(it, 5000, packet);
  by_hand_sent(it, 6000, 0, "F.", 109, 0, 1);
}

static void burst(ByHand *it)
{
  RecordPacket *data[40], *acks[20];

  for (unsigned i = 0; i < 40; i++)
    data[i] = by_hand_sent(it, 100 * i, 0, "P.", 1 + 1460 * i, 1460, 1);
  for (unsigned i = 0; i < 40; i++) {
    by_hand_received(it, 50000 + 100 * i, data[i]);
    if (i % 2)
      acks[i / 2] =
          by_hand_sent(it, 50000 + 100 * i, 1, ".", 1, 0, 1461 + 1460 * i);
  }
  for (unsigned i = 0; i < 20; i++)
    by_hand_received(it, 100000 + 200 * i, acks[i]);
}

static void long_run(ByHand *it)
{
  for (unsigned i = 0; i < 1000; i++) {
    RecordPacket *packet =
        by_hand_sent(it, 1000 * i, 0, ".", 1 + 10 * i, 10, 1);
    by_hand_received(it, 1000 * i + 500, packet);
  }
}

static void hostile(ByHand *it)
{
  it->conversation->hosts[0] = "cl\033[31mient";
  it->conversation->hosts[1] = "a-server-with-a-very-long-name.example.org";
  handshake(it);
  by_hand_note(it, 200000, NULL,
               "\033]0;title\a \xff \r\n 漢字漢字 \u202eevil");
}

/* -- exactly -- */

/* clang-format off */
static const char life_80[] =
    "\n"
    "              client:49152                          server:80\n"
    "      s      CLOSED │                                   │ LISTEN             s\n"
    "  0.000    SYN-SENT ├── SYN seq 0 ─────────────────────►│ SYN-RECEIVED   0.050\n"
    "  0.100 ESTABLISHED │◄─────────── SYN+ACK seq 0 ack 1 ──┤                0.050\n"
    "  0.100             ├── ACK seq 1 ack 1 ───────────────►│ ESTABLISHED    0.150\n"
    "  0.200 » The client closes; its first FIN is lost.\n"
    "  0.200  FIN-WAIT-1 ├── FIN+ACK seq 1 ack 1 ───✗ lost   │\n"
    "                    │ lost: dropped by the scenario,    │\n"
    "                    │ the 1st match                     │\n"
    "  1.200             │ ◷ retransmission timer expired    │\n"
    "                    │   after 1 s                       │\n"
    "  1.200             ├─ FIN+ACK seq 1 ack 1 retrans. 1 ─►│ CLOSE-WAIT     1.250\n"
    "  1.300   TIME-WAIT │◄─────────── FIN+ACK seq 1 ack 2 ──┤ LAST-ACK       1.250\n"
    "  1.300             ├── ACK seq 2 ack 2 ───────────────►│ CLOSED         1.350\n"
    "                    ┊              239.9 s              ┊\n"
    "241.300      CLOSED │ ◷ time-wait timer expired         │\n"
    "\n";

static const char life_60_ascii[] =
    "\n"
    "             client:49152         server:80\n"
    "      s     CLOSED |                  | LISTEN           s\n"
    "  0.000   SYN-SENT |-- S 0 ---------->| SYN-RECV     0.050\n"
    "  0.100      ESTAB |<--- S. 0 ack 1 --|              0.050\n"
    "  0.100            |-- . 1 ack 1 ---->| ESTAB        0.150\n"
    "  0.200 > The client closes; its first FIN is lost.\n"
    "  0.200 FIN-WAIT-1 |-- F. 1 ack 1 --X |\n"
    "                   | lost: dropped by |\n"
    "                   | the scenario,    |\n"
    "                   | the 1st match    |\n"
    "  1.200            | * retransmission |\n"
    "                   |   timer expired  |\n"
    "                   |   after 1 s      |\n"
    "                   | F. 1 ack 1       |\n"
    "                   | retrans. 1       |\n"
    "  1.200            |----------------->| CLOSE-WAIT   1.250\n"
    "  1.300  TIME-WAIT |<--- F. 1 ack 2 --| LAST-ACK     1.250\n"
    "  1.300            |-- . 2 ack 2 ---->| CLOSED       1.350\n"
    "                   :     239.9 s      :\n"
    "241.300     CLOSED | * time-wait      |\n"
    "                   |   timer expired  |\n"
    "\n";

static const char life_120[] =
    "\n"
    "              client:49152                               server:80\n"
    "      s      CLOSED │                                        │ LISTEN             s\n"
    "  0.000    SYN-SENT ├── SYN seq 0 ──────────────────────────►│ SYN-RECEIVED   0.050\n"
    "  0.100 ESTABLISHED │◄──────────────── SYN+ACK seq 0 ack 1 ──┤                0.050\n"
    "  0.100             ├── ACK seq 1 ack 1 ────────────────────►│ ESTABLISHED    0.150\n"
    "  0.200 » The client closes; its first FIN is lost.\n"
    "  0.200  FIN-WAIT-1 ├── FIN+ACK seq 1 ack 1 ───✗ lost        │                         lost: dropped by the scenario,\n"
    "                    │                                        │                         the 1st match\n"
    "  1.200             │ ◷ retransmission timer expired after 1 │\n"
    "                    │   s                                    │\n"
    "  1.200             ├─ FIN+ACK seq 1 ack 1 retransmission 1 ►│ CLOSE-WAIT     1.250\n"
    "  1.300   TIME-WAIT │◄──────────────── FIN+ACK seq 1 ack 2 ──┤ LAST-ACK       1.250\n"
    "  1.300             ├── ACK seq 2 ack 2 ────────────────────►│ CLOSED         1.350\n"
    "                    ┊                239.9 s                 ┊\n"
    "241.300      CLOSED │ ◷ time-wait timer expired              │\n"
    "\n";

static const char crossing_80[] =
    "\n"
    "              client:49152                           server:80\n"
    "     ms ESTABLISHED │                                    │ ESTABLISHED      ms\n"
    "300.000  FIN-WAIT-1 ├── FIN+ACK seq 1 ack 1 ─────────╮   │\n"
    "                    │   ╭─────── FIN+ACK seq 1 ack 1 ┼───┤ FIN-WAIT-1  300.000\n"
    "                    │   │                            ╰──►│ CLOSING     350.051\n"
    "350.051     CLOSING │◄──╯                                │\n"
    "\n";

static const char crossing_60_ascii[] =
    "\n"
    "           client:49152             server:80\n"
    "   ms      ESTAB |                      | ESTAB         ms\n"
    "300.0 FIN-WAIT-1 |-- F. 1 ack 1 ----.   |\n"
    "                 |   .-- F. 1 ack 1 +---| FIN-WAIT-1 300.0\n"
    "                 |   |              '-->| CLOSING    350.1\n"
    "350.1    CLOSING |<--'                  |\n"
    "\n";

static const char oddities_80[] =
    "\n"
    "    client:49152                                               server:80\n"
    "      µs  │                                                        │        µs\n"
    "2000.000  │◄────────────────────────────────────────── RST seq 7 ──┤  1000.000\n"
    "          │ nothing is open here: RST with the number that the ACK │\n"
    "          │ expects                                                │\n"
    "3000.000  ├── SYN+FIN seq 9 injected ─────────────────────────────►│  4000.000\n"
    "          │            ── PSH+ACK seq 9:109(100) ack 1 duplicate ─►│  5000.000\n"
    "6000.000  ├── FIN+ACK seq 109 ack 1 ───────────────── …            │\n"
    "\n";

/* clang-format on */

typedef struct Exact {
  const char *path;
  Scene scene;
  unsigned width;
  bool utf8;
  const char *expected;
} Exact;

static const Exact exacts[] = {
  { "/ladder/a-life-at-80-columns", whole_life, 80, true, life_80 },
  { "/ladder/a-life-at-60-columns-in-ascii", whole_life, 60, false,
    life_60_ascii },
  { "/ladder/a-life-at-120-columns-with-reasons", whole_life, 120, true,
    life_120 },
  { "/ladder/crossing-fins-are-both-readable", simultaneous_close, 80, true,
    crossing_80 },
  { "/ladder/crossing-fins-in-ascii", simultaneous_close, 60, false,
    crossing_60_ascii },
  { "/ladder/odd-packets-are-marked", oddities, 80, true, oddities_80 },
};

static void is_exact(gconstpointer data)
{
  const Exact *exact = data;
  g_autofree char *text = drawn(exact->scene, exact->width, exact->utf8, false);

  g_assert_cmpstr(text, ==, exact->expected);
}

/* -- for every width -- */

static const Scene all_scenes[] = { whole_life, simultaneous_close, oddities,
                                    burst,      long_run,           hostile };

static void check_lines(const char *text, unsigned width, bool utf8)
{
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

  for (guint i = 0; lines[i]; i++) {
    g_assert_cmpuint(terminal_columns(lines[i]), <=, width);
    g_assert_true(g_utf8_validate(lines[i], -1, NULL));
    g_assert_false(g_str_has_suffix(lines[i], " "));
    for (const char *at = lines[i]; *at; at++) {
      g_assert_cmphex((unsigned char)*at, >=, ' ');
      g_assert_cmphex((unsigned char)*at, !=, 0x7f);
      if (!utf8)
        g_assert_cmphex((unsigned char)*at, <, 0x7f);
    }
  }
}

static void nothing_is_wider_than_the_terminal(void)
{
  for (gsize scene = 0; scene < G_N_ELEMENTS(all_scenes); scene++)
    for (unsigned width = TERMINAL_WIDTH_MIN; width <= 200; width += 5)
      for (unsigned form = 0; form < 4; form++) {
        g_autofree char *text =
            drawn(all_scenes[scene], width, form & 1, form & 2);

        check_lines(text, width, form & 1);
      }
}

/* The heads of the arrows are as many as the packets that arrived. */
static unsigned count_of(const char *text, const char *part)
{
  unsigned count = 0;

  for (const char *at = text; (at = strstr(at, part)); at++)
    count++;
  return count;
}

static void every_packet_of_a_burst_arrives(void)
{
  for (unsigned width = 60; width <= 120; width += 20) {
    g_autofree char *text = drawn(burst, width, true, false);

    g_assert_cmpuint(count_of(text, "►"), ==, 40);
    g_assert_cmpuint(count_of(text, "◄"), ==, 20);
  }
}

/* Down each side no time is before the one above it. */
static void times_run_downwards_on_each_side(void)
{
  for (gsize scene = 0; scene < 5; scene++) {
    g_autofree char *text = drawn(all_scenes[scene], 80, true, false);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    double last[2] = { -1, -1 };

    for (guint i = 0; lines[i]; i++) {
      const char *right = strrchr(lines[i], ' ');
      double times[2] = { g_ascii_strtod(lines[i], NULL),
                          right ? g_ascii_strtod(right, NULL) : 0 };

      if (strchr(lines[i], ':') && !strstr(lines[i], "►") &&
          !strstr(lines[i], "◄"))
        continue;
      for (unsigned end = 0; end < 2; end++)
        if (times[end] > 0) {
          g_assert_cmpfloat(times[end], >=, last[end]);
          last[end] = times[end];
        }
    }
  }
}

static void the_middle_of_a_long_run_is_left_out(void)
{
  g_autofree char *some = drawn(long_run, 80, true, false);
  g_autofree char *all = drawn(long_run, 80, true, true);
  unsigned shown = count_of(some, "►");
  g_autofree char *said =
      g_strdup_printf("%u packets not shown; -v shows all", 1000 - shown);

  g_assert_cmpuint(shown, >, 100);
  g_assert_cmpuint(shown, <=, 200);
  g_assert_nonnull(strstr(some, said));
  g_assert_cmpuint(count_of(all, "►"), ==, 1000);
  g_assert_null(strstr(all, "not shown"));
}

static void a_reset_says_why(void)
{
  g_autofree char *text = drawn(oddities, 120, true, false);

  g_assert_nonnull(strstr(text, "nothing is open here"));
}

static void what_is_odd_has_a_colour(void)
{
  const Terminal terminal = { .width = 80, .colour = true, .utf8 = true };
  g_autoptr(GString) out = g_string_new(NULL);
  ByHand it;

  by_hand_init(&it);
  oddities(&it);
  ladder_print(&it.record, &terminal, false, out);
  by_hand_clear(&it);
  g_assert_nonnull(strstr(out->str, "\033[1;31m◄"));
  g_assert_nonnull(strstr(out->str, "\033[35m├── SYN+FIN"));
  g_assert_nonnull(strstr(out->str, "\033[35m── PSH+ACK"));
}

static void two_conversations_have_a_ladder_each(void)
{
  const Terminal terminal = { .width = 80, .utf8 = true };
  g_autoptr(GString) out = g_string_new(NULL);
  ByHand it;

  by_hand_init(&it);
  handshake(&it);
  by_hand_conversation(&it);
  handshake(&it);
  ladder_print(&it.record, &terminal, false, out);
  by_hand_clear(&it);
  g_assert_nonnull(strstr(out->str, "client:49152"));
  g_assert_nonnull(strstr(out->str, "client:49153"));
  g_assert_cmpuint(count_of(out->str, "SYN+ACK"), ==, 2);
}

static void a_note_stands_with_what_follows_it(void)
{
  const Terminal terminal = { .width = 80, .utf8 = true };
  g_autoptr(GString) out = g_string_new(NULL);
  const char *note, *second;
  ByHand it;

  by_hand_init(&it);
  handshake(&it);
  by_hand_conversation(&it);
  by_hand_note(&it, 900000, NULL, "and now the next");
  by_hand_sent(&it, 900000, 0, "S", 0, 0, -1);
  ladder_print(&it.record, &terminal, false, out);
  by_hand_clear(&it);
  note = strstr(out->str, "and now the next");
  second = strstr(out->str, "client:49153");
  g_assert_nonnull(second);
  g_assert_true(note > second);
}

static void an_empty_record_draws_nothing(void)
{
  const Terminal terminal = { .width = 80, .utf8 = true };
  g_autoptr(GString) out = g_string_new(NULL);
  ByHand it;

  by_hand_init(&it);
  g_ptr_array_set_size(it.record.conversations, 0);
  ladder_print(&it.record, &terminal, false, out);
  by_hand_clear(&it);
  g_assert_cmpstr(out->str, ==, "");
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS(exacts); i++)
    g_test_add_data_func(exacts[i].path, &exacts[i], is_exact);
  g_test_add_func("/ladder/nothing-is-wider-than-the-terminal",
                  nothing_is_wider_than_the_terminal);
  g_test_add_func("/ladder/every-packet-of-a-burst-arrives",
                  every_packet_of_a_burst_arrives);
  g_test_add_func("/ladder/times-run-downwards-on-each-side",
                  times_run_downwards_on_each_side);
  g_test_add_func("/ladder/the-middle-of-a-long-run-is-left-out",
                  the_middle_of_a_long_run_is_left_out);
  g_test_add_func("/ladder/a-reset-says-why", a_reset_says_why);
  g_test_add_func("/ladder/what-is-odd-has-a-colour", what_is_odd_has_a_colour);
  g_test_add_func("/ladder/two-conversations-have-a-ladder-each",
                  two_conversations_have_a_ladder_each);
  g_test_add_func("/ladder/a-note-stands-with-what-follows-it",
                  a_note_stands_with_what_follows_it);
  g_test_add_func("/ladder/an-empty-record-draws-nothing",
                  an_empty_record_draws_nothing);
  return g_test_run();
}
