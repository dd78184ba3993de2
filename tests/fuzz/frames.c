/* Any frames into any NIC: a host, a switch and a router with a second host
 * behind it, all with a TCP stack where there is one to have, and a connection
 * under way over IPv4 or IPv6. A frame is bytes, or has the form of ARP, IPv4,
 * IPv6 with extension headers, ICMP or ICMPv6 with a quoted datagram, neighbour
 * discovery, UDP or TCP, with right lengths and sums where that helps it to get
 * further. Nothing asserts, and nothing is left at the end.
 *
 *   a --- switch --- router --- b
 */
#include "formats.h"
#include "fuzz.h"
#include "gate.h"
#include "tcp.h"

#define FRAMES 16
#define MOST 400
#define MOST_EVENTS 100000

typedef struct World {
  Sim *sim;
  Net *net;
  NetHost *a, *router, *b;
  NetNode *fabric;
  NetNic *nics[6];
  unsigned nic_count;
  TcpStack *stacks[2];
  TcpListener *listener;
  TcpConnection *conns[2];
} World;

static void told(void *user, TcpConnection *conn, unsigned events)
{
  TcpConnection **at = user;

  g_assert_cmpuint(events, !=, 0);
  *at = conn;
}

static void acceptable(void *user, TcpListener *listener)
{
  World *w = user;

  if (!w->conns[1])
    w->conns[1] = tcp_accept(listener, told, &w->conns[1]);
}

static void join(World *w, NetNode *a, NetNode *b)
{
  NetWireSpec spec = { .rate = 10000000, .delay = SIM_MILLISECOND };

  net_link_new(w->net, NULL, a, b, &spec, &spec, NULL, NULL);
}

static void network_init(World *w, uint8_t choice)
{
  NetHostSpec spec = { .arp = choice & 1 };
  NetHostSpec routing = { .forwarding = true, .arp = choice & 2 };
  char problem[200];

  spec.nic.no_checksum_offload = choice & 4;
  spec.nic.promiscuous = choice & 8;
  w->a = net_host_new(w->net, "a", &spec);
  w->fabric = net_switch_new(w->net, "s");
  w->router = net_host_new(w->net, "r", &routing);
  w->b = net_host_new(w->net, "b", &spec);
  join(w, net_host_node(w->a), w->fabric);
  join(w, w->fabric, net_host_node(w->router));
  join(w, net_host_node(w->router), net_host_node(w->b));
  if (!net_finish(w->net, problem, sizeof problem))
    fuzz_fail(problem);
  for (NetNode *node = w->net->nodes; node; node = node->next)
    for (NetNic *nic = node->nics; nic; nic = nic->next)
      w->nics[w->nic_count++] = nic;
}

static void world_init(World *w, uint8_t choice)
{
  TcpKnobs knobs = tcp_profile(0)->knobs;
  TcpEnd remote = { .port = 80 }, local = { NET_ADDRESS_ANY, 5000 };
  TcpError error;

  knobs.initial_sequence = 1000;
  knobs.r2 = knobs.r2_syn = 10 * SIM_SECOND;
  knobs.syn_backlog = 3;
  knobs.msl = SIM_SECOND;
  *w = (World){ .sim = sim_new(1) };
  w->net = net_new(w->sim);
  w->net->family = choice & 16 ? NET_IPV6 : NET_IPV4;
  network_init(w, choice);
  w->stacks[0] = tcp_stack_new(w->a, &knobs);
  w->stacks[1] = tcp_stack_new(w->b, &knobs);
  w->listener = tcp_listen(w->stacks[1], NET_ADDRESS_ANY, 80, 0, NULL,
                           acceptable, w, &error);
  remote.address = net_host_address(w->b);
  w->conns[0] = tcp_connect(w->stacks[0], &local, remote, NULL, told,
                            &w->conns[0], &error);
  sim_run(w->sim, 3 * SIM_MILLISECOND);
}

/* -- frames -- */

static uint32_t any_address(const World *w, FuzzBytes *bytes)
{
  uint8_t choice = fuzz_u8(bytes);

  if (choice < 200)
    return net_address_to_ipv4(w->nics[choice % w->nic_count]->address);
  return choice < 220 ? UINT32_C(0x0a0000ff) : fuzz_u32(bytes);
}

