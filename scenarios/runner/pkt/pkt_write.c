/* A run as scripts: what happens at one host, in the order of happening.
 *
 * packetdrill follows one connection at a time, the newest, and the host's
 * numbers of no other are known to it. So each connection of the host is a
 * script of its own (pkt_write_flow.c), which tells what it has not got. */
#include "pkt_write_flow.h"

#include <string.h>

#include "pkt_run.h"
#include "segment.h"

#define SLACK (4 * SIM_MILLISECOND) /* packetdrill's own tolerance */
#define MOST 100                    /* scripts of one host */

struct PktWriter {
  Run *run;
  NetHost *host;
  const char *name;
  GPtrArray *flows;   /* of PktWriteFlow */
  guint more;         /* connections beyond MOST */
  bool listening_now; /* to the trace bus */
  bool down;          /* it has crashed */
  bool foreign;       /* it has connections in the name of others */
  /* a segment that the host has taken, and not answered yet */
  bool taking;
  SimTime taken;
  /* the NIC's queue */
  SimTime busy_from, busy_to, longest;
};

static TcpStack *stack_of(const PktWriter *it)
{
  return tcp_stack_of(it->host);
}

/* -- which connection -- */

static bool same_end(const TcpEnd *a, const TcpEnd *b)
{
  return a->port == b->port && net_address_equal(a->address, b->address);
}

/* The newest of `pair`, or NULL. */
static PktWriteFlow *find(const PktWriter *it, const TcpPair *pair)
{
  for (guint i = it->flows->len; i > 0; i--) {
    PktWriteFlow *flow = it->flows->pdata[i - 1];

    if (same_end(&flow->pair.local, &pair->local) &&
        same_end(&flow->pair.remote, &pair->remote))
      return flow;
  }
  return NULL;
}

/* NULL: one too many. */
static PktWriteFlow *begin(PktWriter *it, const TcpPair *pair)
{
  PktWriteFlow *flow;

  if (it->flows->len == MOST) {
    it->more++;
    return NULL;
  }
  flow = pkt_flow_new(it->run, it->host, pair);
  g_ptr_array_add(it->flows, flow);
  return flow;
}

static PktWriteFlow *find_or_begin(PktWriter *it, const TcpPair *pair)
{
  PktWriteFlow *flow = find(it, pair);

  return flow ? flow : begin(it, pair);
}

/* -- calls -- */

/* What a program sends while the host still takes a segment may leave with the
 * host's answer; a script's calls are behind it. */
static void on_call(PktWriter *it, const TcpTraceCall *call)
{
  bool opens = g_str_equal(call->call, "OPEN");
  PktWriteFlow *flow;

  if (call->stack != stack_of(it))
    return;
  if (!net_host_owns(it->host, call->pair->local.address)) {
    it->foreign = true;
    return;
  }
  flow = opens ? begin(it, call->pair) : find(it, call->pair);
  if (!flow)
    return;
  if (!opens && it->taking && it->taken == it->run->sim->now)
    pkt_flow_nested(flow);
  pkt_flow_call(flow, call);
}

/* -- packets -- */

static bool has_ports(const NetPacket *packet, const NetIp *ip)
{
  return ip->protocol == NET_PROTOCOL_TCP && !net_ip_is_fragment(ip) &&
         packet->l4 > 0 && packet->head_length >= packet->l4 + 4;
}

static TcpPair pair_of(const NetPacket *packet, const NetIp *ip, bool outbound)
{
  const uint8_t *tcp = packet->head + packet->l4;
  TcpEnd ends[2] = { { ip->source, net_get16(tcp) },
                     { ip->destination, net_get16(tcp + 2) } };

  return (TcpPair){ ends[!outbound], ends[outbound] };
}

