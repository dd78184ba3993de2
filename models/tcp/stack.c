/* The stack of a host: what comes up from IP finds its connection, TIME-WAIT
 * record or listener here, or is answered by RST. */
#include <glib.h>
#include <string.h>

#include "parts.h"
#include "random.h"

TcpKnobSet *tcp_knob_set_new(const TcpKnobs *knobs)
{
  TcpKnobSet *set = g_new(TcpKnobSet, 1);

  *set = (TcpKnobSet){ *knobs, 1 };
  return set;
}

TcpKnobSet *tcp_knob_set_ref(TcpKnobSet *set)
{
  set->references++;
  return set;
}

void tcp_knob_set_unref(TcpKnobSet *set)
{
  if (set && --set->references == 0)
    g_free(set);
}

TcpKnobSet *tcp_stack_shared(TcpStack *stack)
{
  if (stack->shared &&
      memcmp(&stack->shared->knobs, &stack->knobs, sizeof stack->knobs) != 0) {
    tcp_knob_set_unref(stack->shared);
    stack->shared = NULL;
  }
  if (!stack->shared)
    stack->shared = tcp_knob_set_new(&stack->knobs);
  return tcp_knob_set_ref(stack->shared);
}

/* 3.9.2.3 MUST-57, a subnet's broadcast included; and nobody can send from
 * the very end that receives unless its connection is here ("land"). */
static bool is_between_hosts(TcpStack *stack, const TcpPair *pair)
{
  const TcpEnd *local = &pair->local, *remote = &pair->remote;

  return net_host_speaks_for(stack->host, local->address) &&
         (local->port != remote->port ||
          !net_address_equal(local->address, remote->address));
}

/* Does the knob `blackhole` hide that nothing is open? */
static bool is_swallowed(const TcpStack *stack, const TcpSegment *segment)
{
  return stack->knobs.blackhole == 2 ||
         (stack->knobs.blackhole == 1 && segment->flags & TCP_SYN);
}

/* 3.10.7.1: the pair is CLOSED. */
static void stack_input_closed(TcpStack *stack, const TcpPair *pair,
                               const TcpSegment *segment,
                               const NetPacket *packet)
{
  TcpRule rule =
      segment->flags & TCP_ACK ? TCP_RULE_CLOSED_ACK : TCP_RULE_CLOSED_NO_ACK;

  if (segment->flags & TCP_RST) {
    tcp_verdict(stack, pair, TCP_CLOSED, packet, TCP_RULE_CLOSED_RST);
  } else if (is_swallowed(stack, segment)) {
    tcp_verdict(stack, pair, TCP_CLOSED, packet, TCP_RULE_BLACKHOLE);
  } else {
    tcp_verdict(stack, pair, TCP_CLOSED, packet, rule);
    tcp_reply_reset(stack, pair, tcp_bound_knobs(stack, &pair->local), segment,
                    rule);
  }
}

/* No connection has this pair, nor is it in TIME-WAIT. */
static void stack_input_new(TcpStack *stack, const TcpPair *pair,
                            const TcpSegment *segment, const NetPacket *packet,
                            uint32_t least_isn, bool has_least)
{
  TcpListener *listener = tcp_listener_find(stack, &pair->local);

  if (!is_between_hosts(stack, pair))
    tcp_verdict(stack, pair, TCP_CLOSED, packet, TCP_RULE_NOT_UNICAST);
  else if (listener)
    tcp_listener_input(listener, pair, segment, packet, least_isn, has_least);
  else
    stack_input_closed(stack, pair, segment, packet);
}

/* It came in other datagrams than the connection's, or in none. */
static void stack_input_stray(TcpConnection *conn, const TcpSegment *segment,
                              const NetPacket *packet)
{
  TcpStack *stack = conn->stack;
  const TcpPair *pair = &conn->entry.pair;

  tcp_verdict(stack, pair, conn->state, packet, TCP_RULE_OTHER_UDP);
  if (!(segment->flags & TCP_RST))
    tcp_reply_reset(stack, pair, tcb_knobs(conn), segment, TCP_RULE_OTHER_UDP);
}

static void stack_input_connection(TcpConnection *conn,
                                   const TcpSegment *segment,
                                   const NetPacket *packet)
{
  if (segment->udp == tcb_knobs(conn)->udp_port)
    tcp_input(conn, segment, packet);
  else
    stack_input_stray(conn, segment, packet);
}

