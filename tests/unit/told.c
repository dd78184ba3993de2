/* Tells the trace bus what a network would. */
#include "told.h"

#include <glib/gstdio.h>
#include <string.h>

static void ignore(Sim *sim, SimEvent *event)
{
  (void)sim, (void)event;
}

void told_init(Told *it)
{
  char error[200] = "";

  *it = (Told){ .run = { .name = (char *)"told", .title = NULL } };
  it->run.options = (RunOptions){ .seed = 7, .traced = true };
  it->run.sim = sim_new(7);
  it->run.net = net_new(it->run.sim);
  it->hosts[CLIENT] = net_host_new(it->run.net, "client", NULL);
  it->hosts[SERVER] = net_host_new(it->run.net, "server", NULL);
  it->link = net_link_new(it->run.net, NULL, net_host_node(it->hosts[CLIENT]),
                          net_host_node(it->hosts[SERVER]), &(NetWireSpec){ 0 },
                          &(NetWireSpec){ 0 }, NULL, NULL);
  g_assert_true(net_finish(it->run.net, error, sizeof error));
  for (int i = 0; i < 2; i++)
    it->stacks[i] = tcp_stack_new(it->hosts[i], NULL);
  sim_owner_init(&it->owner, it->run.sim, "told");
  sim_event_init(&it->tick, ignore);
  it->run.record = record_new(&it->run);
}

void told_clear(Told *it)
{
  for (unsigned i = 0; i < it->count; i++)
    net_packet_free(it->packets[i]);
  sim_free(it->run.sim);
  record_free(it->run.record);
}

void told_at(Told *it, SimTime time)
{
  sim_schedule(it->run.sim, &it->tick, &it->owner, time);
  g_assert_cmpint(sim_run(it->run.sim, time), ==, SIM_END_IDLE);
}

static NetAddress address(const Told *it, unsigned host)
{
  return net_host_address(it->hosts[host]);
}

static uint16_t port(unsigned host)
{
  return (uint16_t)(1000 + host);
}

NetPacket *told_segment(Told *it, unsigned from, const char *text, uint32_t seq,
                        uint32_t ack, uint32_t length)
{
  static const NetMac macs[2] = { { { 2, 0, 0, 0, 0, 1 } },
                                  { { 2, 0, 0, 0, 0, 2 } } };
  NetPacket *packet = net_packet_new(it->run.net, &it->owner);
  NetIp ip = {
    .source = address(it, from),
    .destination = address(it, 1 - from),
    .protocol = NET_PROTOCOL_TCP,
    .ttl = 64,
    .payload_length = TCP_HEADER_SIZE + length,
  };
  TcpSegment segment = {
    .seq = seq,
    .ack = ack,
    .window = 1000,
    .source_port = port(from),
    .destination_port = port(1 - from),
    .payload = net_slice_virtual(length),
  };
  unsigned flags = 0;

  g_assert_cmpuint(it->count, <, G_N_ELEMENTS(it->packets));
  g_assert_true(tcp_flags_parse(text, &flags));
  segment.flags = (uint16_t)flags;
  packet->l3 = NET_ETHERNET_SIZE;
  packet->l4 = NET_ETHERNET_SIZE + NET_IPV4_SIZE;
  tcp_segment_build(packet, &segment, ip.source, ip.destination);
  net_ipv4_put(packet, &ip, 1);
  net_ethernet_put(packet, &macs[1 - from], &macs[from], NET_ETHERTYPE_IPV4);
  return it->packets[it->count++] = packet;
}

void told_packet(Told *it, unsigned kind, unsigned host,
                 const NetPacket *packet)
{
  const NetNode *node = net_host_node(it->hosts[host]);
  NetTracePacket trace = { .packet = packet, .node = node, .nic = node->nics };

  sim_trace_emit(it->run.sim, kind, &trace);
}

void told_dropped(Told *it, unsigned host, const NetPacket *packet,
                  const char *reason)
{
  NetTracePacket trace = { .packet = packet,
                           .reason = reason,
                           .rule = "loss",
                           .wire = &it->link->wires[host] };

  sim_trace_emit(it->run.sim, NET_TRACE_DROPPED, &trace);
}

void told_crossing(Told *it, unsigned from, const NetPacket *packet,
                   SimTime delay)
{
  told_packet(it, NET_TRACE_SENT, from, packet);
  told_at(it, it->run.sim->now + delay);
  told_packet(it, NET_TRACE_RECEIVED, 1 - from, packet);
  told_packet(it, NET_TRACE_DELIVERED, 1 - from, packet);
}

static TcpPair pair_of(const Told *it, unsigned host)
{
  return (TcpPair){ { address(it, host), port(host) },
                    { address(it, 1 - host), port(1 - host) } };
}

void told_state(Told *it, unsigned host, TcpState from, TcpState to,
                uint32_t iss, uint32_t irs)
{
  TcpPair pair = pair_of(it, host);
  TcpTraceState trace = { .stack = it->stacks[host],
                          .pair = &pair,
                          .from = from,
                          .to = to,
                          .iss = iss,
                          .irs = irs };

  sim_trace_emit(it->run.sim, TCP_TRACE_STATE, &trace);
}

void told_verdict(Told *it, unsigned host, const NetPacket *packet,
                  TcpState state, TcpRule rule)
{
  TcpPair pair = pair_of(it, host);
  TcpTraceSegment trace = { .stack = it->stacks[host],
                            .pair = &pair,
                            .state = state,
                            .packet = packet,
                            .rule = rule };

  sim_trace_emit(it->run.sim, TCP_TRACE_SEGMENT, &trace);
}

char *told_contents(const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename(folder, name, NULL);
  char *text = NULL;

  g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
  return text;
}

void told_remove(const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name(dir))) {
    g_autofree char *path = g_build_filename(folder, name, NULL);

    g_unlink(path);
  }
  g_assert_cmpint(g_rmdir(folder), ==, 0);
}
