/* Down is a decider of the gate that drops everything; being cut takes what is
 * on the wire and what waits to go onto it. */
#include "carrier.h"

#include "gate.h"
#include "netem.h"

static const char rule[] = "link-down";

static void drop_all(void *user, NetWire *wire, NetPacket *packet,
                     NetFate *fate)
{
  (void)user;
  (void)wire;
  (void)packet;
  fate->drop = true;
  fate->rule = rule;
  fate->reason = "the link was down";
}

static void cut(NetWire *wire)
{
  NetPacket *packet;

  while ((packet = net_wire_take(wire)) != NULL ||
         (packet = net_netem_give(wire->netem)) != NULL ||
         (packet = net_gate_give(wire->gate)) != NULL)
    net_wire_drop(wire, packet, rule, "the link went down while it was on it");
}

void net_wire_down(NetWire *wire, bool with_cut)
{
  if (!wire->down)
    wire->down = net_wire_decide(wire, drop_all, NULL, NULL);
  if (with_cut)
    cut(wire);
}

void net_wire_up(NetWire *wire)
{
  if (wire->down)
    net_wire_undecide(wire, wire->down);
  wire->down = NULL;
}

bool net_wire_is_down(const NetWire *wire)
{
  return wire->down != NULL;
}
