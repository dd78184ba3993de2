/* TIME-WAIT: what is left of a connection for 2MSL, as a small record. Its
 * segments go through the steps of 3.10.7.4 like any other's, but only a few
 * of them can matter: the repeated FIN, RST, and a new SYN (RFC 6191).
 *
 * Invariant: the stack's list is sorted by expiry; its event is pending at
 * the first one's, exactly while the list is not empty. */
#include <glib.h>

#include "parts.h"

static TcpConnection *time_wait_conn(const TcpTimeWait *record)
{
  return record->entry.held ? record->holder.conn : NULL;
}

const TcpKnobs *tcp_time_wait_knobs(const TcpTimeWait *record)
{
  return record->entry.held ? tcb_knobs(record->holder.conn)
                            : &record->holder.knobs->knobs;
}

void tcp_time_wait_let_go(TcpTimeWait *record)
{
  TcpKnobSet *knobs = tcp_knob_set_ref(record->holder.conn->knobs);

  record->entry.held = false;
  record->holder.knobs = knobs;
}

static void time_wait_settle(TcpStack *stack)
{
  if (stack->time_wait_first)
    sim_schedule(stack->sim, &stack->time_wait_event, stack->owner,
                 stack->time_wait_first->expiry);
  else
    sim_cancel(stack->sim, &stack->time_wait_event);
}

static void time_wait_link(TcpStack *stack, TcpTimeWait *record)
{
  TcpTimeWait *before = stack->time_wait_last;

  while (before && before->expiry > record->expiry)
    before = before->previous;
  record->previous = before;
  record->next = before ? before->next : stack->time_wait_first;
  *(before ? &before->next : &stack->time_wait_first) = record;
  *(record->next ? &record->next->previous : &stack->time_wait_last) = record;
}

static void time_wait_unlink(TcpStack *stack, TcpTimeWait *record)
{
  *(record->previous ? &record->previous->next : &stack->time_wait_first) =
      record->next;
  *(record->next ? &record->next->previous : &stack->time_wait_last) =
      record->previous;
}

#define ANSWER_MASK 0xffffffu

/* The clock of entry.answer_after. */
static uint32_t answer_clock(SimTime time)
{
  return (uint32_t)(time / SIM_MILLISECOND);
}

/* Begins the 2MSL wait, or begins it anew (MUST-13). */
static void time_wait_start(TcpStack *stack, TcpTimeWait *record)
{
  SimTime wait = 2 * tcp_time_wait_knobs(record)->msl;

  record->expiry = sim_time_add(stack->sim->now, wait);
  time_wait_link(stack, record);
  if (stack->time_wait_first == record)
    time_wait_settle(stack);
}

static void time_wait_restart(TcpStack *stack, TcpTimeWait *record)
{
  bool first = stack->time_wait_first == record;

  time_wait_unlink(stack, record);
  time_wait_start(stack, record);
  if (first)
    time_wait_settle(stack);
}

void tcp_time_wait_new(TcpConnection *conn)
{
  TcpStack *stack = conn->stack;
  TcpTimeWait *record = sim_pool_take(&stack->time_waits);

  *record = (TcpTimeWait){
    .entry = { .kind = TCP_ENTRY_TIME_WAIT,
               .rcv_scale = conn->rcv_scale & 15u,
               .timestamps = conn->timestamps,
               .held = true,
               .answer_after = answer_clock(stack->sim->now) & ANSWER_MASK,
               .pair = conn->entry.pair },
    .holder.conn = conn,
    .snd_nxt = conn->snd.nxt,
    .rcv_nxt = conn->rcv.nxt,
    .rcv_wnd = conn->rounded ? MAX(conn->rcv.wnd, tcb_free_buffer(conn))
                             : conn->rcv.wnd,
    .iss = conn->snd.iss,
    .irs = conn->rcv.irs,
    .ts_recent = conn->ts_recent,
  };
  conn->time_wait = record;
  tcp_demux_add(stack, &record->entry);
  time_wait_start(stack, record);
  stack->counters.time_waits++;
}

/* The record is gone; whoever still holds the connection learns of it. */
static void time_wait_free(TcpStack *stack, TcpTimeWait *record)
{
  if (record->entry.held)
    record->holder.conn->time_wait = NULL;
  else
    tcp_knob_set_unref(record->holder.knobs);
  time_wait_unlink(stack, record);
  tcp_demux_remove(stack, &record->entry);
  stack->counters.time_waits--;
  sim_pool_give(&stack->time_waits, record);
}

