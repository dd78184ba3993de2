#include "stream.h"

#include <glib.h>

#include "seq.h"

#define HELD_MOST 4096

static TcpChunk *chunk_new(SimPool *pool, NetSlice slice, uint32_t seq)
{
  TcpChunk *chunk = sim_pool_take(pool);

  *chunk = (TcpChunk){ .slice = slice, .seq = seq };
  return chunk;
}

static void chunk_free(SimPool *pool, TcpChunk *chunk)
{
  net_slice_clear(&chunk->slice);
  sim_pool_give(pool, chunk);
}

void tcp_stream_clear(TcpStream *stream, SimPool *pool)
{
  tcp_stream_drop(stream, pool, stream->length);
}

/* May `slice` be added to the end of the slice before it? */
static bool slices_adjoin(NetSlice before, NetSlice slice)
{
  return before.buffer == slice.buffer &&
         (!slice.buffer || before.offset + before.length == slice.offset);
}

void tcp_stream_put(TcpStream *stream, SimPool *pool, NetSlice slice)
{
  TcpChunk *chunk;

  stream->length += slice.length;
  if (stream->last && slices_adjoin(stream->last->slice, slice)) {
    stream->last->slice.length += slice.length;
    net_slice_clear(&slice);
    return;
  }
  if (slice.length == 0) {
    net_slice_clear(&slice);
    return;
  }
  chunk = chunk_new(pool, slice, 0);
  if (stream->last)
    stream->last->next = chunk;
  else
    stream->first = chunk;
  stream->last = chunk;
}

static void stream_drop_first(TcpStream *stream, SimPool *pool)
{
  TcpChunk *chunk = stream->first;

  stream->first = chunk->next;
  if (!stream->first)
    stream->last = NULL;
  chunk_free(pool, chunk);
}

void tcp_stream_drop(TcpStream *stream, SimPool *pool, uint32_t count)
{
  g_assert(count <= stream->length);
  stream->length -= count;
  if (stream->hint_offset >= count)
    stream->hint_offset -= count;
  else
    stream->hint = NULL;
  while (count > 0 && count >= stream->first->slice.length) {
    count -= stream->first->slice.length;
    stream_drop_first(stream, pool);
  }
  if (count > 0) {
    stream->first->slice.offset += count;
    stream->first->slice.length -= count;
  }
}

NetSlice tcp_stream_take(TcpStream *stream, SimPool *pool, uint32_t most)
{
  NetSlice slice;

  if (!stream->first)
    return net_slice_virtual(0);
  slice = stream->first->slice;
  slice = net_slice_ref(slice, 0, MIN(most, slice.length));
  tcp_stream_drop(stream, pool, slice.length);
  return slice;
}

/* The chunk that holds the byte at `offset`; `ret_start` is where it begins. */
static TcpChunk *stream_find(TcpStream *stream, uint32_t offset,
                             uint32_t *ret_start)
{
  TcpChunk *chunk = stream->first;
  uint32_t start = 0;

  if (stream->hint && stream->hint_offset <= offset) {
    chunk = stream->hint;
    start = stream->hint_offset;
  }
  while (offset - start >= chunk->slice.length) {
    start += chunk->slice.length;
    chunk = chunk->next;
  }
  stream->hint = chunk;
  stream->hint_offset = start;
  *ret_start = start;
  return chunk;
}

/* Bytes that lie in several slices, in one buffer of their own. */
static NetSlice stream_join(TcpChunk *chunk, uint32_t skip, uint32_t count)
{
  NetBuffer *buffer = net_buffer_new(NULL, count);
  uint32_t done = 0;

  for (; done < count; chunk = chunk->next, skip = 0) {
    NetSlice part = chunk->slice;

    part.offset += skip;
    part.length = MIN(part.length - skip, count - done);
    net_slice_copy(part, buffer->bytes + done);
    done += part.length;
  }
  return (NetSlice){ buffer, 0, count };
}

