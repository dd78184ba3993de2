/* The chain of IPv6 extension headers (RFC 8200 4): skipped, every length
 * checked, and what a destination must refuse noted.
 *
 *   IPv6 40 | next, length, ... | next, length, ... | TCP, UDP, ...
 */
#include "formats.h"

static void refuse(NetIpv6Chain *chain, uint8_t code, uint32_t pointer,
                   const char *why)
{
  if (chain->refused)
    return;
  chain->refused = why;
  chain->code = code;
  chain->pointer = pointer;
}

/* RFC 8200 4.2: the two highest bits of an option that nobody knows say what
 * to do about it: 0 skip it, 1 discard, 2 and 3 discard and report; 3 not if
 * the destination is a group. Options beyond padding are all unknown here. */
static void look_at_options(const uint8_t *at, uint32_t begin, uint32_t end,
                            NetIpv6Chain *chain)
{
  uint32_t i = begin + 2;

  while (i < end) {
    unsigned action = at[i] >> 6;

    if (at[i] == 0) {
      i++;
      continue;
    }
    if (i + 1 >= end || i + 2 + at[i + 1] > end) {
      refuse(chain, NET_ICMPV6_BAD_HEADER, i,
             "an IPv6 option is longer than its header");
      return;
    }
    if (action > 0 && !chain->refused) {
      refuse(chain, NET_ICMPV6_OPTION, i,
             "it has an IPv6 option that may not be skipped");
      chain->silent = action == 1 || (action == 3 && at[24] == 0xff);
    }
    i += 2u + at[i + 1];
  }
}

/* One extension header that ends at `end`. */
static void look_at(const uint8_t *at, uint8_t kind, uint32_t begin,
                    uint32_t end, NetIpv6Chain *chain)
{
  if (kind == NET_IPV6_HOP_BY_HOP && begin != NET_IPV6_SIZE)
    refuse(chain, NET_ICMPV6_NEXT_HEADER, chain->next_at,
           "hop-by-hop options do not come first");
  else if (kind == NET_IPV6_ROUTING && at[begin + 3] != 0)
    refuse(chain, NET_ICMPV6_BAD_HEADER, begin + 2,
           "it is to be routed on by a header that hosts do not know");
  else if (kind != NET_IPV6_ROUTING)
    look_at_options(at, begin, end, chain);
}

static bool is_extension(uint8_t kind)
{
  return kind == NET_IPV6_HOP_BY_HOP || kind == NET_IPV6_ROUTING ||
         kind == NET_IPV6_DESTINATION || kind == NET_IPV6_FRAGMENT;
}

const char *net_ipv6_walk(const uint8_t *at, uint32_t size, NetIpv6Chain *ret)
{
  *ret =
      (NetIpv6Chain){ .size = NET_IPV6_SIZE, .next_at = 6, .protocol = at[6] };
  while (is_extension(ret->protocol)) {
    uint32_t begin = ret->size, length;
    bool fragment = ret->protocol == NET_IPV6_FRAGMENT;

    if (begin + NET_IPV6_FRAGMENT_SIZE > size)
      return "an IPv6 extension header is longer than the frame";
    length = fragment ? NET_IPV6_FRAGMENT_SIZE : (at[begin + 1] + 1u) * 8;
    if (begin + length > size)
      return "an IPv6 extension header is longer than the frame";
    if (!fragment)
      look_at(at, ret->protocol, begin, begin + length, ret);
    else if (ret->fragment_at > 0)
      return "it has two IPv6 fragment headers";
    if (fragment) {
      ret->fragment_at = begin;
      ret->fragment_named_at = ret->next_at;
    }
    ret->next_at = begin;
    ret->protocol = at[begin];
    ret->size = begin + length;
    if (fragment && (net_get16(at + begin + 2) & 0xfff9))
      break;
  }
  return NULL;
}
