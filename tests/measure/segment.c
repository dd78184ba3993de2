/* IPv4 and TCP headers to bytes and back. Invariant: a written segment has
 * correct checksums, and its payload is zero bytes. */

#include "segment.h"

#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <string.h>

#include "lab.h"

static uint32_t sum16(uint32_t sum, const uint8_t *bytes, size_t length)
{
  for (size_t i = 0; i < length; i++)
    sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
  return sum;
}

static uint16_t checksum(uint32_t sum)
{
  while (sum >> 16)
    sum = (sum & 0xffff) + (sum >> 16);
  return htons((uint16_t)~sum);
}

static size_t write_options(const Segment *segment, uint8_t *at)
{
  uint32_t numbers[] = { htonl(segment->tsval), htonl(segment->tsecr) };
  size_t length = 0;

  if (segment->mss) {
    memcpy(at, (uint8_t[]){ TCPOPT_MAXSEG, TCPOLEN_MAXSEG }, 2);
    at[2] = (uint8_t)(segment->mss >> 8);
    at[3] = (uint8_t)segment->mss;
    length += TCPOLEN_MAXSEG;
  }
  if (segment->timestamps) {
    uint8_t head[] = { TCPOPT_NOP, TCPOPT_NOP, TCPOPT_TIMESTAMP,
                       TCPOLEN_TIMESTAMP };

    memcpy(at + length, head, sizeof head);
    memcpy(at + length + sizeof head, numbers, sizeof numbers);
    length += sizeof head + sizeof numbers;
  }
  return length;
}

size_t segment_write(const Segment *segment, uint8_t *bytes)
{
  struct iphdr ip = { .version = 4,
                      .ihl = 5,
                      .ttl = 64,
                      .frag_off = htons(IP_DF),
                      .protocol = IPPROTO_TCP,
                      .saddr = htonl(LAB_PEER),
                      .daddr = htonl(LAB_KERNEL) };
  struct tcphdr tcp = { .th_sport = htons(segment->peer_port),
                        .th_dport = htons(segment->kernel_port),
                        .th_seq = htonl(segment->seq),
                        .th_ack = htonl(segment->ack),
                        .th_flags = segment->flags,
                        .th_win = htons(segment->window) };
  uint8_t *head = bytes + sizeof ip, *options = head + sizeof tcp;
  size_t header = sizeof tcp + write_options(segment, options);
  size_t length = header + segment->length;
  uint32_t sum;

  memset(head + header, 0, segment->length);
  tcp.th_off = (header / 4) & 0xf;
  memcpy(head, &tcp, sizeof tcp);
  sum = sum16((uint32_t)length + IPPROTO_TCP, (uint8_t *)&ip.saddr, 8);
  tcp.th_sum = checksum(sum16(sum, head, length));
  memcpy(head, &tcp, sizeof tcp);

  ip.tot_len = htons((uint16_t)(sizeof ip + length));
  ip.check = checksum(sum16(0, (uint8_t *)&ip, sizeof ip));
  memcpy(bytes, &ip, sizeof ip);
  return sizeof ip + length;
}

static void read_options(Segment *segment, const uint8_t *at, size_t length)
{
  while (length > 1 && *at != TCPOPT_EOL) {
    size_t size = *at == TCPOPT_NOP ? 1 : at[1];

    if (size == 0 || size > length)
      return;
    if (*at == TCPOPT_TIMESTAMP && size == TCPOLEN_TIMESTAMP) {
      uint32_t numbers[2];

      memcpy(numbers, at + 2, sizeof numbers);
      segment->timestamps = true;
      segment->tsval = ntohl(numbers[0]);
      segment->tsecr = ntohl(numbers[1]);
    }
    at += size;
    length -= size;
  }
}

bool segment_read(Segment *ret_segment, const uint8_t *bytes, size_t length)
{
  struct iphdr ip;
  struct tcphdr tcp;
  size_t head, header;

  if (length < sizeof ip)
    return false;
  memcpy(&ip, bytes, sizeof ip);
  head = (size_t)ip.ihl * 4;
  if (ip.version != 4 || ip.protocol != IPPROTO_TCP ||
      length < head + sizeof tcp)
    return false;
  memcpy(&tcp, bytes + head, sizeof tcp);
  header = (size_t)tcp.th_off * 4;
  if (header < sizeof tcp || head + header > length)
    return false;
  *ret_segment = (Segment){ .kernel_port = ntohs(tcp.th_sport),
                            .peer_port = ntohs(tcp.th_dport),
                            .seq = ntohl(tcp.th_seq),
                            .ack = ntohl(tcp.th_ack),
                            .length = (uint32_t)(length - head - header),
                            .window = ntohs(tcp.th_win),
                            .flags = tcp.th_flags & 0x3f };
  read_options(ret_segment, bytes + head + sizeof tcp, header - sizeof tcp);
  return true;
}

uint32_t segment_end(const Segment *segment)
{
  return segment->seq + segment->length + !!(segment->flags & TH_SYN) +
         !!(segment->flags & TH_FIN);
}
