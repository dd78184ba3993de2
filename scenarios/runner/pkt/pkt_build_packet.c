/* Packets as they are written: flags, numbers, what ICMP says. */
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

void pkt_packet_cannot(PktParser *parser, const char *what)
{
  if (!parser->packet->cannot)
    parser->packet->cannot = what;
}

void pkt_packet_in_udp(PktParser *parser, const PktToken *source,
                       const PktToken *destination)
{
  PktPacket *it = parser->packet;

  it->in_udp = true;
  it->udp_source = (uint16_t)pkt_within(parser, it->place, "a port",
                                        source->integer, UINT16_MAX);
  it->udp_destination = (uint16_t)pkt_within(parser, it->place, "a port",
                                             destination->integer, UINT16_MAX);
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
                      const char *dot, const char *last)
{
  g_autofree char *all = g_strconcat(first, dot, last, NULL);

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

void pkt_packet_number(PktParser *parser, PktPlace place, const char *name,
                       int64_t value)
{
  PktPacket *it = parser->packet;
  bool is_length = g_str_equal(name, "length");
  bool is_wide = g_str_equal(name, "ack") || g_str_equal(name, "mtu");
  int64_t most = is_length ? PKT_UDP_MOST : is_wide ? UINT32_MAX : UINT16_MAX;
  uint32_t number = (uint32_t)pkt_within(
      parser, place, is_length ? "the length" : name, value, most);

  if (is_length) {
    it->length = number;
  } else if (g_str_equal(name, "ack")) {
    it->ack = number;
  } else if (g_str_equal(name, "win")) {
    it->has_window = true;
    it->window = (uint16_t)number;
  } else if (g_str_equal(name, "urg")) {
    it->urgent = (uint16_t)number;
  } else if (g_str_equal(name, "mtu")) {
    it->has_mtu = true;
    it->mtu = number;
  } else {
    it->echo_id = number;
  }
}

void pkt_packet_icmp(PktParser *parser, PktPlace place, const char *word)
{
  PktPacket *it = parser->packet;

  it->protocol = PKT_ICMP;
  if (!it->type)
    it->type = word;
  else if (!it->code)
    it->code = word;
  else
    pkt_note(parser, place, "a second code, \"%s\"", word);
}

void pkt_packet_finish(PktParser *parser, PktPacket *it)
{
  if (it->options_size % 4 != 0)
    pkt_note(parser, it->place,
             "the options are %u bytes, no multiple of four: pad them with nop "
             "or eol",
             it->options_size);
  if (it->outbound || it->protocol != PKT_TCP || it->cannot)
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
  else if (it->tos_kind == PKT_TOS_ECT01 || it->tos_kind == PKT_TOS_DSCP_ECT01)
    pkt_note(parser, it->place, "[ect01] is for packets that are sent (>)");
}
