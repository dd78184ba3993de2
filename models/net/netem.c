/* netem's time: limit, reordering, delay, rate and slots.
 *
 *     coming                heap by the time at which the last bit arrives
 *     waiting               heap by the time at which it may go on
 *
 * Invariant: `event` is pending exactly while a heap holds packets, at the
 * first time at which one of them can move.
 */
#include "netem.h"

#include <glib.h>

#include "gate.h"
#include "units.h"

struct NetNetem {
  NetWire *wire;
  NetNetemSpec spec;
  NetNetemCounters counters;
  NetDecider *decider;
  NetLoss loss;
  NetChance delay, duplicate, corrupt, reorder;
  SimRandom slot;
  NetLate coming, waiting;
  SimEvent event;
  uint32_t order;
  uint32_t since_gap; /* packets delayed since the last reordered one */
  SimTime latest;     /* the last time given to one that waits */
  SimTime slot_next;
  int64_t slot_packets, slot_bytes; /* that still may go in this slot */
};

/* -- what takes no time -- */

static bool mark(NetNetem *netem, NetPacket *packet, const char *rule)
{
  const NetTracePacket where = {
    .packet = packet,
    .rule = rule,
    .reason = "netem marked it instead of losing it",
    .wire = netem->wire,
  };

  if (!netem->spec.ecn || !net_mark(packet, &where))
    return false;
  netem->counters.marked++;
  return true;
}

static void lose(NetFate *fate, const char *rule, const char *reason)
{
  if (fate->drop)
    return;
  fate->drop = true;
  fate->rule = rule;
  fate->reason = reason;
}

static void say(NetFate *fate, const char *rule, const char *reason)
{
  if (fate->rule)
    return;
  fate->rule = rule;
  fate->reason = reason;
}

/* A copy has no part in what happens to the original: it is lost and damaged
 * by draws of its own. It is not duplicated again. */
static void duplicate(NetNetem *netem, NetFate *fate)
{
  const char *rule, *reason;

  netem->counters.duplicated++;
  if (net_loss_event(&netem->loss, &netem->spec.loss, &rule, &reason)) {
    netem->counters.lost++;
    return;
  }
  fate->copies = (uint8_t)MIN(UINT8_MAX, fate->copies + 1);
  fate->copies_clean = true;
  if (net_chance_event(&netem->corrupt, &netem->spec.corrupt)) {
    netem->counters.corrupted++;
    fate->copy_corrupt_bits++;
  }
  say(fate, "netem-duplicate", "netem duplicated it");
}

/* In the order of netem_enqueue(). Duplicated and lost, it is there once. */
static void throw_dice(void *user, NetWire *wire, NetPacket *packet,
                       NetFate *fate)
{
  NetNetem *netem = user;
  const NetNetemSpec *spec = &netem->spec;
  const char *rule, *reason;
  bool twice = net_chance_event(&netem->duplicate, &spec->duplicate);

  (void)wire;
  netem->counters.packets++;
  if (net_loss_event(&netem->loss, &spec->loss, &rule, &reason) &&
      !mark(netem, packet, rule)) {
    if (!twice) {
      netem->counters.lost++;
      lose(fate, rule, reason);
      return;
    }
    twice = false;
  }
  if (twice)
    duplicate(netem, fate);
  if (net_chance_event(&netem->corrupt, &spec->corrupt)) {
    netem->counters.corrupted++;
    fate->corrupt_bits++;
    say(fate, "netem-corrupt", "netem changed a bit of it");
  }
}

/* -- what takes time -- */

static Sim *sim_of(const NetNetem *netem)
{
  return netem->wire->link->net->sim;
}

static SimTime rate_time(const NetNetemRate *rate, uint32_t size)
{
  int64_t length = (int64_t)size + rate->packet_overhead;

  if (rate->cell_size > 0) {
    int64_t cells = (length + rate->cell_size - 1) / rate->cell_size;

    length = cells * ((int64_t)rate->cell_size + rate->cell_overhead);
  }
  return length > 0 ? sim_transmission_time(length, rate->rate) : 0;
}

