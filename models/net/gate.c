/* The gate in front of a wire: asks the deciders, then acts once.
 *
 *   NIC -> gate_accept: fate = 0; every decider adds to it
 *            drop -> gone
 *            corrupt, delay -> netem, if there is one -> wire; copies right
 *            behind it, likewise
 *            behind others -> held (hold.c) -> wire
 *
 * Every decider is asked about every packet, also when one before it has
 * said "drop": each keeps its own count, and its dice fall the same whatever
 * the others say.
 */
#include "gate.h"

#include <glib.h>

#include "damage.h"
#include "hold.h"
#include "netem.h"

typedef enum DiceKind {
  DICE_LOSS,
  DICE_DUPLICATION,
  DICE_CORRUPTION,
  DICE_REORDERING,
  DICE_KINDS
} DiceKind;

typedef struct NetDice {
  DiceKind kind;
  double probability;
  SimTime delay;
  SimRandom stream;
  NetDecider *decider; /* NULL: not asked */
} NetDice;

struct NetDecider {
  NetDecider *next;
  NetDecideFunc func;
  void *user;
  SimFreeFunc free_user;
  bool gone; /* undecided while the gate was asking */
};

struct NetGate {
  NetSink sink;
  NetWire *wire;
  NetDecider *deciders; /* in order of registration */
  NetDecider **deciders_end;
  bool asking;
  bool any_gone;
  bool has_bits; /* `bits` is seeded */
  SimRandom bits;
  NetHold *hold; /* NULL until a packet is held */
  NetDice dice[DICE_KINDS];
};

static const char *const dice_names[DICE_KINDS] = {
  [DICE_LOSS] = "loss",
  [DICE_DUPLICATION] = "duplication",
  [DICE_CORRUPTION] = "corruption",
  [DICE_REORDERING] = "reordering",
};

void net_wire_stream(const NetWire *wire, SimRandom *stream, const char *what)
{
  char *name = g_strconcat("link ", wire->link->name, " ",
                           wire->from->node->name, " ", what, NULL);

  sim_random_init(stream, wire->link->net->sim->seed, name);
  g_free(name);
}

static void decider_free(NetDecider *decider)
{
  if (decider->free_user)
    decider->free_user(decider->user);
  g_free(decider);
}

static void sweep(NetGate *gate)
{
  NetDecider **at = &gate->deciders;

  while (*at) {
    NetDecider *decider = *at;

    if (!decider->gone) {
      at = &decider->next;
      continue;
    }
    *at = decider->next;
    decider_free(decider);
  }
  gate->deciders_end = at;
  gate->any_gone = false;
}

static NetFate ask(NetGate *gate, NetPacket *packet)
{
  NetFate fate = { 0 };

  gate->asking = true;
  for (NetDecider *d = gate->deciders; d; d = d->next)
    if (!d->gone)
      d->func(d->user, gate->wire, packet, &fate);
  gate->asking = false;
  if (gate->any_gone)
    sweep(gate);
  return fate;
}

/* The MAC addresses stay: with one of them changed the frame would be lost,
 * and that is what loss is for. */
static void corrupt(NetGate *gate, NetPacket *packet, uint32_t count)
{
  uint32_t first = 2 * sizeof(NetMac);

  if (net_packet_length(packet) <= first || count == 0)
    return;
  if (!gate->has_bits)
    net_wire_stream(gate->wire, &gate->bits, "bits");
  gate->has_bits = true;
  net_packet_flip(packet, &gate->bits, first * 8, UINT32_MAX, count);
}

void net_gate_passed(NetGate *gate, SimTime left, SimTime arrives)
{
  if (gate->hold)
    net_hold_passed(gate->hold, left, arrives);
}

NetPacket *net_gate_give(NetGate *gate)
{
  return gate ? net_hold_give(gate->hold) : NULL;
}

static void carry(NetGate *gate, NetPacket *packet, SimTime extra)
{
  NetWire *wire = gate->wire;
  SimTime left = packet->due;
  bool counts = !(packet->flags & NET_PACKET_DUPLICATE);
  SimTime arrives;

  if (wire->netem) {
    net_netem_take(wire->netem, packet, extra);
    return;
  }
  arrives = net_wire_carry(wire, packet, extra, extra > 0);
  if (counts)
    net_gate_passed(gate, left, arrives);
}

static void damage(NetGate *gate, NetPacket *packet, uint32_t bits)
{
  corrupt(gate, packet, bits);
  packet->flags &= (uint8_t)~NET_PACKET_CHECKED;
  packet->flags |= NET_PACKET_DAMAGED;
  net_packet_parse(packet);
}

static void duplicate(NetGate *gate, const NetPacket *packet,
                      const NetFate *fate, unsigned number)
{
  NetWire *wire = gate->wire;
  Sim *sim = packet->net->sim;
  NetPacket *copy = net_packet_copy(packet, &wire->owner);
  NetTracePacket record = {
    .packet = copy, .reason = fate->reason, .rule = fate->rule, .wire = wire
  };
  SimTime extra = fate->copy_delay;

  for (unsigned i = 0; i < number && fate->copy_interval > 0; i++)
    extra = sim_time_add(extra, fate->copy_interval);
  copy->flags |= NET_PACKET_DUPLICATE;
  if (number == 0 && fate->copy_corrupt_bits > 0)
    damage(gate, copy, fate->copy_corrupt_bits);
  if (sim_tracing(sim, NET_TRACE_DUPLICATED))
    sim_trace_emit(sim, NET_TRACE_DUPLICATED, &record);
  carry(gate, copy, extra);
}