/* Its NIC or its TCP drops it, and says nothing. */
static void on_dropped(PktWriter *it, const NetPacket *packet)
{
  PktWriteFlow *flow;
  TcpPair pair;
  NetIp ip;

  if (!net_ip_peek(packet, &ip) || !has_ports(packet, &ip) ||
      !net_host_owns(it->host, ip.destination) ||
      net_transport_check(packet, &ip) != NET_CHECK_BAD)
    return;
  pair = pair_of(packet, &ip, false);
  flow = find(it, &pair);
  if (flow)
    pkt_flow_leave_out(
        flow, "a segment whose checksum is wrong: packetdrill's are right");
}

static void on_tcp(PktWriter *it, const NetPacket *packet, const NetIp *ip,
                   bool outbound)
{
  TcpPair pair = pair_of(packet, ip, outbound);
  PktWriteFlow *flow = find_or_begin(it, &pair), *before = flow;

  if (!flow)
    return;
  if (outbound && pkt_flow_again(flow, packet)) {
    flow = begin(it, &pair);
    if (!flow)
      return;
    pkt_flow_follow(flow, before);
  }
  pkt_flow_watch(flow);
  pkt_flow_packet(flow, packet, ip, outbound);
  if (!outbound && tcp_find(stack_of(it), &pair)) {
    it->taking = true;
    it->taken = it->run->sim->now;
  }
}

static void each_flow(const PktWriter *it,
                      void (*func)(PktWriteFlow *, const char *format, ...),
                      const char *why)
{
  for (guint i = 0; i < it->flows->len; i++)
    func(it->flows->pdata[i], "%s", why);
}

/* Of whose connection it is does not stand in a fragment. */
static void on_fragment(PktWriter *it)
{
  each_flow(
      it, pkt_flow_end,
      "a fragment is on the host's wire, which packetdrill does not write");
}

static void on_icmp(PktWriter *it, const NetPacket *packet, const NetIp *ip)
{
  PktIcmp icmp;
  PktWriteFlow *flow;

  if (!pkt_icmp_read(&icmp, packet, ip))
    return;
  flow = find(it, &icmp.pair);
  if (flow)
    pkt_flow_icmp(flow, &icmp);
}

static void on_packet(PktWriter *it, const NetPacket *packet, bool outbound)
{
  NetIp ip;

  if (packet->flags & NET_PACKET_INJECTED && outbound)
    return;
  if (!net_ip_peek(packet, &ip) ||
      net_transport_check(packet, &ip) == NET_CHECK_BAD ||
      !net_host_owns(it->host, outbound ? ip.source : ip.destination))
    return;
  if (net_ip_is_fragment(&ip))
    on_fragment(it);
  else if (has_ports(packet, &ip))
    on_tcp(it, packet, &ip, outbound);
  else if (!outbound && (ip.protocol == NET_PROTOCOL_ICMP ||
                         ip.protocol == NET_PROTOCOL_ICMPV6))
    on_icmp(it, packet, &ip);
}

/* How long a packet may have waited for those before it: no longer than the
 * transmitter was busy without a pause. */
static void on_transmitter(PktWriter *it, const NetTracePacket *trace)
{
  SimTime now = it->run->sim->now;

  if (now > it->busy_to)
    it->busy_from = now;
  it->busy_to = trace->packet->due;
  it->longest = MAX(it->longest, now - it->busy_from);
}

static void watch_crashes(PktWriter *it)
{
  bool down = net_host_is_down(it->host);

  if (down && !it->down)
    each_flow(it, pkt_flow_end,
              "the host crashes, which no script can make it do");
  it->down = down;
}

static void on_trace(void *user, Sim *sim, unsigned kind, const void *record)
{
  PktWriter *it = user;
  const NetTracePacket *trace = record;

  (void)sim;
  watch_crashes(it);
  if (kind == TCP_TRACE_CALL)
    on_call(it, record);
  if (kind == TCP_TRACE_TURN &&
      ((const TcpTraceTurn *)record)->stack == stack_of(it))
    it->taking = false;
  if (kind == TCP_TRACE_CALL || kind == TCP_TRACE_TURN ||
      trace->node != net_host_node(it->host))
    return;
  if (kind == NET_TRACE_DROPPED) {
    on_dropped(it, trace->packet);
    return;
  }
  if (kind == NET_TRACE_SENT)
    on_transmitter(it, trace);
  on_packet(it, trace->packet, kind == NET_TRACE_SENT);
}

