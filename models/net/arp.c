/* ARP (RFC 826): questions and answers about who has an IPv4 address. What is
 * learnt is in neighbour.c. */
#include "host_private.h"

enum { ARP_REQUEST = 1, ARP_REPLY = 2 };

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

void net_arp_ask(NetNic *nic, NetAddress target)
{
  const NetMac everybody = NET_MAC_BROADCAST;
  const NetMac unknown = { { 0 } };

  send_arp(nic, ARP_REQUEST, &everybody, &unknown, target);
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
    net_neighbour_learn(host, nic, sender, sender_mac.bytes, for_us);
  if (for_us && net_get16(at + 6) == ARP_REQUEST)
    send_arp(nic, ARP_REPLY, &sender_mac, &sender_mac, sender);
  net_packet_free(packet);
}
