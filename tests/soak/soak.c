/* A run of a case: the network, the two ends, what must hold at its end, and
 * the report if it does not. */
#include "soak.h"

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>

#include "segment.h"

#define MOST_EVENTS 3000000u
#define SLICE (1000 * SIM_SECOND)

static SoakRun *blamed; /* for the handler of SIGABRT */

/* -- the last records -- */

static void record_print(const SoakRecord *record)
{
  g_printerr("# %.9f %s %s %s\n", (double)record->time / 1e9, record->what,
             record->text, record->detail);
}

static SoakRecord *record_new(SoakRun *run, const char *what,
                              const char *detail)
{
  SoakRecord *record = &run->last[run->records++ % SOAK_LAST];

  record->time = run->sim->now;
  record->what = what;
  record->detail = detail ? detail : "";
  record->text[0] = '\0';
  return record;
}

static void record_packet(SoakRun *run, const char *what,
                          const NetPacket *packet, const char *detail)
{
  SoakRecord *record = record_new(run, what, detail);
  const uint8_t *at = packet->head + packet->l4;
  char flags[10];

  if (packet->l4 == 0 || packet->head_length < packet->l4 + TCP_HEADER_SIZE)
    return;
  g_snprintf(record->text, sizeof record->text, "%u>%u %s %u:+%u ack %u win %u",
             net_get16(at), net_get16(at + 2), tcp_flags_format(at[13], flags),
             net_get32(at + 4), packet->payload.length, net_get32(at + 8),
             net_get16(at + 14));
}

static void record_state(SoakRun *run, const TcpTraceState *from)
{
  SoakRecord *record = record_new(run, "state", tcp_rule_id(from->rule));

  g_snprintf(record->text, sizeof record->text, "%u %s -> %s",
             from->pair->local.port, tcp_state_name(from->from),
             tcp_state_name(from->to));
}

static void listen_to(void *user, Sim *sim, unsigned kind, const void *record)
{
  SoakRun *run = user;
  const TcpTraceSegment *segment = record;
  const NetTracePacket *packet = record;
  const TcpTraceTimer *timer = record;
  const TcpTraceCall *call = record;
  uint64_t before = run->records;

  g_assert_true(sim == run->sim);
  if (kind == NET_TRACE_SENT)
    record_packet(run, "sent", packet->packet, packet->rule);
  else if (kind == NET_TRACE_RECEIVED)
    record_packet(run, "received", packet->packet, packet->rule);
  else if (kind == NET_TRACE_DROPPED)
    record_packet(run, "dropped", packet->packet, packet->rule);
  else if (kind == TCP_TRACE_STATE)
    record_state(run, record);
  else if (kind == TCP_TRACE_SEGMENT)
    record_packet(run, "judged", segment->packet, tcp_rule_id(segment->rule));
  else if (kind == TCP_TRACE_TIMER)
    record_new(run, timer->timer, tcp_rule_id(timer->rule));
  else if (kind == TCP_TRACE_CALL)
    record_new(run, call->call, tcp_error_name(call->error));
  if (sim->fired > MOST_EVENTS) /* perhaps all at one moment */
    soak_problem(run, "it does not come to an end");
  if (run->loud && run->records > before)
    record_print(&run->last[(run->records - 1) % SOAK_LAST]);
}

/* -- reporting -- */

void soak_problem(SoakRun *run, const char *format, ...)
{
  va_list arguments;

  if (run->problem[0] != '\0')
    return;
  va_start(arguments, format);
  g_vsnprintf(run->problem, sizeof run->problem, format, arguments);
  va_end(arguments);
  sim_stop(run->sim);
}

void soak_report(const SoakRun *run)
{
  uint64_t first = run->records > SOAK_LAST ? run->records - SOAK_LAST : 0;

  soak_case_print(run->it);
  for (uint64_t i = first; i < run->records && !run->loud; i++)
    record_print(&run->last[i % SOAK_LAST]);
  g_printerr("# %s\n# again: LINGER_SOAK_CASE=%" G_GUINT64_FORMAT " %s\n",
             run->problem, run->it->number, g_get_prgname());
}

static void aborted(int signal_number)
{
  signal(signal_number, SIG_DFL);
  if (blamed)
    soak_report(blamed);
}

void soak_blame(SoakRun *run)
{
  blamed = run;
  signal(SIGABRT, aborted);
}

void soak_each(uint64_t first, uint64_t count, void (*func)(uint64_t number))
{
  const char *factor = g_getenv("LINGER_SOAK");
  const char *only = g_getenv("LINGER_SOAK_CASE");

  if (only) {
    func(g_ascii_strtoull(only, NULL, 10));
    return;
  }
  if (factor)
    count *= MAX(g_ascii_strtoull(factor, NULL, 10), 1);
  for (uint64_t i = 0; i < count && !g_test_failed(); i++)
    func(first + i);
}

