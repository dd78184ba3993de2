/* A packet as an arrow between the hosts. */
#include "ladder_parts.h"

/* The line of an arrow, which crosses the lanes. */
static void put_flow(Ladder *it, int from, int to, TerminalStyle style)
{
  for (int column = MIN(from, to); column <= MAX(from, to); column++)
    canvas_char(it->canvas, column, style,
                ladder_is_lane(it, column) ? it->glyphs->crossing
                                           : it->glyphs->flow);
}

/* Where a label of `width` columns stands best between two columns: nearest
 * to where the arrow begins, beside the lanes if it can be. -1: no room. */
static int label_column(const Ladder *it, unsigned begin, int low, int high,
                        int width)
{
  int step = begin == 0 ? 1 : -1;
  int first = begin == 0 ? low : high - width;

  if (high - low < width)
    return -1;
  for (int at = first; at >= low && at + width <= high; at += step) {
    bool clear = true;

    for (int column = at; column < at + width; column++)
      clear = clear && !ladder_is_lane(it, column);
    if (clear)
      return at;
  }
  return first;
}

/* The longest way of writing `row`'s packet that fits on its arrow; where none
 * does, the shortest, in a line of its own above. Returns where to put it. */
static int place_label(Ladder *it, unsigned begin, const LadderRow *row,
                       int low, int high, char **ret_label)
{
  for (int form = it->narrow ? PACKET_SHORT : PACKET_WORDS;
       form <= PACKET_SHORT; form++) {
    int column, width;

    g_free(*ret_label);
    *ret_label = packet_label(it->terminal, row->packet, (PacketForm)form);
    width = (int)terminal_columns(*ret_label) + 2;
    column = label_column(it, begin, low, high, width);
    if (column < 0)
      column = label_column(it, begin, low - 1, high + 1, width);
    if (column >= 0)
      return column;
  }
  ladder_start_line(it);
  ladder_text_block(it, begin, packet_style(row->packet), "", *ret_label);
  return -1;
}

typedef struct Arrow {
  unsigned begin;       /* the end where the packet was sent */
  int from, to;         /* columns of its line, in its direction */
  bool leaves, heads;   /* touches the sender's line, the receiver's */
  gunichar start, stop; /* instead of the line's first, last; 0 */
  TerminalStyle stop_style;
  const char *after; /* text behind the stop, if there is room */
} Arrow;

static void arrow_lost(const Ladder *it, Arrow *arrow, int label)
{
  int length = MAX(it->area * 2 / 3, label + 8);
  int step = arrow->begin == 0 ? 1 : -1;

  arrow->to = it->side[arrow->begin] + step * MIN(length, it->area - 1);
  arrow->stop = it->glyphs->cross;
  arrow->stop_style = STYLE_BAD;
  arrow->after = "lost";
}

static void arrow_shape(const Ladder *it, const LadderRow *row, int label,
                        Arrow *arrow)
{
  unsigned begin = arrow->begin;
  int step = begin == 0 ? 1 : -1;
  int lane = row->lane ? ladder_lane_column(it, begin, row->lane) : -1;

  switch (row->shape) {
  case LADDER_LEAVES:
    arrow->heads = false;
    if (lane >= 0) {
      arrow->to = lane;
      arrow->stop = begin == 0 ? it->glyphs->right_down : it->glyphs->left_down;
    } else {
      arrow->to = it->side[1 - begin] - 6 * step;
      arrow->after = it->glyphs->ellipsis;
    }
    break;
  case LADDER_ARRIVES:
    arrow->leaves = false;
    if (lane >= 0) {
      arrow->from = lane;
      arrow->start =
          begin == 0 ? it->glyphs->down_right : it->glyphs->down_left;
    } else {
      arrow->from = it->side[1 - begin] - step * MIN(label + 6, it->area - 1);
    }
    break;
  case LADDER_LOST:
    arrow->heads = false;
    arrow_lost(it, arrow, label);
    break;
  case LADDER_PENDING:
    arrow->heads = false;
    arrow->to -= step * it->area / 4;
    arrow->after = it->glyphs->ellipsis;
    break;
  default:
    break;
  }
}

static void arrow_line(Ladder *it, const Arrow *arrow, TerminalStyle style)
{
  const TerminalGlyphs *glyphs = it->glyphs;
  int step = arrow->begin == 0 ? 1 : -1;

  put_flow(it, arrow->from, arrow->to, style);
  if (arrow->leaves)
    canvas_char(it->canvas, it->side[arrow->begin], style,
                step > 0 ? glyphs->leave_right : glyphs->leave_left);
  if (arrow->start)
    canvas_char(it->canvas, arrow->from, style, arrow->start);
  if (arrow->heads)
    canvas_char(it->canvas, arrow->to, style,
                step > 0 ? glyphs->head_right : glyphs->head_left);
  if (arrow->stop)
    canvas_char(it->canvas, arrow->to, arrow->stop_style, arrow->stop);
}

static void arrow_after(Ladder *it, const Arrow *arrow)
{
  int width = arrow->after ? (int)terminal_columns(arrow->after) : 0;

  if (!width)
    return;
  if (arrow->begin == 0 && arrow->to + 2 + width < it->side[1])
    canvas_text(it->canvas, arrow->to + 2, STYLE_FAINT, arrow->after);
  else if (arrow->begin == 1 && arrow->to - 2 - width > it->side[0])
    canvas_text_right(it->canvas, arrow->to - 1, STYLE_FAINT, arrow->after);
}

/* The label of an arrow that bends into a lane stands where it leaves. */
void ladder_arrow(Ladder *it, const LadderRow *row)
{
  bool labelled = row->shape != LADDER_ARRIVES || row->lane == 0;
  unsigned begin = row->shape == LADDER_ARRIVES ? 1 - row->end : row->end;
  int step = begin == 0 ? 1 : -1;
  TerminalStyle style = packet_style(row->packet);
  g_autofree char *label = packet_label(
      it->terminal, row->packet, it->narrow ? PACKET_SHORT : PACKET_PLAIN);
  int column = -1;
  Arrow arrow = {
    .begin = begin,
    .from = it->side[begin] + step,
    .to = it->side[1 - begin] - step,
    .leaves = true,
    .heads = true,
    .stop_style = style,
  };

  if (row->shape == LADDER_ARRIVES && row->lane)
    it->taken[begin][row->lane - 1] = false;
  arrow_shape(it, row, (int)terminal_columns(label), &arrow);
  if (labelled)
    column = place_label(it, begin, row, MIN(arrow.from, arrow.to) + 2,
                         MAX(arrow.from, arrow.to) - 1, &label);
  ladder_start_line(it);
  ladder_put_ends(it, row);
  arrow_line(it, &arrow, style);
  arrow_after(it, &arrow);
  if (column >= 0) {
    g_autofree char *spaced = g_strdup_printf(" %s ", label);
    canvas_text(it->canvas, column, style, spaced);
  }
  ladder_end_line(it);
  if (row->shape == LADDER_LEAVES && row->lane)
    it->taken[begin][row->lane - 1] = true;
}
