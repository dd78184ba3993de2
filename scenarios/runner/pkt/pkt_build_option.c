/* TCP options as they are written, into bytes: in the order given and with
 * the padding given, since order and padding are compared. */
#include "pkt_parser.h"

#include <string.h>

#include "formats.h"

typedef struct Writer {
  PktParser *parser;
  PktPlace place;
  const char *name;
  const PktExpr *next; /* arguments not read yet */
} Writer;

static void put(Writer *it, uint8_t kind, const void *data, gsize size)
{
  PktPacket *packet = it->parser->packet;
  gsize whole = kind <= 1 ? 1 : size + 2;

  if (packet->options_size + whole > sizeof packet->options) {
    pkt_note(it->parser, it->place, "the options are over %d bytes",
             TCP_OPTIONS_MAX);
    return;
  }
  packet->options[packet->options_size] = kind;
  if (kind > 1) {
    packet->options[packet->options_size + 1] = (uint8_t)(size + 2);
    if (size > 0)
      memcpy(packet->options + packet->options_size + 2, data, size);
  }
  packet->options_size += (unsigned)whole;
}

static uint32_t take_number(Writer *it, int64_t most)
{
  const PktExpr *at = it->next;

  if (!at || at->kind != PKT_EXPR_INTEGER) {
    pkt_note(it->parser, at ? at->place : it->place, "%s needs a number here",
             it->name);
    return 0;
  }
  it->next = at->next;
  return (uint32_t)pkt_within(it->parser, at->place, it->name, at->integer,
                              most);
}

static void take_word(Writer *it, const char *word)
{
  const PktExpr *at = it->next;

  if (at && at->kind == PKT_EXPR_WORD && g_str_equal(at->text, word))
    it->next = at->next;
  else
    pkt_note(it->parser, at ? at->place : it->place, "%s needs %s here",
             it->name, word);
}

static void put_nop(Writer *it)
{
  put(it, 1, NULL, 0);
}

static void put_eol(Writer *it)
{
  put(it, 0, NULL, 0);
}

static void put_mss(Writer *it)
{
  uint8_t data[2];

  net_put16(data, (uint16_t)take_number(it, UINT16_MAX));
  put(it, 2, data, sizeof data);
}

static void put_wscale(Writer *it)
{
  uint8_t shift = (uint8_t)take_number(it, UINT8_MAX);

  put(it, 3, &shift, 1);
}

static void put_sack_ok(Writer *it)
{
  put(it, 4, NULL, 0);
}

static void put_sack(Writer *it)
{
  uint8_t data[TCP_OPTIONS_MAX];
  gsize size = 0;

  for (; it->next && it->next->kind == PKT_EXPR_LIST; it->next = it->next->next)
    for (const PktExpr *edge = it->next->items; edge; edge = edge->next) {
      uint32_t value = (uint32_t)pkt_within(it->parser, edge->place, "sack",
                                            edge->integer, UINT32_MAX);

      if (size + 4 > sizeof data) {
        pkt_note(it->parser, edge->place, "there is room for four blocks");
        return;
      }
      net_put32(data + size, value);
      size += 4;
    }
  if (size == 0)
    pkt_note(it->parser, it->place, "sack needs blocks: sack 1001:2001");
  put(it, 5, data, size);
}

static void put_timestamps(Writer *it)
{
  uint8_t data[8];

  take_word(it, "val");
  net_put32(data, take_number(it, UINT32_MAX));
  take_word(it, "ecr");
  net_put32(data + 4, take_number(it, UINT32_MAX));
  put(it, 8, data, sizeof data);
}

/* A blob of hex digits: a word, or a number that it looks like. */
static gsize take_hex(Writer *it, uint8_t *ret, gsize room)
{
  const PktExpr *at = it->next;
  gsize digits = at && at->text ? strlen(at->text) : 0;

  if (!digits)
    return 0;
  it->next = at->next;
  if (digits % 2 || digits / 2 > room ||
      strspn(at->text, "0123456789abcdefABCDEF") < digits) {
    pkt_note(it->parser, at->place,
             "found '%s'; expected an even number of hex digits, at most %u",
             at->text, (unsigned)room * 2);
    return 0;
  }
  for (gsize i = 0; i < digits / 2; i++)
    ret[i] = (uint8_t)(g_ascii_xdigit_value(at->text[2 * i]) << 4 |
                       g_ascii_xdigit_value(at->text[2 * i + 1]));
  return digits / 2;
}

static void put_cookie(Writer *it)
{
  uint8_t data[16];

  put(it, 34, data, take_hex(it, data, sizeof data));
}

static void put_old_cookie(Writer *it)
{
  uint8_t data[18] = { 0xf9, 0x89 }; /* RFC 6994, Fast Open's number */

  put(it, 254, data, 2 + take_hex(it, data + 2, sizeof data - 2));
}

static void put_md5(Writer *it)
{
  uint8_t data[16];

  put(it, 19, data, take_hex(it, data, sizeof data));
}

/* AccECN's counters, three bytes each, in one of two orders. */
static void put_accecn(Writer *it)
{
  static const char *const orders[2][3] = { { "e0b", "ceb", "e1b" },
                                            { "e1b", "ceb", "e0b" } };
  bool other = it->next && it->next->kind == PKT_EXPR_WORD &&
               g_str_equal(it->next->text, "e1b");
  uint8_t data[9];
  gsize size = 0;

  for (unsigned i = 0; i < 3 && (it->next || i == 0); i++) {
    uint32_t value;

    take_word(it, orders[other][i]);
    value = take_number(it, 0xffffff);
    data[size++] = (uint8_t)(value >> 16);
    net_put16(data + size, (uint16_t)value);
    size += 2;
  }
  put(it, other ? 174 : 172, data, size);
}

static const struct {
  const char *name;
  void (*write)(Writer *it);
} table[] = {
  { "nop", put_nop },          { "eol", put_eol },
  { "mss", put_mss },          { "wscale", put_wscale },
  { "sackOK", put_sack_ok },   { "sack", put_sack },
  { "TS", put_timestamps },    { "FO", put_cookie },
  { "FOEXP", put_old_cookie }, { "md5", put_md5 },
  { "ECN", put_accecn },
};

void pkt_packet_option(PktParser *parser, PktPlace place, const char *name,
                       const PktExpr *arguments)
{
  Writer it = { parser, place, name, arguments };

  for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
    if (!g_str_equal(table[i].name, name))
      continue;
    table[i].write(&it);
    if (it.next)
      pkt_note(parser, it.next->place, "%s has too many arguments", name);
    return;
  }
  pkt_note(parser, place,
           "found '%s'; expected an option: mss N, nop, wscale N, sackOK, "
           "sack A:B, TS val N ecr N, eol, FO, FOEXP, md5, ECN",
           name);
}