/* -- the network -- */

static NetLink *link_new(SoakRun *run, NetHost *a, NetHost *b,
                         const SoakWire wires[2])
{
  NetLink *link =
      net_link_new(run->net, NULL, net_host_node(a), net_host_node(b),
                   &wires[0].spec, &wires[1].spec, NULL, NULL);

  for (unsigned way = 0; way < 2; way++) {
    NetWire *wire = &link->wires[way];

    net_wire_loss(wire, wires[way].loss);
    net_wire_duplication(wire, wires[way].duplication);
    net_wire_corruption(wire, wires[way].corruption);
    net_wire_reordering(wire, wires[way].reordering,
                        wires[way].reordering_delay);
  }
  return link;
}

static void network_init(SoakRun *run)
{
  const SoakCase *it = run->it;
  NetHostSpec routing = { .forwarding = true };
  NetHost *hosts[2], *router = NULL;

  run->net = net_new(run->sim);
  if (g_strcmp0(g_getenv("LINGER_FAMILY"), "6") == 0)
    run->net->family = NET_IPV6;
  hosts[0] = net_host_new(run->net, "client", &it->plans[0].host);
  hosts[1] = net_host_new(run->net, "server", &it->plans[1].host);
  for (unsigned side = 0; side < 2; side++)
    run->ends[side].stack = tcp_stack_new(hosts[side], NULL);
  if (it->router) {
    router = net_host_new(run->net, "router", &routing);
    run->links[0] = link_new(run, hosts[0], router, it->wires[0]);
    run->links[1] = link_new(run, router, hosts[1], it->wires[1]);
  } else {
    run->links[0] = link_new(run, hosts[0], hosts[1], it->wires[0]);
  }
}

/* Two more hosts, far away, with datagrams of their own. */
static void bystander_init(SoakRun *run)
{
  NetWireSpec spec = { .rate = 1000000, .delay = SIM_MILLISECOND };
  NetHost *a = net_host_new(run->net, "other a", NULL);
  NetHost *b = net_host_new(run->net, "other b", NULL);
  NetLink *link = net_link_new(run->net, NULL, net_host_node(a),
                               net_host_node(b), &spec, &spec, NULL, NULL);

  net_wire_loss(&link->wires[0], 0.3);
}

static void bystander_send(SoakRun *run)
{
  NetHost *a = net_host_of(net_find(run->net, "other a"));
  NetHost *b = net_host_of(net_find(run->net, "other b"));

  for (uint16_t i = 0; i < 20; i++)
    net_host_send_udp(a, net_host_address(b), i, 9, net_slice_virtual(100));
}

void soak_run_init(SoakRun *run, const SoakCase *it, SoakOptions options)
{
  char problem[200];

  *run = (SoakRun){ .it = it, .sim = sim_new(it->number) };
  run->loud = g_getenv("LINGER_SOAK_CASE") != NULL;
  for (unsigned side = 0; side < 2; side++)
    soak_end_init(&run->ends[side], run, side);
  network_init(run);
  if (options.bystander)
    bystander_init(run);
  if (options.trace)
    sim_trace_listen(run->sim, UINT64_MAX, listen_to, run);
  if (!net_finish(run->net, problem, sizeof problem))
    g_error("%s", problem);
  if (options.bystander)
    bystander_send(run);
  for (unsigned i = 0; i < 2 && !options.idle; i++) {
    SoakEnd *end = &run->ends[!i]; /* the listener first */

    sim_schedule(run->sim, &end->open, &end->owner, end->plan->open_at);
  }
}

void soak_run_clear(SoakRun *run)
{
  sim_free(run->sim);
}

void soak_run_on(SoakRun *run)
{
  SimEnd end = SIM_END_TIME;

  while (end == SIM_END_TIME && run->problem[0] == '\0') {
    end = sim_run(run->sim, run->sim->now + SLICE);
    if (run->sim->fired > MOST_EVENTS)
      soak_problem(run, "it does not come to an end");
  }
}

void soak_check_empty(SoakRun *run)
{
  const char *problem;

  for (unsigned side = 0; side < 2; side++) {
    const TcpStackCounters *counters =
        tcp_stack_counters(run->ends[side].stack);

    if (counters->connections || counters->time_waits)
      soak_problem(run, "%u connections and %u in TIME-WAIT are left at %u",
                   (unsigned)counters->connections,
                   (unsigned)counters->time_waits, side);
  }
  if (!sim_check_end(run->sim, &problem))
    soak_problem(run, "%s", problem);
  if (run->net->live_packets != 0)
    soak_problem(run, "packets are left");
}
