/* A frame's bytes as a row of the record.
 *
 * Whatever the bytes are, the row is filled in as far as they can be read;
 * they are those of a network that may damage or forge them.
 */
#include <string.h>

#include "node.h"
#include "record_parts.h"

static uint32_t readable(const NetPacket *packet, uint32_t from)
{
  return packet->head_length > from ? packet->head_length - from : 0;
}

static const char *describe_icmp(const uint8_t *at, uint32_t size)
{
  static const char *const unreachable[] = {
    "ICMP: network unreachable",  "ICMP: host unreachable",
    "ICMP: protocol unreachable", "ICMP: port unreachable",
    "ICMP: fragmentation needed",
  };

  if (size < 2)
    return "ICMP, truncated";
  switch (at[0]) {
  case 0:
    return "ICMP: echo reply";
  case 3:
    return at[1] < G_N_ELEMENTS(unreachable) ? unreachable[at[1]]
                                             : "ICMP: destination unreachable";
  case 8:
    return "ICMP: echo request";
  case 11:
    return "ICMP: time exceeded";
  default:
    return "ICMP";
  }
}

static const char *describe_icmp6(const uint8_t *at, uint32_t size)
{
  static const struct {
    uint8_t type;
    int code; /* -1: any */
    const char *text;
  } rows[] = {
    { 1, 0, "ICMPv6: no route" },
    { 1, 3, "ICMPv6: address unreachable" },
    { 1, 4, "ICMPv6: port unreachable" },
    { 1, -1, "ICMPv6: destination unreachable" },
    { 2, -1, "ICMPv6: packet too big" },
    { 3, -1, "ICMPv6: time exceeded" },
    { 4, -1, "ICMPv6: parameter problem" },
    { 128, -1, "ICMPv6: echo request" },
    { 129, -1, "ICMPv6: echo reply" },
    { 135, -1, "ICMPv6: neighbour solicitation" },
    { 136, -1, "ICMPv6: neighbour advertisement" },
  };

  if (size < 2)
    return "ICMPv6, truncated";
  for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
    if (rows[i].type == at[0] && (rows[i].code < 0 || rows[i].code == at[1]))
      return rows[i].text;
  return "ICMPv6";
}

/* "who has 2001:db8::2?" where the target is there to be read. */
static const char *describe_discovery(Record *record, const NetPacket *packet,
                                      const char *otherwise)
{
  uint8_t bytes[NET_HEAD_MAX];
  uint32_t size = net_packet_bytes(packet, bytes, sizeof bytes);
  char target[NET_ADDRESS_TEXT];
  g_autofree char *text = NULL;

  if (!packet->l4 || size < packet->l4 + 24u || bytes[packet->l4] < 135 ||
      bytes[packet->l4] > 136)
    return otherwise;
  net_address_format(net_address_ipv6_get(bytes + packet->l4 + 8), target);
  text = g_strdup_printf(
      bytes[packet->l4] == 135 ? "who has %s?" : "%s is here", target);
  return g_string_chunk_insert(record->text, text);
}

static const char *describe_arp(Record *record, const NetPacket *packet)
{
  const uint8_t *arp = packet->head + packet->l3;
  char sender[NET_ADDRESS_TEXT], target[NET_ADDRESS_TEXT];
  g_autofree char *text = NULL;

  if (readable(packet, packet->l3) < NET_ARP_SIZE)
    return "ARP, truncated";
  net_address_format(net_address_ipv4(net_get32(arp + 14)), sender);
  net_address_format(net_address_ipv4(net_get32(arp + 24)), target);
  if (net_get16(arp + 6) == 1)
    text = g_strdup_printf("who has %s? Tell %s", target, sender);
  else
    text = g_strdup_printf("%s is at %02x:%02x:%02x:%02x:%02x:%02x", sender,
                           arp[8], arp[9], arp[10], arp[11], arp[12], arp[13]);
  return g_string_chunk_insert(record->text, text);
}

static void read_udp(Record *record, RecordPacket *row, const NetPacket *packet,
                     const NetIp *ip)
{
  const uint8_t *udp = packet->head + packet->l4;
  g_autofree char *text = NULL;

  row->protocol = "udp";
  row->summary = "UDP, truncated";
  if (!packet->l4 || readable(packet, packet->l4) < NET_UDP_SIZE)
    return;
  row->payload = ip->payload_length - MIN(ip->payload_length, NET_UDP_SIZE);
  text = g_strdup_printf("UDP from port %u to port %u, %u bytes",
                         (unsigned)net_get16(udp), (unsigned)net_get16(udp + 2),
                         (unsigned)row->payload);
  row->summary = g_string_chunk_insert(record->text, text);
}

