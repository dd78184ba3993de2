/* A packet: its real header bytes plus a slice of payload.
 *
 *     head[0]        l3            l4          head_length
 *     | Ethernet 14  | IPv4 20-60  | TCP 20-60 | payload: NetSlice
 *
 * What is on the wire is bytes: the capture is the packet, a filter sees what
 * tcpdump would see, a damaged packet is a changed byte. Payload is real bytes
 * by reference, or a count of virtual bytes whose value is zero; it is never
 * copied on its way.
 *
 * A packet belongs to the queue, the wire or the function that holds it, and
 * moves by net_accept() alone, which takes it over, always.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim.h"

typedef struct Net Net;
typedef struct NetPacket NetPacket;
typedef struct NetSink NetSink;

/** NetBuffer: payload bytes that slices share; freed with the last. */
typedef struct NetBuffer {
  uint32_t references;
  uint32_t size;
  uint8_t bytes[];
} NetBuffer;

/** NetSlice: `length` bytes of `buffer` from `offset`; virtual zeros if
 * buffer is NULL. Holds one reference. */
typedef struct NetSlice {
  NetBuffer *buffer;
  uint32_t offset;
  uint32_t length;
} NetSlice;

#define NET_HEAD_MAX 152 /* Ethernet, IPv4 or IPv6 with options, TCP */

/** NetPacketFlags: what is known of a packet beside its bytes. */
typedef enum NetPacketFlags {
  NET_PACKET_CHECKED = 1 << 0,   /* checksums known right: nobody touched it */
  NET_PACKET_INJECTED = 1 << 1,  /* forged by a scenario */
  NET_PACKET_DUPLICATE = 1 << 2, /* a copy that the network made */
  NET_PACKET_DAMAGED = 1 << 3,   /* bytes changed on the way */
  NET_PACKET_MARKED = 1 << 4,    /* got "congestion experienced" on the way */
  NET_PACKET_JOINED = 1 << 5,    /* came in fragments and may leave in them */
} NetPacketFlags;

struct NetPacket {
  NetPacket *next; /* of the queue that holds it */
  Net *net;        /* where it goes back to */
  uint64_t id;     /* made from its maker's owner rank; a copy has its own */
  uint64_t origin; /* id of what it is a copy of, else its own */
  SimTime due;     /* last bit sent; on a wire: when it arrives */
  NetSlice payload;
  uint16_t head_length;
  uint16_t l3;          /* offset of the IP or ARP header */
  uint16_t l4;          /* offset of the transport header; 0 if there is none */
  uint32_t order;       /* of entering its wire: breaks ties of `due` */
  uint16_t rule;        /* why it was sent, by its maker's rules; 0: none */
  uint8_t flags;        /* NetPacketFlags */
  uint8_t attempt;      /* 0 first transmission, else the repetition's number */
  uint8_t sender_state; /* of the connection that sent it; 0: none */
  uint8_t head[NET_HEAD_MAX];
};

struct NetSink {
  void (*accept)(NetSink *self, NetPacket *packet);
};

/** net_accept: `sink` takes `packet` over, always. */
static inline void net_accept(NetSink *sink, NetPacket *packet)
{
  sink->accept(sink, packet);
}

/** net_buffer_new: (transfer full) a copy of `size` bytes, one reference.
 * `bytes` NULL leaves them uninitialised. */
NetBuffer *net_buffer_new(const void *bytes, uint32_t size);

/** net_slice_of: (transfer full) a slice of a fresh buffer with `bytes`. */
NetSlice net_slice_of(const void *bytes, uint32_t size);

/** net_slice_virtual: `length` zeros that nobody stores. */
static inline NetSlice net_slice_virtual(uint32_t length)
{
  return (NetSlice){ NULL, 0, length };
}

/** net_slice_ref: (transfer full) `length` bytes of `slice` from `offset`. */
static inline NetSlice net_slice_ref(NetSlice slice, uint32_t offset,
                                     uint32_t length)
{
  if (slice.buffer)
    slice.buffer->references++;
  return (NetSlice){ slice.buffer, slice.offset + offset, length };
}

/** net_slice_clear: gives up the reference; the slice is then empty. */
void net_slice_clear(NetSlice *slice);

/** net_slice_copy: writes the slice's bytes to `ret`. */
void net_slice_copy(NetSlice slice, uint8_t *ret);

/** net_packet_new: a packet (transfer full) without head or payload, made by
 * `owner`. All fields but head[] are set. */
NetPacket *net_packet_new(Net *net, SimOwner *owner);

/** net_packet_copy: (transfer full) the same bytes, payload shared; its own
 * id, `origin` of the original. */
NetPacket *net_packet_copy(const NetPacket *packet, SimOwner *owner);

/** net_packet_renew: from here on it is another packet, made by `owner`. */
void net_packet_renew(NetPacket *packet, SimOwner *owner);

/** net_packet_free: back to the pool. NULL is ignored. */
void net_packet_free(NetPacket *packet);

/** net_packet_free_list: frees `first` and all behind it by ->next. */
void net_packet_free_list(NetPacket *first);

/** net_packet_length: bytes of the frame, Ethernet header included. */
static inline uint32_t net_packet_length(const NetPacket *packet)
{
  return packet->head_length + packet->payload.length;
}

/** net_packet_bytes: the frame's first `size` bytes into `ret`; returns how
 * many were written. */
uint32_t net_packet_bytes(const NetPacket *packet, uint8_t *ret, uint32_t size);