NetSlice tcp_stream_at(TcpStream *stream, uint32_t offset, uint32_t count)
{
  uint32_t start;
  TcpChunk *chunk;

  g_assert(offset <= stream->length && count <= stream->length - offset);
  if (count == 0)
    return net_slice_virtual(0);
  chunk = stream_find(stream, offset, &start);
  if (offset - start + count <= chunk->slice.length)
    return net_slice_ref(chunk->slice, offset - start, count);
  return stream_join(chunk, offset - start, count);
}

/* Cuts `count` bytes off the front of `slice`. */
static void slice_trim(NetSlice *slice, uint32_t count)
{
  slice->offset += count;
  slice->length -= count;
}

/* The last chunk that begins at or before `seq`, or NULL. */
static TcpChunk *held_find(const TcpHeld *held, uint32_t seq)
{
  TcpChunk *at = held->last;

  if (!at || seq_leq(at->seq, seq))
    return at;
  at = at->next;
  if (seq_gt(at->seq, seq))
    return NULL;
  while (seq_leq(at->next->seq, seq))
    at = at->next;
  return at;
}

/* Puts `slice` (transfer full) behind `before`; NULL: at the front. */
static void held_insert(TcpHeld *held, SimPool *pool, TcpChunk *before,
                        uint32_t seq, NetSlice slice)
{
  TcpChunk *chunk;

  if (before && before->seq + before->slice.length == seq &&
      slices_adjoin(before->slice, slice)) {
    before->slice.length += slice.length;
    net_slice_clear(&slice);
    return;
  }
  chunk = chunk_new(pool, slice, seq);
  held->count++;
  if (!held->last) {
    held->last = chunk->next = chunk;
    return;
  }
  chunk->next = before ? before->next : held->last->next;
  *(before ? &before->next : &held->last->next) = chunk;
  if (before == held->last)
    held->last = chunk;
}

uint32_t tcp_held_put(TcpHeld *held, SimPool *pool, uint32_t seq,
                      NetSlice slice)
{
  uint32_t kept = 0;

  while (slice.length > 0) {
    TcpChunk *before = held_find(held, seq);
    const TcpChunk *after = before ? before->next : tcp_held_first(held);
    uint32_t room = slice.length;

    if (before && seq_gt(before->seq + before->slice.length, seq)) {
      room = MIN(before->seq + before->slice.length - seq, room);
    } else {
      if (!tcp_held_has_room(held))
        break;
      if (after && before != held->last && seq_lt(after->seq, seq + room))
        room = after->seq - seq;
      held_insert(held, pool, before, seq, net_slice_ref(slice, 0, room));
      kept += room;
    }
    slice_trim(&slice, room);
    seq += room;
  }
  net_slice_clear(&slice);
  return kept;
}

bool tcp_held_has_room(const TcpHeld *held)
{
  return held->count < HELD_MOST;
}

/* Takes the first out. (transfer full) */
static TcpChunk *held_pop(TcpHeld *held)
{
  TcpChunk *chunk = held->last->next;

  if (chunk == held->last)
    held->last = NULL;
  else
    held->last->next = chunk->next;
  held->count--;
  return chunk;
}

uint32_t tcp_held_take(TcpHeld *held, SimPool *pool, uint32_t next,
                       TcpStream *stream)
{
  uint32_t before = stream->length;

  while (held->last && seq_leq(held->last->next->seq, next)) {
    TcpChunk *chunk = held_pop(held);
    uint32_t end = chunk->seq + chunk->slice.length;

    if (seq_gt(end, next)) {
      slice_trim(&chunk->slice, next - chunk->seq);
      tcp_stream_put(stream, pool, chunk->slice);
      chunk->slice = net_slice_virtual(0);
      next = end;
    }
    chunk_free(pool, chunk);
  }
  return stream->length - before;
}

void tcp_held_clear(TcpHeld *held, SimPool *pool)
{
  while (held->last)
    chunk_free(pool, held_pop(held));
}