static void time_wait_trace_end(TcpStack *stack, const TcpTimeWait *record,
                                TcpRule rule)
{
  TcpTraceState trace = {
    .stack = stack,
    .pair = &record->entry.pair,
    .from = TCP_TIME_WAIT,
    .to = TCP_CLOSED,
    .rule = rule,
    .iss = record->iss,
    .irs = record->irs,
  };

  sim_note(stack->sim, stack->owner,
           (uint64_t)record->entry.pair.local.port << 32 |
               (uint64_t)record->entry.pair.remote.port << 16 | TCP_CLOSED);
  if (sim_tracing(stack->sim, TCP_TRACE_STATE))
    sim_trace_emit(stack->sim, TCP_TRACE_STATE, &trace);
}

void tcp_time_wait_end(TcpStack *stack, TcpTimeWait *record, TcpRule rule)
{
  TcpConnection *conn = time_wait_conn(record);
  bool first = stack->time_wait_first == record;

  if (conn) {
    tcb_turn_open(conn);
    time_wait_free(stack, record);
    tcb_end(conn, TCP_OK, rule);
  } else {
    time_wait_trace_end(stack, record, rule);
    time_wait_free(stack, record);
  }
  if (first)
    time_wait_settle(stack);
  if (conn)
    tcb_turn_close(conn);
}

bool tcp_time_wait_may_reopen(const TcpStack *stack, const TcpPair *pair,
                              const TcpKnobs *knobs)
{
  TcpEntry *entry = tcp_demux_find(stack, pair);

  return !entry || (entry->kind == TCP_ENTRY_TIME_WAIT && entry->timestamps &&
                    knobs->time_wait_reopen && knobs->timestamps);
}

SimTime tcp_time_wait_age(const TcpStack *stack, const TcpEntry *entry)
{
  const TcpTimeWait *record = (const TcpTimeWait *)(const void *)entry;

  return stack->sim->now -
         (record->expiry - 2 * tcp_time_wait_knobs(record)->msl);
}

bool tcp_time_wait_reopen(TcpStack *stack, const TcpPair *pair,
                          TcpTimeWait *ret)
{
  TcpEntry *entry = tcp_demux_find(stack, pair);

  if (!entry || entry->kind != TCP_ENTRY_TIME_WAIT)
    return false;
  *ret = *(TcpTimeWait *)(void *)entry;
  tcp_time_wait_end(stack, (TcpTimeWait *)(void *)entry,
                    TCP_RULE_TIME_WAIT_REUSED);
  return true;
}

static void time_wait_expired(Sim *sim, SimEvent *event)
{
  TcpStack *stack = SIM_CONTAINER(event, TcpStack, time_wait_event);

  while (stack->time_wait_first && stack->time_wait_first->expiry <= sim->now) {
    TcpTimeWait *record = stack->time_wait_first;
    TcpTraceTimer trace = { stack, &record->entry.pair, "time-wait",
                            TCP_RULE_TIME_WAIT_EXPIRED, 1 };

    if (sim_tracing(sim, TCP_TRACE_TIMER))
      sim_trace_emit(sim, TCP_TRACE_TIMER, &trace);
    tcp_time_wait_end(stack, record, TCP_RULE_TIME_WAIT_EXPIRED);
  }
}

void tcp_time_wait_init(TcpStack *stack)
{
  sim_event_init(&stack->time_wait_event, time_wait_expired);
}

void tcp_time_wait_clear(TcpStack *stack)
{
  sim_cancel(stack->sim, &stack->time_wait_event);
  while (stack->time_wait_first)
    time_wait_free(stack, stack->time_wait_first);
}

/* The same for small records: later by number, or by timestamp. */
static bool time_wait_syn_is_later(const TcpTimeWait *record,
                                   const TcpSegment *segment)
{
  const TcpOptions *options = &segment->options;
  bool stamps = record->entry.timestamps && options->has_timestamps;

  if (stamps && seq_lt(options->ts_value, record->ts_recent))
    return false;
  return seq_gt(segment->seq, record->rcv_nxt) ||
         (stamps && seq_gt(options->ts_value, record->ts_recent));
}

