/* The table of flows, and what is not TCP: UDP and ICMP echo, whose flows are
 * NEW until a reply comes.
 *
 * Invariant: a confirmed flow is in the list and under both its tuples in the
 * table; `count` is the number of them. The list is in order of confirmation.
 */
#include "conntrack.h"

#include <glib.h>
#include <stdio.h>

#include "host_private.h"

#define UDP_STREAM_AFTER (2 * SIM_SECOND) /* Linux: then it is a stream */
#define MOST 65536                        /* nf_conntrack_max of 1 GB */
#define QUOTE_READ 120                    /* IPv4 60, TCP 60 */

const char *net_track_state_name(NetTrackState state)
{
  static const char *const names[] = {
    "NONE",       "SYN_SENT", "SYN_RECV",  "ESTABLISHED", "FIN_WAIT",
    "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSE",       "SYN_SENT2",
  };

  return names[state];
}

const char *net_track_timeout_name(unsigned number)
{
  static const char *const names[NET_TRACK_TIMEOUTS] = {
    "none",     "syn_sent",   "syn_recv",    "established",
    "fin_wait", "close_wait", "last_ack",    "time_wait",
    "close",    "syn_sent2",  "max_retrans", "unacknowledged",
    "udp",      "udp_stream", "icmp",        "generic",
  };

  return number < NET_TRACK_TIMEOUTS ? names[number] : NULL;
}

const char *net_tracked_name(NetTrackedAs as)
{
  switch (as) {
  case NET_TRACKED_NEW:
    return "NEW";
  case NET_TRACKED_ESTABLISHED:
    return "ESTABLISHED";
  case NET_TRACKED_RELATED:
    return "RELATED";
  default:
    return "INVALID";
  }
}

NetTrackSpec net_track_defaults(void)
{
  return (NetTrackSpec){
    .timeouts = { [NET_TRACK_NONE] = 120 * SIM_SECOND,
                  [NET_TRACK_SYN_SENT] = 120 * SIM_SECOND,
                  [NET_TRACK_SYN_RECV] = 60 * SIM_SECOND,
                  [NET_TRACK_ESTABLISHED] = 432000 * SIM_SECOND,
                  [NET_TRACK_FIN_WAIT] = 120 * SIM_SECOND,
                  [NET_TRACK_CLOSE_WAIT] = 60 * SIM_SECOND,
                  [NET_TRACK_LAST_ACK] = 30 * SIM_SECOND,
                  [NET_TRACK_TIME_WAIT] = 120 * SIM_SECOND,
                  [NET_TRACK_CLOSE] = 10 * SIM_SECOND,
                  [NET_TRACK_SYN_SENT2] = 120 * SIM_SECOND,
                  [NET_TRACK_MAX_RETRANS] = 300 * SIM_SECOND,
                  [NET_TRACK_UNACKNOWLEDGED] = 300 * SIM_SECOND,
                  [NET_TRACK_UDP] = 30 * SIM_SECOND,
                  [NET_TRACK_UDP_STREAM] = 120 * SIM_SECOND,
                  [NET_TRACK_ICMP] = 30 * SIM_SECOND,
                  [NET_TRACK_GENERIC] = 600 * SIM_SECOND },
    .loose = true,
    .max_retrans = 3,
    .most = MOST,
  };
}

/* -- tuples -- */

bool net_tuple_equal(const NetTuple *a, const NetTuple *b)
{
  return a->protocol == b->protocol && a->source_port == b->source_port &&
         a->destination_port == b->destination_port &&
         net_address_equal(a->source, b->source) &&
         net_address_equal(a->destination, b->destination);
}

unsigned net_tuple_hash(const void *key)
{
  const NetTuple *t = key;
  uint64_t ports = (uint64_t)t->source_port << 32 |
                   (uint64_t)t->destination_port << 8 | t->protocol;

  return (guint)sim_hash(t->source.low ^ t->destination.high,
                         t->destination.low ^ t->source.high ^ ports << 8);
}

int net_tuple_same(const void *a, const void *b)
{
  return net_tuple_equal(a, b);
}

static bool is_echo(uint8_t protocol, uint8_t type)
{
  return protocol == NET_PROTOCOL_ICMP
             ? type == NET_ICMP_ECHO || type == NET_ICMP_ECHO_REPLY
             : type == NET_ICMPV6_ECHO || type == NET_ICMPV6_ECHO_REPLY;
}

static bool is_icmp(uint8_t protocol)
{
  return protocol == NET_PROTOCOL_ICMP || protocol == NET_PROTOCOL_ICMPV6;
}

