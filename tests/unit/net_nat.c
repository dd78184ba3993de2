/* Address translation: ports, filtering, reuse, ICMP errors, checksums; and
 * that no packet can break it. */
#include <stdio.h>

#include "nat.h"
#include "net_heard.h"

/* a, b - nat - server */
typedef struct Home {
  World w;
  NetHost *a, *b, *nat, *server;
  NetNat *box;
  NetLink *outer;
  GString *seen; /* "SOURCE:PORT>DESTINATION:PORT" that hosts' NICs heard */
} Home;

static bool faces_server(void *user, const NetNic *nic)
{
  return nic->peer->node == net_host_node(*(NetHost **)user);
}

static void note_received(void *user, Sim *sim, unsigned kind,
                          const void *record)
{
  const NetTracePacket *what = record;
  GString *seen = user;
  NetTuple tuple;
  NetIp ip;
  char source[NET_END_TEXT], destination[NET_END_TEXT];

  (void)sim;
  (void)kind;
  if (what->node->kind != NET_HOST || !net_ip_peek(what->packet, &ip))
    return;
  if (!(what->packet->flags & NET_PACKET_INJECTED))
    g_assert_cmpint(net_transport_check(what->packet, &ip), !=, NET_CHECK_BAD);
  if (!net_tuple_of(what->packet, &ip, &tuple))
    return;
  g_string_append_printf(
      seen, "%s%s>%s", seen->len ? " " : "",
      net_end_format(tuple.source, tuple.source_port, source),
      net_end_format(tuple.destination, tuple.destination_port, destination));
}

static NetNatSpec nat_spec(void)
{
  return (NetNatSpec){ .track = net_track_defaults(),
                       .filtering = NET_ADDRESS_AND_PORT_DEPENDENT,
                       .low = 4000,
                       .high = 4009,
                       .preserve = true,
                       .reuse = true,
                       .is_outside = faces_server };
}

static Home *home_new(NetNatSpec spec)
{
  Home *h = g_new0(Home, 1);
  NetHostSpec router = { .forwarding = true };

  h->w = world_new();
  h->seen = g_string_new(NULL);
  h->a = net_host_new(h->w.net, "a", NULL);
  h->b = net_host_new(h->w.net, "b", NULL);
  h->nat = net_host_new(h->w.net, "nat", &router);
  h->server = net_host_new(h->w.net, "server", NULL);
  world_link(&h->w, h->a, h->nat, ten_mbit);
  world_link(&h->w, h->b, h->nat, ten_mbit);
  h->outer = world_link(&h->w, h->nat, h->server, ten_mbit);
  spec.user = &h->server;
  h->box = net_nat_new(h->nat, &spec);
  net_host_set_address(h->server, net_host_node(h->server)->nics,
                       net_address_ipv4(0xc6336402), 24);
  world_finish(&h->w);
  net_host_listen_udp(h->server, 9);
  net_host_listen_udp(h->a, 4000);
  net_host_listen_udp(h->a, 1000);
  net_host_listen_udp(h->b, 4000);
  sim_trace_listen(h->w.sim, UINT64_C(1) << NET_TRACE_RECEIVED, note_received,
                   h->seen);
  return h;
}

static void home_end(Home *h)
{
  g_string_free(h->seen, TRUE);
  world_end(&h->w);
  g_free(h);
}

static void udp(Home *h, NetHost *from, uint16_t port, NetAddress to,
                uint16_t to_port)
{
  g_string_truncate(h->seen, 0);
  net_host_send_udp(from, to, port, to_port, net_slice_virtual(5));
  world_run(&h->w);
}

static NetAddress outside_of(const Home *h)
{
  return h->outer->wires[0].from->address; /* the NAT's own */
}

static void a_free_port_is_preserved(void)
{
  Home *h = home_new(nat_spec());
  NetAddress server = net_host_address(h->server);

  udp(h, h->a, 4005, server, 9);
  g_assert_cmpstr(h->seen->str, ==, "198.51.100.1:4005>198.51.100.2:9");
  udp(h, h->a, 4000, server, 9);
  g_assert_cmpstr(h->seen->str, ==, "198.51.100.1:4000>198.51.100.2:9");
  udp(h, h->b, 4000, server, 9); /* taken: the next */
  g_assert_cmpstr(h->seen->str, ==, "198.51.100.1:4001>198.51.100.2:9");
  udp(h, h->a, 1000, server, 9); /* not in range */
  g_assert_cmpstr(h->seen->str, ==, "198.51.100.1:4002>198.51.100.2:9");
  udp(h, h->server, 9, outside_of(h), 4001); /* the answer */
  g_assert_cmpstr(h->seen->str, ==, "198.51.100.2:9>10.0.1.1:4000");
  home_end(h);
}

