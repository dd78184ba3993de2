/* From the events of a conversation to the rows of its ladder.
 *
 * 1. collect: each event that concerns the conversation becomes a row; a
 *    change of state joins the row of the packet that caused it or that it
 *    sent.
 * 2. join: a packet's leaving and arriving become one row wherever no other
 *    row of either host would then be out of order.
 * 3. what is still apart gets a lane.
 */
#include "ladder_rows.h"

#include "packet_label.h"

typedef struct Collector {
  const RecordConversation *conversation;
  bool verbose;
  GArray *rows;
  GHashTable *arrivals; /* RecordPacket -> index of its arrival, + 1 */
  int last[2];          /* index of the last row of each end; -1 */
  SimTime started[2];   /* each end's retransmission timer, the last time */
  int64_t acked[2];     /* the highest acknowledgement that each end got */
} Collector;

static LadderRow *row_at(GArray *rows, guint index)
{
  return &g_array_index(rows, LadderRow, index);
}

static LadderRow *add_row(Collector *it, LadderShape shape, unsigned end,
                          SimTime time)
{
  LadderRow row = {
    .shape = shape,
    .end = end,
    .times = { SIM_TIME_NEVER, SIM_TIME_NEVER },
    .since = SIM_TIME_NEVER,
  };

  for (unsigned i = 0; i < 2; i++)
    if (end == i || end == LADDER_BOTH) {
      row.times[i] = time;
      it->last[i] = (int)it->rows->len;
    }
  g_array_append_val(it->rows, row);
  return row_at(it->rows, it->rows->len - 1);
}

/* The row that `end` added last, if that was at `time`. */
static LadderRow *row_just_added(Collector *it, unsigned end, SimTime time)
{
  LadderRow *row;

  if (it->last[end] < 0)
    return NULL;
  row = row_at(it->rows, (guint)it->last[end]);
  return row->times[end] == time ? row : NULL;
}

/* From which end: what is not TCP is told by its host. */
static unsigned end_of(const Collector *it, const RecordPacket *packet)
{
  if (packet->conversation)
    return packet->from_end;
  return g_strcmp0(packet->from, it->conversation->hosts[0]) == 0 ? 0 : 1;
}

static void collect_sent(Collector *it, const RecordEvent *event)
{
  const RecordPacket *packet = event->packet;
  unsigned end = end_of(it, packet);
  LadderRow *row = row_just_added(it, end, event->time);

  if (packet->duplicate && packet->fate == RECORD_DELIVERED)
    return; /* no host sent it: it only arrives */
  if (!row || row->shape != LADDER_STATE || row->caused)
    row = add_row(it, LADDER_LEAVES, end, event->time);
  row->shape = packet->fate == RECORD_DELIVERED ? LADDER_LEAVES
               : packet->fate == RECORD_DROPPED ? LADDER_LOST
                                                : LADDER_PENDING;
  row->packet = packet;
  row->rule = packet->rule;
  if (packet->conversation && packet->segment.length && !packet->injected)
    it->started[end] = event->time;
}

/* The timer is started anew by an acknowledgement of something new (RFC 6298
 * 5.3). */
static void collect_received(Collector *it, const RecordEvent *event)
{
  unsigned end = 1 - end_of(it, event->packet);
  LadderRow *row;

  if (g_hash_table_contains(it->arrivals, event->packet))
    return;
  if (event->packet->ack > it->acked[end]) {
    it->acked[end] = event->packet->ack;
    it->started[end] = event->time;
  }
  row = add_row(it, LADDER_ARRIVES, end, event->time);
  row->packet = event->packet;
  row->rule = event->packet->rule;
  g_hash_table_insert(it->arrivals, (gpointer)event->packet,
                      GUINT_TO_POINTER(it->rows->len));
}

/* The state that a segment led to says the same as its verdict. */
static void forget_verdict(Collector *it, unsigned end,
                           const RecordState *state)
{
  LadderRow *row = row_just_added(it, end, state->from);

  if (row && row->shape == LADDER_VERDICT && row->rule == state->rule)
    row->gone = true;
}

/* Can what `row` shows be what made its end change its state? */
static bool may_change_state(const LadderRow *row, unsigned end)
{
  return row->shape == LADDER_TIMER || row->shape == LADDER_CALL ||
         (row->packet && row->shape != LADDER_ARRIVES && row->end == end);
}

static void collect_state(Collector *it, const RecordEvent *event)
{
  const RecordState *state = event->state;
  unsigned end = state->end;
  LadderRow *row = NULL;
  guint arrival = 0;

  if (state->packet)
    arrival =
        GPOINTER_TO_UINT(g_hash_table_lookup(it->arrivals, state->packet));
  if (arrival)
    row = row_at(it->rows, arrival - 1);
  if (!row) {
    row = row_just_added(it, end, event->time);
    if (row && !may_change_state(row, end))
      row = NULL;
  }
  if (!row || row->states[end]) {
    row = add_row(it, LADDER_STATE, end, event->time);
    row->rule = state->rule;
    row->caused = arrival != 0;
  }
  row->states[end] = state->state;
  row->reasons[end] = state->rule;
  forget_verdict(it, end, state);
}

