/* pcapng written block by block (draft-ietf-opsawg-pcapng): what Wireshark
 * and tcpdump read. libpcap reads this format and cannot write it.
 *
 * One section, little-endian on every machine, Ethernet interfaces with
 * nanosecond time stamps and one snap length. A packet is begun, given
 * comments (one fact each), and ended; one at a time. Until it is ended, the
 * file does not have it.
 */
#pragma once

#include "outfile.h"

#define PCAPNG_SNAPLEN 262144 /* the most, and the usual */

typedef enum PcapngDirection {
  PCAPNG_UNKNOWN = 0,
  PCAPNG_INBOUND = 1,
  PCAPNG_OUTBOUND = 2,
} PcapngDirection;

typedef struct Pcapng {
  OutFile *file;
  uint32_t snap; /* bytes kept of a packet */
  uint32_t interfaces;
  bool begun;  /* a packet is, at outfile_record() */
  size_t size; /* bytes in it so far */
  size_t room; /* bytes that it may have */
} Pcapng;

/** pcapng_start: the section header. `file` is not taken over. `comment` is
 * nullable. At most `snap` bytes of a packet are kept; 0: PCAPNG_SNAPLEN. */
void pcapng_start(Pcapng *it, OutFile *file, uint32_t snap,
                  const char *application, const char *comment);

/** pcapng_interface: describes one more interface; returns its number. May be
 * called between packets. `description` is nullable. */
uint32_t pcapng_interface(Pcapng *it, const char *name,
                          const char *description);

/** pcapng_packet_begin: a packet of `length` bytes at `time` (ns, >= 0).
 * Returns where to put its first MIN(length, it->snap) bytes at once, or
 * NULL if the file has failed (then the packet is not begun). */
uint8_t *pcapng_packet_begin(Pcapng *it, uint32_t interface, int64_t time,
                             uint32_t length);

/** pcapng_comment: of the packet that was begun, if any. Longer than fits
 * (4 KiB for all of a packet's) is left out; invalid UTF-8 is replaced. */
void pcapng_comment(Pcapng *it, const char *text);

/** pcapng_options: what pcapng_encode_comment() made: the fast way to
 * say what is said often. */
void pcapng_options(Pcapng *it, const uint8_t *bytes, size_t size);

/** pcapng_encode_comment: (transfer full) `text` as a comment option, for
 * pcapng_options(). */
GByteArray *pcapng_encode_comment(const char *text);

/** pcapng_packet_end: completes the packet that was begun, if any. `id` is
 * the same for the same packet elsewhere. */
void pcapng_packet_end(Pcapng *it, PcapngDirection direction, uint64_t id);
