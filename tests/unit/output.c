/* What a run leaves: byte-exact tables and events, and a clear word when
 * something cannot be written. */

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "place.h"

#define MS SIM_MILLISECOND

static void tables_are_exact(Place *it, const void *unused)
{
  Output *output = place_start(it);

  (void)unused;
  place_tell(&it->told);
  place_finish(it, output);
  place_assert_file(
      it, "states.tsv",
      "connection\thost\tend\tstate\tfrom_s\tto_s\tcause\trule\t"
      "section\tfinal\n"
      "1\tclient\tclient:1000\tSYN-SENT\t0.000000000\t0.003000000\t"
      "-\t-\t-\t1\n"
      "1\tserver\tserver:1001\tSYN-RECEIVED\t0.001000000\t"
      "0.003000000\t-\t-\t-\t0\n"
      "1\tserver\tserver:1001\tCLOSED\t0.003000000\t0.003000000\t"
      "-\t-\t-\t1\n");
  place_assert_file(
      it, "packets.tsv",
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
  Output *output = place_start(it);

  (void)unused;
  it->told.run.title = (char *)"x";
  told_state(&it->told, CLIENT, TCP_CLOSED, TCP_SYN_SENT, 100, 0);
  told_crossing(&it->told, CLIENT,
                told_segment(&it->told, CLIENT, "S", 100, 0, 0), MS);
  record_note(it->told.run.record, "client", "say \"hi\"\n\xff");
  output_flush(output);
  place_assert_file(
      it, "events.jsonl",
      "{\"time\":0.000000000,\"event\":\"state\",\"host\":\"client\","
      "\"connection\":1,\"end\":\"client:1000\",\"from\":\"CLOSED\","
      "\"to\":\"SYN-SENT\"}\n"
      "{\"time\":0.000000000,\"event\":\"sent\",\"host\":\"client\"," //
      SYN_FIELDS "{\"time\":0.001000000,\"event\":\"received\","
      "\"host\":\"server\"," SYN_FIELDS
      "{\"time\":0.001000000,\"event\":\"note\",\"host\":\"client\","
      "\"text\":\"say \\\"hi\\\"\\n\xef\xbf\xbd\"}\n");
  place_finish(it, output);
}

static void the_summary_counts_and_quotes(Place *it, const void *unused)
{
  Output *output;
  g_autofree char *text = NULL;

  (void)unused;
  it->told.run.title = (char *)"a \"title\"\n\xff";
  it->told.run.interrupted = true;
  output = place_start(it);
  place_tell(&it->told);
  place_finish(it, output);
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

static void nothing_wanted_leaves_nothing(Place *it, const void *unused)
{
  g_autofree char *inside = g_build_filename(it->folder, "x", NULL);
  Output *output;

  (void)unused;
  it->told.run.options.traced = false;
  it->told.run.options.capture = "none";
  output = output_open(&it->told.run, inside, NULL, NULL);
  g_assert_null(output_dir(output));
  place_tell(&it->told);
  place_finish(it, output);
  g_assert_false(g_file_test(inside, G_FILE_TEST_EXISTS));
}

/* -- what goes wrong -- */

static void what_comes_after_the_end_is_not_written(Place *it,
                                                    const void *unused)
{
  Output *output = place_start(it);

  (void)unused;
  g_assert_true(output_finish(output, NULL));
  place_tell(&it->told);
  record_note(it->told.run.record, NULL, "too late");
  told_clear(&it->told);
  output_free(output);
  place_assert_file(it, "events.jsonl", "");
  g_assert_cmpuint(place_count_packets(it, "trace.pcapng"), ==, 0);
}

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
  output = place_start(it);
  g_assert_false(output_failed(output));
  told_packet(&it->told, NET_TRACE_SENT, CLIENT,
              told_segment(&it->told, CLIENT, "S", 1, 0, 0));
  output_flush(output);
  g_assert_true(output_failed(output));
  g_assert_true(it->told.run.sim->stop);
  it->told.run.sim->stop = 0;
  place_tell(&it->told);
  g_assert_false(output_finish(output, &error));
  g_assert_cmpstr(error->message, ==, wanted);
  told_clear(&it->told);
  output_free(output);
  g_assert_cmpuint(place_count_packets(it, "trace.pcapng"), ==, 3);
  g_assert_cmpuint(place_count_packets(it, "dropped.pcapng"), ==, 1);
}

static void a_capture_that_cannot_be_written_is_told(Place *it,
                                                     const void *unused)
{
  g_autoptr(GError) error = NULL;
  Output *output;

  (void)unused;
  output = output_open(&it->told.run, it->folder, "/dev/full", &error);
  g_assert_no_error(error);
  place_tell(&it->told);
  g_assert_false(output_finish(output, &error));
  g_assert_cmpstr(error->message, ==, "/dev/full: No space left on device");
  told_clear(&it->told);
  output_free(output);
  g_assert_cmpuint(place_count_packets(it, "dropped.pcapng"), ==, 1);
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
  g_test_add("/output/" name, Place, NULL, place_set_up, test, place_tear_down)

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  PLACE("tables-are-exact", tables_are_exact);
  PLACE("events-are-written-as-they-happen", events_are_written_as_they_happen);
  PLACE("the-summary-counts-and-quotes", the_summary_counts_and_quotes);
  PLACE("nothing-wanted-leaves-nothing", nothing_wanted_leaves_nothing);
  PLACE("what-comes-after-the-end-is-not-written",
        what_comes_after_the_end_is_not_written);
  PLACE("a-full-disk-stops-the-run-and-keeps-the-rest",
        a_full_disk_stops_the_run_and_keeps_the_rest);
  PLACE("a-capture-that-cannot-be-written-is-told",
        a_capture_that_cannot_be_written_is_told);
  PLACE("a-folder-that-cannot-be-made-is-told",
        a_folder_that_cannot_be_made_is_told);
  PLACE("an-unknown-vantage-point-is-told", an_unknown_vantage_point_is_told);
  return g_test_run();
}
