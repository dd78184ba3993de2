/* Records made by hand, for tests of what reads them: a conversation between
 * client:49152 and server:80 to which one thing after the other is added.
 * Times are in microseconds. */
#pragma once

#include <string.h>

#include "record.h"

typedef struct ByHand {
  Run run;
  Record record;
  RecordConversation *conversation;
  const RecordState *open[2];
} ByHand;

static inline void by_hand_clear(ByHand *it)
{
  g_ptr_array_unref(it->record.events);
  g_ptr_array_unref(it->record.states);
  g_ptr_array_unref(it->record.packets);
  g_ptr_array_unref(it->record.conversations);
  g_free(it->run.title);
}

static inline RecordConversation *by_hand_conversation(ByHand *it)
{
  RecordConversation *conversation = g_new0(RecordConversation, 1);

  conversation->number = it->record.conversations->len + 1;
  conversation->hosts[0] = "client";
  conversation->hosts[1] = "server";
  conversation->ends[0].port =
      (uint16_t)(49151 + it->record.conversations->len + 1);
  conversation->ends[1].port = 80;
  g_ptr_array_add(it->record.conversations, conversation);
  it->conversation = conversation;
  return conversation;
}

static inline void by_hand_init(ByHand *it)
{
  memset(it, 0, sizeof *it);
  it->run.record = &it->record;
  it->record.run = &it->run;
  it->record.conversations = g_ptr_array_new_with_free_func(g_free);
  it->record.packets = g_ptr_array_new_with_free_func(g_free);
  it->record.states = g_ptr_array_new_with_free_func(g_free);
  it->record.events = g_ptr_array_new_with_free_func(g_free);
  by_hand_conversation(it);
}

static inline RecordEvent *by_hand_event(ByHand *it, SimTime at_us,
                                         RecordKind kind)
{
  RecordEvent *event = g_new0(RecordEvent, 1);

  event->time = at_us * SIM_MICROSECOND;
  event->kind = kind;
  event->conversation = it->conversation;
  g_ptr_array_add(it->record.events, event);
  return event;
}

/* `flags` in tcpdump's letters; `ack` -1: the flag stays as given. */
static inline RecordPacket *by_hand_sent(ByHand *it, SimTime at_us,
                                         unsigned end, const char *flags,
                                         int64_t seq, uint32_t payload,
                                         int64_t ack)
{
  RecordPacket *packet = g_new0(RecordPacket, 1);
  unsigned bits = 0;

  g_assert_true(tcp_flags_parse(flags, &bits));
  packet->number = it->record.packets->len + 1;
  packet->conversation = it->conversation;
  packet->from_end = end;
  packet->from = it->conversation->hosts[end];
  packet->to = it->conversation->hosts[1 - end];
  packet->protocol = "tcp";
  packet->sent = at_us * SIM_MICROSECOND;
  packet->received = packet->gone = SIM_TIME_NEVER;
  packet->segment.flags = (uint16_t)bits;
  packet->segment.length =
      payload + ((bits & TCP_SYN) != 0) + ((bits & TCP_FIN) != 0);
  packet->payload = payload;
  packet->seq = seq;
  packet->seq_end = seq + packet->segment.length;
  packet->ack = ack;
  packet->window = 65535;
  packet->fate = RECORD_PENDING;
  g_ptr_array_add(it->record.packets, packet);
  by_hand_event(it, at_us, RECORD_SENT)->packet = packet;
  return packet;
}

static inline void by_hand_received(ByHand *it, SimTime at_us,
                                    RecordPacket *packet)
{
  packet->received = at_us * SIM_MICROSECOND;
  packet->fate = RECORD_DELIVERED;
  by_hand_event(it, at_us, RECORD_RECEIVED)->packet = packet;
}

static inline void by_hand_lost(ByHand *it, SimTime at_us, RecordPacket *packet,
                                const char *reason)
{
  packet->gone = at_us * SIM_MICROSECOND;
  packet->fate = RECORD_DROPPED;
  packet->reason = reason;
  by_hand_event(it, at_us, RECORD_LOST)->packet = packet;
}

static inline RecordState *by_hand_state(ByHand *it, SimTime at_us,
                                         unsigned end, TcpState before,
                                         TcpState to, TcpRule rule,
                                         RecordPacket *packet)
{
  RecordState *state = g_new0(RecordState, 1);
  RecordEvent *event = by_hand_event(it, at_us, RECORD_STATE);

  for (guint i = it->record.states->len; i-- > 0;) {
    RecordState *open = it->record.states->pdata[i];

    if (open->conversation != it->conversation || open->end != end)
      continue;
    open->to = at_us * SIM_MICROSECOND;
    break;
  }
  state->conversation = it->conversation;
  state->end = end;
  state->host = it->conversation->hosts[end];
  state->before = before;
  state->state = to;
  state->from = at_us * SIM_MICROSECOND;
  state->to = to == TCP_CLOSED ? state->from : SIM_TIME_NEVER;
  state->rule = rule;
  state->packet = packet;
  event->state = state;
  event->end = end;
  event->rule = rule;
  g_ptr_array_add(it->record.states, state);
  return state;
}

static inline void by_hand_timer(ByHand *it, SimTime at_us, unsigned end,
                                 const char *name, TcpRule rule, uint32_t count)
{
  RecordEvent *event = by_hand_event(it, at_us, RECORD_TIMER);

  event->end = end;
  event->text = name;
  event->rule = rule;
  event->count = count;
}

static inline void by_hand_note(ByHand *it, SimTime at_us, const char *host,
                                const char *text)
{
  RecordEvent *event = by_hand_event(it, at_us, RECORD_NOTE);

  event->conversation = NULL;
  event->host = host;
  event->text = text;
}
