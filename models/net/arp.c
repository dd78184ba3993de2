/* ARP (RFC 826): neighbours, asked for or known.
 *
 *   unknown -- a packet waits --> asked (3 times, 1 s apart) -- no answer -->
 *              queue dropped, ICMP host unreachable, forgotten
 *                               asked -- reply --> known, queue sent
 *
 * A host without NetHostSpec.arp finds the NIC with the address in its own
 * broadcast domain, as if every neighbour had a permanent entry; only for
 * addresses that nobody has does it ask. Entries do not age.
 *
 * Invariant: a neighbour's timer is pending, and its queue holds packets,
 * exactly while it is not known.
 */
#include "host_private.h"

typedef struct NetNeighbour {
  NetAddress address; /* the table's key */
  NetHost *host;
  NetNic *nic;
  NetMac mac;
  bool known;
  uint8_t tries;
  uint8_t queued;
  NetPacket *first, *last;
  SimEvent timer;
} NetNeighbour;

enum { ARP_REQUEST = 1, ARP_REPLY = 2 };

static guint hash_address(gconstpointer key)
{
  const NetAddress *address = key;

  return (guint)sim_hash(address->high, address->low);
}

static gboolean equal_address(gconstpointer a, gconstpointer b)
{
  return net_address_equal(*(const NetAddress *)a, *(const NetAddress *)b);
}

static Sim *host_sim(const NetHost *host)
{
  return host->node.net->sim;
}

static void send_arp(NetNic *nic, uint16_t operation, const NetMac *to,
                     const NetMac *target_mac, NetAddress target)
{
  NetPacket *packet = net_packet_new(nic->node->net, &nic->node->owner);
  uint8_t *at = packet->head + NET_ETHERNET_SIZE;

  packet->l3 = NET_ETHERNET_SIZE;
  packet->head_length = NET_ETHERNET_SIZE + NET_ARP_SIZE;
  net_ethernet_put(packet, to, &nic->mac, NET_ETHERTYPE_ARP);
  net_put16(at, 1);
  net_put16(at + 2, NET_ETHERTYPE_IPV4);
  at[4] = sizeof(NetMac);
  at[5] = 4;
  net_put16(at + 6, operation);
  memcpy(at + 8, nic->mac.bytes, sizeof(NetMac));
  net_put32(at + 14, net_address_to_ipv4(nic->address));
  memcpy(at + 18, target_mac->bytes, sizeof(NetMac));
  net_put32(at + 24, net_address_to_ipv4(target));
  net_nic_send(nic, packet);
}

static void ask(NetNeighbour *neighbour)
{
  const NetMac everybody = NET_MAC_BROADCAST;
  const NetMac unknown = { { 0 } };
  Sim *sim = host_sim(neighbour->host);

  neighbour->tries++;
  sim_schedule(sim, &neighbour->timer, &neighbour->host->node.owner,
               sim_time_add(sim->now, NET_ARP_INTERVAL));
  send_arp(neighbour->nic, ARP_REQUEST, &everybody, &unknown,
           neighbour->address);
}

static NetPacket *take_queue(NetNeighbour *neighbour)
{
  NetPacket *first = neighbour->first;

  neighbour->first = neighbour->last = NULL;
  neighbour->queued = 0;
  return first;
}

static void give_up(NetNeighbour *neighbour)
{
  NetHost *host = neighbour->host;
  NetNic *nic = neighbour->nic;
  NetPacket *packet = take_queue(neighbour);

  g_hash_table_remove(host->neighbours, &neighbour->address);
  while (packet) {
    NetPacket *next = packet->next;

    net_icmp_error(host, packet, NET_ICMP_UNREACHABLE, NET_UNREACHABLE_HOST, 0);
    net_drop(packet, &host->node, nic, "arp-no-answer",
             "the next hop did not answer three ARP requests");
    packet = next;
  }
}

static void waited(Sim *sim, SimEvent *event)
{
  NetNeighbour *neighbour = SIM_CONTAINER(event, NetNeighbour, timer);

  (void)sim;
  if (neighbour->tries < NET_ARP_TRIES)
    ask(neighbour);
  else
    give_up(neighbour);
}

static NetNeighbour *find(NetHost *host, NetAddress address)
{
  if (!host->neighbours)
    return NULL;
  return g_hash_table_lookup(host->neighbours, &address);
}

static NetNeighbour *add(NetHost *host, NetNic *nic, NetAddress address)
{
  NetNeighbour *neighbour = g_new0(NetNeighbour, 1);

  neighbour->address = address;
  neighbour->host = host;
  neighbour->nic = nic;
  sim_event_init(&neighbour->timer, waited);
  if (!host->neighbours)
    host->neighbours =
        g_hash_table_new_full(hash_address, equal_address, NULL, g_free);
  g_hash_table_insert(host->neighbours, &neighbour->address, neighbour);
  return neighbour;
}

