/* States as bars on one scale, which is broken where nothing happens. */
#include "text_timeline.h"

#include <string.h>

#include "canvas.h"
#include "packet_label.h"

#define CONVERSATIONS_MOST 8

/* Between two changes of state: how long, and how long it is drawn. */
typedef struct Span {
  SimTime from, to;
  double drawn;
  bool broken;
} Span;

typedef struct Timeline {
  const Terminal *terminal;
  const TerminalGlyphs *glyphs;
  Canvas *canvas;
  GString *out;
  const RecordConversation *conversation;
  GPtrArray *states[2]; /* of RecordState, in order */
  GArray *spans;        /* of Span, in order */
  double total;         /* of what is drawn */
  TimeScale scale;
  int left, width;   /* columns of the bars */
  unsigned initials; /* states that are written by their initials */
} Timeline;

static const char *const state_initials[TCP_STATES] = {
  [TCP_CLOSED] = "C",        [TCP_LISTEN] = "L",      [TCP_SYN_SENT] = "SS",
  [TCP_SYN_RECEIVED] = "SR", [TCP_ESTABLISHED] = "E", [TCP_FIN_WAIT_1] = "F1",
  [TCP_FIN_WAIT_2] = "F2",   [TCP_CLOSE_WAIT] = "CW", [TCP_CLOSING] = "CG",
  [TCP_LAST_ACK] = "LA",     [TCP_TIME_WAIT] = "TW",
};

/* -- the scale -- */

static int compare_times(gconstpointer a, gconstpointer b)
{
  SimTime x = *(const SimTime *)a, y = *(const SimTime *)b;

  return (x > y) - (x < y);
}

static void find_spans(Timeline *it)
{
  g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(SimTime));

  for (unsigned end = 0; end < 2; end++)
    for (guint i = 0; i < it->states[end]->len; i++) {
      const RecordState *state = it->states[end]->pdata[i];
      SimTime to = state->to == SIM_TIME_NEVER ? state->from : state->to;

      g_array_append_val(times, state->from);
      g_array_append_val(times, to);
    }
  g_array_sort(times, compare_times);
  for (guint i = 1; i < times->len; i++) {
    SimTime from = g_array_index(times, SimTime, i - 1);
    SimTime to = g_array_index(times, SimTime, i);
    Span span = { from, to, (double)(to - from), false };

    if (to > from)
      g_array_append_val(it->spans, span);
  }
}

/* The longest that is drawn in full, and the sum of the others. */
static Span *longest_whole(Timeline *it, double *ret_rest)
{
  Span *longest = NULL;

  *ret_rest = 0;
  for (guint i = 0; i < it->spans->len; i++) {
    Span *span = &g_array_index(it->spans, Span, i);

    if (span->broken)
      continue;
    *ret_rest += span->drawn;
    if (!longest || span->drawn > longest->drawn)
      longest = span;
  }
  if (longest)
    *ret_rest -= longest->drawn;
  return longest;
}

static void break_scale(Timeline *it)
{
  double rest;
  Span *longest = longest_whole(it, &rest);

  while (longest && rest > 0 && longest->drawn > 3 * rest) {
    longest->broken = true;
    longest = longest_whole(it, &rest);
  }
  if (longest)
    rest += longest->drawn;
  for (guint i = 0; i < it->spans->len; i++) {
    Span *span = &g_array_index(it->spans, Span, i);

    if (span->broken)
      span->drawn = rest * 0.4;
    it->total += span->drawn;
  }
}

static int column_of(const Timeline *it, SimTime time)
{
  double drawn = 0;

  for (guint i = 0; i < it->spans->len; i++) {
    const Span *span = &g_array_index(it->spans, Span, i);

    if (time <= span->from)
      break;
    drawn += span->drawn;
  }
  if (it->total <= 0)
    return it->left;
  return it->left + (int)(drawn / it->total * (it->width - 1) + 0.5);
}

/* -- the bars -- */

static bool has_break(const Timeline *it, const RecordState *state,
                      int *ret_column)
{
  for (guint i = 0; i < it->spans->len; i++) {
    const Span *span = &g_array_index(it->spans, Span, i);

    if (!span->broken || span->from < state->from || span->to > state->to)
      continue;
    *ret_column =
        (column_of(it, span->from) + 3 * column_of(it, span->to)) / 4;
    return true;
  }
  return false;
}

/* The longest name of `state` that fits into `room` columns. */
static char *bar_label(Timeline *it, const RecordState *state, bool broken,
                       int room)
{
  g_autofree char *span = span_text(it->terminal, state->to - state->from);
  char *timed = g_strdup_printf("%s %s ", tcp_state_name(state->state), span);
  const char *names[] = { tcp_state_name(state->state),
                          state_short(state->state) };

  if (broken && (int)terminal_columns(timed) <= room)
    return timed;
  g_free(timed);
  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    if ((int)strlen(names[i]) <= room)
      return g_strdup(names[i]);
  if ((int)strlen(state_initials[state->state]) > room)
    return NULL;
  it->initials |= 1u << state->state;
  return g_strdup(state_initials[state->state]);
}

