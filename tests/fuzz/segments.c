/* Any segments in any state: the first byte chooses a conversation of two real
 * hosts that leads host A to a state; what follows is a sequence of forged
 * segments to A (with numbers relative to its connection), of moments, and of
 * calls of both users. Nothing asserts, and nothing is left at the end. */
#include "fuzz.h"
#include "gate.h"
#include "segment.h"
#include "tcp.h"

#define MOST_EVENTS 2000
#define MOST_EVENTS_AFTER 1000000

enum { A, B };

typedef struct World {
  Sim *sim;
  Net *net;
  NetLink *link; /* wires[0] is A's to B */
  TcpStack *stacks[2];
  TcpListener *listeners[2];
  TcpConnection *conns[2];
  bool deaf[2]; /* what A, B send is lost */
} World;

/* One step a letter; small for A, capital for B. See step(). */
static const char *const ways[] = {
  "",           /* CLOSED */
  "l",          /* LISTEN */
  "zc",         /* SYN-SENT */
  "lzCt",       /* SYN-RECEIVED, from LISTEN */
  "zcCt",       /* SYN-RECEIVED, from SYN-SENT */
  "lCta",       /* ESTABLISHED */
  "lCtazft",    /* FIN-WAIT-1 */
  "lCtaft",     /* FIN-WAIT-2 */
  "lCtaFt",     /* CLOSE-WAIT */
  "lCtazfFt",   /* CLOSING */
  "lCtaFtzft",  /* LAST-ACK */
  "lCtaftFt",   /* TIME-WAIT beside a listener */
  "lCtakftFt",  /* TIME-WAIT alone */
  "lCtaMTt",    /* the window that A offers is closed */
  "lCtamTt",    /* the window that A is offered is closed */
  "lCtazst",    /* data unacknowledged */
  "lCtaZSZSt",  /* data held beyond a gap */
  "lCtaZSZFt",  /* FIN beyond a gap */
  "lCtaxt",     /* closed, FIN-WAIT-2 with nobody there */
  "lCtaSSwt",   /* unread data, A has released */
  "zcsft",      /* data queued in SYN-SENT */
  "lCtamTfTFt", /* FIN behind a closed window */
};

static void lose(void *user, NetWire *wire, NetPacket *packet, NetFate *fate)
{
  const bool *deaf = user;

  (void)wire;
  (void)packet;
  fate->drop |= *deaf;
}

/* With LINGER_FUZZ_TRACE, for looking at a finding. */
static void print_verdict(void *user, Sim *sim, unsigned kind,
                          const void *record)
{
  const TcpTraceSegment *segment = record;
  const NetPacket *packet = segment->packet;
  const uint8_t *at = packet->head + packet->l4;
  char flags[10];

  (void)user;
  (void)kind;
  g_printerr("%.9f %u %s: %u %s %u:+%u ack %u win %u %s\n",
             (double)sim->now / SIM_SECOND, segment->pair->local.port,
             tcp_state_name(segment->state), net_get16(at),
             tcp_flags_format(at[13], flags), net_get32(at + 4),
             packet->payload.length, net_get32(at + 8), net_get16(at + 14),
             tcp_rule_id(segment->rule));
}

static void host_new(World *w, unsigned side)
{
  static const char *const names[] = { "a", "b" };
  TcpKnobs knobs = tcp_profile(0)->knobs;

  knobs.receive_buffer = 1000;
  knobs.send_buffer = 5000;
  knobs.nagle = side == A;
  knobs.keepalive = 1;
  knobs.keepalive_idle = 20 * SIM_SECOND;
  knobs.keepalive_interval = SIM_SECOND;
  knobs.initial_sequence = side == A ? UINT32_MAX - 50 : UINT32_MAX - 150;
  knobs.r2 = 3 * SIM_SECOND;
  knobs.r2_syn = knobs.fin_wait_2_timeout = 3 * SIM_SECOND;
  knobs.msl = SIM_SECOND;
  knobs.backlog = 3;
  knobs.syn_backlog = 3;
  w->stacks[side] =
      tcp_stack_new(net_host_new(w->net, names[side], NULL), &knobs);
}

static void world_init(World *w, NetFamily family)
{
  NetWireSpec spec = { .delay = SIM_MILLISECOND };
  char problem[200];

  *w = (World){ .sim = sim_new(1) };
  w->net = net_new(w->sim);
  w->net->family = family;
  if (g_getenv("LINGER_FUZZ_TRACE"))
    sim_trace_listen(w->sim, UINT64_C(1) << TCP_TRACE_SEGMENT, print_verdict,
                     NULL);
  host_new(w, A);
  host_new(w, B);
  w->link = net_link_new(
      w->net, NULL, net_host_node(tcp_stack_host(w->stacks[A])),
      net_host_node(tcp_stack_host(w->stacks[B])), &spec, &spec, NULL, NULL);
  for (unsigned side = 0; side < 2; side++)
    net_wire_decide(&w->link->wires[side], lose, &w->deaf[side], NULL);
  if (!net_finish(w->net, problem, sizeof problem))
    fuzz_fail(problem);
}

