/* The lines of a ladder: the hosts' columns and what stands beside them. */
#include "ladder_parts.h"

/* -- lines -- */

const char *ladder_state_text(const Ladder *it, TcpState state)
{
  return it->narrow ? state_short(state) : tcp_state_name(state);
}

int ladder_lane_column(const Ladder *it, unsigned begin, unsigned lane)
{
  int distance = 4 + 3 * ((int)lane - 1);

  return begin == 0 ? it->side[1] - distance : it->side[0] + distance;
}

bool ladder_is_lane(const Ladder *it, int column)
{
  for (unsigned begin = 0; begin < 2; begin++)
    for (unsigned lane = 1; lane <= LADDER_LANES; lane++)
      if (it->taken[begin][lane - 1] &&
          ladder_lane_column(it, begin, lane) == column)
        return true;
  return false;
}

void ladder_start_line(Ladder *it)
{
  gunichar line = it->broken ? it->glyphs->broken : it->glyphs->line;

  for (unsigned i = 0; i < 2; i++)
    canvas_char(it->canvas, it->side[i], STYLE_PLAIN, line);
  for (int column = it->side[0] + 1; column < it->side[1]; column++)
    if (ladder_is_lane(it, column))
      canvas_char(it->canvas, column, STYLE_PLAIN, line);
}

void ladder_end_line(Ladder *it)
{
  if (it->whys->len) {
    canvas_text(it->canvas, it->why, STYLE_FAINT, it->whys->pdata[0]);
    g_ptr_array_remove_index(it->whys, 0);
  }
  canvas_flush(it->canvas, it->out);
}

/* -- text between the hosts -- */

/* Lines of text beside the host whose end it is: at the right edge for the
 * right one. The caller has started the first line. */
void ladder_text_block(Ladder *it, unsigned end, TerminalStyle style,
                       const char *marker, const char *text)
{
  g_autofree char *clean = terminal_clean(it->terminal, text);
  int indent = *marker ? (int)terminal_columns(marker) + 1 : 0;
  g_autoptr(GPtrArray) lines =
      terminal_wrap(clean, (unsigned)(it->area - 2 - indent));
  int column = it->side[0] + 2;
  int widest = 0;

  for (guint i = 0; i < lines->len; i++)
    widest = MAX(widest, (int)terminal_columns(lines->pdata[i]));
  if (end == 1)
    column = it->side[1] - 1 - indent - widest;
  for (guint i = 0; i < lines->len; i++) {
    if (i == 0)
      canvas_text(it->canvas, column, style, marker);
    else
      ladder_start_line(it);
    canvas_text(it->canvas, column + indent, style, lines->pdata[i]);
    ladder_end_line(it);
  }
  if (lines->len == 0)
    ladder_end_line(it);
}

/* -- the ends of a row -- */

void ladder_put_time(Ladder *it, unsigned end, SimTime time)
{
  g_autofree char *text = NULL;
  int column = it->time_width;

  if (time == SIM_TIME_NEVER)
    return;
  if (end == 1)
    column = it->side[1] + 2 + it->state_width[1] + 1 + it->time_width;
  text = time_scale_format(it->scale, time);
  canvas_text_right(it->canvas, column, STYLE_PLAIN, text);
}

void ladder_put_state(Ladder *it, unsigned end, TcpState state)
{
  const char *text;

  if (!state)
    return;
  text = ladder_state_text(it, state);
  if (end == 0)
    canvas_text_right(it->canvas, it->side[0] - 1, STYLE_STATE, text);
  else
    canvas_text(it->canvas, it->side[1] + 2, STYLE_STATE, text);
}

void ladder_put_ends(Ladder *it, const LadderRow *row)
{
  for (unsigned end = 0; end < 2; end++) {
    if (row->end != LADDER_BOTH || end == 0)
      ladder_put_time(it, end, row->times[end]);
    ladder_put_state(it, end, row->states[end]);
  }
}
