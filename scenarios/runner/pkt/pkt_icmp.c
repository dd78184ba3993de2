/* ICMP: an error that arrives, about a segment or datagram that the host sent,
 * made from the connection and the sequence number that the script names; and
 * one that the host sent, in the script's words. */
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
  { "echo_reply", 0, 129 },
  { "echo_request", 8, 128 },
  { "timestamp_request", 13, NONE },
  { "timestamp_reply", 14, NONE },
  { "information_request", 15, NONE },
  { "information_reply", 16, NONE },
  { "address_mask_request", 17, NONE },
  { "address_mask_reply", 18, NONE },
  { "router_advertisement", NONE, 134 },
};

static const IcmpName unreachable_codes[] = {
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
};

static const IcmpName time_codes[] = {
  { "ttl_exceeded_in_transit", 0, NONE },
  { "exceeded_hop_limit", NONE, 0 },
  { "frag_reass_exceeded", 1, NONE },
  { "exceeded_frag_time", NONE, 1 },
};

static const IcmpName parameter_codes[] = {
  { "header_field", NONE, 0 },
  { "unknown_next_header", NONE, 1 },
  { "unknown_option", NONE, 2 },
};

typedef struct IcmpTable {
  const IcmpName *rows;
  gsize size;
} IcmpTable;

static const IcmpTable type_table = { types, G_N_ELEMENTS(types) };

static const IcmpTable code_tables[] = {
  { unreachable_codes, G_N_ELEMENTS(unreachable_codes) },
  { time_codes, G_N_ELEMENTS(time_codes) },
  { parameter_codes, G_N_ELEMENTS(parameter_codes) },
};

/* By name, or by number: `prefix` and up to three digits. */
static bool find(IcmpTable table, const char *prefix, const char *name,
                 bool ipv4, uint8_t *ret)
{
  guint64 number;

  if (g_str_has_prefix(name, prefix) &&
      g_ascii_string_to_unsigned(name + strlen(prefix), 10, 0, 255, &number,
                                 NULL)) {
    *ret = (uint8_t)number;
    return true;
  }
  for (gsize i = 0; i < table.size; i++)
    if (g_str_equal(table.rows[i].name, name)) {
      *ret = ipv4 ? table.rows[i].ipv4 : table.rows[i].ipv6;
      return *ret != NONE;
    }
  return false;
}

static bool find_type(const PktRun *it, const PktPacket *packet, uint8_t *ret)
{
  return find(type_table, "type_", packet->type,
              net_address_is_ipv4(it->config.local), ret);
}

static bool find_code(const PktRun *it, const PktPacket *packet, uint8_t *ret)
{
  bool ipv4 = net_address_is_ipv4(it->config.local);

  *ret = 0;
  if (!packet->code)
    return true;
  for (gsize i = 0; i < G_N_ELEMENTS(code_tables); i++)
    if (find(code_tables[i], "code_", packet->code, ipv4, ret))
      return true;
  return false;
}

/* What the error quotes: the IP header and the first bytes of the segment. */
static uint32_t put_quoted(PktRun *it, const PktPacket *packet, uint8_t *at)
{
  NetPacket *quoted = net_packet_new(it->run->net, &it->owner);
  bool is_udp = packet->echoed == PKT_UDP;
  uint32_t header = is_udp ? NET_UDP_SIZE : TCP_HEADER_SIZE;
  NetIp ip = { .source = it->flow.local.address,
               .destination = it->flow.remote.address,
               .protocol = is_udp || packet->in_udp ? NET_PROTOCOL_UDP
                                                    : NET_PROTOCOL_TCP,
               .ttl = 64,
               .dont_fragment = true };
  uint32_t udp = packet->in_udp ? NET_UDP_SIZE : 0;
  uint32_t size = net_ip_size(ip.destination) + udp + header;
  uint8_t *l4;

  ip.payload_length = udp + header + packet->length;
  quoted->l3 = 0;
  quoted->l4 = (uint16_t)net_ip_size(ip.destination);
  net_ip_put(quoted, &ip, 0);
  l4 = quoted->head + quoted->l4;
  memset(l4, 0, udp + header);
  if (packet->in_udp) {
    net_put16(l4, packet->udp_source);
    net_put16(l4 + 2, packet->udp_destination);
    net_put16(l4 + 4, (uint16_t)ip.payload_length);
    l4 += NET_UDP_SIZE;
  }
  net_put16(l4, it->flow.local.port);
  net_put16(l4 + 2, it->flow.remote.port);
  if (is_udp) {
    net_put16(l4 + 4, (uint16_t)(header + packet->length));
  } else {
    net_put32(l4 + 4, packet->seq + it->flow.local_isn);
    l4[12] = 0x50;
  }
  memcpy(at, quoted->head, size);
  net_packet_free(quoted);
  return size;
}

static NetPacket *build(PktRun *it, const PktPacket *packet, uint8_t type,
                        uint8_t code, NetIp *ret_ip)
{
  bool ipv4 = net_address_is_ipv4(it->config.local);
  NetPacket *out = net_packet_new(it->run->net, &it->owner);
  NetIp ip = { .source = it->config.remote,
               .destination = it->config.local,
               .protocol = ipv4 ? NET_PROTOCOL_ICMP : NET_PROTOCOL_ICMPV6,
               .ttl = packet->ttl ? packet->ttl : 64 };
  uint8_t quote[NET_IPV6_SIZE + NET_UDP_SIZE + TCP_HEADER_SIZE];
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
  *ret_ip = ip;
  return out;
}

