/* The record's listener: from what the models tell to rows and events.
 *
 * Invariant: every pointer in an event is to something that the record owns;
 * `current` is the packet whose processing is going on at `current_node`, so
 * that what happens there now happened because of it.
 */
#include <string.h>

#include "box.h"
#include "host.h"
#include "record_parts.h"

#define BIT(kind) (UINT64_C(1) << (kind))
#define LISTENED                                                            \
  (BIT(NET_TRACE_SENT) | BIT(NET_TRACE_RECEIVED) | BIT(NET_TRACE_DROPPED) | \
   BIT(NET_TRACE_DUPLICATED) | BIT(NET_TRACE_DELIVERED) |                   \
   BIT(NET_TRACE_MARKED) | BIT(NET_TRACE_ALERT) | BIT(TCP_TRACE_STATE) |    \
   BIT(TCP_TRACE_SEGMENT) | BIT(TCP_TRACE_CALL) | BIT(TCP_TRACE_TIMER) |    \
   BIT(TCP_TRACE_TURN))

static const char *keep(Record *record, const char *text)
{
  return text ? g_string_chunk_insert_const(record->text, text) : NULL;
}

static void append(Record *record, RecordEvent event)
{
  RecordEvent *copy = g_memdup2(&event, sizeof event);

  copy->time = record->run->sim->now;
  g_ptr_array_add(record->events, copy);
  if (record->observer)
    record->observer(record->observer_user, copy);
}

/* -- packets -- */

static void add_id(Record *record, uint64_t id, RecordPacket *row)
{
  g_hash_table_insert(record->packet_by_id, g_memdup2(&id, sizeof id), row);
}

RecordPacket *record_packet(const Record *record, uint64_t id)
{
  return g_hash_table_lookup(record->packet_by_id, &id);
}

static void append_packet(Record *record, RecordKind kind, RecordPacket *row,
                          const char *host)
{
  append(record, (RecordEvent){ .kind = kind,
                                .packet = row,
                                .conversation = row->conversation,
                                .end = row->from_end,
                                .host = host });
}

static RecordPacket *row_new(Record *record, const NetTracePacket *trace)
{
  RecordPacket *row = g_new0(RecordPacket, 1);

  g_ptr_array_add(record->packets, row);
  row->number = record->packets->len;
  row->sent = record->run->sim->now;
  row->received = row->gone = SIM_TIME_NEVER;
  row->copies = 1;
  record_packet_read(record, row, trace->packet, trace->node);
  add_id(record, row->id, row);
  if (!row->duplicate && trace->node && (!row->injected || !row->from))
    row->from = keep(record, trace->node->name);
  append_packet(record, RECORD_SENT, row, row->from);
  return row;
}

/* The row of a packet, made when it is first heard of. A copy that is no
 * duplicate was made by a switch, to flood: it shares the original's row. */
static RecordPacket *row_of(Record *record, const NetTracePacket *trace)
{
  const NetPacket *packet = trace->packet;
  RecordPacket *row = record_packet(record, packet->id);

  if (!row && packet->origin != packet->id &&
      !(packet->flags & NET_PACKET_DUPLICATE)) {
    row = record_packet(record, packet->origin);
    if (row) {
      row->copies++;
      add_id(record, packet->id, row);
    }
  }
  if (!row)
    row = row_new(record, trace);
  if (packet->flags & NET_PACKET_DAMAGED)
    row->damaged = true;
  if (packet->flags & NET_PACKET_MARKED)
    row->marked = true;
  return row;
}

static void on_delivered(Record *record, const NetTracePacket *trace)
{
  RecordPacket *row = row_of(record, trace);

  record->current = row;
  record->current_node = trace->node;
  if (row->fate == RECORD_DELIVERED)
    return;
  row->fate = RECORD_DELIVERED;
  row->received = record->run->sim->now;
  row->gone = SIM_TIME_NEVER;
  if (trace->node)
    row->to = keep(record, trace->node->name);
  append_packet(record, RECORD_RECEIVED, row, row->to);
}

/* Other than IP, nothing above the NIC says that it came. */
static void on_received(Record *record, const NetTracePacket *trace)
{
  RecordPacket *row = row_of(record, trace);
  bool last = trace->node && trace->node->kind != NET_SWITCH;

  if (last && strcmp(row->protocol, "arp") == 0)
    on_delivered(record, trace);
}

static void on_dropped(Record *record, const NetTracePacket *trace)
{
  RecordPacket *row = row_of(record, trace);

  if (row->copies > 0)
    row->copies--;
  if (row->fate == RECORD_DELIVERED || row->copies > 0)
    return;
  row->fate = RECORD_DROPPED;
  row->gone = record->run->sim->now;
  row->drop_rule = keep(record, trace->rule);
  row->reason = keep(record, trace->reason);
  append_packet(record, RECORD_LOST, row,
                trace->node ? keep(record, trace->node->name) : NULL);
}

