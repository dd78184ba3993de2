/* Addresses as text. Only dotted IPv4 is spoken so far; the key type has room
 * for IPv6. */
#include "address.h"

#include <stdio.h>

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

bool net_address_parse(const char *text, NetAddress *ret)
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
  if (*text != '\0')
    return false;
  *ret = net_address_ipv4(number);
  return true;
}

char *net_address_format(NetAddress address, char *ret_text)
{
  uint64_t a = address.low;
  char *at = ret_text;

  if (net_address_is_ipv4(address) || net_address_is_any(address)) {
    snprintf(ret_text, NET_ADDRESS_TEXT, "%u.%u.%u.%u",
             (unsigned)(a >> 24 & 255), (unsigned)(a >> 16 & 255),
             (unsigned)(a >> 8 & 255), (unsigned)(a & 255));
    return ret_text;
  }
  for (unsigned i = 0; i < 8; i++) {
    uint64_t half = i < 4 ? address.high : address.low;

    at += snprintf(at, 6, i == 0 ? "%x" : ":%x",
                   (unsigned)(half >> (48 - i % 4 * 16) & 0xffff));
  }
  return ret_text;
}
