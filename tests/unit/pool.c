/* A pool hands out distinct, aligned objects and takes them back. */
#include "pool.h"

#include <glib.h>
#include <stdint.h>
#include <string.h>

#define OBJECTS 1000

static void check_pool(size_t size)
{
  static const unsigned char marks[] = { 0x5a, 0xa5, 0x3c };
  unsigned char *objects[OBJECTS];
  SimPool pool;

  sim_pool_init(&pool, size);
  for (unsigned i = 0; i < OBJECTS; i++) {
    objects[i] = sim_pool_take(&pool);
    g_assert_cmpuint((uintptr_t)objects[i] % _Alignof(max_align_t), ==, 0);
    memset(objects[i], marks[i % 3], size);
  }
  /* An overlap would have overwritten a mark. */
  for (unsigned i = 0; i < OBJECTS; i++)
    for (size_t at = 0; at < size; at++)
      g_assert_cmpuint(objects[i][at], ==, marks[i % 3]);
  sim_pool_clear(&pool);
}

static void test_sizes(void)
{
  check_pool(1);
  check_pool(sizeof(void *));
  check_pool(17);
  check_pool(128);
  check_pool(3000);
}

static void test_reuse(void)
{
  void *objects[OBJECTS];
  SimPool pool;

  sim_pool_init(&pool, 40);
  for (unsigned i = 0; i < OBJECTS; i++)
    objects[i] = sim_pool_take(&pool);
  sim_pool_give(&pool, NULL);
  for (unsigned i = 0; i < OBJECTS; i++)
    sim_pool_give(&pool, objects[i]);
  for (unsigned i = OBJECTS; i-- > 0;)
    g_assert_true(sim_pool_take(&pool) == objects[i]);
  sim_pool_clear(&pool);
}

static void test_cleared(void)
{
  SimPool pool;

  sim_pool_init(&pool, 40);
  sim_pool_clear(&pool);
  sim_pool_take(&pool);
  sim_pool_clear(&pool);
  g_assert_null(pool.chunks);
  g_assert_null(pool.free_list);
  memset(sim_pool_take(&pool), 1, 40);
  sim_pool_clear(&pool);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/pool/distinct-and-aligned", test_sizes);
  g_test_add_func("/pool/last-freed-first", test_reuse);
  g_test_add_func("/pool/cleared-is-new", test_cleared);
  return g_test_run();
}