static void next_slot(NetNetem *netem)
{
  const NetNetemSlot *slot = &netem->spec.slot;
  double place = sim_random_unit(&netem->slot);
  SimTime span;

  if (slot->by_distribution)
    span = net_distribution_at(&slot->distribution, slot->delay, slot->jitter,
                               place);
  else
    span = slot->low + (SimTime)(place * (double)(slot->high - slot->low));
  netem->slot_next = sim_time_add(sim_of(netem)->now, MAX(span, 0));
  netem->slot_packets = slot->packets ? slot->packets : INT64_MAX;
  netem->slot_bytes = slot->bytes ? slot->bytes : INT64_MAX;
}

static void go_on(NetNetem *netem, NetPacket *packet)
{
  SimTime now = sim_of(netem)->now, arrives;
  bool counts = !(packet->flags & NET_PACKET_DUPLICATE);

  packet->due = now;
  arrives = net_wire_carry(netem->wire, packet, 0, false);
  if (counts)
    net_gate_passed(netem->wire->gate, now, arrives);
}

static void go_on_in_slot(NetNetem *netem, NetPacket *packet)
{
  netem->slot_packets--;
  netem->slot_bytes -= net_packet_length(packet);
  if (netem->slot_packets <= 0 || netem->slot_bytes <= 0)
    next_slot(netem);
  go_on(netem, packet);
}

/* As netem_dequeue(): a slot begins with the first packet that is later than
 * the last slot's time. */
static void let_go(NetNetem *netem)
{
  SimTime now = sim_of(netem)->now;
  NetPacket *first;

  while ((first = net_late_first(&netem->waiting)) != NULL) {
    if (netem->spec.slot.active && netem->slot_next < first->due)
      next_slot(netem);
    if (first->due > now || netem->slot_next > now)
      return;
    net_late_take(&netem->waiting);
    if (netem->spec.slot.active)
      go_on_in_slot(netem, first);
    else
      go_on(netem, first);
  }
}

/* Is it this one that overtakes? The first gap - 1 never do. */
static bool overtakes(NetNetem *netem)
{
  const NetNetemSpec *spec = &netem->spec;

  if (spec->gap == 0 || netem->since_gap + 1 < spec->gap ||
      !net_chance_event(&netem->reorder, &spec->reorder)) {
    netem->since_gap++;
    return false;
  }
  netem->since_gap = 0;
  netem->counters.reordered++;
  return true;
}

/* With a rate a packet begins where the last one's time ends, and the delay
 * is not spent twice on those that wait anyway. */
static SimTime due_time(NetNetem *netem, const NetPacket *packet)
{
  const NetNetemSpec *spec = &netem->spec;
  SimTime now = sim_of(netem)->now, delay = spec->delay, due;

  if (spec->jitter > 0)
    delay = net_distribution_at(
        &spec->distribution, spec->delay, spec->jitter,
        net_chance_draw(&netem->delay, spec->delay_correlation));
  due = sim_time_add(now, MAX(delay, 0));
  if (spec->rate.rate > 0)
    due = sim_time_add(MAX(due, netem->latest),
                       rate_time(&spec->rate, net_packet_length(packet)));
  netem->latest = MAX(netem->latest, due);
  return due;
}

static void come(NetNetem *netem, NetPacket *packet)
{
  if (netem->waiting.count >= netem->spec.limit) {
    netem->counters.over_limit++;
    net_wire_drop(netem->wire, packet, "netem-limit", "netem's queue was full");
  } else if (overtakes(netem)) {
    go_on(netem, packet);
  } else {
    packet->due = due_time(netem, packet);
    packet->order = netem->order++;
    net_late_put(&netem->waiting, packet);
    let_go(netem);
  }
}

static void schedule(NetNetem *netem)
{
  const NetPacket *coming = net_late_first(&netem->coming);
  const NetPacket *waiting = net_late_first(&netem->waiting);
  SimTime at = coming ? coming->due : SIM_TIME_NEVER;
  SimTime open = MAX(netem->slot_next, sim_of(netem)->now);

  if (waiting) /* overdue, if it waited for a slot, and slots are no more */
    at = MIN(at, MAX(waiting->due, open));
  sim_schedule(sim_of(netem), &netem->event, &netem->wire->owner, at);
}

