/* Packets as texts: the numbers are turned into the script's, then compared. */
#include "pkt_fields.h"

#include <string.h>

#include "formats.h"

/* -- TCP options -- */

static void put_blocks(GString *out, const uint8_t *at, unsigned size,
                       uint32_t offset)
{
  for (unsigned i = 0; i + 8 <= size; i += 8)
    g_string_append_printf(out, " %u:%u", net_get32(at + i) - offset,
                           net_get32(at + i + 4) - offset);
}

static void put_hex(GString *out, const uint8_t *at, unsigned size)
{
  if (size > 0)
    g_string_append_c(out, ' ');
  for (unsigned i = 0; i < size; i++)
    g_string_append_printf(out, "%02x", at[i]);
}

/* `at` is the option's data, `size` its bytes. `offset` is taken from what
 * SACK blocks name. */
static void put_option(GString *out, uint8_t kind, const uint8_t *at,
                       unsigned size, uint32_t offset)
{
  if (kind == 2 && size == 2) {
    g_string_append_printf(out, "mss %u", net_get16(at));
  } else if (kind == 3 && size == 1) {
    g_string_append_printf(out, "wscale %u", *at);
  } else if (kind == 4) {
    g_string_append(out, "sackOK");
  } else if (kind == 5) {
    g_string_append(out, "sack");
    put_blocks(out, at, size, offset);
  } else if (kind == 8 && size == 8) {
    g_string_append_printf(out, "TS val %u ecr %u", net_get32(at),
                           net_get32(at + 4));
  } else {
    g_string_append_printf(out, "%s",
                           kind == 34    ? "FO"
                           : kind == 19  ? "md5"
                           : kind == 172 ? "ECN0"
                           : kind == 174 ? "ECN1"
                                         : "option");
    if (kind != 34 && kind != 19 && kind < 172)
      g_string_append_printf(out, " %u", kind);
    put_hex(out, at, size);
  }
}

static void put_options(GString *out, const uint8_t *at, unsigned size,
                        uint32_t offset)
{
  unsigned i = 0;

  if (size > 0)
    g_string_append_c(out, '<');
  while (i < size) {
    unsigned length = at[i] <= 1 ? 1 : i + 1 < size ? at[i + 1] : 0;

    if (i > 0)
      g_string_append_c(out, ',');
    if (at[i] <= 1)
      g_string_append(out, at[i] ? "nop" : "eol");
    else if (length >= 2 && i + length <= size)
      put_option(out, at[i], at + i + 2, length - 2, offset);
    else
      length = size - i;
    i += length;
  }
  if (size > 0)
    g_string_append_c(out, '>');
}

/* -- the fields -- */

static void put_flags(GString *out, unsigned flags, bool ace)
{
  static const struct {
    char letter;
    uint16_t flag;
  } table[] = { { 'F', TCP_FIN }, { 'S', TCP_SYN },     { 'R', TCP_RST },
                { 'P', TCP_PSH }, { 'U', TCP_URG },     { 'E', TCP_ECE },
                { 'W', TCP_CWR }, { 'A', PKT_FLAG_AE }, { '.', TCP_ACK } };

  for (gsize i = 0; i < G_N_ELEMENTS(table); i++)
    if (flags & table[i].flag && !(ace && table[i].flag & PKT_FLAG_ACE))
      g_string_append_c(out, table[i].letter);
  if (ace)
    g_string_append_c(out, (char)('0' + (flags & TCP_ECE ? 1 : 0) +
                                  (flags & TCP_CWR ? 2 : 0) +
                                  (flags & PKT_FLAG_AE ? 4 : 0)));
  if (out->len == 0)
    g_string_append_c(out, '-');
}

