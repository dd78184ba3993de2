/* Ways: a host's addresses, routes and the cache in front of them.
 *
 * Invariant: routes stand in order of prefix length, longest first, then as
 * they were added. A cached way counts only while its generation is the
 * host's.
 */
#include "host_private.h"

#define CACHE_LEAST 16
#define CACHE_MOST 8192

NetAddress net_host_address_of(const NetHost *host, NetFamily family)
{
  for (const NetNic *nic = host->node.nics; nic; nic = nic->next)
    if (!net_address_is_any(net_nic_address(nic, family)))
      return net_nic_address(nic, family);
  return NET_ADDRESS_ANY;
}

NetAddress net_host_address(const NetHost *host)
{
  return net_host_address_of(host, host->node.net->family);
}

/* The NIC that answers for `address`; any NIC for 127.0.0.0/8 and ::1. */
static NetNic *own_nic(const NetHost *host, NetAddress address)
{
  if (net_address_is_any(address))
    return NULL;
  for (NetNic *nic = host->node.nics; nic; nic = nic->next)
    if (net_nic_owns(nic, address) || net_address_is_loopback(address))
      return nic;
  return NULL;
}

bool net_host_owns(const NetHost *host, NetAddress address)
{
  return own_nic(host, address) != NULL;
}

void net_host_set_transparent(NetHost *host, bool transparent)
{
  host->transparent = transparent;
}

bool net_host_speaks_for(const NetHost *host, NetAddress address)
{
  return host->transparent || net_host_owns(host, address);
}

bool net_host_is_broadcast(const NetNic *nic, NetAddress address)
{
  uint32_t hosts;

  if (net_address_to_ipv4(address) == UINT32_MAX)
    return true;
  if (nic->prefix == 0 || nic->prefix > 30)
    return false;
  hosts = UINT32_MAX >> nic->prefix;
  return net_address_to_ipv4(address) ==
         (net_address_to_ipv4(nic->address) | hosts);
}

bool net_host_joined(const NetHost *host, NetAddress address)
{
  if (address.high == UINT64_C(0xff02) << 48 &&
      (address.low == 1 || (address.low == 2 && host->spec.forwarding)))
    return true;
  for (const NetNic *nic = host->node.nics; nic; nic = nic->next)
    if (!net_address_is_any(nic->address6) &&
        net_address_equal(net_address_solicited(nic->address6), address))
      return true;
  return false;
}

static const NetNic *direct_nic(const NetHost *host, NetAddress destination)
{
  NetFamily family = net_address_family(destination);
  const NetNic *best = NULL;
  unsigned longest = 0;

  for (const NetNic *nic = host->node.nics; nic; nic = nic->next) {
    NetAddress address = net_nic_address(nic, family);
    unsigned prefix = net_nic_prefix(nic, family);

    if (!net_address_is_any(address) &&
        net_address_matches(destination, address, prefix) &&
        (!best || prefix > longest)) {
      best = nic;
      longest = prefix;
    }
  }
  return best;
}

#define MTU_MOST 65535 /* of what an IP datagram can be */

/* The longest prefix wins, a NIC's own subnet before a route. */
static void look_up(const NetHost *host, NetAddress destination, NetPath *path)
{
  NetFamily family = net_address_family(destination);
  const NetNic *direct = direct_nic(host, destination);

  for (unsigned i = 0; i < host->route_count; i++) {
    const NetRoute *route = &host->routes[i];

    if (direct && route->prefix <= net_nic_prefix(direct, family))
      break;
    if (net_address_family(route->destination) != family ||
        !net_address_matches(destination, route->destination, route->prefix))
      continue;
    path->nic = route->nic;
    path->next_hop =
        net_address_is_any(route->gateway) ? destination : route->gateway;
    return;
  }
  path->nic = (NetNic *)direct;
  path->next_hop = destination;
}

static bool is_group6(NetAddress address)
{
  return !net_address_is_ipv4(address) && net_address_is_multicast(address);
}