static void draw_bar(Timeline *it, const RecordState *state)
{
  int from = column_of(it, state->from), to = column_of(it, state->to);
  int gap = to;
  bool broken = has_break(it, state, &gap);
  g_autofree char *label = NULL;

  if (state->state == TCP_CLOSED || state->to == SIM_TIME_NEVER)
    return;
  canvas_fill(it->canvas, from + 1, to, STYLE_FAINT, it->glyphs->flow);
  canvas_char(it->canvas, from, STYLE_STATE, it->glyphs->bar_end);
  canvas_char(it->canvas, to, STYLE_STATE,
              state->final ? it->glyphs->head_right : it->glyphs->bar_end);
  if (broken && to - from > 5)
    canvas_text(it->canvas, gap, STYLE_WARN, it->glyphs->gap);
  label = bar_label(it, state, broken, (broken ? gap : to) - from - 1);
  if (!label)
    label = bar_label(it, state, false, to - from - 1);
  if (label)
    canvas_text(it->canvas, from + 1, STYLE_STATE, label);
}

static void draw_lane(Timeline *it, unsigned end)
{
  char text[300];
  g_autofree char *clean = terminal_clean(
      it->terminal, record_end_label(it->conversation, end, text, sizeof text));
  g_autofree char *label =
      terminal_clip(it->terminal, clean, (unsigned)it->left - 1);

  canvas_text(it->canvas, 0, STYLE_STRONG, label);
  for (guint i = 0; i < it->states[end]->len; i++)
    draw_bar(it, it->states[end]->pdata[i]);
  canvas_flush(it->canvas, it->out);
}

/* -- the axis -- */

static bool is_free(const Timeline *it, int from, int to)
{
  for (int column = from; column < to; column++)
    if (canvas_at(it->canvas, column) != ' ')
      return false;
  return true;
}

static void draw_tick(Timeline *it, SimTime time, const char *unit)
{
  g_autofree char *number = time_scale_format(it->scale, time);
  g_autofree char *text = g_strconcat(number, *unit ? " " : "", unit, NULL);
  int width = (int)terminal_columns(text);
  int column = column_of(it, time);

  column = MIN(column, it->left + it->width - width);
  if (is_free(it, column - 2, column + width + 2))
    canvas_text(it->canvas, column, STYLE_FAINT, text);
}

static void draw_axis(Timeline *it)
{
  guint count = it->spans->len;

  if (count == 0)
    return;
  draw_tick(it, g_array_index(it->spans, Span, count - 1).to,
            time_scale_unit(it->scale, it->terminal));
  for (guint i = 0; i < count; i++)
    draw_tick(it, g_array_index(it->spans, Span, i).from, "");
  canvas_flush(it->canvas, it->out);
}

static void draw_initials(Timeline *it)
{
  g_autoptr(GString) text = g_string_new(NULL);

  for (unsigned state = 1; state < TCP_STATES; state++)
    if (it->initials & 1u << state)
      g_string_append_printf(text, "%s%s %s", text->len ? ", " : "",
                             state_initials[state],
                             tcp_state_name((TcpState)state));
  if (text->len) {
    g_autofree char *first = g_strnfill((gsize)it->left, ' ');
    terminal_paragraph(it->terminal, it->out, first, text->str, STYLE_FAINT);
  }
}

/* -- the whole -- */

static void measure(Timeline *it)
{
  int widest = 0;
  SimTime last = 0;

  for (unsigned end = 0; end < 2; end++) {
    char label[300];
    record_end_label(it->conversation, end, label, sizeof label);
    widest = MAX(widest, (int)g_utf8_strlen(label, -1));
  }
  it->left = MIN(widest, (int)it->terminal->width / 4) + 1;
  it->width = (int)it->terminal->width - it->left;
  find_spans(it);
  break_scale(it);
  if (it->spans->len)
    last = g_array_index(it->spans, Span, it->spans->len - 1).to;
  it->scale = time_scale_for(last, false, it->terminal->width < 76);
}

static void print_conversation(const RecordConversation *conversation,
                               GPtrArray *const *states,
                               const Terminal *terminal, GString *out)
{
  g_autoptr(Canvas) canvas = canvas_new(terminal);
  g_autoptr(GArray) spans = g_array_new(FALSE, FALSE, sizeof(Span));
  Timeline it = {
    .terminal = terminal,
    .glyphs = terminal_glyphs(terminal),
    .canvas = canvas,
    .out = out,
    .conversation = conversation,
    .states = { states[0], states[1] },
    .spans = spans,
  };

  if (states[0]->len == 0 && states[1]->len == 0)
    return;
  measure(&it);
  draw_lane(&it, 0);
  draw_lane(&it, 1);
  draw_axis(&it);
  draw_initials(&it);
  g_string_append_c(out, '\n');
}

void text_timeline_print(const Record *record, const Terminal *terminal,
                         bool verbose, GString *out)
{
  guint count = record->conversations->len;
  g_autoptr(GPtrArray) lanes =
      g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);

  if (!verbose)
    count = MIN(count, CONVERSATIONS_MOST);
  for (guint i = 0; i < 2 * count; i++)
    g_ptr_array_add(lanes, g_ptr_array_new());
  for (guint i = 0; i < record->states->len; i++) {
    RecordState *state = record->states->pdata[i];

    if (state->conversation->number <= count)
      g_ptr_array_add(
          lanes->pdata[2 * (state->conversation->number - 1) + state->end],
          state);
  }
  for (guint i = 0; i < count; i++)
    print_conversation(record->conversations->pdata[i],
                       (GPtrArray *const *)&lanes->pdata[2 * i], terminal, out);
}
