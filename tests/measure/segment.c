/* IP and TCP headers to bytes and back, and ICMP errors. Invariant: what is
 * written has correct checksums, and a segment's payload is zero bytes. */

#include "segment.h"

#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <string.h>

#include "lab.h"

enum {
  HOPS = 64,
  QUOTE_MOST = 1200, /* of the packet that an ICMP error is about */
};

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

/* -- IP: from the peer to the kernel -- */

/* The header for `length` bytes behind it, and the sum of the pseudo header
 * that their checksum begins with. */
static size_t write_ipv4(uint8_t protocol, size_t length, uint8_t *bytes,
                         uint32_t *ret_sum)
{
  struct iphdr ip = { .version = 4,
                      .ihl = 5,
                      .ttl = HOPS,
                      .frag_off = htons(IP_DF),
                      .protocol = protocol,
                      .tot_len = htons((uint16_t)(sizeof ip + length)),
                      .saddr = htonl(LAB_PEER),
                      .daddr = htonl(LAB_KERNEL) };

  ip.check = checksum(sum16(0, (uint8_t *)&ip, sizeof ip));
  memcpy(bytes, &ip, sizeof ip);
  *ret_sum = sum16((uint32_t)length + protocol, (uint8_t *)&ip.saddr, 8);
  return sizeof ip;
}

static size_t write_ipv6(uint8_t protocol, size_t length, uint8_t *bytes,
                         uint32_t *ret_sum)
{
  struct ip6_hdr ip = { .ip6_plen = htons((uint16_t)length),
                        .ip6_nxt = protocol,
                        .ip6_hlim = HOPS,
                        .ip6_src = LAB_PEER6,
                        .ip6_dst = LAB_KERNEL6 };

  ip.ip6_vfc = 6 << 4;
  memcpy(bytes, &ip, sizeof ip);
  *ret_sum = sum16((uint32_t)length + protocol, (uint8_t *)&ip.ip6_src, 32);
  return sizeof ip;
}

static size_t write_ip(bool ipv6, uint8_t protocol, size_t length,
                       uint8_t *bytes, uint32_t *ret_sum)
{
  return ipv6 ? write_ipv6(protocol, length, bytes, ret_sum)
              : write_ipv4(protocol, length, bytes, ret_sum);
}

/* Where the payload of the kernel's packet begins; 0 if it is not of that
 * protocol. */
static size_t read_ip(const uint8_t *bytes, size_t length, uint8_t protocol,
                      bool *ret_ipv6)
{
  struct iphdr ip;
  struct ip6_hdr ip6;

  if (length >= sizeof ip && bytes[0] >> 4 == 4) {
    memcpy(&ip, bytes, sizeof ip);
    *ret_ipv6 = false;
    return ip.protocol == protocol ? (size_t)ip.ihl * 4 : 0;
  }
  if (length >= sizeof ip6 && bytes[0] >> 4 == 6) {
    memcpy(&ip6, bytes, sizeof ip6);
    *ret_ipv6 = true;
    return ip6.ip6_nxt == protocol ? sizeof ip6 : 0;
  }
  return 0;
}

/* -- TCP -- */

static size_t put32(uint8_t *at, uint32_t number)
{
  number = htonl(number);
  memcpy(at, &number, sizeof number);
  return sizeof number;
}

static size_t write_sacks(const Segment *segment, uint8_t *at)
{
  size_t length = 4;

  if (segment->sack_count == 0)
    return 0;
  memcpy(at, (uint8_t[]){ TCPOPT_NOP, TCPOPT_NOP, TCPOPT_SACK }, 3);
  at[3] = (uint8_t)(2 + 8 * segment->sack_count);
  for (unsigned i = 0; i < segment->sack_count; i++) {
    length += put32(at + length, segment->sack[i][0]);
    length += put32(at + length, segment->sack[i][1]);
  }
  return length;
}

static size_t write_options(const Segment *segment, uint8_t *at)
{
  size_t length = 0;

  if (segment->mss) {
    memcpy(at, (uint8_t[]){ TCPOPT_MAXSEG, TCPOLEN_MAXSEG }, 2);
    at[2] = (uint8_t)(segment->mss >> 8);
    at[3] = (uint8_t)segment->mss;
    length += TCPOLEN_MAXSEG;
  }
  if (segment->sack_permitted) {
    uint8_t bytes[] = { TCPOPT_NOP, TCPOPT_NOP, TCPOPT_SACK_PERMITTED,
                        TCPOLEN_SACK_PERMITTED };

    memcpy(at + length, bytes, sizeof bytes);
    length += sizeof bytes;
  }
  if (segment->timestamps) {
    uint8_t head[] = { TCPOPT_NOP, TCPOPT_NOP, TCPOPT_TIMESTAMP,
                       TCPOLEN_TIMESTAMP };

    memcpy(at + length, head, sizeof head);
    length += sizeof head;
    length += put32(at + length, segment->tsval);
    length += put32(at + length, segment->tsecr);
  }
  if (segment->has_scale) {
    uint8_t bytes[] = { TCPOPT_NOP, TCPOPT_WINDOW, TCPOLEN_WINDOW,
                        segment->scale };

    memcpy(at + length, bytes, sizeof bytes);
    length += sizeof bytes;
  }
  return length + write_sacks(segment, at + length);
}

