/* What arrived beyond a gap (TcpHeld), beside a plain map of bytes. */
#include <glib.h>

#include "random.h"
#include "stream.h"

#define SPACE 600            /* bytes that are played with */
#define BASE UINT32_C(-0x80) /* so that the numbers wrap */

typedef struct Held {
  TcpHeld held;
  SimPool pool;
  bool known[SPACE];
} Held;

static Held held_begin(void)
{
  Held it = { 0 };

  sim_pool_init(&it.pool, sizeof(TcpChunk));
  return it;
}

static void held_end(Held *it)
{
  tcp_held_clear(&it->held, &it->pool);
  g_assert_cmpuint(it->held.count, ==, 0);
  g_assert_null(it->held.last);
  sim_pool_clear(&it->pool);
}

static uint8_t byte_at(uint32_t offset)
{
  return (uint8_t)(offset * 7 + 1);
}

/* Bytes that say where they belong, or virtual ones. */
static NetSlice slice_at(uint32_t offset, uint32_t count, bool real)
{
  NetBuffer *buffer;

  if (!real)
    return net_slice_virtual(count);
  buffer = net_buffer_new(NULL, count);
  for (uint32_t i = 0; i < count; i++)
    buffer->bytes[i] = byte_at(offset + i);
  return (NetSlice){ buffer, 0, count };
}

static uint32_t put(Held *it, uint32_t offset, uint32_t count, bool real)
{
  uint32_t fresh = 0, kept;

  for (uint32_t i = offset; i < offset + count; i++) {
    fresh += !it->known[i];
    it->known[i] = true;
  }
  kept = tcp_held_put(&it->held, &it->pool, BASE + offset,
                      slice_at(offset, count, real));
  g_assert_cmpuint(kept, ==, fresh);
  return kept;
}

/* What follows `offset` without a gap comes out, as it went in. */
static uint32_t take(Held *it, uint32_t offset, bool real)
{
  TcpStream stream = { 0 };
  uint32_t want = offset, got;

  while (want < SPACE && it->known[want])
    want++;
  got = tcp_held_take(&it->held, &it->pool, BASE + offset, &stream);
  g_assert_cmpuint(got, ==, want - offset);
  for (uint32_t at = offset; stream.length > 0;) {
    NetSlice slice = tcp_stream_take(&stream, &it->pool, SPACE);
    uint8_t bytes[SPACE];

    net_slice_copy(slice, bytes);
    for (uint32_t i = 0; i < slice.length; i++, at++)
      g_assert_cmpuint(bytes[i], ==, real ? byte_at(at) : 0);
    net_slice_clear(&slice);
  }
  return want;
}

static void play(uint64_t seed, bool real)
{
  Held it = held_begin();
  SimRandom random;
  uint32_t next = 0;

  sim_random_init(&random, seed, "pieces");
  while (next < SPACE) {
    uint32_t room = SPACE - next;
    uint32_t from = next + (uint32_t)sim_random_below(&random, room);
    uint32_t count = 1 + (uint32_t)sim_random_below(&random, 40);

    put(&it, from, MIN(count, SPACE - from), real);
    if (sim_random_below(&random, 4) == 0)
      next = take(&it, next, real);
  }
  held_end(&it);
}

static void test_any_order(void)
{
  for (uint64_t seed = 1; seed <= 200; seed++)
    play(seed, seed % 2);
}

/* A bulk transfer with one gap costs the same at any window. */
static void test_virtual_bytes_are_one_piece(void)
{
  Held it = held_begin();

  for (uint32_t offset = 100; offset < 500; offset += 100)
    put(&it, offset, 100, false);
  g_assert_cmpuint(it.held.count, ==, 1);
  put(&it, 550, 10, false);
  g_assert_cmpuint(it.held.count, ==, 2);
  put(&it, 0, 100, false);
  g_assert_cmpuint(take(&it, 0, false), ==, 500);
  g_assert_cmpuint(it.held.count, ==, 1);
  held_end(&it);
}

/* "very many pieces, which a hostile sender can make of one window" */
static void test_too_many_pieces(void)
{
  Held it = held_begin();
  uint32_t kept = 0, pieces = 0;

  while (tcp_held_has_room(&it.held) && pieces < 100000)
    kept += tcp_held_put(&it.held, &it.pool, BASE + 2 * ++pieces,
                         net_slice_virtual(1));
  g_assert_cmpuint(pieces, ==, 4096);
  g_assert_cmpuint(kept, ==, pieces);
  kept = tcp_held_put(&it.held, &it.pool, BASE + 1, net_slice_virtual(4));
  g_assert_cmpuint(kept, ==, 0);
  held_end(&it);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/tcp/held/any-order", test_any_order);
  g_test_add_func("/tcp/held/virtual-bytes-are-one-piece",
                  test_virtual_bytes_are_one_piece);
  g_test_add_func("/tcp/held/too-many-pieces", test_too_many_pieces);
  return g_test_run();
}