/* `at` has `size` bytes of the transport header. */
static bool read_ports(const uint8_t *at, uint32_t size, NetTuple *ret)
{
  switch (ret->protocol) {
  case NET_PROTOCOL_TCP:
  case NET_PROTOCOL_UDP:
    if (size < 4)
      return false;
    ret->source_port = net_get16(at);
    ret->destination_port = net_get16(at + 2);
    return true;
  case NET_PROTOCOL_ICMP:
  case NET_PROTOCOL_ICMPV6:
    if (size < 6 || !is_echo(ret->protocol, at[0]))
      return false;
    ret->source_port = ret->destination_port = net_get16(at + 4);
    return true;
  default:
    return true;
  }
}

bool net_tuple_of(const NetPacket *packet, const NetIp *ip, NetTuple *ret)
{
  uint32_t held = (uint32_t)packet->head_length - packet->l4;

  *ret = (NetTuple){ .source = ip->source,
                     .destination = ip->destination,
                     .protocol = ip->protocol };
  if (packet->l4 == 0 || packet->head_length < packet->l4 ||
      ip->fragment_at > 0)
    return false;
  return read_ports(packet->head + packet->l4, MIN(held, ip->payload_length),
                    ret);
}

static bool is_error(const NetPacket *packet, const NetIp *ip)
{
  uint8_t type;

  if (!is_icmp(ip->protocol) || net_ip_is_fragment(ip) ||
      packet->head_length < packet->l4 + NET_ICMP_SIZE)
    return false;
  type = packet->head[packet->l4];
  if (ip->protocol == NET_PROTOCOL_ICMPV6)
    return type < NET_ICMPV6_INFORMATIONAL;
  return type == NET_ICMP_UNREACHABLE || type == NET_ICMP_SOURCE_QUENCH ||
         type == NET_ICMP_TIME_EXCEEDED || type == NET_ICMP_PARAMETER_PROBLEM;
}

bool net_quoted_of(const NetPacket *packet, const NetIp *ip, NetQuoted *ret,
                   const char **ret_reason)
{
  uint8_t quote[QUOTE_READ];
  NetSlice slice = packet->payload;
  NetIp quoted;

  *ret_reason = NULL;
  if (!is_error(packet, ip))
    return false;
  slice.length = MIN(slice.length, QUOTE_READ);
  net_slice_copy(slice, quote);
  *ret_reason =
      ip->protocol == NET_PROTOCOL_ICMP
          ? net_icmp_read_quote(quote, slice.length, &quoted, &ret->l4)
          : net_icmp6_read_quote(quote, slice.length, &quoted, &ret->l4);
  if (*ret_reason)
    return false;
  ret->tuple = (NetTuple){ .source = quoted.source,
                           .destination = quoted.destination,
                           .protocol = quoted.protocol };
  if (read_ports(quote + ret->l4, slice.length - ret->l4, &ret->tuple))
    return true;
  *ret_reason = "the ICMP error quotes no ports";
  return false;
}

/* -- the table -- */

NetTracker *net_tracker_new(Sim *sim, const NetTrackSpec *spec)
{
  NetTracker *tracker = g_new0(NetTracker, 1);

  tracker->sim = sim;
  tracker->spec = spec ? *spec : net_track_defaults();
  tracker->table = g_hash_table_new(net_tuple_hash, net_tuple_same);
  return tracker;
}

static void flow_remove(NetTracker *tracker, NetFlow *flow)
{
  if (tracker->removed)
    tracker->removed(tracker->user, flow);
  g_hash_table_remove(tracker->table, &flow->tuple[0]);
  g_hash_table_remove(tracker->table, &flow->tuple[1]);
  *(flow->older ? &flow->older->newer : &tracker->oldest) = flow->newer;
  *(flow->newer ? &flow->newer->older : &tracker->newest) = flow->older;
  tracker->count--;
  g_free(flow);
}

void net_tracker_clear(NetTracker *tracker)
{
  while (tracker->oldest)
    flow_remove(tracker, tracker->oldest);
}

void net_tracker_free(NetTracker *tracker)
{
  if (!tracker)
    return;
  tracker->removed = NULL;
  net_tracker_clear(tracker);
  g_hash_table_unref(tracker->table);
  g_free(tracker);
}

void net_tracker_end(NetTracker *tracker, NetFlow *flow)
{
  flow_remove(tracker, flow);
}