size_t segment_write(const Segment *segment, uint8_t *bytes)
{
  struct tcphdr tcp = { .th_sport = htons(segment->peer_port),
                        .th_dport = htons(segment->kernel_port),
                        .th_seq = htonl(segment->seq),
                        .th_ack = htonl(segment->ack),
                        .th_flags = segment->flags,
                        .th_win = htons(segment->window),
                        .th_urp = htons(segment->urgent) };
  size_t at = segment->ipv6 ? sizeof(struct ip6_hdr) : sizeof(struct iphdr);
  uint8_t *head = bytes + at;
  size_t header = sizeof tcp + write_options(segment, head + sizeof tcp);
  size_t length = header + segment->length;
  uint32_t sum;

  write_ip(segment->ipv6, IPPROTO_TCP, length, bytes, &sum);
  memset(head + header, 0, segment->length);
  tcp.th_off = (header / 4) & 0xf;
  memcpy(head, &tcp, sizeof tcp);
  tcp.th_sum = checksum(sum16(sum, head, length));
  memcpy(head, &tcp, sizeof tcp);
  return at + length;
}

static uint32_t get32(const uint8_t *at)
{
  uint32_t number;

  memcpy(&number, at, sizeof number);
  return ntohl(number);
}

static void read_sacks(Segment *segment, const uint8_t *at, size_t size)
{
  segment->sack_count = 0;
  for (size_t i = 2; i + 8 <= size && segment->sack_count < SEGMENT_SACKS;
       i += 8) {
    segment->sack[segment->sack_count][0] = get32(at + i);
    segment->sack[segment->sack_count++][1] = get32(at + i + 4);
  }
}

static void read_option(Segment *segment, const uint8_t *at, size_t size)
{
  switch (*at) {
  case TCPOPT_MAXSEG:
    if (size == TCPOLEN_MAXSEG)
      segment->mss = (uint16_t)(at[2] << 8 | at[3]);
    break;
  case TCPOPT_SACK_PERMITTED:
    segment->sack_permitted = true;
    break;
  case TCPOPT_WINDOW:
    segment->has_scale = size == TCPOLEN_WINDOW;
    segment->scale = segment->has_scale ? at[2] : 0;
    break;
  case TCPOPT_SACK:
    read_sacks(segment, at, size);
    break;
  case TCPOPT_TIMESTAMP:
    if (size != TCPOLEN_TIMESTAMP)
      break;
    segment->timestamps = true;
    segment->tsval = get32(at + 2);
    segment->tsecr = get32(at + 6);
    break;
  default:
    break;
  }
}

static void read_options(Segment *segment, const uint8_t *at, size_t length)
{
  while (length > 1 && *at != TCPOPT_EOL) {
    size_t size = *at == TCPOPT_NOP ? 1 : at[1];

    if (size == 0 || size > length)
      return;
    read_option(segment, at, size);
    at += size;
    length -= size;
  }
}

bool segment_read(Segment *ret_segment, const uint8_t *bytes, size_t length)
{
  struct tcphdr tcp;
  bool ipv6 = false;
  size_t head = read_ip(bytes, length, IPPROTO_TCP, &ipv6), header;

  if (head == 0 || length < head + sizeof tcp)
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
                            .urgent = ntohs(tcp.th_urp),
                            .flags = tcp.th_flags & 0x3f,
                            .ipv6 = ipv6 };
  read_options(ret_segment, bytes + head + sizeof tcp, header - sizeof tcp);
  return true;
}

uint32_t segment_end(const Segment *segment)
{
  return segment->seq + segment->length + !!(segment->flags & TH_SYN) +
         !!(segment->flags & TH_FIN);
}

/* -- ICMP -- */

size_t segment_write_icmp(uint8_t type, uint8_t code, const uint8_t *packet,
                          size_t length, uint8_t *bytes)
{
  bool ipv6 = packet[0] >> 4 == 6;
  size_t at = ipv6 ? sizeof(struct ip6_hdr) : sizeof(struct iphdr);
  size_t quoted = length < QUOTE_MOST ? length : QUOTE_MOST;
  size_t size = sizeof(struct icmphdr) + quoted;
  uint8_t *icmp = bytes + at;
  uint16_t sum16_of;
  uint32_t sum;

  write_ip(ipv6, ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, size, bytes, &sum);
  memset(icmp, 0, sizeof(struct icmphdr));
  icmp[0] = type;
  icmp[1] = code;
  memcpy(icmp + sizeof(struct icmphdr), packet, quoted);
  sum16_of = checksum(sum16(ipv6 ? sum : 0, icmp, size));
  memcpy(icmp + 2, &sum16_of, sizeof sum16_of);
  return at + size;
}
