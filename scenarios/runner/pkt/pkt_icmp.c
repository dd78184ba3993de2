/* ICMP that arrives: an error about a segment that the host sent, made from
 * the connection and the sequence number that the script names. */
#include <string.h>

#include "formats.h"
#include "pkt_run.h"

typedef struct IcmpName {
  const char *name;
  uint8_t ipv4, ipv6; /* types or codes; NONE: not in this family */
} IcmpName;

#define NONE 255

static const IcmpName types[] = {
  { "unreachable", NET_ICMP_UNREACHABLE, NET_ICMPV6_UNREACHABLE },
  { "dst_unreachable", NET_ICMP_UNREACHABLE, NET_ICMPV6_UNREACHABLE },
  { "source_quench", NET_ICMP_SOURCE_QUENCH, NONE },
  { "redirect", NET_ICMP_REDIRECT, NONE },
  { "time_exceeded", NET_ICMP_TIME_EXCEEDED, NET_ICMPV6_TIME_EXCEEDED },
  { "parameter_problem", NET_ICMP_PARAMETER_PROBLEM,
    NET_ICMPV6_PARAMETER_PROBLEM },
  { "packet_too_big", NONE, NET_ICMPV6_TOO_BIG },
};

static const IcmpName codes[] = {
  { "net_unreachable", 0, 0 },
  { "noroute", NONE, 0 },
  { "no_route", NONE, 0 },
  { "host_unreachable", 1, NONE },
  { "protocol_unreachable", 2, NONE },
  { "port_unreachable", 3, 4 },
  { "frag_needed", 4, NONE },
  { "source_route_failed", 5, NONE },
  { "net_unknown", 6, NONE },
  { "host_unknown", 7, NONE },
  { "source_host_isolated", 8, NONE },
  { "net_prohibited", 9, NONE },
  { "admin_prohibited", NONE, 1 },
  { "adm_prohibited", NONE, 1 },
  { "host_prohibited", 10, NONE },
  { "not_neighbour", NONE, 2 },
  { "address_unreachable", NONE, 3 },
  { "addr_unreachable", NONE, 3 },
  { "net_unreachable_for_tos", 11, NONE },
  { "host_unreachable_for_tos", 12, NONE },
  { "packet_filtered", 13, NONE },
  { "precedence_violation", 14, NONE },
  { "precedence_cutoff", 15, NONE },
  /* of time_exceeded */
  { "ttl_exceeded_in_transit", 0, NONE },
  { "exceeded_hop_limit", NONE, 0 },
  { "frag_reass_exceeded", 1, NONE },
  { "exceeded_frag_time", NONE, 1 },
  /* of parameter_problem */
  { "header_field", NONE, 0 },
  { "unknown_next_header", NONE, 1 },
  { "unknown_option", NONE, 2 },
};

static void put_name(GString *out, const IcmpName *table, gsize size,
                     const char *prefix, uint8_t number, bool ipv4)
{
  for (gsize i = 0; i < size; i++)
    if ((ipv4 ? table[i].ipv4 : table[i].ipv6) == number && number != NONE) {
      g_string_append(out, table[i].name);
      return;
    }
  g_string_append_printf(out, "%s%u", prefix, number);
}

void pkt_icmp_name(GString *out, uint8_t type, uint8_t code, bool ipv4)
{
  bool unreachable =
      type == (ipv4 ? NET_ICMP_UNREACHABLE : NET_ICMPV6_UNREACHABLE);

  put_name(out, types, G_N_ELEMENTS(types), "type_", type, ipv4);
  if (unreachable || code != 0)
    g_string_append_c(out, ' ');
  if (unreachable)
    put_name(out, codes, G_N_ELEMENTS(codes), "code_", code, ipv4);
  else if (code != 0)
    g_string_append_printf(out, "code_%u", code);
}

