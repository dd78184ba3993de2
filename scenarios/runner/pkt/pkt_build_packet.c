/* Packets as they are written: flags, numbers, options, what IP says. */
#include "pkt_parser.h"

#include <string.h>

#include "formats.h"

PktPacket *pkt_packet(PktParser *parser, PktPlace place, bool outbound)
{
  PktPacket *packet = pkt_alloc(parser, sizeof *packet);

  packet->place = place;
  packet->outbound = outbound;
  parser->packet = packet;
  return packet;
}

/* -- IP -- */

static const struct {
  const char *word;
  PktTos kind;
  uint8_t tos;
} marks[] = {
  { "noecn", PKT_TOS_ECN, NET_NOT_ECT }, { "ect0", PKT_TOS_ECN, NET_ECT_0 },
  { "ect1", PKT_TOS_ECN, NET_ECT_1 },    { "ce", PKT_TOS_ECN, NET_CE },
  { "ect01", PKT_TOS_ECT01, NET_ECT_0 },
};

void pkt_packet_word(PktParser *parser, PktPlace place, const char *word,
                     const PktToken *value)
{
  PktPacket *it = parser->packet;

  for (gsize i = 0; !value && i < G_N_ELEMENTS(marks); i++)
    if (g_str_equal(marks[i].word, word)) {
      it->tos_kind = marks[i].kind;
      it->tos = marks[i].tos;
      return;
    }
  if (value && (g_str_equal(word, "ttl") || g_str_equal(word, "hlim"))) {
    it->ttl = (uint8_t)pkt_within(parser, place, word, value->integer, 255);
  } else if (value &&
             (g_str_equal(word, "tos") || g_str_equal(word, "class"))) {
    it->tos_kind = PKT_TOS_WHOLE;
    it->tos = (uint8_t)pkt_within(parser, place, word, value->integer, 255);
  } else if (value && g_str_equal(word, "flowlabel")) {
    pkt_within(parser, place, word, value->integer, 0xfffff);
  } else {
    pkt_note(parser, place,
             "found '%s'; expected ect0, ect1, ect01, ce, noecn, ttl N, "
             "tos 0xNN or flowlabel 0xN",
             word);
  }
}

void pkt_packet_ports(PktParser *parser, PktPlace place, int64_t source,
                      int64_t destination)
{
  PktPacket *it = parser->packet;

  it->has_ports = true;
  it->source_port =
      (uint16_t)pkt_within(parser, place, "a port", source, UINT16_MAX);
  it->destination_port =
      (uint16_t)pkt_within(parser, place, "a port", destination, UINT16_MAX);
}

/* -- TCP -- */

static const struct {
  char letter;
  uint16_t flag;
} letters[] = {
  { 'F', TCP_FIN }, { 'S', TCP_SYN }, { 'R', TCP_RST },
  { 'P', TCP_PSH }, { '.', TCP_ACK }, { 'U', TCP_URG },
  { 'E', TCP_ECE }, { 'W', TCP_CWR }, { 'A', PKT_FLAG_AE },
};

static bool add_flag(PktPacket *it, char letter)
{
  for (gsize i = 0; i < G_N_ELEMENTS(letters); i++)
    if (letters[i].letter == letter) {
      it->flags |= letters[i].flag;
      return true;
    }
  if (letter < '0' || letter > '7' || it->has_ace)
    return false;
  it->has_ace = true;
  if (letter & 1)
    it->flags |= TCP_ECE;
  if (letter & 2)
    it->flags |= TCP_CWR;
  if (letter & 4)
    it->flags |= PKT_FLAG_AE;
  return true;
}

void pkt_packet_flags(PktParser *parser, PktPlace place, const char *first,
                      const char *more)
{
  g_autofree char *all = g_strconcat(first, more, NULL);

  for (const char *at = all; *at; at++)
    if (!add_flag(parser->packet, *at)) {
      pkt_note(parser, place,
               "found '%s'; expected flags (letters of F S R P . U E W A, or "
               "- for none), udp or icmp",
               all);
      return;
    }
}

void pkt_packet_sequence(PktParser *parser, PktPlace place, int64_t from,
                         int64_t to, int64_t length)
{
  PktPacket *it = parser->packet;

  if (to - from != length)
    pkt_note(parser, place,
             "%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT " is %" G_GINT64_FORMAT
             " bytes, not %" G_GINT64_FORMAT,
             from, to, to - from, length);
  it->seq = (uint32_t)pkt_within(parser, place, "the sequence number", from,
                                 UINT32_MAX);
  it->length =
      (uint32_t)pkt_within(parser, place, "the length", length, UINT16_MAX);
}

void pkt_packet_finish(PktParser *parser, PktPacket *it)
{
  if (it->options_size % 4 != 0)
    pkt_note(parser, it->place,
             "the options are %u bytes, no multiple of four: pad them with nop "
             "or eol",
             it->options_size);
  if (it->outbound || it->protocol != PKT_TCP)
    return;
  if (!it->has_window)
    pkt_note(parser, it->place,
             "a packet that arrives needs its window: win N");
  else if (it->any_options)
    pkt_note(parser, it->place,
             "<...> is for packets that are sent (>): say the options");
  else if (it->sequence == PKT_SEQ_ANY || it->ack_any)
    pkt_note(parser, it->place,
             "... is for packets that are sent (>): say the number");
  else if (it->tos_kind == PKT_TOS_ECT01)
    pkt_note(parser, it->place, "[ect01] is for packets that are sent (>)");
}
