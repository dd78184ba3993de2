/* The scanner. Ports are probed in their order, one each `interval`; those that
 * wait for an answer do so in a queue, in which all wait equally long.
 *
 * Invariant: `send` is pending while ports have not been probed; `expire` while
 * the queue is not empty, at its first one's time. A port that has got its
 * answer stays in the queue until its time, unless all are done. */
#include "scan.h"

#include <glib.h>

#include "box.h"
#include "conntrack.h"
#include "segment.h"

typedef struct Port {
  AppScanPort it;
  AppScan *scan;
  struct Port *next; /* in the queue */
  TcpConnection *tcp;
  SimTime sent, due;
  uint32_t seq;
} Port;

struct AppScan {
  NetBox box; /* owned by the host, and the scan with it */
  AppScanSpec spec;
  TcpStack *stack;
  Sim *sim;
  SimOwner owner;
  SimRandom numbers;
  SimEvent send, expire;
  GHashTable *by_port;
  Port *ports, *first, *last;
  NetAddress target;
  unsigned probed, left;
};

static NetNode *node_of(const AppScan *scan)
{
  return net_host_node(tcp_stack_host(scan->stack));
}

const char *app_scan_kind_name(unsigned kind)
{
  static const char *const names[] = { "syn",  "connect", "fin",
                                       "null", "xmas",    "ack" };

  return kind < APP_SCAN_KINDS ? names[kind] : NULL;
}

const char *app_scan_state_name(AppScanState state)
{
  static const char *const names[] = {
    "unknown", "open", "closed", "filtered", "unfiltered", "open|filtered"
  };

  return names[state];
}

const AppScanPort *app_scan_port(const AppScan *scan, unsigned number)
{
  return number < scan->spec.count ? &scan->ports[number].it : NULL;
}

bool app_scan_done(const AppScan *scan)
{
  return scan->left == 0;
}

/* -- learning -- */

static void finish(AppScan *scan)
{
  sim_cancel(scan->sim, &scan->expire);
  scan->first = scan->last = NULL;
  if (scan->spec.done)
    scan->spec.done(scan->spec.user, scan);
}

static void learn(Port *port, AppScanState state, const char *why, bool answer)
{
  AppScan *scan = port->scan;

  if (port->it.state != APP_SCAN_UNKNOWN)
    return;
  port->it.state = state;
  port->it.why = why;
  if (answer)
    port->it.answered = scan->sim->now - port->sent;
  if (--scan->left == 0)
    finish(scan);
}

static bool is_stealthy(AppScanKind kind)
{
  return kind == APP_SCAN_FIN || kind == APP_SCAN_NULL || kind == APP_SCAN_XMAS;
}

/* A segment came back from the port. */
static void learn_segment(Port *port, unsigned flags)
{
  AppScanKind kind = port->scan->spec.kind;

  if (flags & TCP_RST && kind == APP_SCAN_ACK)
    learn(port, APP_SCAN_UNFILTERED,
          "a RST: no filter is in the way; open and closed answer alike", true);
  else if (flags & TCP_RST)
    learn(port, APP_SCAN_CLOSED, "a RST: nothing listens there", true);
  else if (flags & TCP_SYN && kind == APP_SCAN_SYN)
    learn(port, APP_SCAN_OPEN,
          flags & TCP_ACK ? "a SYN,ACK: something listens there"
                          : "a SYN: something opens from there",
          true);
}

static void learn_silence(Port *port)
{
  if (is_stealthy(port->scan->spec.kind))
    learn(port, APP_SCAN_OPEN_OR_FILTERED,
          "silence: an open port ignores it, or a filter drops it", false);
  else
    learn(port, APP_SCAN_FILTERED,
          "silence: a filter drops it, or nobody is there", false);
}

static Port *port_of(const AppScan *scan, uint16_t number)
{
  return g_hash_table_lookup(scan->by_port, GUINT_TO_POINTER(number));
}

/* An ICMP error about one of the probes. */
static bool hear_error(AppScan *scan, const NetPacket *packet, const NetIp *ip)
{
  const char *why;
  NetQuoted quoted;
  Port *port;

  if (!net_quoted_of(packet, ip, &quoted, &why))
    return false;
  port = port_of(scan, quoted.tuple.destination_port);
  if (port && quoted.tuple.protocol == NET_PROTOCOL_TCP &&
      quoted.tuple.source_port == scan->spec.from_port &&
      net_address_equal(quoted.tuple.destination, scan->target))
    learn(port, APP_SCAN_FILTERED,
          "ICMP unreachable: a filter says that it is closed off", true);
  return true;
}

