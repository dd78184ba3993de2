/* Damage: bytes of a packet that change on its way. */
#include "damage.h"

#define MOST_BITS 64

static uint8_t *own_payload(NetPacket *packet, uint32_t at)
{
  uint32_t length = packet->payload.length;

  if (!packet->payload.buffer || packet->payload.buffer->references > 1) {
    NetBuffer *buffer = net_buffer_new(NULL, length);

    net_slice_copy(packet->payload, buffer->bytes);
    net_slice_clear(&packet->payload);
    packet->payload = (NetSlice){ buffer, 0, length };
  }
  return packet->payload.buffer->bytes + packet->payload.offset + at;
}

uint8_t *net_packet_own_byte(NetPacket *packet, uint32_t at)
{
  if (at < packet->head_length)
    return packet->head + at;
  if (at >= net_packet_length(packet))
    return NULL;
  return own_payload(packet, at - packet->head_length);
}

/* Bits are distinct, by Floyd's sampling. */
void net_packet_flip(NetPacket *packet, SimRandom *random, uint32_t first,
                     uint32_t room, uint32_t count)
{
  uint32_t end = net_packet_length(packet) * 8;
  uint32_t chosen[MOST_BITS], bit;

  if (first >= end)
    return;
  room = room < end - first ? room : end - first;
  count = count < room ? count : room;
  count = count < MOST_BITS ? count : MOST_BITS;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t limit = room - count + i;

    bit = (uint32_t)sim_random_below(random, (uint64_t)limit + 1);
    for (uint32_t j = 0; j < i; j++)
      if (chosen[j] == bit)
        bit = limit;
    chosen[i] = bit;
    *net_packet_own_byte(packet, (first + bit) / 8) ^=
        (uint8_t)(0x80 >> (first + bit) % 8);
  }
}

void net_packet_cut(NetPacket *packet, uint32_t size)
{
  NetSlice rest;

  if (size >= net_packet_length(packet))
    return;
  if (size <= packet->head_length) {
    packet->head_length = (uint16_t)size;
    net_slice_clear(&packet->payload);
    return;
  }
  rest = net_slice_ref(packet->payload, 0, size - packet->head_length);
  net_slice_clear(&packet->payload);
  packet->payload = rest;
}