static void put_tos(GString *out, PktTos kind, uint8_t tos)
{
  static const char *const marks[] = { "noecn", "ect1", "ect0", "ce" };
  bool either = (tos & 3) == NET_ECT_0 || (tos & 3) == NET_ECT_1;

  if (kind == PKT_TOS_ECN)
    g_string_append_printf(out, "[%s]", marks[tos & 3]);
  else if (kind == PKT_TOS_ECT01)
    g_string_append_printf(out, "[%s]", either ? "ect01" : marks[tos & 3]);
  else if (kind == PKT_TOS_WHOLE)
    g_string_append_printf(out, "(tos 0x%02x)", tos);
  else if (kind == PKT_TOS_DSCP)
    g_string_append_printf(out, "(dscp 0x%02x)", tos >> 2);
  else if (kind == PKT_TOS_DSCP_ECT01)
    g_string_append_printf(out, "(dscp 0x%02x, ecn %s)", tos >> 2,
                           either ? "ect01" : marks[tos & 3]);
}

static void init(PktFields *ret)
{
  for (unsigned i = 0; i < PKT_FIELDS; i++)
    ret->text[i] = g_string_new(NULL);
}

static void put_ip(PktFields *ret, const PktPacket *packet, uint8_t tos,
                   uint8_t ttl, uint16_t source, uint16_t destination)
{
  put_tos(ret->text[PKT_FIELD_TOS], packet->tos_kind, tos);
  if (packet->ttl)
    g_string_printf(ret->text[PKT_FIELD_TTL], "(ttl %u)", ttl);
  if (packet->has_ports && (packet->source_port || packet->destination_port))
    g_string_printf(ret->text[PKT_FIELD_PORTS], "%u > %u", source, destination);
}

static void put_sequence(GString *out, const PktPacket *packet, uint32_t seq,
                         uint32_t length)
{
  if (packet->sequence == PKT_SEQ_ANY)
    g_string_printf(out, "...(%u)", length);
  else
    g_string_printf(out, "%u:%u(%u)%s", seq, seq + length, length,
                    packet->sequence == PKT_SEQ_ABSOLUTE ? "!" : "");
}

static void put_tcp(PktFields *ret, const PktPacket *packet)
{
  put_flags(ret->text[PKT_FIELD_KIND], packet->flags, packet->has_ace);
  put_sequence(ret->text[PKT_FIELD_SEQ], packet, packet->seq, packet->length);
  if (packet->flags & TCP_ACK && !packet->ack_any)
    g_string_printf(ret->text[PKT_FIELD_ACK], "ack %u", packet->ack);
  if (packet->has_window)
    g_string_printf(ret->text[PKT_FIELD_WIN], "win %u", packet->window);
  if (packet->urgent)
    g_string_printf(ret->text[PKT_FIELD_URG], "urg %u", packet->urgent);
  if (packet->any_options)
    g_string_assign(ret->text[PKT_FIELD_OPTIONS], "<...>");
  else
    put_options(ret->text[PKT_FIELD_OPTIONS], packet->options,
                packet->options_size, 0);
}

static void put_in_udp(GString *out, uint16_t source, uint16_t destination)
{
  g_string_printf(out, "/udp(%u > %u)", source, destination);
}

/* What the host sends stands in nothing: it has no tunnel. */
static void put_outer(GString *out, const PktOuter *outer)
{
  for (; outer; outer = outer->next) {
    char source[NET_ADDRESS_TEXT], destination[NET_ADDRESS_TEXT];

    g_string_append_printf(out, "%s%s %s > %s:", out->len ? " " : "",
                           outer->kind == PKT_OUTER_IPV4 ? "ipv4" : "ipv6",
                           net_address_format(outer->source, source),
                           net_address_format(outer->destination, destination));
  }
}

void pkt_fields_of(PktFields *ret, const PktPacket *packet)
{
  init(ret);
  put_outer(ret->text[PKT_FIELD_OUTER], packet->outer);
  if (packet->in_udp)
    put_in_udp(ret->text[PKT_FIELD_IN_UDP], packet->udp_source,
               packet->udp_destination);
  put_ip(ret, packet, packet->tos, packet->ttl, packet->source_port,
         packet->destination_port);
  if (packet->protocol == PKT_TCP)
    put_tcp(ret, packet);
  else if (packet->protocol == PKT_UDP)
    g_string_printf(ret->text[PKT_FIELD_KIND], "udp (%u)", packet->length);
  else
    pkt_icmp_of(ret->text[PKT_FIELD_KIND], packet);
}

