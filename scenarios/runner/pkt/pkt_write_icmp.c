/* An ICMP error as a line: what it is, and which of the host's segments it is
 * about (RFC 792, RFC 4443 3). */
#include "formats.h"
#include "pkt_run.h"
#include "pkt_write_flow.h"

/* The datagram that an error quotes, as far as it says whose it was. */
static bool read_quoted(PktIcmp *ret, const uint8_t *at, uint32_t size,
                        bool ipv4)
{
  uint32_t head = ipv4 ? (at[0] & 15) * 4u : NET_IPV6_SIZE;
  const uint8_t *tcp = at + head;

  if (size < head + 8 || at[0] >> 4 != (ipv4 ? 4 : 6) ||
      at[ipv4 ? 9 : 6] != NET_PROTOCOL_TCP)
    return false;
  ret->pair.local.address = ipv4 ? net_address_ipv4(net_get32(at + 12))
                                 : net_address_ipv6_get(at + 8);
  ret->pair.remote.address = ipv4 ? net_address_ipv4(net_get32(at + 16))
                                  : net_address_ipv6_get(at + 24);
  ret->pair.local.port = net_get16(tcp);
  ret->pair.remote.port = net_get16(tcp + 2);
  ret->seq = net_get32(tcp + 4);
  ret->length = ipv4 ? net_get16(at + 2) - head : net_get16(at + 4);
  if (size >= head + 13)
    ret->length -= MIN(ret->length, (tcp[12] >> 4) * 4u);
  return true;
}

bool pkt_icmp_read(PktIcmp *ret, const NetPacket *packet, const NetIp *ip)
{
  bool ipv4 = ip->protocol == NET_PROTOCOL_ICMP;
  uint32_t all = net_packet_length(packet);
  g_autofree uint8_t *bytes = g_malloc(all);
  const uint8_t *icmp = bytes + packet->l4;

  if (packet->l4 == 0 ||
      all < (uint32_t)packet->l4 + NET_ICMP_SIZE + NET_IPV4_SIZE)
    return false;
  net_packet_bytes(packet, bytes, all);
  *ret = (PktIcmp){ .type = icmp[0],
                    .code = icmp[1],
                    .ipv4 = ipv4,
                    .mtu = ipv4 ? net_get16(icmp + 6) : net_get32(icmp + 4) };
  return read_quoted(ret, icmp + NET_ICMP_SIZE,
                     all - packet->l4 - NET_ICMP_SIZE, ipv4);
}

void pkt_icmp_write(GString *out, const PktNumbers *numbers,
                    const PktIcmp *icmp)
{
  bool too_big = icmp->ipv4
                     ? icmp->type == NET_ICMP_UNREACHABLE && icmp->code == 4
                     : icmp->type == NET_ICMPV6_TOO_BIG;
  uint32_t seq = icmp->seq - numbers->local;

  g_string_append(out, "< icmp ");
  pkt_icmp_name(out, icmp->type, icmp->code, icmp->ipv4);
  if (too_big)
    g_string_append_printf(out, " mtu %u", icmp->mtu);
  g_string_append_printf(out, " [%u:%u(%u)]", seq, seq + icmp->length,
                         icmp->length);
}
