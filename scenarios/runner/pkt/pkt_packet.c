/* Packets that arrive and packets that must be sent.
 *
 * What is sent comes in segments; a script may write several of them as one,
 * as the offloading stack that it was written for would hand them over. So
 * segments are taken until they have the length that is written. */
#include <string.h>

#include "formats.h"
#include "pkt_fields.h"
#include "terminal.h"
#include "units.h"

#define PATIENCE (2 * SIM_SECOND)
#define LOOK_AHEAD (60 * SIM_SECOND)

/* -- which connection -- */

static void forget(PktFlow *flow)
{
  g_hash_table_remove_all(flow->ts_values);
  flow->has_first_ts = false;
}

/* A packet that arrives where something listens, or where nothing is, begins
 * a connection. */
static void begin_arriving(PktRun *it, const PktPacket *packet)
{
  PktFlow *flow = &it->flow;

  forget(flow);
  flow->listening = false;
  flow->protocol = packet->protocol;
  flow->local = (TcpEnd){ it->config.local, it->config.bind_port };
  flow->remote = (TcpEnd){ it->config.remote, it->next_port++ };
  flow->remote_isn = packet->seq;
  flow->known_remote = true;
  flow->known_local = false;
  flow->local_isn = flow->script_isn = 0;
}

/* Errors that the host sends are passed over unless one is expected. */
static bool is_ours(const PktFlow *flow, const PktPacket *packet,
                    const PktSent *sent)
{
  if (!net_address_equal(sent->ip.destination, flow->remote.address))
    return false;
  if (sent->ip.protocol == NET_PROTOCOL_UDP)
    return net_get16(sent->head + sent->l4 + 2) == flow->remote.port;
  if (sent->ip.protocol != NET_PROTOCOL_TCP)
    return packet->protocol == PKT_ICMP;
  if (sent->segment.destination_port != flow->remote.port)
    return false;
  return flow->connecting
             ? (sent->segment.flags & (TCP_SYN | TCP_ACK)) == TCP_SYN
             : sent->segment.source_port == flow->local.port;
}

/* The host's numbers are known from its SYN on. */
static void learn(PktFlow *flow, const PktPacket *packet, const PktSent *sent)
{
  if (!(sent->segment.flags & TCP_SYN) ||
      (flow->known_local && !flow->connecting))
    return;
  if (flow->connecting)
    flow->local = (TcpEnd){ sent->ip.source, sent->segment.source_port };
  flow->connecting = false;
  flow->known_local = true;
  flow->local_isn = sent->segment.seq;
  flow->script_isn = packet->seq;
}

/* -- arriving -- */

uint8_t *pkt_find_timestamps(uint8_t *options, unsigned size)
{
  for (unsigned i = 0; i < size;) {
    if (options[i] == 8 && i + 10 <= size)
      return options + i + 2;
    i += options[i] <= 1 ? 1 : i + 1 < size ? MAX(options[i + 1], 2u) : size;
  }
  return NULL;
}

/* What the script echoes is a value that it has seen sent. */
static PktOutcome map_echo(PktRun *it, const PktPacket *packet, uint8_t *at)
{
  const PktFlow *flow = &it->flow;
  uint32_t script = net_get32(at + 4);
  gpointer found;

  if (!(packet->flags & TCP_ACK) || packet->ts_echo_absolute)
    return PKT_DONE;
  if (g_hash_table_lookup_extended(flow->ts_values, GUINT_TO_POINTER(script),
                                   NULL, &found))
    net_put32(at + 4, GPOINTER_TO_UINT(found));
  else if (it->config.ts_echo_scaled && flow->has_first_ts)
    net_put32(at + 4, script - flow->first_script_ts + flow->first_host_ts);
  else
    return pkt_fail(it, packet->place,
                    "ecr %u echoes a timestamp that was not sent; with "
                    "--tcp_ts_ecr_scaled it is derived from the first",
                    script);
  return PKT_DONE;
}

static void map_blocks(uint8_t *options, unsigned size, uint32_t offset)
{
  for (unsigned i = 0; i < size;) {
    unsigned length = options[i] <= 1 ? 1 : i + 1 < size ? options[i + 1] : 0;

    if (length == 0 || i + length > size)
      return;
    for (unsigned at = i + 2; options[i] == 5 && at + 4 <= i + length; at += 4)
      net_put32(options + at, net_get32(options + at) + offset);
    i += length;
  }
}

