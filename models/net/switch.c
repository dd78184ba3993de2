/* A learning switch (IEEE 802.1D 7.8, 7.9): it remembers behind which port a
 * station was heard, and floods what it does not know.
 *
 * No frame comes from a group address, so none is ever found and all are
 * flooded. Invariant: the table is an open hash with linear probing, at most
 * half full, from which nothing is taken: an aged entry is ignored until it is
 * heard again. When it is as large as it may be, new stations are not
 * learned and their frames are flooded.
 */
#include <glib.h>

#include "box.h"
#include "host.h"

#define AGEING (300 * SIM_SECOND)
#define STATIONS_LEAST 16
#define STATIONS_MOST 16384

typedef struct Station {
  NetNic *nic; /* NULL: the slot is free */
  SimTime heard;
  uint64_t mac;
} Station;

typedef struct NetSwitch {
  NetNode node;
  Station *stations;
  unsigned count;
  unsigned mask;
} NetSwitch;

static uint64_t mac_key(const uint8_t *mac)
{
  return (uint64_t)net_get16(mac) << 32 | net_get32(mac + 2);
}

/* The station's slot, or the free one where it would be. */
static Station *find(const NetSwitch *self, uint64_t mac)
{
  unsigned slot = (unsigned)sim_hash(mac, 0) & self->mask;

  while (self->stations[slot].nic && self->stations[slot].mac != mac)
    slot = (slot + 1) & self->mask;
  return &self->stations[slot];
}

static void grow(NetSwitch *self)
{
  Station *old = self->stations;
  unsigned room = self->mask + 1;

  self->mask = 2 * room - 1;
  self->stations = g_new0(Station, 2 * room);
  for (unsigned i = 0; i < room; i++)
    if (old[i].nic)
      *find(self, old[i].mac) = old[i];
  g_free(old);
}

static void learn(NetSwitch *self, NetNic *nic, const uint8_t *mac)
{
  Station *station = find(self, mac_key(mac));

  if (net_mac_is_group(mac))
    return;
  if (!station->nic) {
    if (2 * (self->count + 1) > self->mask) {
      if (self->mask + 1 >= STATIONS_MOST)
        return;
      grow(self);
      station = find(self, mac_key(mac));
    }
    self->count++;
    station->mac = mac_key(mac);
  }
  station->nic = nic;
  station->heard = self->node.net->sim->now;
}

/* The boxes of a switch look at what is IP, port by port. False: one took the
 * frame. */
static bool pass(NetSwitch *self, NetNic *in, NetNic *out, NetPacket *packet)
{
  const NetCrossing at = { NET_POINT_FORWARD, &self->node, in, out };
  uint16_t type = net_get16(packet->head + 12);
  const char *problem;
  NetIp ip;

  if (!self->node.boxes ||
      (type != NET_ETHERTYPE_IPV4 && type != NET_ETHERTYPE_IPV6))
    return true;
  packet->l3 = NET_ETHERNET_SIZE;
  if (net_ip_get(packet, &ip, &problem))
    return net_boxes_pass(&at, packet, &ip);
  net_drop(packet, &self->node, in, "ip-malformed", problem);
  return false;
}

static void send(NetSwitch *self, NetNic *from, NetNic *nic, NetPacket *packet)
{
  if (!pass(self, from, nic, packet))
    return;
  if (net_packet_length(packet) > nic->mtu + NET_ETHERNET_SIZE)
    net_drop(packet, &self->node, nic, "switch-too-big",
             "the frame is larger than the next link's MTU");
  else
    net_nic_send(nic, packet);
}

/* The original goes out last: the copies need its bytes. */
static void flood(NetSwitch *self, NetNic *from, NetPacket *packet)
{
  NetNic *last = NULL;

  for (NetNic *nic = self->node.nics; nic; nic = nic->next) {
    if (nic == from)
      continue;
    if (last)
      send(self, from, last, net_packet_copy(packet, &self->node.owner));
    last = nic;
  }
  if (last)
    send(self, from, last, packet);
  else
    net_drop(packet, &self->node, from, "switch-alone",
             "the switch has no other port");
}

static void switch_receive(NetNode *node, NetNic *nic, NetPacket *packet)
{
  NetSwitch *self = SIM_CONTAINER(node, NetSwitch, node);
  const Station *to;

  learn(self, nic, packet->head + sizeof(NetMac));
  to = find(self, mac_key(packet->head));
  if (!to->nic || node->net->sim->now - to->heard > AGEING)
    flood(self, nic, packet);
  else if (to->nic == nic)
    net_drop(packet, node, nic, "switch-same-port",
             "its station is behind the port where it came from");
  else
    send(self, nic, to->nic, packet);
}

static void switch_free(NetNode *node)
{
  NetSwitch *self = SIM_CONTAINER(node, NetSwitch, node);

  g_free(self->stations);
  net_node_clear(node);
  g_free(self);
}

NetNode *net_switch_new(Net *net, const char *name)
{
  NetSwitch *self = g_new0(NetSwitch, 1);

  self->stations = g_new0(Station, STATIONS_LEAST);
  self->mask = STATIONS_LEAST - 1;
  self->node.receive = switch_receive;
  self->node.free = switch_free;
  net_node_init(&self->node, net, NET_SWITCH, name);
  return &self->node;
}
