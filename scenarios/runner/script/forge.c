/* Forging: the bytes of a datagram with every field free.
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
    spec_error(L, "%s must be a string, not %s", what, spec_kind(L, index));
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
    spec_error(L, "%s must be bytes in hex such as \"01 02 ff\", not %s", what,
               spec_kind(L, index));
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
    spec_error(L, "%s must be {value, echo}, not %s", what,
               spec_kind(L, index));
  options->has_timestamps = true;
  options->ts_value = list_number(L, index, 1, what);
  options->ts_echo = list_number(L, index, 2, what);
}

static uint8_t read_header_name(lua_State *L, const char *what)
{
  static const struct {
    const char *name;
    uint8_t protocol;
  } table[] = { { "hop-by-hop", NET_IPV6_HOP_BY_HOP },
                { "routing", NET_IPV6_ROUTING },
                { "fragment", NET_IPV6_FRAGMENT },
                { "destination", NET_IPV6_DESTINATION } };
  const char *names[G_N_ELEMENTS(table) + 1] = { NULL };

  if (lua_type(L, -1) != LUA_TSTRING)
    return (uint8_t)spec_integer(L, lua_gettop(L), what, 0, 255);
  for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
    names[i] = table[i].name;
    if (g_str_equal(lua_tostring(L, -1), names[i]))
      return table[i].protocol;
  }
  spec_unknown(L, what, "header", lua_tostring(L, -1), names);
  return 0;
}

static void read_extension(lua_State *L, const char *what, Extension *it)
{
  Bytes *bytes = g_new0(Bytes, 1);

  /* the script owns it, since reading may raise */
  script_own(script_of(L), bytes, g_free);
  if (!lua_istable(L, -1))
    spec_error(L, "%s is a list such as { { \"hop-by-hop\", \"hex\" } }", what);
  lua_rawgeti(L, -1, 1);
  it->protocol = read_header_name(L, what);
  lua_pop(L, 1);
  if (lua_rawgeti(L, -1, 2) != LUA_TNIL)
    forge_read_hex(L, lua_gettop(L), what, bytes);
  lua_pop(L, 1);
  if (bytes->size > EXTENSION_MOST)
    spec_error(L, "%s: a header has at most %d bytes", what, EXTENSION_MOST);
  it->size = bytes->size;
  memcpy(it->bytes, bytes->bytes, bytes->size);
}

