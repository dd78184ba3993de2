/* Packet filters: libpcap expressions, compiled once, matched on a packet's
 * real bytes. */
#pragma once

#include "packet.h"

typedef struct Filter Filter;

/** filter_new: (transfer full) `text` compiled for Ethernet, or NULL with
 * libpcap's own message in `ret_error` (capacity `size`). */
Filter *filter_new(const char *text, char *ret_error, size_t size);
void filter_free(Filter *filter);

/** filter_matches: as tcpdump would decide, except that tcp[...], udp[...] and
 * icmp[...] see behind IPv6 headers too. Payload is copied only for an
 * expression that looks beyond the packet's head. */
bool filter_matches(Filter *filter, const NetPacket *packet);
