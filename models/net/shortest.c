/* Shortest paths, by number of hops, ties by order of creation.
 *
 * The graph has two kinds of vertex: domains, and the routers that join them.
 * One breadth-first search a multi-homed host; a host with one NIC and one
 * router beside it needs only a default route.
 */
#include "topology.h"

/* Router NICs by domain: of[start[d]] ... of[start[d + 1] - 1]. */
typedef struct Routers {
  NetNic **of;
  unsigned *start;
} Routers;

/* How a domain is reached: NULL nic means not yet, NULL gateway directly. */
typedef struct Reach {
  NetNic *nic;
  const NetNic *gateway;
} Reach;

typedef struct Search {
  const Topology *t;
  const Routers *routers;
  Reach *reach;    /* by domain */
  unsigned *queue; /* domains in order of distance */
  unsigned first, last;
} Search;

static bool routes_through(const NetNic *nic)
{
  return nic->node->kind == NET_ROUTER && nic->domain > 0;
}

static void count_routers(const Net *net, Routers *routers)
{
  unsigned total = 0;

  for (NetNode *node = net->nodes; node; node = node->next)
    for (NetNic *nic = node->nics; nic; nic = nic->next)
      if (routes_through(nic))
        routers->start[nic->domain]++;
  for (unsigned d = 0; d <= net->domain_count + 1; d++) {
    unsigned count = routers->start[d];

    routers->start[d] = total;
    total += count;
  }
  routers->of = g_new(NetNic *, total + 1);
}

static Routers list_routers(const Net *net)
{
  Routers routers = { .start = g_new0(unsigned, net->domain_count + 2) };
  unsigned *filled;

  count_routers(net, &routers);
  filled = g_new0(unsigned, net->domain_count + 1);
  for (NetNode *node = net->nodes; node; node = node->next)
    for (NetNic *nic = node->nics; nic; nic = nic->next)
      if (routes_through(nic))
        routers.of[routers.start[nic->domain] + filled[nic->domain]++] = nic;
  g_free(filled);
  return routers;
}

static void reach(Search *s, unsigned domain, NetNic *nic,
                  const NetNic *gateway)
{
  if (domain == 0 || s->reach[domain].nic)
    return;
  s->reach[domain] = (Reach){ nic, gateway };
  s->queue[s->last++] = domain;
}

static void search_from(Search *s, NetHost *host)
{
  unsigned domains = s->t->net->domain_count;

  memset(s->reach, 0, (domains + 1) * sizeof *s->reach);
  s->first = s->last = 0;
  for (NetNic *nic = host->node.nics; nic; nic = nic->next)
    reach(s, nic->domain, nic, NULL);
  while (s->first < s->last) {
    unsigned domain = s->queue[s->first++];
    Reach way = s->reach[domain];

    for (unsigned i = s->routers->start[domain];
         i < s->routers->start[domain + 1]; i++) {
      NetNic *router = s->routers->of[i];

      for (NetNic *far = router->node->nics; far; far = far->next)
        reach(s, far->domain, way.nic, way.gateway ? way.gateway : router);
    }
  }
}

static void add_route(NetHost *host, NetAddress base, uint8_t prefix,
                      const NetNic *gateway, NetNic *nic)
{
  net_host_route_add(host, (NetRoute){ .destination = base,
                                       .gateway = net_nic_address(
                                           gateway, net_address_family(base)),
                                       .nic = nic,
                                       .prefix = prefix,
                                       .automatic = true });
}

/* True if the one router beside it says it all. */
static bool add_default(Search *s, NetHost *host)
{
  NetNic *nic = host->node.nics;
  const unsigned *start = s->routers->start;

  if (host->spec.forwarding || host->node.nic_count != 1 || nic->domain == 0)
    return false;
  if (start[nic->domain + 1] - start[nic->domain] != 1)
    return start[nic->domain + 1] == start[nic->domain];
  add_route(host, net_address_ipv4(0), 0, s->routers->of[start[nic->domain]],
            nic);
  add_route(host, NET_ADDRESS_ANY, 0, s->routers->of[start[nic->domain]], nic);
  return true;
}

static void add_routes(Search *s, NetHost *host)
{
  if (host->node.nic_count == 0 || add_default(s, host))
    return;
  search_from(s, host);
  for (unsigned i = 0; i < s->last; i++) {
    unsigned domain = s->queue[i];
    const NetSubnet *subnet = &s->t->subnets[domain];
    const Reach *way = &s->reach[domain];

    if (subnet->set && way->gateway)
      add_route(host, net_address_ipv4(subnet->base), subnet->prefix,
                way->gateway, way->nic);
    if (subnet->set6 && way->gateway)
      add_route(host, subnet->base6, subnet->prefix6, way->gateway, way->nic);
  }
}

static void forget_automatic(NetHost *host)
{
  unsigned kept = 0;

  for (unsigned i = 0; i < host->route_count; i++)
    if (!host->routes[i].automatic)
      host->routes[kept++] = host->routes[i];
  host->route_count = kept;
  g_free(host->cache);
  host->cache = NULL;
  net_host_changed(host);
}

void net_topology_routes(Topology *t)
{
  Routers routers = list_routers(t->net);
  Search search = { .t = t,
                    .routers = &routers,
                    .reach = g_new(Reach, t->net->domain_count + 1),
                    .queue = g_new(unsigned, t->net->domain_count + 1) };

  for (NetNode *node = t->net->nodes; node; node = node->next) {
    NetHost *host = net_host_of(node);

    if (!host)
      continue;
    forget_automatic(host);
    add_routes(&search, host);
  }
  g_free(search.reach);
  g_free(search.queue);
  g_free(routers.start);
  g_free(routers.of);
}
