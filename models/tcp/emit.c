/* Segments onto their way, and those that no connection sends: answers of
 * CLOSED and TIME-WAIT, and what somebody wrote by hand.
 *
 * Invariant: whatever TCP sends goes through tcp_packet_send(), which counts
 * it. */
#include <glib.h>

#include "parts.h"

#define ECN_BITS 3u /* RFC 3168 5 */

NetPacket *tcp_packet_new(TcpStack *stack, const TcpPair *pair, TcpRule rule,
                          TcpState state)
{
  NetPacket *packet = net_packet_new(stack->net, stack->owner);

  packet->l3 = NET_ETHERNET_SIZE;
  packet->l4 =
      (uint16_t)(NET_ETHERNET_SIZE + net_ip_size(pair->remote.address));
  packet->rule = (uint16_t)rule;
  packet->sender_state = (uint8_t)state;
  return packet;
}

void tcp_packet_send(TcpStack *stack, const TcpPair *pair, NetPacket *packet,
                     TcpSegment *segment, TcpService service, NetPath *path)
{
  NetIp ip = {
    .source = pair->local.address,
    .destination = pair->remote.address,
    .protocol = NET_PROTOCOL_TCP,
    .dont_fragment = true,
    .ttl = service.ttl,
    .tos = (uint8_t)((service.tos & ~ECN_BITS) | segment->ecn),
  };

  if (service.udp && !stack->udp_port) {
    net_slice_clear(&segment->payload);
    net_packet_free(packet);
    return;
  }
  if (service.udp)
    packet->l4 = (uint16_t)(packet->l4 + NET_UDP_SIZE);
  segment->source_port = pair->local.port;
  segment->destination_port = pair->remote.port;
  tcp_segment_build(packet, segment, ip.source, ip.destination);
  if (service.udp)
    tcp_in_udp_enclose(stack, packet, &ip, service.udp);
  packet->flags |= NET_PACKET_CHECKED;
  stack->counters.segments_sent++;
  if (segment->flags & TCP_RST)
    stack->counters.resets_sent++;
  net_host_send(stack->host, packet, &ip, path);
}

void tcp_reply_reset(TcpStack *stack, const TcpPair *pair,
                     const TcpKnobs *knobs, const TcpSegment *segment,
                     TcpRule rule)
{
  NetPacket *packet = tcp_packet_new(stack, pair, rule, TCP_CLOSED);
  TcpSegment reply = { .seq = segment->ack, .flags = TCP_RST };
  TcpService service = { .udp = segment->udp };

  if (!(segment->flags & TCP_ACK)) {
    reply.seq = 0;
    reply.ack = segment->seq + segment->length;
    reply.flags |= TCP_ACK;
  }
  if (knobs && knobs->reply_service) {
    service = tcp_service(knobs);
    service.udp = segment->udp;
  }
  tcp_packet_send(stack, pair, packet, &reply, service, NULL);
}

void tcp_reply_ack(TcpStack *stack, const TcpTimeWait *record, TcpRule rule)
{
  NetPacket *packet =
      tcp_packet_new(stack, &record->entry.pair, rule, TCP_TIME_WAIT);
  TcpSegment reply = {
    .seq = record->snd_nxt,
    .ack = record->rcv_nxt,
    .flags = TCP_ACK | (rule == TCP_RULE_SYN_IN_WINDOW ? TCP_RST : 0),
    .window = MIN(record->rcv_wnd >> record->entry.rcv_scale, 65535),
  };
  const TcpKnobs *knobs = tcp_time_wait_knobs(record);
  TcpService service = tcp_service(knobs);

  if (reply.flags & TCP_RST)
    reply.window = 0;
  if (record->entry.timestamps) {
    reply.options.has_timestamps = true;
    reply.options.ts_value =
        tcp_ts_now(stack, tcp_ts_offset(stack, &record->entry.pair));
    reply.options.ts_echo = record->ts_recent;
  }
  if (!knobs->reply_service)
    service.ttl = 0;
  tcp_packet_send(stack, &record->entry.pair, packet, &reply, service, NULL);
}

void tcp_send_segment(TcpStack *stack, const TcpPair *pair, TcpSegment *segment,
                      NetPath *path)
{
  NetPacket *packet = tcp_packet_new(stack, pair, 0, 0);

  packet->flags |= NET_PACKET_INJECTED;
  tcp_packet_send(stack, pair, packet, segment, (TcpService){ 0 }, path);
}
