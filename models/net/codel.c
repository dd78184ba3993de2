/* CoDel (RFC 8289 5): the time that packets waited decides. If the shortest
 * wait of an interval was over the target, one packet is dropped, and further
 * ones at ever shorter distances until the wait is under the target.
 *
 * With ECN a packet that would be dropped is marked and sent instead, and the
 * next is judged at its own time, as Linux does it.
 */
#include "codel.h"

#include "qdisc_private.h"

static const char rule[] = "codel";
static const char why_dropped[] =
    "CoDel dropped it: packets have waited too long for an interval";
static const char why_marked[] =
    "CoDel marked it: packets have waited too long for an interval";

/* The root by bits, so that no machine's library matters. */
static uint64_t root(uint64_t square)
{
  uint64_t result = 0;

  for (uint64_t bit = UINT64_C(1) << 31; bit > 0; bit >>= 1)
    if ((result | bit) * (result | bit) <= square)
      result |= bit;
  return result;
}

SimTime net_codel_next(SimTime time, SimTime interval, uint32_t count)
{
  uint64_t scaled = root((uint64_t)count << 32); /* sqrt(count) * 2^16 */
  uint64_t whole = (uint64_t)interval / scaled;
  uint64_t rest = (uint64_t)interval % scaled;

  return sim_time_add(time, (SimTime)((whole << 16) + (rest << 16) / scaled));
}

/* RFC 8289 5.5, dodequeue. */
static NetPacket *next(NetQdisc *qdisc, NetCodel *codel, NetRing *ring,
                       uint64_t *bytes, bool *ret_too_long)
{
  SimTime now = net_qdisc_now(qdisc);
  NetPacket *packet;

  *ret_too_long = false;
  if (ring->count == 0) {
    codel->first_above = 0;
    return NULL;
  }
  packet = net_ring_take(ring);
  *bytes -= net_packet_length(packet);
  net_qdisc_out(qdisc, packet);
  if (now - packet->due < qdisc->spec.target ||
      *bytes <= qdisc->nic->mtu + NET_ETHERNET_SIZE)
    codel->first_above = 0;
  else if (codel->first_above == 0)
    codel->first_above = now + qdisc->spec.interval;
  else
    *ret_too_long = now >= codel->first_above;
  return packet;
}

/* True if `packet` goes on, marked. */
static bool spare(NetQdisc *qdisc, NetPacket *packet)
{
  if (net_qdisc_mark(qdisc, packet, rule, why_marked))
    return true;
  net_qdisc_drop(qdisc, packet, rule, why_dropped);
  return false;
}

static NetPacket *go_on_dropping(NetQdisc *qdisc, NetCodel *codel,
                                 NetRing *ring, uint64_t *bytes,
                                 NetPacket *packet)
{
  SimTime now = net_qdisc_now(qdisc);
  bool too_long;

  while (codel->dropping && now >= codel->drop_next) {
    bool spared;

    codel->count++;
    spared = spare(qdisc, packet);
    if (!spared) {
      packet = next(qdisc, codel, ring, bytes, &too_long);
      codel->dropping = too_long;
    }
    if (codel->dropping)
      codel->drop_next =
          net_codel_next(codel->drop_next, qdisc->spec.interval, codel->count);
    if (spared)
      break;
  }
  return packet;
}

/* RFC 8289 5.4: soon after the last dropping state it begins near the rate
 * that was right then. */
static NetPacket *begin_dropping(NetQdisc *qdisc, NetCodel *codel,
                                 NetRing *ring, uint64_t *bytes,
                                 NetPacket *packet)
{
  SimTime now = net_qdisc_now(qdisc), interval = qdisc->spec.interval;
  uint32_t delta = codel->count - codel->last_count;
  bool too_long;

  if (!spare(qdisc, packet))
    packet = next(qdisc, codel, ring, bytes, &too_long);
  codel->dropping = true;
  codel->count =
      delta > 1 && now - codel->drop_next < 16 * interval ? delta : 1;
  codel->drop_next = net_codel_next(now, interval, codel->count);
  codel->last_count = codel->count;
  return packet;
}

NetPacket *net_codel_take(NetQdisc *qdisc, NetCodel *codel, NetRing *ring,
                          uint64_t *bytes)
{
  bool too_long;
  NetPacket *packet = next(qdisc, codel, ring, bytes, &too_long);

  if (!packet) {
    codel->dropping = false;
    return NULL;
  }
  if (codel->dropping && !too_long)
    codel->dropping = false;
  else if (codel->dropping)
    packet = go_on_dropping(qdisc, codel, ring, bytes, packet);
  else if (too_long)
    packet = begin_dropping(qdisc, codel, ring, bytes, packet);
  if (packet && net_qdisc_now(qdisc) - packet->due > qdisc->spec.ce_threshold)
    net_qdisc_mark(qdisc, packet, "codel-ce-threshold",
                   "it waited longer than the CE threshold");
  return packet;
}

/* -- with one queue -- */

static NetPacket *codel_take(NetQdisc *qdisc)
{
  uint64_t bytes = qdisc->bytes;

  return net_codel_take(qdisc, &qdisc->codel, &qdisc->ring, &bytes);
}

const NetQdiscOps net_qdisc_codel = { .put = net_qdisc_fifo_put,
                                      .take = codel_take };
