/* Path MTU discovery (RFC 1191, RFC 8201): what ICMP said about destinations,
 * kept for ten minutes.
 *
 * Invariant: entries stand in the order in which they were learnt, so that the
 * first is the first to be forgotten. Changing one makes all ways stale.
 */
#include "host_private.h"

#define AGE (600 * SIM_SECOND) /* RFC 1191 6.3, RFC 8201 5.3 */
#define LEAST_IPV4 576
#define MOST_ENTRIES 1024

typedef struct NetPathMtu {
  struct NetPathMtu *next;
  NetAddress destination;
  SimTime learnt;
  uint32_t mtu;
  bool fragments; /* LEAST_IPV4, but the path takes less */
} NetPathMtu;

/* RFC 1191 7.1 */
static const uint16_t plateaus[] = { 32000, 17914, 8166, 4352, 2002,
                                     1492,  1006,  508,  296,  68 };

static uint32_t plateau_below(uint32_t length)
{
  for (unsigned i = 0; i < G_N_ELEMENTS(plateaus); i++)
    if (plateaus[i] < length)
      return plateaus[i];
  return 68;
}

static NetPathMtu **find(NetHost *host, NetAddress destination)
{
  NetPathMtu **at = &host->mtus;

  while (*at && !net_address_equal((*at)->destination, destination))
    at = &(*at)->next;
  return at;
}

static void forget(NetHost *host, NetPathMtu **at)
{
  NetPathMtu *entry = *at;

  *at = entry->next;
  g_free(entry);
  net_host_changed(host);
}

void net_path_mtu_age(NetHost *host)
{
  while (host->mtus && host->node.net->sim->now - host->mtus->learnt >= AGE)
    forget(host, &host->mtus);
}

bool net_host_forget_mtu(NetHost *host, NetAddress destination)
{
  NetPathMtu **at = find(host, destination);

  if (!*at)
    return false;
  forget(host, at);
  return true;
}

void net_host_forget_mtus(NetHost *host)
{
  while (host->mtus)
    forget(host, &host->mtus);
}

uint32_t net_path_mtu(NetHost *host, NetAddress destination, uint32_t link_mtu,
                      bool *ret_fragments)
{
  const NetPathMtu *entry = host->mtus ? *find(host, destination) : NULL;

  if (!entry || entry->mtu > link_mtu)
    return link_mtu;
  *ret_fragments = entry->fragments;
  return entry->mtu;
}

/* The oldest makes room: a flood of forged errors costs no more than this. */
static void learn(NetHost *host, NetPathMtu entry)
{
  NetPathMtu **at = find(host, entry.destination);
  unsigned count = 0;

  if (*at)
    forget(host, at);
  for (at = &host->mtus; *at; at = &(*at)->next)
    count++;
  if (count == MOST_ENTRIES)
    forget(host, &host->mtus);
  for (at = &host->mtus; *at; at = &(*at)->next)
    ;
  *at = g_new(NetPathMtu, 1);
  **at = entry;
  net_host_changed(host);
}

bool net_host_too_big(NetHost *host, NetAddress destination, uint32_t mtu,
                      uint32_t length)
{
  bool ipv4 = net_address_is_ipv4(destination);
  NetPath path = { 0 };
  NetPathMtu entry = { .destination = destination,
                       .learnt = host->node.net->sim->now };

  if (ipv4 && mtu == 0)
    mtu = plateau_below(length);
  if (!net_host_path(host, destination, &path) || path.local ||
      mtu >= net_host_mtu(&path) || (!ipv4 && mtu < NET_IPV6_LEAST_MTU))
    return false;
  entry.mtu = mtu;
  if (ipv4 && mtu < LEAST_IPV4) {
    entry.mtu = MIN(LEAST_IPV4, path.nic->mtu);
    entry.fragments = true;
    if (entry.mtu == path.mtu && path.fragments)
      return false;
  }
  learn(host, entry);
  return true;
}
