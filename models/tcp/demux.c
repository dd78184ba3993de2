/* Which connection a segment belongs to: a table of pairs, chained, that
 * doubles when it is full. TIME-WAIT records stand beside connections. */
#include <glib.h>

#include "parts.h"

#define FIRST_BITS 3

static uint32_t pair_hash(const TcpStack *stack, const TcpPair *pair)
{
  uint64_t ports = (uint64_t)pair->local.port << 16 | pair->remote.port;

  return (uint32_t)sim_hash(pair->remote.address.low ^ stack->secret[0],
                            pair->remote.address.high ^ ports << 32 ^
                                pair->local.address.low);
}

static TcpEntry **bucket_of(const TcpStack *stack, uint32_t hash)
{
  return &stack->buckets[hash & ((1u << stack->bucket_bits) - 1)];
}

static void demux_grow(TcpStack *stack)
{
  uint32_t old_size = stack->buckets ? 1u << stack->bucket_bits : 0;
  TcpEntry **old = stack->buckets;

  stack->bucket_bits = old ? stack->bucket_bits + 1 : FIRST_BITS;
  stack->buckets = g_new0(TcpEntry *, (gsize)1 << stack->bucket_bits);
  for (uint32_t i = 0; i < old_size; i++) {
    TcpEntry *entry = old[i], *next;

    for (; entry; entry = next) {
      TcpEntry **bucket = bucket_of(stack, entry->hash);

      next = entry->next;
      entry->next = *bucket;
      *bucket = entry;
    }
  }
  g_free(old);
}

/* Five entries to four buckets: a word of the table an entry, or less than
 * 13 bytes right after it has grown. */
static bool is_crowded(const TcpStack *stack)
{
  return (uint64_t)stack->entries * 4 >= UINT64_C(5) << stack->bucket_bits;
}

TcpEntry *tcp_demux_find(const TcpStack *stack, const TcpPair *pair)
{
  uint32_t hash;
  TcpEntry *entry;

  if (stack->entries == 0)
    return NULL;
  hash = pair_hash(stack, pair);
  entry = *bucket_of(stack, hash);
  while (entry && (entry->hash != hash || !tcp_pair_equal(&entry->pair, pair)))
    entry = entry->next;
  return entry;
}

void tcp_demux_add(TcpStack *stack, TcpEntry *entry)
{
  TcpEntry **bucket;

  if (!stack->buckets || is_crowded(stack))
    demux_grow(stack);
  entry->hash = pair_hash(stack, &entry->pair);
  bucket = bucket_of(stack, entry->hash);
  entry->next = *bucket;
  *bucket = entry;
  stack->entries++;
}

void tcp_demux_remove(TcpStack *stack, TcpEntry *entry)
{
  TcpEntry **at = bucket_of(stack, entry->hash);

  while (*at != entry)
    at = &(*at)->next;
  *at = entry->next;
  stack->entries--;
}
