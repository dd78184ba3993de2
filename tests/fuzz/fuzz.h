/* Fuzz targets: what they share.
 *
 * A target is LLVMFuzzerTestOneInput() and fuzz_example(), which makes an
 * input that gets somewhere. Linked with libFuzzer it is a fuzzer; linked with
 * replay.c it is an ordinary test of seeded inputs, and writes corpora.
 */
#pragma once

#include <glib.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

#define FUZZ_MOST 512 /* bytes of an example */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** fuzz_example: an input of at most FUZZ_MOST bytes; returns its size. */
size_t fuzz_example(SimRandom *random, uint8_t *ret);

/** fuzz_fail: a finding, in a way that libFuzzer keeps. */
static inline void fuzz_fail(const char *sentence)
{
  g_printerr("# %s\n", sentence);
  abort();
}

/** FuzzBytes: an input that is taken from the front; zeros follow its end. */
typedef struct FuzzBytes {
  const uint8_t *at;
  size_t left;
} FuzzBytes;

static inline uint8_t fuzz_u8(FuzzBytes *bytes)
{
  if (bytes->left == 0)
    return 0;
  bytes->left--;
  return *bytes->at++;
}

static inline uint16_t fuzz_u16(FuzzBytes *bytes)
{
  uint8_t first = fuzz_u8(bytes);

  return (uint16_t)(first << 8 | fuzz_u8(bytes));
}

static inline uint32_t fuzz_u32(FuzzBytes *bytes)
{
  uint32_t first = fuzz_u16(bytes);

  return first << 16 | fuzz_u16(bytes);
}

/** fuzz_delta: a small signed number, now and then a large one. */
static inline uint32_t fuzz_delta(FuzzBytes *bytes)
{
  uint8_t byte = fuzz_u8(bytes);
  uint32_t small = byte & 15, value = small;

  switch (byte >> 4 & 7) {
  case 0:
  case 1:
  case 2:
    break;
  case 3:
    value = small * 100;
    break;
  case 4:
    value = small * 5000;
    break;
  case 5:
    value = UINT32_C(0x7ffffff8) + small;
    break;
  case 6:
    value = fuzz_u16(bytes);
    break;
  default:
    value = fuzz_u32(bytes);
  }
  return byte & 128 ? -value : value;
}

/** fuzz_noise: random bytes, biased towards small values; for examples. */
static inline size_t fuzz_noise(SimRandom *random, uint8_t *ret, size_t most)
{
  size_t size = (size_t)sim_random_below(random, most + 1);

  for (size_t i = 0; i < size; i++) {
    uint64_t draw = sim_random_next(random);

    ret[i] = draw >> 62 ? (uint8_t)draw : (uint8_t)(draw & 15);
  }
  return size;
}