static void hold(NetGate *gate, NetPacket *packet, const NetFate *fate)
{
  if (!gate->hold)
    gate->hold = net_hold_new(gate->wire);
  net_hold_put(gate->hold, packet, fate->behind, fate->within);
}

/* The original is on the wire when the copies are made, and may not be
 * touched there: one copy is kept at hand until all are made. */
static void pass(NetGate *gate, NetPacket *packet, const NetFate *fate)
{
  NetPacket *model = NULL;

  if (fate->copies > 0 && fate->copies_clean)
    model = net_packet_copy(packet, &gate->wire->owner);
  if (fate->corrupt_bits > 0 || fate->replaced)
    damage(gate, packet, fate->corrupt_bits);
  if (fate->copies > 0 && !model)
    model = net_packet_copy(packet, &gate->wire->owner);
  if (fate->behind > 0)
    hold(gate, packet, fate);
  else
    carry(gate, packet, fate->delay);
  for (unsigned i = 0; i < fate->copies; i++)
    duplicate(gate, model, fate, i);
  net_packet_free(model);
}

static void gate_accept(NetSink *sink, NetPacket *packet)
{
  NetGate *gate = SIM_CONTAINER(sink, NetGate, sink);
  NetFate fate = ask(gate, packet);

  if (fate.drop)
    net_wire_drop(gate->wire, packet, fate.rule ? fate.rule : "wire-drop",
                  fate.reason ? fate.reason : "it was lost on the wire");
  else
    pass(gate, packet, &fate);
}

static NetGate *gate_of(NetWire *wire)
{
  NetGate *gate = wire->gate;

  if (gate)
    return gate;
  gate = g_new0(NetGate, 1);
  gate->sink.accept = gate_accept;
  gate->wire = wire;
  gate->deciders_end = &gate->deciders;
  wire->gate = gate;
  net_nic_attach(wire->from, wire->link, wire->to, &gate->sink);
  return gate;
}

NetDecider *net_wire_decide(NetWire *wire, NetDecideFunc func, void *user,
                            SimFreeFunc free_user)
{
  NetGate *gate = gate_of(wire);
  NetDecider *decider = g_new0(NetDecider, 1);

  decider->func = func;
  decider->user = user;
  decider->free_user = free_user;
  *gate->deciders_end = decider;
  gate->deciders_end = &decider->next;
  return decider;
}

void net_wire_undecide(NetWire *wire, NetDecider *decider)
{
  NetGate *gate = gate_of(wire);

  decider->gone = true;
  gate->any_gone = true;
  if (!gate->asking)
    sweep(gate);
}

void net_gate_free(NetGate *gate)
{
  if (!gate)
    return;
  for (NetDecider *d = gate->deciders; d; d = d->next)
    d->gone = true;
  sweep(gate);
  net_hold_free(gate->hold);
  g_free(gate);
}

/* The first to speak gives the reason, but a loss outdoes what it undoes. */
static void say(NetFate *fate, const char *rule, const char *reason)
{
  if (fate->rule)
    return;
  fate->rule = rule;
  fate->reason = reason;
}

static void lose(NetFate *fate)
{
  if (fate->drop)
    return;
  fate->drop = true;
  fate->rule = "wire-loss";
  fate->reason = "the link's loss took it";
}

static void throw_dice(void *user, NetWire *wire, NetPacket *packet,
                       NetFate *fate)
{
  NetDice *dice = user;

  (void)wire;
  (void)packet;
  if (!sim_random_chance(&dice->stream, dice->probability))
    return;
  switch (dice->kind) {
  case DICE_LOSS:
    lose(fate);
    break;
  case DICE_DUPLICATION:
    fate->copies++;
    say(fate, "wire-duplication", "the link duplicated it");
    break;
  case DICE_CORRUPTION:
    fate->corrupt_bits++;
    say(fate, "wire-corruption", "the link changed a bit of it");
    break;
  default:
    fate->delay = sim_time_add(fate->delay, dice->delay);
    say(fate, "wire-reordering", "the link held it back");
  }
}

/* The stream begins anew only with the gate, so that a probability changed
 * in mid-run does not repeat the dice. */
static void set_dice(NetWire *wire, DiceKind kind, double probability,
                     SimTime delay)
{
  NetDice *dice;

  if (!wire->gate && probability <= 0)
    return;
  dice = &gate_of(wire)->dice[kind];
  if (probability <= 0) {
    if (dice->decider)
      net_wire_undecide(wire, dice->decider);
    dice->decider = NULL;
    return;
  }
  if (dice->probability <= 0)
    net_wire_stream(wire, &dice->stream, dice_names[kind]);
  dice->kind = kind;
  dice->probability = probability;
  dice->delay = delay;
  if (!dice->decider)
    dice->decider = net_wire_decide(wire, throw_dice, dice, NULL);
}

void net_wire_loss(NetWire *wire, double probability)
{
  set_dice(wire, DICE_LOSS, probability, 0);
}

void net_wire_duplication(NetWire *wire, double probability)
{
  set_dice(wire, DICE_DUPLICATION, probability, 0);
}

void net_wire_corruption(NetWire *wire, double probability)
{
  set_dice(wire, DICE_CORRUPTION, probability, 0);
}

void net_wire_reordering(NetWire *wire, double probability, SimTime delay)
{
  set_dice(wire, DICE_REORDERING, probability, delay);
}
