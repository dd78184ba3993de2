/* Forging: a TCP segment's bytes with every field free.
 *
 * Right fields are written first; what the scenario wants wrong is then
 * written over them, lengths before checksums, so that only what was asked
 * for is wrong.
 */
#include "forge.h"

#include <string.h>

#include "damage.h"
#include "host.h"

#define L3 NET_ETHERNET_SIZE
#define L4_MOST (NET_ETHERNET_SIZE + NET_IPV6_SIZE)
#define IP_LENGTH_MOST 65535

/* -- reading -- */

void forge_read_number(lua_State *L, int index, const char *what, void *ret)
{
  Number *number = ret;

  number->given = true;
  if (lua_type(L, index) == LUA_TSTRING)
    number->word = lua_tostring(L, index);
  else
    number->value =
        spec_integer(L, index, what, -(INT64_C(1) << 32), UINT32_MAX);
}

static void set_bytes(lua_State *L, Bytes *ret, const char *what, size_t size)
{
  if (size > FORGE_BYTES_MAX)
    spec_error(L, "%s has over %d bytes", what, FORGE_BYTES_MAX);
  ret->given = true;
  ret->size = (unsigned)size;
}

void forge_read_bytes(lua_State *L, int index, const char *what, void *ret)
{
  Bytes *bytes = ret;
  size_t size;
  const char *text;

  if (lua_type(L, index) != LUA_TSTRING)
    spec_error(L, "%s must be a string, not a %s", what,
               luaL_typename(L, index));
  text = lua_tolstring(L, index, &size);
  set_bytes(L, bytes, what, size);
  memcpy(bytes->bytes, text, size);
}

void forge_read_hex(lua_State *L, int index, const char *what, void *ret)
{
  Bytes *bytes = ret;
  const char *text;
  size_t digits = 0;

  if (lua_type(L, index) != LUA_TSTRING)
    spec_error(L, "%s must be bytes in hex such as \"01 02 ff\", not a %s",
               what, luaL_typename(L, index));
  set_bytes(L, bytes, what, 0);
  for (text = lua_tostring(L, index); *text; text++) {
    if (*text == ' ')
      continue;
    if (!g_ascii_isxdigit(*text))
      spec_error(L, "%s: \"%.10s\" is not hex", what, text);
    if (digits / 2 >= FORGE_BYTES_MAX)
      spec_error(L, "%s has over %d bytes", what, FORGE_BYTES_MAX);
    bytes->bytes[digits / 2] =
        (uint8_t)((digits % 2 ? bytes->bytes[digits / 2] << 4 : 0) |
                  g_ascii_xdigit_value(*text));
    digits++;
  }
  if (digits % 2)
    spec_error(L, "%s has an odd number of hex digits", what);
  bytes->size = (unsigned)(digits / 2);
}

void forge_read_checksum(lua_State *L, int index, const char *what, void *ret)
{
  Checksum *sum = ret;

  if (lua_type(L, index) == LUA_TSTRING &&
      g_str_equal(lua_tostring(L, index), "bad")) {
    sum->kind = SUM_BAD;
    return;
  }
  if (lua_type(L, index) != LUA_TNUMBER)
    spec_error(L, "%s must be \"bad\" or a number", what);
  sum->kind = SUM_GIVEN;
  sum->value = (uint16_t)spec_integer(L, index, what, 0, 65535);
}

static int64_t list_number(lua_State *L, int index, int position,
                           const char *what)
{
  int64_t value;

  lua_rawgeti(L, index, position);
  value = spec_integer(L, -1, what, 0, UINT32_MAX);
  lua_pop(L, 1);
  return value;
}

void forge_read_timestamps(lua_State *L, int index, const char *what, void *ret)
{
  Options *options = ret;

  if (!lua_istable(L, index))
    spec_error(L, "%s must be {value, echo}, not a %s", what,
               luaL_typename(L, index));
  options->has_timestamps = true;
  options->ts_value = list_number(L, index, 1, what);
  options->ts_echo = list_number(L, index, 2, what);
}

