/* What the files of this folder call of each other, by the file that has it.
 * Nobody outside the folder includes this. */
#pragma once

#include "emit.h"
#include "told_by_icmp.h"

/* -- knob sets (stack.c) -- */
TcpKnobSet *tcp_knob_set_new(const TcpKnobs *knobs);
TcpKnobSet *tcp_knob_set_ref(TcpKnobSet *set);
void tcp_knob_set_unref(TcpKnobSet *set);
/** tcp_stack_shared: the stack's present knobs (transfer full). */
TcpKnobSet *tcp_stack_shared(TcpStack *stack);

/* -- demux.c -- */
TcpEntry *tcp_demux_find(const TcpStack *stack, const TcpPair *pair);
void tcp_demux_add(TcpStack *stack, TcpEntry *entry);
void tcp_demux_remove(TcpStack *stack, TcpEntry *entry);
static inline bool tcp_pair_equal(const TcpPair *a, const TcpPair *b)
{
  return a->local.port == b->local.port && a->remote.port == b->remote.port &&
         net_address_equal(a->remote.address, b->remote.address) &&
         net_address_equal(a->local.address, b->local.address);
}

/* -- user.c -- */

/** tcp_complete_pair: fills in what of `pair` is open, as OPEN does, and the
 * path to its remote end. A TIME-WAIT that may be opened again is still there.
 */
TcpError tcp_complete_pair(TcpStack *stack, const TcpKnobs *knobs,
                           NetPath *path, TcpPair *pair);

/* -- raw.c -- */

/** tcp_raw_input: `segment` came in `packet` for the raw end that `entry` is.
 */
void tcp_raw_input(TcpEntry *entry, const TcpSegment *segment,
                   const NetPacket *packet);

/** tcp_raw_crash: closes all of `stack`, and tells them. */
void tcp_raw_crash(TcpStack *stack);

/** tcp_raw_clear: closes all of `stack`. */
void tcp_raw_clear(TcpStack *stack);

/* -- stack.c -- */

/** tcp_stack_input: `packet` (taken over; l4 set) came, from the port `udp` of
 * the datagram that has carried it, or 0. */
void tcp_stack_input(TcpStack *stack, NetPacket *packet, const NetIp *ip,
                     uint16_t udp);

/** tcp_address_is_group: multicast, or IPv4's class E. */
bool tcp_address_is_group(NetAddress address);

/* -- identity.c -- */

/** tcp_isn: RFC 6528: a 4 us clock plus a keyed hash of the pair. */
uint32_t tcp_isn(const TcpStack *stack, const TcpPair *pair);

/** tcp_ts_offset: of the pair's timestamps (RFC 7323 5.4). */
uint32_t tcp_ts_offset(const TcpStack *stack, const TcpPair *pair);

/** tcp_ts_now: the timestamp clock, 1 ms a tick. */
static inline uint32_t tcp_ts_now(const TcpStack *stack, uint32_t offset)
{
  return (uint32_t)(stack->sim->now / SIM_MILLISECOND) + offset;
}

/** tcp_choose_port: RFC 6056 3.3.3: fills in pair->local.port so that the pair
 * is unused, or only by a TIME-WAIT that may be opened again; false if all are
 * taken. `to_itself`: the remote end is this host. */
bool tcp_choose_port(TcpStack *stack, const TcpKnobs *knobs, bool to_itself,
                     TcpPair *pair);

/* -- listen.c -- */
TcpListener *tcp_listener_find(const TcpStack *stack, const TcpEnd *local);
void tcp_listener_input(TcpListener *listener, const TcpPair *pair,
                        const TcpSegment *segment, const NetPacket *packet,
                        uint32_t least_isn, bool has_least);

/** tcp_bound_knobs: of the end that is bound to `local` and does not listen, or
 * NULL. */
const TcpKnobs *tcp_bound_knobs(const TcpStack *stack, const TcpEnd *local);

/** tcp_listener_is_full: has it as many to be accepted as may wait? */
bool tcp_listener_is_full(const TcpListener *listener);

/** tcp_listener_has_room: would a SYN be taken now? */
bool tcp_listener_has_room(const TcpListener *listener);

/** tcp_listener_left: if `conn` is half-open and its listener has closed, it
 * is freed: true. */
bool tcp_listener_left(TcpConnection *conn);
/** tcp_port_taken: does SO_REUSEADDR's absence, here (`reuse`) or there, keep
 * `local` from being opened? */
