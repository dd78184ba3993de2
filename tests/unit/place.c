/* Runs in a folder of their own. */
#include "place.h"

#include <pcap/pcap.h>

void place_set_up(Place *it, const void *unused)
{
  (void)unused;
  told_init(&it->told);
  it->folder = g_dir_make_tmp("linger-XXXXXX", NULL);
}

void place_tear_down(Place *it, const void *unused)
{
  (void)unused;
  told_remove(it->folder);
  g_free(it->folder);
}

Output *place_start(Place *it)
{
  g_autoptr(GError) error = NULL;
  Output *output = output_open(&it->told.run, it->folder, NULL, &error);

  g_assert_no_error(error);
  return output;
}

void place_finish(Place *it, Output *output)
{
  g_autoptr(GError) error = NULL;

  output_finish(output, &error);
  g_assert_no_error(error);
  told_clear(&it->told);
  output_free(output);
}

/* A SYN that arrives, its answer that is lost, and a reset by hand. */
void place_tell(Told *it)
{
  NetPacket *answer = told_segment(it, SERVER, "S.", 500, 101, 0);
  NetPacket *forged = told_segment(it, CLIENT, "R", 101, 0, 3);

  forged->flags |= NET_PACKET_INJECTED;
  answer->attempt = 2;
  answer->sender_state = TCP_SYN_RECEIVED;
  told_state(it, CLIENT, TCP_CLOSED, TCP_SYN_SENT, 100, 0);
  told_crossing(it, CLIENT, told_segment(it, CLIENT, "S", 100, 0, 0),
                SIM_MILLISECOND);
  told_state(it, SERVER, TCP_LISTEN, TCP_SYN_RECEIVED, 500, 100);
  told_packet(it, NET_TRACE_SENT, SERVER, answer);
  told_at(it, 2 * SIM_MILLISECOND);
  told_dropped(it, SERVER, answer, "lost\tby\nthe link");
  told_crossing(it, CLIENT, forged, SIM_MILLISECOND);
  told_verdict(it, SERVER, forged, TCP_SYN_RECEIVED, TCP_RULE_NONE);
  told_state(it, SERVER, TCP_SYN_RECEIVED, TCP_CLOSED, 500, 100);
}

void place_assert_file(const Place *it, const char *name, const char *wanted)
{
  g_autofree char *text = told_contents(it->folder, name);

  g_assert_cmpstr(text, ==, wanted);
}

unsigned place_count_packets(const Place *it, const char *name)
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