/* -- numbers -- */

static bool variable(const char *name, size_t size, const TcpStatus *status,
                     uint32_t *ret)
{
  const struct {
    const char *name;
    uint32_t value;
  } table[] = {
    { "rcv.nxt", status->rcv.nxt }, { "rcv.wnd", status->rcv.wnd },
    { "rcv.up", status->rcv.up },   { "irs", status->rcv.irs },
    { "snd.una", status->snd.una }, { "snd.nxt", status->snd.nxt },
    { "snd.wnd", status->snd.wnd }, { "iss", status->snd.iss },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS(table); i++)
    if (strlen(table[i].name) == size &&
        strncmp(table[i].name, name, size) == 0) {
      *ret = table[i].value;
      return true;
    }
  return false;
}

static int wrong_variable(lua_State *L, const char *text, size_t size)
{
  static const char *const names[] = { "rcv.nxt", "rcv.wnd", "rcv.up",
                                       "irs",     "snd.una", "snd.nxt",
                                       "snd.wnd", "iss",     NULL };
  char word[24];

  g_strlcpy(word, text, MIN(size + 1, sizeof word));
  return spec_unknown(L, "a connection", "variable", word, names);
}

/* terms joined by + and -: "rcv.nxt+rcv.wnd-1" */
static uint32_t evaluate(lua_State *L, const char *text,
                         const TcpStatus *status)
{
  uint32_t sum = 0, value = 0;
  bool minus = false;

  for (;;) {
    size_t size;

    text += strspn(text, " ");
    size = strcspn(text, "+- ");
    if (g_ascii_isdigit(*text))
      value = (uint32_t)g_ascii_strtoull(text, NULL, 0);
    else if (!variable(text, size, status, &value))
      wrong_variable(L, text, size);
    sum += minus ? 0 - value : value;
    text += size;
    text += strspn(text, " ");
    if (!*text)
      return sum;
    if (*text != '+' && *text != '-')
      spec_error(L, "inject: \"%.20s\" is not + or -", text);
    minus = *text++ == '-';
  }
}

uint32_t forge_number(lua_State *L, const Number *number,
                      const TcpStatus *status, uint32_t base)
{
  if (!number->given)
    return 0;
  return number->word ? evaluate(L, number->word, status)
                      : base + (uint32_t)number->value;
}

/* -- building -- */

void forge_options(lua_State *L, Forged *segment, const Options *options)
{
  Bytes *ret = &segment->options;
  bool any = options->has_mss || options->has_wscale ||
             options->has_timestamps || options->sack_permitted;
  TcpOptions it = { .mss = (uint16_t)options->mss,
                    .scale = (uint8_t)options->wscale,
                    .has_scale = options->has_wscale,
                    .has_timestamps = options->has_timestamps,
                    .sack_permitted = options->sack_permitted,
                    .ts_value = (uint32_t)options->ts_value,
                    .ts_echo = (uint32_t)options->ts_echo };

  if (any && ret->given)
    spec_error(L, "inject: options come as a list in tcp or as hex, or by "
                  "mss, wscale, ...: not both");
  if (any) {
    ret->given = true;
    ret->size = tcp_options_put(ret->bytes, &it, true);
  }
  while (ret->size % 4)
    ret->bytes[ret->size++] = 0;
  if (ret->size > TCP_OPTIONS_MAX)
    spec_error(L, "inject: options have at most %d bytes", TCP_OPTIONS_MAX);
}

static NetMac mac_of(const Net *net, const NetWire *wire, NetAddress to)
{
  NetMac broadcast = { { 255, 255, 255, 255, 255, 255 } };

  if (wire->to->node->kind != NET_SWITCH)
    return wire->to->mac;
  for (const NetNode *node = net->nodes; node; node = node->next)
    for (const NetNic *nic = node->nics; nic; nic = nic->next)
      if (net_nic_owns(nic, to))
        return nic->mac;
  return broadcast;
}