/* True if its time had come; it is then freed. */
static bool forget(NetTracker *tracker, NetFlow *flow)
{
  if (flow->expires > tracker->sim->now)
    return false;
  if (tracker->forgot)
    tracker->forgot(tracker->user, flow);
  flow_remove(tracker, flow);
  return true;
}

void net_tracker_sweep(NetTracker *tracker)
{
  for (NetFlow *flow = tracker->oldest, *next; flow; flow = next) {
    next = flow->newer;
    forget(tracker, flow);
  }
}

NetFlow *net_tracker_find(NetTracker *tracker, const NetTuple *tuple,
                          bool *ret_reply)
{
  NetFlow *flow = g_hash_table_lookup(tracker->table, tuple);

  if (!flow || forget(tracker, flow))
    return NULL;
  if (ret_reply)
    *ret_reply = !net_tuple_equal(tuple, &flow->tuple[0]);
  return flow;
}

static bool has_room(NetTracker *tracker)
{
  if (tracker->count >= tracker->spec.most)
    net_tracker_sweep(tracker);
  return tracker->count < tracker->spec.most;
}

bool net_tracker_settle(NetTracker *tracker, NetTracked *tracked, bool accepted)
{
  NetFlow *flow = tracked->flow;

  if (!flow || flow->confirmed)
    return true;
  if (!accepted || !has_room(tracker)) {
    g_free(flow);
    tracked->flow = NULL;
    return !accepted;
  }
  flow->confirmed = true;
  flow->older = tracker->newest;
  *(tracker->newest ? &tracker->newest->newer : &tracker->oldest) = flow;
  tracker->newest = flow;
  tracker->count++;
  g_hash_table_insert(tracker->table, &flow->tuple[0], flow);
  g_hash_table_insert(tracker->table, &flow->tuple[1], flow);
  return true;
}

/* -- judging -- */

static NetTracked invalid(const char *reason)
{
  return (NetTracked){ .as = NET_TRACKED_INVALID, .reason = reason };
}

static NetTracked as_of(NetFlow *flow, bool reply)
{
  return (NetTracked){ .as = reply || flow->replied ? NET_TRACKED_ESTABLISHED
                                                    : NET_TRACKED_NEW,
                       .flow = flow,
                       .reply = reply };
}

static NetFlow *flow_new(const NetTracker *tracker, const NetTuple *tuple)
{
  NetFlow *flow = g_new0(NetFlow, 1);

  flow->tuple[0] = *tuple;
  flow->tuple[1] = net_tuple_turned(*tuple);
  flow->began = tracker->sim->now;
  return flow;
}

static void count(NetTracker *tracker, const NetTracked *tracked,
                  const NetPacket *packet)
{
  NetFlow *flow = tracked->flow;

  flow->heard = tracker->sim->now;
  flow->packets[tracked->reply]++;
  flow->bytes[tracked->reply] += net_packet_length(packet) - packet->l3;
  flow->replied |= tracked->reply;
}

static NetTracked judge_tcp(NetTracker *tracker, const NetTuple *tuple,
                            const NetPacket *packet, const NetIp *ip)
{
  NetTrackSegment segment;
  NetTrackVerdict verdict;
  const char *reason;
  bool reply = false, is_new;
  NetFlow *flow;

  if (!net_track_segment(packet, ip, &segment, &reason))
    return invalid(reason);
  do {
    flow = net_tracker_find(tracker, tuple, &reply);
    is_new = !flow;
    if (is_new) {
      flow = flow_new(tracker, tuple);
      reply = false;
      if (!net_track_tcp_new(&flow->tcp, &segment, tracker->spec.loose)) {
        g_free(flow);
        return invalid("it belongs to no connection that is known here");
      }
    }
    verdict = net_track_tcp(flow, &tracker->spec, &segment, reply,
                            tracker->sim->now, &reason);
    if (verdict == NET_TRACK_REOPENS)
      flow_remove(tracker, flow);
  } while (verdict == NET_TRACK_REOPENS);
  if (verdict == NET_TRACK_REFUSED) {
    if (is_new)
      g_free(flow);
    return invalid(reason);
  }
  if (verdict == NET_TRACK_ENDED)
    flow->expires = tracker->sim->now;
  return as_of(flow, reply);
}

static SimTime other_timeout(const NetTracker *tracker, NetFlow *flow,
                             bool reply)
{
  const SimTime *timeouts = tracker->spec.timeouts;

  if (is_icmp(flow->tuple[0].protocol))
    return timeouts[NET_TRACK_ICMP];
  if (flow->tuple[0].protocol != NET_PROTOCOL_UDP)
    return timeouts[NET_TRACK_GENERIC];
  if ((reply || flow->replied) &&
      tracker->sim->now - flow->began >= UDP_STREAM_AFTER) {
    flow->assured = true;
    return timeouts[NET_TRACK_UDP_STREAM];
  }
  return timeouts[NET_TRACK_UDP];
}

