/* The harness: time, what is captured, what must be so. */
#include "peer.h"

#include <stdarg.h>
#include <string.h>

/* A segment that reached the peer. */
typedef struct Captured {
  SimTime time;
  TcpSegment segment; /* without payload */
} Captured;

static bool all_rules[TCP_RULES];

const bool *peer_rules_met(void)
{
  return all_rules;
}

static void note(Peer *t, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void note(Peer *t, const char *format, ...)
{
  va_list arguments;

  g_string_append_printf(t->log, "%14.6f  ", (double)t->sim->now / 1e9);
  va_start(arguments, format);
  g_string_append_vprintf(t->log, format, arguments);
  va_end(arguments);
  g_string_append_c(t->log, '\n');
}

void peer_fail(Peer *t, const char *format, ...)
{
  char *why, **lines;
  va_list arguments;

  if (t->failed)
    return;
  t->failed = true;
  va_start(arguments, format);
  why = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  lines = g_strsplit(t->log->str, "\n", -1);
  g_test_message("%s: %s", g_test_get_path(), why);
  for (char **line = lines; *line; line++)
    g_test_message("%s", *line);
  g_strfreev(lines);
  g_free(why);
  g_test_fail();
}

/* -- rules -- */

static void meet(Peer *t, TcpRule rule)
{
  if (rule == TCP_RULE_NONE)
    return;
  t->rules[rule] = all_rules[rule] = true;
}

static uint32_t ports_of(uint16_t host, uint16_t peer)
{
  return (uint32_t)host << 16 | peer;
}

static TcpState traced_state(const Peer *t, uint32_t ports)
{
  gpointer state = g_hash_table_lookup(t->states, GUINT_TO_POINTER(ports));

  return state ? (TcpState)GPOINTER_TO_UINT(state) : TCP_CLOSED;
}

/* A connection begins in CLOSED or, at its listener, in LISTEN. */
static void follow_state(Peer *t, const TcpTraceState *record)
{
  uint32_t ports =
      ports_of(record->pair->local.port, record->pair->remote.port);
  TcpState before = traced_state(t, ports);
  bool begins = before == TCP_CLOSED && record->from == TCP_LISTEN;

  if (net_address_equal(record->pair->remote.address,
                        net_host_address(t->host)))
    return; /* to itself: both ends are here */
  if (record->from != before && !begins)
    peer_fail(t, "%s was traced to leave %s in %s", tcp_rule_id(record->rule),
              tcp_state_name(record->from), tcp_state_name(before));
  g_hash_table_insert(t->states, GUINT_TO_POINTER(ports),
                      GUINT_TO_POINTER(record->to));
}

static void record_rule(void *user, Sim *sim, unsigned kind, const void *record)
{
  const TcpTraceSegment *segment = record;
  const TcpTraceState *state = record;
  const TcpTraceTimer *timer = record;

  (void)sim;
  if (kind == TCP_TRACE_SEGMENT)
    meet(user, segment->rule);
  else if (kind == TCP_TRACE_TIMER)
    meet(user, timer->rule);
  if (kind != TCP_TRACE_STATE)
    return;
  meet(user, state->rule);
  follow_state(user, state);
}

static void forget_rules(Peer *t)
{
  memset(t->rules, 0, sizeof t->rules);
}

static int rule_find(Peer *t, const char *id)
{
  for (int rule = 0; rule < TCP_RULES; rule++)
    if (strcmp(tcp_rule_id((TcpRule)rule), id) == 0)
      return rule;
  peer_fail(t, "there is no rule %s", id);
  return 0;
}

static char *rules_text(const Peer *t)
{
  GString *text = g_string_new("met:");

  for (int rule = 0; rule < TCP_RULES; rule++)
    if (t->rules[rule])
      g_string_append_printf(text, " %s", tcp_rule_id((TcpRule)rule));
  return g_string_free(text, FALSE);
}

void met(Peer *t, const char *rule)
{
  if (!t->failed && !t->rules[rule_find(t, rule)]) {
    g_autofree char *text = rules_text(t);

    peer_fail(t, "rule %s was not met; %s", rule, text);
  }
}

void not_met(Peer *t, const char *rule)
{
  if (!t->failed && t->rules[rule_find(t, rule)])
    peer_fail(t, "rule %s was met", rule);
}

/* -- capturing -- */

static void learn_clock(Peer *t, const TcpSegment *segment)
{
  SimTime sent = t->sim->now - t->delay;

  if (t->ts_known || !segment->options.has_timestamps)
    return;
  t->ts_known = true;
  t->ts_base = segment->options.ts_value - (uint32_t)(sent / SIM_MILLISECOND);
}

static void check_payload(Peer *t, const TcpSegment *segment)
{
  uint32_t at = segment->seq - HOST_ISS + !!(segment->flags & TCP_SYN);
  g_autofree uint8_t *bytes = g_malloc(segment->payload.length + 1);

  net_slice_copy(segment->payload, bytes);
  for (uint32_t i = 0; i < segment->payload.length; i++)
    if (bytes[i] != peer_pattern(at + i)) {
      peer_fail(t, "byte %u of the host's segment is not the user's", at + i);
      return;
    }
}

static void capture(void *user, NetPacket *packet, const NetIp *ip)
{
  Peer *t = user;
  Captured *captured = g_new0(Captured, 1);
  const char *reason = NULL;
  g_autofree char *text = NULL;

  captured->time = t->sim->now;
  t->ecn = ip->tos & NET_CE;
  meet(t, (TcpRule)packet->rule);
  if (net_transport_sum(packet, ip) != 0 ||
      !tcp_segment_parse(packet, ip, &captured->segment, &reason))
    peer_fail(t, "the host sent a segment that nobody can read: %s",
              reason ? reason : "its checksum is wrong");
  learn_clock(t, &captured->segment);
  text = peer_format(t, &captured->segment, true);
  note(t, "> %s", text);
  if (t->port && captured->segment.destination_port != t->port)
    peer_fail(t, "sent to port %u", captured->segment.destination_port);
  check_payload(t, &captured->segment);
  captured->segment.payload.buffer = NULL;
  g_queue_push_tail(&t->captured, captured);
  if (t->last != t->first)
    net_packet_free(t->last);
  if (!t->first)
    t->first = packet;
  t->last = packet;
}

/* -- time -- */

static void ticked(Sim *sim, SimEvent *event)
{
  (void)sim;
  (void)event;
}

static void run(Peer *t, SimTime time)
{
  if (t->failed)
    return;
  sim_schedule(t->sim, &t->tick, &t->owner, time);
  sim_run(t->sim, time);
}

/* Nothing may be left over when something new begins. */
static void check_seen(Peer *t)
{
  Captured *left = g_queue_peek_head(&t->captured);

  if (left && !t->failed) {
    g_autofree char *text = peer_format(t, &left->segment, true);

    peer_fail(t, "not expected: %s", text);
  }
}

static void begin(Peer *t)
{
  check_seen(t);
  forget_rules(t);
}

void runs_to(Peer *t, SimTime time)
{
  run(t, time);
}

void host_silent(Peer *t, SimTime until)
{
  begin(t);
  run(t, until);
  check_seen(t);
}

void host_sends_at(Peer *t, SimTime time, const char *text)
{
  g_autofree Captured *next = NULL;
  g_autofree char *got = NULL;

  if (t->failed)
    return;
  run(t, time);
  next = g_queue_pop_head(&t->captured);
  if (!next) {
    peer_fail(t, "expected %s, and nothing came", text);
    return;
  }
  got = peer_format(t, &next->segment, strstr(text, " win ") != NULL);
  if (strcmp(got, text) != 0)
    peer_fail(t, "expected %s, got %s", text, got);
  else if (next->time != time)
    peer_fail(
        t, "expected %s at %" G_GINT64_FORMAT " ns, came at %" G_GINT64_FORMAT,
        text, time, next->time);
}

void host_sends(Peer *t, const char *text)
{
  host_sends_at(t, t->sim->now, text);
}

void host_sends_something(Peer *t)
{
  g_autofree Captured *next = g_queue_pop_head(&t->captured);

  if (!next)
    peer_fail(t, "nothing came");
}

/* -- the peer -- */

NetFamily peer_family(void)
{
  const char *family = g_getenv("LINGER_FAMILY");

  return family && strcmp(family, "6") == 0 ? NET_IPV6 : NET_IPV4;
}

uint16_t peer_ip_size(void)
{
  return peer_family() == NET_IPV6 ? NET_IPV6_SIZE : NET_IPV4_SIZE;
}

NetPacket *peer_packet(Peer *t, const char *text)
{
  SimOwner *owner = &net_host_node(t->peer)->owner;
  NetPacket *packet = net_packet_new(t->net, owner);
  TcpSegment segment = { 0 };

  if (!peer_parse(t, text, &segment))
    peer_fail(t, "this is not notation: %s", text);
  packet->l3 = NET_ETHERNET_SIZE;
  packet->l4 = (uint16_t)(NET_ETHERNET_SIZE + peer_ip_size());
  packet->flags |= NET_PACKET_INJECTED;
  tcp_segment_build(packet, &segment, net_host_address(t->peer),
                    net_host_address(t->host));
  note(t, "< %s", text);
  return packet;
}

void peer_puts(Peer *t, NetPacket *packet, NetAddress from, NetAddress to)
{
  NetIp ip = {
    .source = from,
    .destination = to,
    .protocol = NET_PROTOCOL_TCP,
    .dont_fragment = true,
    .tos = t->mark,
  };

  begin(t);
  net_host_send(t->peer, packet, &ip, NULL);
  run(t, t->sim->now);
}

void peer_sends(Peer *t, const char *text)
{
  if (!t->failed)
    peer_puts(t, peer_packet(t, text), net_host_address(t->peer),
              net_host_address(t->host));
}

/* -- what must be so -- */

static const char *host_state(const Peer *t)
{
  TcpPair pair = { { net_host_address(t->host), HOST_PORT },
                   { net_host_address(t->peer), t->port } };
  TcpStatus status;

  if (tcp_status_of(t->stack, &pair, &status))
    return tcp_state_name(status.state);
  return t->listener ? "LISTEN" : "CLOSED";
}

void host_is(Peer *t, const char *state)
{
  const char *traced =
      tcp_state_name(traced_state(t, ports_of(HOST_PORT, t->port)));

  if (!t->failed && strcmp(host_state(t), state) != 0)
    peer_fail(t, "expected %s, is %s", state, host_state(t));
  if (strcmp(traced, state) != 0 &&
      !(strcmp(traced, "CLOSED") == 0 && strcmp(state, "LISTEN") == 0))
    peer_fail(t, "expected %s, %s was traced", state, traced);
}

void told(Peer *t, unsigned events)
{
  if ((t->events & events) != events)
    peer_fail(t, "the user was told 0x%x, not 0x%x", t->events, events);
  t->events &= ~events;
}

void not_told(Peer *t, unsigned events)
{
  if (t->events & events)
    peer_fail(t, "the user was told 0x%x, and should not", t->events & events);
}

void number_is(Peer *t, const char *what, int64_t got, int64_t want)
{
  if (got != want)
    peer_fail(t, "%s is %" G_GINT64_FORMAT ", not %" G_GINT64_FORMAT, what, got,
              want);
}

/* -- beginning and end -- */

Peer *peer_new(SimTime delay)
{
  Peer *t = g_new0(Peer, 1);
  /* wider by what the header is longer, so that segments are as large */
  NetWireSpec wire = { .delay = delay,
                       .mtu = 1500 + peer_ip_size() - NET_IPV4_SIZE };
  NetHostSpec spec = { .nic = { .no_checksum_offload = true } };
  char problem[200] = "";

  t->sim = sim_new(7);
  t->net = net_new(t->sim);
  t->net->family = peer_family();
  t->delay = delay;
  t->port = PEER_PORT;
  t->log = g_string_new(NULL);
  t->states = g_hash_table_new(NULL, NULL);
  t->host = net_host_new(t->net, "host", &spec);
  t->peer = net_host_new(t->net, "peer", NULL);
  t->link = net_link_new(t->net, NULL, net_host_node(t->host),
                         net_host_node(t->peer), &wire, &wire, NULL, NULL);
  if (!net_finish(t->net, problem, sizeof problem))
    g_error("%s", problem);
  t->stack = tcp_stack_new(t->host, NULL);
  net_host_register(t->peer, NET_PROTOCOL_TCP, capture, NULL, t);
  sim_owner_init(&t->owner, t->sim, "test");
  sim_event_init(&t->tick, ticked);
  sim_trace_listen(t->sim,
                   1 << TCP_TRACE_SEGMENT | 1 << TCP_TRACE_STATE |
                       1 << TCP_TRACE_TIMER,
                   record_rule, t);
  peer_profile(t, "rfc9293");
  return t;
}

void peer_profile(Peer *t, const char *name)
{
  *tcp_stack_knobs(t->stack) = tcp_profile_find(name)->knobs;
  peer_knob(t, "timestamps", 0);
  peer_knob(t, "window_scaling", 0);
  peer_knob(t, "sack", 0);
  peer_knob(t, "limited_transmit", 0);
  peer_knob(t, "initial_sequence", HOST_ISS);
  peer_knob(t, "receive_buffer", 65535);
}

void peer_knob(Peer *t, const char *name, int64_t value)
{
  const TcpKnob *knob = tcp_knob_find(name);

  if (!knob || !tcp_knob_set(tcp_stack_knobs(t->stack), knob, value))
    peer_fail(t, "%s cannot be %" G_GINT64_FORMAT, name, value);
}

/* Nothing pending, nothing alive: what was closed has gone by itself; what the
 * test left open goes by ABORT at once. */
static void check_empty(Peer *t)
{
  const TcpStackCounters *counters = tcp_stack_counters(t->stack);
  bool over = strcmp(host_state(t), "CLOSED") == 0;
  const char *problem = "";
  SimTime end;

  run(t, t->sim->now);
  check_seen(t);
  if (over && t->delay == 0)
    number_is(t, "pending events after the end", t->sim->queue.count, 0);
  if (t->listener)
    tcp_listener_close(t->listener);
  if (t->conn)
    tcp_abort(t->conn);
  if (t->conn)
    tcp_release(t->conn);
  end = sim_time_add(t->sim->now, t->delay);
  sim_run(t->sim, SIM_TIME_NEVER);
  if (t->sim->now > end)
    peer_fail(t, "something still happened after the end");
  if (t->last != t->first)
    net_packet_free(t->last);
  net_packet_free(t->first);
  t->first = t->last = NULL;
  if (!sim_check_end(t->sim, &problem))
    peer_fail(t, "%s", problem);
  number_is(t, "connections left", (int64_t)counters->connections, 0);
  number_is(t, "TIME-WAITs left", (int64_t)counters->time_waits, 0);
}

void peer_free(Peer *t)
{
  check_empty(t);
  g_queue_clear_full(&t->captured, g_free);
  sim_free(t->sim);
  g_string_free(t->log, TRUE);
  g_hash_table_destroy(t->states);
  g_free(t);
}
