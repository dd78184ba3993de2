/* A firewall between two hosts: the order of rules, what it answers, what it
 * counts and says; as a router, as a bridge and on the host itself. */
#include <stdio.h>

#include "firewall.h"
#include "net_track.h"

enum Place { ROUTER, BRIDGE, OWN };

/* client - wall - server, the wall a router or a bridge, or the server's own */
typedef struct Wall {
  World w;
  NetFamily family;
  NetHost *client, *server;
  NetFirewall *firewall;
  GString *heard, *said; /* by the client's NIC: flags, numbers; alerts */
} Wall;

static void hear_answers(void *user, Sim *sim, unsigned kind,
                         const void *record)
{
  Wall *wall = user;
  const NetTracePacket *what = record;
  const uint8_t *at;
  NetIp ip;

  (void)sim;
  if (kind == NET_TRACE_ALERT) {
    g_string_append_printf(wall->said, "%s\n",
                           ((const NetTraceAlert *)record)->text);
    return;
  }
  if (what->node != net_host_node(wall->client) ||
      !net_ip_peek(what->packet, &ip))
    return;
  g_assert_cmpint(net_transport_check(what->packet, &ip), ==, NET_CHECK_GOOD);
  at = what->packet->head + what->packet->l4;
  if (ip.protocol == NET_PROTOCOL_TCP)
    g_string_append_printf(wall->heard, "tcp %x seq %u ack %u;", at[13],
                           net_get32(at + 4), net_get32(at + 8));
  else
    g_string_append_printf(wall->heard, "icmp %u/%u;", at[0], at[1]);
}

static NetNode *make_node(Wall *wall, enum Place place)
{
  const NetHostSpec router = { .forwarding = true };

  if (place == BRIDGE)
    return net_switch_new(wall->w.net, "wall");
  return net_host_node(net_host_new(wall->w.net, "wall", &router));
}

/* `rules`: copied. */
static Wall *wall_new(enum Place place, NetFamily family, const NetRule *rules,
                      unsigned count)
{
  Wall *wall = g_new0(Wall, 1);
  unsigned point = place == OWN ? NET_POINT_IN : NET_POINT_FORWARD;
  NetFirewallSpec spec = {
    .rules = g_memdup2(rules, count * sizeof *rules),
    .rule_count = count,
    .policy = { .name = "policy", .points = 1u << point },
    .track = net_track_defaults(),
  };
  const NetHostSpec silent = { .no_icmp = true }; /* without TCP */
  NetWireSpec wire = ten_mbit;
  NetNode *node;

  wall->w = world_new();
  wall->w.net->family = wall->family = family;
  wall->heard = g_string_new(NULL);
  wall->said = g_string_new(NULL);
  wall->client = net_host_new(wall->w.net, "client", &silent);
  node = make_node(wall, place);
  wall->server = net_host_new(wall->w.net, "server", &silent);
  net_link_new(wall->w.net, NULL, net_host_node(wall->client), node, &wire,
               &wire, NULL, NULL);
  net_link_new(wall->w.net, NULL, node, net_host_node(wall->server), &wire,
               &wire, NULL, NULL);
  for (unsigned i = 0; i < count; i++)
    spec.rules[i].points = 1u << point;
  wall->firewall = net_firewall_new(
      place == OWN ? net_host_node(wall->server) : node, &spec);
  world_finish(&wall->w);
  sim_trace_listen(wall->w.sim,
                   UINT64_C(1) << NET_TRACE_RECEIVED | UINT64_C(1)
                                                           << NET_TRACE_ALERT,
                   hear_answers, wall);
  return wall;
}

static void wall_end(Wall *wall)
{
  g_string_free(wall->heard, TRUE);
  g_string_free(wall->said, TRUE);
  world_end(&wall->w);
  g_free(wall);
}

static uint64_t met(const Wall *wall, unsigned number)
{
  return net_firewall_rule(wall->firewall, number)->packets;
}