/* RFC 6191 2: may this SYN begin a new incarnation? (MAY-2, SHLD-4) */
static bool time_wait_syn_is_new(const TcpTimeWait *record,
                                 const TcpListener *listener,
                                 const TcpSegment *segment)
{
  const TcpOptions *options = &segment->options;
  bool stamps = options->has_timestamps && listener->knobs->knobs.timestamps;
  bool later = seq_gt(segment->seq, record->rcv_nxt - 1);

  if (!record->entry.timestamps)
    return stamps || later;
  if (!stamps)
    return later;
  if (options->ts_value == record->ts_recent)
    return later;
  return seq_gt(options->ts_value, record->ts_recent);
}

/* RFC 7323 5.3 R1. */
static bool time_wait_is_old(const TcpTimeWait *record,
                             const TcpSegment *segment)
{
  return record->entry.timestamps && segment->options.has_timestamps &&
         seq_lt(segment->options.ts_value, record->ts_recent);
}

/* "a retransmission of the remote FIN": its number is the last one taken. */
static bool is_repeated_fin(const TcpTimeWait *record,
                            const TcpSegment *segment)
{
  return (segment->flags & (TCP_FIN | TCP_ACK | TCP_SYN)) ==
             (TCP_FIN | TCP_ACK) &&
         segment->seq + segment->length == record->rcv_nxt;
}

/* May `segment` open a new connection to `listener`? */
static bool time_wait_yields(const TcpTimeWait *record,
                             const TcpListener *listener,
                             const TcpSegment *segment)
{
  const TcpKnobs *knobs = tcp_time_wait_knobs(record);
  unsigned flags = segment->flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN);

  if (!knobs->time_wait_reuse || !listener || !tcp_listener_has_room(listener))
    return false;
  if (knobs->small_records || knobs->time_wait_terse)
    return (flags & ~(unsigned)TCP_FIN) == TCP_SYN &&
           !(segment->flags & TCP_FIN && knobs->drop_syn_fin == 2) &&
           time_wait_syn_is_later(record, segment);
  return flags == TCP_SYN && time_wait_syn_is_new(record, listener, segment);
}

/* The same where only an ACK is worth an answer. */
static TcpRule time_wait_judge_tersely(const TcpTimeWait *record,
                                       const TcpSegment *segment)
{
  if (segment->flags & TCP_RST)
    return TCP_RULE_TIME_WAIT_RST_IGNORED;
  if (!(segment->flags & TCP_ACK))
    return TCP_RULE_NO_ACK;
  if (time_wait_is_old(record, segment))
    return TCP_RULE_PAWS;
  if (is_repeated_fin(record, segment))
    return TCP_RULE_TIME_WAIT_FIN;
  return segment->length == 0 && segment->seq == record->rcv_nxt
             ? TCP_RULE_TIME_WAIT_IGNORED
             : TCP_RULE_UNACCEPTABLE;
}

/* The rule that `segment` meets in TIME-WAIT; the steps of 3.10.7.4. */
static TcpRule time_wait_judge(const TcpTimeWait *record,
                               const TcpSegment *segment)
{
  const TcpKnobs *knobs = tcp_time_wait_knobs(record);
  bool reset = segment->flags & TCP_RST;

  if (knobs->small_records) {
    bool old = time_wait_is_old(record, segment);
    TcpRule rule = tcp_record_time_wait(record, segment, old,
                                        knobs->ignore_reset_in_time_wait);

    return rule == TCP_RULE_UNACCEPTABLE && is_repeated_fin(record, segment)
               ? TCP_RULE_TIME_WAIT_FIN
               : rule;
  }
  if (knobs->time_wait_terse)
    return time_wait_judge_tersely(record, segment);
  if (!reset && time_wait_is_old(record, segment))
    return TCP_RULE_PAWS;
  if (!reset && record->entry.timestamps && !segment->options.has_timestamps)
    return TCP_RULE_NO_TIMESTAMP;
  if (!tcp_acceptable(record->rcv_nxt, record->rcv_wnd, segment->seq,
                      reset ? 0 : segment->length)) {
    if (reset)
      return TCP_RULE_RST_OUTSIDE;
    return is_repeated_fin(record, segment) ? TCP_RULE_TIME_WAIT_FIN
                                            : TCP_RULE_UNACCEPTABLE;
  }
  if (reset && knobs->ignore_reset_in_time_wait)
    return TCP_RULE_TIME_WAIT_RST_IGNORED;
  if (reset)
    return segment->seq == record->rcv_nxt ? TCP_RULE_TIME_WAIT_RST
                                           : TCP_RULE_RST_CHALLENGED;
  if (segment->flags & TCP_SYN)
    return knobs->insecure_syn ? TCP_RULE_SYN_IN_WINDOW
                               : TCP_RULE_SYN_CHALLENGED;
  if (!(segment->flags & TCP_ACK))
    return TCP_RULE_NO_ACK;
  if (seq_gt(segment->ack, record->snd_nxt))
    return TCP_RULE_ACK_UNSENT;
  return segment->flags & TCP_FIN ? TCP_RULE_TIME_WAIT_FIN
                                  : TCP_RULE_TIME_WAIT_IGNORED;
}

