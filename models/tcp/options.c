/* TCP options (3.2): every length is checked before a byte is believed. */
#include <string.h>

#include "segment.h"

enum {
  OPTION_END = 0,
  OPTION_NOP = 1,
  OPTION_MSS = 2,
  OPTION_SCALE = 3,
  OPTION_SACK_PERMITTED = 4,
  OPTION_SACK = 5,
  OPTION_TIMESTAMPS = 8,
};

#define SCALE_MOST 14 /* RFC 7323 2.3 */

/* RFC 2018 3: one to four blocks. */
static void blocks_parse(const uint8_t *at, uint32_t length, TcpOptions *ret)
{
  uint32_t count = (length - 2) / 8;

  if (count == 0 || count > TCP_SACK_BLOCKS || length != 2 + 8 * count)
    return;
  ret->sack_count = (uint8_t)count;
  for (uint32_t i = 0; i < count; i++)
    ret->sack[i] =
        (TcpRange){ net_get32(at + 2 + 8 * i), net_get32(at + 6 + 8 * i) };
}

/* One option of a known kind; a wrong length makes it one that is skipped,
 * as a kind that is not understood is (MUST-6, MUST-7). */
static void option_parse(const uint8_t *at, uint32_t length, TcpOptions *ret)
{
  if (at[0] == OPTION_MSS && length == 4) {
    ret->mss = net_get16(at + 2);
  } else if (at[0] == OPTION_SCALE && length == 3) {
    ret->has_scale = true;
    ret->scale = at[2] < SCALE_MOST ? at[2] : SCALE_MOST;
  } else if (at[0] == OPTION_SACK_PERMITTED && length == 2) {
    ret->sack_permitted = true;
  } else if (at[0] == OPTION_SACK) {
    blocks_parse(at, length, ret);
  } else if (at[0] == OPTION_TIMESTAMPS && length == 10) {
    ret->has_timestamps = true;
    ret->ts_value = net_get32(at + 2);
    ret->ts_echo = net_get32(at + 6);
  }
}

/* The form that nearly every segment of an open connection has (RFC 7323
 * appendix A): two NOPs and the timestamps. */
static bool options_are_timestamps(const uint8_t *at, uint32_t size)
{
  return size == 12 && at[0] == OPTION_NOP && at[1] == OPTION_NOP &&
         at[2] == OPTION_TIMESTAMPS && at[3] == 10;
}

/* MUST-4, MUST-5, MUST-64, MUST-68 */
bool tcp_options_parse(const uint8_t *at, uint32_t size, TcpOptions *ret,
                       const char **ret_reason)
{
  const uint8_t *end = at + size;

  *ret = (TcpOptions){ 0 };
  if (options_are_timestamps(at, size)) {
    option_parse(at + 2, 10, ret);
    return true;
  }
  while (at < end && *at != OPTION_END) {
    if (*at == OPTION_NOP) {
      at++;
      continue;
    }
    if (end - at < 2 || at[1] < 2) {
      *ret_reason = "an option's length is under 2";
      ret->broken = true;
      return false;
    }
    if (at[1] > end - at) {
      *ret_reason = "an option's length points past the header's end";
      ret->broken = true;
      return false;
    }
    option_parse(at, at[1], ret);
    at += at[1];
  }
  return true;
}

static uint32_t timestamps_put(uint8_t *at, const TcpOptions *options)
{
  if (!options->has_timestamps)
    return 0;
  at[0] = at[1] = OPTION_NOP;
  at[2] = OPTION_TIMESTAMPS;
  at[3] = 10;
  net_put32(at + 4, options->ts_value);
  net_put32(at + 8, options->ts_echo);
  return 12;
}

static uint32_t blocks_put(uint8_t *at, const TcpOptions *options,
                           uint32_t room)
{
  uint32_t count = options->sack_count;

  while (count > 0 && 4 + 8 * count > room)
    count--;
  if (count == 0)
    return 0;
  at[0] = at[1] = OPTION_NOP;
  at[2] = OPTION_SACK;
  at[3] = (uint8_t)(2 + 8 * count);
  for (uint32_t i = 0; i < count; i++) {
    net_put32(at + 4 + 8 * i, options->sack[i].left);
    net_put32(at + 8 + 8 * i, options->sack[i].right);
  }
  return 4 + 8 * count;
}

static uint32_t bytes_put(uint8_t *at, const uint8_t *bytes, uint32_t count)
{
  memcpy(at, bytes, count);
  return count;
}

/* MUST-14, MAY-3 */
static uint32_t mss_put(uint8_t *at, const TcpOptions *options)
{
  at[0] = OPTION_MSS;
  at[1] = 4;
  net_put16(at + 2, options->mss);
  return 4;
}

/* BSD's: no NOPs but those that align, and the end is filled up: scale ends at
 * an even byte, the timestamps' words lie on words. */
static uint32_t syn_put_packed(uint8_t *at, const TcpOptions *options)
{
  uint8_t *start = at;

  if (options->mss)
    at += mss_put(at, options);
  if (options->has_scale)
    at += bytes_put(
        at, (uint8_t[]){ OPTION_NOP, OPTION_SCALE, 3, options->scale }, 4);
  if (options->sack_permitted)
    at += bytes_put(at, (uint8_t[]){ OPTION_SACK_PERMITTED, 2 }, 2);
  if (options->has_timestamps && options->sack_permitted) {
    uint8_t padded[12];

    timestamps_put(padded, options);
    at += bytes_put(at, padded + 2, 10);
  } else {
    at += timestamps_put(at, options);
  }
  while ((at - start) % 4)
    *at++ = OPTION_END; /* and 0 (MUST-69) */
  return (uint32_t)(at - start);
}

/* MUST-65: the MSS only here */
static uint32_t syn_put(uint8_t *at, const TcpOptions *options)
{
  bool joined = options->layout == TCP_LAYOUT_LINUX &&
                options->sack_permitted && options->has_timestamps;
  uint8_t *start = at, *nops;

  if (options->mss)
    at += mss_put(at, options);
  if (options->sack_permitted && !joined)
    at += bytes_put(
        at, (uint8_t[]){ OPTION_NOP, OPTION_NOP, OPTION_SACK_PERMITTED, 2 }, 4);
  nops = at;
  at += timestamps_put(at, options);
  if (joined)
    bytes_put(nops, (uint8_t[]){ OPTION_SACK_PERMITTED, 2 }, 2);
  if (options->has_scale)
    at += bytes_put(
        at, (uint8_t[]){ OPTION_NOP, OPTION_SCALE, 3, options->scale }, 4);
  return (uint32_t)(at - start);
}

uint32_t tcp_options_put(uint8_t *at, const TcpOptions *options, bool syn)
{
  uint32_t size;

  if (syn && options->layout == TCP_LAYOUT_BSD)
    return syn_put_packed(at, options);
  if (syn)
    return syn_put(at, options);
  size = timestamps_put(at, options);
  return size + blocks_put(at + size, options, TCP_OPTIONS_MAX - size);
}
