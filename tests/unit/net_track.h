/* Packets of one connection, client c to server s, as a box in between sees
 * them. Numbers are relative to ISNs just below the wrap. */
#pragma once

#include "conntrack.h"
#include "net_world.h"

#define ISS_C 0xfffffff0u
#define ISS_S 0xffffff00u

enum { T_FIN = 1, T_SYN = 2, T_RST = 4, T_PSH = 8, T_ACK = 16, T_URG = 32 };

typedef struct Lab {
  World w;
  NetTracker *tracker;
  NetFamily family;
  NetHost *maker;
  NetTracked last;
} Lab;

static inline Lab lab_new(NetFamily family, const NetTrackSpec *spec)
{
  Lab lab = { .w = world_new(), .family = family };

  lab.maker = net_host_new(lab.w.net, "maker", NULL);
  lab.tracker = net_tracker_new(lab.w.sim, spec);
  return lab;
}

static inline void lab_end(Lab *lab)
{
  net_tracker_free(lab->tracker);
  world_end(&lab->w);
}

static inline NetAddress lab_address(const Lab *lab, bool server)
{
  return lab->family == NET_IPV4
             ? net_address_ipv4(server ? 0x0a000102 : 0x0a000001)
             : (NetAddress){ UINT64_C(0x20010db8) << 32, server ? 2 : 1 };
}

static inline void nothing(Sim *sim, SimEvent *event)
{
  (void)sim;
  (void)event;
}

/* Lets virtual time pass. */
static inline void lab_wait(Lab *lab, SimTime span)
{
  SimEvent event;

  sim_event_init(&event, nothing);
  sim_schedule(lab->w.sim, &event, &net_host_node(lab->maker)->owner,
               sim_time_add(lab->w.sim->now, span));
  world_run(&lab->w);
}

/* (transfer full), with right checksums; numbers as they are. */
static inline NetPacket *lab_packet(Lab *lab, bool reply, unsigned flags,
                                    uint32_t seq, uint32_t ack, uint32_t size,
                                    NetIp *ret_ip)
{
  NetNode *node = net_host_node(lab->maker);
  NetPacket *packet = net_packet_new(lab->w.net, &node->owner);
  NetIp ip = { .source = lab_address(lab, reply),
               .destination = lab_address(lab, !reply),
               .protocol = NET_PROTOCOL_TCP,
               .ttl = 64,
               .payload_length = 20 + size };
  bool ipv4 = lab->family == NET_IPV4;
  uint8_t *at;

  packet->l3 = NET_ETHERNET_SIZE;
  packet->l4 = (uint16_t)(NET_ETHERNET_SIZE + net_ip_size(ip.source));
  packet->head_length = (uint16_t)(packet->l4 + 20);
  packet->payload = net_slice_virtual(size);
  memset(packet->head, 0, packet->head_length);
  net_put16(packet->head + 12, ipv4 ? NET_ETHERTYPE_IPV4 : NET_ETHERTYPE_IPV6);
  at = packet->head + packet->l4;
  net_put16(at, reply ? 80 : 1025);
  net_put16(at + 2, reply ? 1025 : 80);
  net_put32(at + 4, seq);
  net_put32(at + 8, ack);
  at[12] = 5 << 4;
  at[13] = (uint8_t)flags;
  net_put16(at + 14, 1000);
  net_ip_put(packet, &ip, 7);
  net_put16(at + 16, net_transport_sum(packet, &ip));
  *ret_ip = ip;
  return packet;
}

/* Sends it through the tracker and lets it through. */
static inline NetTracked lab_judge(Lab *lab, NetPacket *packet, const NetIp *ip)
{
  lab->last = net_tracker_judge(lab->tracker, packet, ip);
  g_assert_true(net_tracker_settle(lab->tracker, &lab->last, true));
  net_packet_free(packet);
  return lab->last;
}

/* `seq`, `ack`: relative to the ISNs. */
static inline NetTracked lab_tcp(Lab *lab, char from, unsigned flags,
                                 uint32_t seq, uint32_t ack, uint32_t size)
{
  bool reply = from == 's';
  NetIp ip;
  NetPacket *packet =
      lab_packet(lab, reply, flags, seq + (reply ? ISS_S : ISS_C),
                 flags & T_ACK ? ack + (reply ? ISS_C : ISS_S) : 0, size, &ip);

  return lab_judge(lab, packet, &ip);
}

static inline void lab_open(Lab *lab)
{
  lab_tcp(lab, 'c', T_SYN, 0, 0, 0);
  lab_tcp(lab, 's', T_SYN | T_ACK, 0, 1, 0);
  lab_tcp(lab, 'c', T_ACK, 1, 1, 0);
}

static inline NetFlow *lab_flow(Lab *lab)
{
  return lab->tracker->newest;
}
