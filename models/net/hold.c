/* Held packets: those that let others pass before they go onto a wire.
 *
 * Invariant: `timer` is pending exactly while something is held, at the
 * earliest deadline. What is let go does not count as having passed.
 */
#include "hold.h"

#include <glib.h>

#include "gate.h"

typedef struct Held {
  struct Held *next; /* in order of being held */
  NetPacket *packet;
  uint32_t behind; /* packets that must still pass */
  SimTime deadline;
} Held;

struct NetHold {
  NetWire *wire;
  Held *first;
  SimEvent timer;
};

static NetPacket *take(Held **at)
{
  Held *held = *at;
  NetPacket *packet = held->packet;

  *at = held->next;
  g_free(held);
  return packet;
}

static void set_timer(NetHold *hold)
{
  Sim *sim = hold->wire->link->net->sim;
  SimTime earliest = SIM_TIME_NEVER;

  for (const Held *held = hold->first; held; held = held->next)
    earliest = held->deadline < earliest ? held->deadline : earliest;
  if (hold->first)
    sim_schedule(sim, &hold->timer, &hold->wire->owner, earliest);
  else
    sim_cancel(sim, &hold->timer);
}

static void waited(Sim *sim, SimEvent *event)
{
  NetHold *hold = SIM_CONTAINER(event, NetHold, timer);
  Held **at = &hold->first;

  while (*at) {
    NetPacket *packet;

    if ((*at)->deadline > sim->now) {
      at = &(*at)->next;
      continue;
    }
    packet = take(at);
    net_wire_start(hold->wire, packet);
  }
  set_timer(hold);
}

NetHold *net_hold_new(NetWire *wire)
{
  NetHold *hold = g_new0(NetHold, 1);

  hold->wire = wire;
  sim_event_init(&hold->timer, waited);
  return hold;
}

void net_hold_free(NetHold *hold)
{
  if (!hold)
    return;
  while (hold->first)
    net_packet_free(take(&hold->first));
  g_free(hold);
}

void net_hold_put(NetHold *hold, NetPacket *packet, uint32_t behind,
                  SimTime within)
{
  SimTime now = packet->net->sim->now;
  Held *held = g_new(Held, 1);
  Held **end = &hold->first;

  *held = (Held){ NULL, packet, behind, sim_time_add(now, within) };
  while (*end)
    end = &(*end)->next;
  *end = held;
  set_timer(hold);
}

NetPacket *net_hold_give(NetHold *hold)
{
  NetPacket *packet;

  if (!hold || !hold->first)
    return NULL;
  packet = take(&hold->first);
  set_timer(hold);
  return packet;
}

void net_hold_passed(NetHold *hold, SimTime left, SimTime arrives)
{
  Held **at = &hold->first;

  while (*at) {
    NetPacket *packet;

    if (--(*at)->behind > 0) {
      at = &(*at)->next;
      continue;
    }
    packet = take(at);
    packet->due = left;
    net_wire_enter(hold->wire, packet, arrives, true);
  }
  set_timer(hold);
}