/* Neither needs a route: it goes out by the first NIC. */
static bool goes_to_all(NetAddress address)
{
  return is_group6(address) ||
         net_address_equal(address, net_address_ipv4(UINT32_MAX));
}

static void find_way(NetHost *host, NetAddress destination, NetPath *path)
{
  NetNic *own = own_nic(host, destination);

  *path = (NetPath){ .generation = host->generation };
  if (own) {
    path->nic = own;
    path->local = path->resolved = true;
    path->source = destination;
    path->mtu = MTU_MOST;
    return;
  }
  look_up(host, destination, path);
  if (!path->nic && goes_to_all(destination))
    path->nic = host->node.nics;
  if (path->nic)
    path->source = net_nic_address(path->nic, net_address_family(destination));
  if (net_address_is_any(path->source))
    path->nic = NULL; /* no address, no way */
  if (!path->nic)
    return;
  path->mtu = (uint16_t)MIN(
      net_path_mtu(host, destination, path->nic->mtu, &path->fragments),
      MTU_MOST);
  if (net_address_is_ipv4(destination) &&
      net_host_is_broadcast(path->nic, destination)) {
    path->broadcast = path->resolved = true;
    path->mac = NET_MAC_BROADCAST;
  } else if (is_group6(destination)) {
    path->resolved = true;
    path->mac = net_mac_of_group(destination);
  } else {
    net_neighbour_resolve(host, path);
  }
}

/* Room for every destination that a router is likely to see at a time. */
static void make_cache(NetHost *host)
{
  unsigned room = CACHE_LEAST;
  unsigned wanted = 4 * (host->route_count + host->node.nic_count);

  while (room < wanted && room < CACHE_MOST)
    room *= 2;
  host->cache = g_new0(NetCachedPath, room);
  host->cache_mask = room - 1;
}

NetPath *net_host_way(NetHost *host, NetAddress destination)
{
  uint64_t hash =
      (destination.low + destination.high) * UINT64_C(0x9e3779b97f4a7c15);
  NetCachedPath *slot;

  if (host->mtus)
    net_path_mtu_age(host);
  if (!host->cache)
    make_cache(host);
  slot = &host->cache[(hash >> 40) & host->cache_mask];
  if (slot->path.generation != host->generation ||
      !net_address_equal(slot->destination, destination)) {
    slot->destination = destination;
    find_way(host, destination, &slot->path);
  }
  return &slot->path;
}

bool net_host_path(NetHost *host, NetAddress destination, NetPath *path)
{
  if (host->down) {
    *path = (NetPath){ .nic = NULL };
    return false;
  }
  if (host->mtus)
    net_path_mtu_age(host);
  if (path->generation != host->generation)
    *path = *net_host_way(host, destination);
  return path->nic != NULL;
}

void net_host_set_address(NetHost *host, NetNic *nic, NetAddress address,
                          uint8_t prefix)
{
  if (net_address_is_ipv4(address)) {
    nic->address = address;
    nic->prefix = prefix;
  } else {
    nic->address6 = address;
    nic->prefix6 = prefix;
  }
  net_host_changed(host);
}

void net_host_route_add(NetHost *host, NetRoute route)
{
  unsigned at = host->route_count;

  if (host->route_count == host->route_room) {
    host->route_room = host->route_room ? 2 * host->route_room : 4;
    host->routes = g_renew(NetRoute, host->routes, host->route_room);
  }
  for (; at > 0 && host->routes[at - 1].prefix < route.prefix; at--)
    host->routes[at] = host->routes[at - 1];
  host->routes[at] = route;
  host->route_count++;
  net_host_changed(host);
}

bool net_host_add_route(NetHost *host, NetAddress destination, uint8_t prefix,
                        NetAddress gateway, NetNic *nic)
{
  if (!nic && !net_address_is_any(gateway))
    nic = (NetNic *)direct_nic(host, gateway);
  if (!nic)
    return false;
  net_host_route_add(host, (NetRoute){ .destination = destination,
                                       .gateway = gateway,
                                       .nic = nic,
                                       .prefix = prefix });
  return true;
}