static void wake(Sim *sim, SimEvent *event)
{
  NetNetem *netem = SIM_CONTAINER(event, NetNetem, event);
  NetPacket *packet;

  let_go(netem);
  while ((packet = net_late_first(&netem->coming)) != NULL &&
         packet->due <= sim->now)
    come(netem, net_late_take(&netem->coming));
  schedule(netem);
}

void net_netem_take(NetNetem *netem, NetPacket *packet, SimTime extra)
{
  packet->due = sim_time_add(packet->due, extra);
  if (packet->due > sim_of(netem)->now) {
    packet->order = netem->order++;
    net_late_put(&netem->coming, packet);
  } else {
    come(netem, packet);
  }
  schedule(netem);
}

NetPacket *net_netem_give(NetNetem *netem)
{
  NetLate *late;
  NetPacket *packet;

  if (!netem || netem->waiting.count + netem->coming.count == 0)
    return NULL;
  late = netem->waiting.count > 0 ? &netem->waiting : &netem->coming;
  packet = net_late_take(late);
  if (netem->waiting.count == 0)
    netem->latest = 0;
  schedule(netem);
  return packet;
}

/* -- making and changing -- */

static void chance_init(NetNetem *netem, NetChance *chance, const char *what)
{
  net_wire_stream(netem->wire, &chance->stream, what);
  chance->last = sim_random_unit(&chance->stream);
}

static NetNetem *netem_new(NetWire *wire)
{
  NetNetem *netem = g_new0(NetNetem, 1);

  netem->wire = wire;
  chance_init(netem, &netem->delay, "netem delay");
  chance_init(netem, &netem->loss.chance, "netem loss");
  chance_init(netem, &netem->duplicate, "netem duplicate");
  chance_init(netem, &netem->corrupt, "netem corrupt");
  chance_init(netem, &netem->reorder, "netem reorder");
  net_wire_stream(wire, &netem->slot, "netem slot");
  sim_event_init(&netem->event, wake);
  netem->decider = net_wire_decide(wire, throw_dice, netem, NULL);
  return netem;
}

static void copy_table(NetDistribution *table)
{
  if (table->values)
    table->values =
        g_memdup2(table->values, table->count * sizeof *table->values);
}

static void spec_clear(NetNetemSpec *spec)
{
  g_free((void *)spec->distribution.values);
  g_free((void *)spec->slot.distribution.values);
}

void net_wire_netem(NetWire *wire, const NetNetemSpec *spec)
{
  NetNetem *netem = wire->netem;

  g_assert(spec->delay >= 0 && spec->delay <= NET_NETEM_LONGEST);
  g_assert(spec->jitter >= 0 && spec->jitter <= NET_NETEM_LONGEST);
  if (!netem)
    netem = wire->netem = netem_new(wire);
  spec_clear(&netem->spec);
  netem->spec = *spec;
  copy_table(&netem->spec.distribution);
  copy_table(&netem->spec.slot.distribution);
  if (spec->limit == 0)
    netem->spec.limit = NET_NETEM_LIMIT;
  netem->since_gap = 0;
  net_loss_begin(&netem->loss, &spec->loss);
  netem->slot_next = spec->slot.active ? sim_of(netem)->now : 0;
  netem->slot_packets = spec->slot.packets ? spec->slot.packets : INT64_MAX;
  netem->slot_bytes = spec->slot.bytes ? spec->slot.bytes : INT64_MAX;
  schedule(netem);
}

const NetNetemCounters *net_netem_counters(const NetWire *wire)
{
  return wire->netem ? &wire->netem->counters : NULL;
}

unsigned net_netem_state(const NetWire *wire)
{
  return wire->netem ? wire->netem->loss.state : 0;
}

uint32_t net_netem_waiting(const NetWire *wire)
{
  return wire->netem ? wire->netem->waiting.count : 0;
}

void net_netem_free(NetNetem *netem)
{
  if (!netem)
    return;
  net_late_clear(&netem->coming);
  net_late_clear(&netem->waiting);
  spec_clear(&netem->spec);
  g_free(netem);
}
