/* Forging ICMP and ICMPv6: kinds by name, and what an error quotes. */
#include "forge_icmp.h"

#include <string.h>

#include "host.h"

typedef struct Kind {
  const char *name;
  int type, code, type6, code6; /* -1: the family has no such thing */
} Kind;

static const Kind kinds[] = {
  { "net unreachable", 3, 0, 1, 0 },
  { "host unreachable", 3, 1, 1, 3 },
  { "protocol unreachable", 3, 2, 4, 1 },
  { "port unreachable", 3, 3, 1, 4 },
  { "fragmentation needed", 3, 4, 2, 0 },
  { "packet too big", 3, 4, 2, 0 },
  { "administratively prohibited", 3, 13, 1, 1 },
  { "source quench", 4, 0, -1, 0 },
  { "redirect", 5, 1, -1, 0 },
  { "echo", 8, 0, 128, 0 },
  { "echo reply", 0, 0, 129, 0 },
  { "time exceeded", 11, 0, 3, 0 },
  { "reassembly time exceeded", 11, 1, 3, 1 },
  { "parameter problem", 12, 0, 4, 0 },
};

static void read_kind(lua_State *L, int index, const char *what, void *ret)
{
  const char *names[G_N_ELEMENTS(kinds) + 1];
  ForgedIcmp *icmp = ret;
  const char *word;

  if (lua_type(L, index) != LUA_TSTRING)
    spec_error(L, "%s must be a kind such as \"port unreachable\", not %s",
               what, spec_kind(L, index));
  word = lua_tostring(L, index);
  for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
    names[i] = kinds[i].name;
    if (g_str_equal(word, kinds[i].name)) {
      icmp->kind = i;
      icmp->has_kind = true;
      return;
    }
  }
  names[G_N_ELEMENTS(kinds)] = NULL;
  spec_unknown(L, what, "kind", word, names);
}

#define INTEGER(word, field, highest, has)                         \
  {                                                                \
    .name = word, .kind = SPEC_INTEGER, .low = 0, .high = highest, \
    .offset = offsetof(ForgedIcmp, field),                         \
    .given = offsetof(ForgedIcmp, has) + 1                         \
  }

const SpecKey icmp_keys[] = {
  { .name = "kind", .kind = SPEC_CUSTOM, .read = read_kind },
  INTEGER("type", type, 255, has_type),
  INTEGER("code", code, 255, has_code),
  INTEGER("rest", rest, UINT32_MAX, has_rest),
  INTEGER("mtu", mtu, UINT32_MAX, has_mtu),
  { .name = NULL },
};

void forge_read_icmp(lua_State *L, int index, const char *what, void *ret)
{
  ForgedIcmp *icmp = ret;

  icmp->given = true;
  if (lua_type(L, index) == LUA_TSTRING)
    read_kind(L, index, what, icmp);
  else
    spec_read(L, index, "icmp", icmp_keys, icmp);
  if (!icmp->has_kind && !icmp->has_type)
    spec_error(L, "%s needs kind = \"port unreachable\" or type = number",
               what);
}

unsigned forge_icmp_header(lua_State *L, const ForgedIcmp *icmp, bool ipv6,
                           uint8_t *ret)
{
  const Kind *kind = &kinds[icmp->kind];
  uint32_t rest = (uint32_t)icmp->rest;

  memset(ret, 0, NET_ICMP_SIZE);
  if (icmp->has_kind && ipv6 && kind->type6 < 0)
    spec_error(L, "inject: ICMPv6 has no \"%s\"", kind->name);
  if (icmp->has_kind) {
    ret[0] = (uint8_t)(ipv6 ? kind->type6 : kind->type);
    ret[1] = (uint8_t)(ipv6 ? kind->code6 : kind->code);
  }
  if (icmp->has_type)
    ret[0] = (uint8_t)icmp->type;
  if (icmp->has_code)
    ret[1] = (uint8_t)icmp->code;
  if (icmp->has_mtu)
    rest |= ipv6 ? (uint32_t)icmp->mtu : (uint32_t)icmp->mtu & 0xffff;
  net_put32(ret + 4, rest);
  return NET_ICMP_SIZE;
}

bool forge_icmp_is_error(const uint8_t *header, bool ipv6)
{
  static const uint8_t errors[] = { 3, 4, 5, 11, 12 };

  return ipv6 ? header[0] < NET_ICMPV6_INFORMATIONAL
              : memchr(errors, header[0], sizeof errors) != NULL;
}

/* A segment of 1000 bytes as it stood on the wire, up to the end of its TCP
 * header. */
NetSlice forge_quote(const TcpPair *pair, uint32_t seq, uint32_t ack)
{
  bool ipv6 = !net_address_is_ipv4(pair->remote.address);
  uint8_t bytes[NET_IPV6_SIZE + TCP_HEADER_SIZE] = { 0 };
  uint8_t *tcp = bytes + (ipv6 ? NET_IPV6_SIZE : NET_IPV4_SIZE);
  uint32_t length = TCP_HEADER_SIZE + 1000;

  if (ipv6) {
    bytes[0] = 0x60;
    net_put16(bytes + 4, (uint16_t)length);
    bytes[6] = NET_PROTOCOL_TCP;
    bytes[7] = 64;
    net_address_ipv6_put(bytes + 8, pair->local.address);
    net_address_ipv6_put(bytes + 24, pair->remote.address);
  } else {
    bytes[0] = 0x45;
    net_put16(bytes + 2, (uint16_t)(NET_IPV4_SIZE + length));
    net_put16(bytes + 6, NET_IPV4_DONT_FRAGMENT);
    bytes[8] = 64;
    bytes[9] = NET_PROTOCOL_TCP;
    net_put32(bytes + 12, net_address_to_ipv4(pair->local.address));
    net_put32(bytes + 16, net_address_to_ipv4(pair->remote.address));
    net_put16(bytes + 10, net_sum_finish(net_sum(0, bytes, NET_IPV4_SIZE)));
  }
  net_put16(tcp, pair->local.port);
  net_put16(tcp + 2, pair->remote.port);
  net_put32(tcp + 4, seq);
  net_put32(tcp + 8, ack);
  tcp[12] = 5 << 4;
  tcp[13] = TCP_ACK;
  return net_slice_of(bytes, (uint32_t)(tcp - bytes) + TCP_HEADER_SIZE);
}