static void stack_input_segment(TcpStack *stack, const TcpPair *pair,
                                const TcpSegment *segment,
                                const NetPacket *packet)
{
  TcpEntry *entry = tcp_demux_find(stack, pair);
  uint32_t least_isn = 0;

  if (entry && entry->kind == TCP_ENTRY_CONNECTION &&
      tcp_listener_left((TcpConnection *)(void *)entry))
    entry = NULL;

  if (segment->flags & TCP_RST)
    stack->counters.resets_received++;
  if (entry && entry->kind == TCP_ENTRY_CONNECTION)
    stack_input_connection((TcpConnection *)(void *)entry, segment, packet);
  else if (!entry)
    stack_input_new(stack, pair, segment, packet, 0, false);
  else if (entry->kind == TCP_ENTRY_RAW)
    tcp_raw_input(entry, segment, packet);
  else if (!tcp_time_wait_input(stack, (TcpTimeWait *)(void *)entry, segment,
                                packet, &least_isn))
    stack_input_new(stack, pair, segment, packet, least_isn, true);
}

/* Multicast, and IPv4's class E with the limited broadcast (MUST-63). */
bool tcp_address_is_group(NetAddress address)
{
  return net_address_is_multicast(address) ||
         (net_address_is_ipv4(address) &&
          net_address_to_ipv4(address) >= 0xe0000000);
}

/* A segment whose header cannot be used belongs to no pair; the trace shows
 * the addresses alone. */
static void stack_refuse(TcpStack *stack, const NetIp *ip,
                         const NetPacket *packet, TcpRule rule)
{
  TcpPair pair = { { ip->destination, 0 }, { ip->source, 0 } };
  const uint8_t *at = packet->head + packet->l4;

  if (packet->head_length >= packet->l4 + 4) {
    pair.remote.port = net_get16(at);
    pair.local.port = net_get16(at + 2);
  }
  tcp_verdict(stack, &pair, TCP_CLOSED, packet, rule);
}

/* 3.1 MUST-2, MUST-3; 3.9.2.3 MUST-57. */
static bool stack_trusts(TcpStack *stack, const NetPacket *packet,
                         const NetIp *ip, uint16_t udp, TcpSegment *ret)
{
  const char *reason;

  if (!udp && !(packet->flags & NET_PACKET_CHECKED) &&
      net_transport_sum(packet, ip) != 0) {
    stack->counters.bad_checksum++;
    stack_refuse(stack, ip, packet, TCP_RULE_BAD_CHECKSUM);
    return false;
  }
  ret->options.broken = false;
  if (!tcp_segment_parse(packet, ip, ret, &reason) &&
      !(ret->options.broken && stack->knobs.loose_options)) {
    stack->counters.malformed++;
    stack_refuse(stack, ip, packet, TCP_RULE_MALFORMED);
    return false;
  }
  if (tcp_address_is_group(ip->source) ||
      tcp_address_is_group(ip->destination)) {
    stack_refuse(stack, ip, packet, TCP_RULE_NOT_UNICAST);
    return false;
  }
  ret->udp = udp;
  return true;
}

static TcpPair pair_of(const NetIp *ip, const TcpSegment *segment)
{
  return (TcpPair){ { ip->destination, segment->destination_port },
                    { ip->source, segment->source_port } };
}

void tcp_stack_input(TcpStack *stack, NetPacket *packet, const NetIp *ip,
                     uint16_t udp)
{
  TcpSegment segment;

  stack->counters.segments_received++;
  if (stack_trusts(stack, packet, ip, udp, &segment)) {
    TcpPair pair = pair_of(ip, &segment);

    stack_input_segment(stack, &pair, &segment, packet);
  }
  net_packet_free(packet);
}

static void stack_input(void *user, NetPacket *packet, const NetIp *ip)
{
  tcp_stack_input(user, packet, ip, 0);
}

void tcp_refuse(TcpStack *stack, NetPacket *packet, const NetIp *ip)
{
  TcpSegment segment;

  stack->counters.segments_received++;
  if (stack_trusts(stack, packet, ip, 0, &segment)) {
    TcpPair pair = pair_of(ip, &segment);

    stack_input_closed(stack, &pair, &segment, packet);
  }
  net_packet_free(packet);
}

static void listeners_free(TcpListener *at)
{
  while (at) {
    TcpListener *next = at->next;

    tcp_knob_set_unref(at->knobs);
    g_free(at);
    at = next;
  }
}

