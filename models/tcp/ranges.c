#include "ranges.h"

#include <glib.h>
#include <string.h>

#include "seq.h"

void tcp_ranges_clear(TcpRanges *ranges)
{
  g_free(ranges->items);
  *ranges = (TcpRanges){ 0 };
}

/* The first interval whose right end is at or behind `seq`. */
static uint32_t ranges_find(const TcpRanges *ranges, uint32_t seq)
{
  uint32_t low = 0, high = ranges->count;

  while (low < high) {
    uint32_t middle = (low + high) / 2;

    if (seq_lt(ranges->items[middle].right, seq))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Replaces `old` intervals from `at` by the `count` in `with`. */
static void ranges_splice(TcpRanges *ranges, uint32_t at, uint32_t old,
                          const TcpRange *with, uint32_t count)
{
  uint32_t total = ranges->count - old + count;

  for (uint32_t i = at; i < at + old; i++)
    ranges->total -= ranges->items[i].right - ranges->items[i].left;
  if (total > ranges->room) {
    ranges->room = MAX(4, 2 * total);
    ranges->items = g_renew(TcpRange, ranges->items, ranges->room);
  }
  if (old != count && at + old < ranges->count)
    memmove(ranges->items + at + count, ranges->items + at + old,
            (ranges->count - at - old) * sizeof(TcpRange));
  for (uint32_t i = 0; i < count; i++) {
    ranges->items[at + i] = with[i];
    ranges->total += with[i].right - with[i].left;
  }
  ranges->count = total;
}

void tcp_ranges_add(TcpRanges *ranges, uint32_t left, uint32_t right)
{
  uint32_t at = ranges_find(ranges, left), end = at;
  TcpRange merged = { left, right };

  if (left == right)
    return;
  while (end < ranges->count && seq_leq(ranges->items[end].left, right)) {
    merged.left = seq_min(merged.left, ranges->items[end].left);
    merged.right = seq_max(merged.right, ranges->items[end].right);
    end++;
  }
  ranges_splice(ranges, at, end - at, &merged, 1);
}

void tcp_ranges_remove(TcpRanges *ranges, uint32_t left, uint32_t right)
{
  uint32_t at = ranges_find(ranges, left), end = at, kept = 0;
  TcpRange rest[2];

  if (left == right)
    return;
  while (end < ranges->count && seq_lt(ranges->items[end].left, right)) {
    TcpRange item = ranges->items[end++];

    if (seq_lt(item.left, left))
      rest[kept++] = (TcpRange){ item.left, seq_min(item.right, left) };
    if (seq_gt(item.right, right))
      rest[kept++] = (TcpRange){ right, item.right };
  }
  ranges_splice(ranges, at, end - at, rest, kept);
}

void tcp_ranges_remove_below(TcpRanges *ranges, uint32_t left)
{
  uint32_t gone = 0;

  while (gone < ranges->count && seq_leq(ranges->items[gone].right, left))
    gone++;
  if (gone)
    ranges_splice(ranges, 0, gone, NULL, 0);
  if (ranges->count && seq_lt(ranges->items[0].left, left)) {
    ranges->total -= left - ranges->items[0].left;
    ranges->items[0].left = left;
  }
}

uint32_t tcp_ranges_find(const TcpRanges *ranges, uint32_t seq)
{
  return ranges_find(ranges, seq + 1);
}

bool tcp_ranges_hold(const TcpRanges *ranges, uint32_t left, uint32_t right)
{
  uint32_t at = tcp_ranges_find(ranges, left);

  return at < ranges->count && seq_leq(ranges->items[at].left, left) &&
         seq_geq(ranges->items[at].right, right);
}

uint32_t tcp_ranges_covered(const TcpRanges *ranges, uint32_t left,
                            uint32_t right)
{
  uint32_t at = tcp_ranges_find(ranges, left), sum = 0;

  for (; at < ranges->count && seq_lt(ranges->items[at].left, right); at++)
    sum += seq_min(ranges->items[at].right, right) -
           seq_max(ranges->items[at].left, left);
  return sum;
}

bool tcp_ranges_gap(const TcpRanges *ranges, uint32_t left, uint32_t right,
                    TcpRange *ret)
{
  uint32_t at = tcp_ranges_find(ranges, left);

  if (at < ranges->count && seq_leq(ranges->items[at].left, left))
    left = ranges->items[at++].right;
  if (at < ranges->count)
    right = seq_min(right, ranges->items[at].left);
  *ret = (TcpRange){ left, right };
  return seq_lt(left, right);
}

void tcp_ranges_add_except(TcpRanges *ranges, uint32_t left, uint32_t right,
                           const TcpRanges *other)
{
  TcpRange gap;

  for (; tcp_ranges_gap(other, left, right, &gap); left = gap.right)
    tcp_ranges_add(ranges, gap.left, gap.right);
}
