/* The record's events as lines of JSON; events.h has the format. */
#include "events.h"

#include "events_tcb.h"
#include "text.h"

struct Events {
  Run *run;
  OutFile *file; /* NULL: finished */
  GString *line;
  EventsTcb *tcb;
};

/* -- fields; each begins with its comma -- */

static void field_text(GString *line, const char *name, const char *value)
{
  if (!value)
    return;
  g_string_append(line, name);
  text_json(line, value);
}

static void field_int(GString *line, const char *name, int64_t value)
{
  g_string_append(line, name);
  text_int(line, value);
}

static void field_true(GString *line, const char *name, bool value)
{
  if (value)
    g_string_append(line, name);
}

static void field_state(GString *line, const char *name, TcpState state)
{
  if (state)
    field_text(line, name, tcp_state_name(state));
}

static void field_end(GString *line, const char *name,
                      const RecordConversation *conversation, unsigned end)
{
  char label[128];

  field_text(line, name,
             record_end_label(conversation, end, label, sizeof label));
}

static void field_rule(GString *line, TcpRule rule)
{
  if (!rule)
    return;
  field_text(line, ",\"rule\":", tcp_rule_id(rule));
  field_text(line, ",\"section\":", tcp_rule_section(rule));
  field_text(line, ",\"sentence\":", tcp_rule_sentence(rule));
}

/* -- kinds -- */

static void add_segment(GString *line, const RecordPacket *packet)
{
  char flags[16];

  field_text(line,
             ",\"flags\":", tcp_flags_format(packet->segment.flags, flags));
  if (packet->malformed)
    return;
  field_int(line, ",\"seq\":", packet->seq);
  field_int(line, ",\"seq_end\":", packet->seq_end);
  if (packet->segment.flags & TCP_ACK)
    field_int(line, ",\"ack\":", packet->ack);
  field_int(line, ",\"window\":", packet->window);
}

static void add_packet(GString *line, const RecordPacket *packet)
{
  field_int(line, ",\"packet\":", packet->number);
  field_text(line, ",\"protocol\":", packet->protocol);
  field_text(line, ",\"from\":", packet->from);
  field_text(line, ",\"to\":", packet->to);
  if (packet->conversation) {
    field_end(line, ",\"from_end\":", packet->conversation, packet->from_end);
    field_end(line, ",\"to_end\":", packet->conversation, 1 - packet->from_end);
    add_segment(line, packet);
  }
  field_text(line, ",\"summary\":", packet->summary);
  field_int(line, ",\"length\":", packet->payload);
  field_int(line, ",\"retransmission\":", packet->attempt);
  field_true(line, ",\"injected\":true", packet->injected);
  field_true(line, ",\"duplicate\":true", packet->duplicate);
  field_true(line, ",\"damaged\":true", packet->damaged);
  field_true(line, ",\"malformed\":true", packet->malformed);
  field_state(line, ",\"sender_state\":", packet->sender_before);
}

static void add_lost(GString *line, const RecordPacket *packet)
{
  field_text(line, ",\"reason\":", packet->reason);
  field_text(line, ",\"drop_rule\":", packet->drop_rule);
}

static void add_state(GString *line, const RecordEvent *event)
{
  field_state(line, ",\"from\":", event->state->before);
  field_state(line, ",\"to\":", event->state->state);
  if (event->packet)
    field_int(line, ",\"packet\":", event->packet->number);
}

static void add_verdict(GString *line, const RecordEvent *event)
{
  field_int(line, ",\"packet\":", event->packet->number);
  field_state(line, ",\"state\":", event->at);
}

static void add_timer(GString *line, const RecordEvent *event)
{
  field_text(line, ",\"timer\":", event->text);
  field_int(line, ",\"count\":", event->count);
}

static void add_call(GString *line, const RecordEvent *event)
{
  field_text(line, ",\"call\":", event->text);
  field_state(line, ",\"state\":", event->at);
  field_int(line, ",\"length\":", event->count);
  if (event->error)
    field_text(line, ",\"error\":", tcp_error_name(event->error));
}

static void add_alert(GString *line, const RecordEvent *event)
{
  if (event->packet)
    field_int(line, ",\"packet\":", event->packet->number);
  field_text(line, ",\"name\":", event->id);
  field_text(line, ",\"text\":", event->text);
}