/* A segment from the client to the server, numbers 1000 and 5000. */
static void send_tcp(Wall *wall, unsigned flags, uint32_t size)
{
  NetNode *node = net_host_node(wall->client);
  NetIp ip = { .source = net_host_address_of(wall->client, wall->family),
               .destination = net_host_address_of(wall->server, wall->family),
               .protocol = NET_PROTOCOL_TCP };
  NetPacket *packet = net_packet_new(wall->w.net, &node->owner);
  uint8_t *at;

  g_string_truncate(wall->heard, 0);
  g_string_truncate(wall->said, 0);
  packet->l3 = NET_ETHERNET_SIZE;
  packet->l4 = (uint16_t)(NET_ETHERNET_SIZE + net_ip_size(ip.destination));
  packet->head_length = (uint16_t)(packet->l4 + 20);
  packet->payload = net_slice_virtual(size);
  at = packet->head + packet->l4;
  memset(at, 0, 20);
  net_put16(at, 1025);
  net_put16(at + 2, 80);
  net_put32(at + 4, 1000);
  net_put32(at + 8, flags & T_ACK ? 5000 : 0);
  at[12] = 5 << 4;
  at[13] = (uint8_t)flags;
  ip.payload_length = 20 + size;
  net_put16(at + 16, net_transport_sum(packet, &ip));
  net_host_send(wall->client, packet, &ip, NULL);
  world_run(&wall->w);
}

/* RFC 9293 3.5.2, group 1; RST is never answered. */
static void a_reset_is_as_the_server_would_send_it(gconstpointer data)
{
  unsigned which = GPOINTER_TO_UINT(data);
  const NetRule rule = { .name = "no", .action = NET_ACTION_RESET };
  Wall *wall = wall_new(which / 2, which % 2, &rule, 1);

  send_tcp(wall, T_SYN, 0);
  g_assert_cmpstr(wall->heard->str, ==, "tcp 14 seq 0 ack 1001;");
  send_tcp(wall, T_FIN, 10);
  g_assert_cmpstr(wall->heard->str, ==, "tcp 14 seq 0 ack 1011;");
  send_tcp(wall, T_ACK, 10);
  g_assert_cmpstr(wall->heard->str, ==, "tcp 4 seq 5000 ack 0;");
  send_tcp(wall, T_RST, 0);
  g_assert_cmpstr(wall->heard->str, ==, "");
  g_assert_cmpuint(met(wall, 0), ==, 4);
  wall_end(wall);
}

static void a_rejection_names_its_reason(gconstpointer data)
{
  NetFamily family = (NetFamily)GPOINTER_TO_UINT(data);
  const NetRule rule = { .name = "no",
                         .message = "not today",
                         .action = NET_ACTION_REJECT,
                         .code = NET_UNREACHABLE_PROHIBITED };
  Wall *wall = wall_new(ROUTER, family, &rule, 1);

  send_tcp(wall, T_SYN, 0);
  g_assert_cmpstr(wall->heard->str, ==,
                  family == NET_IPV4 ? "icmp 3/13;" : "icmp 1/1;");
  g_assert_cmpstr(wall->said->str, ==,
                  "rejected by ICMP by the firewall, no: not today\n");
  wall_end(wall);
}

/* A bridge has no address to send ICMP from. */
static void a_bridge_rejects_in_silence(void)
{
  const NetRule rule = { .name = "no", .action = NET_ACTION_REJECT };
  Wall *wall = wall_new(BRIDGE, NET_IPV4, &rule, 1);

  send_tcp(wall, T_SYN, 0);
  g_assert_cmpstr(wall->heard->str, ==, "");
  g_assert_cmpuint(met(wall, 0), ==, 1);
  wall_end(wall);
}

static bool has_fin(void *user, const NetPacket *packet, const NetIp *ip)
{
  (void)user;
  (void)ip;
  return packet->head[packet->l4 + 13] & T_FIN;
}