/* RFC 4787 REQ-1, RFC 5382 REQ-1. */
static void an_end_has_one_port_for_all_peers(void)
{
  NetNatSpec spec = nat_spec();
  Home *h = home_new(spec);
  NetAddress server = net_host_address(h->server);

  udp(h, h->a, 1000, server, 9);
  g_assert_cmpstr(h->seen->str, ==, "198.51.100.1:4000>198.51.100.2:9");
  net_host_listen_udp(h->server, 10);
  udp(h, h->a, 1000, server, 10);
  g_assert_cmpstr(h->seen->str, ==, "198.51.100.1:4000>198.51.100.2:10");
  home_end(h);
  spec.mapping = NET_ADDRESS_AND_PORT_DEPENDENT;
  spec.high = 4000;
  h = home_new(spec);
  udp(h, h->a, 1000, server, 9);
  udp(h, h->b, 4000, server, 9); /* no port left towards this end */
  g_assert_cmpuint(net_nat_counters(h->box)->no_port, ==, 1);
  net_host_listen_udp(h->server, 10);
  udp(h, h->b, 4000, server, 10); /* but towards another */
  g_assert_cmpstr(h->seen->str, ==, "198.51.100.1:4000>198.51.100.2:10");
  home_end(h);
}

static void filtered_as(NetDependence filtering, bool same_port, bool passes)
{
  NetNatSpec spec = nat_spec();
  Home *h;

  spec.filtering = filtering;
  h = home_new(spec);
  udp(h, h->a, 4000, net_host_address(h->server), 9);
  udp(h, h->server, same_port ? 9 : 7, outside_of(h), 4000);
  g_assert_cmpstr(h->seen->str, ==,
                  !passes     ? ""
                  : same_port ? "198.51.100.2:9>10.0.0.1:4000"
                              : "198.51.100.2:7>10.0.0.1:4000");
  g_assert_cmpuint(net_nat_counters(h->box)->unsolicited, ==, !passes);
  if (passes && !same_port) {
    udp(h, h->a, 4000, net_host_address(h->server), 7); /* its answer */
    g_assert_true(
        g_str_has_prefix(h->seen->str, "198.51.100.1:4000>198.51.100.2:7"));
  }
  home_end(h);
}

static void filtering_admits_whom_it_says(void)
{
  filtered_as(NET_ADDRESS_AND_PORT_DEPENDENT, true, true);
  filtered_as(NET_ADDRESS_AND_PORT_DEPENDENT, false, false);
  filtered_as(NET_ADDRESS_DEPENDENT, false, true);
  filtered_as(NET_ENDPOINT_INDEPENDENT, false, true);
}

static void nobody_gets_in_unasked(void)
{
  Home *h = home_new(nat_spec());

  udp(h, h->server, 9, outside_of(h), 4000);
  g_assert_cmpstr(h->seen->str, ==, "");
  udp(h, h->server, 9, net_host_address(h->a), 4000);
  g_assert_cmpstr(h->seen->str, ==, "");
  g_assert_cmpuint(net_nat_counters(h->box)->unsolicited, ==, 2);
  home_end(h);
}

static void an_idle_mapping_is_forgotten(void)
{
  NetNatSpec spec = nat_spec();
  Home *h;

  spec.track.timeouts[NET_TRACK_UDP] = 1 * SIM_MILLISECOND;
  spec.high = 4000;
  h = home_new(spec);
  udp(h, h->a, 4000, net_host_address(h->server), 9);
  udp(h, h->server, 9, outside_of(h), 4000);
  g_assert_cmpstr(h->seen->str, ==, "");
  udp(h, h->b, 4000, net_host_address(h->server), 9);
  g_assert_cmpstr(h->seen->str, ==, "198.51.100.1:4000>198.51.100.2:9");
  home_end(h);
}

/* Port unreachable comes back to the right host, and quotes what it sent:
 * hear_error() asserts that it is about a datagram of a's. */
