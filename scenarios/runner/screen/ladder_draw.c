/* One ladder: its columns, then row after row. */
#include "ladder_draw.h"

#include <string.h>

#include "ladder_parts.h"

#define ROWS_MOST 200
#define NARROW 76 /* below: short names, fewer decimals */
#define WIDE 110  /* from here on there is a column for the reasons */

/* -- reasons -- */

static void finish_reasons(Ladder *it)
{
  while (it->whys->len) {
    ladder_start_line(it);
    ladder_end_line(it);
  }
}

static void extra_lines(Ladder *it, unsigned end, const char *text)
{
  ladder_start_line(it);
  ladder_text_block(it, end, STYLE_PLAIN, "", text);
}

static char *rule_text(const Ladder *it, TcpRule rule)
{
  if (it->verbose)
    return g_strdup_printf("%s [%s]", tcp_rule_sentence(rule),
                           tcp_rule_section(rule));
  return g_strdup(tcp_rule_sentence(rule));
}

/* Has the row above given the reason for which this packet was sent? */
static bool is_explained(const Ladder *it, const LadderRow *row)
{
  const LadderRow *before = it->before;

  return before && before->end == row->end &&
         (before->shape == LADDER_TIMER ||
          (before->shape == LADDER_VERDICT && before->rule == row->rule));
}

/* Why a packet's row is as it is: the loss, else the state that an end came
 * into, else why the packet was sent. NULL: there is nothing to say. */
static char *reason_of(const Ladder *it, const LadderRow *row)
{
  unsigned end = row->shape == LADDER_ARRIVES ? row->end : 1 - row->end;

  if (row->shape == LADDER_LOST)
    return row->packet->reason
               ? g_strdup_printf("lost: %s", row->packet->reason)
               : NULL;
  if (row->reasons[end])
    return rule_text(it, row->reasons[end]);
  if (row->reasons[1 - end])
    return rule_text(it, row->reasons[1 - end]);
  return row->rule && row->shape != LADDER_ARRIVES ? rule_text(it, row->rule)
                                                   : NULL;
}

static void explain_beside(Ladder *it, const LadderRow *row)
{
  g_autofree char *reason = reason_of(it, row);
  g_autofree char *clean = NULL;
  int width = (int)it->terminal->width - it->why;

  if (!reason)
    return;
  clean = terminal_clean(it->terminal, reason);
  g_ptr_array_unref(it->whys);
  it->whys = terminal_wrap(clean, (unsigned)width);
}

static void explain_below(Ladder *it, const LadderRow *row)
{
  const RecordPacket *packet = row->packet;
  bool arrives = row->shape == LADDER_ARRIVES;
  g_autofree char *sent = NULL;

  if (row->shape == LADDER_LOST && packet->reason) {
    g_autofree char *lost = g_strdup_printf("lost: %s", packet->reason);
    extra_lines(it, row->end, lost);
  }
  if (!arrives && row->rule && !is_explained(it, row) &&
      (it->verbose || packet->attempt || packet->segment.flags & TCP_RST)) {
    sent = rule_text(it, row->rule);
    extra_lines(it, row->end, sent);
  }
  for (unsigned end = 0; end < 2 && it->verbose; end++)
    if (row->reasons[end] && row->reasons[end] != row->rule) {
      g_autofree char *text = rule_text(it, row->reasons[end]);
      extra_lines(it, end, text);
    }
}

static void draw_packet(Ladder *it, const LadderRow *row)
{
  if (it->why)
    explain_beside(it, row);
  ladder_arrow(it, row);
  if (it->verbose && row->shape != LADDER_ARRIVES) {
    g_autofree char *detail = packet_detail(row->packet);

    if (detail)
      extra_lines(it, row->end, detail);
  }
  if (!it->why)
    explain_below(it, row);
}

/* -- what is not a packet -- */

static const char *ordinal_ending(uint32_t number)
{
  static const char *const endings[] = { "th", "st", "nd", "rd" };
  uint32_t last = number % 10;

  return last > 3 || number / 10 % 10 == 1 ? "th" : endings[last];
}

