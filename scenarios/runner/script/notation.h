/* A TCP segment as people write it: packetdrill's notation,
 *
 *   F. 1:1(0) ack 1 win 100 <mss 1460,nop,wscale 7,sackOK,TS val 10 ecr 0>
 *
 * or tcpdump's:
 *
 *   Flags [F.], seq 1:1, ack 1, win 100, options [mss 1460], length 0
 *
 * Flags come first: letters of S F R P . U E W, where . is ACK; "none" or "-"
 * for none. All else is optional.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "segment.h"

typedef struct Notation {
  unsigned flags;
  bool has_seq, has_ack, has_window, has_urgent;
  int64_t seq, ack; /* relative or absolute: the writer's business */
  int64_t length;   /* of the payload, bytes */
  uint16_t window, urgent;
  uint8_t options[TCP_OPTIONS_MAX]; /* as on the wire, not padded */
  unsigned options_size;
} Notation;

/** notation_parse: false, and one sentence that says what is wrong and what to
 * write in `ret_error` (capacity `size`), if `text` is not a segment. */
bool notation_parse(const char *text, Notation *ret, char *ret_error,
                    size_t size);