/* By name, or by number: `prefix` and up to three digits. */
static bool find(const IcmpName *table, gsize size, const char *prefix,
                 const char *name, bool ipv4, uint8_t *ret)
{
  guint64 number;

  if (g_str_has_prefix(name, prefix) &&
      g_ascii_string_to_unsigned(name + strlen(prefix), 10, 0, 255, &number,
                                 NULL)) {
    *ret = (uint8_t)number;
    return true;
  }
  for (gsize i = 0; i < size; i++)
    if (g_str_equal(table[i].name, name)) {
      *ret = ipv4 ? table[i].ipv4 : table[i].ipv6;
      return *ret != NONE;
    }
  return false;
}

/* What the error quotes: the IP header and the first bytes of the segment. */
static uint32_t put_quoted(PktRun *it, const PktPacket *packet, uint8_t *at)
{
  NetPacket *quoted = net_packet_new(it->run->net, &it->owner);
  NetIp ip = { .source = it->flow.local.address,
               .destination = it->flow.remote.address,
               .protocol = NET_PROTOCOL_TCP,
               .ttl = 64,
               .dont_fragment = true,
               .payload_length = TCP_HEADER_SIZE + packet->length };
  uint32_t size = net_ip_size(ip.destination) + TCP_HEADER_SIZE;
  uint8_t *l4;

  quoted->l3 = 0;
  quoted->l4 = (uint16_t)(size - TCP_HEADER_SIZE);
  net_ip_put(quoted, &ip, 0);
  l4 = quoted->head + quoted->l4;
  memset(l4, 0, TCP_HEADER_SIZE);
  net_put16(l4, it->flow.local.port);
  net_put16(l4 + 2, it->flow.remote.port);
  net_put32(l4 + 4, packet->seq + it->flow.local_isn);
  l4[12] = 0x50;
  memcpy(at, quoted->head, size);
  net_packet_free(quoted);
  return size;
}

static void put_icmp(PktRun *it, const PktPacket *packet, uint8_t type,
                     uint8_t code)
{
  bool ipv4 = net_address_is_ipv4(it->config.local);
  NetPacket *out = net_packet_new(it->run->net, &it->owner);
  NetIp ip = { .source = it->config.remote,
               .destination = it->config.local,
               .protocol = ipv4 ? NET_PROTOCOL_ICMP : NET_PROTOCOL_ICMPV6,
               .ttl = packet->ttl ? packet->ttl : 64 };
  uint8_t quote[NET_IPV6_SIZE + TCP_HEADER_SIZE];
  uint8_t *at;

  out->l3 = NET_ETHERNET_SIZE;
  out->l4 = (uint16_t)(out->l3 + net_ip_size(it->config.local));
  out->head_length = (uint16_t)(out->l4 + NET_ICMP_SIZE);
  at = out->head + out->l4;
  memset(at, 0, NET_ICMP_SIZE);
  at[0] = type;
  at[1] = code;
  net_put32(at + 4, packet->has_mtu ? packet->mtu : 0);
  if (packet->has_echoed)
    out->payload = net_slice_of(quote, put_quoted(it, packet, quote));
  ip.payload_length = NET_ICMP_SIZE + out->payload.length;
  net_put16(at + 2, ipv4 ? net_sum_finish(net_sum_slice(
                               net_sum(0, at, NET_ICMP_SIZE), out->payload))
                         : net_transport_sum(out, &ip));
  pkt_world_put(it, out, &ip);
}

PktOutcome pkt_icmp_in(PktRun *it, const PktPacket *packet)
{
  bool ipv4 = net_address_is_ipv4(it->config.local);
  uint8_t type, code = 0;

  if (!find(types, G_N_ELEMENTS(types), "type_", packet->type, ipv4, &type))
    return pkt_unsupported(it, packet->place,
                           "ICMP %s is not simulated over %s", packet->type,
                           ipv4 ? "IPv4" : "IPv6");
  if (packet->code &&
      !find(codes, G_N_ELEMENTS(codes), "code_", packet->code, ipv4, &code))
    return pkt_unsupported(it, packet->place,
                           "ICMP code %s is not simulated over %s",
                           packet->code, ipv4 ? "IPv4" : "IPv6");
  if (packet->has_echoed && packet->echoed != PKT_TCP)
    return pkt_unsupported(it, packet->place,
                           "only errors about TCP are simulated");
  put_icmp(it, packet, type, code);
  return PKT_DONE;
}
