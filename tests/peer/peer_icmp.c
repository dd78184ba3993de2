/* What the peer, or a router in its place, says by ICMP about what the host
 * sent. */
#include "host_private.h"
#include "peer.h"

static void tells(Peer *t, const NetPacket *packet, uint8_t type, uint8_t code,
                  uint32_t rest)
{
  host_silent(t, t->sim->now);
  if (t->failed)
    return;
  g_string_append_printf(t->log, "%14.6f  < ICMP type %u, code %u, MTU %u\n",
                         (double)t->sim->now / 1e9, type, code, rest);
  net_icmp_error(t->peer, packet, type, code, rest);
  runs_to(t, t->sim->now);
}

void peer_icmp(Peer *t, uint8_t type, uint8_t code)
{
  tells(t, t->last, type, code, 0);
}

void peer_unreachable(Peer *t, uint8_t code)
{
  tells(t, t->last, NET_ICMP_UNREACHABLE, code, 0);
}

void peer_unreachable_first(Peer *t, uint8_t code)
{
  tells(t, t->first, NET_ICMP_UNREACHABLE, code, 0);
}

void peer_too_big(Peer *t, uint32_t mtu)
{
  tells(t, t->last, NET_ICMP_UNREACHABLE, NET_UNREACHABLE_FRAGMENTATION, mtu);
}
