/* Rules, verdicts, answers.
 *
 * What it says of a packet that it does not let through is the reason of the
 * packet's loss, and an alert with the same sentence.
 */
#include "firewall.h"

#include <glib.h>
#include <stdio.h>

#include "units.h"

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

struct NetFirewall {
  NetBox box;
  NetNode *node;
  NetFirewallSpec spec;
  NetTracker *tracker;
  GStringChunk *sentences; /* reasons outlive the call */
  bool answering;          /* what goes out now is its own answer */
};

static NetFirewall *firewall_of(NetBox *box)
{
  return SIM_CONTAINER(box, NetFirewall, box);
}

const NetRule *net_firewall_rule(const NetFirewall *firewall, unsigned number)
{
  if (number < firewall->spec.rule_count)
    return &firewall->spec.rules[number];
  return number == firewall->spec.rule_count ? &firewall->spec.policy : NULL;
}

NetTracker *net_firewall_tracker(const NetFirewall *firewall)
{
  return firewall->tracker;
}

/* -- answers -- */

/* A RST as the destination's TCP would send it (RFC 9293 3.5.2, group 1). */
static NetPacket *make_reset(NetFirewall *self, const NetPacket *packet,
                             const NetIp *ip)
{
  const uint8_t *tcp = packet->head + packet->l4;
  uint32_t length = ip->payload_length - (tcp[12] >> 4) * 4u +
                    !!(tcp[13] & SYN) + !!(tcp[13] & FIN);
  NetPacket *answer = net_packet_new(self->node->net, &self->node->owner);
  const NetIp way = { .source = ip->destination,
                      .destination = ip->source,
                      .protocol = NET_PROTOCOL_TCP,
                      .payload_length = 20 };
  uint8_t *at;

  answer->l3 = NET_ETHERNET_SIZE;
  answer->l4 = (uint16_t)(NET_ETHERNET_SIZE + net_ip_size(ip->source));
  answer->head_length = (uint16_t)(answer->l4 + 20);
  at = answer->head + answer->l4;
  memset(at, 0, 20);
  memcpy(at, tcp + 2, 2);
  memcpy(at + 2, tcp, 2);
  at[12] = 5 << 4;
  at[13] = RST;
  if (tcp[13] & ACK) {
    memcpy(at + 4, tcp + 8, 4);
  } else {
    at[13] |= ACK;
    net_put32(at + 8, net_get32(tcp + 4) + length);
  }
  net_put16(at + 16, net_transport_sum(answer, &way));
  return answer;
}

/* From a switch, which has no address: out by the port where it came in. */
static void send_back(const NetCrossing *at, const NetPacket *packet,
                      NetPacket *answer, const NetIp *way)
{
  NetIp header = *way;

  header.ttl = 64;
  header.payload_length = 20;
  net_ip_put(answer, &header, 0);
  memcpy(answer->head, packet->head + sizeof(NetMac), sizeof(NetMac));
  memcpy(answer->head + sizeof(NetMac), packet->head, sizeof(NetMac));
  memcpy(answer->head + 12, packet->head + 12, 2);
  answer->flags |= NET_PACKET_CHECKED;
  net_nic_send(at->in, answer);
}

/* RST is never answered, nor what has no whole header. */
static void reset(NetFirewall *self, const NetCrossing *at,
                  const NetPacket *packet, const NetIp *ip)
{
  const NetIp way = { .source = ip->destination,
                      .destination = ip->source,
                      .protocol = NET_PROTOCOL_TCP };
  NetHost *host = net_host_of(self->node);
  uint32_t header;

  if (packet->head_length < packet->l4 + 20u || ip->payload_length < 20 ||
      net_ip_is_fragment(ip))
    return;
  header = (packet->head[packet->l4 + 12] >> 4) * 4u;
  if (packet->head[packet->l4 + 13] & RST || header < 20 ||
      header > ip->payload_length)
    return;
  if (host)
    net_host_send(host, make_reset(self, packet, ip), &way, NULL);
  else
    send_back(at, packet, make_reset(self, packet, ip), &way);
}

static void answer(NetFirewall *self, const NetCrossing *at,
                   const NetRule *rule, const NetPacket *packet,
                   const NetIp *ip)
{
  NetHost *host = net_host_of(self->node);
  uint8_t code = NET_UNREACHABLE_PORT;

  self->answering = true;
  if (rule->action == NET_ACTION_REJECT)
    code = rule->code;
  if (rule->action == NET_ACTION_RESET && ip->protocol == NET_PROTOCOL_TCP)
    reset(self, at, packet, ip);
  else if (rule->action != NET_ACTION_DROP && host)
    net_host_unreachable(host, packet, code, 0);
  self->answering = false;
}

/* -- words -- */

static const char *verb(NetAction action)
{
  switch (action) {
  case NET_ACTION_DROP:
    return "dropped";
  case NET_ACTION_RESET:
    return "rejected by RST";
  case NET_ACTION_REJECT:
    return "rejected by ICMP";
  default:
    return "seen";
  }
}

