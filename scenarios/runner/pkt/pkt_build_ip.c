/* What a packet says of IP, and of the headers around it.
 *
 * The type of service may be said whole, or in its two parts: the six bits of
 * the class (RFC 2474) and the two of congestion marks (RFC 3168). */
#include "pkt_parser.h"

#include "formats.h"

#define CLASS 0xfc
#define OUTER_MOST 52 /* bytes that are left of NET_HEAD_MAX */

static void set_tos(PktParser *parser, PktPlace place, PktTos kind, uint8_t tos)
{
  PktPacket *it = parser->packet;

  if (it->tos_kind == PKT_TOS_NONE) {
    it->tos_kind = kind;
    it->tos = tos;
  } else if (it->tos_kind == PKT_TOS_ECN && kind == PKT_TOS_DSCP) {
    it->tos_kind = PKT_TOS_WHOLE;
    it->tos |= tos;
  } else if (it->tos_kind == PKT_TOS_DSCP && kind == PKT_TOS_ECN) {
    it->tos_kind = PKT_TOS_WHOLE;
    it->tos |= tos;
  } else if ((it->tos_kind == PKT_TOS_ECT01 && kind == PKT_TOS_DSCP) ||
             (it->tos_kind == PKT_TOS_DSCP && kind == PKT_TOS_ECT01)) {
    it->tos_kind = PKT_TOS_DSCP_ECT01;
    it->tos = (uint8_t)(((it->tos | tos) & CLASS) | NET_ECT_0);
  } else {
    pkt_note(parser, place, "the type of service is said twice");
  }
}

static const struct {
  const char *word;
  PktTos kind;
  uint8_t tos;
} marks[] = {
  { "noecn", PKT_TOS_ECN, NET_NOT_ECT }, { "ect0", PKT_TOS_ECN, NET_ECT_0 },
  { "ect1", PKT_TOS_ECN, NET_ECT_1 },    { "ce", PKT_TOS_ECN, NET_CE },
  { "ect01", PKT_TOS_ECT01, NET_ECT_0 },
};

void pkt_packet_mark(PktParser *parser, PktPlace place, const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS(marks); i++)
    if (g_str_equal(marks[i].word, word)) {
      set_tos(parser, place, marks[i].kind, marks[i].tos);
      return;
    }
  pkt_note(parser, place,
           "found '%s'; expected ect0, ect1, ect01, ce, noecn, ttl N, hlim N, "
           "tos 0xNN, class 0xNN, dscp NAME or flowlabel 0xN",
           word);
}

void pkt_packet_ip(PktParser *parser, PktPlace place, const char *word,
                   int64_t value)
{
  bool is_dscp = g_str_equal(word, "dscp");

  if (g_str_equal(word, "ttl") || g_str_equal(word, "hlim"))
    parser->packet->ttl =
        (uint8_t)pkt_within(parser, place, word, value, UINT8_MAX);
  else if (is_dscp)
    set_tos(parser, place, PKT_TOS_DSCP,
            (uint8_t)(pkt_within(parser, place, word, value, 63) << 2));
  else if (g_str_equal(word, "tos") || g_str_equal(word, "class"))
    set_tos(parser, place, PKT_TOS_WHOLE,
            (uint8_t)pkt_within(parser, place, word, value, UINT8_MAX));
  else if (g_str_equal(word, "flowlabel"))
    pkt_within(parser, place, word, value, 0xfffff);
  else
    pkt_packet_mark(parser, place, word);
}

/* cs0 to cs7; af11 to af43: a class of 1 to 4, a precedence of 1 to 3 (RFC
 * 2597); -1 if it is none. */
static int class_value(const char *name)
{
  bool digits = name[0] && name[1] && g_ascii_isdigit(name[2]);
  int first = digits ? name[2] - '0' : 0;
  int second = digits && g_ascii_isdigit(name[3]) ? name[3] - '0' : 0;

  if (g_str_has_prefix(name, "cs") && first <= 7 && digits && !name[3])
    return 8 * first;
  if (g_str_has_prefix(name, "af") && first >= 1 && first <= 4 && second >= 1 &&
      second <= 3 && !name[4])
    return 8 * first + 2 * second;
  return g_str_equal(name, "ef")            ? 46
         : g_str_equal(name, "voice-admit") ? 44
         : g_str_equal(name, "le")          ? 1
                                            : -1;
}

void pkt_packet_class(PktParser *parser, PktPlace place, const char *word,
                      const char *value)
{
  int class = g_str_equal(word, "dscp") ? class_value(value) : -1;

  if (g_str_equal(word, "ecn"))
    pkt_packet_mark(parser, place, value);
  else if (class >= 0)
    set_tos(parser, place, PKT_TOS_DSCP, (uint8_t)(class << 2));
  else
    pkt_note(parser, place,
             "found '%s %s'; expected ecn ect0, or dscp with cs0 to cs7, af11 "
             "to af43, ef, voice-admit, le or a number",
             word, value);
}

static NetAddress read_address(PktParser *parser, PktPlace place,
                               const char *text, bool ipv4)
{
  NetAddress address = NET_ADDRESS_ANY;

  if (text && (!net_address_parse(text, &address) ||
               net_address_is_ipv4(address) != ipv4))
    pkt_note(parser, place, "%s is no address of %s", text,
             ipv4 ? "IPv4" : "IPv6");
  return address;
}

void pkt_packet_outer(PktParser *parser, PktPlace place, PktOuterKind kind,
                      const char *from, const char *to)
{
  PktPacket *it = parser->packet;
  PktOuter *outer = pkt_alloc(parser, sizeof *outer);
  PktOuter **tail = &it->outer;

  unsigned size = kind == PKT_OUTER_IPV6 ? NET_IPV6_SIZE : NET_IPV4_SIZE;

  for (; *tail; tail = &(*tail)->next)
    size += (*tail)->kind == PKT_OUTER_IPV6 ? NET_IPV6_SIZE : NET_IPV4_SIZE;
  *tail = outer;
  if (size > OUTER_MOST)
    pkt_packet_cannot(parser, "so much around a packet");
  outer->kind = kind;
  outer->source = read_address(parser, place, from, kind == PKT_OUTER_IPV4);
  outer->destination = read_address(parser, place, to, kind == PKT_OUTER_IPV4);
  outer->tos_kind = it->tos_kind;
  outer->tos = it->tos;
  outer->ttl = it->ttl;
  it->tos_kind = PKT_TOS_NONE;
  it->tos = it->ttl = 0;
  if (kind == PKT_OUTER_GRE || kind == PKT_OUTER_MPLS)
    pkt_packet_cannot(parser, kind == PKT_OUTER_GRE ? "GRE" : "MPLS");
}
