/* The heap of packets in order of time.
 *
 * Invariant: no packet is due before its parent, packets[(slot - 1) / 2].
 */
#include "late.h"

#include <assert.h>

#include <glib.h>

void net_late_put(NetLate *late, NetPacket *packet)
{
  uint32_t slot = late->count++;

  if (late->count > late->room) {
    late->room = late->room ? 2 * late->room : 16;
    late->packets = g_renew(NetPacket *, late->packets, late->room);
  }
  while (slot > 0 && net_late_before(packet, late->packets[(slot - 1) / 2])) {
    late->packets[slot] = late->packets[(slot - 1) / 2];
    slot = (slot - 1) / 2;
  }
  late->packets[slot] = packet;
}

NetPacket *net_late_take(NetLate *late)
{
  NetPacket *first, *moved;
  uint32_t slot = 0;

  assert(late->count > 0);
  first = late->packets[0];
  moved = late->packets[--late->count];
  for (uint32_t child = 1; child < late->count; child = 2 * slot + 1) {
    if (child + 1 < late->count &&
        net_late_before(late->packets[child + 1], late->packets[child]))
      child++;
    if (!net_late_before(late->packets[child], moved))
      break;
    late->packets[slot] = late->packets[child];
    slot = child;
  }
  late->packets[slot] = moved;
  return first;
}

void net_late_clear(NetLate *late)
{
  while (late->count > 0)
    net_packet_free(late->packets[--late->count]);
  g_free(late->packets);
  late->packets = NULL;
  late->room = 0;
}