void forge_read_extensions(lua_State *L, int index, const char *what, void *ret)
{
  Extensions *it = ret;

  if (!lua_istable(L, index))
    spec_error(L,
               "%s is a list such as { { \"hop-by-hop\", \"hex\" } }, not "
               "%s",
               what, spec_kind(L, index));
  for (lua_Integer i = 1; lua_rawgeti(L, index, i) != LUA_TNIL; i++) {
    if (it->count == EXTENSIONS_MOST)
      spec_error(L, "%s has over %d headers", what, EXTENSIONS_MOST);
    read_extension(L, what, &it->list[it->count++]);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
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

static NetSlice payload_of(const Forged *it)
{
  if (it->body.length > 0)
    return net_slice_ref(it->body, 0, it->body.length);
  return it->payload.given ? net_slice_of(it->payload.bytes, it->payload.size)
                           : net_slice_virtual((uint32_t)it->length);
}

static void put_udp(NetPacket *packet, const Forged *it)
{
  uint8_t *at = packet->head + packet->l4;

  packet->payload = payload_of(it);
  packet->head_length = (uint16_t)(packet->l4 + NET_UDP_SIZE);
  net_put16(at, it->pair.local.port);
  net_put16(at + 2, it->pair.remote.port);
  net_put16(at + 4, (uint16_t)(NET_UDP_SIZE + packet->payload.length));
  net_put16(at + 6, 0xffff);
}

static void put_icmp(NetPacket *packet, const Forged *it)
{
  memcpy(packet->head + packet->l4, it->icmp, NET_ICMP_SIZE);
  packet->head_length = (uint16_t)(packet->l4 + NET_ICMP_SIZE);
  packet->payload = payload_of(it);
}

static void put_tcp(NetPacket *packet, const Forged *it)
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
  packet->payload = payload_of(it);
}

static uint8_t *sum_field(NetPacket *packet, uint8_t protocol)
{
  uint32_t at = protocol == NET_PROTOCOL_TCP   ? 16
                : protocol == NET_PROTOCOL_UDP ? 6
                                               : 2;

  return packet->l4 && packet->l4 + at + 2 <= packet->head_length
             ? packet->head + packet->l4 + at
             : NULL;
}

/* A right checksum over whatever is there. */
static void put_sum(NetPacket *packet, const NetIp *ip)
{
  uint8_t *field = sum_field(packet, ip->protocol);

  if (!field)
    return;
  net_put16(field, 0);
  net_put16(field, net_transport_sum(packet, ip));
  if (ip->protocol == NET_PROTOCOL_UDP && net_get16(field) == 0)
    net_put16(field, 0xffff);
}

/* ... and one that is not. */
static void spoil_sum(NetPacket *packet, const Forged *it)
{
  uint8_t *field = sum_field(packet, it->protocol);

  if (!field)
    return;
  if (it->checksum.kind == SUM_GIVEN)
    net_put16(field, it->checksum.value);
  if (it->checksum.kind == SUM_BAD)
    net_put16(field, net_get16(field) ^ 0x5555);
}

static void put_length(NetPacket *packet, uint16_t length)
{
  if (net_packet_is_ipv6(packet)) {
    net_put16(packet->head + L3 + 4, length);
  } else {
    net_put16(packet->head + L3 + 2, length);
    net_ipv4_sum_put(packet);
  }
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

static NetPacket *datagram(Net *net, NetWire *wire, const Forged *it, NetIp *ip)
{
  NetPacket *packet = net_packet_new(net, &wire->owner);
  NetMac to = mac_of(net, wire, it->pair.remote.address);
  bool ipv4 = net_address_is_ipv4(ip->destination);

  packet->l3 = L3;
  packet->l4 = (uint16_t)(L3 + net_ip_size(ip->destination));
  net_ethernet_put(packet, &to, &wire->from->mac,
                   ipv4 ? NET_ETHERTYPE_IPV4 : NET_ETHERTYPE_IPV6);
  if (it->protocol == NET_PROTOCOL_TCP)
    put_tcp(packet, it);
  else if (it->protocol == NET_PROTOCOL_UDP)
    put_udp(packet, it);
  else
    put_icmp(packet, it);
  if (it->has_truncate)
    net_packet_cut(packet, packet->l4 + (uint32_t)it->truncate);
  ip->payload_length =
      it->raw.given ? it->raw.size : net_packet_length(packet) - packet->l4;
  put_sum(packet, ip);
  net_ip_put(packet, ip, 0);
  return packet;
}

void forge_check_set(lua_State *L, const Forged *segment, bool is_frame,
                     const char *layer)
{
  const char *foreign = field_set_foreign(&segment->set, layer);

  if (is_frame && segment->set.count > 0)
    spec_error(L, "inject: a frame goes as it is: write what set says into "
                  "its bytes");
  if (foreign && !segment->raw.given)
    spec_error(L,
               "inject: set[\"%s\"]: this is no packet of that kind; its own "
               "fields begin with \"%s\"",
               foreign, layer);
}

NetPacket *forge_packet(Net *net, NetWire *wire, const Forged *it)
{
  NetIp ip = { .source = it->pair.local.address,
               .destination = it->pair.remote.address,
               .protocol = it->protocol,
               .ttl = it->has_ttl ? (uint8_t)it->ttl : 64,
               .dont_fragment = true };
  NetPacket *packet = datagram(net, wire, it, &ip);

  if (it->raw.given)
    packet = reread(net, wire, packet, &it->raw);
  packet = forge_add_headers(packet, wire, &it->ip_options, &it->extensions);
  field_apply(packet, &it->set, true);
  spoil_sum(packet, it);
  if (it->has_ip_length)
    put_length(packet, (uint16_t)it->ip_length);
  net_packet_parse(packet);
  packet->flags |= NET_PACKET_INJECTED;
  return packet;
}
