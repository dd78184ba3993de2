#include "flows.h"

static void lose(void *user, NetWire *wire, NetPacket *packet, NetFate *fate)
{
  Losses *losses = user;

  (void)wire;
  if (packet->payload.length == 0)
    return;
  losses->count++;
  fate->drop = losses->every
                   ? losses->count % losses->every == 0
                   : sim_random_chance(&losses->random, losses->probability);
}

static TcpKnobs knobs_of(const Stack *stack)
{
  TcpKnobs knobs = tcp_profile(0)->knobs;

  knobs.mss = MSS;
  knobs.timestamps = 0;
  if (!stack->delayed_ack)
    knobs.delayed_ack = 0;
  knobs.receive_buffer = knobs.send_buffer = 1 << 26;
  knobs.initial_window = 10;
  knobs.ssthresh = 20 * MSS;
  knobs.sack = stack->sack;
  knobs.prr = stack->prr;
  knobs.congestion = stack->cubic;
  knobs.cubic_fast_convergence = stack->fast_convergence;
  return knobs;
}

void world_finish(World *world)
{
  char problem[200] = "";

  if (!net_finish(world->net, problem, sizeof problem))
    g_error("%s", problem);
}

void world_start(World *world, unsigned i, const Stack *stack, SimTime at)
{
  TcpKnobs knobs = knobs_of(stack);
  TcpStack *to = tcp_stack_of(world->to), *from;
  AppSinkSpec sink = { .service = { .port = (uint16_t)(80 + i) } };
  AppBulkSpec bulk = {
    .at = at,
    .to = { .host = world->to, .port = (uint16_t)(80 + i) },
    .bytes = UINT64_C(1) << 50,
  };

  if (!to)
    to = tcp_stack_new(world->to, &knobs);
  *tcp_stack_knobs(to) = knobs;
  from = tcp_stack_new(world->from[i], &knobs);
  world->sink[i] = app_sink_new(to, &sink);
  app_bulk_new(from, &bulk);
}

uint64_t world_received(const World *world, unsigned i)
{
  return app_counters(world->sink[i])->received;
}

double mean_window(const Stack *stack, Losses *losses, SimTime rtt,
                   uint64_t segments)
{
  NetWireSpec spec = { .delay = rtt / 2 };
  World world = { .sim = sim_new(1) };
  uint64_t bytes;
  SimTime begin;
  NetLink *link;
  double window;

  world.net = net_new(world.sim);
  world.from[0] = net_host_new(world.net, "from", NULL);
  world.to = net_host_new(world.net, "to", NULL);
  link = net_link_new(world.net, NULL, net_host_node(world.from[0]),
                      net_host_node(world.to), &spec, &spec, NULL, NULL);
  net_wire_decide(&link->wires[0], lose, losses, NULL);
  world_finish(&world);
  world_start(&world, 0, stack, 0);
  while (losses->count < segments / 2)
    sim_run(world.sim, world.sim->now + rtt);
  bytes = world_received(&world, 0);
  begin = world.sim->now;
  while (losses->count < segments + segments / 2)
    sim_run(world.sim, world.sim->now + rtt);
  window = (double)(world_received(&world, 0) - bytes) * (double)rtt /
           ((double)(world.sim->now - begin) * MSS);
  sim_free(world.sim);
  return window;
}