static void put_header(PktRun *it, const PktPacket *packet, NetPacket *out)
{
  const PktFlow *flow = &it->flow;
  bool syn = packet->flags & TCP_SYN;
  uint32_t local = syn ? flow->local_isn - flow->script_isn : flow->local_isn;
  uint32_t remote =
      syn || packet->sequence == PKT_SEQ_ABSOLUTE ? 0 : flow->remote_isn;
  uint8_t *at = out->head + out->l4;
  unsigned size = TCP_HEADER_SIZE + packet->options_size;

  memset(at, 0, TCP_HEADER_SIZE);
  net_put16(at, packet->source_port ? packet->source_port : flow->remote.port);
  net_put16(at + 2, packet->destination_port ? packet->destination_port
                                             : flow->local.port);
  net_put32(at + 4, packet->seq + remote);
  net_put32(at + 8, packet->flags & TCP_ACK ? packet->ack + local : 0);
  at[12] = (uint8_t)(size / 4 << 4 | (packet->flags & PKT_FLAG_AE ? 1 : 0));
  at[13] = (uint8_t)packet->flags;
  net_put16(at + 14, packet->window);
  net_put16(at + 18, packet->urgent);
  memcpy(at + TCP_HEADER_SIZE, packet->options, packet->options_size);
  map_blocks(at + TCP_HEADER_SIZE, packet->options_size, local);
  out->head_length = (uint16_t)(out->l4 + size);
}

static NetPacket *new_packet(PktRun *it)
{
  NetPacket *out = net_packet_new(it->run->net, &it->owner);

  out->l3 = NET_ETHERNET_SIZE;
  out->l4 = (uint16_t)(out->l3 + net_ip_size(it->config.local));
  return out;
}

static NetIp ip_of(const PktRun *it, const PktPacket *packet, uint8_t protocol)
{
  return (NetIp){ .source = it->flow.remote.address,
                  .destination = it->flow.local.address,
                  .protocol = protocol,
                  .ttl = packet->ttl ? packet->ttl : 255,
                  .tos = packet->tos,
                  .dont_fragment = true };
}

/* The segment in a datagram: l4 and `ip` are the datagram's from now on. */
static void put_in_udp(const PktPacket *packet, NetPacket *out, NetIp *ip)
{
  uint8_t *at;
  uint16_t sum;

  out->l4 = (uint16_t)(out->l4 - NET_UDP_SIZE);
  at = out->head + out->l4;
  ip->protocol = NET_PROTOCOL_UDP;
  ip->payload_length += NET_UDP_SIZE;
  net_put16(at, packet->udp_source);
  net_put16(at + 2, packet->udp_destination);
  net_put16(at + 4, (uint16_t)ip->payload_length);
  net_put16(at + 6, 0);
  sum = net_transport_sum(out, ip);
  net_put16(at + 6, sum ? sum : 0xffff);
}

NetPacket *pkt_packet_build(PktRun *it, const PktPacket *packet, NetIp *ret_ip)
{
  NetIp ip = ip_of(it, packet, NET_PROTOCOL_TCP);
  NetPacket *out = new_packet(it);
  uint8_t *options, *timestamps;

  if (packet->in_udp)
    out->l4 = (uint16_t)(out->l4 + NET_UDP_SIZE);
  options = out->head + out->l4 + TCP_HEADER_SIZE;
  put_header(it, packet, out);
  timestamps = pkt_find_timestamps(options, packet->options_size);
  if (timestamps && map_echo(it, packet, timestamps) == PKT_FAILED) {
    net_packet_free(out);
    return NULL;
  }
  out->payload = net_slice_virtual(packet->length);
  ip.payload_length = net_packet_length(out) - out->l4;
  net_put16(out->head + out->l4 + 16, net_transport_sum(out, &ip));
  if (packet->in_udp)
    put_in_udp(packet, out, &ip);
  *ret_ip = ip;
  return out;
}

static PktOutcome tcp_in(PktRun *it, const PktPacket *packet)
{
  NetIp ip;
  NetPacket *out = pkt_packet_build(it, packet, &ip);

  if (!out)
    return PKT_FAILED;
  pkt_world_put(it, packet, out, &ip);
  return PKT_DONE;
}

static PktOutcome udp_in(PktRun *it, const PktPacket *packet)
{
  NetIp ip = ip_of(it, packet, NET_PROTOCOL_UDP);
  NetPacket *out = new_packet(it);
  uint8_t *at = out->head + out->l4;

  net_put16(at,
            packet->source_port ? packet->source_port : it->flow.remote.port);
  net_put16(at + 2, packet->destination_port ? packet->destination_port
                                             : it->flow.local.port);
  net_put16(at + 4, (uint16_t)(NET_UDP_SIZE + packet->length));
  net_put16(at + 6, 0);
  out->head_length = (uint16_t)(out->l4 + NET_UDP_SIZE);
  out->payload = net_slice_virtual(packet->length);
  ip.payload_length = NET_UDP_SIZE + packet->length;
  net_put16(at + 6, net_transport_sum(out, &ip));
  pkt_world_put(it, packet, out, &ip);
  return PKT_DONE;
}