/* Does what is not in order begin the wait anew, too? */
static bool time_wait_is_prolonged(const TcpTimeWait *record,
                                   const TcpSegment *segment, TcpRule rule)
{
  return rule == TCP_RULE_TIME_WAIT_FIN || rule == TCP_RULE_TIME_WAIT_EXACT ||
         (tcp_time_wait_knobs(record)->small_records &&
          (rule == TCP_RULE_PAWS || rule == TCP_RULE_UNACCEPTABLE) &&
          segment->flags & TCP_ACK);
}

/* The answer_interval of a record. */
static bool time_wait_may_answer(TcpStack *stack, TcpTimeWait *record,
                                 const TcpSegment *segment)
{
  SimTime interval = tcp_time_wait_knobs(record)->answer_interval;
  uint32_t now = answer_clock(stack->sim->now) & ANSWER_MASK;
  bool empty = segment->payload.length == 0 && !(segment->flags & TCP_FIN);

  if (interval == 0 || (!empty && !(segment->flags & TCP_SYN)))
    return true;
  /* TIME-WAIT is shorter than half the clock's round */
  if (((record->entry.answer_after - now) & ANSWER_MASK) - 1 < ANSWER_MASK / 2)
    return false;
  record->entry.answer_after =
      answer_clock(stack->sim->now + interval) & ANSWER_MASK;
  return true;
}

static bool is_challenge(TcpRule rule)
{
  return rule == TCP_RULE_RST_CHALLENGED || rule == TCP_RULE_SYN_CHALLENGED ||
         rule == TCP_RULE_ACK_UNSENT;
}

static void time_wait_obey(TcpStack *stack, TcpTimeWait *record,
                           const TcpSegment *segment, TcpRule rule)
{
  if ((is_challenge(rule) || rule == TCP_RULE_UNACCEPTABLE ||
       rule == TCP_RULE_PAWS || rule == TCP_RULE_TIME_WAIT_FIN) &&
      time_wait_may_answer(stack, record, segment))
    tcp_reply_ack(stack, record, rule);
  if (time_wait_is_prolonged(record, segment, rule))
    time_wait_restart(stack, record);
  if (rule == TCP_RULE_SYN_IN_WINDOW)
    tcp_reply_ack(stack, record, rule);
  if (rule == TCP_RULE_TIME_WAIT_RST || rule == TCP_RULE_SYN_IN_WINDOW)
    tcp_time_wait_end(stack, record, rule);
}

bool tcp_time_wait_input(TcpStack *stack, TcpTimeWait *record,
                         const TcpSegment *segment, const NetPacket *packet,
                         uint32_t *ret_least_isn)
{
  const TcpPair pair = record->entry.pair;
  TcpListener *listener = tcp_listener_find(stack, &pair.local);
  TcpRule rule;

  if (time_wait_yields(record, listener, segment)) {
    *ret_least_isn = record->snd_nxt;
    tcp_verdict(stack, &pair, TCP_TIME_WAIT, packet, TCP_RULE_TIME_WAIT_REUSED);
    tcp_time_wait_end(stack, record, TCP_RULE_TIME_WAIT_REUSED);
    return false;
  }
  if (segment->udp != tcp_time_wait_knobs(record)->udp_port) {
    tcp_verdict(stack, &pair, TCP_TIME_WAIT, packet, TCP_RULE_OTHER_UDP);
    if (!(segment->flags & TCP_RST))
      tcp_reply_reset(stack, &pair, tcp_time_wait_knobs(record), segment,
                      TCP_RULE_OTHER_UDP);
    return true;
  }
  rule = time_wait_judge(record, segment);
  if (is_challenge(rule) &&
      !tcp_challenge_allowed(stack, tcp_time_wait_knobs(record)))
    rule = TCP_RULE_CHALLENGE_LIMIT;
  tcp_verdict(stack, &pair, TCP_TIME_WAIT, packet, rule);
  time_wait_obey(stack, record, segment, rule);
  return true;
}
