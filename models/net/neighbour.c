/* Neighbours, asked for or known: the part that ARP (arp.c) and neighbour
 * discovery (discovery.c) share.
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

static void ask(NetNeighbour *neighbour)
{
  Sim *sim = host_sim(neighbour->host);

  neighbour->tries++;
  sim_schedule(sim, &neighbour->timer, &neighbour->host->node.owner,
               sim_time_add(sim->now, NET_NEIGHBOUR_INTERVAL));
  if (net_address_is_ipv4(neighbour->address))
    net_arp_ask(neighbour->nic, neighbour->address);
  else
    net_discovery_ask(neighbour->host, neighbour->nic, neighbour->address);
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
    if (net_packet_is_ipv6(packet))
      net_drop(packet, &host->node, nic, "nd-no-answer",
               "the next hop did not answer three neighbour solicitations");
    else
      net_drop(packet, &host->node, nic, "arp-no-answer",
               "the next hop did not answer three ARP requests");
    packet = next;
  }
}

static void waited(Sim *sim, SimEvent *event)
{
  NetNeighbour *neighbour = SIM_CONTAINER(event, NetNeighbour, timer);

  (void)sim;
  if (neighbour->tries < NET_NEIGHBOUR_TRIES)
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

bool net_neighbour_resolve(NetHost *host, NetPath *path)
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

void net_neighbour_wait(NetHost *host, NetPacket *packet, const NetPath *path)
{
  NetNeighbour *neighbour = find(host, path->next_hop);

  if (!neighbour)
    neighbour = add(host, path->nic, path->next_hop);
  if (neighbour->queued == NET_NEIGHBOUR_QUEUE) {
    net_drop(packet, &host->node, path->nic, "arp-queue",
             "too many packets already wait for the next hop's answer");
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

    net_ethernet_put(packet, &mac, &nic->mac,
                     net_get16(packet->head + 2 * sizeof mac));
    net_nic_send(nic, packet);
    packet = next;
  }
}

void net_neighbour_learn(NetHost *host, NetNic *nic, NetAddress address,
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

static void free_queue(gpointer key, gpointer value, gpointer user)
{
  NetNeighbour *neighbour = value;

  (void)key;
  (void)user;
  sim_cancel(host_sim(neighbour->host), &neighbour->timer);
  net_packet_free_list(take_queue(neighbour));
}

void net_neighbour_clear(NetHost *host)
{
  if (!host->neighbours)
    return;
  g_hash_table_foreach(host->neighbours, free_queue, NULL);
  g_hash_table_destroy(host->neighbours);
  host->neighbours = NULL;
}
