/* TCP options, segments and flags as bytes and text: whatever the bytes say,
 * nothing is read past their end; and what is understood survives being written
 * and read again. */
#include "fuzz.h"
#include "segment.h"

static void check_again(const TcpOptions *first)
{
  uint8_t bytes[TCP_OPTIONS_MAX];
  TcpOptions second;
  const char *reason;
  uint32_t size = tcp_options_put(bytes, first, true);

  g_assert_cmpuint(size, <=, TCP_OPTIONS_MAX);
  g_assert_cmpuint(size % 4, ==, 0);
  g_assert_true(tcp_options_parse(bytes, size, &second, &reason));
  g_assert_cmpuint(second.mss, ==, first->mss);
  g_assert_true(second.has_scale == first->has_scale);
  if (first->has_scale)
    g_assert_cmpuint(second.scale, ==, first->scale);
  g_assert_true(second.has_timestamps == first->has_timestamps);
  if (first->has_timestamps) {
    g_assert_cmpuint(second.ts_value, ==, first->ts_value);
    g_assert_cmpuint(second.ts_echo, ==, first->ts_echo);
  }
}

static void check_options(const uint8_t *data, size_t size)
{
  TcpOptions options;
  const char *reason = NULL;

  if (tcp_options_parse(data, (uint32_t)size, &options, &reason))
    check_again(&options);
  else
    g_assert_nonnull(reason);
}

static void check_flags(const uint8_t *data, size_t size)
{
  char *text = g_strndup((const char *)data, size), letters[10];
  unsigned flags, again;

  if (tcp_flags_parse(text, &flags)) {
    g_assert_cmpuint(flags, <, 256);
    g_assert_true(tcp_flags_parse(tcp_flags_format(flags, letters), &again));
    g_assert_cmpuint(again, ==, flags);
  }
  g_free(text);
}

/* The bytes as what follows an IPv4 header. */
static void check_segment(const uint8_t *data, size_t size)
{
  NetPacket packet = { .l3 = NET_ETHERNET_SIZE, .l4 = 34, .head_length = 34 };
  NetIp ip = { .payload_length = (uint32_t)size };
  uint32_t room = MIN((uint32_t)size, NET_HEAD_MAX - 34u);
  TcpSegment segment;
  const char *reason = NULL;
  char line[200], narrow[5];

  memcpy(packet.head + 34, data, room);
  packet.head_length = (uint16_t)(34 + room);
  packet.payload = net_slice_virtual((uint32_t)size - room);
  if (!tcp_segment_parse(&packet, &ip, &segment, &reason)) {
    g_assert_nonnull(reason);
    return;
  }
  tcp_segment_format(&segment, segment.seq, segment.ack, line, sizeof line);
  g_assert_cmpuint(strlen(line), <, sizeof line);
  tcp_segment_format(&segment, 0, 0, narrow, sizeof narrow);
  g_assert_cmpuint(strlen(narrow), <, sizeof narrow);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size == 0)
    return 0;
  if (data[0] & 1 && size < 200)
    check_segment(data + 1, size - 1);
  else if (data[0] & 2)
    check_flags(data + 1, size - 1);
  else if (size <= TCP_OPTIONS_MAX + 1)
    check_options(data + 1, size - 1);
  return 0;
}

size_t fuzz_example(SimRandom *random, uint8_t *ret)
{
  static const char letters[] = "SFRP.UEW,ACK SYN none";
  static const uint8_t kinds[] = { 0, 1, 2, 4, 3, 3, 4, 2, 8, 10, 5, 10 };
  size_t size = fuzz_noise(random, ret + 1, 64) + 1;

  ret[0] = (uint8_t)sim_random_below(random, 4);
  for (size_t i = 1; i < size; i++) {
    if (ret[0] == 2)
      ret[i] = (uint8_t)letters[sim_random_below(random, sizeof letters - 1)];
    else if (ret[0] == 0 && ret[i] & 1)
      ret[i] = kinds[sim_random_below(random, sizeof kinds)];
  }
  return size;
}