static char *timer_text(const Ladder *it, const LadderRow *row)
{
  GString *text = g_string_new(NULL);

  g_string_append_printf(text, "%s timer expired", row->text);
  if (row->since != SIM_TIME_NEVER) {
    g_autofree char *span =
        span_text(it->terminal, row->times[row->end] - row->since);
    g_string_append_printf(text, " after %s", span);
  }
  if (row->count > 1)
    g_string_append_printf(text, ", the %u%s time", row->count,
                           ordinal_ending(row->count));
  if ((it->verbose || (row->states[row->end] && !it->narrow)) && row->rule) {
    g_autofree char *rule = rule_text(it, row->rule);
    g_string_append_printf(text, ": %s", rule);
  }
  return g_string_free(text, FALSE);
}

static char *call_text(const LadderRow *row)
{
  GString *text = g_string_new(row->text);

  if (row->count)
    g_string_append_printf(text, " %u bytes", row->count);
  if (row->error)
    g_string_append_printf(text, ": %s, %s", tcp_error_name(row->error),
                           tcp_error_text(row->error));
  return g_string_free(text, FALSE);
}

static char *elided_text(const Ladder *it, const LadderRow *row)
{
  return g_strdup_printf("%s %u packet%s not shown; -v shows all",
                         it->glyphs->ellipsis, row->count,
                         row->count == 1 ? "" : "s");
}

/* A remark that concerns both hosts takes the whole width. */
static void draw_banner(Ladder *it, const LadderRow *row)
{
  g_autofree char *clean = terminal_clean(it->terminal, row->text);
  int column = it->time_width + 1 + (int)terminal_columns(it->glyphs->note) + 1;
  g_autoptr(GPtrArray) lines =
      terminal_wrap(clean, (unsigned)((int)it->terminal->width - column));

  ladder_put_time(it, 0, row->times[0]);
  canvas_text(it->canvas, it->time_width + 1, STYLE_NOTE, it->glyphs->note);
  for (guint i = 0; i < lines->len; i++) {
    canvas_text(it->canvas, column, STYLE_NOTE, lines->pdata[i]);
    ladder_end_line(it);
  }
}

static void draw_text(Ladder *it, const LadderRow *row)
{
  g_autofree char *text = NULL;
  TerminalStyle style = STYLE_PLAIN;
  const char *marker = "";

  switch (row->shape) {
  case LADDER_TIMER:
    text = timer_text(it, row);
    style = STYLE_WARN;
    marker = it->glyphs->clock;
    break;
  case LADDER_NOTE:
    text = g_strdup(row->text);
    style = STYLE_NOTE;
    marker = it->glyphs->note;
    break;
  case LADDER_CALL:
    text = call_text(row);
    style = row->error ? STYLE_BAD : STYLE_PLAIN;
    break;
  case LADDER_ELIDED:
    text = elided_text(it, row);
    break;
  default:
    text = rule_text(it, row->rule);
    break;
  }
  it->broken = row->shape == LADDER_ELIDED;
  ladder_start_line(it);
  ladder_put_ends(it, row);
  ladder_text_block(it, row->end, style, marker, text);
  it->broken = false;
}

/* -- rows -- */

static bool in_flight(const Ladder *it)
{
  for (unsigned begin = 0; begin < 2; begin++)
    for (unsigned lane = 0; lane < LADDER_LANES; lane++)
      if (it->taken[begin][lane])
        return true;
  return false;
}

/* A long time in which nothing happened is said, not left to be read off. */
static void draw_gap(Ladder *it, const LadderRow *row)
{
  SimTime time = MIN(row->times[0], row->times[1]);
  SimTime gap = time - it->shown;
  g_autofree char *span = NULL;

  if (it->shown == SIM_TIME_NEVER || time == SIM_TIME_NEVER ||
      row->shape == LADDER_ELIDED || gap <= it->span / 4 || in_flight(it))
    return;
  span = span_text(it->terminal, gap);
  it->broken = true;
  ladder_start_line(it);
  canvas_text(it->canvas,
              it->side[0] + 1 + (it->area - (int)terminal_columns(span)) / 2,
              STYLE_FAINT, span);
  ladder_end_line(it);
  it->broken = false;
}

static SimTime latest(const LadderRow *row)
{
  SimTime last = -1;

  for (unsigned end = 0; end < 2; end++)
    if (row->times[end] != SIM_TIME_NEVER)
      last = MAX(last, row->times[end]);
  return last;
}

