/* Rewriting of addresses and ports in an IPv4 packet, checksums mended by the
 * difference (RFC 1624), so that a wrong one stays wrong. */
#pragma once

#include "conntrack.h"

/** net_translate: `packet` (TCP, UDP or ICMP echo, not a later fragment, with
 * the ports of `to`'s protocol in its head) gets source and destination of
 * `to`; `ip` too. */
void net_translate(NetPacket *packet, NetIp *ip, const NetTuple *to);

/** net_translate_quote: the datagram that the ICMP error `packet` quotes gets
 * those of `to`, and the error `source` and `destination`. */
void net_translate_quote(NetPacket *packet, NetIp *ip, const NetQuoted *quoted,
                         const NetTuple *to, NetAddress source,
                         NetAddress destination);