/* Listens only: the host's TCP gets all of it. */
static bool hear(NetBox *box, const NetCrossing *at, NetPacket *packet,
                 NetIp *ip)
{
  AppScan *scan = SIM_CONTAINER(box, AppScan, box);
  const uint8_t *tcp = packet->head + packet->l4;
  Port *port;

  if (at->point != NET_POINT_IN || scan->left == 0 ||
      scan->spec.kind == APP_SCAN_CONNECT || hear_error(scan, packet, ip) ||
      ip->protocol != NET_PROTOCOL_TCP ||
      packet->head_length < packet->l4 + 20u ||
      !net_address_equal(ip->source, scan->target) ||
      net_get16(tcp + 2) != scan->spec.from_port)
    return true;
  port = port_of(scan, net_get16(tcp));
  if (port && port->it.tries > 0 &&
      net_transport_check(packet, ip) != NET_CHECK_BAD)
    learn_segment(port, tcp[13]);
  return true;
}

/* -- probing -- */

static unsigned probe_flags(AppScanKind kind)
{
  static const unsigned flags[APP_SCAN_KINDS] = {
    [APP_SCAN_SYN] = TCP_SYN,
    [APP_SCAN_FIN] = TCP_FIN,
    [APP_SCAN_XMAS] = TCP_FIN | TCP_PSH | TCP_URG,
    [APP_SCAN_ACK] = TCP_ACK,
  };

  return flags[kind];
}

static void probe_raw(Port *port)
{
  AppScan *scan = port->scan;
  NetHost *host = tcp_stack_host(scan->stack);
  NetNode *node = node_of(scan);
  NetPath path = { 0 };
  NetPacket *packet;
  TcpSegment segment = {
    .seq = port->seq,
    .ack = scan->spec.kind == APP_SCAN_ACK ? port->seq ^ 0x5a5a5a5a : 0,
    .flags = (uint16_t)probe_flags(scan->spec.kind),
    .window = 1024,
    .source_port = scan->spec.from_port,
    .destination_port = port->it.port,
  };
  NetIp ip = { .destination = scan->target, .protocol = NET_PROTOCOL_TCP };

  if (!net_host_path(host, scan->target, &path)) {
    learn(port, APP_SCAN_FILTERED, "the scanner's host knows no way there",
          false);
    return;
  }
  ip.source = path.source;
  if (scan->spec.kind == APP_SCAN_SYN)
    segment.options.mss = 1460;
  packet = net_packet_new(node->net, &node->owner);
  packet->l3 = NET_ETHERNET_SIZE;
  packet->l4 = (uint16_t)(NET_ETHERNET_SIZE + net_ip_size(scan->target));
  packet->flags |= NET_PACKET_INJECTED;
  tcp_segment_build(packet, &segment, ip.source, ip.destination);
  net_host_send(host, packet, &ip, &path);
}

static void connected(void *user, TcpConnection *conn, unsigned events)
{
  Port *port = user;
  TcpError error;

  port->tcp = conn;
  if (events & TCP_EVENT_ESTABLISHED)
    learn(port, APP_SCAN_OPEN, "the handshake was completed", true);
  if (tcp_state(conn) == TCP_CLOSED) {
    error = tcp_error(conn);
    if (error == TCP_ECONNREFUSED)
      learn(port, APP_SCAN_CLOSED, "the connection was refused", true);
    else
      learn(port, APP_SCAN_FILTERED, tcp_error_text(error), true);
  }
  if (port->it.state == APP_SCAN_UNKNOWN)
    return;
  port->tcp = NULL;
  tcp_abort(conn);
  tcp_release(conn);
}

/* TCP repeats its SYN itself. */
static void probe_connect(Port *port)
{
  AppScan *scan = port->scan;
  TcpEnd remote = { scan->target, port->it.port };
  TcpError error;

  if (!tcp_connect(scan->stack, NULL, remote, NULL, connected, port, &error))
    learn(port, APP_SCAN_FILTERED, tcp_error_text(error), false);
}

