/* From the trace bus to packets with comments.
 *
 * Invariant: between two calls at most one packet is begun in `trace`; it
 * was received by `story.node` at `story.time`, and verdicts and changes of
 * state at that node are about it until another packet comes, a turn ends or
 * time goes on.
 */
#include "capture.h"

#include <string.h>

#include "host.h"
#include "paths.h"
#include "record.h"

#define BIT(kind) (UINT64_C(1) << (kind))
#define LISTENED                                                              \
  (BIT(NET_TRACE_SENT) | BIT(NET_TRACE_RECEIVED) | BIT(NET_TRACE_DROPPED) |   \
   BIT(NET_TRACE_DELIVERED) | BIT(TCP_TRACE_STATE) | BIT(TCP_TRACE_SEGMENT) | \
   BIT(TCP_TRACE_TIMER) | BIT(TCP_TRACE_TURN))
#define STATES_KEPT 8

/* What became of the packet that is being processed. */
typedef struct Story {
  const NetNode *node; /* NULL: it is over */
  SimTime time;
  uint64_t id;
  TcpRule told; /* the last rule that has a comment */
  TcpRule sent; /* the one that sent it: told where no TCP has judged it */
  unsigned count;
  TcpState states[STATES_KEPT]; /* in which it was met, then those entered */
} Story;

struct Capture {
  Run *run;
  bool finished;
  bool all;
  char *name;          /* of the node, NULL: the first host with a link */
  const NetNode *node; /* the vantage point, once known */
  Pcapng trace, dropped;
  GHashTable *interfaces;       /* NetNic -> number + 1 */
  GByteArray *rules[TCP_RULES]; /* comments, made when first needed */
  GByteArray *sent_in[TCP_STATES];
  GByteArray *received_in[TCP_STATES];
  Story story;
  uint64_t delivered; /* the last packet that an IP handed up */
  SimTime flushed;    /* of an interactive trace */
};

/* -- comments -- */

static char *cite(const char *sentence, const char *section, const char *id)
{
  if (g_ascii_isdigit(section[0]))
    return g_strdup_printf("%s (RFC 9293 %s) [%s]", sentence, section, id);
  if (g_str_has_prefix(section, "RFC"))
    return g_strdup_printf("%s (%s) [%s]", sentence, section, id);
  return g_strdup_printf("%s [%s]", sentence, id);
}

static const GByteArray *rule_comment(Capture *it, TcpRule rule)
{
  if (!it->rules[rule]) {
    g_autofree char *text = cite(tcp_rule_sentence(rule),
                                 tcp_rule_section(rule), tcp_rule_id(rule));

    it->rules[rule] = pcapng_encode_comment(text);
  }
  return it->rules[rule];
}

static void comment_rule(Capture *it, Pcapng *file, unsigned rule)
{
  const GByteArray *option;

  if (rule == 0 || rule >= TCP_RULES)
    return;
  option = rule_comment(it, (TcpRule)rule);
  pcapng_options(file, option->data, option->len);
}

/* `made` remembers the comments that were made before. */
static void comment_in(Pcapng *file, GByteArray **made, const char *what,
                       unsigned state)
{
  if (state == 0 || state >= TCP_STATES)
    return;
  if (!made[state]) {
    g_autofree char *text =
        g_strconcat(what, tcp_state_name((TcpState)state), NULL);

    made[state] = pcapng_encode_comment(text);
  }
  pcapng_options(file, made[state]->data, made[state]->len);
}

static void comment_sender_state(Capture *it, Pcapng *file,
                                 const NetPacket *packet)
{
  comment_in(file, it->sent_in, "sent in ", packet->sender_state);
}

static void comment_origin(Pcapng *file, const NetPacket *packet)
{
  g_autofree char *text = NULL;

  if (packet->attempt > 0) {
    text = g_strdup_printf("retransmission %u", (unsigned)packet->attempt);
    pcapng_comment(file, text);
  }
  if (packet->flags & NET_PACKET_INJECTED)
    pcapng_comment(file, "injected by the scenario");
  if (packet->flags & NET_PACKET_DUPLICATE)
    pcapng_comment(file, "duplicate made by the network");
  if (packet->flags & NET_PACKET_DAMAGED)
    pcapng_comment(file, "damaged on the way");
  if (packet->flags & NET_PACKET_MARKED)
    pcapng_comment(file, "congestion experienced: marked on the way");
}

/* -- the packet being processed -- */

static void comment_changes(Capture *it)
{
  const Story *story = &it->story;
  g_autoptr(GString) text = g_string_new(NULL);

  for (unsigned i = 0; i < story->count; i++)
    g_string_append_printf(text, "%s%s", i ? " -> " : "",
                           tcp_state_name(story->states[i]));
  pcapng_comment(&it->trace, text->str);
}

