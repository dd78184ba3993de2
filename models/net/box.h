/* Boxes: what stands in the way of packets inside a node: a firewall, a
 * translator, a proxy, an observer.
 *
 *   host, router:  NIC -> ARRIVING -> for us? -> (whole) -> IN -> protocol
 *                                \-> way, TTL, MTU -> FORWARD -> NIC
 *                  net_host_send -> OUT -> NIC
 *   switch:        NIC -> FORWARD -> the other port
 *
 * A node asks its boxes in the order in which they were added. Each either
 * lets the packet go on, perhaps changed, or takes it over. What a host sends
 * to itself meets none. On a router with boxes fragments are put together
 * before ARRIVING, so that every box sees whole datagrams (as Linux's
 * nf_defrag does); a switch shows fragments as they are. ARP and neighbour
 * discovery meet no box.
 */
#pragma once

#include "node.h"

typedef enum NetPoint {
  NET_POINT_ARRIVING, /* just came in; where it goes is not decided */
  NET_POINT_IN,       /* goes up to a protocol of this host */
  NET_POINT_FORWARD,  /* goes through, and will leave by `out` */
  NET_POINT_OUT,      /* a protocol of this host sent it */
} NetPoint;

/** NetCrossing: where a packet meets a box. */
typedef struct NetCrossing {
  NetPoint point;
  NetNode *node;
  NetNic *in;  /* by which it came; NULL: OUT */
  NetNic *out; /* by which it leaves; NULL: not known, or not at all */
} NetCrossing;

typedef struct NetBox NetBox;
struct NetBox {
  NetBox *next;
  /* True: it goes on, `ip` being what its header says now. False: the box took
     it over. `packet` has l3 and l4 set, and passed net_ip_get(). */
  bool (*inspect)(NetBox *self, const NetCrossing *at, NetPacket *packet,
                  NetIp *ip);
  void (*forget)(NetBox *self); /* the node has crashed; nullable */
  void (*free)(NetBox *self);   /* with the node; nullable */
};

/** net_node_add_box: `box` (transfer full) comes after those that are there. */
void net_node_add_box(NetNode *node, NetBox *box);

/** net_node_forget_boxes: what its boxes know of connections is gone. */
void net_node_forget_boxes(NetNode *node);

/** net_node_free_boxes: at the node's end. */
void net_node_free_boxes(NetNode *node);

/** net_boxes_pass: asks all boxes of at->node. False: one took it over. */
bool net_boxes_pass(const NetCrossing *at, NetPacket *packet, NetIp *ip);

/** NetTraceAlert: what a box has to say, for NET_TRACE_ALERT. */
typedef struct NetTraceAlert {
  const NetNode *node;
  const NetPacket *packet; /* (nullable): about which */
  const char *rule;        /* name of the rule, or NULL */
  const char *text;        /* one sentence; of the caller's */
  bool remark;             /* it stands for itself: no drop says the same */
} NetTraceAlert;

/** net_alert: tells the trace bus. */
void net_alert(const NetTraceAlert *alert);
