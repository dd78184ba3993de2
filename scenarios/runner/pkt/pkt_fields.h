/* Packets as texts, field by field: what is compared is what is shown.
 *
 * A field that a script's packet does not state is empty on both sides. */
#pragma once

#include "pkt_run.h"

enum { PKT_WIDTH = 80 }; /* columns of what is told */

enum {
  PKT_FIELD_OUTER, /* headers around it */
  PKT_FIELD_TOS,
  PKT_FIELD_TTL,
  PKT_FIELD_PORTS,
  PKT_FIELD_KIND, /* flags, udp, icmp with type and code */
  PKT_FIELD_SEQ,
  PKT_FIELD_ACK,
  PKT_FIELD_WIN,
  PKT_FIELD_URG,
  PKT_FIELD_OPTIONS,
  PKT_FIELD_IN_UDP,
  PKT_FIELDS,
};

typedef struct PktFields {
  GString *text[PKT_FIELDS];
} PktFields;

/** pkt_fields_of: those of a script's packet; pkt_fields_sent: of what the
 * host sent, in the script's numbers, as far as `packet` states them. `last`:
 * the last segment of an aggregate, else `sent` itself. */
void pkt_fields_of(PktFields *ret, const PktPacket *packet);
void pkt_fields_sent(PktFields *ret, PktRun *it, const PktPacket *packet,
                     const PktSent *sent, const PktSent *last, uint32_t length);
void pkt_fields_clear(PktFields *fields);

/** pkt_fields_equal: nothing differs. */
bool pkt_fields_equal(const PktFields *a, const PktFields *b);

/** pkt_fields_compare: appends both as lines, one above the other, and a third
 * that marks what differs. */
void pkt_fields_compare(const PktFields *script, const PktFields *actual,
                        GString *out);

/** pkt_fields_join: one line. */
void pkt_fields_join(const PktFields *fields, GString *out);