/* -- the whole -- */

PktWriter *pkt_writer_new(Run *run, const char *host, GError **error)
{
  NetNode *node = net_find(run->net, host);
  NetHost *found = node ? net_host_of(node) : NULL;
  PktWriter *it;

  if (!found || !tcp_stack_of(found)) {
    g_set_error(error, SCRIPT_ERROR, 0,
                "%s: --as-pkt=%s: the scenario has no host of this name",
                run->file, host);
    return NULL;
  }
  it = g_new0(PktWriter, 1);
  it->run = run;
  it->host = found;
  it->name = host;
  it->flows = g_ptr_array_new_with_free_func((GDestroyNotify)pkt_flow_free);
  it->listening_now = true;
  sim_trace_listen(
      run->sim,
      UINT64_C(1) << NET_TRACE_SENT | UINT64_C(1) << NET_TRACE_DELIVERED |
          UINT64_C(1) << NET_TRACE_DROPPED | UINT64_C(1) << TCP_TRACE_CALL |
          UINT64_C(1) << TCP_TRACE_TURN,
      on_trace, it);
  return it;
}

void pkt_writer_end(PktWriter *it)
{
  if (!it || !it->listening_now)
    return;
  it->listening_now = false;
  sim_trace_unlisten(it->run->sim, on_trace, it);
}

bool pkt_writer_check(const PktWriter *it, GError **error)
{
  if (it->flows->len > 0)
    return true;
  g_set_error(error, SCRIPT_ERROR, 0,
              "%s: --as-pkt=%s: there is nothing to write: the host takes part "
              "in no connection%s",
              it->run->file, it->name,
              it->foreign ? " but in the name of others, whose addresses a "
                            "script's host has not got"
                          : "");
  return false;
}

guint pkt_writer_count(const PktWriter *it)
{
  return it->flows->len;
}

char *pkt_writer_name(const PktWriter *it, guint index)
{
  return index == 0 ? g_strdup_printf("%s.pkt", it->name)
                    : g_strdup_printf("%s-%u.pkt", it->name, index + 1);
}

char *pkt_writer_text(const PktWriter *it, guint index)
{
  g_autofree char *others = NULL;

  if (it->flows->len > 1)
    others = g_strdup_printf(
        "connection %u of %u; packetdrill follows one at a time", index + 1,
        it->flows->len + it->more);
  return pkt_flow_text(it->flows->pdata[index], it->name, others,
                       SLACK + it->longest);
}

bool pkt_writer_shorten(PktWriter *it, guint index)
{
  return pkt_flow_shorten(it->flows->pdata[index]);
}

static void note_left_out(const PktWriter *it, guint index, GString *out)
{
  const PktWriteFlow *flow = it->flows->pdata[index];
  g_autofree char *name = pkt_writer_name(it, index);

  for (guint i = 0; i < flow->left_out->len; i++)
    g_string_append_printf(out, "%s: left out: %s\n", name,
                           (char *)flow->left_out->pdata[i]);
}

char *pkt_writer_notes(const PktWriter *it)
{
  GString *out = g_string_new(NULL);
  g_autofree char *last = pkt_writer_name(it, it->flows->len - 1);

  if (it->flows->len > 1)
    g_string_append_printf(out,
                           "%s has %u connections, and packetdrill follows one "
                           "at a time: %s.pkt to %s are one each\n",
                           it->name, it->flows->len + it->more, it->name, last);
  if (it->more > 0)
    g_string_append_printf(
        out, "left out: %u connections beyond the first %u\n", it->more, MOST);
  for (guint i = 0; i < it->flows->len; i++)
    note_left_out(it, i, out);
  return g_string_free(out, FALSE);
}

void pkt_writer_free(PktWriter *it)
{
  if (!it)
    return;
  pkt_writer_end(it);
  g_ptr_array_unref(it->flows);
  g_free(it);
}
