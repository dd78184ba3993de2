/* Captures read back. Nothing in a file is trusted: lengths are bounded by what
 * libpcap has read, and a datagram by 65535 bytes. */
#include "capture_read.h"

#include <glib.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

#include "formats.h"

#define DATAGRAM_MOST 65535
#define VLAN 0x8100
#define SERVICE_VLAN 0x88a8

struct CaptureReader {
  pcap_t *pcap;
  int link;
  const char *problem;
  uint8_t frame[NET_ETHERNET_SIZE + DATAGRAM_MOST];
};

/* Where IP begins, or 0. */
static uint32_t skip_ethernet(const uint8_t *at, uint32_t size)
{
  uint32_t offset = 12;

  while (offset + 6 <= size && (net_get16(at + offset) == VLAN ||
                                net_get16(at + offset) == SERVICE_VLAN))
    offset += 4;
  if (offset + 2 > size || (net_get16(at + offset) != NET_ETHERTYPE_IPV4 &&
                            net_get16(at + offset) != NET_ETHERTYPE_IPV6))
    return 0;
  return offset + 2;
}

/* False if there is no IP in it. */
static bool skip_link(int link, const uint8_t *at, uint32_t size, uint32_t *ret)
{
  *ret = 0;
  switch (link) {
  case DLT_EN10MB:
    *ret = skip_ethernet(at, size);
    return *ret > 0;
  case DLT_LINUX_SLL:
    *ret = 16;
    return true;
  case DLT_LINUX_SLL2:
    *ret = 20;
    return true;
  case DLT_NULL:
  case DLT_LOOP:
    *ret = 4;
    return true;
  default:
    return true;
  }
}

static bool link_is_known(int link)
{
  static const int known[] = { DLT_EN10MB, DLT_LINUX_SLL, DLT_LINUX_SLL2,
                               DLT_NULL,   DLT_LOOP,      DLT_RAW,
                               DLT_IPV4,   DLT_IPV6 };

  for (unsigned i = 0; i < G_N_ELEMENTS(known); i++)
    if (known[i] == link)
      return true;
  return false;
}

CaptureReader *capture_open(FILE *file, char *ret_error, size_t size)
{
  char problem[PCAP_ERRBUF_SIZE] = "";
  pcap_t *pcap = pcap_fopen_offline_with_tstamp_precision(
      file, PCAP_TSTAMP_PRECISION_NANO, problem);
  CaptureReader *reader;

  if (!pcap) {
    fclose(file);
    snprintf(ret_error, size, "%s", problem);
    return NULL;
  }
  if (!link_is_known(pcap_datalink(pcap))) {
    snprintf(ret_error, size,
             "its packets have link type %d, which has no IP that could be "
             "found; Ethernet, raw IP, Linux cooked and loopback do",
             pcap_datalink(pcap));
    pcap_close(pcap);
    return NULL;
  }
  reader = g_new0(CaptureReader, 1);
  reader->pcap = pcap;
  reader->link = pcap_datalink(pcap);
  return reader;
}

void capture_close(CaptureReader *reader)
{
  if (!reader)
    return;
  pcap_close(reader->pcap);
  g_free(reader);
}

const char *capture_problem(const CaptureReader *reader)
{
  return reader->problem;
}

/* The datagram's bytes, by its own length; Ethernet may have padded it. */
static uint32_t datagram_size(const uint8_t *ip, uint32_t have, uint32_t length)
{
  uint32_t stated = 0;

  if (have >= NET_IPV4_SIZE && ip[0] >> 4 == 4)
    stated = net_get16(ip + 2);
  else if (have >= NET_IPV6_SIZE && ip[0] >> 4 == 6)
    stated = NET_IPV6_SIZE + (uint32_t)net_get16(ip + 4);
  if (stated == 0 || stated > length)
    stated = length;
  return MIN(stated, DATAGRAM_MOST);
}

static bool take(CaptureReader *reader, const struct pcap_pkthdr *header,
                 const uint8_t *bytes, uint32_t *ret_size)
{
  uint32_t skip, have, size;

  if (!skip_link(reader->link, bytes, header->caplen, &skip) ||
      skip >= header->caplen || header->len < header->caplen)
    return false;
  have = header->caplen - skip;
  if (bytes[skip] >> 4 != 4 && bytes[skip] >> 4 != 6)
    return false;
  size = datagram_size(bytes + skip, have, header->len - skip);
  memset(reader->frame, 0, NET_ETHERNET_SIZE + size);
  net_put16(reader->frame + 12,
            bytes[skip] >> 4 == 4 ? NET_ETHERTYPE_IPV4 : NET_ETHERTYPE_IPV6);
  memcpy(reader->frame + NET_ETHERNET_SIZE, bytes + skip, MIN(have, size));
  *ret_size = NET_ETHERNET_SIZE + size;
  return true;
}

/* With nanosecond precision tv_usec counts nanoseconds. Times that do not fit
 * are the file's fault and become 0. */
static SimTime time_of(const struct pcap_pkthdr *header)
{
  int64_t seconds = header->ts.tv_sec, rest = header->ts.tv_usec;

  if (seconds < 0 || seconds > INT64_C(4000000000) || rest < 0 ||
      rest >= SIM_SECOND)
    return 0;
  return seconds * SIM_SECOND + rest;
}

bool capture_next(CaptureReader *reader, Net *net, SimOwner *owner,
                  NetPacket **ret, SimTime *ret_time)
{
  struct pcap_pkthdr *header;
  const uint8_t *bytes;
  uint32_t size;
  int answer;

  while ((answer = pcap_next_ex(reader->pcap, &header, &bytes)) == 1)
    if (take(reader, header, bytes, &size)) {
      *ret = net_packet_from_frame(net, owner, reader->frame, size);
      *ret_time = time_of(header);
      return true;
    }
  if (answer == PCAP_ERROR)
    reader->problem = pcap_geterr(reader->pcap);
  return false;
}
