/* Where the user's writes end, while that matters: PSH behind each of them,
 * and records (MSG_EOR) that no segment may join with what follows.
 *
 * Invariant: in order of sequence numbers, all behind SND.UNA.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct TcpMark {
  uint32_t end; /* the number behind the last byte */
  bool push;
  bool record;
} TcpMark;

typedef struct TcpMarks {
  TcpMark *items;
  uint32_t count, room;
} TcpMarks;

/** tcp_marks_add: a write ends at `end`, at or behind all before it. The first
 * makes `*marks`. */
void tcp_marks_add(TcpMarks **marks, uint32_t end, bool push, bool record);

/** tcp_marks_limit: how far a segment from `left` may go, at most to `right`.
 * `marks` is nullable, here and below. */
uint32_t tcp_marks_limit(const TcpMarks *marks, uint32_t left, uint32_t right);

/** tcp_marks_push: does a write end within (left, right]? */
bool tcp_marks_push(const TcpMarks *marks, uint32_t left, uint32_t right);

/** tcp_marks_trim: what ends at or before `una` is acknowledged; with the last
 * mark `*marks` is freed. */
void tcp_marks_trim(TcpMarks **marks, uint32_t una);

/** tcp_marks_free: `*marks` is NULL then. */
void tcp_marks_free(TcpMarks **marks);