/* The host's clock in the script's: the first pair of values that met says
 * how far they are apart. Unless they are compared, the script's stand. */
static void map_timestamps(PktRun *it, const PktPacket *packet,
                           uint8_t *options, unsigned size)
{
  const PktFlow *flow = &it->flow;
  uint8_t *value = pkt_find_timestamps(options, size);
  unsigned i = 0;

  if (value && flow->has_first_ts)
    net_put32(value,
              net_get32(value) - flow->first_host_ts + flow->first_script_ts);
  if (size != packet->options_size)
    return;
  while (i < size && options[i] == packet->options[i]) {
    if (options[i] == 8 && i + 10 <= size) {
      uint32_t script = net_get32(packet->options + i + 2);
      uint32_t actual = net_get32(options + i + 2);
      uint32_t apart = MIN(actual - script, script - actual);
      SimTime slack = MAX(it->config.tolerance,
                          it->planned / 100000 * it->config.tolerance_share);

      if (packet->ts_value_any || (SimTime)apart * it->config.ts_tick <= slack)
        actual = script;
      net_put32(options + i + 2, actual);
      memcpy(options + i + 6, packet->options + i + 6, 4);
    }
    i += options[i] <= 1 ? 1 : i + 1 < size ? MAX(options[i + 1], 2) : 1;
  }
}

static void put_sent_options(PktFields *ret, PktRun *it,
                             const PktPacket *packet, const PktSent *sent,
                             uint32_t offset)
{
  uint8_t options[TCP_OPTIONS_MAX];
  unsigned size = (unsigned)(sent->head_length - sent->l4 - TCP_HEADER_SIZE);

  if (packet->any_options) {
    g_string_assign(ret->text[PKT_FIELD_OPTIONS], "<...>");
    return;
  }
  memcpy(options, sent->head + sent->l4 + TCP_HEADER_SIZE, size);
  map_timestamps(it, packet, options, size);
  put_options(ret->text[PKT_FIELD_OPTIONS], options, size, offset);
}

/* An offloading stack sets PSH on whatever it hands over as one, and its
 * segments show it only on the last: it is not compared in an aggregate. */
static unsigned flags_of(const PktPacket *packet, const PktSent *sent,
                         const PktSent *last)
{
  unsigned flags = sent->segment.flags | (sent->ae ? PKT_FLAG_AE : 0u);

  if (sent == last)
    return flags;
  flags |= last->segment.flags & TCP_FIN;
  return (flags & ~(unsigned)TCP_PSH) | (packet->flags & TCP_PSH);
}

void pkt_fields_sent(PktFields *ret, PktRun *it, const PktPacket *packet,
                     const PktSent *sent, const PktSent *last, uint32_t length)
{
  const TcpSegment *segment = &sent->segment;
  const PktFlow *flow = &it->flow;
  bool syn = segment->flags & TCP_SYN;
  uint32_t local = syn ? flow->local_isn - flow->script_isn : flow->local_isn;
  uint32_t remote = syn ? 0 : flow->remote_isn;

  init(ret);
  put_ip(ret, packet, sent->ip.tos, sent->ip.ttl,
         net_get16(sent->head + sent->l4),
         net_get16(sent->head + sent->l4 + 2));
  if (sent->ip.protocol != NET_PROTOCOL_TCP &&
      sent->ip.protocol != NET_PROTOCOL_UDP) {
    pkt_icmp_sent(ret->text[PKT_FIELD_KIND], it, packet, sent);
    return;
  }
  if (sent->in_udp)
    put_in_udp(ret->text[PKT_FIELD_IN_UDP], sent->udp_source,
               sent->udp_destination);
  if (sent->ip.protocol == NET_PROTOCOL_UDP) {
    g_string_printf(ret->text[PKT_FIELD_KIND], "udp (%u)", length);
    return;
  }
  put_flags(ret->text[PKT_FIELD_KIND], flags_of(packet, sent, last),
            packet->has_ace);
  if (packet->sequence == PKT_SEQ_ABSOLUTE)
    local = 0;
  put_sequence(ret->text[PKT_FIELD_SEQ], packet, segment->seq - local, length);
  if (segment->flags & TCP_ACK && !packet->ack_any)
    g_string_printf(ret->text[PKT_FIELD_ACK], "ack %u", segment->ack - remote);
  if (packet->has_window)
    g_string_printf(ret->text[PKT_FIELD_WIN], "win %u", segment->window);
  if (segment->up)
    g_string_printf(ret->text[PKT_FIELD_URG], "urg %u", segment->up);
  put_sent_options(ret, it, packet, sent, remote);
}

