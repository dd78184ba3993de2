/* Where writes end: a short array in order; most connections have none. */
#include "marks.h"

#include <glib.h>
#include <string.h>

#include "seq.h"

void tcp_marks_add(TcpMarks **marks, uint32_t end, bool push, bool record)
{
  TcpMarks *it = *marks;

  if (!it)
    it = *marks = g_new0(TcpMarks, 1);
  if (it->count > 0 && it->items[it->count - 1].end == end) {
    it->items[it->count - 1].push |= push;
    it->items[it->count - 1].record |= record;
    return;
  }
  if (it->count == it->room) {
    it->room = it->room ? 2 * it->room : 4;
    it->items = g_renew(TcpMark, it->items, it->room);
  }
  it->items[it->count++] = (TcpMark){ end, push, record };
}

uint32_t tcp_marks_limit(const TcpMarks *marks, uint32_t left, uint32_t right)
{
  for (uint32_t i = 0; marks && i < marks->count; i++) {
    const TcpMark *mark = &marks->items[i];

    if (seq_geq(mark->end, right))
      break;
    if (mark->record && seq_gt(mark->end, left))
      return mark->end;
  }
  return right;
}

bool tcp_marks_push(const TcpMarks *marks, uint32_t left, uint32_t right)
{
  for (uint32_t i = 0; marks && i < marks->count; i++) {
    const TcpMark *mark = &marks->items[i];

    if (seq_gt(mark->end, right))
      break;
    if (mark->push && seq_gt(mark->end, left))
      return true;
  }
  return false;
}

void tcp_marks_trim(TcpMarks **marks, uint32_t una)
{
  TcpMarks *it = *marks;
  uint32_t gone = 0;

  if (!it)
    return;
  while (gone < it->count && seq_leq(it->items[gone].end, una))
    gone++;
  it->count -= gone;
  if (it->count == 0)
    tcp_marks_free(marks);
  else
    memmove(it->items, it->items + gone, it->count * sizeof *it->items);
}

void tcp_marks_free(TcpMarks **marks)
{
  if (*marks)
    g_free((*marks)->items);
  g_clear_pointer(marks, g_free);
}
