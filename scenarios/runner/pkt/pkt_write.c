/* A run as a script: what happens at one host, in the order of happening.
 *
 * The first connection of the host is the script's; a second is one too many
 * for it. The socket is 3, what accept() gives is 4: nothing is said of
 * accept() until the application does something with the connection. All
 * descriptors are non-blocking, so that a call stands where it returned. */
#include "pkt_write.h"

#include <string.h>

#include "segment.h"
#include "sockets.h"

#define SLACK_US 4000 /* packetdrill's own tolerance */

struct PktWriter {
  Run *run;
  NetHost *host;
  const char *name;
  GString *lines;
  char *problem;
  bool listening_now; /* to the trace bus */
  /* the connection */
  bool has_pair;
  TcpPair pair;
  PktNumbers numbers;
  bool opens, listens; /* which of the two made the socket */
  bool listener_gone;  /* closed again */
  bool accepted, closed;
  bool synchronized; /* the host has sent more than SYNs and RSTs */
  bool has_knobs;
  TcpKnobs first, knobs; /* at the beginning, and as they are */
  /* the NIC's queue */
  SimTime busy_from, busy_to, longest;
};

static void refuse(PktWriter *it, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void refuse(PktWriter *it, const char *format, ...)
{
  va_list arguments;

  if (it->problem)
    return;
  va_start(arguments, format);
  it->problem = g_strdup_vprintf(format, arguments);
  va_end(arguments);
}

static char *time_of(const PktWriter *it)
{
  SimTime us = (it->run->sim->now + SIM_MICROSECOND / 2) / SIM_MICROSECOND;

  return g_strdup_printf("%" G_GINT64_FORMAT ".%06d", us / 1000000,
                         (int)(us % 1000000));
}

static void line(PktWriter *it, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void line(PktWriter *it, const char *format, ...)
{
  g_autofree char *time = time_of(it);
  va_list arguments;

  g_string_append_printf(it->lines, "%s ", time);
  va_start(arguments, format);
  g_string_append_vprintf(it->lines, format, arguments);
  va_end(arguments);
  g_string_append_c(it->lines, '\n');
}

/* -- the connection -- */

static TcpStack *stack_of(const PktWriter *it)
{
  return tcp_stack_of(it->host);
}

static int descriptor(const PktWriter *it)
{
  return it->opens ? 3 : 4;
}

static void find_listener(void *user, const TcpSocket *socket)
{
  PktWriter *it = user;

  if (!socket->listener || it->listens ||
      socket->pair.local.port != it->pair.local.port)
    return;
  it->listens = true;
  it->first = it->knobs = *tcp_listener_knobs(socket->listener);
  it->has_knobs = true;
}

/* What the connection has now that it had not before. */
static void watch_knobs(PktWriter *it)
{
  TcpConnection *conn = stack_of(it) ? tcp_find(stack_of(it), &it->pair) : NULL;
  g_autofree char *time = NULL;
  const char *name;

  if (!conn || it->closed)
    return;
  if (!it->has_knobs) {
    it->has_knobs = true;
    it->first = it->knobs = *tcp_knobs(conn);
  }
  if (memcmp(&it->knobs, tcp_knobs(conn), sizeof it->knobs) == 0)
    return;
  time = time_of(it);
  name = pkt_write_option(it->lines, time, descriptor(it), &it->knobs,
                          tcp_knobs(conn));
  if (name)
    refuse(it,
           "its connection changes %s on the way, which is no option of a "
           "socket",
           name);
  it->knobs = *tcp_knobs(conn);
}

static void watch_listener(PktWriter *it)
{
  if (!it->listens || it->listener_gone || it->closed || !stack_of(it) ||
      tcp_is_listening(stack_of(it), &it->pair.local))
    return;
  it->listener_gone = true;
  line(it, "close(3) = 0");
}

static void end_text(const TcpPair *pair, char *ret, size_t size)
{
  char remote[NET_ADDRESS_TEXT];

  net_address_format(pair->remote.address, remote);
  g_snprintf(ret, size, "port %u with %s port %u", pair->local.port, remote,
             pair->remote.port);
}

static bool same_end(const TcpEnd *a, const TcpEnd *b)
{
  return a->port == b->port && net_address_equal(a->address, b->address);
}

/* The first pair that is met is the script's. */
static bool is_ours(PktWriter *it, const TcpPair *pair)
{
  char text[100];

  if (!it->has_pair) {
    it->has_pair = true;
    it->pair = *pair;
    if (stack_of(it))
      tcp_each_socket(stack_of(it), find_listener, it);
    return true;
  }
  if (same_end(&pair->local, &it->pair.local) &&
      same_end(&pair->remote, &it->pair.remote))
    return true;
  end_text(pair, text, sizeof text);
  refuse(it, "it has a second connection, from its %s", text);
  return false;
}

/* -- calls -- */

static void ensure_accepted(PktWriter *it)
{
  if (it->accepted || it->opens)
    return;
  it->accepted = true;
  line(it, "accept(3, ..., ...) = 4");
  line(it, "fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0");
}

/* "-1 EPIPE (one sentence)" */
static void result(PktWriter *it, const char *call, int64_t value,
                   TcpError error)
{
  if (error == TCP_OK)
    line(it, "%s = %" G_GINT64_FORMAT, call, value);
  else
    line(it, "%s = -1 %s (%s)", call, tcp_error_name(error),
         tcp_error_text(error));
}

static void write_send(PktWriter *it, const TcpTraceCall *call)
{
  g_autoptr(GString) flags = g_string_new(NULL);
  g_autofree char *text = NULL;

  g_string_append(flags, call->more ? "|MSG_MORE" : "");
  g_string_append(flags, call->urgent ? "|MSG_OOB" : "");
  g_string_append(flags, call->ends_record ? "|MSG_EOR" : "");
  text =
      flags->len > 0
          ? g_strdup_printf("send(%d, ..., %u, %s)", descriptor(it),
                            call->asked, flags->str + 1)
          : g_strdup_printf("write(%d, ..., %u)", descriptor(it), call->asked);
  if (call->asked > 0)
    result(it, text, call->length, call->error);
}

static void write_receive(PktWriter *it, const TcpTraceCall *call)
{
  unsigned asked = call->length ? call->length : 1000;
  g_autofree char *text =
      g_strdup_printf("read(%d, ..., %u)", descriptor(it), asked);

  result(it, text, call->length, call->error);
}

static void write_shutdown(PktWriter *it, const TcpTraceCall *call)
{
  static const char *const words[] = { "SHUT_RD", "SHUT_WR", "SHUT_RDWR" };
  g_autofree char *text =
      g_strdup_printf("shutdown(%d, %s)", descriptor(it),
                      words[(call->shutdown - TCP_SHUTDOWN_RECEIVE) % 3]);

  result(it, text, 0, call->error);
}

static void write_linger(PktWriter *it, SimTime time)
{
  line(it,
       "setsockopt(%d, SOL_SOCKET, SO_LINGER, {onoff=1, "
       "linger=%" G_GINT64_FORMAT "}, 8) = 0",
       descriptor(it), time / SIM_SECOND);
}

static void write_close(PktWriter *it, bool abort)
{
  TcpConnection *conn = tcp_find(stack_of(it), &it->pair);
  SimTime time = 0;

  if (abort || (conn && tcp_linger(conn, &time)))
    write_linger(it, abort ? 0 : time);
  line(it, "close(%d) = 0", descriptor(it));
  it->closed = true;
}

static void write_open(PktWriter *it, const TcpTraceCall *call)
{
  if (it->opens || it->listens)
    refuse(it, "it opens a connection twice");
  if (call->error)
    refuse(it, "connect() fails at once: %s", tcp_error_name(call->error));
  it->opens = true;
  line(it, "connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)");
}

static void on_call(PktWriter *it, const TcpTraceCall *call)
{
  if (call->stack != stack_of(it) || !is_ours(it, call->pair))
    return;
  if (g_str_equal(call->call, "OPEN")) {
    write_open(it, call);
    return;
  }
  if (it->closed || (!it->opens && !it->listens))
    return;
  ensure_accepted(it);
  watch_knobs(it);
  if (g_str_equal(call->call, "SEND"))
    write_send(it, call);
  else if (g_str_equal(call->call, "RECEIVE"))
    write_receive(it, call);
  else if (g_str_equal(call->call, "SHUTDOWN"))
    write_shutdown(it, call);
  else if (g_str_equal(call->call, "CLOSE") || g_str_equal(call->call, "ABORT"))
    write_close(it, call->call[0] == 'A');
}

/* -- packets -- */

static void write_packet(PktWriter *it, const NetPacket *packet,
                         const NetIp *ip, bool outbound)
{
  g_autoptr(GString) text = g_string_new(NULL);

  if (pkt_write_packet(text, &it->numbers, packet, ip, outbound))
    line(it, "%s", text->str);
  else
    refuse(it, "a segment with a malformed header %s",
           outbound ? "leaves it" : "reaches it");
}

/* A SYN of the host's behind anything else of its. */
static bool opens_again(PktWriter *it, const NetPacket *packet)
{
  unsigned flags = packet->head_length > packet->l4 + 13u
                       ? packet->head[packet->l4 + 13]
                       : 0;

  if (flags & TCP_SYN)
    return it->synchronized;
  it->synchronized |= !(flags & TCP_RST);
  return false;
}

static void on_packet(PktWriter *it, const NetPacket *packet, bool outbound)
{
  const uint8_t *tcp = packet->head + packet->l4;
  TcpPair pair;
  TcpEnd ends[2];
  NetIp ip;

  if (!net_ip_peek(packet, &ip))
    return;
  if (ip.protocol != NET_PROTOCOL_TCP) {
    if (ip.protocol == NET_PROTOCOL_ICMP || ip.protocol == NET_PROTOCOL_ICMPV6)
      refuse(it, "an ICMP message %s", outbound ? "leaves it" : "reaches it");
    return;
  }
  if (packet->l4 == 0 || packet->head_length < packet->l4 + 4 ||
      net_ip_is_fragment(&ip)) {
    refuse(it, "a fragment or a part of a segment is on its wire");
    return;
  }
  ends[0] = (TcpEnd){ ip.source, net_get16(tcp) };
  ends[1] = (TcpEnd){ ip.destination, net_get16(tcp + 2) };
  pair = (TcpPair){ ends[!outbound], ends[outbound] };
  if (!outbound && !net_host_owns(it->host, ip.destination))
    return;
  if (!is_ours(it, &pair))
    return;
  if (net_transport_check(packet, &ip) == NET_CHECK_BAD) {
    refuse(it, "a segment with a wrong checksum is on its wire");
    return;
  }
  if (outbound && opens_again(it, packet)) {
    refuse(it, "it has a second connection between the same ports");
    return;
  }
  watch_listener(it);
  watch_knobs(it);
  write_packet(it, packet, &ip, outbound);
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

static void on_trace(void *user, Sim *sim, unsigned kind, const void *record)
{
  PktWriter *it = user;
  const NetTracePacket *trace = record;

  (void)sim;
  if (it->problem)
    return;
  if (kind == TCP_TRACE_CALL) {
    on_call(it, record);
    return;
  }
  if (trace->node != net_host_node(it->host))
    return;
  if (net_host_is_down(it->host))
    refuse(it, "it crashes");
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
  it->lines = g_string_new(NULL);
  it->listening_now = true;
  sim_trace_listen(run->sim,
                   UINT64_C(1) << NET_TRACE_SENT |
                       UINT64_C(1) << NET_TRACE_DELIVERED |
                       UINT64_C(1) << TCP_TRACE_CALL,
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

static void write_head(const PktWriter *it, GString *out)
{
  const NetNic *nic = net_host_node(it->host)->nics;
  bool ipv6 = !net_address_is_ipv4(it->pair.local.address);

  g_string_append_printf(out, "// %s: what happens at %s\n", it->run->title,
                         it->name);
  g_string_append_printf(out, "--ip_version=%s\n", ipv6 ? "ipv6" : "ipv4");
  if (nic->mtu != 1500)
    g_string_append_printf(out, "--mtu=%u\n", nic->mtu);
  g_string_append_printf(out, "--tolerance_usecs=%" G_GINT64_FORMAT "\n",
                         SLACK_US + it->longest / SIM_MICROSECOND);
  pkt_write_settings(out, it->has_knobs ? &it->first
                                        : tcp_stack_knobs(stack_of(it)));
}

static void write_socket(const PktWriter *it, GString *out)
{
  g_string_append(out, "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
                       "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n");
  if (it->opens)
    return;
  g_string_append(out, "+0 bind(3, ..., ...) = 0\n");
  if (it->listens)
    g_string_append(out, "+0 listen(3, 128) = 0\n");
}

char *pkt_writer_text(PktWriter *it, GError **error)
{
  GString *out;

  pkt_writer_end(it);
  if (!it->has_pair)
    refuse(it, "it takes part in no connection");
  if (it->problem) {
    g_set_error(error, SCRIPT_ERROR, 0,
                "%s: what happens at %s cannot be written as a script: %s",
                it->run->file, it->name, it->problem);
    return NULL;
  }
  out = g_string_new(NULL);
  write_head(it, out);
  write_socket(it, out);
  g_string_append(out, it->lines->str);
  return g_string_free(out, FALSE);
}

void pkt_writer_free(PktWriter *it)
{
  if (!it)
    return;
  pkt_writer_end(it);
  g_string_free(it->lines, TRUE);
  g_free(it->problem);
  g_free(it);
}