static const char *sentence(NetFirewall *self, const NetRule *rule,
                            const NetTracked *tracked)
{
  const char *why = rule->message ? rule->message : tracked->reason;
  char text[300];

  snprintf(text, sizeof text, "%s by the firewall, %s%s%s", verb(rule->action),
           rule->name, why ? ": " : "", why ? why : "");
  return g_string_chunk_insert_const(self->sentences, text);
}

static void alert(NetFirewall *self, const NetRule *rule,
                  const NetPacket *packet, const char *text)
{
  net_alert(&(NetTraceAlert){ .node = self->node,
                              .packet = packet,
                              .rule = rule->name,
                              .text = text,
                              .remark = rule->action == NET_ACTION_LOG });
}

void net_alert_forgotten(const NetNode *node, const NetFlow *flow)
{
  char source[NET_END_TEXT], destination[NET_END_TEXT], idle[40], text[300];
  bool tcp = flow->tuple[0].protocol == NET_PROTOCOL_TCP;

  if (!tcp || flow->tcp.state == NET_TRACK_CLOSE ||
      flow->tcp.state == NET_TRACK_TIME_WAIT)
    return;
  net_end_format(flow->tuple[0].source, flow->tuple[0].source_port, source);
  net_end_format(flow->tuple[0].destination, flow->tuple[0].destination_port,
                 destination);
  sim_format_time(flow->expires - flow->heard, 3, idle, sizeof idle);
  snprintf(text, sizeof text,
           "%s has forgotten the connection %s > %s: it was in %s and idle "
           "for more than %s",
           node->name, source, destination,
           net_track_state_name(flow->tcp.state), idle);
  net_alert(&(NetTraceAlert){ .node = node, .text = text, .remark = true });
}

static void forgot(void *user, const NetFlow *flow)
{
  net_alert_forgotten(((NetFirewall *)user)->node, flow);
}

/* -- rules -- */

static bool fits(const NetRule *rule, NetPoint point, NetTrackedAs as,
                 const NetPacket *packet, const NetIp *ip)
{
  return rule->points & 1u << point && (!rule->states || rule->states & as) &&
         (!rule->fits || rule->fits(rule->user, packet, ip));
}

static void count(NetRule *rule, const NetPacket *packet)
{
  rule->packets++;
  rule->bytes += net_packet_length(packet) - packet->l3;
}

/* The rule that decides, or NULL: nobody has anything against it. */
static NetRule *judge(NetFirewall *self, NetPoint point,
                      const NetPacket *packet, const NetIp *ip,
                      const NetTracked *tracked)
{
  for (unsigned i = 0; i <= self->spec.rule_count; i++) {
    NetRule *rule =
        i < self->spec.rule_count ? &self->spec.rules[i] : &self->spec.policy;

    if (!fits(rule, point, tracked->as, packet, ip))
      continue;
    count(rule, packet);
    if (rule->action == NET_ACTION_LOG)
      alert(self, rule, packet, sentence(self, rule, tracked));
    else if (rule->action != NET_ACTION_COUNT)
      return rule;
  }
  return NULL;
}

static bool inspect(NetBox *box, const NetCrossing *at, NetPacket *packet,
                    NetIp *ip)
{
  NetFirewall *self = firewall_of(box);
  NetTracked tracked = { 0 };
  const char *why;
  NetRule *rule;
  bool accepted;

  if (at->point == NET_POINT_ARRIVING || self->answering)
    return true;
  if (self->tracker)
    tracked = net_tracker_judge(self->tracker, packet, ip);
  rule = judge(self, at->point, packet, ip, &tracked);
  accepted = !rule || rule->action == NET_ACTION_ACCEPT;
  if (self->tracker && !net_tracker_settle(self->tracker, &tracked, accepted)) {
    net_drop(packet, self->node, at->in, "conntrack-full",
             "the table of connections is full");
    return false;
  }
  if (accepted)
    return true;
  why = sentence(self, rule, &tracked);
  alert(self, rule, packet, why);
  answer(self, at, rule, packet, ip);
  net_drop(packet, self->node, at->in, rule->name, why);
  return false;
}

static void firewall_forget(NetBox *box)
{
  NetFirewall *self = firewall_of(box);

  if (self->tracker)
    net_tracker_clear(self->tracker);
}

static void firewall_free(NetBox *box)
{
  NetFirewall *self = firewall_of(box);

  net_tracker_free(self->tracker);
  g_string_chunk_free(self->sentences);
  g_free(self->spec.rules);
  g_free(self);
}

NetFirewall *net_firewall_new(NetNode *node, const NetFirewallSpec *spec)
{
  NetFirewall *self = g_new0(NetFirewall, 1);

  self->box.inspect = inspect;
  self->box.forget = firewall_forget;
  self->box.free = firewall_free;
  self->node = node;
  self->spec = *spec;
  self->sentences = g_string_chunk_new(256);
  if (!spec->stateless) {
    self->tracker = net_tracker_new(node->net->sim, &spec->track);
    self->tracker->forgot = forgot;
    self->tracker->user = self;
  }
  net_node_add_box(node, &self->box);
  return self;
}