static void collect_timer(Collector *it, const RecordEvent *event)
{
  LadderRow *row;

  if (!it->verbose && g_str_has_prefix(event->text, "delayed"))
    return;
  row = add_row(it, LADDER_TIMER, event->end, event->time);
  row->text = event->text;
  row->rule = event->rule;
  row->count = event->count;
  if (g_str_equal(event->text, "retransmission"))
    row->since = it->started[event->end];
}

static void collect_call(Collector *it, const RecordEvent *event)
{
  LadderRow *row;

  if (!it->verbose && (event->error == TCP_OK || event->error == TCP_EAGAIN))
    return;
  row = add_row(it, LADDER_CALL, event->end, event->time);
  row->text = event->text;
  row->error = event->error;
  row->count = event->count;
}

/* A packet that leaves for this reason says it itself. */
static bool answers_by(const LadderRow *row, TcpRule rule)
{
  return row->packet && row->shape != LADDER_ARRIVES && row->rule == rule;
}

static void collect_verdict(Collector *it, const RecordEvent *event)
{
  unsigned end = 1 - end_of(it, event->packet);
  LadderRow *row = row_just_added(it, end, event->time);

  if (!it->verbose && event->rule == TCP_RULE_TAKEN)
    return;
  if (row && (row->reasons[end] == event->rule || answers_by(row, event->rule)))
    return;
  row = add_row(it, LADDER_VERDICT, end, event->time);
  row->rule = event->rule;
}

static void collect_note(Collector *it, const RecordEvent *event)
{
  unsigned end = LADDER_BOTH;

  for (unsigned i = 0; event->host && i < 2; i++)
    if (g_str_equal(event->host, it->conversation->hosts[i]))
      end = i;
  add_row(it, LADDER_NOTE, end, event->time)->text = event->text;
}

static void collect(Collector *it, const RecordEvent *event)
{
  switch (event->kind) {
  case RECORD_SENT:
    collect_sent(it, event);
    break;
  case RECORD_RECEIVED:
    collect_received(it, event);
    break;
  case RECORD_VERDICT:
    collect_verdict(it, event);
    break;
  case RECORD_STATE:
    collect_state(it, event);
    break;
  case RECORD_TIMER:
    collect_timer(it, event);
    break;
  case RECORD_CALL:
    collect_call(it, event);
    break;
  case RECORD_NOTE:
    collect_note(it, event);
    break;
  case RECORD_ALERT:
    if (event->count)
      collect_note(it, event);
    break;
  case RECORD_LOST:
  case RECORD_MARKED:
    break;
  }
}

/* -- 2. joining -- */

static bool touches(const LadderRow *row, unsigned end)
{
  return !row->gone && row->times[end] != SIM_TIME_NEVER;
}

static bool nothing_between(GArray *rows, guint from, guint to, unsigned end)
{
  for (guint i = from + 1; i < to; i++)
    if (touches(row_at(rows, i), end))
      return false;
  return true;
}

/* `other` becomes part of `row`; together they are the whole arrow. */
static void merge(LadderRow *row, LadderRow *other)
{
  unsigned begin = row->shape == LADDER_LEAVES ? row->end : 1 - row->end;

  for (unsigned i = 0; i < 2; i++) {
    if (row->times[i] == SIM_TIME_NEVER)
      row->times[i] = other->times[i];
    if (!row->states[i]) {
      row->states[i] = other->states[i];
      row->reasons[i] = other->reasons[i];
    }
  }
  row->shape = LADDER_ARROW;
  row->end = begin;
  other->gone = true;
}

static guint arrival_of(GHashTable *arrivals, const LadderRow *row)
{
  return GPOINTER_TO_UINT(g_hash_table_lookup(arrivals, row->packet));
}

/* Segments without data that open or end a connection and cross each other
 * are what the picture is about: neither is drawn as if it came first. */
static bool is_control(const LadderRow *row)
{
  return row->packet->payload == 0 &&
         row->packet->segment.flags & (TCP_SYN | TCP_FIN | TCP_RST);
}

static bool crosses_control(GArray *rows, GHashTable *arrivals, guint index)
{
  const LadderRow *row = row_at(rows, index);
  guint arrival = arrival_of(arrivals, row) - 1;
  guint low = index > 400 ? index - 400 : 0;

  if (!is_control(row))
    return false;
  for (guint i = low; i < arrival; i++) {
    const LadderRow *other = row_at(rows, i);
    guint end;

    if (other->shape != LADDER_LEAVES || other->end == row->end ||
        !is_control(other))
      continue;
    end = arrival_of(arrivals, other);
    if (end && end - 1 > index)
      return true;
  }
  return false;
}