PktOutcome pkt_packet_in(PktRun *it, const PktPacket *packet)
{
  PktFlow *flow = &it->flow;

  if (packet->protocol == PKT_ICMP)
    return pkt_icmp_in(it, packet);
  if (flow->listening || (!flow->connecting && flow->remote.port == 0))
    begin_arriving(it, packet);
  if (packet->protocol == PKT_UDP)
    return udp_in(it, packet);
  if ((packet->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK) &&
      flow->known_local && !flow->known_remote) {
    flow->remote_isn = packet->seq;
    flow->known_remote = true;
  }
  return tcp_in(it, packet);
}

/* -- sent -- */

PktOutcome pkt_nothing_sent(PktRun *it, const PktPacket *packet, uint32_t taken)
{
  g_autoptr(GString) text = g_string_new(NULL);
  PktFields fields;

  pkt_fields_of(&fields, packet);
  pkt_fields_join(&fields, text);
  pkt_fields_clear(&fields);
  it->fatal = true;
  if (taken)
    return pkt_fail(it, packet->place, "only %u of %u bytes were sent of: > %s",
                    taken, packet->length, text->str);
  return pkt_fail(it, packet->place, "nothing was sent; expected: > %s",
                  text->str);
}

/* The next packet of the connection, when it is sent. */
static PktSent *next_sent(PktRun *it, const PktPacket *packet, SimTime limit)
{
  for (;;) {
    PktSent *sent;
    PktOutcome outcome = PKT_DONE;

    it->capturing = true;
    if (!it->sent)
      outcome = pkt_advance(it, limit);
    it->capturing = false;
    sent = pkt_world_take(it);
    if (!sent || outcome == PKT_FAILED || is_ours(&it->flow, packet, sent))
      return sent;
    g_free(sent);
  }
}

static SimTime limit_of(const PktRun *it)
{
  SimTime span = it->planned - it->previous;

  if (it->now->time.kind == PKT_TIME_ANY)
    return SIM_TIME_NEVER;
  return sim_time_add(MAX(it->planned, it->planned_to),
                      MAX(PATIENCE, span / 4));
}

static void remember_timestamps(PktFlow *flow, const PktPacket *packet,
                                const PktSent *sent)
{
  const TcpOptions *options = &sent->segment.options;
  uint8_t copy[TCP_OPTIONS_MAX];
  uint8_t *at;

  memcpy(copy, packet->options, packet->options_size);
  at = pkt_find_timestamps(copy, packet->options_size);
  if (!at || !options->has_timestamps)
    return;
  if (!packet->ts_value_any)
    g_hash_table_insert(flow->ts_values, GUINT_TO_POINTER(net_get32(at)),
                        GUINT_TO_POINTER(options->ts_value));
  if (flow->has_first_ts)
    return;
  flow->has_first_ts = true;
  flow->first_script_ts = net_get32(at);
  flow->first_host_ts = options->ts_value;
}

bool pkt_continues(const PktSent *sent, const PktSent *next)
{
  const unsigned end = TCP_PSH | TCP_FIN | TCP_CWR;
  const TcpSegment *a = &sent->segment, *b = &next->segment;

  return b->seq == a->seq + sent->payload && b->ack == a->ack &&
         b->window == a->window && next->head_length == sent->head_length &&
         (a->flags & ~end) == (b->flags & ~end) && !(a->flags & TCP_FIN);
}

static void tell_rule(PktRun *it, TcpRule rule)
{
  g_autofree char *text =
      g_strdup_printf("%s: %s (%s)", tcp_rule_id(rule), tcp_rule_sentence(rule),
                      tcp_rule_section(rule));
  GPtrArray *lines = terminal_wrap(text, PKT_WIDTH - 8);

  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf(it->details, "%-8s%s\n",
                           i ? "" : "why:", (const char *)lines->pdata[i]);
  g_ptr_array_unref(lines);
}

/* Both packets, and why the host sent its own. */
static void tell_both(PktRun *it, const PktFields *script,
                      const PktFields *actual, const PktSent *sent)
{
  pkt_fields_compare(script, actual, it->details);
  if (sent->rule != TCP_RULE_NONE)
    tell_rule(it, sent->rule);
}

