/* Damage: bytes of a packet that change on its way.
 *
 * A payload buffer is shared with whoever sent the bytes, so that the first
 * change makes a private copy; virtual bytes become real ones. Nothing is
 * parsed anew: call net_packet_parse() when all is changed.
 */
#pragma once

#include "packet.h"
#include "random.h"

/** net_packet_own_byte: the frame's byte at `at`, to be written. NULL behind
 * its end. Valid until the packet is touched otherwise. */
uint8_t *net_packet_own_byte(NetPacket *packet, uint32_t at);

/** net_packet_flip: changes `count` distinct bits, at most 64, chosen by
 * `random` from the `room` bits that begin at bit `first` of the frame, as far
 * as the frame reaches. */
void net_packet_flip(NetPacket *packet, SimRandom *random, uint32_t first,
                     uint32_t room, uint32_t count);

/** net_packet_cut: leaves the frame's first `size` bytes. */
void net_packet_cut(NetPacket *packet, uint32_t size);
