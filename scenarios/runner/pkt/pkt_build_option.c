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

  if (at && at->kind == PKT_EXPR_WORD) {
    pkt_note(it->parser, at->place,
             "%s needs a number here; -D %s=N makes the word one", it->name,
             at->text);
    return 0;
  }
  if (!at || at->kind != PKT_EXPR_INTEGER || at->any) {
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
  PktPacket *packet = it->parser->packet;
  uint8_t data[8] = { 0 };

  take_word(it, "val");
  packet->ts_value_any = it->next && it->next->kind == PKT_EXPR_ANY;
  if (packet->ts_value_any)
    it->next = it->next->next;
  else
    net_put32(data, take_number(it, UINT32_MAX));
  take_word(it, "ecr");
  packet->ts_echo_absolute = it->next && it->next->any;
  if (packet->ts_echo_absolute && packet->outbound)
    pkt_note(it->parser, it->next->place, "ecr N! is for packets that arrive");
  if (packet->ts_value_any && !packet->outbound)
    pkt_note(it->parser, it->place, "val ... is for packets that are sent (>)");
  if (it->next && it->next->kind == PKT_EXPR_INTEGER) {
    net_put32(data + 4, (uint32_t)pkt_within(it->parser, it->next->place, "ecr",
                                             it->next->integer, UINT32_MAX));
    it->next = it->next->next;
  } else {
    take_number(it, UINT32_MAX);
  }
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

/* An option of `kind` that begins with the experiment's number, if it is not
 * 0 (RFC 6994), and whose rest is the blob. */
static void put_blob(Writer *it, uint8_t kind, uint16_t experiment)
{
  uint8_t data[TCP_OPTIONS_MAX - 2];
  gsize size = experiment ? 2 : 0;

  if (experiment)
    net_put16(data, experiment);
  size += take_hex(it, data + size, sizeof data - size);
  put(it, kind, data, size);
}

enum { EXPERIMENT = 254, FAST_OPEN = 0xf989, ACK_RATE = 0x00ac };

static void put_cookie(Writer *it)
{
  put_blob(it, 34, 0);
}

static void put_old_cookie(Writer *it)
{
  put_blob(it, EXPERIMENT, FAST_OPEN);
}

static void put_md5(Writer *it)
{
  if (it->next && it->next->kind == PKT_EXPR_WORD &&
      g_str_equal(it->next->text, "valid")) {
    it->next = it->next->next;
    pkt_packet_cannot(it->parser, "md5 valid");
  }
  put_blob(it, 19, 0);
}

/* gen-30 c0ffee: any kind; exp-f989 c0ffee: any experiment. */
static void put_general(Writer *it)
{
  int64_t number = g_ascii_strtoll(
      it->name + 4, NULL, g_str_has_prefix(it->name, "gen-") ? 10 : 16);

  if (g_str_has_prefix(it->name, "gen-"))
    put_blob(it,
             (uint8_t)pkt_within(it->parser, it->place, "the kind", number,
                                 UINT8_MAX),
             0);
  else
    put_blob(it, EXPERIMENT,
             (uint16_t)pkt_within(it->parser, it->place, "the experiment",
                                  number, UINT16_MAX));
}

static void put_ack_rate(Writer *it)
{
  bool has_rate = it->next != NULL;
  uint8_t data[3];

  net_put16(data, ACK_RATE);
  data[2] = has_rate ? (uint8_t)(take_number(it, 127) << 1) : 0;
  put(it, EXPERIMENT, data, has_rate ? 3 : 2);
}

/* AccECN's counters, three bytes each, in one of two orders: names of google's
 * and of the second dialect. */
static const char *const counters[2][2][3] = {
  { { "e0b", "ceb", "e1b" }, { "ee0b", "eceb", "ee1b" } },
  { { "e1b", "ceb", "e0b" }, { "ee1b", "eceb", "ee0b" } },
};

static gsize take_counters(Writer *it, bool other, uint8_t *ret)
{
  gsize size = 0;

  for (unsigned i = 0; i < 3 && it->next; i++) {
    bool second = it->next->kind == PKT_EXPR_WORD &&
                  g_str_has_prefix(it->next->text, "ee");
    uint32_t value;

    second |=
        it->next->kind == PKT_EXPR_WORD && g_str_equal(it->next->text, "eceb");
    take_word(it, counters[other][second][i]);
    value = take_number(it, 0xffffff);
    ret[size++] = (uint8_t)(value >> 16);
    net_put16(ret + size, (uint16_t)value);
    size += 2;
  }
  return size;
}

static void put_accecn(Writer *it)
{
  bool other = it->next && it->next->kind == PKT_EXPR_WORD &&
               g_str_equal(it->next->text, "e1b");
  uint8_t data[9];
  gsize size;

  if (!it->next)
    take_word(it, "e0b");
  size = take_counters(it, other, data);
  put(it, other ? 174 : 172, data, size);
}

/* AccECN0, AccECN1, exp-AccECN0, exp-AccECN1: the order by its number. */
static void put_ordered(Writer *it)
{
  bool other = g_str_has_suffix(it->name, "1");
  bool experiment = g_str_has_prefix(it->name, "exp-");
  uint8_t data[11];
  gsize size = take_counters(it, other, data + 2);

  net_put16(data, other ? 0xacc1 : 0xacc0);
  if (experiment)
    put(it, EXPERIMENT, data, size + 2);
  else
    put(it, other ? 174 : 172, data + 2, size);
}

static const struct {
  const char *name;
  void (*write)(Writer *it);
} table[] = {
  { "nop", put_nop },
  { "eol", put_eol },
  { "mss", put_mss },
  { "wscale", put_wscale },
  { "sackOK", put_sack_ok },
  { "sack", put_sack },
  { "TS", put_timestamps },
  { "FO", put_cookie },
  { "FOEXP", put_old_cookie },
  { "md5", put_md5 },
  { "EXP-FO", put_old_cookie },
  { "exp-FO", put_old_cookie },
  { "ECN", put_accecn },
  { "AccECN0", put_ordered },
  { "AccECN1", put_ordered },
  { "exp-AccECN0", put_ordered },
  { "exp-AccECN1", put_ordered },
  { "exp-tarr", put_ack_rate },
};

static void (*find(const char *name))(Writer *it)
{
  for (gsize i = 0; i < G_N_ELEMENTS(table); i++)
    if (g_str_equal(table[i].name, name))
      return table[i].write;
  return g_str_has_prefix(name, "gen-") || g_str_has_prefix(name, "exp-")
             ? put_general
             : NULL;
}

void pkt_packet_option(PktParser *parser, PktPlace place, const char *name,
                       const PktExpr *arguments)
{
  Writer it = { parser, place, name, arguments };
  void (*write)(Writer * it) = find(name);

  if (!write && !arguments && strlen(name) % 2 == 0 &&
      !name[strspn(name, "0123456789abcdefABCDEF")]) {
    pkt_packet_raw(parser, place, name);
  } else if (!write) {
    pkt_note(parser, place,
             "found '%s'; expected an option: mss N, nop, wscale N, sackOK, "
             "sack A:B, TS val N ecr N, eol, FO, FOEXP, md5, ECN, AccECN0, "
             "gen-KIND or exp-NUMBER",
             name);
  } else {
    write(&it);
    if (it.next)
      pkt_note(parser, it.next->place, "%s has too many arguments", name);
  }
}

void pkt_packet_raw(PktParser *parser, PktPlace place, const char *digits)
{
  PktPacket *packet = parser->packet;
  PktExpr blob = { .kind = PKT_EXPR_WORD, .place = place, .text = digits };
  Writer it = { parser, place, "options", &blob };
  unsigned from = packet->options_size;

  packet->options_size += (unsigned)take_hex(&it, packet->options + from,
                                             sizeof packet->options - from);
}
