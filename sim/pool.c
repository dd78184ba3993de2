/* A pool: chunks double until they are large, and are linked for the end.
 *
 *     chunks -> [ link | object | object | ... ] -> [ link | ... ] -> NULL
 *
 * Invariant: a free object's first word is the next free object.
 */
#include "pool.h"

#include <glib.h>

#define FEWEST_OBJECTS 8u
#define ALIGNMENT _Alignof(max_align_t)
#define LARGEST_CHUNK ((size_t)1 << 14) /* bytes */

typedef union Link {
  union Link *next;
  max_align_t aligned;
} Link;

void sim_pool_init(SimPool *pool, size_t size)
{
  g_assert(size <= LARGEST_CHUNK);
  size = MAX(size, sizeof(void *)) + ALIGNMENT - 1;
  *pool = (SimPool){ .size = size - size % ALIGNMENT,
                     .next_chunk = FEWEST_OBJECTS };
}

void sim_pool_clear(SimPool *pool)
{
  for (Link *chunk = pool->chunks; chunk != NULL;) {
    Link *next = chunk->next;

    g_free(chunk);
    chunk = next;
  }
  sim_pool_init(pool, pool->size);
}

/* Adds a chunk; its objects are free in the order of their addresses. */
static void grow(SimPool *pool)
{
  size_t count = pool->next_chunk;
  Link *chunk = g_malloc(sizeof(Link) + count * pool->size);
  char *objects = (char *)(chunk + 1);

  chunk->next = pool->chunks;
  pool->chunks = chunk;
  if (count * pool->size < LARGEST_CHUNK)
    pool->next_chunk = 2 * count;
  for (size_t i = count; i-- > 0;)
    sim_pool_give(pool, objects + i * pool->size);
}

void *sim_pool_take(SimPool *pool)
{
  Link *object;

  if (G_UNLIKELY(pool->free_list == NULL))
    grow(pool);
  object = pool->free_list;
  pool->free_list = object->next;
  return object;
}

void sim_pool_give(SimPool *pool, void *object)
{
  Link *link = object;

  if (link == NULL)
    return;
  link->next = pool->free_list;
  pool->free_list = link;
}