void pkt_fields_clear(PktFields *fields)
{
  for (unsigned i = 0; i < PKT_FIELDS; i++)
    g_string_free(fields->text[i], TRUE);
}

/* -- comparing -- */

bool pkt_fields_equal(const PktFields *a, const PktFields *b)
{
  for (unsigned i = 0; i < PKT_FIELDS; i++)
    if (!g_string_equal(a->text[i], b->text[i]))
      return false;
  return true;
}

enum { MARGIN = 8 };

static void pad(GString *out, gsize width, char fill)
{
  while (out->len < width)
    g_string_append_c(out, fill);
}

static void flush_line(GString *line, GString *out)
{
  g_strchomp(line->str);
  if (*line->str)
    g_string_append_printf(out, "%s\n", line->str);
  g_string_truncate(line, 0);
}

/* Marks what differs: the whole field, or those of the options. */
static void mark(GString *out, const GString *a, const GString *b,
                 bool is_options)
{
  gsize from = 0, to = MAX(a->len, b->len), base = out->len;

  if (is_options && a->len > 0 && b->len > 0) {
    while (a->str[from] == b->str[from])
      from++;
    while (from > 0 && !strchr(",<", a->str[from - 1]))
      from--;
    while (a->len == b->len && a->str[to - 1] == b->str[to - 1])
      to--;
    while (a->len == b->len && to < a->len && !strchr(",>", a->str[to]))
      to++;
  }
  pad(out, base + from, ' ');
  pad(out, base + to, '^');
}

/* A field that does not fit any more begins the lines again. */
void pkt_fields_compare(const PktFields *script, const PktFields *actual,
                        GString *out)
{
  static const char *const names[] = { "script: ", "actual: ", "" };
  GString *lines[3] = { g_string_new(names[0]), g_string_new(names[1]),
                        g_string_new(names[2]) };

  for (unsigned i = 0; i < PKT_FIELDS; i++) {
    const GString *a = script->text[i], *b = actual->text[i];
    gsize width = MAX(a->len, b->len);
    bool full = lines[0]->len > MARGIN && lines[0]->len + width > PKT_WIDTH;

    if (width == 0)
      continue;
    for (unsigned k = 0; full && k < 3; k++) {
      flush_line(lines[k], out);
      g_string_append(lines[k], names[k]);
    }
    for (unsigned k = 0; k < 3; k++)
      pad(lines[k], MAX(lines[0]->len, MARGIN), ' ');
    pad(lines[2], lines[0]->len, ' ');
    g_string_append(lines[0], a->str);
    g_string_append(lines[1], b->str);
    width += lines[2]->len;
    if (!g_string_equal(a, b))
      mark(lines[2], a, b, i == PKT_FIELD_OPTIONS);
    for (unsigned k = 0; k < 3; k++)
      pad(lines[k], width + 1, ' ');
  }
  for (unsigned k = 0; k < 3; k++) {
    flush_line(lines[k], out);
    g_string_free(lines[k], TRUE);
  }
}

void pkt_fields_join(const PktFields *fields, GString *out)
{
  for (unsigned i = 0; i < PKT_FIELDS; i++)
    if (fields->text[i]->len > 0)
      g_string_append_printf(out, "%s%s", out->len ? " " : "",
                             fields->text[i]->str);
}
