/* What net_finish() completes, and switches. */
#include "net_world.h"

static const NetWireSpec fast = { .rate = 0, .delay = MS };

static uint32_t address(NetHost *host)
{
  return net_address_to_ipv4(net_host_address(host));
}

static NetLink *join(World *w, NetNode *a, NetNode *b)
{
  return net_link_new(w->net, NULL, a, b, &fast, &fast, NULL, NULL);
}

static void check_contradiction(World *w, const char *sentence)
{
  char problem[200] = "";

  g_assert_false(net_finish(w->net, problem, sizeof problem));
  g_assert_cmpstr(problem, ==, sentence);
  world_end(w);
}

static void test_first_addresses(void)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetHost *c = net_host_new(w.net, "c", NULL);
  NetHost *d = net_host_new(w.net, "d", NULL);
  NetLink *link = join(&w, net_host_node(a), net_host_node(b));

  g_assert_cmpstr(link->name, ==, "a-b");
  g_assert_true(net_link_find(w.net, "a-b") == link);
  world_finish(&w);
  join(&w, net_host_node(d), net_host_node(c));
  world_finish(&w);
  g_assert_cmphex(address(a), ==, 0x0a000001);
  g_assert_cmphex(address(b), ==, 0x0a000002);
  g_assert_cmphex(address(d), ==, 0x0a000101);
  g_assert_cmphex(address(c), ==, 0x0a000102);
  g_assert_true(net_find(w.net, "d") == net_host_node(d));
  g_assert_null(net_find(w.net, "e"));
  g_assert_true(net_nic_at(w.net, net_host_address(c)) ==
                net_host_node(c)->nics);
  world_end(&w);
}

/* A neighbour is known only in its own broadcast domain; elsewhere ARP asks
 * in vain. */
static void test_neighbour_elsewhere(void)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetHost *c = net_host_new(w.net, "c", NULL);
  NetAddress far = net_address_ipv4(0xc0000201);
  NetPath path = { 0 };

  join(&w, net_host_node(a), net_host_node(b));
  join(&w, net_host_node(b), net_host_node(c));
  world_finish(&w);
  net_host_add_route(a, far, 32, net_host_address(c), net_host_node(a)->nics);
  g_assert_true(net_host_path(a, far, &path));
  g_assert_false(path.resolved);
  world_end(&w);
}

static void test_parallel_link_names(void)
{
  World w = world_new();
  NetNode *a = net_host_node(net_host_new(w.net, "a", NULL));
  NetNode *b = net_host_node(net_host_new(w.net, "b", NULL));

  g_assert_cmpstr(join(&w, a, b)->name, ==, "a-b");
  g_assert_cmpstr(join(&w, a, b)->name, ==, "a-b#2");
  g_assert_cmpstr(join(&w, b, a)->name, ==, "b-a#3");
  world_end(&w);
}

static void test_by_hand_stays(void)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetHost *c = net_host_new(w.net, "c", NULL);
  NetHost *d = net_host_new(w.net, "d", NULL);

  join(&w, net_host_node(a), net_host_node(b));
  join(&w, net_host_node(c), net_host_node(d));
  net_host_set_address(d, net_host_node(d)->nics, net_address_ipv4(0x0a000001),
                       16);
  world_finish(&w);
  g_assert_cmphex(address(d), ==, 0x0a000001);
  g_assert_cmphex(address(c), ==, 0x0a000002);
  g_assert_cmphex(address(a), ==, 0x0a010001);
  g_assert_cmphex(address(b), ==, 0x0a010002);
  world_end(&w);
}

static void test_contradictions(void)
{
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetNode *s;

  join(&w, net_host_node(a), net_host_node(b));
  net_host_set_address(a, net_host_node(a)->nics, net_address_ipv4(0x0a000001),
                       24);
  net_host_set_address(b, net_host_node(b)->nics, net_address_ipv4(0x0a000001),
                       24);
  check_contradiction(&w, "a and b both have the address 10.0.0.1");
  w = world_new();
  a = net_host_new(w.net, "a", NULL);
  b = net_host_new(w.net, "b", NULL);
  join(&w, net_host_node(a), net_host_node(b));
  net_host_set_address(a, net_host_node(a)->nics, net_address_ipv4(0x0a000001),
                       24);
  net_host_set_address(b, net_host_node(b)->nics, net_address_ipv4(0x0a000102),
                       24);
  check_contradiction(&w, "b: address 10.0.1.2/24 is not in its neighbours' "
                          "subnet 10.0.0.0/24");
  w = world_new();
  s = net_switch_new(w.net, "s");
  join(&w, s, net_switch_new(w.net, "t"));
  join(&w, net_find(w.net, "t"), s);
  check_contradiction(&w, "link t-s#2 closes a ring of switches, in which "
                          "broadcasts would circle for ever: leave it out");
}

