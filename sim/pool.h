/* A pool: objects of one size, from chunks, reused last freed first.
 *
 * Invariant: an object is either handed out or on the free list. Memory goes
 * back to the system when the pool is cleared.
 */
#pragma once

#include <stddef.h>

typedef struct SimPool {
  size_t size; /* of an object, bytes */
  size_t next_chunk;
  void *free_list;
  void *chunks;
} SimPool;

/** sim_pool_init: `size` in bytes; chunks begin small and double. */
void sim_pool_init(SimPool *pool, size_t size);

/** sim_pool_clear: frees every chunk, whether objects are out or not. */
void sim_pool_clear(SimPool *pool);

/** sim_pool_take: an uninitialised object (never NULL: aborts if memory is
 * out). Aligned for any type. */
void *sim_pool_take(SimPool *pool);

/** sim_pool_give: `object` is free again. NULL is ignored. */
void sim_pool_give(SimPool *pool, void *object);
