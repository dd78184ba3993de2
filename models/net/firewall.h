/* A firewall: a table of rules that every packet is held against, in order.
 *
 * The first rule that fits and decides (accepts, drops, rejects) ends it; one
 * that only logs or counts does not. What no rule decides meets the policy.
 * Before the rules the packet's connection is looked up, so that a rule can
 * ask for its state.
 */
#pragma once

#include "box.h"
#include "conntrack.h"
#include "host.h"

typedef enum NetAction {
  NET_ACTION_ACCEPT,
  NET_ACTION_DROP,   /* without a word */
  NET_ACTION_RESET,  /* TCP: RST as the destination would; else REJECT, port */
  NET_ACTION_REJECT, /* ICMP unreachable */
  NET_ACTION_LOG,
  NET_ACTION_COUNT,
} NetAction;

typedef struct NetRule {
  const char *name;    /* lives as long as the net, as does: */
  const char *message; /* why, in one sentence (nullable) */
  /* Does the packet fit? NULL: any. */
  bool (*fits)(void *user, const NetPacket *packet, const NetIp *ip);
  void *user;
  unsigned states; /* NetTrackedAs bits; 0: any */
  unsigned points; /* of NetPoint: 1 << NET_POINT_IN, ... */
  NetAction action;
  uint8_t code;            /* REJECT: of IPv4's destination unreachable */
  uint64_t packets, bytes; /* that fitted, so far: bytes of datagrams */
} NetRule;

typedef struct NetFirewallSpec {
  NetRule *rules; /* (transfer full), g_malloc */
  unsigned rule_count;
  NetRule policy; /* name, action, code, points: where it applies */
  NetTrackSpec track;
  bool stateless; /* no tracking: no rule may ask for a state */
} NetFirewallSpec;

typedef struct NetFirewall NetFirewall;

/** net_firewall_new: (transfer none) stands in `node`, a host (its own
 * firewall), a router or a switch (transparent). A switch has no address: it
 * answers by RST, and drops where REJECT asks for ICMP. */
NetFirewall *net_firewall_new(NetNode *node, const NetFirewallSpec *spec);

/** net_firewall_rule: the one with this number from 0; at their count: the
 * policy; NULL beyond. */
const NetRule *net_firewall_rule(const NetFirewall *firewall, unsigned number);

/** net_firewall_tracker: NULL if it is stateless. */
NetTracker *net_firewall_tracker(const NetFirewall *firewall);

/** net_alert_forgotten: that `node` forgot `flow`, unless it was over. */
void net_alert_forgotten(const NetNode *node, const NetFlow *flow);