/* 300 hosts at one switch need more than a /24. */
static void test_large_subnet(void)
{
  World w = world_new();
  NetNode *s = net_switch_new(w.net, "s");
  NetHost *host = NULL;

  for (unsigned i = 0; i < 300; i++) {
    char name[16];

    g_snprintf(name, sizeof name, "h%u", i);
    host = net_host_new(w.net, name, NULL);
    join(&w, net_host_node(host), s);
  }
  world_finish(&w);
  g_assert_cmphex(address(host), ==, 0x0a000000 + 300);
  g_assert_cmpuint(net_host_node(host)->nics->prefix, ==, 23);
  world_end(&w);
}

/* Two ways of the same length: the one described first. A shorter one wins
 * over both, whenever it was described. */
static void test_shortest_paths(void)
{
  NetHostSpec router = { .forwarding = true };
  World w = world_new();
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);
  NetHost *r[4];
  NetPath path = { 0 };

  for (unsigned i = 0; i < 4; i++) {
    const char *names[] = { "r0", "r1", "r2", "r3" };

    r[i] = net_host_new(w.net, names[i], &router);
  }
  join(&w, net_host_node(a), net_host_node(r[0]));
  join(&w, net_host_node(r[0]), net_host_node(r[1]));
  join(&w, net_host_node(r[0]), net_host_node(r[2]));
  join(&w, net_host_node(r[1]), net_host_node(r[3]));
  join(&w, net_host_node(r[2]), net_host_node(r[3]));
  join(&w, net_host_node(r[3]), net_host_node(b));
  world_finish(&w);
  g_assert_true(net_host_path(r[0], net_host_address(b), &path));
  g_assert_true(path.nic->peer->node == net_host_node(r[1]));
  join(&w, net_host_node(r[0]), net_host_node(r[3]));
  world_finish(&w);
  g_assert_true(net_host_path(r[0], net_host_address(b), &path));
  g_assert_true(path.nic->peer->node == net_host_node(r[3]));
  net_host_listen_udp(b, 9);
  world_send(a, b, 100);
  world_run(&w);
  g_assert_cmpuint(net_host_udp_received(b), ==, 1);
  g_assert_cmpuint(w.net->hops, ==, 3);
  world_end(&w);
}

/* Every host of a dumbbell reaches every other. */
static void test_dumbbell(void)
{
  enum { HOSTS = 20 };
  NetHostSpec router = { .forwarding = true };
  World w = world_new();
  NetHost *left = net_host_new(w.net, "left", &router);
  NetHost *right = net_host_new(w.net, "right", &router);
  NetHost *hosts[HOSTS];

  join(&w, net_host_node(left), net_host_node(right));
  for (unsigned i = 0; i < HOSTS; i++) {
    char name[16];

    g_snprintf(name, sizeof name, "h%u", i);
    hosts[i] = net_host_new(w.net, name, NULL);
    net_host_listen_udp(hosts[i], 9);
    join(&w, net_host_node(hosts[i]), net_host_node(i % 2 ? left : right));
  }
  world_finish(&w);
  for (unsigned i = 0; i < HOSTS; i++)
    for (unsigned j = 0; j < HOSTS; j++)
      world_send(hosts[i], hosts[j], 100);
  world_run(&w);
  for (unsigned i = 0; i < HOSTS; i++)
    g_assert_cmpuint(net_host_udp_received(hosts[i]), ==, HOSTS);
  world_end(&w);
}

/* a, b and c at one switch; what c's NIC sees is what was flooded. */
typedef struct Star {
  World w;
  NetHost *a, *b, *c;
} Star;

static Star star_new(NetHostSpec spec)
{
  Star star = { .w = world_new() };
  NetNode *s = net_switch_new(star.w.net, "s");

  star.a = net_host_new(star.w.net, "a", &spec);
  star.b = net_host_new(star.w.net, "b", &spec);
  star.c = net_host_new(star.w.net, "c", &spec);
  join(&star.w, s, net_host_node(star.a));
  join(&star.w, s, net_host_node(star.b));
  join(&star.w, s, net_host_node(star.c));
  world_finish(&star.w);
  net_host_listen_udp(star.a, 9);
  net_host_listen_udp(star.b, 9);
  return star;
}

static uint64_t seen_by_c(const Star *star)
{
  const NetNic *nic = net_host_node(star->c)->nics;

  return nic->counters.not_for_us + nic->counters.received_packets;
}

static void test_switch_learns(void)
{
  Star star = star_new((NetHostSpec){ 0 });

  world_send(star.a, star.b, 100);
  world_run(&star.w);
  g_assert_cmpuint(seen_by_c(&star), ==, 1);
  g_assert_cmpuint(net_host_node(star.a)->nics->counters.not_for_us, ==, 0);
  world_send(star.b, star.a, 100);
  world_run(&star.w);
  world_send(star.a, star.b, 100);
  world_run(&star.w);
  g_assert_cmpuint(seen_by_c(&star), ==, 1);
  g_assert_cmpuint(net_host_udp_received(star.a), ==, 1);
  g_assert_cmpuint(net_host_udp_received(star.b), ==, 2);
  g_assert_cmpint(star.w.sim->now, ==, 6 * MS);
  world_end(&star.w);
}

