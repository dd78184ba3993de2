/* One connection of a host as a script: its system calls and packets.
 *
 * The socket is 3, what accept() gives is 4: nothing is said of accept() until
 * the application does something with the connection. All descriptors are
 * non-blocking, so that a call stands where it returned. What cannot be said
 * stands in a comment; where nothing behind it would be true, it is the end of
 * the script. */
#include "pkt_write_flow.h"

#include <string.h>

#include "pkt_run.h"
#include "segment.h"
#include "sockets.h"

static char *time_of(const PktWriteFlow *it)
{
  SimTime us = (it->run->sim->now + SIM_MICROSECOND / 2) / SIM_MICROSECOND;

  return g_strdup_printf("%" G_GINT64_FORMAT ".%06d", us / 1000000,
                         (int)(us % 1000000));
}

static void line(PktWriteFlow *it, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void line(PktWriteFlow *it, const char *format, ...)
{
  g_autofree char *time = time_of(it);
  va_list arguments;

  g_string_append_printf(it->lines, "%s ", time);
  va_start(arguments, format);
  g_string_append_vprintf(it->lines, format, arguments);
  va_end(arguments);
  g_string_append_c(it->lines, '\n');
}

/* -- what is left out -- */

static void note(PktWriteFlow *it, const char *time, const char *what)
{
  g_string_append_printf(it->lines, "// %s left out: %s\n", time, what);
  g_ptr_array_add(it->left_out, g_strdup_printf("%s s: %s", time, what));
}

void pkt_flow_leave_out(PktWriteFlow *it, const char *format, ...)
{
  g_autofree char *time = time_of(it), *what = NULL;
  va_list arguments;

  if (it->ended)
    return;
  va_start(arguments, format);
  what = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  note(it, time, what);
}

void pkt_flow_end(PktWriteFlow *it, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list arguments;

  va_start(arguments, format);
  what = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  pkt_flow_leave_out(it, "all from here on: %s", what);
  it->ended = true;
}

void pkt_flow_nested(PktWriteFlow *it)
{
  if (it->nested_time || it->ended)
    return;
  it->nested_time = time_of(it);
  it->nested_from = it->lines->len;
}

bool pkt_flow_shorten(PktWriteFlow *it)
{
  if (!it->nested_time)
    return false;
  g_string_truncate(it->lines, it->nested_from);
  g_ptr_array_set_size(it->left_out, 0);
  note(it, it->nested_time,
       "all from here on: its application answers a segment before the host "
       "does, and a script's calls are behind the host's answer");
  g_clear_pointer(&it->nested_time, g_free);
  return true;
}

/* -- the connection -- */

static unsigned flags_of(const NetPacket *packet)
{
  return packet->head_length > packet->l4 + 13u ? packet->head[packet->l4 + 13]
                                                : 0;
}

static TcpStack *stack_of(const PktWriteFlow *it)
{
  return tcp_stack_of(it->host);
}

static int descriptor(const PktWriteFlow *it)
{
  return it->opens ? 3 : 4;
}

static void find_listener(void *user, const TcpSocket *socket)
{
  PktWriteFlow *it = user;

  if (!socket->listener || it->listens ||
      socket->pair.local.port != it->pair.local.port)
    return;
  it->listens = true;
  it->backlog = socket->send;
  it->first = it->knobs = *tcp_listener_knobs(socket->listener);
  it->has_knobs = true;
}

/* What the connection has now that it had not before. */
static void watch_knobs(PktWriteFlow *it)
{
  TcpConnection *conn = tcp_find(stack_of(it), &it->pair);
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
    pkt_flow_end(it,
                 "the connection's %s changes, which is no option of a socket",
                 name);
  it->knobs = *tcp_knobs(conn);
}

static void watch_listener(PktWriteFlow *it)
{
  if (!it->listens || it->listener_gone || it->closed ||
      tcp_is_listening(stack_of(it), &it->pair.local))
    return;
  it->listener_gone = true;
  line(it, "close(3) = 0");
}

/* -- calls -- */

static void ensure_accepted(PktWriteFlow *it)
{
  if (it->accepted || it->opens)
    return;
  it->accepted = true;
  line(it, "accept(3, ..., ...) = 4");
  line(it, "fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0");
}

/* "-1 EPIPE (one sentence)" */
static void result(PktWriteFlow *it, const char *call, int64_t value,
                   TcpError error)
{
  if (error == TCP_OK)
    line(it, "%s = %" G_GINT64_FORMAT, call, value);
  else
    line(it, "%s = -1 %s (%s)", call, tcp_error_name(error),
         tcp_error_text(error));
}

static void write_send(PktWriteFlow *it, const TcpTraceCall *call)
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

static void write_receive(PktWriteFlow *it, const TcpTraceCall *call)
{
  unsigned asked = call->length ? call->length : 1000;
  g_autofree char *text =
      g_strdup_printf("read(%d, ..., %u)", descriptor(it), asked);

  result(it, text, call->length, call->error);
}

static void write_shutdown(PktWriteFlow *it, const TcpTraceCall *call)
{
  static const char *const words[] = { "SHUT_RD", "SHUT_WR", "SHUT_RDWR" };
  g_autofree char *text =
      g_strdup_printf("shutdown(%d, %s)", descriptor(it),
                      words[(call->shutdown - TCP_SHUTDOWN_RECEIVE) % 3]);

  result(it, text, 0, call->error);
}

static void write_linger(PktWriteFlow *it, SimTime time)
{
  line(it,
       "setsockopt(%d, SOL_SOCKET, SO_LINGER, {onoff=1, "
       "linger=%" G_GINT64_FORMAT "}, 8) = 0",
       descriptor(it), time / SIM_SECOND);
}

static void write_close(PktWriteFlow *it, bool abort)
{
  TcpConnection *conn = tcp_find(stack_of(it), &it->pair);
  SimTime time = 0;

  if (abort || (conn && tcp_linger(conn, &time)))
    write_linger(it, abort ? 0 : time);
  line(it, "close(%d) = 0", descriptor(it));
  it->closed = true;
}

static void write_open(PktWriteFlow *it, const TcpTraceCall *call)
{
  it->opens = it->numbers.opens = true;
  if (call->error)
    pkt_flow_end(it,
                 "connect() fails at once (%s) on a host that has no way there",
                 tcp_error_name(call->error));
  else
    line(it,
         "connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)");
}

void pkt_flow_call(PktWriteFlow *it, const TcpTraceCall *call)
{
  if (it->ended)
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

void pkt_flow_watch(PktWriteFlow *it)
{
  if (it->ended)
    return;
  watch_listener(it);
  watch_knobs(it);
}

static void remember_syn(PktWriteFlow *it, const NetPacket *packet,
                         const NetIp *ip)
{
  it->syn_from = it->lines->len;
  it->syn_time = it->run->sim->now;
  it->syn = *packet;
  it->syn_ip = *ip;
}

void pkt_flow_packet(PktWriteFlow *it, const NetPacket *packet, const NetIp *ip,
                     bool outbound)
{
  g_autoptr(GString) text = g_string_new(NULL);
  PktSaid said;

  if (it->ended)
    return;
  said = pkt_write_packet(text, &it->numbers, packet, ip, outbound);
  if (said == PKT_SAID_NO_HEADER)
    pkt_flow_leave_out(it, "a segment whose header does not end within it");
  else if (said == PKT_SAID_NO_OPTIONS)
    pkt_flow_end(it, "a segment has options of a kind or a length that "
                     "packetdrill has no words for");
  else if (said == PKT_SAID_NO_ECHO)
    pkt_flow_end(it, "a segment echoes a timestamp that this connection has "
                     "not sent");
  if (said == PKT_SAID_NO_HEADER || it->ended)
    return;
  if (!outbound && flags_of(packet) & TCP_SYN)
    remember_syn(it, packet, ip);
  line(it, "%s", text->str);
}

void pkt_flow_icmp(PktWriteFlow *it, const PktIcmp *icmp)
{
  g_autoptr(GString) text = g_string_new(NULL);

  if (it->ended)
    return;
  pkt_icmp_write(text, &it->numbers, icmp);
  line(it, "%s", text->str);
}

bool pkt_flow_again(PktWriteFlow *it, const NetPacket *packet)
{
  unsigned flags = flags_of(packet);

  if (flags & TCP_SYN)
    return it->synchronized;
  it->synchronized |= !(flags & TCP_RST);
  return false;
}

void pkt_flow_follow(PktWriteFlow *it, PktWriteFlow *before)
{
  if (before->syn_time != it->run->sim->now || before->ended)
    return;
  g_string_truncate(before->lines, before->syn_from);
  pkt_flow_packet(it, &before->syn, &before->syn_ip, false);
}

/* -- the whole -- */

PktWriteFlow *pkt_flow_new(Run *run, NetHost *host, const TcpPair *pair)
{
  PktWriteFlow *it = g_new0(PktWriteFlow, 1);

  it->run = run;
  it->host = host;
  it->pair = *pair;
  it->lines = g_string_new(NULL);
  it->left_out = g_ptr_array_new_with_free_func(g_free);
  it->numbers.stamps = g_hash_table_new(NULL, NULL);
  it->syn_time = -1;
  tcp_each_socket(stack_of(it), find_listener, it);
  return it;
}

void pkt_flow_free(PktWriteFlow *it)
{
  if (!it)
    return;
  g_string_free(it->lines, TRUE);
  g_ptr_array_unref(it->left_out);
  g_free(it->nested_time);
  g_hash_table_unref(it->numbers.stamps);
  g_free(it);
}

static void write_head(const PktWriteFlow *it, GString *out, const char *host,
                       const char *others, SimTime slack)
{
  const NetNic *nic = net_host_node(it->host)->nics;
  bool ipv6 = !net_address_is_ipv4(it->pair.local.address);

  g_string_append_printf(out, "// %s: what happens at %s\n", it->run->title,
                         host);
  if (others)
    g_string_append_printf(out, "// %s\n", others);
  g_string_append_printf(out, "--ip_version=%s\n", ipv6 ? "ipv6" : "ipv4");
  if (nic->mtu != 1500)
    g_string_append_printf(out, "--mtu=%u\n", nic->mtu);
  g_string_append_printf(out, "--tolerance_usecs=%" G_GINT64_FORMAT "\n",
                         slack / SIM_MICROSECOND);
  pkt_write_settings(out, it->has_knobs ? &it->first
                                        : tcp_stack_knobs(stack_of(it)));
}

static void write_socket(const PktWriteFlow *it, GString *out)
{
  g_string_append(out, "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
                       "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n");
  if (it->opens)
    return;
  g_string_append(out, "+0 bind(3, ..., ...) = 0\n");
  if (it->listens)
    g_string_append_printf(out, "+0 listen(3, %u) = 0\n", it->backlog);
}

char *pkt_flow_text(const PktWriteFlow *it, const char *host,
                    const char *others, SimTime slack)
{
  GString *out = g_string_new(NULL);

  write_head(it, out, host, others, slack);
  write_socket(it, out);
  g_string_append(out, it->lines->str);
  return g_string_free(out, FALSE);
}
