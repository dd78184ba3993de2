/* Neighbour discovery (RFC 4861), as much as resolving a link address takes:
 * solicitations to the solicited-node group, advertisements as answers. There
 * are no router advertisements and no duplicate address detection: net_finish()
 * gives addresses and routes. What is learnt is in neighbour.c.
 *
 *   ICMPv6 8: type, code, sum, flags | target 16 | option: kind, 1, MAC
 */
#include "host_private.h"

#define HOPS 255 /* what was routed on has less: RFC 4861 7.1 */
#define TARGET NET_ICMP_SIZE
#define FIXED (NET_ICMP_SIZE + 16)
#define OPTION_SIZE 8

enum { SOURCE_LINK_ADDRESS = 1, TARGET_LINK_ADDRESS = 2 };
enum { FLAG_ROUTER = 0x80, FLAG_SOLICITED = 0x40, FLAG_OVERRIDE = 0x20 };

/* These go out by `nic` whatever the routes say. */
static void send_message(NetHost *host, NetNic *nic, NetAddress to,
                         const NetMac *to_mac, uint8_t type, uint8_t flags,
                         NetAddress target, uint8_t option)
{
  NetPacket *packet = net_packet_new(host->node.net, &host->node.owner);
  uint8_t body[16 + OPTION_SIZE];
  uint8_t *at = net_icmp_at(packet, to);
  NetIp ip = { .source = nic->address6,
               .destination = to,
               .payload_length = FIXED + OPTION_SIZE,
               .protocol = NET_PROTOCOL_ICMPV6,
               .ttl = HOPS };

  net_address_ipv6_put(body, target);
  body[16] = option;
  body[17] = 1;
  memcpy(body + 18, nic->mac.bytes, sizeof(NetMac));
  packet->payload = net_slice_of(body, sizeof body);
  packet->l3 = NET_ETHERNET_SIZE;
  packet->l4 = NET_ETHERNET_SIZE + NET_IPV6_SIZE;
  packet->head_length = (uint16_t)(packet->l4 + NET_ICMP_SIZE);
  memset(at, 0, NET_ICMP_SIZE);
  at[0] = type;
  at[4] = flags;
  net_put16(at + 2, net_transport_sum(packet, &ip));
  net_ip_put(packet, &ip, 0);
  net_ethernet_put(packet, to_mac, &nic->mac, NET_ETHERTYPE_IPV6);
  packet->flags |= NET_PACKET_CHECKED;
  net_nic_send(nic, packet);
}

void net_discovery_ask(NetHost *host, NetNic *nic, NetAddress target)
{
  NetAddress group = net_address_solicited(target);
  NetMac mac = net_mac_of_group(group);

  send_message(host, nic, group, &mac, NET_ICMPV6_SOLICITATION, 0, target,
               SOURCE_LINK_ADDRESS);
}

/* RFC 4861 7.1.1, 7.1.2: every option has a length, and it is not 0. */
static const uint8_t *find_option(const uint8_t *at, uint32_t size,
                                  uint8_t kind, const char **ret_problem)
{
  const uint8_t *found = NULL;
  uint32_t i = FIXED;

  while (i < size) {
    uint32_t length = i + 1 < size ? at[i + 1] * 8u : 0;

    if (length == 0 || i + length > size) {
      *ret_problem = "an option of neighbour discovery has a wrong length";
      return NULL;
    }
    if (at[i] == kind && !found)
      found = at + i + 2;
    i += length;
  }
  return found;
}

static const char *message_problem(const uint8_t *at, uint32_t size,
                                   const NetIp *ip)
{
  if (ip->ttl != HOPS)
    return "neighbour discovery does not come from another link";
  if (at[1] != 0 || size < FIXED)
    return "the message of neighbour discovery is too short or has a code";
  if (net_address_is_multicast(net_address_ipv6_get(at + TARGET)))
    return "the target of neighbour discovery is a group";
  return NULL;
}

/* RFC 4861 7.2.3, 7.2.4. A solicitation without a source is somebody's
 * duplicate address detection (RFC 4862), answered to all nodes. */
static void answer(NetHost *host, NetNic *nic, const NetIp *ip,
                   const uint8_t *mac, NetAddress target)
{
  const NetAddress all_nodes = { UINT64_C(0xff02) << 48, 1 };
  bool nobody = net_address_is_any(ip->source);
  NetAddress to = nobody ? all_nodes : ip->source;
  NetMac to_mac = net_mac_of_group(to);
  uint8_t flags = FLAG_OVERRIDE;

  if (!net_address_equal(target, nic->address6) || (!nobody && !mac))
    return;
  if (mac) {
    memcpy(to_mac.bytes, mac, sizeof to_mac.bytes);
    net_neighbour_learn(host, nic, ip->source, mac, true);
  }
  if (!nobody)
    flags |= FLAG_SOLICITED;
  if (host->spec.forwarding)
    flags |= FLAG_ROUTER;
  send_message(host, nic, to, &to_mac, NET_ICMPV6_ADVERTISEMENT, flags, target,
               TARGET_LINK_ADDRESS);
}

const char *net_discovery_input(NetHost *host, NetNic *nic,
                                const NetPacket *packet, const NetIp *ip)
{
  uint8_t bytes[256];
  uint32_t offset = packet->l4;
  uint32_t size = net_packet_bytes(packet, bytes, sizeof bytes) - offset;
  const uint8_t *at = bytes + offset, *mac;
  const char *problem = message_problem(at, size, ip);
  bool question = at[0] == NET_ICMPV6_SOLICITATION;
  NetAddress target;

  if (problem || !nic)
    return problem;
  mac = find_option(
      at, size, question ? SOURCE_LINK_ADDRESS : TARGET_LINK_ADDRESS, &problem);
  if (!problem && mac && net_mac_is_group(mac))
    problem = "the link address in neighbour discovery is a group's";
  if (!problem && mac && question && net_address_is_any(ip->source))
    problem = "a solicitation without a source has a link address";
  if (problem)
    return problem;
  target = net_address_ipv6_get(at + TARGET);
  if (question)
    answer(host, nic, ip, mac, target);
  else if (mac && !net_nic_owns(nic, target))
    net_neighbour_learn(host, nic, target, mac, false);
  return NULL;
}