static void fill(FuzzBytes *bytes, uint8_t *at, size_t size)
{
  for (size_t i = 0; i < size; i++)
    at[i] = fuzz_u8(bytes);
}

static size_t put_arp(const World *w, FuzzBytes *bytes, uint8_t *at)
{
  static const uint8_t fixed[] = { 0, 1, 8, 0, 6, 4, 0 };

  memcpy(at, fixed, sizeof fixed);
  at[7] = fuzz_u8(bytes) & 3;
  fill(bytes, at + 8, 6);
  net_put32(at + 14, any_address(w, bytes));
  memset(at + 18, 0, 6);
  net_put32(at + 24, any_address(w, bytes));
  if (fuzz_u8(bytes) > 200)
    fill(bytes, at, 8);
  return NET_ARP_SIZE;
}

/* The header for `size` bytes above it, sums right. */
static void put_ip(const World *w, FuzzBytes *bytes, uint8_t *at,
                   uint8_t protocol, size_t size)
{
  uint8_t choice = fuzz_u8(bytes);

  memset(at, 0, NET_IPV4_SIZE);
  at[0] = 0x45;
  net_put16(at + 2, (uint16_t)(NET_IPV4_SIZE + size));
  net_put16(at + 6, choice & 1 ? NET_IPV4_DONT_FRAGMENT : 0);
  at[8] = choice & 2 ? 64 : fuzz_u8(bytes);
  at[9] = protocol;
  net_put32(at + 12, any_address(w, bytes));
  net_put32(at + 16, any_address(w, bytes));
  if (choice >= 240)
    fill(bytes, at, 8);
  net_put16(at + 10, net_sum_finish(net_sum(0, at, NET_IPV4_SIZE)));
}

static size_t put_tcp(FuzzBytes *bytes, uint8_t *at)
{
  uint8_t choice = fuzz_u8(bytes);

  net_put16(at, choice & 1 ? 5000 : 80);
  net_put16(at + 2, choice & 1 ? 80 : 5000);
  net_put32(at + 4, 1000 + fuzz_delta(bytes));
  net_put32(at + 8, 1000 + fuzz_delta(bytes));
  at[12] = choice & 4 ? fuzz_u8(bytes) : 0x50;
  at[13] = fuzz_u8(bytes);
  net_put16(at + 14, fuzz_u16(bytes));
  net_put32(at + 16, 0);
  fill(bytes, at + 20, 20);
  return 20 + (choice >> 4) * 2u;
}

static size_t put_icmp(const World *w, FuzzBytes *bytes, uint8_t *at)
{
  uint8_t choice = fuzz_u8(bytes);
  size_t size = NET_ICMP_SIZE;

  at[0] = choice & 1 ? NET_ICMP_UNREACHABLE : fuzz_u8(bytes) % 16;
  at[1] = fuzz_u8(bytes) % 16;
  net_put32(at + 2, 0);
  net_put32(at + 4, fuzz_u32(bytes));
  if (choice & 2) {
    put_ip(w, bytes, at + size, NET_PROTOCOL_TCP, 20);
    put_tcp(bytes, at + size + NET_IPV4_SIZE);
    size += NET_IPV4_SIZE + choice / 8;
  } else {
    fill(bytes, at + size, choice / 8);
    size += choice / 8;
  }
  net_put16(at + 2, net_sum_finish(net_sum(0, at, size)));
  return size;
}

static size_t put_udp(FuzzBytes *bytes, uint8_t *at)
{
  size_t payload = fuzz_u8(bytes) % 64;

  net_put16(at, fuzz_u16(bytes));
  net_put16(at + 2, fuzz_u16(bytes));
  net_put16(at + 4, (uint16_t)(NET_UDP_SIZE + payload));
  net_put16(at + 6, 0);
  fill(bytes, at + NET_UDP_SIZE, payload);
  return NET_UDP_SIZE + payload;
}

/* TCP's sum, over what the IP header says. */
static void sum_tcp(uint8_t *ip, uint8_t *at, size_t size)
{
  NetAddress from = net_address_ipv4(net_get32(ip + 12));
  NetAddress to = net_address_ipv4(net_get32(ip + 16));
  uint64_t sum = net_sum_pseudo(from, to, NET_PROTOCOL_TCP, (uint32_t)size);

  net_put16(at + 16, net_sum_finish(net_sum(sum, at, size)));
}

