/* What the writer writes is what libpcap and tshark read. */

#include "pcapng.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <pcap/pcap.h>
#include <string.h>

typedef struct {
  char *folder, *path;
  OutFile *file;
  Pcapng it;
} Place;

static void place_set_up(Place *place, const void *unused)
{
  (void)unused;
  place->folder = g_dir_make_tmp("linger-XXXXXX", NULL);
  place->path = g_build_filename(place->folder, "x.pcapng", NULL);
  place->file = outfile_open(place->path, NULL);
}

static void place_close(Place *place)
{
  g_assert_true(outfile_close(place->file, NULL));
  place->file = NULL;
}

static void place_tear_down(Place *place, const void *unused)
{
  (void)unused;
  g_unlink(place->path);
  g_assert_cmpint(g_rmdir(place->folder), ==, 0);
  g_free(place->path);
  g_free(place->folder);
}

static void put_packet(Pcapng *it, int64_t time, uint32_t length, uint8_t value)
{
  memset(pcapng_packet_begin(it, 0, time, length), value,
         MIN(length, PCAPNG_SNAPLEN));
}

/* By hand from draft-ietf-opsawg-pcapng. */
static const uint8_t golden[] = {
  0x0a, 0x0d, 0x0d, 0x0a, 48,   0,    0,    0,    /* section header */
  0x4d, 0x3c, 0x2b, 0x1a, 1,    0,    0,    0,    /* magic, 1.0 */
  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, /* length unknown */
  4,    0,    1,    0,    'a',  0,    0,    0,    /* shb_userappl */
  1,    0,    3,    0,    's',  ' ',  '7',  0,    /* comment */
  0,    0,    0,    0,    48,   0,    0,    0,    /* end */
  1,    0,    0,    0,    40,   0,    0,    0,    /* interface */
  1,    0,    0,    0,    0,    0,    4,    0,    /* Ethernet, 262144 */
  2,    0,    4,    0,    'e',  't',  'h',  '0',  /* if_name */
  9,    0,    1,    0,    9,    0,    0,    0,    /* if_tsresol: 10^-9 */
  0,    0,    0,    0,    40,   0,    0,    0,    /* end */
  6,    0,    0,    0,    72,   0,    0,    0,    /* packet */
  0,    0,    0,    0,    1,    0,    0,    0,    /* interface, time high */
  2,    0,    0,    0,    5,    0,    0,    0,    /* time low, captured */
  5,    0,    0,    0,    0xee, 0xee, 0xee, 0xee, /* length, bytes */
  0xee, 0,    0,    0,    1,    0,    3,    0,    /* comment */
  'w',  'h',  'y',  0,    2,    0,    4,    0,    /* epb_flags */
  2,    0,    0,    0,    5,    0,    8,    0,    /* outbound; epb_packetid */
  3,    0,    0,    0,    0,    0,    0,    0,    /* 3 */
  0,    0,    0,    0,    72,   0,    0,    0,    /* end */
};

static void write_golden(Place *place)
{
  pcapng_start(&place->it, place->file, 0, "a", "s 7");
  g_assert_cmpuint(pcapng_interface(&place->it, "eth0", NULL), ==, 0);
  put_packet(&place->it, INT64_C(0x100000002), 5, 0xee);
  pcapng_comment(&place->it, "why");
  pcapng_packet_end(&place->it, PCAPNG_OUTBOUND, 3);
}

static void assert_golden(const char *bytes, gsize size)
{
  g_assert_cmpuint(size, ==, sizeof golden);
  for (gsize i = 0; i < size; i++)
    g_assert_cmphex((uint8_t)bytes[i], ==, golden[i]);
}

static void bytes_are_those_of_the_format(Place *place, const void *unused)
{
  g_autofree char *bytes = NULL;
  gsize size = 0;

  (void)unused;
  write_golden(place);
  place_close(place);
  g_assert_true(g_file_get_contents(place->path, &bytes, &size, NULL));
  assert_golden(bytes, size);
}

/* The clock may ask for a flush while a packet waits for its verdict. */
static void a_flush_leaves_a_packet_that_was_begun(Place *place,
                                                   const void *unused)
{
  g_autofree char *bytes = NULL;
  gsize size = 0;

  (void)unused;
  pcapng_start(&place->it, place->file, 0, "a", "s 7");
  pcapng_interface(&place->it, "eth0", NULL);
  put_packet(&place->it, INT64_C(0x100000002), 5, 0xee);
  g_assert_true(outfile_flush(place->file));
  pcapng_comment(&place->it, "why");
  g_assert_true(outfile_flush(place->file));
  pcapng_packet_end(&place->it, PCAPNG_OUTBOUND, 3);
  place_close(place);
  g_assert_true(g_file_get_contents(place->path, &bytes, &size, NULL));
  assert_golden(bytes, size);
}

static void a_packet_not_ended_is_not_in_the_file(Place *place,
                                                  const void *unused)
{
  g_autofree char *bytes = NULL;
  gsize size = 0;

  (void)unused;
  write_golden(place);
  put_packet(&place->it, INT64_C(0x100000003), 60, 1);
  place_close(place);
  g_assert_true(g_file_get_contents(place->path, &bytes, &size, NULL));
  assert_golden(bytes, size);
}