NetPacket *pkt_icmp_build(PktRun *it, const PktPacket *packet, NetIp *ret_ip)
{
  bool ipv4 = net_address_is_ipv4(it->config.local);
  uint8_t type, code;

  if (!find_type(it, packet, &type)) {
    pkt_unsupported(it, packet->place, "ICMP %s is not simulated over %s",
                    packet->type, ipv4 ? "IPv4" : "IPv6");
    return NULL;
  }
  if (!find_code(it, packet, &code)) {
    pkt_unsupported(it, packet->place, "ICMP code %s is not simulated over %s",
                    packet->code, ipv4 ? "IPv4" : "IPv6");
    return NULL;
  }
  return build(it, packet, type, code, ret_ip);
}

PktOutcome pkt_icmp_in(PktRun *it, const PktPacket *packet)
{
  NetIp ip;
  NetPacket *out = pkt_icmp_build(it, packet, &ip);

  if (!out)
    return PKT_FAILED;
  pkt_world_put(it, packet, out, &ip);
  return PKT_DONE;
}

/* -- sent -- */

static void put_name(GString *out, IcmpTable table, const char *prefix,
                     bool ipv4, uint8_t value)
{
  for (gsize i = 0; i < table.size; i++)
    if ((ipv4 ? table.rows[i].ipv4 : table.rows[i].ipv6) == value) {
      g_string_append(out, table.rows[i].name);
      return;
    }
  g_string_append_printf(out, "%s%u", prefix, value);
}

void pkt_icmp_name(GString *out, uint8_t type, uint8_t code, bool ipv4)
{
  bool unreachable =
      type == (ipv4 ? NET_ICMP_UNREACHABLE : NET_ICMPV6_UNREACHABLE);
  bool time =
      type == (ipv4 ? NET_ICMP_TIME_EXCEEDED : NET_ICMPV6_TIME_EXCEEDED);
  const IcmpTable none = { NULL, 0 };

  put_name(out, type_table, "type_", ipv4, type);
  if (!unreachable && !time && code == 0)
    return;
  g_string_append_c(out, ' ');
  put_name(out,
           unreachable ? code_tables[0]
           : time      ? code_tables[1]
           : ipv4      ? none
                       : code_tables[2],
           "code_", ipv4, code);
}

/* [udp (100)], [1:101(100)]: in the numbers of who sent it. */
static void put_echoed(GString *out, const PktRun *it, const PktSent *sent)
{
  const PktFlow *flow = &it->flow;
  const uint8_t *ip = sent->quoted;
  bool ipv4 = ip[0] >> 4 == 4;
  unsigned header = ipv4 ? NET_IPV4_SIZE : NET_IPV6_SIZE;
  unsigned whole = ipv4 ? net_get16(ip + 2) : net_get16(ip + 4) + header;
  uint8_t protocol = ip[ipv4 ? 9 : 6];
  const uint8_t *l4 = ip + header;

  if (sent->quoted_size < header + NET_UDP_SIZE) {
    g_string_append(out, " [cut short]");
  } else if (protocol == NET_PROTOCOL_UDP) {
    g_string_append_printf(out, " [udp (%u)]",
                           net_get16(l4 + 4) - NET_UDP_SIZE);
  } else if (protocol == NET_PROTOCOL_TCP &&
             sent->quoted_size >= header + TCP_HEADER_SIZE) {
    uint32_t seq = net_get32(l4 + 4);
    unsigned length = whole - header - (l4[12] >> 4) * 4u;

    seq -= l4[13] & TCP_SYN ? 0 : flow->remote_isn;
    g_string_append_printf(out, " [%u:%u(%u)]", seq, seq + length, length);
  } else {
    g_string_append_printf(out, " [protocol %u]", protocol);
  }
}

void pkt_icmp_of(GString *out, const PktPacket *packet)
{
  g_string_printf(out, "icmp %s%s%s", packet->type, packet->code ? " " : "",
                  packet->code ? packet->code : "");
  if (packet->has_mtu)
    g_string_append_printf(out, " mtu %u", packet->mtu);
  if (packet->has_echoed && packet->echoed == PKT_UDP)
    g_string_append_printf(out, " [udp (%u)]", packet->length);
  else if (packet->has_echoed)
    g_string_append_printf(out, " [%u:%u(%u)]", packet->seq,
                           packet->seq + packet->length, packet->length);
}

void pkt_icmp_sent(GString *out, const PktRun *it, const PktPacket *packet,
                   const PktSent *sent)
{
  bool ipv4 = net_address_is_ipv4(it->config.local);
  const uint8_t *at = sent->head + sent->l4;
  bool same_kind = packet->protocol == PKT_ICMP;
  uint8_t type, code;

  g_string_assign(out, "icmp");
  if (same_kind && find_type(it, packet, &type) &&
      find_code(it, packet, &code) && type == at[0] && code == at[1])
    g_string_append_printf(out, " %s%s%s", packet->type,
                           packet->code ? " " : "",
                           packet->code ? packet->code : "");
  else
    pkt_icmp_name(g_string_append_c(out, ' '), at[0], at[1], ipv4);
  if (same_kind && packet->has_mtu)
    g_string_append_printf(out, " mtu %u",
                           ipv4 ? net_get16(at + 6) : net_get32(at + 4));
  if (same_kind && packet->has_echoed)
    put_echoed(out, it, sent);
}
