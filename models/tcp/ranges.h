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
  uint32_t total; /* numbers in the set */
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

/** tcp_ranges_find: the index of the first interval whose right end is behind
 * `seq`, be `seq` in it or before it; `count` if there is none. */
uint32_t tcp_ranges_find(const TcpRanges *ranges, uint32_t seq);

/** tcp_ranges_covered: how many numbers of [left, right) are in the set. */
uint32_t tcp_ranges_covered(const TcpRanges *ranges, uint32_t left,
                            uint32_t right);

/** tcp_ranges_gap: the first interval of numbers in [left, right) that are not
 * in the set; false if all are. */
bool tcp_ranges_gap(const TcpRanges *ranges, uint32_t left, uint32_t right,
                    TcpRange *ret);

/** tcp_ranges_add_except: adds what `other` lacks of [left, right). */
void tcp_ranges_add_except(TcpRanges *ranges, uint32_t left, uint32_t right,
                           const TcpRanges *other);

/** tcp_ranges_hold: is all of [left, right) in the set? */
bool tcp_ranges_hold(const TcpRanges *ranges, uint32_t left, uint32_t right);

/** tcp_ranges_total: how many numbers the set holds. */
static inline uint32_t tcp_ranges_total(const TcpRanges *ranges)
{
  return ranges->total;
}

static inline bool tcp_ranges_empty(const TcpRanges *ranges)
{
  return ranges->count == 0;
}
