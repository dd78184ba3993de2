#ifndef LINGER_MEASURE_SEGMENT_H
#define LINGER_MEASURE_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The few fields of a TCP segment over IPv4 that the peer sends or looks at.
 * The simulator's own packet code is left out on purpose: what is measured
 * must not lean on what is judged by it.
 */

enum {
  SEGMENT_ROOM = 1600, /* bytes that hold any segment written here */
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
  uint16_t mss;    /* 0: no such option */
  uint8_t flags;   /* TH_... */
  bool timestamps; /* the option is there */
} Segment;

/**
 * segment_write:
 * @bytes: room for %SEGMENT_ROOM bytes
 *
 * Writes an IPv4 packet from the peer to the kernel, payload all zero.
 *
 * Returns: its length in bytes.
 */
size_t segment_write(const Segment *segment, uint8_t *bytes);

/**
 * segment_read:
 *
 * Reads an IPv4 packet from the kernel to the peer.
 *
 * Returns: false if it is not a TCP segment over IPv4.
 */
bool segment_read(Segment *ret_segment, const uint8_t *bytes, size_t length);

/**
 * segment_end:
 *
 * Returns: the sequence number behind the segment: SYN and FIN count.
 */
uint32_t segment_end(const Segment *segment);

#endif
