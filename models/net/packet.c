/* Packets and their payload.
 *
 * Invariant: net->live_packets is the number of packets that somebody holds;
 * sim->live counts the same packets for the end-of-run check. A buffer lives
 * as long as a slice refers to it.
 */
#include "packet.h"

#include <assert.h>
#include <string.h>

#include <glib.h>

#include "net.h"

NetBuffer *net_buffer_new(const void *bytes, uint32_t size)
{
  NetBuffer *buffer = g_malloc(sizeof *buffer + size);

  buffer->references = 1;
  buffer->size = size;
  if (bytes && size > 0)
    memcpy(buffer->bytes, bytes, size);
  return buffer;
}

NetSlice net_slice_of(const void *bytes, uint32_t size)
{
  if (size == 0)
    return net_slice_virtual(0);
  return (NetSlice){ net_buffer_new(bytes, size), 0, size };
}

void net_slice_clear(NetSlice *slice)
{
  NetBuffer *buffer = slice->buffer;

  if (buffer) {
    assert(buffer->references > 0);
    if (--buffer->references == 0)
      g_free(buffer);
  }
  *slice = net_slice_virtual(0);
}

void net_slice_copy(NetSlice slice, uint8_t *ret)
{
  if (slice.length == 0)
    return;
  if (slice.buffer)
    memcpy(ret, slice.buffer->bytes + slice.offset, slice.length);
  else
    memset(ret, 0, slice.length);
}

NetPacket *net_packet_new(Net *net, SimOwner *owner)
{
  NetPacket *packet = sim_pool_take(&net->packets);

  packet->next = NULL;
  packet->net = net;
  packet->id = packet->origin = owner->rank++;
  packet->due = 0;
  packet->payload = net_slice_virtual(0);
  packet->head_length = packet->l3 = packet->l4 = 0;
  packet->rule = 0;
  packet->order = 0;
  packet->flags = packet->attempt = packet->sender_state = 0;
  net->live_packets++;
  net->sim->live++;
  return packet;
}

NetPacket *net_packet_copy(const NetPacket *packet, SimOwner *owner)
{
  NetPacket *copy = net_packet_new(packet->net, owner);

  copy->origin = packet->origin;
  copy->due = packet->due;
  copy->payload = net_slice_ref(packet->payload, 0, packet->payload.length);
  copy->head_length = packet->head_length;
  copy->l3 = packet->l3;
  copy->l4 = packet->l4;
  copy->rule = packet->rule;
  copy->flags = packet->flags;
  copy->attempt = packet->attempt;
  copy->sender_state = packet->sender_state;
  memcpy(copy->head, packet->head, packet->head_length);
  return copy;
}

void net_packet_renew(NetPacket *packet, SimOwner *owner)
{
  packet->id = packet->origin = owner->rank++;
}

void net_packet_free(NetPacket *packet)
{
  if (!packet)
    return;
  Net *net = packet->net;

  if (packet->payload.buffer)
    net_slice_clear(&packet->payload);
  net->live_packets--;
  net->sim->live--;
  sim_pool_give(&net->packets, packet);
}

void net_packet_free_list(NetPacket *first)
{
  while (first) {
    NetPacket *packet = first;

    first = packet->next;
    net_packet_free(packet);
  }
}

uint32_t net_packet_bytes(const NetPacket *packet, uint8_t *ret, uint32_t size)
{
  uint32_t head = packet->head_length < size ? packet->head_length : size;
  NetSlice rest = packet->payload;

  memcpy(ret, packet->head, head);
  if (rest.length > size - head)
    rest.length = size - head;
  net_slice_copy(rest, ret + head);
  return head + rest.length;
}