bool tcp_port_taken(const TcpStack *stack, const TcpEnd *local, bool reuse);

/** tcp_listener_established: `conn` may be accepted. */
void tcp_listener_established(TcpConnection *conn);
/** tcp_listener_forget: half-open `conn` is gone; it is nobody's now. */
void tcp_listener_forget(TcpConnection *conn);

/* -- time_wait.c -- */
void tcp_time_wait_new(TcpConnection *conn);
void tcp_time_wait_end(TcpStack *stack, TcpTimeWait *record, TcpRule rule);
/** tcp_time_wait_may_reopen: may the user open `pair`: is it unused, or a
 * TIME-WAIT with timestamps, which tell its segments from new ones? */
bool tcp_time_wait_may_reopen(const TcpStack *stack, const TcpPair *pair,
                              const TcpKnobs *knobs);

/** tcp_time_wait_age: how long the TIME-WAIT `entry` has lasted, since it was
 * last begun anew; ns. */
SimTime tcp_time_wait_age(const TcpStack *stack, const TcpEntry *entry);

/** tcp_time_wait_reopen: ends the TIME-WAIT of `pair`, if there is one: true,
 * and what it was in `ret`. */
bool tcp_time_wait_reopen(TcpStack *stack, const TcpPair *pair,
                          TcpTimeWait *ret);

/** tcp_time_wait_input: true if the segment was dealt with; false if it may
 * open a new connection, whose ISN must then be above `ret_least_isn`. */
bool tcp_time_wait_input(TcpStack *stack, TcpTimeWait *record,
                         const TcpSegment *segment, const NetPacket *packet,
                         uint32_t *ret_least_isn);

/** tcp_record_time_wait: what `segment` meets in TIME-WAIT as a small record
 * (record.c). `old`: RFC 7323 5.3 R1. */
TcpRule tcp_record_time_wait(const TcpTimeWait *record,
                             const TcpSegment *segment, bool old,
                             bool ignore_reset);
/** tcp_time_wait_knobs: those of the connection that it was. */
const TcpKnobs *tcp_time_wait_knobs(const TcpTimeWait *record);

/** tcp_time_wait_let_go: its connection is freed, the record stays. */
void tcp_time_wait_let_go(TcpTimeWait *record);
void tcp_time_wait_init(TcpStack *stack);
void tcp_time_wait_clear(TcpStack *stack);

/* -- input.c -- */

/** tcp_input: SEGMENT ARRIVES on a connection in any state but CLOSED and
 * LISTEN. */
void tcp_input(TcpConnection *conn, const TcpSegment *segment,
               const NetPacket *packet);

/** tcp_input_syn: what LISTEN and SYN-SENT take from a SYN: numbers, window,
 * options, text held back. */
void tcp_input_syn(TcpConnection *conn, const TcpSegment *segment);

/** tcp_acceptable: the four cases of 3.10.7.4's first step. */
bool tcp_acceptable(uint32_t rcv_nxt, uint32_t rcv_wnd, uint32_t seq,
                    uint32_t length);

/** tcp_verdict: traces that `rule` met a segment. */
void tcp_verdict(TcpStack *stack, const TcpPair *pair, TcpState state,
                 const NetPacket *packet, TcpRule rule);

/** tcp_challenge_allowed: RFC 5961 7: may the host send another? Counts. */
bool tcp_challenge_allowed(TcpStack *stack, const TcpKnobs *knobs);

/** tcp_fin_wait_2_left: FIN-WAIT-2 and no user: from now on a small record, if
 * it does not last too long for one. `fin`: the FIN is here. */
void tcp_fin_wait_2_left(TcpConnection *conn, bool fin);

/* -- acks.c: the fifth step's work on a connection -- */

/** tcp_ack_input: SND.UNA, window, congestion and recovery by a segment whose
 * acknowledgment is acceptable. */
void tcp_ack_input(TcpConnection *conn, const TcpSegment *segment);

/** tcp_ack_owed: an acknowledgment is owed, now or delayed. */
void tcp_ack_owed(TcpConnection *conn, bool now, TcpRule rule);

/* -- syn_sent.c -- */

/** tcp_syn_is_plain: has the SYN been repeated so often that it offers no
 * options any more? */
bool tcp_syn_is_plain(const TcpConnection *conn);

