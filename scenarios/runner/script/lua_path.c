/* Who sees a connection: the nodes and links that its packets pass, by the
 * routes as they are now, in either direction. */
#include "lua_path.h"

#include "host.h"

#define MOST_HOPS 64

typedef struct Walk {
  const NetNode *node;
  const NetLink *link;
  bool found;
} Walk;

static void passes(Walk *walk, const NetNic *nic)
{
  walk->found |= nic->link == walk->link && walk->link;
  walk->found |= nic->node == walk->node && walk->node;
}

/* Through switches, whose links make no circles, from `nic` on: true if
 * `target` is there. */
static bool cross(Walk *walk, const NetNic *nic, const NetNic *target,
                  unsigned depth)
{
  const NetNic *peer = nic->peer;

  if (!peer || depth == 0)
    return false;
  if (peer == target) {
    passes(walk, nic);
    return true;
  }
  if (peer->node->kind != NET_SWITCH)
    return false;
  for (const NetNic *out = peer->node->nics; out; out = out->next)
    if (out != peer && cross(walk, out, target, depth - 1)) {
      passes(walk, nic);
      return true;
    }
  return false;
}

static void walk_to(Walk *walk, NetHost *host, NetAddress destination)
{
  for (unsigned i = 0; host && i < MOST_HOPS; i++) {
    NetNode *node = net_host_node(host);
    NetPath path = { 0 };
    const NetNic *next;

    walk->found |= walk->node == node;
    if (net_host_owns(host, destination) ||
        !net_host_path(host, destination, &path) || !path.nic)
      return;
    next = net_nic_at(node->net, path.next_hop);
    if (!next || !cross(walk, path.nic, next, MOST_HOPS))
      return;
    host = net_host_of(next->node);
  }
}

bool path_sees(Script *script, const TcpPair *pair, const NetNode *node,
               const NetLink *link)
{
  ScriptNode *a = world_owner(script, pair->local.address);
  ScriptNode *b = world_owner(script, pair->remote.address);
  Walk walk = { node, link, false };

  if (a && a->host)
    walk_to(&walk, a->host, pair->remote.address);
  if (b && b->host)
    walk_to(&walk, b->host, pair->local.address);
  return walk.found;
}
