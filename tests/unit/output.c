/* What a run leaves: byte-exact tables and events, captures that libpcap and
 * tshark read, and a clear word when something cannot be written. */

#include "output.h"

#include <glib/gstdio.h>
#include <pcap/pcap.h>
#include <string.h>
#include <unistd.h>

#include "told.h"

#define MS SIM_MILLISECOND

typedef struct Place {
  Told told;
  char *folder;
} Place;

static void set_up(Place *it, const void *unused)
{
  (void)unused;
  told_init(&it->told);
  it->folder = g_dir_make_tmp("linger-XXXXXX", NULL);
}

static void tear_down(Place *it, const void *unused)
{
  (void)unused;
  told_remove(it->folder);
  g_free(it->folder);
}

static Output *start(Place *it)
{
  g_autoptr(GError) error = NULL;
  Output *output = output_open(&it->told.run, it->folder, NULL, &error);

  g_assert_no_error(error);
  return output;
}

static void finish(Place *it, Output *output)
{
  g_autoptr(GError) error = NULL;

  output_finish(output, &error);
  g_assert_no_error(error);
  told_clear(&it->told);
  output_free(output);
}

/* A SYN that arrives, its answer that is lost, and a reset by hand. */
static void tell(Told *it)
{
  NetPacket *answer = told_segment(it, SERVER, "S.", 500, 101, 0);
  NetPacket *forged = told_segment(it, CLIENT, "R", 101, 0, 3);

  forged->flags |= NET_PACKET_INJECTED;
  answer->attempt = 2;
  answer->sender_state = TCP_SYN_RECEIVED;
  told_state(it, CLIENT, TCP_CLOSED, TCP_SYN_SENT, 100, 0);
  told_crossing(it, CLIENT, told_segment(it, CLIENT, "S", 100, 0, 0), MS);
  told_state(it, SERVER, TCP_LISTEN, TCP_SYN_RECEIVED, 500, 100);
  told_packet(it, NET_TRACE_SENT, SERVER, answer);
  told_at(it, 2 * MS);
  told_dropped(it, SERVER, answer, "lost\tby\nthe link");
  told_crossing(it, CLIENT, forged, MS);
  told_verdict(it, SERVER, forged, TCP_SYN_RECEIVED, TCP_RULE_NONE);
  told_state(it, SERVER, TCP_SYN_RECEIVED, TCP_CLOSED, 500, 100);
}

static void assert_file(const Place *it, const char *name, const char *wanted)
{
  g_autofree char *text = told_contents(it->folder, name);

  g_assert_cmpstr(text, ==, wanted);
}

static void tables_are_exact(Place *it, const void *unused)
{
  Output *output = start(it);

  (void)unused;
  tell(&it->told);
  finish(it, output);
  assert_file(it, "states.tsv",
              "connection\thost\tend\tstate\tfrom_s\tto_s\tcause\trule\t"
              "section\tfinal\n"
              "1\tclient\tclient:1000\tSYN-SENT\t0.000000000\t0.003000000\t"
              "-\t-\t-\t1\n"
              "1\tserver\tserver:1001\tSYN-RECEIVED\t0.001000000\t"
              "0.003000000\t-\t-\t-\t0\n"
              "1\tserver\tserver:1001\tCLOSED\t0.003000000\t0.003000000\t"
              "-\t-\t-\t1\n");
  assert_file(it, "packets.tsv",
              "id\tconnection\tprotocol\tsent_s\treceived_s\tfrom\tto\t"
              "from_end\tto_end\tflags\tseq\tseq_end\tack\tlength\twindow\t"
              "fate\treason\trule\tretransmission\tinjected\n"
              "1\t1\ttcp\t0.000000000\t0.001000000\tclient\tserver\t"
              "client:1000\tserver:1001\tS\t0\t1\tNaN\t0\t1000\t"
              "delivered\t-\t-\t0\t0\n"
              "2\t1\ttcp\t0.001000000\tNaN\tserver\tclient\t"
              "server:1001\tclient:1000\tS.\t0\t1\t1\t0\t1000\t"
              "dropped\tlost by the link\t-\t2\t0\n"
              "3\t1\ttcp\t0.002000000\t0.003000000\tclient\tserver\t"
              "client:1000\tserver:1001\tR\t1\t4\tNaN\t3\t1000\t"
              "delivered\t-\t-\t0\t1\n");
}

#define SYN_FIELDS                                                          \
  "\"connection\":1,\"packet\":1,\"protocol\":\"tcp\",\"from\":\"client\"," \
  "\"to\":\"server\",\"from_end\":\"client:1000\","                         \
  "\"to_end\":\"server:1001\",\"flags\":\"S\",\"seq\":0,\"seq_end\":1,"     \
  "\"window\":1000,\"length\":0,\"retransmission\":0}\n"