static void stack_free(void *object)
{
  TcpStack *stack = object;

  while (stack->first) {
    stack->first->depth = 0;
    tcb_free(stack->first);
  }
  tcp_time_wait_clear(stack);
  tcp_raw_clear(stack);
  listeners_free(stack->listeners);
  listeners_free(stack->deaf);
  tcp_knob_set_unref(stack->shared);
  sim_pool_clear(&stack->connections);
  sim_pool_clear(&stack->time_waits);
  sim_pool_clear(&stack->chunks);
  sim_pool_clear(&stack->counts);
  g_free(stack->buckets);
  g_free(stack);
}

/* Drawn anew at each boot. */
static void draw_secret(TcpStack *stack)
{
  const char *name = net_host_node(stack->host)->name;
  char *stream = stack->boots == 0
                     ? g_strdup_printf("host %s secret", name)
                     : g_strdup_printf("host %s secret %u", name, stack->boots);
  SimRandom secret;

  sim_random_init(&secret, stack->sim->seed, stream);
  stack->secret[0] = sim_random_next(&secret);
  stack->secret[1] = sim_random_next(&secret);
  stack->boots++;
  g_free(stream);
}

/* The next one is held by a turn, since what a user is told may make him
 * release any of them. */
static void end_all(TcpStack *stack)
{
  TcpConnection *conn = stack->first, *next;

  if (conn)
    tcb_turn_open(conn);
  for (; conn; conn = next) {
    next = conn->next;
    if (next)
      tcb_turn_open(next);
    if (conn->state != TCP_CLOSED)
      tcb_end(conn, TCP_ECONNABORTED, TCP_RULE_CRASHED);
    tcb_turn_close(conn);
  }
}

void tcp_stack_crash(TcpStack *stack)
{
  while (stack->time_wait_first)
    tcp_time_wait_end(stack, stack->time_wait_first, TCP_RULE_CRASHED);
  end_all(stack);
  while (stack->listeners)
    tcp_listener_close(stack->listeners);
  while (stack->deaf)
    tcp_listener_close(stack->deaf);
  tcp_raw_crash(stack);
  stack->ports_tried = 0;
  draw_secret(stack);
}

bool tcp_drop(TcpStack *stack, const TcpPair *pair)
{
  TcpEntry *entry = tcp_demux_find(stack, pair);
  TcpConnection *conn;

  if (!entry || entry->kind == TCP_ENTRY_RAW)
    return false;
  if (entry->kind == TCP_ENTRY_TIME_WAIT) {
    tcp_time_wait_end(stack, (TcpTimeWait *)(void *)entry, TCP_RULE_DROPPED);
    return true;
  }
  conn = (TcpConnection *)(void *)entry;
  tcb_turn_open(conn);
  if (conn->state != TCP_SYN_SENT)
    tcp_send_reset(conn, TCP_RULE_DROPPED);
  tcb_end(conn, TCP_ECONNABORTED, TCP_RULE_DROPPED);
  tcb_turn_close(conn);
  return true;
}

TcpStack *tcp_stack_new(NetHost *host, const TcpKnobs *knobs)
{
  NetNode *node = net_host_node(host);
  TcpStack *stack = g_new0(TcpStack, 1);

  stack->host = host;
  stack->net = node->net;
  stack->sim = node->net->sim;
  stack->owner = &node->owner;
  stack->knobs = knobs ? *knobs : tcp_profile(0)->knobs;
  draw_secret(stack);
  sim_pool_init(&stack->connections, sizeof(TcpConnection));
  sim_pool_init(&stack->time_waits, sizeof(TcpTimeWait));
  sim_pool_init(&stack->chunks, sizeof(TcpChunk));
  sim_pool_init(&stack->counts, sizeof(TcpCounts));
  tcp_time_wait_init(stack);
  net_host_register(host, NET_PROTOCOL_TCP, stack_input, tcp_icmp_input, stack);
  sim_attach(stack->sim, stack, stack_free);
  return stack;
}

TcpStack *tcp_stack_of(const NetHost *host)
{
  return net_host_protocol(host, NET_PROTOCOL_TCP);
}

NetHost *tcp_stack_host(const TcpStack *stack)
{
  return stack->host;
}

TcpKnobs *tcp_stack_knobs(TcpStack *stack)
{
  return &stack->knobs;
}

const TcpStackCounters *tcp_stack_counters(const TcpStack *stack)
{
  return &stack->counters;
}
