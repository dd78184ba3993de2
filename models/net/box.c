/* The chain of boxes of a node. */
#include "box.h"

#include "net.h"

void net_node_add_box(NetNode *node, NetBox *box)
{
  NetBox **end = &node->boxes;

  while (*end)
    end = &(*end)->next;
  box->next = NULL;
  *end = box;
}

void net_node_forget_boxes(NetNode *node)
{
  for (NetBox *box = node->boxes; box; box = box->next)
    if (box->forget)
      box->forget(box);
}

void net_node_free_boxes(NetNode *node)
{
  while (node->boxes) {
    NetBox *box = node->boxes;

    node->boxes = box->next;
    if (box->free)
      box->free(box);
  }
}

/* RFC 4861's five messages are to IPv6 what ARP is to IPv4. */
static bool is_discovery(const NetPacket *packet, const NetIp *ip)
{
  uint8_t type;

  if (ip->protocol != NET_PROTOCOL_ICMPV6 ||
      packet->head_length < packet->l4 + 1)
    return false;
  type = packet->head[packet->l4];
  return type >= 133 && type <= 137;
}

bool net_boxes_pass(const NetCrossing *at, NetPacket *packet, NetIp *ip)
{
  NetBox *box = at->node->boxes;

  if (!box || is_discovery(packet, ip))
    return true;
  while (box && box->inspect(box, at, packet, ip))
    box = box->next;
  return !box;
}

void net_alert(const NetTraceAlert *alert)
{
  Sim *sim = alert->node->net->sim;

  sim_note(sim, &alert->node->owner, sim_hash_string(alert->text));
  if (sim_tracing(sim, NET_TRACE_ALERT))
    sim_trace_emit(sim, NET_TRACE_ALERT, alert);
}
