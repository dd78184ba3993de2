/* Addresses as text and as bytes. */
#include "address.h"

#include <stdio.h>
#include <string.h>

/* One decimal number of 0 to 255 without leading zeros; NULL if `at` has
 * none. Leading zeros are refused because inet_aton() reads them as octal. */
static const char *parse_octet(const char *at, uint32_t *ret)
{
  uint32_t value = 0;
  unsigned digits = 0;

  for (; *at >= '0' && *at <= '9' && digits < 4; at++, digits++)
    value = value * 10 + (uint32_t)(*at - '0');
  if (digits == 0 || value > 255 || (digits > 1 && at[-(int)digits] == '0'))
    return NULL;
  *ret = value;
  return at;
}

static bool parse_ipv4(const char *text, uint32_t *ret)
{
  uint32_t number = 0;
  uint32_t octet;

  for (unsigned i = 0; i < 4; i++) {
    if (i > 0 && *text++ != '.')
      return false;
    text = parse_octet(text, &octet);
    if (!text)
      return false;
    number = number << 8 | octet;
  }
  *ret = number;
  return *text == '\0';
}

static int hex_digit(char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One to four hexadecimal digits; NULL if `at` has none. */
static const char *parse_group(const char *at, uint16_t *ret)
{
  uint16_t value = 0;
  unsigned digits = 0;

  for (; hex_digit(*at) >= 0 && digits < 5; at++, digits++)
    value = (uint16_t)(value << 4 | hex_digit(*at));
  if (digits == 0 || digits > 4)
    return NULL;
  *ret = value;
  return at;
}

/* The eight groups; `gap` is where "::" stood, -1 if nowhere. */
typedef struct Groups {
  uint16_t groups[8];
  int count;
  int gap;
} Groups;

/* The last 32 bits may be dotted. */
static bool parse_tail(const char *text, Groups *g)
{
  uint32_t number;

  if (g->count > 6 || !parse_ipv4(text, &number))
    return false;
  g->groups[g->count++] = (uint16_t)(number >> 16);
  g->groups[g->count++] = (uint16_t)number;
  return true;
}

static bool parse_groups(const char *at, Groups *g)
{
  if (at[0] == ':' && at[1] == ':') {
    g->gap = 0;
    at += 2;
  }
  while (*at) {
    const char *end;

    if (g->count == 8)
      return false;
    end = parse_group(at, &g->groups[g->count]);
    if (end && (*end == ':' || *end == '\0'))
      g->count++;
    else
      return parse_tail(at, g);
    if (*end == '\0')
      return true;
    at = end + 1;
    if (*at == ':' && g->gap < 0) {
      g->gap = g->count;
      at++;
    } else if (*at == '\0' || *at == ':') {
      return false;
    }
  }
  return g->gap >= 0;
}

static bool parse_ipv6(const char *text, NetAddress *ret)
{
  Groups g = { .gap = -1 };
  uint64_t halves[2] = { 0, 0 };
  int zeros;

  if (!parse_groups(text, &g))
    return false;
  zeros = 8 - g.count;
  if (g.gap < 0 ? zeros != 0 : zeros == 0)
    return false;
  for (int i = 0; i < g.count; i++) {
    int at = g.gap >= 0 && i >= g.gap ? i + zeros : i;

    halves[at / 4] |= (uint64_t)g.groups[i] << (48 - at % 4 * 16);
  }
  *ret = (NetAddress){ halves[0], halves[1] };
  return true;
}

bool net_address_parse(const char *text, NetAddress *ret)
{
  uint32_t number;

  if (strchr(text, ':'))
    return parse_ipv6(text, ret);
  if (!parse_ipv4(text, &number))
    return false;
  *ret = net_address_ipv4(number);
  return true;
}

static unsigned group_of(NetAddress address, int i)
{
  uint64_t half = i < 4 ? address.high : address.low;

  return (unsigned)(half >> (48 - i % 4 * 16) & 0xffff);
}

/* RFC 5952 4.2: "::" takes the longest run of zeros, the first of equal ones,
 * and never a single group. */
static void longest_zeros(NetAddress address, int *ret_at, int *ret_count)
{
  *ret_at = 8;
  *ret_count = 1;
  for (int i = 0, count = 0; i < 8; i++) {
    count = group_of(address, i) == 0 ? count + 1 : 0;
    if (count > *ret_count) {
      *ret_count = count;
      *ret_at = i + 1 - count;
    }
  }
}

static void format_ipv6(NetAddress address, char *at)
{
  int gap, zeros;

  longest_zeros(address, &gap, &zeros);
  for (int i = 0; i < 8; i++) {
    if (i == gap) {
      at += sprintf(at, "::");
      i += zeros - 1;
      continue;
    }
    at += sprintf(at, "%s%x", i == 0 || i == gap + zeros ? "" : ":",
                  group_of(address, i));
  }
}

char *net_address_format(NetAddress address, char *ret_text)
{
  uint64_t a = address.low;

  if (net_address_is_ipv4(address) || net_address_is_any(address))
    snprintf(ret_text, NET_ADDRESS_TEXT, "%u.%u.%u.%u",
             (unsigned)(a >> 24 & 255), (unsigned)(a >> 16 & 255),
             (unsigned)(a >> 8 & 255), (unsigned)(a & 255));
  else
    format_ipv6(address, ret_text);
  return ret_text;
}

char *net_end_format(NetAddress address, uint16_t port, char *ret_text)
{
  bool ipv4 = net_address_is_ipv4(address) || net_address_is_any(address);
  char text[NET_ADDRESS_TEXT];

  net_address_format(address, text);
  snprintf(ret_text, NET_END_TEXT, ipv4 ? "%s:%u" : "[%s]:%u", text,
           (unsigned)port);
  return ret_text;
}

NetAddress net_address_ipv6_get(const uint8_t *at)
{
  NetAddress address = NET_ADDRESS_ANY;

  for (unsigned i = 0; i < 8; i++) {
    address.high = address.high << 8 | at[i];
    address.low = address.low << 8 | at[8 + i];
  }
  return address;
}

void net_address_ipv6_put(uint8_t *at, NetAddress address)
{
  for (unsigned i = 0; i < 8; i++) {
    at[i] = (uint8_t)(address.high >> (56 - 8 * i));
    at[8 + i] = (uint8_t)(address.low >> (56 - 8 * i));
  }
}
