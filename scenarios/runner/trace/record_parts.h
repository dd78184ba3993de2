/* What the record's own files share: conversations, and packets as rows. */
#pragma once

#include "record.h"

/* -- record_conversation.c -- */

guint record_pair_hash(gconstpointer pair);
gboolean record_pair_equal(gconstpointer a, gconstpointer b);
guint record_address_hash(gconstpointer address);
gboolean record_address_equal(gconstpointer a, gconstpointer b);

/** record_host: the name of the node that owns `address`, or NULL. */
const char *record_host(Record *record, NetAddress address);

/** record_conversation_for: the newest of this pair in which `node` (nullable:
 * anybody) may speak for pair->local, made if there is none. `ret_end` is the
 * number of pair->local. */
RecordConversation *record_conversation_for(Record *record, const TcpPair *pair,
                                            const NetNode *node,
                                            unsigned *ret_end);

/** record_conversation_open: `pair->local` leaves CLOSED or LISTEN; a new
 * incarnation if that end was in use before. `irs` is what a passive opener
 * took from the SYN, 0 for an active one. `node` is where. */
RecordConversation *record_conversation_open(Record *record,
                                             const TcpPair *pair,
                                             const NetNode *node, bool passive,
                                             uint32_t irs, unsigned *ret_end);

/** record_conversation_number: fills in the packet's relative numbers and
 * window, and learns ISNs and window scales from it. */
void record_conversation_number(RecordPacket *packet);

/* -- record_known.c -- */

/** record_is_listener: `pair` has no remote end. */
bool record_is_listener(const TcpPair *pair);

/** record_knows: what `trace`, of `kind`, is about is recorded already. */
bool record_knows(const Record *record, unsigned kind, const void *trace);

/* -- record_packet.c -- */

/** record_packet_read: fills in what the frame's bytes and the packet's own
 * fields say; also finds its conversation. `node` (nullable) sent it. */
void record_packet_read(Record *record, RecordPacket *row,
                        const NetPacket *packet, const NetNode *node);
