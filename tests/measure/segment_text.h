#ifndef LINGER_MEASURE_SEGMENT_TEXT_H
#define LINGER_MEASURE_SEGMENT_TEXT_H

#include <glib.h>

#include "segment.h"

/* What numbers in the text are relative to. */
typedef struct {
  uint32_t kernel_iss, peer_iss;
  uint32_t ts_base; /* the kernel's TSval at time 0 */
} SegmentBase;

/**
 * segment_parse:
 * @text: `FLAGS first:end(bytes) [ack N] [win N] [urg N] [<option, ...>]`
 *
 * Reads the notation of tests/peer/peer.h. Without `win` a window is 65535.
 *
 * Returns: FALSE if `text` is not notation; ports and family are not set.
 */
gboolean segment_parse(const char *text, const SegmentBase *base,
                       Segment *ret_segment);

/**
 * segment_format:
 *
 * Returns: (transfer full): the notation of the kernel's segment.
 */
char *segment_format(const Segment *segment, const SegmentBase *base,
                     gboolean window);

#endif
