/* A set of intervals of sequence space: what is still to be sent again, what
 * arrived beyond a gap, what the other side holds.
 *
 * Invariant: intervals [left, right) are sorted, none is empty, none touches
 * the next, and all lie within 2^31 of each other.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct TcpRange {
  uint32_t left, right;
} TcpRange;

typedef struct TcpRanges {
  TcpRange *items;
  uint32_t count, room;
} TcpRanges;

/** tcp_ranges_clear: empties the set and frees its memory. A zeroed set is
 * empty and needs none. */
void tcp_ranges_clear(TcpRanges *ranges);

/** tcp_ranges_add: adds [left, right); nothing if it is empty. */
void tcp_ranges_add(TcpRanges *ranges, uint32_t left, uint32_t right);

/** tcp_ranges_remove: takes [left, right) out. */
void tcp_ranges_remove(TcpRanges *ranges, uint32_t left, uint32_t right);

/** tcp_ranges_remove_below: takes everything before `left` out. */
void tcp_ranges_remove_below(TcpRanges *ranges, uint32_t left);

/** tcp_ranges_total: how many numbers the set holds. */
uint32_t tcp_ranges_total(const TcpRanges *ranges);

/** tcp_ranges_hold: is all of [left, right) in the set? */
bool tcp_ranges_hold(const TcpRanges *ranges, uint32_t left, uint32_t right);

static inline bool tcp_ranges_empty(const TcpRanges *ranges)
{
  return ranges->count == 0;
}