static void end_story(Capture *it)
{
  if (!it->story.node)
    return;
  if (it->story.count == 1)
    comment_in(&it->trace, it->received_in, "received in ",
               it->story.states[0]);
  else if (it->story.count > 1)
    comment_changes(it);
  if (it->story.told == TCP_RULE_NONE)
    comment_rule(it, &it->trace, it->story.sent);
  pcapng_packet_end(&it->trace, PCAPNG_INBOUND, it->story.id);
  it->story.node = NULL;
}

static void add_state(Story *story, TcpState state)
{
  if (story->count < STATES_KEPT &&
      (story->count == 0 || story->states[story->count - 1] != state))
    story->states[story->count++] = state;
}

static bool tells_of(const Capture *it, const TcpStack *stack)
{
  return it->story.node &&
         it->story.node == net_host_node(tcp_stack_host(stack));
}

static void tell_rule(Capture *it, TcpRule rule)
{
  if (rule != it->story.told)
    comment_rule(it, &it->trace, rule);
  it->story.told = rule;
}

static void on_segment(Capture *it, const TcpTraceSegment *trace)
{
  if (!tells_of(it, trace->stack) || trace->packet->id != it->story.id)
    return;
  if (it->story.count == 0)
    add_state(&it->story, trace->state);
  tell_rule(it, trace->rule);
}

static void on_state(Capture *it, const TcpTraceState *trace)
{
  if (!tells_of(it, trace->stack))
    return;
  add_state(&it->story, trace->from);
  add_state(&it->story, trace->to);
  tell_rule(it, trace->rule);
}

/* The packet's turn is over, or another cause has its own. */
static void on_other(Capture *it, const TcpStack *stack)
{
  if (tells_of(it, stack))
    end_story(it);
}

/* -- packets -- */

static const NetNode *vantage(Capture *it)
{
  for (const NetNode *node = it->run->net->nodes; node && !it->node;
       node = node->next)
    if (it->name ? strcmp(node->name, it->name) == 0
                 : node->kind == NET_HOST && node->nics)
      it->node = node;
  return it->node;
}

static bool watches(Capture *it, const NetNode *node)
{
  if (it->all)
    return node->kind == NET_HOST;
  return node == (it->node ? it->node : vantage(it));
}

static uint32_t describe(Capture *it, const NetNic *nic)
{
  const char *link = nic->link ? nic->link->name : NULL;
  g_autofree char *name =
      link && strcmp(link, nic->name) != 0
          ? g_strdup_printf("%s %s (%s)", nic->node->name, nic->name, link)
          : g_strdup_printf("%s %s", nic->node->name, nic->name);
  uint32_t number = pcapng_interface(&it->trace, name, NULL);

  g_hash_table_insert(it->interfaces, (gpointer)(guintptr)nic,
                      GUINT_TO_POINTER(number + 1));
  return number;
}

static uint32_t interface_of(Capture *it, const NetNic *nic)
{
  guint number = GPOINTER_TO_UINT(g_hash_table_lookup(it->interfaces, nic));

  return number ? number - 1 : describe(it, nic);
}

static bool begin(Pcapng *file, uint32_t interface, SimTime now,
                  const NetPacket *packet)
{
  uint32_t length = net_packet_length(packet);
  uint8_t *at = pcapng_packet_begin(file, interface, now, length);

  if (at)
    net_packet_bytes(packet, at, MIN(length, file->snap));
  return at != NULL;
}

/* Somebody who reads along sees each instant as soon as the next comes. */
static void keep_up(Capture *it, SimTime now)
{
  if (now == it->flushed)
    return;
  outfile_flush(it->trace.file);
  it->flushed = now;
}

static bool begin_traced(Capture *it, const NetTracePacket *trace)
{
  SimTime now = it->run->sim->now;

  end_story(it);
  if (!trace->nic || !watches(it, trace->node))
    return false;
  if (it->trace.file->interactive)
    keep_up(it, now);
  return begin(&it->trace, interface_of(it, trace->nic), now, trace->packet);
}

static void on_sent(Capture *it, const NetTracePacket *trace)
{
  const NetPacket *packet = trace->packet;

  if (!begin_traced(it, trace))
    return;
  comment_sender_state(it, &it->trace, packet);
  comment_rule(it, &it->trace, packet->rule);
  comment_origin(&it->trace, packet);
  pcapng_packet_end(&it->trace, PCAPNG_OUTBOUND, packet->id);
}

static void on_received(Capture *it, const NetTracePacket *trace)
{
  if (!begin_traced(it, trace))
    return;
  comment_origin(&it->trace, trace->packet);
  it->story = (Story){
    .node = trace->node,
    .time = it->run->sim->now,
    .id = trace->packet->id,
    .sent = (TcpRule)trace->packet->rule,
  };
}

/* A frame for somebody else behind the same switch is not lost, nor is one
 * that IP has handed up. */
static bool is_lost(const Capture *it, const NetTracePacket *trace)
{
  const NetPacket *packet = trace->packet;
  const NetNic *peer = trace->nic ? trace->nic->peer : NULL;

  if (packet->id == it->delivered)
    return false;
  return !(trace->rule && strcmp(trace->rule, "nic-not-for-us") == 0 && peer &&
           peer->node->kind == NET_SWITCH);
}

