/* net_finish(): broadcast domains, subnets and addresses. Routes are in
 * shortest.c.
 *
 * What was set by hand stays, and so does what an earlier call gave: a second
 * call only adds.
 */
#include "topology.h"

#include <stdio.h>

static bool fail(Topology *t, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool fail(Topology *t, const char *format, ...)
{
  va_list arguments;

  va_start(arguments, format);
  vsnprintf(t->ret_error, t->error_size, format, arguments);
  va_end(arguments);
  return false;
}

static uint32_t mask_of(unsigned prefix)
{
  return prefix == 0 ? 0 : UINT32_MAX << (32 - prefix);
}

static bool wants_address(const NetNic *nic)
{
  return nic->node->kind != NET_SWITCH;
}

/* A broadcast gets to `nic`: a switch sends it to all its ports, so that it
 * is entered once. */
static void enter(GPtrArray *stack, NetNic *nic, unsigned number)
{
  nic->domain = number;
  g_ptr_array_add(stack, nic);
  if (nic->node->kind != NET_SWITCH)
    return;
  for (NetNic *port = nic->node->nics; port; port = port->next)
    if (port->peer && port->domain == 0) {
      port->domain = number;
      g_ptr_array_add(stack, port);
    }
}

/* Everything that a broadcast from `start` reaches becomes domain `number`. */
static void flood_domain(GPtrArray *stack, NetNic *start, unsigned number)
{
  enter(stack, start, number);
  while (stack->len > 0) {
    NetNic *nic = g_ptr_array_steal_index_fast(stack, stack->len - 1);

    if (nic->peer->domain == 0)
      enter(stack, nic->peer, number);
  }
}

static void find_domains(Topology *t)
{
  GPtrArray *stack = g_ptr_array_new();

  for (NetNode *node = t->net->nodes; node; node = node->next)
    for (NetNic *nic = node->nics; nic; nic = nic->next)
      nic->domain = 0;
  t->net->domain_count = 0;
  for (NetLink *link = t->net->links; link; link = link->next)
    if (link->wires[0].from->domain == 0)
      flood_domain(stack, link->wires[0].from, ++t->net->domain_count);
  g_ptr_array_free(stack, TRUE);
  t->subnets = g_new0(NetSubnet, t->net->domain_count + 1);
}

/* Domains whose switches are joined by as many links as there are switches
 * hold a ring, in which a broadcast would never end. */
static bool check_rings(Topology *t)
{
  for (NetNode *node = t->net->nodes; node; node = node->next)
    if (node->kind == NET_SWITCH && node->nics && node->nics->domain)
      t->subnets[node->nics->domain].switches++;
  for (NetLink *link = t->net->links; link; link = link->next) {
    NetNic *nic = link->wires[0].from;
    NetSubnet *subnet = &t->subnets[nic->domain];

    if (nic->node->kind != NET_SWITCH || nic->peer->node->kind != NET_SWITCH)
      continue;
    if (++subnet->switch_links >= subnet->switches)
      return fail(t,
                  "link %s closes a ring of switches, in which broadcasts "
                  "would circle for ever: leave it out",
                  link->name);
  }
  return true;
}

static bool note_address6(Topology *t, NetNic *nic)
{
  NetSubnet *subnet = &t->subnets[nic->domain];
  char text[NET_ADDRESS_TEXT], other[NET_ADDRESS_TEXT];

  if (net_address_is_any(nic->address6))
    return true;
  net_address_format(nic->address6, text);
  if (nic->prefix6 > 128)
    return fail(t, "%s: a prefix of %u bits is longer than an address",
                nic->node->name, nic->prefix6);
  if (!subnet->set6) {
    subnet->set6 = true;
    subnet->base6 = nic->address6;
    subnet->prefix6 = nic->prefix6;
  }
  if (nic->prefix6 != subnet->prefix6 ||
      !net_address_matches(nic->address6, subnet->base6, subnet->prefix6))
    return fail(t, "%s: address %s/%u is not in the subnet of %s/%u beside it",
                nic->node->name, text, nic->prefix6,
                net_address_format(subnet->base6, other), subnet->prefix6);
  return true;
}

static bool note_address(Topology *t, NetNic *nic)
{
  NetSubnet *subnet = &t->subnets[nic->domain];
  uint32_t address = net_address_to_ipv4(nic->address);
  char text[NET_ADDRESS_TEXT];

  subnet->nics++;
  if (net_address_is_any(nic->address))
    return true;
  net_address_format(nic->address, text);
  if (nic->prefix > 32)
    return fail(t, "%s: a prefix of %u bits is longer than an address",
                nic->node->name, nic->prefix);
  if (!subnet->set) {
    subnet->set = true;
    subnet->base = address & mask_of(nic->prefix);
    subnet->prefix = nic->prefix;
  }
  if (nic->prefix != subnet->prefix ||
      (address & mask_of(nic->prefix)) != subnet->base)
    return fail(t,
                "%s: address %s/%u is not in its neighbours' subnet "
                "%u.%u.%u.%u/%u",
                nic->node->name, text, nic->prefix, subnet->base >> 24,
                subnet->base >> 16 & 255, subnet->base >> 8 & 255,
                subnet->base & 255, subnet->prefix);
  if (net_host_is_broadcast(nic, nic->address))
    return fail(t, "%s: %s is its subnet's broadcast address", nic->node->name,
                text);
  return true;
}

static bool note_addresses(Topology *t)
{
  for (NetLink *link = t->net->links; link; link = link->next)
    for (unsigned end = 0; end < 2; end++)
      if (wants_address(link->wires[end].from) &&
          (!note_address(t, link->wires[end].from) ||
           !note_address6(t, link->wires[end].from)))
        return false;
  for (unsigned d = 1; d <= t->net->domain_count; d++)
    if (t->subnets[d].set)
      t->by_hand[t->by_hand_count++] = d;
  return true;
}

static bool taken(const Topology *t, uint32_t base, unsigned prefix)
{
  for (unsigned i = 0; i < t->by_hand_count; i++) {
    const NetSubnet *other = &t->subnets[t->by_hand[i]];
    unsigned shorter = prefix < other->prefix ? prefix : other->prefix;

    if (((base ^ other->base) & mask_of(shorter)) == 0)
      return true;
  }
  return false;
}

/* The next free block of 10.0.0.0/8 with room for all NICs and for the
 * subnet's own two addresses. */
static bool give_subnet(Topology *t, NetSubnet *subnet)
{
  unsigned prefix = 24;
  uint32_t blocks, base;

  while (prefix > 8 && UINT32_C(1) << (32 - prefix) < subnet->nics + 2)
    prefix--;
  blocks = UINT32_C(1) << (24 - prefix);
  do {
    uint32_t at = (t->net->next_subnet + blocks - 1) / blocks * blocks;

    if (at + blocks > UINT32_C(1) << 16)
      return fail(t, "10.0.0.0/8 has no room for so many subnets");
    base = UINT32_C(10) << 24 | at << 8;
    t->net->next_subnet = at + blocks;
  } while (taken(t, base, prefix));
  subnet->set = true;
  subnet->base = base;
  subnet->prefix = (uint8_t)prefix;
  return true;
}

static NetNic **address_slot(const Net *net, NetAddress address)
{
  NetFamily family = net_address_family(address);
  NetNic **table = net->by_address[family];
  unsigned slot = (unsigned)sim_hash(address.low, address.high);

  for (slot &= net->address_mask; table[slot];
       slot = (slot + 1) & net->address_mask)
    if (net_address_equal(net_nic_address(table[slot], family), address))
      break;
  return &table[slot];
}

/* An address that was changed since net_finish() is in a wrong slot, where
 * the comparison fails or finds the NIC that has the address now. */
NetNic *net_nic_at(const Net *net, NetAddress address)
{
  return net->by_address[0] ? *address_slot(net, address) : NULL;
}

static bool register_address(Topology *t, NetNic *nic, NetAddress address)
{
  NetNic **slot = address_slot(t->net, address);
  char text[NET_ADDRESS_TEXT];

  if (*slot)
    return fail(t, "%s and %s both have the address %s", (*slot)->node->name,
                nic->node->name, net_address_format(address, text));
  *slot = nic;
  return true;
}

static bool register_addresses(Topology *t)
{
  unsigned room = 8;
  unsigned nics = 0;

  for (NetNode *node = t->net->nodes; node; node = node->next)
    nics += node->nic_count;
  while (room < 2 * nics)
    room *= 2;
  for (NetFamily family = 0; family < NET_FAMILIES; family++) {
    g_free(t->net->by_address[family]);
    t->net->by_address[family] = g_new0(NetNic *, room);
  }
  t->net->address_mask = room - 1;
  for (NetNode *node = t->net->nodes; node; node = node->next)
    for (NetNic *nic = node->nics; nic; nic = nic->next)
      for (NetFamily family = 0; family < NET_FAMILIES; family++) {
        NetAddress address = net_nic_address(nic, family);

        if (!net_address_is_any(address) && !register_address(t, nic, address))
          return false;
      }
  return true;
}

static bool give_address(Topology *t, NetNic *nic)
{
  NetSubnet *subnet = &t->subnets[nic->domain];
  uint32_t end = ~mask_of(subnet->prefix);

  if (!net_address_is_any(nic->address))
    return true;
  do {
    if (++subnet->last >= end)
      return fail(t, "%s: its subnet has no address left", nic->node->name);
    nic->address = net_address_ipv4(subnet->base + subnet->last);
  } while (net_nic_at(t->net, nic->address));
  nic->prefix = subnet->prefix;
  return register_address(t, nic, nic->address);
}

/* The subnet's number stands where 10.0.0.0/8 has it; one outside, or one of
 * several in a /24, is numbered by its domain. */
static void give_subnet6(Topology *t, NetSubnet *subnet)
{
  bool ours = subnet->base >> 24 == 10 && subnet->prefix <= 24;
  uint64_t number = ours ? subnet->base >> 8 & 0xffff
                         : UINT64_C(0x10000) + (unsigned)(subnet - t->subnets);

  subnet->set6 = true;
  subnet->base6 = (NetAddress){ UINT64_C(0x20010db8) << 32 | number, 0 };
  subnet->prefix6 = 64;
}

/* The same host number as in IPv4, the next one that is free if somebody has
 * it by hand. */
static bool give_address6(Topology *t, NetNic *nic)
{
  NetSubnet *subnet = &t->subnets[nic->domain];
  NetAddress address;

  if (!net_address_is_any(nic->address6))
    return true;
  if (!subnet->set6)
    give_subnet6(t, subnet);
  if (subnet->prefix6 > 96)
    return true; /* all by hand there */
  address = subnet->base6;
  address.low &= ~(uint64_t)UINT32_MAX;
  address.low |= net_address_to_ipv4(nic->address) & ~mask_of(subnet->prefix);
  while (net_nic_at(t->net, address))
    address.low++;
  nic->address6 = address;
  nic->prefix6 = subnet->prefix6;
  return register_address(t, nic, address);
}

static bool give_addresses(Topology *t)
{
  for (unsigned d = 1; d <= t->net->domain_count; d++)
    if (!t->subnets[d].set && t->subnets[d].nics > 0 &&
        !give_subnet(t, &t->subnets[d]))
      return false;
  for (NetLink *link = t->net->links; link; link = link->next)
    for (unsigned end = 0; end < 2; end++)
      if (wants_address(link->wires[end].from) &&
          (!give_address(t, link->wires[end].from) ||
           !give_address6(t, link->wires[end].from)))
        return false;
  return true;
}

bool net_finish(Net *net, char *ret_error, size_t size)
{
  Topology t = { .net = net, .ret_error = ret_error, .error_size = size };
  bool ok;

  find_domains(&t);
  t.by_hand = g_new(unsigned, net->domain_count + 1);
  ok = check_rings(&t) && note_addresses(&t) && register_addresses(&t) &&
       give_addresses(&t);
  if (ok)
    net_topology_routes(&t);
  g_free(t.by_hand);
  g_free(t.subnets);
  return ok;
}
