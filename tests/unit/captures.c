/* Captures of a run: what libpcap and tshark read, from which point, and what
 * the comments say. */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "place.h"

#define MS SIM_MILLISECOND

static char *tshark(const Place *it, const char *name, const char *fields)
{
  g_autofree char *program = g_find_program_in_path("tshark");
  g_autofree char *path = g_build_filename(it->folder, name, NULL);
  g_autofree char *command = NULL;
  char *text = NULL;
  int status = -1;

  if (!program)
    return NULL;
  command = g_strdup_printf("%s -r %s -o tcp.check_checksum:TRUE -T fields %s",
                            program, path, fields);
  g_assert_true(g_spawn_command_line_sync(command, &text, NULL, &status, NULL));
  g_assert_cmpint(status, ==, 0);
  return text;
}

#define FIELDS                                                               \
  "-e frame.time_epoch -e frame.interface_name "                             \
  "-e frame.packet_flags_direction -e tcp.flags.str -e tcp.checksum.status " \
  "-e frame.comment"

static void assert_shark(const Place *it, const char *name, const char *wanted)
{
  g_autofree char *text = tshark(it, name, FIELDS);

  if (!text)
    g_test_skip("tshark is not installed");
  else
    g_assert_cmpstr(text, ==, wanted);
}

#define DOT "\xc2\xb7"
#define S_FLAGS DOT DOT DOT DOT DOT DOT DOT DOT DOT DOT "S" DOT
#define SA_FLAGS DOT DOT DOT DOT DOT DOT DOT "A" DOT DOT "S" DOT
#define R_FLAGS DOT DOT DOT DOT DOT DOT DOT DOT DOT "R" DOT DOT

static void one_is_what_the_first_host_saw(Place *it, const void *unused)
{
  Output *output = place_start(it);

  (void)unused;
  place_tell(&it->told);
  place_finish(it, output);
  g_assert_cmpuint(place_count_packets(it, "trace.pcapng"), ==, 2);
  g_assert_cmpuint(place_count_packets(it, "dropped.pcapng"), ==, 1);
  assert_shark(it, "trace.pcapng",
               "0.000000000\tclient eth0 (client-server)\t0x00000002\t" S_FLAGS
               "\t1\t\n"
               "0.002000000\tclient eth0 (client-server)\t0x00000002\t" R_FLAGS
               "\t1\tinjected by the scenario\n");
  assert_shark(it, "dropped.pcapng",
               "0.002000000\tlost\t0x00000000\t" SA_FLAGS
               "\t1\tlost\\tby\\nthe link, on client-server from server "
               "[loss],sent in SYN-RECEIVED,retransmission 2\n");
}

static void a_name_is_what_that_host_saw(Place *it, const void *unused)
{
  Output *output;

  (void)unused;
  it->told.run.options.capture = "server";
  output = place_start(it);
  place_tell(&it->told);
  place_finish(it, output);
  assert_shark(it, "trace.pcapng",
               "0.001000000\tserver eth0 (client-server)\t0x00000001\t" S_FLAGS
               "\t1\tLISTEN -> SYN-RECEIVED\n"
               "0.001000000\tserver eth0 (client-server)\t0x00000002\t" SA_FLAGS
               "\t1\tsent in SYN-RECEIVED,retransmission 2\n"
               "0.003000000\tserver eth0 (client-server)\t0x00000001\t" R_FLAGS
               "\t1\tinjected by the scenario,SYN-RECEIVED -> CLOSED\n");
}

static void all_has_both_ends(Place *it, const void *unused)
{
  Output *output;

  (void)unused;
  it->told.run.options.capture = "all";
  output = place_start(it);
  place_tell(&it->told);
  place_finish(it, output);
  g_assert_cmpuint(place_count_packets(it, "trace.pcapng"), ==, 5);
}

static void a_rule_is_cited_once(Place *it, const void *unused)
{
  Told *told = &it->told;
  NetPacket *packet = told_segment(told, CLIENT, ".", 1, 1, 0);
  TcpRule rule = TCP_RULES - 1;
  g_autofree char *text = NULL;
  g_autofree char *tagged = g_strdup_printf("[%s]", tcp_rule_id(rule));
  const char *found;
  Output *output;

  (void)unused;
  told->run.options.capture = "server";
  output = place_start(it);
  told_crossing(told, CLIENT, packet, MS);
  told_verdict(told, SERVER, packet, TCP_ESTABLISHED, rule);
  told_verdict(told, SERVER, packet, TCP_ESTABLISHED, rule);
  place_finish(it, output);
  text = tshark(it, "trace.pcapng", "-e frame.comment");
  if (!text) {
    g_test_skip("tshark is not installed");
    return;
  }
  g_assert_nonnull(strstr(text, "received in ESTABLISHED"));
  g_assert_nonnull(strstr(text, "RFC"));
  found = strstr(text, tagged);
  g_assert_nonnull(found);
  g_assert_null(strstr(found + 1, tagged));
}