static void put_header(NetPacket *packet, const Forged *it)
{
  uint8_t *at = packet->head + packet->l4;
  unsigned size = TCP_HEADER_SIZE + it->options.size;

  memset(at, 0, TCP_HEADER_SIZE);
  net_put16(at, it->pair.local.port);
  net_put16(at + 2, it->pair.remote.port);
  net_put32(at + 4, it->seq);
  net_put32(at + 8, it->ack);
  at[12] =
      (uint8_t)((it->has_data_offset ? (unsigned)it->data_offset : size / 4)
                << 4);
  at[13] = (uint8_t)it->flags;
  net_put16(at + 14, (uint16_t)it->window);
  net_put16(at + 18, (uint16_t)it->urgent);
  memcpy(at + TCP_HEADER_SIZE, it->options.bytes, it->options.size);
  packet->head_length = (uint16_t)(packet->l4 + size);
  packet->payload = it->payload.given
                        ? net_slice_of(it->payload.bytes, it->payload.size)
                        : net_slice_virtual((uint32_t)it->length);
}

static void put_sum(NetPacket *packet, const Forged *it, const NetIp *ip)
{
  uint8_t *field = packet->head + packet->l4 + 16;

  if (packet->head_length < packet->l4 + 18)
    return;
  net_put16(field, 0);
  net_put16(field, it->checksum.kind == SUM_GIVEN
                       ? it->checksum.value
                       : net_transport_sum(packet, ip));
  if (it->checksum.kind == SUM_BAD)
    net_put16(field, net_get16(field) ^ 0x5555);
}

/* A frame whose headers end elsewhere than in ours: read again from bytes. */
static NetPacket *reread(Net *net, NetWire *wire, NetPacket *packet,
                         const Bytes *raw)
{
  uint8_t frame[L4_MOST + FORGE_BYTES_MAX];
  uint32_t l4 = packet->l4;
  NetPacket *made;

  memcpy(frame, packet->head, l4);
  memcpy(frame + l4, raw->bytes, raw->size);
  made = net_packet_from_frame(net, &wire->owner, frame, l4 + raw->size);
  net_packet_free(packet);
  return made;
}

NetPacket *forge_packet(Net *net, NetWire *wire, const Forged *it)
{
  NetPacket *packet = net_packet_new(net, &wire->owner);
  NetMac to = mac_of(net, wire, it->pair.remote.address);
  NetIp ip = { .source = it->pair.local.address,
               .destination = it->pair.remote.address,
               .protocol = NET_PROTOCOL_TCP,
               .ttl = it->has_ttl ? (uint8_t)it->ttl : 64,
               .dont_fragment = true };
  bool ipv4 = net_address_is_ipv4(ip.destination);

  packet->l3 = L3;
  packet->l4 = (uint16_t)(L3 + net_ip_size(ip.destination));
  memcpy(packet->head, to.bytes, 6);
  memcpy(packet->head + 6, wire->from->mac.bytes, 6);
  net_put16(packet->head + 12, ipv4 ? NET_ETHERTYPE_IPV4 : NET_ETHERTYPE_IPV6);
  put_header(packet, it);
  if (it->has_truncate)
    net_packet_cut(packet, packet->l4 + (uint32_t)it->truncate);
  ip.payload_length =
      it->raw.given ? it->raw.size : net_packet_length(packet) - packet->l4;
  put_sum(packet, it, &ip);
  net_ip_put(packet, &ip, 0);
  if (it->has_ip_length && !ipv4) {
    net_put16(packet->head + L3 + 4, (uint16_t)it->ip_length);
  } else if (it->has_ip_length) {
    net_put16(packet->head + L3 + 2, (uint16_t)it->ip_length);
    net_ipv4_sum_put(packet);
  }
  if (it->raw.given)
    packet = reread(net, wire, packet, &it->raw);
  packet->flags |= NET_PACKET_INJECTED;
  return packet;
}
