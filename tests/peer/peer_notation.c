/* The notation of segments, read and written. What is written is compared as
 * text, so that a difference reads like one. */
#include <stdio.h>
#include <string.h>

#include "peer.h"

NetSlice peer_pattern_slice(uint32_t seq, uint32_t count)
{
  NetBuffer *buffer;

  if (count == 0)
    return net_slice_virtual(0);
  buffer = net_buffer_new(NULL, count);
  for (uint32_t i = 0; i < count; i++)
    buffer->bytes[i] = peer_pattern(seq + i);
  return (NetSlice){ buffer, 0, count };
}

/* "1461:2921 4381:5841", of the host's numbers. */
static bool parse_blocks(const char *text, TcpOptions *ret)
{
  long long left, right;
  int used;

  while (ret->sack_count < TCP_SACK_BLOCKS &&
         sscanf(text, "%lld:%lld%n", &left, &right, &used) == 2) {
    ret->sack[ret->sack_count++] =
        (TcpRange){ HOST_ISS + (uint32_t)left, HOST_ISS + (uint32_t)right };
    text += used;
  }
  return *text == '\0';
}

static bool parse_option(const Peer *t, const char *text, TcpOptions *ret)
{
  unsigned value;
  long long echo;

  if (sscanf(text, "mss %u", &value) == 1) {
    ret->mss = (uint16_t)value;
  } else if (sscanf(text, "wscale %u", &value) == 1) {
    ret->has_scale = true;
    ret->scale = (uint8_t)value;
  } else if (sscanf(text, "TS val %u ecr %lld", &value, &echo) == 2) {
    ret->has_timestamps = true;
    ret->ts_value = value;
    ret->ts_echo = echo ? (uint32_t)echo + t->ts_base : 0;
  } else if (strcmp(text, "sackOK") == 0) {
    ret->sack_permitted = true;
  } else if (g_str_has_prefix(text, "sack ")) {
    return parse_blocks(text + 5, ret);
  } else {
    return false;
  }
  return true;
}

static bool parse_options(const Peer *t, const char *text, TcpOptions *ret)
{
  size_t size = strlen(text);
  char *inner, **parts;
  bool ok = size >= 2 && text[size - 1] == '>';

  if (!ok)
    return false;
  inner = g_strndup(text + 1, size - 2);
  parts = g_strsplit(inner, ",", -1);
  for (char **at = parts; *at && ok; at++)
    ok = parse_option(t, *at, ret);
  g_strfreev(parts);
  g_free(inner);
  return ok;
}

/* "ack 1", "win 65535", "urg 3" or the options. */
static bool parse_rest(const Peer *t, const char *text, TcpSegment *ret)
{
  while (*text) {
    char word[8];
    long long value;
    int used = 0;

    text += strspn(text, " ");
    if (*text == '<')
      return parse_options(t, text, &ret->options);
    if (sscanf(text, "%7s %lld%n", word, &value, &used) != 2)
      return false;
    if (strcmp(word, "ack") == 0)
      ret->ack = HOST_ISS + (uint32_t)value;
    else if (strcmp(word, "win") == 0)
      ret->window = (uint32_t)value;
    else if (strcmp(word, "urg") == 0)
      ret->up = (uint16_t)value;
    else
      return false;
    text += used;
  }
  return true;
}

bool peer_parse(const Peer *t, const char *text, TcpSegment *ret)
{
  char word[16];
  long long first, end;
  unsigned length, flags, at;
  int used = 0;

  if (sscanf(text, "%15s %lld:%lld(%u)%n", word, &first, &end, &length,
             &used) != 4 ||
      first + length != end || !tcp_flags_parse(word, &flags))
    return false;
  *ret = (TcpSegment){
    .seq = PEER_ISS + (uint32_t)first,
    .flags = (uint16_t)flags,
    .window = 65535,
    .source_port = t->port,
    .destination_port = HOST_PORT,
  };
  at = (unsigned)first + !!(flags & TCP_SYN);
  if (!parse_rest(t, text + used, ret))
    return false;
  ret->payload = peer_pattern_slice(at, length);
  return true;
}

static void format_options(const Peer *t, const TcpOptions *options,
                           GString *line)
{
  const char *mark = " <";

  if (options->mss) {
    g_string_append_printf(line, "%smss %u", mark, options->mss);
    mark = ",";
  }
  if (options->sack_permitted) {
    g_string_append_printf(line, "%ssackOK", mark);
    mark = ",";
  }
  for (unsigned i = 0; i < options->sack_count; i++) {
    g_string_append_printf(line, "%s%s%d:%d", i ? " " : mark, i ? "" : "sack ",
                           (int32_t)(options->sack[i].left - PEER_ISS),
                           (int32_t)(options->sack[i].right - PEER_ISS));
    mark = ",";
  }
  if (options->has_timestamps) {
    g_string_append_printf(line, "%sTS val %u ecr %u", mark,
                           options->ts_value - t->ts_base, options->ts_echo);
    mark = ",";
  }
  if (options->has_scale) {
    g_string_append_printf(line, "%swscale %u", mark, options->scale);
    mark = ",";
  }
  if (*mark == ',')
    g_string_append_c(line, '>');
}

char *peer_format(const Peer *t, const TcpSegment *segment, bool window)
{
  GString *line = g_string_new(NULL);
  int32_t first = (int32_t)(segment->seq - HOST_ISS);
  char flags[10];

  g_string_printf(line, "%s %d:%d(%u)", tcp_flags_format(segment->flags, flags),
                  first, first + (int32_t)segment->payload.length,
                  segment->payload.length);
  if (segment->flags & TCP_ACK)
    g_string_append_printf(line, " ack %d", (int32_t)(segment->ack - PEER_ISS));
  if (window)
    g_string_append_printf(line, " win %u", segment->window);
  if (segment->flags & TCP_URG)
    g_string_append_printf(line, " urg %u", segment->up);
  format_options(t, &segment->options, line);
  return g_string_free(line, FALSE);
}