/** tcp_asks_for_marks: does the SYN ask for ECN (RFC 3168 6.1.1)? */
bool tcp_asks_for_marks(const TcpConnection *conn);

/* -- established.c -- */

/** tcp_start_congestion: RFC 5681 3.1. */
void tcp_start_congestion(TcpConnection *conn);

/** tcp_established: what begins with ESTABLISHED. */
void tcp_established(TcpConnection *conn);

/* -- window.c -- */

/** tcp_window_update: RCV.WND after the user has received (3.8.6.2.2). */
void tcp_window_update(TcpConnection *conn);

/** tcp_window_advance: moves the right edge by what is worth it, before a
 * segment tells it. */
void tcp_window_advance(TcpConnection *conn);

/** tcp_window_field: RCV.WND as the header has it. */
uint32_t tcp_window_field(const TcpConnection *conn, bool syn);

/* -- pace.c -- */

/** tcp_is_paced: is what leaves spaced? */
bool tcp_is_paced(const TcpKnobs *knobs);

/** tcp_pacing_rate: in bytes a second, whether anything obeys it or not; 0: no
 * round trip was measured yet. */
int64_t tcp_pacing_rate(const TcpConnection *conn);

/** tcp_pace_left: a segment with `bytes` of text has left. */
void tcp_pace_left(TcpConnection *conn, uint32_t bytes);

/** tcp_pace_holds: must what could leave wait? Then output comes back. */
bool tcp_pace_holds(TcpConnection *conn);

/** tcp_pace_waits: will it come back? */
bool tcp_pace_waits(const TcpConnection *conn);

/** tcp_pace_is_due: does what leaves now leave because its wait is over? */
bool tcp_pace_is_due(const TcpConnection *conn);

/** tcp_burst: segments that leave as one. */
uint32_t tcp_burst(const TcpConnection *conn);

/** tcp_pace_stop: nothing waits any more. tcp_pace_free: and nothing will. */
void tcp_pace_stop(TcpConnection *conn);
void tcp_pace_free(TcpConnection *conn);

/* -- offer.c -- */

/** tcp_offer: fills in the options that `segment` carries, whose flags and text
 * are set. */
void tcp_offer(const TcpConnection *conn, TcpSegment *segment);

/** tcp_offer_room: the text that a segment may carry beside its options, which
 * take of the MSS (3.7.1). */
uint32_t tcp_offer_room(const TcpConnection *conn);

/* -- output.c -- */

/** tcp_output: sends all that may be sent now. */
void tcp_output(TcpConnection *conn);

/** tcp_send_reset: <SEQ=SND.NXT><CTL=RST> of a connection. */
void tcp_send_reset(TcpConnection *conn, TcpRule rule);

/** tcp_mark_pushed: PSH ends what is queued up to `end`. */
void tcp_mark_pushed(TcpConnection *conn, uint32_t end);

/** tcp_wake_writer: tells the user of room, if that was waited for. */
void tcp_wake_writer(TcpConnection *conn);

/** tcp_flight: numbers sent, not acknowledged and not given up for lost. */
uint32_t tcp_flight(const TcpConnection *conn);

/* -- timer.c: told what happened, decides alone -- */

void tcp_timer_init(TcpConnection *conn);

/** tcp_timer_settle: at the end of a turn: which timer runs, until when. */
void tcp_timer_settle(TcpConnection *conn);

/** tcp_timer_stop: none runs. */
void tcp_timer_stop(TcpConnection *conn);

/** tcp_timer_heard: a segment came from the peer. */
void tcp_timer_heard(TcpConnection *conn);

/** tcp_timer_hurry: the timer that runs expires in `span`, if that is sooner
 * or later. */
void tcp_timer_hurry(TcpConnection *conn, SimTime span);

/** tcp_timer_acked: SND.UNA advanced. */
void tcp_timer_acked(TcpConnection *conn);

/** tcp_timer_ack_sent: no acknowledgment is owed any more. */
void tcp_timer_ack_sent(TcpConnection *conn);

/** tcp_timer_knobs_changed: its knobs were `before`. The timer that runs keeps
 * the time that has passed. */
void tcp_timer_knobs_changed(TcpConnection *conn, const TcpKnobs *before);

/** tcp_timer_name: "retransmission" (transfer none). */
const char *tcp_timer_name(TcpPurpose purpose);