static void on_dropped(Capture *it, const NetTracePacket *trace)
{
  const NetPacket *packet = trace->packet;
  g_autoptr(GString) text = NULL;

  if (!it->dropped.file || !is_lost(it, trace) ||
      !begin(&it->dropped, 0, it->run->sim->now, packet))
    return;
  text = g_string_new(trace->reason ? trace->reason : "dropped");
  if (trace->node)
    g_string_append_printf(text, ", at %s", trace->node->name);
  if (trace->wire)
    g_string_append_printf(text, ", on %s from %s", trace->wire->link->name,
                           trace->wire->from->node->name);
  if (trace->rule)
    g_string_append_printf(text, " [%s]", trace->rule);
  pcapng_comment(&it->dropped, text->str);
  comment_sender_state(it, &it->dropped, packet);
  comment_rule(it, &it->dropped, packet->rule);
  comment_origin(&it->dropped, packet);
  pcapng_packet_end(&it->dropped, PCAPNG_UNKNOWN, packet->id);
}

static void on_delivered(Capture *it, const NetTracePacket *trace)
{
  it->delivered = trace->packet->id;
}

/* What the scenario does not want recorded; the record has heard of the packet
 * before, and without one nothing is left out. */
static bool is_left_out(const Capture *it, unsigned kind, const void *trace)
{
  const Record *record = it->run->record;

  if (!record || !record->only_known)
    return false;
  return (kind == NET_TRACE_SENT || kind == NET_TRACE_RECEIVED ||
          kind == NET_TRACE_DROPPED) &&
         !record_has(record, ((const NetTracePacket *)trace)->packet);
}

static void listen(void *user, Sim *sim, unsigned kind, const void *trace)
{
  Capture *it = user;

  if (it->finished)
    return;
  if (it->story.node && it->story.time != sim->now)
    end_story(it);
  if (is_left_out(it, kind, trace))
    return;
  switch (kind) {
  case NET_TRACE_DROPPED:
    on_dropped(it, trace);
    break;
  case NET_TRACE_DELIVERED:
    on_delivered(it, trace);
    break;
  case NET_TRACE_SENT:
    if (it->trace.file)
      on_sent(it, trace);
    break;
  case NET_TRACE_RECEIVED:
    if (it->trace.file)
      on_received(it, trace);
    break;
  case TCP_TRACE_SEGMENT:
    on_segment(it, trace);
    break;
  case TCP_TRACE_STATE:
    on_state(it, trace);
    break;
  case TCP_TRACE_TIMER:
    on_other(it, ((const TcpTraceTimer *)trace)->stack);
    break;
  case TCP_TRACE_TURN:
    on_other(it, ((const TcpTraceTurn *)trace)->stack);
    break;
  }
}

/* -- the whole -- */

static void start(Pcapng *file, OutFile *out, const Run *run,
                  const char *comment)
{
  if (out)
    pcapng_start(file, out, run->options.snap_length, "linger " LINGER_VERSION,
                 comment);
}

/* libpcap refuses a file without any interface, even if it has no packet. */
static void describe_all(Capture *it)
{
  for (const NetNode *node = it->run->net->nodes; node; node = node->next)
    for (const NetNic *nic = node->nics; nic && watches(it, node);
         nic = nic->next)
      describe(it, nic);
  if (it->trace.interfaces == 0)
    pcapng_interface(&it->trace, "none", "no NIC yet");
}

Capture *capture_new(Run *run, const char *at, OutFile *trace, OutFile *dropped)
{
  Capture *it = g_new0(Capture, 1);
  g_autofree char *comment =
      g_strdup_printf("scenario %s: %s, seed %" G_GUINT64_FORMAT, run->name,
                      run->title ? run->title : run->name, run->options.seed);

  it->run = run;
  it->all = strcmp(at, "all") == 0;
  it->name = it->all || strcmp(at, "one") == 0 ? NULL : g_strdup(at);
  it->delivered = UINT64_MAX;
  it->interfaces = g_hash_table_new(NULL, NULL);
  start(&it->trace, trace, run, comment);
  start(&it->dropped, dropped, run, comment);
  if (trace)
    describe_all(it);
  if (dropped)
    pcapng_interface(&it->dropped, "lost",
                     "packets that never arrived, wherever they were lost");
  sim_trace_listen(run->sim, LISTENED, listen, it);
  return it;
}

void capture_settle(Capture *it)
{
  end_story(it);
}

void capture_finish(Capture *it)
{
  end_story(it);
  it->finished = true;
}

static void free_comments(GByteArray **made, unsigned count)
{
  for (unsigned i = 0; i < count; i++)
    if (made[i])
      g_byte_array_unref(made[i]);
}

void capture_free(Capture *it)
{
  if (!it)
    return;
  free_comments(it->rules, TCP_RULES);
  free_comments(it->sent_in, TCP_STATES);
  free_comments(it->received_in, TCP_STATES);
  g_hash_table_unref(it->interfaces);
  g_free(it->name);
  g_free(it);
}
