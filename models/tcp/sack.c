#include "sack.h"

#include <glib.h>

#include "seq.h"

TcpSack *tcp_sack_new(void)
{
  return g_new0(TcpSack, 1);
}

void tcp_sack_free(TcpSack *sack)
{
  if (!sack)
    return;
  tcp_ranges_clear(&sack->sacked);
  tcp_ranges_clear(&sack->beyond);
  g_free(sack);
}

/* -- the receiver's side -- */

/* The block that holds `seq`, or NULL. */
static const TcpRange *block_of(const TcpSack *sack, uint32_t seq)
{
  uint32_t at = tcp_ranges_find(&sack->beyond, seq);

  if (at == sack->beyond.count || seq_gt(sack->beyond.items[at].left, seq))
    return NULL;
  return &sack->beyond.items[at];
}

/* The block of `seq` is the latest; numbers in the same block or in none are
 * forgotten. */
static void remember(TcpSack *sack, uint32_t seq)
{
  const TcpRange *latest = block_of(sack, seq);
  uint32_t kept[TCP_SACK_BLOCKS], count = 0;

  kept[count++] = seq;
  for (unsigned i = 0; i < TCP_SACK_BLOCKS && count < TCP_SACK_BLOCKS; i++) {
    const TcpRange *block = block_of(sack, sack->recent[i]);

    if (block && block != latest)
      kept[count++] = sack->recent[i];
  }
  for (unsigned i = 0; i < TCP_SACK_BLOCKS; i++)
    sack->recent[i] = i < count ? kept[i] : seq;
}

void tcp_sack_duplicate(TcpSack *sack, uint32_t left, uint32_t right)
{
  sack->duplicate = (TcpRange){ left, right };
}

void tcp_sack_held(TcpSack *sack, uint32_t left, uint32_t right, bool tell)
{
  uint32_t at = tcp_ranges_find(&sack->beyond, left);

  if (tell && at < sack->beyond.count &&
      seq_lt(sack->beyond.items[at].left, right)) {
    TcpRange known = sack->beyond.items[at];

    tcp_sack_duplicate(sack, seq_max(left, known.left),
                       seq_min(right, known.right));
  }
  tcp_ranges_add(&sack->beyond, left, right);
  remember(sack, left);
}

void tcp_sack_advance(TcpSack *sack, uint32_t nxt)
{
  tcp_ranges_remove_below(&sack->beyond, nxt);
}

/* Is `block` among the `count` behind the first `skip`? */
static bool is_listed(const TcpRange *blocks, unsigned skip, unsigned count,
                      const TcpRange *block)
{
  for (unsigned i = skip; i < count; i++)
    if (blocks[i].left == block->left)
      return true;
  return false;
}

unsigned tcp_sack_blocks(const TcpSack *sack, TcpRange *ret, unsigned most)
{
  unsigned count = 0, skip;

  if (sack->duplicate.left != sack->duplicate.right && most > 0)
    ret[count++] = sack->duplicate;
  skip = count;
  for (unsigned i = 0; i < TCP_SACK_BLOCKS && count < most; i++) {
    const TcpRange *block = block_of(sack, sack->recent[i]);

    if (block && !is_listed(ret, skip, count, block))
      ret[count++] = *block;
  }
  for (uint32_t i = 0; i < sack->beyond.count && count < most; i++)
    if (!is_listed(ret, skip, count, &sack->beyond.items[i]))
      ret[count++] = sack->beyond.items[i];
  return count;
}

/* -- the sender's side -- */

uint32_t tcp_sack_lost_edge(const TcpSack *sack, uint32_t una, uint32_t mss,
                            uint32_t thresh)
{
  const TcpRanges *sacked = &sack->sacked;
  uint64_t bytes = 0, enough = (uint64_t)(thresh - 1) * mss;

  for (uint32_t i = sacked->count, above = 0; i-- > 0;) {
    bytes += sacked->items[i].right - sacked->items[i].left;
    if (++above >= thresh || bytes > enough)
      return sacked->items[i].left;
  }
  return una;
}