/* -- patience.c -- */

/** tcp_is_opening: is the SYN not acknowledged yet? */
bool tcp_is_opening(const TcpConnection *conn);

/** tcp_last_moment: when patience ends; NEVER if only repetitions count. A
 * peer that answers probes is never given up (3.8.6.1 MUST-37). */
SimTime tcp_last_moment(const TcpConnection *conn);

/** tcp_persist_interval: until the next zero-window probe. */
SimTime tcp_persist_interval(const TcpConnection *conn);

/** tcp_is_hopeless: retransmission or persist has expired: was it the last
 * time? */
bool tcp_is_hopeless(const TcpConnection *conn);

/** tcp_is_dead: has the peer left enough keep-alive probes unanswered? */
bool tcp_is_dead(const TcpConnection *conn);

/** tcp_defer_repetitions: how often a SYN,ACK could be repeated within
 * `defer_accept`: so long a deferred connection waits. */
uint32_t tcp_defer_repetitions(const TcpKnobs *knobs);

/* -- recovery.c -- */

/** tcp_resend: what of [left, right) the peer is not known to hold is to be
 * sent again, because of `rule`. */
void tcp_resend(TcpConnection *conn, uint32_t left, uint32_t right,
                TcpRule rule);

/** tcp_resend_first: the segment at SND.UNA goes again, whatever CWND says. */
void tcp_resend_first(TcpConnection *conn, TcpRule rule);

/** tcp_recovery_duplicate_ack: RFC 5681 3.2, RFC 6582 3.2. */
void tcp_recovery_duplicate_ack(TcpConnection *conn);

/** tcp_recovery_ack: SND.UNA has just moved by `acked`. */
void tcp_recovery_ack(TcpConnection *conn, uint32_t acked);

/** tcp_recovery_marked: the peer echoes a congestion mark (RFC 3168 6.1.2), by
 * an ACK that moved SND.UNA by `acked`. */
void tcp_recovery_marked(TcpConnection *conn, uint32_t acked);

/** tcp_recovery_restart: text is to be sent and nothing is outstanding: after
 * more than an RTO the window is the initial one (RFC 5681 4.1). */
void tcp_recovery_restart(TcpConnection *conn);

/** tcp_recovery_timeout: everything outstanding goes back to be sent. */
void tcp_recovery_timeout(TcpConnection *conn);

/** tcp_recovery_repaired: a loss was repaired before anybody knew of it; the
 * window shrinks as for any other. */
void tcp_recovery_repaired(TcpConnection *conn);

/** tcp_recovery_late: the reordering timer has expired: what is still missing
 * is lost. */
void tcp_recovery_late(TcpConnection *conn);

/* -- growth.c: what opens the congestion window -- */

/** tcp_growth_used: output is done: how much of the window is in use? */
void tcp_growth_used(TcpConnection *conn);

/** tcp_growth_idle: something is about to leave; if nothing is outstanding, the
 * time before may not count. */
void tcp_growth_idle(TcpConnection *conn);

/** tcp_growth_acked: SND.UNA has moved over `acked` bytes, after so many
 * `duplicates`, and nothing is being repaired. */
void tcp_growth_acked(TcpConnection *conn, uint32_t acked, uint32_t duplicates);

/** tcp_growth_sacked: something was SACKed for the first time. */
void tcp_growth_sacked(TcpConnection *conn);

/* -- rack.c: losses found by time (RFC 8985 6) -- */

/** tcp_sent_note: [left, right) leaves, for the first time or again. */
void tcp_sent_note(TcpConnection *conn, uint32_t left, uint32_t right,
                   bool again);

/** tcp_rack_on: does RACK find this connection's losses? */
bool tcp_rack_on(const TcpConnection *conn);

/** tcp_rack_ack: 6.2, steps 2 to 4: what `ack` is the first to tell of is
 * delivered. Its SACKs are on the scoreboard, SND.UNA has not moved yet.
 * `duplicate`: it has a DSACK. */
void tcp_rack_ack(TcpConnection *conn, const TcpSegment *ack, bool duplicate);

/** tcp_rack_detect: step 5: what is lost goes to `resend`, and the reordering
 * timer is wanted for the rest. True if something is newly lost. */
bool tcp_rack_detect(TcpConnection *conn);

/** tcp_rack_timeout: 6.3: a retransmission time-out: the first is lost, and
 * what RACK would give no more time. False if it knows too little. */