static TcpEnd end_of(const World *w, unsigned side)
{
  return (TcpEnd){ net_host_address(tcp_stack_host(w->stacks[side])),
                   (uint16_t)(1 + side) };
}

/* -- the users -- */

static void told(void *user, TcpConnection *conn, unsigned events)
{
  TcpConnection **at = user;

  g_assert_cmpuint(events, !=, 0);
  *at = conn;
}

static void acceptable(void *user, TcpListener *listener)
{
  g_assert_nonnull(user);
  g_assert_nonnull(listener);
}

static void world_open(World *w, unsigned side, char letter)
{
  TcpEnd local = end_of(w, side);
  TcpError error;

  if (letter == 'l' && !w->listeners[side])
    w->listeners[side] = tcp_listen(w->stacks[side], NET_ADDRESS_ANY,
                                    local.port, 0, NULL, acceptable, w, &error);
  else if (letter == 'c' && !w->conns[side])
    w->conns[side] = tcp_connect(w->stacks[side], &local, end_of(w, !side),
                                 NULL, told, &w->conns[side], &error);
  else if (letter == 'a' && w->listeners[side] && !w->conns[side])
    w->conns[side] = tcp_accept(w->listeners[side], told, &w->conns[side]);
  if (letter != 'k' || !w->listeners[side])
    return;
  tcp_listener_close(w->listeners[side]);
  w->listeners[side] = NULL;
}

static void world_release(World *w, unsigned side)
{
  TcpConnection *conn = w->conns[side];

  if (!conn)
    return;
  tcp_set_user(conn, NULL, NULL);
  w->conns[side] = NULL;
  tcp_release(conn);
}

static void world_receive(TcpConnection *conn)
{
  NetSlice slice;

  tcp_receive(conn, 700, &slice);
  net_slice_clear(&slice);
}

static void world_use(World *w, unsigned side, char letter)
{
  TcpConnection *conn = w->conns[side];

  if (!conn)
    return;
  if (letter == 's')
    tcp_send(conn, net_slice_virtual(100), true, false, NULL);
  else if (letter == 'u')
    tcp_send(conn, net_slice_of("urgent", 6), true, true, NULL);
  else if (letter == 'm')
    tcp_send(conn, net_slice_virtual(4000), false, false, NULL);
  else if (letter == 'r')
    world_receive(conn);
  else if (letter == 'h')
    tcp_shutdown(conn, TCP_SHUTDOWN_RECEIVE);
  else if (letter == 'f')
    tcp_shutdown(conn, TCP_SHUTDOWN_SEND);
  else if (letter == 'q')
    tcp_abort(conn);
  else if (letter == 'o')
    tcp_set_linger(conn, true, 0);
  else if (letter == 'x')
    tcp_close(conn);
  else if (letter == 'w')
    world_release(w, side);
}

/* Two ends that a forger has put out of step may answer each other's
 * unacceptable ACKs for as long as both are there: no longer than MOST_EVENTS
 * then. */
static void world_pass(World *w, SimTime span)
{
  SimTime end = w->sim->now + span;

  while (w->sim->now < end && w->sim->fired < MOST_EVENTS)
    if (sim_run(w->sim, MIN(end, w->sim->now + 100 * SIM_MILLISECOND)) ==
        SIM_END_IDLE)
      return;
}

static void step(World *w, char letter)
{
  unsigned side = g_ascii_isupper(letter) ? B : A;

  switch (letter) {
  case 't':
    world_pass(w, 10 * SIM_MILLISECOND);
    break;
  case 'T':
    world_pass(w, 3 * SIM_SECOND);
    break;
  case 'y':
    world_pass(w, 100 * SIM_SECOND);
    break;
  case 'z':
  case 'Z':
    w->deaf[side] = !w->deaf[side];
    break;
  default:
    world_open(w, side, g_ascii_tolower(letter));
    world_use(w, side, g_ascii_tolower(letter));
  }
}

/* -- forged segments -- */

/* Options: none, those that fit the connection, or bytes. Returns their size,
 * a multiple of 4. */
static uint32_t options_put(FuzzBytes *bytes, const TcpStatus *status,
                            uint8_t *at)
{
  uint8_t choice = fuzz_u8(bytes);
  TcpOptions options = { .has_timestamps = true };
  uint32_t size = (uint32_t)(choice & 7) * 4;

  if (choice < 64)
    return 0;
  if (choice < 192) {
    options.ts_value = fuzz_delta(bytes);
    options.ts_echo = fuzz_delta(bytes);
    options.mss = fuzz_u16(bytes);
    options.has_scale = choice & 1;
    options.scale = fuzz_u8(bytes);
    options.has_timestamps = status->timestamps || (choice & 2);
    return tcp_options_put(at, &options, choice & 4);
  }
  for (uint32_t i = 0; i < size; i++)
    at[i] = fuzz_u8(bytes);
  return size;
}

