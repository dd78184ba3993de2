/* The network object, its nodes' common part, and the end of packets that do
 * not arrive. */
#include "net.h"

#include <glib.h>

#include "box.h"
#include "net_link.h"
#include "node.h"

static void net_free(void *object)
{
  Net *net = object;

  while (net->links) {
    NetLink *link = net->links;

    net->links = link->next;
    net_link_free(link);
  }
  while (net->nodes) {
    NetNode *node = net->nodes;

    net->nodes = node->next;
    node->free(node);
  }
  for (NetFamily family = 0; family < NET_FAMILIES; family++)
    g_free(net->by_address[family]);
  sim_pool_clear(&net->packets);
  g_free(net);
}

Net *net_new(Sim *sim)
{
  Net *net = g_new0(Net, 1);

  net->sim = sim;
  sim_pool_init(&net->packets, sizeof(NetPacket));
  net->nodes_end = &net->nodes;
  net->links_end = &net->links;
  sim_attach(sim, net, net_free);
  return net;
}

NetNode *net_find(const Net *net, const char *name)
{
  for (NetNode *node = net->nodes; node; node = node->next)
    if (strcmp(node->name, name) == 0)
      return node;
  return NULL;
}

static void drop(const NetTracePacket *record, const SimOwner *owner,
                 NetPacket *packet)
{
  Sim *sim = packet->net->sim;

  sim_note(sim, owner,
           net_packet_hash(packet) ^
               sim_hash_string(record->rule ? record->rule : "drop"));
  if (sim_tracing(sim, NET_TRACE_DROPPED))
    sim_trace_emit(sim, NET_TRACE_DROPPED, record);
  net_packet_free(packet);
}

void net_drop(NetPacket *packet, const NetNode *node, const NetNic *nic,
              const char *rule, const char *reason)
{
  const SimOwner nobody = { 0, 0 };
  NetTracePacket record = {
    .packet = packet, .node = node, .nic = nic, .reason = reason, .rule = rule
  };

  drop(&record, node ? &node->owner : &nobody, packet);
}

void net_wire_drop(NetWire *wire, NetPacket *packet, const char *rule,
                   const char *reason)
{
  NetTracePacket record = {
    .packet = packet, .reason = reason, .rule = rule, .wire = wire
  };

  drop(&record, &wire->owner, packet);
}

bool net_mark(NetPacket *packet, const NetTracePacket *where)
{
  Sim *sim = packet->net->sim;

  switch (net_ip_ecn(packet)) {
  case NET_NOT_ECT:
    return false;
  case NET_CE:
    return true;
  default:
    net_ip_set_ce(packet);
    packet->flags |= NET_PACKET_MARKED;
    if (sim_tracing(sim, NET_TRACE_MARKED))
      sim_trace_emit(sim, NET_TRACE_MARKED, where);
    return true;
  }
}

void net_node_init(NetNode *node, Net *net, NetNodeKind kind, const char *name)
{
  node->next = NULL;
  node->net = net;
  node->name = g_strdup(name);
  node->kind = kind;
  node->nics = NULL;
  node->nics_end = &node->nics;
  node->nic_count = 0;
  node->number = net->node_count++;
  node->boxes = NULL;
  sim_owner_init(&node->owner, net->sim, name);
  *net->nodes_end = node;
  net->nodes_end = &node->next;
}

void net_node_clear(NetNode *node)
{
  net_node_free_boxes(node);
  while (node->nics) {
    NetNic *nic = node->nics;

    node->nics = nic->next;
    net_nic_clear(nic);
    g_free(nic);
  }
  g_free(node->name);
}