bool tcp_rack_timeout(TcpConnection *conn);

/** tcp_rack_recovered: a recovery has ended. */
void tcp_rack_recovered(TcpConnection *conn);

/* -- undo.c: recoveries that were not needed -- */

/** tcp_undo_begin: the window is about to shrink because of a loss. */
void tcp_undo_begin(TcpConnection *conn);

/** tcp_undo_note: something was sent again. */
void tcp_undo_note(TcpConnection *conn);

/** tcp_undo_ack: `ack` was taken, and moved SND.UNA (`advanced`) or not: does
 * it show that nothing was lost? */
void tcp_undo_ack(TcpConnection *conn, const TcpSegment *ack, bool advanced);

/* -- tail_loss.c: the tail loss probe (RFC 8985 7) -- */

/** tcp_tail_loss_wanted: should the probe timer run? */
bool tcp_tail_loss_wanted(const TcpConnection *conn);

/** tcp_tail_loss_span: PTO, from the last new text or acknowledgment. */
SimTime tcp_tail_loss_span(const TcpConnection *conn);

/** tcp_tail_loss_last: the last segment that was sent. */
bool tcp_tail_loss_last(const TcpConnection *conn, TcpRange *ret);

/** tcp_tail_loss_sent: the probe has left, new or `again`. */
void tcp_tail_loss_sent(TcpConnection *conn, bool again);

/** tcp_tail_loss_ack: has the probe told what it was sent for? `duplicate`:
 * the DSACK of `ack`, or empty. `bare`: a duplicate ACK without SACK. */
void tcp_tail_loss_ack(TcpConnection *conn, const TcpSegment *ack,
                       const TcpRange *duplicate, bool bare);

/* -- frto.c -- */

/** tcp_frto_begin: a time-out with `flight` outstanding. True if only the first
 * segment goes again for now. */
bool tcp_frto_begin(TcpConnection *conn, uint32_t flight);

/** tcp_frto_ack: an ACK that takes `acked` bytes, or a duplicate, that SACKs
 * something (`sacked`) or not. True if it was F-RTO's business alone. */
bool tcp_frto_ack(TcpConnection *conn, uint32_t acked, bool sacked);

/* -- scoreboard.c: loss recovery by SACK (RFC 6675) -- */

/** tcp_sack_of: the connection's knowledge of gaps, made if need be. */
TcpSack *tcp_sack_of(TcpConnection *conn);

/** tcp_scoreboard_update: RFC 6675 4, Update(): takes the blocks of a segment
 * whose acknowledgment has not been taken yet. True if something was not
 * known before. */
bool tcp_scoreboard_update(TcpConnection *conn, const TcpSegment *segment);

/** tcp_scoreboard_duplicate: RFC 2883 4: the DSACK of `ack`; empty if it has
 * none. */
TcpRange tcp_scoreboard_duplicate(const TcpSegment *ack);

/** tcp_scoreboard_reneged: SND.UNA has moved; the peer does not acknowledge
 * what it said it held (RFC 2018 8). */
void tcp_scoreboard_reneged(TcpConnection *conn);

/** tcp_scoreboard_begin: loss recovery begins. */
void tcp_scoreboard_begin(TcpConnection *conn);

/** tcp_scoreboard_ack: an ACK came in it, that advanced SND.UNA or not. */
void tcp_scoreboard_ack(TcpConnection *conn, bool advanced);

/** tcp_scoreboard_count: a proportional rate reduction begins (RFC 9937).
 * tcp_scoreboard_reduce: what an ACK lets out in it; `safe`: it moved SND.UNA
 * and told of no loss. */
void tcp_scoreboard_count(TcpConnection *conn);
void tcp_scoreboard_reduce(TcpConnection *conn, bool safe);

/** tcp_scoreboard_is_lost: IsLost (SND.UNA). */
bool tcp_scoreboard_is_lost(const TcpConnection *conn);

/** tcp_scoreboard_next: NextSeg()'s rules 3 and 4, when nothing is known to be
 * lost and nothing new can be sent. */
bool tcp_scoreboard_next(TcpConnection *conn, TcpRange *ret);

/** tcp_scoreboard_sent: [left, right) was sent in a recovery. */
void tcp_scoreboard_sent(TcpConnection *conn, uint32_t left, uint32_t right,
                         bool again);
