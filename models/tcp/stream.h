/* Bytes in sequence, as slices: the send queue, the receive queue, and what
 * arrived beyond a gap.
 *
 * A TcpStream is a queue of slices: bytes are put at its end, taken or dropped
 * at its front, and looked at anywhere. Virtual bytes next to each other are
 * one slice, so that a bulk transfer costs the same at any length.
 *
 * TcpHeld holds segments that came out of order, sorted, without overlap. What
 * comes behind all of them is found at once, which is nearly always.
 */
#pragma once

#include "packet.h"
#include "pool.h"

typedef struct TcpChunk TcpChunk;

typedef struct TcpStream {
  TcpChunk *first, *last;
  uint32_t length;
  uint32_t hint_offset; /* where `hint` begins */
  TcpChunk *hint;       /* the chunk that was looked at last, or NULL */
} TcpStream;

struct TcpChunk {
  TcpChunk *next;
  NetSlice slice;
  uint32_t seq; /* used by TcpHeld */
};

typedef struct TcpHeld {
  TcpChunk *last; /* of a ring: behind it comes the first */
  uint32_t count;
} TcpHeld;

/** tcp_stream_clear: drops everything. */
void tcp_stream_clear(TcpStream *stream, SimPool *pool);

/** tcp_stream_put: appends `slice` (transfer full). */
void tcp_stream_put(TcpStream *stream, SimPool *pool, NetSlice slice);

/** tcp_stream_drop: removes `count` =< length bytes at the front. */
void tcp_stream_drop(TcpStream *stream, SimPool *pool, uint32_t count);

/** tcp_stream_take: (transfer full) the bytes of the first slice, at most
 * `most`, removed. Empty if the stream is. */
NetSlice tcp_stream_take(TcpStream *stream, SimPool *pool, uint32_t most);

/** tcp_stream_at: (transfer full) `count` bytes from `offset`, all of them in
 * the stream. One slice: bytes are copied only where they span several. */
NetSlice tcp_stream_at(TcpStream *stream, uint32_t offset, uint32_t count);

/** tcp_held_first: (nullable) */
static inline const TcpChunk *tcp_held_first(const TcpHeld *held)
{
  return held->last ? held->last->next : NULL;
}

/** tcp_held_put: keeps what is new of `slice` (transfer full) at `seq`.
 * Returns how many bytes that were: not all if there are very many pieces,
 * which a hostile sender can make of one window. */
uint32_t tcp_held_put(TcpHeld *held, SimPool *pool, uint32_t seq,
                      NetSlice slice);

/** tcp_held_has_room: would another piece be kept? */
bool tcp_held_has_room(const TcpHeld *held);

/** tcp_held_take: moves what begins at or before `next` to the end of
 * `stream`; returns how many bytes were new. */
uint32_t tcp_held_take(TcpHeld *held, SimPool *pool, uint32_t next,
                       TcpStream *stream);

void tcp_held_clear(TcpHeld *held, SimPool *pool);
