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
  uint32_t at = 0;

  while (at < ranges->count && seq_lt(ranges->items[at].right, seq))
    at++;
  return at;
}

/* Replaces `old` intervals from `at` by the `count` in `with`. */
static void ranges_splice(TcpRanges *ranges, uint32_t at, uint32_t old,
                          const TcpRange *with, uint32_t count)
{
  uint32_t total = ranges->count - old + count;

  if (total > ranges->room) {
    ranges->room = MAX(4, 2 * total);
    ranges->items = g_renew(TcpRange, ranges->items, ranges->room);
  }
  if (old != count && at + old < ranges->count)
    memmove(ranges->items + at + count, ranges->items + at + old,
            (ranges->count - at - old) * sizeof(TcpRange));
  for (uint32_t i = 0; i < count; i++)
    ranges->items[at + i] = with[i];
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
  if (ranges->count && seq_lt(ranges->items[0].left, left))
    ranges->items[0].left = left;
}

uint32_t tcp_ranges_total(const TcpRanges *ranges)
{
  uint32_t total = 0;

  for (uint32_t i = 0; i < ranges->count; i++)
    total += ranges->items[i].right - ranges->items[i].left;
  return total;
}

bool tcp_ranges_hold(const TcpRanges *ranges, uint32_t left, uint32_t right)
{
  for (uint32_t i = 0; i < ranges->count; i++)
    if (seq_leq(ranges->items[i].left, left) &&
        seq_geq(ranges->items[i].right, right))
      return true;
  return false;
}
