/* A case from its number: every choice is a draw from the stream "case". Most
 * draws are from a few values that matter (nothing, tiny, usual, huge). */
#include "soak.h"

#define PICK(random, ...)                        \
  pick(random, (const int64_t[]){ __VA_ARGS__ }, \
       sizeof((const int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t))

#define MS SIM_MILLISECOND
#define S SIM_SECOND

static int64_t pick(SimRandom *random, const int64_t *values, size_t count)
{
  return values[sim_random_below(random, count)];
}

static bool coin(SimRandom *random)
{
  return sim_random_next(random) >> 63;
}

static double chance_of(SimRandom *random)
{
  return (double)PICK(random, 0, 0, 1, 5, 20) / 100;
}

static SoakWire draw_wire(SimRandom *random)
{
  SoakWire wire = { 0 };

  wire.spec.rate = PICK(random, 0, 64000, 1000000, 10000000, 1000000000);
  wire.spec.delay = PICK(random, 0, 1, 10000, MS, 50 * MS, 600 * MS);
  wire.spec.jitter = PICK(random, 0, 0, MS, 100 * MS);
  wire.spec.reorder = coin(random);
  wire.spec.queue = (uint32_t)PICK(random, 0, 0, 1, 2, 10);
  wire.spec.mtu = (uint32_t)PICK(random, 0, 0, 576, 9000);
  if (coin(random))
    return wire;
  wire.loss = chance_of(random);
  wire.duplication = chance_of(random);
  wire.corruption = chance_of(random);
  wire.reordering = chance_of(random);
  wire.reordering_delay = PICK(random, 1, MS, 100 * MS, 2 * S);
  return wire;
}

static void draw_sizes(SimRandom *random, TcpKnobs *knobs)
{
  knobs->mss = PICK(random, 0, 0, 0, 1, 13, 100, 536, 1460);
  knobs->receive_buffer =
      PICK(random, 1, 2, 100, 1000, 65535, 65535, 65536, 1 << 20);
  knobs->send_buffer = PICK(random, 1, 10, 1000, 65536, 65536, 1 << 20);
  knobs->initial_window = PICK(random, 0, 0, 1, 10);
  knobs->ssthresh = PICK(random, 1 << 30, 1 << 30, 1, 3000);
}

/* Giving up is for other tests: whatever is lost here, it will get through. */
static void draw_patience(SimRandom *random, TcpKnobs *knobs)
{
  knobs->r2 = knobs->r2_syn = SIM_TIME_NEVER;
  knobs->fin_wait_2_timeout = SIM_TIME_NEVER;
  knobs->keepalive = PICK(random, 0, 0, 1);
  knobs->keepalive_idle = PICK(random, S / 2, 10 * S, 7200 * S);
  knobs->keepalive_interval = PICK(random, S / 2, 75 * S);
  knobs->keepalive_count = 255;
}

static void draw_knobs(SimRandom *random, TcpKnobs *knobs)
{
  *knobs = tcp_profile(0)->knobs;
  draw_sizes(random, knobs);
  draw_patience(random, knobs);
  knobs->initial_sequence = PICK(random, -1, 0xffffffff, 0xfffffffe, 0xffffff00,
                                 0xffff0000, 0x7fffffff, 0);
  knobs->nagle = coin(random);
  knobs->timestamps = coin(random);
  knobs->window_scaling = coin(random);
  knobs->delayed_ack = PICK(random, 0, MS, 200 * MS, S / 2 - 1);
  knobs->delayed_ack_segments = PICK(random, 1, 2, 2, 8);
  knobs->delay_fin_ack = coin(random);
  knobs->sws_override = PICK(random, 0, 200 * MS, S);
  knobs->rto_min = PICK(random, S, S, 200 * MS, 10 * MS);
  knobs->rto_initial = PICK(random, S, S, 100 * MS);
  knobs->rto_max = PICK(random, 60 * S, 60 * S, S);
  knobs->persist_max = PICK(random, 60 * S, S);
  knobs->duplicate_acks = PICK(random, 3, 3, 1);
  knobs->msl = PICK(random, 120 * S, 120 * S, S, 0);
  knobs->urgent_to_last = coin(random);
  knobs->challenge_acks = coin(random);
}

/* How losses are found and repaired. */
static void draw_recovery(SimRandom *random, TcpKnobs *knobs)
{
  knobs->sack = coin(random);
  knobs->dsack = coin(random);
  knobs->limited_transmit = coin(random);
  knobs->congestion = coin(random);
  knobs->cubic_fast_convergence = coin(random);
  knobs->prr = coin(random);
  knobs->frto = coin(random);
  knobs->ecn = PICK(random, 0, 1, 2);
  knobs->restart_after_idle = coin(random);
  knobs->slow_start_limit = PICK(random, 1, 1, 2, 64, 0);
  knobs->rack = PICK(random, 0, 1, 1, 3, 5);
  knobs->tail_loss_probe = coin(random);
  knobs->detection_slack = PICK(random, 0, 6 * MS);
  knobs->undo = coin(random);
  knobs->window_validation = coin(random);
  knobs->count_delivered = coin(random);
  knobs->loss_from_window = coin(random);
}

static void draw_host(SimRandom *random, NetHostSpec *host)
{
  *host = (NetHostSpec){ .arp = coin(random) && coin(random) };
  host->nic.service = PICK(random, 0, 0, 0, 10000);
  host->nic.receive_ring = (uint32_t)PICK(random, 0, 0, 2);
  host->nic.no_checksum_offload = coin(random);
  host->nic.promiscuous = coin(random);
}

/* As many bytes as some hundred segments hold. */
static uint32_t draw_bytes(SimRandom *random, const TcpKnobs *from,
                           const TcpKnobs *to)
{
  int64_t segment = MIN(MIN(from->send_buffer, to->receive_buffer), 1460);

  if (from->mss)
    segment = MIN(segment, from->mss);
  if (to->mss)
    segment = MIN(segment, to->mss);
  switch (sim_random_below(random, 4)) {
  case 0:
    return 0;
  case 1:
    return 1;
  default:
    return (uint32_t)sim_random_below(random, (uint64_t)segment * 100 + 50);
  }
}

static void draw_plan(SimRandom *random, SoakPlan *plan)
{
  plan->write = (uint32_t)PICK(random, 1, 100, 1460, 5000, 1 << 20);
  plan->read = (uint32_t)PICK(random, 1, 777, 1 << 20, 1 << 20);
  plan->write_pause = PICK(random, 0, 0, 0, MS, 300 * MS);
  plan->read_pause = PICK(random, 0, 0, 0, MS, 300 * MS, 5 * S);
  plan->close_pause = PICK(random, 1, MS, 100 * MS, S, 20 * S);
  plan->when = (SoakWhen)sim_random_below(random, SOAK_WHENS);
  plan->data_after_peer = coin(random);
  plan->early = coin(random);
  plan->release_early = coin(random);
  plan->push = coin(random);
  plan->urgent = coin(random) && coin(random);
}

/* Not both may wait for the other; small writes and reads with pauses must
 * come to an end. */
static void reconcile(SoakCase *it)
{
  SoakPlan *client = &it->plans[SOAK_CLIENT], *server = &it->plans[SOAK_SERVER];

  if (client->when == SOAK_AFTER_PEER && server->when == SOAK_AFTER_PEER)
    client->when = SOAK_AT_ONCE;
  for (unsigned side = 0; side < 2; side++) {
    SoakPlan *plan = &it->plans[side];

    plan->write = MAX(plan->write, plan->bytes / 200);
    plan->read = MAX(plan->read, it->plans[!side].bytes / 200);
    plan->data_after_peer &= plan->when == SOAK_AFTER_PEER;
    plan->whole_close = it->plans[!side].bytes == 0;
  }
}

SoakCase soak_case(uint64_t number)
{
  SoakCase it = { .number = number };
  SimRandom random, recovery;

  sim_random_init(&random, number, "case");
  sim_random_init(&recovery, number, "recovery");
  it.router = coin(&random) && coin(&random);
  it.simultaneous = coin(&random) && coin(&random);
  it.keep_listener = coin(&random);
  for (unsigned i = 0; i < 4; i++)
    it.wires[i / 2][i % 2] = draw_wire(&random);
  for (unsigned side = 0; side < 2; side++) {
    draw_knobs(&random, &it.plans[side].knobs);
    draw_recovery(&recovery, &it.plans[side].knobs);
    draw_host(&random, &it.plans[side].host);
    draw_plan(&random, &it.plans[side]);
  }
  for (unsigned side = 0; side < 2; side++)
    it.plans[side].bytes =
        draw_bytes(&random, &it.plans[side].knobs, &it.plans[!side].knobs);
  reconcile(&it);
  /* with an ISN that repeats itself, old duplicates can open and use a second
   * connection: that is what RFC 6528 is for */
  if (it.plans[SOAK_SERVER].knobs.initial_sequence >= 0)
    it.keep_listener = false;
  /* a TCP that does not look for the path's MTU needs one for all links */
  for (unsigned i = 1; i < 4; i++)
    it.wires[i / 2][i % 2].spec.mtu = it.wires[0][0].spec.mtu;
  /* two flipped bits could pass a checksum: at most one link flips; and ARP
   * has no checksum at all */
  for (unsigned way = 0; way < 2; way++) {
    it.wires[1][way].corruption = 0;
    if (it.plans[SOAK_CLIENT].host.arp || it.plans[SOAK_SERVER].host.arp)
      it.wires[0][way].corruption = 0;
  }
  /* a SYN must not come before the other end is there */
  it.plans[SOAK_SERVER].open_at =
      it.simultaneous ? (SimTime)sim_random_below(
                            &random, (uint64_t)it.wires[0][0].spec.delay + 1)
                      : 0;
  return it;
}

/* The bounds of SOAK_PATIENCE: repetitions 5 x 60 s, keep-alive 15 s,
 * FIN-WAIT-2 60 s, TIME-WAIT 60 s, and what the users themselves take. */
static void lose_patience(SimRandom *random, SoakPlan *plan)
{
  TcpKnobs *knobs = &plan->knobs;

  knobs->r2 = 100 * S;
  knobs->r2_syn = 30 * S;
  knobs->retries = PICK(random, 0, 0, 1, 5);
  knobs->user_timeout = PICK(random, 0, 0, 20 * S);
  knobs->orphan_retries = PICK(random, 0, 0, 3);
  knobs->syn_retries = knobs->synack_retries = PICK(random, 0, 0, 2);
  knobs->keepalive = 1;
  knobs->keepalive_idle = 10 * S;
  knobs->keepalive_interval = S;
  knobs->keepalive_count = 5;
  knobs->fin_wait_2_timeout = 60 * S;
  knobs->msl = 30 * S;
  knobs->reset_on_unread = coin(random);
  plan->read_pause = MIN(plan->read_pause, 300 * MS);
}

SoakCase soak_case_rough(uint64_t number)
{
  SoakCase it = soak_case(number);
  SimRandom random;

  sim_random_init(&random, number, "rough");
  it.rough = true;
  for (unsigned side = 0; side < 2; side++)
    lose_patience(&random, &it.plans[side]);
  return it;
}

static void print_plan(const SoakPlan *plan)
{
  const TcpKnobs *initial = &tcp_profile(0)->knobs;

  g_printerr("#   %u bytes, SEND %u every %.3f s, RECEIVE %u every %.3f s\n",
             plan->bytes, plan->write, (double)plan->write_pause / 1e9,
             plan->read, (double)plan->read_pause / 1e9);
  g_printerr("#   closes: %d after %.3f s%s%s%s%s%s%s\n", plan->when,
             (double)plan->close_pause / 1e9,
             plan->data_after_peer ? ", sends after the peer's FIN" : "",
             plan->whole_close ? ", whole" : "", plan->early ? ", early" : "",
             plan->release_early ? ", releases early" : "",
             plan->push ? ", push" : "", plan->urgent ? ", urgent" : "");
  g_printerr("#   arp %d service %" G_GINT64_FORMAT " ring %u\n#  ",
             plan->host.arp, plan->host.nic.service,
             plan->host.nic.receive_ring);
  for (unsigned i = 0; tcp_knob(i); i++) {
    const TcpKnob *knob = tcp_knob(i);
    int64_t value = tcp_knob_get(&plan->knobs, knob);

    if (value != tcp_knob_get(initial, knob))
      g_printerr(" %s=%" G_GINT64_FORMAT, knob->name, value);
  }
  g_printerr("\n");
}

static void print_wire(const SoakWire *wire)
{
  g_printerr("#   rate %" G_GINT64_FORMAT " delay %.6f jitter %.6f%s queue %u "
             "mtu %u loss %.2f dup %.2f corrupt %.2f reorder %.2f by %.3f\n",
             wire->spec.rate, (double)wire->spec.delay / 1e9,
             (double)wire->spec.jitter / 1e9,
             wire->spec.reorder ? " reorder" : "", wire->spec.queue,
             wire->spec.mtu, wire->loss, wire->duplication, wire->corruption,
             wire->reordering, (double)wire->reordering_delay / 1e9);
}

void soak_case_print(const SoakCase *it)
{
  g_printerr("# case %" G_GUINT64_FORMAT "%s%s%s\n", it->number,
             it->router ? ", through a router" : "",
             it->simultaneous ? ", simultaneous open" : "",
             it->keep_listener ? ", listener kept" : "");
  for (unsigned i = 0; i < (it->router ? 4u : 2u); i++)
    print_wire(&it->wires[i / 2][i % 2]);
  print_plan(&it->plans[SOAK_CLIENT]);
  print_plan(&it->plans[SOAK_SERVER]);
}