static PktOutcome in_time(PktRun *it, const PktSent *sent)
{
  return it->now->time.kind == PKT_TIME_ANY
             ? PKT_DONE
             : pkt_check_time(it, it->now->place, "the packet was sent",
                              it->planned, it->planned_to, sent->time,
                              it->before ? it->previous : it->planned);
}

static PktOutcome differs(PktRun *it, const PktPacket *packet,
                          const PktSent *sent, const PktSent *last,
                          uint32_t length, bool equal, bool timed)
{
  PktFields script, actual;

  pkt_fields_of(&script, packet);
  pkt_fields_sent(&actual, it, packet, sent, last, length);
  if (!equal || !pkt_fields_equal(&script, &actual)) {
    pkt_fail(it, packet->place, "the packet that was sent is another one");
    tell_both(it, &script, &actual, sent);
  } else if (timed &&
             in_time(it, sent->payload > 0 ? sent : last) == PKT_FAILED) {
    tell_both(it, &script, &actual, sent);
  }
  pkt_fields_clear(&script);
  pkt_fields_clear(&actual);
  return it->failure ? PKT_FAILED : PKT_DONE;
}

PktOutcome pkt_compare(PktRun *it, const PktPacket *packet, const PktSent *sent,
                       const PktSent *last, uint32_t length)
{
  learn(&it->flow, packet, sent);
  remember_timestamps(&it->flow, packet, sent);
  return differs(it, packet, sent, last, length, true, false);
}

/* packetdrill takes bare ACKs that come before text for the text's first
 * segments: they have its number, and no length. */
static bool begins_text(const PktPacket *packet, const PktSent *sent)
{
  return sent->payload > 0 ||
         (packet->length > 0 && sent->segment.flags == TCP_ACK);
}

/* Takes what belongs to the packet's length behind `sent`; `ret_last` is the
 * last of it (transfer full), or `sent`. */
static PktOutcome aggregate(PktRun *it, const PktPacket *packet, PktSent *sent,
                            SimTime limit, PktSent **ret_last,
                            uint32_t *ret_length)
{
  PktSent *last = sent;
  uint32_t length = sent->payload;
  PktOutcome outcome = PKT_DONE;

  while (packet->protocol == PKT_TCP && length < packet->length &&
         begins_text(packet, last) && !it->config.strict_segments &&
         outcome == PKT_DONE) {
    PktSent *next = next_sent(it, packet, limit);

    if (!next && length > 0)
      outcome = pkt_nothing_sent(it, packet, length);
    else if (!next || !pkt_continues(last, next))
      outcome = differs(it, packet, sent, last, length, false, false);
    if (outcome != PKT_DONE) {
      g_free(next);
      break;
    }
    length += next->payload;
    if (last != sent)
      g_free(last);
    last = next;
  }
  *ret_last = last;
  *ret_length = length;
  return outcome;
}

static PktOutcome check(PktRun *it, const PktPacket *packet, PktSent *sent,
                        SimTime limit)
{
  PktSent *last = sent;
  uint32_t length = 0;
  PktOutcome outcome = aggregate(it, packet, sent, limit, &last, &length);

  if (outcome == PKT_DONE)
    outcome = differs(it, packet, sent, last, length, true, true);
  if (last != sent)
    g_free(last);
  return outcome;
}

/* Nothing came; what comes next, if something does, helps to see why. */
static PktOutcome nothing_in_time(PktRun *it, const PktPacket *packet,
                                  SimTime limit)
{
  PktOutcome outcome = pkt_nothing_sent(it, packet, 0);
  PktSent *next = next_sent(it, packet, sim_time_add(limit, LOOK_AHEAD));
  g_autoptr(GString) text = g_string_new(NULL);
  PktFields fields;
  char time[40];

  if (!next)
    return outcome;
  pkt_fields_sent(&fields, it, packet, next, next, next->payload);
  pkt_fields_join(&fields, text);
  pkt_fields_clear(&fields);
  sim_format_time(next->time, 6, time, sizeof time);
  g_string_append_printf(it->details, "next:   %s at %s\n", text->str, time);
  if (next->rule != TCP_RULE_NONE)
    tell_rule(it, next->rule);
  g_free(next);
  return outcome;
}

PktOutcome pkt_packet_out(PktRun *it, const PktPacket *packet)
{
  SimTime limit = limit_of(it);
  PktSent *sent;
  PktOutcome outcome;

  sent = next_sent(it, packet, limit);
  if (it->failure)
    outcome = PKT_FAILED;
  else if (!sent)
    return nothing_in_time(it, packet, limit);
  else {
    learn(&it->flow, packet, sent);
    remember_timestamps(&it->flow, packet, sent);
    outcome = check(it, packet, sent, limit);
  }
  g_free(sent);
  return outcome;
}