/* A queue may mark a packet that nobody has sent yet; its row will know. */
static void on_marked(Record *record, const NetTracePacket *trace)
{
  RecordPacket *row = record_packet(record, trace->packet->id);
  RecordEvent event = { .kind = RECORD_MARKED,
                        .packet = row,
                        .text = keep(record, trace->reason),
                        .id = keep(record, trace->rule) };

  if (trace->node)
    event.host = keep(record, trace->node->name);
  if (row) {
    row->marked = true;
    event.conversation = row->conversation;
    event.end = row->from_end;
  }
  append(record, event);
}

static void on_alert(Record *record, const NetTraceAlert *alert)
{
  append(record,
         (RecordEvent){ .kind = RECORD_ALERT,
                        .host = keep(record, alert->node->name),
                        .text = keep(record, alert->text),
                        .id = keep(record, alert->rule),
                        .count = alert->remark,
                        .packet = alert->packet
                                      ? record_packet(record, alert->packet->id)
                                      : NULL });
}

/* -- TCP -- */

static const NetNode *stack_node(const TcpStack *stack)
{
  return net_host_node(tcp_stack_host(stack));
}

static const char *stack_host(Record *record, const TcpStack *stack)
{
  return keep(record, stack_node(stack)->name);
}

static RecordPacket *cause_at(const Record *record, const TcpStack *stack)
{
  return record->current_node == stack_node(stack) ? record->current : NULL;
}

static void leave_state(RecordConversation *it, unsigned end, SimTime now)
{
  if (it->open[end] && it->open[end]->state != TCP_CLOSED)
    it->open[end]->to = now;
  it->open[end] = NULL;
}

static RecordState *enter_state(Record *record, RecordConversation *it,
                                unsigned end, const TcpTraceState *trace)
{
  RecordState *state = g_new0(RecordState, 1);
  SimTime now = record->run->sim->now;

  leave_state(it, end, now);
  *state = (RecordState){
    .conversation = it,
    .end = end,
    .host = stack_host(record, trace->stack),
    .state = trace->to,
    .before = trace->from,
    .from = now,
    .to = trace->to == TCP_CLOSED ? now : SIM_TIME_NEVER,
    .rule = trace->rule,
    .packet = cause_at(record, trace->stack),
  };
  it->hosts[end] = state->host;
  it->state[end] = trace->to;
  it->open[end] = state;
  g_ptr_array_add(record->states, state);
  return state;
}

/* The SYN that opened a new incarnation was taken for the old one's when it
 * was sent. */
static void adopt(RecordPacket *packet, RecordConversation *it,
                  const TcpTraceState *trace)
{
  if (!packet || packet->conversation == it || packet->malformed ||
      !(packet->segment.flags & TCP_SYN) || packet->segment.seq != trace->irs)
    return;
  packet->conversation = it;
  packet->from_end =
      it->ends[0].port != packet->segment.source_port ||
      !net_address_equal(it->ends[0].address, trace->pair->remote.address);
  record_conversation_number(packet);
}

static void on_state(Record *record, const TcpTraceState *trace)
{
  bool opening = (trace->from == TCP_CLOSED || trace->from == TCP_LISTEN) &&
                 trace->to != TCP_CLOSED;
  RecordPacket *packet = cause_at(record, trace->stack);
  const NetNode *node = stack_node(trace->stack);
  RecordConversation *it;
  RecordState *state;
  unsigned end = 0;

  if (record_is_listener(trace->pair))
    return;
  if (opening)
    it = record_conversation_open(record, trace->pair, node,
                                  trace->to == TCP_SYN_RECEIVED, trace->irs,
                                  &end);
  else
    it = record_conversation(record, trace->pair, node, &end);
  if (!it)
    it = record_conversation_for(record, trace->pair, node, &end);
  if (opening)
    adopt(packet, it, trace);
  state = enter_state(record, it, end, trace);
  if (packet)
    packet->receiver_after = trace->to;
  append(record, (RecordEvent){ .kind = RECORD_STATE,
                                .state = state,
                                .packet = packet,
                                .conversation = it,
                                .end = end,
                                .host = state->host,
                                .rule = trace->rule });
}

static void on_segment(Record *record, const TcpTraceSegment *trace)
{
  RecordPacket *row = record_packet(record, trace->packet->id);

  if (!row)
    return;
  if (!row->receiver_before)
    row->receiver_before = trace->state;
  if (!row->receiver_after)
    row->receiver_after = trace->state;
  if (trace->rule != TCP_RULE_TAKEN || !row->judged)
    row->judged = trace->rule;
  append(record, (RecordEvent){ .kind = RECORD_VERDICT,
                                .packet = row,
                                .conversation = row->conversation,
                                .end = 1 - row->from_end,
                                .host = stack_host(record, trace->stack),
                                .at = trace->state,
                                .rule = trace->rule });
}

