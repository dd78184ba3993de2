#ifndef LINGER_MEASURE_NOTATION_H
#define LINGER_MEASURE_NOTATION_H

#include <glib.h>
#include <stdint.h>
#include <stdio.h>

/*
 * What a TCP answers to one segment, as tables and as text.
 *
 * A table holds one outcome for each combination of flags, position of SEQ
 * and position of ACK. In the text, flag sets with the same outcomes share an
 * entry, positions with the same outcome share a line, and conditions with the
 * same table share a heading:
 *
 *     ## ESTAB, ESTAB/data payload 1 ts new
 *
 *     - **R PR UR UPR**
 *       - seq nxt: `- =>CLOSED !ECONNRESET`
 *       - seq!=nxt: `-`
 *
 * Outcomes are interned strings: equal text is an equal pointer.
 */

enum {
  ANSWERS_FLAG_SETS = 64, /* U A P R S F as in the TCP header */
  ANSWERS_POSITIONS = 5,  /* of SEQ, and of ACK */
};

typedef enum {
  ANSWERS_AT_NEXT, /* SEQ at nxt +10 -1 -1000 right */
  ANSWERS_AT_EDGE, /* SEQ at edge-100 edge-99 edge-1 edge edge+1 */
  ANSWERS_AT_COUNT
} AnswersAt;

typedef enum {
  ANSWERS_TS_NONE,   /* not negotiated */
  ANSWERS_TS_NEW,    /* negotiated; TSval is newer than the last one */
  ANSWERS_TS_OLD,    /* negotiated; TSval is older than the last one */
  ANSWERS_TS_ABSENT, /* negotiated; the segment carries none */
  ANSWERS_TS_COUNT
} AnswersTimestamps;

/* One state under one condition. Without the ACK flag only the first position
 * of ACK is used. A NULL cell was neither read nor measured. */
typedef struct {
  char *state;
  uint32_t payload_bytes;
  AnswersTimestamps timestamps;
  AnswersAt at;
  const char *cells[ANSWERS_FLAG_SETS][ANSWERS_POSITIONS][ANSWERS_POSITIONS];
} AnswersTable;

extern const char *const answers_timestamps_names[ANSWERS_TS_COUNT];
extern const char *const answers_at_names[ANSWERS_AT_COUNT];

/**
 * answers_table_new:
 * @state: the state variant's name, copied
 *
 * Returns: (transfer full): a table with no cell filled in.
 */
AnswersTable *answers_table_new(const char *state, uint32_t payload_bytes,
                                AnswersTimestamps timestamps, AnswersAt at);
void answers_table_free(AnswersTable *table);

/**
 * answers_ack_positions:
 *
 * Returns: how many positions of ACK a segment with `flags` can have.
 */
int answers_ack_positions(int flags);

/**
 * answers_flags_name:
 *
 * Appends the flags as letters in the order U A P R S F, `0` for none.
 */
void answers_flags_name(GString *text, int flags);

/**
 * answers_title:
 *
 * Returns: (transfer full): what stands for the table in a heading.
 */
char *answers_title(const AnswersTable *table);

/**
 * answers_cell_name:
 *
 * Returns: (transfer full): `FLAGS, seq X[, ack Y]` of one cell.
 */
char *answers_cell_name(const AnswersTable *table, int flags, int seq, int ack);

/**
 * answers_write:
 * @tables: (element-type AnswersTable): complete tables
 *
 * Writes the tables as text, in their order.
 */
void answers_write(FILE *file, const GPtrArray *tables);

/**
 * answers_read:
 * @text: the text of a file in this notation; what stands before the first
 *   `## ` is prose
 *
 * Returns: (transfer full) (element-type AnswersTable) (nullable): one table
 * for each name in each heading, or %NULL with `error` set.
 */
GPtrArray *answers_read(const char *text, GError **error);

#endif