static void events_are_written_as_they_happen(Place *it, const void *unused)
{
  Output *output = start(it);

  (void)unused;
  it->told.run.title = (char *)"x";
  told_state(&it->told, CLIENT, TCP_CLOSED, TCP_SYN_SENT, 100, 0);
  told_crossing(&it->told, CLIENT,
                told_segment(&it->told, CLIENT, "S", 100, 0, 0), MS);
  record_note(it->told.run.record, "client", "say \"hi\"\n\xff");
  output_flush(output);
  assert_file(it, "events.jsonl",
              "{\"time\":0.000000000,\"event\":\"state\",\"host\":\"client\","
              "\"connection\":1,\"end\":\"client:1000\",\"from\":\"CLOSED\","
              "\"to\":\"SYN-SENT\"}\n"
              "{\"time\":0.000000000,\"event\":\"sent\",\"host\":\"client\"," //
              SYN_FIELDS "{\"time\":0.001000000,\"event\":\"received\","
              "\"host\":\"server\"," SYN_FIELDS
              "{\"time\":0.001000000,\"event\":\"note\",\"host\":\"client\","
              "\"text\":\"say \\\"hi\\\"\\n\xef\xbf\xbd\"}\n");
  finish(it, output);
}

static void the_summary_counts_and_quotes(Place *it, const void *unused)
{
  Output *output;
  g_autofree char *text = NULL;

  (void)unused;
  it->told.run.title = (char *)"a \"title\"\n\xff";
  it->told.run.interrupted = true;
  output = start(it);
  tell(&it->told);
  finish(it, output);
  text = told_contents(it->folder, "summary.json");
  g_assert_nonnull(strstr(text, "\"title\": \"a \\\"title\\\"\\n\xef\xbf\xbd\","
                                "\n  \"seed\": 7,"));
  g_assert_nonnull(strstr(text, "\"end_s\": 0.003000000,\n"
                                "  \"interrupted\": true,"));
  g_assert_nonnull(strstr(text, "\"connections\": 1,\n    \"packets\": 3,\n"
                                "    \"delivered\": 2,\n    \"dropped\": 1,\n"
                                "    \"pending\": 0,\n"));
  g_assert_nonnull(strstr(text, "\"syn\": 2,\n    \"fin\": 0,\n"
                                "    \"rst\": 1,\n"
                                "    \"retransmissions\": 1,\n"
                                "    \"payload_bytes\": 3\n"));
  g_clear_pointer(&text, g_free);
  text = told_contents(it->folder, "plot.tsv");
  g_assert_true(g_str_has_prefix(text, "key\tvalue\n"
                                       "title\ta \"title\" \xef\xbf\xbd\n"
                                       "scenario\ttold\nseed\t7\n"));
}

/* -- captures -- */

static unsigned count_packets(const Place *it, const char *name)
{
  g_autofree char *path = g_build_filename(it->folder, name, NULL);
  char error[PCAP_ERRBUF_SIZE];
  pcap_t *pcap = pcap_open_offline(path, error);
  struct pcap_pkthdr *header;
  const uint8_t *bytes;
  unsigned count = 0;

  g_assert_nonnull(pcap);
  while (pcap_next_ex(pcap, &header, &bytes) == 1)
    count++;
  pcap_close(pcap);
  return count;
}

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
  Output *output = start(it);

  (void)unused;
  tell(&it->told);
  finish(it, output);
  g_assert_cmpuint(count_packets(it, "trace.pcapng"), ==, 2);
  g_assert_cmpuint(count_packets(it, "dropped.pcapng"), ==, 1);
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
  output = start(it);
  tell(&it->told);
  finish(it, output);
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
  output = start(it);
  tell(&it->told);
  finish(it, output);
  g_assert_cmpuint(count_packets(it, "trace.pcapng"), ==, 5);
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
  output = start(it);
  told_crossing(told, CLIENT, packet, MS);
  told_verdict(told, SERVER, packet, TCP_ESTABLISHED, rule);
  told_verdict(told, SERVER, packet, TCP_ESTABLISHED, rule);
  finish(it, output);
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

/* The program may be killed at any moment after a flush. */
static void a_run_cut_short_leaves_readable_captures(Place *it,
                                                     const void *unused)
{
  Output *output;

  (void)unused;
  it->told.run.options.capture = "server";
  output = start(it);
  g_assert_cmpuint(count_packets(it, "trace.pcapng"), ==, 0);
  tell(&it->told);
  output_flush(output);
  g_assert_cmpuint(count_packets(it, "trace.pcapng"), ==, 3);
  g_assert_cmpuint(count_packets(it, "dropped.pcapng"), ==, 1);
  finish(it, output);
}

