#include "segment.h"

#include <ctype.h>
#include <glib.h>
#include <string.h>

static const char flag_letters[] = "FSRP.UEW";

bool tcp_segment_parse(const NetPacket *packet, const NetIp *ip,
                       TcpSegment *ret, const char **ret_reason)
{
  const uint8_t *at = packet->head + packet->l4;
  uint32_t in_head = packet->head_length - (uint32_t)packet->l4;
  uint32_t offset;

  if (packet->l4 == 0 || packet->l4 > packet->head_length ||
      in_head < TCP_HEADER_SIZE || ip->payload_length < TCP_HEADER_SIZE) {
    *ret_reason = "shorter than a TCP header";
    return false;
  }
  offset = (uint32_t)(at[12] >> 4) * 4;
  if (offset < TCP_HEADER_SIZE) {
    *ret_reason = "the data offset is under 5 words";
    return false;
  }
  if (offset > in_head || offset > ip->payload_length) {
    *ret_reason = "the data offset points past the end of the segment";
    return false;
  }
  *ret = (TcpSegment){
    .source_port = net_get16(at),
    .destination_port = net_get16(at + 2),
    .seq = net_get32(at + 4),
    .ack = net_get32(at + 8),
    .flags = at[13],
    .ecn = ip->tos & NET_CE,
    .window = net_get16(at + 14),
    .up = net_get16(at + 18),
    .payload = packet->payload,
  };
  ret->length =
      ret->payload.length + !!(ret->flags & TCP_SYN) + !!(ret->flags & TCP_FIN);
  return tcp_options_parse(at + TCP_HEADER_SIZE, offset - TCP_HEADER_SIZE,
                           &ret->options, ret_reason);
}

/* The fixed header and its options; returns their size. */
static uint32_t header_put(uint8_t *at, const TcpSegment *segment)
{
  uint32_t size = TCP_HEADER_SIZE;

  size += tcp_options_put(at + TCP_HEADER_SIZE, &segment->options,
                          segment->flags & TCP_SYN);
  net_put16(at, segment->source_port);
  net_put16(at + 2, segment->destination_port);
  net_put32(at + 4, segment->seq);
  net_put32(at + 8, segment->ack);
  at[12] = (uint8_t)(size / 4 << 4);
  at[13] = (uint8_t)segment->flags;
  net_put16(at + 14, (uint16_t)segment->window);
  net_put16(at + 16, 0);
  net_put16(at + 18, segment->up);
  return size;
}

void tcp_segment_build(NetPacket *packet, const TcpSegment *segment,
                       NetAddress source, NetAddress destination)
{
  uint8_t *at = packet->head + packet->l4;
  uint32_t size = header_put(at, segment);
  uint64_t sum = net_sum_pseudo(source, destination, NET_PROTOCOL_TCP,
                                size + segment->payload.length);

  packet->payload = segment->payload;
  packet->head_length = (uint16_t)(packet->l4 + size);
  sum = net_sum(sum, at, size);
  sum = net_sum_slice(sum, packet->payload);
  net_put16(at + 16, net_sum_finish(sum));
}

char *tcp_flags_format(unsigned flags, char *ret_text)
{
  static const char order[] = "SFRPUEW.";
  char *out = ret_text;

  for (const char *letter = order; *letter; letter++)
    if (flags >> (strchr(flag_letters, *letter) - flag_letters) & 1)
      *out++ = *letter;
  *out = '\0';
  return flags ? ret_text : strcpy(ret_text, "none");
}

/* A flag's bit by its full name, 0 if unknown. */
static unsigned flag_named(const char *name, size_t length)
{
  static const char *const names[] = { "FIN", "SYN", "RST", "PSH",
                                       "ACK", "URG", "ECE", "CWR" };

  for (unsigned i = 0; i < G_N_ELEMENTS(names); i++)
    if (length == strlen(names[i]) &&
        g_ascii_strncasecmp(name, names[i], length) == 0)
      return 1u << i;
  return 0;
}

/* "SYN,ACK": false if it is not of that form. */
static bool flag_names_parse(const char *text, unsigned *ret)
{
  unsigned flags = 0;

  while (*text) {
    size_t length = strcspn(text, ",|+ ");
    unsigned flag = flag_named(text, length);

    if (!flag)
      return false;
    flags |= flag;
    text += length;
    text += strspn(text, ",|+ ");
  }
  *ret = flags;
  return true;
}

bool tcp_flags_parse(const char *text, unsigned *ret)
{
  unsigned flags = 0;

  if (strcmp(text, "none") == 0 || strcmp(text, "0") == 0) {
    *ret = 0;
    return true;
  }
  if (*text && flag_names_parse(text, ret))
    return true;
  for (const char *letter = text; *letter; letter++) {
    const char *found = strchr(flag_letters, toupper((unsigned char)*letter));

    if (!found || !*text)
      return false;
    flags |= 1u << (found - flag_letters);
  }
  *ret = flags;
  return *text != '\0';
}

char *tcp_segment_format(const TcpSegment *segment, uint32_t iss, uint32_t irs,
                         char *ret_text, size_t size)
{
  char flags[10];
  uint32_t seq = segment->seq - iss;
  GString *line = g_string_new(NULL);

  g_string_printf(line, "Flags [%s], seq %u",
                  tcp_flags_format(segment->flags, flags), seq);
  if (segment->length > 0)
    g_string_append_printf(line, ":%u", seq + segment->payload.length);
  if (segment->flags & TCP_ACK)
    g_string_append_printf(line, ", ack %u", segment->ack - irs);
  g_string_append_printf(line, ", win %u", segment->window);
  if (segment->flags & TCP_URG)
    g_string_append_printf(line, ", urg %u", segment->up);
  if (segment->options.mss)
    g_string_append_printf(line, ", mss %u", segment->options.mss);
  if (segment->options.has_scale)
    g_string_append_printf(line, ", wscale %u", segment->options.scale);
  if (segment->options.sack_permitted)
    g_string_append(line, ", sackOK");
  for (unsigned i = 0; i < segment->options.sack_count; i++)
    g_string_append_printf(line, "%s{%u:%u}", i ? "" : ", sack ",
                           segment->options.sack[i].left - irs,
                           segment->options.sack[i].right - irs);
  if (segment->options.has_timestamps)
    g_string_append_printf(line, ", TS val %u ecr %u",
                           segment->options.ts_value, segment->options.ts_echo);
  g_string_append_printf(line, ", length %u", segment->payload.length);
  g_strlcpy(ret_text, line->str, size);
  g_string_free(line, TRUE);
  return ret_text;
}