static NetTracked judge_other(NetTracker *tracker, const NetTuple *tuple,
                              const NetPacket *packet)
{
  bool reply = false;
  NetFlow *flow = net_tracker_find(tracker, tuple, &reply);
  bool echo = is_icmp(tuple->protocol);
  uint8_t type = echo ? packet->head[packet->l4] : 0;
  bool answers = echo && type != NET_ICMP_ECHO && type != NET_ICMPV6_ECHO;

  if (echo && answers != (flow && reply))
    return invalid(answers ? "it answers no ping that was seen"
                           : "it is a ping where an answer is due");
  if (!flow)
    flow = flow_new(tracker, tuple);
  flow->expires =
      sim_time_add(tracker->sim->now, other_timeout(tracker, flow, reply));
  return as_of(flow, reply);
}

static NetTracked judge_error(NetTracker *tracker, const NetQuoted *quoted)
{
  NetTracked tracked = { .as = NET_TRACKED_RELATED };
  NetTuple back = net_tuple_turned(quoted->tuple);

  /* it goes the way of the answer to what it quotes */
  tracked.flow = net_tracker_find(tracker, &back, &tracked.reply);
  if (!tracked.flow)
    return invalid("the ICMP error is about no connection that is known here");
  return tracked;
}

NetTracked net_tracker_judge(NetTracker *tracker, const NetPacket *packet,
                             const NetIp *ip)
{
  NetTracked tracked;
  NetQuoted quoted;
  NetTuple tuple;
  const char *reason;

  if (!tracker->spec.no_checksum && !(packet->flags & NET_PACKET_CHECKED) &&
      net_transport_check(packet, ip) == NET_CHECK_BAD)
    return invalid("its checksum is wrong");
  if (net_quoted_of(packet, ip, &quoted, &reason))
    return judge_error(tracker, &quoted);
  if (reason)
    return invalid(reason);
  if (net_ip_is_fragment(ip))
    return invalid("it is a fragment");
  if (!net_tuple_of(packet, ip, &tuple))
    return invalid("its header is truncated or of a kind that is not tracked");
  tracked = tuple.protocol == NET_PROTOCOL_TCP
                ? judge_tcp(tracker, &tuple, packet, ip)
                : judge_other(tracker, &tuple, packet);
  if (tracked.flow)
    count(tracker, &tracked, packet);
  return tracked;
}

/* -- printing -- */

static int format_tuple(const NetTuple *t, char *ret, size_t size)
{
  char source[NET_ADDRESS_TEXT], destination[NET_ADDRESS_TEXT];

  net_address_format(t->source, source);
  net_address_format(t->destination, destination);
  if (is_icmp(t->protocol))
    return snprintf(ret, size, "src=%s dst=%s id=%u", source, destination,
                    t->source_port);
  return snprintf(ret, size, "src=%s dst=%s sport=%u dport=%u", source,
                  destination, t->source_port, t->destination_port);
}

static const char *protocol_name(uint8_t protocol)
{
  switch (protocol) {
  case NET_PROTOCOL_TCP:
    return "tcp";
  case NET_PROTOCOL_UDP:
    return "udp";
  case NET_PROTOCOL_ICMP:
    return "icmp";
  case NET_PROTOCOL_ICMPV6:
    return "icmpv6";
  default:
    return "unknown";
  }
}

char *net_flow_format(const NetFlow *flow, SimTime now, char *ret_text,
                      size_t size)
{
  SimTime left = MAX(flow->expires - now, 0) / SIM_SECOND;
  uint8_t protocol = flow->tuple[0].protocol;
  char there[160], back[160];

  format_tuple(&flow->tuple[0], there, sizeof there);
  format_tuple(&flow->tuple[1], back, sizeof back);
  snprintf(ret_text, size, "%-8s %u %lld %s%s%s%s%s%s", protocol_name(protocol),
           protocol, (long long)left,
           protocol == NET_PROTOCOL_TCP ? net_track_state_name(flow->tcp.state)
                                        : "",
           protocol == NET_PROTOCOL_TCP ? " " : "", there,
           flow->replied ? " " : " [UNREPLIED] ", back,
           flow->assured ? " [ASSURED]" : "");
  return ret_text;
}