static size_t put_datagram(const World *w, FuzzBytes *bytes, uint8_t choice,
                           uint8_t *ip)
{
  uint8_t *at = ip + NET_IPV4_SIZE;
  size_t size;

  if (choice == 0) {
    size = put_icmp(w, bytes, at);
    put_ip(w, bytes, ip, NET_PROTOCOL_ICMP, size);
  } else if (choice == 1) {
    size = put_udp(bytes, at);
    put_ip(w, bytes, ip, NET_PROTOCOL_UDP, size);
  } else {
    size = put_tcp(bytes, at);
    put_ip(w, bytes, ip, NET_PROTOCOL_TCP, size);
    sum_tcp(ip, at, size);
  }
  return NET_IPV4_SIZE + size;
}

/* -- IPv6 -- */

static void put_address6(const World *w, FuzzBytes *bytes, uint8_t *at)
{
  uint8_t choice = fuzz_u8(bytes);

  if (choice < 180) {
    net_address_ipv6_put(at, w->nics[choice % w->nic_count]->address6);
  } else if (choice < 220) {
    memset(at, 0, 16);
    at[0] = choice & 1 ? 0xff : 0xfe;
    at[1] = choice & 1 ? 0x02 : 0x80;
    at[15] = fuzz_u8(bytes) & 3;
  } else {
    fill(bytes, at, 16);
  }
}

/* Extension headers of 8 bytes in front of `protocol`; returns their size. */
static size_t put_extensions(FuzzBytes *bytes, uint8_t *next, uint8_t *at,
                             uint8_t protocol)
{
  static const uint8_t headers[] = { NET_IPV6_HOP_BY_HOP, NET_IPV6_ROUTING,
                                     NET_IPV6_FRAGMENT, NET_IPV6_DESTINATION };
  unsigned count = fuzz_u8(bytes) & 3;
  size_t size = 0;

  for (unsigned i = 0; i < count; i++, size += 8) {
    uint8_t choice = fuzz_u8(bytes);

    *next = headers[choice & 3];
    memset(at + size, 0, 8);
    if (choice & 64)
      fill(bytes, at + size + (choice & 128 ? 1 : 2), 6);
    next = at + size;
  }
  *next = protocol;
  return size;
}

static size_t put_icmp6(const World *w, FuzzBytes *bytes, uint8_t *at)
{
  static const uint8_t types[] = { 1, 2, 3, 4, 128, 129, 133, 134, 135, 136 };
  uint8_t choice = fuzz_u8(bytes);
  uint8_t type = types[choice % sizeof types];
  size_t size = NET_ICMP_SIZE;

  memset(at, 0, NET_ICMP_SIZE);
  at[0] = type;
  at[1] = fuzz_u8(bytes) & 7;
  net_put32(at + 4, fuzz_delta(bytes));
  if (type == NET_ICMPV6_SOLICITATION || type == NET_ICMPV6_ADVERTISEMENT) {
    put_address6(w, bytes, at + 8);
    at[24] = fuzz_u8(bytes) & 3;
    at[25] = fuzz_u8(bytes) & 1;
    fill(bytes, at + 26, 6);
    return choice & 64 ? 32 : 24;
  }
  memset(at + size, 0, NET_IPV6_SIZE);
  at[size] = 0x60;
  net_put16(at + size + 4, 20);
  at[size + 6] = NET_PROTOCOL_TCP;
  put_address6(w, bytes, at + size + 8);
  put_address6(w, bytes, at + size + 24);
  put_tcp(bytes, at + size + NET_IPV6_SIZE);
  return size + (choice & 64 ? NET_IPV6_SIZE + 20u : choice / 4u);
}

