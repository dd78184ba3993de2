#include "in_udp.h"

#include <glib.h>

#include "parts.h"

/* Moves bytes of the payload to the head, until `size` of the segment are
 * there or there are no more, or no room: the rest of a header that extension
 * headers have pushed so far back is missing. */
static void pull(NetPacket *packet, uint32_t size)
{
  uint32_t have = packet->head_length - (uint32_t)packet->l4;
  uint32_t count = size > have ? MIN(size - have, packet->payload.length) : 0;
  NetSlice first;

  count = MIN(count, NET_HEAD_MAX - (uint32_t)packet->head_length);
  first = (NetSlice){ packet->payload.buffer, packet->payload.offset, count };
  net_slice_copy(first, packet->head + packet->head_length);
  packet->head_length = (uint16_t)(packet->head_length + count);
  packet->payload.offset += count;
  packet->payload.length -= count;
}

/* Its header in the head, as TCP wants it: who wrote the datagram by hand may
 * have it in the payload. */
static void pull_header(NetPacket *packet)
{
  const uint8_t *at = packet->head + packet->l4;

  pull(packet, TCP_HEADER_SIZE);
  if (packet->head_length >= packet->l4 + TCP_HEADER_SIZE)
    pull(packet, (uint32_t)(at[12] >> 4) * 4);
}

/* The segment is behind the UDP header, which has been checked. */
static void input(void *user, NetPacket *packet, const NetIp *ip)
{
  NetIp inner = *ip;
  uint16_t port = net_get16(packet->head + packet->l4);

  packet->l4 = (uint16_t)(packet->l4 + NET_UDP_SIZE);
  pull_header(packet);
  inner.payload_length -= NET_UDP_SIZE;
  inner.protocol = NET_PROTOCOL_TCP;
  tcp_stack_input(user, packet, &inner, port);
}

/* What the quote holds of the segment must reach to its number. */
static void error(void *user, uint8_t type, uint8_t code, uint32_t rest,
                  const NetIp *quoted, const uint8_t *l4, uint32_t l4_size)
{
  TcpIcmp icmp = { type, code, rest, quoted, net_get16(l4 + 2) };

  if (l4_size >= NET_UDP_SIZE + 8)
    tcp_icmp_about(user, &icmp, l4 + NET_UDP_SIZE);
}

bool tcp_stack_set_udp_port(TcpStack *stack, uint16_t port)
{
  if (port == stack->udp_port)
    return true;
  if (port && !net_host_open_udp(stack->host, port, input, error, stack))
    return false;
  if (stack->udp_port)
    net_host_close_udp(stack->host, stack->udp_port);
  stack->udp_port = port;
  return true;
}

uint16_t tcp_stack_udp_port(const TcpStack *stack)
{
  return stack->udp_port;
}

void tcp_in_udp_enclose(const TcpStack *stack, NetPacket *packet, NetIp *ip,
                        uint16_t port)
{
  uint8_t *at;
  uint16_t sum;

  net_put16(packet->head + packet->l4 + 16, 0); /* TCP's own checksum */
  packet->l4 = (uint16_t)(packet->l4 - NET_UDP_SIZE);
  at = packet->head + packet->l4;
  ip->protocol = NET_PROTOCOL_UDP;
  net_put16(at, stack->udp_port);
  net_put16(at + 2, port);
  net_put16(at + 4, (uint16_t)(net_packet_length(packet) - packet->l4));
  net_put16(at + 6, 0);
  sum = net_transport_sum(packet, ip);
  net_put16(at + 6, sum ? sum : 0xffff);
}