static void what_happens_later_is_not_about_the_packet(Place *it,
                                                       const void *unused)
{
  Told *told = &it->told;
  g_autofree char *text = NULL;
  Output *output;

  (void)unused;
  told->run.options.capture = "server";
  output = place_start(it);
  told_crossing(told, CLIENT, told_segment(told, CLIENT, ".", 1, 1, 0), MS);
  told_at(told, 5 * MS);
  told_state(told, SERVER, TCP_ESTABLISHED, TCP_FIN_WAIT_1, 0, 0);
  place_finish(it, output);
  text = tshark(it, "trace.pcapng", "-e frame.comment");
  if (text)
    g_assert_cmpstr(text, ==, "\n");
  else
    g_test_skip("tshark is not installed");
}

/* UDP to a closed port has arrived, even though it is dropped then. */
static void what_arrived_is_not_lost(Place *it, const void *unused)
{
  NetPacket *packet = told_segment(&it->told, CLIENT, ".", 1, 1, 0);
  Output *output = place_start(it);

  (void)unused;
  told_crossing(&it->told, CLIENT, packet, MS);
  told_dropped(&it->told, SERVER, packet, "nobody listens");
  place_finish(it, output);
  g_assert_cmpuint(place_count_packets(it, "dropped.pcapng"), ==, 0);
}

/* The program may be killed at any moment after a flush. */
static void a_run_cut_short_leaves_readable_captures(Place *it,
                                                     const void *unused)
{
  Output *output;

  (void)unused;
  it->told.run.options.capture = "server";
  output = place_start(it);
  g_assert_cmpuint(place_count_packets(it, "trace.pcapng"), ==, 0);
  place_tell(&it->told);
  output_flush(output);
  g_assert_cmpuint(place_count_packets(it, "trace.pcapng"), ==, 3);
  g_assert_cmpuint(place_count_packets(it, "dropped.pcapng"), ==, 1);
  place_finish(it, output);
}

/* libpcap refuses a capture in which no interface is described. */
static void a_network_of_nothing_leaves_a_readable_capture(Place *it,
                                                           const void *unused)
{
  Run run = { .name = (char *)"nothing" };
  Output *output;

  (void)unused;
  run.sim = sim_new(1);
  run.net = net_new(run.sim);
  output = output_open(&run, it->folder, NULL, NULL);
  g_assert_true(output_finish(output, NULL));
  sim_free(run.sim);
  output_free(output);
  g_assert_cmpuint(place_count_packets(it, "trace.pcapng"), ==, 0);
  told_clear(&it->told);
}

/* Wireshark at the other end of a pipe sees each instant as the next comes,
 * not only what fills a buffer. */
static void who_reads_a_pipe_reads_along(Place *it, const void *unused)
{
  g_autofree char *path = g_build_filename(it->folder, "pipe", NULL);
  uint8_t bytes[4096];
  ssize_t header, rest;
  Output *output;
  int fd;

  (void)unused;
  g_assert_cmpint(mkfifo(path, 0600), ==, 0);
  fd = g_open(path, O_RDWR | O_NONBLOCK, 0);
  output = output_open(&it->told.run, it->folder, path, NULL);
  header = read(fd, bytes, sizeof bytes);
  g_assert_cmpint(header, >, 0);
  told_packet(&it->told, NET_TRACE_SENT, CLIENT,
              told_segment(&it->told, CLIENT, "S", 1, 0, 0));
  told_at(&it->told, MS);
  told_packet(&it->told, NET_TRACE_SENT, CLIENT,
              told_segment(&it->told, CLIENT, "S", 1, 0, 0));
  rest = read(fd, bytes, sizeof bytes);
  g_assert_cmpint(rest, >, 54);
  place_finish(it, output);
  g_assert_cmpint(read(fd, bytes, sizeof bytes), ==, rest);
  close(fd);
}

#define PLACE(name, test)                                        \
  g_test_add("/captures/" name, Place, NULL, place_set_up, test, \
             place_tear_down)

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  PLACE("one-is-what-the-first-host-saw", one_is_what_the_first_host_saw);
  PLACE("a-name-is-what-that-host-saw", a_name_is_what_that_host_saw);
  PLACE("all-has-both-ends", all_has_both_ends);
  PLACE("a-rule-is-cited-once", a_rule_is_cited_once);
  PLACE("what-happens-later-is-not-about-the-packet",
        what_happens_later_is_not_about_the_packet);
  PLACE("what-arrived-is-not-lost", what_arrived_is_not_lost);
  PLACE("a-run-cut-short-leaves-readable-captures",
        a_run_cut_short_leaves_readable_captures);
  PLACE("a-network-of-nothing-leaves-a-readable-capture",
        a_network_of_nothing_leaves_a_readable_capture);
  PLACE("who-reads-a-pipe-reads-along", who_reads_a_pipe_reads_along);
  return g_test_run();
}