static void add_kind(GString *line, const RecordEvent *event)
{
  switch (event->kind) {
  case RECORD_SENT:
  case RECORD_RECEIVED:
    add_packet(line, event->packet);
    break;
  case RECORD_LOST:
    add_packet(line, event->packet);
    add_lost(line, event->packet);
    break;
  case RECORD_STATE:
    add_state(line, event);
    break;
  case RECORD_TIMER:
    add_timer(line, event);
    break;
  case RECORD_CALL:
    add_call(line, event);
    break;
  case RECORD_VERDICT:
    add_verdict(line, event);
    break;
  case RECORD_NOTE:
    field_text(line, ",\"text\":", event->text);
    break;
  case RECORD_MARKED:
    if (event->packet)
      field_int(line, ",\"packet\":", event->packet->number);
    field_text(line, ",\"reason\":", event->text);
    field_text(line, ",\"mark_rule\":", event->id);
    break;
  case RECORD_ALERT:
    add_alert(line, event);
    break;
  }
}

static void begin_line(GString *line, SimTime time, const char *kind)
{
  g_string_assign(line, "{\"time\":");
  text_seconds(line, time);
  field_text(line, ",\"event\":", kind);
}

static void end_line(GString *line, OutFile *file)
{
  g_string_append(line, "}\n");
  outfile_append(file, line->str, line->len);
}

static void observe(void *user, const RecordEvent *event)
{
  static const char *const kinds[] = {
    [RECORD_SENT] = "sent",       [RECORD_RECEIVED] = "received",
    [RECORD_LOST] = "dropped",    [RECORD_STATE] = "state",
    [RECORD_TIMER] = "timer",     [RECORD_CALL] = "call",
    [RECORD_VERDICT] = "verdict", [RECORD_NOTE] = "note",
    [RECORD_MARKED] = "marked",   [RECORD_ALERT] = "alert",
  };
  Events *it = user;
  GString *line = it->line;
  bool is_packet = event->kind <= RECORD_LOST;

  if (!it->file)
    return;
  begin_line(line, event->time, kinds[event->kind]);
  field_text(line, ",\"host\":", event->host);
  if (event->conversation) {
    field_int(line, ",\"connection\":", event->conversation->number);
    if (!is_packet)
      field_end(line, ",\"end\":", event->conversation, event->end);
  }
  add_kind(line, event);
  field_rule(line, is_packet ? event->packet->rule : event->rule);
  end_line(line, it->file);
}

static void on_turn(void *user, Sim *sim, unsigned kind, const void *record)
{
  Events *it = user;
  const TcpTraceTurn *trace = record;
  const RecordConversation *conversation;
  TcpStatus status;
  unsigned end = 0;

  (void)kind;
  if (!it->file)
    return;
  tcp_status(trace->conn, &status);
  conversation =
      record_conversation(it->run->record, &status.pair,
                          net_host_node(tcp_stack_host(trace->stack)), &end);
  if (!conversation)
    return;
  begin_line(it->line, sim->now, "tcb");
  field_text(it->line, ",\"host\":", conversation->hosts[end]);
  field_int(it->line, ",\"connection\":", conversation->number);
  field_end(it->line, ",\"end\":", conversation, end);
  if (events_tcb_changed(it->tcb, it->line, &status, conversation->number))
    end_line(it->line, it->file);
}

Events *events_new(Run *run, OutFile *file)
{
  Events *it = g_new0(Events, 1);

  it->run = run;
  it->file = file;
  it->line = g_string_sized_new(1024);
  it->tcb = events_tcb_new();
  record_observe(run->record, observe, it);
  sim_trace_listen(run->sim, UINT64_C(1) << TCP_TRACE_TURN, on_turn, it);
  return it;
}

static void write_expectation(Events *it, const Expectation *expectation)
{
  bool judged = expectation->holds || expectation->found;

  begin_line(it->line, it->run->sim->now, "expect");
  field_text(it->line, ",\"text\":", expectation->text);
  field_int(it->line, ",\"line\":", expectation->line);
  if (judged)
    g_string_append(it->line, expectation->holds ? ",\"holds\":true"
                                                 : ",\"holds\":false");
  field_text(it->line, ",\"found\":", expectation->found);
  end_line(it->line, it->file);
}

void events_finish(Events *it)
{
  const Expectations *all = it->run->expectations;

  for (unsigned i = 0; all && i < expectations_count(all); i++)
    write_expectation(it, expectations_at(all, i));
  it->file = NULL;
}

void events_free(Events *it)
{
  if (!it)
    return;
  g_string_free(it->line, TRUE);
  events_tcb_free(it->tcb);
  g_free(it);
}