static void draw_row(Ladder *it, const LadderRow *row)
{
  draw_gap(it, row);
  if (row->packet)
    draw_packet(it, row);
  else if (row->shape == LADDER_NOTE && row->end == LADDER_BOTH)
    draw_banner(it, row);
  else
    draw_text(it, row);
  finish_reasons(it);
  it->before = row;
  if (it->shown == SIM_TIME_NEVER || latest(row) > it->shown)
    it->shown = latest(row);
}

/* -- the columns -- */

static TcpState first_state(const GPtrArray *events, unsigned end)
{
  for (guint i = 0; i < events->len; i++) {
    const RecordEvent *event = events->pdata[i];

    if (event->kind == RECORD_STATE && event->end == end)
      return event->state->before;
  }
  return 0;
}

static void measure(Ladder *it, GArray *rows, const TcpState *first)
{
  SimTime last = 0, begin = SIM_TIME_NEVER;
  g_autofree char *text = NULL;

  for (guint i = 0; i < rows->len; i++) {
    const LadderRow *row = &g_array_index(rows, LadderRow, i);

    last = MAX(last, latest(row));
    begin = MIN(begin, MIN(row->times[0], row->times[1]));
    for (unsigned end = 0; end < 2; end++)
      if (row->states[end])
        it->state_width[end] =
            MAX(it->state_width[end],
                (int)strlen(ladder_state_text(it, row->states[end])));
  }
  for (unsigned end = 0; end < 2; end++)
    if (first[end])
      it->state_width[end] = MAX(
          it->state_width[end], (int)strlen(ladder_state_text(it, first[end])));
  it->span = begin == SIM_TIME_NEVER ? 0 : last - begin;
  it->scale = time_scale_for(last, it->verbose && it->terminal->width >= WIDE,
                             it->narrow);
  text = time_scale_format(it->scale, last);
  it->time_width = (int)strlen(text);
}

static void place(Ladder *it)
{
  int width = (int)it->terminal->width;
  int beside = 2 * it->time_width + it->state_width[0] + it->state_width[1] + 8;

  it->area = width - beside;
  if (width >= WIDE) {
    it->area = MIN(MAX(40, (width - beside) / 2), 60);
    it->why = beside + it->area + 2;
  }
  it->side[0] = it->time_width + 1 + it->state_width[0] + 1;
  it->side[1] = it->side[0] + 1 + it->area;
}

static void draw_heading(Ladder *it, const TcpState *first)
{
  const char *unit = time_scale_unit(it->scale, it->terminal);

  for (unsigned end = 0; end < 2; end++) {
    char label[300];
    g_autofree char *clean =
        terminal_clean(it->terminal, record_end_label(it->conversation, end,
                                                      label, sizeof label));
    g_autofree char *clipped =
        terminal_clip(it->terminal, clean, (unsigned)it->area);
    int columns = (int)terminal_columns(clipped);
    int column = it->side[end] - columns / 2;

    column = MIN(column, (int)it->terminal->width - columns);
    canvas_text(it->canvas, MAX(column, 0), STYLE_STRONG, clipped);
  }
  canvas_flush(it->canvas, it->out);
  ladder_start_line(it);
  canvas_text_right(it->canvas, it->time_width, STYLE_FAINT, unit);
  canvas_text_right(it->canvas,
                    it->side[1] + 3 + it->state_width[1] + it->time_width,
                    STYLE_FAINT, unit);
  for (unsigned end = 0; end < 2; end++)
    ladder_put_state(it, end, first[end]);
  ladder_end_line(it);
}

void ladder_draw(const GPtrArray *events,
                 const RecordConversation *conversation,
                 const Terminal *terminal, bool verbose, GString *out)
{
  g_autoptr(GArray) rows =
      ladder_rows(events, conversation, verbose ? 0 : ROWS_MOST, verbose);
  g_autoptr(Canvas) canvas = canvas_new(terminal);
  const TcpState first[2] = { first_state(events, 0), first_state(events, 1) };
  Ladder it = {
    .terminal = terminal,
    .glyphs = terminal_glyphs(terminal),
    .canvas = canvas,
    .out = out,
    .conversation = conversation,
    .verbose = verbose,
    .narrow = terminal->width < NARROW,
    .whys = g_ptr_array_new_with_free_func(g_free),
    .shown = SIM_TIME_NEVER,
  };

  measure(&it, rows, first);
  place(&it);
  draw_heading(&it, first);
  for (guint i = 0; i < rows->len; i++)
    draw_row(&it, &g_array_index(rows, LadderRow, i));
  g_ptr_array_unref(it.whys);
}