static void numbers_put(FuzzBytes *bytes, const TcpStatus *status, uint8_t *at)
{
  uint8_t choice = fuzz_u8(bytes);
  uint32_t seqs[] = { status->rcv.nxt, status->rcv.nxt + status->rcv.wnd,
                      status->rcv.irs, 0 };
  uint32_t acks[] = { status->snd.nxt, status->snd.una, status->snd.iss, 0 };

  net_put32(at + 4, seqs[choice & 3] + fuzz_delta(bytes));
  net_put32(at + 8, acks[choice >> 2 & 3] + fuzz_delta(bytes));
  net_put16(at + 14, choice & 16 ? fuzz_u16(bytes) : 1000);
  net_put16(at + 18, choice & 32 ? fuzz_u16(bytes) : 0);
}

/* To A from B, or from B's address and another port. */
static void forge(World *w, FuzzBytes *bytes)
{
  NetNode *node = net_host_node(tcp_stack_host(w->stacks[B]));
  NetPacket *packet = net_packet_new(w->net, &node->owner);
  uint8_t flags = fuzz_u8(bytes), length = fuzz_u8(bytes);
  TcpEnd from = end_of(w, B), to = end_of(w, A);
  TcpPair pair = { to, from };
  TcpStatus status = { 0 };
  uint16_t l4 = NET_ETHERNET_SIZE + net_ip_size(to.address);
  uint8_t *at = packet->head + l4;
  NetIp ip = { .source = from.address,
               .destination = to.address,
               .protocol = NET_PROTOCOL_TCP,
               .ttl = 64 };
  uint32_t size;

  tcp_status_of(w->stacks[A], &pair, &status);
  memset(at, 0, TCP_HEADER_SIZE);
  net_put16(at, length == 255 ? 77 : from.port);
  net_put16(at + 2, to.port);
  numbers_put(bytes, &status, at);
  size = TCP_HEADER_SIZE + options_put(bytes, &status, at + TCP_HEADER_SIZE);
  at[12] = (uint8_t)(size / 4 << 4);
  at[13] = flags;
  packet->l3 = NET_ETHERNET_SIZE;
  packet->l4 = l4;
  packet->head_length = (uint16_t)(packet->l4 + size);
  packet->payload = net_slice_virtual(length & 128 ? (length & 127u) * 11 : 0);
  ip.payload_length = size + packet->payload.length;
  net_ip_put(packet, &ip, 1);
  net_ethernet_put(packet, &w->link->wires[1].to->mac,
                   &w->link->wires[1].from->mac,
                   net_address_is_ipv4(to.address) ? NET_ETHERTYPE_IPV4
                                                   : NET_ETHERTYPE_IPV6);
  packet->flags |= NET_PACKET_CHECKED | NET_PACKET_INJECTED;
  net_wire_put(&w->link->wires[1], packet);
}

/* -- the target -- */

static void world_end(World *w)
{
  const char *problem;

  w->deaf[A] = w->deaf[B] = false;
  for (unsigned side = 0; side < 2; side++) {
    if (w->listeners[side])
      tcp_listener_close(w->listeners[side]);
    if (w->conns[side] && w->sim->fired >= MOST_EVENTS)
      tcp_abort(w->conns[side]);
    world_release(w, side);
  }
  while (sim_run(w->sim, w->sim->now + SIM_SECOND) == SIM_END_TIME)
    if (w->sim->fired > MOST_EVENTS_AFTER)
      fuzz_fail("it does not come to an end");
  for (unsigned side = 0; side < 2; side++) {
    g_assert_cmpuint(tcp_stack_counters(w->stacks[side])->connections, ==, 0);
    g_assert_cmpuint(tcp_stack_counters(w->stacks[side])->time_waits, ==, 0);
  }
  if (!sim_check_end(w->sim, &problem))
    fuzz_fail(problem);
  sim_free(w->sim);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const char letters[] = "cClLaAkKsSuUmMrRhHfFqQoOxXwWtTyzZt";
  FuzzBytes bytes = { data, size };
  uint8_t way = fuzz_u8(&bytes);
  World w;

  world_init(&w, way & 128 ? NET_IPV6 : NET_IPV4);
  for (const char *at = ways[(way & 127) % G_N_ELEMENTS(ways)]; *at; at++)
    step(&w, *at);
  for (unsigned i = 0; bytes.left > 0 && i < 64; i++) {
    uint8_t what = fuzz_u8(&bytes);

    if (what < 128)
      forge(&w, &bytes);
    else
      step(&w, letters[(what - 128u) % (sizeof letters - 1)]);
    if (what & 1)
      world_pass(&w, 2 * SIM_MILLISECOND);
  }
  world_end(&w);
  return 0;
}

size_t fuzz_example(SimRandom *random, uint8_t *ret)
{
  ret[0] = (uint8_t)(sim_random_below(random, G_N_ELEMENTS(ways)) |
                     sim_random_below(random, 2) << 7);
  return 1 + fuzz_noise(random, ret + 1, 120);
}