static void nothing_wanted_leaves_nothing(Place *it, const void *unused)
{
  g_autofree char *inside = g_build_filename(it->folder, "x", NULL);
  Output *output;

  (void)unused;
  it->told.run.options.traced = false;
  it->told.run.options.capture = "none";
  output = output_open(&it->told.run, inside, NULL, NULL);
  g_assert_null(output_dir(output));
  tell(&it->told);
  finish(it, output);
  g_assert_false(g_file_test(inside, G_FILE_TEST_EXISTS));
}

/* -- what goes wrong -- */

static void fill(Place *it, const char *name)
{
  g_autofree char *path = g_build_filename(it->folder, name, NULL);

  g_assert_cmpint(symlink("/dev/full", path), ==, 0);
}

static void a_full_disk_stops_the_run_and_keeps_the_rest(Place *it,
                                                         const void *unused)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *wanted =
      g_strdup_printf("%s/events.jsonl: No space left on device", it->folder);
  Output *output;

  (void)unused;
  fill(it, "events.jsonl");
  output = start(it);
  g_assert_false(output_failed(output));
  told_packet(&it->told, NET_TRACE_SENT, CLIENT,
              told_segment(&it->told, CLIENT, "S", 1, 0, 0));
  output_flush(output);
  g_assert_true(output_failed(output));
  g_assert_true(it->told.run.sim->stop);
  it->told.run.sim->stop = 0;
  tell(&it->told);
  g_assert_false(output_finish(output, &error));
  g_assert_cmpstr(error->message, ==, wanted);
  told_clear(&it->told);
  output_free(output);
  g_assert_cmpuint(count_packets(it, "trace.pcapng"), ==, 3);
  g_assert_cmpuint(count_packets(it, "dropped.pcapng"), ==, 1);
}

static void a_capture_that_cannot_be_written_is_told(Place *it,
                                                     const void *unused)
{
  g_autoptr(GError) error = NULL;
  Output *output;

  (void)unused;
  output = output_open(&it->told.run, it->folder, "/dev/full", &error);
  g_assert_no_error(error);
  tell(&it->told);
  g_assert_false(output_finish(output, &error));
  g_assert_cmpstr(error->message, ==, "/dev/full: No space left on device");
  told_clear(&it->told);
  output_free(output);
  g_assert_cmpuint(count_packets(it, "dropped.pcapng"), ==, 1);
}

static void a_folder_that_cannot_be_made_is_told(Place *it, const void *unused)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *file = g_build_filename(it->folder, "file", NULL);
  g_autofree char *inside = g_build_filename(file, "x", NULL);
  g_autofree char *wanted = g_strdup_printf("%s: Not a directory", inside);

  (void)unused;
  g_file_set_contents(file, "", 0, NULL);
  g_assert_null(output_open(&it->told.run, inside, NULL, &error));
  g_assert_cmpstr(error->message, ==, wanted);
  told_clear(&it->told);
}

static void an_unknown_vantage_point_is_told(Place *it, const void *unused)
{
  g_autoptr(GError) error = NULL;

  (void)unused;
  it->told.run.options.capture = "sever";
  g_assert_null(output_open(&it->told.run, it->folder, NULL, &error));
  g_assert_nonnull(strstr(error->message, "\"sever\""));
  g_assert_nonnull(strstr(error->message, "client, server"));
  told_clear(&it->told);
}

#define PLACE(name, test) \
  g_test_add("/output/" name, Place, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  PLACE("tables-are-exact", tables_are_exact);
  PLACE("events-are-written-as-they-happen", events_are_written_as_they_happen);
  PLACE("the-summary-counts-and-quotes", the_summary_counts_and_quotes);
  PLACE("one-is-what-the-first-host-saw", one_is_what_the_first_host_saw);
  PLACE("a-name-is-what-that-host-saw", a_name_is_what_that_host_saw);
  PLACE("all-has-both-ends", all_has_both_ends);
  PLACE("a-rule-is-cited-once", a_rule_is_cited_once);
  PLACE("a-run-cut-short-leaves-readable-captures",
        a_run_cut_short_leaves_readable_captures);
  PLACE("nothing-wanted-leaves-nothing", nothing_wanted_leaves_nothing);
  PLACE("a-full-disk-stops-the-run-and-keeps-the-rest",
        a_full_disk_stops_the_run_and_keeps_the_rest);
  PLACE("a-capture-that-cannot-be-written-is-told",
        a_capture_that_cannot_be_written_is_told);
  PLACE("a-folder-that-cannot-be-made-is-told",
        a_folder_that_cannot_be_made_is_told);
  PLACE("an-unknown-vantage-point-is-told", an_unknown_vantage_point_is_told);
  return g_test_run();
}
