#ifndef LINGER_MEASURE_SEGMENT_H
#define LINGER_MEASURE_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The fields of a TCP segment that the peer sends or looks at.
 * The simulator's own packet code is left out on purpose: what is measured
 * must not lean on what is judged by it.
 */

enum {
  SEGMENT_ROOM = 1700, /* bytes that hold any packet written here */
  SEGMENT_SACKS = 4,
};

typedef struct {
  uint16_t kernel_port;
  uint16_t peer_port;
  uint32_t seq;
  uint32_t ack;
  uint32_t length; /* payload bytes, at most 1460 */
  uint32_t tsval;
  uint32_t tsecr;
  uint16_t window;
  uint16_t urgent;
  uint16_t mss;    /* 0: no such option */
  uint8_t flags;   /* TH_... */
  bool timestamps; /* the option is there */
  bool sack_permitted;
  bool has_scale;
  uint8_t scale;
  bool ipv6;
  unsigned sack_count;
  uint32_t sack[SEGMENT_SACKS][2]; /* left, right */
} Segment;

/**
 * segment_write:
 * @bytes: room for %SEGMENT_ROOM bytes
 *
 * Writes a packet from the peer to the kernel, payload all zero.
 *
 * Returns: its length in bytes.
 */
size_t segment_write(const Segment *segment, uint8_t *bytes);

/**
 * segment_write_icmp:
 * @type: of ICMP, or of ICMPv6 if the packet is IPv6
 * @packet: what the kernel sent
 * @bytes: room for %SEGMENT_ROOM bytes
 *
 * Writes an error of the peer's about `packet`; its rest is 0.
 *
 * Returns: its length in bytes.
 */
size_t segment_write_icmp(uint8_t type, uint8_t code, const uint8_t *packet,
                          size_t length, uint8_t *bytes);

/**
 * segment_read:
 *
 * Reads a packet from the kernel to the peer.
 *
 * Returns: false if it is not a TCP segment right behind an IP header.
 */
bool segment_read(Segment *ret_segment, const uint8_t *bytes, size_t length);

/**
 * segment_end:
 *
 * Returns: the sequence number behind the segment: SYN and FIN count.
 */
uint32_t segment_end(const Segment *segment);

#endif