/* What found no room leaves no mapping behind. */
static void a_full_table_refuses(void)
{
  NetNatSpec spec = nat_spec();
  Home *h;

  spec.track.most = 1;
  spec.track.timeouts[NET_TRACK_UDP] = 1 * SIM_MILLISECOND;
  h = home_new(spec);
  net_host_send_udp(h->a, net_host_address(h->server), 4005, 9,
                    net_slice_virtual(5));
  udp(h, h->b, 4000, net_host_address(h->server), 9);
  g_assert_cmpstr(h->seen->str, ==, "198.51.100.1:4005>198.51.100.2:9");
  g_assert_cmpuint(net_nat_counters(h->box)->no_port, ==, 1);
  udp(h, h->a, 4000, net_host_address(h->server), 9);
  g_assert_cmpstr(h->seen->str, ==, "198.51.100.1:4000>198.51.100.2:9");
  home_end(h);
}

static void icmp_errors_are_translated_inside(void)
{
  Home *h = home_new(nat_spec());
  Heard *heard = g_new0(Heard, 1);

  heard->sim = h->w.sim;
  sim_attach(h->w.sim, heard, g_free);
  net_host_register(h->a, NET_PROTOCOL_UDP, hear, hear_error, heard);
  udp(h, h->a, 1000, net_host_address(h->server), 11); /* nobody listens */
  g_assert_cmpuint(heard->errors, ==, 1);
  g_assert_cmpint(heard->type, ==, NET_ICMP_UNREACHABLE);
  g_assert_cmpint(heard->code, ==, NET_UNREACHABLE_PORT);
  g_assert_true(net_address_equal(heard->last.source, net_host_address(h->a)));
  g_assert_cmpuint(heard->source_port, ==, 1000);
  home_end(h);
}

/* Whatever arrives from either side: the run goes on and nothing leaks. */
static void garbage_does_no_harm(void)
{
  NetNatSpec spec = nat_spec();
  SimRandom dice;
  Home *h;

  spec.filtering = NET_ENDPOINT_INDEPENDENT;
  spec.high = 4003;
  h = home_new(spec);
  sim_random_init(&dice, 7, "garbage");
  udp(h, h->a, 4000, net_host_address(h->server), 9);
  for (unsigned i = 0; i < 20000; i++) {
    static const uint8_t protocols[] = { 1, 6, 17, 99 };
    NetWire *wire = sim_random_below(&dice, 2) ? &h->outer->wires[1]
                                               : &h->w.net->links->wires[0];
    bool inward = wire == &h->outer->wires[1];
    uint8_t frame[100];
    unsigned size = 34 + (unsigned)sim_random_below(&dice, 66);
    NetIp ip = { .source = net_host_address(inward ? h->server : h->a),
                 .destination =
                     inward ? outside_of(h) : net_host_address(h->server),
                 .ttl = 9,
                 .protocol = protocols[sim_random_below(&dice, 4)] };
    NetPacket *packet;

    for (unsigned at = 0; at < sizeof frame; at++)
      frame[at] = (uint8_t)sim_random_below(&dice, at < 40 ? 256 : 80);
    frame[34] = (uint8_t)sim_random_below(&dice, 14); /* ICMP types, ports */
    memcpy(frame, wire->to->mac.bytes, 6);
    net_put16(frame + 12, NET_ETHERTYPE_IPV4);
    frame[14] = 0x45;
    packet = net_packet_from_frame(h->w.net, &wire->owner, frame, size);
    packet->l3 = 14;
    ip.payload_length = size - 34;
    net_ipv4_put(packet, &ip, (uint16_t)i);
    if (sim_random_below(&dice, 8) == 0) {
      net_put16(packet->head + 20, (uint16_t)sim_random_below(&dice, 0x4000));
      net_ipv4_sum_put(packet);
    }
    packet->flags |= NET_PACKET_CHECKED | NET_PACKET_INJECTED;
    net_packet_parse(packet);
    net_wire_put(wire, packet);
    if (i % 64 == 0)
      world_run(&h->w);
  }
  world_run(&h->w);
  home_end(h);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/nat/preserved", a_free_port_is_preserved);
  g_test_add_func("/nat/mapping", an_end_has_one_port_for_all_peers);
  g_test_add_func("/nat/filtering", filtering_admits_whom_it_says);
  g_test_add_func("/nat/unasked", nobody_gets_in_unasked);
  g_test_add_func("/nat/forgotten", an_idle_mapping_is_forgotten);
  g_test_add_func("/nat/full", a_full_table_refuses);
  g_test_add_func("/nat/icmp", icmp_errors_are_translated_inside);
  g_test_add_func("/nat/garbage", garbage_does_no_harm);
  return g_test_run();
}