/* In whose name it was sent: nobody knows of what is forged, and the network's
 * own copies are the original's. */
static const NetNode *speaker(const Record *record, const RecordPacket *row,
                              const NetPacket *packet, const NetNode *node)
{
  const RecordPacket *original =
      row->duplicate ? record_packet(record, packet->origin) : NULL;

  if (original && original->conversation)
    return original->conversation->holders[original->from_end];
  return row->injected || row->duplicate ? NULL : node;
}

static void read_tcp(Record *record, RecordPacket *row, const NetPacket *packet,
                     const NetIp *ip, const NetNode *node)
{
  const uint8_t *tcp = packet->head + packet->l4;
  const char *reason = NULL;
  TcpPair pair = { { ip->source, 0 }, { ip->destination, 0 } };

  row->protocol = "tcp";
  row->malformed = true;
  if (!packet->l4 || readable(packet, packet->l4) < 4) {
    row->summary = "TCP, truncated before the ports end";
    return;
  }
  row->malformed = !tcp_segment_parse(packet, ip, &row->segment, &reason);
  if (row->malformed) {
    memset(&row->segment, 0, sizeof row->segment);
    row->segment.source_port = net_get16(tcp);
    row->segment.destination_port = net_get16(tcp + 2);
    row->summary =
        g_string_chunk_insert_const(record->text, reason ? reason : "TCP");
    if (readable(packet, packet->l4) > 13)
      row->segment.flags = tcp[13];
  } else {
    row->payload = row->segment.payload.length;
  }
  row->segment.payload = (NetSlice){ 0 };
  pair.local.port = row->segment.source_port;
  pair.remote.port = row->segment.destination_port;
  row->conversation = record_conversation_for(
      record, &pair, speaker(record, row, packet, node), &row->from_end);
}

static void read_upper(Record *record, RecordPacket *row,
                       const NetPacket *packet, const NetIp *ip,
                       const NetNode *node)
{
  switch (ip->protocol) {
  case NET_PROTOCOL_TCP:
    read_tcp(record, row, packet, ip, node);
    break;
  case NET_PROTOCOL_UDP:
    read_udp(record, row, packet, ip);
    break;
  case NET_PROTOCOL_ICMP:
    row->protocol = "icmp";
    row->payload = ip->payload_length - MIN(ip->payload_length, 8);
    row->summary = describe_icmp(packet->head + packet->l4,
                                 packet->l4 ? readable(packet, packet->l4) : 0);
    break;
  case NET_PROTOCOL_ICMPV6:
    row->protocol = "icmp6";
    row->payload = ip->payload_length - MIN(ip->payload_length, 8);
    row->summary =
        describe_icmp6(packet->head + packet->l4,
                       packet->l4 ? readable(packet, packet->l4) : 0);
    row->summary = describe_discovery(record, packet, row->summary);
    break;
  default:
    row->summary = net_packet_is_ipv6(packet) ? "IPv6" : "IPv4";
    row->payload = ip->payload_length;
  }
}

void record_packet_read(Record *record, RecordPacket *row,
                        const NetPacket *packet, const NetNode *node)
{
  NetIp ip;

  row->id = packet->id;
  row->protocol = "other";
  row->duplicate = packet->flags & NET_PACKET_DUPLICATE;
  row->injected = packet->flags & NET_PACKET_INJECTED;
  row->damaged = packet->flags & NET_PACKET_DAMAGED;
  row->attempt = packet->attempt;
  row->rule = packet->rule < TCP_RULES ? (TcpRule)packet->rule : 0;
  row->sender_before = packet->sender_state;
  if (net_ip_peek(packet, &ip)) {
    row->from = record_host(record, ip.source);
    row->to = record_host(record, ip.destination);
    read_upper(record, row, packet, &ip, node);
    if (row->conversation && row->conversation->holders[1 - row->from_end])
      row->to = row->conversation->hosts[1 - row->from_end];
  } else if (packet->l3 >= 14 && readable(packet, 0) >= packet->l3 &&
             net_get16(packet->head + packet->l3 - 2) == NET_ETHERTYPE_ARP) {
    row->protocol = "arp";
    row->summary = describe_arp(record, packet);
    if (readable(packet, packet->l3) >= NET_ARP_SIZE)
      row->to = record_host(
          record, net_address_ipv4(net_get32(packet->head + packet->l3 + 24)));
  } else {
    row->summary = "not IP";
    row->payload = net_packet_length(packet) -
                   MIN(net_packet_length(packet), NET_ETHERNET_SIZE);
  }
  record_conversation_number(row);
}
