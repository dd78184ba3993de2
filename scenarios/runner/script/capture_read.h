/* Captures read back: the IP datagrams of a pcap or pcapng file, through
 * libpcap, whatever their link layer. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "packet.h"

typedef struct CaptureReader CaptureReader;

/** capture_open: (transfer full) reads `file`, taking it over; or NULL and one
 * sentence in `ret_error` (capacity `size`). */
CaptureReader *capture_open(FILE *file, char *ret_error, size_t size);
void capture_close(CaptureReader *reader);

/** capture_next: the next datagram, as (transfer full) a packet with an
 * Ethernet header of zero addresses, and when it was captured (ns). What the
 * capture did not keep of it is zeros. Frames without IP are passed over.
 * Returns: false at the end, or where the file is damaged: then
 * capture_problem() says how. */
bool capture_next(CaptureReader *reader, Net *net, SimOwner *owner,
                  NetPacket **ret, SimTime *ret_time);
const char *capture_problem(const CaptureReader *reader);