static size_t put_datagram6(const World *w, FuzzBytes *bytes, uint8_t choice,
                            uint8_t *ip)
{
  static const uint8_t protocols[] = { NET_PROTOCOL_ICMPV6, NET_PROTOCOL_UDP,
                                       NET_PROTOCOL_TCP };
  static const uint8_t sums[] = { 2, 6, 16 };
  uint8_t protocol = protocols[choice];
  uint8_t *at = ip + NET_IPV6_SIZE, twist = fuzz_u8(bytes);
  size_t size, extensions;
  uint64_t sum;

  memset(ip, 0, NET_IPV6_SIZE);
  ip[0] = 0x60;
  ip[7] = twist & 1 ? fuzz_u8(bytes) : 255;
  put_address6(w, bytes, ip + 8);
  put_address6(w, bytes, ip + 24);
  extensions = twist & 2 ? put_extensions(bytes, ip + 6, at, protocol) : 0;
  if (extensions == 0)
    ip[6] = protocol;
  at += extensions;
  size = choice == 0   ? put_icmp6(w, bytes, at)
         : choice == 1 ? put_udp(bytes, at)
                       : put_tcp(bytes, at);
  net_put16(ip + 4, (uint16_t)(extensions + size));
  net_put16(at + sums[choice], 0);
  sum = net_sum_pseudo(net_address_ipv6_get(ip + 8),
                       net_address_ipv6_get(ip + 24), protocol, (uint32_t)size);
  net_put16(at + sums[choice], net_sum_finish(net_sum(sum, at, size)));
  if (twist >= 240)
    fill(bytes, ip, 7);
  return NET_IPV6_SIZE + extensions + size;
}

/* A frame for `nic`; returns its size. */
static size_t put_frame(const World *w, FuzzBytes *bytes, const NetNic *nic,
                        uint8_t *frame)
{
  uint8_t choice = fuzz_u8(bytes), kind = choice & 7;
  const NetNic *from = w->nics[(choice >> 4) % w->nic_count];
  uint8_t *at = frame + NET_ETHERNET_SIZE;
  size_t size;

  memcpy(frame, nic->mac.bytes, sizeof nic->mac.bytes);
  memcpy(frame + 6, from->mac.bytes, sizeof from->mac.bytes);
  if (choice & 8)
    memset(frame, choice & 128 ? 255 : 1, 6);
  net_put16(frame + 12, NET_ETHERTYPE_IPV4);
  if (kind == 0) {
    size = fuzz_u16(bytes) % 100;
    fill(bytes, frame + (choice & 16 ? NET_ETHERNET_SIZE : 0), size);
    return size;
  }
  if (kind == 1) {
    net_put16(frame + 12, NET_ETHERTYPE_ARP);
    size = put_arp(w, bytes, at);
  } else if (kind < 5) {
    size = put_datagram(w, bytes, kind % 3, at);
  } else {
    net_put16(frame + 12, NET_ETHERTYPE_IPV6);
    size = put_datagram6(w, bytes, kind % 3, at);
  }
  /* cut short now and then */
  return NET_ETHERNET_SIZE + (fuzz_u8(bytes) < 16 ? size / 2 : size);
}

static void inject(World *w, FuzzBytes *bytes)
{
  NetNic *nic = w->nics[fuzz_u8(bytes) % w->nic_count];
  uint8_t frame[MOST] = { 0 };
  size_t size = put_frame(w, bytes, nic, frame);
  uint8_t *exact = g_malloc(size + (size == 0));

  memcpy(exact, frame, size);
  net_accept(&nic->in, net_packet_from_frame(w->net, &nic->node->owner, exact,
                                             (uint32_t)size));
  g_free(exact);
}

/* -- the target -- */

static void world_end(World *w)
{
  const char *problem;

  tcp_listener_close(w->listener);
  for (unsigned side = 0; side < 2; side++)
    if (w->conns[side]) {
      tcp_abort(w->conns[side]);
      tcp_release(w->conns[side]);
    }
  while (sim_run(w->sim, w->sim->now + SIM_SECOND) == SIM_END_TIME)
    if (w->sim->fired > MOST_EVENTS)
      fuzz_fail("it does not come to an end");
  if (!sim_check_end(w->sim, &problem))
    fuzz_fail(problem);
  sim_free(w->sim);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  FuzzBytes bytes = { data, size };
  World w;

  world_init(&w, fuzz_u8(&bytes));
  for (unsigned i = 0; bytes.left > 0 && i < FRAMES; i++) {
    uint8_t pause = fuzz_u8(&bytes);

    inject(&w, &bytes);
    if (pause & 1)
      sim_run(w.sim, w.sim->now + pause * SIM_MILLISECOND / 8);
  }
  world_end(&w);
  return 0;
}

size_t fuzz_example(SimRandom *random, uint8_t *ret)
{
  size_t size = 1 + fuzz_noise(random, ret + 1, 300);

  ret[0] = (uint8_t)sim_random_next(random);
  for (size_t i = 1; i < size; i++)
    if (sim_random_below(random, 8) == 0)
      ret[i] = (uint8_t)sim_random_next(random);
  return size;
}