static void await(Port *port)
{
  AppScan *scan = port->scan;
  SimTime wait = scan->spec.timeout;

  if (scan->spec.kind == APP_SCAN_CONNECT)
    wait *= scan->spec.retries + 1;
  port->next = NULL;
  port->due = sim_time_add(scan->sim->now, wait);
  if (scan->first)
    scan->last->next = port;
  else
    scan->first = port;
  scan->last = port;
  if (!sim_event_pending(&scan->expire))
    sim_schedule(scan->sim, &scan->expire, &scan->owner, scan->first->due);
}

static void probe(Port *port)
{
  AppScan *scan = port->scan;

  port->it.tries++;
  port->sent = scan->sim->now;
  await(port);
  if (scan->spec.kind == APP_SCAN_CONNECT)
    probe_connect(port);
  else
    probe_raw(port);
}

static void give_up(Port *port)
{
  TcpConnection *tcp = port->tcp;

  learn_silence(port);
  port->tcp = NULL;
  if (tcp) {
    tcp_set_user(tcp, NULL, NULL);
    tcp_abort(tcp);
    tcp_release(tcp);
  }
}

static void expire(Sim *sim, SimEvent *event)
{
  AppScan *scan = SIM_CONTAINER(event, AppScan, expire);

  while (scan->first && scan->first->due <= sim->now) {
    Port *port = scan->first;

    scan->first = port->next;
    if (port->it.state != APP_SCAN_UNKNOWN)
      continue;
    if (scan->spec.kind != APP_SCAN_CONNECT &&
        port->it.tries <= scan->spec.retries)
      probe(port);
    else
      give_up(port);
  }
  if (scan->first && scan->left > 0 && !sim_event_pending(event))
    sim_schedule(sim, event, &scan->owner, scan->first->due);
}

static NetAddress find_target(const AppScan *scan)
{
  const NetHost *to = scan->spec.to.host;

  return to ? net_host_address(to) : scan->spec.to.address;
}

static void send_next(Sim *sim, SimEvent *event)
{
  AppScan *scan = SIM_CONTAINER(event, AppScan, send);

  if (scan->probed == 0)
    scan->target = find_target(scan);
  do {
    probe(&scan->ports[scan->probed++]);
  } while (scan->spec.interval == 0 && scan->probed < scan->spec.count);
  if (scan->probed < scan->spec.count)
    sim_schedule(sim, event, &scan->owner,
                 sim_time_add(sim->now, scan->spec.interval));
}

/* -- the whole -- */

static void scan_free(NetBox *box)
{
  AppScan *scan = SIM_CONTAINER(box, AppScan, box);

  g_hash_table_unref(scan->by_port);
  g_free(scan->ports);
  g_free(scan);
}

static void make_ports(AppScan *scan)
{
  scan->ports = g_new0(Port, scan->spec.count);
  scan->by_port = g_hash_table_new(NULL, NULL);
  for (unsigned i = 0; i < scan->spec.count; i++) {
    Port *port = &scan->ports[i];

    port->scan = scan;
    port->it.port = scan->spec.ports[i];
    port->it.answered = SIM_TIME_NEVER;
    port->seq = (uint32_t)sim_random_next(&scan->numbers);
    g_hash_table_insert(scan->by_port, GUINT_TO_POINTER(port->it.port), port);
  }
}

/* So that each scan of a host has dice of its own. */
static unsigned boxes_of(const NetNode *node)
{
  unsigned count = 0;

  for (const NetBox *box = node->boxes; box; box = box->next)
    count++;
  return count;
}

AppScan *app_scan_new(TcpStack *stack, const AppScanSpec *spec)
{
  AppScan *scan = g_new0(AppScan, 1);
  NetNode *node = net_host_node(tcp_stack_host(stack));
  char *name = g_strdup_printf("host %s scan %u", node->name, boxes_of(node));

  scan->spec = *spec;
  scan->stack = stack;
  scan->sim = node->net->sim;
  scan->left = spec->count;
  scan->box.inspect = hear;
  scan->box.free = scan_free;
  sim_owner_init(&scan->owner, scan->sim, name);
  sim_random_init(&scan->numbers, scan->sim->seed, name);
  make_ports(scan);
  if (scan->spec.from_port == 0)
    scan->spec.from_port =
        (uint16_t)(32768 + sim_random_below(&scan->numbers, 28000));
  scan->spec.ports = NULL;
  sim_event_init(&scan->send, send_next);
  sim_event_init(&scan->expire, expire);
  sim_schedule(scan->sim, &scan->send, &scan->owner,
               MAX(spec->at, scan->sim->now));
  net_node_add_box(node, &scan->box);
  g_free(name);
  return scan;
}
