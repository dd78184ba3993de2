/* Numbers that must be hard to guess and yet come from the run's seed: initial
 * sequence numbers (RFC 6528), timestamp offsets (RFC 7323 5.4), ports
 * (RFC 6056). The pseudorandom function is a keyed 64-bit mix; its key comes
 * from the stream "host NAME secret". */
#include <glib.h>

#include "parts.h"

#define ISN_TICK (4 * SIM_MICROSECOND) /* 3.4.1 */

static uint64_t end_hash(uint64_t key, NetAddress address)
{
  return sim_hash(sim_hash(key, address.high), address.low);
}

/* F(localip, localport, remoteip, remoteport, secretkey) */
static uint64_t pair_prf(const TcpStack *stack, const TcpPair *pair,
                         uint64_t purpose)
{
  uint64_t key = sim_hash(stack->secret[0] ^ purpose, stack->secret[1]);

  key = end_hash(key, pair->local.address);
  key = end_hash(key, pair->remote.address);
  return sim_hash(key, (uint64_t)pair->local.port << 16 | pair->remote.port);
}

/* MUST-8, MUST-9, SHLD-1 */
uint32_t tcp_isn(const TcpStack *stack, const TcpPair *pair)
{
  return (uint32_t)(stack->sim->now / ISN_TICK) +
         (uint32_t)pair_prf(stack, pair, 1);
}

uint32_t tcp_ts_offset(const TcpStack *stack, const TcpPair *pair)
{
  return (uint32_t)pair_prf(stack, pair, 2);
}

/* May the port of `pair` be used, perhaps because its TIME-WAIT is old? */
static bool port_is_free(const TcpStack *stack, const TcpKnobs *knobs,
                         bool to_itself, const TcpPair *pair)
{
  TcpEntry *entry = tcp_demux_find(stack, pair);

  if (tcp_listener_find(stack, &pair->local))
    return false;
  if (!entry)
    return true;
  return (knobs->time_wait_ports == 1 ||
          (knobs->time_wait_ports == 2 && to_itself)) &&
         tcp_time_wait_may_reopen(stack, pair, knobs) &&
         tcp_time_wait_age(stack, entry) >= knobs->time_wait_ports_delay;
}

bool tcp_choose_port(TcpStack *stack, const TcpKnobs *knobs, bool to_itself,
                     TcpPair *pair)
{
  uint32_t low = (uint32_t)knobs->ephemeral_low;
  uint32_t high = (uint32_t)MAX(knobs->ephemeral_high, knobs->ephemeral_low);
  uint32_t count = high - low + 1, offset;
  TcpPair nameless = *pair;

  nameless.local.port = 0;
  offset = (uint32_t)pair_prf(stack, &nameless, 3) % count;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t at = (offset + stack->ports_tried++) % count;

    pair->local.port = (uint16_t)(low + at);
    if (port_is_free(stack, knobs, to_itself, pair))
      return true;
  }
  return false;
}