static void assert_packet(pcap_t *pcap, int64_t time, uint32_t length,
                          uint8_t value)
{
  struct pcap_pkthdr *header;
  const uint8_t *bytes;

  g_assert_cmpint(pcap_next_ex(pcap, &header, &bytes), ==, 1);
  g_assert_cmpint(header->ts.tv_sec, ==, time / 1000000000);
  g_assert_cmpint(header->ts.tv_usec, ==, time % 1000000000);
  g_assert_cmpuint(header->len, ==, length);
  g_assert_cmpuint(header->caplen, ==, MIN(length, PCAPNG_SNAPLEN));
  for (uint32_t i = 0; i < header->caplen; i++)
    g_assert_cmpuint(bytes[i], ==, value);
}

static void libpcap_reads_it(Place *place, const void *unused)
{
  static const struct {
    int64_t time;
    uint32_t length;
  } packets[] = {
    { 0, 60 },
    { 1, 61 },
    { INT64_C(1234567890123456789), 1514 },
    { INT64_C(1234567890123456790), 0 },
    { INT64_C(4000000000999999999), 65549 },
    { INT64_C(4000000000999999999), PCAPNG_SNAPLEN + 3 },
  };
  char error[PCAP_ERRBUF_SIZE];
  struct pcap_pkthdr *header;
  const uint8_t *bytes;
  pcap_t *pcap;

  (void)unused;
  pcapng_start(&place->it, place->file, 0, "test", NULL);
  pcapng_interface(&place->it, "client eth0", "a link");
  for (unsigned i = 0; i < G_N_ELEMENTS(packets); i++) {
    put_packet(&place->it, packets[i].time, packets[i].length, (uint8_t)i);
    for (unsigned j = 0; j < i; j++)
      pcapng_comment(&place->it, "one\nfact");
    pcapng_packet_end(&place->it, PCAPNG_INBOUND, i);
    if (i == 2)
      pcapng_interface(&place->it, "server eth0", NULL);
  }
  place_close(place);
  pcap = pcap_open_offline_with_tstamp_precision(
      place->path, PCAP_TSTAMP_PRECISION_NANO, error);
  g_assert_nonnull(pcap);
  g_assert_cmpint(pcap_datalink(pcap), ==, DLT_EN10MB);
  for (unsigned i = 0; i < G_N_ELEMENTS(packets); i++)
    assert_packet(pcap, packets[i].time, packets[i].length, (uint8_t)i);
  g_assert_cmpint(pcap_next_ex(pcap, &header, &bytes), ==, PCAP_ERROR_BREAK);
  pcap_close(pcap);
}

static char *tshark(const char *path, const char *fields)
{
  g_autofree char *program = g_find_program_in_path("tshark");
  g_autofree char *command = NULL;
  char *output = NULL;
  int status = -1;

  if (!program)
    return NULL;
  command = g_strdup_printf("%s -r %s -T fields %s", program, path, fields);
  g_assert_true(
      g_spawn_command_line_sync(command, &output, NULL, &status, NULL));
  g_assert_cmpint(status, ==, 0);
  return output;
}

static void tshark_shows_comments_and_directions(Place *place,
                                                 const void *unused)
{
  g_autofree char *text = NULL;

  (void)unused;
  write_golden(place);
  place_close(place);
  text = tshark(place->path, "-e frame.comment -e frame.interface_name "
                             "-e frame.packet_flags_direction "
                             "-e frame.packet_id");
  if (!text)
    g_test_skip("tshark is not installed");
  else
    g_assert_cmpstr(text, ==, "why\teth0\t0x00000002\t3\n");
}

static void hostile_comments_stay_comments(Place *place, const void *unused)
{
  g_autofree char *huge = g_strnfill(100000, 'x');
  char error[PCAP_ERRBUF_SIZE];
  pcap_t *pcap;
  g_autofree char *text = NULL;
  off_t before;

  (void)unused;
  pcapng_start(&place->it, place->file, 0, huge, huge);
  pcapng_interface(&place->it, "\xff\xfe\"\n\t", huge);
  g_assert_true(outfile_flush(place->file));
  before = place->file->flushed;
  put_packet(&place->it, 1, 60, 1);
  pcapng_comment(&place->it, "bad \xff utf-8");
  for (int i = 0; i < 10; i++)
    pcapng_comment(&place->it, huge);
  pcapng_packet_end(&place->it, PCAPNG_INBOUND, 1);
  g_assert_true(outfile_flush(place->file));
  g_assert_cmpint(place->file->flushed - before, <, 4096 + 200);
  put_packet(&place->it, 2, 60, 2);
  pcapng_packet_end(&place->it, PCAPNG_INBOUND, 2);
  place_close(place);
  pcap = pcap_open_offline_with_tstamp_precision(
      place->path, PCAP_TSTAMP_PRECISION_NANO, error);
  g_assert_nonnull(pcap);
  assert_packet(pcap, 1, 60, 1);
  assert_packet(pcap, 2, 60, 2);
  pcap_close(pcap);
  text = tshark(place->path, "-e frame.comment");
  if (text)
    g_assert_true(g_str_has_prefix(text, "bad \xef\xbf\xbd utf-8"));
}

#define AT_PLACE(name, test) \
  g_test_add("/pcapng/" name, Place, NULL, place_set_up, test, place_tear_down)

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  AT_PLACE("bytes-are-those-of-the-format", bytes_are_those_of_the_format);
  AT_PLACE("a-flush-leaves-a-packet-that-was-begun",
           a_flush_leaves_a_packet_that_was_begun);
  AT_PLACE("a-packet-not-ended-is-not-in-the-file",
           a_packet_not_ended_is_not_in_the_file);
  AT_PLACE("libpcap-reads-it", libpcap_reads_it);
  AT_PLACE("tshark-shows-comments-and-directions",
           tshark_shows_comments_and_directions);
  AT_PLACE("hostile-comments-stay-comments", hostile_comments_stay_comments);
  return g_test_run();
}