static void mark_crossings(GArray *rows, GHashTable *arrivals, bool *apart)
{
  for (guint i = 0; i < rows->len; i++)
    if (row_at(rows, i)->shape == LADDER_LEAVES)
      apart[i] = !arrival_of(arrivals, row_at(rows, i)) ||
                 crosses_control(rows, arrivals, i);
}

static bool join_upwards(GArray *rows, GHashTable *arrivals, const bool *apart)
{
  bool joined = false;

  for (guint i = 0; i < rows->len; i++) {
    LadderRow *row = row_at(rows, i);
    guint arrival;

    if (row->gone || row->shape != LADDER_LEAVES || apart[i])
      continue;
    arrival = arrival_of(arrivals, row) - 1;
    if (!nothing_between(rows, i, arrival, 1 - row->end))
      continue;
    merge(row, row_at(rows, arrival));
    joined = true;
  }
  return joined;
}

static bool join_downwards(GArray *rows, GHashTable *arrivals,
                           const bool *apart)
{
  bool joined = false;

  for (guint i = rows->len; i-- > 0;) {
    LadderRow *row = row_at(rows, i);
    guint arrival;

    if (row->gone || row->shape != LADDER_LEAVES || apart[i])
      continue;
    arrival = arrival_of(arrivals, row) - 1;
    if (!nothing_between(rows, i, arrival, row->end))
      continue;
    merge(row_at(rows, arrival), row);
    joined = true;
  }
  return joined;
}

static void join(GArray *rows)
{
  g_autoptr(GHashTable) arrivals = g_hash_table_new(NULL, NULL);
  g_autofree bool *apart = g_new0(bool, rows->len + 1);

  for (guint i = 0; i < rows->len; i++)
    if (row_at(rows, i)->shape == LADDER_ARRIVES)
      g_hash_table_insert(arrivals, (gpointer)row_at(rows, i)->packet,
                          GUINT_TO_POINTER(i + 1));
  mark_crossings(rows, arrivals, apart);
  while (join_upwards(rows, arrivals, apart) ||
         join_downwards(rows, arrivals, apart))
    continue;
}

/* -- 3. lanes -- */

static void drop_gone(GArray *rows)
{
  guint kept = 0;

  for (guint i = 0; i < rows->len; i++)
    if (!row_at(rows, i)->gone)
      *row_at(rows, kept++) = *row_at(rows, i);
  g_array_set_size(rows, kept);
}

static void give_lanes(GArray *rows)
{
  const RecordPacket *lanes[2][LADDER_LANES] = { { NULL } };

  for (guint i = 0; i < rows->len; i++) {
    LadderRow *row = row_at(rows, i);
    bool leaves = row->shape == LADDER_LEAVES;
    unsigned begin = leaves ? row->end : 1 - row->end;
    const RecordPacket *wanted = leaves ? NULL : row->packet;

    if (!leaves && row->shape != LADDER_ARRIVES)
      continue;
    for (unsigned lane = 0; lane < LADDER_LANES && !row->lane; lane++)
      if (lanes[begin][lane] == wanted) {
        row->lane = lane + 1;
        lanes[begin][lane] = leaves ? row->packet : NULL;
      }
  }
}

/* -- the whole -- */

static void elide(GArray *rows, guint most)
{
  LadderRow elided = { .shape = LADDER_ELIDED, .end = LADDER_BOTH };
  guint from = most, to;

  if (most == 0 || rows->len <= 2 * most + 1)
    return;
  to = rows->len - most;
  for (guint i = from; i < to; i++)
    if (row_at(rows, i)->packet && row_at(rows, i)->shape != LADDER_ARRIVES)
      elided.count++;
  for (unsigned i = 0; i < 2; i++)
    elided.times[i] =
        MIN(row_at(rows, from)->times[0], row_at(rows, from)->times[1]);
  *row_at(rows, from) = elided;
  g_array_remove_range(rows, from + 1, to - from - 1);
}

GArray *ladder_rows(const GPtrArray *events,
                    const RecordConversation *conversation, unsigned most,
                    bool verbose)
{
  Collector it = {
    .conversation = conversation,
    .verbose = verbose,
    .rows = g_array_new(FALSE, FALSE, sizeof(LadderRow)),
    .arrivals = g_hash_table_new(NULL, NULL),
    .last = { -1, -1 },
    .started = { SIM_TIME_NEVER, SIM_TIME_NEVER },
  };

  for (guint i = 0; i < events->len; i++)
    collect(&it, events->pdata[i]);
  g_hash_table_unref(it.arrivals);
  elide(it.rows, most);
  join(it.rows);
  drop_gone(it.rows);
  give_lanes(it.rows);
  return it.rows;
}