/* A call that will lead to SYN-SENT: the conversation begins with it. */
static bool opens(const TcpTraceCall *trace)
{
  return trace->state == TCP_CLOSED && trace->error == TCP_OK &&
         strcmp(trace->call, "OPEN") == 0 && !record_is_listener(trace->pair);
}

static void on_call(Record *record, const TcpTraceCall *trace)
{
  RecordEvent event = {
    .kind = RECORD_CALL,
    .host = stack_host(record, trace->stack),
    .text = keep(record, trace->call),
    .at = trace->state,
    .error = trace->error,
    .count = trace->length,
  };

  if (opens(trace))
    event.conversation = record_conversation_open(
        record, trace->pair, stack_node(trace->stack), false, 0, &event.end);
  else if (!record_is_listener(trace->pair))
    event.conversation = record_conversation(
        record, trace->pair, stack_node(trace->stack), &event.end);
  append(record, event);
}

static void on_timer(Record *record, const TcpTraceTimer *trace)
{
  RecordEvent event = {
    .kind = RECORD_TIMER,
    .host = stack_host(record, trace->stack),
    .text = keep(record, trace->timer),
    .rule = trace->rule,
    .count = trace->count,
  };

  record->current = NULL;
  if (!record_is_listener(trace->pair))
    event.conversation = record_conversation(
        record, trace->pair, stack_node(trace->stack), &event.end);
  append(record, event);
}

static void on_turn(Record *record, const TcpTraceTurn *trace)
{
  if (cause_at(record, trace->stack))
    record->current = NULL;
}

void record_only_known(Record *record, bool only_known)
{
  record->only_known = only_known;
}

static void listen(void *user, Sim *sim, unsigned kind, const void *trace)
{
  Record *record = user;

  if (record->current && record->current->received != sim->now)
    record->current = NULL;
  if (record->only_known && !record_knows(record, kind, trace))
    return;
  switch (kind) {
  case NET_TRACE_SENT:
    row_of(record, trace)->hops++;
    break;
  case NET_TRACE_DUPLICATED:
    row_of(record, trace);
    break;
  case NET_TRACE_MARKED:
    on_marked(record, trace);
    break;
  case NET_TRACE_RECEIVED:
    on_received(record, trace);
    break;
  case NET_TRACE_DROPPED:
    on_dropped(record, trace);
    break;
  case NET_TRACE_DELIVERED:
    on_delivered(record, trace);
    break;
  case NET_TRACE_ALERT:
    on_alert(record, trace);
    break;
  case TCP_TRACE_STATE:
    on_state(record, trace);
    break;
  case TCP_TRACE_SEGMENT:
    on_segment(record, trace);
    break;
  case TCP_TRACE_CALL:
    on_call(record, trace);
    break;
  case TCP_TRACE_TIMER:
    on_timer(record, trace);
    break;
  case TCP_TRACE_TURN:
    on_turn(record, trace);
    break;
  }
}

/* -- the whole -- */

Record *record_new(Run *run)
{
  Record *record = g_new0(Record, 1);

  record->run = run;
  record->conversations = g_ptr_array_new_with_free_func(g_free);
  record->packets = g_ptr_array_new_with_free_func(g_free);
  record->states = g_ptr_array_new_with_free_func(g_free);
  record->events = g_ptr_array_new_with_free_func(g_free);
  record->packet_by_id =
      g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
  record->conversation_by_pair =
      g_hash_table_new_full(record_pair_hash, record_pair_equal, g_free, NULL);
  record->host_by_address = g_hash_table_new_full(
      record_address_hash, record_address_equal, g_free, NULL);
  record->text = g_string_chunk_new(1024);
  sim_trace_listen(run->sim, LISTENED, listen, record);
  return record;
}

void record_stop(Record *record)
{
  sim_trace_unlisten(record->run->sim, listen, record);
}

void record_free(Record *record)
{
  if (!record)
    return;
  g_ptr_array_unref(record->events);
  g_ptr_array_unref(record->states);
  g_ptr_array_unref(record->packets);
  g_ptr_array_unref(record->conversations);
  g_hash_table_unref(record->packet_by_id);
  g_hash_table_unref(record->conversation_by_pair);
  g_hash_table_unref(record->host_by_address);
  g_string_chunk_free(record->text);
  g_free(record);
}

void record_observe(Record *record, RecordObserver observer, void *user)
{
  record->observer = observer;
  record->observer_user = user;
}

void record_note(Record *record, const char *host, const char *text)
{
  append(record, (RecordEvent){ .kind = RECORD_NOTE,
                                .host = keep(record, host),
                                .text = keep(record, text) });
}

void record_finish(Record *record)
{
  SimTime end = record->run->sim->now;

  for (guint i = 0; i < record->conversations->len; i++) {
    RecordConversation *it = record->conversations->pdata[i];

    for (unsigned side = 0; side < 2; side++) {
      if (!it->open[side])
        continue;
      it->open[side]->final = true;
      if (it->open[side]->to == SIM_TIME_NEVER)
        it->open[side]->to = end;
    }
  }
}