typedef struct Later {
  SimEvent event;
  NetHost *from, *to;
} Later;

static void send_later(Sim *sim, SimEvent *event)
{
  const Later *later = SIM_CONTAINER(event, Later, event);

  g_assert_nonnull(sim);
  world_send(later->from, later->to, 100);
}

/* The switch hears b at 1 ms, and of a datagram for b 1 ms after `at`. */
static void check_ageing(SimTime at, uint64_t expected)
{
  Star star = star_new((NetHostSpec){ 0 });
  Later later = { .from = star.a, .to = star.b };

  world_send(star.b, star.a, 100);
  sim_event_init(&later.event, send_later);
  sim_schedule(star.w.sim, &later.event, &net_host_node(star.a)->owner, at);
  world_run(&star.w);
  g_assert_cmpuint(seen_by_c(&star), ==, expected);
  world_end(&star.w);
}

static void test_switch_ages(void)
{
  check_ageing(300 * SIM_SECOND, 1);
  check_ageing(300 * SIM_SECOND + 1, 2);
}

static void test_switch_and_arp(void)
{
  Star star = star_new((NetHostSpec){ .arp = true });

  world_send(star.a, star.b, 100);
  world_run(&star.w);
  g_assert_cmpuint(net_host_udp_received(star.b), ==, 1);
  g_assert_cmpuint(seen_by_c(&star), ==, 1);
  world_end(&star.w);
}

static void test_switch_mtu(void)
{
  NetWireSpec narrow = { .delay = MS, .mtu = 500 };
  World w = world_new();
  NetNode *s = net_switch_new(w.net, "s");
  NetHost *a = net_host_new(w.net, "a", NULL);
  NetHost *b = net_host_new(w.net, "b", NULL);

  join(&w, net_host_node(a), s);
  net_link_new(w.net, NULL, s, net_host_node(b), &narrow, &narrow, NULL, NULL);
  world_finish(&w);
  net_host_listen_udp(b, 9);
  world_listen(&w, 1 << NET_TRACE_DROPPED);
  world_send(a, b, 514);
  world_send(a, b, 515);
  world_run(&w);
  g_assert_cmpstr(w.log->str, ==, "1000000 dropped s switch-too-big\n");
  g_assert_cmpuint(net_host_udp_received(b), ==, 1);
  world_end(&w);
}

/* Stations without number do not make the table grow without bound: the
 * last are flooded, and known ones stay known. */
static void test_switch_full_table(void)
{
  Star star = star_new((NetHostSpec){ 0 });
  NetNic *nic = net_host_node(star.a)->nics;
  uint8_t frame[60] = { 0x02, 0, 0, 3 };
  uint64_t seen;

  world_send(star.b, star.a, 100);
  for (uint32_t i = 0; i < 20000; i++) {
    frame[6] = 0x06;
    net_put32(frame + 8, i);
    net_nic_send(nic, net_packet_from_frame(star.w.net, &nic->node->owner,
                                            frame, sizeof frame));
    world_run(&star.w);
  }
  world_send(star.a, star.b, 100);
  world_run(&star.w);
  g_assert_cmpuint(net_host_udp_received(star.b), ==, 1);
  seen = seen_by_c(&star);
  memcpy(frame, frame + 6, 6);
  nic = net_host_node(star.b)->nics;
  net_nic_send(nic, net_packet_from_frame(star.w.net, &nic->node->owner, frame,
                                          sizeof frame));
  world_run(&star.w);
  g_assert_cmpuint(seen_by_c(&star), ==, seen + 1);
  world_end(&star.w);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/net/finish/first-addresses", test_first_addresses);
  g_test_add_func("/net/finish/neighbour-elsewhere", test_neighbour_elsewhere);
  g_test_add_func("/net/finish/link-names", test_parallel_link_names);
  g_test_add_func("/net/finish/by-hand-stays", test_by_hand_stays);
  g_test_add_func("/net/finish/contradictions", test_contradictions);
  g_test_add_func("/net/finish/large-subnet", test_large_subnet);
  g_test_add_func("/net/finish/shortest-paths", test_shortest_paths);
  g_test_add_func("/net/finish/dumbbell", test_dumbbell);
  g_test_add_func("/net/switch/learns", test_switch_learns);
  g_test_add_func("/net/switch/ages", test_switch_ages);
  g_test_add_func("/net/switch/arp", test_switch_and_arp);
  g_test_add_func("/net/switch/mtu", test_switch_mtu);
  g_test_add_func("/net/switch/full-table", test_switch_full_table);
  return g_test_run();
}