static void the_first_rule_that_decides_counts(void)
{
  const NetRule rules[] = {
    { .name = "seen", .action = NET_ACTION_COUNT },
    { .name = "fins", .fits = has_fin, .action = NET_ACTION_LOG },
    { .name = "new", .states = NET_TRACKED_NEW, .action = NET_ACTION_ACCEPT },
    { .name = "broken",
      .states = NET_TRACKED_INVALID,
      .action = NET_ACTION_DROP },
    { .name = "never", .action = NET_ACTION_DROP },
  };
  Wall *wall = wall_new(ROUTER, NET_IPV4, rules, G_N_ELEMENTS(rules));

  send_tcp(wall, T_SYN, 0);
  send_tcp(wall, T_FIN, 0);
  g_assert_cmpstr(wall->said->str, ==,
                  "seen by the firewall, fins: no honest stack sends this "
                  "combination of flags\n"
                  "dropped by the firewall, broken: no honest stack sends this "
                  "combination of flags\n");
  g_assert_cmpuint(met(wall, 0), ==, 2);
  g_assert_cmpuint(met(wall, 1), ==, 1);
  g_assert_cmpuint(met(wall, 2), ==, 1);
  g_assert_cmpuint(met(wall, 3), ==, 1);
  g_assert_cmpuint(met(wall, 4), ==, 0);
  wall_end(wall);
}

/* What is dropped begins no connection. */
static void a_dropped_syn_is_not_remembered(void)
{
  const NetRule drop = { .name = "no", .action = NET_ACTION_DROP };
  Wall *wall = wall_new(ROUTER, NET_IPV4, &drop, 1);

  send_tcp(wall, T_SYN, 0);
  g_assert_cmpuint(net_firewall_tracker(wall->firewall)->count, ==, 0);
  wall_end(wall);
  wall = wall_new(ROUTER, NET_IPV4, NULL, 0);
  send_tcp(wall, T_SYN, 0);
  g_assert_cmpuint(net_firewall_tracker(wall->firewall)->count, ==, 1);
  wall_end(wall);
}

/* A router's boxes see datagrams put together; they leave in pieces again. */
static void fragments_are_seen_whole(gconstpointer data)
{
  const NetRule count = { .name = "seen", .action = NET_ACTION_COUNT };
  Wall *wall = wall_new(ROUTER, (NetFamily)GPOINTER_TO_UINT(data), &count, 1);
  NetAddress to = net_host_address_of(wall->server, wall->family);

  net_host_listen_udp(wall->server, 9);
  net_host_send_udp(wall->client, to, 1000, 9, net_slice_virtual(4000));
  world_run(&wall->w);
  g_assert_cmpuint(met(wall, 0), ==, 1);
  g_assert_cmpuint(net_host_udp_received(wall->server), ==, 1);
  wall_end(wall);
}

#define ADD_DATA(name, data, func) \
  g_test_add_data_func("/firewall/" name, data, func)
#define PLACED(place, family) GUINT_TO_POINTER(2u * (place) + (family))

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  ADD_DATA("reset-router-ipv4", PLACED(ROUTER, NET_IPV4),
           a_reset_is_as_the_server_would_send_it);
  ADD_DATA("reset-router-ipv6", PLACED(ROUTER, NET_IPV6),
           a_reset_is_as_the_server_would_send_it);
  ADD_DATA("reset-bridge-ipv4", PLACED(BRIDGE, NET_IPV4),
           a_reset_is_as_the_server_would_send_it);
  ADD_DATA("reset-bridge-ipv6", PLACED(BRIDGE, NET_IPV6),
           a_reset_is_as_the_server_would_send_it);
  ADD_DATA("reset-own-ipv4", PLACED(OWN, NET_IPV4),
           a_reset_is_as_the_server_would_send_it);
  ADD_DATA("reset-own-ipv6", PLACED(OWN, NET_IPV6),
           a_reset_is_as_the_server_would_send_it);
  ADD_DATA("icmp-ipv4", GINT_TO_POINTER(NET_IPV4),
           a_rejection_names_its_reason);
  ADD_DATA("icmp-ipv6", GINT_TO_POINTER(NET_IPV6),
           a_rejection_names_its_reason);
  g_test_add_func("/firewall/icmp-bridge", a_bridge_rejects_in_silence);
  g_test_add_func("/firewall/order", the_first_rule_that_decides_counts);
  g_test_add_func("/firewall/dropped", a_dropped_syn_is_not_remembered);
  ADD_DATA("fragments-ipv4", GINT_TO_POINTER(NET_IPV4),
           fragments_are_seen_whole);
  ADD_DATA("fragments-ipv6", GINT_TO_POINTER(NET_IPV6),
           fragments_are_seen_whole);
  return g_test_run();
}