bool net_arp_resolve(NetHost *host, NetPath *path)
{
  const NetNeighbour *neighbour;
  const NetNic *peer;

  if (!host->spec.arp) {
    peer = net_nic_at(host->node.net, path->next_hop);
    if (peer && peer != path->nic && peer->domain == path->nic->domain) {
      path->mac = peer->mac;
      path->resolved = true;
      return true;
    }
  }
  neighbour = find(host, path->next_hop);
  if (!neighbour || !neighbour->known)
    return false;
  path->mac = neighbour->mac;
  path->resolved = true;
  return true;
}

void net_arp_wait(NetHost *host, NetPacket *packet, const NetPath *path)
{
  NetNeighbour *neighbour = find(host, path->next_hop);

  if (!neighbour)
    neighbour = add(host, path->nic, path->next_hop);
  if (neighbour->queued == NET_ARP_QUEUE) {
    net_drop(packet, &host->node, path->nic, "arp-queue",
             "too many packets already wait for the next hop's ARP reply");
    return;
  }
  packet->next = NULL;
  if (neighbour->last)
    neighbour->last->next = packet;
  else
    neighbour->first = packet;
  neighbour->last = packet;
  neighbour->queued++;
  if (neighbour->tries == 0)
    ask(neighbour);
}

/* What waited goes out by the NIC that asked. */
static void send_queue(NetNeighbour *neighbour)
{
  NetPacket *packet = take_queue(neighbour);
  NetNic *nic = neighbour->nic;
  NetMac mac = neighbour->mac;

  while (packet) {
    NetPacket *next = packet->next;

    net_ethernet_put(packet, &mac, &nic->mac, NET_ETHERTYPE_IPV4);
    net_nic_send(nic, packet);
    packet = next;
  }
}

static void learn(NetHost *host, NetNic *nic, NetAddress address,
                  const uint8_t *mac, bool new_too)
{
  NetNeighbour *neighbour = find(host, address);

  if (!neighbour && new_too)
    neighbour = add(host, nic, address);
  if (!neighbour || neighbour->nic != nic)
    return;
  if (neighbour->known && !net_mac_equal(neighbour->mac.bytes, mac))
    net_host_changed(host);
  memcpy(neighbour->mac.bytes, mac, sizeof(NetMac));
  neighbour->known = true;
  sim_cancel(host_sim(host), &neighbour->timer);
  send_queue(neighbour);
}

static const char *arp_problem(const NetPacket *packet)
{
  const uint8_t *at = packet->head + NET_ETHERNET_SIZE;
  uint32_t sender;

  if (packet->head_length < NET_ETHERNET_SIZE + NET_ARP_SIZE)
    return "the frame is too short for an ARP packet";
  if (net_get16(at) != 1 || net_get16(at + 2) != NET_ETHERTYPE_IPV4 ||
      at[4] != sizeof(NetMac) || at[5] != 4)
    return "it is not ARP for IPv4 over Ethernet";
  if (net_get16(at + 6) != ARP_REQUEST && net_get16(at + 6) != ARP_REPLY)
    return "the ARP operation is neither request nor reply";
  if (net_mac_is_group(at + 8))
    return "the ARP sender is a group address";
  sender = net_get32(at + 14);
  if (sender >> 28 >= 0xe || sender >> 24 == 127)
    return "the ARP sender has an address that nobody can have";
  return NULL;
}

/* RFC 826, packet reception: update, then add if it is for us, then
 * answer. A probe (sender 0.0.0.0, RFC 5227) teaches nothing. */
void net_arp_input(NetHost *host, NetNic *nic, NetPacket *packet)
{
  const uint8_t *at = packet->head + NET_ETHERNET_SIZE;
  const char *problem = arp_problem(packet);
  NetAddress sender, target;
  NetMac sender_mac;
  bool for_us;

  if (problem) {
    net_drop(packet, &host->node, nic, "arp-malformed", problem);
    return;
  }
  sender = net_address_ipv4(net_get32(at + 14));
  target = net_address_ipv4(net_get32(at + 24));
  memcpy(sender_mac.bytes, at + 8, sizeof sender_mac.bytes);
  for_us =
      !net_address_is_any(target) && net_address_equal(target, nic->address);
  if (!net_address_is_any(sender) && !net_address_equal(sender, nic->address))
    learn(host, nic, sender, sender_mac.bytes, for_us);
  if (for_us && net_get16(at + 6) == ARP_REQUEST)
    send_arp(nic, ARP_REPLY, &sender_mac, &sender_mac, sender);
  net_packet_free(packet);
}

static void free_queue(gpointer key, gpointer value, gpointer user)
{
  (void)key;
  (void)user;
  net_packet_free_list(take_queue(value));
}

void net_arp_clear(NetHost *host)
{
  if (!host->neighbours)
    return;
  g_hash_table_foreach(host->neighbours, free_queue, NULL);
  g_hash_table_destroy(host->neighbours);
  host->neighbours = NULL;
}
